"""What one holder does by itself while the shared place is down."""

from __future__ import annotations

import logging
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
        if not self.works:
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
