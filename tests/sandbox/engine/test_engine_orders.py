from __future__ import annotations

import pytest

from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.desk import BUY, CENT, NOON, SELL, Desk

IOC = t.TimeInForce.IMMEDIATE_OR_CANCEL
FOK = t.TimeInForce.FILL_OR_KILL
GTT = t.TimeInForce.GOOD_TILL_TIME
MTL = t.OrderType.MARKET_TO_LIMIT
STOP, STOP_LIMIT = t.OrderType.STOP, t.OrderType.STOP_LIMIT


def test_best_price_then_earliest_order_fills_first_at_the_resting_price():
    """Priority is price, then time; the price of a trade is the resting order's."""
    desk = Desk()
    late_best = None
    first = desk.sell("ann", 100, 52)
    second = desk.sell("bob", 100, 52)
    late_best = desk.sell("ann", 100, 51)
    taker = desk.buy("cat", 250, 55)
    assert desk.fills() == [(51, 100), (52, 100), (52, 50)]
    assert desk.now_of(late_best).state is desk.now_of(first).state is t.OrderState.FILLED
    assert desk.now_of(second).leaves == 50
    assert taker.price_to_quantity_filled == {51: 100, 52: 150}
    assert taker.average_price == 52  # 51.6 rounded
    assert taker.filled_notional == 12_900


def test_a_resting_order_reports_new_then_fills():
    """An order's executions are NEW, PARTIAL_FILL and FILL, each with the order as it then was."""
    desk = Desk()
    order = desk.buy("ann", 300, 40)
    assert desk.steps() == ["NEW"]
    desk.sell("bob", 100, 40)
    desk.sell("bob", 200, 40)
    story = desk.exchange.executions(order_id=order.id)
    assert [str(e.type) for e in story] == ["NEW", "PARTIAL_FILL", "FILL"]
    assert [(e.order.leaves, e.order.filled) for e in story] == [(300, 0), (200, 100), (0, 300)]
    assert [e.aggressor for e in story] == [False, False, False]


def test_the_book_shows_levels_best_first_and_takes_a_depth():
    """Depth aggregates quantity and orders per price."""
    desk = Desk()
    for price in (40, 41, 41, 42):
        desk.buy("ann", 100, price)
        desk.sell("bob", 100, price + 20)
    bids, offers = desk.exchange.book("m", 2)
    assert [(b.price, b.quantity, b.orders) for b in bids] == [(42, 100, 1), (41, 200, 2)]
    assert [(o.price, o.quantity, o.orders) for o in offers] == [(60, 100, 1), (61, 200, 2)]
    assert desk.exchange.book("m", 0) == ([], [])


def test_immediate_or_cancel_expires_the_remainder():
    """IOC trades what it can and never rests."""
    desk = Desk()
    desk.sell("ann", 100, 50)
    order = desk.buy("bob", 300, 50, time_in_force=IOC)
    assert desk.steps(order) == ["NEW", "PARTIAL_FILL", "EXPIRED"]
    assert (order.filled, order.leaves) == (100, 0)
    assert desk.book() == ([], [])


def test_fill_or_kill_that_cannot_fill_is_new_then_expired():
    """FOK is all or nothing, and a kill is no reject."""
    desk = Desk()
    desk.sell("ann", 100, 50)
    order = desk.buy("bob", 101, 50, time_in_force=FOK)
    assert desk.steps(order) == ["NEW", "EXPIRED"]
    assert desk.book() == ([], [(50, 100)])
    assert desk.buy("bob", 100, 50, time_in_force=FOK).state is t.OrderState.FILLED


def test_minimum_quantity_cancels_what_cannot_start_large_enough():
    """MinQty is what must trade at once; it belongs to IOC."""
    desk = Desk()
    desk.sell("ann", 100, 50)
    order = desk.buy("bob", 300, 50, time_in_force=IOC, min_quantity=101)
    assert desk.steps(order) == ["NEW", "CANCELED"]
    order = desk.buy("bob", 300, 50, time_in_force=IOC, min_quantity=100)
    assert order.filled == 100
    desk.buy("bob", 300, 50, min_quantity=100)
    assert desk.refusal()[0] == "INCORRECT_ORDER_TYPE"


def test_post_only_is_refused_rather_than_matched():
    """A participate-don't-initiate order never takes."""
    desk = Desk()
    desk.sell("ann", 100, 50)
    desk.buy("bob", 100, 50, post_only=True)
    assert desk.refusal() == ("EXCHANGE_OPTION", "Order may participate but not initiate in the market")
    assert desk.buy("bob", 100, 49, post_only=True).state is t.OrderState.NEW


def test_all_or_none_waits_off_the_book_until_it_fills_in_full():
    """An AON order is not displayed and trades only in one piece."""
    desk = Desk()
    order = desk.buy("ann", 300, 50, all_or_none=True)
    desk.sell("bob", 200, 50)
    assert desk.fills() == []
    assert desk.book() == ([], [(50, 200)])
    desk.sell("cat", 100, 49)
    assert desk.fills() == [(49, 100), (50, 200)]
    assert desk.now_of(order).state is t.OrderState.FILLED


def test_strict_limit_never_fills_at_a_better_price():
    """A strict limit is refused where it would gain, and rests or fills at its price else."""
    desk = Desk()
    desk.sell("ann", 100, 48)
    desk.buy("bob", 100, 50, strict_limit=True)
    assert desk.refusal() == ("EXCHANGE_OPTION", "Strict limit order would execute at a better price")
    desk.buy("bob", 100, 48, strict_limit=True)
    assert desk.fills() == [(48, 100)]


def test_best_limit_joins_its_own_side():
    """Best limit takes the price of the top of its own side."""
    desk = Desk()
    desk.buy("bob", 100, best_limit=True)
    assert desk.refusal() == ("EXCHANGE_OPTION", "No liquidity to derive limit price")
    desk.buy("ann", 100, 44)
    order = desk.buy("bob", 100, best_limit=True)
    assert (order.price, order.leaves) == (44, 100)


def test_immediately_executable_limit_takes_the_top_of_the_other_side():
    """The limit is the best opposite price; what does not fill rests there."""
    desk = Desk()
    desk.buy("bob", 100, immediately_executable_limit=True)
    assert desk.refusal() == ("EXCHANGE_OPTION", "No liquidity to derive limit price")
    desk.sell("ann", 100, 60)
    desk.sell("ann", 100, 61)
    order = desk.buy("bob", 300, immediately_executable_limit=True)
    assert desk.fills() == [(60, 100)]
    assert (order.price, order.leaves) == (60, 200)


def test_market_to_limit_rests_at_its_worst_fill():
    """A market order's remainder becomes a limit at the last fill price, told with NEW."""
    desk = Desk(reference_price=50)
    desk.buy("ann", 1000, 53)
    desk.buy("ann", 500, 52)
    order = desk.sell("bob", 1800, type=MTL)
    assert desk.fills() == [(53, 1000), (52, 500)]
    assert desk.executions()[0].order.price == 52
    assert desk.book() == ([], [(52, 300)])
    assert order.type is MTL


def test_market_to_limit_without_liquidity_rests_at_the_reference_price():
    """The last trade is the fallback price, then the reference price; without any it is refused."""
    desk = Desk()
    desk.sell("ann", 100, 60)
    desk.buy("bob", 100, type=MTL)
    reason, text = desk.refusal()
    assert reason == "EXCHANGE_OPTION"
    assert text.startswith("failed risk check: ")
    assert "No last trade when open, trading reference price, settlement price, or previous close" in text
    desk.do(t.SetReferencePrice(symbol="m", price=30))
    assert desk.sell("ann", 100, type=MTL).price == 30
    desk.buy("bob", 100, 30)
    assert desk.buy("bob", 200, type=MTL).price == 60
    assert desk.buy("bob", 100, type=MTL).price == 60


@pytest.mark.parametrize(("side", "wait", "trigger"), [(BUY, 54, 55), (SELL, 56, 55)])
def test_a_stop_becomes_a_market_order_when_the_last_price_gets_there(side: t.Side, wait: int, trigger: int):
    """A triggered stop reports NEW twice under one id, the second time as market-to-limit."""
    desk = Desk()
    order = desk.place("cat", side, 100, type=STOP, stop_price=55)
    for price in (wait, trigger):
        assert desk.exchange.executions(order_id=order.id)[-1].order.type is STOP
        desk.sell("ann", 100, price)
        desk.buy("bob", 100, price)
    story = desk.exchange.executions(order_id=order.id)
    assert [(str(e.type), str(e.order.type)) for e in story] == [("NEW", "STOP"), ("NEW", "MARKET_TO_LIMIT")]
    assert desk.now_of(order).price == trigger


def test_a_stop_limit_becomes_a_limit_order():
    """A triggered stop-limit arrives with its own limit and can set off further stops."""
    desk = Desk()
    first = desk.buy("cat", 100, 50, type=STOP_LIMIT, stop_price=50)
    second = desk.buy("cat", 100, 55, type=STOP_LIMIT, stop_price=55)
    desk.sell("ann", 100, 55)
    desk.sell("bob", 200, 50)
    desk.sell("ann", 100, 51)
    desk.buy("bob", 100, 50)
    assert desk.now_of(first).state is t.OrderState.FILLED
    assert desk.now_of(second).type is STOP_LIMIT
    desk.buy("bob", 200, 55)
    assert desk.now_of(second).type is t.OrderType.LIMIT


def test_stop_prices_must_be_on_the_far_side_of_the_limit():
    """A buy stop lies at or above its limit, a sell stop at or below."""
    desk = Desk()
    desk.buy("ann", 100, 51, type=STOP_LIMIT, stop_price=50)
    assert desk.refusal()[0] == "PRICE_OUT_OF_BOUNDS"
    desk.sell("ann", 100, 49, type=STOP_LIMIT, stop_price=50)
    assert desk.refusal()[0] == "PRICE_OUT_OF_BOUNDS"


def test_good_till_time_expires_with_the_clock_of_any_command():
    """An order is gone for the first command at or after its time."""
    desk = Desk()
    order = desk.buy("ann", 100, 50, time_in_force=GTT, good_till=desk.now + 5_000)
    desk.do(t.Advance())
    assert desk.now_of(order).state is t.OrderState.NEW
    desk.now += 5_000
    desk.sell("bob", 100, 50)
    assert desk.now_of(order).state is t.OrderState.EXPIRED
    assert desk.fills() == []
    desk.buy("ann", 100, 50, time_in_force=GTT, good_till=NOON)
    assert desk.refusal() == ("EXCHANGE_OPTION", "GoodTillTime has passed")


def test_the_order_placed_is_not_one_that_expired_meanwhile():
    """Expiries that come due with a placement are not taken for it."""
    desk = Desk()
    desk.buy("ann", 100, 40, time_in_force=GTT, good_till=desk.now + 2_500)
    desk.now += 2_500
    order = desk.buy("bob", 100, 50)
    assert desk.steps() == ["EXPIRED", "NEW"]
    assert (order.participant, order.price) == ("bob", 50)


def test_time_never_runs_backwards():
    """A command with an earlier time happens at the latest time seen."""
    exchange = Exchange()
    exchange.apply(t.Advance(), 50)
    exchange.apply(t.OpenAccount(account="a"), 20)
    assert exchange.now == 50


def test_a_client_id_is_unique_among_open_orders_only():
    """A second open order under one client id is refused; after the first is gone it is fine."""
    desk = Desk()
    order = desk.buy("ann", 100, 50, client_order_id="c")
    desk.buy("ann", 100, 50, client_order_id="c")
    assert desk.refusal() == ("EXCHANGE_OPTION", "ClOrdID already in use by an open order")
    assert desk.buy("bob", 100, 40, client_order_id="c").state is t.OrderState.NEW
    found = desk.exchange.order_by_client_id("ann", "c")
    assert found is not None
    assert found.id == order.id
    desk.do(t.CancelOrder(participant="ann", client_order_id="c"))
    assert desk.buy("ann", 100, 50, client_order_id="c").state is t.OrderState.NEW


@pytest.mark.parametrize(
    ("terms", "quantity", "price", "reason", "text"),
    [
        (
            {"notional_low": 10_000},
            118,
            80,
            "EXCHANGE_OPTION",
            "Low total notional size limit is 1, given 0.944",
        ),
        (
            {"notional_high": 500},
            11,
            50,
            "EXCHANGE_OPTION",
            "High total notional size limit is 0.05, given 0.055",
        ),
        ({"price_low": 50}, 100, 49, "EXCHANGE_OPTION", "Low price limit is 0.5, given 0.49"),
        ({}, 100, 100, "EXCHANGE_OPTION", "High price limit is 0.99, given 1"),
        ({"quantity_low": 10_000}, 9_800, 50, "EXCHANGE_OPTION", "Low order size limit is 100, given 98"),
        ({"quantity_high": 50_000}, 60_000, 50, "EXCHANGE_OPTION", "High order size limit is 500, given 600"),
        ({"min_quantity": 10_000}, 9_900, 50, "EXCHANGE_OPTION", "Minimum trade quantity is 100, given 99"),
        ({"tick": 5, "price_low": 5, "price_high": 95}, 100, 52, "INVALID_PRICE_INCREMENT", None),
        ({}, 0, 50, "INCORRECT_QUANTITY", None),
        ({}, -5, 50, "INCORRECT_QUANTITY", None),
        ({}, 10_000_00, 99, "EXCHANGE_OPTION", "1000 USD available, requested 9900"),
    ],
)
def test_refusals_say_it_in_the_venue_s_words(
    terms: dict[str, int], quantity: int, price: int, reason: str, text: str | None
):
    """Every limit has its reason code and its text with decimal numbers."""
    desk = Desk(**terms)
    order = desk.buy("ann", quantity, price)
    assert order.state is t.OrderState.REJECTED
    assert desk.refusal()[0] == reason
    assert text is None or desk.refusal()[1] == text
    assert order.leaves == 0
    assert desk.exchange.orders(open_only=True) == []


def test_unknown_names_are_refused_with_an_order_on_file():
    """Unknown market, participant and account, and the account of another, are all rejects."""
    desk = Desk()
    assert desk.buy("ann", 100, 50, symbol="x").state is t.OrderState.REJECTED
    assert desk.refusal() == ("UNKNOWN_SYMBOL", "Instrument Unavailable: x")
    desk.buy("ann", 100, 50, account="bob")
    assert desk.refusal() == ("EXCHANGE_OPTION", "Account Unavailable: bob")
    desk.buy("zed", 100, 50, account="bob")
    assert desk.refusal() == ("EXCHANGE_OPTION", "Participant Unavailable: zed")


def test_cancels_end_open_orders_and_refuse_others():
    """A cancel of a finished, foreign or unheard-of order is an Unknown order."""
    desk = Desk()
    order = desk.buy("ann", 100, 50)
    desk.cancel("bob", order)
    assert desk.refusal() == ("UNKNOWN_ORDER", "Unknown order")
    desk.cancel("ann", order)
    assert desk.steps() == ["CANCELED"]
    assert desk.book() == ([], [])
    desk.cancel("ann", order)
    assert desk.refusal() == ("UNKNOWN_ORDER", "Unknown order")
    desk.do(t.CancelOrder(participant="ann", order_id="nope"))
    assert desk.refusal() == ("UNKNOWN_ORDER", "Unknown order")


def test_cancel_all_takes_only_what_it_names():
    """A mass cancel is limited to the participant, and to a market if named."""
    desk = Desk()
    desk.list("n")
    ours = [desk.buy("ann", 100, 50), desk.buy("ann", 100, 50, symbol="n"), desk.buy("bob", 100, 50)]
    desk.do(t.CancelAll(participant="ann", symbol="n"))
    assert [desk.now_of(o).state.is_open for o in ours] == [True, False, True]
    desk.do(t.CancelAll(participant="ann"))
    assert [desk.now_of(o).state.is_open for o in ours] == [False, False, True]


def test_preview_tells_without_doing():
    """A preview shows price, fills and fee of an order and leaves no trace in the state."""
    desk = Desk(fees=t.FeeSchedule(), reference_price=50)
    desk.sell("ann", 1000, 50)
    before = desk.exchange.state_hash()
    command = t.PlaceOrder(participant="bob", account="bob", symbol="m", side=BUY, quantity=2000, type=MTL)
    preview = desk.exchange.preview(command, desk.now)
    assert preview.fills == ((50, 1000),)
    assert preview.order.price == 50
    assert preview.commission == 17 * CENT
    assert desk.exchange.state_hash() == before
    bad = t.PlaceOrder(participant="bob", account="bob", symbol="m", side=SELL, quantity=2000, price=100)
    assert desk.exchange.preview(bad, desk.now).text == "High price limit is 0.99, given 1"
