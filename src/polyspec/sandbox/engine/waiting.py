"""Orders that wait outside the book, and orders that have to leave it.

Stops wait for their trigger, all-or-none orders until they can fill at once; open orders
leave when their account can no longer pay for them.
"""

from __future__ import annotations

import heapq

from .core import Core, Refused
from .enums import (
    AccountKind,
    ExecutionType,
    MarketState,
    OrderType,
    Side,
    UnsolicitedCancelReason,
)
from .ledger import Account, Exposure
from .market import Market
from .matching import arrive, cancel, plan
from .records import Order

__all__ = ["enforce_funding", "hold_stop", "settle_in"]

_TRIGGERED = {OrderType.STOP: OrderType.MARKET_TO_LIMIT, OrderType.STOP_LIMIT: OrderType.LIMIT}
_UNFUNDED = "Open order is no longer fully funded"


def hold_stop(core: Core, market: Market, order: Order) -> None:
    """Keep a stop order aside until the last price reaches its stop price."""
    nearness = order.stop_price if order.side is Side.BUY else -order.stop_price
    heapq.heappush(market.stops[order.side], (nearness, order.sequence, order.id))
    core.exposure(order.account, market).put(order)


def settle_in(core: Core, market: Market) -> None:
    """Trigger stops and fill held orders until nothing moves any more."""
    while market.state is MarketState.OPEN and (_trigger_stops(core, market) or _try_held(core, market)):
        pass


def _trigger_stops(core: Core, market: Market) -> bool:
    """Release every stop the last price has reached, in time priority."""
    last = market.statistics.last_price
    if last is None:
        return False
    due: list[tuple[int, Order]] = []
    for side, reach in ((Side.BUY, last), (Side.SELL, -last)):
        heap = market.stops[side]
        while heap and heap[0][0] <= reach:
            nearness, rank, order_id = heapq.heappop(heap)
            order = market.open_orders.get(order_id)
            # A replaced stop left its former entry behind.
            if order is not None and order.type in _TRIGGERED and abs(nearness) == order.stop_price:
                due.append((rank, order))
    for _, order in sorted(due, key=lambda entry: entry[0]):
        if order.state.is_open and order.type in _TRIGGERED:
            _release(core, market, order)
    return bool(due)


def _release(core: Core, market: Market, order: Order) -> None:
    """Turn a triggered stop into the order it stands for and let it arrive."""
    order.type = _TRIGGERED[order.type]
    order.sequence = core.count("rank")
    order.insert_time = core.now
    try:
        sweep = plan(core, market, order, without=order.id)
    except Refused as refusal:
        cancel(core, market, order, text=refusal.text, unsolicited=UnsolicitedCancelReason.EXCHANGE_OPTION)
        return
    core.execute(order, ExecutionType.NEW)
    arrive(core, market, order, sweep)


def _try_held(core: Core, market: Market) -> bool:
    """Fill the all-or-none orders that the book now covers, earliest first."""
    moved = False
    for order in list(market.held.values()):
        facing = market.facing(order.side)
        if not order.state.is_open or not facing.crosses(order.price):
            continue
        if facing.sweep(order, order.price, order.leaves).quantity < order.leaves:
            continue
        try:
            sweep = plan(core, market, order, without=order.id, priced=True)
        except Refused:
            continue
        arrive(core, market, order, sweep)
        moved = True
    return moved


def enforce_funding(core: Core) -> None:
    """Cancel open orders that accounts touched by this command can no longer pay for."""
    for name in list(core.touched):
        account = core.accounts[name]
        if account.kind is AccountKind.CUSTOMER:
            for exposure in account.exposures.values():
                for side in (Side.BUY, Side.SELL):
                    if exposure.requirement(side) > account.buying_power:
                        _cancel_unfunded(core, account, exposure, side)


def _cancel_unfunded(core: Core, account: Account, exposure: Exposure, side: Side) -> None:
    """Cancel the newest orders of a side until the rest is funded."""
    for order in reversed(list(exposure.orders.values())):
        if exposure.requirement(side) <= account.buying_power:
            return
        if order.side is side:
            market = core.markets[order.symbol]
            cancel(core, market, order, text=_UNFUNDED, unsolicited=UnsolicitedCancelReason.EXCHANGE_OPTION)
