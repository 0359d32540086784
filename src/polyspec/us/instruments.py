# Mirrored from instruments_async.py by `python -m generator.mirror`; do not edit.
"""Find instruments and keep their scales at hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import refdata, settlement

from polyspec.errors import ConfigError, NotFound
from polyspec.us.instrument import Instrument

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Instruments"]


class Instruments:
    """Reference data. The venue allows six listings a minute, so what was read is kept for a while."""

    def __init__(self, client: UsExchangeClient) -> None:
        self._client = client
        self._known: dict[str, tuple[float, Instrument]] = {}

    def get(self, symbol: str | Instrument) -> Instrument:
        """Return one instrument, from memory if it was read lately; raises NotFound."""
        if isinstance(symbol, Instrument):
            return symbol
        if not symbol:
            raise ConfigError("the symbol is empty")
        kept = self._known.get(symbol)
        if kept is not None and time.monotonic() - kept[0] < self._client.settings.instrument_ttl:
            return kept[1]
        return self.refresh(symbol)

    def refresh(self, symbol: str) -> Instrument:
        """Read one instrument anew; raises NotFound."""
        found = self._client.send(refdata.list_instruments(wire.ListInstrumentsRequest(symbols=[symbol])))
        for data in found.instruments:
            if data.symbol == symbol:
                return self._keep(data)
        error = NotFound(f"the venue lists no instrument {symbol!r}", status=404)
        error.operation = "POST /v1/refdata/instruments"
        raise error

    def iterate(
        self,
        query: wire.ListInstrumentsRequest | None = None,
        *,
        tradable: bool = False,
        page_size: int = 1000,
    ) -> Iterator[Instrument]:
        """Iterate over instruments in constant memory, a page at a time.

        `query` is the venue's own filter; `tradable` keeps what can be traded. Nothing read here is cached:
        a listing may hold a hundred thousand.
        """
        query = query or wire.ListInstrumentsRequest(
            page_size=page_size,
            tradable_filter=wire.TradableFilter.TRADABLE if tradable else wire.TradableFilter.ALL,
        )
        for data in self._client.iterate(refdata.list_instruments(query)):
            yield Instrument.of(data)

    def symbols(self) -> list[str]:
        """Return the symbols of everything listed."""
        return self._client.send(refdata.list_symbols(wire.ListSymbolsRequest())).symbols

    def settlement(self, symbol: str) -> wire.GetInstrumentSettlementResponse:
        """Return the settlement of an instrument; its `stats` are absent until it is final."""
        return self._client.send(settlement.get_instrument_settlement(symbol))

    def forget(self, symbol: str) -> None:
        """Drop what is known of an instrument, so that the next `get` reads it anew."""
        self._known.pop(symbol, None)

    def _keep(self, data: wire.Instrument) -> Instrument:
        instrument = Instrument.of(data)
        self._known[instrument.symbol] = (time.monotonic(), instrument)
        return instrument
