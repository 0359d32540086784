"""What it costs to keep a book: one change and a look at the best prices, and the memory of many books."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from random import Random  # noqa: TID251 - the same changes for all cases
from typing import Any

from benchmarks.harness import Report, Spent, repeated, rotate
from polyspec.core.streams.book import OrderBook

_CHANGES = 20_000
_BOOKS = 1_000
_TICK = "0.0001"
_FEW, _MANY = 20, 1_000
_SECOND = 1_000_000.0


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
    for levels, tick in ((_FEW, "0.01"), (200, "0.001")):
        size = _memory(levels, tick)
        report.fact(
            f"book: memory of {_BOOKS:,} books of {levels} levels",
            f"{size / 2**20:.1f} MiB",
            against=f"{size / _BOOKS / 1024:.1f} KiB each",
        )


def _start(levels: int, tick: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
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


def _sorted(kind: Any, levels: int) -> Callable[[], object]:
    changes = _changes(levels)

    def case() -> object:
        bids, asks = (
            kind({Decimal(price): Decimal(size) for price, size in side}) for side in _start(levels, _TICK)
        )
        best: object = None
        for side, price, size in changes:
            held = bids if side == "BUY" else asks
            amount = Decimal(size)
            if amount:
                held[Decimal(price)] = amount
            else:
                held.pop(Decimal(price), None)
            best = bids.peekitem(-1)[0] if bids else None, asks.peekitem(0)[0] if asks else None
        return best

    return case


def _memory(levels: int, tick: str) -> int:
    tracemalloc.start()
    try:
        books = []
        before = tracemalloc.get_traced_memory()[0]
        for number in range(_BOOKS):
            book = OrderBook(str(number), tick)
            # texts of their own, as every message brings them
            book.replace(*_start(levels, tick), 0, 0.0)
            books.append(book)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
