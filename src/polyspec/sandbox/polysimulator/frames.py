"""What streams say of markets and fills, in the shapes of websockets and of the event stream."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import Any, Final

from polyspec.sandbox.polysimulator.catalogue import Catalogue
from polyspec.sandbox.polysimulator.engine.pricing import displayed
from polyspec.sandbox.polysimulator.engine.units import price_text, quantity_text
from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, Level
from polyspec.sandbox.polysimulator.streams import Fill
from polyspec.sandbox.polysimulator.views import best_of, decimal_text, iso

__all__ = [
    "Top",
    "book_event",
    "fill_frame",
    "levels",
    "millis",
    "price_frame",
    "trade_event",
]

_PLACEHOLDER: Final = "0"


def millis(moment_ns: int) -> int:
    """Return a moment in milliseconds since 1970."""
    return moment_ns // 10**6


@dataclass(frozen=True)
class Top:
    """What is best in the book of a token, and what it last traded at; in millionths."""

    bid: int | None
    ask: int | None
    last: tuple[int, int | None, str, int] | None
    price: int | None
    """What it pays if that is decided, or else what is shown as its price, as everywhere."""

    @classmethod
    def of(cls, feed: Catalogue, token_id: str) -> Top:
        """Look at a token."""
        market, book = feed.market_of(token_id), feed.book(token_id)
        price = None if book is None else displayed(book)
        if market is not None and market.payouts is not None:
            price = market.payouts[market.token_ids.index(token_id)]
        if book is None:
            return cls(None, None, None, price)
        bid, ask = best_of(book)
        return cls(bid, ask, book.last, price)


def _known(**prices: int | None) -> dict[str, str]:
    """Return what is known of prices, as texts."""
    return {name: price_text(value) for name, value in prices.items() if value is not None}


# -- the venue's own shapes --


def price_frame(feed: Catalogue, market: FeedMarket, now_ns: int, source: str) -> dict[str, Any]:
    """Return what the prices channel says of a market."""
    tops = [Top.of(feed, token) for token in market.token_ids]
    first = tops[0]
    outcomes: list[dict[str, Any]] = []
    for label, token, top in zip(market.outcomes, market.token_ids, tops, strict=True):
        last = None if top.last is None else top.last[0]
        told = _known(price=top.price, best_bid=top.bid, best_ask=top.ask, last_trade=last)
        outcomes.append({"label": label, "token_id": token, **told})
    frame: dict[str, Any] = {
        "type": "price",
        "market_id": market.condition_id,
        "condition_id": market.condition_id,
        "emit_ts_ms": millis(now_ns),
        "source": source,
        "updated_at": iso(now_ns),
        "outcomes": outcomes,
        "tokens": {
            token: {"label": label, **_known(price=top.price)}
            for label, token, top in zip(market.outcomes, market.token_ids, tops, strict=True)
        },
        "volume": price_text(feed.volume(market.condition_id)),
        "active": market.status == "open",
        "closed": market.status != "open",
        "ws_updated_at": iso(now_ns),
        **_known(buy=first.price, sell=tops[1].price, best_bid=first.bid, best_ask=first.ask),
    }
    if first.last is not None:
        price, size, side, _ = first.last
        frame |= {"last_trade": price_text(price), "last_trade_side": side}
        if size is not None:
            frame["last_trade_size"] = decimal_text(size)
    return frame


def fill_frame(fill: Fill) -> dict[str, Any]:
    """Return what the executions channel says of a fill."""
    return {
        "type": "fill",
        "order_id": fill.order_id,
        "market_id": fill.condition_id,
        "side": fill.side,
        "outcome": fill.outcome,
        "price": price_text(fill.price),
        "quantity": quantity_text(fill.quantity),
        "filled_at": iso(fill.at_ns),
    }


# -- Polymarket's shapes --


def levels(side: list[Level]) -> list[dict[str, str]]:
    """Return one side of a book with the best level last."""
    return [{"price": price_text(price), "size": decimal_text(size)} for price, size in reversed(side)]


def book_event(market: FeedMarket, token_id: str, book: FeedBook) -> dict[str, Any]:
    """Return a whole book; its hash changes with any of its levels."""
    sides = {"bids": levels(book.bids), "asks": levels(book.asks)}
    return {
        "event_type": "book",
        "asset_id": token_id,
        "market": market.condition_id,
        "tick_size": decimal_text(market.tick),
        "timestamp": str(millis(book.at_ns)),
        "hash": sha1(repr((token_id, sides)).encode(), usedforsecurity=False).hexdigest(),
        **sides,
    }


def change_events(
    market: FeedMarket, token_id: str, old: Top | None, new: Top, now_ns: int
) -> list[dict[str, Any]]:
    """Return what changed of a token: its price, its best prices, its last trade; with placeholder sizes."""
    told: list[dict[str, Any]] = []
    base = {"market": market.condition_id, "asset_id": token_id, "timestamp": str(millis(now_ns))}
    best = _known(best_bid=new.bid, best_ask=new.ask)
    moved = old is None or (old.bid, old.ask) != (new.bid, new.ask)
    if new.price is not None and (moved or old is None or old.price != new.price):
        change = {
            "asset_id": token_id,
            "price": price_text(new.price),
            "size": _PLACEHOLDER,
            "side": "",
            "hash": "",
        }
        told.append(
            {
                "event_type": "price_change",
                "market": base["market"],
                "price_changes": [{**change, **best}],
                "timestamp": base["timestamp"],
            }
        )
    if moved and best:
        told.append({"event_type": "best_bid_ask", **base, **best})
    if old is not None and new.last is not None and new.last != old.last:
        traded = {"price": price_text(new.last[0]), "side": new.last[2], "size": _PLACEHOLDER}
        told.append({"event_type": "last_trade_price", **base, **traded, "fee_rate_bps": _PLACEHOLDER})
    return told


def trade_event(fill: Fill) -> dict[str, Any]:
    """Return what the user channel says of a fill; whose it is goes without saying."""
    second = str(fill.at_ns // 10**9)
    return {
        "event_type": "trade",
        "type": "TRADE",
        "id": str(fill.order_id),
        "taker_order_id": str(fill.order_id),
        "market": fill.condition_id,
        "asset_id": fill.token_id,
        "side": fill.side,
        "size": quantity_text(fill.quantity),
        "price": price_text(fill.price),
        "status": "MATCHED",
        "outcome": fill.outcome,
        "owner": "",
        "trade_owner": "",
        "maker_orders": [],
        "trader_side": "MAKER" if fill.resting else "TAKER",
        "match_time": second,
        "last_update": second,
        "timestamp": str(millis(fill.at_ns)),
    }
