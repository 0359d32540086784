"""A venue may read its own refusals, and tell its own limits."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire._call import RateLimit

from polyspec.core.attempt import Verdict
from polyspec.core.effects import Reply
from polyspec.core.manner import Manner
from polyspec.core.pacing import Pacer
from polyspec.errors import ApiError, Conflict, RateLimited, ServerError, Unauthorized
from tests.unit.calls import Guard, a_call, a_reply, a_session, an_operation, failing, script

OWN = b'{"error":"NO","message":"no"}'
TIERED = RateLimit(bucket="Key", rate={"free": 2, "pro": 5}, per=10.0, window=True)


class Told(Manner):
    """Says what it is told to."""

    renews = False

    def __init__(self, *, passing: bool | None = None, paced: bool = True) -> None:
        self._passing, self._paced = passing, paced
        self.heard_of: list[int] = []

    def classify(self, reply: Reply) -> Verdict:
        """Take a word in plain text for the venue's own."""
        return Verdict.REFUSED if reply.body == b"blocked" else super().classify(reply)

    def error(self, reply: Reply, now_wall: float) -> ApiError:
        """Name the venue."""
        error = super().error(reply, now_wall)
        error.message = f"venue: {error.message}"
        return error

    def passing(self, error: ApiError) -> bool | None:
        """Say what was told."""
        return self._passing

    def about_pace(self, error: ApiError) -> bool:
        """Say what was told."""
        return self._paced

    def heard(self, reply: Reply, pacer: Pacer) -> None:
        """Note the status."""
        self.heard_of.append(reply.status)


def test_a_manner_reads_errors_and_hears_every_answer() -> None:
    """The error raised is the one the venue's manner makes, and no answer passes it by."""
    manner = Told()
    error = failing(script(a_reply(403, b"blocked")), a_call("never"), a_session(manner=manner))
    assert error.message.startswith("venue: ")
    assert manner.heard_of == [403]
    script(a_reply()).run(a_session(manner=manner).send(a_call()))
    assert manner.heard_of == [403, 200]


@pytest.mark.parametrize(
    ("retry", "status", "passing", "attempts"),
    [
        ("never", 409, None, 1),
        ("never", 409, True, 5),
        ("resolve", 409, True, 5),
        ("safe", 503, True, 5),
        ("safe", 503, None, 5),
        ("safe", 503, False, 1),
        ("never", 503, True, 1),
        ("resolve", 503, True, 1),
        ("safe", 429, False, 1),
    ],
)
def test_what_the_venue_announces_decides(
    retry: str, status: int, passing: bool | None, attempts: int
) -> None:
    """What passes is repeated unless the call may have been carried out; what is in vain never is."""
    error = failing(script(a_reply(status, OWN)), a_call(retry), a_session(manner=Told(passing=passing)))
    assert error.attempts == attempts
    assert isinstance(error, Conflict | ServerError | RateLimited)


def test_a_refusal_that_is_not_about_pace_closes_nothing() -> None:
    """A 429 about something else holds no other call back."""
    limit = RateLimit(bucket="All", rate=100.0)
    for paced, waits in ((True, [50.0]), (False, [])):
        session = a_session(manner=Told(paced=paced))
        world = script(a_reply(429, OWN, retry_after="50"), a_reply())
        failing(world, a_call(limit=limit), session, timeout=10.0)
        # 50 ms passed on the way
        world.run(session.send(a_call(limit=limit), 60.0))
        assert [round(each, 1) for each in world.sleeps] == waits


def test_keys_that_cannot_be_renewed_are_not_said_to_be() -> None:
    """Where no fresh credentials can be had, none are claimed to have been refused."""
    error = failing(script(a_reply(401, OWN)), a_call("safe"), a_session(Guard(renews=False), manner=Told()))
    assert isinstance(error, Unauthorized)
    assert "fresh" not in str(error)


def _leaving(pacer: Pacer, count: int, now: float = 0.0) -> list[float]:
    operation = an_operation(limit=TIERED)
    return [round(pacer.reserve(operation, now, 1000.0) + now, 3) for _ in range(count)]


@pytest.mark.parametrize(("tier", "at_once"), [(None, 2), ("free", 2), ("pro", 5)])
def test_windows_by_tier(tier: Any, at_once: int) -> None:
    """A window is as wide as the tier says, the lowest if none is known."""
    assert _leaving(Pacer(tier), at_once + 1) == [0.0] * at_once + [10.0]


def test_what_the_venue_says_wins_over_the_tier() -> None:
    """A limit told in an answer holds from then on, and what left already counts towards it."""
    pacer = Pacer()
    assert _leaving(pacer, 1) == [0.0]
    pacer.learn({"Key": 4})
    assert _leaving(pacer, 4) == [0.0, 0.0, 0.0, 10.0]
    narrower = Pacer("pro")
    assert _leaving(narrower, 3) == [0.0, 0.0, 0.0]
    narrower.learn({"Key": 2})
    assert _leaving(narrower, 1) == [10.0]


def test_a_tier_the_spec_does_not_know_is_no_matter_once_the_limit_was_told() -> None:
    """The venue's number needs no table."""
    pacer = Pacer("custom")
    pacer.learn({"Key": 3})
    assert _leaving(pacer, 4) == [0.0, 0.0, 0.0, 10.0]


def test_an_even_pace_can_be_told_as_well() -> None:
    """Limits without a window follow the venue's word too."""
    pacer, operation = Pacer(), an_operation(limit=RateLimit(bucket="Even", rate=1.0))
    assert [pacer.reserve(operation, 0.0, 100.0) for _ in range(2)] == [0.0, 1.0]
    pacer.learn({"Even": 10})
    assert pacer.reserve(operation, 5.0, 100.0) == 0.0
    assert sum(pacer.reserve(operation, 5.0, 0.0) == 0.0 for _ in range(20)) + 1 == 10
