"""Cancel/replace: a smaller quantity keeps its place, anything else queues anew, or nothing changes.

And the rejects decided outside: of orders, crosses and replaces alike.
"""

from __future__ import annotations

import heapq
from copy import copy

from .book import Sweep
from .commands import PlaceCross, PlaceOrder, Refuse, ReplaceOrder
from .core import Core, Refused
from .entry import find_open, reject_cross, reject_order
from .enums import CancelRejectReason, ExecutionType, OrderType, RejectReason, TimeInForce
from .market import Market
from .matching import arrive, check_funds, plan
from .records import Order
from .rules import check_client_id, check_open, check_price, check_size, check_stop, check_time
from .waiting import hold_stop, settle_in

__all__ = ["refuse", "replace"]

_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_IMMEDIATE = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)


def replace(core: Core, command: ReplaceOrder) -> None:
    """Change an open order, or refuse and leave it as it is."""
    found = find_open(core, command.participant, command.order_id, command.client_order_id, command.symbol)
    if found is None:
        _refuse(core, command, Refused("Unknown order"), CancelRejectReason.UNKNOWN_ORDER)
        return
    market, order = found
    try:
        changed = _changed(core, market, order, command)
        keeps = changed.price == order.price and changed.leaves <= order.leaves
        sweep = _check(core, market, order, changed, keeps=keeps)
    except Refused as refusal:
        _refuse(core, command, refusal, CancelRejectReason.EXCHANGE_OPTION)
        return
    _take_over(core, market, order, changed, sweep)
    settle_in(core, market)


def refuse(core: Core, command: Refuse) -> None:
    """Reject what a command carries, with its text and no particular reason."""
    request, refusal = command.request, Refused(command.text)
    if isinstance(request, PlaceOrder):
        reject_order(core, request, refusal)
    elif isinstance(request, PlaceCross):
        reject_cross(core, request, refusal)
    else:
        _refuse(core, request, refusal, CancelRejectReason.EXCHANGE_OPTION)


def _refuse(core: Core, command: ReplaceOrder, refusal: Refused, reason: CancelRejectReason) -> None:
    core.cancel_reject(
        participant=command.participant,
        order_id=command.order_id,
        client_order_id=command.client_order_id,
        symbol=command.symbol,
        reason=reason,
        text=refusal.text,
        is_replace=True,
    )


def _changed(core: Core, market: Market, order: Order, command: ReplaceOrder) -> Order:
    """Return a copy of an order with the changes asked for; raises Refused."""
    check_open(market)
    changed = copy(order)
    if command.new_client_order_id is not None and command.new_client_order_id != order.client_order_id:
        check_client_id(core, order.participant, command.new_client_order_id)
        changed.client_order_id = command.new_client_order_id
    if command.quantity is not None:
        if command.quantity <= order.filled:
            raise Refused("Order quantity must exceed the quantity filled", RejectReason.INCORRECT_QUANTITY)
        changed.quantity = command.quantity
        changed.leaves = command.quantity - order.filled
    if command.price is not None:
        if order.type is OrderType.STOP:
            raise Refused("STOP orders carry no Price", RejectReason.INCORRECT_ORDER_TYPE)
        changed.price = command.price
    if command.stop_price is not None:
        changed.stop_price = command.stop_price
    if command.time_in_force is not None:
        if command.time_in_force in _IMMEDIATE:
            raise Refused("A resting order cannot become immediate", RejectReason.INCORRECT_ORDER_TYPE)
        changed.time_in_force = command.time_in_force
        if command.time_in_force is not TimeInForce.GOOD_TILL_TIME:
            changed.good_till = None
    if command.good_till is not None:
        changed.good_till = command.good_till
    if command.post_only is not None:
        changed.post_only = command.post_only
    return changed


def _check(core: Core, market: Market, order: Order, changed: Order, *, keeps: bool) -> Sweep | None:
    """Check a changed order; a sweep is returned if it is to arrive anew. Raises Refused."""
    if changed.good_till != order.good_till or changed.time_in_force is not order.time_in_force:
        check_time(core, changed)
    if order.type in _STOPS:
        check_stop(market, changed)
    elif order.stop_price != changed.stop_price:
        raise Refused("StopPx belongs to waiting stop orders", RejectReason.INCORRECT_ORDER_TYPE)
    price = changed.price or changed.stop_price
    check_price(market.definition, price)
    check_size(market.definition, changed.quantity, price)
    if keeps or order.type in _STOPS:
        check_funds(core, market, changed, without=order.id)
        return None
    return plan(core, market, changed, without=order.id, priced=True)


def _take_over(core: Core, market: Market, order: Order, changed: Order, sweep: Sweep | None) -> None:
    """Make a checked change real and report it; with a sweep the order arrives anew."""
    side = market.side(order.side)
    level = side.levels.get(order.price)
    resting = level is not None and order.id in level.orders
    if resting:
        core.book_changed(market)
        if sweep is None:
            side.levels[order.price].quantity -= order.leaves - changed.leaves
        else:
            side.remove(order)
    if sweep is not None:
        market.held.pop(order.id, None)
    _rename(core, order, changed.client_order_id)
    stop_moved = order.stop_price != changed.stop_price
    for field in ("quantity", "leaves", "price", "stop_price", "time_in_force", "good_till", "post_only"):
        setattr(order, field, getattr(changed, field))
    if order.good_till is not None:
        heapq.heappush(core.expiries, (order.good_till, order.sequence, order.id))
    if sweep is not None:
        order.sequence = core.count("rank")
        order.insert_time = core.now
    core.execute(order, ExecutionType.REPLACE)
    if sweep is not None:
        arrive(core, market, order, sweep)
    elif stop_moved:
        hold_stop(core, market, order)
    else:
        core.exposure(order.account, market).put(order)


def _rename(core: Core, order: Order, client_order_id: str) -> None:
    """Give an open order another client id."""
    if client_order_id == order.client_order_id:
        return
    if core.client_ids.get((order.participant, order.client_order_id)) is order:
        del core.client_ids[order.participant, order.client_order_id]
    order.client_order_id = client_order_id
    if client_order_id:
        core.client_ids[order.participant, client_order_id] = order
        core.latest_client_ids[order.participant, client_order_id] = order
