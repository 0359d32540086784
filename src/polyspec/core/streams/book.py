"""One book for every venue: right, or it says that it is not.

Prices are kept as counts of ticks. Nobody who only reads has to care: levels come out as decimals, best
first. A book is `trusted` from a snapshot on until something shows that it may be wrong - a crossed market, a
price off the grid, a message from the past, a best price the venue tells otherwise. Then it stays untrusted,
and says why, until the next snapshot replaces all of it.

While a snapshot is on its way (`begin_sync`), changes are held back, and those that are newer than the
snapshot follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple, TypeAlias, cast

from polyspec.core.scales import Amount, as_decimal
from polyspec.core.streams.grid import Raw, exact, is_zero, spelt, whole
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["BookState", "BookUpdate", "Change", "Level", "OrderBook", "Raw"]

Change: TypeAlias = tuple[str, Raw, Raw]
"""BUY or SELL, price, and the new total at that price; 0 takes the level away."""
_Levels: TypeAlias = dict[int, Raw]
_Given: TypeAlias = Iterable[tuple[Raw, Raw]] | dict[int, int]

_MOST_TICKS: Final = 1_000_000
_MOST_HELD: Final = 10_000
"""Changes held back for a snapshot; a snapshot that takes longer is no use."""
_NEAR: Final = tuple(range(1, 17))
"""Distances at which the next level is looked for one by one, before all are looked at."""
_ZEROS: Final = frozenset(["0", *(f"0.{'0' * count}" for count in range(1, 9)), 0])


class Level(NamedTuple):
    """A price and what is to be had at it, in shares or contracts."""

    price: Decimal
    size: Decimal


class BookState(Enum):
    """What can be said of a book."""

    SYNCING = "waiting for a snapshot"
    LIVE = "right, as far as anybody can tell"
    STALE = "may be wrong"


# looked up in every update, and an enum is slow to be asked for its members
_SYNCING: Final = BookState.SYNCING
_LIVE: Final = BookState.LIVE


class BookUpdate(NamedTuple):
    """What one message changes."""

    at: int
    changes: Sequence[Change]


class OrderBook:
    """The book of one outcome.

    One thread may write while others read. What one property returns is whole; who compares two of them asks
    the stream for a moment of stillness.
    """

    __slots__ = (
        "_ask", "_asks", "_bid", "_bids", "_floor", "_forgotten", "_held", "_prices", "_shown", "_size_scale",
        "_texts", "_top", "ask", "at", "bid", "epoch", "market", "received", "state", "tick", "why",
    )  # fmt: skip

    def __init__(self, market: str, tick: Amount, *, highest: Amount = 1, size_scale: int = 1) -> None:
        """Make an empty book that waits for its first snapshot.

        `tick` is the distance of two prices in dollars, `highest` the price nothing goes beyond. Integer
        prices are counts of ticks, integer sizes are divided by `size_scale`.
        """
        if size_scale < 1:
            raise ConfigError(f"size_scale must be 1 or more, not {size_scale}")
        self.market = market
        self.at = 0
        """The venue's time of the last message, in the venue's unit; 0 before the first."""
        self.received = float("-inf")
        """Monotonic second at which the last message came."""
        self.epoch = 0
        """Counts the grids this book has had: prices of different epochs are not on the same ticks."""
        self.state = BookState.SYNCING
        self.why = "no snapshot yet"
        self._size_scale = size_scale
        self._held: list[BookUpdate] = []
        # the venue's time of the last change that could not be held back any more
        self._forgotten = 0
        # the venue's time of the snapshot: what is older is in it already
        self._floor = 0
        self._grid(tick, highest)

    def _grid(self, tick: Amount, highest: Amount) -> None:
        distance, top = as_decimal(tick, "tick"), as_decimal(highest, "highest")
        if distance <= 0 or top <= 0 or top % distance or top / distance > _MOST_TICKS:
            raise ConfigError(f"a tick of {distance} does not divide the prices up to {top}")
        self.tick = distance
        self._top = int(top / distance)
        self._prices, self._shown, self._texts = spelt(distance, self._top)
        self.bid: Decimal | None = None
        """The highest price somebody pays; cheaper than `best_bid`, which tells the size as well."""
        self.ask: Decimal | None = None
        """The lowest price it is to be had for."""
        self._put({}, {})

    # -- reading --

    @property
    def trusted(self) -> bool:
        """Whether nothing speaks against the book; `why` says what does."""
        return self.state is _LIVE

    def age(self, now: float) -> float:
        """Return the seconds since the last message, by the monotonic clock."""
        return now - self.received

    @property
    def best_bid(self) -> Level | None:
        """The highest price somebody pays."""
        best = self._bid
        return self._level(best, self._bids) if best >= 0 else None

    @property
    def best_ask(self) -> Level | None:
        """The lowest price it is to be had for."""
        best = self._ask
        return self._level(best, self._asks) if best <= self._top else None

    @property
    def spread(self) -> Decimal | None:
        """Distance of the best prices; None if a side is empty."""
        bid, ask = self.bid, self.ask
        return None if bid is None or ask is None or ask < bid else ask - bid

    @property
    def mid(self) -> Decimal | None:
        """The middle of the best prices; None if a side is empty."""
        bid, ask = self.bid, self.ask
        return None if bid is None or ask is None else (bid + ask) / 2

    def bids(self, depth: int | None = None) -> list[Level]:
        """Return the bids, best first."""
        return self._side(sorted(self._bids, reverse=True)[:depth], self._bids)

    def asks(self, depth: int | None = None) -> list[Level]:
        """Return the asks, best first."""
        return self._side(sorted(self._asks)[:depth], self._asks)

    def __len__(self) -> int:
        return len(self._bids) + len(self._asks)

    def __iter__(self) -> Iterator[tuple[str, Level]]:
        for level in self.bids():
            yield "BUY", level
        for level in self.asks():
            yield "SELL", level

    def __repr__(self) -> str:
        best = f"{_price(self.best_bid)}/{_price(self.best_ask)}"
        return f"<OrderBook {self.market} {best} {self.state.name}{'' if self.trusted else f': {self.why}'}>"

    def _side(self, counts: list[int], levels: _Levels) -> list[Level]:
        return [self._level(count, levels) for count in counts]

    def _level(self, count: int, levels: _Levels) -> Level:
        # another thread may have taken the level away just now
        size = exact(levels.get(count, 0), self._size_scale)
        if size is None:
            self.distrust("a size that cannot be read")
        return Level(self._prices[count], size or Decimal(0))

    # -- writing --

    def replace(
        self,
        bids: _Given,
        asks: _Given,
        at: int,
        now: float,
        *,
        tick: Amount | None = None,
    ) -> bool:
        """Put a snapshot in place of everything, then what was held back and is newer; say if it is trusted.

        A snapshot on another `tick` begins a new epoch. Integers may come as a dict of sizes by price.
        """
        if tick is not None and as_decimal(tick, "tick") != self.tick:
            self._begin_epoch(tick)
        held, self._held = self._held, []
        self.at, self.received, self._floor = at, now, at
        self.state, self.why = BookState.LIVE, ""
        try:
            self._put(self._filled(bids), self._filled(asks))
        except (ArithmeticError, ValueError, TypeError) as error:
            self._put({}, {})
            self.distrust(f"a snapshot that cannot be read: {error}")
        if self._bid >= self._ask:
            self.distrust("the bids of a snapshot reach its asks")
        if self._forgotten > at:
            self.distrust("too much changed while the snapshot was awaited")
        self._forgotten = 0
        for update in held:
            # totals may be told twice: what came at the very moment of the snapshot may not be in it
            if self.trusted and update.at >= at:
                self.update(update.changes, update.at, now)
        return self.trusted

    def _filled(self, given: _Given) -> _Levels:
        rows = given if isinstance(given, (dict, list)) else list(given)
        levels = whole(rows, self._top)
        if levels is not None:
            return levels
        levels = {}
        for price, size in cast("dict[int, int]", rows).items() if isinstance(rows, dict) else rows:
            count = self._texts.get(price)
            if count is None:
                count = self._find(price)
            if not is_zero(size):
                levels[count] = size
        return levels

    def _put(self, bids: _Levels, asks: _Levels) -> None:
        self._bids, self._asks = bids, asks
        self._bid, self._ask = max(bids, default=-1), min(asks, default=self._top + 1)
        self.bid, self.ask = self._shown[self._bid], self._shown[self._ask]

    def begin_sync(self, why: str) -> None:
        """Distrust the book and hold changes back until `replace` brings a snapshot."""
        self.state, self.why = BookState.SYNCING, why

    def forget(self, why: str) -> None:
        """Wait for the snapshot of another connection: what was held back belongs to the one before."""
        self.begin_sync(why)
        self._held.clear()
        self._forgotten = 0

    def same(self, other: OrderBook) -> bool:
        """Tell whether another book has the same levels on the same grid."""
        return (
            self.tick == other.tick
            and self._amounts(self._bids) == other._amounts(other._bids)
            and self._amounts(self._asks) == other._amounts(other._asks)
        )

    def _amounts(self, levels: _Levels) -> dict[int, Decimal]:
        return {count: self._level(count, levels).size for count in levels}

    def distrust(self, why: str) -> None:
        """Note what shows that the book may be wrong; it stays so until a snapshot comes."""
        if self.state is BookState.LIVE:
            self.state, self.why = BookState.STALE, why

    def set_tick(self, tick: Amount, *, highest: Amount | None = None, size_scale: int | None = None) -> None:
        """Move to another grid: a new epoch, which begins without levels and needs a snapshot."""
        top = self._prices[-1] if highest is None else as_decimal(highest, "highest")
        scale = self._size_scale if size_scale is None else size_scale
        if (as_decimal(tick, "tick"), top, scale) != (self.tick, self._prices[-1], self._size_scale):
            self._begin_epoch(tick, top)
            self._size_scale = scale
            self.begin_sync(f"the tick is {self.tick} now")

    def _begin_epoch(self, tick: Amount, top: Amount | None = None) -> None:
        self._grid(tick, self._prices[-1] if top is None else top)
        self.epoch += 1

    def update(self, changes: Sequence[Change], at: int, now: float) -> bool:
        """Apply what one message changes, all of it at once; say whether the book is trusted after it.

        `at` is the venue's time of the message. A message older than the one before is a sign that something
        was lost or doubled on the way; one that is older than the snapshot is in it, and passed over.
        """
        if self.state is _SYNCING:
            self._hold(BookUpdate(at, changes))
            return False
        if at < self.at:
            if at >= self._floor:
                self.distrust("a message came after a later one")
            return self.state is _LIVE
        self.at, self.received = at, now
        texts = self._texts
        for side, price, size in changes:
            try:
                count = texts[price]
                # a size that begins with one of these is a number above 0, which nearly all are
                left = size[0] in "123456789" or not (size in _ZEROS or is_zero(size))  # type: ignore[index]
            except (KeyError, TypeError, IndexError, ValueError):
                try:
                    count, left = self._find(price), not is_zero(size)
                except (ArithmeticError, ValueError, TypeError) as error:
                    self.distrust(f"a change that cannot be read: {error}")
                    return False
            if side == "BUY":
                if left:
                    self._bids[count] = size
                    if count > self._bid:
                        self._bid, self.bid = count, self._shown[count]
                elif self._bids.pop(count, None) is not None and count == self._bid:
                    self._lower_bid(count)
            elif side == "SELL":
                if left:
                    self._asks[count] = size
                    if count < self._ask:
                        self._ask, self.ask = count, self._shown[count]
                elif self._asks.pop(count, None) is not None and count == self._ask:
                    self._raise_ask(count)
            else:
                self.distrust(f"a change on the side {side!r:.20}")
                return False
        if self._bid >= self._ask:
            self.distrust("the bids reach the asks")
        return self.state is _LIVE

    def check(self, best_bid: Raw | None, best_ask: Raw | None) -> bool:
        """Hold the best prices against those the venue tells; 0 and 1, or None, stand for an empty side.

        Returns whether they agree; if not the book is no longer trusted. While it waits for a snapshot there
        is nothing to compare.
        """
        if self.state is not _LIVE:
            return self.state is _SYNCING
        find = self._texts.get
        if find(best_bid) == self._bid and find(best_ask) == self._ask:  # type: ignore[arg-type]
            return True
        try:
            bid = -1 if best_bid is None else self._find(best_bid)
            ask = self._top + 1 if best_ask is None else self._find(best_ask)
        except (ArithmeticError, ValueError, TypeError) as error:
            self.distrust(f"a best price that cannot be read: {error}")
            return False
        if (self._bid, self._ask) != (bid, ask) and (max(self._bid, 0), min(self._ask, self._top)) != (
            bid,
            ask,
        ):
            self.distrust(f"the venue's best prices are {best_bid} and {best_ask}")
            return False
        return True

    # -- details --

    def _hold(self, update: BookUpdate) -> None:
        if len(self._held) >= _MOST_HELD:
            # what a snapshot is to be completed with must be complete itself
            self._forgotten = self._held[-1].at
            self._held.clear()
        self._held.append(update)

    def _find(self, price: Raw) -> int:
        """Return the tick of a price in any spelling; raises ValueError off the grid."""
        if isinstance(price, int):
            count = price
        else:
            try:
                exact = as_decimal(price, "price")
            except InvalidOrder as error:
                raise ValueError(str(error)) from None
            quotient = exact / self.tick
            count = int(quotient)
            if quotient != count:
                raise ValueError(f"price {exact} is not on the tick of {self.tick}")
        if not 0 <= count <= self._top:
            raise ValueError(f"price {price} is out of range")
        return count

    def _lower_bid(self, gone: int) -> None:
        bids = self._bids
        for distance in _NEAR:
            # the next level is near, nearly always
            if gone - distance in bids:
                best = gone - distance
                break
        else:
            best = max(bids, default=-1)
        self._bid, self.bid = best, self._shown[best]

    def _raise_ask(self, gone: int) -> None:
        asks = self._asks
        for distance in _NEAR:
            if gone + distance in asks:
                best = gone + distance
                break
        else:
            best = min(asks, default=self._top + 1)
        self._ask, self.ask = best, self._shown[best]


def _price(level: Level | None) -> str:
    return "-" if level is None else f"{level.price:f}"
