"""The server's clock, learned from its answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.core.clock import ClockOffset

NOW = 1_800_000_000.25


def date(offset: float, wall: float = NOW, elapsed: float = 0.1) -> str:
    """Return the header of a server whose clock is `offset` seconds ahead of ours."""
    return formatdate(wall - elapsed / 2 + offset, usegmt=True)


def learned(*offsets: float, elapsed: float = 0.1) -> ClockOffset:
    """Return a clock that has seen answers with these offsets, a second apart."""
    clock = ClockOffset()
    for number, offset in enumerate(offsets):
        clock.learn(date(offset, NOW + number, elapsed), NOW + number, elapsed)
    return clock


@given(st.floats(-86_000, 86_000), st.floats(0, 9.9), st.floats(0, 1))
def test_one_answer_tells_the_offset(offset: float, elapsed: float, phase: float) -> None:
    """The first answer fixes the offset to within half a second and half the round trip."""
    wall = NOW + phase
    clock = ClockOffset()
    clock.learn(date(offset, wall, elapsed), wall, elapsed)
    assert abs(clock.correct(wall) - (wall + offset)) <= 2.0 + 0.6


@pytest.mark.parametrize("offset", [-1.4, -0.9, 0.0, 0.9, 1.4])
def test_small_offsets_are_noise(offset: float) -> None:
    """Below two seconds nothing is corrected, since Date counts whole seconds."""
    assert learned(offset).seconds == 0.0


@pytest.mark.parametrize("offset", [30.0, -30.0, 3600.0, -3600.0, 4.0, -4.0])
def test_real_offsets_are_corrected(offset: float) -> None:
    """An offset that matters is corrected from the first answer on."""
    assert learned(offset).seconds == pytest.approx(offset, abs=0.6)
    assert learned(*[offset] * 20).seconds == pytest.approx(offset, abs=0.6)


def test_the_round_trip_is_split() -> None:
    """A slow answer does not look like a clock that is behind."""
    assert learned(0.0, elapsed=8.0).seconds == 0.0
    assert learned(60.0, elapsed=8.0).seconds == pytest.approx(60, abs=0.6)


def test_many_answers_are_averaged() -> None:
    """The estimate closes in on the true offset although each answer is up to a second off."""
    clock = ClockOffset()
    for number in range(200):
        wall = NOW + number * 0.317
        clock.learn(date(10.0, wall), wall, 0.1)
        if number > 20:
            assert clock.seconds == pytest.approx(10.0, abs=0.3)


def test_a_single_odd_answer_changes_nothing() -> None:
    """One Date that is an hour off is passed over."""
    assert learned(0, 0, 3600, 0, 0).seconds == 0.0
    assert learned(40, 40, 3600, 40).seconds == pytest.approx(40, abs=0.6)


def test_a_jump_of_our_clock_is_followed() -> None:
    """When the next answer agrees with the odd one, it was our clock that jumped."""
    assert learned(0, 0, 3600, 3600).seconds == pytest.approx(3600, abs=0.6)


def test_proof_counts_at_once() -> None:
    """After a refusal for the time, one answer is enough."""
    clock = learned(0, 0, 0)
    clock.learn(date(3600), NOW, 0.1, proven=True)
    assert clock.seconds == pytest.approx(3600, abs=0.6)


def test_an_absurd_clock_is_ignored_and_flagged(caplog: pytest.LogCaptureFixture) -> None:
    """A server that is more than a day off is not believed, which is logged once."""
    caplog.set_level(logging.WARNING, "polyspec")
    clock = learned(86_500, -90_000, 1e9)
    assert clock.seconds == 0.0
    assert clock.absurd
    assert len(caplog.records) == 1
    clock.learn(date(40), NOW, 0.1)
    assert clock.seconds == pytest.approx(40, abs=0.6)


def test_a_server_that_contradicts_itself_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    """When every answer says something else none is believed, until two agree."""
    caplog.set_level(logging.WARNING, "polyspec")
    clock = learned(100, 5000, -300, 20_000, 7)
    assert clock.seconds == 0.0
    assert clock.erratic
    assert len(caplog.records) == 1
    for number in (10, 11):
        clock.learn(date(50, NOW + number), NOW + number, 0.1)
    assert clock.seconds == pytest.approx(50, abs=0.6)
    assert not clock.erratic


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "yesterday",
        "Fri, 32 Jan 2027 08:00:00 GMT",
        "Fri, 15 Jan 100000 08:00:00 GMT",
        "Fri, 15 Jan 2027 99:00:00 GMT",
        "\x00",
        "1800000000",
        "Fri, 15 Jan 2027 08:00:00 +9999999999",
        ",",
        "a" * 10_000,
    ],
)
def test_unreadable_dates_say_nothing(header: Any) -> None:
    """A missing or broken header is no sample, and raises nothing."""
    clock = ClockOffset()
    assert clock.sample(header, NOW, 0.1) is None
    clock.learn(header, NOW, 0.1)
    assert clock.seconds == 0.0
    assert not clock.absurd


@pytest.mark.parametrize("elapsed", [10.1, 1e9, -1.0, float("nan"), float("inf")])
def test_answers_that_took_too_long_say_nothing(elapsed: float) -> None:
    """A round trip of more than ten seconds, or none that can be, leaves the clock as it was."""
    clock = ClockOffset()
    clock.learn(date(3600), NOW, elapsed)
    assert clock.seconds == 0.0


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Move this machine to another time zone."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("new_york")
def test_a_date_without_zone_is_utc() -> None:
    """The zone -0000 means UTC of unknown origin, and so is read as UTC on any machine."""
    text = formatdate(NOW + 3600, usegmt=True).replace("GMT", "-0000")
    clock = ClockOffset()
    clock.learn(text, NOW, 0.0)
    assert clock.seconds == pytest.approx(3600, abs=0.6)
