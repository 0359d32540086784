"""Name an order so that the venue can find it."""

from __future__ import annotations

from typing import Any, TypeAlias

from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError
from polyspec.us.fate import Accepted, Rejected, Unknown

__all__ = ["Target", "cancel_of", "order_id_of"]

Target: TypeAlias = Accepted | Unknown[Any] | wire.Order
"""An order that may be open, however it was come by."""


def cancel_of(target: Target) -> wire.CancelOrderRequest:
    """Return the cancel of an order, by the venue's id if there is one; raises ConfigError."""
    if isinstance(target, Rejected):
        raise ConfigError(f"order {target.clord_id} was rejected: there is nothing to cancel")
    if not isinstance(target, Accepted | Unknown | wire.Order):
        raise ConfigError(
            f"an order is cancelled by what placing or reading it returned, not by {type(target).__name__}"
        )
    order_id = target.id if isinstance(target, wire.Order) else target.order_id
    symbol = target.order.symbol if isinstance(target, Accepted) else target.symbol
    if order_id:
        return wire.CancelOrderRequest(order_id=order_id, symbol=symbol)
    if not target.clord_id:
        raise ConfigError("this order has neither an id of the venue nor one of the client")
    return wire.CancelOrderRequest(clord_id=target.clord_id, symbol=symbol)


def order_id_of(target: Target | str) -> str:
    """Return the venue's id of an order; raises ConfigError if it is not known."""
    if isinstance(target, Rejected):
        raise ConfigError(f"order {target.clord_id} was rejected: there is nothing to read or change")
    if isinstance(target, str):
        found: str | None = target
    else:
        found = target.id if isinstance(target, wire.Order) else target.order_id
    if not found:
        raise ConfigError("this order has no id of the venue yet: resolve() it first")
    return found
