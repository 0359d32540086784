"""The answer to a placement."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from .pricing import bps
from .records import Order, OrderStatus, Position, Trade, Wallet
from .requests import Placed, PositionBrief
from .rules import Ticket
from .state import Tx
from .taking import Take
from .units import charge, quantity_text

__all__ = ["answer"]

_HIGH_SLIPPAGE_BPS: Final = 500
"""From where on an answer warns of slippage."""


def answer(
    tx: Tx,
    ticket: Ticket,
    take: Take | None,
    trade: Trade | None,
    order: Order | None,
    *,
    spread: int | None = None,
    impact: int | None = None,
) -> Placed:
    """Say what became of an order: `trade` is what was filled of it, `order` what rests or was cancelled."""
    filled = trade if order is None else None
    price = ticket.price if filled is None else filled.price
    quantity = ticket.quantity if filled is None else filled.quantity
    placed = Placed(
        order_id=_number(order, trade),
        source="filled" if order is None else "pending",
        status=_status(order),
        market_id=ticket.market.condition_id,
        token_id=ticket.token_id,
        order_type=ticket.order_type,
        side=ticket.side,
        outcome=ticket.label,
        time_in_force=ticket.time_in_force,
        price=price,
        quantity=quantity,
        notional=charge(price, quantity),
        requested=ticket.quantity,
        created_ns=tx.now,
        filled_ns=None if filled is None else tx.now,
        cancelled_reason=None if order is None else order.cancelled_reason,
        account_balance=tx.get(Wallet, ticket.wallet.id).cash,
        position=_position(tx, ticket, trade),
        client_order_id=ticket.client_order_id,
        amount_interpreted_as=ticket.amount_interpreted_as,
    )
    if trade is None or take is None:
        return placed
    measures = {"spread_bps": spread, "impact_bps": impact, "book_walk_levels": take.levels}
    return msgspec.structs.replace(placed, **_execution(ticket, trade), **measures)


def _execution(ticket: Ticket, trade: Trade) -> dict[str, Any]:
    """Return what an answer says of what was filled."""
    slippage = bps(trade.price, ticket.price)
    return {
        "filled": trade.quantity,
        "filled_notional": trade.notional,
        "fee": trade.fee,
        "fee_charged": trade.fee_charged,
        "trade_id": trade.id,
        "price_source": trade.price_source,
        "slippage_bps": slippage,
        "quote_age_ms": trade.quote_age_ms,
        "warnings": _warnings(ticket, trade, slippage),
    }


def _number(order: Order | None, trade: Trade | None) -> int:
    if order is not None:
        return order.id
    if trade is None:
        raise AssertionError("an order is filled or has a row of its own")
    return trade.id


def _status(order: Order | None) -> Literal["PENDING", "FILLED", "CANCELLED"]:
    if order is None:
        return "FILLED"
    return "PENDING" if order.status is OrderStatus.PENDING else "CANCELLED"


def _position(tx: Tx, ticket: Ticket, trade: Trade | None) -> PositionBrief | None:
    """Return the position the order touched, or that it would."""
    if trade is not None:
        return tx.get(Position, trade.position_id).brief
    position = tx.opened(ticket.wallet.id, ticket.token_id)
    return None if position is None else position.brief


def _warnings(ticket: Ticket, trade: Trade, slippage: int) -> tuple[str, ...]:
    warnings: list[str] = []
    if trade.quantity < ticket.quantity:
        filled, requested = quantity_text(trade.quantity), quantity_text(ticket.quantity)
        warnings.append(f"partial_fill:filled={filled},requested={requested}")
    if slippage >= _HIGH_SLIPPAGE_BPS:
        warnings.append(f"high_slippage_bps_{slippage}")
    return tuple(warnings)
