"""Look for an order whose fate is not known: what the venue shows of it, and how much a look is worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec
from attrs import frozen
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report, trading

from polyspec.core.absence import Empty
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.errors import NotFound
from polyspec.us.fate import Unknown

__all__ = ["Empty", "Sight", "look", "reason_of"]

T = TypeVar("T")

# How far this machine's clock and the venue's may differ, if the venue's answers told and if not.
_CLOCKS_APART: Final = 10.0
_CLOCKS_UNKNOWN: Final = 60.0
# One client order id has a handful of orders at most: a full page means that the filter did not work.
_PAGE: Final = 100


@frozen
class Sight:
    """An order as the venue shows it."""

    order: wire.Order
    rejection: wire.Execution | None = None
    """The execution that says why, if the order was found by it."""


def look(
    session: Session, unknown: Unknown[T], deadline: float, *, thorough: bool = True
) -> Flow[Sight | Empty]:
    """Look among the open orders; if `thorough` (which the venue limits) in the history too."""
    seeker = _Seeker(session, unknown, deadline)
    return (yield from seeker.look(thorough=thorough))


def reason_of(session: Session, order_id: str, deadline: float) -> Flow[wire.Execution | None]:
    """Fetch why an order was rejected; an order itself does not say."""
    search = wire.SearchExecutionsRequest(
        order_id=order_id, types=[wire.ExecutionType.REJECTED], page_size=_PAGE
    )
    found = yield from _ask(session, report.search_executions(search), deadline)
    for execution in found.executions:
        about = execution.order is None or execution.order.id == order_id
        if about and execution.type == wire.ExecutionType.REJECTED:
            return execution
    return None


def _ask(session: Session, call: Call[T], deadline: float) -> Flow[T]:
    now: Instant = yield Now()
    answer = yield from session.send(call, max(0.0, deadline - now.monotonic))
    return answer.value


class _Seeker:
    """One look."""

    def __init__(self, session: Session, unknown: Unknown[T], deadline: float) -> None:
        self._session = session
        self._unknown = unknown
        self._deadline = deadline
        self._doubtful = False

    def look(self, *, thorough: bool) -> Flow[Sight | Empty]:
        symbols = [self._unknown.symbol]
        listed = yield from self._ask(trading.get_open_orders(symbols=symbols))
        order = yield from self._pick(listed.orders)
        if order is None and self._unknown.order_id is not None:
            order = yield from self._by_id(self._unknown.order_id)
        if order is not None:
            return Sight(order)
        if not thorough:
            return self._empty(whole=False)
        return (yield from self._history())

    def _by_id(self, order_id: str) -> Flow[wire.Order | None]:
        try:
            told = yield from self._ask(report.get_order(order_id))
        except NotFound:
            return None
        return (yield from self._pick([told.order] if told.order is not None else []))

    def _history(self) -> Flow[Sight | Empty]:
        known = self._unknown.order_id or ""
        clord_id = "" if known else self._unknown.clord_id
        past = yield from self._ask(
            report.search_orders(
                wire.SearchOrdersRequest(
                    order_id=known, clord_id=clord_id, symbol=self._unknown.symbol, page_size=_PAGE
                )
            )
        )
        order = yield from self._pick([*past.order, *past.orders])
        if order is not None:
            return Sight(order)
        done = yield from self._ask(
            report.search_executions(
                wire.SearchExecutionsRequest(
                    order_id=known,
                    clord_id=clord_id,
                    symbol=self._unknown.symbol,
                    newest_first=True,
                    page_size=_PAGE,
                )
            )
        )
        sight = yield from self._in_executions(done.executions)
        # an unread page may hold anything
        whole = not past.next_page_token and (done.eof or not done.next_page_token)
        return sight if sight is not None else self._empty(whole=whole)

    def _in_executions(self, executions: list[wire.Execution]) -> Flow[Sight | None]:
        order = yield from self._pick([each.order for each in executions if each.order is not None])
        if order is None:
            return None
        for execution in executions:
            its = execution.order is not None and execution.order.id == order.id
            if its and execution.type == wire.ExecutionType.REJECTED:
                order = msgspec.structs.replace(order, state=wire.OrderState.REJECTED)
                return Sight(order, execution)
        return Sight(order)

    def _empty(self, *, whole: bool) -> Empty:
        if self._doubtful:
            return Empty.DOUBTFUL
        return Empty.PROVEN if whole else Empty.PARTIAL

    def _pick(self, orders: Iterable[wire.Order]) -> Flow[wire.Order | None]:
        """Return the order that is looked for; what may be another one of the same name is none."""
        now: Instant = yield Now()
        found: dict[str, wire.Order] = {}
        for order in orders:
            if not self._named(order):
                continue
            if self._is_older(order, now):
                self._doubtful = True
            else:
                # the first of several records of one order: listings show the latest first
                found.setdefault(order.id, order)
        if len(found) > 1:
            self._doubtful = True
            return None
        return next(iter(found.values()), None)

    def _named(self, order: wire.Order) -> bool:
        unknown, trace = self._unknown, self._unknown.trace
        if unknown.order_id is not None:
            return order.id == unknown.order_id
        if order.clord_id != unknown.clord_id or order.symbol not in ("", unknown.symbol):
            return False
        # neither side nor symbol of an order ever changes, so these are certainly others
        return trace is None or (
            order.id not in trace.earlier and order.side in (wire.Side.UNDEFINED, trace.side)
        )

    def _is_older(self, order: wire.Order, now: Instant) -> bool:
        """Tell an order from before this one was sent; a client order id is unique among open ones only."""
        born = order.create_time or order.insert_time
        if self._unknown.order_id is not None or born is None:
            return False
        clock, trace = self._session.clock, self._unknown.trace
        if trace is None:
            sent = self._unknown.sent_at
        else:
            # what the venue's clock showed then, by what is known of it now
            sent = clock.correct(now.wall) - (now.monotonic - trace.started)
        return born.timestamp() < sent - (_CLOCKS_APART if clock.known else _CLOCKS_UNKNOWN)

    def _ask(self, call: Call[T]) -> Flow[T]:
        return (yield from _ask(self._session, call, self._deadline))
