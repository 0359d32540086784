"""How far this machine's clock is off, learned from ordinary answers and, in doubt, from the venue's clock.

Between two answers the offset stands as long as the clock of this machine runs evenly. When it was set, or
the machine slept, the monotonic clock tells: then the offset is in doubt until the next answer, which is
believed at once. Whoever signs the time asks the venue for it before, if the venue has an endpoint for that.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from polyspec.core.effects import Instant
from polyspec.core.forking import renew_lock_of
from polyspec.errors import AuthError

__all__ = ["BOUND", "ClockOffset", "dated"]

BOUND: Final = 300.0
"""Seconds beyond which nothing is signed, unless a client is told otherwise."""

logger = logging.getLogger("polyspec")

# Date counts whole seconds and half a round trip is a guess: below this an offset means nothing.
_NOISE: Final = 2.0
# From here on it is worth correcting.
_APPLIED: Final = 1.0
# A clock that runs evenly, even one that is being slewed, is not so far off between two looks at it.
_JUMP: Final = 1.0
# Between two requests for the venue's time.
_PROBE: Final = 5.0
# A server that is a day off is wrong itself, or its answer comes out of some cache.
_ABSURD: Final = 86_400.0
# After so long a round trip the answer says too little about the clock.
_LONGEST_TRIP: Final = 10.0
_SMOOTHING: Final = 0.25
# An answer that is so much more exact than what is known, in seconds, is not averaged with it.
_SHARPER: Final = 0.5
# So many answers in a row that contradict each other, and the source is not believed at all.
_CONTRADICTIONS: Final = 3


class ClockOffset:
    """The server's clock minus ours, in seconds. Thread-safe.

    The first answer is believed at once. Afterwards one that differs is believed when the next agrees with
    it, so that a single odd ``Date`` changes nothing while a real jump of our clock is followed. Nothing is
    signed while the offset is beyond `bound`.
    """

    __slots__ = (
        "__weakref__", "_ahead", "_candidate", "_contradictions", "_doubt", "_estimate", "_last", "_lock",
        "_looked", "_probed", "absurd", "bound", "erratic", "stale",
    )  # fmt: skip

    def __init__(self, bound: float = BOUND) -> None:
        self._lock = threading.Lock()
        renew_lock_of(self)
        self.bound = bound
        self._estimate: float | None = None
        self._doubt = 0.0
        self._candidate: float | None = None
        self._contradictions = 0
        self._last: tuple[str, float | None] = ("", None)
        self._ahead: float | None = None
        self._looked = self._probed = -math.inf
        self.stale = False
        """Whether our clock was set, or stood still, since the last answer."""
        self.absurd = False
        """Whether an answer was ignored for being more than a day off."""
        self.erratic = False
        """Whether the server's answers contradict each other, so that none of them is believed."""

    @property
    def seconds(self) -> float:
        """What to add to our clock; 0.0 while unknown, below a second, or not to be believed."""
        estimate = self._estimate
        return estimate if estimate is not None and abs(estimate) >= _APPLIED and not self.erratic else 0.0

    @property
    def known(self) -> bool:
        """Whether the server's answers told its time, and agree."""
        return self._estimate is not None and not self.erratic

    def correct(self, wall: float) -> float:
        """Return the server's time for a reading of our clock."""
        return wall + self.seconds

    def stamp(self, now: Instant) -> float:
        """Return the server's time, to be signed; raises AuthError if our clock is too far off for that."""
        offset = self.seconds
        if abs(offset) > self.bound:
            error = AuthError(
                f"the clock of this machine is {abs(offset):.0f} s {'behind' if offset > 0 else 'ahead of'} "
                f"the venue's, more than the {self.bound:g} s that are corrected: nothing is signed; set it, "
                "best by NTP (or raise clock_bound)"
            )
            error.cause = "clock"
            raise error
        return now.wall + offset

    def notice(self, now: Instant) -> None:
        """Look whether our clock was set since the last look, or the machine slept."""
        ahead, known = now.wall - now.monotonic, self._ahead
        if known is not None and abs(ahead - known) <= _JUMP:
            self._ahead, self._looked = ahead, now.monotonic
            return
        with self._lock:
            # another thread may have seen the same first; and what was read before it was is no jump back
            if now.monotonic < self._looked:
                return
            known, self._ahead, self._looked = self._ahead, ahead, now.monotonic
            if known is None or abs(ahead - known) <= _JUMP:
                return
            self.stale = True
            self._candidate, self._contradictions = None, 0
            if ahead < known and self._estimate is not None:
                # sleep never sets a clock back: it was set, and by so much the server's is further ahead
                self._estimate += known - ahead

    def wants_probe(self, now: Instant) -> bool:
        """Tell whether to ask the venue for its time before anything is signed, and note that it is asked."""
        if not self.stale and abs(self.seconds) <= self.bound:
            return False
        if now.monotonic - self._probed < _PROBE:
            return False
        self._probed = now.monotonic
        return True

    def forget(self) -> None:
        """Know nothing: the next answer is believed at once."""
        with self._lock:
            self._estimate = self._candidate = None

    def sample(self, date: str | None, wall: float, elapsed: float) -> float | None:
        """Return what one answer alone says about the offset; None if it says nothing.

        `wall` is our clock when the answer had arrived, `elapsed` the seconds since the request left.
        """
        if date is None or not 0 <= elapsed <= _LONGEST_TRIP:
            return None
        # a burst of answers shares its second, and reading a date costs more than all the rest here
        known, stamp = self._last
        if known != date:
            stamp = _unix(date)
            self._last = (date, stamp)
        return None if stamp is None else _offset(stamp, wall, elapsed)

    def tell(self, second: float, wall: float, elapsed: float) -> None:
        """Take in the whole second that the venue's time endpoint said."""
        if 0 <= elapsed <= _LONGEST_TRIP:
            self._take(_offset(second, wall, elapsed), elapsed, proven=True)

    def learn(self, date: str | None, wall: float, elapsed: float, *, proven: bool = False) -> None:
        """Take in one answer; `proven` when its server just refused something for its time."""
        offset = self.sample(date, wall, elapsed)
        if offset is not None:
            self._take(offset, elapsed, proven=proven)

    def _take(self, offset: float, elapsed: float, *, proven: bool) -> None:
        if abs(offset) > _ABSURD:
            self._warn_absurd(offset)
            return
        with self._lock:
            if proven or self.stale:
                self._adopt(offset, elapsed / 2)
            else:
                self._weigh(offset, elapsed / 2)

    def _adopt(self, offset: float, doubt: float) -> None:
        self._estimate, self._doubt, self._candidate = offset, doubt, None
        self._contradictions, self.erratic, self.stale = 0, False, False

    def _weigh(self, offset: float, doubt: float) -> None:
        """Take in an answer that may be off by `doubt`: how long each way took is a guess."""
        tolerance = _NOISE + doubt
        if self._estimate is None:
            self._adopt(offset, doubt)
        elif abs(offset - self._estimate) <= tolerance + self._doubt:
            if doubt + _SHARPER < self._doubt:
                self._adopt(offset, doubt)
                return
            # what its doubt explains says nothing about the clock
            beyond = max(0.0, abs(offset - self._estimate) - doubt)
            step = math.copysign(_SMOOTHING * beyond, offset - self._estimate)
            self._adopt(self._estimate + step, self._doubt)
        elif self._candidate is not None and abs(offset - self._candidate) <= tolerance:
            self._adopt(offset, doubt)
        else:
            self._candidate = offset
            self._contradictions += 1
            if self._contradictions >= _CONTRADICTIONS and not self.erratic:
                self.erratic = True
                logger.warning("the Date headers of the server contradict each other; its clock is ignored")

    def _warn_absurd(self, offset: float) -> None:
        if not self.absurd:
            self.absurd = True
            logger.warning("the Date header of the server is %.0f hours off and is ignored", offset / 3600)


def dated(headers: Mapping[str, str]) -> str | None:
    """Return the ``Date`` of an answer, unless a cache kept it: then it says when it was made, not sent."""
    return headers.get("date") if headers.get("age", "0") == "0" else None


def _offset(second: float, wall: float, elapsed: float) -> float:
    # the fraction of the second is not told: half of it on average
    return second + 0.5 - (wall - elapsed / 2)


def _unix(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
