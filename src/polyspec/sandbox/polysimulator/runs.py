"""One run of a backtest: a strategy against the past, with money of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from polyspec.sandbox.polysimulator.archive import Archive, ReplayBook
from polyspec.sandbox.polysimulator.engine import money_text, price_text, quantity_text
from polyspec.sandbox.polysimulator.engine.units import to_cents, value_of
from polyspec.sandbox.polysimulator.feed import FeedMarket
from polyspec.sandbox.polysimulator.fills import SimulatedFill, simulate
from polyspec.sandbox.polysimulator.refusals import Refusal
from polyspec.sandbox.polysimulator.strategies import Strategy
from polyspec.sandbox.polysimulator.views import SECOND, iso

__all__ = ["Outcome", "Run"]

_PERCENT: Final = 10_000


@dataclass
class _Holding:
    """What is held of one market."""

    market: FeedMarket
    index: int
    quantity: int = 0
    mid: int = 0
    spent: int = 0
    got: int = 0
    looked: bool = False
    gone: tuple[int, dict[int, int]] = (0, {})
    """What was taken from the book of a moment."""


@dataclass
class Outcome:
    """What a run came to; money in millionths."""

    trades: list[dict[str, Any]] = field(default_factory=list)
    equity: list[dict[str, Any]] = field(default_factory=list)
    final: int = 0
    drawdown: int = 0
    """The worst fall from a peak, in hundredths of a percent."""
    won: int = 0
    closed: int = 0
    """Markets that were traded, and those of them that made money."""
    scored: bool = False
    """Whether any market was decided within the time."""


class Run:
    """Looks at each market every so often; `steps` does one look after the other."""

    def __init__(
        self,
        archive: Archive,
        strategy: Strategy,
        markets: list[tuple[FeedMarket, int]],
        start_ns: int,
        end_ns: int,
        bankroll: int,
    ) -> None:
        self._archive = archive
        self._strategy = strategy
        self._holdings = [_Holding(market, index) for market, index in markets]
        self._start_ns = start_ns
        self._end_ns = end_ns
        self._cash = bankroll
        self._peak = bankroll
        self.outcome = Outcome(final=bankroll)

    def steps(self) -> Iterator[None]:
        """Go through the time; the outcome is whole at the end."""
        for at_ns in range(self._start_ns, self._end_ns, self._strategy.every * SECOND):
            for each in self._holdings:
                self._look(each, at_ns)
                yield
            self._value(at_ns)
        self._finish()

    def _look(self, holding: _Holding, at_ns: int) -> None:
        try:
            book = self._archive.book(holding.market, holding.index, at_ns)
        except Refusal:
            # not recorded then: nothing to see, nothing to do
            return
        holding.mid = book.mid
        wanted = self._strategy.want(book, holding.quantity, first=not holding.looked)
        holding.looked = True
        if wanted is None:
            return
        side, quantity = wanted
        depletes = self._strategy.fill_model == "depth_walk_depletion"
        gone = holding.gone[1] if depletes and holding.gone[0] == book.seen_ns else {}
        fill = simulate(book, side, quantity, self._strategy.fill_model, gone=gone)
        if fill.price is None or (side == "BUY" and self._cost(fill) > self._cash):
            return
        holding.gone = (book.seen_ns, _added(gone, fill))
        self._book_trade(holding, book, side, fill)

    @staticmethod
    def _cost(fill: SimulatedFill) -> int:
        return to_cents(value_of(fill.price or 0, fill.quantity)) + to_cents(fill.fee)

    def _book_trade(self, holding: _Holding, book: ReplayBook, side: str, fill: SimulatedFill) -> None:
        notional, fee = to_cents(value_of(fill.price or 0, fill.quantity)), to_cents(fill.fee)
        if side == "BUY":
            self._cash -= notional + fee
            holding.spent += notional + fee
            holding.quantity += fill.quantity
        else:
            self._cash += notional - fee
            holding.got += notional - fee
            holding.quantity -= fill.quantity
        self.outcome.trades.append(
            {
                "ts": iso(book.at_ns),
                "condition_id": holding.market.condition_id,
                "token_id": holding.market.token_ids[holding.index],
                "outcome": holding.market.outcomes[holding.index],
                "side": side,
                "price": price_text(fill.price or 0),
                "shares": quantity_text(fill.quantity),
                "notional": money_text(notional),
                "fee": money_text(fee),
                "confidence": book.confidence,
            }
        )

    def _value(self, at_ns: int) -> None:
        held = sum(value_of(each.mid, each.quantity) for each in self._holdings)
        total = self._cash + held
        self._peak = max(self._peak, total)
        if self._peak:
            fall = (self._peak - total) * _PERCENT // self._peak
            self.outcome.drawdown = max(self.outcome.drawdown, fall)
        point = {"equity": total, "cash": self._cash, "position_value": held}
        shown = {name: money_text(value) for name, value in point.items()}
        self.outcome.equity.append({"ts": iso(at_ns), **shown})

    def _finish(self) -> None:
        """Pay out what was decided by the end, and value the rest as it was last seen."""
        for each in self._holdings:
            payouts, ended = each.market.payouts, each.market.end_ns
            if payouts is not None and ended is not None and ended <= self._end_ns:
                each.mid = payouts[each.index]
                self.outcome.scored = True
        self._value(self._end_ns)
        held = sum(value_of(each.mid, each.quantity) for each in self._holdings)
        self.outcome.final = self._cash + held
        for each in self._holdings:
            if each.spent:
                self.outcome.closed += 1
                self.outcome.won += each.got + value_of(each.mid, each.quantity) > each.spent


def _added(gone: dict[int, int], fill: SimulatedFill) -> dict[int, int]:
    total = dict(gone)
    for price, size in fill.taken:
        total[price] = total.get(price, 0) + size
    return total
