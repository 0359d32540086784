"""Orders of the venue's own clients and of ours are of one kind: one book, one key, one set of rules."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from polyspec import Accepted, ClobClient, ClobSettings, Rejected
from tests.interop.driven import PeerRefused
from tests.interop.stage import Stage, Trader

FINE = {
    "bitcoin": ("0.237", "10", "42.194"),
    "senate": ("0.9508", "9", "9.4657"),
    "film": ("0.6925", "10", "14.4404"),
}
"""What ten dollars or so buy at a price of a fine tick: whole four decimals, or more if nobody cuts."""


def client(stage: Stage, place: int, signature_type: int = 0) -> ClobClient:
    """Open our client with one of the development keys."""
    trader = stage.trader(place, signature_type)
    venue = stage.sandbox.clob_venue
    return ClobClient(
        venue.rest,
        venue.chain_id,
        trader.key,
        signature_type=signature_type,
        funder=trader.maker,
        settings=ClobSettings(pacing=False),
    )


@pytest.fixture
def ours(stage: Stage) -> Iterator[ClobClient]:
    """Our client, as the second trader."""
    with client(stage, 1) as opened:
        yield opened


@pytest.fixture
def token(stage: Stage) -> str:
    """The first outcome of a market with a tick of a cent."""
    return stage.listing("rain").token_ids[0]


@pytest.mark.parametrize("signature_type", [0, 1, 2, 3], ids=["eoa", "proxy", "safe", "deposit"])
def test_theirs_rests_and_ours_takes(stage: Stage, token: str, signature_type: int) -> None:
    """From every kind of wallet: our market order meets their limit order, and both tell the same trade."""
    maker = stage.trader(0, signature_type)
    before = maker.balance(token)
    resting = maker("place", token=token, side="SELL", price="0.4", size="25")
    with client(stage, 1, signature_type) as ours:
        (level,) = ours.get_order_book(token).asks
        assert (level.price, level.size) == (Decimal("0.4"), 25)
        placed = ours.create_and_post_market_order(token_id=token, amount="10", side="BUY")
        assert isinstance(placed, Accepted)
        assert (placed.status, placed.matched) == ("matched", 25)
        stage.settle()
        (told,) = [each for each in ours.get_trades(asset_id=token) if each.id == placed.trade_ids[0]]
        shown = next(each for each in maker("trades", token=token) if each["id"] == told.id)
        assert shown["taker_order_id"] == told.taker_order_id == placed.order_id
        assert shown["maker_orders"][0]["order_id"] == told.maker_orders[0].order_id == resting["id"]
    assert maker.balance(token) == before - 25


@pytest.mark.parametrize("signature_type", [0, 1, 2, 3], ids=["eoa", "proxy", "safe", "deposit"])
def test_ours_rests_and_theirs_takes(stage: Stage, token: str, signature_type: int) -> None:
    """From every kind of wallet: their market order meets our limit order."""
    taker = stage.trader(0, signature_type)
    before = taker.balance(token)
    with client(stage, 1, signature_type) as ours:
        resting = ours.create_and_post_order(token_id=token, price="0.4", size="30", side="BUY").unwrap()
        (bid,) = stage.peer("book", token=token)["bids"]
        assert (Decimal(bid["price"]), Decimal(bid["size"])) == (Decimal("0.4"), 30)
        placed = taker("place_market", token=token, side="SELL", amount="12")
        assert placed["status"] == "matched"
        assert ours.get_order(resting).size_matched == 12
    stage.settle()
    assert taker.balance(token) == before - 12
    stage.audit()


@pytest.mark.parametrize("word", ["albion", "rocket"], ids=["neg-risk", "newer-position"])
def test_they_meet_on_the_other_exchanges(stage: Stage, ours: ClobClient, word: str) -> None:
    """Neg-risk markets and newer positions have their own exchanges, and both sides sign for the same one."""
    token, maker = stage.listing(word).token_ids[0], stage.trader(0)
    maker("place", token=token, side="BUY", price="0.41", size="10", position=word == "rocket")
    placed = ours.create_and_post_order(token_id=token, price="0.41", size="10", side="SELL")
    assert isinstance(placed, Accepted)
    assert placed.status == "matched"


def test_a_key_is_one_key(stage: Stage, token: str) -> None:
    """Both derive the same credentials, list the same orders, and can cancel what the other placed."""
    trader = stage.trader(0)
    with client(stage, 0) as ours:
        assert ours.create_or_derive_api_key().api_key == trader.owner
        theirs = trader("place", token=token, side="BUY", price="0.31", size="10")["id"]
        mine = ours.create_and_post_order(token_id=token, price="0.32", size="10", side="BUY").unwrap()
        assert {each.id for each in ours.get_open_orders()} == {theirs, mine.order_id}
        assert {each["id"] for each in trader("open_orders")} == {theirs, mine.order_id}
        assert ours.cancel(theirs).canceled == (theirs,)
        assert trader("cancel", id=mine.order_id)["canceled"] == [mine.order_id]
    assert stage.working() == []


def test_everybody_reads_the_same(stage: Stage, ours: ClobClient, token: str) -> None:
    """Book, quotes and balances read the same through either client."""
    trader = stage.trader(1)
    for side, price in (("BUY", "0.44"), ("BUY", "0.41"), ("SELL", "0.48")):
        trader("place", token=token, side=side, price=price, size="10")
    theirs, mine = stage.peer("book", token=token), ours.get_order_book(token)
    for side in ("bids", "asks"):
        levels = [(each.price, each.size) for each in getattr(mine, side)]
        assert [(Decimal(each["price"]), Decimal(each["size"])) for each in theirs[side]] == levels
    assert theirs["hash"] == mine.hash
    quotes = stage.peer("quotes", token=token)
    assert ours.get_midpoint(token) == Decimal(quotes["midpoint"]) == Decimal("0.46")
    assert ours.get_spread(token) == Decimal(quotes["spread"])
    assert ours.get_price(token, "BUY") == Decimal(quotes["bid"])
    balance = ours.get_balance_allowance("CONDITIONAL", token)
    assert balance.balance == trader.balance(token)


@pytest.mark.parametrize("word", FINE)
def test_market_buys_on_fine_ticks(stage: Stage, ours: ClobClient, word: str) -> None:
    """Theirs may ask for more decimals than the venue takes, and is refused; ours asks for what it gets."""
    token, (price, amount, shares) = stage.listing(word).token_ids[0], FINE[word]
    stage.trader(2)("place", token=token, side="SELL", price=price, size="100")
    with pytest.raises(PeerRefused, match="invalid amounts"):
        stage.trader(0)("place_market", token=token, side="BUY", amount=amount)
    placed = ours.create_and_post_market_order(token_id=token, amount=amount, side="BUY")
    assert isinstance(placed, Accepted), placed
    assert placed.status == "matched"
    assert placed.order.taker_amount == int(Decimal(shares) * 1_000_000)
    assert placed.matched >= Decimal(shares)


def test_the_venue_refuses_both_in_the_same_words(stage: Stage, ours: ClobClient, token: str) -> None:
    """What one may not do the other may not either."""
    order = {"side": "BUY", "price": "0.99", "size": "1000000"}
    with pytest.raises(PeerRefused) as caught:
        stage.trader(1)("place", token=token, **order)
    refused = ours.create_and_post_order(token_id=token, **order)
    assert isinstance(refused, Rejected)
    assert refused.text == caught.value.message


def test_a_peer_reads_our_good_till_date(stage: Stage, ours: ClobClient, token: str) -> None:
    """An end that we put on an order is the one they read."""
    trader: Trader = stage.trader(1)
    ends = ours.get_server_time() + 900
    placed = ours.create_and_post_order(token_id=token, price="0.3", size="10", side="BUY", expiration=ends)
    (shown,) = trader("open_orders", token=token)
    assert (shown["id"], shown["expiration"], shown["order_type"]) == (placed.order_id, str(ends), "GTD")
