"""What servers write into Retry-After, as a table."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.core.attempt import parse_retry_after

# Sun, 06 Nov 1994 08:49:37 GMT
NOW = 784_111_777.0
DAY = 86_400.0

SECONDS: list[tuple[str, float | None]] = [
    ("0", 0.0),
    ("1", 1.0),
    ("30", 30.0),
    ("007", 7.0),
    ("1.5", 1.5),
    ("2.", 2.0),
    (" 5 ", 5.0),
    ("86400", DAY),
    ("86401", DAY),
    ("31536000", DAY),
    ("9" * 30, DAY),
    ("9" * 5000, DAY),
    ("-1", None),
    ("-0.5", None),
    ("+5", None),
    ("1e3", None),
    ("1e400", None),
    ("nan", None),
    ("NaN", None),
    ("inf", None),
    ("-inf", None),
    ("Infinity", None),
    ("0x10", None),
    ("1_000", None),
    ("\u0663", None),
    ("", None),
    (" ", None),
    (",", None),
    ("soon", None),
    ("5 seconds", None),
    ("5s", None),
]
DATES: list[tuple[str, float | None]] = [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ("Sun, 06 Nov 1994 08:50:07 GMT", 30.0),
    ("Sunday, 06-Nov-94 08:50:07 GMT", 30.0),
    ("Sun Nov  6 08:50:07 1994", 30.0),
    ("06 Nov 1994 08:50:07 GMT", 30.0),
    ("Sun, 06 Nov 1994 08:50:07 -0000", 30.0),
    ("Sun, 06 Nov 1994 10:50:07 +0200", 30.0),
    ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
    ("Tue, 08 Nov 1994 08:49:37 GMT", DAY),
    ("Sun, 06 Nov 100000 08:49:37 GMT", None),
    ("Sun, 99 Nov 1994 08:49:37 GMT", None),
    ("Sun, 06 Nov 1994 25:61:61 GMT", None),
    ("Sun, ", None),
    ("Sun, 06 Nov", None),
    ("1994-11-06T08:50:07Z", None),
]
REPEATED: list[tuple[str, float | None]] = [
    ("3, 30", 30.0),
    ("30, 3", 30.0),
    ("3, 3", 3.0),
    ("x, 3", 3.0),
    ("-1, 3, nan", 3.0),
    ("3,", 3.0),
    ("Sun, 06 Nov 1994 08:50:07 GMT, 5", 30.0),
    ("5, Sun, 06 Nov 1994 08:50:07 GMT", 30.0),
    ("45, Sun, 06 Nov 1994 08:50:07 GMT", 45.0),
    ("Sun, 06 Nov 1994 08:50:07 GMT, Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
]


@pytest.fixture(params=["UTC", "Pacific/Kiritimati"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put this machine somewhere else."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_the_table_is_large() -> None:
    """The table keeps the size it was agreed to have."""
    assert len(SECONDS + DATES + REPEATED) >= 30


@pytest.mark.usefixtures("anywhere")
@pytest.mark.parametrize(("text", "wait"), SECONDS + DATES + REPEATED)
def test_retry_after(text: str, wait: float | None) -> None:
    """Seconds and all forms of dates are read alike wherever this machine is; nonsense is not said."""
    assert parse_retry_after({"retry-after": text}, NOW) == wait


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "0"}, 0.0),
        ({"retry-after-ms": "0.5"}, 0.0005),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "nan", "retry-after": "2"}, 2.0),
        ({"retry-after-ms": "-1"}, None),
        ({"retry-after-ms": "1e400"}, None),
        ({"retry-after-ms": "9" * 400}, DAY),
        ({"retry-after-ms": "100, 2500"}, 2.5),
    ],
)
def test_milliseconds(headers: dict[str, str], wait: float | None) -> None:
    """Milliseconds are finer than seconds and count first, if they can be read."""
    assert parse_retry_after(headers, NOW) == wait


@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever is written there, the result is nothing or seconds between zero and a day."""
    wait = parse_retry_after({"retry-after": text, "retry-after-ms": text}, NOW)
    assert wait is None or 0.0 <= wait <= DAY


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_never_sooner(seconds: int, other: int) -> None:
    """Of two values the wait is never shorter than either, up to a day."""
    wait = parse_retry_after({"retry-after": f"{seconds}, {other}"}, NOW)
    assert wait == pytest.approx(min(DAY, max(seconds, other)))


@pytest.mark.parametrize("ours", [-3600.0, -0.9, 0.0, 0.9, 3600.0])
def test_dates_are_counted_from_the_date_of_the_answer(ours: float) -> None:
    """However far our clock is off, a date is as far away as the server's own clock says, never nearer."""
    headers = {"retry-after": "Sun, 06 Nov 1994 08:50:07 GMT", "date": "Sun, 06 Nov 1994 08:49:37 GMT"}
    assert parse_retry_after(headers, NOW + ours) == 30.0
    assert parse_retry_after({**headers, "date": "yesterday"}, NOW) == 30.0
