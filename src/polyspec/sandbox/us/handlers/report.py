"""Search of orders, executions and trades, and trade statistics. Only the participant's own are visible."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final, TypeVar

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.clock import to_ns
from polyspec.sandbox.us.eastern import trade_date
from polyspec.sandbox.us.paging import Page, page, scope_of
from polyspec.sandbox.us.refusals import invalid, missing
from polyspec.sandbox.us.registry import Asked, handles

__all__ = ["matching_executions", "matching_orders", "matching_trades"]

_DEFAULT_PAGE: Final = 100
_LARGEST_PAGE: Final = 1000
_OPEN: Final = frozenset({"NEW", "PARTIALLY_FILLED", "PENDING_NEW", "PENDING_CANCEL"})
T = TypeVar("T")


# -- orders --


@handles("ReportAPI_SearchOrders")
def search_orders(asked: Asked) -> m.SearchOrdersResponse:
    """Search orders, oldest first; the quickstart dialect calls the list `orders`."""
    request: m.SearchOrdersRequest = asked.body
    cut = _cut(asked, request, matching_orders(asked, request), lambda each: each.id)
    last = [_last_execution(asked, each.id) for each in cut.items] if request.with_last_execution else []
    return m.SearchOrdersResponse(
        order=cut.items,
        orders=cut.items,
        next_page_token=cut.token,
        last_executions=[each for each in last if each],
    )


def matching_orders(asked: Asked, request: Any) -> list[m.Order]:
    """Return the participant's orders that pass every filter, oldest first."""
    world, name = asked.world, asked.participant.name
    # the engine narrows the choice before anything is spelled out for the wire
    symbol, order_id = getattr(request, "symbol", ""), getattr(request, "order_id", "")
    client_id, state = getattr(request, "clord_id", ""), getattr(request, "order_state_filter", None)
    found = [
        mapping.order(world, each)
        for account in asked.participant.accounts
        for each in world.exchange.orders(
            account=account, participant=name, symbol=symbol, open_only=state == m.OrderStateFilter.OPEN
        )
        if order_id in ("", each.id) and client_id in ("", each.client_order_id)
    ]
    found += [
        mapping.pending_order(world, order_id, each)
        for order_id, each in world.entry.pending.items()
        if each.command.participant == name
    ]
    return [order for order in found if _wanted(order, request)]


def _wanted(order: m.Order, request: Any) -> bool:
    """Tell whether an order passes the filters; a download request has only some of them."""
    for wire, own in (
        ("order_id", order.id),
        ("clord_id", order.clord_id),
        ("symbol", order.symbol),
        ("cross_id", order.cross_id),
        ("host_cross_id", order.host_cross_id),
        ("client_account_id", order.client_account_id),
        ("client_participant_id", order.client_participant_id),
        ("parent_order_id", order.parent_order_id),
    ):
        if (wanted := getattr(request, wire, "")) and wanted != own:
            return False
    if (symbols := getattr(request, "symbols", None)) and order.symbol not in symbols:
        return False
    if request.accounts and order.account not in request.accounts:
        return False
    for wire, value in (("side", order.side), ("type", order.type)):
        wanted = getattr(request, wire, None)
        if wanted is not None and wanted.name != "UNDEFINED" and wanted != value:
            return False
    return _in_state(order, request) and _in_time(request, order.create_time, order.last_transact_time)


def _in_state(order: m.Order, request: Any) -> bool:
    for wire in ("order_state_filter", "state_filter"):
        wanted = getattr(request, wire, m.OrderStateFilter.UNDEFINED).name
        if wanted == "UNDEFINED":
            continue
        is_open = order.state.name in _OPEN
        if not {"OPEN": is_open, "CLOSED": not is_open}.get(wanted, wanted == order.state.name):
            return False
    return True


def _in_time(request: Any, created: dt.datetime | None, transacted: dt.datetime | None) -> bool:
    start, end = request.start_time, request.end_time
    if created is not None and ((start and created < start) or (end and created > end)):
        return False
    first = getattr(request, "start_transact_trade_date", None)
    last = getattr(request, "end_transact_trade_date", None)
    if transacted is None or not (first or last):
        return True
    day = trade_date(to_ns(transacted))
    return not ((first and day < _day(first)) or (last and day > _day(last)))


def _day(day: m.Date) -> dt.date:
    try:
        return dt.date(day.year, day.month, day.day)
    except ValueError as error:
        raise invalid(f"invalid date: {error}") from error


def _last_execution(asked: Asked, order_id: str) -> m.Execution | None:
    done = asked.world.exchange.executions(order_id=order_id)
    return mapping.execution(asked.world, done[-1]) if done else None


@handles("ReportAPI_GetOrder")
def get_order(asked: Asked) -> m.GetOrderResponse:
    """Return one of the participant's orders."""
    world, order_id = asked.world, asked.path["order_id"]
    pending = world.entry.find_pending(asked.participant.name, order_id, "")
    if pending is not None:
        return m.GetOrderResponse(order=mapping.pending_order(world, *pending))
    found = world.exchange.order(order_id)
    if found is None or found.participant != asked.participant.name:
        raise missing(f"order {order_id} not found")
    return m.GetOrderResponse(order=mapping.order(world, found))


# -- executions --


@handles("ReportAPI_SearchExecutions")
def search_executions(asked: Asked) -> m.SearchExecutionsResponse:
    """Search executions, oldest first unless asked otherwise."""
    request: m.SearchExecutionsRequest = asked.body
    found = matching_executions(asked, request)
    cut = _cut(asked, request, found, lambda each: each.sequence, newest_first=request.newest_first)
    return m.SearchExecutionsResponse(
        executions=[mapping.execution(asked.world, each) for each in cut.items],
        next_page_token=cut.token,
        eof=cut.eof,
    )


def matching_executions(asked: Asked, request: Any) -> list[t.Execution]:
    """Return the participant's executions that pass every filter, in the order they happened."""
    types = {each.name for each in getattr(request, "types", ())}
    ids = set(getattr(request, "exec_ids", ()))
    found = []
    for done in _own_executions(asked):
        if (types and done.type.name not in types) or (ids and done.id not in ids):
            continue
        shown = mapping.execution(asked.world, done)
        assert shown.order is not None
        if _wanted(shown.order, _WithoutTime(request)) and _in_time(
            request, shown.transact_time, shown.transact_time
        ):
            found.append(done)
    return found


class _WithoutTime:
    """A request whose time filters are about executions, not about the orders they belong to."""

    start_time = end_time = start_transact_trade_date = end_transact_trade_date = None

    def __init__(self, request: Any) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


def _own_executions(asked: Asked) -> list[t.Execution]:
    exchange, name = asked.world.exchange, asked.participant.name
    found = [
        done
        for account in asked.participant.accounts
        for done in exchange.executions(account=account)
        if done.order.participant == name
    ]
    return sorted(found, key=lambda done: done.sequence)


@handles("ReportAPI_GetExecution")
def get_execution(asked: Asked) -> m.GetExecutionResponse:
    """Return one of the participant's executions."""
    found = asked.world.exchange.execution(asked.path["exec_id"])
    if found is None or found.order.participant != asked.participant.name:
        raise missing(f"execution {asked.path['exec_id']} not found")
    return m.GetExecutionResponse(execution=mapping.execution(asked.world, found))


# -- trades --


@handles("ReportAPI_SearchTrades")
def search_trades(asked: Asked) -> m.SearchTradesResponse:
    """Search trades, oldest first, each with the participant's own side only."""
    request: m.SearchTradesRequest = asked.body
    cut = _cut(asked, request, matching_trades(asked, request), lambda each: (each.time, each.id))
    name = asked.participant.name
    return m.SearchTradesResponse(
        trade=[mapping.trade(asked.world, each, name) for each in cut.items], next_page_token=cut.token
    )


def matching_trades(asked: Asked, request: Any) -> list[t.Trade]:
    """Return the participant's trades that pass every filter, in the order they happened."""
    name = asked.participant.name
    found: dict[str, t.Trade] = {}
    for account in asked.participant.accounts:
        found.update((each.id, each) for each in asked.world.exchange.trades(account=account))
    return sorted(
        (each for each in found.values() if _wanted_trade(each, request, name)),
        key=lambda each: (each.time, each.id),
    )


def _wanted_trade(made: t.Trade, request: Any, name: str) -> bool:
    sides = [done for done in (made.aggressor, made.passive) if done.order.participant == name]
    states = {each.name for each in getattr(request, "states", ())}
    order_id, exec_id = getattr(request, "order_id", ""), getattr(request, "exec_id", "")
    trade_id, symbol = getattr(request, "trade_id", ""), getattr(request, "symbol", "")
    return (
        bool(sides)
        and (not states or made.state.name in states)
        and (not trade_id or trade_id == made.id)
        and (not symbol or symbol == made.symbol)
        and (not order_id or any(done.order.id == order_id for done in sides))
        and (not exec_id or any(done.id == exec_id for done in sides))
        and (not request.accounts or any(done.order.account in request.accounts for done in sides))
        and not getattr(request, "trade_link_id", "")
        and (request.start_time is None or made.time >= to_ns(request.start_time))
        and (request.end_time is None or made.time <= to_ns(request.end_time))
    )


# -- plumbing --


def _cut(asked: Asked, request: Any, items: Iterable[T], key: Any, *, newest_first: bool = False) -> Page[T]:
    """Cut the page a search asked for."""
    if request.page_size < 0 or request.page_size > _LARGEST_PAGE:
        raise invalid(f"pageSize must be at most {_LARGEST_PAGE}")
    filters = [
        str(getattr(request, name)) for name in request.__struct_fields__ if not name.startswith("page_")
    ]
    return page(
        list(items),
        key,
        size=request.page_size or _DEFAULT_PAGE,
        token=request.page_token,
        scope=scope_of(asked.operation.id, asked.participant.name, filters),
        newest_first=newest_first,
    )
