"""Which resting orders earn rewards: large enough, close enough to the middle, there for long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["is_scoring"]

_AT_LEAST_NS: Final = 3_500_000_000
_CENTS: Final = 100


def is_scoring(world: ClobWorld, order: t.Order) -> bool:
    """Tell whether an order earns rewards now."""
    listing = world.listings[order.condition_id]
    bid, ask = world.exchange.best_bid(order.token_id), world.exchange.best_ask(order.token_id)
    if not listing.reward_rate or not order.status.is_open or bid is None or ask is None:
        return False
    if world.clock.now_ns() - order.created < _AT_LEAST_NS or order.remaining < listing.reward_min_size:
        return False
    # both sides times two, so that the middle stays whole
    away = abs(2 * order.price - bid.price - ask.price)
    return away * _CENTS <= 2 * to_units(listing.reward_max_spread)
