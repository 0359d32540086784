"""The markets a paper venue mirrors: what it must know of them, whoever keeps them.

Prices and payouts are in millionths of a dollar, sizes in millionths of a share, moments in nanoseconds
since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

import msgspec

__all__ = ["Feed", "FeedBook", "FeedMarket", "FeedSide", "Level"]

Level: TypeAlias = tuple[int, int]
"""Price and size."""
FeedSide: TypeAlias = Literal["BUY", "SELL"]


class FeedMarket(msgspec.Struct, frozen=True, kw_only=True):
    """A market with two or more outcomes that share its fate."""

    condition_id: str
    question: str
    slug: str
    category: str
    outcomes: tuple[str, ...]
    token_ids: tuple[str, ...]
    """In the order of the outcomes."""
    tick: int
    neg_risk: bool = False
    event_id: str = ""
    event_title: str = ""
    group_item: str = ""
    """What tells a market from the others of its event."""
    status: Literal["open", "closed", "resolved"] = "open"
    payouts: tuple[int, ...] | None = None
    """What a share of each outcome pays; None before the market is resolved."""
    start_ns: int | None = None
    end_ns: int | None = None
    created_ns: int = 0


class FeedBook(msgspec.Struct, frozen=True, kw_only=True):
    """A book as holders of one token see it, merged with that of the other outcome."""

    bids: list[Level]
    """Best first, as are the asks."""
    asks: list[Level]
    at_ns: int
    """When it last changed; two books of one moment are the same snapshot."""
    last: tuple[int, int | None, FeedSide, int] | None = None
    """Price, size if known, side of the taker and moment of the last trade."""


class Feed(Protocol):
    """Where markets, books and prices come from; called from any thread."""

    def markets(self) -> list[FeedMarket]:
        """Return all markets, in the order they were listed."""
        ...

    def market(self, condition_id: str) -> FeedMarket | None:
        """Return a market."""
        ...

    def market_of(self, token_id: str) -> FeedMarket | None:
        """Return the market of a token."""
        ...

    def book(self, token_id: str) -> FeedBook | None:
        """Return the merged book of a token."""
        ...

    def points(self, token_id: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Return moments and prices of a token's trades from a moment until before another, oldest first."""
        ...

    def volume(self, condition_id: str) -> int:
        """Return what was ever paid in a market, in millionths of a dollar."""
        ...

    def resolve(self, condition_id: str, payouts: tuple[int, ...]) -> None:
        """Decide a market by what a share of each outcome pays; raises ValueError if that cannot be."""
        ...

    def subscribe(self, callback: Callable[[str], None]) -> None:
        """Call back with the condition id on every change, from the feed's thread, which must not wait."""
        ...
