"""A machine that also has books read anew, but not more often than a venue bears."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from polyspec.core.streams.events import StreamState
from polyspec.core.streams.machine import Action, Machine, Resync
from polyspec.core.streams.rhythm import FOREVER

__all__ = ["BookMachine"]


@define(eq=False)
class BookMachine(Machine):
    """One connection, and the books that are to be read over REST."""

    pause: float = field(default=1.0, kw_only=True)
    """Seconds between two looks."""
    _stale: dict[str, None] = field(factory=dict, init=False)
    _next: float = field(default=0.0, init=False)
    """When the next look may begin."""

    def stale(self, keys: Iterable[str], now: float) -> list[Action]:
        """Have keys looked up, at once if the last look is long ago."""
        self._stale |= dict.fromkeys(keys)
        return self._read(now)

    def fresh(self, key: str) -> None:
        """Note that a key need not be looked up any more."""
        self._stale.pop(key, None)

    def rested(self) -> None:
        """Forget what was to be looked up: another connection tells it."""
        self._stale.clear()

    def _read(self, now: float) -> list[Action]:
        if not self._stale or now < self._next or not self._open:
            return []
        self._next = now + self.pause
        keys, self._stale = tuple(self._stale), {}
        return [Resync(keys, "the best prices moved")]

    @property
    def _open(self) -> bool:
        return self.state in (StreamState.SUBSCRIBING, StreamState.LIVE)

    @property
    def wakes(self) -> float:
        """When to call `tick` at the latest, in monotonic seconds."""
        due = self._next if self._stale and self._open else FOREVER
        return min(super().wakes, due)

    def tick(self, now: float) -> list[Action]:
        """Do what the time makes due."""
        return [*super().tick(now), *self._read(now)]
