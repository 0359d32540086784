"""PolySimulator's own SDK trades on the sandbox, and understands what it is refused."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from polyspec.sandbox.polysimulator.faults import Fault
from tests.interop.driven import PeerRefused
from tests.interop.paper import Client, Paper

KINDS = ("native", "native-async")


@pytest.fixture
def trader(paper: Paper) -> Client:
    """The native client, with a key that trades."""
    return paper.client("native")


@pytest.fixture
def cid(paper: Paper) -> str:
    """The market whose book stands still."""
    return paper.market().condition_id


# -- orders --


@pytest.mark.parametrize("kind", KINDS)
def test_a_market_order_fills_and_pays_its_fee(paper: Paper, kind: str, cid: str) -> None:
    """Ten shares at 0.65 cost 6.50 and nine cents, whether prices are written as numbers or as text."""
    trader, before = paper.client(kind), paper.cash()
    told = trader.place_order(
        market_id=cid, side="BUY", outcome="Yes", quantity=10, order_type="market", price=0.99
    )
    assert (told["status"], told["side"], told["outcome"]) == ("FILLED", "BUY", "Yes")
    assert Decimal(told["price"]) == Decimal("0.65")
    assert Decimal(told["notional"]) == Decimal("6.5")
    assert before - paper.cash() == Decimal("6.59") == before - Decimal(told["account_balance"])
    assert not told.get("error")
    (held,) = trader.positions(status="OPEN")
    assert (held["market_id"], held["outcome"], Decimal(held["quantity"])) == (cid, "Yes", 10)
    (traded,) = trader.history(limit=1)
    assert (traded["order_id"], traded["status"]) == (told["order_id"], "FILLED")
    assert trader.get_order(told["order_id"], source="filled")["status"] == "FILLED"
    sold = trader.place_order(
        market_id=cid, side="sell", outcome="yes", quantity="10", price="0.01", time_in_force="fak"
    )
    assert (sold["status"], Decimal(sold["price"])) == ("FILLED", Decimal("0.63"))
    assert trader.positions(status="OPEN") == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_limit_order_rests_until_it_is_cancelled(paper: Paper, kind: str, cid: str) -> None:
    """An order that meets nobody is listed as pending, holds its cash, and gives it back."""
    trader, before = paper.client(kind), paper.cash()
    told = trader.place_order(
        market_id=cid, side="BUY", outcome="Yes", quantity="20", order_type="limit", price="0.4"
    )
    assert told["status"] == "PENDING"
    assert before - paper.cash() == 8
    (listed,) = trader.list_orders(status="PENDING", market_id=cid)
    assert listed["order_id"] == told["order_id"]
    assert (Decimal(listed["limit_price"]), Decimal(listed["quantity"])) == (Decimal("0.4"), 20)
    assert trader.get_order(told["order_id"], source="pending")["status"] == "PENDING"
    assert trader.cancel_order(told["order_id"])["status"] == "CANCELLED"
    assert paper.cash() == before
    assert trader.list_orders(status="PENDING") == []
    with pytest.raises(PeerRefused) as again:
        trader.cancel_order(told["order_id"])
    assert (again.value.http, again.value.code) == (400, "ORDER_NOT_CANCELLABLE")


def test_orders_that_end_by_themselves_or_must_not_trade(trader: Client, cid: str) -> None:
    """Expirations are numbers to the peer; what must not trade and would is refused by its own code."""
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "quantity": "5", "order_type": "limit"}
    soon = int(time.time()) + 600
    told = trader.place_order(**order, price="0.3", time_in_force="GTD", expiration=soon)
    (listed,) = trader.list_orders(status="PENDING")
    assert (listed["order_id"], listed["time_in_force"]) == (told["order_id"], "GTD")
    assert trader.data_orders()["data"][0]["expiration"] == soon
    with pytest.raises(PeerRefused) as past:
        trader.place_order(**order, price="0.3", time_in_force="GTD", expiration=soon - 1200)
    assert (past.value.http, past.value.code) == (400, "INVALID_ORDER_EXPIRATION")
    with pytest.raises(PeerRefused) as crosses:
        trader.place_order(**order, price="0.65", post_only=True)
    assert (crosses.value.http, crosses.value.code) == (400, "POST_ONLY_WOULD_CROSS")
    assert trader.place_order(**order, price="0.64", post_only=True)["status"] == "PENDING"


def test_dollars_buy_what_they_are_enough_for(trader: Client, cid: str, paper: Paper) -> None:
    """An amount of dollars is turned into shares by the worst price, and no more than it is spent on them."""
    before = paper.cash()
    told = trader.place_order(market_id=cid, side="BUY", outcome="Yes", amount="25", price="0.7")
    assert told["status"] == "FILLED"
    assert Decimal(told["quantity"]) == Decimal("35.7142")
    assert before - paper.cash() <= Decimal("25.5")
    with pytest.raises(PeerRefused) as both:
        trader.place_order(market_id=cid, side="BUY", outcome="Yes", amount="25", quantity="1", price="0.7")
    assert both.value.http in (400, 422)


def test_an_order_sent_twice_is_placed_once(trader: Client, cid: str) -> None:
    """The id of the sender makes a repetition a replay, and another order with it a refusal."""
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": "0.3"}
    first = trader.place_order(**order, quantity="5", client_order_id="mine-1")
    again = trader.place_order(**order, quantity="5", client_order_id="mine-1")
    assert (again["order_id"], again["is_replay"], first["is_replay"]) == (first["order_id"], True, False)
    with pytest.raises(PeerRefused) as other:
        trader.place_order(**order, quantity="6", client_order_id="mine-1")
    assert (other.value.http, other.value.code) == (409, "IDEMPOTENCY_KEY_REUSE")
    assert len(trader.list_orders(status="PENDING")) == 1


def test_a_batch_is_as_good_as_its_entries(trader: Client, cid: str) -> None:
    """Entries succeed and fail each for itself, and a batch is no larger than the tier allows."""
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": 0.3}
    good, bad, late = trader.place_orders(
        [{**order, "quantity": 5}, {**order, "quantity": 500_000}, {**order, "quantity": 6}]
    )
    assert (good["status"], late["status"]) == ("PENDING", "PENDING")
    assert (bad["status"], bad["order_id"], bad["error"]) == ("REJECTED", 0, "INSUFFICIENT_BALANCE")
    with pytest.raises(PeerRefused) as many:
        trader.place_orders([{**order, "quantity": 5}] * 6)
    assert (many.value.http, many.value.code) == (400, "BATCH_LIMIT_EXCEEDED")


def test_cancels_of_a_market_and_of_everything(paper: Paper, trader: Client, cid: str) -> None:
    """Cancels of a market spare the others; a cancel of everything is confirmed by the peer."""
    other = paper.market("rain").condition_id
    order = {"side": "BUY", "outcome": "Yes", "order_type": "limit", "price": "0.2", "quantity": "5"}
    here, there = (str(trader.place_order(market_id=each, **order)["order_id"]) for each in (cid, other))
    assert trader.cancel_market_orders(cid)["canceled"] == [here]
    assert trader.cancel_all() == {"canceled": [there], "not_canceled": {}}


def test_lists_are_walked_by_offset(trader: Client, cid: str) -> None:
    """Pages of two hold everything once: orders, fills, and markets."""
    order = {"market_id": cid, "side": "BUY", "outcome": "No", "quantity": "5"}
    placed = [trader.place_order(**order, order_type="limit", price="0.2")["order_id"] for _ in range(3)]
    filled = [trader.place_order(**order, order_type="market", price="0.9")["order_id"] for _ in range(3)]
    listed = trader.step("pages", what="orders", page_size=2, status="PENDING")
    assert sorted(each["order_id"] for each in listed) == sorted(placed)
    traded = trader.step("pages", what="history", page_size=2, market_id=cid)
    assert [each["order_id"] for each in traded[:3]] == filled[::-1]
    markets = trader.step("pages", what="markets", page_size=4)
    assert len({each["condition_id"] for each in markets}) == len(markets) > 4
    # the first of these pages says nothing of itself: what is asked for is a list
    assert trader.data_orders(limit=2)["next_cursor"] != "LTE="


def test_orders_at_once_are_all_placed(paper: Paper, cid: str) -> None:
    """Writes of one account wait for each other; none of six at once is lost or placed twice."""
    trader = paper.client("native-async")
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": "0.1"}
    told = trader.step(
        "together", method="place_order", many=[{**order, "quantity": str(5 + n)} for n in range(6)]
    )
    assert {each["status"] for each in told} == {"PENDING"}
    assert len({each["order_id"] for each in told}) == 6
    assert len(trader.list_orders(status="PENDING")) == 6


# -- refusals --


def test_refusals_are_told_apart(paper: Paper, trader: Client, cid: str) -> None:
    """The peer knows a missing key, an outage, the edge, and what a wallet cannot pay for what they are."""
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "quantity": "5", "price": "0.99"}
    with pytest.raises(PeerRefused) as nobody:
        paper.client("native", None).place_order(**order)
    assert (nobody.value.restriction, nobody.value.http) == ("ApiKeyRequiredError", 401)
    with pytest.raises(PeerRefused) as reader:
        paper.client("native", "read_only_api_key").place_order(**order)
    assert (reader.value.http, reader.value.code) == (403, "INSUFFICIENT_PERMISSION")
    with pytest.raises(PeerRefused) as poor:
        trader.place_order(**{**order, "quantity": "90000"}, order_type="limit")
    assert (poor.value.restriction, poor.value.code) == ("ValidationError", "INSUFFICIENT_BALANCE")
    with paper.fault("venue_unavailable", "Orders_PlaceOrder"), pytest.raises(PeerRefused) as outage:
        trader.place_order(**order)
    assert (outage.value.restriction, outage.value.retry_after) == ("VenueUnavailableError", 60)
    with paper.fault("edge_blocked", "Identity_GetMe"), pytest.raises(PeerRefused) as edge:
        trader.me()
    assert (edge.value.restriction, edge.value.code) == ("EdgeBlockedError", "EDGE_BLOCKED")
    with paper.fault("warm_up", "Orders_PlaceOrder"), pytest.raises(PeerRefused) as young:
        trader.place_order(**order)
    assert (young.value.http, young.value.code) == (404, "MARKET_NOT_FOUND")


def test_limits_are_waited_for(paper: Paper) -> None:
    """A short wait is waited out and the request made again; a long one is told instead."""
    free, limits = paper.client("native", "free_api_key"), paper.world.limits
    limits.enabled = True
    try:
        assert {free.me()["tier"] for _ in range(3)} == {"free"}
    finally:
        limits.enabled = False
    venue = paper.sandbox.polysimulator_venue
    venue.faults.add(Fault(kind="rate_limit", operation="Identity_GetMe", retry_after=3600))
    with pytest.raises(PeerRefused) as late:
        free.me()
    assert (late.value.restriction, late.value.retry_after) == ("RateLimitError", 3600)


@pytest.mark.parametrize("kind", ["reset_after", "persistence_unknown_stored"])
def test_a_lost_answer_is_asked_for_again(paper: Paper, trader: Client, cid: str, kind: str) -> None:
    """What the peer sends again after it heard nothing, or nothing certain, is placed once."""
    order = {"market_id": cid, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": "0.3"}
    with paper.fault(kind, "Orders_PlaceOrder"):
        told = trader.place_order(**order, quantity="5")
    assert told["is_replay"] is True
    assert [each["order_id"] for each in trader.list_orders(status="PENDING")] == [told["order_id"]]
