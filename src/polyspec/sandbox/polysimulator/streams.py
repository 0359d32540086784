"""What streams are told: which markets changed, and who filled what.

Whoever has news hands it to the hub, from any thread and without waiting; each stream looks into its own
mailbox when it gets round to it. A market that changed twice since then is told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from polyspec.sandbox.http import sockets

__all__ = ["Fill", "Hub", "Mailbox", "News", "sorted_out"]


@dataclass(frozen=True, kw_only=True)
class Fill:
    """A fill as its owner is told of it; the price in millionths, the quantity in 1/10,000 share."""

    user_id: int
    order_id: int
    condition_id: str
    token_id: str
    side: str
    outcome: str
    price: int
    quantity: int
    at_ns: int
    resting: bool
    """Whether the order waited in the book for it."""


News: TypeAlias = "str | Fill"
"""The condition id of a market that changed, or a fill."""
Mailbox: TypeAlias = sockets.Mailbox[News]
"""What one stream was not told yet."""


class Hub(sockets.Hub[News]):
    """Passes news on to every open stream."""

    def changed(self, condition_id: str) -> None:
        """Tell that a market changed."""
        self.post([condition_id])

    def filled(self, fill: Fill) -> None:
        """Tell of a fill."""
        self.post([fill])


def sorted_out(news: Iterable[News]) -> tuple[list[str], list[Fill]]:
    """Return the markets that changed, each once, and the fills that came."""
    markets: dict[str, None] = {}
    fills: list[Fill] = []
    for each in news:
        if isinstance(each, Fill):
            fills.append(each)
        else:
            markets[each] = None
    return list(markets), fills
