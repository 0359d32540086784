"""One binary market: its terms, its one book for both outcomes, what is outstanding."""

from __future__ import annotations

from polyspec.sandbox.engine.book import Ladder

from .enums import MarketStatus, Side
from .records import MarketStatistics, MarketTerms, Order, PricePoint
from .units import ONE

__all__ = ["Market", "mirrored"]


def mirrored(outcome: int, price: int) -> int:
    """Turn a price of an outcome into one of the first outcome, or back."""
    return ONE - price if outcome else price


class Market:
    """The state of a market.

    The book is kept in prices of the first outcome: buying the second at p is offering the first
    at 1 - p (both are minted when they meet a buyer), selling it is bidding (both are merged).
    """

    __slots__ = (
        "asks",
        "backing",
        "bids",
        "book_time",
        "dust",
        "held",
        "open_orders",
        "payouts",
        "points",
        "statistics",
        "status",
        "supply",
        "terms",
        "trades",
    )

    def __init__(self, terms: MarketTerms, status: MarketStatus) -> None:
        self.terms = terms
        self.status = status
        self.bids: Ladder[Order] = Ladder(1)
        self.asks: Ladder[Order] = Ladder(-1)
        self.book_time = 0
        self.open_orders: dict[str, Order] = {}
        """Resting and held, oldest first."""
        self.held: dict[str, Order] = {}
        self.statistics = MarketStatistics()
        self.points: list[PricePoint] = []
        """Every fill, in prices of the first outcome."""
        self.trades: list[str] = []
        self.backing = 0
        self.supply = [0, 0]
        """Shares of each outcome in wallets."""
        self.payouts: tuple[int, int] | None = None
        self.dust = 0
        """Fractions that redemptions left behind, in millionths of a base unit."""

    def bids_with(self, outcome: int, side: Side) -> bool:
        """Tell whether an order counts as a bid for the first outcome."""
        return (outcome == 0) is (side is Side.BUY)

    def ladder(self, order: Order) -> Ladder[Order]:
        """Return the side of the book an order rests on."""
        return self.bids if self.bids_with(order.outcome, order.side) else self.asks

    def facing(self, order: Order) -> Ladder[Order]:
        """Return the side of the book an order matches against."""
        return self.asks if self.bids_with(order.outcome, order.side) else self.bids
