"""The venue's own clients trade on the sandbox, and it does what they think it did."""

from __future__ import annotations

import time
from decimal import ROUND_HALF_UP, Decimal

import pytest

from polyspec.sandbox.clob.engine import types as t
from tests.interop.casting import BY_HAND, only
from tests.interop.driven import PeerRefused
from tests.interop.stage import ONE, Stage, Trader, decimal

GONE = "0x" + "ab" * 32


@pytest.fixture
def token(stage: Stage) -> str:
    """The first outcome of a market with a tick of a cent and a fee."""
    return stage.listing("rain").token_ids[0]


@pytest.fixture
def maker(stage: Stage) -> Trader:
    """Whoever comes first."""
    return stage.trader(0)


@pytest.fixture
def taker(stage: Stage) -> Trader:
    """Whoever comes second."""
    return stage.trader(1)


def fee(stage: Stage, trade: t.Trade) -> Decimal:
    """Compute the fee of a taker who met one price: shares x rate x p(1-p), to five places."""
    price, size = decimal(trade.price), decimal(trade.size)
    rate = decimal(stage.world.listings[trade.condition_id].fee_rate)
    exact = size * rate * price * (1 - price)
    return exact.quantize(Decimal("0.00001"), ROUND_HALF_UP)


# -- resting --


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_limit_order_rests(stage: Stage, token: str, maker: Trader, side: str) -> None:
    """An order that meets nobody rests: engine, book and the peer's own listing agree on it."""
    placed = maker("place", token=token, side=side, price="0.47", size="16.9" if side == "SELL" else "12.5")
    assert placed["ok"]
    assert placed["status"] == "live"
    order = stage.order(placed["id"])
    assert (order.status, order.owner, order.wallet) == ("LIVE", maker.owner, maker.maker.lower())
    bids, asks = stage.levels(token)
    assert (bids if side == "BUY" else asks) == [(Decimal("0.47"), decimal(order.size))]
    (listed,) = maker("open_orders", token=token)
    for shown in (listed, maker("order", id=placed["id"])):
        assert shown["id"] == placed["id"]
        assert (shown["side"], shown["asset_id"], shown["maker_address"]) == (side, token, maker.maker)
        assert (Decimal(shown["price"]), Decimal(shown["original_size"])) == (
            Decimal("0.47"),
            decimal(order.size),
        )
        assert (Decimal(shown["size_matched"]), shown["expiration"], shown["order_type"]) == (0, "0", "GTC")
        assert shown["status"] == "LIVE"


def test_others_do_not_see_my_orders(token: str, maker: Trader, taker: Trader) -> None:
    """Open orders are those of the key that asks."""
    placed = maker("place", token=token, side="BUY", price="0.3", size="10")
    assert taker("open_orders", token=token) == []
    with pytest.raises(PeerRefused) as caught:
        taker("order", id=placed["id"])
    assert caught.value.http == 404


def test_post_only(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """A post-only order rests, and is refused where it would cross."""
    resting = maker("place", token=token, side="BUY", price="0.5", size="10", post_only=True)
    try:
        crossing = taker("place", token=token, side="SELL", price="0.5", size="10", post_only=True)["error"]
    except PeerRefused as refused:
        crossing = refused.message
    assert "invalid post-only order: order crosses book" in crossing
    assert stage.working() == [resting["id"]]


def test_good_till_date(stage: Stage, token: str, maker: Trader) -> None:
    """An order with an end rests under it; one that ends too soon is refused, by the venue or by the peer."""
    ends = int(time.time()) + 600
    placed = maker("place", token=token, side="BUY", price="0.3", size="10", type="GTD", expiration=ends)
    order = stage.order(placed["id"])
    assert (order.type, order.expiration) == ("GTD", ends)
    (shown,) = maker("open_orders", token=token)
    assert (shown["expiration"], shown["order_type"]) == (str(ends), "GTD")
    with pytest.raises(PeerRefused, match="expiration"):
        maker(
            "place",
            token=token,
            side="BUY",
            price="0.3",
            size="10",
            type="GTD",
            expiration=int(time.time()) + 90,
        )
    assert stage.working() == [placed["id"]]


# -- taking --


def check_trade(stage: Stage, told: dict[str, object], maker: Trader, taker: Trader, token: str) -> t.Trade:
    """Check that one trade is told to both sides as it happened; return it."""
    (trade_id,) = told["trades"]  # type: ignore[misc]
    stage.settle()
    trade = stage.trade(trade_id)
    assert trade.status == "CONFIRMED"
    for who, role in ((maker, "MAKER"), (taker, "TAKER")):
        shown = next(each for each in who("trades", token=token) if each["id"] == trade_id)
        assert (shown["trader_side"], shown["status"]) == (role, "CONFIRMED")
        assert (shown["taker_order_id"], shown["side"]) == (trade.taker_order_id, trade.side)
        assert (Decimal(shown["price"]), Decimal(shown["size"])) == (
            decimal(trade.price),
            decimal(trade.size),
        )
        assert (shown["maker_address"], shown["transaction_hash"]) == (taker.maker, trade.transaction_hash)
        (fill,) = shown["maker_orders"]
        assert (fill["order_id"], fill["maker_address"]) == (trade.makers[0].order_id, maker.maker)
        assert Decimal(fill["matched_amount"]) == decimal(trade.makers[0].matched)
    return trade


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_limit_order_is_taken_by_a_limit_order(
    stage: Stage, token: str, maker: Trader, taker: Trader, side: str
) -> None:
    """Two wallets meet at the resting price: both are told, money and shares move, the fee is the taker's."""
    other = "SELL" if side == "BUY" else "BUY"
    before = {who.name: (who.balance(), who.balance(token)) for who in (maker, taker)}
    resting = maker("place", token=token, side=side, price="0.4", size="20")
    placed = taker("place", token=token, side=other, price="0.4", size="8")
    assert placed["status"] == "matched"
    assert {Decimal(placed["making"]), Decimal(placed["taking"])} == {Decimal(8), Decimal("3.2")}
    trade = check_trade(stage, placed, maker, taker, token)
    assert decimal(trade.fee) == fee(stage, trade) == Decimal("0.096")
    way = 1 if side == "BUY" else -1
    assert maker.balance() == before[maker.name][0] - way * Decimal("3.2")
    assert maker.balance(token) == before[maker.name][1] + way * 8
    assert taker.balance() == before[taker.name][0] + way * Decimal("3.2") - decimal(trade.fee)
    assert taker.balance(token) == before[taker.name][1] - way * 8
    (left,) = maker("open_orders", token=token)
    assert (left["id"], Decimal(left["size_matched"])) == (resting["id"], 8)
    assert left["associate_trades"] == [trade.id]
    stage.audit()


def test_a_market_buy_takes_what_it_can_pay(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """Dollars buy shares at the resting price; the answer names the transaction, or the peer waits for it."""
    before = taker.balance(), taker.balance(token)
    maker("place", token=token, side="SELL", price="0.4", size="50")
    placed = taker("place_market", token=token, side="BUY", amount="10")
    assert (placed["status"], Decimal(placed["making"]), Decimal(placed["taking"])) == ("matched", 10, 25)
    trade = check_trade(stage, placed, maker, taker, token)
    assert placed["hashes"] == [trade.transaction_hash]
    assert taker.balance() == before[0] - 10 - fee(stage, trade)
    assert taker.balance(token) == before[1] + 25


def test_a_market_sale_takes_several_levels(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """Shares are sold from the best bid down, and what is left of the book rests on."""
    for price in ("0.42", "0.41", "0.4"):
        maker("place", token=token, side="BUY", price=price, size="10")
    before = maker.balance(token)
    placed = taker("place_market", token=token, side="SELL", amount="25", type="FAK")
    got = Decimal("4.2") + Decimal("4.1") + Decimal("2.0")
    assert (placed["status"], Decimal(placed["making"]), Decimal(placed["taking"])) == ("matched", 25, got)
    stage.settle()
    assert maker.balance(token) == before + 25
    assert stage.levels(token) == ([(Decimal("0.4"), Decimal(5))], [])


def test_fill_or_kill_is_killed(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """An order for more than there is does nothing at all; the peer is told why."""
    resting = maker("place", token=token, side="SELL", price="0.4", size="10")
    before = taker.balance(), taker.balance(token)
    why = refusal(taker, token=token, side="BUY", amount="100")
    # a peer that sees in the book that there is not enough does not send anything
    assert "no match" in why or "FOK" in why or "liquidity" in why.lower()
    assert stage.working() == [resting["id"]]
    assert stage.order(resting["id"]).matched == 0
    assert (taker.balance(), taker.balance(token)) == before


def refusal(trader: Trader, **order: str) -> str:
    """Return why a market order is refused."""
    try:
        placed = trader("place_market", **order)
    except PeerRefused as refused:
        return refused.message
    assert not placed["ok"], placed
    return str(placed["error"])


@only(*BY_HAND)
def test_fill_or_kill_sent_as_a_limit_order_is_killed_by_the_venue(
    token: str, maker: Trader, taker: Trader
) -> None:
    """The venue's words for a killed order arrive."""
    maker("place", token=token, side="SELL", price="0.4", size="10")
    with pytest.raises(PeerRefused, match="FOK orders are fully filled or killed") as caught:
        taker("place", token=token, side="BUY", price="0.4", size="100", type="FOK")
    assert caught.value.http == 400


def test_fill_and_kill_takes_what_is_there(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """The rest of such an order does not rest."""
    maker("place", token=token, side="SELL", price="0.4", size="10")
    placed = taker("place_market", token=token, side="BUY", amount="100", type="FAK")
    assert (placed["status"], Decimal(placed["making"]), Decimal(placed["taking"])) == ("matched", 4, 10)
    assert stage.working() == []
    assert stage.levels(token) == ([], [])


def test_an_empty_book_has_no_market_price(stage: Stage, token: str, taker: Trader) -> None:
    """A market order into an empty book is refused before or by the venue."""
    assert refusal(taker, token=token, side="BUY", amount="10", type="FAK")
    assert stage.working() == []


def test_what_is_not_there_cannot_be_spent(stage: Stage, token: str, maker: Trader) -> None:
    """An order beyond the balance is refused with the venue's words and leaves no trace."""
    with pytest.raises(PeerRefused, match="not enough balance / allowance") as caught:
        maker("place", token=token, side="BUY", price="0.99", size="1000000")
    assert caught.value.http == 400
    assert stage.working() == []


def test_less_than_the_smallest_order_is_refused(stage: Stage, token: str, maker: Trader) -> None:
    """Five shares are the least that may rest."""
    with pytest.raises(PeerRefused, match=r"Size \(1\) lower than the minimum: 5"):
        maker("place", token=token, side="BUY", price="0.3", size="1")
    assert stage.working() == []


# -- batches and cancels --


def test_a_batch_has_an_answer_for_each(stage: Stage, token: str, maker: Trader) -> None:
    """Orders of a batch are placed one by one: what cannot be does not hold the others up."""
    orders = [
        {"token": token, "side": "BUY", "price": "0.3", "size": "10"},
        {"token": token, "side": "BUY", "price": "0.31", "size": "1"},
        {"token": token, "side": "SELL", "price": "0.7", "size": "10"},
    ]
    first, bad, last = maker("batch", orders=orders)
    assert (first["ok"], bad["ok"], last["ok"]) == (True, False, True)
    assert "lower than the minimum" in bad["error"]
    assert stage.working() == [first["id"], last["id"]]


def test_cancel_one(stage: Stage, token: str, maker: Trader) -> None:
    """A cancelled order is gone from the book; a second cancel says why it was not."""
    kept, gone = (maker("place", token=token, side="BUY", price="0.3", size="10")["id"] for _ in range(2))
    assert maker("cancel", id=gone) == {"canceled": [gone], "not_canceled": {}}
    assert stage.working() == [kept]
    assert stage.order(gone).status == "CANCELED"
    again = maker("cancel", id=gone)
    assert again["canceled"] == []
    assert list(again["not_canceled"]) == [gone]


def test_cancel_some(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """Of several ids those are cancelled that are mine and working."""
    mine = [maker("place", token=token, side="BUY", price="0.3", size="10")["id"] for _ in range(3)]
    theirs = taker("place", token=token, side="BUY", price="0.2", size="10")["id"]
    told = maker("cancel_many", ids=[*mine[:2], theirs, GONE])
    assert sorted(told["canceled"]) == sorted(mine[:2])
    assert set(told["not_canceled"]) == {theirs, GONE}
    assert stage.working() == [mine[2], theirs]


def test_cancel_of_a_market_and_of_everything(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """A market's orders go by market or by token, all others at last; those of other keys stay."""
    listing, other = stage.listing("rain"), stage.listing("treaty")
    ids = {
        name: maker("place", token=of, side="BUY", price="0.3", size="10")["id"]
        for name, of in (("yes", token), ("no", listing.token_ids[1]), ("other", other.token_ids[0]))
    }
    theirs = taker("place", token=token, side="BUY", price="0.2", size="10")["id"]
    assert maker("cancel_market", token=token)["canceled"] == [ids["yes"]]
    assert maker("cancel_market", market=listing.condition_id)["canceled"] == [ids["no"]]
    assert stage.working() == [ids["other"], theirs]
    assert maker("cancel_all")["canceled"] == [ids["other"]]
    assert stage.working() == [theirs]


def test_what_was_taken_cannot_be_cancelled(stage: Stage, token: str, maker: Trader, taker: Trader) -> None:
    """A matched order stays matched."""
    resting = maker("place", token=token, side="BUY", price="0.4", size="10")["id"]
    taker("place", token=token, side="SELL", price="0.4", size="10")
    assert maker("cancel", id=resting)["not_canceled"] == {resting: "matched orders can't be canceled"}
    assert stage.order(resting).matched == 10 * ONE


# -- heartbeats, rewards, notices --


def test_heartbeats(stage: Stage, token: str, maker: Trader) -> None:
    """Beats chain, a wrong id is answered with the right one, silence cancels that key's orders alone."""
    trader = stage.trader(2)
    first = trader("heartbeat", id="")
    second = trader("heartbeat", id=first)
    assert second not in ("", first)
    with pytest.raises(PeerRefused, match="Invalid Heartbeat ID") as caught:
        trader("heartbeat", id=first)
    assert caught.value.expected == second
    assert trader("heartbeat", id=second)
    silenced = trader("place", token=token, side="BUY", price="0.3", size="10")["id"]
    kept = maker("place", token=token, side="BUY", price="0.3", size="10")["id"]
    with stage.world.lock:
        stage.world.clock.advance(16)
    assert trader("open_orders") == []
    assert stage.working() == [kept]
    assert stage.order(silenced).status == "CANCELED"


def test_scoring(token: str, maker: Trader) -> None:
    """Which orders earn rewards is told by id."""
    placed = maker("place", token=token, side="BUY", price="0.3", size="10")
    assert maker("scoring", ids=[placed["id"]]) == {placed["id"]: False}


def test_rewards(stage: Stage, maker: Trader) -> None:
    """Which markets pay rewards is told page by page; nobody has earned any here."""
    listing = stage.listing("rain")
    told = maker("rewards", condition_id=listing.condition_id, day="2026-11-01")
    paying = [each.condition_id for each in stage.world.listings.values() if each.reward_rate]
    assert told["markets"] == told["own"] == paying
    assert told["terms"] == [listing.condition_id]
    assert (told["earned"], told["total"], told["shares"]) == ([], [], {})


def test_notifications(token: str, maker: Trader, taker: Trader) -> None:
    """A fill is notified to both, once they are read they can be dropped."""
    for who in (maker, taker):
        who("notifications")
    maker("place", token=token, side="BUY", price="0.4", size="10")
    taker("place", token=token, side="SELL", price="0.4", size="10")
    for who in (maker, taker):
        assert [each["type"] for each in who("notifications")] == [2]
        assert who("notifications") == []
