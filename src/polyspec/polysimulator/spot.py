# Mirrored from spot_async.py by `python -m generator.mirror`; do not edit.
"""What crypto assets and indices cost, and what Up/Down rounds are measured against; open to everybody."""

from __future__ import annotations

from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import spot

from polyspec.errors import NotFound
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.naming import MarketLike, read_market_or_token, read_symbol

__all__ = ["Spot"]


class Spot:
    """Prices of the assets behind Up/Down rounds."""

    def __init__(self, client: Base) -> None:
        self._client = client

    def prices(self, *, timeout: float | None = None) -> wire.SpotPrices:
        """Return the prices of all assets, by symbol."""
        return self._client.send(spot.get_spot_prices(), timeout=timeout)

    def price(self, symbol: str, *, timeout: float | None = None) -> wire.SpotPrice:
        """Return the price of an asset, such as BTC; `stale` tells one that is half a minute old."""
        return self._client.send(spot.get_spot_price(read_symbol(symbol)), timeout=timeout)

    def strike(self, market: MarketLike | int, *, timeout: float | None = None) -> wire.Strike | None:
        """Return what an Up/Down round, by condition id or token id, is measured against.

        None if it is not known yet. Of the sources, gamma_api and cryptocompare are estimates.
        """
        try:
            return self._client.send(spot.get_strike(read_market_or_token(market)), timeout=timeout)
        except NotFound:
            # the venue's way of saying that it is pending
            return None
