"""What the channels say, as plain JSON values; amounts and times are text."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from polyspec.sandbox.clob.sockets.news import Top
from polyspec.sandbox.clob.views import MILLISECOND, SECOND, book_view, open_order, trade_view
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.sockets import Frame

__all__ = [
    "best_event",
    "book_event",
    "listed_event",
    "order_event",
    "price_events",
    "resolved_event",
    "tick_events",
    "trade_event",
    "trade_prints",
]

_ONE: Final = 1_000_000
_OTHER: Final = {t.Side.BUY: t.Side.SELL, t.Side.SELL: t.Side.BUY}


def _millis(moment: int) -> str:
    return str(moment // MILLISECOND)


# -- the market channel --


def book_event(world: ClobWorld, token_id: str) -> Frame | None:
    """Return a whole book; None for a token nobody knows."""
    book = book_view(world, token_id)
    return None if book is None else {"event_type": "book", **book}


def price_events(
    world: ClobWorld,
    changes: Iterable[t.LevelChange],
    tops: Mapping[str, Top],
    tokens: Container[str],
) -> list[Frame]:
    """Return the levels that changed under one command, a frame for each market, both outcomes in it."""
    frames: dict[str, dict[str, Any]] = {}
    for change in changes:
        frame = frames.setdefault(
            change.condition_id,
            {
                "event_type": "price_change",
                "market": change.condition_id,
                "price_changes": [],
                "timestamp": _millis(change.time),
            },
        )
        for outcome, token in enumerate(world.listings[change.condition_id].token_ids):
            if token in tokens:
                top = tops[change.condition_id].of(outcome)
                frame["price_changes"].append(_price_change(change, token, outcome, top))
    return [each for each in frames.values() if each["price_changes"]]


def _price_change(change: t.LevelChange, token: str, outcome: int, top: Top) -> dict[str, str]:
    return {
        "asset_id": token,
        "price": units_text(_ONE - change.price if outcome else change.price),
        "size": units_text(change.size),
        "side": str(_OTHER[change.side] if outcome else change.side),
        "hash": change.order_id,
        "best_bid": units_text(top.bid),
        "best_ask": units_text(top.ask),
    }


def best_event(condition_id: str, token_id: str, top: Top, time: int) -> Frame:
    """Return the best prices of a token; 0 and 1 stand for empty sides."""
    return {
        "event_type": "best_bid_ask",
        "market": condition_id,
        "asset_id": token_id,
        "best_bid": units_text(top.bid),
        "best_ask": units_text(top.ask),
        "spread": units_text(top.ask - top.bid),
        "timestamp": _millis(time),
    }


def trade_prints(trade: t.Trade) -> Frame:
    """Return the price of a trade, as everybody hears of it."""
    return {
        "event_type": "last_trade_price",
        "market": trade.condition_id,
        "asset_id": trade.token_id,
        "price": units_text(trade.price),
        "size": units_text(trade.size),
        "fee_rate_bps": units_text(trade.fee_rate * 10_000),
        "side": str(trade.side),
        "timestamp": _millis(trade.match_time),
        "transaction_hash": trade.transaction_hash,
    }


def tick_events(world: ClobWorld, change: t.TickChange, tokens: Container[str]) -> list[Frame]:
    """Return a tick that moved, a frame for each token."""
    return [
        {
            "event_type": "tick_size_change",
            "market": change.condition_id,
            "asset_id": token,
            "old_tick_size": units_text(change.old),
            "new_tick_size": units_text(change.new),
            "timestamp": _millis(change.time),
        }
        for token in world.listings[change.condition_id].token_ids
        if token in tokens
    ]


def listed_event(world: ClobWorld, listed: t.MarketListed) -> Frame:
    """Return a market that exists from now on."""
    listing = world.listings[listed.condition_id]
    terms = world.exchange.market(listed.condition_id)
    assert terms is not None, listed.condition_id
    return {
        "event_type": "new_market",
        "id": str(listing.number),
        "question": listing.question,
        "market": listing.condition_id,
        "condition_id": listing.condition_id,
        "slug": listing.slug,
        "assets_ids": list(listing.token_ids),
        "clob_token_ids": list(listing.token_ids),
        "outcomes": list(listing.outcomes),
        "active": True,
        "order_price_min_tick_size": units_text(terms.tick),
        "group_item_title": listing.group_item,
        "tags": [listing.category],
        "timestamp": _millis(listed.time),
    }


def resolved_event(world: ClobWorld, resolved: t.MarketResolved) -> Frame:
    """Return what a market came to; of one that pays both there is no winner."""
    listing = world.listings[resolved.condition_id]
    winner = next((place for place, pays in enumerate(resolved.payouts) if pays == _ONE), None)
    return {
        "event_type": "market_resolved",
        "id": str(listing.number),
        "market": listing.condition_id,
        "assets_ids": list(listing.token_ids),
        "winning_asset_id": "" if winner is None else listing.token_ids[winner],
        "winning_outcome": "" if winner is None else listing.outcomes[winner],
        "tags": [listing.category],
        "timestamp": _millis(resolved.time),
    }


# -- the user channel --


def order_event(world: ClobWorld, event: t.OrderEvent) -> Frame:
    """Return a step of an order."""
    order = event.order
    return {
        "event_type": "order",
        **open_order(world, order),
        "order_owner": order.owner,
        "type": str(event.step),
        "created_at": str(order.created // SECOND),
        "timestamp": _millis(event.time),
    }


def trade_event(world: ClobWorld, trade: t.Trade, *, taker: bool) -> Frame:
    """Return a trade, or its next state, as its taker or one of its makers is told."""
    shown = trade_view(world, trade, taker=taker)
    return {
        "event_type": "trade",
        "type": "TRADE",
        **shown,
        "trade_owner": trade.owner,
        "timestamp": _millis(trade.last_update),
    }
