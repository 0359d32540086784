"""Change a working order."""

from __future__ import annotations

from polyspec_wire.us_exchange import models as wire

from polyspec.core.scales import Amount
from polyspec.errors import InvalidOrder
from polyspec.us.instrument import Instrument

__all__ = ["replacement_of"]


def replacement_of(
    order: wire.Order, instrument: Instrument, *, price: Amount | None, quantity: Amount | None
) -> wire.CancelReplaceOrderRequest:
    """Restate an order with a new price or total quantity; raises InvalidOrder for values off the grid.

    The venue takes the request as the whole new order, so everything that stays is repeated.
    """
    if price is None and quantity is None:
        raise InvalidOrder("give a new price or a new quantity", field="price")
    units = order.order_qty if quantity is None else instrument.quantity.to_wire(quantity, "quantity")
    if units <= order.cum_qty:
        filled = instrument.quantity.from_wire(order.cum_qty)
        raise InvalidOrder(f"quantity {quantity} is not above the {filled} already filled", field="quantity")
    return wire.CancelReplaceOrderRequest(
        order_id=order.id,
        clord_id=order.clord_id,
        symbol=order.symbol,
        price=order.price if price is None else instrument.price.to_wire(price, "price"),
        order_qty=units,
        time_in_force=order.time_in_force,
        stop_price=order.stop_price,
        min_qty=order.min_qty,
        all_or_none=order.all_or_none,
        participate_dont_initiate=order.participate_dont_initiate,
        strict_limit=order.strict_limit,
        good_till_time=order.good_till_time,
        manual_order_indicator=order.manual_order_indicator,
    )
