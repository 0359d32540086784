"""Read over REST what became of orders, and say it in the words of the order stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import report, trading

from polyspec.core.effects import Flow, Instant, Now, Sleep
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Session
from polyspec.errors import NotFound
from polyspec.us.proto_words import converted, moment_of

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = [
    "Asked",
    "Kinds",
    "OpenList",
    "OrderNews",
    "read_all",
    "read_executions",
    "read_missed",
    "read_open",
]

_PAGE: Final = 1000
_OVER: Final = frozenset({"FILLED", "CANCELED", "REJECTED", "EXPIRED"})


@frozen
class Asked:
    """Which orders a stream is about; all if nothing is named."""

    symbols: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    def follows(self, symbol: str) -> bool:
        """Tell whether a symbol is asked for."""
        return not self.symbols or symbol in self.symbols


@frozen
class Kinds:
    """The classes of messages the stream is made of."""

    order: type[Message]
    execution: type[Message]


@frozen
class OrderNews:
    """What happened since a moment, and orders that were asked for by their ids."""

    executions: list[Any]
    orders: list[Any]
    unknown: list[str]
    """Orders that the venue does not have."""
    at: int
    """The venue's nanosecond at which the reading began."""


@frozen
class OpenList:
    """The orders that are open."""

    orders: list[Any]
    known: frozenset[str]
    """What the stream knew of as open when the reading began."""
    at: int


def read_missed(
    session: Session, kinds: Kinds, asked: Asked, since: int, orders: Sequence[str]
) -> Flow[OrderNews]:
    """Read the executions since a nanosecond, and those of `orders` (ids) whose end they do not tell."""
    at = yield from _now(session)
    done = yield from read_executions(session, asked, since)
    ended = {each.order.id for each in done if each.order is not None and each.order.state.name in _OVER}
    found: list[Any] = []
    unknown: list[str] = []
    for order_id in [each for each in orders if each not in ended]:
        try:
            order = (yield from session.send(report.get_order(order_id))).value.order
        except NotFound:
            order = None
        if order is None:
            unknown.append(order_id)
        else:
            found.append(converted(order, kinds.order))
    return OrderNews([converted(each, kinds.execution) for each in done], found, unknown, at)


def read_executions(session: Session, asked: Asked, since: int) -> Flow[list[wire.Execution]]:
    """Read executions since a nanosecond, oldest first, on the largest pages: searches are scarce."""
    body = wire.SearchExecutionsRequest(
        start_time=moment_of(since),
        symbol=asked.symbols[0] if len(asked.symbols) == 1 else "",
        accounts=list(asked.accounts),
        page_size=_PAGE,
    )
    found: list[wire.Execution] = yield from read_all(session, report.search_executions(body))
    return [each for each in found if each.order is None or asked.follows(each.order.symbol)]


def read_open(
    session: Session, kinds: Kinds, asked: Asked, known: frozenset[str], pause: float
) -> Flow[OpenList]:
    """Read which orders are open, after a pause: the stream may be about to tell what REST knows already."""
    if pause:
        yield Sleep(pause)
    at = yield from _now(session)
    call = trading.get_open_orders(symbols=list(asked.symbols) or None, accounts=list(asked.accounts) or None)
    found = (yield from session.send(call)).value
    return OpenList([converted(each, kinds.order) for each in found.orders], known, at)


def read_all(session: Session, call: Call[Any]) -> Flow[list[Any]]:
    """Read every page of a listing."""
    found: list[Any] = []
    following: Call[Any] | None = call
    while following is not None:
        page = (yield from session.send(following)).value
        found += items(following, page)
        following = next_page(following, page)
    return found


def _now(session: Session) -> Flow[int]:
    start: Instant = yield Now()
    return int(session.clock.correct(start.wall) * 1e9)
