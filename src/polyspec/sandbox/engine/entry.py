"""Order entry: place, cross, replace, cancel."""

from __future__ import annotations

from copy import copy

from .book import Sweep
from .commands import CancelAll, CancelOrder, CrossLeg, PlaceCross, PlaceOrder
from .core import Core, Refused
from .enums import (
    CancelRejectReason,
    ExecutionType,
    OrderState,
    OrderType,
    RejectReason,
    SelfMatchInstruction,
    Side,
    TimeInForce,
)
from .market import Market
from .matching import SELF_MATCH, arrive, cancel, check_funds, fill, plan
from .records import Order, Preview
from .rules import (
    check_attributes,
    check_client_id,
    check_open,
    check_price,
    check_size,
    check_stop,
    check_time,
    check_whose,
    find_market,
)
from .waiting import hold_stop, settle_in

__all__ = [
    "cancel_all",
    "cancel_order",
    "find_open",
    "place",
    "place_cross",
    "preview",
    "reject_cross",
    "reject_order",
]

_UNPRICED = (OrderType.MARKET_TO_LIMIT, OrderType.STOP)
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)


def _order_of(core: Core, command: PlaceOrder) -> Order:
    """Write down what a command asks for; unnumbered and unranked."""
    instruction = command.self_match_instruction
    if command.self_match_id and instruction is None:
        instruction = SelfMatchInstruction.REJECT_AGGRESSOR
    return Order(
        id=command.order_id,
        client_order_id=command.client_order_id,
        participant=command.participant,
        account=command.account,
        symbol=command.symbol,
        side=command.side,
        type=command.type,
        time_in_force=command.time_in_force,
        quantity=command.quantity,
        leaves=command.quantity,
        price=command.price or 0,
        stop_price=command.stop_price or 0,
        cash_quantity=command.cash_quantity,
        min_quantity=command.min_quantity,
        all_or_none=command.all_or_none,
        post_only=command.post_only,
        strict_limit=command.strict_limit,
        best_limit=command.best_limit,
        immediately_executable_limit=command.immediately_executable_limit,
        good_till=command.good_till,
        self_match_id=command.self_match_id,
        self_match_instruction=instruction,
        cross_id="",
        tags=command.tags,
        create_time=core.now,
        insert_time=core.now,
        last_transact_time=core.now,
        sequence=0,
    )


def _check(core: Core, order: Order) -> tuple[Market, Sweep | None]:
    """Check an order to be entered; a stop has no sweep. Raises Refused."""
    market = find_market(core, order.symbol)
    check_open(market)
    check_whose(core, order.participant, order.account)
    check_client_id(core, order.participant, order.client_order_id)
    if order.id and order.id in core.orders:
        raise Refused("Order id already in use")
    check_attributes(market, order)
    check_time(core, order)
    if order.type in _UNPRICED and order.price:
        raise Refused(f"{order.type} orders carry no Price", RejectReason.INCORRECT_ORDER_TYPE)
    check_stop(market, order)
    if order.type not in _STOPS:
        return market, plan(core, market, order)
    if order.type is OrderType.STOP_LIMIT:
        check_price(market.definition, order.price)
    check_size(market.definition, order.quantity, order.price or order.stop_price)
    check_funds(core, market, order)
    return market, None


def place(core: Core, command: PlaceOrder) -> Order:
    """Enter an order; return it with its id, rejected or not."""
    order = _order_of(core, command)
    try:
        market, sweep = _check(core, order)
    except Refused as refusal:
        return _reject(core, order, refusal)
    _accept(core, market, order)
    if sweep is None:
        hold_stop(core, market, order)
    else:
        arrive(core, market, order, sweep)
    settle_in(core, market)
    return order


def _reject(core: Core, order: Order, refusal: Refused) -> Order:
    """File a refused order under an id and report why."""
    if not order.id or order.id in core.orders:
        order.id = core.new_order_id()
    order.state = OrderState.REJECTED
    order.leaves = 0
    core.file_order(order)
    core.execute(order, ExecutionType.REJECTED, text=refusal.text, reject_reason=refusal.reason)
    return order


def reject_order(core: Core, command: PlaceOrder, refusal: Refused) -> None:
    """File an order as rejected without a look at the rules."""
    _reject(core, _order_of(core, command), refusal)


def reject_cross(core: Core, command: PlaceCross, refusal: Refused) -> None:
    """File both sides of a cross as rejected without a look at the rules."""
    _reject(core, _leg(core, command, command.buy, Side.BUY), refusal)
    _reject(core, _leg(core, command, command.sell, Side.SELL), refusal)


def _accept(core: Core, market: Market, order: Order) -> None:
    """Give an order its id and rank, file it and report it new."""
    if not order.id:
        order.id = core.new_order_id()
    order.sequence = core.count("rank")
    core.file_order(order)
    core.open(market, order)
    core.execute(order, ExecutionType.NEW)


def preview(core: Core, command: PlaceOrder) -> Preview:
    """Tell what placing an order would do; changes nothing that is reported or hashed."""
    order = _order_of(core, command)
    try:
        market, sweep = _check(core, order)
    except Refused as refusal:
        order.state = OrderState.REJECTED
        return Preview(
            order=order,
            fills=(),
            commission=0,
            requirement=0,
            reject_reason=refusal.reason,
            text=refusal.text,
        )
    requirement = core.exposure(order.account, market, keep=False).requirement(order.side, order)
    shadow, fills, commission = copy(order), [], 0
    for resting, quantity in sweep.fills if sweep is not None else ():
        fee = market.fees.charge(shadow, resting.price, quantity, taker=True)
        shadow.fee_exact += fee.exact
        shadow.fee_charged += fee.cents
        commission += fee.commission
        fills.append((resting.price, quantity))
    return Preview(order=order, fills=tuple(fills), commission=commission, requirement=requirement)


# -- crosses -------------------------------------------------------------------------------------


def place_cross(core: Core, command: PlaceCross) -> None:
    """Trade two orders with each other in full, or refuse both."""
    buy, sell = _leg(core, command, command.buy, Side.BUY), _leg(core, command, command.sell, Side.SELL)
    try:
        market = _check_cross(core, command, buy, sell)
    except Refused as refusal:
        _reject(core, buy, refusal)
        _reject(core, sell, refusal)
        return
    passive, aggressor = (buy, sell) if command.passive_side is Side.BUY else (sell, buy)
    _accept(core, market, passive)
    _accept(core, market, aggressor)
    fill(core, market, aggressor, passive, command.quantity, command.price, command.type)
    settle_in(core, market)


def _leg(core: Core, command: PlaceCross, leg: CrossLeg, side: Side) -> Order:
    """Write down one side of a cross."""
    order = _order_of(
        core,
        PlaceOrder(
            participant=leg.participant,
            account=leg.account,
            symbol=command.symbol,
            side=side,
            time_in_force=TimeInForce.FILL_OR_KILL,
            quantity=command.quantity,
            price=command.price,
            order_id=leg.order_id,
            client_order_id=leg.client_order_id,
            self_match_id=leg.self_match_id,
            all_or_none=True,
            tags=leg.tags,
        ),
    )
    order.cross_id = command.cross_id
    return order


def _check_cross(core: Core, command: PlaceCross, buy: Order, sell: Order) -> Market:
    """Check both sides of a cross; raises Refused."""
    market = find_market(core, command.symbol)
    check_open(market)
    check_price(market.definition, command.price)
    check_size(market.definition, command.quantity, command.price)
    for order in (buy, sell):
        check_whose(core, order.participant, order.account)
        check_client_id(core, order.participant, order.client_order_id)
        check_attributes(market, order)
        if order.id and order.id in core.orders:
            raise Refused("Order id already in use")
        check_funds(core, market, order)
    if buy.id and buy.id == sell.id:
        raise Refused("Order id already in use")
    if buy.participant == sell.participant:
        if buy.client_order_id and buy.client_order_id == sell.client_order_id:
            raise Refused("ClOrdID already in use by an open order")
        if buy.self_match_id and buy.self_match_id == sell.self_match_id:
            raise Refused(SELF_MATCH)
    if command.inside_book and (market.offers.crosses(command.price) or market.bids.crosses(command.price)):
        raise Refused("Cross price is not inside the best bid and offer", RejectReason.PRICE_OUT_OF_BOUNDS)
    return market


# -- cancels -------------------------------------------------------------------------------------


def find_open(
    core: Core, participant: str, order_id: str, client_order_id: str, symbol: str
) -> tuple[Market, Order] | None:
    """Find a participant's open order by id, else by client id; a named symbol must match."""
    key = (participant, client_order_id)
    order = core.orders.get(order_id) if order_id else core.client_ids.get(key)
    if order is None or not order.state.is_open or order.participant != participant:
        return None
    if symbol and order.symbol != symbol:
        return None
    return core.markets[order.symbol], order


def cancel_order(core: Core, command: CancelOrder) -> None:
    """Cancel one open order, or say why not."""
    found = find_open(core, command.participant, command.order_id, command.client_order_id, command.symbol)
    reason, text = CancelRejectReason.UNKNOWN_ORDER, "Unknown order"
    if found is not None:
        market, order = found
        if market.state.takes_cancels:
            cancel(core, market, order)
            return
        reason, text = CancelRejectReason.EXCHANGE_OPTION, f"Book is {market.state}"
    core.cancel_reject(
        participant=command.participant,
        order_id=command.order_id,
        client_order_id=command.client_order_id,
        symbol=command.symbol,
        reason=reason,
        text=text,
        is_replace=False,
    )


def cancel_all(core: Core, command: CancelAll) -> None:
    """Cancel a participant's open orders where the market allows it."""
    for symbol, market in core.markets.items():
        if (command.symbol and symbol != command.symbol) or not market.state.takes_cancels:
            continue
        for order in list(market.open_orders.values()):
            if order.participant == command.participant and command.account in ("", order.account):
                cancel(core, market, order)
