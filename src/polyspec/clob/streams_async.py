"""Live streams of the CLOB: books, own orders and fills, games, and live prices and comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from secrets import SystemRandom
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polyspec_wire.clob import models as wire

from polyspec.clob.base_async import AsyncBase
from polyspec.clob.live_feed import LIVE_RHYTHM, LiveFeed
from polyspec.clob.live_topics import LiveTopic, live_topics
from polyspec.clob.market_feed import MARKET_RHYTHM, MarketFeed
from polyspec.clob.queries import read_condition, token_ids
from polyspec.clob.sports_feed import SPORTS_RHYTHM, SportsFeed
from polyspec.clob.stream_places import channel_address
from polyspec.clob.user_feed import USER_RHYTHM, UserFeed
from polyspec.core.streams.backlog import Overflow
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.machine import Rhythm
from polyspec.errors import ConfigError
from polyspec.io.inbox_async import AsyncInbox
from polyspec.io.stream_async import ROOM, AsyncStream, AsyncStreams
from polyspec.io.streaming_async import AsyncShell
from polyspec.io.websocket_async import AsyncWebSocket

if TYPE_CHECKING:
    from polyspec.clob.queries import TokenLike

__all__ = [
    "AsyncClobStreams",
    "AsyncLiveStream",
    "AsyncMarketStream",
    "AsyncSportsStream",
    "AsyncUserStream",
]

_ALIVE: Final = {"sports": 7.5, "live": 7.5}
"""Seconds between pings of the protocol on channels whose own signs of life cannot be relied on."""
_S = TypeVar("_S", bound=AsyncStream)


class AsyncMarketStream(AsyncStream):
    """Books of tokens, kept up to date, and everything the market channel tells of them.

    Books are kept up to date whether events are read or not. Of an event, `key` is the token, or the market
    (condition id) where both outcomes are in one message.
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
        """Ask for more tokens on the same connection."""
        given = token_ids(tokens)
        with self.still:
            self._shell.act(self._feed.want, list(dict.fromkeys([*self.tokens, *given])))

    def remove(self, *tokens: TokenLike) -> None:
        """Ask for fewer; the connection is closed while there is none left, and opened for the next."""
        given = set(token_ids(tokens))
        with self.still:
            self._shell.act(self._feed.want, [each for each in self.tokens if each not in given])


class AsyncUserStream(AsyncStream):
    """Orders and fills of the API key this client uses.

    Before it is live, and again after every gap, open orders and trades are read over REST: what was missed
    is told as if it had come by itself, and open orders are told when the stream begins. Every state of a
    trade is told once. Of an event, `key` is the market (condition id).
    """

    _feed: UserFeed

    @property
    def orders(self) -> Mapping[str, wire.OrderEvent]:
        """Open orders as they were told last, by id."""
        return MappingProxyType(self._feed.orders)

    def follow(self, markets: Iterable[str] | None) -> None:
        """Ask for exactly these markets (condition ids) on the same connection; None for all."""
        given = _conditions(markets)
        self._shell.act(self._feed.want, given)


class AsyncSportsStream(AsyncStream):
    """Scores of all games that are on; for anybody.

    Of an event, `key` is the number of the game. A message is the whole state of one game, and nothing can be
    looked up: after a gap, `Resynced` says that games are told again, and a game is `doubtful` until its next
    message.
    """

    in_a_name = False
    _feed: SportsFeed

    @property
    def games(self) -> Mapping[str, wire.SportsResult]:
        """How each game stood when it was told last, by its number."""
        return MappingProxyType(self._feed.games)

    @property
    def doubtful(self) -> frozenset[str]:
        """Games that may stand otherwise than they were told last: something was missed since."""
        with self._shell.lock:
            return frozenset(self._feed.doubtful)


class AsyncLiveStream(AsyncStream):
    """Prices of crypto and stocks, and comments; for anybody.

    Of an event, `key` is that of the `LiveTopic` it belongs to; it is empty for what nobody asked for, and
    for refusals. After a gap prices are known again with the next one of each, which makes it `Resynced`.
    Comments that were told meanwhile cannot be had again: each `LiveTopic` of comments is told as `Lost`,
    with the gap. A symbol the venue says nothing of is told as `Lost` without one, and asked for no longer.
    """

    in_a_name = False
    _feed: LiveFeed

    @property
    def prices(self) -> Mapping[tuple[str, str], wire.LivePriceEvent]:
        """The last price of each topic and symbol, both as the venue spells them."""
        return MappingProxyType(self._feed.prices)

    @property
    def topics(self) -> list[LiveTopic]:
        """What is asked for now."""
        with self._shell.lock:
            return list(self._feed.topics.values())

    def add(self, *topics: LiveTopic | str) -> None:
        """Ask for more on the same connection. Raises ConfigError for what the venue does not know."""
        given = live_topics(topics)
        with self._shell.lock:
            self._shell.act(self._feed.want, list({**self._feed.topics, **given}))

    def remove(self, *topics: LiveTopic | str) -> None:
        """Ask for less; the connection is closed while nothing is asked for, and opened for the next."""
        given = live_topics(topics)
        with self._shell.lock:
            kept = [each for each in self._feed.topics if each not in given]
            self._shell.act(self._feed.want, kept)


class AsyncClobStreams(AsyncStreams):
    """The streams of one client; closed with it.

    All of them raise ConfigError for what cannot be asked, before anything is sent. Reading one raises, after
    `Lost`, AuthError for credentials that do not hold and StreamError for what else ended it.
    """

    def __init__(self, client: AsyncBase) -> None:
        super().__init__()
        self._client = client

    def market(
        self,
        tokens: Iterable[TokenLike],
        *,
        custom: bool = False,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = MARKET_RHYTHM,
    ) -> AsyncMarketStream:
        """Return a stream of the books, prices and trades of tokens.

        `custom` asks for `best_bid_ask`, `new_market` and `market_resolved` as well. A reader may be `room`
        events behind; `overflow` says what happens then: ``block``, ``drop_oldest`` or ``disconnect``.
        """
        client = self._client
        # what orders know of their markets learns of new ticks this way
        known = client._markets  # noqa: SLF001
        feed = MarketFeed(client.session, known, SystemRandom().random, rhythm=rhythm, custom=custom)
        return self._stream(AsyncMarketStream, feed, "market", token_ids(tokens), overflow, room)

    def user(
        self,
        markets: Iterable[str] | None = None,
        *,
        overflow: Overflow = "block",
        room: int = ROOM,
        rhythm: Rhythm = USER_RHYTHM,
    ) -> AsyncUserStream:
        """Return a stream of one's own orders and trades in `markets` (condition ids); None: in all.

        For `overflow` and `room` see `market`; fills are never left out for a slow reader. Raises AuthError,
        after `Lost`, when the credentials do not hold any more.
        """
        if overflow == "drop_oldest":
            raise ConfigError("overflow must be 'block' or 'disconnect' here: fills are not to be left out")
        given = _conditions(markets)
        feed = UserFeed(self._client.session, SystemRandom().random, rhythm=rhythm)
        return self._stream(AsyncUserStream, feed, "user", given, overflow, room)

    def sports(
        self, *, overflow: Overflow = "drop_oldest", room: int = ROOM, rhythm: Rhythm = SPORTS_RHYTHM
    ) -> AsyncSportsStream:
        """Return a stream of the scores of all games. For `overflow` and `room` see `market`."""
        feed = SportsFeed(SystemRandom().random, rhythm=rhythm)
        return self._stream(AsyncSportsStream, feed, "sports", None, overflow, room)

    def live(
        self,
        topics: Iterable[LiveTopic | str] | LiveTopic | str,
        *,
        overflow: Overflow = "drop_oldest",
        room: int = ROOM,
        rhythm: Rhythm = LIVE_RHYTHM,
    ) -> AsyncLiveStream:
        """Return a stream of live prices and comments: ``live([LiveTopic.crypto("btcusdt"), "comments"])``.

        Keys of topics stand for them: ``"crypto_prices:btcusdt"``, or a name alone for all of a topic. For
        `overflow` and `room` see `market`. Raises ConfigError for what the venue does not know.
        """
        given = list(live_topics(topics))
        feed = LiveFeed(SystemRandom().random, rhythm=rhythm)
        return self._stream(AsyncLiveStream, feed, "live", given, overflow, room)

    def _stream(
        self, kind: type[_S], feed: Any, channel: str, wanted: Any, overflow: Overflow, room: int
    ) -> _S:
        client = self._client
        place = channel_address(client.host, client.settings, channel)
        socket = AsyncWebSocket(place, client.settings.http, alive=_ALIVE.get(channel))
        inbox = AsyncInbox(room, overflow)
        shell = AsyncShell(feed, socket, client.run, inbox, name=f"polyspec-clob-{channel}")
        shell.act(feed.want, wanted)
        return self._opened(kind(feed, shell, inbox))


def _conditions(markets: Iterable[str] | None) -> list[str] | None:
    return None if markets is None else [read_condition(each) for each in markets]
