"""What the venue shows of orders, trades, books and markets, as plain JSON values.

Amounts become decimal text, but where the venue writes numbers: those are spelt out, never floats.
"""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any, Final

import msgspec

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from polyspec.sandbox.clob.seeds import Listing

if TYPE_CHECKING:
    from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["book_view", "number", "open_order", "trade_view"]

SECOND: Final = 1_000_000_000
MILLISECOND: Final = 1_000_000


def number(units: int) -> msgspec.Raw:
    """Return millionths as a JSON number."""
    return msgspec.Raw(units_text(units).encode())


# -- books --


def book_view(world: ClobWorld, token_id: str) -> dict[str, Any] | None:
    """Return a book with the best level last on each side, None if there is none."""
    book = world.exchange.book(token_id)
    if book is None:
        return None
    shown = {
        "market": book.condition_id,
        "asset_id": token_id,
        "timestamp": str(book.time // MILLISECOND),
        "hash": "",
        "bids": [_level(each) for each in reversed(book.bids)],
        "asks": [_level(each) for each in reversed(book.asks)],
        "min_order_size": units_text(book.minimum_size),
        "tick_size": units_text(book.tick),
        "neg_risk": book.neg_risk,
        "last_trade_price": "" if book.last_price is None else units_text(book.last_price),
    }
    # the hash is over the book as it is sent, itself left empty
    digest = sha1(msgspec.json.encode(shown), usedforsecurity=False)
    return {**shown, "hash": digest.hexdigest()}


def _level(level: t.BookLevel) -> dict[str, str]:
    return {"price": units_text(level.price), "size": units_text(level.size)}


# -- orders and trades --


def status_text(world: ClobWorld, kind: str, status: str) -> str:
    """Return a status in the spelling the sandbox was told to use."""
    return f"{kind}_STATUS_{status}" if world.options.prefixed_statuses else status


def open_order(world: ClobWorld, order: t.Order) -> dict[str, Any]:
    """Return an order as it stands."""
    listing = world.listings[order.condition_id]
    return {
        "id": order.id,
        "status": status_text(world, "ORDER", str(order.status)),
        "owner": order.owner,
        "maker_address": order.tags.get("maker", order.wallet),
        "market": order.condition_id,
        "asset_id": order.token_id,
        "side": str(order.side),
        "original_size": units_text(order.size),
        "size_matched": units_text(order.matched),
        "price": units_text(order.price),
        "outcome": listing.outcomes[order.outcome],
        "expiration": str(order.expiration),
        "order_type": str(order.type),
        "associate_trades": list(order.trades),
        "created_at": order.created // SECOND,
    }


def trade_view(world: ClobWorld, trade: t.Trade, *, taker: bool) -> dict[str, Any]:
    """Return a trade as its taker or one of its makers sees it; the top level is always the taker's."""
    listing = world.listings[trade.condition_id]
    return {
        "id": trade.id,
        "taker_order_id": trade.taker_order_id,
        "market": trade.condition_id,
        "asset_id": trade.token_id,
        "side": str(trade.side),
        "size": units_text(trade.size),
        "fee_rate_bps": _bps(trade.fee_rate),
        "price": units_text(trade.price),
        "status": status_text(world, "TRADE", str(trade.status)),
        "match_time": str(trade.match_time // SECOND),
        "match_time_nano": str(trade.match_time),
        "last_update": str(trade.last_update // SECOND),
        "outcome": listing.outcomes[trade.outcome],
        "bucket_index": trade.bucket_index,
        "owner": trade.owner,
        "maker_address": trade.tags.get("maker", trade.wallet),
        "transaction_hash": trade.transaction_hash,
        "err_msg": trade.text or None,
        "maker_orders": [_maker_order(listing, fill) for fill in trade.makers],
        "trader_side": "TAKER" if taker else "MAKER",
    }


def _maker_order(listing: Listing, fill: t.MakerFill) -> dict[str, Any]:
    return {
        "order_id": fill.order_id,
        "owner": fill.owner,
        "maker_address": fill.tags.get("maker", fill.wallet),
        "matched_amount": units_text(fill.matched),
        "price": units_text(fill.price),
        "fee_rate_bps": "0",
        "asset_id": fill.token_id,
        "outcome": listing.outcomes[fill.outcome],
        "side": str(fill.side),
    }


def _bps(rate: int) -> str:
    return units_text(rate * 10_000)
