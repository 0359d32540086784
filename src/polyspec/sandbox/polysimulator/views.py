"""Moments, prices, books and markets as plain JSON: amounts are texts, but where the venue has numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Final

import msgspec

from polyspec.sandbox.polysimulator.engine.units import DOLLAR, price_text
from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, Level

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = [
    "HALF",
    "MICROSECOND",
    "MILLISECOND",
    "SECOND",
    "best_of",
    "book_view",
    "iso",
    "live_price",
    "market_detail",
    "market_summary",
    "minimum_size",
    "moment",
    "number",
    "price_now",
    "spread_of",
]

SECOND: Final = 1_000_000_000
MILLISECOND: Final = 1_000_000
MICROSECOND: Final = 1_000
HALF: Final = 500_000
_WIDEST: Final = 100_000
"""A spread is shown as at most 0.10."""
_FINE_TICK: Final = 1_000
_HOT: Final = 100 * DOLLAR
"""Volume from which a market is called hot; one with close quotes is from the start."""


def iso(moment_ns: int) -> str:
    """Return a moment as the venue writes it, to the microsecond."""
    return datetime.fromtimestamp(moment_ns // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment_ns % SECOND // 1000:06d}Z"
    )


def moment(moment_ns: int | None) -> str | None:
    """Return a moment that may be missing."""
    return None if moment_ns is None else iso(moment_ns)


def number(units: int) -> msgspec.Raw:
    """Return millionths as a JSON number."""
    return msgspec.Raw(decimal_text(units).encode())


def decimal_text(units: int) -> str:
    """Write millionths without trailing zeros."""
    text = price_text(units)
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- books --


def best_of(book: FeedBook | None) -> tuple[int | None, int | None]:
    """Return the best bid and the best ask."""
    if book is None:
        return None, None
    return book.bids[0][0] if book.bids else None, book.asks[0][0] if book.asks else None


def spread_of(bid: int, ask: int) -> int:
    """Return a spread as the venue shows it: never wider than ten cents."""
    return min(max(0, ask - bid), _WIDEST)


def minimum_size(world: PolySimWorld, market: FeedMarket) -> int:
    """Return the least an order may ask for, in millionths of a share."""
    if not world.options.pm_v2:
        return 100
    return (1 if market.tick <= _FINE_TICK else 5) * DOLLAR


def book_view(
    world: PolySimWorld, market: FeedMarket, token_id: str, depth: int | None = None
) -> dict[str, Any] | None:
    """Return a book with the best level last on each side, None if there is none."""
    book = world.markets.shown_book(token_id)
    if book is None or (not book.bids and not book.asks):
        return None
    shown: dict[str, Any] = {
        "market": market.condition_id,
        "asset_id": token_id,
        "token_id": token_id,
        "timestamp": str(book.at_ns // MILLISECOND),
        "bids": [_level(each) for each in reversed(book.bids[:depth])],
        "asks": [_level(each) for each in reversed(book.asks[:depth])],
        "min_order_size": decimal_text(minimum_size(world, market)),
        "tick_size": decimal_text(market.tick),
        "neg_risk": market.neg_risk,
        "last_trade_price": None if book.last is None else price_text(book.last[0]),
        "stale": False,
    }
    bid, ask = best_of(book)
    if bid is not None and ask is not None:
        shown["spread"], shown["mid"] = price_text(spread_of(bid, ask)), price_text((bid + ask) // 2)
    digest = sha1(msgspec.json.encode(shown), usedforsecurity=False)
    return {**shown, "hash": digest.hexdigest()}


def _level(level: Level) -> dict[str, str]:
    return {"price": price_text(level[0]), "size": decimal_text(level[1])}


# -- prices --


def price_now(world: PolySimWorld, market: FeedMarket, index: int) -> int:
    """Return what an outcome is worth: its payout, the displayed price, or a half where nothing is known."""
    if market.payouts is not None:
        return market.payouts[index]
    shown = world.engine.displayed(market.token_ids[index])
    return HALF if shown is None else shown


def outcomes_of(world: PolySimWorld, market: FeedMarket) -> list[dict[str, str]]:
    """Return the price of every outcome."""
    return [
        {"label": label, "price": price_text(price_now(world, market, place)), "token_id": token_id}
        for place, (label, token_id) in enumerate(zip(market.outcomes, market.token_ids, strict=True))
    ]


def live_price(world: PolySimWorld, market: FeedMarket) -> dict[str, Any]:
    """Return what is shown of prices: `buy` is that of the first outcome, `sell` that of the second."""
    book = world.markets.book(market.token_ids[0])
    return {
        "buy": price_text(price_now(world, market, 0)),
        "sell": price_text(price_now(world, market, 1)),
        "volume": price_text(world.markets.volume(market.condition_id)),
        "updated_at": iso(world.clock.now_ns() if book is None else book.at_ns),
        "source": "clob_on_demand",
        "outcomes": outcomes_of(world, market),
    }


# -- markets --


def market_summary(world: PolySimWorld, market: FeedMarket) -> dict[str, Any]:
    """Return a market as lists show it."""
    volume = world.markets.volume(market.condition_id)
    return {
        "condition_id": market.condition_id,
        "slug": market.slug,
        "question": market.question,
        "outcomes": list(market.outcomes),
        "active": market.status == "open",
        "closed": market.status != "open",
        "is_hot": is_hot(world, market),
        "image_url": None,
        "category": market.category,
        "clob_token_ids": list(market.token_ids),
        "volume_24h": price_text(volume),
        "volume_total": price_text(volume),
        "last_price": price_text(price_now(world, market, 0)),
        "live_price": live_price(world, market),
    }


def is_hot(world: PolySimWorld, market: FeedMarket) -> bool:
    """Tell whether much is traded in an open market, or could be."""
    if market.status != "open":
        return False
    bid, ask = best_of(world.markets.book(market.token_ids[0]))
    close = bid is not None and ask is not None and ask - bid < _WIDEST
    return close or world.markets.volume(market.condition_id) >= _HOT


def market_detail(world: PolySimWorld, market: FeedMarket, *, book: bool = False) -> dict[str, Any]:
    """Return everything the venue tells of a market, with its first book if that is asked for."""
    payouts = market.payouts
    won = [label for place, label in enumerate(market.outcomes) if payouts and payouts[place] == DOLLAR]
    shown = {
        **market_summary(world, market),
        "event_group_id": market.event_id or None,
        "event_title": market.event_title or None,
        "end_date": moment(market.end_ns),
        "resolved_outcome": won[0] if won else None,
        "archived": False,
        "archived_at": None,
        "tokens": [
            {
                "token_id": token_id,
                "outcome": label,
                "price": number(price_now(world, market, place)),
                "winner": payouts is not None and payouts[place] == DOLLAR,
            }
            for place, (token_id, label) in enumerate(zip(market.token_ids, market.outcomes, strict=True))
        ],
        "question_id": market.condition_id,
        "market_slug": market.slug,
        "neg_risk": market.neg_risk,
    }
    if not book:
        return shown
    return {**shown, "order_book": book_view(world, market, market.token_ids[0])}
