"""Change a working order."""

from __future__ import annotations

from typing import Final

from polyspec_wire.us_exchange import models as wire

from polyspec.core.scales import Amount
from polyspec.errors import ConfigError, InvalidOrder
from polyspec.us.instrument import Instrument

__all__ = ["replacement_of"]

_OVER: Final = (
    wire.OrderState.FILLED,
    wire.OrderState.CANCELED,
    wire.OrderState.EXPIRED,
    wire.OrderState.REJECTED,
)


def replacement_of(
    order: wire.Order,
    instrument: Instrument,
    *,
    price: Amount | None,
    quantity: Amount | None,
    no: bool = False,
) -> wire.CancelReplaceOrderRequest:
    """Restate an order with a new price or total quantity; raises InvalidOrder for values off the grid.

    The venue takes the request as the whole new order, so everything that stays is repeated. With `no` the
    price is one of NO.
    """
    if price is None and quantity is None:
        raise InvalidOrder("give a new price or a new quantity", field="price")
    if order.state in _OVER:
        raise InvalidOrder(f"order {order.id} is {order.state.name}: there is nothing left to change")
    _check_scales(order, instrument)
    units = order.price if price is None else _new_price(order, instrument, price, no=no)
    # a price the venue derived is in the order; only while there is none must it be derived again
    derive = not units
    return wire.CancelReplaceOrderRequest(
        order_id=order.id,
        clord_id=order.clord_id,
        symbol=order.symbol,
        price=units,
        order_qty=_new_quantity(order, instrument, quantity),
        time_in_force=order.time_in_force,
        stop_price=order.stop_price,
        min_qty=order.min_qty,
        all_or_none=order.all_or_none,
        participate_dont_initiate=order.participate_dont_initiate,
        strict_limit=order.strict_limit,
        good_till_time=order.good_till_time,
        best_limit=order.best_limit and derive,
        immediately_executable_limit=order.immediately_executable_limit and derive,
        manual_order_indicator=order.manual_order_indicator,
    )


def _check_scales(order: wire.Order, instrument: Instrument) -> None:
    """Refuse to mix integers of two scales: 50 is a different price in each."""
    stated = (order.price_scale or instrument.price_scale, order.fractional_quantity_scale)
    if stated[0] != instrument.price_scale or stated[1] not in (0, instrument.quantity_scale):
        raise ConfigError(
            f"the scales of {order.symbol} are not those of order {order.id}: "
            "call instruments.refresh() and try again"
        )


def _new_price(order: wire.Order, instrument: Instrument, price: Amount, *, no: bool) -> int:
    if order.type == wire.OrderType.STOP:
        raise InvalidOrder(f"order {order.id} is a STOP order: it has no limit price", field="price")
    return instrument.price_units(price, no=no)


def _new_quantity(order: wire.Order, instrument: Instrument, quantity: Amount | None) -> int:
    if quantity is None:
        if not order.order_qty:
            raise InvalidOrder(
                f"order {order.id} is for cash: give its new total quantity as well", field="quantity"
            )
        return order.order_qty
    units = instrument.quantity.to_wire(quantity, "quantity")
    if units <= order.cum_qty:
        filled = instrument.contracts(order.cum_qty)
        raise InvalidOrder(
            f"quantity {quantity} is the new total, of which {filled} are filled already: "
            "it must be more than that, or the order cancelled",
            field="quantity",
            nearest=(instrument.quantity.scale.text(max(order.cum_qty + 1, instrument.quantity.lowest)),),
        )
    return units
