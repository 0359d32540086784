"""Recounting a paper exchange from its executions."""

from __future__ import annotations

from collections import defaultdict

from .core import Core
from .records import (
    Counters,
    Order,
    OrderStatus,
    Position,
    PositionStatus,
    Settlement,
    Trade,
    Wallet,
)
from .units import charge, fee_of, half_up, to_cents, value_of

__all__ = ["InvariantError", "audit"]


class InvariantError(AssertionError):
    """Books that do not add up."""


def _require(condition: bool, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not condition:
        raise InvariantError(text)


def audit(core: Core) -> None:
    """Recount money, shares and what orders keep; raises InvariantError."""
    for trade in core.state.table(Trade).values():
        _audit_trade(trade)
    for order in core.state.table(Order).values():
        _audit_order(core, order)
    _audit_money(core)
    _audit_positions(core)
    _audit_lists(core)


def _audit_trade(trade: Trade) -> None:
    """Check what an execution cost."""
    name = f"execution {trade.id}"
    _require(trade.quantity > 0, f"{name}: nothing traded")
    _require(trade.notional == charge(trade.price, trade.quantity), f"{name}: the notional is off")
    _require(trade.fee == fee_of(trade.price, trade.quantity, trade.fee_bps), f"{name}: the fee is off")
    _require(trade.fee_charged == to_cents(trade.fee), f"{name}: the fee charged is off")
    _require(trade.taker or not trade.fee, f"{name}: a maker paid a fee")
    better = trade.price <= trade.limit_price if trade.side == "BUY" else trade.price >= trade.limit_price
    _require(better, f"{name}: worse than the order's price")


def _audit_order(core: Core, order: Order) -> None:
    """Check an order against its executions."""
    name = f"order {order.id}"
    fills = [core.state.get(Trade, number) for number in order.trades]
    _require(all(trade.pending_id == order.id for trade in fills), f"{name}: another's executions")
    _require(order.filled == sum(trade.quantity for trade in fills), f"{name}: executions do not add up")
    _require(order.value == sum(t.price * t.quantity for t in fills), f"{name}: values do not add up")
    _require(order.filled <= order.quantity, f"{name}: filled beyond its size")
    _require((order.status is OrderStatus.FILLED) is (order.filled == order.quantity), f"{name}: status")
    buying = order.status is OrderStatus.PENDING and order.side == "BUY"
    kept = charge(order.price, order.remaining) if buying else 0
    _require(order.reserved == kept, f"{name}: does not keep what it needs")


def _audit_money(core: Core) -> None:
    """Check that a wallet's cash follows from its baseline and what happened since its last reset."""
    moved: defaultdict[tuple[int, int], int] = defaultdict(int)
    for trade in core.state.table(Trade).values():
        moved[trade.wallet_id, trade.generation] += trade.cash
    for paid in core.state.table(Settlement).values():
        _require(paid.payout == charge(paid.payout_per_share, paid.quantity), f"payout {paid.name} is off")
        moved[paid.wallet_id, paid.generation] += paid.payout
    for order in core.state.resting():
        moved[order.wallet_id, order.generation] -= order.reserved
    for wallet in core.state.table(Wallet).values():
        _require(wallet.cash >= 0, f"wallet {wallet.id}: below zero")
        expected = wallet.baseline + moved[wallet.id, wallet.generation]
        _require(wallet.cash == expected, f"wallet {wallet.id}: money appeared or vanished")


def _audit_positions(core: Core) -> None:
    """Check shares, what they were bought for, and what orders keep of them."""
    executions: defaultdict[int, list[Trade]] = defaultdict(list)
    for trade in core.state.table(Trade).values():
        executions[trade.position_id].append(trade)
    kept: defaultdict[int | None, int] = defaultdict(int)
    for order in core.state.resting():
        if order.side == "SELL":
            kept[order.position_id] += order.remaining
    for position in core.state.table(Position).values():
        name = f"position {position.id}"
        quantity, cost, bought, sold = _replayed(executions[position.id])
        _require((position.quantity, position.cost) == (quantity, cost), f"{name}: shares are off")
        _require((position.bought, position.sold) == (bought, sold), f"{name}: turnover is off")
        _require(position.reserved == kept[position.id], f"{name}: what orders keep is off")
        _require(0 <= position.reserved <= position.quantity, f"{name}: more kept than there is")
        _audit_end(core, position)


def _replayed(executions: list[Trade]) -> tuple[int, int, int, int]:
    """Return shares, their cost, and what was bought and sold in all."""
    quantity = cost = bought = sold = 0
    for trade in sorted(executions, key=lambda each: each.id):
        value = value_of(trade.price, trade.quantity)
        if trade.side == "BUY":
            quantity, cost, bought = quantity + trade.quantity, cost + value, bought + value
        else:
            cost -= half_up(cost * trade.quantity, quantity)
            quantity, sold = quantity - trade.quantity, sold + value
    return quantity, cost, bought, sold


def _audit_end(core: Core, position: Position) -> None:
    """Check that a position ended in one of the ways there are."""
    name = f"position {position.id}"
    settled = core.state.find(Settlement, position.id)
    if position.status is PositionStatus.OPEN:
        _require(position.quantity > 0 and settled is None, f"{name}: open without shares")
    elif position.status is PositionStatus.CLOSED:
        _require((position.quantity > 0) is (settled is not None), f"{name}: closed, but not paid out")
    if settled is not None:
        shares = settled.quantity, settled.cost_basis, settled.payout_per_share
        _require(shares == (position.quantity, position.cost, position.exit_price), f"{name}: payout is off")
        _require(settled.realized_pnl == settled.payout - settled.cost_basis, f"{name}: result is off")


def _audit_lists(core: Core) -> None:
    """Check the lists against the tables, and the sequences against the rows."""
    state = core.state
    pending = {o.id for o in state.table(Order).values() if o.status is OrderStatus.PENDING}
    _require(pending == set(state.pending), "the list of resting orders is off")
    opened = {
        (p.wallet_id, p.token_id): p.id
        for p in state.table(Position).values()
        if p.status is PositionStatus.OPEN
    }
    _require(opened == state.opened, "the list of open positions is off")
    counters: Counters = state.counters
    rows = (
        len(state.table(Order)),
        len(state.table(Trade)),
        len(state.table(Position)),
        len(state.table(Wallet)),
    )
    given = counters.pending, counters.filled, counters.position, counters.wallet
    _require(rows == given, "numbers were given out without a row")
