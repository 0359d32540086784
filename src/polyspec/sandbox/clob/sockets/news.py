"""What connections are told: the events of one command, and the best prices right after it.

Several commands may be carried out before anybody hears of the first. So the best prices are not asked of the
engine, which is ahead, but followed from change to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from polyspec.sandbox.clob.engine import ClobExchange
from polyspec.sandbox.clob.engine import types as t

__all__ = ["News", "Newsroom", "Top"]

_ONE: Final = 1_000_000


@dataclass(frozen=True)
class Top:
    """The best prices of a token, in millionths; 0 and a million stand for empty sides."""

    bid: int
    ask: int

    def of(self, outcome: int) -> Top:
        """Return the best prices of an outcome, this being that of the first."""
        return Top(_ONE - self.ask, _ONE - self.bid) if outcome else self


@dataclass(frozen=True)
class News:
    """One command's worth."""

    events: list[t.Event]
    tops: dict[str, Top]
    """Of the first outcome, by condition id, of markets whose levels changed."""


class Newsroom:
    """Follows the levels of every market."""

    def __init__(self, exchange: ClobExchange) -> None:
        """Begin with the books as they are; no command may be half told."""
        self._prices: dict[tuple[str, t.Side], set[int]] = {}
        for terms in exchange.markets():
            book = exchange.book(terms.token_ids[0])
            assert book is not None, terms.condition_id
            self._prices[terms.condition_id, t.Side.BUY] = {each.price for each in book.bids}
            self._prices[terms.condition_id, t.Side.SELL] = {each.price for each in book.asks}

    def read(self, events: list[t.Event]) -> News:
        """Return what there is to tell of a command; each must come here, in order."""
        changed: dict[str, None] = {}
        for event in events:
            if isinstance(event, t.LevelChange):
                changed[event.condition_id] = None
                prices = self._prices.setdefault((event.condition_id, event.side), set())
                (prices.add if event.size else prices.discard)(event.price)
        return News(events, {each: self._top(each) for each in changed})

    def _top(self, condition_id: str) -> Top:
        bids = self._prices.get((condition_id, t.Side.BUY), ())
        asks = self._prices.get((condition_id, t.Side.SELL), ())
        return Top(max(bids, default=0), min(asks, default=_ONE))
