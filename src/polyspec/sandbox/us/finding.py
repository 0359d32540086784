"""Which orders, executions and trades a report is about.

Filters look at the engine's own records; what they let pass is put into the venue's words by the page. Only
the filters a request has are run, and a download request has just a few of them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import span
from polyspec.sandbox.us.eastern import end_of
from polyspec.sandbox.us.entry import Pending
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import Asked

__all__ = ["date_span", "matching_executions", "matching_orders", "matching_trades"]

_OPEN: Final = frozenset({"NEW", "PARTIALLY_FILLED", "PENDING_NEW", "PENDING_CANCEL"})
_DAY: Final = dt.timedelta(days=1)
T = TypeVar("T")
Test = Callable[[T], bool]


def matching_orders(asked: Asked, request: Any) -> list[t.Order]:
    """Return the participant's orders that pass every filter, by time of creation.

    Those that wait to be entered are among them; `world.entry.pending` knows which.
    """
    entry, name = asked.world.entry, asked.participant.name
    found = _own_orders(asked, request)
    found += [each.order() for each in entry.pending.values() if each.command.participant == name]
    low, high = span(request.start_time, request.end_time)
    first, last = _dates(request)
    tests = _about_order(request) + _about_state(entry.pending, request)
    if (low, high) != span(None, None):
        tests.append(lambda order: low <= order.create_time <= high)
    if (first, last) != span(None, None):
        # an order that waits has no date of transaction, and passes
        tests.append(lambda order: order.id in entry.pending or first <= order.last_transact_time <= last)
    return sorted(_kept(found, tests), key=lambda order: (order.create_time, order.id))


def _own_orders(asked: Asked, request: Any) -> list[t.Order]:
    """Return the participant's orders in the engine, as few as its indexes tell without a look at each."""
    exchange, participant = asked.world.exchange, asked.participant
    if order_id := getattr(request, "order_id", ""):
        one = exchange.order(order_id)
        own = one is not None and one.participant == participant.name and one.account in participant.accounts
        return [one] if one is not None and own else []
    open_only = getattr(request, "order_state_filter", None) == m.OrderStateFilter.OPEN
    return [
        order
        for account in participant.accounts
        for order in exchange.orders(
            account=account,
            participant=participant.name,
            symbol=getattr(request, "symbol", ""),
            open_only=open_only,
        )
    ]


def matching_executions(asked: Asked, request: Any) -> list[t.Execution]:
    """Return the participant's executions that pass every filter, in the order they happened."""
    exchange, participant = asked.world.exchange, asked.participant
    order_id, symbol = getattr(request, "order_id", ""), getattr(request, "symbol", "")
    found = [
        done
        for account in participant.accounts
        for done in exchange.executions(account=account, order_id=order_id, symbol=symbol)
        if done.order.participant == participant.name
    ]
    tests: list[Test[t.Execution]] = [_of_order(test) for test in _about_order(request)]
    if types := {each.name for each in getattr(request, "types", ())}:
        tests.append(lambda done: done.type.name in types)
    if ids := set(getattr(request, "exec_ids", ())):
        tests.append(lambda done: done.id in ids)
    for low, high in (span(request.start_time, request.end_time), _dates(request)):
        if (low, high) != span(None, None):
            tests.append(lambda done, low=low, high=high: low <= done.transact_time <= high)  # type: ignore[misc]
    return sorted(_kept(found, tests), key=lambda done: done.sequence)


def matching_trades(asked: Asked, request: Any) -> list[t.Trade]:
    """Return the participant's trades that pass every filter, in the order they happened."""
    exchange, participant = asked.world.exchange, asked.participant
    found: dict[str, t.Trade] = {}
    for account in participant.accounts:
        made = exchange.trades(account=account, symbol=getattr(request, "symbol", ""))
        found.update((each.id, each) for each in made)
    accounts = set(request.accounts)
    order_id, exec_id = getattr(request, "order_id", ""), getattr(request, "exec_id", "")

    def own_side(made: t.Trade) -> bool:
        sides = (made.aggressor, made.passive)
        own = [done for done in sides if done.order.participant == participant.name]
        return (
            bool(own)
            and (not order_id or any(done.order.id == order_id for done in own))
            and (not exec_id or any(done.id == exec_id for done in own))
            and (not accounts or any(done.order.account in accounts for done in own))
        )

    tests: list[Test[t.Trade]] = [own_side]
    if trade_id := getattr(request, "trade_id", ""):
        tests.append(lambda made: made.id == trade_id)
    if states := {each.name for each in getattr(request, "states", ())}:
        tests.append(lambda made: made.state.name in states)
    if getattr(request, "trade_link_id", ""):
        tests.append(lambda _: False)
    low, high = span(request.start_time, request.end_time)
    tests.append(lambda made: low <= made.time <= high)
    return sorted(_kept(list(found.values()), tests), key=lambda made: (made.time, made.id))


# -- filters --


def _kept(found: list[T], tests: Iterable[Test[T]]) -> list[T]:
    for test in tests:
        found = list(filter(test, found))
    return found


def _of_order(test: Test[t.Order]) -> Test[t.Execution]:
    return lambda done: test(done.order)


def _about_order(request: Any) -> list[Test[t.Order]]:
    """Return the filters that an order passes or fails for its whole life."""
    asked = {name: getattr(request, name, None) for name in _BY_VALUE}
    tests = [_BY_VALUE[name](value) for name, value in asked.items() if value]
    # the sandbox gives no order a host cross or a parent
    if getattr(request, "host_cross_id", "") or getattr(request, "parent_order_id", ""):
        tests.append(lambda _: False)
    for name, chosen in (("side", _with_side), ("type", _with_type)):
        wanted = getattr(request, name, None)
        if wanted is not None and wanted.name != "UNDEFINED":
            tests.append(chosen(wanted.name))
    return tests


def _with_side(name: str) -> Test[t.Order]:
    return lambda order: order.side.name == name


def _with_type(name: str) -> Test[t.Order]:
    return lambda order: order.type.name == name


def _tagged(tag: str) -> Callable[[str], Test[t.Order]]:
    return lambda value: lambda order: order.tags.get(tag) == value


_BY_VALUE: Final[dict[str, Callable[[Any], Test[t.Order]]]] = {
    "order_id": lambda value: lambda order: order.id == value,
    "clord_id": lambda value: lambda order: order.client_order_id == value,
    "symbol": lambda value: lambda order: order.symbol == value,
    "symbols": lambda values: lambda order: order.symbol in values,
    "accounts": lambda values: lambda order: order.account in values,
    "cross_id": lambda value: lambda order: order.cross_id == value,
    "client_account_id": _tagged("client_account_id"),
    "client_participant_id": _tagged("client_participant_id"),
}


def _about_state(pending: dict[str, Pending], request: Any) -> list[Test[t.Order]]:
    """Return the filters by state, in either spelling of the field."""

    def state(order: t.Order) -> str:
        waiting = pending.get(order.id)
        return order.state.name if waiting is None else waiting.state

    choices: dict[str, Test[t.Order]] = {
        "OPEN": lambda order: state(order) in _OPEN,
        "CLOSED": lambda order: state(order) not in _OPEN,
    }
    given = (getattr(request, name, None) for name in ("order_state_filter", "state_filter"))
    names = [each.name for each in given if each is not None and each.name != "UNDEFINED"]
    return [choices.get(name, lambda order, name=name: state(order) == name) for name in names]  # type: ignore[misc]


def _dates(request: Any) -> tuple[int, int]:
    first, last = (getattr(request, f"{end}_transact_trade_date", None) for end in ("start", "end"))
    return date_span(first, last)


def date_span(first: m.Date | None, last: m.Date | None) -> tuple[int, int]:
    """Return the first and the last nanosecond of a period of trade dates; raises Refusal (400)."""
    begin, end = _day(first), _day(last)
    low, high = span(None, None)
    # nothing lies before the first day of the calendar, nor after its last
    with contextlib.suppress(OverflowError):
        low = low if begin is None else end_of(begin - _DAY) + 1
    with contextlib.suppress(OverflowError):
        high = high if end is None else end_of(end)
    return low, high


def _day(day: m.Date | None) -> dt.date | None:
    try:
        return None if day is None else dt.date(day.year, day.month, day.day)
    except ValueError as error:
        raise invalid(f"invalid date: {error}") from error
