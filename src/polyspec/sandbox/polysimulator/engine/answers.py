"""The answer to a placement."""

from __future__ import annotations

from typing import Literal

from .pricing import bps
from .records import Order, OrderStatus, Position, Trade, Wallet
from .requests import Placed, PositionBrief
from .rules import Ticket
from .state import Tx
from .taking import Take
from .units import charge, quantity_text

__all__ = ["answer"]

HIGH_SLIPPAGE_BPS = 500
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
    slippage = None if trade is None else bps(trade.price, ticket.price)
    return Placed(
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
        filled=0 if trade is None else trade.quantity,
        filled_notional=0 if trade is None else trade.notional,
        fee=0 if trade is None else trade.fee,
        fee_charged=0 if trade is None else trade.fee_charged,
        trade_id=None if trade is None else trade.id,
        created_ns=tx.now,
        filled_ns=None if filled is None else tx.now,
        cancelled_reason=None if order is None else order.cancelled_reason,
        price_source=None if take is None else take.source,
        slippage_bps=slippage,
        quote_age_ms=None if trade is None else trade.quote_age_ms,
        spread_bps=spread,
        impact_bps=impact,
        book_walk_levels=None if take is None else take.levels,
        account_balance=tx.get(Wallet, ticket.wallet.id).cash,
        position=_position(tx, ticket, trade),
        client_order_id=ticket.client_order_id,
        amount_interpreted_as=ticket.amount_interpreted_as,
        warnings=_warnings(ticket, trade, slippage),
    )


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


def _warnings(ticket: Ticket, trade: Trade | None, slippage: int | None) -> tuple[str, ...]:
    warnings: list[str] = []
    if trade is not None and trade.quantity < ticket.quantity:
        filled, requested = quantity_text(trade.quantity), quantity_text(ticket.quantity)
        warnings.append(f"partial_fill:filled={filled},requested={requested}")
    if slippage is not None and slippage >= HIGH_SLIPPAGE_BPS:
        warnings.append(f"high_slippage_bps_{slippage}")
    return tuple(warnings)
