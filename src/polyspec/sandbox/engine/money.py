"""Conversions between scaled integers, money units and the decimals of texts."""

from __future__ import annotations

from .records import MarketDefinition

__all__ = [
    "CENT",
    "DOLLAR",
    "dollars_to_money",
    "money_text",
    "money_to_notional",
    "notional_to_money",
    "round_half_even",
    "scaled_text",
]

DOLLAR = 10**8
"""Money units in a dollar."""
CENT = DOLLAR // 100
_DIGITS = 12


def round_half_even(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, ties to the even one."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))


def scaled_text(value: int, scale: int) -> str:
    """Write value / scale as a plain decimal without trailing zeros, at most 12 places."""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), scale)
    if not rest:
        return f"{sign}{whole}"
    fraction = f"{rest * 10**_DIGITS // scale:0{_DIGITS}d}".rstrip("0")
    return f"{sign}{whole}.{fraction or '0'}"


def money_text(money: int) -> str:
    """Write money as dollars, without trailing zeros."""
    return scaled_text(money, DOLLAR)


def dollars_to_money(text: str) -> int:
    """Read a plain decimal of dollars; ValueError if it is not one or finer than 1e-8."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    digits = whole + fraction
    if not digits.isdecimal() or not digits.isascii() or len(fraction) > len(str(DOLLAR)) - 1:
        raise ValueError(f"not an amount of dollars: {text!r}")
    money = int(whole or "0") * DOLLAR + int(fraction.ljust(8, "0"))
    return -money if text.startswith("-") else money


def notional_to_money(market: MarketDefinition, notional: int) -> int:
    """Turn price times quantity into money; exact, because the scales divide a dollar's units."""
    return notional * (DOLLAR // (market.price_scale * market.quantity_scale))


def money_to_notional(market: MarketDefinition, money: int) -> int:
    """Turn money into price-times-quantity units, rounded half to even if it does not fit."""
    return round_half_even(money, DOLLAR // (market.price_scale * market.quantity_scale))
