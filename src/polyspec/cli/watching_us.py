"""Watch symbols of the US exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from polyspec.cli.watching import Told, Trade
from polyspec.core.scales import scale_of
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.core.streams.machine import Action
from polyspec.core.streams.recording import Header
from polyspec.core.streams.spelling import Spelling
from polyspec.io.protobuf_json import plain
from polyspec.us.admission import Admitted
from polyspec.us.cache import InstrumentCache
from polyspec.us.client import UsExchangeClient
from polyspec.us.market_feed import MarketFeed
from polyspec.us.market_words import MARKET_RHYTHM, BookTerms
from polyspec.us.protos import Protos, Rpc, chosen, ours

if TYPE_CHECKING:
    from polyspec.us.token_flow import TokenSource

__all__ = ["Venue"]

_SANDBOX: Final = "sandbox"


class _Tokens:
    """Tokens of nobody, of which there is always another."""

    def refused(self, authorization: str) -> bool:
        """Say that another may do."""
        del authorization
        return True


class _Feed(Admitted):
    """A feed as its stream has one, let in with nothing in its hands."""

    def __init__(self, feed: MarketFeed, rpc: Rpc) -> None:
        super().__init__(feed, rpc, cast("Callable[[], TokenSource]", _Tokens), None)
        self.books = feed.books
        self.market = feed
        self._shown = Secret("-")

    def want(self, keys: Iterable[str] | None, now: float) -> list[Action]:
        """Ask for exactly these."""
        return self.market.want(keys, now)


class Venue:
    """The US exchange's market data."""

    name = "us"
    channel = "market"
    rhythm = MARKET_RHYTHM

    def __init__(self) -> None:
        self._feed: _Feed | None = None
        self._traded: dict[str, int] = {}
        """What was traded of a symbol so far, in its units."""

    def client(self, variables: Mapping[str, str]) -> UsExchangeClient:
        """Return a client; raises ConfigError naming what is missing."""
        return UsExchangeClient.from_env(variables)

    def some(self, client: UsExchangeClient, sandbox: Mapping[str, Any]) -> list[str]:
        """Return the first symbols of a sandbox."""
        del client
        symbols: list[str] = sandbox.get("us_exchange", {}).get("symbols", [])
        return symbols[:3]

    def stream(self, client: UsExchangeClient, keys: list[str]) -> Any:
        """Return a stream of symbols."""
        return client.stream.market(keys, overflow="block", rhythm=self.rhythm)

    def keys(self, stream: Any) -> list[str]:
        """Return the symbols."""
        symbols: list[str] = stream.symbols
        return symbols

    def options(self, client: UsExchangeClient) -> dict[str, Any]:
        """Return whose protos are spoken."""
        return {"environment": client.environment.name}

    def feed(self, header: Header) -> _Feed:
        """Return a feed without a venue."""
        rpc = _protos(header).rpc("MarketDataSubscriptionAPI", "BiDirectionalStreamMarketData")
        nobody = cast("Session", None)
        feed = MarketFeed(nobody, InstrumentCache(1.0), rpc, float, terms=BookTerms(), rhythm=header.paced)
        self._feed = _Feed(feed, rpc)
        return self._feed

    def spelling(self, header: Header) -> Spelling:
        """Return how messages and scales are written down."""
        return Spelling(message=_protos(header).message)

    def told(self, key: str, native: Any) -> Told:
        """Say what an update is about; something was traded if the day's count of it grew."""
        at = native.transact_time.ToNanoseconds() if native.HasField("transact_time") else None
        return Told(at, (key,), self._trades(key, native))

    def _trades(self, key: str, native: Any) -> tuple[Trade, ...]:
        stats = native.stats
        if not stats.HasField("shares_traded"):
            return ()
        before, self._traded[key] = self._traded.get(key), stats.shares_traded
        scales = None if self._feed is None else self._feed.market.scales(key)
        if before is None or stats.shares_traded <= before or scales is None:
            return ()
        price = scale_of(scales[0]).from_wire(stats.last_trade_px)
        size = scale_of(scales[1] or 1).from_wire(stats.shares_traded - before)
        return (Trade(key, "", price, size),)

    def plain(self, native: Any) -> Any:
        """Return a message as protobuf's JSON has it."""
        try:
            return plain(native)
        except ValueError as error:
            return {"unreadable": str(error)}


def _protos(header: Header) -> Protos:
    return ours() if header.options.get("environment") == _SANDBOX else chosen()
