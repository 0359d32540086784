"""Fees against fractions, and what previews say."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.errors import ConfigError, InvalidOrder
from polyspec.polysimulator.money import cents, fee, notional, rate_of, rate_of_bps, shares_for
from polyspec.polysimulator.preview import Preview
from tests.unit.polysimulator.order_rig import a_ticket

PRICES = st.integers(1, 9999).map(lambda units: Decimal(units).scaleb(-4))
SHARES = st.integers(1, 10**9).map(lambda units: Decimal(units).scaleb(-4))
RATES = st.sampled_from([Decimal(each).scaleb(-4) for each in (0, 300, 400, 500, 700)])
HOSTILE = decimal.Context(prec=1, Emin=0, Emax=1, traps=list(decimal.Context().traps))


def half_up(value: Fraction, places: int) -> Fraction:
    """Round halves up."""
    return Fraction(floor(value * 10**places + Fraction(1, 2)), 10**places)


def test_worked_examples() -> None:
    """Ten shares at 65 cents cost what the venue's pages say."""
    assert str(fee("0.65", 10, rate_of("Politics"))) == "0.09100"
    assert str(cents(fee("0.65", 10, rate_of("Politics")))) == "0.09"
    assert str(fee("0.65", 10, rate_of("crypto"))) == "0.15925"
    assert str(cents(fee("0.65", 10, rate_of("crypto")))) == "0.16"
    assert fee("0.65", 10, rate_of("geopolitics")) == 0
    assert notional("0.65", 10) == Decimal("6.50")


@given(PRICES, SHARES, RATES)
def test_against_fractions(price: Decimal, shares: Decimal, rate: Decimal) -> None:
    """A fee is the formula to five decimals, halves up, whatever the thread's decimal context is."""
    p = Fraction(price)
    exact = half_up(Fraction(rate) * Fraction(shares) * p * (1 - p), 5)
    with decimal.localcontext(HOSTILE):
        found = fee(price, shares, rate)
        paid = cents(found)
        worth = notional(price, shares)
    assert Fraction(found) == exact
    assert Fraction(paid) == half_up(exact, 2)
    assert Fraction(worth) == p * Fraction(shares)
    assert found.as_tuple().exponent == -5


@given(st.integers(1, 10**8).map(lambda units: Decimal(units).scaleb(-2)), PRICES)
def test_shares_for(amount: Decimal, price: Decimal) -> None:
    """What an amount buys is cut to four decimals, never more than it pays for."""
    with decimal.localcontext(HOSTILE):
        found = shares_for(amount, price)
    assert Fraction(found) == Fraction(floor(Fraction(amount) / Fraction(price) * 10**4), 10**4)


def test_rates() -> None:
    """Categories have the rates of the table, others that of the rest, and basis points are their own."""
    known = {name: rate_of(name) for name in ("Crypto", " tech ", "SPORTS", "weather", "geopolitics")}
    assert [str(each) for each in known.values()] == ["0.07", "0.04", "0.03", "0.05", "0"]
    assert rate_of("chess") == rate_of(None) == Decimal("0.05")
    assert rate_of_bps(400) == Decimal("0.04")
    for wrong in (-1, 10_001, True, "400", 4.0):
        with pytest.raises(ConfigError):
            rate_of_bps(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("price", "quantity", "rate"),
    [(0.65, 10, "0.04"), ("0.65", 1.5, "0.04"), ("1.01", 10, "0.04"), ("0.65", -1, "0.04"), ("0.65", 10, 2)],
)
def test_refused(price: Any, quantity: Any, rate: Any) -> None:
    """Floats and what lies outside of the possible are refused."""
    with pytest.raises(ConfigError):
        fee(price, quantity, rate)


def test_nothing_for_nothing() -> None:
    """No amount and no price buy no shares."""
    for amount, price in (("0", "0.5"), ("5", "0"), ("-1", "0.5")):
        with pytest.raises(InvalidOrder):
            shares_for(amount, price)


def test_preview_of_a_buy() -> None:
    """A BUY costs its notional and its fee, each in cents; all of that can be lost."""
    seen = Preview.of(a_ticket(), rate_of("politics"))
    assert (seen.notional, seen.fee, seen.fee_charged) == (Decimal("6.5"), Decimal("0.091"), Decimal("0.09"))
    assert seen.total == seen.worst_case == Decimal("6.59")
    assert Decimal("10000.00") - seen.total == Decimal("9993.41")
    assert seen.best_case == Decimal("3.41")


def test_preview_of_a_sell() -> None:
    """A SELL brings its notional less its fee; each share given away may come to a dollar."""
    seen = Preview.of(a_ticket(side="SELL"), rate_of("politics"))
    assert (seen.total, seen.worst_case, seen.best_case) == (
        Decimal("6.41"), Decimal("3.59"), Decimal("6.41")
    )  # fmt: skip


@given(st.integers(100, 10**6), st.integers(1, 10_000), PRICES, RATES)
def test_worst_case_of_an_amount(cents_spent: int, cap: int, price: Decimal, rate: Decimal) -> None:
    """What an amount may cost with its fee is never above the worst case, at whatever price below the cap."""
    amount, limit = Decimal(cents_spent).scaleb(-2), Decimal(cap).scaleb(-4)
    ticket = a_ticket(quantity=None, amount=amount, order_type="market", price=limit)
    seen = Preview.of(ticket, rate)
    paid = min(price, limit)
    shares = shares_for(amount, paid)
    assert cents(notional(paid, shares)) + cents(fee(paid, shares, rate)) <= seen.worst_case
    assert seen.total <= seen.worst_case
