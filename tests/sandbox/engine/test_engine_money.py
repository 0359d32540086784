from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.sandbox.engine import EXTERNAL, FEES, money
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.fees import FeeModel
from tests.sandbox.engine.desk import BUY, CENT, DOLLAR, SELL, Desk


def single(price: int, quantity: int, schedule: t.FeeSchedule, *, taker: bool, scale: int = 100) -> int:
    """Return the fee in cents of an order that fills at once."""
    terms = t.MarketDefinition(symbol="m", price_scale=scale, payout=scale, price_high=scale - 1)
    desk = Desk()
    order = desk.buy("ann", 100, 50)
    return FeeModel(terms, schedule).charge(order, price, quantity, taker=taker).commission // CENT


def test_the_captured_fill_of_the_venue():
    """3.12 contracts at 97 cents cost one cent, 100 in notional units."""
    desk = Desk(fees=t.FeeSchedule())
    desk.sell("ann", 312, 97)
    desk.buy("bob", 312, 97)
    passive, aggressor = sorted(desk.executions()[1:], key=lambda e: e.aggressor)
    assert aggressor.commission == CENT
    assert passive.commission == 0
    market = desk.exchange.market("m")
    assert market is not None
    assert money.money_to_notional(market, aggressor.commission) == 100


@pytest.mark.parametrize(
    ("price", "taker", "maker", "combo"),
    [
        (1, 7, 1, 11),
        (5, 33, 6, 49),
        (10, 63, 11, 89),
        (18, 103, 18, 135),
        (25, 130, 23, 162),
        (34, 156, 28, 182),
        (43, 170, 31, 189),
        (50, 174, 31, 186),
        (65, 158, 28, 162),
        (84, 93, 17, 94),
        (97, 20, 4, 20),
        (99, 7, 1, 7),
    ],
)
def test_the_published_schedule(price: int, taker: int, maker: int, combo: int):
    """Fees of a hundred contracts equal the venue's table, in cents."""
    assert single(price, 10_000, t.FeeSchedule(), taker=True) == taker
    assert single(price, 10_000, t.FeeSchedule(), taker=False) == -maker
    assert single(price, 10_000, t.FeeSchedule(taker_quartic=400), taker=True) == combo


@pytest.mark.parametrize(
    ("price", "taker", "maker"), [(10, 626, 112), (65, 1581, 284), (30, 1460, 262), (50, 1738, 312)]
)
def test_the_published_examples_of_a_thousand_contracts(price: int, taker: int, maker: int):
    """Ties are rounded to even: 17.375 is 17.38 and 3.125 is 3.12 dollars."""
    assert single(price, 100_000, t.FeeSchedule(), taker=True) == taker
    assert single(price, 100_000, t.FeeSchedule(), taker=False) == -maker


@given(
    price=st.integers(1, 999),
    quantity=st.integers(1, 10**9),
    theta=st.integers(-2000, 2000),
    quartic=st.integers(0, 1000),
)
def test_fees_equal_decimal_arithmetic(price: int, quantity: int, theta: int, quartic: int):
    """The integer fee is the decimal formula, rounded half to even to the cent."""
    p, c = Decimal(price) / 1000, Decimal(quantity) / 100
    exact = Decimal(theta) / 10**4 * c * p * (1 - p) + Decimal(quartic) / 10**4 * c * p * (1 - p) ** 4
    schedule = t.FeeSchedule(taker_theta=theta, taker_quartic=quartic)
    expected = int(exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN) * 100)
    assert single(price, quantity, schedule, taker=True, scale=1000) == expected


@given(fills=st.lists(st.tuples(st.integers(1, 99), st.integers(1, 3_000)), min_size=1, max_size=12))
def test_an_order_never_pays_more_than_the_rounding_of_its_whole_fee(fills: list[tuple[int, int]]):
    """Each fill's fee is at most its own rounding, the sum at most that of the exact sum."""
    desk = Desk()
    order = desk.buy("ann", 100, 50)
    model = FeeModel(t.MarketDefinition(symbol="m"), t.FeeSchedule())
    total, exact = 0, Decimal(0)
    for price, quantity in fills:
        fee = Decimal("0.0695") * quantity * price * (100 - price) / 10**6
        alone = int((fee * 100).quantize(Decimal(1), ROUND_HALF_EVEN))
        charge = model.charge(order, price, quantity, taker=True)
        order.fee_exact += charge.exact
        order.fee_charged += charge.cents
        exact += fee
        total += charge.cents
        assert 0 <= charge.cents <= alone
        assert total <= int((exact * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def test_rebates_come_out_of_the_fees():
    """The maker is paid at the trade; the exchange keeps the difference."""
    desk = Desk(fees=t.FeeSchedule())
    desk.sell("ann", 10_000, 50)
    order = desk.buy("bob", 10_000, 50)
    assert order.commission == 174 * CENT
    fees = desk.exchange.balance(FEES)
    assert fees is not None
    assert fees.cash == (174 - 31) * CENT


def test_another_schedule_applies_to_later_fills_and_reservations():
    """SetFees changes what is charged next and cancels what can no longer pay."""
    desk = Desk(fees=t.FeeSchedule(), funds=100 * DOLLAR)
    desk.sell("ann", 10_000, 50)
    order = desk.buy("bob", 19_000, 48)
    desk.do(t.SetFees(symbol="m", fees=t.FeeSchedule(taker_theta=4000)))
    assert desk.now_of(order).state is t.OrderState.CANCELED
    assert desk.executions()[0].unsolicited_cancel_reason is t.UnsolicitedCancelReason.EXCHANGE_OPTION


# -- collateral ----------------------------------------------------------------------------------


def test_a_trade_moves_cash_and_locks_the_payout_of_the_short_side():
    """At 40 cents the buyer loses 40 cents of buying power, the seller 60; cash moves by 40."""
    desk = Desk()
    desk.buy("ann", 100, 40)
    desk.sell("bob", 100, 40)
    buyer, seller = desk.exchange.balance("ann"), desk.exchange.balance("bob")
    assert buyer is not None
    assert seller is not None
    assert (buyer.cash, buyer.locked) == (99_960 * CENT, 0)
    assert (seller.cash, seller.locked) == (100_040 * CENT, 100 * CENT)
    assert (desk.power("ann"), desk.power("bob")) == (99_960, 99_940)


def test_one_order_may_not_exceed_buying_power():
    """$11 at worst with $10 is refused, $10 is taken."""
    desk = Desk(funds=10 * DOLLAR)
    desk.buy("ann", 2_200, 50)
    assert desk.refusal()[1] == "10 USD available, requested 11"
    assert desk.buy("ann", 2_000, 50).state is t.OrderState.NEW


def test_orders_of_one_market_add_up_per_side_and_other_markets_do_not_count():
    """Same side adds, the other side takes the maximum, another market is checked on its own."""
    desk = Desk(funds=10 * DOLLAR)
    desk.list("n")
    assert desk.buy("ann", 2_000, 50).state is t.OrderState.NEW
    assert desk.buy("ann", 1, 50).state is t.OrderState.REJECTED
    assert desk.sell("ann", 2_000, 60).state is t.OrderState.NEW
    assert desk.buy("ann", 2_000, 50, symbol="n").state is t.OrderState.NEW
    balance = desk.exchange.balance("ann")
    assert balance is not None
    assert balance.open_orders == 10 * DOLLAR
    assert balance.withdrawable == 0


def test_a_position_offsets_the_orders_that_close_it():
    """With nothing left in cash a long can still be sold and a short bought back."""
    desk = Desk(funds=10 * DOLLAR)
    desk.buy("ann", 2_000, 50)
    desk.sell("bob", 2_000, 50)
    assert desk.power("ann") == desk.power("bob") == 0
    # 30.01 contracts would be short at 40 cents each, against 12 dollars from the 20 closed.
    assert desk.sell("ann", 5_001, 60).state is t.OrderState.REJECTED
    assert desk.sell("ann", 5_000, 60).state is t.OrderState.NEW
    assert desk.buy("bob", 2_000, 45).state is t.OrderState.NEW
    assert desk.buy("bob", 10_000, 2).state is t.OrderState.NEW


def test_the_greatest_taker_fee_is_reserved():
    """An order needs the fee of its limit on top, rounded up to the cent."""
    desk = Desk(funds=10 * DOLLAR, fees=t.FeeSchedule())
    desk.buy("ann", 2_000, 50)
    assert desk.refusal()[1] == "10 USD available, requested 10.35"
    assert desk.buy("ann", 1_932, 50).state is t.OrderState.NEW


def test_a_fill_elsewhere_cancels_orders_that_lost_their_funds():
    """Newest first, until the rest is funded; the cancels are unsolicited."""
    desk = Desk(funds=10 * DOLLAR)
    desk.list("n")
    old = desk.buy("ann", 1_000, 50, symbol="n")
    new = desk.buy("ann", 1_000, 50, symbol="n")
    desk.buy("ann", 1_000, 50)
    desk.sell("bob", 1_000, 50)
    assert desk.now_of(old).state is t.OrderState.NEW
    assert desk.now_of(new).state is t.OrderState.CANCELED
    last = desk.executions()[-1]
    assert last.order.id == new.id
    assert last.unsolicited_cancel_reason is t.UnsolicitedCancelReason.EXCHANGE_OPTION


# -- cash in and out -----------------------------------------------------------------------------


def test_withdrawals_leave_the_dearest_market_funded():
    """$100 with $20 and $30 of open orders in two markets lets $70 out."""
    desk = Desk(funds=100 * DOLLAR)
    desk.list("n")
    desk.buy("ann", 4_000, 50)
    desk.buy("ann", 6_000, 50, symbol="n")
    desk.do(t.Withdraw(account="ann", amount=70 * DOLLAR + 1))
    assert desk.refusal() == ("Withdraw", "70 USD available, requested 70.00000001")
    desk.do(t.Withdraw(account="ann", amount=70 * DOLLAR))
    assert desk.power("ann") == 3_000


def test_ledger_entries_chain_and_name_what_caused_them():
    """Each entry starts where the one before ended; both sides of a posting exist."""
    desk = Desk(fees=t.FeeSchedule())
    desk.sell("ann", 10_000, 50)
    order = desk.buy("bob", 10_000, 50)
    entries = desk.exchange.ledger_entries("bob")
    assert [str(e.type) for e in entries] == ["DEPOSIT", "ORDER_EXECUTION", "COMMISSION"]
    assert [e.amount for e in entries] == [1000 * DOLLAR, -50 * DOLLAR, -174 * CENT]
    assert entries[1].order_id == order.id
    assert entries[1].trade_id == order.last_trade_id
    assert entries[1].counterparty == "ann"
    assert desk.exchange.ledger_entries("bob", after=entries[1].sequence) == entries[2:]
    outside = desk.exchange.balance(EXTERNAL)
    assert outside is not None
    assert outside.cash == -3000 * DOLLAR


def test_transfers_move_and_conserve():
    """What leaves one account enters the other; too much is refused."""
    desk = Desk()
    desk.do(t.Transfer(source="ann", target="bob", amount=5 * DOLLAR))
    assert (desk.power("ann"), desk.power("bob")) == (99_500, 100_500)
    desk.do(t.Transfer(source="ann", target="bob", amount=5000 * DOLLAR))
    assert desk.refusal() == ("Transfer", "995 USD available, requested 5000")


def test_positions_keep_cost_and_realize_on_closing():
    """Closing takes its share of the cost; crossing zero starts a new cost."""
    desk = Desk()
    for side, quantity, price in ((BUY, 1000, 40), (BUY, 1000, 60), (SELL, 500, 70), (SELL, 2500, 80)):
        desk.place("bob", BUY if side is SELL else SELL, quantity, price)
        desk.place("ann", side, quantity, price)
    position = desk.exchange.position("ann", "m")
    assert position is not None
    assert (position.net, position.bought, position.sold) == (-1000, 2000, 3000)
    assert position.realized == 500 * (70 - 50) + 1500 * (80 - 50)
    assert position.cost == -1000 * 80
    changes = desk.exchange.position_entries("ann", "m")
    assert [e.quantity_change for e in changes] == [1000, 1000, -500, -2500]
    assert [e.cost for e in changes] == [40_000, 100_000, 75_000, -80_000]
    assert desk.exchange.available_position("ann", "m") == -1000
    desk.buy("ann", 300, 10)
    assert desk.exchange.available_position("ann", "m") == -700


# -- text ----------------------------------------------------------------------------------------


@given(st.integers(-(10**15), 10**15))
def test_money_text_reads_back(amount: int):
    """Writing money and reading it gives the same money."""
    assert money.dollars_to_money(money.money_text(amount)) == amount


@pytest.mark.parametrize("text", ["", "1e3", "1.000000001", "+1", "--1", "1,0", "nan", "٣"])
def test_amounts_that_are_none_are_refused(text: str):
    """Only plain decimals no finer than a money unit are amounts."""
    with pytest.raises(ValueError, match="not an amount"):
        money.dollars_to_money(text)
