"""What bounds a call: its one deadline, the venue's limits, the budget of retries, and its credentials."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire._call import RateLimit

from polyspec.core.effects import Reply, Request, Send, Sleep
from polyspec.core.pacing import Pacer
from polyspec.core.sending import Patience
from polyspec.errors import AuthError, ConnectFailed, PolyspecError, RateLimited, TimedOut, TransportError
from tests.unit.calls import Guard, a_call, a_reply, a_session, failing, script
from tests.unit.flows import Running, World

OWN = b'{"code":8,"message":"no"}'
PAGE = b"<html>"


@pytest.mark.parametrize(
    "cause", [TimedOut("slow issuer"), TransportError("reset"), AuthError("refused")], ids=str
)
def test_failed_token_means_nothing_was_sent(cause: PolyspecError) -> None:
    """However the token request ended, the order it was for did not leave."""
    cause.maybe_executed = True
    cause.attempts, cause.operation = 2, "POST /oauth/token"
    world = script(a_reply(200))
    error = failing(world, a_call("resolve"), a_session(Guard(fails=cause)))
    assert error is cause
    assert (error.maybe_executed, error.operation) == (False, "POST /oauth/token")
    assert world.requests == []


def test_token_that_fails_after_an_unknown_attempt() -> None:
    """A token that cannot be had for the second attempt does not make the first one certain."""
    guard = Guard()

    def handler(_: Request) -> Exception:
        guard.fails = AuthError("revoked")
        return TransportError("reset")

    error = failing(World(handler), a_call("safe"), a_session(guard))
    assert isinstance(error, AuthError)
    assert error.maybe_executed


def test_one_deadline_for_everything() -> None:
    """Token, waits and attempts come out of one budget, and each request is told what is left of it."""
    world = script(TransportError("reset"))
    world.latency = 2.0
    start = world.monotonic
    error = failing(world, a_call("safe"), a_session(Guard(takes=3.0)), timeout=10.0)
    assert isinstance(error, TransportError)
    left = [request.timeout.total for request in world.requests]
    assert left == pytest.approx([7.0, 5.0, 3.0, 1.0])
    assert world.monotonic - world.latency < start + 10.0
    for request in world.requests:
        limit = request.timeout
        assert max(limit.connect, limit.read, limit.write) <= limit.total


@pytest.mark.parametrize("timeout", [0.0, -1.0])
@pytest.mark.parametrize("limit", [None, RateLimit(bucket="B", rate=1.0)])
def test_no_time_at_all(timeout: float, limit: RateLimit | None) -> None:
    """A call without time left is not sent, and times out rather than blame the venue's limits."""
    world = script(a_reply(200))
    error = failing(world, a_call("resolve", limit=limit), timeout=timeout)
    assert isinstance(error, TimedOut)
    assert (error.maybe_executed, error.attempts) == (False, 0)
    assert error.operation == "POST /v1/things/{id}"
    assert world.requests == []


def test_token_that_takes_all_the_time() -> None:
    """A token that comes after the deadline is of no use to this call, which was not sent."""
    world = script(a_reply(200))
    error = failing(world, a_call("resolve"), a_session(Guard(takes=20.0)))
    assert isinstance(error, TimedOut)
    assert not error.maybe_executed
    assert world.requests == []


def test_budgets_by_class() -> None:
    """What changes something has the shorter budget of a placement, what reads the longer one."""
    for retry, total, read in (("safe", 30.0, 10.0), ("resolve", 15.0, 15.0), ("never", 15.0, 15.0)):
        world = script(a_reply(200))
        world.run(a_session(patience=Patience()).send(a_call(retry)))
        assert (world.requests[0].timeout.total, world.requests[0].timeout.read) == (total, read)


def test_held_back_by_our_own_pacing() -> None:
    """A call the limit does not let out in time is refused here, with the wait, and nothing is sent."""
    limit = RateLimit(bucket="Order", rate=0.01)
    session, world = a_session(pacer=Pacer()), script(a_reply(200))
    world.run(session.send(a_call("resolve", limit=limit)))
    error = failing(world, a_call("resolve", limit=limit), session)
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(100, abs=1)
    assert (error.maybe_executed, error.attempts, error.status) == (False, 0, 429)
    assert "limit on Order" in str(error)
    assert len(world.requests) == 1


def test_paced_calls_wait_and_then_sign() -> None:
    """A call waits for its place and signs afterwards, so that what it carries is fresh when it leaves."""
    limit = RateLimit(bucket="Order", rate=1.0)
    guard = Guard()
    session, world = a_session(guard, pacer=Pacer()), script(a_reply(200))
    for _ in range(2):
        world.run(session.send(a_call("resolve", limit=limit)))
    assert world.sleeps == pytest.approx([0.95])
    assert guard.asked == 3


def test_slow_tokens_do_not_bunch_requests() -> None:
    """Calls that waited for one token still leave at the pace of the limit."""
    limit = RateLimit(bucket="Order", rate=10.0, burst=1.0)
    pacer = Pacer()
    world = script(a_reply(200))
    session = a_session(pacer=pacer)
    flows = [Running(world, session.send(a_call("resolve", limit=limit))) for _ in range(5)]
    # all have their token at the same moment
    leaves = [getattr(flow.until((Sleep, Send)).effect, "seconds", 0.0) for flow in flows]
    assert leaves == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])


def test_429_teaches_the_pacer() -> None:
    """A 429 on one call holds back the next one of that limit, on any client that shares the pacer."""
    limit = RateLimit(bucket="Order", rate=100.0)
    pacer = Pacer()
    world = script(a_reply(429, OWN, retry_after="4"), a_reply(200))
    failing(world, a_call("never", limit=limit), a_session(pacer=pacer, max_attempts=1))
    before = world.monotonic
    world.run(a_session(pacer=pacer).send(a_call("never", limit=limit)))
    assert world.monotonic - before >= 4.0


def test_cancel_after_429_of_a_proxy() -> None:
    """After a proxy refused a read, an order waits and a cancel leaves at once."""
    pacer = Pacer()
    world = script(a_reply(429, PAGE, retry_after="4"), a_reply(200))
    failing(world, a_call("safe"), a_session(pacer=pacer, max_attempts=1))
    world.sleeps.clear()
    world.run(a_session(pacer=pacer).send(a_call("safe", lane="cancel")))
    assert world.sleeps == []
    world.run(a_session(pacer=pacer).send(a_call("resolve")))
    assert world.sleeps == pytest.approx([3.95])


def _storm(outcome: Any, calls: int) -> float:
    """Return the requests per call over so many failing calls."""
    session, world = a_session(), script(outcome)
    for _ in range(calls):
        with pytest.raises(PolyspecError):
            world.run(session.send(a_call("safe")))
    return len(world.requests) / calls


@pytest.mark.parametrize("outcome", [a_reply(503, OWN), TimedOut("hung"), ConnectFailed("refused")], ids=str)
def test_outages_do_not_become_storms(outcome: Any) -> None:
    """Over a thousand failing calls at most 1.10 requests each leave."""
    assert _storm(outcome, 1000) <= 1.10


def test_long_outages_do_not_become_storms() -> None:
    """Over ten thousand failing calls at most 1.02 requests each leave."""
    assert _storm(a_reply(503, OWN), 10_000) <= 1.02


def test_successes_pay_for_retries() -> None:
    """With one failure in twenty every call still succeeds: successes refill the budget."""
    session = a_session()
    count = 0

    def handler(_: Request) -> Reply:
        nonlocal count
        count += 1
        return a_reply(503, OWN) if count % 20 == 0 else a_reply(200)

    world = World(handler)
    for _ in range(5000):
        world.run(session.send(a_call("safe")))
