# Mirrored from book_async.py by `python -m generator.mirror`; do not edit.
"""Read the order book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import orderbook

from polyspec.errors import ConfigError
from polyspec.us.instrument import Instrument
from polyspec.us.levels import Book, Quote

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Books"]

_DEPTHS = range(1, 11)


class Books:
    """Order books by polling: the venue allows twelve reads a minute and firm."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client

    def get(self, market: Instrument | str, *, depth: int | None = None) -> Book:
        """Return up to `depth` levels a side (3 unless given, 10 at most)."""
        if depth is not None and depth not in _DEPTHS:
            raise ConfigError(f"depth is {_DEPTHS[0]} to {_DEPTHS[-1]}, not {depth}")
        instrument = self._client.instruments.get(market)
        data = self._client.send(orderbook.get_order_book(instrument.symbol, depth=depth))
        return Book.of(data, instrument)

    def bbo(self, market: Instrument | str) -> Quote:
        """Return the best bid and offer."""
        instrument = self._client.instruments.get(market)
        data = self._client.send(orderbook.get_bbo(instrument.symbol))
        return Quote.of(data, instrument)
