"""Run checks one after the other: each has its time, and one that fails stops only those that need it.

A check is a flow that adds findings to a list, so it runs under threads, asyncio and tests alike, and what it
found before it failed is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from attrs import evolve, frozen

from polyspec.core.effects import Effect, Flow, Instant, Now, Send, Sleep, Wait
from polyspec.core.findings import Diagnosis, Finding, Severity, error, info, said, warning
from polyspec.errors import (
    ApiError,
    ConfigError,
    Forbidden,
    PolyspecError,
    RateLimited,
    TimedOut,
    TransportError,
    Unauthorized,
)

__all__ = ["DEADLINE", "Check", "Found", "Tell", "bounded", "examine"]

T = TypeVar("T")

Found: TypeAlias = list[Finding]
Tell: TypeAlias = Callable[[Finding], object]
"""Told of each finding as soon as its check is over."""

DEADLINE: Final = 10.0
"""Seconds a check may take."""


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
    """Run checks in order, `deadline` seconds each at most, and return what they found; raises nothing."""
    everything: Found = []
    failed: set[str] = set()
    for check in checks:
        found: Found = []
        if (missing := next((name for name in check.needs if name in failed), None)) is not None:
            failed.add(check.name)
            found.append(
                info(
                    "check.skipped",
                    f"{check.name} was not looked at, since {missing} failed",
                    "put that right first",
                )
            )
        else:
            yield from _run(check, found, deadline)
        if any(each.severity is Severity.ERROR for each in found):
            failed.add(check.name)
        for each in found:
            finding = evolve(each, venue=venue, check=check.name)
            everything.append(finding)
            if tell is not None:
                tell(finding)
    return Diagnosis(tuple(everything))


def _run(check: Check, found: Found, deadline: float) -> Flow[None]:
    start: Instant = yield Now()
    try:
        yield from bounded(check.run(found), start.monotonic + deadline)
    except PolyspecError as failure:
        found.append(trouble(check.name, failure, deadline))
    except Exception as failure:
        # a mistake of ours, or an answer nobody thought of: the other checks are worth their while
        found.append(
            error(
                "check.broken",
                f"the check {check.name} failed unexpectedly ({type(failure).__name__})",
                "please report it, with the version of polyspec",
            )
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
        return error("check.forbidden", f"{name} is not allowed: {told}", "look at scopes and permissions")
    if isinstance(failure, ConfigError):
        return error("check.config", f"{name} could not be asked: {told}", "correct how the client is made")
    code = failure.status if isinstance(failure, ApiError) else None
    return error(
        "check.failed",
        f"{name} failed: {told}",
        "look at the venue's status page, then ask again",
        status=code,
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
    if isinstance(effect, Wait):
        timeout = left if effect.timeout is None else min(effect.timeout, left)
        return Wait(effect.flight, timeout)
    if isinstance(effect, Send):
        given = effect.request.timeout
        limits = {name: min(getattr(given, name), left) for name in ("connect", "write", "read", "total")}
        timeouts = msgspec.structs.replace(given, **limits)
        return Send(msgspec.structs.replace(effect.request, timeout=timeouts))
    return effect
