"""Rejects that were decided outside the engine."""

from __future__ import annotations

from pathlib import Path

from polyspec.sandbox.engine import JournaledExchange
from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.desk import BUY, NOON, Desk

LATE = "Global Rate Limit Exceeded"


def bid(**more: object) -> t.PlaceOrder:
    """Return a good order of ann's."""
    draft = {"participant": "ann", "account": "ann", "symbol": "m", "side": BUY, "quantity": 5, "price": 50}
    return t.PlaceOrder(**{**draft, **more})


def test_a_refused_order_ends_rejected_with_its_text():
    """The order is filed under its own id and never reaches the book, though the rules would take it."""
    desk = Desk()
    desk.do(t.Refuse(request=bid(order_id="mine", client_order_id="c"), text=LATE))
    assert desk.steps() == ["REJECTED"]
    assert desk.refusal() == ("EXCHANGE_OPTION", LATE)
    order = desk.exchange.placed(desk.events)
    assert order is not None
    assert (order.id, order.state, order.leaves) == ("mine", t.OrderState.REJECTED, 0)
    assert desk.book() == ([], [])
    assert desk.exchange.order_by_client_id("ann", "c") == order


def test_a_refused_order_leaves_client_id_and_order_id_to_the_living():
    """An open order keeps both ids; the refused one gets another order id, and its client id stays free."""
    desk = Desk()
    alive = desk.buy("ann", 5, 50, order_id="one", client_order_id="c")
    desk.do(t.Refuse(request=bid(order_id="one", client_order_id="c"), text=LATE))
    (done,) = desk.executions()
    assert done.order.id != "one"
    assert desk.exchange.order_by_client_id("ann", "c") == desk.now_of(alive)
    desk.cancel("ann", alive)
    assert desk.buy("ann", 5, 50, client_order_id="c").state is t.OrderState.NEW


def test_a_refused_replace_changes_nothing():
    """The answer is a CancelReject of a replace, and the order keeps price and place."""
    desk = Desk()
    first, second = desk.buy("ann", 5, 50), desk.buy("bob", 5, 50)
    request = t.ReplaceOrder(participant="ann", order_id=first.id, quantity=50)
    (reject,) = desk.do(t.Refuse(request=request, text=LATE))
    assert isinstance(reject, t.CancelReject)
    assert (reject.is_replace, reject.reason, reject.text) == (True, "EXCHANGE_OPTION", LATE)
    assert (reject.participant, reject.order_id) == ("ann", first.id)
    assert [order.id for order in desk.exchange.resting("m", BUY)] == [first.id, second.id]
    assert desk.now_of(first).quantity == 5


def test_both_sides_of_a_refused_cross_are_rejected():
    """Neither order trades, each has its execution, and both carry the cross."""
    desk = Desk()
    legs = [t.CrossLeg(participant=who, account=who) for who in ("ann", "bob")]
    cross = t.PlaceCross(symbol="m", price=50, quantity=5, buy=legs[0], sell=legs[1], cross_id="x")
    desk.do(t.Refuse(request=cross, text=LATE))
    assert desk.steps() == ["REJECTED", "REJECTED"]
    assert {done.order.cross_id for done in desk.executions()} == {"x"}
    assert {done.text for done in desk.executions()} == {LATE}


def test_refusals_are_replayed(tmp_path: Path):
    """A journal with refusals of every kind leads to the same state again."""
    cross = t.PlaceCross(
        symbol="m",
        price=50,
        quantity=5,
        buy=t.CrossLeg(participant="ann", account="ann"),
        sell=t.CrossLeg(participant="bob", account="bob"),
    )
    with JournaledExchange.open(tmp_path / "j.db") as durable:
        for request in (bid(), t.ReplaceOrder(participant="ann", order_id="x", quantity=1), cross):
            durable.apply(t.Refuse(request=request, text=LATE), NOON)
        before = durable.exchange.state_hash()
    with JournaledExchange.open(tmp_path / "j.db") as durable:
        assert durable.exchange.state_hash() == before
        assert [done.text for done in durable.exchange.executions()] == [LATE] * 3
