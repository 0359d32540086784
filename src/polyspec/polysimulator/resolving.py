"""From lookups to a verdict: when an order stands, when it does not, and when nobody can say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from polyspec.core.absence import Absence, Empty, pauses, wait_for_look
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import ApiError, PolyspecError, TransportError
from polyspec.polysimulator.answers import (
    is_judged_status,
    is_refused_status,
    rejected,
)
from polyspec.polysimulator.fate import Accepted, Outcome, Rejected, Unknown
from polyspec.polysimulator.seeking import Looker, Sight

__all__ = ["Resolving"]

R = TypeVar("R")


class _Case(Generic[R]):
    """One order whose fate is being found out."""

    def __init__(self, unknown: Unknown[R], left: float, window: float) -> None:
        self.unknown = unknown
        self.absence = Absence(left + window)
        self.verdict: Accepted | Rejected | None = None

    def learn(self, seen: Sight | Empty | PolyspecError, began: float, ended: float) -> None:
        """Take in what one look brought."""
        if isinstance(seen, PolyspecError):
            # a failed look says nothing about the order, whatever it failed of
            self.unknown = evolve(self.unknown, obstacle=seen)
            self.absence.forget()
            return
        self.unknown = evolve(self.unknown, obstacle=None)
        if isinstance(seen, Sight):
            self.absence.forget()
            self.verdict = _verdict(self.unknown, seen)
            if self.verdict is None:
                self.unknown = evolve(self.unknown, order_id=seen.order_id, claimed=True)
        elif self.absence.note(seen, began, ended):
            self.verdict = _absent(self.unknown)

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
    mark: Callable[[], str]
    """Tells whose credentials are in use."""

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
            # what is read is shared by all, so it is as old as the beginning of the round for each
            began: Instant = yield Now()
            looker = Looker(self.session, deadline)
            for case in open_cases:
                seen = yield from self._look(looker, case.unknown)
                ended: Instant = yield Now()
                case.learn(seen, began.monotonic, ended.monotonic)
        return [case.outcome for case in cases]

    def doubted(self, unknown: Unknown[R], refusal: ApiError, deadline: float) -> Flow[Outcome[R]]:
        """Look once whether an order that was refused stands nonetheless, having been sent before."""
        unknown = evolve(unknown, refusal=refusal)
        seen = yield from self._look(Looker(self.session, deadline), unknown)
        if isinstance(seen, Sight):
            return _verdict(unknown, seen) or evolve(unknown, order_id=seen.order_id, claimed=True)
        if seen is Empty.PROVEN:
            return rejected(unknown.client_order_id, refusal)
        return evolve(unknown, obstacle=seen if isinstance(seen, PolyspecError) else None)

    def _look(self, looker: Looker, unknown: Unknown[Any]) -> Flow[Sight | Empty | PolyspecError]:
        try:
            seen = yield from looker.look(unknown)
        except PolyspecError as error:
            return error
        except Exception as error:
            obstacle = TransportError(f"a lookup failed unexpectedly ({type(error).__name__}: {error})")
            obstacle.__cause__ = error
            return obstacle
        if seen is not Empty.PROVEN:
            return seen
        if unknown.owner not in ("", self.mark()):
            return PolyspecError(
                "nothing of the order is to be seen with this key, but it was placed with another: if both "
                "are of one account it never arrived, else resolve it with a client that has the other"
            )
        return Empty.PARTIAL if unknown.claimed else seen


def _verdict(unknown: Unknown[Any], sight: Sight) -> Accepted | Rejected | None:
    """Return what an order that was found means; None if the venue has not judged it yet."""
    record, status = sight.record, str(sight.record.status).upper()
    if not sight.own:
        assert unknown.refusal is not None
        return evolve(
            rejected(unknown.client_order_id, unknown.refusal),
            text=f"the client order id belongs to another order, {sight.order_id}; "
            "this one was refused for it: leave the id out to get a fresh one",
        )
    if not is_judged_status(status):
        return None
    if is_refused_status(status):
        return Rejected(
            client_order_id=unknown.client_order_id,
            text=getattr(record, "cancelled_reason", None) or "the venue keeps it as refused",
            code=status,
            order_id=sight.order_id,
        )
    prices = (getattr(record, name, None) for name in ("fill_price", "price", "limit_price"))
    return Accepted(
        order_id=sight.order_id,
        client_order_id=unknown.client_order_id,
        status=status,
        quantity=record.quantity if record.quantity is not None else _asked(unknown),
        price=next((price for price in prices if price is not None), None),
        fee=getattr(record, "fee", None),
        answer=record,
    )


def _asked(unknown: Unknown[Any]) -> Decimal:
    quantity = None if unknown.terms is None else unknown.terms.quantity
    return Decimal(0) if quantity is None else quantity


def _absent(unknown: Unknown[Any]) -> Rejected:
    """Return what it means that an order is provably nowhere."""
    if unknown.refusal is not None:
        return rejected(unknown.client_order_id, unknown.refusal)
    text, status, code, retry_after = "neither orders nor fills know it: it never arrived", 200, None, None
    if isinstance(unknown.cause, ApiError):
        cause = unknown.cause
        text += f"; the venue had answered: {cause.message}"
        status, retry_after = cause.status, cause.retry_after
        code = None if cause.code is None else str(cause.code)
    return Rejected(
        client_order_id=unknown.client_order_id,
        text=text,
        code=code,
        status=status,
        retry_after=retry_after,
        never_arrived=True,
    )
