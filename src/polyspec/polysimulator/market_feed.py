"""The market channel, in Polymarket's shapes, without its socket: books that are right, or say they are not.

The channel tells a whole book once per connection, and after that only best prices: its changes have no size
and no side, and are never applied. So a book is right until best prices move or something trades; from then
on it is not trusted until it was read over REST, which is done for all of them together and not more often
than once in `pause` seconds. What changes behind the best prices nobody tells: books are read from time to
time as well (`Rhythm.audit`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Lost
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Resync, Rhythm
from polyspec.core.typed import decoder
from polyspec.errors import AuthError, ConfigError, NotFound, PolyspecError
from polyspec.polysimulator.book_machine import BookMachine
from polyspec.polysimulator.book_reading import Best, as_event, millis, read_books, take_over
from polyspec.polysimulator.pm_words import PmWords, complaint, is_pong
from polyspec.polysimulator.socket_feed import UNREADABLE, SocketFeed, as_bytes, tell

__all__ = ["MARKET_RHYTHM", "MOST_TOKENS", "PAUSE", "MarketFeed"]

MOST_TOKENS: Final = 50
"""Tokens on one connection."""
MARKET_RHYTHM: Final = Rhythm(quiet=15.0, late=3.0, audit=10.0)
"""Every book is read at least once in 10 s, sooner when best prices move."""
PAUSE: Final = 1.0
"""Seconds between two readings; the venue allows 600 a minute and network address."""
_TICK: Final = "0.01"
"""Of a book before its first snapshot says otherwise."""
_BEHIND: Final = "REST has other best prices than the stream"
_DECODER: Final = decoder(wire.PmMarketEvent | list[wire.PmMarketEvent])
_HARMLESS: Final = frozenset({"pong", "error", "new_market", "market_resolved"})


class MarketFeed(SocketFeed):
    """Books and prices of tokens."""

    channel = "market"
    strict = True

    def __init__(
        self,
        session: Callable[[], Session],
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = MARKET_RHYTHM,
        pause: float = PAUSE,
    ) -> None:
        super().__init__(session)
        self._reader = BookMachine(PmWords("market"), rhythm, chance, pause=pause)
        self.machine = self._reader
        self.books: dict[str, OrderBook] = {}
        self._best: dict[str, Best] = {}
        self._named = False
        """Whether the venue wants to know who asks."""
        self._looked_on = 0
        self._traded: set[str] = set()
        """What something was traded of since the look began."""
        self._data = 0.0
        """Monotonic second of the last thing the channel told."""

    # -- what is asked for --

    def want(self, tokens: list[str], now: float) -> list[Action]:
        """Ask for exactly these tokens."""
        if len(tokens) > MOST_TOKENS:
            raise ConfigError(
                f"one stream follows {MOST_TOKENS} tokens at most, not {len(tokens)}: open another for more"
            )
        for token in tokens:
            if token not in self.books:
                self.books[token], self._best[token] = OrderBook(token, _TICK), Best()
        for token in [each for each in self.books if each not in tokens]:
            self.books.pop(token).begin_sync("not asked for any longer")
            self._best.pop(token)
            self._reader.fresh(token)
        return self.machine.want(tokens, now)

    def prepare(self) -> Flow[str]:
        """Return the address; the channel is for anybody, and takes no place of the plan's that way."""
        return (yield from self._address(named=self._named))

    def lost(self, reason: str) -> None:
        """Trust no book until another connection tells it."""
        super().lost(reason)
        self._reader.rested()
        for token, book in self.books.items():
            book.forget(reason)
            self._best[token] = Best()

    # -- messages --

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        if is_pong(message):
            self.machine.received(now, data=False)
            self._welcomed()
            return []
        try:
            told = _DECODER.decode(message)
        except UNREADABLE as error:
            self.machine.received(now)
            return self._other(as_bytes(message), str(error), now)
        each = told if isinstance(told, list) else [told]
        self.machine.received(now, data=any(not isinstance(one, wire.PmPongEvent) for one in each))
        return [action for one in each for action in self._told(one, now)]

    def _told(self, told: Any, now: float) -> list[Action]:
        if isinstance(told, wire.PmErrorEvent):
            return self._complained(told, now)
        self._welcomed()
        if isinstance(told, wire.PmPongEvent):
            return []
        self._data = now
        if isinstance(told, wire.PmPriceChangeEvent):
            actions = [tell(now, told.market or "", told)]
            at = millis(told.timestamp)
            for each in told.price_changes:
                actions += self._moved(each.asset_id, each.best_bid, each.best_ask, at, now)
            return actions
        if isinstance(told, wire.PmBookEvent):
            return self._whole(told, now)
        if isinstance(told, wire.PmBestBidAskEvent):
            at = millis(told.timestamp)
            shown = tell(now, told.asset_id, told)
            return [shown, *self._moved(told.asset_id, told.best_bid, told.best_ask, at, now)]
        # a trade: less is left of what it was made with, and nobody says how much
        self._traded.add(told.asset_id)
        return [tell(now, told.asset_id, told), *self._stale([told.asset_id], "something traded", now)]

    def _whole(self, told: wire.PmBookEvent, now: float) -> list[Action]:
        shown = tell(now, told.asset_id, told)
        token, book, at = told.asset_id, self.books.get(told.asset_id), millis(told.timestamp)
        if book is None:
            return [shown]
        if not take_over(book, told.bids, told.asks, at, now, told.tick_size):
            return [shown, *self._stale([token], book.why, now)]
        return [shown, *self._judged(token, at, now)]

    def _judged(self, token: str, at: int, now: float) -> list[Action]:
        """Trust a book that has the best prices that were told, or is newer than those."""
        book, best = self.books[token], self._best[token]
        if best.known and not best.agrees(book):
            if at < best.at:
                return self._stale([token], _BEHIND, now)
            self._best[token] = Best(book.bid, book.ask, at)
        self._reader.fresh(token)
        return self.machine.synced(token, now)

    def _moved(self, token: str, bid: str | None, ask: str | None, at: int, now: float) -> list[Action]:
        book, best = self.books.get(token), self._best.get(token)
        if book is None or best is None:
            return []
        if not best.tell(bid, ask, at):
            return self._stale([token], "best prices came after later ones", now)
        if best.known and best.agrees(book):
            return []
        return self._stale([token], f"the best prices are {bid or 'none'} and {ask or 'none'} now", now)

    def _stale(self, tokens: Iterable[str], why: str, now: float) -> list[Action]:
        """Trust no book of these until it was read anew."""
        mine = [each for each in tokens if each in self.books]
        for each in mine:
            self.books[each].distrust(why)
        return self._reader.stale(mine, now) if mine else []

    def _complained(self, told: wire.PmErrorEvent, now: float) -> list[Action]:
        codes = wire.SocketErrorCode
        actions = [tell(now, "", told)]
        self._too_many = self._too_many or told.error == codes.MAX_WS_EXCEEDED
        if told.error == codes.UNKNOWN_ASSET:
            # which of them it is, REST tells
            unsynced = tuple(sorted(self.machine.unsynced))
            return [*actions, *([Resync(unsynced, "an asset is not known")] if unsynced else [])]
        if told.error in (codes.AUTH_REQUIRED, codes.AUTH_INVALID) and not self._named:
            # some day it may not be for anybody any more
            self._named = self._has_credentials
            if self._named:
                return [*actions, *self.machine.distrusted(now, "the venue wants to know who asks")]
        error = complaint(told, welcome=self._welcome)
        return [*actions, *([] if error is None else self.machine.refused(now, error))]

    def _other(self, text: bytes, why: str, now: float) -> list[Action]:
        actions, plain = self._unread(text, why, now)
        kind = None if plain is None else plain.get("event_type")
        if isinstance(kind, str) and (kind in _HARMLESS or kind not in _NAMES):
            return actions
        for each in self.books.values():
            each.distrust("a message that cannot be read")
        return actions + self.machine.missed(self.machine.wanted, "a message that cannot be read", now)

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read the books of tokens."""
        del now
        self._looked_on = self._connection
        self._traded.clear()
        return read_books(self._session(), [each for each in keys if each in self.books])

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Take in the books of tokens, or that there are none."""
        if self._looked_on != self._connection:
            return []
        if isinstance(found, AuthError):
            return self.machine.refused(now, found)
        actions: list[Action] = []
        for token in keys:
            answer = found if isinstance(found, PolyspecError) else found.get(token)
            if token not in self.books or answer is None:
                # not asked for any longer, or only since the look began
                continue
            if isinstance(answer, PolyspecError):
                actions += self._not_read(token, answer, now)
            else:
                actions += self._read(token, answer, now)
        return actions

    def _not_read(self, token: str, error: PolyspecError, now: float) -> list[Action]:
        book = self.books[token]
        if isinstance(error, NotFound) and token in self.machine.unsynced and book.received < 0:
            left = [each for each in self.machine.wanted if each != token]
            return [Emit(Lost(now, None, error, token)), *self.want(left, now)]
        book.distrust(f"not to be verified: {error}")
        return self._reader.stale([token], now)

    def _read(self, token: str, told: wire.OrderBookSnapshot, now: float) -> list[Action]:
        book, best, at = self.books[token], self._best[token], millis(told.timestamp)
        before = _levels(book) if book.trusted else None
        if not take_over(book, told.bids, told.asks, max(at, book.at), now, told.tick_size):
            return self._stale([token], book.why, now)
        shown = [tell(now, token, as_event(token, told))] if before != _levels(book) else []
        if token in self._traded:
            return [*shown, *self._stale([token], "something traded while it was read", now)]
        quiet = self.machine.rhythm.quiet
        newer = best.known and at > best.at and not best.agrees(book)
        if newer and quiet is not None and now - self._data >= quiet:
            why = f"the best prices of {token} moved and the stream did not tell"
            return [*shown, *self.machine.distrusted(now, why)]
        return [*shown, *self._judged(token, at, now)]


_NAMES: Final = frozenset({"book", "price_change", "best_bid_ask", "last_trade_price"})


def _levels(book: OrderBook) -> tuple[Any, ...]:
    return book.tick, tuple(book.bids()), tuple(book.asks())
