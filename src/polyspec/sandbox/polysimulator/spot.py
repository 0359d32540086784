"""Prices of what Up/Down markets are about: simulated, and known for every moment from the seed alone.

A price is its base, moved by noise on several scales of time. Nothing is remembered, so a round of last week
has the strike it had then, whatever happened to the process in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from polyspec.sandbox.http.noise import Noise

__all__ = ["ASSETS", "CHAINLINK", "SOURCES", "Asset", "Source", "Spot", "Tick"]

_MILLION: Final = 1_000_000
_SECOND: Final = 1_000_000_000
_SCALES: Final = ((4, 60), (30, 250), (240, 900), (1800, 2_500), (14_400, 7_000), (172_800, 20_000))
"""Seconds between two independent draws, and how far such a draw may go, in millionths of the price."""
_BASIS: Final = 40
"""How far the exchanges' price strays from the oracle's, in millionths."""

Source: TypeAlias = Literal["chainlink", "binance"]


@dataclass(frozen=True)
class Asset:
    """Something with a spot price."""

    symbol: str
    name: str
    base: int
    """In millionths of a dollar."""
    wild: int = 100
    """How much of the noise it has, in percent."""


ASSETS: Final[Mapping[str, Asset]] = {
    each.symbol: each
    for each in (
        Asset("BTC", "Bitcoin", 96_500 * _MILLION),
        Asset("ETH", "Ethereum", 3_420 * _MILLION, 140),
        Asset("SOL", "Solana", 187_500_000, 180),
        Asset("XRP", "XRP", 2_310_000, 170),
        Asset("SPX", "S&P 500", 6_012 * _MILLION, 25),
        Asset("NDX", "Nasdaq 100", 21_180 * _MILLION, 35),
    )
}


@dataclass(frozen=True)
class _Feed:
    """Who tells a price, and how often."""

    label: str
    every: int
    """Nanoseconds between two prices."""


SOURCES: Final[Mapping[Source, _Feed]] = {
    "chainlink": _Feed("chainlink_rtds", _SECOND),
    "binance": _Feed("polymarket_rtds", _SECOND // 10),
}
CHAINLINK: Final[Source] = "chainlink"
"""What rounds settle on."""


@dataclass(frozen=True)
class Tick:
    """A price somebody told."""

    symbol: str
    price: int
    """In millionths of a dollar."""
    source: str
    at_ns: int


class Spot:
    """The prices that one seed makes."""

    def __init__(self, seed: int) -> None:
        self._noise = Noise(seed, "spot")

    def price(self, symbol: str, at_ns: int, source: Source = CHAINLINK) -> int:
        """Return what an asset costs in millionths of a dollar, as last told by a source; raises KeyError."""
        asset = ASSETS[symbol]
        at_ns -= at_ns % SOURCES[source].every
        moved = sum(self._noise.value(symbol, at_ns, *scale) for scale in _SCALES) * asset.wild // 100
        if source != CHAINLINK:
            moved += self._noise.value(f"{symbol}/{source}", at_ns, 1, _BASIS)
        return asset.base + asset.base * moved // _MILLION

    def tick(self, symbol: str, at_ns: int, source: Source = CHAINLINK) -> Tick:
        """Return the last price a source told of an asset; raises KeyError for one nobody knows."""
        feed = SOURCES[source]
        return Tick(symbol, self.price(symbol, at_ns, source), feed.label, at_ns - at_ns % feed.every)
