"""Trade dates against the time zone database."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.sandbox.http.clock import from_ns, to_ns
from polyspec.sandbox.us.eastern import end_of, trade_date

NEW_YORK = ZoneInfo("America/New_York")
_FIRST, _LAST = dt.datetime(2010, 1, 1), dt.datetime(2036, 12, 30)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=st.just(dt.UTC))


@given(MOMENTS)
def test_the_written_rule_is_the_zone_of_new_york(moment: dt.datetime) -> None:
    """Every moment has the trade date that the database's New York clock gives it."""
    local = moment.astimezone(NEW_YORK)
    expected = local.date() + dt.timedelta(days=local.hour >= 17)
    assert trade_date(to_ns(moment)) == expected


@given(MOMENTS)
def test_a_trade_date_ends_where_the_next_begins(moment: dt.datetime) -> None:
    """The last nanosecond belongs to the date, the one after it to the next."""
    day = moment.date()
    assert trade_date(end_of(day)) == day
    assert trade_date(end_of(day) + 1) == day + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20T21:59:59.999999+00:00", "2026-11-20"),
        ("2026-11-20T22:00:00+00:00", "2026-11-21"),
        ("2026-07-01T20:59:59+00:00", "2026-07-01"),
        ("2026-07-01T21:00:00+00:00", "2026-07-02"),
    ],
)
def test_the_roll_is_at_five_in_summer_and_winter(moment: str, day: str) -> None:
    """17:00 in New York is 22:00 UTC in winter and 21:00 in summer."""
    assert trade_date(to_ns(dt.datetime.fromisoformat(moment))).isoformat() == day


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_nanoseconds_become_microseconds_and_back(moment_ns: int) -> None:
    """Turning a moment into a datetime cuts it to microseconds and does nothing else."""
    assert to_ns(from_ns(moment_ns)) == moment_ns - moment_ns % 1000
