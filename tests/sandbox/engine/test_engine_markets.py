from __future__ import annotations

import pytest

from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.desk import BUY, DOLLAR, SELL, Desk

DAY = t.TimeInForce.DAY


@pytest.mark.parametrize(
    ("state", "enters", "cancels", "matches"),
    [
        ("OPEN", True, True, True),
        ("PREOPEN", True, True, False),
        ("MATCH_AND_CLOSE_AUCTION", True, True, False),
        ("SUSPENDED", False, True, False),
        ("HALTED", False, False, False),
        ("CLOSED", False, False, False),
        ("PENDING", False, False, False),
    ],
)
def test_what_a_market_takes_in_each_state(state: str, *, enters: bool, cancels: bool, matches: bool):
    """Enter, modify, cancel and match follow the venue's table."""
    desk = Desk()
    order = desk.sell("ann", 100, 50)
    desk.state(state)
    taker = desk.buy("bob", 100, 50)
    assert bool(desk.fills()) == matches
    assert taker.state.is_open == (enters and not matches)
    if not enters:
        assert desk.refusal() == ("EXCHANGE_CLOSED", f"Book is {state}")
    if matches:
        order = desk.sell("ann", 100, 50)
    desk.replace("ann", order, quantity=50)
    assert (desk.now_of(order).quantity == 50) == enters
    desk.cancel("ann", order)
    assert desk.now_of(order).state.is_open != cancels
    if not cancels:
        assert desk.refusal() == ("EXCHANGE_OPTION", f"Book is {state}")


@pytest.mark.parametrize(
    "special",
    [
        {"time_in_force": t.TimeInForce.FILL_OR_KILL},
        {"time_in_force": t.TimeInForce.IMMEDIATE_OR_CANCEL},
        {"post_only": True},
        {"all_or_none": True},
    ],
)
def test_call_phases_take_plain_orders_only(special: dict[str, object]):
    """Instructions about continuous matching are refused before the open."""
    desk = Desk(state="PREOPEN")
    desk.buy("ann", 100, 50, **special)
    assert desk.refusal() == ("EXCHANGE_CLOSED", "Order has attributes that cannot be placed in PRE_OPEN")


def test_the_opening_auction_trades_the_most_at_one_price():
    """All trades have the price of greatest volume; the rest stays, uncrossed."""
    desk = Desk(state="PREOPEN")
    early = desk.buy("ann", 100, 60)
    for side, quantity, price in (
        (BUY, 200, 55),
        (BUY, 300, 50),
        (SELL, 150, 45),
        (SELL, 250, 52),
        (SELL, 100, 58),
    ):
        desk.place("bob" if side is SELL else "cat", side, quantity, price)
    assert desk.exchange.indicative("m") == (52, 300)
    assert desk.fills() == []
    desk.state("OPEN")
    assert {price for price, _ in desk.fills()} == {52}
    assert sum(quantity for _, quantity in desk.fills()) == 300
    assert desk.now_of(early).state is t.OrderState.FILLED
    assert desk.book() == ([(50, 300)], [(52, 100), (58, 100)])
    assert desk.exchange.indicative("m") is None


def test_ties_go_to_the_least_surplus_then_the_reference_price():
    """Of prices with equal volume and surplus the one nearest the reference wins."""
    desk = Desk(state="PREOPEN", reference_price=57)
    desk.buy("ann", 100, 60)
    desk.sell("bob", 100, 40)
    desk.state("OPEN")
    assert desk.fills() == [(60, 100)]


def test_the_closing_auction_happens_on_leaving_its_state():
    """MATCH_AND_CLOSE_AUCTION matches when it ends; then the day's orders expire."""
    desk = Desk(state="MATCH_AND_CLOSE_AUCTION")
    desk.buy("ann", 100, 60, time_in_force=DAY)
    rest = desk.buy("ann", 100, 50, time_in_force=DAY)
    keeps = desk.buy("ann", 100, 49)
    desk.sell("bob", 100, 60)
    desk.state("CLOSED")
    assert desk.fills() == [(60, 100)]
    assert desk.now_of(rest).state is t.OrderState.EXPIRED
    assert desk.now_of(keeps).state is t.OrderState.NEW
    statistics = desk.exchange.statistics("m")
    assert statistics is not None
    assert statistics.close_price == 60


def test_a_book_crossed_in_a_call_phase_uncrosses_whenever_it_opens():
    """A detour through a suspension does not leave a crossed book open."""
    desk = Desk(state="PREOPEN")
    desk.buy("ann", 100, 60)
    desk.sell("bob", 100, 40)
    desk.state("SUSPENDED")
    desk.state("OPEN")
    assert len(desk.fills()) == 1


def test_expiry_ends_every_order_for_good():
    """EXPIRED takes the book down and nothing reopens it."""
    desk = Desk()
    order = desk.buy("ann", 100, 50)
    desk.state("EXPIRED")
    assert desk.now_of(order).state is t.OrderState.EXPIRED
    desk.state("OPEN")
    assert desk.refusal() == ("SetMarketState", "Instrument m is EXPIRED")


def test_statistics_count_trades():
    """Open, high, low, last, volume, notional, count and open interest."""
    desk = Desk()
    for price, quantity in ((50, 100), (60, 200), (40, 300)):
        desk.sell("ann", quantity, price)
        desk.buy("bob", quantity, price)
    s = desk.exchange.statistics("m")
    assert s is not None
    assert (s.open_price, s.high_price, s.low_price, s.last_price, s.last_quantity) == (50, 60, 40, 40, 300)
    assert (s.volume, s.notional, s.trade_count, s.open_interest) == (600, 29_000, 3, 600)


@pytest.mark.parametrize(
    ("price", "longs", "shorts"), [(100, 6000, -6000), (0, -4000, 4000), (50, 1000, -1000)]
)
def test_settlement_pays_every_contract_and_closes_every_position(price: int, longs: int, shorts: int):
    """Winners get the payout, losers lose what was locked; orders expire; money is conserved."""
    desk = Desk()
    desk.buy("ann", 10_000, 40)
    desk.sell("bob", 10_000, 40)
    order = desk.buy("cat", 100, 30)
    desk.do(t.Settle(symbol="m", price=price, method="TIER_1"))
    assert desk.now_of(order).state is t.OrderState.EXPIRED
    assert desk.power("ann") - 100_000 == longs
    assert desk.power("bob") - 100_000 == shorts
    for who in ("ann", "bob"):
        position = desk.exchange.position(who, "m")
        assert position is not None
        assert (position.net, position.cost, position.settled) == (0, 0, True)
    assert desk.exchange.market_state("m") is t.MarketState.EXPIRED
    desk.do(t.Settle(symbol="m", price=price))
    assert desk.refusal() == ("Settle", "Instrument m is settled")
    desk.state("TERMINATED")
    assert desk.exchange.market_state("m") is t.MarketState.TERMINATED


def test_a_preliminary_settlement_moves_no_money():
    """Preliminary prices are only told; the final one may differ."""
    desk = Desk()
    desk.buy("ann", 100, 40)
    desk.sell("bob", 100, 40)
    desk.do(t.Settle(symbol="m", price=100, preliminary=True))
    assert desk.power("ann") == 99_960
    desk.state("TERMINATED")
    assert desk.refusal()[1] == "Instrument m has open positions; settle it first"
    desk.do(t.Settle(symbol="m", price=0))
    assert desk.power("ann") == 99_960
    assert desk.power("bob") == 100_040


def test_a_busted_trade_is_undone():
    """Money, fees and positions go back; the trade is sent again as BUSTED."""
    desk = Desk(fees=t.FeeSchedule())
    desk.sell("ann", 10_000, 50)
    desk.buy("bob", 10_000, 50)
    (trade,) = desk.exchange.trades()
    desk.do(t.SetTradeState(trade_id=trade.id, state=t.TradeState.CLEARED))
    desk.do(t.SetTradeState(trade_id=trade.id, state=t.TradeState.BUSTED, text="error"))
    assert desk.exchange.trade(trade.id) == desk.events[-1]
    assert (desk.power("ann"), desk.power("bob")) == (100_000, 100_000)
    position = desk.exchange.position("bob", "m")
    assert position is not None
    assert (position.net, position.bought) == (0, 0)
    desk.do(t.SetTradeState(trade_id=trade.id, state=t.TradeState.CLEARED))
    assert desk.refusal()[1] == "Trade is BUSTED"


def test_a_bust_that_cannot_be_paid_is_refused():
    """Busting never leaves an account without the money it owes."""
    desk = Desk(funds=50 * DOLLAR)
    desk.sell("ann", 10_000, 50)
    desk.buy("bob", 10_000, 50)
    (trade,) = desk.exchange.trades()
    desk.sell("bob", 10_000, 90)
    desk.do(t.Deposit(account="cat", amount=50 * DOLLAR))
    desk.buy("cat", 10_000, 90)
    desk.do(t.Withdraw(account="bob", amount=90 * DOLLAR))
    desk.do(t.SetTradeState(trade_id=trade.id, state=t.TradeState.BUSTED))
    assert desk.refusal() == ("SetTradeState", "Busting would leave bob without funds")


@pytest.mark.parametrize(
    "terms",
    [
        {"price_scale": 3},
        {"price_high": 100},
        {"price_low": 0},
        {"tick": 2},
        {"min_quantity": 0},
        {"reference_price": 100},
    ],
)
def test_impossible_terms_are_refused(terms: dict[str, int]):
    """A market whose numbers do not work out is not listed."""
    desk = Desk()
    desk.list("bad", **terms)
    assert desk.refusal()[0] == "AddMarket"
    assert desk.exchange.market("bad") is None


# -- crosses -------------------------------------------------------------------------------------


def cross(desk: Desk, price: int, quantity: int = 100, **more: object) -> None:
    """Cross ann's buy with bob's sell."""
    legs = {
        "buy": t.CrossLeg(participant="ann", account="ann", client_order_id="x"),
        "sell": t.CrossLeg(participant="bob", account="bob"),
    }
    desk.do(t.PlaceCross(symbol="m", price=price, quantity=quantity, cross_id="k", **(legs | more)))


def test_a_cross_trades_its_two_orders_in_full():
    """Both are NEW and filled with each other; the prioritized side is passive."""
    desk = Desk(fees=t.FeeSchedule())
    cross(desk, 50, 10_000)
    assert desk.steps() == ["NEW", "NEW", "FILL", "FILL"]
    (trade,) = desk.exchange.trades()
    assert trade.type is t.TradeType.CROSS
    assert trade.aggressor.order.participant == "ann"
    assert trade.aggressor.order.cross_id == "k"
    assert (trade.aggressor.commission, trade.passive.commission) == (1_74 * 10**6, -31 * 10**6)


@pytest.mark.parametrize("price", [40, 60])
def test_a_cross_respects_resting_orders(price: int):
    """At or beyond the best bid or offer both orders are refused; strictly inside they trade."""
    desk = Desk()
    desk.buy("cat", 100, 40)
    desk.sell("cat", 100, 60)
    cross(desk, price)
    assert desk.steps() == ["REJECTED", "REJECTED"]
    assert desk.refusal()[0] == "PRICE_OUT_OF_BOUNDS"
    cross(desk, price, inside_book=False)
    assert desk.fills() == [(price, 100)]
    cross(desk, 50)
    assert desk.fills() == [(50, 100)]


def test_a_cross_needs_both_sides_funded():
    """One side without funds refuses both."""
    desk = Desk(funds=10 * DOLLAR)
    desk.do(t.Withdraw(account="bob", amount=10 * DOLLAR))
    cross(desk, 50)
    assert desk.steps() == ["REJECTED", "REJECTED"]


def test_refused_requests_about_money_and_names_change_nothing():
    """Every admin command that makes no sense is answered by CommandRefused."""
    desk = Desk()
    before = desk.exchange.balance("ann")
    for command in (
        t.Deposit(account="zed", amount=1),
        t.Deposit(account="ann", amount=0),
        t.Withdraw(account="ann", amount=-1),
        t.Transfer(source="ann", target="ann", amount=1),
        t.OpenAccount(account="ann"),
        t.AddParticipant(participant="p", accounts=("zed",)),
        t.SetMarketState(symbol="x", state=t.MarketState.OPEN),
        t.SetReferencePrice(symbol="m", price=100),
        t.Settle(symbol="m", price=101),
        t.SetTradeState(trade_id="x", state=t.TradeState.CLEARED),
    ):
        desk.do(command)
        assert desk.refusal()[0] == type(command).__name__
    assert desk.exchange.balance("ann") == before
