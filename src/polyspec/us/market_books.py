"""Books of the US exchange: integers of updates on the grid of their scales."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from polyspec.core.scales import scale_of
from polyspec.core.streams.book import OrderBook
from polyspec.errors import ConfigError
from polyspec.us.market_scales import Scales

__all__ = ["KeptBook"]

_MOST_TICKS: Final = 100_000
"""Of one book. All books on a grid share its prices, and no venue lists anything near as fine."""
_BEFORE: Final = Decimal("0.01")
"""The tick of a book before its scales are known."""
_NANO: Final = 1_000_000_000


def _fine(price_scale: int) -> Decimal:
    """Return the distance of two prices of a scale."""
    unit = scale_of(price_scale).from_wire(1)
    if price_scale > _MOST_TICKS:
        raise ConfigError(f"a scale of {price_scale} is too fine")
    return unit


def _side(entries: Any) -> dict[int, int]:
    """Return sizes by price; what is told order by order is summed up."""
    found = {each.px: each.qty for each in entries}
    if len(found) != len(entries):
        found = {}
        for each in entries:
            found[each.px] = found.get(each.px, 0) + each.qty
    return found


@define(eq=False)
class KeptBook:
    """A book, what its integers mean, and the update it is made of."""

    symbol: str
    book: OrderBook = field(init=False)
    scales: Scales | None = field(default=None, init=False)
    """None while nobody has told them."""
    last: Any = field(default=None, init=False)
    """The newest update; not in the book yet while its scales are not known."""
    told: bool = field(default=False, init=False)
    """Whether an update of this connection is in the book."""
    sought: bool = field(default=False, init=False)
    """Whether its scales were asked for elsewhere on this connection."""
    insisted: bool = field(default=False, init=False)
    """Whether the next update counts whatever its time: asking again led to nothing newer."""
    _older: bool = field(default=False, init=False)
    """Whether this connection has told nothing but what is older than the book."""
    _sound: bool = field(default=False, init=False)
    """Whether the scales make sense."""
    _highest: int = field(default=1, init=False)
    """Dollars beyond which there is no price on the grid; it grows when there is one."""

    def __attrs_post_init__(self) -> None:
        self.book = OrderBook(self.symbol, _BEFORE)

    @property
    def waiting(self) -> bool:
        """Whether it was told, and only the scales are missing."""
        return self.scales is None and self.last is not None

    def forget(self, why: str) -> None:
        """Wait for another connection to tell it."""
        self.book.forget(why)
        self.insisted = self._older
        self.told = self.sought = self._older = False
        if self.scales is None:
            self.last = None

    def rescale(self, scales: Scales, now: float) -> bool:
        """Take what integers are divided by, and the update that waited for it; say if the book was told.

        No scale of quantities is one of 1. Scales that make no sense are an end to the book's trust.
        """
        if scales == self.scales:
            return False
        waited, self.scales = self.waiting, scales
        # what was told by other scales says nothing by these
        self.told, self._highest = False, 1
        try:
            unit, sizes = _fine(scales[0]), scale_of(scales[1] or 1).value
            self.book.set_tick(unit, highest=1, size_scale=sizes)
        except ConfigError as error:
            self._sound = False
            self.book.begin_sync(f"its scales make no sense: {error}")
        else:
            self._sound = True
        return waited and self.take(self.last, now)

    def take(self, update: Any, now: float) -> bool:
        """Put an update in place of the book, or keep it until scales are known; say if the book was told.

        One that is older than the book changes nothing.
        """
        moment, book = update.transact_time, self.book
        # one without a time is where it is in the stream
        at = moment.seconds * _NANO + moment.nanos or book.at
        if at < book.at and not self.insisted:
            if not (self.told or self.waiting):
                self._older = True
                book.begin_sync("what was told last is older than what was known before")
            return False
        self.last = update
        if self.scales is None:
            book.begin_sync("its scales are not known yet")
            book.at, book.received = at, now
            return False
        self.told, self.insisted, self._older = True, False, False
        if self._sound:
            self._put(update, at, now)
        return True

    def _put(self, update: Any, at: int, now: float) -> None:
        book, bids, asks = self.book, _side(update.bids), _side(update.offers)
        if not book.replace(bids, asks, at, now) and self._widened(bids, asks):
            book.replace(bids, asks, at, now)
        if update.book_hidden:
            book.distrust("the venue hides this book")

    def _widened(self, bids: dict[int, int], asks: dict[int, int]) -> bool:
        """Make room for prices beyond the grid; say if there was need of it and is room."""
        needed, highest = max([*bids, *asks], default=0) * self.book.tick, self._highest
        while highest < needed:
            highest *= 2
        if highest == self._highest or highest / self.book.tick > _MOST_TICKS:
            return False
        self._highest = highest
        self.book.set_tick(self.book.tick, highest=highest)
        return True
