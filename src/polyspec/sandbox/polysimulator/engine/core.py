"""What every part of the paper exchange works on."""

from __future__ import annotations

from collections.abc import Callable

from polyspec.sandbox.http.store import Store
from polyspec.sandbox.polysimulator.feed import Feed

from .pricing import displayed
from .records import Position, Trade
from .requests import Idem
from .settings import EngineSettings
from .state import State, Tx

__all__ = ["Core"]


class Core:
    """The state, the feed, and what lasts only as long as the process."""

    def __init__(self, feed: Feed, store: Store, settings: EngineSettings) -> None:
        self.feed = feed
        self.settings = settings
        self.state = State(store)
        self.listeners: list[Callable[[Trade], None]] = []
        self.in_flight: dict[tuple[int, str], Idem] = {}
        """Keys of requests that are being carried out."""
        self.outage = False
        self.equity_hour: int | None = None
        """The last hour whose worth was noted."""

    def begin(self, now: int) -> Tx:
        """Start a transaction."""
        return Tx(self.state, now)

    def commit(self, tx: Tx) -> list[Trade]:
        """Commit a transaction and tell of its executions."""
        trades = tx.made(Trade)
        tx.commit()
        for trade in trades:
            for listener in self.listeners:
                listener(trade)
        return trades

    def price_of(self, position: Position) -> int:
        """Return what a share of a position is worth: the payout, the displayed price, or the entry price."""
        market = self.feed.market(position.market_id)
        if market is not None and market.payouts is not None:
            return market.payouts[position.outcome_index]
        shown = self.displayed(position.token_id)
        return position.avg_entry_price if shown is None else shown

    def displayed(self, token_id: str) -> int | None:
        """Return the displayed price of a token."""
        book = self.feed.book(token_id)
        return None if book is None else displayed(book)
