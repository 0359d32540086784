"""What there is to know of a venue to watch it: its client, its feed, and what its messages are about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module
from typing import Any, Final, NamedTuple, Protocol

from polyspec.cli.extras import needing
from polyspec.core.streams.book import OrderBook
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.recording import Header
from polyspec.core.streams.rhythm import Rhythm
from polyspec.core.streams.spelling import Spelling

__all__ = ["VENUES", "BookFeed", "Told", "Trade", "Watched", "watched"]

# name as it is typed -> module with `Venue`, the sandbox's name for it is the same
VENUES: Final[Mapping[str, str]] = {
    "us": "polyspec.cli.watching_us",
    "clob": "polyspec.cli.watching_clob",
    "polysimulator": "polyspec.cli.watching_polysimulator",
}


class BookFeed(Feed, Protocol):
    """A feed that keeps books."""

    books: dict[str, OrderBook]

    def want(self, keys: list[str], now: float) -> list[Any]:
        """Ask for exactly these."""
        ...


class Trade(NamedTuple):
    """Something was bought and sold."""

    key: str
    side: str
    """What the taker did, if the venue says so."""
    price: Decimal
    size: Decimal | None
    """None where the venue does not say it."""


class Told(NamedTuple):
    """What a message of the venue is about."""

    at: int | None = None
    """The venue's time, Unix nanoseconds."""
    keys: tuple[str, ...] = ()
    """Whose books it may have changed."""
    trades: tuple[Trade, ...] = ()


class Watched(Protocol):
    """A venue, as far as watching goes."""

    name: str
    channel: str
    rhythm: Rhythm

    def client(self, variables: Mapping[str, str]) -> Any:
        """Return a client of the venue these variables name; raises ConfigError that says what is missing."""
        ...

    def some(self, client: Any, sandbox: Mapping[str, Any]) -> list[str]:
        """Return what to watch of a sandbox that nobody says anything about."""
        ...

    def stream(self, client: Any, keys: list[str]) -> Any:
        """Return a stream of these that leaves nothing out, not begun yet."""
        ...

    def keys(self, stream: Any) -> list[str]:
        """Return what a stream asks for, spelt as its feed has it."""
        ...

    def options(self, client: Any) -> dict[str, Any]:
        """Return what a feed must know of the client beside what it asks for, without its secrets."""
        ...

    def feed(self, header: Header) -> BookFeed:
        """Return a feed as the stream has one, which asks nobody for anything."""
        ...

    def spelling(self, header: Header) -> Spelling:
        """Return how what it is told is written down."""
        ...

    def told(self, key: str, native: Any) -> Told:
        """Say what a message is about; each is asked for once, in their order."""
        ...

    def plain(self, native: Any) -> Any:
        """Return a message as what can be written as JSON."""
        ...


def watched(name: str) -> Watched:
    """Return what is known of a venue; raises ConfigError naming the extra that is not installed."""
    with needing(name):
        venue: Watched = import_module(VENUES[name]).Venue()
    return venue
