from __future__ import annotations

import pytest

from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.desk import DOLLAR, Desk


def queue(desk: Desk) -> tuple[t.Order, t.Order]:
    """Return two bids of one price, ann's first."""
    return desk.buy("ann", 200, 50, client_order_id="a1"), desk.buy("bob", 200, 50)


def first_filled(desk: Desk) -> str:
    """Sell a little and return who got it."""
    desk.sell("cat", 1, 50)
    return next(e.order.participant for e in desk.executions() if e.trade_id and not e.aggressor)


def test_a_smaller_quantity_keeps_its_place():
    """Decreasing does not lose time priority, and keeps the id."""
    desk = Desk()
    order, _ = queue(desk)
    desk.replace("ann", order, quantity=100)
    assert desk.steps() == ["REPLACE"]
    assert desk.executions()[0].order.id == order.id
    assert desk.book()[0] == [(50, 300)]
    assert first_filled(desk) == "ann"


@pytest.mark.parametrize("changes", [{"quantity": 201}, {"price": 49}])
def test_more_quantity_or_another_price_queues_anew(changes: dict[str, int]):
    """Increasing loses time priority, and so does a change of price and back."""
    desk = Desk()
    order, _ = queue(desk)
    desk.replace("ann", order, **changes)
    desk.replace("ann", order, price=50)
    assert first_filled(desk) == "bob"


def test_a_new_price_can_trade_at_once():
    """A replaced order that crosses takes like a new one."""
    desk = Desk()
    order, _ = queue(desk)
    desk.sell("cat", 100, 55)
    desk.replace("ann", order, price=55)
    assert desk.steps(order) == ["REPLACE", "PARTIAL_FILL"]
    assert desk.book() == ([(55, 100), (50, 200)], [])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"price": 100}, "High price limit is 0.99, given 1"),
        ({"quantity": 10_000_000}, "1000 USD available, requested 50000.3"),
        ({"quantity": 0}, "Order quantity must exceed the quantity filled"),
        ({"new_client_order_id": "a2"}, "ClOrdID already in use by an open order"),
        ({"stop_price": 55}, "StopPx belongs to waiting stop orders"),
        ({"time_in_force": t.TimeInForce.FILL_OR_KILL}, "A resting order cannot become immediate"),
        ({"good_till": 5}, "GoodTillTime belongs to GOOD_TILL_TIME orders"),
        ({"price": 60, "post_only": True}, "Order may participate but not initiate in the market"),
    ],
)
def test_a_refused_replace_changes_nothing(changes: dict[str, object], text: str):
    """The answer is a cancel reject marked as replace, and the order works on as it was."""
    desk = Desk()
    order, _ = queue(desk)
    desk.buy("ann", 100, 30, client_order_id="a2")
    desk.sell("cat", 100, 60)
    before = desk.now_of(order).__copy__()
    desk.replace("ann", order, **changes)
    (event,) = desk.events
    assert isinstance(event, t.CancelReject)
    assert event.is_replace
    assert (str(event.reason), event.text) == ("EXCHANGE_OPTION", text)
    assert desk.now_of(order) == before
    assert first_filled(desk) == "ann"


def test_a_finished_order_cannot_be_replaced():
    """Replacing what is filled is an Unknown order."""
    desk = Desk()
    order, _ = queue(desk)
    desk.sell("cat", 200, 50)
    desk.replace("ann", order, quantity=300)
    assert desk.refusal() == ("UNKNOWN_ORDER", "Unknown order")


def test_quantity_counts_what_is_filled():
    """A replace names the whole quantity; leaves is that less the fills."""
    desk = Desk()
    order, _ = queue(desk)
    desk.sell("cat", 50, 50)
    desk.replace("ann", order, quantity=150)
    now = desk.now_of(order)
    assert (now.quantity, now.filled, now.leaves) == (150, 50, 100)
    assert now.state is t.OrderState.PARTIALLY_FILLED


def test_a_new_client_id_takes_the_place_of_the_old_one():
    """After a replace the order is found, and its uniqueness kept, under the new id."""
    desk = Desk()
    order, _ = queue(desk)
    desk.replace("ann", order, new_client_order_id="a9")
    desk.do(t.CancelOrder(participant="ann", client_order_id="a1"))
    assert desk.refusal()[1] == "Unknown order"
    desk.do(t.CancelOrder(participant="ann", client_order_id="a9"))
    assert desk.steps() == ["CANCELED"]


def test_a_moved_stop_triggers_at_its_new_price_only():
    """The former stop price is forgotten."""
    desk = Desk()
    stop = desk.buy("ann", 100, type=t.OrderType.STOP, stop_price=55)
    desk.replace("ann", stop, stop_price=60)
    for price, kind in ((55, t.OrderType.STOP), (60, t.OrderType.MARKET_TO_LIMIT)):
        desk.sell("bob", 100, price)
        desk.buy("cat", 100, price)
        assert desk.now_of(stop).type is kind


def test_a_new_good_till_time_counts():
    """An extended order outlives its former time and ends at the new one."""
    desk = Desk()
    gtt = t.TimeInForce.GOOD_TILL_TIME
    order = desk.buy("ann", 100, 50, time_in_force=gtt, good_till=desk.now + 10_000)
    desk.replace("ann", order, good_till=desk.now + 50_000)
    desk.now += 20_000
    desk.do(t.Advance())
    assert desk.now_of(order).state is t.OrderState.NEW
    desk.now += 50_000
    desk.do(t.Advance())
    assert desk.steps() == ["EXPIRED"]


def test_the_replaced_order_does_not_count_twice_for_funds():
    """All of one's money can be moved to another price."""
    desk = Desk(funds=10 * DOLLAR)
    order = desk.buy("ann", 2_000, 50)
    desk.replace("ann", order, price=40, quantity=2_500)
    assert desk.steps() == ["REPLACE"]
