"""From lookups to a verdict: when an order stands, when it does not, and when nobody can say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from attrs import evolve, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import PolyspecError, TransportError
from polyspec.us.fate import Accepted, Outcome, Rejected, Unknown
from polyspec.us.instrument import Instrument
from polyspec.us.seeking import Empty, Sight, look, reason_of

__all__ = ["Absence", "Resolving", "is_judged"]

R = TypeVar("R")

# Seconds before each look; the venue drops what it has not processed within five.
_LOOKS: Final = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# The venue allows one search of each kind every five seconds.
_SEARCHES_APART: Final = 5.0
# A look needs about this long; with less there is no use in beginning one.
_SHORTEST: Final = 1.0
# Two empty looks prove nothing unless the second has had time to see what the first could not.
_APART: Final = 2.0
_MARGIN: Final = 0.01

# A state that is not listed here - not processed yet, or new to this library - is no verdict.
_JUDGED: Final = (
    wire.OrderState.NEW,
    wire.OrderState.PARTIALLY_FILLED,
    wire.OrderState.FILLED,
    wire.OrderState.CANCELED,
    wire.OrderState.REPLACED,
    wire.OrderState.REJECTED,
    wire.OrderState.EXPIRED,
)


def is_judged(order: wire.Order) -> bool:
    """Tell whether the engine has decided about an order; one with fills was taken, whatever its state."""
    return order.state in _JUDGED or order.cum_qty > 0


@frozen
class Resolving(Generic[R]):
    """Looks one order up."""

    session: Session
    instrument: Instrument
    settle_window: float
    """Seconds after which an order that was not processed can no longer appear."""

    def resolve(self, unknown: Unknown[R], timeout: float) -> Flow[Outcome[R]]:
        """Look the order up until its fate is known or `timeout` seconds have passed."""
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        left = start.monotonic if unknown.trace is None else unknown.trace.left
        absence = Absence(left + self.settle_window)
        searched: float | None = None
        for pause in _pauses():
            now: Instant = yield Now()
            wait = _wait(pause * (0.8 + 0.4 * self.session.chance()), now, deadline, absence)
            if wait is None:
                return unknown
            yield Sleep(wait)
            looked: Instant = yield Now()
            thorough = (
                searched is None
                or looked.monotonic >= searched + _SEARCHES_APART
                or absence.advances(looked.monotonic)
            )
            searched = looked.monotonic if thorough else searched
            seen = yield from self._look(unknown, deadline, thorough=thorough)
            if isinstance(seen, PolyspecError):
                # a failed look says nothing about the order, whatever it failed of
                unknown = evolve(unknown, obstacle=seen)
                absence.forget()
                continue
            unknown = evolve(unknown, obstacle=None)
            if isinstance(seen, Empty):
                ended: Instant = yield Now()
                if absence.note(seen, looked.monotonic, ended.monotonic) and _can_be_absent(unknown):
                    return _never_arrived(unknown)
                continue
            absence.forget()
            unknown = evolve(unknown, order_id=seen.order.id or unknown.order_id)
            if is_judged(seen.order):
                return (yield from self.verdict(unknown, seen.order, seen.rejection, deadline))
        return unknown

    def verdict(
        self, unknown: Unknown[R], order: wire.Order, rejection: wire.Execution | None, deadline: float
    ) -> Flow[Outcome[R]]:
        """Return what the state of an order means, with the reason if it was rejected."""
        order_id = order.id or unknown.order_id or ""
        if order.state != wire.OrderState.REJECTED or order.cum_qty > 0:
            return Accepted(
                clord_id=unknown.clord_id, order_id=order_id, order=order, instrument=self.instrument
            )
        text, reason = "the venue's words for it could not be read", None
        if rejection is None and order_id:
            try:
                rejection = yield from reason_of(self.session, order_id, deadline)
                text = ""
            except Exception:  # noqa: S110 - that it was rejected is certain without the words
                pass
        if rejection is not None:
            text, reason = rejection.text, rejection.order_reject_reason
        return Rejected(clord_id=unknown.clord_id, order_id=order_id or None, text=text, reason=reason)

    def _look(
        self, unknown: Unknown[R], deadline: float, *, thorough: bool
    ) -> Flow[Sight | Empty | PolyspecError]:
        try:
            return (yield from look(self.session, unknown, deadline, thorough=thorough))
        except PolyspecError as error:
            return error
        except Exception as error:
            obstacle = TransportError(f"a lookup failed unexpectedly ({type(error).__name__}: {error})")
            obstacle.__cause__ = error
            return obstacle


class Absence:
    """Collects the proof that an order never arrived: two empty looks, apart, after it could still appear.

    All times are monotonic seconds; wall clocks jump.
    """

    def __init__(self, settled_at: float) -> None:
        self.settled_at = settled_at
        self._first_ended: float | None = None

    @property
    def due(self) -> float:
        """From when the next empty look brings the proof forward."""
        return self.settled_at if self._first_ended is None else self._first_ended + _APART

    def advances(self, began: float) -> bool:
        """Tell whether an empty look that begins now would bring the proof forward."""
        return began >= self.due

    def note(self, empty: Empty, began: float, ended: float) -> bool:
        """Note an empty look and return whether the proof is complete."""
        if empty is Empty.DOUBTFUL:
            self.forget()
        if empty is not Empty.PROVEN or not self.advances(began):
            return False
        if self._first_ended is None:
            self._first_ended = ended
            return False
        return True

    def forget(self) -> None:
        """Note that a look was no proof."""
        self._first_ended = None


def _can_be_absent(unknown: Unknown[R]) -> bool:
    """Tell whether not finding an order can mean anything: not if the venue gave it an id, or hides it."""
    return unknown.order_id is None and (unknown.trace is None or unknown.trace.visible)


def _never_arrived(unknown: Unknown[R]) -> Rejected:
    return Rejected(
        clord_id=unknown.clord_id,
        order_id=None,
        text="the order never reached the venue: neither orders nor executions know it",
        never_arrived=True,
    )


def _wait(pause: float, now: Instant, deadline: float, absence: Absence) -> float | None:
    """Return how long to sleep before the next look; None if there is no time for another."""
    left = deadline - now.monotonic
    if now.monotonic < absence.due < now.monotonic + pause:
        # a look is worth most right when it begins to count, and nothing a moment before
        pause = absence.due - now.monotonic + _MARGIN
    if pause < left:
        return pause
    return left - _SHORTEST if left > 2 * _SHORTEST else None


def _pauses() -> Iterator[float]:
    yield from _LOOKS
    while True:
        yield _LOOKS[-1]
