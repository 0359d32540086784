"""Millionths and their texts."""

from __future__ import annotations

__all__ = ["ONE", "UNLIMITED", "to_units", "units_text"]

ONE = 1_000_000
"""One share, one unit of collateral, a price of 1."""
_PLACES = 6
UNLIMITED = 2**256 - 1
"""An allowance that is never used up; the largest there is on chain."""


def units_text(units: int) -> str:
    """Write millionths as a plain decimal without trailing zeros."""
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), ONE)
    return f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def to_units(text: str) -> int:
    """Read a plain decimal as millionths; ValueError if it is not one or finer."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    digits = whole + fraction
    if not digits.isdecimal() or not digits.isascii() or len(fraction.rstrip("0")) > _PLACES:
        raise ValueError(f"not a decimal of at most {_PLACES} places: {text!r}")
    units = int(whole or "0") * ONE + int(fraction[:_PLACES].ljust(_PLACES, "0"))
    return -units if text.startswith("-") else units
