"""From lookups to a verdict: when an order stands, when it does not, and when nobody can say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from polyspec.clob.fate import Accepted, Outcome, Rejected, Unknown, refused
from polyspec.clob.refusals import is_restriction
from polyspec.clob.seeking import Sight, look
from polyspec.core.absence import Absence, Empty, pauses, wait_for_look
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import ApiError, PolyspecError, TransportError

__all__ = ["Resolving"]

R = TypeVar("R")


class _Case(Generic[R]):
    """One order whose fate is being found out."""

    def __init__(self, unknown: Unknown[R], left: float, window: float) -> None:
        self.unknown = unknown
        self.absence = Absence(left + window)
        self.verdict: Accepted | Rejected | None = None
        cause = unknown.cause
        self.announced: ApiError | None = None
        """The venue said that it takes no orders for now: one look that finds nothing bears it out.

        Of a copy that was sent before it says nothing: that one may show up later.
        """
        if isinstance(cause, ApiError) and is_restriction(cause) and not unknown.again:
            self.announced = cause

    def learn(self, seen: Sight | Empty | PolyspecError, began: float, ended: float) -> None:
        """Take in what one look brought."""
        if isinstance(seen, PolyspecError):
            # a failed look says nothing about the order, whatever it failed of
            self.unknown = evolve(self.unknown, obstacle=seen)
            self.absence.forget()
            return
        self.unknown = evolve(self.unknown, obstacle=None)
        if isinstance(seen, Sight):
            self.verdict = seen.verdict(self.unknown)
        elif self.announced is not None and seen is Empty.PROVEN:
            self.verdict = refused(self.unknown, self.announced)
        elif self.absence.note(seen, began, ended):
            self.verdict = _never_arrived(self.unknown)

    @property
    def outcome(self) -> Outcome[R]:
        """What is known by now."""
        return self.unknown if self.verdict is None else self.verdict


@frozen
class Resolving(Generic[R]):
    """Looks orders up, several at a time if they were sent together."""

    session: Session
    settle_window: float
    """Seconds after which an order that is not to be found can no longer appear."""
    key: Callable[[], str | None]
    """The API key in use."""

    def resolve(self, unknowns: Sequence[Unknown[R]], deadline: float) -> Flow[list[Outcome[R]]]:
        """Look until the fate of all is known, or until the monotonic second `deadline`."""
        start: Instant = yield Now()
        cases = [
            _Case(each, start.monotonic if each.left is None else each.left, self.settle_window)
            for each in unknowns
        ]
        for pause in pauses():
            open_cases = [case for case in cases if case.verdict is None]
            if not open_cases:
                break
            now: Instant = yield Now()
            spread = pause * (0.8 + 0.4 * self.session.chance())
            latest = max(open_cases, key=lambda case: case.absence.due)
            wait = wait_for_look(spread, now, deadline, latest.absence)
            if wait is None:
                break
            yield Sleep(wait)
            for case in open_cases:
                began: Instant = yield Now()
                seen = yield from self._look(case.unknown, deadline)
                ended: Instant = yield Now()
                case.learn(seen, began.monotonic, ended.monotonic)
        return [case.outcome for case in cases]

    def doubted(self, unknown: Unknown[R], refusal: Rejected, deadline: float) -> Flow[Outcome[R]]:
        """Look once whether an order that was refused stands nonetheless, having been sent before."""
        seen = yield from self._look(unknown, deadline)
        if isinstance(seen, Sight):
            return seen.verdict(unknown)
        return evolve(unknown, obstacle=seen) if isinstance(seen, PolyspecError) else refusal

    def _look(self, unknown: Unknown[Any], deadline: float) -> Flow[Sight | Empty | PolyspecError]:
        try:
            seen = yield from look(self.session, unknown, deadline)
        except PolyspecError as error:
            return error
        except Exception as error:
            obstacle = TransportError(f"a lookup failed unexpectedly ({type(error).__name__}: {error})")
            obstacle.__cause__ = error
            return obstacle
        return Empty.PARTIAL if seen is Empty.PROVEN and not self._would_see(unknown) else seen

    def _would_see(self, unknown: Unknown[Any]) -> bool:
        """Tell whether not finding an order can mean anything."""
        return not unknown.claimed and unknown.owner in ("", self.key())


def _never_arrived(unknown: Unknown[Any]) -> Rejected:
    text, status, retry_after = "neither orders nor trades know it: it never reached the book", 200, None
    if isinstance(unknown.cause, ApiError):
        text += f"; the venue had answered: {unknown.cause.message}"
        status, retry_after = unknown.cause.status, unknown.cause.retry_after
    return Rejected(
        order_id=unknown.order_id,
        order=unknown.order,
        text=text,
        status=status,
        retry_after=retry_after,
        never_arrived=True,
    )
