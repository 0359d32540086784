"""Prices of a book: walking it, what is displayed of it, and which of them a market order gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, Level

from .requests import Side
from .units import half_up

__all__ = ["Walk", "band_bps", "bps", "crosses", "displayed", "facing", "spread_bps", "walk", "within"]

_SIZE_PER_UNIT: Final = 100
"""Millionths of a share in a ten-thousandth."""
_WIDE: Final = 100_000
"""A spread beyond this makes the last trade the displayed price."""
_MINUTE: Final = 60_000_000_000


class Walk(msgspec.Struct, frozen=True):
    """What walking a book for a quantity found."""

    filled: int
    value: int
    """Price times size, in units of both."""
    takes: tuple[Level, ...]

    @property
    def price(self) -> int:
        """The average price, to six decimals."""
        return half_up(self.value, self.filled)


def facing(book: FeedBook, side: Side) -> list[Level]:
    """Return the levels an order meets, best first, sizes in the exchange's units."""
    levels = book.asks if side == "BUY" else book.bids
    return [(price, size // _SIZE_PER_UNIT) for price, size in levels if size >= _SIZE_PER_UNIT]


def crosses(side: Side, limit: int, price: int) -> bool:
    """Tell whether a price is as good as a limit or better."""
    return price <= limit if side == "BUY" else price >= limit


def walk(levels: Iterable[Level], side: Side, quantity: int, limit: int | None) -> Walk:
    """Take a quantity from levels, best first, none worse than the limit."""
    filled = value = 0
    takes: list[Level] = []
    for price, size in levels:
        if filled == quantity or (limit is not None and not crosses(side, limit, price)):
            break
        taken = min(size, quantity - filled)
        filled, value = filled + taken, value + price * taken
        takes.append((price, taken))
    return Walk(filled, value, tuple(takes))


def displayed(book: FeedBook) -> int | None:
    """Return the price a market shows: the middle, or the last trade where the spread is wide or open."""
    bid = book.bids[0][0] if book.bids else None
    ask = book.asks[0][0] if book.asks else None
    if bid is not None and ask is not None and (ask - bid <= _WIDE or book.last is None):
        return half_up(bid + ask, 2)
    if book.last is not None:
        return book.last[0]
    return bid if ask is None else ask


def spread_bps(book: FeedBook) -> int | None:
    """Return the spread relative to the middle."""
    if not book.bids or not book.asks:
        return None
    bid, ask = book.bids[0][0], book.asks[0][0]
    return half_up((ask - bid) * 20_000, bid + ask)


def bps(price: int, reference: int) -> int:
    """Return how far a price is from another, without a sign."""
    return half_up(abs(price - reference) * 10_000, reference)


def band_bps(market: FeedMarket) -> int:
    """Return how far from the displayed price a market order may fill: wider in short Up/Down rounds."""
    if {outcome.lower() for outcome in market.outcomes} != {"up", "down"}:
        return 1500
    if market.start_ns is None or market.end_ns is None:
        return 2500
    length = market.end_ns - market.start_ns
    if length <= 5 * _MINUTE:
        return 5000
    return 3000 if length <= 15 * _MINUTE else 2500


def within(price: int, shown: int, band: int) -> bool:
    """Tell whether a price lies within a band around the displayed one."""
    return abs(price - shown) * 10_000 <= band * shown
