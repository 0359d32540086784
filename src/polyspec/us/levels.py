"""Books and quotes in dollars and contracts."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.us.instrument import Instrument

__all__ = ["Book", "Level", "Quote"]


@frozen
class Level:
    """One price of a book, in YES terms."""

    price: Decimal
    """Dollars per contract."""
    quantity: Decimal
    """Contracts."""

    @classmethod
    def of(cls, entry: wire.BookEntry | None, instrument: Instrument) -> Level | None:
        """Read an entry; an empty one is no level."""
        if entry is None or not entry.qty:
            return None
        return cls(instrument.price.from_wire(entry.px), instrument.quantity.from_wire(entry.qty))


@frozen
class Book:
    """A book as of one moment."""

    symbol: str
    bids: tuple[Level, ...]
    """Best (highest) first."""
    offers: tuple[Level, ...]
    """Best (lowest) first."""
    raw: wire.GetOrderBookResponse = field(repr=False)

    @classmethod
    def of(cls, data: wire.GetOrderBookResponse, instrument: Instrument) -> Book:
        """Convert the venue's answer."""
        return cls(instrument.symbol, _levels(data.bids, instrument), _levels(data.offers, instrument), data)


@frozen
class Quote:
    """The top of a book."""

    symbol: str
    bid: Level | None
    offer: Level | None
    raw: wire.GetBBOResponse = field(repr=False)

    @classmethod
    def of(cls, data: wire.GetBBOResponse, instrument: Instrument) -> Quote:
        """Convert the venue's answer."""
        return cls(
            instrument.symbol,
            Level.of(data.best_bid, instrument),
            Level.of(data.best_offer, instrument),
            data,
        )


def _levels(entries: list[wire.BookEntry], instrument: Instrument) -> tuple[Level, ...]:
    return tuple(level for entry in entries if (level := Level.of(entry, instrument)) is not None)
