"""What whoever watches is told of calls, credentials and orders; and that it costs nothing if nobody does."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from polyspec_wire._call import RateLimit

from polyspec.core import watching
from polyspec.core.effects import Flow, Now, Send, Sleep
from polyspec.core.fate import Accepted, Unknown
from polyspec.core.happenings import (
    CallBegan,
    CallEnded,
    Event,
    LimiterWaited,
    OrderFate,
    RequestEnded,
    RetryPlanned,
    TokenRefreshed,
)
from polyspec.core.secret import Secret
from polyspec.core.tokens import Token, TokenCache
from polyspec.errors import AuthError, InvalidOrder, PolyspecError, RateLimited, ServerError, TimedOut
from polyspec.telemetry import LogEvents, observe
from tests.unit.calls import a_call, a_reply, a_session, script
from tests.unit.flows import Running, World
from tests.unit.otel_rig import Otel

CANARY = "canary-5up3r-s3cret"


@pytest.fixture
def told() -> Iterator[list[Event]]:
    """Watch, and return what is told."""
    events: list[Event] = []
    end = observe(events.append)
    yield events
    end()
    assert watching.observing == ()


def names(events: list[Event]) -> list[str]:
    """Return what happened, in order."""
    return [event.name for event in events]


def test_a_call_with_a_retry_is_told_step_by_step(told: list[Event]) -> None:
    """A call that is answered the second time tells its beginning, both requests, the retry and its end."""
    world = script(a_reply(503, b"<html>"), a_reply(200))
    world.run(a_session().send(a_call()))
    assert names(told) == ["call_began", "request", "retry", "request", "call"]
    began, first, retry, second, ended = told
    assert isinstance(began, CallBegan)
    assert isinstance(first, RequestEnded)
    assert isinstance(retry, RetryPlanned)
    assert isinstance(second, RequestEnded)
    assert isinstance(ended, CallEnded)
    assert (first.status, first.error, first.verdict, first.attempt) == (503, "ServerError", "unknown", 1)
    assert (second.status, second.error, second.verdict, second.attempt) == (200, None, "done", 2)
    assert first.seconds == pytest.approx(world.latency)
    assert (retry.attempt, retry.error, [retry.seconds]) == (1, "ServerError", world.sleeps)
    assert (ended.attempts, ended.error, ended.maybe_executed) == (2, None, False)
    assert ended.seconds == pytest.approx(2 * world.latency + sum(world.sleeps))
    assert began.call == first.call == second.call == ended.call
    assert (began.server, began.operation, began.path) == (
        "https://venue.example", "Things_things.do", "/v1/things/{id}",
    )  # fmt: skip


def test_a_call_that_fails_says_whether_it_may_have_been_executed(told: list[Event]) -> None:
    """An order whose answer is lost ends as what may have been executed, and raises as ever."""
    with pytest.raises(TimedOut):
        script(TimedOut("no answer")).run(a_session().send(a_call("resolve")))
    ended = told[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.error, ended.maybe_executed, ended.attempts) == ("TimedOut", True, 1)


def test_a_call_that_is_cut_off_is_told(told: list[Event]) -> None:
    """A flow that is closed in the middle ends its call without asking for the time."""
    running = Running(World(), a_session().send(a_call()))
    while not told:
        running.step()
    running.flow.close()
    ended = told[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.seconds, ended.error, ended.maybe_executed) == (None, "GeneratorExit", False)


@pytest.mark.parametrize(("method", "maybe"), [("POST", True), ("GET", False)])
def test_a_call_that_is_cut_off_on_its_way_may_have_been_executed(
    told: list[Event], method: str, *, maybe: bool
) -> None:
    """Cancelled while its request was out, an order is told as of unknown fate; a read is not."""
    running = Running(script(a_reply()), a_session().send(a_call("resolve", method=method)))
    while not isinstance(running.effect, Send):
        running.step()
    running.flow.close()
    ended = told[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.seconds, ended.error, ended.maybe_executed) == (None, "GeneratorExit", maybe)


def test_waits_for_limits_are_told(told: list[Event]) -> None:
    """A wait for a place is told when it begins, and a place beyond the deadline as given up."""
    limit = RateLimit(bucket="Slow", rate=1, per=2)
    session, world = a_session(), script(a_reply(), a_reply())
    for _ in range(2):
        world.run(session.send(a_call(limit=limit)))
    with pytest.raises(RateLimited):
        world.run(session.send(a_call(limit=limit), 0.01))
    waited = [event for event in told if isinstance(event, LimiterWaited)]
    assert [each.given_up for each in waited] == [False, True]
    assert waited[0].seconds == world.sleeps[0] > 1


def test_token_refreshes_are_told(told: list[Event]) -> None:
    """A token that is asked for is told with its life, one that is refused with its error; neither shows."""

    def fetch(deadline: float) -> Flow[Token]:
        del deadline
        yield Sleep(0.5)
        return Token(Secret(CANARY), (yield Now()).monotonic, 180.0)

    def refuse(deadline: float) -> Flow[Token]:
        del deadline
        yield Now()
        raise AuthError("no")

    world = World()
    world.run(TokenCache(lambda: 0.5).token(fetch, world.monotonic + 10))
    with pytest.raises(AuthError):
        world.run(TokenCache(lambda: 0.5).token(refuse, world.monotonic + 10))
    assert told == [
        TokenRefreshed(early=False, seconds=0.5, life=180.0),
        TokenRefreshed(early=False, seconds=0.0, error="AuthError"),
    ]
    assert CANARY not in repr(told)


class _Taken(Accepted):
    order_id = "9"


class _Open(Unknown[Any]):
    order_id, clord_id, cause = None, "mine", ServerError("?", status=500)


@watching.fates("venue")
def place(what: object) -> Flow[Any]:
    """Answer with an outcome, or raise."""
    yield Now()
    if isinstance(what, Exception):
        raise what
    return what


def test_fates_of_orders_are_told(told: list[Event]) -> None:
    """Every outcome is told with its ids; what proves that nothing stands is not_placed."""
    world, wrong = World(), InvalidOrder("no")
    wrong.maybe_executed = False
    world.run(place(_Taken()))
    world.run(place([_Taken(), _Open()]))
    with pytest.raises(InvalidOrder):
        world.run(place(wrong))
    with pytest.raises(KeyError):
        world.run(place(KeyError("?")))
    assert all(isinstance(event, OrderFate) for event in told)
    found = [event.fields for event in told]
    assert [(each["fate"], each["order_id"], each["client_order_id"], each["error"]) for each in found] == [
        ("accepted", "9", None, None),
        ("accepted", "9", None, None),
        ("unknown", None, "mine", "ServerError"),
        ("not_placed", None, None, "InvalidOrder"),
        ("unknown", None, None, "KeyError"),
    ]


def test_nothing_is_made_when_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an observer a call asks for the same effects as ever, and no function of watching is called."""

    def effects() -> list[str]:
        running, seen = Running(script(a_reply(503, b"<html>"), a_reply()), a_session().send(a_call())), []
        while running.effect is not None:
            seen.append(type(running.effect).__name__)
            running.step()
        return seen

    called = []

    def profile(frame: Any, kind: str, _: object) -> None:
        if kind == "call" and frame.f_globals.get("__name__") == watching.__name__:
            called.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        plain = effects()
    finally:
        sys.setprofile(None)
    assert called == []
    end = observe(lambda event: None)
    watched = effects()
    end()
    # the broken variant of the above: who watches costs readings of the clock
    assert len(watched) > len(plain)
    assert plain == effects()


def test_an_observer_that_fails_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    """What an observer raises goes no further, is said once without its text, and others are still told."""
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise ValueError(CANARY)

    ends = [observe(broken), observe(heard.append)]
    try:
        script(a_reply()).run(a_session().send(a_call()))
    finally:
        for end in ends:
            end()
    assert names(heard) == ["call_began", "request", "call"]
    said = [record.getMessage() for record in caplog.records if "observer" in record.getMessage()]
    assert said == ["an observer failed with ValueError; this is said once"]
    assert CANARY not in caplog.text


def test_a_logger_that_fails_does_no_harm() -> None:
    """A filter of the application that raises breaks neither a call nor the word about it."""

    def broken(record: logging.LogRecord) -> bool:
        raise ValueError(CANARY)

    logger, events = logging.getLogger("polyspec"), logging.getLogger("polyspec.events")
    before, end = events.level, observe(LogEvents())
    events.setLevel(logging.DEBUG)
    logger.addFilter(broken)
    events.addFilter(broken)
    try:
        assert script(a_reply()).run(a_session().send(a_call())).status == 200
    finally:
        end()
        events.setLevel(before)
        logger.removeFilter(broken)
        events.removeFilter(broken)


def test_ending_twice_ends_once() -> None:
    """Who watches twice and ends one of them twice is still told by the other."""
    heard: list[Event] = []
    first, second = observe(heard.append), observe(heard.append)
    first()
    first()
    script(a_reply()).run(a_session().send(a_call()))
    second()
    assert names(heard) == ["call_began", "request", "call"]
    assert watching.observing == ()


def test_events_are_log_records_with_fields(caplog: pytest.LogCaptureFixture) -> None:
    """A record has the event's name, its fields under names of their own, and the same as text."""
    end = observe(LogEvents())
    try:
        with caplog.at_level(logging.DEBUG, "polyspec.events"):
            script(a_reply(503, b"<html>"), a_reply()).run(a_session().send(a_call()))
    finally:
        end()
    records: list[Any] = [each for each in caplog.records if each.name == "polyspec.events"]
    assert [each.event for each in records] == ["call_began", "request", "retry", "request", "call"]
    assert records[1].polyspec_status == 503
    assert records[1].levelno == logging.DEBUG
    assert records[2].levelno == logging.INFO
    assert (
        records[1].getMessage().startswith("request server=https://venue.example operation=Things_things.do")
    )
    # what a handler that writes JSON does with it
    json.dumps({name: value for name, value in vars(records[1]).items() if name.startswith("polyspec_")})


def test_unknown_orders_are_warnings(caplog: pytest.LogCaptureFixture) -> None:
    """An order of unknown fate is a warning, an accepted one is not; a record is one line."""
    write = LogEvents()
    with caplog.at_level(logging.DEBUG, "polyspec.events"):
        for fate in ("accepted", "unknown"):
            write(OrderFate(venue="us", fate=fate, by="place", seconds=0.1, client_order_id="a\nb c"))
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_the_logger_is_silent_by_itself() -> None:
    """Without logging set up nothing is written anywhere: the logger has a handler that does nothing."""
    handlers = logging.getLogger("polyspec").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


def test_metrics_and_spans_of_a_call() -> None:
    """Requests are spans within the span of their call, within the caller's; metrics count them all."""
    otel = Otel()
    end = observe(otel.events)
    try:
        with otel.tracer.start_as_current_span("mine"):
            script(a_reply(503, b"<html>"), a_reply()).run(a_session().send(a_call()))
    finally:
        end()
    spans = {
        (span.name, span.attributes.get("http.response.status_code")): span
        for span in otel.exporter.get_finished_spans()
    }
    call, mine = spans["Things_things.do", None], spans["mine", None]
    first, second = spans["POST", 503], spans["POST", 200]
    assert first.parent.span_id == second.parent.span_id == call.context.span_id
    assert call.parent.span_id == mine.context.span_id
    assert (first.status.status_code.name, second.status.status_code.name) == ("ERROR", "UNSET")
    assert first.attributes["error.type"] == "ServerError"
    assert call.attributes["polyspec.attempts"] == 2
    points = otel.points()
    assert sum(point.count for point in points["http.client.request.duration"]) == 2
    # of milliseconds and of seconds something can be seen
    for name in ("http.client.request.duration", "polyspec.call.duration"):
        assert len([bound for bound in points[name][0].explicit_bounds if 0.001 <= bound <= 1]) >= 10
    assert [point.value for point in points["polyspec.retries"]] == [1]
    assert [point.count for point in points["polyspec.call.duration"]] == [1]


def test_metrics_of_the_rest() -> None:
    """Waits, tokens, ladders, credentials and orders each have a metric, which names no user and no order."""
    otel = Otel()
    of_call = {"server": "https://venue.example:8443", "operation": "op"}
    for event in (
        LimiterWaited(**of_call, gate="Slow", seconds=2.0),
        TokenRefreshed(early=True, seconds=0.1, life=180.0),
        watching.LadderEnded(
            credential="of alice", venue="clob", outcome="kept", state="active", seconds=1.0
        ),
        watching.CredentialMoved(credential="of alice", venue="clob", before="active", state="suspect"),
        OrderFate(venue="us", fate="unknown", by="place", seconds=0.1, order_id="order-9", error="TimedOut"),
    ):
        otel.events(event)
    points = otel.points()
    assert set(points) == {
        "polyspec.limiter.wait.duration", "polyspec.token.refresh.duration", "polyspec.auth.ladder.duration",
        "polyspec.credential.transitions", "polyspec.order.fates",
    }  # fmt: skip
    shown = repr([point.attributes for each in points.values() for point in each])
    assert "alice" not in shown
    assert "order-9" not in shown
    assert "8443" in shown
    assert "order-9" in repr([dict(span.attributes or {}) for span in otel.exporter.get_finished_spans()])


def test_spans_of_calls_that_never_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls whose end nobody tells do not pile up: beyond a number the oldest span is ended."""
    monkeypatch.setattr("polyspec.telemetry.otel._MOST_OPEN", 2)
    otel = Otel()
    for number in range(5):
        otel.events(
            CallBegan(server="https://a", operation=f"op{number}", call=number, method="GET", path="/")
        )
    assert [span.name for span in otel.exporter.get_finished_spans()] == ["op0", "op1", "op2"]


def test_no_secret_of_a_request_is_told(told: list[Event]) -> None:
    """Neither credentials, bodies nor what the venue answers show in events, whatever fails."""
    replies = (a_reply(401, b'{"code":16,"message":"%s"}' % CANARY.encode()), a_reply(200, CANARY.encode()))
    with pytest.raises(PolyspecError):
        script(*replies).run(a_session().send(a_call()))
    assert len(told) > 3
    assert CANARY not in repr(told)
    assert "token 0" not in repr(told)
