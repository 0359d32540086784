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
    available: Decimal
    """Contracts not tied up in open orders."""
    cost: Decimal
    """Dollars."""
    realized: Decimal
    """Dollars of profit taken."""
    raw: wire.Position = field(repr=False)

    @classmethod
    def of(cls, position: wire.Position, available: int, instrument: Instrument) -> Holding:
        """Convert the venue's record."""
        contracts = instrument.quantity.from_wire
        return cls(
            symbol=position.symbol,
            quantity=contracts(position.net_position),
            available=contracts(available),
            cost=instrument.dollars(position.cost),
            realized=instrument.dollars(position.realized),
            raw=position,
        )

    @staticmethod
    def pairs(page: wire.ListAccountPositionsResponse) -> Iterator[tuple[wire.Position, int]]:
        """Match positions with what is available of them; the venue lists the two apart."""
        for index, position in enumerate(page.positions):
            known = index < len(page.available_position)
            yield position, page.available_position[index] if known else position.net_position
