"""Search of orders, executions and trades. Only the participant's own are visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.finding import matching_executions, matching_orders, matching_trades
from polyspec.sandbox.us.paging import Page, page, scope_of
from polyspec.sandbox.us.refusals import invalid, missing
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

_DEFAULT_PAGE: Final = 100
_LARGEST_PAGE: Final = 1000
T = TypeVar("T")


# -- orders --


@handles("ReportAPI_SearchOrders")
def search_orders(asked: Asked) -> m.SearchOrdersResponse:
    """Search orders, oldest first; the quickstart dialect calls the list `orders`."""
    request: m.SearchOrdersRequest = asked.body
    cut = _cut(asked, request, matching_orders(asked, request), lambda each: (each.create_time, each.id))
    last = [_last_execution(asked, each.id) for each in cut.items] if request.with_last_execution else []
    shown = [mapping.any_order(asked.world, each) for each in cut.items]
    return m.SearchOrdersResponse(
        order=shown,
        orders=shown,
        next_page_token=cut.token,
        last_executions=[each for each in last if each],
    )


def _last_execution(asked: Asked, order_id: str) -> m.Execution | None:
    done = asked.world.exchange.executions(order_id=order_id)
    return mapping.execution(asked.world, done[-1]) if done else None


@handles("ReportAPI_GetOrder")
def get_order(asked: Asked) -> m.GetOrderResponse:
    """Return one of the participant's orders."""
    world, order_id = asked.world, asked.path["order_id"]
    pending = world.entry.find_pending(asked.participant.name, order_id, "")
    if pending is not None:
        return m.GetOrderResponse(order=mapping.pending_order(world, pending[1]))
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


# -- plumbing --


def _cut(
    asked: Asked, request: Any, items: list[T], key: Callable[[T], Any], *, newest_first: bool = False
) -> Page[T]:
    """Cut the page a search asked for."""
    if request.page_size < 0 or request.page_size > _LARGEST_PAGE:
        raise invalid(f"pageSize must be at most {_LARGEST_PAGE}")
    filters = [
        str(getattr(request, name)) for name in request.__struct_fields__ if not name.startswith("page_")
    ]
    return page(
        items,
        key,
        size=request.page_size or _DEFAULT_PAGE,
        token=request.page_token,
        scope=scope_of(asked.operation.id, asked.participant.name, filters),
        newest_first=newest_first,
    )
