"""What an order would have filled at, by several models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from polyspec.sandbox.polysimulator.archive import ReplayBook
from polyspec.sandbox.polysimulator.engine import fee_bps
from polyspec.sandbox.polysimulator.engine.units import fee_of, half_up
from polyspec.sandbox.polysimulator.feed import Level

__all__ = ["FILL_MODELS", "SimulatedFill", "simulate"]

FILL_MODELS: Final = {
    "midpoint": "Everything at the middle of the book.",
    "top_of_book": "What rests at the best price, and no more.",
    "depth_walk": "Level by level as deep as it takes.",
    "depth_walk_depletion": "The same, with what this run took from the same book before left out.",
}
_UNIT: Final = 100
"""Millionths of a share in one of the engine's units."""
_BPS: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class SimulatedFill:
    """A fill that did not happen; prices in millionths, shares in 1/10,000."""

    price: int | None
    """The average; None if nothing would have filled."""
    quantity: int
    remaining: int
    levels: int
    slippage_bps: int | None
    """From the middle."""
    impact_bps: int | None
    """From the first level to the last."""
    fee: int
    """To five decimals."""
    taken: tuple[Level, ...] = ()
    """What it took from each level: price, and size in millionths."""


def simulate(
    book: ReplayBook,
    side: str,
    quantity: int,
    model: str,
    *,
    limit: int | None = None,
    gone: dict[int, int] | None = None,
) -> SimulatedFill:
    """Fill an order against a book; `gone` is what was taken from its levels before, by price."""
    facing = book.asks if side == "BUY" else book.bids
    if model == "midpoint":
        facing = [(book.mid, quantity * _UNIT)]
    elif model == "top_of_book":
        facing = facing[:1]
    taken = _walk(facing, side, quantity * _UNIT, limit, gone or {})
    size = sum(each for _, each in taken)
    filled = size // _UNIT
    if not filled:
        return SimulatedFill(
            price=None, quantity=0, remaining=quantity, levels=0, slippage_bps=None, impact_bps=None, fee=0
        )
    price = half_up(sum(price * each for price, each in taken), size)
    sign = 1 if side == "BUY" else -1
    return SimulatedFill(
        price=price,
        quantity=filled,
        remaining=quantity - filled,
        levels=len(taken),
        slippage_bps=sign * (price - book.mid) * _BPS // book.mid,
        impact_bps=sign * (taken[-1][0] - taken[0][0]) * _BPS // taken[0][0],
        fee=fee_of(price, filled, fee_bps(book.market.category)),
        taken=tuple(taken),
    )


def _walk(
    facing: Sequence[Level], side: str, wanted: int, limit: int | None, gone: dict[int, int]
) -> list[Level]:
    taken: list[Level] = []
    for price, size in facing:
        worse = limit is not None and (price > limit if side == "BUY" else price < limit)
        if worse or not wanted:
            break
        # whole units of the engine only
        part = min(wanted, max(0, size - gone.get(price, 0))) // _UNIT * _UNIT
        if part:
            taken.append((price, part))
            wanted -= part
    return taken
