"""Decimals to the scaled integers of a wire and back, exactly or not at all.

A venue sends a price of 0.97 as 97 with a scale of 100: the decimal is the integer divided by the scale (by
its value, never by a power of ten made from it). Everything here is integer arithmetic; nothing is rounded,
and the decimal context of the calling thread has no say.
"""

from __future__ import annotations

import re
from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Rounded
from functools import lru_cache
from typing import Final, TypeAlias

import attrs

from polyspec.errors import ConfigError, InvalidOrder

__all__ = [
    "MAX_UNITS",
    "Amount",
    "Grid",
    "Scale",
    "as_decimal",
    "complement",
    "from_notional",
    "notional",
    "scale_of",
    "to_notional",
]

Amount: TypeAlias = Decimal | int | str

MAX_UNITS: Final = 2**63 - 1
"""The largest integer the wire carries (int64)."""

# Far more than any price or size needs, little enough that no input can make us work or allocate.
_MAX_DIGITS: Final = 40
_MAX_TEXT: Final = 64
# A product of two int64 has 38 digits; whatever would not fit raises instead of being rounded.
_EXACT: Final = Context(
    prec=120,
    traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow, Rounded],
    Emin=-9999,
    Emax=9999,
)
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def as_decimal(value: Amount, field: str) -> Decimal:
    """Read a number given by a user, exactly; raises InvalidOrder naming `field`."""
    if isinstance(value, bool):
        raise InvalidOrder(f"{field} must be a number, not {value}", field=field)
    if isinstance(value, float):
        raise InvalidOrder(
            f"{field} {value!r} is a float, which holds most decimal fractions only nearly; "
            f"pass a string or a Decimal, such as '{_plain(value)}'",
            field=field,
        )
    if isinstance(value, str):
        return _bounded(_parse(value, field), field)
    if isinstance(value, Decimal):
        return _bounded(value, field)
    if isinstance(value, int):
        if value.bit_length() > 128:
            raise InvalidOrder(
                f"{field} is an integer of {value.bit_length()} bits: far too large", field=field
            )
        return Decimal(value)
    raise InvalidOrder(
        f"{field} must be a Decimal, an int or a string, not {type(value).__name__}", field=field
    )


def _plain(value: float) -> str:
    return f"{value!r}" if value == value and abs(value) != float("inf") else "0.5"


def _parse(text: str, field: str) -> Decimal:
    if len(text) > _MAX_TEXT:
        raise InvalidOrder(
            f"{field} is a text of {len(text)} characters: far too long for a number", field=field
        )
    if not _NUMBER.fullmatch(text):
        raise InvalidOrder(
            f"{field} must be a decimal number in plain digits, such as '0.55', not {text!r}", field=field
        )
    return Decimal(text)


def _bounded(value: Decimal, field: str) -> Decimal:
    if not value.is_finite():
        raise InvalidOrder(
            f"{field} must be a finite number, not {'NaN' if value.is_nan() else value}", field=field
        )
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) > _MAX_DIGITS or exponent < -_MAX_DIGITS or len(digits) + exponent > _MAX_DIGITS:
        raise InvalidOrder(
            f"{field} has more than {_MAX_DIGITS} digits or an exponent beyond that", field=field
        )
    return value if value else value.copy_abs()


def _places(scale: int) -> int:
    """Decimal places that write any n/scale exactly; -1 if none do (a factor besides 2 and 5)."""
    counts = []
    for prime in (2, 5):
        count = 0
        while scale % prime == 0:
            scale //= prime
            count += 1
        counts.append(count)
    return max(counts) if scale == 1 else -1


@attrs.frozen
class Scale:
    """How many integer units of the wire make one; either sign is allowed."""

    value: int
    places: int = attrs.field(init=False, eq=False, repr=False)
    """Decimal places that write every unit exactly."""

    def __attrs_post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 < self.value <= MAX_UNITS:
            raise ConfigError(f"a scale must be a positive integer, not {self.value!r}")
        places = _places(self.value)
        if places < 0:
            raise ConfigError(
                f"a scale of {self.value} has units without an exact decimal: use factors 2 and 5 only"
            )
        object.__setattr__(self, "places", places)

    def to_wire(self, value: Amount, field: str = "value") -> int:
        """Return `value` in units; raises InvalidOrder if that is no integer or more than the wire holds."""
        number = as_decimal(value, field)
        numerator, denominator = self.ratio(number)
        units, rest = divmod(numerator, denominator)
        if not -MAX_UNITS <= units <= MAX_UNITS:
            bound = self.text(MAX_UNITS if units > 0 else -MAX_UNITS)
            raise InvalidOrder(
                f"{field} {number} is beyond {bound}, where the wire ends", field=field, nearest=(bound,)
            )
        if rest:
            below, above = self.text(units), self.text(units + 1)
            raise InvalidOrder(
                f"{field} {number} is finer than 1/{self.value}; the nearest values are {below} and {above}",
                field=field,
                nearest=(below, above),
            )
        return units

    def from_wire(self, units: int) -> Decimal:
        """Return what `units` stand for, with as many decimal places as the scale has."""
        if not -(MAX_UNITS**2) <= units <= MAX_UNITS**2:
            raise ConfigError(f"{units.bit_length()} bits are more than the wire holds")
        return _EXACT.scaleb(Decimal(units * (10**self.places // self.value)), -self.places)

    def text(self, units: int) -> str:
        """Return what `units` stand for as plain text, such as ``0.50``."""
        return f"{self.from_wire(units):f}"

    def ratio(self, value: Decimal) -> tuple[int, int]:
        """Return `value` in units, as numerator and positive denominator."""
        numerator, denominator = value.as_integer_ratio()
        return numerator * self.value, denominator


@lru_cache(maxsize=64, typed=True)
def scale_of(value: int) -> Scale:
    """Return the scale of that value; the few there are get built once."""
    return Scale(value)


def _as_scale(value: Scale | int) -> Scale:
    return value if isinstance(value, Scale) else scale_of(value)


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_UNITS:
        raise ConfigError(f"the {name} of a grid must be a whole number of units, not {value!r}")
    return value


@attrs.frozen
class Grid:
    """The values one field of an order may take: positive multiples of a tick between two bounds."""

    scale: Scale = attrs.field(converter=_as_scale)
    """The venue's price scale or quantity scale; an int will do."""
    tick: int = 1
    """Distance between valid values, in units."""
    low: int | None = attrs.field(default=None, kw_only=True)
    """Lower bound in units, if the venue sets one."""
    high: int | None = attrs.field(default=None, kw_only=True)
    """Upper bound in units, if the venue sets one."""
    minimum: int = attrs.field(default=1, kw_only=True)
    """The least that may be asked for, in units; at least 1, so that zero is never valid."""
    lowest: int = attrs.field(init=False, eq=False, repr=False)
    """The smallest valid value, in units."""
    highest: int = attrs.field(init=False, eq=False, repr=False)
    """The largest valid value, in units."""

    @classmethod
    def stepped(
        cls, scale: int, step: Amount, *, low: int | None = None, high: int | None = None, minimum: int = 1
    ) -> Grid:
        """Build from a tick in dollars (or contracts), which must be a whole number of units."""
        try:
            tick = scale_of(scale).to_wire(step, "tick")
        except InvalidOrder as error:
            raise ConfigError(f"the tick does not fit a scale of {scale}: {error}") from error
        return cls(scale, tick, low=low, high=high, minimum=minimum)

    def __attrs_post_init__(self) -> None:
        tick, minimum = _whole("tick", self.tick), _whole("minimum", self.minimum)
        if tick < 1 or minimum < 1:
            raise ConfigError(
                f"tick and minimum of a grid must be at least one unit, not {tick} and {minimum}"
            )
        floor = minimum if self.low is None else max(minimum, _whole("low bound", self.low))
        ceiling = MAX_UNITS if self.high is None else _whole("high bound", self.high)
        object.__setattr__(self, "lowest", -(-floor // tick) * tick)
        object.__setattr__(self, "highest", ceiling // tick * tick)
        if self.lowest > self.highest:
            raise ConfigError(
                f"a grid from {floor} to {ceiling} units holds no multiple of its tick of {tick}"
            )

    def __contains__(self, units: int) -> bool:
        return self.lowest <= units <= self.highest and units % self.tick == 0

    def nearest(self, value: Amount, field: str = "value") -> tuple[int, ...]:
        """Return the valid units next to `value`: itself, the two around it, or the bounds if outside."""
        numerator, denominator = self.scale.ratio(as_decimal(value, field))
        if not self.lowest * denominator <= numerator <= self.highest * denominator:
            return tuple(sorted({self.lowest, self.highest}))
        steps, rest = divmod(numerator, self.tick * denominator)
        below = steps * self.tick
        return (below, below + self.tick) if rest else (below,)

    def to_wire(self, value: Amount, field: str = "value") -> int:
        """Return `value` in units; raises InvalidOrder with the nearest valid values if it is none."""
        number = as_decimal(value, field)
        numerator, denominator = self.scale.ratio(number)
        units, rest = divmod(numerator, denominator)
        if rest or units not in self:
            raise self._refusal(number, field)
        return units

    def from_wire(self, units: int) -> Decimal:
        """Return what `units` stand for, on the grid or not: an answer of the venue may be off it."""
        return self.scale.from_wire(units)

    def _refusal(self, number: Decimal, field: str) -> InvalidOrder:
        text = self.scale.text
        found = self.nearest(number, field)
        below = number < self.from_wire(self.lowest)
        # where the wire ends is no bound that anybody would want to hear of
        nearest = tuple(text(units) for units in (found[:1] if below and self.high is None else found))
        lowest, highest, step = text(self.lowest), text(self.highest), text(self.tick)
        if below:
            problem = f"is below the lowest valid value {lowest}"
        elif number > self.from_wire(self.highest):
            problem = f"is above the highest valid value {highest}"
        else:
            problem = f"is not a multiple of {step}; the nearest valid values are {' and '.join(nearest)}"
        span = f"from {lowest}" if self.high is None else f"from {lowest} to {highest}"
        return InvalidOrder(
            f"{field} {number} {problem} (valid: {span} in steps of {step})", field=field, nearest=nearest
        )


def complement(price: Amount, payout: Amount = 1) -> Decimal:
    """Return the price of the other side: buying NO at p is selling YES at ``payout`` - p."""
    whole, part = as_decimal(payout, "payout"), as_decimal(price, "price")
    if not 0 <= part <= whole:
        raise InvalidOrder(
            f"price {part} must lie between 0 and {whole}", field="price", nearest=("0", str(whole))
        )
    return _EXACT.subtract(whole, part)


def notional(price: int, price_scale: int, quantity: int, quantity_scale: int) -> Decimal:
    """Return price times quantity in dollars, from wire integers."""
    return from_notional(price * quantity, price_scale, quantity_scale)


def from_notional(units: int, price_scale: int, quantity_scale: int) -> Decimal:
    """Return dollars from notional units (commissions, position cost); a rebate is negative."""
    return scale_of(price_scale * quantity_scale).from_wire(units)


def to_notional(dollars: Amount, price_scale: int, quantity_scale: int, field: str = "amount") -> int:
    """Return dollars in notional units; raises InvalidOrder if they are finer than that."""
    return scale_of(price_scale * quantity_scale).to_wire(dollars, field)
