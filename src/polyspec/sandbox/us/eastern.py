"""Trade dates: days in New York that roll at 17:00 there.

The rule of daylight saving time is written out, because a bare machine need not have a time zone database.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from polyspec.sandbox.http.clock import from_ns, to_ns

__all__ = ["end_of", "trade_date"]

_ROLL: Final = dt.timedelta(hours=7)
_STANDARD: Final = dt.timedelta(hours=-5)
_SUMMER: Final = dt.timedelta(hours=-4)
_SUNDAY: Final = 6


def _sunday(year: int, month: int, number: int) -> dt.date:
    """Return the n-th Sunday of a month."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(_SUNDAY - first.weekday()) % 7 + 7 * (number - 1))


def _offset(local: dt.datetime) -> dt.timedelta:
    """Return the offset from UTC of a New York wall clock; summer begins and ends at 2:00."""
    begin = dt.datetime.combine(_sunday(local.year, 3, 2), dt.time(2))
    end = dt.datetime.combine(_sunday(local.year, 11, 1), dt.time(2))
    return _SUMMER if begin <= local < end else _STANDARD


def trade_date(moment_ns: int) -> dt.date:
    """Return the trade date of a moment."""
    utc = from_ns(moment_ns).replace(tzinfo=None)
    # the hour that is lived twice in November is far from the roll, so standard time will do to choose
    local = utc + _offset(utc + _STANDARD)
    return (local + _ROLL).date()


def end_of(day: dt.date) -> int:
    """Return the last nanosecond of a trade date; raises OverflowError beyond the calendar."""
    roll = dt.datetime.combine(day, dt.time(17))
    return to_ns((roll - _offset(roll)).replace(tzinfo=dt.UTC)) - 1
