"""Ticks of the CLOB: every price on the grid is read exactly, all else is refused with its neighbours."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from polyspec.clob.ticks import TICKS, Tick, plain_units, shifted, tick_of
from polyspec.core.scales import as_decimal
from polyspec.errors import ConfigError, InvalidOrder

# as the venue's rounding table has it: price, size and amount decimals
TABLE = {
    "0.1": (1, 2, 3),
    "0.01": (2, 2, 4),
    "0.005": (3, 2, 5),
    "0.0025": (4, 2, 6),
    "0.001": (3, 2, 5),
    "0.0001": (4, 2, 6),
}


def test_table_is_the_venues() -> None:
    """There are the venue's six ticks, each with the decimals of its rounding table."""
    found = {tick.text: (tick.price_decimals, tick.size_decimals, tick.amount_decimals) for tick in TICKS}
    assert found == TABLE


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.text)
def test_a_tick_is_found_by_any_spelling(tick: Tick) -> None:
    """Text, text with zeros, decimals and the tick itself all name the same tick."""
    for spelling in (tick.text, tick.text + "00", Decimal(tick.text), Decimal(tick.text + "0"), tick):
        assert tick_of(spelling) is tick
    assert tick.value == Decimal(tick.text)


@pytest.mark.parametrize("wrong", ["0.02", "0.5", "1", "0", "-0.01", "0.00001", "", "tick", 0.01, None, True])
def test_a_tick_the_venue_does_not_have_is_refused(wrong: Any) -> None:
    """What names none of the ticks is wrong use, never the nearest tick."""
    with pytest.raises(ConfigError):
        tick_of(wrong)


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.text)
def test_every_price_of_the_grid_is_read_exactly(tick: Tick) -> None:
    """All prices from one tick to one less a tick, however they are spelt, and no others in that number."""
    step = Fraction(tick.text)
    count = int(1 / step) - 1
    for number in range(1, count + 1):
        exact = step * number
        units = int(exact * 10**tick.price_decimals)
        price = Decimal(units).scaleb(-tick.price_decimals)
        assert Fraction(tick.price(units)) == exact
        for spelling in (price, f"{price}", f"{price}0", f"{price}"[1:], f"{units}e-{tick.price_decimals}"):
            assert tick.units(spelling) == units
    assert tick.units(tick.price(tick.grid.highest)) == tick.one - tick.grid.tick


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.text)
def test_every_price_between_is_refused_with_its_neighbours(tick: Tick) -> None:
    """Multiples of 0.00025 from -0.1 to 1.1 that are off the grid name the valid prices on both sides."""
    step = Fraction(tick.text)
    for number in range(-400, 4400):
        exact = Fraction(number, 4000)
        # without zeros at the end: as few decimals as the tick has, where they will do
        price = str(Decimal(number * 25).scaleb(-5)).rstrip("0").rstrip(".")
        if exact % step == 0 and 0 < exact < 1:
            assert tick.units(price) == exact * tick.one
            continue
        with pytest.raises(InvalidOrder) as caught:
            tick.units(price)
        below = exact // step * step
        around = (below, below + step) if step < exact < 1 - step else (step, 1 - step)
        assert caught.value.field == "price"
        assert tuple(map(Fraction, caught.value.nearest)) == around
        assert all(text in str(caught.value) for text in caught.value.nearest)


@pytest.mark.parametrize(
    "wrong",
    [
        0.5, float("nan"), float("inf"), True, None, b"0.5", "", " 0.5", "0,5", "NaN", "sNaN", "inf",
        "-Infinity", "½", "\u0660.\u0665", "0.5.5", "0x1", "1e9999", "1e-9999",
        Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e-400"),
        10**5000, "0." + "5" * 100, "1", 1, 0, "0", "-0.5", -1, "55",
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, int) else hex(value)[:20],
)  # fmt: skip
@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.text)
def test_no_other_value_is_a_price(tick: Tick, wrong: Any) -> None:
    """Floats, words, and numbers beyond the grid are refused by name, whatever they are."""
    with pytest.raises(InvalidOrder) as caught:
        tick.units(wrong)
    assert caught.value.field == "price"


@given(
    st.one_of(
        st.text("0123456789.+-eE _٣", max_size=28),
        st.decimals(),
        st.integers(),
        st.from_regex(r"\A[0-9]{0,20}(\.[0-9]{0,20})?\Z"),
    ),
    st.integers(1, 6),
)
@example(-1, 2)
@example(True, 2)
def test_plain_digits_are_read_as_with_care(value: Any, places: int) -> None:
    """What the quick way reads, the careful way reads as the same number; it never reads a bad one."""
    units = plain_units(value, places)
    if units is None:
        return
    assert units >= 0
    assert Fraction(as_decimal(value, "value")) == Fraction(units, 10**places)


@given(st.integers(0, 2**63), st.integers(0, 9))
def test_shifting_is_exact(units: int, places: int) -> None:
    """Units and decimals say the same, with all the places."""
    value = shifted(units, places)
    assert Fraction(value) == Fraction(units, 10**places)
    assert value.as_tuple().exponent == -places
