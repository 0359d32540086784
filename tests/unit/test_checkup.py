"""Checks run by hand: deadlines, failures, what needs what, and what is never shown."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from inspect import CORO_CLOSED, getcoroutinestate
from threading import Event
from typing import Any

import pytest

from polyspec.core.checkup import Check, Found, _within, bounded, examine
from polyspec.core.claims import audiences_of, claims_of, expiry_of, scopes_of
from polyspec.core.effects import Do, Flow, Instant, Now, Reply, Request, Send, Sleep, Timeouts, Wait
from polyspec.core.findings import Diagnosis, Finding, Severity, error, info, ok, said, warning
from polyspec.core.flight import Flight
from polyspec.core.secret import Secret
from polyspec.errors import (
    ApiError,
    ConfigError,
    ConnectFailed,
    DecodeError,
    Forbidden,
    NotFound,
    PolyspecError,
    RateLimited,
    ServerError,
    TimedOut,
    Unauthorized,
    VaultUnavailable,
)
from tests.unit.flows import World

_TOKEN = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImEgYiIsImF1ZCI6WyJ4IiwieSJdLCJleHAiOjEyfQ.sig"


def finds(*findings: Finding) -> Callable[[Found], Flow[None]]:
    """Return a check that finds something."""

    def run(found: Found) -> Flow[None]:
        yield Now()
        found.extend(findings)

    return run


def fails(problem: Exception) -> Callable[[Found], Flow[None]]:
    """Return a check that finds something and then fails."""

    def run(found: Found) -> Flow[None]:
        yield Now()
        found.append(ok("before.it", "it began"))
        raise problem

    return run


def examined(*checks: Check, deadline: float = 10.0) -> Diagnosis:
    """Run checks against nothing."""
    return World().run(examine("clob", checks, deadline=deadline))


def a_request(total: float) -> Request:
    """Return a request that may take so long."""
    return Request("GET", "http://x/", (), None, Timeouts(total, total, total, total))


# -- running --


def test_findings_say_where_they_are_from() -> None:
    """Every finding carries its venue and its check, in the order of the checks."""
    found = examined(Check("one", finds(ok("a.b", "fine"))), Check("two", finds(info("c.d", "known"))))
    assert [(each.venue, each.check, each.code) for each in found.findings] == [
        ("clob", "one", "a.b"),
        ("clob", "two", "c.d"),
    ]


def test_a_failed_check_stops_only_what_needs_it() -> None:
    """What needs a failed check is skipped and says so, also at second hand; what does not goes on."""
    found = examined(
        Check("first", finds(error("a.b", "bad", "mend it"))),
        Check("second", finds(ok("never", "never")), ("first",)),
        Check("third", finds(ok("never", "never")), ("second",)),
        Check("fourth", finds(ok("fine.ok", "fine"))),
    )
    assert [each.code for each in found.findings] == ["a.b", "check.skipped", "check.skipped", "fine.ok"]
    assert "second" in found.findings[2].what


@pytest.mark.parametrize(
    ("problem", "code", "severity"),
    [
        (TimedOut("late"), "check.timed_out", Severity.ERROR),
        (ConnectFailed("refused"), "check.unreachable", Severity.ERROR),
        (RateLimited("slow down", status=429, retry_after=3.0), "limits.exhausted", Severity.WARNING),
        (Unauthorized("no", status=401), "check.unauthorized", Severity.ERROR),
        (Forbidden("no", status=403), "check.forbidden", Severity.ERROR),
        (ConfigError("wrong"), "check.config", Severity.ERROR),
        (NotFound("no", status=404), "check.failed", Severity.ERROR),
        (ServerError("<html>", status=503, body="<html>"), "check.failed", Severity.ERROR),
        (Forbidden("<html>", status=403, body="<html>"), "check.foreign", Severity.ERROR),
        (ApiError("elsewhere", status=302, body=""), "check.foreign", Severity.ERROR),
        (DecodeError("no JSON"), "check.foreign", Severity.ERROR),
        (VaultUnavailable("locked"), "check.vault", Severity.ERROR),
        (ModuleNotFoundError("no", name="grpc.aio"), "extras.missing", Severity.ERROR),
        (ZeroDivisionError("secret words"), "check.broken", Severity.ERROR),
    ],
)
def test_what_fails_is_a_finding(problem: Exception, code: str, severity: Severity) -> None:
    """Whatever a check raises becomes a finding with advice, and what it found before is kept."""
    found = examined(Check("it", fails(problem)))
    assert [each.code for each in found.findings] == ["before.it", code]
    last = found.findings[-1]
    assert last.severity is severity
    assert last.fix
    assert "secret words" not in str(found)


def test_a_check_that_was_held_back_stops_what_needs_it() -> None:
    """What needs a check that a rate limit stopped is told as not looked at, though that is no error."""
    found = examined(
        Check("first", fails(RateLimited("slow down", status=429))),
        Check("second", finds(ok("never", "never")), ("first",)),
    )
    assert [each.code for each in found.findings] == ["before.it", "limits.exhausted", "check.skipped"]


def test_a_venue_that_is_silent_is_not_asked_for_ever() -> None:
    """After two checks without an answer no other that needs the venue takes its time."""
    found = examined(
        Check("local", finds(ok("a.b", "fine"))),
        Check("one", fails(TimedOut("late")), ("local",)),
        Check("two", fails(ConnectFailed("refused")), ("local",)),
        Check("three", finds(ok("never", "never")), ("local",)),
        Check("here", finds(ok("c.d", "fine"))),
    )
    assert [each.code for each in found.findings if each.check in ("three", "here")] == [
        "check.skipped",
        "c.d",
    ]
    assert "one and two got no answer" in str(found)


def test_what_is_missing_or_broken_is_named() -> None:
    """A library that is missing comes with the extra that has it; a mistake of ours with its place."""
    wrapped = ImportError("in other words")
    wrapped.__cause__ = ModuleNotFoundError("no", name="httpx")
    found = examined(Check("it", fails(wrapped)), Check("that", fails(ZeroDivisionError())))
    missing, broken = found.errors
    assert (missing.fix, missing.facts["module"]) == ("pip install 'polyspec[clob]'", "httpx")
    assert str(broken.facts["where"]).startswith(f"{__name__}:")


@pytest.mark.parametrize("deadline", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_deadlines_that_are_none(deadline: float) -> None:
    """A deadline that would let everything pass, or nothing, is refused before anything is looked at."""
    with pytest.raises(ConfigError, match="deadline"):
        examined(Check("it", finds(ok("never", "never"))), deadline=deadline)


def test_an_ear_hears_findings_as_they_come() -> None:
    """Who listens has heard of a check before the next one runs."""
    heard: list[Finding] = []

    def later(found: Found) -> Flow[None]:
        yield Now()
        found.append(info("heard.so_far", f"{len(heard)}"))

    checks = [Check("one", finds(ok("a.b", "fine"))), Check("two", later)]
    found = World().run(examine("us", checks, tell=heard.append))
    assert tuple(heard) == found.findings
    assert found.findings[1].what == "1"


# -- deadlines --


def test_a_check_ends_at_its_deadline() -> None:
    """A check that would sleep past its deadline ends at once, cleans up, and the next begins afresh."""
    closed: list[str] = []

    def sleeps(found: Found) -> Flow[None]:
        try:
            yield Sleep(6.0)
            found.append(ok("half.way", "half"))
            yield Sleep(6.0)
        finally:
            closed.append("closed")

    world = World()
    found = world.run(examine("us", [Check("a", sleeps), Check("b", sleeps)], deadline=10.0))
    assert [each.code for each in found.findings] == ["half.way", "check.timed_out"] * 2
    assert world.sleeps == [6.0, 6.0]
    assert closed == ["closed", "closed"]


def test_what_is_asked_for_is_cut_down() -> None:
    """Requests and waits get no more time than there is left."""
    asked: list[Any] = []

    def asks() -> Flow[str]:
        yield Sleep(4.0)
        answer = yield Send(a_request(30.0))
        assert answer.status == 200
        try:
            yield Wait(Flight(lease=99.0), None)
        except TimedOut:
            return "waited in vain"
        return "landed"

    world = World(lambda request: asked.append(request) or Reply(200, {}, b"{}", 0.1))
    assert world.run(bounded(asks(), world.monotonic + 10.0)) == "waited in vain"
    assert asked[0].timeout.total == pytest.approx(6.0)
    assert world.monotonic == pytest.approx(1010.0)


def test_foreign_work_that_hangs() -> None:
    """A signer or a vault that never answers costs its check its time, and no more; failures come through."""
    answered = Event()

    def hangs(found: Found) -> Flow[None]:
        yield Do(answered.wait)

    def breaks(found: Found) -> Flow[None]:
        try:
            yield Do(lambda: 1 / 0)
        except ZeroDivisionError:
            found.append(info("it.broke", "as it does"))
        found.append(info("it.told", f"{(yield Do(lambda: 42))}"))

    try:
        found = World().run(examine("us", [Check("a", hangs), Check("b", breaks)], deadline=0.05))
    finally:
        answered.set()
    assert found.findings[0].code == "check.timed_out"
    # these two are done at once, as far as the machine lets them
    assert World().run(examine("us", [Check("b", breaks)], deadline=60.0)).codes() == {"it.broke", "it.told"}


def test_foreign_work_that_is_awaited() -> None:
    """A signer that is to be awaited has its time as well; where nobody can await it, it is given up."""

    async def signs() -> str:
        await asyncio.sleep(0)
        return "signed"

    async def awaited() -> None:
        assert await _within(signs, 60.0) == "signed"
        with pytest.raises(TimedOut, match="a signer"):
            await _within(lambda: asyncio.sleep(600), 0.01)

    asyncio.run(awaited())
    never = signs()
    _within(lambda: never, 60.0).close()
    assert getcoroutinestate(never) == CORO_CLOSED


def test_failures_reach_the_flow_inside() -> None:
    """A failure of what was asked for is raised where it was asked for, and may be caught there."""

    def asks() -> Flow[str]:
        try:
            yield Send(a_request(1.0))
        except ConnectFailed:
            now: Instant = yield Now()
            return f"caught at {now.monotonic:.0f}"
        return "answered"

    world = World(lambda _: ConnectFailed("nobody there"))
    assert world.run(bounded(asks(), world.monotonic + 10.0)) == "caught at 1000"


# -- findings --


def test_exit_statuses() -> None:
    """0 for what is well or only worth knowing, 1 for warnings, 2 for errors: the worst counts."""
    fine, known, odd, bad = ok("a", "a"), info("b", "b"), warning("c", "c", "c"), error("d", "d", "d")
    assert [
        Diagnosis(found).exit_status for found in ((), (fine,), (fine, known), (odd, fine), (odd, bad, fine))
    ] == [0, 0, 0, 1, 2]
    joined = Diagnosis.joined([Diagnosis((fine,)), Diagnosis((odd, bad))])
    assert joined.codes() == {"a", "c", "d"}
    assert (joined.errors, joined.warnings, joined.get("z")) == ((bad,), (odd,), None)


def test_a_finding_is_one_line() -> None:
    """A finding shows as severity, venue, code, what is and what to do; as JSON it has all of it."""
    [finding] = examined(Check("it", finds(error("a.b", "it is bad", "mend it", number=7)))).findings
    assert str(finding) == "error   clob a.b: it is bad; mend it"
    assert json.loads(json.dumps(finding.as_dict())) == {
        "venue": "clob",
        "check": "it",
        "code": "a.b",
        "severity": "error",
        "what": "it is bad",
        "fix": "mend it",
        "facts": {"number": 7},
    }
    assert pickle.loads(pickle.dumps(finding)) == finding


@pytest.mark.parametrize(
    "secret",
    [_TOKEN, "ps_live_" + "ab" * 32, "0x" + "ab" * 32, "q" * 43 + "=", "ps_test_short"],
)
def test_credentials_in_the_words_of_others_are_hidden(secret: str) -> None:
    """What a venue repeats of a credential is not shown, nor anything of foreign exceptions."""
    assert secret not in said(PolyspecError(f"refused: {secret} is bad"))
    assert said(ValueError(secret)) == "ValueError"


def test_addresses_and_words_are_kept_and_lines_are_not() -> None:
    """Addresses stay readable, line breaks and long prose do not."""
    address = "0x" + "aB" * 20
    assert said(PolyspecError(f"the wallet {address}\nis empty")) == f"the wallet {address} is empty"
    assert len(said(PolyspecError("no " * 500))) == 300


def test_paths_are_kept_and_keys_in_them_are_not() -> None:
    """A path is shown however long it is, unless what looks like a key is in it."""
    path = "/home/alice/.config/projects/polymarket-trading-bots/secrets/us_key"
    assert path in said(PolyspecError(f"the file {path} does not exist"))
    assert path in said(PolyspecError(f"the file {path} 2.pem does not exist"))
    for part in ("ps_live_0123456789", "ab" * 32, "eyJhbGciOiJub25lIn0"):
        assert part not in said(PolyspecError(f"the file {path}/{part} does not exist"))


def test_a_finding_moves_no_cursor() -> None:
    """Whatever a venue calls its users, a finding stays one line without control characters."""
    finding = ok("a.b", "the token belongs to \x1b[2J\nerror   clob x.y: \udcffme")
    assert str(finding).isprintable()


# -- claims --


def test_claims_are_read_and_not_believed() -> None:
    """Scopes, audiences and the end of a token are read where it is a JWT, and None is said where not."""
    claims = claims_of(Secret(_TOKEN))
    assert claims is not None
    assert scopes_of(claims) == {"a", "b"}
    assert audiences_of(claims) == ("x", "y")
    assert expiry_of(claims) == 12.0
    assert scopes_of({"scp": ["c", 1]}) == {"c"}
    assert (scopes_of({}), audiences_of({}), expiry_of({"exp": True})) == (None, (), None)
    for text in ("", "a.b", "a.!!.c", "a.bnVsbA.c", "a." + "b" * 20_000 + ".c"):
        assert claims_of(Secret(text)) is None
