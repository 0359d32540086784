"""Live books of the sandbox: who puts orders into them, and what is in them in truth."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from polyspec.core.streams.book import OrderBook
from polyspec.io.options import HttpOptions
from polyspec.sandbox.engine import types as t
from polyspec.us.market_words import MARKET_RHYTHM
from tests.client.us.rig import UNPACED, Venue

__all__ = ["ONE_WAY", "RHYTHM", "TALK", "offer", "options", "same"]

TALK = "MarketDataSubscriptionAPI_BiDirectionalStreamMarketData"
ONE_WAY = "MarketDataSubscriptionAPI_CreateMarketDataSubscription"
RHYTHM = evolve(MARKET_RHYTHM, late=0.3, subscribe=1.0, silent=0.4, shortest=0.02, first=0.05, longest=0.1)
"""As of itself, in a hurry."""


def options(venue: Venue, **changes: Any) -> dict[str, Any]:
    """Return what a client is made with that trusts the sandbox."""
    settings = evolve(UNPACED, http=HttpOptions(verify=venue.sandbox.us.ca or True))
    return venue.client_options() | {"settings": settings} | changes


def offer(venue: Venue, symbol: str, price: int, quantity: int = 100, side: str = "SELL") -> None:
    """Let somebody wait in the book."""
    person = venue.world.trader if side == "BUY" else venue.world.counterparty
    with venue.world.lock:
        venue.world.apply(
            t.PlaceOrder(
                participant=person.name,
                account=person.accounts[0],
                symbol=symbol,
                side=t.Side[side],
                quantity=quantity,
                price=price,
            )
        )


def same(venue: Venue, book: OrderBook) -> bool:
    """Tell whether a book is trusted, and the sandbox's own."""
    with venue.world.lock:
        exchange = venue.world.exchange
        market = exchange.market(book.market)
        told = exchange.book(book.market, 10)
    assert market is not None
    mine = [
        [(int(price * market.price_scale), int(size * market.quantity_scale)) for price, size in side]
        for side in (book.bids(), book.asks())
    ]
    return book.trusted and mine == [[(each.price, each.quantity) for each in side] for side in told]
