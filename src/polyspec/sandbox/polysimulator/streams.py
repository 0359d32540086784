"""What streams are told: which markets changed, and who filled what.

Whoever has news hands it to the hub, from any thread and without waiting; each stream looks into its own
mailbox when it gets round to it. A market that changed twice since then is in there once.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass
from typing import Final

__all__ = ["Fill", "Hub", "Mailbox"]

_MOST_FILLS: Final = 10_000
"""Of a stream that nobody reads; the oldest are lost, as by a venue that drops a slow consumer."""


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


class Mailbox:
    """What one stream was not told yet."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._lock = threading.Lock()
        self._markets: dict[str, None] = {}
        self._fills: list[Fill] = []

    def changed(self, condition_id: str) -> None:
        """Note that a market changed."""
        with self._lock:
            self._markets[condition_id] = None
        self.wake()

    def filled(self, fill: Fill) -> None:
        """Note a fill."""
        with self._lock:
            self._fills.append(fill)
            del self._fills[:-_MOST_FILLS]
        self.wake()

    def wake(self) -> None:
        """Have whoever waits go on."""
        # a stream whose loop is gone has nobody to tell
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ready.set)

    async def wait(self) -> None:
        """Wait until there is something to tell."""
        await self._ready.wait()

    def take(self) -> tuple[list[str], list[Fill]]:
        """Return the markets that changed and the fills that came, and forget them."""
        self._ready.clear()
        with self._lock:
            markets, fills = list(self._markets), self._fills
            self._markets, self._fills = {}, []
        return markets, fills


class Hub:
    """Passes news on to every open stream."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boxes: list[Mailbox] = []
        self.over = False
        """Whether streams are to end."""

    def open(self) -> Mailbox:
        """Return a mailbox that gets the news from now on."""
        box = Mailbox()
        with self._lock:
            self._boxes = [*self._boxes, box]
        return box

    def close(self, box: Mailbox) -> None:
        """Send a mailbox no more news."""
        with self._lock:
            self._boxes = [each for each in self._boxes if each is not box]

    def shut(self) -> None:
        """Have every stream end, so that a server that stops need not wait for it."""
        with self._lock:
            self.over = True
        for box in self._boxes:
            box.wake()

    def changed(self, condition_id: str) -> None:
        """Tell that a market changed."""
        for box in self._boxes:
            box.changed(condition_id)

    def filled(self, fill: Fill) -> None:
        """Tell of a fill."""
        for box in self._boxes:
            box.filled(fill)
