"""Place an order and learn its fate, without ever sending it twice.

The venue answers an insert with an id before its engine has judged the order, plain order entry has no
idempotency key, and an order may be accepted although its answer is lost. So the client order id is fixed
before anything is sent, and from then on the order is only ever looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from attrs import evolve, frozen
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report, trading

from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.sending import Session
from polyspec.errors import DecodeError, NotFound, PolyspecError
from polyspec.us.fate import Accepted, Placement, Rejected, Unknown
from polyspec.us.instrument import Instrument

__all__ = ["Placing"]

T = TypeVar("T")

# Seconds before each look; the venue drops what it has not processed within five.
_LOOKS: Final = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# Two empty looks prove nothing unless the second has had time to see what the first could not.
_APART: Final = 2.0

# How far this machine's clock and the venue's may differ.
_CLOCKS_APART: Final = 60.0

_UNJUDGED: Final = (
    wire.OrderState.PENDING_NEW,
    wire.OrderState.PENDING_RISK,
)


@frozen
class Placing:
    """The flows around one order."""

    session: Session
    settle_window: float
    resolver: Callable[[Unknown, float | None], Any]

    def place(
        self, request: wire.InsertOrderRequest, instrument: Instrument, *, confirm: bool, timeout: float
    ) -> Flow[Placement]:
        """Send the order once and find out what became of it within `timeout` seconds.

        Raises what proves that the order does not stand (a refusal of the request, no connection).
        """
        start: Instant = yield Now()
        unknown = self._unknown(request, start)
        try:
            answer = yield from self.session.send(trading.insert_order(request), timeout)
        except PolyspecError as error:
            if not error.maybe_executed:
                raise
            unknown = evolve(unknown, cause=error)
        else:
            told: wire.InsertOrderResponse = answer.value
            if told.order is not None and told.order.state not in _UNJUDGED:
                return self._verdict(told.order, instrument, unknown, text="")
            order_id = told.order_id or (told.order.id if told.order is not None else "")
            if not order_id:
                unknown = evolve(unknown, cause=DecodeError("the venue answered the order without an id"))
            unknown = evolve(unknown, order_id=order_id or None)
        if not confirm:
            return unknown
        now: Instant = yield Now()
        return (yield from self.resolve(unknown, instrument, start.monotonic + timeout - now.monotonic))

    def place_list(self, requests: list[wire.InsertOrderRequest], timeout: float) -> Flow[list[Placement]]:
        """Send several orders in one request; each result is Unknown until it is resolved."""
        call = trading.insert_order_list(wire.InsertOrderListRequest(requests=requests))
        return (yield from self._place_many(call, requests, timeout))

    def place_cross(self, body: wire.InsertOrderCrossRequest, timeout: float) -> Flow[list[Placement]]:
        """Send two orders that trade with each other."""
        return (yield from self._place_many(trading.insert_order_cross(body), body.requests, timeout))

    def _place_many(
        self, call: Call[Any], requests: list[wire.InsertOrderRequest], timeout: float
    ) -> Flow[list[Placement]]:
        start: Instant = yield Now()
        cause: PolyspecError | None = None
        ids: list[str] = []
        try:
            answer = yield from self.session.send(call, timeout)
            ids = [each.order_id or (each.order.id if each.order else "") for each in answer.value.responses]
            if len(ids) != len(requests):
                cause = DecodeError(
                    f"{len(requests)} orders were answered with {len(ids)} ids; at $.responses"
                )
        except PolyspecError as error:
            if not error.maybe_executed:
                raise
            cause = error
        # ids that cannot be matched to orders are worth nothing
        known = ids if cause is None else [""] * len(requests)
        return [
            evolve(self._unknown(request, start), order_id=order_id or None, cause=cause)
            for request, order_id in zip(requests, known, strict=True)
        ]

    def _unknown(self, request: wire.InsertOrderRequest, start: Instant) -> Unknown:
        return Unknown(
            clord_id=request.clord_id,
            order_id=None,
            symbol=request.symbol,
            sent_at=self.session.clock.correct(start.wall),
            resolver=self.resolver,
        )

    def resolve(self, unknown: Unknown, instrument: Instrument, timeout: float) -> Flow[Placement]:
        """Look the order up until its fate is known or `timeout` seconds have passed."""
        start: Instant = yield Now()
        deadline = start.monotonic + timeout
        absence = _Absence(unknown.sent_at + self.settle_window)
        for pause in _pauses():
            now: Instant = yield Now()
            if now.monotonic + pause >= deadline:
                return unknown
            yield Sleep(pause)
            looked: Instant = yield Now()
            try:
                order = yield from self._find(unknown, deadline)
            except PolyspecError as error:
                # a failed look says nothing about the order, whatever it failed of
                unknown = evolve(unknown, cause=error)
                absence.forget()
                continue
            if order is None:
                if unknown.order_id is None and absence.proven(
                    looked, self.session.clock.correct(looked.wall)
                ):
                    return _never_arrived(unknown)
                continue
            absence.forget()
            if _is_older(order, unknown):
                continue
            unknown = evolve(unknown, order_id=order.id or unknown.order_id)
            if order.state not in _UNJUDGED:
                text = yield from self._reason(order, deadline)
                return self._verdict(order, instrument, unknown, text)
        return unknown

    def _find(self, unknown: Unknown, deadline: float) -> Flow[wire.Order | None]:
        """Look among the open orders, then in the history; None only if both know nothing of it."""
        found = yield from self._ask(trading.get_open_orders(symbols=[unknown.symbol]), deadline)
        for order in found.orders:
            if _same(order, unknown):
                return order
        if unknown.order_id is not None:
            try:
                told = yield from self._ask(report.get_order(unknown.order_id), deadline)
            except NotFound:
                pass
            else:
                if told.order is not None and _same(told.order, unknown):
                    return told.order
        search = wire.SearchOrdersRequest(
            order_id=unknown.order_id or "",
            clord_id="" if unknown.order_id else unknown.clord_id,
            symbol=unknown.symbol,
            page_size=10,
        )
        history = yield from self._ask(report.search_orders(search), deadline)
        for order in (*history.order, *history.orders):
            if _same(order, unknown):
                return order
        return (yield from self._executed(unknown, deadline))

    def _executed(self, unknown: Unknown, deadline: float) -> Flow[wire.Order | None]:
        search = wire.SearchExecutionsRequest(
            order_id=unknown.order_id or "",
            clord_id="" if unknown.order_id else unknown.clord_id,
            symbol=unknown.symbol,
            newest_first=True,
            page_size=10,
        )
        found = yield from self._ask(report.search_executions(search), deadline)
        for execution in found.executions:
            if execution.order is not None and _same(execution.order, unknown):
                return execution.order
        return None

    def _reason(self, order: wire.Order, deadline: float) -> Flow[wire.Execution | str]:
        """Fetch why an order was rejected; an order itself does not say."""
        if order.state != wire.OrderState.REJECTED:
            return ""
        search = wire.SearchExecutionsRequest(
            order_id=order.id, types=[wire.ExecutionType.REJECTED], page_size=10
        )
        try:
            found = yield from self._ask(report.search_executions(search), deadline)
        except PolyspecError:
            # that it was rejected is certain without the words for it
            return "the venue's words for it could not be read"
        for execution in found.executions:
            if execution.order is None or execution.order.id == order.id:
                return execution
        return ""

    def _ask(self, call: Call[T], deadline: float) -> Flow[T]:
        now: Instant = yield Now()
        answer = yield from self.session.send(call, max(0.0, deadline - now.monotonic))
        return answer.value

    def _verdict(
        self, order: wire.Order, instrument: Instrument, unknown: Unknown, text: wire.Execution | str
    ) -> Placement:
        order_id = order.id or unknown.order_id or ""
        if order.state != wire.OrderState.REJECTED:
            return Accepted(clord_id=unknown.clord_id, order_id=order_id, order=order, instrument=instrument)
        if isinstance(text, str):
            return Rejected(clord_id=unknown.clord_id, order_id=order_id, text=text)
        return Rejected(
            clord_id=unknown.clord_id, order_id=order_id, text=text.text, reason=text.order_reject_reason
        )


def _same(order: wire.Order, unknown: Unknown) -> bool:
    if unknown.order_id is not None:
        return order.id == unknown.order_id
    return order.clord_id == unknown.clord_id


def _is_older(order: wire.Order, unknown: Unknown) -> bool:
    """Tell an order of the same client id from before this attempt; ids are unique among open orders only."""
    born = order.insert_time or order.create_time
    return (
        unknown.order_id is None and born is not None and born.timestamp() < unknown.sent_at - _CLOCKS_APART
    )


def _never_arrived(unknown: Unknown) -> Rejected:
    return Rejected(
        clord_id=unknown.clord_id,
        order_id=None,
        text="the order never reached the venue: neither orders nor executions know it",
        never_arrived=True,
    )


class _Absence:
    """Collects the proof that an order never arrived: two empty looks, apart, after it could still appear."""

    def __init__(self, settled_at: float) -> None:
        self._settled_at = settled_at
        self._first: float | None = None

    def proven(self, looked: Instant, wall: float) -> bool:
        """Note an empty look; `wall` is the time of the venue."""
        if wall < self._settled_at:
            return False
        if self._first is None:
            self._first = looked.monotonic
        return looked.monotonic - self._first >= _APART

    def forget(self) -> None:
        """Note that a look was no proof."""
        self._first = None


def _pauses() -> Iterator[float]:
    yield from _LOOKS
    while True:
        yield _LOOKS[-1]
