"""Previews of CLOB orders: no fill that the order allows is worse than what they say."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.clob.amounts import limit_amounts, market_amounts
from polyspec.clob.preview import preview_of
from polyspec.clob.ticks import TICKS, Tick, tick_of
from polyspec.errors import ConfigError, InvalidOrder

HUNDREDTHS = st.integers(100, 10**8)
RATES = st.sampled_from(["0", "0.04", "0.07", "0.25", "0.9"]).map(Decimal)
EXPONENTS = st.integers(0, 3)
BUILDERS = st.sampled_from(["0", "0.0001", "0.01"]).map(Decimal)
SLACK = Fraction(2, 10**5)
"""What rounding both fees up may add."""


@st.composite
def priced(draw: st.DrawFn) -> tuple[Tick, Decimal]:
    """Draw a tick and one of its prices."""
    tick = draw(st.sampled_from(TICKS))
    units = tick.grid.tick * draw(st.integers(1, tick.grid.highest // tick.grid.tick))
    return tick, tick.price(units)


def fees(
    shares: Fraction, price: Fraction, rate: Decimal, exponent: int, builder: Decimal
) -> tuple[Fraction, Fraction]:
    """Return platform and builder fee of a fill, not rounded."""
    platform = shares * Fraction(rate) * (price * (1 - price)) ** exponent
    return platform, shares * price * Fraction(builder)


def fills(tick: Tick, best: Fraction, worst: Fraction) -> list[Fraction]:
    """Return prices of the grid from the best to the worst, both included."""
    low, high = sorted((best, worst))
    step = Fraction(tick.text)
    stride = max(1, int((high - low) / step) // 40)
    return [low + step * number for number in range(0, int((high - low) / step) + 1, stride)] + [high]


def test_a_market_buy_in_numbers() -> None:
    """Ten dollars at 0.52 in a crypto market, with a builder's percent."""
    amounts = market_amounts(tick_of("0.01"), "BUY", "0.52", "10")
    seen = preview_of("BUY", amounts, "0.07", 1, "0.01", market=True, best_price="0.50")
    assert (seen.side, seen.maker_amount, seen.taker_amount) == ("BUY", 10_000_000, 19_230_700)
    assert str(seen.implied_price) == "0.520001872007"
    assert (seen.price, seen.shares, seen.collateral) == (Decimal("0.52"), Decimal("19.2307"), 10)
    assert (seen.platform_fee, seen.builder_fee) == (Decimal("0.336"), Decimal("0.1"))
    assert seen.total == Decimal("10.436")
    assert seen.max_loss == Decimal("10.45")
    assert seen.max_gain == Decimal("19.2307") - Decimal("10.436")
    unbounded = preview_of("BUY", amounts, "0.07", 1, "0.01", market=True)
    assert unbounded.max_loss == Decimal("10.79993")


@given(priced(), HUNDREDTHS, RATES, EXPONENTS, BUILDERS, st.sampled_from(["BUY", "SELL"]))
def test_a_limit_order_at_any_fill(
    at: tuple[Tick, Decimal], hundredths: int, rate: Decimal, exponent: int, builder: Decimal, side: str
) -> None:
    """No fill at the limit or better loses more, or costs more or brings less than the total."""
    tick, price = at
    amounts = limit_amounts(tick, side, price, Decimal(hundredths).scaleb(-2))
    with decimal.localcontext(decimal.Context(prec=1, traps=list(decimal.Context().traps))):
        seen = preview_of(side, amounts, rate, exponent, builder)
    shares, limit = Fraction(hundredths, 100), Fraction(price)
    platform, extra = fees(shares, limit, rate, exponent, builder)
    charged = Fraction(seen.platform_fee) + Fraction(seen.builder_fee)
    assert platform + extra <= charged <= platform + extra + SLACK
    assert (Fraction(seen.shares), Fraction(seen.collateral)) == (shares, shares * limit)
    assert seen.implied_price == seen.price == price
    best = Fraction(tick.text) if side == "BUY" else 1 - Fraction(tick.text)
    for fill in fills(tick, best, limit):
        charge = sum(fees(shares, fill, rate, exponent, builder))
        if side == "BUY":
            assert shares * fill + charge <= Fraction(seen.total) <= Fraction(seen.max_loss)
        else:
            assert shares * fill - charge >= Fraction(seen.total) - SLACK
            assert shares - (shares * fill - charge) <= Fraction(seen.max_loss)
    gain = shares - Fraction(seen.total) if side == "BUY" else Fraction(seen.total)
    assert Fraction(seen.max_gain) == gain
    assert Fraction(seen.max_gain) + Fraction(seen.max_loss) == shares


@given(priced(), HUNDREDTHS, RATES, EXPONENTS, BUILDERS, st.booleans(), st.data())
def test_a_market_buy_at_any_fill(
    at: tuple[Tick, Decimal],
    cents: int,
    rate: Decimal,
    exponent: int,
    builder: Decimal,
    known: bool,
    data: st.DataObject,
) -> None:
    """Whatever it fills at, from the best price to the limit, it never costs more than is said."""
    tick, price = at
    amount, limit = Fraction(cents, 100), Fraction(price)
    amounts = market_amounts(tick, "BUY", price, Decimal(cents).scaleb(-2))
    step = tick.grid.tick
    lowest = step * data.draw(st.integers(1, int(price * tick.one) // step)) if known else step
    best = tick.price(lowest)
    seen = preview_of(
        "BUY", amounts, rate, exponent, builder, market=True, best_price=best if known else None
    )
    assert limit <= Fraction(seen.implied_price) < limit + Fraction(tick.text)
    assert Fraction(seen.implied_price) >= Fraction(seen.maker_amount, seen.taker_amount)
    costs = [
        amount + sum(fees(amount / fill, fill, rate, exponent, builder))
        for fill in fills(tick, Fraction(best), limit)
    ]
    assert max(costs) <= Fraction(seen.max_loss)
    at_limit = amount + sum(fees(amount / limit, limit, rate, exponent, builder))
    assert at_limit <= Fraction(seen.total) <= at_limit + SLACK
    assert Fraction(seen.total) <= Fraction(seen.max_loss)
    if known and exponent < 2:
        assert Fraction(seen.max_loss) <= max(costs) + 2 * SLACK
    assert Fraction(seen.max_gain) == Fraction(seen.shares) - Fraction(seen.total)


@given(priced(), HUNDREDTHS)
def test_a_market_sell_is_previewed_like_a_limit_one(at: tuple[Tick, Decimal], hundredths: int) -> None:
    """A SELL names shares either way, so it means the same."""
    tick, price = at
    shares = Decimal(hundredths).scaleb(-2)
    sold = market_amounts(tick, "SELL", price, shares)
    seen = preview_of("SELL", sold, "0.05", 1, market=True, best_price="0.999")
    assert seen == preview_of("SELL", limit_amounts(tick, "SELL", price, shares), "0.05", 1)


@pytest.mark.parametrize(
    "wrong",
    [{"side": "buy"}, {"rate": "7"}, {"rate": 0.07}, {"exponent": "half"}, {"builder_rate": "100"}],
    ids=str,
)
def test_wrong_use(wrong: dict[str, Any]) -> None:
    """Unknown sides and rates in percent are refused."""
    amounts = limit_amounts(tick_of("0.01"), "BUY", "0.5", "10")
    with pytest.raises(ConfigError):
        preview_of(**({"side": "BUY", "amounts": amounts} | wrong))


def test_without_fees_nothing_is_added() -> None:
    """In a market without fees the total is what is signed."""
    seen = preview_of("BUY", limit_amounts(tick_of("0.001"), "BUY", "0.123", "10"))
    assert (seen.platform_fee, seen.builder_fee, seen.total) == (0, 0, Decimal("1.23"))
    assert (seen.max_loss, seen.max_gain) == (Decimal("1.23"), Decimal("8.77"))
    with pytest.raises(InvalidOrder):
        preview_of("HOLD", limit_amounts(tick_of("0.001"), "BUY", "0.123", "10"))
