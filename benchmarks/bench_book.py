"""What it costs to keep a book: one change and a look at the best prices, and the memory of many books."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from random import Random  # noqa: TID251 - the same changes for all cases
from typing import Any, TypeAlias

from benchmarks.harness import Report, Spent, repeated, rotate
from polyspec.core.streams.book import OrderBook

_CHANGES = 20_000
_BOOKS = 1_000
_REPLACED = 2_000
_TICK = "0.0001"
_FEW, _MANY = 20, 1_000
_SECOND = 1_000_000.0

_Side: TypeAlias = list[tuple[str, str]]


def run(report: Report) -> None:
    """Change books of 20 and of 1,000 levels, then hold a thousand of them."""
    try:
        from sortedcontainers import SortedDict
    except ImportError:
        SortedDict = None  # noqa: N806
    cases: dict[str, Callable[[], Spent]] = {
        "few": repeated(_ours(_FEW), 1, each=_CHANGES),
        "many": repeated(_ours(_MANY), 1, each=_CHANGES),
    }
    if SortedDict is not None and report.peers:
        cases["sorted"] = repeated(_sorted(SortedDict, _FEW), 1, each=_CHANGES)
    found = rotate(cases, rounds=report.rounds(12))["cpu"]
    few, many = found.median("few") * _SECOND, found.median("many") * _SECOND
    report.fact("book: a change and the best prices", f"{few:.2f} us", goal="<= 0.4 us", met=few <= 0.4)
    report.ratio(
        f"book: {_MANY:,} levels to {_FEW}",
        found.ratios("many", "few"),
        ours=f"{many:.2f} us",
        against=f"{few:.2f} us",
        at_most=1.2,
    )
    if "sorted" in cases:
        report.ratio(
            "book: faster than a SortedDict of decimals",
            found.ratios("sorted", "few"),
            ours=f"{few:.2f} us",
            against=f"{found.median('sorted') * _SECOND:.2f} us",
            at_least=6.0,
        )
    _snapshots(report)
    _memories(report, SortedDict)


def _snapshots(report: Report) -> None:
    """Put whole books of 2 x 10 levels in place, in integers and in texts."""
    counts, texts = (
        ({50 - each: 1_000 + each for each in range(10)}, {51 + each: 900 for each in range(10)}),
        (_start(_FEW, "0.01")),
    )
    book = OrderBook("benchmark", "0.01")
    cases = {
        "counts": repeated(lambda: book.replace(*counts, 0, 0.0), _REPLACED),
        "texts": repeated(lambda: book.replace(*texts, 0, 0.0), _REPLACED),
    }
    found = rotate(cases, rounds=report.rounds(12))["cpu"]
    report.ratio(
        f"book: {_FEW} levels put in place, texts to integers",
        found.ratios("texts", "counts"),
        ours=f"{found.median('counts') * _SECOND:.2f} us",
        against=f"{found.median('texts') * _SECOND:.2f} us",
    )


def _memories(report: Report, kind: Any) -> None:
    """Hold many books, of 20 and of 100 levels a side."""
    for levels, tick in ((40, "0.01"), (200, "0.001")):
        size = _memory(partial(_book, levels, tick))
        name = f"book: memory of {_BOOKS:,} books, {levels // 2} levels a side"
        each = f"{size / _BOOKS / 1024:.1f} KiB each"
        if kind is None or not report.peers:
            report.fact(name, each)
            continue
        other = _memory(partial(_sorted_book, kind, levels, tick))
        report.ratio(name, [size / other], ours=each, against=f"{other / _BOOKS / 1024:.1f} KiB, SortedDict")


def _book(levels: int, tick: str) -> OrderBook:
    book = OrderBook("benchmark", tick)
    book.replace(*_start(levels, tick), 0, 0.0)
    return book


def _sorted_book(kind: Any, levels: int, tick: str) -> _SortedBook:
    return _SortedBook(kind, *_start(levels, tick))


def _start(levels: int, tick: str) -> tuple[_Side, _Side]:
    step, middle = Decimal(tick), Decimal("0.5")
    half = levels // 2
    bids = [(f"{(middle - step * each).normalize():f}", str(1_000 + each)) for each in range(1, half + 1)]
    asks = [(f"{(middle + step * each).normalize():f}", str(1_000 + each)) for each in range(1, half + 1)]
    return bids, asks


def _changes(levels: int) -> list[tuple[str, str, str]]:
    """Return changes as a feed tells them: mostly another size, now and then a level that goes or comes."""
    chance = Random(7)
    bids, asks = _start(levels, _TICK)
    gone: set[tuple[str, str]] = set()
    found = []
    for _ in range(_CHANGES):
        side = chance.choice(("BUY", "SELL"))
        # most happens near the best prices
        place = min(int(chance.expovariate(0.3)), levels // 2 - 1)
        price = (bids if side == "BUY" else asks)[place][0]
        leaves = (side, price) not in gone and chance.random() < 0.2
        (gone.add if leaves else gone.discard)((side, price))
        found.append((side, price, "0" if leaves else str(chance.randint(1, 99_999) / 100)))
    return found


def _ours(levels: int) -> Callable[[], object]:
    book = OrderBook("benchmark", _TICK)
    messages = [[each] for each in _changes(levels)]

    def case() -> object:
        book.replace(*_start(levels, _TICK), 0, 0.0)
        update = book.update
        for at, message in enumerate(messages):
            update(message, at, 1.0)
            best = book.bid, book.ask
        assert book.trusted, book.why
        return best

    return case


class _SortedBook:
    """The book most people write: decimals of the texts that the venue sends, in their order."""

    def __init__(self, kind: Any, bids: _Side, asks: _Side) -> None:
        self.bids, self.asks = (
            kind({Decimal(price): Decimal(size) for price, size in side}) for side in (bids, asks)
        )

    def update(self, changes: Iterable[tuple[str, str, str]]) -> None:
        for side, price, size in changes:
            levels = self.bids if side == "BUY" else self.asks
            amount = Decimal(size)
            if amount:
                levels[Decimal(price)] = amount
            else:
                levels.pop(Decimal(price), None)

    def best(self) -> tuple[Decimal | None, Decimal | None]:
        bids, asks = self.bids, self.asks
        return bids.peekitem(-1)[0] if bids else None, asks.peekitem(0)[0] if asks else None


def _sorted(kind: Any, levels: int) -> Callable[[], object]:
    messages = [[each] for each in _changes(levels)]

    def case() -> object:
        book = _sorted_book(kind, levels, _TICK)
        update, look = book.update, book.best
        for message in messages:
            update(message)
            best = look()
        return best

    return case


def _memory(make: Callable[[], object]) -> int:
    # what all books share is there already
    make()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        # texts of their own, as every message brings them
        books = [make() for _ in range(_BOOKS)]
        found = tracemalloc.get_traced_memory()[0] - before
        del books
        return found
    finally:
        tracemalloc.stop()
