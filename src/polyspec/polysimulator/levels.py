"""The best levels of a book, in whichever order the venue lists them.

Books by token and by market have the best level last, as Polymarket does; books of the past have it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from polyspec_wire.polysimulator import models as wire

__all__ = ["best_ask", "best_bid"]


class _Book(Protocol):
    @property
    def bids(self) -> Sequence[wire.BookLevel]: ...

    @property
    def asks(self) -> Sequence[wire.BookLevel]: ...


def best_bid(book: _Book) -> wire.BookLevel | None:
    """Return the highest bid; None if there are none."""
    return max(book.bids, key=lambda level: level.price, default=None)


def best_ask(book: _Book) -> wire.BookLevel | None:
    """Return the lowest ask; None if there are none."""
    return min(book.asks, key=lambda level: level.price, default=None)
