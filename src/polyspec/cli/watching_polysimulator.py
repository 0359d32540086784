"""Watch tokens of PolySimulator; its books are for anybody, so a key is used only if there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from polyspec_wire.polysimulator import models as wire

from polyspec.cli.watching import Told, Trade
from polyspec.core.sending import Session
from polyspec.core.streams.recording import Header
from polyspec.core.streams.spelling import Spelling
from polyspec.errors import NotFound
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.market_feed import MARKET_RHYTHM, MarketFeed

__all__ = ["Venue"]

_MILLI: Final = 1_000_000
_SOME: Final = 2


class _Feed(MarketFeed):
    """A feed that knows whether there is a key, and has none."""

    def __init__(self, header: Header) -> None:
        nobody = cast("Callable[[], Session]", lambda: None)
        super().__init__(nobody, float, rhythm=header.paced)
        self._named_by = bool(header.options.get("key"))

    @property
    def _has_credentials(self) -> bool:
        return self._named_by


class Venue:
    """PolySimulator's market channel."""

    name = "polysimulator"
    channel = "market"
    rhythm = MARKET_RHYTHM

    def client(self, variables: Mapping[str, str]) -> PolySimulatorClient:
        """Return a client, with a key if the variables have one."""
        return PolySimulatorClient.from_env(variables)

    def some(self, client: PolySimulatorClient, sandbox: Mapping[str, Any]) -> list[str]:
        """Return a few markets of a sandbox."""
        del client
        markets: list[str] = sandbox.get("polysimulator", {}).get("condition_ids", [])
        return markets[:_SOME]

    def stream(self, client: PolySimulatorClient, keys: list[str]) -> Any:
        """Return a stream of tokens; a market (condition id) stands for its first outcome."""
        tokens = [_token(client, each) for each in keys]
        return client.stream.market(tokens, overflow="block", rhythm=self.rhythm)

    def keys(self, stream: Any) -> list[str]:
        """Return the tokens."""
        tokens: list[str] = stream.tokens
        return tokens

    def options(self, client: PolySimulatorClient) -> dict[str, Any]:
        """Say whether there is a key."""
        return {"key": client.has_key or client.has_access_token}

    def feed(self, header: Header) -> _Feed:
        """Return a feed without a venue."""
        return _Feed(header)

    def spelling(self, header: Header) -> Spelling:
        """Return how frames and books are written down."""
        del header
        return Spelling(wire)

    def told(self, key: str, native: Any) -> Told:
        """Say what a message is about."""
        text = getattr(native, "timestamp", None)
        at = int(text) * _MILLI if isinstance(text, str) and text.isascii() and text.isdigit() else None
        if isinstance(native, wire.PmPriceChangeEvent):
            return Told(at, tuple(dict.fromkeys(each.asset_id for each in native.price_changes)))
        if isinstance(native, wire.PmLastTradePriceEvent):
            return Told(at, (key,), _trade(native))
        return Told(at, (key,))

    def plain(self, native: Any) -> Any:
        """Return a message as it is: a struct is written as JSON as it came."""
        return native


def _token(client: PolySimulatorClient, key: str) -> str:
    if not key.startswith("0x"):
        return key
    tokens = client.markets.get(key).clob_token_ids
    if not tokens:
        raise NotFound(f"the market {key} has no tokens", status=404)
    return tokens[0]


def _trade(told: wire.PmLastTradePriceEvent) -> tuple[Trade, ...]:
    try:
        # the venue tells no size
        return (Trade(told.asset_id, told.side or "", Decimal(told.price), None),)
    except ArithmeticError:
        return ()
