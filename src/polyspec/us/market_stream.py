# Mirrored from market_stream_async.py by `python -m generator.mirror`; do not edit.
"""The books of the US exchange as its reader has them, over as many streams as they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.events import StreamState
from polyspec.errors import ConfigError, StreamClosed
from polyspec.io.stream import Stream
from polyspec.us.instrument import Instrument
from polyspec.us.market_feed import MarketFeed
from polyspec.us.market_words import MOST_SYMBOLS, BookTerms, read_symbols
from polyspec.us.shards import spread, worst
from polyspec.us.stream_limits import StreamPlaces

if TYPE_CHECKING:
    from polyspec.core.streams.machine import Machine
    from polyspec.io.inbox import Inbox
    from polyspec.io.streaming import Shell
    from polyspec.io.streaming_base import Tap

__all__ = ["Shard", "UsMarketStream"]


class Shard(NamedTuple):
    """One stream of the venue."""

    feed: MarketFeed
    shell: Shell


class UsMarketStream(Stream):
    """Books of symbols, kept up to date, and everything the venue tells of them.

    Every update is a whole book, and takes the place of the one before. Books are kept up to date whether
    events are read or not; their tick is the least that the scale of prices can say, which orders may not
    take. Of an event, `key` is the symbol and `native` the venue's ``MarketDataUpdate``.

    More symbols than one stream takes are spread over several, which are told as one: `state` is that of the
    worst of them, and each tells its own `Status`, `Gap` and `Resynced`.
    """

    def __init__(
        self,
        make: Callable[[], Shard],
        inbox: Inbox,
        books: dict[str, OrderBook],
        terms: BookTerms,
        places: StreamPlaces,
        most: int = MOST_SYMBOLS,
    ) -> None:
        """Prepare a stream of nothing; `make` makes feeds of `books` whose shells put into `inbox`."""
        first = make()
        super().__init__(first.feed, first.shell, inbox)
        self._make = make
        self._shards = [first]
        self._books = books
        self._terms = terms
        self._places = places
        self._most = most
        self._tap: Tap | None = None
        self._running = False

    @property
    def books(self) -> Mapping[str, OrderBook]:
        """The book of every symbol; `trusted` says if it is right, `why` what speaks against it."""
        return MappingProxyType(self._books)

    @property
    def still(self) -> AbstractContextManager[Any]:
        """In a ``with`` block of it no book changes: for reading several things that belong together."""
        return self._shell.lock

    @property
    def symbols(self) -> list[str]:
        """What is asked for now; of a stream of everything, what was told of."""
        with self.still:
            return list(self._books)

    @property
    def _worst(self) -> Machine:
        with self.still:
            return worst(each.feed.machine for each in self._shards)

    @property
    def state(self) -> StreamState:
        """Where the worst of its streams is."""
        return self._worst.state

    @property
    def why(self) -> str:
        """What brought it there."""
        return self._worst.reason

    def add(self, *symbols: str | Instrument) -> None:
        """Ask for more symbols, on the running streams as long as there is room.

        Raises StreamError if it takes more streams than the firm may have, ConfigError on a stream whose
        symbols are said once and for all.
        """
        given = read_symbols(symbols)
        with self.still:
            self._change([*self._books, *given])

    def remove(self, *symbols: str | Instrument) -> None:
        """Ask for fewer; a stream that is left with none hangs up, and serves what is added next."""
        given = set(read_symbols(symbols))
        with self.still:
            self._change([each for each in self._books if each not in given])

    def _change(self, symbols: Iterable[str]) -> None:
        if self._terms.one_way:
            raise ConfigError(
                "what this stream tells was said in its opening; open another, or one without one_way"
            )
        self._ask(symbols)

    def _ask(self, symbols: Iterable[str] | None) -> None:
        """Ask for exactly these; None for all there are."""
        with self.still:
            if self._inbox.over:
                raise StreamClosed("the stream is over; open another")
            before = [each.feed.symbols for each in self._shards]
            parts = [None] if symbols is None else spread(before, symbols, self._most)
            if self._tap is not None and len(parts) > 1:
                raise ConfigError(f"a recording is of one stream, which takes {self._most} symbols")
            shards = [*self._shards, *(self._make() for _ in parts[len(before) :])]
            changed = [
                (shard, part)
                for number, (shard, part) in enumerate(zip(shards, parts, strict=False))
                if number >= len(before) or part != before[number]
            ]
            with self._places.place(*(shard.feed.machine for shard, part in changed if part != [])):
                for shard, part in changed:
                    shard.shell.act(shard.feed.want, part)
            self._shards = shards
            if self._running:
                self._start()

    def overhear(self, tap: Tap) -> None:
        """Tell `tap` whatever the stream is told from now on: for recordings."""
        if len(self._shards) > 1:
            raise ConfigError("a recording is of one stream, and this one is of several")
        self._tap = tap
        super().overhear(tap)

    def renew(self, reason: str) -> None:
        """Have each of its streams connect anew."""
        for each in list(self._shards):
            each.shell.renew(reason)

    def _start(self) -> None:
        # none comes to its end before all are counted in
        with self.still:
            self._running = True
            for each in self._shards:
                each.shell.start()

    def close(self) -> None:
        """Hang up; what was told before can still be read."""
        self._held.discard(self)
        with self.still:
            # all of them hang up, before the first is waited for
            self._inbox.finish(None)
        for each in self._shards:
            each.shell.stop()
