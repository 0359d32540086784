"""Order entry and cancels: checks, holds, matching, resting."""

from __future__ import annotations

import heapq

from .commands import CancelAll, CancelMarketOrders, CancelOrders, PlaceOrder
from .core import Core, Refused, Timer
from .enums import MarketStatus, OrderStatus, OrderStep, OrderType, RejectReason, Side, TradingMode
from .funding import check_funding, needed
from .market import Market, mirrored
from .matching import Plan, execute, make_plan
from .pricing import claim_of, limit_price
from .records import CancelResult, Order, OrderRejected
from .rules import (
    DISABLED,
    EXPIRES_EARLY,
    NOT_READY,
    SECOND,
    builder_fees,
    check_amounts,
    check_expiration,
    check_mode,
    check_size,
    check_type,
    find_market,
)
from .units import units_text

__all__ = ["cancel_all", "cancel_market_orders", "cancel_orders", "place", "run_due"]

_NOT_FOUND = "order can't be found - already canceled or matched"
_MATCHED = "matched orders can't be canceled"
_HELD = "order match delayed due to market conditions"
_CROSSES = "invalid post-only order: order crosses book"
_NOT_FILLED = "order couldn't be fully filled. FOK orders are fully filled or killed."
_NO_MATCH = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
)


def place(core: Core, command: PlaceOrder) -> None:
    """Enter an order, or reject it without a trace."""
    try:
        market, order = _accept(core, command)
        plan = make_plan(market, order)
        _check_spend(market, order, plan)
        amount = needed(order, plan)
        check_funding(core, market, order, amount)
        _check_match(market, order, plan)
    except Refused as refusal:
        core.events.append(
            OrderRejected(
                order_id=command.order_id,
                owner=command.owner,
                wallet=command.wallet,
                token_id=command.token_id,
                reason=refusal.reason,
                text=refusal.text,
                time=core.now,
            )
        )
        return
    order.sequence = core.count("order")
    core.file(market, order)
    if order.expiration:
        core.due((order.expiration - EXPIRES_EARLY) * SECOND, Timer.EXPIRY, order)
    if market.terms.taker_delay and plan.fills:
        _hold(core, market, order, amount)
        return
    core.report(order, OrderStep.PLACEMENT)
    _carry_out(core, market, order, plan)


def _accept(core: Core, command: PlaceOrder) -> tuple[Market, Order]:
    """Check a command by itself and write down the order it asks for."""
    check_mode(core, command)
    market, outcome = find_market(core, command.token_id)
    check_type(core, command)
    terms = market.terms
    check_amounts(terms, command)
    check_size(terms, command)
    check_expiration(core, command)
    builder, maker_bps, taker_bps = builder_fees(core, command.builder)
    size = command.taker_amount if command.side is Side.BUY else command.maker_amount
    order = Order(
        id=command.order_id,
        owner=command.owner,
        wallet=command.wallet,
        condition_id=terms.condition_id,
        token_id=command.token_id,
        outcome=outcome,
        side=command.side,
        type=command.type,
        maker_amount=command.maker_amount,
        taker_amount=command.taker_amount,
        price=limit_price(command.side, command.maker_amount, command.taker_amount),
        size=size,
        remaining=size,
        post_only=command.post_only,
        expiration=command.expiration,
        builder=builder,
        maker_bps=maker_bps,
        taker_bps=taker_bps,
        created=core.now,
        updated=core.now,
        tags=command.tags,
    )
    return market, order


def _check_spend(market: Market, order: Order, plan: Plan) -> None:
    """Refuse to spend too little at once."""
    minimum = market.terms.minimum_spend
    if plan.fills and order.side is Side.BUY and order.maker_amount < minimum:
        raise Refused(
            f"invalid amount for a marketable BUY order (${units_text(order.maker_amount)}), "
            f"min size: ${units_text(minimum)}",
            RejectReason.INVALID_SIZE,
        )


def _check_match(market: Market, order: Order, plan: Plan) -> None:
    """Refuse what the book does not allow: crossing post-only, unfillable FOK and FAK."""
    if order.post_only and plan.fills:
        raise Refused(_CROSSES, RejectReason.POST_ONLY_CROSSES)
    if order.type is OrderType.FAK and not plan.fills:
        raise Refused(_NO_MATCH, RejectReason.FAK_NO_MATCH)
    # one that will be held is judged when the hold is over
    held = market.terms.taker_delay and plan.fills
    if order.type is OrderType.FOK and not plan.complete and not held:
        raise Refused(_NOT_FILLED, RejectReason.FOK_NOT_FILLED)


def _hold(core: Core, market: Market, order: Order, amount: int) -> None:
    """Keep a marketable order aside for the market's delay."""
    order.status = OrderStatus.DELAYED
    market.held[order.id] = order
    core.claim(market, order, amount)
    core.due(core.now + market.terms.taker_delay, Timer.RELEASE, order)
    core.report(order, OrderStep.PLACEMENT)


def _carry_out(core: Core, market: Market, order: Order, plan: Plan) -> None:
    """Match what was planned and rest with what remains."""
    execute(core, market, order, plan)
    if order.status is OrderStatus.MATCHED:
        core.forget(market, order)
        return
    market.ladder(order).put(mirrored(order.outcome, order.price), order.id, order, order.remaining)
    core.claim(market, order, claim_of(order, order.remaining))
    core.level_changed(market, order, order.id)


# -- what is due ---------------------------------------------------------------------------------


def run_due(core: Core, now_ns: int) -> None:
    """End holds and expire orders whose time came, each at its own time; then it is now."""
    timers = core.timers
    while timers and timers[0][0] <= now_ns:
        when, _, what, order_id = heapq.heappop(timers)
        core.now = max(core.now, when)
        order = core.orders[order_id]
        market = core.markets[order.condition_id]
        if not order.status.is_open:
            continue
        if what is Timer.EXPIRY:
            core.end(market, order, OrderStatus.CANCELED_EXPIRED_ORDER)
        elif order_id in market.held:
            _release(core, market, order)
    core.now = max(core.now, now_ns)


def _release(core: Core, market: Market, order: Order) -> None:
    """End a hold: the order matches, rests, or is no longer to be carried out."""
    if market.status is not MarketStatus.OPEN:
        core.end(market, order, OrderStatus.CANCELED_ORDER_TIMED_OUT, NOT_READY)
        return
    plan = make_plan(market, order)
    try:
        check_funding(core, market, order, needed(order, plan))
    except Refused as refusal:
        core.end(market, order, OrderStatus.CANCELED_NOT_ENOUGH_BALANCE, refusal.text)
        return
    if not order.type.rests:
        unfilled = order.type is OrderType.FOK and not plan.complete
        if unfilled or not plan.fills:
            core.end(market, order, OrderStatus.INVALID, _NOT_FILLED if unfilled else _NO_MATCH)
            return
    del market.held[order.id]
    order.status = OrderStatus.LIVE if plan.fills else OrderStatus.UNMATCHED
    if not plan.fills:
        core.report(order, OrderStep.UPDATE)
    _carry_out(core, market, order, plan)


# -- cancels -------------------------------------------------------------------------------------


def cancel_orders(core: Core, command: CancelOrders) -> None:
    """Cancel orders by id; duplicates count once."""
    _cancel(core, command.owner, list(dict.fromkeys(command.order_ids)))


def cancel_all(core: Core, command: CancelAll) -> None:
    """Cancel everything an owner has open."""
    _cancel(core, command.owner, list(core.owner_open.get(command.owner, ())))


def cancel_market_orders(core: Core, command: CancelMarketOrders) -> None:
    """Cancel what an owner has open in a market, a token or both."""
    chosen = [
        order.id
        for order in core.owner_open.get(command.owner, {}).values()
        if command.condition_id in ("", order.condition_id) and command.token_id in ("", order.token_id)
    ]
    _cancel(core, command.owner, chosen)


def _cancel(core: Core, owner: str, order_ids: list[str]) -> None:
    """Cancel what can be canceled and say of each order what became of it."""
    canceled: list[str] = []
    not_canceled: dict[str, str] = {}
    for order_id in order_ids:
        order = core.orders.get(order_id)
        if core.mode is TradingMode.DISABLED:
            not_canceled[order_id] = DISABLED
        elif order is None or order.owner != owner:
            not_canceled[order_id] = _NOT_FOUND
        elif order.status is OrderStatus.DELAYED:
            not_canceled[order_id] = _HELD
        elif order.status.is_open:
            core.end(core.markets[order.condition_id], order, OrderStatus.CANCELED)
            canceled.append(order_id)
        else:
            matched = order.status is OrderStatus.MATCHED
            not_canceled[order_id] = _MATCHED if matched else _NOT_FOUND
    core.events.append(
        CancelResult(owner=owner, canceled=tuple(canceled), not_canceled=not_canceled, time=core.now)
    )
