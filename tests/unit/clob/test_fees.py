"""Fees of the CLOB against fractions: never below what is charged, and never a cent of budget wasted."""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from polyspec.clob.fees import (
    builder_fee,
    fee_adjusted,
    fee_subtracted,
    largest_platform_fee,
    platform_fee,
    spend_within,
)
from polyspec.errors import ConfigError, InvalidOrder

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "clob_fee_adjust.json").read_bytes())["vectors"]
PRICES = st.integers(1, 9999).map(lambda units: Decimal(units).scaleb(-4))
CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
RATES = st.integers(0, 1000).map(lambda units: Decimal(units).scaleb(-4))
EXPONENTS = st.integers(0, 4)
BUILDERS = st.integers(0, 100).map(lambda points: Decimal(points).scaleb(-4))
HOSTILE = decimal.Context(prec=1, Emin=0, Emax=1, traps=list(decimal.Context().traps))


def five(value: Fraction) -> Fraction:
    """Round up to five decimals, which is the most any rounding to five decimals makes of it."""
    return Fraction(ceil(value * 10**5), 10**5)


def curve(price: Decimal, rate: Decimal, exponent: int) -> Fraction:
    """Return the fee of one share."""
    p = Fraction(price)
    return Fraction(rate) * (p * (1 - p)) ** exponent


def test_published_examples() -> None:
    """A hundred shares at even odds cost what the rates of the categories say; far from even less."""
    for rate, fee in (("0.07", "1.75000"), ("0.05", "1.25000"), ("0.04", "1.00000"), ("0", "0.00000")):
        assert str(platform_fee(100, "0.50", rate, 1)) == fee
    assert str(platform_fee(10, "0.65", "0.07", 1)) == "0.15925"
    assert str(platform_fee("0.01", "0.01", "0.05", 1)) == "0.00001"
    assert str(builder_fee("19.23", "0.01")) == "0.19230"


@given(CENTS, PRICES, RATES, EXPONENTS, BUILDERS)
def test_fees_against_fractions(
    shares: Decimal, price: Decimal, rate: Decimal, exponent: int, builder: Decimal
) -> None:
    """A fee is the formula's exact value in five decimals, rounded up, under any decimal context."""
    with decimal.localcontext(HOSTILE):
        fee, extra = platform_fee(shares, price, rate, exponent), builder_fee(shares, builder)
    exact = Fraction(shares) * curve(price, rate, exponent)
    assert Fraction(fee) == five(exact)
    assert Fraction(extra) == five(Fraction(shares) * Fraction(builder))
    assert (fee == 0) == (exact == 0)


@given(CENTS, PRICES, PRICES, RATES, EXPONENTS)
def test_the_largest_fee_of_a_range(
    spent: Decimal, first: Decimal, second: Decimal, rate: Decimal, exponent: int
) -> None:
    """No price of the range charges more for the same dollars, and some place in it nearly as much."""
    low, high = sorted((first, second))
    found = Fraction(largest_platform_fee(spent, low, high, rate, exponent))
    steps = range(0, 10_001, 97)
    between = [Fraction(low) + (Fraction(high) - Fraction(low)) * step / 10_000 for step in (*steps, 10_000)]
    charged = [Fraction(spent) * Fraction(rate) * (p * (1 - p)) ** exponent / p for p in between]
    assert found >= max(charged)
    ends = (low, high)
    if exponent < 2:
        assert found == max(five(Fraction(spent) / Fraction(p) * curve(p, rate, exponent)) for p in ends)
    else:
        assert found <= max(charged) * Fraction(101, 100) + Fraction(1, 10**5)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector: Any) -> None:
    """Both ways of the venue's packages give what they give; ours spends their solution in whole cents."""
    inputs, expected = vector["inputs"], vector["expected"]
    terms = [inputs[name] for name in ("amount", "price", "max_spend", "fee_rate", "fee_exponent")]
    terms.append(inputs["builder_taker_fee_rate"])
    assert str(fee_adjusted(*terms)) == expected["amount"]
    assert str(fee_subtracted(*terms)) == expected["legacy_v2_amount"]
    assert spend_within(*terms) == Decimal(expected["amount"]).quantize(Decimal("0.01"), decimal.ROUND_DOWN)


@given(CENTS, PRICES, CENTS, RATES, EXPONENTS, BUILDERS)
def test_the_budget_is_kept_and_used(
    amount: Decimal, price: Decimal, budget: Decimal, rate: Decimal, exponent: int, builder: Decimal
) -> None:
    """Spending and rounded fees stay within the budget; a cent more is too much, or more than was wanted."""

    def cost(spent: Fraction) -> Fraction:
        platform = spent / Fraction(price) * curve(price, rate, exponent)
        return spent + five(platform) + five(spent * Fraction(builder))

    with decimal.localcontext(HOSTILE):
        try:
            found = Fraction(spend_within(amount, price, budget, rate, exponent, builder))
        except InvalidOrder as error:
            found, refused = Fraction(0), error
    cent = Fraction(1, 100)
    assert found <= Fraction(amount)
    assert cost(found) <= Fraction(budget)
    assert (found * 100).denominator == 1
    assert found == Fraction(amount) or cost(found + cent) > Fraction(budget)
    if not found:
        assert refused.field == "max_spend"
        assert Fraction(refused.nearest[0]) == cost(cent)
        assert spend_within("0.01", price, refused.nearest[0], rate, exponent, builder) == Decimal("0.01")


@given(st.integers(2, 10**6), PRICES, RATES, st.integers(1, 2))
def test_the_budget_includes_the_rounding_of_fees(
    cents: int, price: Decimal, rate: Decimal, exponent: int
) -> None:
    """A budget of exactly spending and fee is short when the fee rounds up: a cent less is spent."""
    spent = Fraction(cents, 100)
    fee = spent / Fraction(price) * curve(price, rate, exponent)
    units = (spent + fee) * 10**24
    assert units.denominator == 1
    budget = Decimal(f"{units.numerator}e-24")
    found = Fraction(spend_within("10000", price, budget, rate, exponent))
    assert found == (spent if five(fee) == fee else spent - Fraction(1, 100))


@given(CENTS, PRICES, PRICES, CENTS, RATES, EXPONENTS, st.integers(0, 9998))
def test_the_budget_is_kept_at_any_price_from_the_best(
    amount: Decimal,
    first: Decimal,
    second: Decimal,
    budget: Decimal,
    rate: Decimal,
    exponent: int,
    between: int,
) -> None:
    """With the best price of the book known, no fill between it and the limit breaks the budget."""
    best, limit = sorted((first, second))
    try:
        spent = Fraction(spend_within(amount, limit, budget, rate, exponent, best_price=best))
    except InvalidOrder:
        assume(False)
    price = best + (limit - best) * between / 9998
    fee = spent / Fraction(price) * curve(price, rate, exponent)
    assert spent + fee <= Fraction(budget)
    assert spent <= Fraction(spend_within(amount, limit, budget, rate, exponent))


def test_a_better_fill_can_break_a_budget_that_ignores_it() -> None:
    """Why the best price matters: a limit far above the book leaves too little for the fee."""
    careless = spend_within(100, "0.90", 100, "0.07", 1)
    careful = spend_within(100, "0.90", 100, "0.07", 1, best_price="0.50")
    assert careless + platform_fee(careless / Decimal("0.5"), "0.5", "0.07", 1) > 100
    assert careful == Decimal("96.61")
    assert careful + platform_fee(careful / Decimal("0.5"), "0.5", "0.07", 1) <= 100
    # a best price above the limit is no reason to spend more
    assert spend_within(100, "0.50", 100, "0.07", 1, best_price="0.90") == careful


@given(CENTS, PRICES, CENTS, RATES, EXPONENTS, BUILDERS)
def test_packages_ways_against_fractions(
    amount: Decimal, price: Decimal, budget: Decimal, rate: Decimal, exponent: int, builder: Decimal
) -> None:
    """The solved and the subtracted amount are the formulas' exact values, to nine decimals."""
    fees = curve(price, rate, exponent) / Fraction(price) + Fraction(builder)
    wanted, cap = Fraction(amount), Fraction(budget)
    solved = wanted if wanted + wanted * fees < cap else cap / (1 + fees)
    subtracted = min(wanted, max(cap - min(wanted, cap) * fees, Fraction(0)))
    half = Fraction(1, 2 * 10**9)
    with decimal.localcontext(HOSTILE):
        first = fee_adjusted(amount, price, budget, rate, exponent, builder)
        second = fee_subtracted(amount, price, budget, rate, exponent, builder)
    assert abs(Fraction(first) - solved) <= half
    assert abs(Fraction(second) - subtracted) <= half
    assert first.as_tuple().exponent == second.as_tuple().exponent == -9


@pytest.mark.parametrize("solve", [spend_within, fee_adjusted, fee_subtracted])
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"}, {"amount": "-1"}, {"amount": 1.5}, {"amount": "NaN"}, {"price": "0"}, {"price": "1"},
        {"price": "-0.1"}, {"max_spend": "0"}, {"max_spend": "-5"}, {"rate": "-0.01"}, {"rate": "7"},
        {"exponent": "0.5"}, {"exponent": -1}, {"exponent": 10**6}, {"exponent": None},
        {"builder_rate": "100"}, {"builder_rate": "-0.01"}, {"builder_rate": 0.01},
    ],
    ids=str,
)  # fmt: skip
def test_terms_that_make_no_sense(solve: Callable[..., Decimal], wrong: dict[str, Any]) -> None:
    """Rates given in percent or basis points, prices outside a dollar and the like are refused."""
    terms: dict[str, Any] = {"amount": "10", "price": "0.5", "max_spend": "9", "rate": "0.07", "exponent": 1}
    with pytest.raises(ConfigError):
        solve(**(terms | {"builder_rate": "0.01"} | wrong))


def test_an_amount_with_fractions_of_a_cent_is_refused() -> None:
    """What is to be spent comes in cents, as the venue takes it."""
    with pytest.raises(InvalidOrder) as caught:
        spend_within("10.005", "0.5", "20", "0.07", 1)
    assert (caught.value.field, caught.value.nearest) == ("amount", ("10.00", "10.01"))
    assert spend_within("10.00", "0.5", "9.999999", "0.07", Decimal(1)) == Decimal("9.66")
