"""What limit orders have left of a snapshot: a level is offered once, whoever took from it."""

from __future__ import annotations

from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket, Level

from .pricing import Walk, facing
from .records import Depletion
from .requests import Side
from .state import Tx
from .units import DOLLAR

__all__ = ["consume", "depth"]


def _place(market: FeedMarket, outcome: int) -> str:
    """Return the token under whose name depth is kept: two outcomes share one book."""
    return market.token_ids[0 if len(market.token_ids) == 2 else outcome]


def _level(market: FeedMarket, outcome: int, side: Side, price: int) -> str:
    """Name a level an order meets, the same from both outcomes."""
    asks = side == "BUY"
    if len(market.token_ids) == 2 and outcome:
        asks, price = not asks, DOLLAR - price
    return f"{'ask' if asks else 'bid'} {price}"


def _taken(tx: Tx, market: FeedMarket, outcome: int, book: FeedBook) -> dict[str, int]:
    """Return what was taken from this very snapshot."""
    known = tx.find(Depletion, _place(market, outcome))
    return known.taken if known is not None and known.at_ns == book.at_ns else {}


def depth(tx: Tx, market: FeedMarket, outcome: int, side: Side, book: FeedBook) -> list[Level]:
    """Return the levels a limit order meets, less what others took."""
    taken = _taken(tx, market, outcome, book)
    left = [
        (price, size - taken.get(_level(market, outcome, side, price), 0))
        for price, size in facing(book, side)
    ]
    return [(price, size) for price, size in left if size > 0]


def consume(tx: Tx, market: FeedMarket, outcome: int, side: Side, book: FeedBook, walked: Walk) -> None:
    """Remember what a limit order took."""
    taken = dict(_taken(tx, market, outcome, book))
    for price, size in walked.takes:
        level = _level(market, outcome, side, price)
        taken[level] = taken.get(level, 0) + size
    tx.put(Depletion(token_id=_place(market, outcome), at_ns=book.at_ns, taken=taken))
