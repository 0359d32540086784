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

from polyspec.core.clock import BOUND, ClockOffset, dated
from polyspec.core.effects import Instant
from polyspec.errors import AuthError

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
    assert abs(clock.correct(wall) - (wall + offset)) <= 1.0 + 0.6


@pytest.mark.parametrize("offset", [-0.4, -0.2, 0.0, 0.2, 0.4])
def test_small_offsets_are_noise(offset: float) -> None:
    """Below a second nothing is corrected, since Date counts whole seconds."""
    assert learned(offset).seconds == 0.0
    assert learned(*[offset] * 20).seconds == 0.0


@pytest.mark.parametrize("offset", [30.0, -30.0, 3600.0, -3600.0, 4.0, -4.0, 1.7, -1.7])
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


def test_nothing_is_signed_by_a_clock_beyond_its_bound() -> None:
    """Up to the bound the time is corrected; beyond it a sentence says how far it is off."""
    for offset in (BOUND - 2, 2 - BOUND, 30.0, 0.0):
        assert learned(offset).stamp(Instant(5.0, NOW)) == pytest.approx(NOW + offset, abs=0.7)
    for offset, word in ((BOUND + 2, "behind"), (-BOUND - 2, "ahead of"), (3600.0, "behind")):
        with pytest.raises(AuthError, match=rf"is {abs(offset):.0f} s {word} the venue's.*300 s.*NTP"):
            learned(offset).stamp(Instant(5.0, NOW))
    far = learned(3600.0)
    far.bound = 7200.0
    assert far.stamp(Instant(5.0, NOW)) == pytest.approx(NOW + 3600, abs=0.7)


def test_between_answers_an_even_clock_is_trusted() -> None:
    """A clock that runs evenly, or is slewed as NTP does, leaves the offset as it was, for hours."""
    clock = learned(40.0)
    for minute in range(600):
        clock.notice(Instant(60.0 * minute, NOW + 60.03 * minute))
    assert not clock.stale
    assert not clock.wants_probe(Instant(36_000.0, NOW + 36_018))
    assert clock.seconds == pytest.approx(40, abs=0.6)


@pytest.mark.parametrize("jump", [-3600.0, -30.0, -2.0])
def test_a_clock_that_is_set_back_is_followed_at_once(jump: float) -> None:
    """Nothing but setting takes a clock back, so the venue's time stays right without any answer."""
    clock = learned(40.0)
    clock.notice(Instant(100.0, NOW))
    clock.notice(Instant(101.0, NOW + 1 + jump))
    assert clock.correct(NOW + 1 + jump) == pytest.approx(NOW + 1 + 40, abs=0.6)
    assert clock.stale


@pytest.mark.parametrize("jump", [3600.0, 30.0, 2.0])
def test_after_sleep_or_setting_the_next_answer_is_believed(jump: float) -> None:
    """A clock that jumped ahead was set or the machine slept: the next answer says which, and suffices."""
    for true in (0.0, -jump):
        clock = learned(0, 0, 0)
        clock.notice(Instant(100.0, NOW))
        later = NOW + 1 + jump
        clock.notice(Instant(101.0, later))
        assert clock.stale
        clock.learn(date(true, later), later, 0.1)
        assert not clock.stale
        assert clock.correct(later) == pytest.approx(later + true, abs=1.6)


def test_the_venue_is_asked_for_its_time_only_in_doubt() -> None:
    """Asked when the clock jumped, and before refusing; not more than once in five seconds."""
    clock = learned(0, 0)
    assert not clock.wants_probe(Instant(0.0, NOW))
    clock.notice(Instant(0.0, NOW))
    clock.notice(Instant(1.0, NOW + 3601))
    asked = [clock.wants_probe(Instant(1.0 + tenth / 10, NOW)) for tenth in range(100)]
    assert [tenth for tenth, wanted in enumerate(asked) if wanted] == [0, 50]
    clock.tell(int(NOW + 1), NOW + 3601, 0.1)
    assert clock.seconds == pytest.approx(-3600, abs=1)
    # known, and beyond the bound: asked again before that is held against the clock
    assert clock.wants_probe(Instant(20.0, NOW + 3620))
    assert not clock.wants_probe(Instant(20.1, NOW + 3620))


def test_the_time_endpoint_counts_as_an_answer() -> None:
    """Whole seconds are taken for half a second more, the round trip is split, absurd ones are ignored."""
    clock = ClockOffset()
    clock.tell(int(NOW) + 60, NOW + 0.25, 0.5)
    assert clock.seconds == pytest.approx(60.25, abs=0.01)
    for second, elapsed in ((0, 0.1), (NOW + 90_000, 0.1), (NOW, 11.0), (NOW, -1.0)):
        clock.tell(second, NOW, elapsed)
    assert clock.seconds == pytest.approx(60.25, abs=0.01)


def test_what_was_forgotten_is_learned_anew() -> None:
    """After forgetting nothing is corrected until the next answer, which is believed at once."""
    clock = learned(3600.0)
    clock.forget()
    assert clock.stamp(Instant(0.0, NOW)) == NOW
    clock.learn(date(50), NOW, 0.1)
    assert clock.seconds == pytest.approx(50, abs=0.6)


def test_slow_answers_do_not_move_a_good_clock() -> None:
    """Answers that took long, whichever way took it, move nothing that they do not contradict."""
    for slow in (8.0, -8.0):
        clock = learned(0.0, 0.0)
        for number in range(2, 40):
            # all of the round trip was the way there, or the way back
            wall = NOW + number
            clock.learn(formatdate(wall - (0 if slow > 0 else 8.0), usegmt=True), wall, 8.0)
            assert clock.seconds == 0.0


def test_a_quick_answer_counts_for_more_than_a_slow_one() -> None:
    """What a slow answer had to guess is replaced by the first quick one, not averaged with it."""
    clock = ClockOffset()
    clock.learn(formatdate(NOW, usegmt=True), NOW, 9.0)
    assert clock.seconds == pytest.approx(4.5, abs=0.6)
    clock.learn(date(0.0, NOW + 1), NOW + 1, 0.1)
    assert clock.seconds == 0.0


def test_a_jump_counts_once_for_all_threads() -> None:
    """What other threads read of the clock before it was set is no second jump."""
    clock = learned(40.0)
    clock.notice(Instant(100.0, NOW))
    clock.notice(Instant(102.0, NOW + 2 - 3600))
    for before in (100.5, 101.0):
        clock.notice(Instant(before, NOW + before - 100))
    clock.notice(Instant(103.0, NOW + 3 - 3600))
    assert clock.correct(NOW + 3 - 3600) == pytest.approx(NOW + 3 + 40, abs=0.6)


def test_the_date_of_what_a_cache_kept_is_no_time() -> None:
    """An answer with an age was dated when it was made, which is not now."""
    assert dated({"date": date(0)}) == date(0)
    assert dated({"date": date(0), "age": "0"}) == date(0)
    assert [dated({"date": date(0), "age": age}) for age in ("1", "86400", "x")] == [None] * 3
    assert dated({}) is None
