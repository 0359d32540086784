"""Orders in Polymarket's shapes: amounts in, an order of the venue's own kind out, and back."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from polyspec_wire.polysimulator.models import PmSendOrderRequest

from polyspec.sandbox.polysimulator.engine import (
    OrderRow,
    OrderSpec,
    Placed,
    Refused,
    Trade,
    money_text,
    price_text,
    quantity_text,
)
from polyspec.sandbox.polysimulator.engine.units import half_up
from polyspec.sandbox.polysimulator.placing import Placing, expiration_of
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, invalid
from polyspec.sandbox.polysimulator.views import SECOND

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.registry import Asked

__all__ = [
    "amounts",
    "at_once",
    "open_order",
    "place_array",
    "send_spec",
    "sent_view",
    "status_of",
    "token_of",
    "trade_row",
]

_MOST: Final = 15
_DIGITS: Final = re.compile(r"[0-9]{1,30}")
_MILLION: Final = 1_000_000
_UNIT: Final = 100
"""Millionths of a share in one of the engine's units."""
_TYPES: Final = ("GTC", "FOK", "FAK", "GTD")
_AT_ONCE: Final = frozenset({"FOK", "FAK", "IOC"})
_STATES: Final = {"PENDING": "LIVE", "FILLED": "MATCHED", "CANCELLED": "CANCELED", "EXPIRED": "CANCELED"}


def at_once(kind: str) -> bool:
    """Tell whether an order of a kind fills now or never."""
    return kind in _AT_ONCE


def send_spec(asked: Asked, sent: PmSendOrderRequest) -> OrderSpec:
    """Return the order that amounts mean; raises Refusal (400, 404)."""
    order, kind = sent.order, str(sent.order_type or "GTC").upper()
    if kind not in _TYPES:
        raise bad_request("UNSUPPORTED_ORDER_TYPE", f"orderType must be one of {', '.join(_TYPES)}")
    side = str(order.side).upper()
    if side not in ("BUY", "SELL"):
        raise bad_request("INVALID_ORDER_PAYLOAD", "side must be BUY or SELL")
    made, taken = _amount("makerAmount", order.maker_amount), _amount("takerAmount", order.taker_amount)
    dollars, shares = (made, taken) if side == "BUY" else (taken, made)
    market_id, outcome = token_of(asked, order.token_id)
    price = half_up(dollars * _MILLION, shares)
    expiration = expiration_of(order.expiration)
    return OrderSpec(
        market_id=market_id,
        side=side,
        outcome=outcome,
        order_type="market" if at_once(kind) else "limit",
        price=Decimal(price).scaleb(-6),
        quantity=Decimal(shares).scaleb(-6),
        time_in_force=kind,
        expiration=None if expiration in (None, "", "0", 0) else expiration,
        post_only=bool(sent.post_only),
    )


def _amount(name: str, text: str) -> int:
    if not _DIGITS.fullmatch(text) or int(text) == 0:
        raise bad_request("INVALID_ORDER_PAYLOAD", f"{name} must be a whole number above zero")
    return int(text)


def token_of(asked: Asked, token_id: str) -> tuple[str, str]:
    """Return market and outcome of a token; raises Refusal (404)."""
    try:
        market, index = asked.world.engine.token(token_id, asked.now_ns)
    except Refused as refused:
        raise Refusal(refused.status, refused.code, refused.message) from refused
    return market.condition_id, market.outcomes[index]


def place_array(asked: Asked) -> list[dict[str, Any]]:
    """Place several orders; each is answered, whatever became of the others."""
    entries: list[PmSendOrderRequest] = asked.body
    if not entries:
        raise invalid("name at least one order")
    if len(entries) > _MOST:
        raise bad_request("BATCH_LIMIT_EXCEEDED", f"at most {_MOST} orders at once")
    placing = Placing(asked)
    answers = [_entry(asked, placing, each) for each in entries]
    placing.check()
    return answers


def _entry(asked: Asked, placing: Placing, sent: PmSendOrderRequest) -> dict[str, Any]:
    try:
        # an entry has no key, so a repetition is another order
        return sent_view(placing.place(send_spec(asked, sent), None))
    except Refused as refused:
        return _not_sent(refused.code)
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        return _not_sent(refusal.shown)


def _not_sent(code: str) -> dict[str, Any]:
    return {
        "success": False,
        "orderID": "",
        "status": "unmatched",
        "makingAmount": "0",
        "takingAmount": "0",
        "errorMsg": code,
    }


# -- answers --


def amounts(placed: Placed) -> tuple[str, str]:
    """Return the dollars and the shares that changed hands at placement."""
    if not placed.filled:
        return "0", "0"
    return money_text(placed.filled_notional), quantity_text(placed.filled)


def _base_units(placed: Placed) -> tuple[str, str]:
    """Return the same in millionths, as Polymarket counts both."""
    dollars, shares = placed.filled_notional, placed.filled * _UNIT
    given, got = (dollars, shares) if placed.side == "BUY" else (shares, dollars)
    return str(given), str(got)


def status_of(placed: Placed) -> str:
    """Return what became of an order at placement, in Polymarket's words."""
    if placed.status == "PENDING":
        return "live"
    return "matched" if placed.filled else "unmatched"


def sent_view(placed: Placed) -> dict[str, Any]:
    """Return an order as its placement is answered."""
    making, taking = _base_units(placed)
    return {
        "success": True,
        "orderID": str(placed.order_id),
        "status": status_of(placed),
        "makingAmount": making,
        "takingAmount": taking,
        "transactionsHashes": [],
        "tradeIDs": [] if placed.trade_id is None else [str(placed.trade_id)],
        "errorMsg": "",
    }


def open_order(row: OrderRow, owner: str) -> dict[str, Any]:
    """Return an order as it is looked up."""
    price = row.limit_price if row.limit_price is not None else row.fill_price
    return {
        "id": str(row.order_id),
        "status": f"ORDER_STATUS_{_STATES.get(row.status, 'INVALID')}",
        "market": row.market_id,
        "side": row.side,
        "original_size": quantity_text(row.quantity),
        "size_matched": quantity_text(row.filled),
        "price": price_text(price or 0),
        "outcome": row.outcome,
        "order_type": row.time_in_force,
        "owner": owner,
        "maker_address": "",
        "asset_id": row.token_id,
        "expiration": 0 if row.expires_ns is None else row.expires_ns // SECOND,
        "associate_trades": [str(each) for each in row.trades],
        "created_at": row.created_ns // SECOND,
    }


def trade_row(trade: Trade) -> dict[str, Any]:
    """Return a trade as it is listed."""
    return {
        "id": str(trade.id),
        "market": trade.market_id,
        "asset_id": trade.token_id,
        "side": trade.side,
        "outcome": trade.outcome,
        "price": price_text(trade.price),
        "size": quantity_text(trade.quantity),
        "fee_rate_bps": trade.fee_bps if trade.taker else 0,
        "status": "MATCHED",
        "match_time": trade.filled_ns // SECOND,
        "last_update": trade.filled_ns // SECOND,
        "taker_order_id": str(trade.id if trade.pending_id is None else trade.pending_id),
        "maker_orders": [],
        "transaction_hash": "",
        "bucket_index": 0,
        "owner": str(trade.user_id),
        "trader_side": "TAKER" if trade.taker else "MAKER",
    }
