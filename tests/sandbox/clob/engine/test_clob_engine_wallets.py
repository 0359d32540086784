"""What wallets own, what covers their orders, and what happens when the cover goes away."""

from __future__ import annotations

import pytest

from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.desk import BUY, MARKET, NO, SELL, YES, Desk, of, only, u

NOT_ENOUGH = "not enough balance / allowance: the "


def test_sets_are_split_and_merged():
    """One unit of collateral is one share of each outcome, both ways."""
    desk = Desk("ann")
    desk.do(t.Split(wallet="ann", condition_id=MARKET, amount=u(50)))
    assert (desk.money("ann"), desk.shares("ann", YES), desk.shares("ann", NO)) == ("950", "150", "150")
    desk.do(t.Merge(wallet="ann", condition_id=MARKET, amount=u(150)))
    assert (desk.money("ann"), desk.shares("ann", YES), desk.x.backing(MARKET)) == ("1100", "0", 0)


def test_everything_can_be_transferred():
    """Collateral and tokens go to wallets that did not exist before."""
    desk = Desk("ann")
    desk.do(t.Transfer(source="ann", target="zoe", amount=u(10)))
    desk.do(t.Transfer(source="ann", target="zoe", amount=u(20), token_id=NO))
    assert (desk.money("zoe"), desk.shares("zoe", NO), desk.money("ann")) == ("10", "20", "990")
    assert [(e.asset, e.kind, e.reference) for e in desk.x.ledger_entries("zoe")] == [
        ("", t.EntryKind.TRANSFER, "ann"),
        (NO, t.EntryKind.TRANSFER, "ann"),
    ]


@pytest.mark.parametrize(
    "command",
    [
        t.Deposit(wallet="ann", amount=0),
        t.Deposit(wallet="ann", amount=-1),
        t.Withdraw(wallet="ann", amount=u(1001)),
        t.Withdraw(wallet="nobody", amount=1),
        t.Transfer(source="ann", target="bob", amount=u(101), token_id=YES),
        t.Transfer(source="ann", target="bob", amount=1, token_id="7"),
        t.Split(wallet="ann", condition_id=MARKET, amount=u(1001)),
        t.Split(wallet="ann", condition_id="other", amount=1),
        t.Merge(wallet="ann", condition_id=MARKET, amount=u(101)),
        t.Redeem(wallet="ann", condition_id=MARKET),
        t.Redeem(wallet="ann", condition_id="other"),
        t.SetAllowance(wallet="ann", spender="exchange", amount=-1),
    ],
)
def test_what_is_not_there_cannot_be_moved(command: t.Command):
    """The command is refused, nothing changes, no wallet appears."""
    desk = Desk("ann")
    before = desk.x.holdings("ann"), desk.x.wallets(), desk.x.allowance("ann", "exchange")
    (refused,) = desk.do(command)
    assert isinstance(refused, t.CommandRefused)
    assert (desk.x.holdings("ann"), desk.x.wallets(), desk.x.allowance("ann", "exchange")) == before


@pytest.mark.parametrize(
    ("payouts", "money"), [((t.ONE, 0), "1130"), ((0, t.ONE), "1070"), ((500_000, 500_000), "1100")]
)
def test_shares_of_a_resolved_market_are_redeemed(payouts: tuple[int, int], money: str):
    """Each share pays what its outcome pays; both are gone afterwards."""
    desk = Desk("ann", "bob")
    desk.do(t.Transfer(source="bob", target="ann", amount=u(30), token_id=YES))
    desk.do(t.Transfer(source="ann", target="bob", amount=u(30), token_id=NO))
    desk.do(t.Resolve(condition_id=MARKET, payouts=payouts))
    desk.do(t.Redeem(wallet="ann", condition_id=MARKET))
    assert (desk.money("ann"), desk.shares("ann", YES), desk.shares("ann", NO)) == (money, "0", "0")
    desk.do(t.Redeem(wallet="bob", condition_id=MARKET))
    assert desk.x.backing(MARKET) == 0
    (refused,) = desk.do(t.Redeem(wallet="bob", condition_id=MARKET))
    assert isinstance(refused, t.CommandRefused)
    (refused,) = desk.do(t.Split(wallet="bob", condition_id=MARKET, amount=1))
    assert isinstance(refused, t.CommandRefused)


def test_fractions_of_a_redemption_stay_behind():
    """Three shares at a third pay less than a unit each way; nothing is paid twice."""
    desk = Desk("ann")
    desk.do(t.Transfer(source="ann", target="bob", amount=1, token_id=YES))
    desk.do(t.Resolve(condition_id=MARKET, payouts=(333_333, 666_667)))
    desk.do(t.Redeem(wallet="ann", condition_id=MARKET))
    desk.do(t.Redeem(wallet="bob", condition_id=MARKET))
    assert desk.x.holding("ann").balance == u(1100) - 1
    assert desk.x.holding("bob").balance == 0
    assert desk.x.backing(MARKET) == 1


# -- cover -----------------------------------------------------------------------------------------------


def test_open_orders_add_up():
    """The sum of what remains must be covered, over all markets and both outcomes, per asset."""
    desk = Desk()
    desk.fund("poor", "10")
    desk.place("poor", BUY, "0.5", "10")
    second = desk.place("poor", BUY, "0.4", "10", NO)
    rejected = desk.reject("poor", BUY, "0.5", "10")
    assert rejected.reason is t.RejectReason.NOT_ENOUGH_BALANCE
    assert rejected.text == (
        f"{NOT_ENOUGH}balance is not enough -> balance: 10000000, sum of active orders: 9000000, "
        "sum of matched orders: 0, order amount (inc. fees): 5000000"
    )
    desk.cancel("poor", second.id)
    desk.place("poor", BUY, "0.5", "10")


def test_a_partial_match_frees_what_it_saved():
    """A buyer who got a better price needs less for the rest."""
    desk = Desk()
    desk.fund("poor", "10")
    desk.place("ann", SELL, "0.20", "10")
    desk.place("poor", BUY, "0.50", "20")
    held = desk.x.holding("poor")
    assert (held.balance, held.active, held.matched) == (u(10), u(5), u(2))
    rejected = desk.reject("poor", BUY, "0.4", "10")
    assert "sum of active orders: 5000000, sum of matched orders: 2000000" in rejected.text
    desk.place("poor", BUY, "0.3", "10")


def test_shares_are_covered_per_token():
    """Selling YES leaves NO alone."""
    desk = Desk("ann")
    desk.place("ann", SELL, "0.9", "60", YES)
    desk.place("ann", SELL, "0.9", "100", NO)
    rejected = desk.reject("ann", SELL, "0.9", "60", YES)
    assert "balance: 100000000, sum of active orders: 60000000" in rejected.text


def test_allowance_is_counted_per_contract():
    """What orders of a contract's markets need must be allowed to it; other contracts do not count."""
    desk = Desk("ann")
    other = t.MarketTerms(condition_id="0xc1", token_ids=("201", "202"), spenders=("negx", "adapter"))
    desk.do(t.AddMarket(market=other))
    desk.do(t.SetAllowance(wallet="ann", spender="exchange", amount=u(8)))
    desk.place("ann", BUY, "0.5", "10")
    rejected = desk.reject("ann", BUY, "0.5", "10")
    assert rejected.text == (
        f"{NOT_ENOUGH}allowance is not enough -> spender: exchange, allowance: 8000000, "
        "sum of active orders: 5000000, sum of matched orders: 0, order amount (inc. fees): 5000000"
    )
    desk.do(t.SetAllowance(wallet="ann", spender="negx", amount=u(100)))
    assert "spender: adapter, allowance: 0, order amount: 5000000" in (
        desk.reject("ann", BUY, "0.5", "10", "201").text
    )
    desk.do(t.SetAllowance(wallet="ann", spender="adapter", amount=u(5)))
    desk.place("ann", BUY, "0.5", "10", "201")


def test_selling_needs_approval():
    """Without it a wallet full of shares cannot sell."""
    desk = Desk("ann")
    desk.do(t.SetApproval(wallet="ann", spender="exchange", approved=False))
    assert desk.reject("ann", SELL, "0.5", "10").text == (
        f"{NOT_ENOUGH}allowance is not enough -> spender: exchange, allowance: 0"
    )
    assert not desk.x.approved("ann", "exchange")


def test_a_limited_allowance_is_used_up():
    """Mined purchases lower it; an unlimited one stays."""
    desk = Desk()
    desk.do(t.SetAllowance(wallet="bob", spender="exchange", amount=u(8)))
    desk.place("ann", SELL, "0.5", "20")
    desk.place("bob", BUY, "0.5", "10")
    assert desk.x.allowance("bob", "exchange") == u(8)
    assert "allowance: 8000000, sum of matched orders: 5000000" in desk.reject("bob", BUY, "0.5", "10").text
    desk.mine_all()
    assert desk.x.allowance("bob", "exchange") == u(3)
    desk.place("cat", BUY, "0.5", "10")
    desk.mine_all()
    assert desk.x.allowance("cat", "exchange") == t.UNLIMITED


def test_a_wallet_nobody_funded_has_nothing():
    """Its orders are refused and do not bring it into being."""
    desk = Desk("ann")
    assert desk.reject("ghost", BUY, "0.5", "10").text == (
        f"{NOT_ENOUGH}balance is not enough -> balance: 0, order amount: 5000000"
    )
    assert desk.x.wallets() == ["ann"]


def test_the_newest_orders_lose_their_cover_first():
    """Money that leaves takes orders with it, newest first, until the others are covered."""
    desk = Desk("ann")
    orders = [desk.place("ann", BUY, "0.5", "10") for _ in range(4)]
    sell = desk.place("ann", SELL, "0.9", "10")
    events = desk.do(t.Withdraw(wallet="ann", amount=u(988)))
    statuses = [order.status for order in orders]
    assert statuses == ["LIVE", "LIVE", *["CANCELED_NOT_ENOUGH_BALANCE"] * 2]
    assert [event.order.id for event in of(events, t.OrderEvent)] == [orders[3].id, orders[2].id]
    assert sell.status is t.OrderStatus.LIVE
    assert desk.bids() == [("0.5", "20")]


@pytest.mark.parametrize(
    ("side", "command"),
    [
        (BUY, t.Split(wallet="ann", condition_id=MARKET, amount=u(999))),
        (BUY, t.Transfer(source="ann", target="bob", amount=u(999))),
        (BUY, t.SetAllowance(wallet="ann", spender="exchange", amount=u(1))),
        (SELL, t.Transfer(source="ann", target="bob", amount=u(99), token_id=YES)),
        (SELL, t.Merge(wallet="ann", condition_id=MARKET, amount=u(99))),
        (SELL, t.SetApproval(wallet="ann", spender="exchange", approved=False)),
    ],
)
def test_cover_can_go_away_in_many_ways(side: t.Side, command: t.Command):
    """Whatever takes the means away cancels the order that needs them, and only that."""
    desk = Desk("ann")
    order = desk.place("ann", side, "0.5", "10")
    other = desk.place("ann", SELL if side is BUY else BUY, "0.6" if side is BUY else "0.4", "10", YES)
    event = only(desk.do(command), t.OrderEvent)
    assert (event.order.id, event.order.status) == (order.id, t.OrderStatus.CANCELED_NOT_ENOUGH_BALANCE)
    assert other.status is t.OrderStatus.LIVE


def test_tokens_of_a_trade_that_failed_can_be_sold_again():
    """What was spoken for is free again."""
    desk = Desk("ann", "bob")
    desk.place("ann", SELL, "0.5", "100")
    desk.place("bob", BUY, "0.5", "100")
    assert "sum of matched orders: 100000000" in desk.reject("ann", SELL, "0.5", "10").text
    desk.settle(desk.x.trades()[0].id, t.TradeStatus.FAILED)
    desk.place("ann", SELL, "0.5", "100")
