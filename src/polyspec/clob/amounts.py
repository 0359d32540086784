"""What an order offers and asks for, in base units (millionths) of collateral and of shares.

Integer arithmetic from the caller's digits to the signed numbers. What the venue would refuse is refused
here, with the nearest values it would take; nothing is rounded unless asked for.

A limit order names shares: the other side is shares times price, which is always exact. A market order names
what it gives: shares to sell, or collateral to spend. Shares bought are collateral divided by price, which
is rarely exact. They are rounded down: up would imply a price below the limit, and an ask at the limit would
never be lifted. A market BUY therefore implies a price from the limit upwards, by less than
``limit² x 0.0001 / (amount - limit x 0.0001)`` with the shares cut to four decimals, and never as far
as the next tick: the few amounts that would are refused.
"""

from __future__ import annotations

from decimal import Decimal
from math import gcd
from typing import Final

import attrs
from msgspec import Struct

from polyspec.clob.ticks import SIZE_DECIMALS, SIZES, Tick, plain_units, shifted
from polyspec.core.scales import MAX_UNITS, Amount, Scale, as_decimal
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["BASE_DECIMALS", "Amounts", "is_buy", "limit_amounts", "market_amounts"]

BASE_DECIMALS: Final = 6
"""Decimals of a base unit, of collateral and of shares alike."""

_BASE: Final = Scale(10**BASE_DECIMALS)
_HUNDREDTH: Final[int] = 10 ** (BASE_DECIMALS - SIZE_DECIMALS)
"""Base units in the smallest size, which is also the smallest amount to spend."""
_MOST: Final = MAX_UNITS // _HUNDREDTH
"""The largest size in hundredths: amounts stay within 64 bits, as ledgers keep them."""


# a struct rather than attrs: one is made for every order, in a fifth of the time
class Amounts(Struct, frozen=True, gc=False):
    """The two sides of an order, and the price and size they stand for."""

    maker_amount: int
    """What the order gives, in base units: collateral for a BUY, shares for a SELL."""
    taker_amount: int
    """What it asks for in return, at least."""
    tick: Tick
    price_units: int
    """The limit, in units of the tick's last decimal."""
    size_units: int
    """The size, in units of its last decimal."""
    size_places: int = SIZE_DECIMALS

    # most orders are signed and sent without anybody asking for these two
    @property
    def price(self) -> Decimal:
        """The limit, in dollars a share."""
        return self.tick.price(self.price_units)

    @property
    def size(self) -> Decimal:
        """Shares; of a market BUY the fewest it takes for what it spends."""
        return shifted(self.size_units, self.size_places)


def limit_amounts(
    tick: Tick,
    side: str,
    price: Amount,
    size: Amount,
    *,
    exact_size: bool = True,
    min_size: Amount | None = None,
    immediate: bool = False,
) -> Amounts:
    """Return the amounts of an order for `size` shares at `price` dollars or better.

    With `exact_size` False, decimals of the size beyond the second are cut, as the venue's own packages do.
    `min_size` is the market's, in shares. `immediate` says that the order is FOK or FAK: of those the venue
    takes no BUY that costs a fraction of a cent. Raises InvalidOrder with the field and the nearest values.
    """
    units = tick.units(price)
    hundredths = _hundredths(size, "size", exact=exact_size, min_size=min_size)
    shares = hundredths * _HUNDREDTH
    collateral = shares * units // tick.one
    if not is_buy(side):
        return Amounts(shares, collateral, tick, units, hundredths)
    if immediate and collateral % _HUNDREDTH:
        raise _fraction_of_a_cent(tick, units, hundredths, 1 if min_size is None else _least(min_size))
    return Amounts(collateral, shares, tick, units, hundredths)


def market_amounts(
    tick: Tick,
    side: str,
    price: Amount,
    amount: Amount,
    *,
    exact: bool = True,
    taker_decimals: int | None = 4,
    min_size: Amount | None = None,
) -> Amounts:
    """Return the amounts of an order that spends `amount` dollars (BUY) or sells `amount` shares (SELL).

    `price` is the worst one to accept. With `exact` False, decimals of the amount beyond the second are cut,
    as the venue's own packages do. The shares of a BUY are rounded down to `taker_decimals` or to what the
    tick allows, whichever is fewer; None means the latter, as those packages do, but the venue has refused
    more than four. `min_size` is in shares. Raises InvalidOrder with the field and the nearest values.
    """
    units = tick.units(price)
    if not is_buy(side):
        hundredths = _hundredths(amount, "amount", exact=exact, min_size=min_size)
        shares = hundredths * _HUNDREDTH
        collateral = shares * units // tick.one
        return Amounts(shares, collateral, tick, units, hundredths)
    cents = _hundredths(amount, "amount", exact=exact, min_size=None)
    purchase = _Purchase(tick, units, _grain(tick, taker_decimals))
    shares = purchase.shares(cents)
    if min_size is not None and shares < _least(min_size) * _HUNDREDTH:
        raise purchase.too_few(cents, _least(min_size))
    if shares > MAX_UNITS:
        raise purchase.too_many(cents)
    if purchase.slips(cents):
        raise purchase.too_coarse(cents)
    return Amounts(cents * _HUNDREDTH, shares, tick, units, shares, BASE_DECIMALS)


def is_buy(side: str) -> bool:
    """Tell a BUY from a SELL; raises InvalidOrder for anything else."""
    if side == "BUY":
        return True
    if side == "SELL":
        return False
    raise InvalidOrder(f"side must be BUY or SELL, not {side!r}", field="side", nearest=("BUY", "SELL"))


def _hundredths(value: Amount, field: str, *, exact: bool, min_size: Amount | None) -> int:
    """Return a size, or what to spend, in hundredths."""
    found = plain_units(value, SIZE_DECIMALS)
    least = 1 if min_size is None else _least(min_size)
    if found is not None and least <= found <= _MOST:
        return found
    number = as_decimal(value, field)
    numerator, denominator = SIZES.scale.ratio(number)
    if numerator > _MOST * denominator:
        most = _size(_MOST)
        raise InvalidOrder(
            f"{field} {number} is more than amounts of 64 bits can hold: at most {most}",
            field=field,
            nearest=(most,),
        )
    if least > 1 and numerator < least * denominator:
        minimum = _size(least)
        raise InvalidOrder(
            f"{field} {number} is below the minimum of {minimum} shares of this market",
            field=field,
            nearest=(minimum,),
        )
    if exact or numerator < denominator:
        return SIZES.to_wire(number, field)
    return numerator // denominator


def _size(hundredths: int) -> str:
    return SIZES.scale.text(hundredths)


def _least(min_size: Amount) -> int:
    """Return the market's minimum in hundredths of a share, rounded up."""
    found = plain_units(min_size, SIZE_DECIMALS)
    if found is None:
        numerator, denominator = SIZES.scale.ratio(as_decimal(min_size, "min_size"))
        found = -(-numerator // denominator)
    if found > _MOST:
        raise ConfigError(f"a min_size of {min_size} shares is more than any order can have")
    return max(1, found)


def _grain(tick: Tick, decimals: int | None) -> int:
    """Return the base units in the last of so many decimals."""
    if decimals is None:
        decimals = tick.amount_decimals
    elif isinstance(decimals, bool) or not isinstance(decimals, int) or not 2 <= decimals <= BASE_DECIMALS:
        raise ConfigError(f"taker_decimals must be None or from 2 to {BASE_DECIMALS}, not {decimals!r}")
    return int(10 ** (BASE_DECIMALS - min(decimals, tick.amount_decimals)))


def _fraction_of_a_cent(tick: Tick, units: int, hundredths: int, least: int) -> InvalidOrder:
    step = tick.one // gcd(units, tick.one)
    below = hundredths // step * step
    nearest = tuple(_size(size) for size in (below, below + step) if least <= size <= _MOST)
    cost = _BASE.text(hundredths * _HUNDREDTH * units // tick.one)
    return InvalidOrder(
        f"{_size(hundredths)} shares at {tick.price(units)} cost {cost}, and the venue takes no fraction of "
        f"a cent in a FOK or FAK BUY: buy {' or '.join(nearest)} shares, or spend cents by a market order",
        field="size",
        nearest=nearest,
    )


@attrs.frozen
class _Purchase:
    """Spending whole cents at a limit price; works out the shares, and words what is wrong with an amount."""

    tick: Tick
    units: int
    """The limit."""
    grain: int
    """What shares are rounded down to, in base units."""

    def shares(self, cents: int) -> int:
        """Return the shares in base units."""
        # one rounding is the same as the packages' two (up, then down): the quotient's denominator is below
        # 10^4, so it is never close enough to the next grain for the first of them to reach it
        return cents * _HUNDREDTH * self.tick.one // (self.units * self.grain) * self.grain

    def slips(self, cents: int) -> bool:
        """Tell whether rounding down implies a price as high as the next tick."""
        next_tick = self.units + self.tick.grid.tick
        return cents * _HUNDREDTH * self.tick.one >= self.shares(cents) * next_tick

    def too_few(self, cents: int, least: int) -> InvalidOrder:
        needed = _size(-(-least * self.units // self.tick.one))
        return InvalidOrder(
            f"amount {_size(cents)} buys {_BASE.text(self.shares(cents))} shares at {self._limit}, below "
            f"the minimum of {_size(least)} shares of this market: spend at least {needed}",
            field="amount",
            nearest=(needed,),
        )

    def too_many(self, cents: int) -> InvalidOrder:
        most = _size(MAX_UNITS * self.units // (_HUNDREDTH * self.tick.one))
        return InvalidOrder(
            f"amount {_size(cents)} buys more shares at {self._limit} than amounts of 64 bits can hold: "
            f"spend at most {most}",
            field="amount",
            nearest=(most,),
        )

    def too_coarse(self, cents: int) -> InvalidOrder:
        below = next((fewer for fewer in range(cents - 1, 0, -1) if not self.slips(fewer)), None)
        above = cents + 1
        # ends: what rounding adds to the price shrinks as the amount grows
        while self.slips(above):
            above += 1
        nearest = tuple(_size(amount) for amount in (below, above) if amount is not None)
        return InvalidOrder(
            f"amount {_size(cents)} buys {_BASE.text(self.shares(cents))} shares once rounded down, which "
            f"implies a tick more than the limit {self._limit}: spend {' or '.join(nearest)}",
            field="amount",
            nearest=nearest,
        )

    @property
    def _limit(self) -> str:
        return str(self.tick.price(self.units))
