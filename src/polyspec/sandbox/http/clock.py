"""The venue's clock: the machine's, plus what a test added to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate

__all__ = ["Clock", "from_ns", "span", "to_ns"]

_LAST = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Wall time in nanoseconds since 1970 UTC; can be moved forward or stopped, never back.

    Thread-safe: venues that show one world have one clock, and locks of their own.
    """

    def __init__(self, source: Callable[[], int] = time.time_ns) -> None:
        self._source = source
        self._ahead = 0
        self._frozen: int | None = None
        self._last = 0
        self._lock = threading.RLock()
        self.header_offset = 0.0
        """Seconds by which the ``Date`` header of answers is wrong."""

    def now_ns(self) -> int:
        """Return now; two calls never return the same or an earlier moment unless the clock is frozen."""
        with self._lock:
            if self._frozen is not None:
                return self._frozen
            self._last = max(self._last + 1, self._source() + self._ahead)
            return self._last

    def now(self) -> datetime:
        """Return now as an aware UTC datetime."""
        return from_ns(self.now_ns())

    def seconds(self) -> float:
        """Return now as unix seconds."""
        return self.now_ns() / 1e9

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`; raises ValueError for a step back, or beyond what time can be told."""
        if seconds < 0:
            raise ValueError("the clock never runs back")
        step = int(seconds * 1e9)
        with self._lock:
            if self.now_ns() + step > _LAST:
                raise ValueError("the clock ends in the year 2262")
            if self._frozen is not None:
                self._frozen += step
            self._ahead += step

    def freeze(self) -> None:
        """Stop the clock where it is; `advance` still moves it."""
        with self._lock:
            if self._frozen is None:
                self._frozen = self.now_ns()

    def thaw(self) -> None:
        """Let a frozen clock run on from where it stands."""
        with self._lock:
            if self._frozen is not None:
                self._ahead = self._frozen - self._source()
                self._last = self._frozen
                self._frozen = None

    def resume_after(self, moment_ns: int) -> None:
        """Never answer `moment_ns` or earlier again: what a journal recorded must stay in the past."""
        with self._lock:
            self._last = max(self._last, moment_ns)
            if self._source() + self._ahead <= moment_ns:
                self._ahead = moment_ns + 1 - self._source()

    def http_date(self) -> str:
        """Return the value of the ``Date`` header."""
        return formatdate(self.seconds() + self.header_offset, usegmt=True)


def from_ns(moment_ns: int) -> datetime:
    """Return nanoseconds since 1970 as a UTC datetime, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=moment_ns // 1000)


def to_ns(moment: datetime) -> int:
    """Return an aware datetime as nanoseconds since 1970; a naive one is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1000


def span(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Return the first and the last nanosecond of a period whose ends belong to it.

    A moment is told in microseconds, so a period that ends with one holds all of its nanoseconds.
    """
    return 0 if start is None else to_ns(start), _LAST if end is None else to_ns(end) + 999
