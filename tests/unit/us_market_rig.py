"""The market data stream of the US exchange without a connection: a clock, what is asked, what is told."""

from __future__ import annotations

from typing import Any

from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import Event
from polyspec.core.streams.machine import Action, Close, Emit, Finish, Open, Resync, Rhythm, Write
from polyspec.us.cache import InstrumentCache
from polyspec.us.market_feed import MarketFeed
from polyspec.us.market_words import MARKET_RHYTHM, BookTerms
from polyspec.us.protos import ours

__all__ = ["ONE_WAY", "START", "TALK", "Rig", "ack", "denied", "heartbeat", "sides", "update"]

START = 1_790_000_000
"""Seconds of the venue's clock when tests begin."""
TALK = ours().rpc("MarketDataSubscriptionAPI", "BiDirectionalStreamMarketData")
ONE_WAY = ours().rpc("MarketDataSubscriptionAPI", "CreateMarketDataSubscription")

Levels = list[tuple[int, int]]


def update(symbol: str, bids: Levels, offers: Levels, at: float = 0, *, kind: Any = TALK, **more: Any) -> Any:
    """Return a message with a whole book, told `at` seconds after the start."""
    message = kind.response()
    told = message.update
    told.symbol = symbol
    told.transact_time.FromNanoseconds(int((START + at) * 1000) * 1_000_000)
    for side, levels in ((told.bids, bids), (told.offers, offers)):
        for px, qty in levels:
            side.add(px=px, qty=qty)
    for name, value in more.items():
        setattr(told, name, value)
    return message


def ack(*symbols: str, price: int = 100, quantity: int = 100) -> Any:
    """Return a message that says that symbols were added, and their scales."""
    message = TALK.response()
    message.subscription_ack.symbols_added.extend(symbols)
    for each in symbols:
        message.subscription_ack.symbol_scales.add(symbol=each, price_scale=price, quantity_scale=quantity)
    return message


def denied(code: str, *symbols: str) -> Any:
    """Return a message that says that a command changed nothing."""
    message = TALK.response()
    message.subscription_error.error_code = code
    message.subscription_error.symbols.extend(symbols)
    return message


def heartbeat(kind: Any = TALK) -> Any:
    """Return a sign of life."""
    message = kind.response()
    message.heartbeat.SetInParent()
    return message


def sides(book: OrderBook) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the levels of a book as text, best first."""
    return (
        [(str(price), str(size)) for price, size in book.bids()],
        [(str(price), str(size)) for price, size in book.asks()],
    )


class Rig:
    """A feed, its connection, and the looks it asks for, on a clock of their own."""

    def __init__(
        self,
        symbols: list[str] | None,
        *,
        rhythm: Rhythm = MARKET_RHYTHM,
        books: dict[str, OrderBook] | None = None,
        retold: int = 100,
        **terms: Any,
    ) -> None:
        self.terms = BookTerms(**terms)
        rpc = ONE_WAY if self.terms.one_way else TALK
        self.feed = MarketFeed(
            None,  # type: ignore[arg-type]
            InstrumentCache(60.0),
            rpc,
            lambda: 0.5,
            terms=self.terms,
            rhythm=rhythm,
            books=books,
            retold=retold,
        )
        self.now = 0.0
        self.open = False
        self.connections = 0
        self.events: list[Event] = []
        self.writes: list[Any] = []
        self.looks: list[tuple[str, ...]] = []
        """Looks that nobody has answered yet."""
        self.finished: list[Any] = []
        self.do(self.feed.want(symbols, self.now))

    @property
    def opening(self) -> Any:
        """What the next connection is opened with, if it is."""
        flow = self.feed.prepare()
        try:
            next(flow)
        except StopIteration as told:
            return told.value
        raise AssertionError("nothing was to be done")

    def do(self, actions: list[Action]) -> None:
        """Carry out what the feed decides."""
        for action in actions:
            if isinstance(action, Emit):
                self.events.append(action.event)
            elif isinstance(action, Write):
                self.writes.append(action.data)
            elif isinstance(action, Open):
                self.open, self.connections = True, self.connections + 1
                self.do(self.feed.machine.opened(self.now))
            elif isinstance(action, Close):
                self.open = False
                self.feed.lost(action.reason)
            elif isinstance(action, Resync):
                self.feed.look(action.keys, self.now)
                self.looks.append(action.keys)
            elif isinstance(action, Finish):
                self.finished.append(action.error)

    def hear(self, *messages: Any) -> None:
        """Let the feed hear messages."""
        for each in messages:
            self.do(self.feed.heard(each, self.now))

    def answer(self, found: Any) -> None:
        """Answer the first look."""
        self.do(self.feed.looked(self.looks.pop(0), found, self.now))

    def end(self, code: int | None = 14, reason: str = "the connection broke") -> None:
        """Let the connection end."""
        self.open = False
        self.do(self.feed.ended(self.now, reason, code))

    def wait(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        end = self.now + seconds
        while (due := self.feed.machine.wakes) <= end:
            self.now = max(self.now, due)
            self.do(self.feed.machine.tick(self.now))
        self.now = end

    def told(self, kind: type[Any]) -> list[Any]:
        """Return the events of a kind so far."""
        return [each for each in self.events if isinstance(each, kind)]

    def said(self) -> list[str]:
        """Return what was written, in short, and forget it."""
        found, self.writes = self.writes, []
        short = []
        for each in found:
            command = each.WhichOneof("command")
            symbols = getattr(getattr(each, command), "symbols", ())
            short.append(" ".join([command, *symbols]))
        return short
