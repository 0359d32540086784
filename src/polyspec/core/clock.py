"""How far this machine's clock is off, learned from the ``Date`` header of ordinary answers."""

from __future__ import annotations

import logging
import threading
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["ClockOffset"]

logger = logging.getLogger("polyspec")

# Date counts whole seconds and half a round trip is a guess: below this an offset means nothing.
_NOISE: Final = 2.0
# A server that is a day off is wrong itself, or its answer comes out of some cache.
_ABSURD: Final = 86_400.0
# After so long a round trip the answer says too little about the clock.
_LONGEST_TRIP: Final = 10.0
_SMOOTHING: Final = 0.25
# So many answers in a row that contradict each other, and the source is not believed at all.
_CONTRADICTIONS: Final = 3


class ClockOffset:
    """The server's clock minus ours, in seconds. Thread-safe.

    The first answer is believed at once. Afterwards one that differs is believed when the next agrees with
    it, so that a single odd ``Date`` changes nothing while a real jump of our clock is followed.
    """

    __slots__ = ("_candidate", "_contradictions", "_estimate", "_last", "_lock", "absurd", "erratic")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._estimate: float | None = None
        self._candidate: float | None = None
        self._contradictions = 0
        self._last: tuple[str, float | None] = ("", None)
        self.absurd = False
        """Whether an answer was ignored for being more than a day off."""
        self.erratic = False
        """Whether the server's answers contradict each other, so that none of them is believed."""

    @property
    def seconds(self) -> float:
        """What to add to our clock; 0.0 while unknown, below two seconds, or not to be believed."""
        estimate = self._estimate
        return estimate if estimate is not None and abs(estimate) >= _NOISE and not self.erratic else 0.0

    @property
    def known(self) -> bool:
        """Whether the server's answers told its time, and agree."""
        return self._estimate is not None and not self.erratic

    def correct(self, wall: float) -> float:
        """Return the server's time for a reading of our clock."""
        return wall + self.seconds

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
        # the header drops the fraction of the second: half of it on average
        return None if stamp is None else stamp + 0.5 - (wall - elapsed / 2)

    def learn(self, date: str | None, wall: float, elapsed: float, *, proven: bool = False) -> None:
        """Take in one answer; `proven` when its server just refused something for its time."""
        offset = self.sample(date, wall, elapsed)
        if offset is None:
            return
        if abs(offset) > _ABSURD:
            self._warn_absurd(offset)
            return
        with self._lock:
            if proven:
                self._adopt(offset)
            else:
                self._weigh(offset, tolerance=_NOISE + elapsed / 2)

    def _adopt(self, offset: float) -> None:
        self._estimate, self._candidate = offset, None
        self._contradictions, self.erratic = 0, False

    def _weigh(self, offset: float, tolerance: float) -> None:
        if self._estimate is None:
            self._adopt(offset)
        elif abs(offset - self._estimate) <= tolerance:
            self._adopt(self._estimate + _SMOOTHING * (offset - self._estimate))
        elif self._candidate is not None and abs(offset - self._candidate) <= tolerance:
            self._adopt(offset)
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


def _unix(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
