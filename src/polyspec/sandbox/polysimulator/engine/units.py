"""Integers of the paper exchange: prices and money in millionths of a dollar, sizes in 1/10,000 share.

What moves in a wallet is in whole cents, rounded half up: what is paid for shares, and the fee, each for
itself.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

__all__ = [
    "CENT",
    "DOLLAR",
    "SHARE",
    "charge",
    "fee_of",
    "half_up",
    "money_text",
    "price_text",
    "quantity_text",
    "scaled",
    "to_cents",
    "value_of",
]

DOLLAR: Final = 1_000_000
"""One dollar; also a price of 1."""
CENT: Final = 10_000
SHARE: Final = 10_000
_FEE_STEP: Final = 10
"""The smallest fee, 0.00001 dollars."""
_DIGITS: Final = 40
"""Before and after the point; a number with more is none that anybody means."""


def half_up(numerator: int, denominator: int) -> int:
    """Divide, rounding halves away from zero."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -quotient if numerator < 0 else quotient


def value_of(price: int, quantity: int) -> int:
    """Return what shares are worth, in millionths of a dollar."""
    return half_up(price * quantity, SHARE)


def charge(price: int, quantity: int) -> int:
    """Return what a wallet pays or gets for shares: whole cents, in millionths of a dollar."""
    return half_up(price * quantity, SHARE * CENT) * CENT


def to_cents(money: int) -> int:
    """Round millionths of a dollar to whole cents."""
    return half_up(money, CENT) * CENT


def fee_of(price: int, quantity: int, bps: int) -> int:
    """Return the taker's fee before it is rounded to cents, in millionths of a dollar, a multiple of ten.

    The fee is shares x rate x price x (1 - price), to five decimals.
    """
    exact = quantity * bps * price * (DOLLAR - price)
    return half_up(exact, SHARE * 10_000 * DOLLAR * _FEE_STEP) * _FEE_STEP


def scaled(value: Decimal, scale: int) -> int | None:
    """Return a decimal in units of 1/scale; None if it is finer than that, or no sensible number."""
    # judged before any arithmetic, which takes minutes on what fits into a request
    if not value.is_finite() or abs(value.adjusted()) > _DIGITS or len(value.as_tuple().digits) > 2 * _DIGITS:
        return None
    numerator, denominator = value.as_integer_ratio()
    units, rest = divmod(numerator * scale, denominator)
    return None if rest else units


def _plain(units: int, scale: int, places: int, least: int) -> str:
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), scale)
    fraction = f"{rest:0{places}d}".rstrip("0").ljust(least, "0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def price_text(price: int) -> str:
    """Write a price with two decimals or as many as it needs."""
    return _plain(price, DOLLAR, 6, 2)


def money_text(money: int) -> str:
    """Write money with two decimals or as many as it needs."""
    return _plain(money, DOLLAR, 6, 2)


def quantity_text(quantity: int) -> str:
    """Write a number of shares without trailing zeros."""
    return _plain(quantity, SHARE, 4, 0)
