"""The market channel without its socket: books that are right, or say that they are not.

The channel has no sequence numbers. What shows that something was lost or spoilt: best prices that are not
those of the book, times that run backwards, a book that crosses itself, a message nobody can read. Levels
deep in a book prove nothing, so all books are held against REST from time to time as well. A book that is in
doubt is read anew over REST while what changes meanwhile is held back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from polyspec_wire.clob import models as wire

from polyspec.clob.book_reading import Readings, read_books
from polyspec.clob.market import TokenMarkets
from polyspec.clob.ticks import tick_of
from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.streams.book import BookState, Change, OrderBook
from polyspec.core.streams.events import Event, Lost, Message, Raw
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Machine, Resync, Rhythm
from polyspec.core.typed import decoder
from polyspec.errors import NotFound, PolyspecError

__all__ = ["MARKET_RHYTHM", "MarketFeed", "MarketWords"]

MARKET_RHYTHM: Final = Rhythm(quiet=15.0, late=3.0, audit=25.0)
"""Every book is held against REST at least once in 25 s, sooner when nothing is told."""
_PONGS: Final = (b"PONG", "PONG")
_TICK: Final = "0.01"
"""Of a book before its first snapshot says otherwise."""
_LATE: Final = "a snapshot came after later changes"
_OWED: Final = 5.0
"""Seconds in which a stream tells what REST told before it."""

_DECODER: Final = decoder(wire.MarketEvent | list[wire.MarketEvent])
_ONE: Final = decoder(wire.MarketEvent)
_MANY: Final = decoder(list[msgspec.Raw])
_TAGGED: Final = decoder(dict[str, Any])
_KNOWN: Final = frozenset(
    {"book", "price_change", "last_trade_price", "tick_size_change", "best_bid_ask", "new_market",
     "market_resolved"}
)  # fmt: skip
# what says nothing of levels cannot spoil a book, however it is spoilt itself
_HARMLESS: Final = frozenset({"last_trade_price", "new_market", "market_resolved", "best_bid_ask"})


_UNVERIFIED: Final = 4
"""Looks that may fail in a row before a book that is told well is not trusted any longer."""


class MarketWords:
    """What is said to the market channel."""

    def __init__(self, *, custom: bool) -> None:
        self._custom = True if custom else None

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for tokens on a new connection."""
        return [wire.MarketSubscription(assets_ids=keys, custom_feature_enabled=self._custom)]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for more tokens, and for fewer."""
        operations = wire.SubscriptionOperation
        asked: list[object] = []
        if added:
            asked.append(
                wire.MarketSubscriptionUpdate(
                    operation=operations.SUBSCRIBE, assets_ids=added, custom_feature_enabled=self._custom
                )
            )
        if removed:
            asked.append(wire.MarketSubscriptionUpdate(operation=operations.UNSUBSCRIBE, assets_ids=removed))
        return asked

    def ping(self) -> object:
        """Ask for a sign of life."""
        return "PING"


class MarketFeed:
    """Books and prices of tokens."""

    def __init__(
        self,
        session: Session,
        markets: TokenMarkets,
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = MARKET_RHYTHM,
        custom: bool = False,
    ) -> None:
        """Prepare a feed of nothing; `custom` asks for best prices and new and ended markets as well."""
        self.machine = Machine(MarketWords(custom=custom), rhythm, chance)
        self.books: dict[str, OrderBook] = {}
        self._session = session
        self._markets = markets
        self._readings = Readings(self.books)

    # -- what is asked for --

    def want(self, tokens: list[str], now: float) -> list[Action]:
        """Ask for exactly these tokens."""
        for token in tokens:
            if token not in self.books:
                self.books[token] = OrderBook(token, _TICK)
        for token in [each for each in self.books if each not in tokens]:
            self.books.pop(token).begin_sync("not asked for any longer")
            self._readings.forget(token)
        return self.machine.want(tokens, now)

    def prepare(self) -> Flow[None]:
        """Do nothing: the channel is for anybody."""
        yield from ()

    def lost(self, reason: str) -> None:
        """Trust no book until another connection tells it."""
        for book in self.books.values():
            book.forget(reason)
        self._readings.clear()

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone."""
        del code
        self.lost(reason)
        return self.machine.ended(now, reason)

    def overflowed(self, now: float) -> list[Action]:
        """Look all books up for a reader who missed changes; the books here know them."""
        return self.machine.missed(self.machine.wanted, "events were not read as fast as they came", now)

    # -- messages --

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        if len(message) == 4 and message in _PONGS:
            self.machine.received(now, data=False)
            return []
        self.machine.received(now)
        try:
            check_depth(message)
            told = _DECODER.decode(message)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return self._spelt_out(message, now)
        if type(told) is wire.PriceChangeEvent:
            return self._changed(told, now)
        if isinstance(told, list):
            return [action for each in told for action in self._told(each, now)]
        return self._told(told, now)

    def _told(self, told: Any, now: float) -> list[Action]:
        if isinstance(told, wire.PriceChangeEvent):
            return self._changed(told, now)
        if isinstance(told, wire.BookEvent):
            return self._replaced(told, now)
        if isinstance(told, wire.TickSizeChangeEvent):
            return self._tick_changed(told, now)
        if isinstance(told, wire.BestBidAskEvent):
            return self._best(told, now)
        return [_message(now, getattr(told, "asset_id", "") or told.market, told)]

    def _changed(self, told: wire.PriceChangeEvent, now: float) -> list[Action]:
        changes = told.price_changes
        actions: list[Action] = [_message(now, told.market, told)]
        try:
            at = int(told.timestamp)
        except ValueError:
            return actions + self._doubt({each.asset_id for each in changes}, "a time that is none", now)
        if len(changes) == 1 or (len(changes) == 2 and changes[0].asset_id != changes[1].asset_id):
            for each in changes:
                self._apply(each, [(each.side, each.price, each.size)], at, now, actions)
            return actions
        parts: dict[str, list[Change]] = {}
        last: dict[str, wire.PriceChangeMessage] = {}
        for each in changes:
            parts.setdefault(each.asset_id, []).append((each.side, each.price, each.size))
            last[each.asset_id] = each
        for token, part in parts.items():
            self._apply(last[token], part, at, now, actions)
        return actions

    def _apply(
        self, told: wire.PriceChangeMessage, part: list[Change], at: int, now: float, actions: list[Action]
    ) -> None:
        token = told.asset_id
        book = self.books.get(token)
        if book is None:
            return
        if self._readings.open:
            self._readings.note(token, part, at)
        before = book.at
        if not book.update(part, at, now):
            if book.state is BookState.STALE:
                actions += self._doubt((token,), book.why, now)
        elif at >= before and told.best_bid is not None and not book.check(told.best_bid, told.best_ask):
            actions += self._doubt((token,), book.why, now)

    def _best(self, told: wire.BestBidAskEvent, now: float) -> list[Action]:
        actions = [_message(now, told.asset_id, told)]
        book = self.books.get(told.asset_id)
        if book is None or not book.trusted:
            return actions
        if _millis(told.timestamp) >= book.at and not book.check(told.best_bid, told.best_ask):
            actions += self._doubt((told.asset_id,), book.why, now)
        return actions

    def _replaced(self, told: wire.BookEvent, now: float) -> list[Action]:
        actions = [_message(now, told.asset_id, told)]
        token, book = told.asset_id, self.books.get(told.asset_id)
        if book is None:
            return actions
        at = _millis(told.timestamp)
        if at < self._readings.since(token) or (book.trusted and at < book.at):
            # an old one that comes late: what it says is no news, and that it comes is a bad sign
            return actions + (self._doubt((token,), _LATE, now) if book.trusted else [])
        trusted = book.replace(_pairs(told.bids), _pairs(told.asks), at, now, tick=_tick(told.tick_size))
        if not trusted:
            return actions + self._doubt((token,), book.why, now)
        self._readings.told(token, now)
        return actions + self.machine.synced(token, now)

    def _tick_changed(self, told: wire.TickSizeChangeEvent, now: float) -> list[Action]:
        actions = [_message(now, told.asset_id, told)]
        try:
            tick = tick_of(told.new_tick_size)
        except PolyspecError:
            self._markets.forget(told.asset_id)
            return actions + self._doubt((told.asset_id,), "a tick that is none of the venue's", now)
        self._markets.set_tick(told.asset_id, tick)
        book = self.books.get(told.asset_id)
        if book is None:
            return actions
        epoch = book.epoch
        book.set_tick(told.new_tick_size)
        if book.epoch == epoch:
            return actions
        return actions + self._doubt((told.asset_id,), book.why, now)

    # -- what cannot be read --

    def _spelt_out(self, message: Text, now: float) -> list[Action]:
        """Read piece by piece what cannot be read as a whole; what stays unread is told as it came."""
        text = message.encode() if isinstance(message, str) else bytes(message)
        try:
            pieces = [bytes(each) for each in _MANY.decode(text)] if text[:1] == b"[" else [text]
        except (msgspec.DecodeError, ValueError, RecursionError):
            pieces = [text]
        return [action for each in pieces for action in self._piece(each, now)]

    def _piece(self, text: bytes, now: float) -> list[Action]:
        try:
            check_depth(text)
            return self._told(_ONE.decode(text), now)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            why = str(error)
        try:
            check_depth(text)
            plain = _TAGGED.decode(text)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raw: Event = Raw(now, text, "not a JSON object")
            return [Emit(raw), *self._doubt(self.books, "a message that cannot be read", now)]
        kind = plain.get("event_type")
        actions: list[Action] = [Emit(Raw(now, plain, why))]
        if isinstance(kind, str) and (kind not in _KNOWN or kind in _HARMLESS):
            return actions
        token = plain.get("asset_id")
        tokens = [token] if isinstance(token, str) and token in self.books else list(self.books)
        return actions + self._doubt(tokens, "a message that is not as specified", now)

    def _doubt(self, tokens: Any, why: str, now: float) -> list[Action]:
        """Hold back what changes of tokens until each was read anew."""
        mine = [each for each in tokens if each in self.books]
        for each in mine:
            self._readings.doubt(each, why)
        return self.machine.missed(mine, why, now) if mine else []

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read the books of tokens."""
        del now
        asked = [each for each in keys if each in self.books]
        for each in asked:
            self._readings.begin(each)
        return read_books(self._session, asked)

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Take in the books of tokens, or that there are none."""
        actions: list[Action] = []
        for token in keys:
            answer = found if isinstance(found, PolyspecError) else found.get(token)
            if token not in self.books or answer is None:
                # not asked for any longer, or only since the look began
                continue
            if isinstance(answer, PolyspecError):
                actions += self._not_found(token, answer, now)
            else:
                actions += self._read(token, answer, now)
        overdue = self._readings.overdue(now)
        if overdue is not None:
            why = f"the book of {overdue} changed and the stream did not tell"
            actions += self.machine.distrusted(now, why)
        return actions

    def _not_found(self, token: str, error: PolyspecError, now: float) -> list[Action]:
        self._readings.failed(token)
        book, audit = self.books[token], self.machine.rhythm.audit
        if book.trusted:
            # who cannot be held against anything is not trusted for ever
            long = audit is not None and now - self._readings.verified(token) > _UNVERIFIED * audit
            return self._doubt((token,), f"not to be verified: {error}", now) if long else []
        if not isinstance(error, NotFound) or error.maybe_executed:
            # it is looked up again when it is late
            return []
        left = [each for each in self.machine.wanted if each != token]
        return [Emit(Lost(now, None, error, token)), *self.want(left, now)]

    def _read(self, token: str, told: wire.OrderBookSummary, now: float) -> list[Action]:
        verdict = self._readings.judge(token, told, _millis(told.timestamp), now, _OWED)
        if verdict.useless:
            why = f"the books of REST are older than what was told of {token}"
            return self.machine.distrusted(now, why)
        if verdict.again:
            return [Resync((token,), "REST was behind the stream")]
        actions: list[Action] = []
        if verdict.differs:
            actions += self.machine.missed((), f"the book of {token} was not that of REST", now)
        if verdict.adopted:
            actions.append(_message(now, token, _as_told(told)))
        if self.books[token].trusted:
            actions += self.machine.synced(token, now)
        return actions


def _message(now: float, key: str, native: Any) -> Action:
    return Emit(Message(now, key, native))


def _as_told(book: wire.OrderBookSummary) -> wire.BookEvent:
    """Say a book of REST in the words of the channel."""
    bids, asks = (
        [wire.BookLevel(price=str(each.price), size=str(each.size)) for each in side]
        for side in (book.bids, book.asks)
    )
    return wire.BookEvent(
        asset_id=book.asset_id,
        market=book.market,
        bids=bids,
        asks=asks,
        timestamp=book.timestamp,
        hash=book.hash,
        min_order_size=str(book.min_order_size),
        tick_size=str(book.tick_size),
        neg_risk=book.neg_risk,
        last_trade_price=book.last_trade_price,
    )


def _pairs(levels: Any) -> list[tuple[Any, Any]]:
    return [(each.price, each.size) for each in levels]


def _tick(text: str | None) -> str | None:
    try:
        return None if text is None else tick_of(text).text
    except PolyspecError:
        return None


def _millis(text: str) -> int:
    """Return a time in the venue's milliseconds; 0, which is older than everything, for what is none."""
    try:
        return int(text)
    except ValueError:
        return 0
