"""What waits while credentials are replaced: everything signed; and cancels are the first to go on."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final

from attrs import define

from polyspec.core.effects import Flow, Instant, Now, Wait
from polyspec.core.flight import Flight
from polyspec.errors import TimedOut

__all__ = ["Gate", "Passage"]

# How long orders let cancels go first: one that hangs must not hold them up for ever.
_COURTESY: Final = 2.0


@define(eq=False)
class Passage:
    """One request on its way."""

    lane: str
    inside: bool = False
    urgent: bool = False
    """A cancel that had to wait, and that orders let go first."""


class Gate:
    """The gate of one wallet, for threads and tasks of any loop."""

    def __init__(self) -> None:
        # may be entered again: the garbage collector closes flows wherever it likes
        self._lock = threading.RLock()
        self._closed: Flight[None] | None = None
        self._for_all = False
        self._writes = 0
        self._drained: Flight[None] | None = None
        self._urgent = 0
        self._cleared: Flight[None] | None = None

    def enter(self, passage: Passage, deadline: float) -> Flow[None]:
        """Wait until the gate is open, and cancels that waited are through; raises TimedOut."""
        courteous, courtesy = passage.lane == "write", 0.0
        while True:
            with self._lock:
                shut = self._closed if self._for_all or passage.lane == "write" else None
                ahead = self._cleared if courteous and self._urgent else None
                if shut is None and ahead is None:
                    passage.inside = True
                    self._writes += passage.lane == "write"
                    return
            now: Instant = yield Now()
            if now.monotonic >= deadline:
                raise _late()
            waiting, until = shut, deadline
            if shut is not None:
                self.blocked(passage)
            else:
                courtesy = courtesy or now.monotonic + _COURTESY
                waiting, until = ahead, min(deadline, courtesy)
                courteous = now.monotonic < courtesy
            assert waiting is not None
            with suppress(TimedOut, TimeoutError):
                yield Wait(waiting, max(0.0, until - now.monotonic))

    def blocked(self, passage: Passage) -> None:
        """Note that a request has to wait: if it is a cancel, orders will let it go first."""
        if passage.lane != "cancel" or passage.urgent:
            return
        with self._lock:
            passage.urgent = True
            self._urgent += 1
            if self._cleared is None:
                self._cleared = Flight()

    def leave(self, passage: Passage) -> None:
        """Note that a request was answered, or will not be."""
        if not passage.inside:
            return
        with self._lock:
            passage.inside = False
            self._writes -= passage.lane == "write"
            if self._writes == 0 and self._drained is not None:
                self._drained.land(None)
                self._drained = None

    def done(self, passage: Passage) -> None:
        """Note that nothing more comes of a request."""
        self.leave(passage)
        if not passage.urgent:
            return
        with self._lock:
            passage.urgent = False
            self._urgent -= 1
            if self._urgent == 0 and self._cleared is not None:
                self._cleared.land(None)
                self._cleared = None

    def close(self, *, writes_only: bool = False) -> None:
        """Let nothing more in, or no more orders: cancels and beats go on while the credentials do."""
        with self._lock:
            self._for_all = not writes_only
            if self._closed is None:
                self._closed = Flight()

    def open(self) -> None:
        """Let everything in."""
        with self._lock:
            closed, self._closed = self._closed, None
        if closed is not None:
            closed.land(None)

    @property
    def writes(self) -> int:
        """How many orders are on their way."""
        return self._writes

    def drained(self, patience: float) -> Flow[bool]:
        """Wait until no order is on its way, for `patience` seconds; tell whether it came to that."""
        with self._lock:
            if self._writes == 0:
                return True
            if self._drained is None:
                self._drained = Flight()
            waiting = self._drained
        with suppress(TimedOut, TimeoutError):
            yield Wait(waiting, patience)
        return self._writes == 0


def _late() -> TimedOut:
    late = TimedOut("the credentials were still being replaced when the deadline passed; nothing was sent")
    late.maybe_executed = False
    return late
