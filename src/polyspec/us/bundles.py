"""Orders that travel together in one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["BATCH", "checked_count", "cross_of"]

BATCH: Final = 20
"""The venue takes this many operations in one request."""


def checked_count(count: int) -> None:
    """Raise ConfigError unless so many orders fit into one request."""
    if not 1 <= count <= BATCH:
        raise ConfigError(f"a list holds 1 to {BATCH} orders, not {count}")


def cross_of(requests: Sequence[wire.InsertOrderRequest], cross_id: str) -> wire.InsertOrderCrossRequest:
    """Put two orders together that are to trade with each other; raises InvalidOrder if they cannot."""
    first, second = requests
    if first.symbol != second.symbol:
        raise InvalidOrder(
            f"a cross is of one instrument, not of {first.symbol} and {second.symbol}", field="market"
        )
    if first.side == second.side:
        raise InvalidOrder(f"both sides of a cross {first.side.name} in YES terms", field="side")
    if (first.order_qty, first.cash_order_qty) != (second.order_qty, second.cash_order_qty):
        raise InvalidOrder("both sides of a cross must have the same quantity", field="quantity")
    return wire.InsertOrderCrossRequest(
        requests=[first, second],
        cross_type=wire.CrossType.ALL_OR_NONE,
        cross_id=cross_id,
        cross_prioritized_side=first.side,
    )
