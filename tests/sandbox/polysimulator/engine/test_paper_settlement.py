"""What a resolved market pays, and that it pays once."""

from __future__ import annotations

import pytest

from polyspec.sandbox.polysimulator.engine import PositionStatus
from tests.sandbox.polysimulator.engine.paper import DOLLAR, SECOND, Desk, market


def bought(**settings: object) -> Desk:
    """Return a desk that holds 20 Yes at 0.50 and 10 No at 0.52, with an order on each side."""
    desk = Desk(**settings)
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.market("BUY", "0.52", "10", outcome="No")
    desk.place("SELL", "0.60", "5")
    desk.place("BUY", "0.40", "10")
    return desk


@pytest.mark.parametrize(
    ("payouts", "results", "paid", "cash"),
    [
        ((DOLLAR, 0), ["lost", "won"], [0, 20 * DOLLAR], "10004.50"),
        ((0, DOLLAR), ["won", "lost"], [10 * DOLLAR, 0], "9994.50"),
        ((DOLLAR // 2, DOLLAR // 2), ["split", "split"], [5 * DOLLAR, 10 * DOLLAR], "9999.50"),
    ],
)
def test_positions_are_paid_and_orders_cancelled(
    payouts: tuple[int, int], results: list[str], paid: list[int], cash: str
):
    """Winners get a dollar, losers nothing, split outcomes their part; every position leaves a row."""
    desk = bought()
    desk.feed.list(market(status="resolved", payouts=payouts))
    desk.wait(1)
    rows = desk.exchange.settlements(desk.exchange.select(1, "api"))
    assert [row.position_id for row in rows] == [2, 1]
    assert ([row.result for row in rows], [row.payout for row in rows]) == (results, paid)
    assert [row.realized_pnl for row in rows] == [paid[0] - 5_200_000, paid[1] - 10_000_000]
    assert desk.cash == cash
    assert [desk.exchange.order(1, n, "pending").cancelled_reason for n in (1, 2)] == ["market_resolved"] * 2
    closed = desk.exchange.positions(desk.exchange.select(1, "api"), "CLOSED")
    assert [(each.quantity, each.exit_price) for each in closed] == [
        (200_000, payouts[0]),
        (100_000, payouts[1]),
    ]
    assert all(each.status is PositionStatus.CLOSED for each in closed)
    desk.exchange.audit()


def test_a_market_pays_once():
    """Looking again finds nothing to settle."""
    desk = bought()
    desk.feed.list(market(status="resolved", payouts=(DOLLAR, 0)))
    assert len(desk.exchange.settle(desk.now)) == 2
    before = desk.image()
    assert desk.exchange.settle(desk.now + 1) == []
    assert desk.image() == before


def test_an_order_finds_a_resolved_market_settled():
    """Placing in it settles first: there is nothing left to sell at the entry price."""
    desk = bought()
    desk.feed.list(market(status="resolved", payouts=(0, DOLLAR)))
    with pytest.raises(Exception, match="MARKET_CLOSED"):
        desk.market("SELL", "0.40", "15")
    assert desk.position() is None
    assert desk.cash == "9994.50"


def test_settlements_are_filtered_by_market_and_time():
    """A period holds its first moment and not its last."""
    desk = bought()
    desk.now += SECOND
    desk.feed.list(market(status="resolved", payouts=(DOLLAR, 0)))
    desk.exchange.settle(desk.now)
    wallets = desk.exchange.select(1, "api")
    assert desk.exchange.settlements(wallets, market_id="m2") == []
    assert len(desk.exchange.settlements(wallets, start_ns=desk.now, end_ns=desk.now + 1)) == 2
    assert desk.exchange.settlements(wallets, end_ns=desk.now) == []
    assert desk.exchange.settlements(wallets, start_ns=desk.now + 1) == []


def test_a_closed_market_keeps_its_orders():
    """Until it is resolved they rest, and nothing fills."""
    desk = bought()
    desk.feed.list(market(status="closed"))
    desk.show("0.70x100", "0.72x100")
    assert desk.wait(10) == []
    assert desk.exchange.order(1, 1, "pending").status == "PENDING"
