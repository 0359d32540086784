# Mirrored from instruments_async.py by `python -m generator.mirror`; do not edit.
"""Find instruments and keep their scales at hand."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import refdata, settlement

from polyspec.errors import ConfigError, DecodeError, NotFound
from polyspec.us.cache import InstrumentCache
from polyspec.us.instrument import Instrument

if TYPE_CHECKING:
    from polyspec.us.client import UsExchangeClient

__all__ = ["Instruments"]


logger = logging.getLogger("polyspec")

# The venue takes no more symbols in one listing.
_SYMBOLS = 1000
# An instrument in another state may take orders some day, but not now.
_TAKING_ORDERS = (wire.InstrumentState.OPEN, wire.InstrumentState.PREOPEN)


class Instruments:
    """Reference data. The venue allows six listings a minute, so what was read is kept for a while."""

    def __init__(self, client: UsExchangeClient, cache: InstrumentCache) -> None:
        self._client = client
        self._cache = cache

    def get(self, symbol: str | Instrument, *, timeout: float | None = None) -> Instrument:
        """Return one instrument, from memory if it was read lately; raises NotFound."""
        return self.get_many([symbol], timeout=timeout)[0]

    def get_many(
        self, symbols: Sequence[str | Instrument], *, timeout: float | None = None
    ) -> list[Instrument]:
        """Return instruments in the order asked for, reading what is not known at once; raises NotFound."""
        now = time.monotonic()
        known = {each: self._known(each, now) for each in symbols}
        missing = [each for each, found in known.items() if found is None and isinstance(each, str)]
        read = self._read(missing, timeout)
        return [known[each] or read[str(each)] for each in symbols]

    def refresh(self, symbol: str, *, timeout: float | None = None) -> Instrument:
        """Read one instrument anew; raises NotFound."""
        return self._read([symbol], timeout)[symbol]

    def _known(self, symbol: str | Instrument, now: float) -> Instrument | None:
        if isinstance(symbol, Instrument):
            return symbol
        if not symbol:
            raise ConfigError("the symbol is empty")
        return self._cache.get(symbol, now)

    def _read(self, symbols: list[str], timeout: float | None) -> dict[str, Instrument]:
        found: dict[str, Instrument] = {}
        for start in range(0, len(symbols), _SYMBOLS):
            asked = symbols[start : start + _SYMBOLS]
            # one page holds them all; to follow further pages would be to read the whole exchange
            query = wire.ListInstrumentsRequest(symbols=asked, page_size=_SYMBOLS)
            page = self._client.send(refdata.list_instruments(query), timeout=timeout)
            for data in page.instruments:
                if data.symbol in asked:
                    found[data.symbol] = self._cache.keep(Instrument.of(data), time.monotonic())
        for symbol in symbols:
            if symbol not in found:
                error = NotFound(f"the venue lists no instrument {symbol!r}", status=404)
                error.operation = "POST /v1/refdata/instruments"
                raise error
        return found

    def iterate(
        self,
        query: wire.ListInstrumentsRequest | None = None,
        *,
        tradable: bool = False,
        page_size: int = 1000,
    ) -> Iterator[Instrument]:
        """Iterate over instruments in constant memory, a page at a time.

        `query` is the venue's own filter; `tradable` keeps what takes orders now. Nothing is cached here:
        a listing may hold a hundred thousand. What has scales that make no sense is left out with a warning.
        """
        query = query or wire.ListInstrumentsRequest(
            page_size=page_size,
            tradable_filter=wire.TradableFilter.TRADABLE if tradable else wire.TradableFilter.ALL,
            # the venue's filter is about the kind of instrument: what is closed or expired passes it
            states=list(_TAKING_ORDERS) if tradable else [],
        )
        for data in self._client.iterate(refdata.list_instruments(query)):
            try:
                instrument = Instrument.of(data)
            except DecodeError as error:
                logger.warning("left out of a listing: %s", error)
                continue
            yield instrument

    def symbols(self) -> list[str]:
        """Return the symbols of everything listed."""
        return self._client.send(refdata.list_symbols(wire.ListSymbolsRequest())).symbols

    def settlement(self, symbol: str) -> wire.GetInstrumentSettlementResponse:
        """Return the settlement of an instrument; its `stats` are absent until it is final."""
        return self._client.send(settlement.get_instrument_settlement(symbol))

    def forget(self, symbol: str) -> None:
        """Drop what is known of an instrument, so that the next `get` reads it anew."""
        self._cache.forget(symbol)
