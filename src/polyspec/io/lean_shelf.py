"""Which connections of our own are idle, how many there may be, and who waits for one."""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Generic, Protocol, TypeVar

from polyspec.io.lean_request import Origin
from polyspec.io.lending import KEPT

__all__ = ["PATIENCE", "Line", "Shelf", "Waiter"]

# Seconds of waiting for a place among the connections, on top of those for opening one.
PATIENCE: Final = 2.0


class Line(Protocol):
    """A connection that carries one request at a time."""

    origin: Origin
    since: float
    """When it was given back, by the monotonic clock."""

    def usable(self) -> bool:
        """Tell whether it can carry a request, as far as can be known."""
        ...

    def discard(self) -> None:
        """Close it."""
        ...


L_contra = TypeVar("L_contra", bound=Line, contravariant=True)


class Waiter(Protocol[L_contra]):
    """Somebody who waits for a connection."""

    origin: Origin

    def hand(self, line: L_contra | None) -> bool:
        """Hand over a connection, or a place to open one in; False if nobody waits any more."""
        ...


L = TypeVar("L", bound=Line)
W = TypeVar("W", bound=Waiter[Any])


class Shelf(Generic[L, W]):
    """Keeps the connections of one lane; whoever shares one between threads holds a lock."""

    def __init__(self, size: int) -> None:
        """Have places for up to `size` connections, idle, in use and being opened."""
        self._size: Final = size
        self._taken = 0
        self._idle: dict[Origin, list[L]] = {}
        self.waiting: deque[W] = deque()
        """Those who wait, in the order in which they came."""

    def take(self, origin: Origin, now: float) -> L | None:
        """Take the connection used last, so that those not needed grow old."""
        idle = self._idle.get(origin)
        while idle:
            line = idle.pop()
            if now - line.since < KEPT and line.usable():
                return line
            self._taken -= 1
            line.discard()
        return None

    def reserve(self) -> bool:
        """Take a place to open a connection in, if need be that of an idle one which leads elsewhere."""
        if self._taken < self._size:
            self._taken += 1
            return True
        elsewhere = min(filter(None, self._idle.values()), key=lambda idle: idle[0].since, default=None)
        if elsewhere is None:
            return False
        elsewhere.pop(0).discard()
        return True

    def give(self, line: L, now: float) -> None:
        """Give a connection back: to who waits for one, else to the others that are idle."""
        line.since = now
        while self.waiting:
            waiter = self.waiting.popleft()
            if waiter.origin != line.origin:
                if waiter.hand(None):
                    line.discard()
                    return
            elif waiter.hand(line):
                return
        idle = self._idle.setdefault(line.origin, [])
        idle.append(line)
        while now - idle[0].since >= KEPT:
            self._taken -= 1
            idle.pop(0).discard()

    def free(self) -> None:
        """Give a place back whose connection is gone."""
        while self.waiting:
            if self.waiting.popleft().hand(None):
                return
        self._taken -= 1

    def leave(self, waiter: W) -> bool:
        """Leave the line; False if something was handed over already."""
        try:
            self.waiting.remove(waiter)
        except ValueError:
            return False
        return True

    def clear(self) -> None:
        """Close what is idle, and let all who wait find out why."""
        for idle in self._idle.values():
            for line in idle:
                line.discard()
            self._taken -= len(idle)
        self._idle.clear()
        while self.waiting:
            self._taken += self.waiting.popleft().hand(None)
