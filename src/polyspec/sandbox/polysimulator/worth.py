"""What positions cost, are worth and brought in, from the engine's records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from polyspec.sandbox.polysimulator.engine import Position, PositionStatus
from polyspec.sandbox.polysimulator.engine.units import half_up, value_of

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["is_closed", "percent", "realized", "share_now", "win_rate"]

_HUNDREDTHS: Final = 100


def is_closed(position: Position) -> bool:
    """Tell whether a position came to an end by trading or by its market."""
    return position.status is PositionStatus.CLOSED


def realized(position: Position) -> int:
    """Return what a position brought in so far: what was got less what was paid for it."""
    # what a reset closed was neither sold nor lost: the wallet was filled up instead
    if not is_closed(position):
        return position.sold - (position.bought - position.cost)
    left = value_of(position.exit_price, position.quantity) if position.exit_price is not None else 0
    return position.sold + left - position.bought


def share_now(world: PolySimWorld, position: Position) -> int:
    """Return what a share of a position is worth: what it paid at the end, or costs now."""
    if position.exit_price is not None:
        return position.exit_price
    market = world.markets.market(position.market_id)
    if market is not None and market.payouts is not None:
        return market.payouts[position.outcome_index]
    shown = world.engine.displayed(position.token_id)
    return position.avg_entry_price if shown is None else shown


def win_rate(positions: list[Position]) -> tuple[int, int]:
    """Return how many of the closed positions brought something in, and how many were closed."""
    closed = [each for each in positions if is_closed(each)]
    return sum(realized(each) > 0 for each in closed), len(closed)


def percent(part: int, whole: int, places: int = 2) -> str:
    """Write part of a whole as a percentage, rounded half up; nothing of nothing is none of it."""
    scale = 10**places
    units = half_up(part * _HUNDREDTHS * scale, whole) if whole else 0
    sign = "-" if units < 0 else ""
    before, after = divmod(abs(units), scale)
    return f"{sign}{before}.{after:0{places}d}"
