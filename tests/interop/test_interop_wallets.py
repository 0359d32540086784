"""The venue's own clients trade from every kind of wallet, on every kind of market."""

from __future__ import annotations

from decimal import Decimal

import pytest

from polyspec import ClobClient
from polyspec.sandbox.clob.engine import types as t
from tests.interop.casting import BY_HAND, UNIFIED, only
from tests.interop.driven import PeerRefused
from tests.interop.stage import Stage, decimal

TICKS = {
    "treaty": ("0.3", "0.7"),
    "rain": ("0.29", "0.57"),
    "inflation": ("0.305", "0.715"),
    "film": ("0.6925", "0.7075"),
    "bitcoin": ("0.237", "0.241"),
    "senate": ("0.9508", "0.9513"),
}
"""A bid and an ask on the grid of each tick there is, 0.1 to 0.0001."""


@pytest.mark.parametrize("signature_type", [0, 1, 2, 3], ids=["eoa", "proxy", "safe", "deposit"])
def test_each_wallet_makes_and_takes(stage: Stage, signature_type: int) -> None:
    """Orders of each kind of wallet are taken for signed by its owner, and it is that wallet which pays."""
    token = stage.listing("rain").token_ids[0]
    maker, taker = stage.trader(0, signature_type), stage.trader(1, signature_type)
    before = maker.balance(), maker.balance(token), taker.balance(token)
    resting = maker("place", token=token, side="BUY", price="0.4", size="10")
    assert stage.order(resting["id"]).wallet == maker.maker.lower()
    (shown,) = maker("open_orders", token=token)
    assert shown["maker_address"] == maker.maker
    placed = taker("place_market", token=token, side="SELL", amount="10")
    assert (placed["status"], Decimal(placed["taking"])) == ("matched", 4)
    stage.settle()
    assert (maker.balance(), maker.balance(token)) == (before[0] - 4, before[1] + 10)
    assert taker.balance(token) == before[2] - 10
    told = maker("balance", kind="CONDITIONAL", token=token)
    assert decimal(int(told["balance"])) == maker.balance(token)


def test_wallets_of_one_key_are_apart(stage: Stage) -> None:
    """Of one key's wallets only the one that ordered has less to spend."""
    token = stage.listing("rain").token_ids[0]
    plain, deposit = stage.trader(0, 0), stage.trader(0, 3)
    with pytest.raises(PeerRefused, match="not enough balance / allowance"):
        deposit("place", token=token, side="SELL", price="0.9", size="100000")
    deposit("place", token=token, side="SELL", price="0.9", size=str(deposit.balance(token)))
    assert plain("place", token=token, side="SELL", price="0.9", size="10")["ok"]
    with pytest.raises(PeerRefused, match="not enough balance / allowance"):
        deposit("place", token=token, side="SELL", price="0.9", size="10")


@only(*UNIFIED)
def test_a_session_key(stage: Stage) -> None:
    """A key trades for somebody else's deposit wallet once it may, and so does our client with that key."""
    token, owner, holder = stage.listing("rain").token_ids[0], stage.trader(0, 3), stage.trader(2)
    stage.peer("connect", name="guest", key=holder.key, signature_type=3, funder=owner.maker)
    order = {"token": token, "side": "BUY", "price": "0.4", "size": "10"}
    with pytest.raises(PeerRefused, match="address"):
        stage.peer("place", name="guest", **order)
    with stage.world.lock:
        stage.world.modes.grant({holder.address: [owner.maker]})
    placed = stage.peer("place", name="guest", **order)
    venue = stage.sandbox.clob_venue
    with ClobClient(
        venue.rest, venue.chain_id, holder.key, signature_type=3, funder=owner.maker, session_key=True
    ) as ours:
        mine = ours.create_and_post_order(token_id=token, side="BUY", price="0.4", size="10").unwrap()
    assert stage.working() == [placed["id"], mine.order_id]
    for each in (placed["id"], mine.order_id):
        found = stage.order(each)
        assert (found.wallet, found.owner) == (owner.maker.lower(), holder.owner)
    stage.world.modes.grant({})


def test_a_neg_risk_market(stage: Stage) -> None:
    """Orders of a neg-risk market are signed for its own exchange, and trade."""
    listing = stage.listing("albion")
    token, maker, taker = listing.token_ids[0], stage.trader(0), stage.trader(1, 3)
    before = taker.balance(token)
    maker("place", token=token, side="SELL", price="0.45", size="20")
    placed = taker("place_market", token=token, side="BUY", amount="4.5")
    assert (placed["status"], Decimal(placed["taking"])) == ("matched", 10)
    stage.settle()
    assert taker.balance(token) == before + 10
    assert stage.levels(token)[1] == [(Decimal("0.45"), Decimal(10))]


def test_both_outcomes_meet(stage: Stage) -> None:
    """A buyer of Yes and a buyer of No pay a dollar between them, and new shares are made."""
    yes, no = stage.listing("rovers").token_ids
    first, second = stage.trader(0), stage.trader(1)
    before = first.balance(yes), second.balance(no)
    first("place", token=yes, side="BUY", price="0.33", size="10")
    placed = second("place", token=no, side="BUY", price="0.67", size="10")
    assert placed["status"] == "matched"
    stage.settle()
    assert (first.balance(yes), second.balance(no)) == (before[0] + 10, before[1] + 10)


@pytest.mark.parametrize("signature_type", [0, 3], ids=["eoa", "deposit"])
def test_newer_positions(stage: Stage, signature_type: int) -> None:
    """Orders of newer position ids are signed for the third exchange, and trade."""
    token = stage.listing("rocket").token_ids[0]
    maker, taker = stage.trader(0, signature_type), stage.trader(1, signature_type)
    before = maker.balance(token), taker.balance(token)
    maker("place", token=token, side="BUY", price="0.5", size="10", position=True)
    placed = taker("place_market", token=token, side="SELL", amount="10", position=True)
    assert placed["status"] == "matched"
    stage.settle()
    assert (maker.balance(token), taker.balance(token)) == (before[0] + 10, before[1] - 10)


@only(*BY_HAND)
def test_newer_positions_signed_for_the_older_exchange(stage: Stage) -> None:
    """An order for a newer position id under the second version is refused as that."""
    token = stage.listing("rocket").token_ids[0]
    with pytest.raises(PeerRefused, match="order_version_mismatch") as caught:
        stage.trader()("place", token=token, side="BUY", price="0.5", size="10", version=2)
    assert caught.value.http == 400
    assert stage.working() == []


@only(*BY_HAND)
def test_orders_of_the_first_version_are_refused(stage: Stage) -> None:
    """The clients can still sign for the exchange that is no more; nobody takes it."""
    token = stage.listing("rain").token_ids[0]
    with pytest.raises(PeerRefused, match="order_version_mismatch") as caught:
        stage.trader()("place", token=token, side="BUY", price="0.5", size="10", version=1)
    assert caught.value.http == 400
    assert stage.working() == []


@pytest.mark.parametrize("word", TICKS)
def test_every_tick(stage: Stage, word: str) -> None:
    """On the grid of each tick orders rest at the very price and size that was asked for."""
    token, trader = stage.listing(word).token_ids[0], stage.trader()
    for side, price in zip(("BUY", "SELL"), TICKS[word], strict=True):
        assert trader("place", token=token, side=side, price=price, size="12.25")["ok"]
    bid, ask = TICKS[word]
    assert stage.levels(token) == (
        [(Decimal(bid), Decimal("12.25"))],
        [(Decimal(ask), Decimal("12.25"))],
    )


def test_a_builder_is_told_of_its_trades(stage: Stage) -> None:
    """The code on an order reaches the builder's listing of trades."""
    token, code = stage.listing("treaty").token_ids[0], "0x" + "5e" * 32
    register(stage, code)
    stage.trader(0)("place", token=token, side="BUY", price="0.3", size="10")
    placed = stage.trader(1)("place", token=token, side="SELL", price="0.3", size="10", builder=code)
    assert placed["status"] == "matched"
    stage.settle()
    (told,) = stage.peer("builder_trades", code=code)
    assert (told["id"], told["side"], Decimal(told["size"])) == (placed["trades"][0], "SELL", 10)


def register(stage: Stage, code: str) -> None:
    """Register a builder who takes nothing."""
    with stage.world.lock:
        stage.world.apply(t.SetBuilder(code=code))
