"""The CLOB's world as the market feed of venues that mirror it, so that all of them show one world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.clock import to_ns
from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, FeedSide

__all__ = ["ClobFeed"]

_OPENED: Final = to_ns(datetime(2026, 10, 1, 12, tzinfo=UTC))
_ENDS: Final = to_ns(datetime(2027, 12, 31, tzinfo=UTC))
_SIDES: Final[dict[t.Side, FeedSide]] = {t.Side.BUY: "BUY", t.Side.SELL: "SELL"}


class ClobFeed:
    """Reads markets, books and trades of a CLOB's world.

    The CLOB need not be served for it: whoever asks lets its time pass first.
    """

    def __init__(self, world: ClobWorld) -> None:
        self._world = world
        self._listed: dict[str, int] = {}
        """When a market was listed that was not there from the beginning."""
        with world.lock:
            world.listeners.append(self._note)

    def markets(self) -> list[FeedMarket]:
        """Return all markets, in the order they were listed."""
        with self._world.lock:
            self._world.jobs.run_due()
            return [self._market(each) for each in self._world.listings.values()]

    def market(self, condition_id: str) -> FeedMarket | None:
        """Return a market."""
        with self._world.lock:
            self._world.jobs.run_due()
            found = self._world.listings.get(condition_id)
            return None if found is None else self._market(found)

    def market_of(self, token_id: str) -> FeedMarket | None:
        """Return the market of a token."""
        with self._world.lock:
            self._world.jobs.run_due()
            found = self._world.listing_of(token_id)
            return None if found is None else self._market(found)

    def book(self, token_id: str) -> FeedBook | None:
        """Return the book of a token; the CLOB keeps one for both outcomes, so it is merged already."""
        with self._world.lock:
            self._world.jobs.run_due()
            exchange = self._world.exchange
            book = exchange.book(token_id)
            if book is None:
                return None
            statistics = exchange.statistics(book.condition_id)
            last = exchange.last_trade(token_id)
            return FeedBook(
                bids=[(each.price, each.size) for each in book.bids],
                asks=[(each.price, each.size) for each in book.asks],
                at_ns=book.time,
                last=None
                if last is None or statistics is None
                else (last[0], statistics.last_size, _SIDES[last[1]], statistics.last_time),
            )

    def points(self, token_id: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Return moments and prices of a token's trades from a moment until before another, oldest first."""
        with self._world.lock:
            self._world.jobs.run_due()
            found = self._world.exchange.price_points(token_id, start_ns, end_ns)
            return [(each.time, each.price) for each in found]

    def volume(self, condition_id: str) -> int:
        """Return what was ever paid in a market, in millionths of a dollar."""
        with self._world.lock:
            self._world.jobs.run_due()
            found = self._world.exchange.statistics(condition_id)
            return 0 if found is None else found.notional

    def resolve(self, condition_id: str, payouts: tuple[int, ...]) -> None:
        """Decide a market of the CLOB; raises ValueError if it does not let itself be decided so."""
        first, second = payouts
        with self._world.lock:
            self._world.jobs.run_due()
            events = self._world.apply(t.Resolve(condition_id=condition_id, payouts=(first, second)))
        refused = [each.text for each in events if isinstance(each, t.CommandRefused)]
        if refused:
            raise ValueError(refused[0])

    def subscribe(self, callback: Callable[[str], None]) -> None:
        """Call back with the condition id of every market something happens in."""

        def heard(events: list[t.Event]) -> None:
            for condition_id in {_about(each) for each in events} - {None}:
                assert condition_id is not None
                callback(condition_id)

        with self._world.lock:
            self._world.listeners.append(heard)

    def _note(self, events: list[t.Event]) -> None:
        for event in events:
            if isinstance(event, t.MarketListed):
                self._listed[event.condition_id] = event.time

    def _market(self, listing: Listing) -> FeedMarket:
        exchange = self._world.exchange
        terms = exchange.market(listing.condition_id)
        assert terms is not None, listing.condition_id
        payouts = exchange.payouts(listing.condition_id)
        opened = exchange.market_status(listing.condition_id) is t.MarketStatus.OPEN
        return FeedMarket(
            condition_id=listing.condition_id,
            question=listing.question,
            slug=listing.slug,
            category=listing.category,
            outcomes=listing.outcomes,
            token_ids=listing.token_ids,
            tick=terms.tick,
            neg_risk=listing.neg_risk,
            event_id=listing.event_slug,
            event_title=listing.event_title,
            group_item=listing.group_item,
            status="resolved" if payouts is not None else "open" if opened else "closed",
            payouts=payouts,
            start_ns=self._listed.get(listing.condition_id, _OPENED),
            end_ns=_ENDS,
            created_ns=self._listed.get(listing.condition_id, _OPENED),
        )


def _about(event: t.Event) -> str | None:
    """Return the market an event happened in."""
    if isinstance(event, t.OrderEvent):
        return event.order.condition_id
    return getattr(event, "condition_id", None)
