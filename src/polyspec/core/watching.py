"""What happens while calls are made, told to whoever wants to know: logs, metrics, traces.

Flows look whether anybody listens (`observing`), and make no event if nobody does. Who listens is told in the
thread or task of the caller, between two steps of its call, and must not wait.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any, Final, ParamSpec, Protocol, TypeAlias, TypeVar

from polyspec_wire import Operation

from polyspec.core.effects import Flow, Instant, Now, Request
from polyspec.core.fate import Accepted, Rejected
from polyspec.core.happenings import (
    CallBegan,
    CallEnded,
    CredentialMoved,
    Event,
    LadderEnded,
    LimiterWaited,
    OrderFate,
    RequestEnded,
    RetryPlanned,
    TokenRefreshed,
)

__all__ = [
    "Observer",
    "fates",
    "observe",
    "observing",
    "tell",
    "told_move",
    "told_request",
    "told_retry",
    "told_wait",
    "watched_call",
    "watched_ladder",
    "watched_token",
]

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger("polyspec")


class Attempting(Protocol):
    """What is asked of the attempts of a call."""

    session: Any
    operation: Operation
    deadline: float
    number: int
    uncertain: bool
    watched: int
    """Number of the call for those who watch; 0 if nobody did when it began."""


Observer: TypeAlias = Callable[[Event], None]
"""Told every event; must not wait, and what it raises is logged and goes no further."""

observing: tuple[Observer, ...] = ()
"""Who listens. Read it as an attribute of this module: it is replaced, not changed."""

_calls: Final = itertools.count(1)
_lock = threading.Lock()
_failed: set[int] = set()


def observe(observer: Observer) -> Callable[[], None]:
    """Tell an observer everything from now on; returns what ends that."""
    global observing  # noqa: PLW0603 - one list for the process, so that asking costs nothing
    with _lock:
        observing = (*observing, observer)
    over = False

    def end() -> None:
        global observing  # noqa: PLW0603
        nonlocal over
        with _lock:
            # who ends twice must not end what was begun apart with the same observer
            if over:
                return
            over = True
            left = list(observing)
            left.remove(observer)
            observing = tuple(left)
            if observer not in left:
                # another observer may be at the same place in memory one day
                _failed.discard(id(observer))

    return end


def tell(event: Event) -> None:
    """Tell everybody who listens."""
    for observer in observing:
        try:
            observer(event)
        except Exception as error:
            # nothing that watches may stand between an order and its fate
            if id(observer) not in _failed:
                _failed.add(id(observer))
                # what broke the observer may be in the way of this as well: a filter of the application
                with suppress(Exception):
                    logger.warning("an observer failed with %s; this is said once", type(error).__name__)


# -- calls --


def _timed(flow: Flow[T], ended: Callable[[Any, BaseException | None, float | None], None]) -> Flow[T]:
    """Carry a flow through, and say what came of it and after how many seconds."""
    start: Instant = yield Now()
    try:
        result = yield from flow
    except Exception as error:
        end: Instant = yield Now()
        ended(None, error, end.monotonic - start.monotonic)
        raise
    except BaseException as error:
        # who is closed or cancelled may not ask for the time any more
        ended(None, error, None)
        raise
    end = yield Now()
    ended(result, None, end.monotonic - start.monotonic)
    return result


def _begun(flow: Flow[T], event: Event) -> Flow[T]:
    tell(event)
    return (yield from flow)


def watched_call(flow: Flow[T], attempt: Attempting) -> Flow[T]:
    """Tell when a call begins and ends."""
    operation = attempt.operation
    number = attempt.watched = next(_calls)
    about = _about(attempt.session, operation) | {"method": operation.method, "path": operation.path}

    def ended(result: object, error: BaseException | None, seconds: float | None) -> None:
        del result
        # cut off while its request was on its way: nobody heard what became of it
        unheard = seconds is None and attempt.number > 0
        unsure = unheard or attempt.uncertain or bool(getattr(error, "maybe_executed", False))
        tell(
            CallEnded(
                **about,
                call=number,
                seconds=seconds,
                attempts=attempt.number,
                error=_kind(error),
                maybe_executed=error is not None and unsure and operation.method != "GET",
            )
        )

    return _timed(_begun(flow, CallBegan(**about, call=number)), ended)


def told_request(attempt: Attempting, request: Request, outcome: Any) -> Flow[None]:
    """Tell how a request ended: in an answer, or in an error with its verdict."""
    operation, failed = attempt.operation, isinstance(outcome, tuple)
    now: Instant = yield Now()
    # what was left of the call when it left is its limit
    left_at = attempt.deadline - request.timeout.total
    tell(
        RequestEnded(
            **_about(attempt.session, operation),
            call=attempt.watched,
            method=operation.method,
            path=operation.path,
            lane=operation.lane,
            attempt=attempt.number,
            seconds=now.monotonic - left_at,
            status=getattr(outcome[0] if failed else outcome, "status", None),
            error=_kind(outcome[0]) if failed else None,
            verdict=outcome[1].value if failed else "done",
        )
    )


def told_retry(attempt: Attempting, error: BaseException, seconds: float) -> None:
    """Tell that a request goes again."""
    about = _about(attempt.session, attempt.operation)
    tell(RetryPlanned(**about, attempt=attempt.number, seconds=seconds, error=type(error).__name__))


def told_wait(attempt: Attempting, gate: str, seconds: float, *, given_up: bool = False) -> None:
    """Tell that a request waits for its place, or does not."""
    about = _about(attempt.session, attempt.operation)
    tell(LimiterWaited(**about, gate=gate, seconds=seconds, given_up=given_up))


# -- credentials --


def watched_token(flow: Flow[T], *, early: bool) -> Flow[T]:
    """Tell what came of asking for an access token."""

    def ended(token: Any, error: BaseException | None, seconds: float | None) -> None:
        life = None if token is None else token.life
        tell(TokenRefreshed(early=early, seconds=seconds, life=life, error=_kind(error)))

    return _timed(flow, ended)


def watched_ladder(flow: Flow[None], keeper: Any) -> Flow[None]:
    """Tell what came of a refusal of managed credentials."""
    before = keeper.version

    def ended(result: None, error: BaseException | None, seconds: float | None) -> None:
        done = "replaced" if keeper.version != before else "kept"
        tell(
            LadderEnded(
                credential=str(keeper.id),
                venue=keeper.id.venue,
                outcome=done if error is None else "failed",
                state=keeper.state.value,
                seconds=seconds,
                error=_kind(error),
            )
        )

    return _timed(flow, ended)


def told_move(keeper: Any, before: Any) -> None:
    """Tell that managed credentials are in another state."""
    tell(
        CredentialMoved(
            credential=str(keeper.id), venue=keeper.id.venue, before=before.value, state=keeper.state.value
        )
    )


# -- orders --


def fates(venue: str) -> Callable[[Callable[P, Flow[T]]], Callable[P, Flow[T]]]:
    """Tell the fates that a flow of orders returns: one outcome, or a list of them."""

    def decorate(method: Callable[P, Flow[T]]) -> Callable[P, Flow[T]]:
        by = getattr(method, "__name__", "")

        @wraps(method)
        def told(*given: P.args, **named: P.kwargs) -> Flow[T]:
            flow = method(*given, **named)
            return _timed(flow, partial(_told_fates, venue, by)) if observing else flow

        return told

    return decorate


def _told_fates(venue: str, by: str, result: Any, error: BaseException | None, seconds: float | None) -> None:
    if error is not None:
        # what a placement raises proves that nothing stands; a lookup that fails proves nothing
        stands = by.startswith("resolve") or getattr(error, "maybe_executed", True)
        fate = "unknown" if stands else "not_placed"
        tell(OrderFate(venue=venue, fate=fate, by=by, seconds=seconds, error=_kind(error)))
        return
    for outcome in result if isinstance(result, list | tuple) else (result,):
        order_id = getattr(outcome, "order_id", None)
        own_id = getattr(outcome, "clord_id", None) or getattr(outcome, "client_order_id", None)
        tell(
            OrderFate(
                venue=venue,
                fate=_fate(outcome),
                by=by,
                seconds=seconds,
                order_id=str(order_id) if order_id else None,
                client_order_id=own_id or None,
                error=_kind(getattr(outcome, "cause", None)),
            )
        )


def _fate(outcome: object) -> str:
    if isinstance(outcome, Accepted):
        return "accepted"
    return "rejected" if isinstance(outcome, Rejected) else "unknown"


def _about(session: Any, operation: Operation) -> dict[str, Any]:
    return {"server": session.base_url.rstrip("/"), "operation": operation.id}


def _kind(error: BaseException | None) -> str | None:
    return None if error is None else type(error).__name__
