"""Queries: books from both sides, orders and trades by many filters, prices, statistics."""

from __future__ import annotations

import pytest

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine import units
from tests.sandbox.clob.engine.desk import BUY, MARKET, NO, SELL, START, YES, Desk, u


@pytest.fixture
def desk() -> Desk:
    """Return a desk after two trades by three wallets, with orders left on both sides."""
    desk = Desk()
    desk.place("ann", SELL, "0.50", "10")
    desk.place("bob", BUY, "0.50", "10")
    desk.place("cat", BUY, "0.40", "20", NO)
    desk.place("bob", BUY, "0.60", "15")
    desk.place("ann", BUY, "0.30", "10")
    return desk


def test_orders_by_filter(desk: Desk):
    """Filters combine; the oldest come first."""
    x = desk.x
    assert [order.id for order in x.orders()] == ["o1", "o2", "o3", "o4", "o5"]
    assert [order.id for order in x.orders(open_only=True)] == ["o3", "o5"]
    assert [order.id for order in x.orders(owner="key-ann")] == ["o1", "o5"]
    assert [order.id for order in x.orders(owner="key-ann", open_only=True)] == ["o5"]
    assert [order.id for order in x.orders(wallet="bob", token_id=YES)] == ["o2", "o4"]
    assert [order.id for order in x.orders(condition_id=MARKET, open_only=True, token_id=NO)] == ["o3"]
    assert x.orders(owner="nobody") == x.orders(wallet="nobody") == x.orders(condition_id="0xff") == []
    assert x.orders(condition_id="0xff", open_only=True) == []
    assert x.order("o9") is None


def test_trades_by_filter(desk: Desk):
    """Takers and makers both find their trades."""
    x = desk.x
    first, second = x.trades()
    assert x.trades(owner="key-cat") == x.trades(wallet="cat") == x.trades(token_id=NO) == [second]
    assert x.trades(wallet="ann") == x.trades(order_id="o1") == [first]
    assert x.trades(owner="key-bob", token_id=YES, condition_id=MARKET) == [first, second]
    assert x.trades(owner="key-bob", token_id=NO) == []
    assert x.trades(before_ns=second.match_time) == [first]
    assert x.trades(after_ns=first.match_time) == x.trades(after_sequence=first.sequence) == [second]
    desk.settle(first.id, t.TradeStatus.MINED)
    assert x.trades(status=t.TradeStatus.MATCHED) == [second]
    assert x.trade(first.id) == x.trades(condition_id=MARKET)[0]
    assert x.trades(order_id="o5") == x.trades(order_id="o9") == x.trades(condition_id="0xff") == []
    assert x.trades(owner="nobody") == x.trades(wallet="nobody") == x.trades(builder="0xb") == []
    assert x.trade("nothing") is None


def test_last_trade_in_both_outcomes(desk: Desk):
    """Buying YES at 0.60 is, for holders of NO, a sale at 0.40."""
    assert desk.x.last_trade(YES) == (u("0.6"), BUY)
    assert desk.x.last_trade(NO) == (u("0.4"), SELL)
    assert desk.x.last_trade("7") is None
    assert Desk().x.last_trade(YES) is None


def test_best_prices(desk: Desk):
    """The best levels of either outcome, None where nothing is."""
    bid, ask = desk.x.best_bid(YES), desk.x.best_ask(YES)
    assert bid == t.BookLevel(u("0.3"), u(10), 1)
    assert ask == t.BookLevel(u("0.6"), u(5), 1)
    assert desk.x.best_bid(NO) == t.BookLevel(u("0.4"), u(5), 1)
    assert desk.x.best_ask(NO) == t.BookLevel(u("0.7"), u(10), 1)
    assert desk.x.best_bid("7") is None
    assert Desk().x.best_ask(YES) is None


def test_book_depth(desk: Desk):
    """The best levels come first and depth cuts the others."""
    for price in ("0.29", "0.28", "0.27"):
        desk.place("ann", BUY, price, "10")
    book = desk.x.book(YES, 2)
    assert book is not None
    assert [level.price for level in book.bids] == [u("0.3"), u("0.29")]
    assert (book.time, book.tick, book.last_price, book.neg_risk) == (desk.now, 10_000, u("0.6"), False)
    empty = desk.x.book(NO, 0)
    assert empty is not None
    assert (empty.bids, empty.asks, empty.last_price) == ([], [], u("0.4"))
    assert desk.x.book("7") is None
    assert desk.x.resting("7", BUY) == []


def test_price_points(desk: Desk):
    """Every fill is a point, in prices of the outcome asked for."""
    first, second = desk.x.trades()
    assert desk.x.price_points(YES) == [
        t.PricePoint(first.match_time, u("0.5"), u(10)),
        t.PricePoint(second.match_time, u("0.6"), u(15)),
    ]
    assert [point.price for point in desk.x.price_points(NO, second.match_time)] == [u("0.4")]
    assert desk.x.price_points(YES, START, second.match_time) == desk.x.price_points(YES)[:1]
    assert desk.x.price_points("7") == []


def test_statistics(desk: Desk):
    """Counts and sums since the market was listed."""
    statistics = desk.x.statistics(MARKET)
    assert statistics is not None
    assert (statistics.trades, statistics.volume, statistics.notional) == (2, u(25), u(14))
    assert (statistics.last_size, statistics.last_trade_id) == (u(15), desk.x.trades()[1].id)
    assert desk.x.statistics("0xff") is None


def test_markets():
    """Terms are found by condition and by token."""
    desk = Desk(neg_risk=True, outcomes=("Up", "Down"))
    terms = desk.x.market(MARKET)
    assert desk.x.markets() == [terms] == [desk.x.market_of(NO)]
    assert terms is not None
    assert (terms.outcomes, terms.neg_risk) == (("Up", "Down"), True)
    assert desk.x.market("0xff") is desk.x.market_of("7") is desk.x.market_status("0xff") is None
    assert desk.x.payouts("0xff") is desk.x.payouts(MARKET) is desk.x.builder("0xb") is None
    assert desk.x.backing("0xff") == 0


def test_unknown_wallets_hold_nothing():
    """Questions about strangers are answered with zeros."""
    x = Desk().x
    assert x.holding("zoe") == t.Holding(
        wallet="zoe", asset="", balance=0, active=0, matched=0, incoming=0, available=0
    )
    assert (x.holdings("zoe"), x.allowance("zoe", "exchange"), x.approved("zoe", "exchange")) == (
        [],
        0,
        False,
    )
    assert x.ledger_entries("zoe") == []
    assert x.deposited == u(3300)


def test_ledger_entries_continue():
    """Entries beyond a sequence number are those that are new."""
    desk = Desk("ann")
    seen = desk.x.ledger_entries("ann")[-1].sequence
    desk.do(t.Deposit(wallet="ann", amount=5))
    (entry,) = desk.x.ledger_entries("ann", after=seen)
    assert (entry.change, entry.kind, entry.asset) == (5, t.EntryKind.DEPOSIT, "")


def test_what_became_of_an_order_that_was_not_asked_for():
    """There is no answer in events about something else."""
    desk = Desk()
    assert desk.x.placed(desk.do(t.Advance()), "o1") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("1", t.ONE), ("0.65", 650_000), ("-1.000001", -1_000_001), ("2.50", 2_500_000)],
)
def test_units_and_texts(text: str, value: int):
    """Decimals and millionths are the same thing."""
    assert units.to_units(text) == value
    assert units.to_units(units.units_text(value)) == value


@pytest.mark.parametrize("text", ["", "1.0000001", "1e3", "x", "1.-5", "\u0661"])
def test_texts_that_are_no_amounts(text: str):
    """Anything but a plain decimal of at most six places is refused."""
    with pytest.raises(ValueError, match="not a decimal"):
        units.to_units(text)
