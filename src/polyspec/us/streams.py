# Mirrored from streams_async.py by `python -m generator.mirror`; do not edit.
"""Live streams of the US exchange: books, and everything of one's own."""

from __future__ import annotations

from collections.abc import Iterable

from polyspec.core.streams.backlog import Overflow
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.machine import Rhythm
from polyspec.errors import ConfigError
from polyspec.io.grpc_stream import GrpcStreams
from polyspec.io.inbox import Inbox
from polyspec.io.stream import ROOM
from polyspec.io.streaming import Shell
from polyspec.us.admission import Admitted
from polyspec.us.instrument import Instrument
from polyspec.us.market_feed import MarketFeed
from polyspec.us.market_stream import Shard, UsMarketStream
from polyspec.us.market_words import MARKET_RHYTHM, MOST_SYMBOLS, BookTerms, read_symbols
from polyspec.us.private_streams import PrivateStreams

__all__ = ["UsStreams"]

_SERVICE = "MarketDataSubscriptionAPI"
_TALK, _ONE_WAY = "BiDirectionalStreamMarketData", "CreateMarketDataSubscription"


class UsStreams(PrivateStreams):
    """The streams of one client; closed with it.

    All of them raise ConfigError for what cannot be asked, and StreamError for one more than a firm may have,
    before anything is sent. Reading one raises, after `Lost`, AuthError for credentials that do not hold,
    ApiError for what the venue refuses as a whole, and StreamError for what else ended it.
    """

    def market(
        self,
        symbols: Iterable[str | Instrument] | None,
        *,
        depth: int = 10,
        unaggregated: bool = False,
        snapshot_only: bool = False,
        skip_to_head: bool = True,
        one_way: bool = False,
        per_stream: int = MOST_SYMBOLS,
        overflow: Overflow = "drop_oldest",
        room: int | None = None,
        rhythm: Rhythm = MARKET_RHYTHM,
    ) -> UsMarketStream:
        """Return a stream of the books of `symbols`, or (None) of all the venue lists.

        Symbols come and go on the running stream (`add`, `remove`), but for None and `one_way`, where all is
        said in the opening and one wrong symbol costs the others the stream. `snapshot_only` tells each book
        once and ends. With `skip_to_head` the venue leaves out what a slow client did not take, or hangs up.

        More than `per_stream` symbols are spread over several streams, of which a firm may have twenty.
        A reader may be `room` events behind, by itself 4,096 and more for many symbols; `overflow` says what
        happens then: ``block``, ``drop_oldest`` or ``disconnect``. Whose events were dropped is told the
        newest of each symbol again, if half the room is enough for that. Raises ConfigError for what cannot
        be asked, StreamError if there is no stream left.
        """
        if not 1 <= per_stream <= MOST_SYMBOLS:
            raise ConfigError(f"per_stream must be a number of symbols from 1 to {MOST_SYMBOLS}")
        asked = None if symbols is None else read_symbols(symbols)
        terms = BookTerms(
            depth=depth,
            unaggregated=unaggregated,
            snapshot_only=snapshot_only,
            skip_to_head=skip_to_head,
            one_way=one_way or asked is None,
        )
        space = max(ROOM, 3 * len(asked or ())) if room is None else room
        stream = self._spread(terms, rhythm, Inbox(space, overflow), space // 2, per_stream)
        stream._ask(asked)  # noqa: SLF001 - one of our own
        return self._opened(stream)

    def _spread(
        self, terms: BookTerms, rhythm: Rhythm, inbox: Inbox, retold: int, per_stream: int
    ) -> UsMarketStream:
        books: dict[str, OrderBook] = {}

        def shard() -> Shard:
            return self._shard(terms, rhythm, books, inbox, retold)

        return UsMarketStream(shard, inbox, books, terms, self._places, per_stream)

    def _shard(
        self,
        terms: BookTerms,
        rhythm: Rhythm,
        books: dict[str, OrderBook],
        inbox: Inbox,
        retold: int,
    ) -> Shard:
        client, shared = self._client, self._client._shared  # noqa: SLF001 - one of our own
        rpc = client._rpcs.rpc(_SERVICE, _ONE_WAY if terms.one_way else _TALK)  # noqa: SLF001
        feed = MarketFeed(
            client.session,
            shared.instruments,
            rpc,
            shared.chance,
            terms=terms,
            rhythm=rhythm,
            books=books,
            retold=retold,
        )
        # books are for anybody: no participant is named
        admitted = Admitted(feed, rpc, lambda: client._shared.tokens, None)  # noqa: SLF001
        transport = GrpcStreams(client._channel)  # noqa: SLF001
        return Shard(feed, Shell(admitted, transport, client.run, inbox, name="polyspec-us-market"))
