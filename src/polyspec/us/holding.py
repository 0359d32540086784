"""A position in contracts and dollars."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.us.instrument import Instrument

__all__ = ["Holding"]


@frozen
class Holding:
    """What an account holds of one instrument."""

    symbol: str
    quantity: Decimal
    """YES contracts; negative is short, which is the same as holding NO."""
    available: Decimal | None
    """Contracts not tied up in open orders; None if the venue did not say."""
    cost: Decimal
    """Dollars."""
    realized: Decimal
    """Dollars of profit taken."""
    raw: wire.Position = field(repr=False)

    @classmethod
    def of(cls, position: wire.Position, available: int | None, instrument: Instrument) -> Holding:
        """Convert the venue's record."""
        return cls(
            symbol=position.symbol,
            quantity=instrument.contracts(position.net_position),
            available=None if available is None else instrument.contracts(available),
            cost=instrument.dollars(position.cost),
            realized=instrument.dollars(position.realized),
            raw=position,
        )

    @staticmethod
    def pairs(page: wire.ListAccountPositionsResponse) -> Iterator[tuple[wire.Position, int | None]]:
        """Match positions with what is available of them; the venue lists the two apart."""
        # lists of different lengths cannot be matched: a guess would be somebody else's number
        matched = len(page.available_position) == len(page.positions)
        for index, position in enumerate(page.positions):
            yield position, page.available_position[index] if matched else None
