"""Watch tokens of the CLOB; its books are for anybody, so no key is read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

from polyspec_wire.clob import models as wire

from polyspec.cli.watching import Told, Trade
from polyspec.clob.client import ClobClient
from polyspec.clob.market import TokenMarkets
from polyspec.clob.market_feed import MARKET_RHYTHM, MarketFeed
from polyspec.core.sending import Session
from polyspec.core.streams.recording import Header
from polyspec.core.streams.spelling import Spelling

__all__ = ["Venue"]

_NEEDED: Final = ("POLYSPEC_SANDBOX", "POLYSPEC_CLOB_HOST")
_MILLI: Final = 1_000_000


class Venue:
    """The CLOB's market channel."""

    name = "clob"
    channel = "market"
    rhythm = MARKET_RHYTHM

    def client(self, variables: Mapping[str, str]) -> ClobClient:
        """Return a client without a key."""
        found = {name: variables[name] for name in _NEEDED if name in variables}
        return ClobClient.from_env(found)

    def some(self, client: ClobClient, sandbox: Mapping[str, Any]) -> list[str]:
        """Return the first outcomes of a few markets."""
        del client
        tokens: list[str] = sandbox.get("clob", {}).get("token_ids", [])
        return tokens[:6:2]

    def stream(self, client: ClobClient, keys: list[str]) -> Any:
        """Return a stream of tokens."""
        return client.stream.market(keys, overflow="block", rhythm=self.rhythm)

    def keys(self, stream: Any) -> list[str]:
        """Return the tokens."""
        tokens: list[str] = stream.tokens
        return tokens

    def options(self, client: ClobClient) -> dict[str, Any]:
        """Return nothing: the channel is for anybody."""
        del client
        return {}

    def feed(self, header: Header) -> MarketFeed:
        """Return a feed without a venue."""
        return MarketFeed(cast("Session", None), TokenMarkets(300.0), float, rhythm=header.paced)

    def spelling(self, header: Header) -> Spelling:
        """Return how frames and books are written down."""
        del header
        return Spelling(wire)

    def told(self, key: str, native: Any) -> Told:
        """Say what a message is about."""
        at = _nanos(getattr(native, "timestamp", None))
        if isinstance(native, wire.PriceChangeEvent):
            return Told(at, tuple(dict.fromkeys(each.asset_id for each in native.price_changes)))
        if isinstance(native, wire.LastTradePriceEvent):
            return Told(at, (key,), _trade(native))
        return Told(at, (key,))

    def plain(self, native: Any) -> Any:
        """Return a message as it is: a struct is written as JSON as it came."""
        return native


def _trade(told: wire.LastTradePriceEvent) -> tuple[Trade, ...]:
    try:
        return (Trade(told.asset_id, str(told.side), Decimal(told.price), Decimal(told.size)),)
    except ArithmeticError:
        return ()


def _nanos(text: object) -> int | None:
    return int(text) * _MILLI if isinstance(text, str) and text.isascii() and text.isdigit() else None
