"""Market data of the US exchange without its connection: every update is a whole book.

Nothing is put together from pieces, so a book is right from its first update on, until the connection is
gone. What is not: an update older than the book, which is passed over; a crossed market, a price off the
grid, a book the venue hides, scales that make no sense or are not known yet. A book says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Lost, Message, Raw, StreamState
from polyspec.core.streams.machine import Action, Emit, Machine, Resync, Rhythm, Write
from polyspec.errors import NotFound, PolyspecError
from polyspec.us.cache import InstrumentCache
from polyspec.us.market_books import KeptBook
from polyspec.us.market_scales import Scales, read_scales
from polyspec.us.market_words import EVERYTHING, MARKET_RHYTHM, BookTerms, MarketWords
from polyspec.us.protos import Rpc

__all__ = ["MarketFeed"]

_ASKED_AGAIN: Final = 100
"""Symbols that are asked for again at a time."""
_UNLISTED: Final = 10.0
"""Seconds in which a stream of everything tells all there is."""
_HARMLESS: Final = frozenset({"ALREADY_SUBSCRIBED", "NOT_SUBSCRIBED"})
_OK: Final = 0


class MarketFeed:
    """Books of symbols, or of all there are."""

    def __init__(
        self,
        session: Session,
        instruments: InstrumentCache,
        rpc: Rpc,
        chance: Callable[[], float],
        *,
        terms: BookTerms,
        rhythm: Rhythm = MARKET_RHYTHM,
        books: dict[str, OrderBook] | None = None,
    ) -> None:
        """Prepare a feed of nothing; feeds that share a stream share `books`."""
        self.mends: frozenset[int] = frozenset()
        self._words = MarketWords(rpc.request, terms)
        self.machine = Machine(self._words, terms.paced(rhythm), chance)
        self.books: dict[str, OrderBook] = {} if books is None else books
        self._session = session
        self._instruments = instruments
        self._terms = terms
        self._kept: dict[str, KeptBook] = {}
        self._everything = False
        self._awaited: set[str] = set()
        """Of a stream of everything: what the connection before told and this one has not."""
        self._began: float | None = None
        """Of a stream of everything: when the first message came on this connection."""
        self._beats = 0
        """Signs of life since the last update."""
        self._retold = False
        """Whether the reader is to be told everything once more."""

    # -- what is asked for --

    @property
    def symbols(self) -> list[str]:
        """What is asked for; of everything, what was told of."""
        return list(self._kept)

    def scales(self, symbol: str) -> Scales | None:
        """Return what the integers of a symbol's updates are divided by; None while nobody has told."""
        kept = self._kept.get(symbol)
        return None if kept is None else kept.scales

    def want(self, symbols: Iterable[str] | None, now: float) -> list[Action]:
        """Ask for exactly these symbols, or (None) for all there are."""
        self._everything = symbols is None
        # of what is asked for in one go nothing says the scales; a stream of everything does
        self.machine.looks = self._terms.one_way and not self._everything
        if symbols is None:
            return self.machine.want([EVERYTHING], now)
        wanted = dict.fromkeys(symbols)
        for symbol in wanted:
            if symbol not in self._kept:
                self._keep(symbol)
        for symbol in [each for each in self._kept if each not in wanted]:
            self._drop(symbol)
        return self.machine.want(wanted, now)

    def _keep(self, symbol: str) -> KeptBook:
        kept = self._kept[symbol] = KeptBook(symbol)
        self.books[symbol] = kept.book
        return kept

    def _drop(self, symbol: str) -> None:
        del self._kept[symbol]
        self.books.pop(symbol).begin_sync("not asked for any longer")

    def prepare(self) -> Flow[Any]:
        """Return what a call is opened with; None where it is said on the stream."""
        yield from ()
        return self._words.opening(self.machine.wanted) if self._terms.one_way else None

    def lost(self, reason: str) -> None:
        """Trust no book until another connection tells it."""
        for kept in self._kept.values():
            kept.forget(reason)
        self._began, self._beats = None, 0
        self._awaited = set(self._kept) if self._everything else set()

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone; the venue ends what told everything it was asked for."""
        if code == _OK and self._terms.snapshot_only:
            if self._everything:
                return self.machine.close(now)
            if all(each.told or each.waiting for each in self._kept.values()):
                # its scales are on their way
                return []
        self.lost(reason)
        return self.machine.ended(now, reason)

    def overflowed(self, now: float) -> list[Action]:
        """Tell a reader who missed updates the newest of each symbol; the books here know them."""
        self._retold = True
        return self.machine.missed(self.machine.wanted, "events were not read as fast as they came", now)

    # -- messages --

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read a message."""
        event = message.WhichOneof("event")
        if event == "update":
            self.machine.received(now)
            return self._updated(message.update, now)
        if event == "heartbeat":
            self.machine.received(now, data=False)
            self._beats += 1
            return self._missing(now) if self._everything else []
        self.machine.received(now)
        if event == "subscription_ack":
            return self._acknowledged(message.subscription_ack, now)
        if event == "subscription_error":
            return self._denied(message.subscription_error, now)
        return [Emit(Raw(now, message, "an event nobody here knows"))]

    def _updated(self, update: Any, now: float) -> list[Action]:
        symbol = update.symbol
        actions: list[Action] = [Emit(Message(now, symbol, update))]
        kept = self._kept.get(symbol)
        if kept is None:
            if not self._everything:
                # not asked for any longer
                return actions
            if not symbol:
                return [Emit(Raw(now, update, "a book of no symbol"))]
            kept = self._keep(symbol)
        before = kept.told
        if update.price_scale:
            kept.rescale((update.price_scale, update.quantity_scale), now)
        told = kept.take(update, now)
        if kept.waiting and not kept.sought:
            kept.sought = True
            actions.append(Resync((symbol,), "its scales are not known"))
        if self._everything:
            self._beats = 0
            # what is older than what was known has been told all the same
            self._awaited.discard(symbol)
        return actions + self._told(symbol, now) if told and not before else actions

    def _told(self, symbol: str, now: float) -> list[Action]:
        if self._everything:
            return self._missing(now)
        actions = self.machine.synced(symbol, now)
        if self._terms.snapshot_only and self.machine.state is StreamState.LIVE:
            actions += self.machine.close(now)
        return actions

    def _missing(self, now: float) -> list[Action]:
        """Note what a stream of everything has told; what it leaves out is listed no longer."""
        if self._began is None:
            self._began = now
        actions: list[Action] = []
        if self._beats > 1 or now > self._began + _UNLISTED:
            for symbol in sorted(self._awaited):
                self._drop(symbol)
                error = NotFound(f"the venue tells nothing of {symbol!r} any longer", status=404)
                actions.append(Emit(Lost(now, None, error, symbol)))
            self._awaited.clear()
        return actions if self._awaited else actions + self.machine.synced(EVERYTHING, now)

    def _acknowledged(self, ack: Any, now: float) -> list[Action]:
        actions: list[Action] = []
        for each in ack.symbol_scales:
            kept = self._kept.get(each.symbol)
            if kept is not None and kept.rescale((each.price_scale, each.quantity_scale), now):
                actions += self._told(each.symbol, now)
        return actions

    def _denied(self, error: Any, now: float) -> list[Action]:
        if error.error_code in _HARMLESS:
            return []
        if error.error_code != "INVALID_SYMBOL" or not error.symbols:
            return [Emit(Raw(now, error, f"an error nobody here knows: {error.error_code!r:.60}"))]
        return self._unknown(
            {each: NotFound(f"the venue knows no symbol {each!r}", status=404) for each in error.symbols}, now
        )

    def _unknown(self, errors: dict[str, PolyspecError], now: float) -> list[Action]:
        """Go on without symbols that are not to be had."""
        gone = {each: error for each, error in errors.items() if each in self._kept}
        if not gone:
            return []
        actions: list[Action] = [Emit(Lost(now, None, error, each)) for each, error in gone.items()]
        self._words.refused.update(gone)
        return actions + self.want([each for each in self._kept if each not in gone], now)

    # -- REST, and asking again --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read the scales that nobody told."""
        del now
        asked = [each for each in keys if each in self._kept and self._kept[each].scales is None]
        return read_scales(self._session, self._instruments, asked)

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Take in scales, tell again what was not read, and ask again for what was not told."""
        answers = {} if isinstance(found, PolyspecError) else found
        actions: list[Action] = []
        gone: dict[str, PolyspecError] = {}
        for symbol, answer in answers.items():
            kept = self._kept.get(symbol)
            if kept is None or kept.scales is not None:
                continue
            if isinstance(answer, PolyspecError):
                gone[symbol] = answer
            elif kept.rescale(answer, now):
                actions += self._told(symbol, now)
        if gone and not self._everything:
            actions += self._unknown(gone, now)
        if self._retold:
            return actions + self._tell_again(now)
        return actions + self._ask_again(keys)

    def _tell_again(self, now: float) -> list[Action]:
        self._retold = False
        actions: list[Action] = []
        for symbol, kept in self._kept.items():
            if kept.told:
                actions.append(Emit(Message(now, symbol, kept.last)))
                if not self._everything:
                    actions += self.machine.synced(symbol, now)
        return [*actions, *self._missing(now)] if self._everything else actions

    def _ask_again(self, keys: tuple[str, ...]) -> list[Action]:
        """Ask once more for what nothing was told of: a snapshot that got lost comes again."""
        if self._terms.one_way or self.machine.state not in (StreamState.SUBSCRIBING, StreamState.LIVE):
            return []
        unsynced = self.machine.unsynced
        again = [each for each in keys if each in unsynced and not self._kept[each].waiting][:_ASKED_AGAIN]
        for each in again:
            self._kept[each].insisted = True
        return [Write(each) for each in self._words.change(again, again)]
