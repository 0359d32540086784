"""Which fills were told: each once, whether the channel told it, or REST, or both in any order.

The venue documents the numbers of the channel's fills as those of the history. As long as no number was seen
on both sides, a fill with all terms in common at the same moment counts as the same one, too: telling a fill
twice costs as much as telling it never.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple, TypeAlias

from attrs import define, field

__all__ = ["SLACK", "Fill", "Ledger", "amount_of", "seconds_of"]

SLACK: Final = 120.0
"""Seconds by which a fill may become visible later than a younger one."""
_CLOSE: Final = 5.0
"""Seconds by which both sides may differ over the moment of one fill."""
_MOST: Final = 20_000
"""Fills that are remembered."""

_Terms: TypeAlias = tuple[object, ...]


class Fill(NamedTuple):
    """A fill as far as both sides tell it."""

    number: str
    market: str
    side: str
    outcome: str
    price: Decimal | None
    quantity: Decimal | None
    stamp: str
    """The moment as it was told."""
    at: float | None
    """The same in unix seconds; None if it cannot be read."""

    @property
    def terms(self) -> _Terms:
        """What a fill has in common with none but its own kind."""
        return self.market, self.side.upper(), self.outcome.casefold(), self.price, self.quantity


@define(eq=False)
class Ledger:
    """Every fill that was told, by whom."""

    begun: bool = False
    newest: float | None = None
    """Unix seconds of the youngest fill known."""
    floor: float | None = None
    """Unix seconds before which everything is known, and nothing is news."""
    _proven: bool = False
    """Whether a number was seen on both sides."""
    _heard: dict[Fill, None] = field(factory=dict)
    _read: dict[Fill, None] = field(factory=dict)
    _only_heard: dict[_Terms, list[Fill]] = field(factory=dict)
    _only_read: dict[_Terms, list[Fill]] = field(factory=dict)

    def begin(self, rows: Iterable[Fill]) -> None:
        """Take note of what was there before: it is no news."""
        for each in rows:
            self._read[each] = None
            self._only_read.setdefault(each.terms, []).append(each)
            self._seen(each)
        self.begun = True
        self.floor = None if self.newest is None else self.newest - SLACK

    @property
    def since(self) -> float | None:
        """From which unix second on REST has to be read; None for all of it."""
        if self.newest is None or self.floor is None:
            return None
        return max(self.floor, self.newest - SLACK)

    def hear(self, fill: Fill) -> bool:
        """Take in a fill the channel tells; say whether it is news."""
        if fill in self._heard:
            return False
        self._heard[fill] = None
        self._seen(fill)
        if self._matched(self._only_read, fill, exact=True) or self._matched(
            self._only_read, fill, exact=False
        ):
            return False
        self._only_heard.setdefault(fill.terms, []).append(fill)
        self._trim()
        return True

    def read(self, rows: Iterable[Fill]) -> list[Fill]:
        """Take in fills REST tells; return those that are news, the oldest first."""
        fresh = [each for each in dict.fromkeys(rows) if each not in self._read]
        self._read |= dict.fromkeys(fresh)
        for each in fresh:
            self._seen(each)
        # a number proves more than a moment, so those come first
        left = [each for each in fresh if not self._matched(self._only_heard, each, exact=True)]
        news = [each for each in left if not self._matched(self._only_heard, each, exact=False)]
        for each in news:
            self._only_read.setdefault(each.terms, []).append(each)
        self._trim()
        if self.floor is None and self.newest is not None:
            # there was nothing before, and now everything is known
            self.floor = self.newest - SLACK
        return sorted(news, key=lambda each: each.at or 0.0)

    def _matched(self, waiting: dict[_Terms, list[Fill]], fill: Fill, *, exact: bool) -> bool:
        """Strike a fill off that the other side told; say whether there was one."""
        if not exact and self._proven:
            return False
        others = waiting.get(fill.terms, [])
        for place, other in enumerate(others):
            if _same(other, fill) if exact else _close(other, fill):
                del others[place]
                if not others:
                    del waiting[fill.terms]
                self._proven = self._proven or exact
                return True
        return False

    def _seen(self, fill: Fill) -> None:
        if fill.at is not None:
            self.newest = fill.at if self.newest is None else max(self.newest, fill.at)

    def _trim(self) -> None:
        for known in (self._heard, self._read):
            while len(known) > _MOST:
                known.pop(next(iter(known)))
        for waiting in (self._only_heard, self._only_read):
            while len(waiting) > _MOST:
                waiting.pop(next(iter(waiting)))


def _same(one: Fill, other: Fill) -> bool:
    return one.number == other.number


def _close(one: Fill, other: Fill) -> bool:
    return one.at is not None and other.at is not None and abs(one.at - other.at) <= _CLOSE


def seconds_of(moment: str | None) -> float | None:
    """Read a moment in any of the venue's forms as unix seconds; None if it cannot be."""
    text = moment or ""
    if text.isascii() and text.isdigit():
        number = float(text[:20])
        return number / 1000 if number > 10**11 else number
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    # without a zone it is in that of the venue, which is UTC
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def amount_of(text: str | None) -> Decimal | None:
    """Read an amount; None if there is none."""
    try:
        found = Decimal(text or "")
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
