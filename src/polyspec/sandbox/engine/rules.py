"""What an order must be to be taken: the checks that need no look at the other side's book."""

from __future__ import annotations

from .core import Core, Refused
from .enums import MarketState, OrderType, RejectReason, Side, TimeInForce
from .market import Market
from .money import scaled_text
from .records import MarketDefinition, Order

__all__ = [
    "check_attributes",
    "check_client_id",
    "check_open",
    "check_price",
    "check_size",
    "check_stop",
    "check_time",
    "check_whose",
    "find_market",
]

_IMMEDIATE = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)
_STATE_WORDS = {MarketState.PREOPEN: "PRE_OPEN"}
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)


def find_market(core: Core, symbol: str) -> Market:
    """Return a listed market."""
    market = core.markets.get(symbol)
    if market is None:
        raise Refused(f"Instrument Unavailable: {symbol}", RejectReason.UNKNOWN_SYMBOL)
    return market


def check_open(market: Market) -> None:
    """Refuse while the market takes no orders."""
    if not market.state.takes_orders:
        raise Refused(f"Book is {market.state}", RejectReason.EXCHANGE_CLOSED)


def check_whose(core: Core, participant: str, account: str) -> None:
    """Refuse unknown participants and accounts, and accounts of others."""
    accounts = core.participants.get(participant)
    if accounts is None:
        raise Refused(f"Participant Unavailable: {participant}")
    if account not in core.accounts or account not in accounts:
        raise Refused(f"Account Unavailable: {account}")


def check_client_id(core: Core, participant: str, client_order_id: str) -> None:
    """Refuse a client id that an open order of the participant carries."""
    if client_order_id and (participant, client_order_id) in core.client_ids:
        raise Refused("ClOrdID already in use by an open order")


def check_attributes(market: Market, order: Order) -> None:
    """Refuse combinations of order instructions that mean nothing."""
    if market.state is not MarketState.OPEN and _needs_continuous_trading(order):
        state = _STATE_WORDS.get(market.state, market.state)
        raise Refused(f"Order has attributes that cannot be placed in {state}", RejectReason.EXCHANGE_CLOSED)
    wrong = RejectReason.INCORRECT_ORDER_TYPE
    if order.min_quantity and order.time_in_force is not TimeInForce.IMMEDIATE_OR_CANCEL:
        raise Refused("Minimum quantity requires IMMEDIATE_OR_CANCEL", wrong)
    if order.post_only and (order.time_in_force in _IMMEDIATE or order.type is not OrderType.LIMIT):
        raise Refused("Participate don't initiate requires a LIMIT order that can rest", wrong)
    if order.post_only and order.all_or_none:
        raise Refused("All or none orders always initiate", wrong)
    if order.best_limit and order.immediately_executable_limit:
        raise Refused("Best limit and immediately executable limit exclude each other", wrong)
    if (order.best_limit or order.immediately_executable_limit) and order.type is not OrderType.LIMIT:
        raise Refused("Derived limit prices require a LIMIT order", wrong)
    if order.strict_limit and order.type not in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        raise Refused("Strict limit requires a limit price", wrong)
    if order.cash_quantity and (order.quantity or order.type in _STOPS or order.all_or_none):
        raise Refused("CashOrderQty replaces OrderQty on LIMIT and MARKET_TO_LIMIT orders", wrong)


def _needs_continuous_trading(order: Order) -> bool:
    """Tell whether an order makes no sense in a call phase."""
    return bool(
        order.time_in_force in _IMMEDIATE
        or order.type is OrderType.MARKET_TO_LIMIT
        or order.cash_quantity
        or order.min_quantity
        or order.all_or_none
        or order.post_only
        or order.strict_limit
        or order.best_limit
        or order.immediately_executable_limit
    )


def check_time(core: Core, order: Order) -> None:
    """Refuse GOOD_TILL_TIME without a time to come, and a time without GOOD_TILL_TIME."""
    if (order.time_in_force is TimeInForce.GOOD_TILL_TIME) != (order.good_till is not None):
        raise Refused("GoodTillTime belongs to GOOD_TILL_TIME orders", RejectReason.INCORRECT_ORDER_TYPE)
    if order.good_till is not None and order.good_till <= core.now:
        raise Refused("GoodTillTime has passed")


def check_price(definition: MarketDefinition, price: int) -> None:
    """Refuse prices off the tick or outside the limits."""
    scale = definition.price_scale
    if price < definition.price_low:
        low = scaled_text(definition.price_low, scale)
        raise Refused(f"Low price limit is {low}, given {scaled_text(price, scale)}")
    if price > definition.price_high:
        high = scaled_text(definition.price_high, scale)
        raise Refused(f"High price limit is {high}, given {scaled_text(price, scale)}")
    if price % definition.tick:
        tick = scaled_text(definition.tick, scale)
        raise Refused(
            f"Price {scaled_text(price, scale)} is not a multiple of the tick size {tick}",
            RejectReason.INVALID_PRICE_INCREMENT,
        )


def check_stop(market: Market, order: Order) -> None:
    """Refuse stop prices that are off, missing, needless or on the wrong side of the limit."""
    if order.type not in _STOPS:
        if order.stop_price:
            raise Refused("StopPx belongs to stop orders", RejectReason.INCORRECT_ORDER_TYPE)
        return
    check_price(market.definition, order.stop_price)
    if order.type is OrderType.STOP:
        return
    wrong = order.stop_price < order.price if order.side is Side.BUY else order.stop_price > order.price
    if wrong:
        word = "at or above" if order.side is Side.BUY else "at or below"
        raise Refused(
            f"StopPx of a {order.side} order must be {word} its Price", RejectReason.PRICE_OUT_OF_BOUNDS
        )


def check_size(definition: MarketDefinition, quantity: int, price: int) -> None:
    """Refuse quantities and notionals outside the market's limits."""
    scale = definition.quantity_scale
    if quantity <= 0:
        raise Refused("Order quantity must be positive", RejectReason.INCORRECT_QUANTITY)
    _bound(quantity, definition.min_quantity, None, scale, "Minimum trade quantity is")
    low, high = definition.quantity_low, definition.quantity_high
    _bound(quantity, low, None, scale, "Low order size limit is")
    _bound(quantity, None, high, scale, "High order size limit is")
    scale *= definition.price_scale
    low, high = definition.notional_low, definition.notional_high
    _bound(quantity * price, low, None, scale, "Low total notional size limit is")
    _bound(quantity * price, None, high, scale, "High total notional size limit is")


def _bound(value: int, low: int | None, high: int | None, scale: int, text: str) -> None:
    bound = low if low is not None and value < low else high if high is not None and value > high else None
    if bound is not None:
        raise Refused(f"{text} {scaled_text(bound, scale)}, given {scaled_text(value, scale)}")
