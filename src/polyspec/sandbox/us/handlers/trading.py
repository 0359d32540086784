"""Order entry.

An insert answers with an id; whether the order stands, its executions tell. Only what no gateway would pass
on (a missing field, somebody else's account) is refused at once. Cancels and replaces answer ``{}`` whatever
becomes of them, as the venue's do: a refusal is an event of the order stream, not an HTTP status.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.money import money_to_notional
from polyspec.sandbox.http.clock import to_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

MOST_IN_BATCH: Final = 20


@handles("OrderEntryAPI_InsertOrder")
def insert_order(asked: Asked) -> m.InsertOrderResponse:
    """Take in one order."""
    return _insert(asked, [asked.body])[0]


@handles("OrderEntryAPI_InsertOrderList")
def insert_order_list(asked: Asked) -> m.InsertOrderListResponse:
    """Take in up to 20 orders, each for itself."""
    _check_batch(asked.body.requests)
    return m.InsertOrderListResponse(responses=_insert(asked, asked.body.requests))


def _insert(asked: Asked, requests: Sequence[m.InsertOrderRequest]) -> list[m.InsertOrderResponse]:
    entry = asked.world.entry
    commands = [entry.command(request, asked.participant) for request in requests]
    ids = entry.place(commands, late=asked.late)
    return [_inserted(asked, order_id) for order_id in ids]


def _inserted(asked: Asked, order_id: str) -> m.InsertOrderResponse:
    if not asked.quickstart:
        return m.InsertOrderResponse(order_id=order_id)
    pending = asked.world.entry.pending.get(order_id)
    if pending is not None:
        return m.InsertOrderResponse(order=mapping.pending_order(asked.world, pending))
    placed = asked.world.exchange.order(order_id)
    return m.InsertOrderResponse(
        order_id=order_id, order=mapping.order(asked.world, placed) if placed is not None else None
    )


def _check_batch(requests: Sequence[Any]) -> None:
    if not requests:
        raise invalid("requests must not be empty")
    if len(requests) > MOST_IN_BATCH:
        raise invalid(f"at most {MOST_IN_BATCH} operations per request, got {len(requests)}")


@handles("OrderEntryAPI_InsertOrderCross")
def insert_order_cross(asked: Asked) -> m.InsertOrderCrossResponse:
    """Trade two orders with each other in full, or neither."""
    request: m.InsertOrderCrossRequest = asked.body
    if len(request.requests) != 2:
        raise invalid("a cross has exactly two orders")
    legs = {each.side.name: asked.world.entry.command(each, asked.participant) for each in request.requests}
    if legs.keys() != {"BUY", "SELL"}:
        raise invalid("a cross has one buy and one sell order")
    buy, sell = legs["BUY"], legs["SELL"]
    if (buy.symbol, buy.price, buy.quantity) != (sell.symbol, sell.price, sell.quantity) or buy.price is None:
        raise invalid("both orders of a cross need the same symbol, price and quantity")
    command = t.PlaceCross(
        symbol=buy.symbol,
        price=buy.price,
        quantity=buy.quantity,
        buy=_cross_leg(buy),
        sell=_cross_leg(sell),
        cross_id=request.cross_id,
        passive_side=t.Side.BUY if request.cross_prioritized_side == m.Side.BUY else t.Side.SELL,
    )
    ids: dict[str, str] = {}
    for event in asked.world.entry.cross(command, late=asked.late):
        if isinstance(event, t.Execution):
            ids.setdefault(event.order.side.name, event.order.id)
    return m.InsertOrderCrossResponse(
        responses=[_inserted(asked, ids.get(each.side.name, "")) for each in request.requests]
    )


def _cross_leg(order: t.PlaceOrder) -> t.CrossLeg:
    return t.CrossLeg(
        participant=order.participant,
        account=order.account,
        client_order_id=order.client_order_id,
        self_match_id=order.self_match_id,
        tags=order.tags,
    )


@handles("OrderEntryAPI_PreviewOrder")
def preview_order(asked: Asked) -> m.PreviewOrderResponse:
    """Show an order as it would stand, commission of its immediate fills included; places nothing."""
    world = asked.world
    command = world.entry.command(asked.body.request, asked.participant)
    preview = world.exchange.preview(command, world.clock.now_ns())
    shown = mapping.order(world, preview.order)
    market = world.exchange.market(command.symbol)
    if market is not None:
        commission = money_to_notional(market, preview.commission)
        shown = msgspec.structs.replace(shown, commission_notional_total_collected=commission)
    return m.PreviewOrderResponse(preview_order=shown)


@handles("OrderEntryAPI_CancelOrder")
def cancel_order(asked: Asked) -> m.CancelOrderResponse:
    """Cancel an order by either id."""
    _cancel(asked, asked.body)
    return m.CancelOrderResponse()


@handles("OrderEntryAPI_CancelOrderList")
def cancel_order_list(asked: Asked) -> m.CancelOrderListResponse:
    """Cancel up to 20 orders, each for itself."""
    _check_batch(asked.body.requests)
    for request in asked.body.requests:
        _check_named(request)
    for request in asked.body.requests:
        _cancel(asked, request)
    return m.CancelOrderListResponse(responses=[m.CancelOrderResponse() for _ in asked.body.requests])


def _cancel(asked: Asked, request: m.CancelOrderRequest) -> None:
    _check_named(request)
    asked.world.entry.cancel(
        t.CancelOrder(
            participant=asked.participant.name,
            order_id=request.order_id,
            client_order_id=request.clord_id,
            symbol=request.symbol,
        )
    )


def _check_named(request: m.CancelOrderRequest | m.CancelReplaceOrderRequest) -> None:
    if not request.order_id and not request.clord_id:
        raise invalid("orderId or clordId is required")


@handles("OrderEntryAPI_CancelReplaceOrder")
def replace_order(asked: Asked) -> m.CancelReplaceOrderResponse:
    """Change an open order; its id stays."""
    asked.world.entry.replace([_replacement(asked, asked.body)], late=asked.late)
    return m.CancelReplaceOrderResponse()


@handles("OrderEntryAPI_CancelReplaceOrderList")
def replace_order_list(asked: Asked) -> m.CancelReplaceOrderListResponse:
    """Change up to 20 open orders, each for itself."""
    _check_batch(asked.body.requests)
    changes = [_replacement(asked, request) for request in asked.body.requests]
    asked.world.entry.replace(changes, late=asked.late)
    return m.CancelReplaceOrderListResponse(
        responses=[m.CancelReplaceOrderResponse() for _ in asked.body.requests]
    )


def _replacement(asked: Asked, request: m.CancelReplaceOrderRequest) -> t.ReplaceOrder:
    _check_named(request)
    if min(request.order_qty, request.price, request.stop_price) < 0:
        raise invalid("orderQty, price and stopPrice must not be negative")
    force = request.time_in_force
    return t.ReplaceOrder(
        participant=asked.participant.name,
        order_id=request.order_id,
        client_order_id=request.clord_id if not request.order_id else "",
        new_client_order_id=request.clord_id if request.order_id and request.clord_id else None,
        symbol=request.symbol,
        quantity=request.order_qty or None,
        price=request.price or None,
        stop_price=request.stop_price or None,
        time_in_force=None if force == m.TimeInForce.UNDEFINED else t.TimeInForce(force.name),
        good_till=None if request.good_till_time is None else to_ns(request.good_till_time),
        post_only=True if request.participate_dont_initiate else None,
    )


@handles("OrderEntryAPI_GetOpenOrders")
def open_orders(asked: Asked) -> m.GetOpenOrdersResponse:
    """List the participant's working orders, oldest first."""
    world, name = asked.world, asked.participant.name
    symbols, accounts = asked.query.get("symbols"), asked.query.get("accounts")
    found = [
        mapping.order(world, each)
        for each in world.exchange.orders(participant=name, open_only=True)
        if (not symbols or each.symbol in symbols) and (not accounts or each.account in accounts)
    ]
    found += [
        mapping.pending_order(world, each)
        for each in world.entry.pending.values()
        if each.command.participant == name
        and (not symbols or each.command.symbol in symbols)
        and (not accounts or each.command.account in accounts)
    ]
    return m.GetOpenOrdersResponse(orders=found)
