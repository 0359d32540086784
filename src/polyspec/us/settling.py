"""Wait until nothing more can happen to orders."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report, trading

from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import NotFound, TimedOut

__all__ = ["DONE", "closed", "settled"]

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


def closed(session: Session, orders: Collection[wire.Order], timeout: float) -> Flow[None]:
    """Read what is open until none of `orders` is, all of them at one look; raises TimedOut."""
    start: Instant = yield Now()
    end, pause = start.monotonic + timeout, 0.05
    waited = {order.id for order in orders}
    symbols = sorted({order.symbol for order in orders})
    while waited:
        now: Instant = yield Now()
        call = trading.get_open_orders(symbols=symbols)
        answer = yield from session.send(call, max(0.0, end - now.monotonic))
        waited &= {order.id for order in answer.value.orders}
        now = yield Now()
        if waited and now.monotonic + pause > end:
            raise _waited_in_vain(f"{len(waited)} of {len(orders)} orders are still open", timeout)
        if waited:
            yield Sleep(pause)
            pause = min(pause * 2, 1.0)


def _still_going(order_id: str, order: wire.Order | None, timeout: float) -> TimedOut:
    state = "not known" if order is None else order.state.name
    return _waited_in_vain(f"order {order_id} is still {state}", timeout)


def _waited_in_vain(what: str, timeout: float) -> TimedOut:
    error = TimedOut(f"{what} after {timeout:g} s")
    # only looked at; nothing was asked to happen
    error.maybe_executed = False
    return error
