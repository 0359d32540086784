"""What a stream told and its reader has not read yet: bounded, and never cut in silence."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal, TypeAlias, get_args

from polyspec.core.streams.events import Dropped, Event, Mark
from polyspec.errors import ConfigError

__all__ = ["POLICIES", "Backlog", "Overflow"]

Overflow: TypeAlias = Literal["block", "drop_oldest", "disconnect"]
"""What becomes of a stream whose reader is too slow.

block: nothing more is received until there is room; venues cut off who does that for long. drop_oldest: the
oldest events are left out, `Dropped` says how many, and what they may have changed is looked up. disconnect:
the stream is over, with an error.
"""
POLICIES: Final[tuple[str, ...]] = get_args(Overflow)


class Backlog:
    """Events in the order they came. Takes what it is given; the policy is kept by whoever asks `full`."""

    def __init__(self, room: int, overflow: Overflow) -> None:
        if overflow not in POLICIES:
            raise ConfigError(f"overflow must be one of {', '.join(POLICIES)}, not {overflow!r}")
        if room < 1:
            raise ConfigError(f"room must be 1 or more, not {room}")
        self.overflow: Overflow = overflow
        self.room = room
        self._events: deque[Event] = deque()
        self._dropped = 0
        self._dropped_at = 0.0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def full(self) -> bool:
        """Whether there is no room for another event."""
        return len(self._events) >= self.room

    def put(self, event: Event) -> None:
        """Add an event; with ``drop_oldest`` it may cost another its place."""
        self._events.append(event)
        if self.overflow != "drop_oldest" or len(self._events) <= self.room:
            return
        oldest = self._events.popleft()
        # what comes before a mark was dropped with it
        if type(oldest) is not Mark:
            self._dropped_at = oldest.received
            self._dropped += 1

    def take(self) -> Event | None:
        """Return the oldest event, or how many there were before it; None if there is nothing to tell.

        What is told after a `Dropped` was taken is either read, or counted in another.
        """
        if self._dropped:
            count, self._dropped = self._dropped, 0
            return Dropped(self._dropped_at, count)
        while self._events:
            event = self._events.popleft()
            if type(event) is not Mark:
                return event
            event.done()
        return None
