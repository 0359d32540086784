"""Books, trades and the health of a stream on a terminal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import zip_longest
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from polyspec.cli.watching import BookFeed, Trade, Watched
from polyspec.cli.watching_lines import amount, clean
from polyspec.core.streams.book import Level, OrderBook
from polyspec.core.streams.events import Dropped, Event, Gap, Lost, Message, Raw, StreamState
from polyspec.core.streams.recording import Header

__all__ = ["Screen", "view"]

_EVERY: Final = 0.1
"""Seconds between two pictures; eyes are no faster."""
_IDLE: Final = 0.5
"""The same while nothing happens but that time passes."""
_LEVELS: Final = 10
_TRADES: Final = 8
_WIDE: Final = 66
"""Columns from which on there is room for totals."""
_WINDOW: Final = 5.0
"""Seconds over which events are counted."""
_HEALTH: Final = 4
"""Lines below everything else."""
_COLOURS: Final = {
    StreamState.LIVE: "green",
    StreamState.BACKING_OFF: "red",
    StreamState.CLOSED: "red",
}


@contextmanager
def view(venue: Watched, header: Header, feed: BookFeed) -> Iterator[Screen]:
    """Show a screen; the last picture stays."""
    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        screen = Screen(venue, header, feed, console, live)
        try:
            yield screen
        finally:
            screen.show()


class Screen:
    """What is known at a moment, drawn as it fits."""

    def __init__(
        self, venue: Watched, header: Header, feed: BookFeed, console: Console, live: Live | None = None
    ) -> None:
        self._venue = venue
        self._header = header
        self._feed = feed
        self._console = console
        self._live = live
        self._now = header.monotonic
        self._drawn = float("-inf")
        self._stale = False
        """Whether something happened that is not to be seen yet."""
        self._trades: deque[tuple[float, Trade]] = deque(maxlen=_TRADES)
        self._seconds: deque[list[float]] = deque(maxlen=8)
        """Seconds, and how many events there were in each."""
        self._counts = dict.fromkeys(("events", "gaps", "dropped", "unread", "lost"), 0)

    # -- what happens --

    def tell(self, events: list[Event], now: float) -> None:
        """Take events in."""
        for each in events:
            self._count(each, now)
        self._stale = True
        self._draw(now, _EVERY)

    def rest(self, now: float) -> None:
        """Let time pass."""
        self._draw(now, _EVERY if self._stale else _IDLE)

    def _draw(self, now: float, every: float) -> None:
        """Draw another picture, if it is time for one."""
        self._now = now
        moment = time.monotonic()
        if moment >= self._drawn + every:
            self._drawn = moment
            self.show()

    def show(self) -> None:
        """Draw a picture."""
        self._stale = False
        if self._live is not None:
            self._live.update(self.picture(), refresh=True)

    def _count(self, event: Event, now: float) -> None:
        counts = self._counts
        counts["events"] += 1
        second = float(int(now))
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append([second, 0.0])
        self._seconds[-1][1] += 1
        if isinstance(event, Message):
            self._trades.extendleft((now, each) for each in self._venue.told(event.key, event.native).trades)
        elif isinstance(event, Gap):
            counts["gaps"] += 1
        elif isinstance(event, Dropped):
            counts["dropped"] += event.count
        elif isinstance(event, Raw):
            counts["unread"] += 1
        elif isinstance(event, Lost):
            counts["lost"] += 1

    @property
    def rate(self) -> float:
        """Events per second of late."""
        since = self._now - _WINDOW
        return sum(count for second, count in self._seconds if second >= since) / _WINDOW

    # -- the picture --

    def picture(self) -> RenderableType:
        """Return what is to be seen, in as many lines as there are."""
        width, height = self._console.size
        books = list(self._feed.books.values())
        room = max(height - _HEALTH, 3)
        trades = min(len(self._trades), max(room // 5, 1))
        room -= trades + 1
        # a book of one level takes three lines
        shown = books[: max(room // 4, 1)]
        levels = min(_LEVELS, max(room // max(len(shown), 1) - 3, 1))
        parts: list[RenderableType] = []
        for book in shown:
            parts += [self._title(book, width), self._levels(book, levels, width), Text()]
        if len(shown) < len(books):
            parts.append(Text(f"and {len(books) - len(shown)} more, for want of room", style="dim"))
        parts += [self._trade(at, each, width) for at, each in list(self._trades)[:trades]]
        return Group(*parts, Text(), *self._health(width))

    def _title(self, book: OrderBook, width: int) -> Text:
        text = Text(_short(book.market, max(width // 3, 12)), style="bold", no_wrap=True, overflow="ellipsis")
        if book.spread is not None and book.mid is not None:
            text.append(f"  spread {amount(book.spread)}  mid {amount(book.mid)}", style="default")
        if book.trusted:
            text.append("  trusted", style="green")
            text.append(f"  {_age(book.age(self._now))}", style="dim")
        elif self._feed.machine.state is StreamState.CLOSED:
            text.append("  closed", style="dim")
        else:
            text.append(f"  NOT TRUSTED: {clean(book.why)}", style="bold red")
        return text

    def _levels(self, book: OrderBook, levels: int, width: int) -> Table:
        wide = width >= _WIDE
        table = Table(box=None, pad_edge=False, padding=(0, 1), expand=False)
        bid_columns = ("total", "bid size", "bid") if wide else ("size", "bid")
        ask_columns = ("ask", "ask size", "total") if wide else ("ask", "size")
        for name in (*bid_columns, *ask_columns):
            style = "dim" if name == "total" else "green" if name == "bid" else "red" if name == "ask" else ""
            table.add_column(name, justify="right", style=style, no_wrap=True, min_width=6)
        empty = [""] * len(bid_columns)
        bids = [[*reversed(each)] for each in _rows(book.bids(levels), book.tick, wide=wide)]
        asks = _rows(book.asks(levels), book.tick, wide=wide)
        for left, right in zip_longest(bids, asks, fillvalue=empty):
            table.add_row(*left, *right)
        # the picture does not jump when a level comes or goes
        for _ in range(levels - max(len(bids), len(asks))):
            table.add_row(*empty, *empty)
        return table

    def _trade(self, now: float, trade: Trade, width: int) -> Text:
        moment = self._header.moment(now)
        text = Text(f"{moment:%H:%M:%S} ", style="dim", no_wrap=True, overflow="ellipsis")
        side = clean(trade.side) or "traded"
        text.append(f"{side:>6} ", style={"BUY": "green", "SELL": "red"}.get(side, "default"))
        size = "" if trade.size is None else f"{amount(trade.size)} "
        text.append(f"{size}at {amount(trade.price)}", style="default")
        text.append(f"  {_short(trade.key, max(width // 3, 12))}", style="dim")
        return text

    def _health(self, width: int) -> list[Text]:
        del width
        machine, counts = self._feed.machine, self._counts
        state = Text(no_wrap=True, overflow="ellipsis")
        state.append(machine.state.name, style=f"bold {_COLOURS.get(machine.state, 'yellow')}")
        state.append(f" {clean(machine.reason)}")
        if machine.attempt:
            state.append(f" (attempt {machine.attempt})", style="red")
        told = f"{self.rate:.1f} events/s, {counts['events']} in all"
        text = Text(told, no_wrap=True, overflow="ellipsis")
        for name in ("gaps", "dropped", "unread", "lost"):
            text.append(f", {name} {counts[name]}", style="red" if counts[name] else "dim")
        return [state, text]


def _rows(levels: list[Level], tick: Decimal, *, wide: bool) -> list[list[str]]:
    """Return rows from the middle of a book outwards, prices with the digits of the tick."""
    total, rows = Decimal(0), []
    finest = tick.normalize()
    for price, size in levels:
        total += size
        row = [f"{price.quantize(finest) if finest < 1 else price:f}", f"{size.normalize():,f}"]
        rows.append([*row, f"{total.normalize():,f}"] if wide else row)
    return rows


def _age(seconds: float) -> str:
    return f"{max(seconds, 0.0):.1f} s old" if seconds < 600 else f"{seconds / 60:.0f} min old"


def _short(name: str, width: int) -> str:
    """Return both ends of a long name."""
    name = clean(name)
    if len(name) <= width:
        return name
    half = (width - 1) // 2
    return f"{name[:half]}…{name[-half:]}"
