"""What meets what, at which price, and what both sides pay for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from tests.sandbox.clob.engine.desk import BUY, NO, SELL, YES, Desk, of, only, u

FAK, FOK = t.OrderType.FAK, t.OrderType.FOK


def test_a_buyer_takes_from_a_seller_of_the_same_outcome():
    """Shares and collateral change hands at the maker's price; nothing is minted."""
    desk = Desk()
    desk.place("ann", SELL, "0.40", "50")
    taker = desk.place("bob", BUY, "0.45", "20")
    assert (taker.status, taker.matched, taker.spent) == (t.OrderStatus.MATCHED, u(20), u(8))
    desk.mine_all()
    assert (desk.money("ann"), desk.money("bob")) == ("1008", "992")
    assert (desk.shares("ann"), desk.shares("bob")) == ("80", "120")
    assert desk.x.backing("0xc0") == u(300)
    assert desk.asks() == [("0.4", "30")]


def test_two_buyers_of_opposite_outcomes_mint_sets():
    """YES at 0.60 meets NO at 0.45: sets are minted at the maker's price, the taker keeps the difference."""
    desk = Desk("ann", "bob")
    desk.place("ann", BUY, "0.45", "20", NO)
    assert desk.asks(YES) == [("0.55", "20")]
    taker = desk.place("bob", BUY, "0.60", "20", YES)
    assert taker.spent == u(11)
    desk.mine_all()
    assert (desk.money("ann"), desk.money("bob")) == ("991", "989")
    assert (desk.shares("ann", NO), desk.shares("bob", YES)) == ("120", "120")
    assert desk.x.backing("0xc0") == u(220)


def test_two_sellers_of_opposite_outcomes_merge_sets():
    """YES sold at 0.30 meets NO offered at 0.60: the sets are merged, the taker gets 0.40."""
    desk = Desk("ann", "bob")
    desk.place("ann", SELL, "0.60", "20", NO)
    assert desk.bids(YES) == [("0.4", "20")]
    taker = desk.place("bob", SELL, "0.30", "20", YES)
    assert taker.spent == u(8)
    desk.mine_all()
    assert (desk.money("ann"), desk.money("bob")) == ("1012", "1008")
    assert (desk.shares("ann", NO), desk.shares("bob", YES)) == ("80", "80")
    assert desk.x.backing("0xc0") == u(180)


def test_price_comes_first_then_time_whatever_the_outcome():
    """Sellers of YES and buyers of NO queue in one line at the same price."""
    desk = Desk("ann", "bob", "cat", "dan")
    late = desk.place("ann", SELL, "0.51", "10")
    first = desk.place("ann", BUY, "0.50", "10", NO)
    second = desk.place("bob", SELL, "0.50", "10")
    third = desk.place("cat", BUY, "0.50", "10", NO)
    assert [order.id for order in desk.x.resting(YES, SELL)] == [first.id, second.id, third.id, late.id]
    desk.place("dan", BUY, "0.60", "35")
    (trade,) = desk.x.trades()
    assert [maker.order_id for maker in trade.makers] == [first.id, second.id, third.id, late.id]
    assert [maker.matched for maker in trade.makers] == [u(10), u(10), u(10), u(5)]
    assert [maker.price for maker in trade.makers] == [u("0.5"), u("0.5"), u("0.5"), u("0.51")]


def test_both_outcomes_see_one_book():
    """A bid for YES is an ask for NO at the complement, in any tick."""
    desk = Desk(tick=2_500)
    desk.place("ann", BUY, "0.4025", "10")
    desk.place("ann", SELL, "0.4125", "20")
    assert (desk.bids(YES), desk.asks(YES)) == ([("0.4025", "10")], [("0.4125", "20")])
    assert (desk.bids(NO), desk.asks(NO)) == ([("0.5875", "20")], [("0.5975", "10")])


def test_what_is_left_rests():
    """A limit order that matched in part stays with the remainder at its own price."""
    desk = Desk()
    desk.place("ann", SELL, "0.40", "10")
    order = desk.place("bob", BUY, "0.45", "30")
    assert (order.status, order.matched, order.remaining) == (t.OrderStatus.LIVE, u(10), u(20))
    assert desk.bids() == [("0.45", "20")]
    assert desk.x.holding("bob").active == u(9)


def test_one_trade_per_taker_order_with_all_makers():
    """However many makers are met, there is one trade, priced at the mean."""
    desk = Desk()
    desk.place("ann", SELL, "0.40", "10")
    desk.place("bob", SELL, "0.50", "10")
    desk.place("cat", BUY, "0.60", "20", owner="other-key")
    (trade,) = desk.x.trades()
    assert (trade.size, trade.amount, trade.price) == (u(20), u(9), u("0.45"))
    assert (trade.owner, trade.wallet, trade.side, trade.token_id) == ("other-key", "cat", BUY, YES)
    assert (trade.status, trade.bucket_index, trade.transaction_hash) == (t.TradeStatus.MATCHED, 0, "")


def test_a_long_match_is_settled_in_several_transactions():
    """With two makers per transaction five makers make three trades, numbered from 0."""
    desk = Desk(makers_per_trade=2, fees=t.FeeSchedule(rate=70_000))
    for _ in range(5):
        desk.place("ann", SELL, "0.50", "5")
    taker = desk.place("bob", BUY, "0.50", "25")
    trades = desk.x.trades(order_id=taker.id)
    assert [(trade.bucket_index, trade.size) for trade in trades] == [(0, u(10)), (1, u(10)), (2, u(5))]
    assert {trade.match_time for trade in trades} == {desk.now}
    assert taker.trades == tuple(trade.id for trade in trades)
    assert taker.fee == sum(trade.fee for trade in trades) == u("0.4375")


def test_a_wallet_may_trade_with_itself():
    """There is no self-match prevention; the wallet ends where it began."""
    desk = Desk("ann")
    desk.place("ann", SELL, "0.50", "100")
    desk.place("ann", BUY, "0.50", "100")
    desk.mine_all()
    assert (desk.money("ann"), desk.shares("ann")) == ("1000", "100")


# -- orders that take at once ------------------------------------------------------------------------


def test_a_market_buy_spends_its_amount_and_gets_more_shares_at_better_prices():
    """10 at up to 0.52 buys 20 shares at 0.50, more than the 19.2307 it was signed for."""
    desk = Desk()
    desk.place("ann", SELL, "0.50", "50")
    order = desk.spend("bob", "10", "0.52")
    assert order.taker_amount == u("19.2307")
    assert (order.status, order.spent, order.matched) == (t.OrderStatus.MATCHED, u(10), u(20))


def test_a_ratio_off_by_rounding_still_matches_the_price_it_means():
    """10 / 19.2307 is a hair above 0.52 and takes an ask at exactly 0.52, to the last unit of its amount."""
    desk = Desk()
    desk.place("ann", SELL, "0.52", "50")
    order = desk.spend("bob", "10", "0.52")
    assert (order.spent, order.matched) == (u(10), u("19.230769"))
    assert desk.asks() == [("0.52", "30.769231")]


def test_a_ratio_a_hair_below_a_price_does_not_match_it():
    """Rounded up, the taker amount makes the limit lower than the ask: prices are compared exactly."""
    desk = Desk()
    desk.place("ann", SELL, "0.52", "50")
    maker_amount, taker_amount = u(10), u("19.2308")
    text = "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is"
    rejected = desk.reject(
        "bob", BUY, "0.5", "5", type=FAK, maker_amount=maker_amount, taker_amount=taker_amount
    )
    assert rejected.text.startswith(text)


def test_fak_takes_what_is_there():
    """The rest of a FAK is dropped, its status is that of a match, nothing rests."""
    desk = Desk()
    desk.place("ann", SELL, "0.50", "10")
    order = desk.place("bob", BUY, "0.5", "20", type=FAK)
    assert (order.status, order.matched, order.remaining, order.spent) == (
        t.OrderStatus.MATCHED,
        u(10),
        0,
        u(5),
    )
    assert desk.bids() == []
    assert desk.x.holding("bob").active == 0


def test_fak_without_a_match_is_refused():
    """The venue's own words, and no order."""
    rejected = Desk().reject("bob", BUY, "0.5", "20", type=FAK)
    assert rejected.reason is t.RejectReason.FAK_NO_MATCH
    assert rejected.text == (
        "no orders found to match with FAK order. "
        "FAK orders are partially filled or killed if no match is found."
    )


def test_fok_is_all_or_nothing():
    """One share too few and nothing happens; enough of it over several prices and it is filled."""
    desk = Desk()
    desk.place("ann", BUY, "0.50", "10")
    desk.place("ann", SELL, "0.51", "9", NO)
    rejected = desk.reject("bob", SELL, "0.40", "20", type=FOK)
    assert rejected.text == "order couldn't be fully filled. FOK orders are fully filled or killed."
    order = desk.place("bob", SELL, "0.40", "19", type=FOK)
    assert (order.matched, order.spent) == (u(19), u("9.41"))


def test_a_fok_buy_is_full_when_its_amount_is_spent():
    """5 is on offer at 0.50; a FOK of 5.01 is killed, one of 5 is filled."""
    desk = Desk()
    desk.place("ann", SELL, "0.50", "10")
    rejected = desk.reject("bob", BUY, "0.5", "5", type=FOK, maker_amount=u("5.01"), taker_amount=u("10.02"))
    assert rejected.reason is t.RejectReason.FOK_NOT_FILLED
    assert desk.spend("bob", "5", "0.5", type=FOK).spent == u(5)


def test_post_only_never_takes():
    """Crossing is refused, also through the other outcome; not crossing rests."""
    desk = Desk()
    desk.place("ann", BUY, "0.50", "10", NO)
    rejected = desk.reject("bob", BUY, "0.50", "10", post_only=True)
    assert rejected.text == "invalid post-only order: order crosses book"
    assert desk.place("bob", BUY, "0.49", "10", post_only=True).status is t.OrderStatus.LIVE


# -- fractions of a base unit ------------------------------------------------------------------------


def test_fractions_go_to_the_maker():
    """A third of a share at 0.0007: the buyer rounds up, a seller would round down."""
    desk = Desk(tick=100, minimum_size=0)
    desk.place("ann", SELL, "0.0007", "10")
    order = desk.place("bob", BUY, "0.5", "5", type=FAK, maker_amount=u("0.01"), taker_amount=u("14.2857"))
    assert order.spent == u("0.007")
    desk.place("ann", BUY, "0.3333", "10")
    desk.place("cat", SELL, "0.3333", "0.01")
    desk.place("cat", BUY, "0.5", "5", NO, type=FAK, maker_amount=u("0.01"), taker_amount=u("0.0149"))
    last = desk.x.trades()[-1]
    shares, (made,) = last.size, last.makers
    assert made.side is BUY
    assert made.amount == shares * 333_300 // t.ONE
    assert made.amount + last.amount == shares


@settings(max_examples=200, deadline=None)
@given(
    price=st.integers(1, 9_999).map(lambda n: n * 100),
    cents=st.integers(1, 50_000),
    makers=st.lists(st.tuples(st.booleans(), st.integers(1, 2_500)), min_size=1, max_size=4),
)
def test_a_market_buy_never_spends_more_nor_loses_a_unit(
    price: int, cents: int, makers: list[tuple[bool, int]]
):
    """Whatever the price and whoever is met, payments of both sides add up to the last base unit."""
    desk = Desk("ann", "bob", tick=100, minimum_size=0)
    text = units_text(price)
    for mints, hundredths in makers:
        side, token, at = (BUY, NO, units_text(t.ONE - price)) if mints else (SELL, YES, text)
        desk.place("ann", side, at, units_text(hundredths * 10_000), token)
    money = cents * 10_000
    taken = money * t.ONE // price // 100 * 100
    order = desk.place("bob", BUY, text, "1", type=FAK, maker_amount=money, taker_amount=taken)
    assert order.spent <= money
    assert order.spent == money or order.matched == sum(h for _, h in makers) * 10_000
    assert order.matched * price <= order.spent * t.ONE < (order.matched * price) + len(makers) * t.ONE
    desk.mine_all()


# -- what is told ------------------------------------------------------------------------------------


def test_events_of_a_match_come_in_order():
    """Placement, trade, the taker's update, each maker's update, then one change per level."""
    desk = Desk()
    ask = desk.place("ann", SELL, "0.50", "10")
    events = desk.do(desk.command("bob", BUY, "0.50", "30"))
    assert [type(event).__name__ for event in events] == [
        "OrderEvent",
        "Trade",
        "OrderEvent",
        "OrderEvent",
        "LevelChange",
        "LevelChange",
    ]
    placement, taker, maker = of(events, t.OrderEvent)
    assert (placement.step, placement.order.matched) == (t.OrderStep.PLACEMENT, 0)
    assert (taker.step, taker.order.matched, taker.order.remaining) == (t.OrderStep.UPDATE, u(10), u(20))
    assert (maker.order.id, maker.order.status) == (ask.id, t.OrderStatus.MATCHED)
    assert taker.trade_id == maker.trade_id == only(events, t.Trade).id
    gone, new = of(events, t.LevelChange)
    assert (gone.side, gone.price, gone.size, gone.order_id) == (SELL, u("0.5"), 0, "o2")
    assert (new.side, new.price, new.size, new.order_id) == (BUY, u("0.5"), u(20), "o2")


def test_the_last_update_of_a_finished_taker_says_so():
    """Complete or not, an order that does not rest is MATCHED in its last update."""
    desk = Desk()
    desk.place("ann", SELL, "0.50", "10")
    events = desk.do(desk.command("bob", BUY, "0.50", "30", type=FAK))
    assert [event.order.status for event in of(events, t.OrderEvent)] == ["LIVE", "MATCHED", "MATCHED"]


@pytest.mark.parametrize("token", [YES, NO])
def test_snapshots_do_not_change_afterwards(token: str):
    """An event keeps what it said when the order goes on."""
    desk = Desk()
    events = desk.do(desk.command("ann", BUY, "0.50", "30", token))
    snapshot = of(events, t.OrderEvent)[0].order
    desk.place("bob", SELL, "0.50", "10", token)
    assert (snapshot.matched, snapshot.remaining, snapshot.trades) == (0, u(30), ())
