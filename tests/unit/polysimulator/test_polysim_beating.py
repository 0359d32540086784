"""Heartbeats: early enough that one may be lost, never silent without saying so, and account-wide."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from polyspec.core.effects import Send
from polyspec.errors import ConfigError, PolyspecError, ServerError, TimedOut, TransportError
from polyspec.polysimulator.beating import Pulse, silence_after
from polyspec.polysimulator.heartbeats import Beating
from polyspec.polysimulator.heartbeats_async import AsyncBeating
from polyspec.polysimulator.placing import order_call
from tests.unit.flows import Running
from tests.unit.polysimulator.order_rig import (
    BROKEN_PIPE,
    Answer,
    Called,
    Venue,
    an_order,
    async_client_of,
    client_of,
    no,
    ok,
    page,
)

BEAT = "POST /v1/heartbeats"
CANCEL = "POST /v1/cancel-all"


class Switch:
    """The venue's side: until when it waits, and whether it ran out of patience."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.until = math.inf
        self.tripped = False
        self.lose = 0
        """How many beats are still to be lost on their way."""
        venue.handlers[BEAT] = self.answer
        venue.handlers[CANCEL] = lambda _: ok({"canceled": []})

    def answer(self, called: Called) -> Answer:
        """Hear a beat."""
        now = self.venue.world.monotonic
        self.tripped = self.tripped or now > self.until
        if self.lose:
            self.lose -= 1
            self.venue.world.pass_time(called.total)
            return TimedOut("no answer")
        interval = called.json["interval_ms"] / 1000
        self.until = now + silence_after(interval)
        return ok({"ok": True, "expires_at_ms": 1})


@pytest.fixture
def venue() -> Venue:
    """Return a venue."""
    return Venue()


@pytest.fixture
def switch(venue: Venue) -> Switch:
    """Return its dead man's switch."""
    return Switch(venue)


def beats(venue: Venue, pulse: Pulse, count: int) -> None:
    """Beat so many times, as often as the pulse asks for it."""
    for _ in range(count):
        venue.world.pass_time(venue.world.run(pulse.beat()))


@pytest.mark.parametrize("interval", [1, 1.5, 4, 5, 30, 60])
def test_in_time(venue: Venue, switch: Switch, interval: float) -> None:
    """Beats come early enough that one of them may be lost on its way."""
    pulse = Pulse(venue.session, interval)
    beats(venue, pulse, 5)
    for _ in range(3):
        switch.lose = 1
        beats(venue, pulse, 4)
    assert not switch.tripped
    assert pulse.beats == 14
    assert venue.calls[0].json == {"interval_ms": round(interval * 1000)}


def test_silence() -> None:
    """The venue waits a quarter longer than was promised, and at least a second."""
    assert [silence_after(each) for each in (1, 4, 5, 60)] == [2, 5, 6.25, 75]


def test_alive(venue: Venue, switch: Switch) -> None:
    """A pulse is alive as long as the venue cannot have missed it, and never before the first beat."""
    pulse = Pulse(venue.session, 5, "bot")
    assert not pulse.alive(venue.world.monotonic)
    start = venue.world.monotonic
    venue.world.run(pulse.beat())
    assert venue.calls[0].json["client_label"] == "bot"
    assert pulse.alive(start + 6.2)
    assert not pulse.alive(start + 6.25)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(BROKEN_PIPE, TransportError), (page(502), ServerError), (no(401, "INVALID_KEY"), PolyspecError),
     (ok({"ok": False}), PolyspecError), (ValueError("a bug"), TransportError)],
)  # fmt: skip
def test_failures_are_noted(venue: Venue, switch: Switch, answer: Any, error: type[PolyspecError]) -> None:
    """A beat that fails is noted and followed soon by another; it raises nothing."""
    pulse = Pulse(venue.session, 5)
    venue.handlers[BEAT] = lambda _: answer
    pause = venue.world.run(pulse.beat())
    assert isinstance(pulse.error, error)
    assert (pulse.beats, pause <= 0.5) == (0, True)
    venue.handlers[BEAT] = switch.answer
    venue.world.run(pulse.beat())
    assert (pulse.error, pulse.beats) == (None, 1)


@pytest.mark.parametrize(
    ("interval", "label"),
    [(0.9, None), (61, None), (math.nan, None), ("5", None), (True, None), (5, ""), (5, "x" * 65), (5, 7)],
)
def test_refused_here(venue: Venue, interval: Any, label: Any) -> None:
    """An interval or a label the venue would refuse is refused before anything is sent."""
    with pytest.raises(ConfigError):
        client_of(venue).orders.heartbeats(interval, label)
    assert venue.calls == []


def test_block(venue: Venue, switch: Switch) -> None:
    """Entering a block beats at once; leaving it cancels what the venue would cancel anyway."""
    with client_of(venue).orders.heartbeats(60) as beating:
        assert isinstance(beating, Beating)
        assert (beating.beats, beating.error, beating.silence) == (1, None, 75)
        # the block's own clock is that of the machine, not of the venue here
        assert not beating.alive
        with pytest.raises(PolyspecError):
            beating.check()
    assert [each.path for each in venue.calls] == ["/v1/heartbeats", "/v1/cancel-all"]
    assert venue.calls[1].query == {"confirm": "true"}


def test_block_of_the_other_colour(venue: Venue, switch: Switch) -> None:
    """The same holds for tasks; with ``cancel=False`` nothing is cancelled."""

    async def main() -> None:
        async with async_client_of(venue).orders.heartbeats(60, cancel=False) as beating:
            assert isinstance(beating, AsyncBeating)
            assert beating.beats == 1

    asyncio.run(main())
    assert [each.path for each in venue.calls] == ["/v1/heartbeats"]


def test_block_that_cannot_begin(venue: Venue, switch: Switch) -> None:
    """A first beat that fails is raised, for nothing protects the orders then."""
    venue.handlers[BEAT] = lambda _: no(403, "INSUFFICIENT_PERMISSION")
    with pytest.raises(PolyspecError), client_of(venue).orders.heartbeats():
        raise AssertionError("the block was entered")
    assert len(venue.calls) == 1


def test_block_that_fails(venue: Venue, switch: Switch) -> None:
    """What a block fails of is not hidden by a cancel that fails as well; without it that is raised."""
    venue.handlers[CANCEL] = lambda _: no(401, "INVALID_KEY")
    with pytest.raises(ValueError, match="mine"), client_of(venue).orders.heartbeats():
        raise ValueError("mine")
    with pytest.raises(PolyspecError), client_of(venue).orders.heartbeats():
        pass


def test_beats_do_not_stand_in_line(venue: Venue, switch: Switch) -> None:
    """A beat is sent while an order of the same account is on its way: it must not be late."""
    client = client_of(venue)
    ticket = client.orders._ticket(an_order())
    running = Running(venue.world, client.orders.placing().place(ticket, order_call(ticket), 10.0)).until(
        Send
    )
    start = venue.world.monotonic
    beats(venue, Pulse(client.session, 60), 1)
    assert venue.calls[-1].when - start < 0.1
    running.finish()
