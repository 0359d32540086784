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

from attrs import field, frozen

from polyspec.errors import ConfigError, InvalidOrder

__all__ = [
    "MAX_UNITS",
    "Amount",
    "Grid",
    "Scale",
    "as_decimal",
    "complement",
    "from_notional_units",
    "notional",
    "to_notional_units",
]

Amount: TypeAlias = Decimal | int | str

MAX_UNITS: Final = 2**63 - 1
"""The largest integer the wire carries (int64)."""

# Far more than any price or size needs, little enough that no input can make us work or allocate.
_MAX_DIGITS: Final = 40
_MAX_TEXT: Final = 64
# A product of two int64 has 38 digits; whatever would not fit raises instead of being rounded.
_EXACT: Final = Context(
    prec=120, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow, Rounded], Emin=-9999, Emax=9999
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
            raise InvalidOrder(f"{field} is an integer of {value.bit_length()} bits: far too large", field=field)
        return Decimal(value)
    raise InvalidOrder(f"{field} must be a Decimal, an int or a string, not {type(value).__name__}", field=field)


def _plain(value: float) -> str:
    return f"{value!r}" if value == value and abs(value) != float("inf") else "0.5"


def _parse(text: str, field: str) -> Decimal:
    if len(text) > _MAX_TEXT:
        raise InvalidOrder(f"{field} is a text of {len(text)} characters: far too long for a number", field=field)
    if not _NUMBER.fullmatch(text):
        raise InvalidOrder(f"{field} must be a decimal number in plain digits, such as '0.55', not {text!r}", field=field)
    return Decimal(text)


def _bounded(value: Decimal, field: str) -> Decimal:
    if not value.is_finite():
        raise InvalidOrder(f"{field} must be a finite number, not {value}", field=field)
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) > _MAX_DIGITS or exponent < -_MAX_DIGITS or len(digits) + exponent > _MAX_DIGITS:
        raise InvalidOrder(f"{field} has more than {_MAX_DIGITS} digits or an exponent beyond that", field=field)
    return value if value else value.copy_abs()


def _places(scale: int) -> int:
    """Decimal places that write any n/scale exactly; -1 if none do (the scale has a factor besides 2 and 5)."""
    counts = []
    for prime in (2, 5):
        count = 0
        while scale % prime == 0:
            scale //= prime
            count += 1
        counts.append(count)
    return max(counts) if scale == 1 else -1


def _ratio(value: Decimal, scale: int) -> tuple[int, int]:
    """Return `value` in units of `scale`, as numerator and denominator."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * scale, denominator


@frozen
class Scale:
    """How many integer units of the wire make one; either sign is allowed."""

    value: int = field()

    @value.validator
    def _check_value(self, _: object, value: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_UNITS**2:
            raise ConfigError(f"a scale must be a positive integer, not {value!r}")
        if _places(value) < 0:
            raise ConfigError(f"a scale of {value} has units without an exact decimal; use one made of 2s and 5s")

    @property
    def places(self) -> int:
        """Decimal places needed to write every unit exactly."""
        return _places(self.value)

    def to_wire(self, value: Amount, field: str = "value", *, limit: int = MAX_UNITS) -> int:
        """Return `value` in units; raises InvalidOrder if that is no integer or beyond `limit` either way."""
        number = as_decimal(value, field)
        numerator, denominator = _ratio(number, self.value)
        units, rest = divmod(numerator, denominator)
        if abs(units) > limit:
            bound = self.text(limit if units > 0 else -limit)
            raise InvalidOrder(f"{field} {number} is beyond {bound}, the most the wire holds", field=field, nearest=(bound,))
        if rest:
            nearest = (self.text(units), self.text(units + 1))
            raise InvalidOrder(
                f"{field} {number} is finer than 1/{self.value}; the nearest valid values are {' and '.join(nearest)}",
                field=field,
                nearest=nearest,
            )
        return units

    def from_wire(self, units: int) -> Decimal:
        """Return what `units` stand for, with as many decimal places as the scale has."""
        places = self.places
        return _EXACT.scaleb(Decimal(units * (10**places // self.value)), -places)

    def text(self, units: int) -> str:
        """Return what `units` stand for as plain text, such as ``0.50``."""
        return f"{self.from_wire(units):f}"


@lru_cache(maxsize=64)
def _scale(value: int) -> Scale:
    return Scale(value)


@frozen
class Grid:
    """The values one field of an order may take: positive multiples of a tick between two bounds."""

    scale: int = field()
    """Units per one: the venue's price scale or quantity scale."""
    tick: int = field(default=1)
    """Distance of two valid values, in units."""
    low: int | None = field(default=None)
    """Lower bound in units, if the venue sets one."""
    high: int | None = field(default=None)
    """Upper bound in units, if the venue sets one."""
    minimum: int = field(default=1)
    """The smallest that may be asked for, in units; at least 1, so that zero is never valid."""

    @classmethod
    def stepped(
        cls, scale: int, step: Amount, *, low: int | None = None, high: int | None = None, minimum: int = 1
    ) -> Grid:
        """Build from a tick in dollars (or contracts), which must be a whole number of units."""
        try:
            tick = _scale(scale).to_wire(step, "tick")
        except InvalidOrder as error:
            raise ConfigError(f"the tick does not fit a scale of {scale}: {error}") from error
        return cls(scale=scale, tick=tick, low=low, high=high, minimum=minimum)

    def __attrs_post_init__(self) -> None:
        _scale(self.scale)
        for name in ("tick", "minimum", "low", "high"):
            value = getattr(self, name)
            if value is None and name in ("low", "high"):
                continue
            if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_UNITS:
                raise ConfigError(f"{name} of a grid must be a whole number of units, not {value!r}")
            if name in ("tick", "minimum") and value < 1:
                raise ConfigError(f"{name} of a grid must be at least one unit, not {value}")
        if self.lowest > self.highest:
            raise ConfigError(f"no multiple of {self.tick} lies between the bounds {self.low} and {self.high}")

    @property
    def lowest(self) -> int:
        """The smallest valid value, in units."""
        floor = max(self.minimum, self.minimum if self.low is None else self.low)
        return -(-floor // self.tick) * self.tick

    @property
    def highest(self) -> int:
        """The largest valid value, in units."""
        return (MAX_UNITS if self.high is None else self.high) // self.tick * self.tick

    def __contains__(self, units: int) -> bool:
        return self.lowest <= units <= self.highest and units % self.tick == 0

    def neighbours(self, value: Amount, field: str = "value") -> tuple[int, ...]:
        """Return the valid units next to `value`: itself, the two around it, or the bounds if it is outside."""
        numerator, denominator = _ratio(as_decimal(value, field), self.scale)
        if numerator < self.lowest * denominator or numerator > self.highest * denominator:
            return self._bounds()
        steps, rest = divmod(numerator, self.tick * denominator)
        below = steps * self.tick
        return (below, below + self.tick) if rest else (below,)

    def to_wire(self, value: Amount, field: str = "value") -> int:
        """Return `value` in units; raises InvalidOrder with the nearest valid values if it is not one of them."""
        number = as_decimal(value, field)
        found = self.neighbours(number, field)
        scale = _scale(self.scale)
        if len(found) == 1 and scale.from_wire(found[0]) == number:
            return found[0]
        raise self._refusal(number, field, tuple(scale.text(units) for units in found))

    def from_wire(self, units: int) -> Decimal:
        """Return what `units` stand for; answers of the venue may lie off the grid, so it is not consulted."""
        return _scale(self.scale).from_wire(units)

    def _bounds(self) -> tuple[int, ...]:
        if self.high is None or self.lowest == self.highest:
            return (self.lowest,) if self.high is not None or self.low is None else (self.lowest,)
        return self.lowest, self.highest

    def _refusal(self, number: Decimal, field: str, nearest: tuple[str, ...]) -> InvalidOrder:
        raise NotImplementedError
