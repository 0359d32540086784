"""Run checks one after the other: each has its time, and one that fails stops only those that need it.

A check is a flow that adds findings to a list, so it runs under threads, asyncio and tests alike, and what it
found before it failed is kept.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Generator, Iterable
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from inspect import isawaitable
from threading import Thread
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from attrs import evolve, frozen

from polyspec.core.effects import Do, Effect, Flow, Instant, Now, Send, Sleep, Wait
from polyspec.core.findings import Diagnosis, Finding, Severity, error, info, said, warning
from polyspec.errors import (
    ApiError,
    ConfigError,
    DecodeError,
    Forbidden,
    PolyspecError,
    RateLimited,
    TimedOut,
    TransportError,
    Unauthorized,
    VaultError,
)

__all__ = ["DEADLINE", "LONGEST", "Check", "Found", "Tell", "bounded", "examine", "foreign"]

T = TypeVar("T")

Found: TypeAlias = list[Finding]
Tell: TypeAlias = Callable[[Finding], object]
"""Told of each finding as soon as its check is over."""

DEADLINE: Final = 10.0
"""Seconds a check may take."""
LONGEST: Final = 3600.0
"""More than that no check may be given."""
_PATIENCE: Final = 2
"""Checks without an answer, after which others that need the venue are not begun."""
_OUTAGE: Final = 500
_NO_ANSWER: Final = "what was asked on this side, a signer or a vault, gave no answer in time"
_ALLOWED: Final = "look at scopes and permissions, and whether the venue serves this address and its region"
_SILENT: Final = ("check.timed_out", "check.unreachable")


@frozen
class Check:
    """Something to look at."""

    name: str
    run: Callable[[Found], Flow[None]]
    needs: tuple[str, ...] = ()
    """The checks without which this one means nothing."""


def examine(
    venue: str, checks: Iterable[Check], *, deadline: float = DEADLINE, tell: Tell | None = None
) -> Flow[Diagnosis]:
    """Run checks in order, `deadline` seconds each at most, and return what they found.

    Raises ConfigError for a deadline that is none, and nothing else.
    """
    if not (math.isfinite(deadline) and 0 < deadline <= LONGEST):
        raise ConfigError(f"the deadline of a check is a number of seconds above 0, {LONGEST:g} at most")
    everything: Found = []
    failed: set[str] = set()
    silent: list[str] = []
    for check in checks:
        found: Found = []
        if (why := _in_vain(check, failed, silent)) is not None:
            failed.add(check.name)
            found.append(
                info("check.skipped", f"{check.name} was not looked at, since {why}", "put that right first")
            )
        elif not (yield from _run(check, found, deadline, venue)):
            failed.add(check.name)
        if any(each.code in _SILENT for each in found):
            silent.append(check.name)
        if any(each.severity is Severity.ERROR for each in found):
            failed.add(check.name)
        for each in found:
            finding = evolve(each, venue=venue, check=check.name)
            everything.append(finding)
            if tell is not None:
                tell(finding)
    return Diagnosis(tuple(everything))


def _in_vain(check: Check, failed: set[str], silent: list[str]) -> str | None:
    """Say why a check would tell nothing; None if it may."""
    if (missing := next((name for name in check.needs if name in failed), None)) is not None:
        return f"{missing} failed"
    if check.needs and len(silent) >= _PATIENCE:
        # each would take its whole time, and tell the same
        return f"{' and '.join(silent)} got no answer"
    return None


def _run(check: Check, found: Found, deadline: float, venue: str) -> Flow[bool]:
    """Run a check, and tell whether it came to its end."""
    start: Instant = yield Now()
    try:
        yield from bounded(check.run(found), start.monotonic + deadline)
    except PolyspecError as failure:
        found.append(trouble(check.name, failure, deadline))
    except Exception as failure:
        # a mistake of ours, or an answer nobody thought of: the other checks are worth their while
        found.append(_unexpected(check.name, failure, venue))
    else:
        return True
    return False


def _unexpected(name: str, failure: Exception, venue: str) -> Finding:
    """Say of a failure nobody thought of what it is and where, and nothing that it holds."""
    # the package itself wraps what a client lacks in words
    lost = failure if isinstance(failure, ModuleNotFoundError) else failure.__cause__
    library = (lost.name or "").partition(".")[0] if isinstance(lost, ModuleNotFoundError) else ""
    if library and library not in ("polyspec", "polyspec_wire"):
        return error(
            "extras.missing",
            f"{library} is not installed, without which {name} cannot be looked at",
            f"pip install 'polyspec[{venue}]'",
            module=library,
            extra=venue,
        )
    place, trace = "", failure.__traceback__
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}", trace.tb_next
    return error(
        "check.broken",
        f"the check {name} failed unexpectedly ({type(failure).__name__} at {place})",
        "please report it, with this line and the version of polyspec",
        where=place,
    )


def trouble(name: str, failure: PolyspecError, deadline: float) -> Finding:
    """Say what stopped a check that has no words of its own for it."""
    told = said(failure)
    if isinstance(failure, TimedOut):
        return error(
            "check.timed_out",
            f"{name} got no answer within {deadline:g} s ({told})",
            "look at the network and at the venue's status page, or allow more time",
        )
    if (strange := foreign(name, failure)) is not None:
        return strange
    if isinstance(failure, TransportError):
        return error("check.unreachable", f"{name} got no answer: {told}", "look at the network first")
    if isinstance(failure, RateLimited):
        return warning(
            "limits.exhausted",
            f"{name} was held back by a rate limit: {told}",
            "ask less often, or find out who else uses this key or this address",
            retry_after=failure.retry_after,
        )
    if isinstance(failure, Unauthorized):
        return error("check.unauthorized", f"{name} was refused: {told}", "look at the credentials")
    if isinstance(failure, Forbidden):
        return error("check.forbidden", f"{name} is not allowed: {told}", _ALLOWED)
    if isinstance(failure, ConfigError):
        return error("check.config", f"{name} could not be asked: {told}", "correct how the client is made")
    if isinstance(failure, VaultError):
        return error(
            "check.vault",
            f"{name} could not be asked, since the vault does not give the credentials: {told}",
            "look at the vault with `polyspec vault list`",
        )
    code = failure.status if isinstance(failure, ApiError) else None
    fix = "look at the venue's status page, then ask again"
    if code is not None and code < _OUTAGE:
        fix = "is the address the venue's, and is there a newer polyspec"
    return error("check.failed", f"{name} failed: {told}", fix, status=code)


def foreign(name: str, failure: PolyspecError) -> Finding | None:
    """Say that something else than the venue answered, if it did; an outage is not told from it."""
    malformed = isinstance(failure, DecodeError) and failure.malformed
    page = isinstance(failure, ApiError) and failure.body is not None and failure.status < _OUTAGE
    if not (malformed or page or isinstance(failure, DecodeError)):
        return None
    elsewhere = "does something on the way (a sign-in page, a filter, a proxy) answer in its place"
    return error(
        "check.foreign",
        f"{name} got an answer that is not in the venue's words: {said(failure)}",
        f"is the address the venue's, and {elsewhere if malformed or page else 'is there a newer polyspec'}",
        status=failure.status if isinstance(failure, ApiError) else None,
    )


def bounded(flow: Flow[T], until: float) -> Flow[T]:
    """Run a flow until a monotonic second; raises TimedOut where it would ask for more.

    What it asks for is cut down to the time left, so that nothing has to be interrupted.
    """
    outcome: Any = None
    failure: Exception | None = None
    try:
        while True:
            effect = flow.send(outcome) if failure is None else flow.throw(failure)
            outcome, failure = None, None
            try:
                if isinstance(effect, Now):
                    outcome = yield effect
                else:
                    now: Instant = yield Now()
                    outcome = yield _cut(effect, until - now.monotonic)
            except _Over:
                raise TimedOut("the time of the check was over") from None
            except Exception as problem:
                failure = problem
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        flow.close()


class _Over(Exception):  # noqa: N818 - never seen outside
    """No time is left."""


def _cut(effect: Effect, left: float) -> Effect:
    if left <= 0 or (isinstance(effect, Sleep) and effect.seconds > left):
        raise _Over
    if isinstance(effect, Do):
        return Do(partial(_within, effect.work, left))
    if isinstance(effect, Wait):
        timeout = left if effect.timeout is None else min(effect.timeout, left)
        return Wait(effect.flight, timeout)
    if isinstance(effect, Send):
        given = effect.request.timeout
        limits = {name: min(getattr(given, name), left) for name in ("connect", "write", "read", "total")}
        timeouts = msgspec.structs.replace(given, **limits)
        return Send(msgspec.structs.replace(effect.request, timeout=timeouts))
    return effect


class _Awaited:
    """What is to be awaited, and is given so many seconds."""

    def __init__(self, inner: Awaitable[Any], left: float) -> None:
        self._inner = inner
        self._left = left

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._in_time().__await__()

    async def _in_time(self) -> Any:
        try:
            return await asyncio.wait_for(self._inner, self._left)
        except TimeoutError:
            raise TimedOut(_NO_ANSWER) from None

    def close(self) -> None:
        """Give it up: nobody can await it here."""
        if callable(close := getattr(self._inner, "close", None)):
            close()


def _within(work: Callable[[], Any], left: float) -> Any:
    """Do foreign work, a signature of a device for one, and leave it alone if it takes longer."""
    done: Future[Any] = Future()

    def carry() -> None:
        try:
            answer = work()
            done.set_result(_Awaited(answer, left) if isawaitable(answer) else answer)
        except BaseException as failure:
            done.set_exception(failure)

    # nobody waits for it at the end of the program
    Thread(target=copy_context().run, args=(carry,), name="polyspec-doctor", daemon=True).start()
    try:
        return done.result(left)
    except TimeoutError:
        if done.done():
            # of its own, or at the last moment
            return done.result()
        raise TimedOut(_NO_ANSWER) from None
