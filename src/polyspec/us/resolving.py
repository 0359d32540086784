"""From lookups to a verdict: when an order stands, when it does not, and when nobody can say."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

from attrs import evolve, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.core.absence import Absence, pauses, wait_for_look
from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import PolyspecError, TransportError
from polyspec.us.fate import Accepted, Outcome, Rejected, Unknown
from polyspec.us.instrument import Instrument
from polyspec.us.seeking import Empty, Sight, look, reason_of

__all__ = ["Resolving", "is_judged"]

R = TypeVar("R")

# The venue allows one search of each kind every five seconds.
_SEARCHES_APART: Final = 5.0
# Words of a refusal because an open order has the client order id.
_TAKEN: Final = "already in use"
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
        for pause in pauses():
            now: Instant = yield Now()
            wait = wait_for_look(pause * (0.8 + 0.4 * self.session.chance()), now, deadline, absence)
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
        if _TAKEN in text.lower() and (twin := (yield from self._twin(unknown, order_id, deadline))):
            return twin
        return Rejected(clord_id=unknown.clord_id, order_id=order_id or None, text=text, reason=reason)

    def _twin(self, unknown: Unknown[R], order_id: str, deadline: float) -> Flow[Outcome[R] | None]:
        """Look for what has the id that a refusal says is in use; None if it is somebody else's.

        Where nobody used the id before, it can only be this order, which somebody on the way sent twice.
        """
        trace = unknown.trace
        if trace is None or trace.earlier:
            return None
        nameless = evolve(unknown, order_id=None)
        seen = yield from self._look(nameless, deadline, thorough=False)
        if isinstance(seen, PolyspecError):
            return evolve(nameless, obstacle=seen)
        if not isinstance(seen, Sight) or seen.order.id == order_id or not is_judged(seen.order):
            return None
        return Accepted(
            clord_id=unknown.clord_id, order_id=seen.order.id, order=seen.order, instrument=self.instrument
        )

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


def _can_be_absent(unknown: Unknown[R]) -> bool:
    """Tell whether not finding an order can mean anything: not if the venue gave it an id, or hides it."""
    visible = not unknown.hidden and (unknown.trace is None or unknown.trace.visible)
    return unknown.order_id is None and visible


def _never_arrived(unknown: Unknown[R]) -> Rejected:
    return Rejected(
        clord_id=unknown.clord_id,
        order_id=None,
        text="the order never reached the venue: neither orders nor executions know it",
        never_arrived=True,
    )
