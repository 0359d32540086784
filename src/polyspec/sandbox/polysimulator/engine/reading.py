"""Questions about orders, executions, positions and worth."""

from __future__ import annotations

from typing import Final

from .core import Core
from .records import (
    EquityPoint,
    Order,
    OrderStatus,
    Position,
    PositionStatus,
    Settlement,
    Trade,
    Wallet,
)
from .refused import Refused
from .requests import OrderRow, Source, Summary
from .units import half_up, value_of

__all__ = [
    "by_client_id",
    "equity",
    "market_trades",
    "order",
    "orders",
    "positions",
    "record_equity",
    "settlements",
    "summary",
    "trades",
]

_HOUR: Final = 3_600_000_000_000


# -- orders --


def _pending_row(core: Core, order: Order) -> OrderRow:
    held = core.outage and order.status is OrderStatus.PENDING
    fills = [core.state.get(Trade, number) for number in order.trades]
    return OrderRow(
        order_id=order.id,
        source="pending",
        wallet_id=order.wallet_id,
        market_id=order.market_id,
        token_id=order.token_id,
        side=order.side,
        outcome=order.outcome,
        order_type=order.order_type,
        limit_price=order.price if order.order_type == "limit" else None,
        quantity=order.quantity,
        filled=order.filled,
        time_in_force=order.time_in_force,
        status=order.status.value,
        client_order_id=order.client_order_id,
        created_ns=order.created_ns,
        filled_ns=order.filled_ns,
        fill_price=half_up(order.value, order.filled) if order.filled else None,
        notional=sum(trade.notional for trade in fills),
        fee_charged=sum(trade.fee_charged for trade in fills),
        cancelled_ns=order.cancelled_ns,
        cancelled_reason=order.cancelled_reason,
        hold_reason="venue_outage" if held else None,
        expires_ns=order.expires_ns,
        trades=order.trades,
    )


def _filled_row(trade: Trade) -> OrderRow:
    return OrderRow(
        order_id=trade.id,
        source="filled",
        wallet_id=trade.wallet_id,
        market_id=trade.market_id,
        token_id=trade.token_id,
        side=trade.side,
        outcome=trade.outcome,
        order_type=trade.order_type,
        limit_price=trade.limit_price if trade.order_type == "limit" else None,
        quantity=trade.quantity,
        filled=trade.quantity,
        time_in_force=trade.time_in_force,
        status="FILLED",
        client_order_id=trade.client_order_id,
        created_ns=trade.created_ns,
        filled_ns=trade.filled_ns,
        fill_price=trade.price,
        notional=trade.notional,
        fee_charged=trade.fee_charged,
        trades=(trade.id,),
    )


def order(core: Core, user_id: int, order_id: int, source: Source | None, wallet_id: int | None) -> OrderRow:
    """Return the row of an id; without a source the pending table is looked at first."""
    if source != "filled":
        known = core.state.find(Order, order_id)
        if known is not None and known.user_id == user_id and wallet_id in (None, known.wallet_id):
            return _pending_row(core, known)
    if source != "pending":
        trade = core.state.find(Trade, order_id)
        if trade is not None and trade.user_id == user_id and wallet_id in (None, trade.wallet_id):
            return _filled_row(trade)
    raise Refused("ORDER_NOT_FOUND", f"Order {order_id} was not found")


def orders(
    core: Core,
    chosen: list[Wallet],
    status: str | None,
    market_id: str | None,
    token_id: str | None,
    side: str | None,
) -> list[OrderRow]:
    """Return the orders of wallets, newest first."""
    numbers = {wallet.id for wallet in chosen}
    found: list[OrderRow] = []
    for user_id in {wallet.user_id for wallet in chosen}:
        found += [_pending_row(core, o) for o in core.state.of(Order, user_id) if o.wallet_id in numbers]
        found += [
            _filled_row(trade)
            for trade in core.state.of(Trade, user_id)
            if trade.wallet_id in numbers and trade.pending_id is None
        ]
    found = [
        row
        for row in found
        if status in (None, row.status)
        and market_id in (None, row.market_id)
        and token_id in (None, row.token_id)
        and side in (None, row.side)
    ]
    return sorted(found, key=lambda row: (row.created_ns, row.source, row.order_id), reverse=True)


def by_client_id(core: Core, user_id: int, client_order_id: str) -> list[OrderRow]:
    """Return what an account placed under an id of its own; fills of what rested are in its row."""
    found: list[OrderRow] = []
    for source, number in core.state.clients.get((user_id, client_order_id), ()):
        if source == "pending":
            found.append(_pending_row(core, core.state.get(Order, number)))
        elif core.state.get(Trade, number).pending_id is None:
            found.append(_filled_row(core.state.get(Trade, number)))
    return found


def trades(
    core: Core, chosen: list[Wallet], market_id: str | None, token_id: str | None, side: str | None
) -> list[Trade]:
    """Return the executions of wallets, newest first."""
    numbers = {wallet.id for wallet in chosen}
    found = [
        trade
        for user_id in {wallet.user_id for wallet in chosen}
        for trade in core.state.of(Trade, user_id)
        if trade.wallet_id in numbers
        and market_id in (None, trade.market_id)
        and token_id in (None, trade.token_id)
        and side in (None, trade.side)
    ]
    return sorted(found, key=lambda trade: trade.id, reverse=True)


def market_trades(core: Core, condition_id: str, token_id: str | None) -> list[Trade]:
    """Return everybody's executions in a market, oldest first."""
    table = core.state.table(Trade).values()
    return [each for each in table if each.market_id == condition_id and token_id in (None, each.token_id)]


# -- positions and worth --


def positions(core: Core, chosen: list[Wallet], status: str | None) -> list[Position]:
    """Return the positions of wallets, oldest first."""
    numbers = {wallet.id for wallet in chosen}
    return [
        position
        for user_id in {wallet.user_id for wallet in chosen}
        for position in core.state.of(Position, user_id)
        if position.wallet_id in numbers and status in (None, position.status.value)
    ]


def settlements(
    core: Core, chosen: list[Wallet], market_id: str | None, start_ns: int | None, end_ns: int | None
) -> list[Settlement]:
    """Return what was settled in wallets, latest position first."""
    numbers = {wallet.id for wallet in chosen}
    found = [
        each
        for user_id in {wallet.user_id for wallet in chosen}
        for each in core.state.of(Settlement, user_id)
        if each.wallet_id in numbers
        and market_id in (None, each.market_id)
        and (start_ns is None or each.settled_ns >= start_ns)
        and (end_ns is None or each.settled_ns < end_ns)
    ]
    return sorted(found, key=lambda each: each.position_id, reverse=True)


def summary(core: Core, chosen: list[Wallet]) -> Summary:
    """Return what wallets are worth together, as they are now."""
    numbers = {wallet.id for wallet in chosen}
    current = [core.state.get(Wallet, number) for number in numbers]
    opened = positions(core, current, PositionStatus.OPEN.value)
    return Summary(
        cash=sum(wallet.cash for wallet in current),
        reserved=sum(each.reserved for each in core.state.resting() if each.wallet_id in numbers),
        position_value=sum(value_of(core.price_of(each), each.quantity) for each in opened),
        starting_balance=sum(wallet.baseline for wallet in current),
    )


def record_equity(core: Core, now: int) -> None:
    """Note what each wallet is worth in a new hour, where that changed."""
    hour = now // _HOUR * _HOUR
    if core.equity_hour == hour:
        return
    tx = core.begin(now)
    for wallet in core.state.table(Wallet).values():
        known = core.state.points.get(wallet.id)
        if wallet.status == "active" and (not known or known[-1].hour_ns < hour):
            point = _point(core, wallet, hour)
            if not known or _worth(known[-1]) != _worth(point):
                tx.put(point)
    core.commit(tx)
    core.equity_hour = hour


def _point(core: Core, wallet: Wallet, hour: int) -> EquityPoint:
    worth = summary(core, [wallet])
    return EquityPoint(
        wallet_id=wallet.id,
        hour_ns=hour,
        cash=worth.cash + worth.reserved,
        position_value=worth.position_value,
        baseline=wallet.baseline,
    )


def _worth(point: EquityPoint) -> tuple[int, int, int]:
    return point.cash, point.position_value, point.baseline


def equity(core: Core, wallet_id: int, start_ns: int, end_ns: int) -> list[EquityPoint]:
    """Return what a wallet was worth hour by hour; an hour without a point is as the one before."""
    wallet = core.state.find(Wallet, wallet_id)
    if wallet is None:
        raise Refused("WALLET_NOT_FOUND", f"Wallet {wallet_id} was not found")
    known = {point.hour_ns: point for point in core.state.points.get(wallet_id, ())}
    first = wallet.created_ns // _HOUR * _HOUR
    last = EquityPoint(
        wallet_id=wallet_id, hour_ns=first, cash=wallet.baseline, position_value=0, baseline=wallet.baseline
    )
    found: list[EquityPoint] = []
    for hour in range(first, end_ns, _HOUR):
        last = known.get(hour, last)
        if hour >= start_ns // _HOUR * _HOUR:
            found.append(
                EquityPoint(
                    wallet_id=wallet_id,
                    hour_ns=hour,
                    cash=last.cash,
                    position_value=last.position_value,
                    baseline=last.baseline,
                )
            )
    return found
