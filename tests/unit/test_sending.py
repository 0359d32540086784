"""Whole calls, driven by hand: what is sent how often, when, and what errors say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from polyspec_wire import Call

from polyspec.core.effects import Reply
from polyspec.core.sending import Answer
from polyspec.errors import (
    ApiError,
    AuthError,
    BadRequest,
    ConfigError,
    ConnectFailed,
    DecodeError,
    PolyspecError,
    RateLimited,
    ServerError,
    TimedOut,
    TransportError,
    Unauthorized,
)
from tests.unit.calls import Guard, Thing, a_call, a_reply, a_session, failing, script
from tests.unit.flows import Running, World

OWN = b'{"code":8,"message":"no"}'
PAGE = b"<html>"
CLASSES = ["safe", "resolve", "never"]


def test_success() -> None:
    """A call is one request, laid out as the operation says, with a typed answer."""
    world = script(a_reply(200, b'{"orderId":"9"}', x_request_id="r"))
    answer: Answer[Thing] = world.run(a_session().send(a_call("resolve")))
    assert answer.value == Thing(order_id="9")
    assert (answer.status, answer.attempts, answer.headers["x-request-id"]) == (200, 1, "r")
    (request,) = world.requests
    assert (request.method, request.url) == ("POST", "https://venue.example/v1/things/7")
    assert request.body == b'{"id":"7","size":3}'
    assert dict(request.headers) == {
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": "polyspec",
        "content-type": "application/json",
        "authorization": "token 0",
    }


TRUNCATED = b'{"orderId":"9","size":3}'


@pytest.mark.parametrize("length", range(len(TRUNCATED)))
@pytest.mark.parametrize("retry", ["resolve", "never"])
def test_truncated_success_of_an_order(length: int, retry: str) -> None:
    """A 2xx cut at any byte leaves an order unknown, and is never sent a second time."""
    world = script(a_reply(200, TRUNCATED[:length]))
    error = failing(world, a_call(retry))
    assert isinstance(error, DecodeError)
    assert error.maybe_executed
    assert error.attempts == len(world.requests) == 1


@pytest.mark.parametrize("length", range(len(TRUNCATED)))
def test_truncated_success_of_a_read(length: int) -> None:
    """A 2xx cut at any byte is asked for again if the operation is safe."""
    world = script(a_reply(200, TRUNCATED[:length]), a_reply(200, TRUNCATED))
    answer = world.run(a_session().send(a_call("safe")))
    assert answer.value == Thing(order_id="9", size=3)
    assert answer.attempts == 2


@pytest.mark.parametrize("retry", CLASSES)
def test_success_of_the_wrong_shape(retry: str) -> None:
    """A 2xx that is readable and does not fit is not asked for again: it will not fit then either."""
    world = script(a_reply(200, b'{"orderId":{}}'))
    error = failing(world, a_call(retry))
    assert isinstance(error, DecodeError)
    assert "$.orderId" in str(error)
    assert error.maybe_executed
    assert len(world.requests) == 1


@pytest.mark.parametrize("retry", ["resolve", "never"])
def test_success_that_says_two_things(retry: str) -> None:
    """An order's answer with one key twice proves nothing; which order it names cannot be told."""
    error = failing(script(a_reply(200, b'{"orderId":"1","orderId":"2"}')), a_call(retry))
    assert isinstance(error, DecodeError)
    assert error.maybe_executed


UNKNOWN: list[Reply | PolyspecError] = [
    TransportError("reset"),
    TimedOut("hung"),
    a_reply(500, OWN),
    a_reply(502, PAGE),
    a_reply(503, OWN),
    a_reply(504, b""),
    a_reply(425, PAGE),
    a_reply(429, PAGE),
    a_reply(429, b""),
]


@pytest.mark.parametrize("outcome", UNKNOWN, ids=str)
@pytest.mark.parametrize("retry", ["resolve", "never"])
def test_unknown_outcome_of_an_order(outcome: Any, retry: str) -> None:
    """An order whose fate is unknown is sent once, and the error says that it may stand."""
    world = script(outcome, a_reply(200))
    error = failing(world, a_call(retry))
    assert error.maybe_executed
    assert (error.attempts, len(world.requests)) == (1, 1)
    assert error.operation == "POST /v1/things/{id}"
    assert str(error).startswith("POST /v1/things/{id}: ")


@pytest.mark.parametrize("outcome", UNKNOWN, ids=str)
def test_unknown_outcome_of_a_read(outcome: Any) -> None:
    """A safe operation is repeated until it is answered."""
    world = script(outcome, outcome, a_reply(200))
    assert world.run(a_session().send(a_call("safe"))).attempts == 3


@pytest.mark.parametrize("outcome", [ConnectFailed("refused"), a_reply(429, OWN)], ids=str)
@pytest.mark.parametrize("retry", CLASSES)
def test_proof_allows_a_second_attempt(outcome: Any, retry: str) -> None:
    """With proof that nothing was executed every class is sent again, byte for byte the same."""
    world = script(outcome, outcome, a_reply(200))
    answer = world.run(a_session().send(a_call(retry)))
    assert answer.attempts == len(world.requests) == 3
    assert len({request.body for request in world.requests}) == 1
    assert len({request.url for request in world.requests}) == 1


def test_a_restart_is_waited_out_except_by_a_placement() -> None:
    """A 425 is passing, but whether a placement went through with it is looked up, not tried again."""
    world = script(a_reply(425, OWN), a_reply(200))
    assert world.run(a_session().send(a_call("safe"))).attempts == 2
    world = script(a_reply(425, OWN), a_reply(200))
    with pytest.raises(ServerError):
        world.run(a_session().send(a_call("resolve")))
    assert len(world.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
@pytest.mark.parametrize("retry", CLASSES)
def test_refusals_are_final(status: int, retry: str) -> None:
    """A venue's no that will not pass is raised at once, and was not executed."""
    world = script(a_reply(status, OWN), a_reply(200))
    error = failing(world, a_call(retry))
    assert isinstance(error, ApiError)
    assert (error.status, error.maybe_executed, error.attempts) == (status, False, 1)
    assert len(world.requests) == 1


def test_attempts_are_bounded() -> None:
    """A call gives up after as many attempts as it may make, and says how many there were."""
    world = script(ConnectFailed("refused"))
    error = failing(world, a_call("resolve"), a_session(max_attempts=3))
    assert (error.attempts, len(world.requests), error.maybe_executed) == (3, 3, False)


def test_certainty_does_not_come_back() -> None:
    """A last attempt that surely was not sent does not hide an earlier one that may have been executed."""
    world = script(TransportError("reset"), ConnectFailed("refused"))
    error = failing(world, a_call("safe"), a_session(max_attempts=2))
    assert isinstance(error, ConnectFailed)
    assert error.maybe_executed


def test_a_lost_answer_of_a_read_leaves_nothing_open() -> None:
    """What the venue says at last to a GET holds, whatever became of the answers before."""
    world = script(TimedOut("hung"), a_reply(400, OWN))
    error = failing(world, a_call("safe", method="GET"))
    assert isinstance(error, BadRequest)
    assert (error.attempts, error.maybe_executed) == (2, False)


def test_backoff_grows_and_is_spread() -> None:
    """Waits double from a quarter of a second, times chance, and end at the deadline."""
    world = script(a_reply(503, OWN))
    failing(world, a_call("safe"), a_session(chance=lambda: 0.5))
    assert world.sleeps == pytest.approx([0.125, 0.25, 0.5, 1.0])


def test_server_decides_the_wait() -> None:
    """No attempt comes before the server's word."""
    world = script(a_reply(429, OWN, retry_after="3"), a_reply(503, OWN, retry_after="2"), a_reply(200))
    world.run(a_session(chance=lambda: 0.5).send(a_call("safe")))
    assert world.sleeps[0] >= 3
    assert sum(world.sleeps) >= 5


@pytest.mark.parametrize("headers", [{}, {"retry_after": "0"}, {"retry_after": "soon"}])
@pytest.mark.parametrize("body", [OWN, PAGE])
def test_refusal_without_a_useful_word(headers: dict[str, str], body: bytes) -> None:
    """A 429 that says nothing, now, or nonsense is answered after a quarter of a second at least, spread."""
    waits = set()
    for chance in (0.1, 0.9):
        world = script(a_reply(429, body, **headers), a_reply(200))
        world.run(a_session(chance=lambda chance=chance: chance).send(a_call("safe")))
        assert sum(world.sleeps) >= 0.25
        waits.add(world.sleeps[0])
    assert len(waits) == 2


def test_wait_beyond_the_deadline() -> None:
    """A wait the call does not live for is not begun: the error comes at once and carries the value."""
    world = script(a_reply(429, OWN, retry_after="600"))
    error = failing(world, a_call("safe"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 600
    assert world.sleeps == []


def test_dates_are_read_by_the_servers_clock() -> None:
    """A date to come back at means the server's clock, not ours, which may be a minute ahead."""
    world = World(wall=1_800_000_060.0)
    replies = [
        a_reply(429, OWN, date="Fri, 15 Jan 2027 08:00:00 GMT", retry_after="Fri, 15 Jan 2027 08:00:05 GMT"),
        a_reply(200),
    ]
    world.handler = lambda _: replies.pop(0)
    world.run(a_session().send(a_call("safe")))
    assert 4 <= world.sleeps[0] <= 6


def test_401_of_the_venue() -> None:
    """A refused token is replaced once and the call replayed, whatever its class, without a wait."""
    for retry in CLASSES:
        guard, world = Guard(), script(a_reply(401, OWN), a_reply(200))
        assert world.run(a_session(guard).send(a_call(retry))).attempts == 2
        assert [dict(request.headers)["authorization"] for request in world.requests] == [
            "token 0",
            "token 1",
        ]
        assert world.sleeps == []


def test_401_of_a_proxy() -> None:
    """A 401 that is no word of the venue is replayed for safe operations only."""
    world = script(a_reply(401, PAGE), a_reply(200))
    assert world.run(a_session().send(a_call("safe"))).attempts == 2
    for retry in ("resolve", "never"):
        guard, world = Guard(), script(a_reply(401, PAGE), a_reply(200))
        error = failing(world, a_call(retry), a_session(guard))
        assert (error.attempts, error.maybe_executed) == (1, True)
        assert guard.generation == 1


@pytest.mark.parametrize("retry", CLASSES)
def test_401_for_good(retry: str) -> None:
    """Credentials revoked for good cost two requests, then the error; it is an AuthError too."""
    world = script(a_reply(401, OWN))
    error = failing(world, a_call(retry))
    assert isinstance(error, Unauthorized)
    assert isinstance(error, AuthError)
    assert (error.attempts, len(world.requests), error.maybe_executed) == (2, 2, False)


def test_401_without_better_credentials() -> None:
    """When new credentials are not worth a try there is no replay, and the error says why."""
    error = failing(script(a_reply(401, OWN)), a_call("safe"), a_session(Guard(renews=False)))
    assert error.attempts == 1
    assert "fresh credentials were refused as well" in str(error)


def test_body_that_cannot_be_written() -> None:
    """A body JSON cannot carry is an error of the caller, before a token is asked for."""
    guard = Guard()
    call = Call(operation=a_call("resolve").operation, path="/v1", body={"x": object()})
    error = failing(script(a_reply(200)), call, a_session(guard))
    assert isinstance(error, ConfigError)
    assert (error.maybe_executed, guard.asked) == (False, 0)


def test_the_signed_body_is_the_sent_body() -> None:
    """What is signed are the bytes that are sent, on every attempt."""
    guard, world = Guard(), script(ConnectFailed("refused"), a_reply(401, OWN), a_reply(200))
    world.run(a_session(guard).send(a_call("resolve")))
    assert guard.bodies == [request.body for request in world.requests]
    assert len(world.requests) == 3


def test_given_up_flow_makes_no_more_requests() -> None:
    """A call that is cancelled at any effect ends there, and closes what it was waiting in."""
    for steps in range(12):
        world = script(ConnectFailed("refused"))
        running = Running(world, a_session(Guard(takes=0.1)).send(a_call("resolve")))
        for _ in range(steps):
            running.step()
        sent = len(world.requests)
        running.flow.close()
        with pytest.raises(StopIteration):
            next(running.flow)
        assert len(world.requests) == sent


def test_foreign_errors_pass_unchanged() -> None:
    """An exception that is none of ours is neither repeated nor dressed up."""
    world = World(lambda _: KeyError("bug"))
    with pytest.raises(KeyError):
        world.run(a_session().send(a_call("safe")))
    assert len(world.requests) == 1


def test_downloads_are_prepared_alike() -> None:
    """A download is paced and authorised like a call, and its errors say what they are about."""
    world = script(a_reply(200))
    request = world.run(a_session().prepare(a_call("safe")))
    assert dict(request.headers)["authorization"] == "token 0"
    with pytest.raises(AuthError) as caught:
        world.run(a_session(Guard(fails=AuthError("no"))).prepare(a_call("safe")))
    assert caught.value.operation == "POST /v1/things/{id}"
    error = a_session().failure(a_call("safe"), a_reply(400, OWN), 0.0)
    assert isinstance(error, BadRequest)
    assert error.operation == "POST /v1/things/{id}"


@pytest.mark.parametrize(
    ("status", "kind"), [(201, "a"), (200, "b"), (299, "a")], ids=["listed", "other", "first for the rest"]
)
def test_types_by_status(status: int, kind: str) -> None:
    """The answer has the type of its status, and that of the first one where the spec says nothing."""
    operation = a_call("safe").operation
    both = msgspec.structs.replace(operation, success={201: dict[str, str], 200: Thing})
    answer = script(a_reply(status)).run(a_session().send(Call(operation=both, path="/")))
    assert isinstance(answer.value, dict if kind == "a" else Thing)


def test_server_errors_keep_their_words() -> None:
    """After all attempts the error is the venue's, with its words and the count."""
    error = failing(script(a_reply(503, b'{"code":14,"message":"engine restarts"}')), a_call("safe"))
    assert isinstance(error, ServerError)
    assert (error.message, error.code, error.attempts) == ("engine restarts", 14, 5)


def test_an_answer_without_a_body() -> None:
    """A status whose answer has no body is None, beside one whose answer has."""
    two = a_call(success=Thing)
    operation = msgspec.structs.replace(two.operation, success={200: Thing, 204: None})
    call = msgspec.structs.replace(two, operation=operation)
    world = script(a_reply(204, b""), a_reply(200))
    assert world.run(a_session().send(call)).value is None
    assert world.run(a_session().send(call)).value == Thing(id="7")
