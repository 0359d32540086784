"""Heartbeats: one chain of ids, mended when it breaks, and never silent without saying so."""

from __future__ import annotations

import asyncio
import json
import math
from itertools import pairwise
from typing import Any

import pytest

from polyspec.clob.beating import SILENCE, Pulse
from polyspec.clob.heartbeats import Beating
from polyspec.clob.heartbeats_async import AsyncBeating
from polyspec.core.effects import Reply, Request
from polyspec.errors import ConfigError, PolyspecError, ServerError, TimedOut, TransportError
from tests.unit.clob.clob_rig import BROKEN_PIPE, Venue, async_client_of, client_of, no, ok, page

PATH = "v1/heartbeats"


class Chain:
    """The venue's side: which id it expects, and when it last heard a good one."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.expected = ""
        self.count = 0
        self.heard = -math.inf
        self.lost = 0
        """How many answers are still to be lost after the beat was taken."""
        venue.broken[PATH] = self.answer

    def answer(self, request: Request) -> Reply | Exception:
        """Take a beat, or say which id it should have had."""
        given = json.loads(request.body or b"{}")["heartbeat_id"]
        if given != self.expected:
            return no(400, "Invalid Heartbeat ID", heartbeat_id=self.expected)
        self.count += 1
        self.expected, self.heard = f"id-{self.count}", self.venue.world.monotonic
        if self.lost:
            self.lost -= 1
            return BROKEN_PIPE
        return ok({"heartbeat_id": self.expected})


@pytest.fixture
def venue() -> Venue:
    """Return a venue."""
    return Venue()


@pytest.fixture
def chain(venue: Venue) -> Chain:
    """Return its chain of heartbeats."""
    return Chain(venue)


def beats(venue: Venue, pulse: Pulse, count: int) -> None:
    """Beat so many times, as often as the pulse asks for it."""
    for _ in range(count):
        venue.world.pass_time(venue.world.run(pulse.beat()))


def test_chain(venue: Venue, chain: Chain) -> None:
    """Each beat carries the id the one before was answered with, the first none; five seconds apart."""
    pulse = Pulse(venue.session, 5.0)
    beats(venue, pulse, 4)
    sent = [json.loads(each.body)["heartbeat_id"] for each in venue.calls]
    assert sent == ["", "id-1", "id-2", "id-3"]
    assert (pulse.beats, pulse.error) == (4, None)
    times = venue.times(PATH)
    assert all(abs(later - sooner - 5.0) < 0.01 for sooner, later in pairwise(times))


def test_lost_answer(venue: Venue, chain: Chain) -> None:
    """A beat whose answer is lost is followed at once, with the id the venue says it expects."""
    pulse = Pulse(venue.session, 5.0)
    beats(venue, pulse, 1)
    chain.lost = 1
    start = venue.world.monotonic
    beats(venue, pulse, 1)
    assert isinstance(pulse.error, TransportError)
    assert venue.world.monotonic - start < 1.2
    beats(venue, pulse, 1)
    assert pulse.error is None
    assert chain.expected == pulse.heartbeat_id == "id-3"


def test_restart_of_the_venue(venue: Venue, chain: Chain) -> None:
    """A venue that has forgotten the chain and expects a first beat gets one."""
    pulse = Pulse(venue.session, 5.0)
    beats(venue, pulse, 2)
    chain.expected = ""
    beats(venue, pulse, 1)
    assert (pulse.error, pulse.beats) == (None, 3)


def test_refusal_without_an_id(venue: Venue, chain: Chain) -> None:
    """A refusal that does not say where the chain is makes it begin anew; a page on the way does not."""
    pulse = Pulse(venue.session, 5.0)
    beats(venue, pulse, 2)
    answers = [no(400, "Invalid Heartbeat ID"), ok({"heartbeat_id": "new"})]
    venue.broken[PATH] = lambda _: answers.pop(0)
    beats(venue, pulse, 1)
    assert (pulse.heartbeat_id, pulse.error) == ("new", None)
    assert [json.loads(each.body)["heartbeat_id"] for each in venue.calls[-2:]] == ["id-2", ""]
    venue.broken[PATH] = page(400)
    beats(venue, pulse, 1)
    assert pulse.heartbeat_id == "new"
    assert pulse.error is not None


def test_refusal_of_the_id_it_asks_for(venue: Venue) -> None:
    """A venue that refuses what it expects is asked twice, not for ever."""
    venue.broken[PATH] = no(400, "Invalid Heartbeat ID", heartbeat_id="x")
    pulse = Pulse(venue.session, 5.0)
    beats(venue, pulse, 1)
    assert len(venue.calls) == 2
    beats(venue, pulse, 1)
    assert len(venue.calls) == 3
    assert pulse.error is not None
    assert pulse.beats == 0


def test_two_programs_beat_for_one_key(venue: Venue, chain: Chain) -> None:
    """Both go on, each finding out what the other has made of the chain."""
    first, second = Pulse(venue.session, 5.0), Pulse(venue.session, 5.0)
    for _ in range(5):
        beats(venue, first, 1)
        beats(venue, second, 1)
    assert (first.error, second.error, chain.count) == (None, None, 10)


@pytest.mark.parametrize("answer", [BROKEN_PIPE, no(500), page(502), no(401), RuntimeError("bug"), ok({})])
def test_failures_are_noted_and_gone_when_it_works_again(venue: Venue, chain: Chain, answer: Any) -> None:
    """Whatever goes wrong, beats go on every second, and `error` says what it was."""
    pulse = Pulse(venue.session, 5.0)
    beats(venue, pulse, 1)
    venue.broken[PATH] = answer
    start = venue.world.monotonic
    beats(venue, pulse, 3)
    assert isinstance(pulse.error, PolyspecError)
    assert venue.world.monotonic - start < 4
    venue.broken[PATH] = chain.answer
    beats(venue, pulse, 1)
    assert pulse.error is None


@pytest.mark.parametrize("interval", [0.5, 2.0, 5.0, 8.0])
def test_alive_is_never_said_of_what_the_venue_has_not_heard(
    venue: Venue, chain: Chain, interval: float
) -> None:
    """`alive` ends no later than the venue's own patience; one hung beat does not end it."""
    pulse = Pulse(venue.session, interval)
    assert not pulse.alive(venue.world.monotonic)
    beats(venue, pulse, 2)
    hung = chain.heard
    venue.broken[PATH] = venue.lost()
    venue.world.run(pulse.beat())
    assert isinstance(pulse.error, TimedOut)
    assert pulse.alive(venue.world.monotonic)
    if interval <= 5:
        venue.world.pass_time(1.0)
        venue.broken[PATH] = chain.answer
        venue.world.run(pulse.beat())
        assert chain.heard - hung < SILENCE
        return
    while pulse.alive(venue.world.monotonic):
        venue.world.pass_time(0.05)
    assert venue.world.monotonic - chain.heard <= SILENCE


def test_heard_counts_from_when_it_was_sent(venue: Venue, chain: Chain) -> None:
    """An answer that took three seconds may be of a beat that is three seconds old."""
    venue.world.latency = 2.0
    pulse = Pulse(venue.session, 5.0)
    start = venue.world.monotonic
    assert venue.world.run(pulse.beat()) == pytest.approx(3.0)
    assert pulse.alive(start + SILENCE - 0.01)
    assert not pulse.alive(start + SILENCE)


@pytest.mark.parametrize("interval", [0.0, -1.0, 8.01, 60.0, math.nan, math.inf])
def test_intervals_that_cannot_work(venue: Venue, interval: float) -> None:
    """An interval that would end in silence is refused."""
    with pytest.raises(ConfigError, match="8 s apart"):
        Pulse(venue.session, interval)
    with pytest.raises(ConfigError):
        client_of(venue).heartbeats(interval)


# -- the block --


def test_block_beats_and_cancels_at_its_end(venue: Venue, chain: Chain) -> None:
    """The first beat is made on entering, and leaving cancels what is open."""
    venue.broken["cancel-all"] = ok({"canceled": [], "not_canceled": {}})
    with client_of(venue).heartbeats() as beating:
        assert isinstance(beating, Beating)
        assert (beating.alive, beating.beats, beating.error) == (True, 1, None)
        beating.check()
    assert [each.path for each in venue.calls] == [PATH, "cancel-all"]


def test_block_that_is_not_to_cancel(venue: Venue, chain: Chain) -> None:
    """With ``cancel=False`` leaving asks for nothing."""
    with client_of(venue).heartbeats(cancel=False):
        pass
    assert [each.path for each in venue.calls] == [PATH]


def test_block_that_cannot_begin(venue: Venue) -> None:
    """If the first beat fails the block is not entered: nobody trades without the switch he asked for."""
    venue.broken[PATH] = no(401, "Unauthorized/Invalid api key")
    with pytest.raises(PolyspecError), client_of(venue).heartbeats():
        raise AssertionError("entered")


def test_error_of_the_block_is_not_hidden(venue: Venue, chain: Chain) -> None:
    """A cancel that fails on the way out does not take the place of what ended the block."""
    venue.broken["cancel-all"] = no(400, "no")
    with pytest.raises(ZeroDivisionError), client_of(venue).heartbeats():
        raise ZeroDivisionError
    with pytest.raises(PolyspecError), client_of(venue).heartbeats():
        pass


def test_silence_is_told(venue: Venue, chain: Chain) -> None:
    """`check` raises once the venue may have cancelled, with what went wrong."""
    with client_of(venue).heartbeats(cancel=False) as beating:
        assert isinstance(beating, Beating)
        beating._repeating.stop()
        beating._pulse._heard -= SILENCE
        beating._pulse.error = error = ServerError("x", status=502)
        assert not beating.alive
        with pytest.raises(PolyspecError, match="10 s") as caught:
            beating.check()
        assert caught.value.__cause__ is error


async def _block(venue: Venue, fails: bool) -> AsyncBeating:
    async with async_client_of(venue).heartbeats() as beating:
        assert beating.alive
        beating.check()
        if fails:
            raise ZeroDivisionError
    return beating


@pytest.mark.parametrize("fails", [False, True])
def test_block_in_the_other_colour(venue: Venue, chain: Chain, fails: bool) -> None:
    """The same under asyncio."""
    venue.broken["cancel-all"] = no(400) if fails else ok({"canceled": [], "not_canceled": {}})
    if fails:
        with pytest.raises(ZeroDivisionError):
            asyncio.run(_block(venue, fails))
    else:
        assert asyncio.run(_block(venue, fails)).beats == 1
    assert [each.path for each in venue.calls] == [PATH, "cancel-all"]


def test_by_hand(venue: Venue, chain: Chain) -> None:
    """A beat can be made without a block; a wrong id says which one would be right."""
    client = client_of(venue)
    assert client.post_heartbeat() == "id-1"
    assert client.post_heartbeat("id-1") == "id-2"
    with pytest.raises(PolyspecError) as caught:
        client.post_heartbeat("id-1")
    assert caught.value.details["heartbeat_id"] == "id-2"  # type: ignore[attr-defined]
