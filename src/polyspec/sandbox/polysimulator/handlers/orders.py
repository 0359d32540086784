"""Placing, listing and cancelling orders of the venue's own kind; heartbeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from polyspec_wire.polysimulator.models import PlaceOrderRequest

from polyspec.sandbox.polysimulator.engine import (
    Cancels,
    Order,
    OrderRow,
    OrderSpec,
    Placed,
    Refused,
    money_text,
    price_text,
    quantity_text,
)
from polyspec.sandbox.polysimulator.engine.units import charge
from polyspec.sandbox.polysimulator.paging import cut, read_cursor, write_cursor
from polyspec.sandbox.polysimulator.placing import (
    Placing,
    ack_view,
    expiration_of,
    idem_of,
    key_of,
    placed_view,
    refusal_of,
    submit,
)
from polyspec.sandbox.polysimulator.pm import place_array
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, invalid
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles
from polyspec.sandbox.polysimulator.views import moment

__all__: list[str] = []

_ROUTE: Final = "native"
_MOST_ENTRIES: Final = 100
_MOST_CANCELLED: Final = 100
_PAGE: Final = 50
_MOST_LISTED: Final = 200
_LONGEST: Final = {"market_id": 256, "outcome": 200, "client_order_id": 256}
"""Characters of the texts of an order."""
_ORDER_TYPES: Final = ("market", "limit")
_SIDES: Final = ("BUY", "SELL")
_STATUSES: Final = ("PENDING", "FILLED", "CANCELLED", "EXPIRED")
_SUNSET: Final = {
    "x-deprecation": "use POST /v1/cancel-all",
    "sunset": "Thu, 31 Dec 2026 23:59:59 GMT",
}


# -- placing --


@handles("Orders_PlaceOrder")
def place_order(asked: Asked) -> Any:
    """Place an order, or several in the shape of Polymarket."""
    if isinstance(asked.body, list):
        return asked.world.turns.take(asked.caller.user.id, lambda: place_array(asked))
    spec = _spec(asked.body, key_of(asked, asked.body.client_order_id))
    return submit(asked, spec, route=_ROUTE, view=lambda placed: _answer(asked, placed))


def _answer(asked: Asked, placed: Placed) -> dict[str, Any]:
    fast = asked.world.options.fast_ack and placed.status == "PENDING"
    return ack_view(placed) if fast else placed_view(placed)


@handles("Orders_PlaceOrderBatch")
def place_order_batch(asked: Asked) -> Any:
    """Place several orders one after the other; each is answered."""
    entries: list[PlaceOrderRequest] = asked.body.orders
    most = min(asked.world.options.tiers[asked.caller.tier].batch, _MOST_ENTRIES)
    if not entries:
        raise invalid("orders must have at least one entry", field="orders")
    if len(entries) > most:
        raise bad_request("BATCH_LIMIT_EXCEEDED", f"at most {most} orders in a batch on this plan")
    # a key of the request would be that of every entry
    specs = [_spec(each, each.client_order_id or None) for each in entries]

    def write() -> dict[str, Any]:
        placing = Placing(asked)
        results = [_entry(placing, each) for each in specs]
        placing.check()
        failed = sum(not each["order_id"] for each in results)
        return {"results": results, "succeeded": len(results) - failed, "failed": failed}

    return asked.world.turns.take(asked.caller.user.id, write)


def _entry(placing: Placing, spec: OrderSpec) -> dict[str, Any]:
    try:
        return placed_view(placing.place(spec, idem_of(spec, _ROUTE)))
    except Refused as refused:
        told: dict[str, Any] = {
            "order_id": 0,
            "status": "REJECTED" if refused.status < 500 else "ERROR",
            "outcome": spec.outcome,
            "error": refused.code,
            "error_message": refused.message,
        }
        # what is no member of its list is not repeated as one
        if spec.order_type in _ORDER_TYPES:
            told["order_type"] = spec.order_type
        if spec.side in _SIDES:
            told["side"] = spec.side
        if spec.client_order_id is not None:
            told["client_order_id"] = spec.client_order_id
        return told


def _check_lengths(sent: PlaceOrderRequest) -> None:
    """Raise Refusal (422) for a text that is longer than documented."""
    for name, most in _LONGEST.items():
        if len(getattr(sent, name) or "") > most:
            raise invalid(f"{name} has at most {most} characters", field=name)


def _spec(sent: PlaceOrderRequest, key: str | None) -> OrderSpec:
    _check_lengths(sent)
    return OrderSpec(
        market_id=sent.market_id,
        side=str(sent.side),
        outcome=sent.outcome,
        order_type="market" if sent.order_type is None else str(sent.order_type),
        price=sent.price,
        quantity=sent.quantity,
        amount=sent.amount,
        time_in_force=None if sent.time_in_force is None else str(sent.time_in_force),
        client_order_id=key,
        expiration=expiration_of(sent.expiration),
        post_only=bool(sent.post_only),
        wallet_id=sent.wallet_id,
    )


# -- looking --


@handles("Orders_ListOrders")
def list_orders(asked: Asked) -> dict[str, Any]:
    """List orders, newest first."""
    status, side = asked.text("status").upper(), asked.text("side").upper()
    if status and status not in _STATUSES:
        raise invalid(f"status must be one of {', '.join(_STATUSES)}", field="status")
    if side not in ("", "BUY", "SELL"):
        raise invalid("side must be BUY or SELL", field="side")
    limit = asked.whole("limit", _PAGE, 1, _MOST_LISTED)
    cursor = asked.text("cursor") or asked.text("next_cursor")
    offset = read_cursor(cursor) if cursor else asked.whole("offset", 0, 0)
    engine = asked.world.engine
    try:
        chosen = engine.select(asked.caller.user.id, asked.text("wallet_id") or None)
    except Refused as refused:
        raise refusal_of(refused) from refused
    found = engine.orders(
        chosen, status=status or None, market_id=asked.text("market_id").lower() or None, side=side or None
    )
    page, following = cut(found, offset, limit)
    told = {
        "orders": [row_view(each) for each in page],
        "has_more": following is not None,
        "total_hint": len(found),
    }
    return told if following is None else {**told, "next_cursor": write_cursor(following)}


@handles("Orders_GetOrder")
def get_order(asked: Asked) -> dict[str, Any]:
    """Show an order of either table."""
    source = asked.text("source")
    if source not in ("", "pending", "filled"):
        raise bad_request("INVALID_SOURCE", "source must be pending or filled")
    engine, user_id = asked.world.engine, asked.caller.user.id
    chosen = asked.text("wallet_id")
    try:
        wallets = engine.select(user_id, chosen) if chosen else []
        row = engine.order(user_id, _number(asked.path["order_id"]), source or None)  # type: ignore[arg-type]
    except Refused as refused:
        raise refusal_of(refused) from refused
    if wallets and row.wallet_id not in {each.id for each in wallets}:
        raise Refusal(404, "ORDER_NOT_FOUND", f"Order {row.order_id} was not found")
    return {**row_view(row), "source": row.source, **_money(row)}


def row_view(row: OrderRow) -> dict[str, Any]:
    """Return an order as listings have it."""
    told = {
        "order_id": row.order_id,
        "market_id": row.market_id,
        "side": row.side,
        "outcome": row.outcome,
        "order_type": row.order_type,
        "limit_price": None if row.limit_price is None else price_text(row.limit_price),
        "quantity": quantity_text(row.quantity),
        # two names of one thing; listings know the older
        "time_in_force": "IOC" if row.time_in_force == "FAK" else row.time_in_force,
        "status": row.status,
        "client_order_id": row.client_order_id,
        "created_at": moment(row.created_ns),
        "filled_at": moment(row.filled_ns),
        "fill_price": None if row.fill_price is None else price_text(row.fill_price),
        "cancelled_at": moment(row.cancelled_ns),
        "cancelled_reason": row.cancelled_reason,
        "hold_reason": row.hold_reason,
    }
    return {name: value for name, value in told.items() if value is not None}


def _money(row: OrderRow) -> dict[str, str]:
    price = row.fill_price if row.fill_price is not None else row.limit_price
    told = {"notional": money_text(row.notional), "fee": money_text(row.fee_charged)}
    return told if price is None else {**told, "price": price_text(price)}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise invalid("order_id must be an integer", field="order_id")
    return int(text)


# -- cancelling --


def _cancelled(asked: Asked, write: Callable[[int], Cancels]) -> Any:
    """Cancel in the account's turn, and tell what was cancelled."""
    user_id = asked.caller.user.id

    def answer() -> dict[str, Any]:
        done = write(user_id)
        return {"canceled": list(done.canceled), "not_canceled": dict(done.not_canceled)}

    return asked.world.turns.take(user_id, answer)


@handles("Orders_CancelOrder")
def cancel_order(asked: Asked) -> Any:
    """Cancel an order that rests."""
    number, user_id, engine = _number(asked.path["order_id"]), asked.caller.user.id, asked.world.engine

    def write() -> dict[str, Any]:
        try:
            order = engine.cancel(user_id, number, asked.now_ns)
        except Refused as refused:
            raise refusal_of(refused) from refused
        charged = engine.order(user_id, number, "pending").fee_charged
        return _cancelled_view(order, charged, engine.wallet(user_id, order.wallet_id).cash)

    return asked.world.turns.take(user_id, write)


def _cancelled_view(order: Order, charged: int, cash: int) -> dict[str, Any]:
    # as at its placement: what it asked for, in cents, and what its fills were charged
    told = {
        "order_id": order.id,
        "status": str(order.status),
        "order_type": order.order_type,
        "side": order.side,
        "outcome": order.outcome,
        "price": price_text(order.price),
        "quantity": quantity_text(order.quantity),
        "notional": money_text(charge(order.price, order.quantity)),
        "fee": money_text(charged),
        "cancelled_reason": order.cancelled_reason,
        "client_order_id": order.client_order_id,
        "account_balance": money_text(cash),
        "is_replay": False,
        "warnings": [],
    }
    return {name: value for name, value in told.items() if value is not None}


@handles("Orders_CancelOrders")
def cancel_orders(asked: Asked) -> Any:
    """Cancel several orders; what cannot be cancelled is told with its reason."""
    ids: list[int | str] = asked.body
    if not ids:
        raise invalid("name at least one order")
    if len(ids) > _MOST_CANCELLED:
        raise bad_request("BATCH_LIMIT_EXCEEDED", f"at most {_MOST_CANCELLED} orders at once")
    return _cancelled(asked, lambda user: asked.world.engine.cancel_many(user, ids, asked.now_ns))


@handles("Orders_CancelAll")
def cancel_all(asked: Asked) -> Any:
    """Cancel all orders of the account, if it is confirmed."""
    _check_confirmed(asked)
    return _cancelled(asked, lambda user: asked.world.engine.cancel_all(user, asked.now_ns))


@handles("Orders_CancelAllDeprecated")
def cancel_all_deprecated(asked: Asked) -> Any:
    """Cancel all orders of the account by the older name, which is about to go."""
    _check_confirmed(asked)
    user_id = asked.caller.user.id

    def write() -> Answer:
        done = asked.world.engine.cancel_all(user_id, asked.now_ns)
        told = {"canceled": list(done.canceled), "not_canceled": dict(done.not_canceled)}
        return Answer(told, headers=dict(_SUNSET))

    return asked.world.turns.take(user_id, write)


def _check_confirmed(asked: Asked) -> None:
    header = asked.headers.get("x-confirm-cancel-all", "").strip().lower()
    if not asked.flag("confirm") and header != "true":
        raise bad_request(
            "CONFIRMATION_REQUIRED", "confirm with ?confirm=true or the header X-Confirm-Cancel-All: true"
        )


@handles("Orders_CancelMarketOrders")
def cancel_market_orders(asked: Asked) -> Any:
    """Cancel the orders of the account in a market or a token."""
    market, token = asked.text("market").lower() or None, asked.text("asset_id") or None
    if market is None and token is None:
        raise bad_request("INVALID_REQUEST", "name a market or an asset_id")
    engine = asked.world.engine
    return _cancelled(
        asked, lambda user: engine.cancel_market(user, asked.now_ns, market_id=market, token_id=token)
    )


# -- heartbeats --


@handles("Orders_PostHeartbeat")
@handles("Orders_PostHeartbeatAlias")
def post_heartbeat(asked: Asked) -> dict[str, Any]:
    """Promise to be heard from again."""
    sent = asked.body
    try:
        expires = asked.world.engine.beat(
            asked.caller.user.id, sent.interval_ms, asked.now_ns, label=sent.client_label or ""
        )
    except Refused as refused:
        raise refusal_of(refused) from refused
    return {"ok": True, "expires_at_ms": expires}
