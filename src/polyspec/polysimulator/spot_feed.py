"""The stream of spot and market prices (server-sent events) without its connection.

What is asked for is in the address, and nothing can be said after that. Every connection begins with a
snapshot; batches and snapshots are told one by one, so that each message is about one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from attrs import evolve
from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import spot

from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Lost, Raw
from polyspec.core.streams.machine import Action, Emit, Machine, Rhythm
from polyspec.core.streams.server_sent import ServerSent
from polyspec.core.streams.wordless import Wordless
from polyspec.core.typed import decoder
from polyspec.errors import PolyspecError, StreamError
from polyspec.polysimulator.book_reading import millis, take_over
from polyspec.polysimulator.socket_feed import UNREADABLE, tell
from polyspec.polysimulator.spot_reading import price_of, read_spot, updates

__all__ = ["EVERYTHING", "SPOT_RHYTHM", "SpotFeed"]

EVERYTHING: Final = "*"
"""What stands for all symbols."""
SPOT_RHYTHM: Final = Rhythm(ping=None, silent=30.0, late=5.0)
"""The venue shows every 5 s that it is alive, and is dead after 30 s without a byte."""
_PASSING: Final = (408, 425, 429)
"""Refusals that do not last."""
_TICK: Final = "0.01"
_CRYPTO: Final = decoder(wire.CryptoPriceData, float_hook=Decimal)
_TICKS: Final = decoder(wire.TickSizeChangeData)
_BOOK: Final = decoder(wire.OrderBookSnapshot)
_SNAPSHOT: Final = {"prices": "crypto_price", "markets": "market_price", "orderbooks": "orderbook"}
_PIECES: Final = decoder(dict[str, msgspec.Raw])


class SpotFeed:
    """Prices of assets and of markets."""

    channel = "spot"

    def __init__(
        self,
        session: Callable[[], Session],
        chance: Callable[[], float],
        *,
        source: str | None = None,
        background: bool = False,
        rhythm: Rhythm = SPOT_RHYTHM,
    ) -> None:
        self.machine = Machine(Wordless(), evolve(rhythm, ping=None), chance)
        self.prices: dict[str, wire.CryptoPriceData] = {}
        """What was told last of each asset, whichever source it came from."""
        self.markets: dict[str, wire.PriceEvent] = {}
        """What was told last, by condition id."""
        self.books: dict[str, OrderBook] = {}
        """Of the markets asked for, by token, as far as books are told."""
        self._session = session
        self._chance = chance
        self._source = None if source is None else wire.CryptoSource(source)
        self._background = True if background else None
        self._symbols: list[str] | None = None
        self._conditions: list[str] = []

    def want(self, symbols: list[str] | None, conditions: list[str], now: float) -> list[Action]:
        """Ask for these symbols, all if None, and these markets."""
        self._symbols, self._conditions = symbols, conditions
        named = [EVERYTHING] if symbols is None else symbols
        return self.machine.want([*named, *conditions], now)

    def prepare(self) -> Flow[str]:
        """Return the address; something random in it keeps the venue's edge from merging listeners."""
        call = spot.stream_prices(
            crypto=self._symbols or None,
            crypto_source=self._source,
            condition_ids=self._conditions or None,
            background=self._background,
            field=f"{int(self._chance() * 2**52):x}",
        )
        return (yield from self._session().prepare(call)).url

    def lost(self, reason: str) -> None:
        """Trust no book until another connection tells it."""
        for book in self.books.values():
            book.forget(reason)

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone; the code is the status of an answer that was none of events."""
        self.lost(reason)
        if code is not None and 400 <= code < 500 and code not in _PASSING:
            return self.machine.refused(now, StreamError(f"what was asked for was refused: {reason}"))
        return self.machine.ended(now, reason)

    def overflowed(self, now: float) -> list[Action]:
        """Look everything up for a reader who missed some of it."""
        return self.machine.missed(self.machine.wanted, "events were not read as fast as they came", now)

    # -- events --

    def heard(self, message: ServerSent, now: float) -> list[Action]:
        """Read an event."""
        name, data = message.event, message.data
        if not data or name == "keepalive":
            self.machine.received(now, data=False)
            return []
        self.machine.received(now)
        if name == "snapshot":
            return self._snapshot(data, now)
        if not name.endswith("_batch"):
            return self._one(name, data, now)
        try:
            pieces = updates(data)
        except UNREADABLE as error:
            return self._unread(name, data, str(error), now)
        return [action for each in pieces for action in self._one(name.removesuffix("_batch"), each, now)]

    def _snapshot(self, data: bytes, now: float) -> list[Action]:
        try:
            found = _PIECES.decode(data)
            told = [
                (kind, piece)
                for name, kind in _SNAPSHOT.items()
                if name in found
                for piece in updates(bytes(found[name]))
            ]
        except UNREADABLE as error:
            return self._unread("snapshot", data, str(error), now)
        actions = [action for kind, piece in told for action in self._one(kind, piece, now)]
        if self._symbols is None:
            # there may be no price of anything
            actions += self.machine.synced(EVERYTHING, now)
        return actions

    def _one(self, name: str, data: bytes, now: float) -> list[Action]:
        try:
            check_depth(data)
            if name == "crypto_price":
                return self._crypto(_CRYPTO.decode(data), now)
            if name == "market_price":
                return self._market(price_of(data), now)
            if name == "orderbook":
                return self._book(_BOOK.decode(data), now)
            if name == "tick_size_change":
                return self._tick(_TICKS.decode(data), now)
        except UNREADABLE as error:
            return self._unread(name, data, str(error), now)
        return self._unread(name, data, f"an event of the name {name!r:.60}", now)

    def _unread(self, name: str, data: bytes, why: str, now: float) -> list[Action]:
        """Tell what cannot be read as it came; of books nothing is certain after it."""
        if name in ("snapshot", "orderbook", "orderbook_batch", "tick_size_change"):
            for book in self.books.values():
                book.distrust("an event that cannot be read")
        return [Emit(Raw(now, data, f"{name or 'an event'}: {why}"))]

    def _crypto(self, told: wire.CryptoPriceData, now: float) -> list[Action]:
        if self._symbols is not None and told.symbol.upper() not in self._symbols:
            return []
        self.prices[told.symbol] = told
        actions = [tell(now, told.symbol, told)]
        for key in (told.symbol.upper(), EVERYTHING):
            if key in self.machine.unsynced:
                actions += self.machine.synced(key, now)
        return actions

    def _market(self, told: wire.PriceEvent, now: float) -> list[Action]:
        key = (told.condition_id or told.market_id).lower()
        self.markets[key] = told
        settled = self.machine.synced(key, now) if key in self.machine.unsynced else []
        return [tell(now, key, told), *settled]

    def _book(self, told: wire.OrderBookSnapshot, now: float) -> list[Action]:
        token = told.token_id or told.asset_id or ""
        book = self.books.setdefault(token, OrderBook(token, _TICK))
        at = millis(told.timestamp)
        if at >= book.at:
            take_over(book, told.bids, told.asks, at, now, told.tick_size)
        else:
            book.distrust("a book came after a later one")
        return [tell(now, token, told)]

    def _tick(self, told: wire.TickSizeChangeData, now: float) -> list[Action]:
        book = self.books.get(told.asset_id)
        if book is not None and told.tick_size > 0 and 1 % told.tick_size == 0:
            book.set_tick(told.tick_size)
        elif book is not None:
            book.distrust(f"a tick of {told.tick_size}")
        return [tell(now, told.asset_id, told)]

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read what the stream did not tell."""
        del now
        conditions = [each for each in keys if each in self._conditions]
        symbols = [each for each in keys if each not in self._conditions]
        return read_spot(self._session(), symbols, conditions)

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Tell what was read; what the venue does not know is asked for no longer."""
        if isinstance(found, PolyspecError):
            # looked up again when it is late
            return []
        actions: list[Action] = []
        for key in keys:
            answer = found.get(key)
            if isinstance(answer, PolyspecError) and key in self.machine.unsynced:
                actions += [Emit(Lost(now, None, answer, key)), *self._without(key, answer, now)]
            elif isinstance(answer, wire.PriceEvent):
                actions += self._market(answer, now)
            elif isinstance(answer, list):
                actions += [action for each in answer for action in self._crypto(each, now)]
                actions += self.machine.synced(key, now)
        return actions

    def _without(self, key: str, error: PolyspecError, now: float) -> list[Action]:
        """Go on with the rest; without any there is nothing to wait for, as nothing can be added."""
        left = [each for each in self.machine.wanted if each != key]
        return self.machine.want(left, now) if left else self.machine.refused(now, error)
