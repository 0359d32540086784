"""The surface that imitates Polymarket's: orders by token, lookups, balances."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from polyspec.sandbox.polysimulator.engine import (
    OrderSpec,
    Placed,
    Refused,
    price_text,
    quantity_text,
)
from polyspec.sandbox.polysimulator.paging import END, cut, read_cursor, write_cursor
from polyspec.sandbox.polysimulator.placing import expiration_of, key_of, refusal_of, submit
from polyspec.sandbox.polysimulator.pm import (
    amounts,
    at_once,
    open_order,
    send_spec,
    sent_view,
    status_of,
    token_of,
    trade_row,
)
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, invalid
from polyspec.sandbox.polysimulator.registry import Asked, handles
from polyspec.sandbox.polysimulator.views import SECOND

__all__: list[str] = []

_FLAT: Final = "flat"
_RAW: Final = "raw"
_FLAT_TYPES: Final = ("GTC", "FOK", "GTD")
_PAGE: Final = 100
_MOST: Final = 500
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_UNLIMITED: Final = str(2**256 - 1)
_STATUSES: Final = {
    "LIVE": ("PENDING",),
    "MATCHED": ("FILLED",),
    "CANCELED": ("CANCELLED", "EXPIRED"),
    "INVALID": (),
}
_PREFIX: Final = "ORDER_STATUS_"
_MONEY: Final = ("", "COLLATERAL")
_SHARE: Final = 100
"""Millionths of a share in one of the engine's units."""


# -- placing --


@handles("Compat_PostFlatOrder")
def post_flat_order(asked: Asked) -> Any:
    """Place an order by token, as one flat object."""
    sent = asked.body
    kind = str(sent.order_type or "GTC").upper()
    if kind not in _FLAT_TYPES:
        raise bad_request("UNSUPPORTED_ORDER_TYPE", f"order_type must be one of {', '.join(_FLAT_TYPES)}")
    if sent.quantity is not None and sent.size is not None and _differ(sent.quantity, sent.size):
        raise invalid("quantity and size differ", field="size")
    quantity = sent.size if sent.quantity is None else sent.quantity
    if quantity is None:
        raise invalid("quantity is required", field="quantity")
    market_id, outcome = token_of(asked, sent.token_id)
    spec = OrderSpec(
        market_id=market_id,
        side=str(sent.side),
        outcome=outcome,
        order_type="market" if at_once(kind) else "limit",
        price=sent.price,
        quantity=quantity,
        time_in_force=kind,
        client_order_id=key_of(asked, sent.client_order_id),
        expiration=expiration_of(sent.expiration),
        post_only=bool(sent.post_only),
    )
    return submit(asked, spec, route=_FLAT, view=_flat_view)


def _differ(quantity: Decimal, size: Decimal) -> bool:
    # a signalling NaN cannot be compared; it is refused later, as what is no number
    if quantity.is_nan() or size.is_nan():
        return str(quantity) != str(size)
    return quantity != size


@handles("Compat_PostOrder")
def post_order(asked: Asked) -> Any:
    """Place an order in the shape Polymarket's clients sign; the signature is not looked at."""
    return submit(asked, send_spec(asked, asked.body), route=_RAW, view=sent_view)


def _flat_view(placed: Placed) -> dict[str, Any]:
    # this route alone counts in dollars and shares, and the dollars are what is taken on either side
    dollars, shares = amounts(placed)
    return {
        "success": True,
        "orderID": str(placed.order_id),
        "status": status_of(placed),
        "transactID": str(placed.order_id),
        "errorMsg": None,
        "price": price_text(placed.price),
        "size": quantity_text(placed.quantity),
        "side": placed.side,
        "takingAmount": dollars,
        "makingAmount": shares,
    }


@handles("Compat_CancelOrderById")
def cancel_order_by_id(asked: Asked) -> Any:
    """Cancel an order; 200 also if it could not be."""
    user_id = asked.caller.user.id

    def write() -> dict[str, Any]:
        done = asked.world.engine.cancel_many(user_id, [asked.body.order_id], asked.now_ns)
        return {"canceled": list(done.canceled), "not_canceled": dict(done.not_canceled)}

    return asked.world.turns.take(user_id, write)


# -- looking --


@handles("Compat_GetOrder")
@handles("Compat_GetDataOrder")
def get_order(asked: Asked) -> dict[str, Any]:
    """Show an order of either table, the resting one if there are two."""
    text = asked.path["id"]
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Refusal(404, "ORDER_NOT_FOUND", "Order was not found")
    try:
        row = asked.world.engine.order(asked.caller.user.id, int(text))
    except Refused as refused:
        raise refusal_of(refused) from refused
    return open_order(row, str(asked.caller.user.id))


@handles("Compat_GetOrders")
def get_orders(asked: Asked) -> dict[str, Any]:
    """List orders, newest first; open ones unless a status is named."""
    status = asked.text("status").upper().removeprefix(_PREFIX) or "LIVE"
    if status not in _STATUSES:
        raise invalid("status is none of Polymarket's", field="status")
    after, before = _between(asked)
    engine, wanted = asked.world.engine, asked.text("id")
    rows = engine.orders(
        engine.select(asked.caller.user.id, None),
        market_id=asked.text("market").lower() or None,
        token_id=asked.text("asset_id") or None,
    )
    found = [
        each
        for each in rows
        if each.status in _STATUSES[status]
        and (not wanted or str(each.order_id) == wanted)
        and after <= each.created_ns < before
    ]
    owner = str(asked.caller.user.id)
    return _page(asked, [open_order(each, owner) for each in found])


@handles("Compat_GetTrades")
def get_trades(asked: Asked) -> dict[str, Any]:
    """List trades, newest first."""
    after, before = _between(asked)
    engine = asked.world.engine
    trades = engine.trades(
        engine.select(asked.caller.user.id, None),
        market_id=asked.text("market").lower() or None,
        token_id=asked.text("asset_id") or None,
    )
    return _page(asked, [trade_row(each) for each in trades if after <= each.filled_ns < before])


def _between(asked: Asked) -> tuple[int, int]:
    """Return the first nanosecond and the one past the last that are asked for; raises Refusal (400)."""
    bounds: list[int] = []
    for name, default in (("after", "0"), ("before", "99999999999")):
        text = asked.text(name) or default
        if not _SECONDS.fullmatch(text):
            raise bad_request("INVALID_TIME_FILTER", f"{name} must be in unix seconds")
        bounds.append(int(text) * SECOND)
    return bounds[0], bounds[1]


def _page(asked: Asked, rows: list[dict[str, Any]]) -> dict[str, Any]:
    limit = asked.whole("limit", _PAGE, 1, _MOST)
    cursor = asked.text("next_cursor") or asked.text("cursor")
    page, following = cut(rows, read_cursor(cursor), limit)
    return {
        "limit": limit,
        "count": len(page),
        "next_cursor": END if following is None else write_cursor(following),
        "data": page,
    }


@handles("Compat_GetBalanceAllowance")
def get_balance_allowance(asked: Asked) -> dict[str, str]:
    """Show what there is of dollars or of a token, in millionths; the allowance stands for no limit."""
    engine = asked.world.engine
    wallets = engine.select(asked.caller.user.id, None)
    dollars = sum(each.cash for each in wallets)
    token = asked.text("token_id")
    shares = sum(
        each.quantity for each in engine.positions(wallets, "OPEN") if token and each.token_id == token
    )
    collateral, conditional = str(dollars), str(shares * _SHARE)
    kind = asked.text("asset_type").upper()
    if kind not in (*_MONEY, "CONDITIONAL"):
        raise invalid("asset_type must be COLLATERAL or CONDITIONAL", field="asset_type")
    return {
        "balance": collateral if kind in _MONEY else conditional,
        "allowance": _UNLIMITED,
        "collateral": collateral,
        "conditional": conditional,
    }
