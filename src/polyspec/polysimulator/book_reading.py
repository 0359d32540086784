"""Read books over REST, and hold them against what the market channel tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import define
from polyspec_wire.polysimulator import books
from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.book import OrderBook
from polyspec.errors import NotFound, PolyspecError, StreamError
from polyspec.polysimulator.fill_ledger import amount_of
from polyspec.polysimulator.socket_feed import LOOK

__all__ = ["TICKS", "Best", "as_event", "millis", "read_books", "take_over"]

TICKS: Final = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")
_AT_ONCE: Final = 50
_ALONE: Final = 5
"""Tokens that were left out of an answer and are asked for by themselves, at most in one look."""


@define(eq=False)
class Best:
    """What the channel told last of the best prices of a token; None for a side it did not name."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    at: int = 0
    """By the venue's clock, in milliseconds."""

    def tell(self, bid: str | None, ask: str | None, at: int) -> bool:
        """Take in best prices; return whether they are newer than those before."""
        if at < self.at:
            return False
        self.bid, self.ask, self.at = amount_of(bid), amount_of(ask), at
        return True

    @property
    def known(self) -> bool:
        """Whether anything was told."""
        return self.bid is not None or self.ask is not None

    def agrees(self, book: OrderBook) -> bool:
        """Tell whether a book has these best prices; an empty side may be told as 0 or 1."""
        bid = self.bid is None or self.bid == (book.bid or 0)
        return bid and (self.ask is None or self.ask == (1 if book.ask is None else book.ask))


def millis(text: str | None) -> int:
    """Return a time in milliseconds; 0, which is older than everything, for what is none."""
    try:
        return int(text or 0)
    except ValueError:
        return 0


def take_over(
    book: OrderBook, bids: Iterable[Any], asks: Iterable[Any], at: int, now: float, tick: Any
) -> bool:
    """Put a whole book in place of another; return whether it is trusted."""
    pairs = (
        [(str(each.price), str(each.size)) for each in bids],
        [(str(each.price), str(each.size)) for each in asks],
    )
    step = amount_of(None if tick is None else str(tick))
    if step is None or step not in [Decimal(each) for each in TICKS]:
        step = _step([price for side in pairs for price, _ in side], book.tick)
    return book.replace(*pairs, at, now, tick=step)


def _step(prices: Sequence[str], usual: Decimal) -> Decimal:
    """Return the grid prices are on: the one they were on before, if they still are."""
    amounts = [each for price in prices if (each := amount_of(price)) is not None]
    for step in (usual, *map(Decimal, TICKS)):
        if all(each % step == 0 for each in amounts):
            return step
    return usual


def as_event(token: str, told: wire.OrderBookSnapshot) -> wire.PmBookEvent:
    """Say a book that was read in the words of the channel."""
    return wire.PmBookEvent(
        asset_id=token,
        market=told.market,
        bids=[wire.PmBookLevel(price=f"{each.price:f}", size=f"{each.size:f}") for each in told.bids],
        asks=[wire.PmBookLevel(price=f"{each.price:f}", size=f"{each.size:f}") for each in told.asks],
        timestamp=told.timestamp,
        hash=told.hash,
        tick_size=None if told.tick_size is None else f"{told.tick_size:f}",
        min_order_size=None if told.min_order_size is None else f"{told.min_order_size:f}",
        neg_risk=told.neg_risk,
        last_trade_price=None if told.last_trade_price is None else f"{told.last_trade_price:f}",
    )


def read_books(session: Session, tokens: list[str]) -> Flow[dict[str, Any]]:
    """Return the books of tokens, by token; in its place the error of one that is not to be had."""
    found: dict[str, Any] = {}
    for start in range(0, len(tokens), _AT_ONCE):
        batch = tokens[start : start + _AT_ONCE]
        if len(batch) > 1:
            refs = [wire.TokenRef(token_id=each) for each in batch]
            told = (yield from session.send(books.get_order_books(refs), LOOK)).value
            found |= {name: each for each in told if (name := each.token_id or each.asset_id)}
    left = [each for each in tokens if each not in found]
    for token in left[:_ALONE]:
        # alone it says whether there is such a token
        try:
            answer = yield from session.send(books.get_order_book(token_id=token), LOOK)
            found[token] = answer.value
        except NotFound as error:
            found[token] = error
        except PolyspecError as error:
            if len(tokens) == 1:
                raise
            found[token] = error
    for token in left[_ALONE:]:
        found[token] = StreamError(f"the venue left the book of {token} out")
    return found
