"""The stream of spot and market prices, as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from polyspec.sandbox.polysimulator.engine.units import price_text
from polyspec.sandbox.polysimulator.feed import FeedMarket
from polyspec.sandbox.polysimulator.frames import levels, millis, price_frame
from polyspec.sandbox.polysimulator.spot import CHAINLINK, SOURCES, Source, Tick
from polyspec.sandbox.polysimulator.streams import sorted_out
from polyspec.sandbox.polysimulator.views import iso, number

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["PriceStream", "Wanted", "encoded", "sources_of"]

_PAUSE: Final = 0.25
"""Seconds between two looks at the clock."""
_KEEPALIVE: Final = 5 * 10**9
_ORACLE: Final = SOURCES[CHAINLINK].label
_CUTTING: Final = ("stream_cut", "stream_drop")
_GARBAGE: Final = b'\xff\xfe\x00 not an event\nevent: market_price\ndata: {"condition_id": \n\n'
Event = tuple[str, Any]
"""A name and what goes with it."""


@dataclass(frozen=True)
class Wanted:
    """What one listener asked for."""

    symbols: Sequence[str]
    sources: Sequence[Source]
    condition_ids: Sequence[str]


class PriceStream:
    """What one listener is told; whoever calls it holds the world's lock."""

    def __init__(self, world: PolySimWorld, wanted: Wanted, *, fault: str = "") -> None:
        """Tell what is wanted; a fault, one of `STREAM_KINDS`, spoils what comes after the snapshot."""
        self._world = world
        self._fault = fault
        self._wanted = wanted
        self._ticks: dict[tuple[str, Source], Tick] = {}
        self._tick_sizes: dict[str, int] = {}
        self._told = 0

    def snapshot(self) -> list[Event]:
        """Return everything as it is now."""
        world, now = self._world, self._world.clock.now_ns()
        markets = self._markets(self._wanted.condition_ids)
        self._tick_sizes = {each.condition_id: each.tick for each in markets}
        whole = {
            "markets": [price_frame(world.markets, each, now, "websocket") for each in markets],
            "orderbooks": [book for each in markets for book in self._books(each)],
            "prices": [_spot(each) for each in self._moved(now)],
            "timestamp": iso(now),
        }
        self._told = now
        return [("snapshot", whole)]

    def news(self, changed: Sequence[str]) -> list[Event]:
        """Return what changed, or a sign of life if nothing did for a while."""
        world, now = self._world, self._world.clock.now_ns()
        markets = self._markets([each for each in changed if each in self._wanted.condition_ids])
        told = [
            *_spots(self._moved(now)),
            *(("tick_size_change", each) for market in markets for each in self._new_tick_sizes(market)),
            *_one_or_batch(
                "market_price", [price_frame(world.markets, each, now, "websocket") for each in markets]
            ),
            *_one_or_batch("orderbook", [book for each in markets for book in self._books(each)]),
        ]
        if not told and now - self._told >= _KEEPALIVE:
            told = [("keepalive", {"timestamp": iso(now)})]
        if told:
            self._told = now
        return told

    def _moved(self, now_ns: int) -> list[Tick]:
        """Return the spot prices that were told since the last time."""
        fresh: list[Tick] = []
        for symbol in self._wanted.symbols:
            for source in self._wanted.sources:
                # the faster source is told once a second as well: the stream is a summary
                tick = self._world.updown.spot.tick(symbol, now_ns - now_ns % 10**9, source)
                if self._ticks.get((symbol, source)) != tick:
                    self._ticks[symbol, source] = tick
                    fresh.append(tick)
        return fresh

    def _markets(self, condition_ids: Sequence[str]) -> list[FeedMarket]:
        found = (self._world.markets.market(each) for each in condition_ids)
        return [each for each in found if each is not None]

    def _books(self, market: FeedMarket) -> list[dict[str, Any]]:
        shown = ((token, self._world.markets.shown_book(token)) for token in market.token_ids)
        return [
            {
                "market": market.condition_id,
                "token_id": token,
                "asset_id": token,
                "bids": levels(book.bids),
                "asks": levels(book.asks),
                "timestamp": str(millis(book.at_ns)),
                "tick_size": price_text(market.tick),
            }
            for token, book in shown
            if book is not None
        ]

    def _new_tick_sizes(self, market: FeedMarket) -> list[dict[str, Any]]:
        old = self._tick_sizes.get(market.condition_id, market.tick)
        self._tick_sizes[market.condition_id] = market.tick
        if old == market.tick:
            return []
        return [
            {
                "type": "tick_size_change",
                "market": market.condition_id,
                "asset_id": token,
                "tick_size": number(market.tick),
                "old_tick_size": number(old),
                "side": "",
                "ts_ms": millis(self._world.clock.now_ns()),
            }
            for token in market.token_ids
        ]

    async def run(self) -> AsyncIterator[bytes]:
        """Tell everything, and then what changes, until the listener leaves."""
        world = self._world
        box = world.hub.open()
        try:
            with world.lock:
                events = self.snapshot()
            while True:
                for event in events:
                    fault = self._spoiling(event)
                    if fault == "stream_silent":
                        continue
                    if fault == "stream_garbage":
                        self._fault = ""
                        yield _GARBAGE
                    if fault in _CUTTING:
                        whole = encoded(event)
                        yield whole[: len(whole) // 2]
                        if fault == "stream_drop":
                            raise ConnectionResetError
                        return
                    yield encoded(event)
                # time passes without news, too: what the clock moves is looked for
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(box.wait(), _PAUSE)
                if box.over:
                    return
                with world.lock:
                    world.jobs.run_due()
                    events = self.news(sorted_out(box.take())[0])
        finally:
            world.hub.close(box)

    def _spoiling(self, event: Event) -> str:
        """Return the fault that meets an event; the snapshot comes unharmed."""
        return "" if event[0] == "snapshot" else self._fault


def encoded(event: Event) -> bytes:
    """Return an event as it goes over the wire."""
    name, data = event
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"


def _spot(tick: Tick) -> dict[str, Any]:
    return {
        "symbol": tick.symbol,
        "price": number(tick.price),
        "source": tick.source,
        "timestamp": millis(tick.at_ns),
    }


def _spots(moved: Sequence[Tick]) -> list[Event]:
    """Tell prices of the oracle one by one, as many listeners expect; those of the exchanges come in bulk."""
    oracle = [each for each in moved if each.source == _ORACLE]
    others = [_spot(each) for each in moved if each.source != _ORACLE]
    return [*(("crypto_price", _spot(each)) for each in oracle), *_one_or_batch("crypto_price", others)]


def _one_or_batch(name: str, updates: list[Any]) -> list[Event]:
    if not updates:
        return []
    return [(name, updates[0])] if len(updates) == 1 else [(f"{name}_batch", {"updates": updates})]


def sources_of(name: str) -> tuple[Source, ...]:
    """Return the sources a listener wants: the one it named, or all."""
    return tuple(each for each in SOURCES if not name or each == name)
