"""Live streams of PolySimulator: prices and books, fills of one's own, and what assets cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from secrets import SystemRandom
from types import MappingProxyType
from typing import Any, TypeVar

from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.backlog import Overflow
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.machine import Rhythm
from polyspec.errors import ConfigError
from polyspec.io.inbox_async import AsyncInbox
from polyspec.io.sse_async import AsyncEventSource
from polyspec.io.stream_async import ROOM, AsyncStream, AsyncStreams
from polyspec.io.streaming_async import AsyncShell, AsyncTransport
from polyspec.io.websocket_async import AsyncWebSocket
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.executions_feed import ExecutionsFeed
from polyspec.polysimulator.fills_feed import FILLS_RHYTHM
from polyspec.polysimulator.market_feed import MARKET_RHYTHM, PAUSE, MarketFeed
from polyspec.polysimulator.naming import MarketLike, TokenLike, read_markets, read_symbols, read_tokens
from polyspec.polysimulator.prices_feed import MOST_MARKETS, PRICES_RHYTHM, PricesFeed
from polyspec.polysimulator.spot_feed import SPOT_RHYTHM, SpotFeed
from polyspec.polysimulator.user_feed import UserFeed

__all__ = [
    "AsyncExecutionsStream",
    "AsyncMarketStream",
    "AsyncPolySimulatorStreams",
    "AsyncPricesStream",
    "AsyncSpotStream",
    "AsyncUserStream",
]

_SOURCES = ("chainlink", "binance")
_S = TypeVar("_S", bound=AsyncStream)


class AsyncPricesStream(AsyncStream):
    """Prices of markets; of an event, `key` is the condition id.

    A market the venue does not follow, or does not know, is told as `Lost` with its key; the others go on.
    """

    _feed: PricesFeed

    @property
    def prices(self) -> Mapping[str, wire.PriceEvent]:
        """What was told last, by condition id."""
        return MappingProxyType(self._feed.prices)

    @property
    def markets(self) -> list[str]:
        """What is asked for now."""
        return self._feed.machine.wanted

    def add(self, *markets: MarketLike) -> None:
        """Ask for more markets on the same connection, 50 at most."""
        given = read_markets(markets)
        with self._shell.lock:
            self._shell.act(self._feed.want, list(dict.fromkeys([*self.markets, *given])))

    def remove(self, *markets: MarketLike) -> None:
        """Ask for fewer; the connection is closed while there is none left, and opened for the next."""
        given = set(read_markets(markets))
        with self._shell.lock:
            self._shell.act(self._feed.want, [each for each in self.markets if each not in given])


class AsyncExecutionsStream(AsyncStream):
    """Every fill of the account, in all wallets, told once; of an event, `key` is the condition id.

    The venue's channel forgets fills. They are read over REST before the stream is live, after every gap and
    every 30 s (`Rhythm.audit`); what the channel did not tell comes then, as if the channel had told it. What
    was filled before the stream began is no news.
    """

    _feed: ExecutionsFeed


class AsyncUserStream(AsyncStream):
    """The same fills in Polymarket's shape, of some markets or all; see `AsyncExecutionsStream`."""

    _feed: UserFeed

    def follow(self, markets: Iterable[MarketLike] | None) -> None:
        """Ask for exactly these markets on the same connection, 25 at most; None for all."""
        self._shell.act(self._feed.want, None if markets is None else read_markets(markets))


class AsyncMarketStream(AsyncStream):
    """Books of tokens, and what is told of their best prices and trades.

    The venue tells a whole book once, and then only that best prices moved. From then on a book is not
    `trusted`, and `why` says so, until it was read again over REST, about a second later. Sizes and levels
    behind the best prices change without a word: they are as of the last reading, at most 10 s ago
    (`Rhythm.audit`). Of an event, `key` is the token, or the market where it is about both.
    """

    in_a_name = False
    _feed: MarketFeed

    @property
    def books(self) -> Mapping[str, OrderBook]:
        """The book of every token asked for; `trusted` says if it is right, `why` what speaks against it."""
        return MappingProxyType(self._feed.books)

    @property
    def still(self) -> AbstractContextManager[Any]:
        """In a ``with`` block of it no book changes: for reading several things that belong together."""
        return self._shell.lock

    @property
    def tokens(self) -> list[str]:
        """What is asked for now."""
        return list(self._feed.books)

    def add(self, *tokens: TokenLike) -> None:
        """Ask for more tokens on the same connection, 50 at most."""
        given = read_tokens(tokens)
        with self.still:
            self._shell.act(self._feed.want, list(dict.fromkeys([*self.tokens, *given])))

    def remove(self, *tokens: TokenLike) -> None:
        """Ask for fewer; the connection is closed while there is none left, and opened for the next."""
        given = set(read_tokens(tokens))
        with self.still:
            self._shell.act(self._feed.want, [each for each in self.tokens if each not in given])


class AsyncSpotStream(AsyncStream):
    """What crypto assets cost, and prices and books of markets, as server-sent events.

    Of an event, `key` is a symbol, a condition id or a token id, whatever it is about. What the venue does
    not know is told as `Lost` with its key.
    """

    in_a_name = False
    _feed: SpotFeed

    @property
    def prices(self) -> Mapping[str, wire.CryptoPriceData]:
        """What was told last of each asset, by symbol, whichever source it came from."""
        return MappingProxyType(self._feed.prices)

    @property
    def markets(self) -> Mapping[str, wire.PriceEvent]:
        """What was told last of each market, by condition id."""
        return MappingProxyType(self._feed.markets)

    @property
    def books(self) -> Mapping[str, OrderBook]:
        """Books of the markets' tokens, as far as they are told; each is as of the last event about it."""
        return MappingProxyType(self._feed.books)

    @property
    def still(self) -> AbstractContextManager[Any]:
        """In a ``with`` block of it no book changes: for reading several things that belong together."""
        return self._shell.lock


class AsyncPolySimulatorStreams(AsyncStreams):
    """The streams of one client; closed with it.

    All but `market` and `spot` take one of the connections the plan allows: 1 with free, 3 with pro. One too
    many ends the stream with an error, for the venue wants no other attempt. A reader may be `room` events
    behind; `overflow` says what happens then: ``block``, ``drop_oldest`` or ``disconnect``.

    All of them raise ConfigError for what cannot be asked, before anything is sent. Reading one raises, after
    `Lost`, AuthError for credentials that do not hold, ApiError for what the venue refused, StreamError
    for all else.
    """

    def __init__(self, client: AsyncBase) -> None:
        super().__init__()
        self._client = client

    def prices(
        self,
        markets: Iterable[MarketLike],
        *,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = PRICES_RHYTHM,
    ) -> AsyncPricesStream:
        """Return a stream of the prices of markets, 50 at most; more take another stream."""
        feed = PricesFeed(lambda: self._client.session, SystemRandom().random, rhythm=rhythm)
        return self._socket(AsyncPricesStream, feed, overflow, room, read_markets(markets))

    def executions(
        self, *, overflow: Overflow = "block", room: int = ROOM, rhythm: Rhythm = FILLS_RHYTHM
    ) -> AsyncExecutionsStream:
        """Return a stream of the fills of the account; fills are never left out for a slow reader."""
        feed = ExecutionsFeed(lambda: self._client.session, SystemRandom().random, rhythm=rhythm)
        return self._socket(AsyncExecutionsStream, feed, _kept(overflow), room)

    def market(
        self,
        tokens: Iterable[TokenLike],
        *,
        pause: float = PAUSE,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = MARKET_RHYTHM,
    ) -> AsyncMarketStream:
        """Return a stream of the books of tokens, 50 at most; needs no key.

        `pause` is the seconds between two readings over REST, whatever moves: the venue allows 600 requests a
        minute from one address.
        """
        if not 0 < pause < float("inf"):
            raise ConfigError(f"pause must be a number of seconds above 0, not {pause!r}")
        feed = MarketFeed(lambda: self._client.session, SystemRandom().random, rhythm=rhythm, pause=pause)
        return self._socket(AsyncMarketStream, feed, overflow, room, read_tokens(tokens))

    def user(
        self,
        markets: Iterable[MarketLike] | None = None,
        *,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = FILLS_RHYTHM,
    ) -> AsyncUserStream:
        """Return a stream of the account's fills in `markets`, 25 at most; None: in all.

        Raises AuthError, after `Lost`, when the key does not hold any more; so do the other streams.
        """
        given = None if markets is None else read_markets(markets)
        feed = UserFeed(lambda: self._client.session, SystemRandom().random, rhythm=rhythm)
        return self._socket(AsyncUserStream, feed, _kept(overflow), room, given)

    def spot(
        self,
        crypto: Iterable[str] | None = None,
        conditions: Iterable[MarketLike] = (),
        *,
        source: str | None = None,
        background: bool = False,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = SPOT_RHYTHM,
    ) -> AsyncSpotStream:
        """Return a stream of what assets cost, all if `crypto` is None, and of markets, 50 at most.

        `source` is chainlink, which rounds of 5 and 15 minutes settle on, or binance; None for both.
        `background` tells the venue that it is not urgent. Needs no key.
        """
        symbols = None if crypto is None else read_symbols(crypto)
        given = read_markets(conditions)
        if symbols == [] and not given:
            raise ConfigError("name an asset or a market to follow; crypto=None follows all assets")
        if len(given) > MOST_MARKETS:
            raise ConfigError(f"one stream follows {MOST_MARKETS} markets at most, not {len(given)}")
        if source is not None and source not in _SOURCES:
            raise ConfigError(f"source must be one of {', '.join(_SOURCES)}, not {source!r:.50}")
        feed = SpotFeed(
            lambda: self._client.session,
            SystemRandom().random,
            source=source,
            background=background,
            rhythm=rhythm,
        )
        events = AsyncEventSource("", self._client.settings.http)
        return self._stream(AsyncSpotStream, feed, events, overflow, room, symbols, given)

    def _socket(self, kind: type[_S], feed: Any, overflow: Overflow, room: int, *wanted: Any) -> _S:
        socket = AsyncWebSocket("", self._client.settings.http, renews=True)
        return self._stream(kind, feed, socket, overflow, room, *wanted)

    def _stream(
        self,
        kind: type[_S],
        feed: Any,
        transport: AsyncTransport,
        overflow: Overflow,
        room: int,
        *wanted: Any,
    ) -> _S:
        inbox = AsyncInbox(room, overflow)
        name = f"polyspec-polysimulator-{feed.channel}"
        shell = AsyncShell(feed, transport, self._client.run, inbox, name=name)
        shell.act(feed.want, *wanted)
        return self._opened(kind(feed, shell, inbox))


def _kept(overflow: Overflow) -> Overflow:
    """Return what becomes of a slow reader of fills, which are not dropped."""
    if overflow == "drop_oldest":
        raise ConfigError("overflow must be 'block' or 'disconnect' here: fills are not to be left out")
    return overflow
