from __future__ import annotations

import pytest

from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.desk import Desk

How = t.SelfMatchInstruction


def crossed() -> tuple[Desk, t.Order, t.Order]:
    """Return a desk where ann's offer stands before bob's at one price."""
    desk = Desk()
    return desk, desk.sell("ann", 100, 50, self_match_id="s"), desk.sell("bob", 100, 50)


@pytest.mark.parametrize("instruction", [None, How.REJECT_AGGRESSOR])
def test_by_default_the_aggressor_is_rejected_whole(instruction: How | None):
    """Not even the part that would have met others trades."""
    desk, own, other = crossed()
    order = desk.buy("ann", 200, 50, self_match_id="s", self_match_instruction=instruction)
    assert desk.refusal() == ("EXCHANGE_OPTION", "Self Match Prevention")
    assert order.filled == 0
    assert desk.now_of(own).leaves == desk.now_of(other).leaves == 100


def test_cancel_resting_removes_own_orders_before_any_trade():
    """After NEW the resting order goes, then the arriving one trades with the others."""
    desk, own, other = crossed()
    order = desk.buy("ann", 100, 50, self_match_id="s", self_match_instruction=How.CANCEL_RESTING)
    assert desk.steps() == ["NEW", "CANCELED", "FILL", "FILL"]
    assert desk.executions()[1].text == "Self Match Prevention"
    assert desk.now_of(own).state is t.OrderState.CANCELED
    assert desk.now_of(other).state is desk.now_of(order).state is t.OrderState.FILLED


def test_remove_both_ends_the_pair_without_trade():
    """Neither order survives; orders of others stay."""
    desk, own, other = crossed()
    order = desk.buy("ann", 100, 50, self_match_id="s", self_match_instruction=How.REMOVE_BOTH)
    assert desk.steps() == ["NEW", "CANCELED", "CANCELED"]
    assert desk.now_of(own).state is desk.now_of(order).state is t.OrderState.CANCELED
    assert desk.now_of(other).leaves == 100


def test_it_needs_one_participant_and_one_id():
    """Other ids, no id, and other participants with the same id all trade."""
    for resting, arriving, who in (("s", "z", "ann"), ("s", "", "ann"), ("", "s", "ann"), ("s", "s", "bob")):
        desk = Desk()
        desk.sell("ann", 100, 50, self_match_id=resting)
        desk.buy(who, 100, 50, self_match_id=arriving)
        assert desk.fills() == [(50, 100)]


def test_own_orders_out_of_reach_do_not_matter():
    """An own order behind enough of others' quantity, or beyond the limit, prevents nothing."""
    desk = Desk()
    desk.sell("bob", 100, 50)
    desk.sell("ann", 100, 50, self_match_id="s")
    desk.sell("ann", 100, 52, self_match_id="s")
    assert desk.buy("ann", 100, 51, self_match_id="s").state is t.OrderState.FILLED


def test_a_replace_into_oneself_is_refused():
    """A replace that would self-match leaves the order as it was."""
    desk = Desk()
    desk.sell("ann", 100, 50, self_match_id="s")
    order = desk.buy("ann", 100, 40, self_match_id="s")
    desk.replace("ann", order, price=50)
    assert desk.refusal() == ("EXCHANGE_OPTION", "Self Match Prevention")
    assert desk.book() == ([(40, 100)], [(50, 100)])
