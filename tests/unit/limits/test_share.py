"""What one holder does by itself while the shared place is down."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import pytest

from polyspec.core.tally import Place, Refusal, Tally, Ticket
from polyspec.limits.backend import BackendDown
from polyspec.limits.share import Share
from tests.unit.limits.swarm import most_in
from tests.unit.limits.test_tally import FOREVER, even, window

GATES = ("u:B:gate", "a:*:gate")


class Machine:
    """A place for several holders that can be switched off, and a clock that only moves when told."""

    def __init__(self, holders: int = 8) -> None:
        self.now = 1000.0
        self.works = True
        self.asked = 0
        self.holders = holders
        self.tally = Tally({})
        self.meanwhile: Callable[[], None] | None = None

    def reserve(self, ticket: Ticket, patience: float, holder: str | None) -> tuple[Place, int]:
        """Book places."""
        self._answer()
        return self.tally.reserve(ticket, self.now * 1e6, patience), 0 if holder is None else self.holders

    def refuse(self, refusal: Refusal) -> None:
        """Close a gate."""
        self._answer()
        self.tally.refuse(refusal, self.now * 1e6)

    def stands(self, place: Place) -> bool:
        """Tell whether a place is good."""
        self._answer()
        return self.tally.stands(place, self.now * 1e6)

    def __getattr__(self, name: str) -> Any:
        self._answer()
        return lambda *_: None

    def _answer(self) -> None:
        self.asked += 1
        # what other threads do while this one waits for the answer
        works, meanwhile, self.meanwhile = self.works, self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if not works:
            raise BackendDown("switched off")

    def share(self, **options: Any) -> Share:
        """Return a holder of it."""
        return Share(self, clock=lambda: self.now, **options)  # type: ignore[arg-type]


def departures(machine: Machine, shares: list[Share], claim: Any, seconds: float) -> list[float]:
    """Let holders take what they can get for so long."""
    left: list[float] = []
    end = machine.now + seconds
    waiting = [machine.now] * len(shares)
    while machine.now < end:
        for number, share in enumerate(shares):
            while waiting[number] <= machine.now:
                place = share.reserve(Ticket(GATES, (claim,)), FOREVER)
                waiting[number] = machine.now + place.wait
                left.append(waiting[number])
        machine.now += 0.005
    return [moment for moment in left if moment < end]


def test_alone_each_keeps_to_its_share(caplog: pytest.LogCaptureFixture) -> None:
    """With the place down eight holders together go at the limit's rate, from the first second on."""
    for claim, rate in ((even(100.0, 10.0), 100), (window(96), 96), (window(2), 2)):
        machine = Machine()
        shares = [machine.share() for _ in range(8)]
        departures(machine, shares, claim, 1.0)
        machine.works = False
        caplog.clear()
        left = departures(machine, shares, claim, 10.0)
        # what cannot be divided begins after a whole turn
        assert rate * 10 * (0.7 if rate >= 8 else 0.4) <= len(left) <= rate * 10 + 8
        assert most_in(left, 1.0) <= rate + 10
        assert len(caplog.records) == 8
        assert "1/8" in caplog.text


def test_never_open_before_holders_were_counted(caplog: pytest.LogCaptureFixture) -> None:
    """A holder that never reached the place takes the share of as many as it was told to reckon with."""
    machine = Machine()
    machine.works = False
    left = departures(machine, [machine.share(assumed=5)], even(100.0, 10.0), 10.0)
    assert 190 <= len(left) <= 203
    assert "switched off" in caplog.text


def test_a_place_that_is_back_is_asked_within_a_second(caplog: pytest.LogCaptureFixture) -> None:
    """While it is down it is asked twice a second, however often places are wanted; then it is used again."""
    caplog.set_level(logging.WARNING, "polyspec")
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, ())
    machine.works = False
    for _ in range(1000):
        assert share.reserve(ticket, 0.0).local
        machine.now += 0.01
    assert 19 <= machine.asked <= 22
    machine.works, back = True, machine.now
    while share.reserve(ticket, 0.0).local:
        machine.now += 0.01
    assert machine.now - back <= 0.55
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2


def test_a_refusal_is_kept_by_who_met_it_also_alone() -> None:
    """A 429 that cannot be told to the others still closes the gate for the one who met it."""
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, (even(),))
    share.reserve(ticket, 0.0)
    share.refuse(Refusal(GATES[0], 5.0, even()))
    machine.works = False
    assert 4.9 <= share.reserve(ticket, 0.0).wait <= 6
    machine.now += 7
    asleep = share.reserve(ticket, FOREVER)
    assert share.stands(asleep)
    share.refuse(Refusal(GATES[0], 5.0, even()))
    assert not share.stands(asleep)


def test_places_taken_before_it_went_down_are_taken_anew() -> None:
    """Nobody vouches for a place while the others cannot be asked, nor for one taken alone once they can."""
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, (window(1, 5.0),))
    share.reserve(ticket, 0.0)
    ahead = share.reserve(ticket, FOREVER)
    assert share.stands(ahead)
    machine.works = False
    assert not share.stands(ahead)
    alone = share.reserve(ticket, FOREVER)
    assert alone.local
    assert share.stands(alone)
    machine.works = True
    machine.now += 1
    share.reserve(ticket, 0.0)
    assert not share.stands(alone)


def test_tokens_without_a_place() -> None:
    """While it is down nothing is there, every lease is had, with the lowest number, and nothing is kept."""
    machine = Machine()
    share = machine.share()
    assert share.lease("t", 1.0) is None
    machine.works = False
    assert share.look("t") is None
    assert share.lease("t", 1.0) == 0
    assert not share.put("t", 0, b"x", 0.0, 1.0)
    share.release("t")


@pytest.mark.parametrize("told", [True, False])
def test_a_refusal_the_place_does_not_know_is_kept_to(told: bool) -> None:
    """Back after a refusal that it was not told, or forgot, the place is told for how long it still holds."""
    machine = Machine()
    share, other = machine.share(), machine.share()
    ticket = Ticket(GATES, (even(),))
    asleep = share.reserve(ticket, FOREVER)
    machine.works = told
    share.refuse(Refusal(GATES[0], 30.0, even()))
    machine.works, machine.tally = True, Tally({})
    machine.now += 1
    assert not share.stands(asleep)
    assert share.reserve(ticket, FOREVER).wait >= 29
    assert other.reserve(ticket, FOREVER).wait >= 28.9
    machine.now += 30
    assert share.reserve(ticket, FOREVER).wait < 5


def test_what_the_place_knows_is_not_told_again() -> None:
    """While a gate is closed for all, asking again makes no place of those who sleep void."""
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, (even(),))
    share.refuse(Refusal(GATES[0], 30.0, even()))
    asleep = share.reserve(ticket, FOREVER)
    for _ in range(10):
        machine.now += 1
        share.reserve(ticket, FOREVER)
    assert share.stands(asleep) is False
    machine.now += asleep.wait - 10
    assert share.stands(asleep)


def test_old_news_changes_nothing() -> None:
    """An answer to a question from before the place went down, or came back, says nothing of now."""
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, ())

    def dies() -> None:
        machine.now += 0.2
        machine.works = False
        share.reserve(ticket, 0.0)

    machine.meanwhile = dies
    assert not share.reserve(ticket, 0.0).local
    assert not share.up

    def returns() -> None:
        machine.works = True
        machine.now += 0.6
        share.stands(Place(0.0, 0, GATES))
        machine.now += 0.6
        share.stands(Place(0.0, 0, GATES))

    machine.now += 0.6
    machine.works = True
    assert not share.reserve(ticket, 0.0).local

    def comes_and_goes() -> None:
        dies()
        returns()

    machine.works, machine.meanwhile = False, comes_and_goes
    share.reserve(ticket, 0.0)
    assert share.up


def test_a_question_that_hangs_holds_up_one_caller() -> None:
    """While one caller waits to hear whether the place is back, the others go on without asking."""
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, ())
    machine.works = False
    share.reserve(ticket, 0.0)
    machine.now += 1

    def others() -> None:
        for _ in range(10):
            machine.now += 0.9
            assert share.reserve(ticket, 0.0).local

    machine.meanwhile, before = others, machine.asked
    share.reserve(ticket, 0.0)
    assert machine.asked == before + 1
    machine.now += 1
    share.reserve(ticket, 0.0)
    assert machine.asked == before + 2


def test_a_place_that_comes_and_goes_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """What flaps fills no log: the same news within a minute is for debugging."""
    caplog.set_level(logging.DEBUG, "polyspec")
    machine = Machine()
    share, ticket = machine.share(), Ticket(GATES, ())
    for second in range(120):
        machine.works = second % 2 == 1
        share.reserve(ticket, 0.0)
        machine.now += 1
    warned = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(caplog.records) == 120
    assert len(warned) == 4


def test_an_old_count_of_holders_is_doubted(caplog: pytest.LogCaptureFixture) -> None:
    """Who has not heard for a minute how many there are reckons with as many as it was told, at least."""
    for silence, parts in ((50.0, 1), (70.0, 6)):
        machine = Machine(holders=1)
        share, ticket = machine.share(assumed=6), Ticket(GATES, ())
        share.reserve(ticket, 0.0)
        machine.now += silence
        machine.works = False
        caplog.clear()
        share.stands(Place(0.0, 0, GATES))
        assert f"1/{parts} of each" in caplog.text


def test_a_fork_does_not_wait_for_locks_of_its_parent() -> None:
    """A lock that another thread held when the process forked is free in the copy."""
    from polyspec import limits

    machine = Machine()
    share = machine.share()
    with share._lock, limits._lock:
        child = os.fork()
        if child == 0:
            free = share._lock.acquire(timeout=1) and limits._lock.acquire(timeout=1)
            os._exit(0 if free else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
