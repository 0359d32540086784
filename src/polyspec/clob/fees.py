"""The fees of a taker, and what to spend so that they stay within a budget.

Sources: the venue's fee page and its rule for fee-aware buys. The platform fee of a fill is
``shares x rate x (p x (1 - p)) ^ exponent``, in five decimals of collateral; the builder fee is a fraction of
the notional. Both are charged on top of what a BUY spends. How the last decimal is rounded is told in
different ways, so here it is rounded up: a fill is never charged more. An order filled in several parts
is rounded several times, which may add 0.00001 for each.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

from polyspec.clob.ticks import SIZE_DECIMALS, SIZES, shifted
from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError, InvalidOrder

__all__ = [
    "FEE_DECIMALS",
    "builder_fee",
    "fee_adjusted",
    "fee_subtracted",
    "largest_platform_fee",
    "platform_fee",
    "spend_within",
]

FEE_DECIMALS: Final = 5
_ADJUSTED_DECIMALS: Final = 9
_MAX_EXPONENT: Final = 16


def platform_fee(shares: Amount, price: Amount, rate: Amount, exponent: Amount) -> Decimal:
    """Return the most a taker pays in dollars for a fill of `shares` at `price`; a maker pays nothing."""
    quantity = _positive(shares, "shares")
    return _fee(quantity * _per_share(_price(price), _fraction(rate, "rate"), _exponent(exponent)))


def builder_fee(notional: Amount, rate: Amount) -> Decimal:
    """Return the most a builder charges in dollars for that notional; 100 basis points are a rate of 0.01."""
    return _fee(_positive(notional, "notional") * _fraction(rate, "builder_rate"))


def largest_platform_fee(spent: Amount, low: Amount, high: Amount, rate: Amount, exponent: Amount) -> Decimal:
    """Return the most a taker pays for spending that many dollars at prices from `low` to `high`.

    The same dollars buy more shares at a lower price, and their fee is larger.
    """
    dollars = _positive(spent, "spent")
    return _fee(
        dollars * _per_dollar(_price(low), _price(high), _fraction(rate, "rate"), _exponent(exponent))
    )


def spend_within(
    amount: Amount,
    price: Amount,
    max_spend: Amount,
    rate: Amount,
    exponent: Amount,
    builder_rate: Amount = 0,
    *,
    best_price: Amount | None = None,
) -> Decimal:
    """Return what a market BUY may spend, at most `amount`, so that with fees it costs `max_spend` at most.

    In whole cents, which is all the venue takes. It holds for a fill at `price`; at a better one the same
    dollars buy more shares and pay a larger fee, so hand in the `best_price` of the book to have it hold from
    there on. Raises InvalidOrder if not even a cent fits.
    """
    wanted = SIZES.to_wire(amount, "amount")
    budget = _positive(max_spend, "max_spend")
    high = _price(price)
    low = high if best_price is None else min(high, _price(best_price, "best_price"))
    platform = _per_dollar(low, high, _fraction(rate, "rate"), _exponent(exponent))
    builder = _fraction(builder_rate, "builder_rate")

    def cost(cents: int) -> Fraction:
        spent = Fraction(cents, SIZES.scale.value)
        return spent + _rounded(spent * platform) + _rounded(spent * builder)

    cents = min(wanted, floor(budget * SIZES.scale.value / (1 + platform + builder)))
    # rounding adds less than a cent to the exact solution, so this is at most one step
    while cents and cost(cents) > budget:
        cents -= 1
    if not cents:
        least = shifted(ceil(cost(1) * 10**FEE_DECIMALS), FEE_DECIMALS)
        raise InvalidOrder(
            f"max_spend {max_spend} does not cover a cent and its fees; allow at least {least}",
            field="max_spend",
            nearest=(str(least),),
        )
    return shifted(cents, SIZE_DECIMALS)


def fee_adjusted(
    amount: Amount, price: Amount, max_spend: Amount, rate: Amount, exponent: Amount, builder_rate: Amount = 0
) -> Decimal:
    """Return what the venue's maintained packages spend within a budget, to 9 decimals.

    To compare with them: they neither cut it to cents nor reckon with the rounding of fees, as `spend_within`
    does.
    """
    wanted, budget, fees = _terms(amount, price, max_spend, rate, exponent, builder_rate)
    return _adjusted(wanted if budget > wanted * (1 + fees) else budget / (1 + fees))


def fee_subtracted(
    amount: Amount, price: Amount, max_spend: Amount, rate: Amount, exponent: Amount, builder_rate: Amount = 0
) -> Decimal:
    """Return what the venue's version 2 packages spend within a budget, to 9 decimals.

    They take the fees of the whole amount off the budget, which leaves part of it unused.
    """
    wanted, budget, fees = _terms(amount, price, max_spend, rate, exponent, builder_rate)
    return _adjusted(min(wanted, max(budget - min(wanted, budget) * fees, Fraction(0))))


def _terms(
    amount: Amount, price: Amount, max_spend: Amount, rate: Amount, exponent: Amount, builder_rate: Amount
) -> tuple[Fraction, Fraction, Fraction]:
    """Return amount, budget, and fees per dollar."""
    at = _price(price)
    fees = _per_dollar(at, at, _fraction(rate, "rate"), _exponent(exponent))
    fees += _fraction(builder_rate, "builder_rate")
    return _positive(amount, "amount"), _positive(max_spend, "max_spend"), fees


def _per_share(price: Fraction, rate: Fraction, exponent: int) -> Fraction:
    return rate * (price * (1 - price)) ** exponent


def _per_dollar(low: Fraction, high: Fraction, rate: Fraction, exponent: int) -> Fraction:
    """Return the largest fee per dollar spent at any price from `low` to `high`."""
    # p^(e-1) x (1-p)^e has one maximum, at this price; without an exponent cheaper is always dearer
    peak = Fraction(exponent - 1, 2 * exponent - 1) if exponent else Fraction(0)
    price = min(max(peak, low), high)
    return _per_share(price, rate, exponent) / price


def _rounded(dollars: Fraction) -> Fraction:
    return Fraction(ceil(dollars * 10**FEE_DECIMALS), 10**FEE_DECIMALS)


def _fee(dollars: Fraction) -> Decimal:
    return shifted(ceil(dollars * 10**FEE_DECIMALS), FEE_DECIMALS)


def _adjusted(dollars: Fraction) -> Decimal:
    return shifted(round(dollars * 10**_ADJUSTED_DECIMALS), _ADJUSTED_DECIMALS)


def _positive(value: Amount, field: str) -> Fraction:
    number = as_decimal(value, field)
    if number <= 0:
        raise InvalidOrder(f"{field} {number} must be more than 0", field=field)
    return Fraction(number)


def _price(value: Amount, field: str = "price") -> Fraction:
    number = as_decimal(value, field)
    if not 0 < number < 1:
        raise InvalidOrder(f"{field} {number} must lie between 0 and 1 dollar", field=field)
    return Fraction(number)


def _fraction(value: Amount, name: str) -> Fraction:
    number = as_decimal(value, name)
    if not 0 <= number <= 1:
        raise ConfigError(f"{name} {number} must lie between 0 and 1: 100 basis points are 0.01")
    return Fraction(number)


def _exponent(value: Amount) -> int:
    number = Fraction(as_decimal(value, "exponent"))
    if number.denominator != 1 or not 0 <= number <= _MAX_EXPONENT:
        raise ConfigError(f"a fee exponent must be a whole number from 0 to {_MAX_EXPONENT}, not {value}")
    return int(number)
