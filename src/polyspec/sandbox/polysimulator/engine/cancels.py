"""Cancelling orders."""

from __future__ import annotations

from typing import Final

from .core import Core
from .deals import refund
from .records import Order, OrderStatus, Trade
from .refused import Refused
from .requests import Cancels

__all__ = ["BY_USER", "cancel", "cancel_many", "cancel_where"]

BY_USER: Final = "cancelled_by_user"
_LONGEST: Final = 18
"""Digits of an id; more cannot be one."""


def _pending(core: Core, user_id: int, order_id: int | str) -> Order:
    """Return an order that can be cancelled."""
    order = core.state.find(Order, order_id)
    if order is None or order.user_id != user_id:
        trade = core.state.find(Trade, order_id)
        if trade is not None and trade.user_id == user_id:
            raise Refused("ORDER_NOT_CANCELLABLE", f"Order {order_id} is FILLED")
        raise Refused("ORDER_NOT_FOUND", f"Order {order_id} was not found")
    if order.status is not OrderStatus.PENDING:
        raise Refused("ORDER_NOT_CANCELLABLE", f"Order {order_id} is {order.status.value}")
    return order


def cancel(core: Core, user_id: int, order_id: int, now: int) -> Order:
    """Cancel an order of the pending table."""
    tx = core.begin(now)
    cancelled = refund(tx, _pending(core, user_id, order_id), BY_USER)
    core.commit(tx)
    return cancelled


def cancel_many(core: Core, user_id: int, order_ids: list[str | int], now: int) -> Cancels:
    """Cancel the orders of these ids that can be."""
    tx = core.begin(now)
    canceled: list[str] = []
    refused: dict[str, str] = {}
    for given in dict.fromkeys(_plain(each) for each in order_ids):
        try:
            refund(tx, _pending(core, user_id, given), BY_USER)
            canceled.append(given)
        except Refused as refusal:
            refused[given] = refusal.code
    core.commit(tx)
    return Cancels(canceled=tuple(canceled), not_canceled=refused)


def _plain(given: str | int) -> str:
    """Write an id in one way only, so that none is cancelled twice."""
    text = str(given).strip()
    return str(int(text)) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST else text


def cancel_where(
    core: Core,
    user_id: int,
    now: int,
    reason: str = BY_USER,
    *,
    market_id: str | None = None,
    token_id: str | None = None,
) -> Cancels:
    """Cancel every pending order of an account, or those in a market or a token."""
    tx = core.begin(now)
    canceled: list[str] = []
    for order in core.state.resting():
        if order.user_id != user_id or market_id not in (None, order.market_id):
            continue
        if token_id in (None, order.token_id):
            refund(tx, order, reason)
            canceled.append(str(order.id))
    core.commit(tx)
    return Cancels(canceled=tuple(canceled), not_canceled={})
