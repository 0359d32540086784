"""Wait until nothing more can happen to an order."""

from __future__ import annotations

from typing import Final

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report

from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import NotFound, TimedOut

__all__ = ["DONE", "settled"]

DONE: Final = (
    wire.OrderState.FILLED,
    wire.OrderState.CANCELED,
    wire.OrderState.EXPIRED,
    wire.OrderState.REJECTED,
)
"""States in which an order stays."""


def settled(session: Session, order_id: str, timeout: float) -> Flow[wire.Order]:
    """Read an order until it is filled, cancelled, expired or rejected; raises TimedOut.

    A new order may not be readable at once, so NotFound is raised only when the time is up.
    """
    start: Instant = yield Now()
    end, pause = start.monotonic + timeout, 0.05
    missing: NotFound | None = None
    order: wire.Order | None = None
    while True:
        now: Instant = yield Now()
        try:
            answer = yield from session.send(report.get_order(order_id), max(0.0, end - now.monotonic))
            order, missing = answer.value.order, None
        except NotFound as error:
            missing = error
        if order is not None and missing is None and order.state in DONE:
            return order
        now = yield Now()
        if now.monotonic + pause > end:
            raise missing or _still_going(order_id, order, timeout)
        yield Sleep(pause)
        pause = min(pause * 2, 1.0)


def _still_going(order_id: str, order: wire.Order | None, timeout: float) -> TimedOut:
    state = "not known" if order is None else order.state.name
    error = TimedOut(f"order {order_id} is still {state} after {timeout:g} s")
    # only looked at; nothing was asked to happen
    error.maybe_executed = False
    return error
