"""What is refused before the book is looked at, in the venue's own words; expiry, holds, modes."""

from __future__ import annotations

from typing import Any

import pytest

from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.desk import BUY, MARKET, NO, SECOND, SELL, YES, Desk, of, only, u

GTD, FAK, FOK = t.OrderType.GTD, t.OrderType.FAK, t.OrderType.FOK
Reason = t.RejectReason


@pytest.mark.parametrize(
    ("side", "price", "shares", "fields", "reason", "text"),
    [
        (BUY, "0.505", "10", {}, Reason.INVALID_TICK, "Price (0.505) breaks minimum tick size rule: 0.01"),
        (SELL, "1", "10", {}, Reason.INVALID_TICK, "Price (1) breaks minimum tick size rule: 0.01"),
        (
            BUY,
            "0.001",
            "10",
            {"type": FAK},
            Reason.INVALID_TICK,
            "Price (0.001) breaks minimum tick size rule",
        ),
        (BUY, "0.50", "4.99", {}, Reason.INVALID_SIZE, "Size (4.99) lower than the minimum: 5"),
        (SELL, "0.50", "1", {"type": FAK}, Reason.INVALID_SIZE, "Size (1) lower than the minimum: 5"),
        (
            BUY,
            "0.50",
            "10.001",
            {},
            Reason.INVALID_AMOUNTS,
            "invalid amounts, the buy orders maker amount supports ",
        ),
        (
            SELL,
            "0.50",
            "10.001",
            {},
            Reason.INVALID_AMOUNTS,
            "invalid amounts, the sell orders maker amount supports ",
        ),
        (
            BUY,
            "0.50",
            "10.01",
            {"type": FAK},
            Reason.INVALID_AMOUNTS,
            "invalid amounts, the market buy orders maker",
        ),
        (BUY, "0.50", "10", {"maker_amount": 0}, Reason.INVALID_AMOUNTS, "must be higher than 0"),
        (BUY, "0.50", "10", {"expiration": 1_700_009_999}, Reason.INVALID_EXPIRATION, "invalid expiration"),
        (BUY, "0.50", "10", {"type": GTD}, Reason.INVALID_EXPIRATION, "invalid expiration"),
        (
            BUY,
            "0.50",
            "10",
            {"type": GTD, "expiration": 1_700_000_180},
            Reason.INVALID_EXPIRATION,
            "invalid expiration",
        ),
        (
            BUY,
            "0.50",
            "10",
            {"type": FOK, "post_only": True},
            Reason.INVALID_TYPE,
            "invalid post-only order: only GTC and GTD order types are allowed",
        ),
        (BUY, "0.50", "10", {"token_id": "7"}, Reason.UNKNOWN_TOKEN, "the orderbook 7 does not exist"),
    ],
)
def test_refusals(
    side: t.Side, price: str, shares: str, fields: dict[str, Any], reason: t.RejectReason, text: str
):
    """Each broken rule has its reason and text."""
    rejected = Desk().reject("ann", side, price, shares, **fields)
    assert rejected.reason is reason
    assert text in rejected.text


def test_refusals_name_the_order():
    """Tick, size and duplicate name the id, in full sentences."""
    desk = Desk()
    assert desk.reject("ann", BUY, "0.505", "10", order_id="0xab").text == (
        "order 0xab is invalid. Price (0.505) breaks minimum tick size rule: 0.01"
    )
    assert desk.reject("ann", BUY, "0.5", "3", order_id="0xab").text == (
        "order 0xab is invalid. Size (3) lower than the minimum: 5"
    )
    off = desk.reject("ann", BUY, "0.5", "10", order_id="0xab", maker_amount=u(10), taker_amount=u("19.2307"))
    assert off.text.startswith("order 0xab is invalid. Price (0.520001872006) breaks minimum tick size rule")
    desk.place("ann", BUY, "0.5", "10", order_id="0xab")
    desk.cancel("ann", "0xab")
    assert desk.reject("bob", BUY, "0.5", "10", order_id="0xab").text == "order 0xab is invalid. Duplicated."


@pytest.mark.parametrize(
    ("tick", "maker", "taker", "words"),
    [
        (
            10_000,
            "1.001",
            "2.002",
            "maker amount supports a max accuracy of 2 decimals, taker amount a max of 4",
        ),
        (
            10_000,
            "1",
            "1.92307",
            "maker amount supports a max accuracy of 2 decimals, taker amount a max of 4",
        ),
        (
            1_000,
            "1",
            "1.919385",
            "maker amount supports a max accuracy of 2 decimals, taker amount a max of 5",
        ),
    ],
)
def test_market_buys_are_written_with_few_decimals(tick: int, maker: str, taker: str, words: str):
    """The texts name the decimals of the tick."""
    rejected = Desk(tick=tick, minimum_size=0).reject(
        "ann", BUY, "0.5", "5", type=FAK, maker_amount=u(maker), taker_amount=u(taker)
    )
    assert rejected.text == f"invalid amounts, the market buy orders {words} decimals"


@pytest.mark.parametrize("tick", [100_000, 10_000, 5_000, 2_500, 1_000, 100])
def test_the_ends_of_the_grid_are_valid(tick: int):
    """One tick and one less one tick are prices, half a tick beside them is not."""
    desk = Desk(tick=tick)
    for price in (tick, t.ONE - tick):
        desk.place("ann", BUY, "0.5", "10", maker_amount=10 * price, taker_amount=u(10), post_only=False)
        desk.reject("bob", BUY, "0.5", "10", maker_amount=10 * price + 5 * tick, taker_amount=u(10))


def test_a_cut_may_move_the_ratio_off_the_grid_altogether():
    """One cent at 0.9901 buys 0.0101 shares, cut to a hundredth the ratio is 1: still that price."""
    desk = Desk(tick=100, minimum_size=0)
    desk.place("ann", SELL, "0.9901", "10")
    order = desk.place("bob", BUY, "0.5", "5", type=FAK, maker_amount=u("0.01"), taker_amount=u("0.01"))
    assert (order.spent, order.matched) == (u("0.01"), u("0.010099"))
    desk.reject("bob", BUY, "0.5", "5", type=FAK, maker_amount=u("10"), taker_amount=u("10"))


def test_a_minimum_amount_for_buys_that_match():
    """Spending under the minimum is refused if it would match, and rests otherwise."""
    desk = Desk(minimum_spend=u(1))
    desk.place("ann", SELL, "0.11", "10")
    rejected = desk.reject("bob", BUY, "0.11", "9")
    assert rejected.text == "invalid amount for a marketable BUY order ($0.99), min size: $1"
    assert desk.place("bob", BUY, "0.10", "9").status is t.OrderStatus.LIVE


# -- expiry --------------------------------------------------------------------------------------------


def test_gtd_ends_a_minute_early():
    """An order that expires in 180 s works for 120 s."""
    desk = Desk()
    order = desk.place("ann", BUY, "0.5", "10", type=GTD, expiration=desk.now // SECOND + 181)
    assert desk.x.next_due() == (order.expiration - 60) * SECOND
    desk.do(t.Advance(), later=(order.expiration - 60) * SECOND - 1 - desk.now)
    assert order.status is t.OrderStatus.LIVE
    event = only(desk.do(t.Advance()), t.OrderEvent)
    assert (event.step, event.order.status) == (
        t.OrderStep.CANCELLATION,
        t.OrderStatus.CANCELED_EXPIRED_ORDER,
    )
    assert desk.bids() == []


def test_what_is_due_comes_before_a_command_at_its_own_time():
    """An order that expired meanwhile no longer matches; the event carries the time it was due."""
    desk = Desk()
    order = desk.place("ann", BUY, "0.5", "10", type=GTD, expiration=desk.now // SECOND + 181)
    events = desk.do(desk.command("bob", SELL, "0.5", "10"), later=500 * SECOND)
    expired, placed = of(events, t.OrderEvent)
    assert (expired.order.id, expired.time) == (order.id, (order.expiration - 60) * SECOND)
    assert (placed.step, placed.time) == (t.OrderStep.PLACEMENT, desk.now)
    assert desk.x.trades() == []


# -- the hold of marketable orders -----------------------------------------------------------------------


def test_a_marketable_order_is_held_then_matched():
    """DELAYED first, out of the book and not to be canceled; then it trades."""
    desk = Desk(taker_delay=250_000_000)
    desk.place("ann", SELL, "0.50", "10")
    held = desk.place("bob", BUY, "0.50", "10")
    assert held.status is t.OrderStatus.DELAYED
    assert desk.bids() == []
    assert desk.cancel("bob", held.id).not_canceled == {
        held.id: "order match delayed due to market conditions"
    }
    assert desk.x.holding("bob").active == u(5)
    events = desk.do(t.Advance(), later=250_000_000)
    assert only(events, t.Trade).size == u(10)
    assert held.status is t.OrderStatus.MATCHED


def test_a_held_order_that_finds_nothing_rests():
    """UNMATCHED: the maker was gone when the hold was over; the order can then match and be canceled."""
    desk = Desk(taker_delay=250_000_000)
    ask = desk.place("ann", SELL, "0.50", "10")
    held = desk.place("bob", BUY, "0.50", "10")
    desk.cancel("ann", ask.id)
    events = desk.do(t.Advance(), later=SECOND)
    assert [e.order.status for e in of(events, t.OrderEvent)] == ["UNMATCHED"]
    assert desk.bids() == [("0.5", "10")]
    assert desk.cancel("bob", held.id).canceled == (held.id,)


def test_a_held_order_that_no_longer_fills_is_not_carried_out():
    """FOK and FAK end INVALID with the text they would have been refused with."""
    desk = Desk(taker_delay=250_000_000)
    ask = desk.place("ann", SELL, "0.50", "10")
    fok = desk.place("bob", BUY, "0.50", "20", type=FOK)
    fak = desk.place("bob", BUY, "0.50", "10", type=FAK)
    desk.cancel("ann", ask.id)
    desk.do(t.Advance(), later=SECOND)
    assert (fok.status, fak.status) == (t.OrderStatus.INVALID, t.OrderStatus.INVALID)
    assert fok.text == "order couldn't be fully filled. FOK orders are fully filled or killed."
    assert fak.text.startswith("no orders found to match with FAK order.")
    assert desk.x.holding("bob").active == 0


def test_a_held_order_loses_its_cover():
    """Money that went away during the hold cancels the order at once."""
    desk = Desk("ann", "bob", taker_delay=250_000_000)
    desk.place("ann", SELL, "0.50", "10")
    held = desk.place("bob", BUY, "0.50", "10")
    desk.do(t.Withdraw(wallet="bob", amount=u(996)))
    assert held.status is t.OrderStatus.CANCELED_NOT_ENOUGH_BALANCE


def test_a_hold_that_ends_in_a_paused_market():
    """Nothing matches while a market is not open: the order timed out."""
    desk = Desk(taker_delay=250_000_000)
    desk.place("ann", SELL, "0.50", "10")
    held = desk.place("bob", BUY, "0.50", "10")
    desk.do(t.SetMarketStatus(condition_id=MARKET, status=t.MarketStatus.PAUSED))
    desk.do(t.Advance(), later=SECOND)
    assert held.status is t.OrderStatus.CANCELED_ORDER_TIMED_OUT


def test_orders_that_do_not_match_are_not_held():
    """Only marketable orders wait; post-only ones never do."""
    desk = Desk(taker_delay=250_000_000)
    assert desk.place("ann", SELL, "0.50", "10").status is t.OrderStatus.LIVE
    assert desk.place("bob", BUY, "0.49", "10", post_only=True).status is t.OrderStatus.LIVE


# -- markets and modes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("PENDING", "the market is not yet ready to process new orders"),
        ("PAUSED", "the market is not yet ready to process new orders"),
        ("CLOSED", f"the orderbook {YES} does not exist"),
    ],
)
def test_markets_that_are_not_open_take_cancels_only(status: str, text: str):
    """Orders stay and can be canceled, new ones are refused; reopened, the old ones match."""
    desk = Desk()
    first, second = desk.place("ann", SELL, "0.50", "10"), desk.place("ann", SELL, "0.50", "10")
    desk.do(t.SetMarketStatus(condition_id=MARKET, status=t.MarketStatus(status)))
    assert desk.reject("bob", BUY, "0.50", "10").text == text
    assert desk.cancel("ann", first.id).canceled == (first.id,)
    desk.do(t.SetMarketStatus(condition_id=MARKET, status=t.MarketStatus.OPEN))
    desk.place("bob", BUY, "0.50", "10")
    assert second.status is t.OrderStatus.MATCHED


@pytest.mark.parametrize(
    ("mode", "reason", "text", "cancels"),
    [
        (
            "DISABLED",
            Reason.TRADING_DISABLED,
            "Trading is currently disabled. Check polymarket.com for updates",
            False,
        ),
        (
            "CANCEL_ONLY",
            Reason.CANCEL_ONLY,
            "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.",
            True,
        ),
        (
            "POST_ONLY",
            Reason.POST_ONLY_MODE,
            "post-only mode: only post-only orders and cancels are allowed",
            True,
        ),
    ],
)
def test_trading_modes(mode: str, reason: t.RejectReason, text: str, cancels: bool):
    """Each mode refuses what it does not take, in its own words."""
    desk = Desk()
    order = desk.place("ann", BUY, "0.50", "10")
    changed = only(desk.do(t.SetTradingMode(mode=t.TradingMode(mode))), t.ModeChange)
    assert (changed.mode, changed.previous, desk.x.trading_mode) == (mode, "NORMAL", mode)
    rejected = desk.reject("ann", BUY, "0.50", "10")
    assert (rejected.reason, rejected.text) == (reason, text)
    result = desk.cancel("ann", order.id)
    assert result.canceled == ((order.id,) if cancels else ())
    assert result.not_canceled == ({} if cancels else {order.id: text})
    if mode == "POST_ONLY":
        desk.place("ann", BUY, "0.50", "10", post_only=True)


def test_a_new_tick_leaves_what_rests():
    """Orders off the new grid stay and match; new ones must be on it."""
    desk = Desk()
    desk.place("ann", SELL, "0.55", "10")
    event = only(desk.do(t.SetTick(condition_id=MARKET, tick=100_000)), t.TickChange)
    assert (event.old, event.new) == (10_000, 100_000)
    assert desk.reject("bob", BUY, "0.55", "10").reason is Reason.INVALID_TICK
    assert desk.place("bob", BUY, "0.6", "10").spent == u("5.5")


def test_clearing_the_book_cancels_everybody():
    """All open orders of the market end with the status asked for, held ones too."""
    desk = Desk(taker_delay=SECOND)
    resting = desk.place("ann", SELL, "0.50", "10")
    held = desk.place("bob", BUY, "0.50", "10", NO, token_id=YES)
    desk.do(t.ClearBook(condition_id=MARKET, status=t.OrderStatus.CANCELED_MARKET_NOT_FOUND))
    assert {resting.status, held.status} == {t.OrderStatus.CANCELED_MARKET_NOT_FOUND}
    refused = only(desk.do(t.ClearBook(condition_id=MARKET, status=t.OrderStatus.MATCHED)), t.CommandRefused)
    assert refused.command == "ClearBook"


def test_resolution_cancels_and_closes():
    """Orders end with the resolution as reason; the market takes nothing more."""
    desk = Desk()
    order = desk.place("ann", BUY, "0.50", "10")
    events = desk.do(t.Resolve(condition_id=MARKET, payouts=(t.ONE, 0)))
    assert order.status is t.OrderStatus.CANCELED_MARKET_RESOLVED
    assert only(events, t.MarketResolved).payouts == (t.ONE, 0)
    assert only(events, t.MarketChange).status is t.MarketStatus.RESOLVED
    assert desk.x.payouts(MARKET) == (t.ONE, 0)
    assert desk.reject("ann", BUY, "0.5", "10").text == f"the orderbook {YES} does not exist"


@pytest.mark.parametrize(
    "command",
    [
        t.AddMarket(market=t.MarketTerms(condition_id=MARKET, token_ids=("8", "9"))),
        t.AddMarket(market=t.MarketTerms(condition_id="new", token_ids=("8", "8"))),
        t.AddMarket(market=t.MarketTerms(condition_id="new", token_ids=("8", YES))),
        t.AddMarket(market=t.MarketTerms(condition_id="new", token_ids=("8", "9"), tick=3)),
        t.AddMarket(market=t.MarketTerms(condition_id="new", token_ids=("8", "9"), minimum_size=-1)),
        t.AddMarket(market=t.MarketTerms(condition_id="new", token_ids=("8", "9"), spenders=("a", "a"))),
        t.AddMarket(
            market=t.MarketTerms(condition_id="new", token_ids=("8", "9"), fees=t.FeeSchedule(rate=t.ONE))
        ),
        t.AddMarket(
            market=t.MarketTerms(condition_id="new", token_ids=("8", "9")), status=t.MarketStatus.RESOLVED
        ),
        t.SetMarketStatus(condition_id="new", status=t.MarketStatus.OPEN),
        t.SetMarketStatus(condition_id=MARKET, status=t.MarketStatus.RESOLVED),
        t.SetTick(condition_id=MARKET, tick=20_000),
        t.ChangeMarket(condition_id=MARKET, taker_delay=-1),
        t.Resolve(condition_id=MARKET, payouts=(t.ONE, 1)),
        t.Resolve(condition_id=MARKET, payouts=(t.ONE + 1, -1)),
        t.SetBuilder(code="0xb", maker_bps=51),
        t.SetBuilder(code="0xb", taker_bps=101),
    ],
)
def test_commands_that_make_no_sense_change_nothing(command: t.Command):
    """They are answered by one event that says why."""
    desk = Desk()
    (refused,) = desk.do(command)
    assert isinstance(refused, t.CommandRefused)
    assert refused.command == type(command).__name__
    assert refused.text
    assert [terms.condition_id for terms in desk.x.markets()] == [MARKET]
    assert desk.x.market_status(MARKET) is t.MarketStatus.OPEN
    assert desk.x.builders() == []
