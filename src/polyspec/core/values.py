"""Markets, books, orders and holdings in the few words that all venues share.

Prices are dollars per share (or contract) of one outcome, quantities are shares or contracts, both exact
decimals. What a venue says beyond that is in `native`, as its own client returns it.
"""

from __future__ import annotations

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Rounded
from typing import Any, Final, NamedTuple

from attrs import field, frozen

from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError, InvalidOrder

__all__ = [
    "Balance",
    "Book",
    "Level",
    "Market",
    "OpenOrder",
    "Position",
    "added",
    "checked_force",
    "is_buy",
    "left_of",
    "market_id",
]

# wide enough that nothing rounds, whatever context the calling thread has
_EXACT: Final = Context(prec=200, traps=[DivisionByZero, Inexact, InvalidOperation, Rounded])
_HALF: Final = Decimal("0.5")
_NONE: Final = Decimal(0)
_FORCES: Final = {"GTC": "GTC", "IOC": "IOC", "FAK": "IOC", "FOK": "FOK"}


def is_buy(side: str) -> bool:
    """Tell a BUY from a SELL; raises InvalidOrder for anything else."""
    name = side.upper() if isinstance(side, str) else ""
    if name not in ("BUY", "SELL"):
        raise InvalidOrder(f"side must be BUY or SELL, not {side!r}", field="side", nearest=("BUY", "SELL"))
    return name == "BUY"


def checked_force(time_in_force: str, *, post_only: bool) -> str:
    """Return GTC, IOC or FOK, the terms that mean the same at every venue; raises InvalidOrder for others."""
    name = time_in_force.upper() if isinstance(time_in_force, str) else ""
    if name not in _FORCES:
        raise InvalidOrder(
            f"time_in_force is GTC, IOC or FOK at every venue, not {time_in_force!r}: for what only some of "
            "them have, use the client of the desk",
            field="time_in_force",
            nearest=("GTC", "IOC", "FOK"),
        )
    if post_only and _FORCES[name] != "GTC":
        raise InvalidOrder(
            f"post_only never trades at once, {name} does nothing else", field="post_only", nearest=("GTC",)
        )
    return _FORCES[name]


@frozen(kw_only=True)
class Market:
    """One outcome that can be bought and sold, and the grid of its orders."""

    id: str
    """What names it at its venue; enough to find it again."""
    name: str
    """The question it is about."""
    outcome: str
    """The answer that is traded."""
    tick: Decimal
    """Distance of two valid prices."""
    lowest: Decimal
    """The lowest valid price."""
    highest: Decimal
    """The highest valid price."""
    minimum: Decimal
    """The smallest order."""
    quantity_step: Decimal
    """Distance of two valid quantities."""
    can_short: bool
    """Whether more may be sold than is held; without that, such an order is refused."""
    in_book: bool = True
    """Whether own orders stand in the book; of a simulator it shows those of another venue alone."""
    native: Any = field(repr=False, eq=False)
    """The venue's own record."""

    def snap(self, price: Amount, side: str) -> Decimal:
        """Return the nearest valid price that is no worse for an order of `side`: down to buy, up to sell.

        So a quote never comes nearer to crossing than it was meant to. Raises InvalidOrder where every valid
        price is worse.
        """
        wanted, buying = as_decimal(price, "price"), is_buy(side)
        steps = _steps(wanted, self.tick)
        if not buying and _times(steps, self.tick) != wanted:
            steps += 1
        snapped = min(max(_times(steps, self.tick), self.lowest), self.highest)
        if snapped > wanted if buying else snapped < wanted:
            raise InvalidOrder(
                f"price {wanted:f} is beyond the valid prices, {self.lowest:f} to {self.highest:f}: to "
                f"{'buy' if buying else 'sell'} at {snapped:f} would be worse than that",
                field="price",
                nearest=(f"{snapped:f}",),
            )
        return snapped

    def lots(self, quantity: Amount) -> Decimal:
        """Return the largest valid quantity that is no more; 0 if that is less than the smallest order."""
        steps = max(0, _steps(as_decimal(quantity, "quantity"), self.quantity_step))
        found = _times(steps, self.quantity_step)
        return found if found >= self.minimum else _NONE


class Level(NamedTuple):
    """One price of a book, and how much there is of it."""

    price: Decimal
    quantity: Decimal


@frozen
class Book:
    """Who waits to buy and to sell one outcome, as of one moment."""

    market_id: str
    bids: tuple[Level, ...]
    """Best (highest) first."""
    asks: tuple[Level, ...]
    """Best (lowest) first."""
    native: Any = field(repr=False, eq=False)

    @property
    def bid(self) -> Decimal | None:
        """The best price somebody buys at; None if nobody does."""
        return self.bids[0].price if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        """The best price somebody sells at; None if nobody does."""
        return self.asks[0].price if self.asks else None

    @property
    def mid(self) -> Decimal | None:
        """The middle between both; None unless there are both. It need not lie on the tick."""
        if not self.bids or not self.asks:
            return None
        return _EXACT.multiply(_EXACT.add(self.bids[0].price, self.asks[0].price), _HALF)


@frozen(kw_only=True)
class OpenOrder:
    """An order that works."""

    order_id: str
    market_id: str
    side: str
    """BUY or SELL."""
    price: Decimal
    quantity: Decimal
    """All of it, what is filled included."""
    filled: Decimal
    native: Any = field(repr=False, eq=False)

    @property
    def remaining(self) -> Decimal:
        """What is not filled."""
        return _EXACT.subtract(self.quantity, self.filled)

    @property
    def cost(self) -> Decimal:
        """What the rest is worth at its price, in dollars and without fees."""
        return _EXACT.multiply(self.price, self.remaining)


@frozen(kw_only=True)
class Position:
    """What is held of one outcome."""

    market_id: str
    quantity: Decimal
    """Negative where more was sold than bought."""
    average_price: Decimal | None = None
    """What a share was bought for on average; None where the venue does not say."""
    native: Any = field(repr=False, eq=False, default=None)


@frozen(kw_only=True)
class Balance:
    """Money."""

    available: Decimal
    """What new orders may use: without what open orders hold."""
    currency: str
    native: Any = field(repr=False, eq=False)


def market_id(market: Market | str) -> str:
    """Return the id of a market, whichever of the two was given."""
    found = market.id if isinstance(market, Market) else market
    if not isinstance(found, str) or not found:
        raise ConfigError(f"name a market, or give what `markets` returned, not {market!r}")
    return found


def added(amount: Decimal, other: Decimal) -> Decimal:
    """Return a sum; never rounds."""
    return _EXACT.add(amount, other)


def left_of(amount: Decimal, *parts: Decimal) -> Decimal:
    """Return what is left of an amount without some parts of it, at least nothing; never rounds."""
    for part in parts:
        amount = _EXACT.subtract(amount, part)
    return max(amount, _NONE)


def _steps(value: Decimal, step: Decimal) -> int:
    """Return how many whole steps fit into a value, towards minus infinity."""
    (numerator, denominator), (over, under) = value.as_integer_ratio(), step.as_integer_ratio()
    return numerator * under // (denominator * over)


def _times(steps: int, step: Decimal) -> Decimal:
    return _EXACT.multiply(Decimal(steps), step)
