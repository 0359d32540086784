"""Fees, and what becomes of a trade after the match: pending, mined, retried, failed."""

from __future__ import annotations

import pytest

from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.desk import BUY, MARKET, NO, SELL, YES, Desk, of, only, u

MINED, FAILED, RETRYING = t.TradeStatus.MINED, t.TradeStatus.FAILED, t.TradeStatus.RETRYING
CONFIRMED, MATCHED = t.TradeStatus.CONFIRMED, t.TradeStatus.MATCHED


def one_trade(**terms: object) -> tuple[Desk, t.Trade]:
    """Let bob buy 20 YES of ann at 0.40."""
    desk = Desk("ann", "bob", **terms)
    desk.place("ann", SELL, "0.40", "20")
    desk.place("bob", BUY, "0.40", "20")
    return desk, desk.x.trades()[0]


def test_nothing_moves_at_the_match():
    """What was paid is spoken for, what was received is incoming and cannot be used."""
    desk, _ = one_trade()
    bob, ann = desk.x.holding("bob"), desk.x.holding("ann")
    assert (bob.balance, bob.matched, bob.available) == (u(1000), u(8), u(992))
    assert (ann.balance, ann.incoming, ann.available) == (u(1000), u(8), u(1000))
    bought = desk.x.holding("bob", YES)
    assert (bought.balance, bought.incoming) == (u(100), u(20))
    rejected = desk.reject("bob", SELL, "0.9", "101")
    assert rejected.text == (
        "not enough balance / allowance: the balance is not enough -> "
        "balance: 100000000, order amount: 101000000"
    )
    refused = only(desk.do(t.Withdraw(wallet="ann", amount=u(1001))), t.CommandRefused)
    assert "1000000000 available" in refused.text


def test_mining_moves_everything():
    """Balances change, what was received can be sold, and the transaction has a hash."""
    desk, trade = one_trade()
    (mined,) = of(desk.settle(trade.id, MINED), t.Trade)
    assert mined.status is MINED
    assert len(mined.transaction_hash) == 66
    assert (desk.money("ann"), desk.money("bob"), desk.shares("bob")) == ("1008", "992", "120")
    assert desk.place("bob", SELL, "0.9", "120").status is t.OrderStatus.LIVE
    (confirmed,) = of(desk.settle(trade.id, CONFIRMED), t.Trade)
    assert (confirmed.status, confirmed.transaction_hash) == (CONFIRMED, mined.transaction_hash)
    assert desk.x.trade(trade.id) == confirmed


@pytest.mark.parametrize(("makers_side", "token"), [(SELL, YES), (BUY, NO)])
def test_a_failed_trade_leaves_no_trace_on_balances(makers_side: t.Side, token: str):
    """Everything anybody owns is as before the match, to the last unit; orders keep what they matched."""
    desk = Desk("ann", "bob", fees=t.FeeSchedule(rate=70_000))
    desk.do(t.SetBuilder(code="0xb1", maker_bps=50, taker_bps=100))
    before = {wallet: desk.x.holdings(wallet) for wallet in ("ann", "bob")}
    maker = desk.place("ann", makers_side, "0.50", "33.33", token, builder="0xb1")
    taker = desk.place("bob", BUY, "0.50", "33.33", builder="0xb1")
    (trade,) = desk.x.trades()
    events = desk.settle(trade.id, RETRYING, FAILED)
    assert only(events, t.Trade).status is FAILED
    assert {wallet: desk.x.holdings(wallet) for wallet in ("ann", "bob")} == before
    assert (desk.x.fees_collected, desk.x.builder_fees()) == (0, {})
    assert (maker.matched, taker.matched, maker.status) == (u("33.33"), u("33.33"), t.OrderStatus.MATCHED)
    assert of(events, t.LedgerEntry) == []


def test_the_reason_of_a_failure_is_kept():
    """A text given with a status stays on the trade."""
    desk, trade = one_trade()
    desk.do(t.SetTradeStatus(trade_id=trade.id, status=FAILED, text="reverted"))
    failed = desk.x.trade(trade.id)
    assert failed is not None
    assert failed.text == "reverted"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ((), CONFIRMED),
        ((), MATCHED),
        ((MINED,), FAILED),
        ((MINED,), RETRYING),
        ((MINED, CONFIRMED), FAILED),
        ((FAILED,), MINED),
        ((RETRYING,), CONFIRMED),
    ],
)
def test_settlement_goes_one_way(path: tuple[t.TradeStatus, ...], wrong: t.TradeStatus):
    """A step that does not follow is refused and changes nothing."""
    desk, trade = one_trade()
    desk.settle(trade.id, *path)
    before = desk.x.trade(trade.id)
    (refused,) = desk.settle(trade.id, wrong)
    assert isinstance(refused, t.CommandRefused)
    assert desk.x.trade(trade.id) == before


def test_a_trade_settles_after_its_market_was_resolved():
    """Pending shares are not redeemed; mined later, they can be."""
    desk, trade = one_trade()
    desk.do(t.Resolve(condition_id=MARKET, payouts=(t.ONE, 0)))
    desk.do(t.Redeem(wallet="ann", condition_id=MARKET))
    assert desk.money("ann") == "1080"
    desk.settle(trade.id, MINED)
    desk.do(t.Redeem(wallet="bob", condition_id=MARKET))
    assert (desk.money("ann"), desk.money("bob")) == ("1088", "1112")


def test_unknown_trades_are_refused():
    """There is nothing to move."""
    (refused,) = Desk().settle("nothing", MINED)
    assert isinstance(refused, t.CommandRefused)


# -- platform fees -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "exponent", "price", "shares", "fee"),
    [
        (70_000, 1, "0.50", "100", "1.75"),
        (40_000, 1, "0.30", "100", "0.84"),
        (50_000, 2, "0.50", "10", "0.03125"),
        (70_000, 0, "0.10", "10", "0.7"),
        (70_000, 1, "0.01", "5", "0.00347"),
        (1, 1, "0.01", "5", "0.00001"),
        (0, 1, "0.50", "100", "0"),
    ],
)
def test_the_taker_pays_the_fee_of_the_formula(rate: int, exponent: int, price: str, shares: str, fee: str):
    """Shares x rate x (p(1-p))^e, 5 decimals, never 0 unless the rate is; makers pay nothing."""
    desk = Desk("ann", "bob", fees=t.FeeSchedule(rate=rate, exponent=exponent))
    desk.place("ann", SELL, price, shares)
    taker = desk.place("bob", BUY, price, shares)
    (trade,) = desk.x.trades()
    assert (taker.fee, trade.fee, trade.fee_rate) == (u(fee), u(fee), rate)
    desk.mine_all()
    paid = u(price) * u(shares) // t.ONE
    assert desk.x.holding("bob").balance == u(1000) - paid - u(fee)
    assert desk.x.holding("ann").balance == u(1000) + paid
    assert desk.x.fees_collected == u(fee)


def test_a_seller_pays_the_fee_from_the_proceeds():
    """The fee is taken off what comes in."""
    desk = Desk("ann", "bob", fees=t.FeeSchedule(rate=70_000))
    desk.place("ann", BUY, "0.50", "100")
    desk.place("bob", SELL, "0.50", "100")
    desk.mine_all()
    assert desk.money("bob") == "1048.25"


def test_a_fee_is_never_more_than_the_proceeds():
    """A hundredth of a share at 0.0001 brings one base unit, which the least fee takes."""
    desk = Desk("ann", "bob", tick=100, minimum_size=0, fees=t.FeeSchedule(rate=70_000))
    desk.place("ann", BUY, "0.0001", "100")
    desk.place("bob", SELL, "0.0001", "0.01")
    assert desk.x.trades()[0].fee == 1
    desk.mine_all()
    assert desk.money("bob") == "1000"


def test_fees_are_those_at_the_time_of_the_match():
    """A resting order is charged nothing, a taker by the schedule of that moment."""
    desk = Desk("ann", "bob")
    desk.place("ann", SELL, "0.50", "20")
    desk.do(t.ChangeMarket(condition_id=MARKET, fees=t.FeeSchedule(rate=40_000)))
    assert desk.place("bob", BUY, "0.50", "10").fee == u("0.1")
    desk.do(t.ChangeMarket(condition_id=MARKET, fees=t.FeeSchedule()))
    assert desk.place("bob", BUY, "0.50", "10").fee == 0


def test_a_buyer_must_cover_the_fee():
    """The order alone would be covered; with its fee it is not."""
    desk = Desk("ann", fees=t.FeeSchedule(rate=70_000))
    desk.fund("poor", "50")
    desk.place("ann", SELL, "0.50", "100")
    rejected = desk.reject("poor", BUY, "0.50", "100")
    assert rejected.text == (
        "not enough balance / allowance: the balance is not enough -> "
        "balance: 50000000, order amount: 51750000"
    )
    desk.do(t.Deposit(wallet="poor", amount=u("1.75")))
    desk.place("poor", BUY, "0.50", "100")
    desk.mine_all()
    assert desk.money("poor") == "0"


# -- builder fees ----------------------------------------------------------------------------------------


def test_builders_are_paid_by_both_sides():
    """Basis points of the notional, maker and taker by their own codes' fees."""
    desk = Desk("ann", "bob")
    desk.do(t.SetBuilder(code="0xb1", maker_bps=50, taker_bps=100))
    desk.do(t.SetBuilder(code="0xb2", taker_bps=20))
    desk.place("ann", BUY, "0.50", "100", builder="0xb1")
    assert desk.x.holding("ann").active == u("50.25")
    taker = desk.place("bob", SELL, "0.50", "100", builder="0xb2")
    (trade,) = desk.x.trades()
    assert (taker.builder_fee, trade.builder_fee, trade.makers[0].builder_fee) == (
        u("0.1"),
        u("0.1"),
        u("0.25"),
    )
    desk.mine_all()
    assert desk.x.builder_fees() == {"0xb1": u("0.25"), "0xb2": u("0.1")}
    assert (desk.money("ann"), desk.money("bob")) == ("949.75", "1049.9")
    assert desk.x.trades(builder="0xb1") == desk.x.trades(builder="0xb2") == desk.x.trades()


def test_builder_fees_are_those_of_order_entry():
    """A change reaches later orders only, so that what rests stays covered."""
    desk = Desk("ann", "bob")
    desk.do(t.SetBuilder(code="0xb1", maker_bps=10))
    desk.place("ann", BUY, "0.50", "100", builder="0xb1")
    desk.do(t.SetBuilder(code="0xb1", maker_bps=50))
    desk.place("bob", SELL, "0.50", "100")
    assert desk.x.trades()[0].makers[0].builder_fee == u("0.05")


def test_codes_without_fees():
    """Zeros are no code, an unknown code costs nothing, a disabled one makes the order fail."""
    desk = Desk("ann", "bob")
    assert desk.place("ann", BUY, "0.5", "10", builder="0x" + "0" * 64).builder == ""
    assert desk.place("ann", BUY, "0.5", "10", builder="0xff").builder == "0xff"
    desk.do(t.SetBuilder(code="0xb1", enabled=False))
    assert desk.reject("ann", BUY, "0.5", "10", builder="0xb1").reason is t.RejectReason.INVALID_BUILDER
