"""One market: its terms, its book and what it traded."""

from __future__ import annotations

from .book import BookSide
from .enums import MarketState, Side
from .fees import FeeModel
from .records import MarketDefinition, MarketStatistics, Order

__all__ = ["Market"]


class Market:
    """The state of one market."""

    __slots__ = (
        "bids",
        "definition",
        "fees",
        "held",
        "offers",
        "open_orders",
        "reference_price",
        "schedule",
        "state",
        "statistics",
        "stops",
    )

    def __init__(self, definition: MarketDefinition, state: MarketState) -> None:
        self.definition = definition
        self.state = state
        self.schedule = definition.fees
        self.fees = FeeModel(definition, definition.fees)
        self.reference_price = definition.reference_price
        self.statistics = MarketStatistics()
        self.bids = BookSide(Side.BUY)
        self.offers = BookSide(Side.SELL)
        self.open_orders: dict[str, Order] = {}
        """All open orders, waiting ones included, oldest first."""
        self.stops: dict[Side, list[tuple[int, int, str]]] = {Side.BUY: [], Side.SELL: []}
        """Heaps of (nearest trigger first, rank, order id); entries of gone orders linger."""
        self.held: dict[str, Order] = {}
        """All-or-none orders, which trade only in full and are never displayed."""

    def side(self, side: Side) -> BookSide:
        """Return the book side that orders of a side rest on."""
        return self.bids if side is Side.BUY else self.offers

    def facing(self, side: Side) -> BookSide:
        """Return the book side that orders of a side trade against."""
        return self.offers if side is Side.BUY else self.bids

    def fallback_price(self) -> int | None:
        """Return the price market orders are valued at when the book gives none."""
        statistics = self.statistics
        for price in (
            statistics.last_price,
            self.reference_price,
            statistics.settlement_price,
            statistics.close_price,
        ):
            if price is not None:
                terms = self.definition
                return min(max(price - price % terms.tick, terms.price_low), terms.price_high)
        return None
