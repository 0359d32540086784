"""One write of an account at a time, cancels first: the venue itself lets no two through together.

Writes of an account take a lock there, and whoever waits for it longer than two seconds is refused. A line
here costs nothing and loses nobody: first come, first served, and a cancel goes before every placement.
Whoever gives up - cancelled, timed out, left behind by its event loop - leaves no hole in it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from typing import Final, TypeVar

from polyspec.core.effects import Flow, Instant, Now, Wait
from polyspec.core.flight import Flight
from polyspec.errors import TimedOut

__all__ = ["CANCEL_WAITS", "Turns", "turns_of"]

T = TypeVar("T")

CANCEL_WAITS: Final = 2.0
"""Seconds a cancel stands in line at most; then it goes all the same."""

# Whoever was to have ended so long ago is dead: its loop was stopped, its thread killed.
_GRACE: Final = 5.0
_MOST: Final = 256


class _Place:
    """A place in the line, and whose turn it is."""

    __slots__ = ("flight", "lease", "over")

    def __init__(self, lease: float) -> None:
        self.flight: Flight[None] = Flight()
        self.lease = lease
        """Monotonic second from which its holder counts as dead."""
        self.over = False


class Turns:
    """The line of one account. For threads and tasks of any loop together."""

    def __init__(self) -> None:
        # may be entered again: the garbage collector closes a flow that was left behind wherever it likes.
        # All that is done under it holds up if that happens in the middle: `over` is never taken back.
        self._lock = threading.RLock()
        self._holder: _Place | None = None
        self._urgent: deque[_Place] = deque()
        self._others: deque[_Place] = deque()

    def within(self, work: Flow[T], until: float, *, urgent: bool = False) -> Flow[T]:
        """Run `work` in its turn, which must come before the monotonic second `until`.

        Raises TimedOut, with nothing done, if it does not. What is `urgent` goes before all that is not, and
        without its turn after two seconds.
        """
        place = _Place(until + _GRACE)
        try:
            yield from self._wait(place, until, urgent=urgent)
            return (yield from work)
        finally:
            # also of a flow that was never begun, which would otherwise warn when it is collected
            work.close()
            self._leave(place)

    def _wait(self, place: _Place, until: float, *, urgent: bool) -> Flow[None]:
        with self._lock:
            (self._urgent if urgent else self._others).append(place)
            self._next()
        if place.flight.done:
            return
        start: Instant = yield Now()
        patience = min(until, start.monotonic + CANCEL_WAITS) if urgent else until
        now = start.monotonic
        while now < patience:
            with suppress(TimedOut):
                yield Wait(place.flight, max(0.0, min(patience, self._lease(now)) - now))
            if place.flight.done:
                return
            read: Instant = yield Now()
            now = read.monotonic
            self._bury(now)
        if urgent and now < until:
            return
        late = TimedOut(
            "another write of this account was still on its way when the deadline passed; "
            "this one was not sent"
        )
        late.maybe_executed = False
        raise late

    def _lease(self, now: float) -> float:
        with self._lock:
            holder = self._holder
        # a moment later, so that it has passed by then
        return now if holder is None else max(now, holder.lease) + 0.01

    def _bury(self, now: float) -> None:
        """Pass over a holder that was never heard of again."""
        with self._lock:
            if self._holder is not None and self._holder.lease < now:
                self._holder.over = True
            self._next()

    def _leave(self, place: _Place) -> None:
        place.over = True
        with self._lock:
            self._next()

    def _next(self) -> None:
        """Give the turn to whoever is next, if nobody has it."""
        while self._holder is None or self._holder.over:
            line = self._urgent or self._others
            if not line:
                self._holder = None
                return
            # one that was given up meanwhile is passed over at once
            self._holder = line.popleft()
            self._holder.flight.land(None)


_known: dict[tuple[str, str], Turns] = {}
_lock = threading.Lock()


def turns_of(base_url: str, mark: str) -> Turns:
    """Return the line of this process for the account behind credentials, which `mark` tells apart."""
    name = base_url, mark
    with _lock:
        if (found := _known.get(name)) is None:
            if len(_known) >= _MOST:
                # whoever stands in the oldest stays in it, and merely shares it with nobody new
                del _known[next(iter(_known))]
            found = _known[name] = Turns()
        return found


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it
    _lock = threading.Lock()
    # whoever stands in line does so in the parent
    _known.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
