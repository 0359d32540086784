"""An instrument with its own grid: decimals in, the venue's scaled integers out, and back."""

from __future__ import annotations

from decimal import Decimal
from math import gcd
from typing import Final

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.core.scales import Amount, Grid, as_decimal, complement, from_notional, notional, scale_of
from polyspec.errors import ConfigError, DecodeError, InvalidOrder

__all__ = ["Instrument"]

_MAX_PAYOUT_DIGITS: Final = 18


@frozen
class Instrument:
    """One market of the exchange. Prices are dollars per YES contract, quantities are contracts."""

    symbol: str
    price: Grid
    """Prices that may be asked for: ticks between the limits."""
    quantity: Grid
    """Quantities that may be asked for: from the minimum up to the order size limit."""
    payout: Decimal
    """What one winning contract pays, in dollars."""
    state: wire.InstrumentState
    """As of the last read; see `raw` for everything else the venue says."""
    raw: wire.Instrument = field(repr=False, eq=False)
    """The venue's own record."""

    @classmethod
    def of(cls, data: wire.Instrument) -> Instrument:
        """Read the venue's record; raises DecodeError if its scales make no sense."""
        try:
            payout = _payout_units(data)
            price, quantity = _price_grid(data, payout), _quantity_grid(data)
            # money is counted in units of both scales together: there must be such units
            scale_of(price.scale.value * quantity.scale.value)
        except ConfigError as error:
            raise DecodeError(f"instrument {data.symbol}: {error}") from error
        return cls(data.symbol, price, quantity, price.from_wire(payout), data.state, data)

    @property
    def tick(self) -> Decimal:
        """Distance of two valid prices, in dollars."""
        return self.price.from_wire(self.price.tick)

    @property
    def price_scale(self) -> int:
        """Wire units per dollar."""
        return self.price.scale.value

    @property
    def quantity_scale(self) -> int:
        """Wire units per contract."""
        return self.quantity.scale.value

    @property
    def payout_units(self) -> int:
        """What one winning contract pays, in wire units of a price."""
        return self.price.scale.to_wire(self.payout, "payout")

    def opposite(self, price: Amount) -> Decimal:
        """Turn a price of NO into the price of YES that means the same, and back."""
        return complement(price, self.payout)

    def price_units(self, value: Amount, field: str = "price", *, no: bool = False) -> int:
        """Return a valid price in wire units of YES; with `no` the value is a price of NO.

        Raises InvalidOrder, in the terms the value was given in.
        """
        return self._no_units(value, field) if no else self.price.to_wire(value, field)

    def cost(self, price: int, quantity: int) -> Decimal:
        """Return the dollars that `quantity` units at `price` units are worth."""
        return notional(price, self.price_scale, quantity, self.quantity_scale)

    def dollars(self, units: int) -> Decimal:
        """Return the dollars of a commission, cost or realised profit as the wire scales them."""
        return from_notional(units, self.price_scale, self.quantity_scale)

    def contracts(self, units: int, scale: int = 0) -> Decimal:
        """Return the contracts of `units`; a record that states its own scale is read by that."""
        return scale_of(scale or self.quantity_scale).from_wire(units)

    def _no_units(self, value: Amount, field: str) -> int:
        number = as_decimal(value, field)
        grid, payout = self.price, self.payout_units
        numerator, denominator = grid.scale.ratio(number)
        units, rest = divmod(numerator, denominator)
        if not rest and payout - units in grid:
            return payout - units
        text = grid.scale.text
        lowest, highest = payout - grid.highest, payout - grid.lowest
        span = f"valid: from {text(lowest)} to {text(highest)} in steps of {text(grid.tick)}"
        if numerator < lowest * denominator:
            nearest, problem = (lowest, highest), f"is below the lowest valid value {text(lowest)}"
        elif numerator > highest * denominator:
            nearest, problem = (lowest, highest), f"is above the highest valid value {text(highest)}"
        else:
            above = payout - (payout * denominator - numerator) // (grid.tick * denominator) * grid.tick
            nearest = (above - grid.tick, above)
            problem = f"is no valid price; the nearest valid values are {text(nearest[0])} and {text(above)}"
        raise InvalidOrder(
            f"{field} {number} of NO {problem} ({span})",
            field=field,
            nearest=tuple(text(each) for each in dict.fromkeys(nearest)),
        )


def _price_grid(data: wire.Instrument, payout: int) -> Grid:
    limit = data.price_limit
    return Grid(
        data.price_scale,
        _tick_units(data),
        low=limit.low if limit is not None and limit.low_set else None,
        # a contract never pays more than its payout, so nothing above it is a price
        high=limit.high if limit is not None and limit.high_set else payout,
    )


def _tick_units(data: wire.Instrument) -> int:
    """Return the distance of two prices that are multiples of the tick and that the wire can carry."""
    if data.tick_size <= 0:
        raise ConfigError(f"a tick must be above zero, not {data.tick_size}")
    tick, unit = as_decimal(data.tick_size, "tick").as_integer_ratio(), scale_of(data.price_scale).value
    # the least common multiple of the tick and one unit, counted in units
    common = gcd(tick[0] * unit, tick[1])
    return tick[0] * unit // common


def _quantity_grid(data: wire.Instrument) -> Grid:
    limit = data.order_size_limit
    return Grid(
        scale=data.fractional_qty_scale or 1,
        low=limit.low if limit is not None and limit.low_set else None,
        high=limit.high if limit is not None and limit.high_set else None,
        minimum=max(1, data.minimum_trade_qty),
    )


def _payout_units(data: wire.Instrument) -> int:
    text = data.event_attributes.payout_value if data.event_attributes is not None else ""
    if not text:
        return data.price_scale
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_PAYOUT_DIGITS and int(text)):
        raise ConfigError(f"payoutValue {text[:40]!r} is no positive integer")
    return int(text)
