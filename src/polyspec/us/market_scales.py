"""What the integers of symbols are divided by, where the stream itself does not say so."""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import refdata

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.sending import Session
from polyspec.errors import DecodeError, NotFound, PolyspecError
from polyspec.us.cache import InstrumentCache
from polyspec.us.instrument import Instrument

__all__ = ["Scales", "read_scales"]

Scales = tuple[int, int]
"""Wire units per dollar, and per contract."""
_PAGE: Final = 1000
_TIMEOUT: Final = 15.0


def read_scales(
    session: Session, cache: InstrumentCache, symbols: list[str]
) -> Flow[dict[str, Scales | PolyspecError]]:
    """Return the scales of symbols, from memory or in one listing; in their place what is wrong with them."""
    found: dict[str, Any] = {}
    now: Instant = yield Now()
    for symbol in symbols:
        known = cache.get(symbol, now.monotonic)
        if known is not None:
            found[symbol] = (known.price_scale, known.quantity_scale)
    missing = [each for each in symbols if each not in found]
    for start in range(0, len(missing), _PAGE):
        asked = missing[start : start + _PAGE]
        query = wire.ListInstrumentsRequest(symbols=asked, page_size=_PAGE)
        page = (yield from session.send(refdata.list_instruments(query), _TIMEOUT)).value
        found |= {each: NotFound(f"the venue lists no instrument {each!r}", status=404) for each in asked}
        for data in page.instruments:
            try:
                instrument = cache.keep(Instrument.of(data), now.monotonic)
            except DecodeError as error:
                found[data.symbol] = error
            else:
                found[data.symbol] = (instrument.price_scale, instrument.quantity_scale)
    return found
