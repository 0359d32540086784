from __future__ import annotations

from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.desk import Desk

MTL = t.OrderType.MARKET_TO_LIMIT
FOK = t.TimeInForce.FILL_OR_KILL


def test_a_buyer_spends_principal_at_the_actual_prices():
    """$20 buys 25 contracts at the 80 cent limit, or 62.5 with improvement to 32 cents."""
    for price, bought in ((80, 2_500), (32, 6_250)):
        desk = Desk()
        desk.sell("ann", 10_000, price)
        order = desk.buy("bob", cash_quantity=2_000, price=80, time_in_force=FOK)
        assert order.state is t.OrderState.FILLED
        assert order.quantity == order.filled == bought


def test_a_seller_spends_the_complement():
    """$20 of NO collateral at a YES price of 80 cents sells 100 contracts."""
    desk = Desk()
    desk.buy("ann", 20_000, 80, account="ann")
    before = desk.power("bob")
    order = desk.sell("bob", cash_quantity=2_000, price=80, time_in_force=FOK)
    assert order.filled == 10_000
    assert before - desk.power("bob") == 2_000


def test_principal_is_spent_level_by_level():
    """Cheaper levels first; the rest of the principal at the next price."""
    desk = Desk()
    desk.sell("ann", 1_000, 20)
    desk.sell("ann", 10_000, 40)
    order = desk.buy("bob", cash_quantity=1_000, price=50, time_in_force=FOK)
    assert desk.fills() == [(20, 1_000), (40, 2_000)]
    assert order.filled_notional == 1_000 * 100


def test_fill_or_kill_needs_the_whole_principal_spent():
    """A book too thin for the principal kills the order."""
    desk = Desk()
    desk.sell("ann", 100, 20)
    order = desk.buy("bob", cash_quantity=1_000, price=50, time_in_force=FOK)
    assert desk.steps(order) == ["NEW", "EXPIRED"]


def test_the_remainder_of_a_market_cash_order_rests():
    """What principal is left becomes quantity at the last fill price."""
    desk = Desk(reference_price=50)
    desk.sell("ann", 100, 20)
    order = desk.buy("bob", cash_quantity=100, type=MTL)
    assert (order.filled, order.price, order.leaves) == (100, 20, 400)


def test_too_little_principal_for_anything_is_refused():
    """A cash order whose quantity would be zero is a reject with the venue's text."""
    desk = Desk(reference_price=50, quantity_scale=1)
    desk.buy("bob", cash_quantity=49, type=MTL)
    reason, text = desk.refusal()
    assert reason == "EXCHANGE_OPTION"
    assert text.startswith("There is no liquidity to immediately fill any portion of this CashOrderQty order")


def test_cash_and_quantity_exclude_each_other():
    """An order has one of the two."""
    desk = Desk(reference_price=50)
    desk.buy("bob", 100, 50, cash_quantity=100)
    assert desk.refusal()[0] == "INCORRECT_ORDER_TYPE"


def test_fees_come_on_top_of_the_principal():
    """The commission of a cash order is charged in addition, and reserved for."""
    desk = Desk(fees=t.FeeSchedule(), funds=20 * 10**8)
    desk.sell("ann", 2_000, 50)
    desk.buy("bob", cash_quantity=2_000, price=50, time_in_force=FOK)
    assert desk.refusal()[1] == "20 USD available, requested 20.7"
