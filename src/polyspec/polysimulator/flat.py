"""Orders by token, as the venue's flat route takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from polyspec_wire import Call
from polyspec_wire.polysimulator import compat
from polyspec_wire.polysimulator import models as wire

from polyspec.core.scales import Amount, Grid
from polyspec.core.typed import convert
from polyspec.errors import ConfigError, InvalidOrder
from polyspec.polysimulator.fate import Terms
from polyspec.polysimulator.naming import read_token
from polyspec.polysimulator.ticket import (
    Ticket,
    as_plain,
    checked_client_order_id,
    new_client_order_id,
    read_expiration,
    read_side,
)

__all__ = ["flat_call", "flat_ticket", "raw_order"]

_PRICES: Final = Grid(10_000, 1, low=1, high=10_000)
_SHARES: Final = Grid(10_000)
_TYPES: Final = ("GTC", "GTD", "FOK")


def flat_ticket(
    token_id: object,
    side: object,
    price: Amount,
    quantity: Amount,
    order_type: object,
    *,
    now: float,
    expiration: int | str | datetime | None = None,
    post_only: bool = False,
    client_order_id: str | None = None,
) -> Ticket:
    """Translate an order by token exactly; raises InvalidOrder for what the venue would refuse as written."""
    token, kind, bought = _token(token_id), _order_type(order_type), read_side(side)
    if (kind == "GTD") != (expiration is not None):
        raise InvalidOrder("GTD and expiration go together", field="expiration")
    if post_only and kind == "FOK":
        raise InvalidOrder("post_only never trades at once, FOK does nothing else", field="post_only")
    limit = _PRICES.from_wire(_PRICES.to_wire(price, "price"))
    size = _SHARES.from_wire(_SHARES.to_wire(quantity, "quantity"))
    name = new_client_order_id() if client_order_id is None else checked_client_order_id(client_order_id)
    # pages of the venue call the shares size; its own document requires quantity
    body: dict[str, Any] = {
        "token_id": token, "side": bought, "price": as_plain(limit), "quantity": as_plain(size),
        "order_type": kind, "client_order_id": name,
    }  # fmt: skip
    if expiration is not None:
        body["expiration"] = str(read_expiration(expiration, now))
    if post_only:
        body["post_only"] = True
    # of one that is filled at once the limit is only the worst price
    terms = Terms("", bought, quantity=size, limit=None if kind == "FOK" else limit)
    return Ticket(name, msgspec.json.encode(body), terms, "limit", kind, limit)


def _token(token_id: object) -> str:
    try:
        return read_token(token_id)
    except ConfigError as error:
        raise InvalidOrder(str(error), field="token_id") from None


def _order_type(order_type: object) -> str:
    kind = str(getattr(order_type, "value", order_type)).upper()
    if kind not in _TYPES:
        raise InvalidOrder(
            f"order_type {order_type!r} is none of {', '.join(_TYPES)}; for FAK and IOC use orders.place",
            field="order_type",
            nearest=_TYPES,
        )
    return kind


def flat_call(ticket: Ticket) -> Call[wire.FlatOrderResponse]:
    """Return the request that places an order by token."""
    return Call(operation=compat.POST_FLAT_ORDER, path=compat.POST_FLAT_ORDER.path, body=ticket.body)


def raw_order(order: object) -> wire.PmSendOrderRequest:
    """Read an order in Polymarket's shape, of our own type or as a mapping; raises InvalidOrder."""
    if isinstance(order, wire.PmSendOrderRequest):
        return order
    try:
        return convert(order, wire.PmSendOrderRequest)
    except msgspec.ValidationError as error:
        raise InvalidOrder(f"this is no order in Polymarket's shape: {error}", field="order") from None
