"""Strategies of backtests: a small grammar of the sandbox's own, for the venue publishes none.

::

    {"type": "buy_and_hold", "outcome": "Yes", "shares": "10"}
    {"type": "threshold", "outcome": "Yes", "shares": "10", "buy_below": "0.40", "sell_above": "0.60",
     "max_shares": "100"}

Both take `fill_model` and `every`, the seconds from one look at the book to the next. Without an outcome it
is the first one of each market.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from polyspec.core.typed import convert
from polyspec.sandbox.polysimulator.archive import ReplayBook
from polyspec.sandbox.polysimulator.engine import scaled
from polyspec.sandbox.polysimulator.fills import FILL_MODELS
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request

__all__ = ["BuyAndHold", "Strategy", "Threshold", "Want", "read_strategy"]

_SHARE: Final = 10_000
_ONE: Final = 1_000_000
Want: TypeAlias = tuple[str, int]
"""A side, and shares in 1/10,000."""


class _Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    shares: Decimal
    outcome: str = ""
    fill_model: str = "depth_walk"
    every: int = 3600

    @property
    def quantity(self) -> int:
        """Shares of one order, in 1/10,000."""
        return _units("shares", self.shares, _SHARE)

    def check(self) -> None:
        """Raise Refusal (400) for values no strategy can have."""
        if self.quantity <= 0:
            raise _bad("shares must be above zero")
        if self.fill_model not in FILL_MODELS:
            raise _bad(f"fill_model must be one of {', '.join(FILL_MODELS)}")
        if not 1 <= self.every <= 86_400:
            raise _bad("every must be 1 to 86400 seconds")


class BuyAndHold(_Common, frozen=True, kw_only=True, tag="buy_and_hold"):
    """Buys at the first look and keeps what it has."""

    def want(self, book: ReplayBook, held: int, *, first: bool) -> Want | None:
        """Return what to do at a look at the book."""
        del book, held
        return ("BUY", self.quantity) if first else None


class Threshold(_Common, frozen=True, kw_only=True, tag="threshold"):
    """Buys when the ask is at or below one price, sells all when the bid is at or above another."""

    buy_below: Decimal
    sell_above: Decimal | None = None
    max_shares: Decimal | None = None

    def check(self) -> None:
        """Raise Refusal (400) for values no strategy can have."""
        super().check()
        low = _units("buy_below", self.buy_below, _ONE)
        high = None if self.sell_above is None else _units("sell_above", self.sell_above, _ONE)
        if not 0 < low < _ONE or (high is not None and not low < high < _ONE):
            raise _bad("prices must be between 0 and 1, and sell_above above buy_below")
        if self.max_shares is not None and _units("max_shares", self.max_shares, _SHARE) < self.quantity:
            raise _bad("max_shares must be at least shares")

    def want(self, book: ReplayBook, held: int, *, first: bool) -> Want | None:
        """Return what to do at a look at the book."""
        del first
        high = _ONE if self.sell_above is None else _units("sell_above", self.sell_above, _ONE)
        if held and book.bids and book.bids[0][0] >= high:
            return "SELL", held
        most = self.quantity if self.max_shares is None else _units("max_shares", self.max_shares, _SHARE)
        if book.asks and book.asks[0][0] <= _units("buy_below", self.buy_below, _ONE) and held < most:
            return "BUY", min(self.quantity, most - held)
        return None


Strategy: TypeAlias = BuyAndHold | Threshold


def read_strategy(plain: Any) -> Strategy:
    """Return the strategy an object describes; raises Refusal (400)."""
    try:
        made: Strategy = convert(plain, BuyAndHold | Threshold)
    except msgspec.ValidationError as error:
        raise _bad(str(error)) from error
    made.check()
    return made


def _units(name: str, value: Decimal, scale: int) -> int:
    found = scaled(value, scale)
    if found is None or abs(found) > 10**15:
        raise _bad(f"{name} has too many digits")
    return found


def _bad(message: str) -> Refusal:
    return bad_request("INVALID_REQUEST", f"strategy: {message}")
