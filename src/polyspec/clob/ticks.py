"""The ticks of the CLOB: which prices a market takes, and how many decimals its amounts may have.

Source: the venue's rounding table. A price is a multiple of the tick from one tick to one less a tick; a size
has two decimals whatever the tick, so price times size never has more than the `amount_decimals` of the tick.
"""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from typing import Any, Final

import attrs

from polyspec.core.scales import MAX_UNITS, Amount, Grid, as_decimal
from polyspec.errors import ConfigError

__all__ = ["SIZES", "SIZE_DECIMALS", "TICKS", "Tick", "plain_units", "shifted", "tick_of"]

SIZE_DECIMALS: Final = 2
"""Decimals of a size in shares, and of what a market order spends."""

SIZES: Final = Grid(10**SIZE_DECIMALS)
"""The sizes there are, in hundredths of a share."""

# wide enough that nothing rounds, whatever context the calling thread has
_EXACT: Final = Context(prec=60, traps=[Inexact, InvalidOperation, Rounded])
# longer numbers take the slow way, which says what is wrong with them
_MAX_PLAIN: Final = 24
_POWERS: Final[tuple[int, ...]] = tuple(10**exponent for exponent in range(_MAX_PLAIN))


def plain_units(value: Any, places: int) -> int | None:
    """Return a number in units of 10^-places, or None if it is not that, positive and in plain digits.

    The way of nearly every number; what is None here is read with care, and refused in words, elsewhere.
    """
    if type(value) is str:
        text = value
    elif type(value) is Decimal:
        text = str(value)
    elif type(value) is int:
        return value * _POWERS[places] if 0 <= value <= MAX_UNITS else None
    else:
        return None
    if len(text) > _MAX_PLAIN:
        return None
    whole, _, part = text.partition(".")
    digits, missing = whole + part, places - len(part)
    if missing < 0 or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) * _POWERS[missing]


def shifted(units: int, places: int) -> Decimal:
    """Return units of 10^-places as a decimal with that many places."""
    return _EXACT.scaleb(units, -places)


@attrs.frozen
class Tick:
    """The tick of a market: the grid of its prices and the decimals that go with it."""

    text: str
    """As the venue writes it."""
    price_decimals: int
    size_decimals: int
    amount_decimals: int
    """The most a product of price and size can have, in collateral."""
    one: int = attrs.field(init=False, eq=False, repr=False)
    """Units of price in one dollar."""
    grid: Grid = attrs.field(init=False, eq=False, repr=False)
    """The valid prices, in units of the last price decimal."""

    def __attrs_post_init__(self) -> None:
        one = 10**self.price_decimals
        step = Grid(one).to_wire(self.text, "tick")
        object.__setattr__(self, "one", one)
        object.__setattr__(self, "grid", Grid(one, step, low=step, high=one - step))

    @property
    def value(self) -> Decimal:
        """The tick in dollars."""
        return self.price(self.grid.tick)

    def units(self, price: Amount, field: str = "price") -> int:
        """Return a price in units; off the grid raises InvalidOrder with the nearest valid prices."""
        units, grid = plain_units(price, self.price_decimals), self.grid
        # the upper bound is a multiple of the tick, so this is all there is to being on the grid
        if units is not None and grid.lowest <= units <= grid.highest and not units % grid.tick:
            return units
        return grid.to_wire(price, field)

    def price(self, units: int) -> Decimal:
        """Return the price in dollars that so many units are."""
        return shifted(units, self.price_decimals)


TICKS: Final = tuple(
    Tick(text, decimals, SIZE_DECIMALS, decimals + SIZE_DECIMALS)
    for text, decimals in (("0.1", 1), ("0.01", 2), ("0.005", 3), ("0.0025", 4), ("0.001", 3), ("0.0001", 4))
)
"""Every tick the venue has."""

_BY_TEXT: Final = {tick.text: tick for tick in TICKS}
_BY_VALUE: Final = {tick.value: tick for tick in TICKS}


def tick_of(value: Amount | Tick) -> Tick:
    """Return the tick that text or decimal names; raises ConfigError for one the venue does not have."""
    if isinstance(value, Tick):
        return value
    found = _BY_TEXT.get(value) if isinstance(value, str) else None
    found = found or _BY_VALUE.get(as_decimal(value, "tick"))
    if found is None:
        raise ConfigError(f"{value} is no tick of this venue; it has {', '.join(_BY_TEXT)}")
    return found
