"""Exact conversion between decimals and the scaled integers of a wire."""

from __future__ import annotations

import copy
import decimal
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.core.scales import (
    MAX_UNITS,
    Grid,
    Scale,
    as_decimal,
    complement,
    from_notional,
    notional,
    scale_of,
    to_notional,
)
from polyspec.errors import ConfigError, InvalidOrder

SCALES = st.sampled_from([1, 2, 5, 8, 10, 25, 100, 125, 1000, 2000, 10_000, 1_000_000, 10**18])
UNITS = st.integers(-MAX_UNITS, MAX_UNITS)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=9)


class Text(str):
    """A str subclass, as a StrEnum member is one."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.55", "0.55"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("-0.01", "-0.01"),
        ("1e-2", "0.01"),
        ("1E+3", "1000"),
        ("007", "7"),
        (Text("0.1"), "0.1"),
        (Decimal("0.50"), "0.50"),
        (Decimal(-0), "0"),
        ("-0.00", "0"),
        (7, "7"),
        (-(2**100), str(-(2**100))),
    ],
)
def test_reads_numbers_exactly(value: Any, expected: str) -> None:
    """A number in any accepted spelling is read as exactly that number, and zero has no sign."""
    number = as_decimal(value, "price")
    assert number == Decimal(expected)
    assert not (number.is_zero() and number.is_signed())


BAD = [
    0.55,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
    b"0.5",
    Fraction(1, 2),
    1j,
    [1],
    "",
    " ",
    " 0.5",
    "0.5\n",
    "\t1",
    "0 5",
    "1_000",
    "1,000",
    "0,5",
    ".",
    "+",
    "-.",
    "e5",
    "1e",
    "--1",
    "0x10",
    "1/2",
    "$1",
    "½",
    "٠.٥",  # noqa: RUF001
    "０.５",  # noqa: RUF001
    "−1",  # noqa: RUF001
    "NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "nan",
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("NaN" + "1" * 5000),
    Decimal("Infinity"),
    Decimal("-Infinity"),
    "1e9999",
    "1e99999999999999999999",
    "1e-9999",
    Decimal("1e999999"),
    Decimal("0e999999"),
    Decimal("1e-999999"),
    "9" * 41,
    "9" * 5000,
    "0." + "1" * 41,
    Decimal("1" * 5000),
    10**5000,
    -(10**50),
]


@pytest.mark.parametrize("value", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("accept", [as_decimal, Grid(100).to_wire, Grid(100).nearest, Scale(100).to_wire])
def test_refuses_what_is_no_plain_number(accept: Any, value: Any) -> None:
    """Floats, booleans, lax spellings and monstrous numbers are refused in a short text naming the field."""
    with pytest.raises(InvalidOrder) as caught:
        accept(value, "quantity")
    assert caught.value.field == "quantity"
    assert "quantity" in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_float_is_told_what_to_pass() -> None:
    """Whoever passes a float reads how to write it."""
    with pytest.raises(InvalidOrder, match=r"pass a string or a Decimal, such as '0\.1'"):
        Grid(100).to_wire(0.1, "price")  # type: ignore[arg-type]


@given(SCALES, UNITS)
def test_wire_integers_survive_a_round_trip(scale: int, units: int) -> None:
    """Every integer the wire can hold comes back from its decimal, which is the exact quotient."""
    value = Scale(scale).from_wire(units)
    assert Fraction(value) == Fraction(units, scale)
    assert Scale(scale).to_wire(value) == units
    assert Scale(scale).to_wire(Scale(scale).text(units)) == units


@given(SCALES, DECIMALS)
def test_scale_agrees_with_fractions(scale: int, value: Decimal) -> None:
    """A decimal is accepted if and only if value times scale is whole; else its two neighbours are named."""
    exact = Fraction(value) * scale
    if abs(exact) > MAX_UNITS:
        with pytest.raises(InvalidOrder):
            Scale(scale).to_wire(value)
    elif exact.denominator == 1:
        assert Scale(scale).to_wire(value) == exact
    else:
        with pytest.raises(InvalidOrder) as caught:
            Scale(scale).to_wire(value)
        below, above = (Fraction(text) * scale for text in caught.value.nearest)
        assert below < exact < above == below + 1


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Any grid that holds a value."""
    tick = draw(st.integers(1, 500))
    low = draw(st.none() | st.integers(-1000, 5000))
    minimum = draw(st.integers(1, 5000))
    floor = max(minimum, low or 0)
    high = draw(st.none() | st.integers(floor + tick, floor + 100_000))
    return Grid(draw(SCALES), tick, low=low, high=high, minimum=minimum)


def oracle(grid: Grid, exact: Fraction) -> set[int]:
    """Find the valid units closest to `exact` on either side by searching, not by dividing."""
    top = MAX_UNITS if grid.high is None else grid.high
    floor = max(grid.minimum, grid.low or 0)
    around = int(exact)
    near = range(around - 2 * grid.tick, around + 2 * grid.tick + 1)
    valid = [units for units in near if units % grid.tick == 0 and floor <= units <= top]
    below = [units for units in valid if units <= exact]
    above = [units for units in valid if units >= exact]
    return {max(below), min(above)} if below and above else set()


@given(grids(), st.integers(0, 10**7), st.integers(1, 12))
def test_nearest_values_are_the_nearest(grid: Grid, numerator: int, places: int) -> None:
    """The offered values are on the grid, on either side, and nothing valid lies between."""
    value = Decimal(numerator).scaleb(-places)
    exact = Fraction(value) * grid.scale.value
    nearest = set(grid.nearest(value))
    assert all(units in grid for units in nearest)
    expected = oracle(grid, exact)
    if expected:
        assert nearest == expected
    else:
        assert nearest == {grid.lowest, grid.highest}
        assert exact < grid.lowest or exact > grid.highest


@given(grids(), st.integers(0, 10**7), st.integers(1, 12))
def test_grid_accepts_exactly_its_own_values(grid: Grid, numerator: int, places: int) -> None:
    """A value is converted if and only if it is on the grid; a refusal names valid values."""
    value = Decimal(numerator).scaleb(-places)
    exact = Fraction(value) * grid.scale.value
    if exact.denominator == 1 and int(exact) in grid:
        assert grid.to_wire(value) == exact
        return
    with pytest.raises(InvalidOrder) as caught:
        grid.to_wire(value, "price")
    assert caught.value.nearest
    for text in caught.value.nearest:
        assert text in str(caught.value) or grid.high is None
        assert grid.to_wire(text) in grid


@pytest.mark.parametrize("scale", [10, 100, 1000, 10_000])
@pytest.mark.parametrize("tick", ["0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001"])
def test_every_price_of_every_tick(scale: int, tick: str) -> None:
    """Each multiple of a tick in (0, 1) converts and comes back; halfway between two there is nothing."""
    step = Decimal(tick)
    if (step * scale) % 1:
        with pytest.raises(ConfigError, match=f"does not fit a scale of {scale}"):
            Grid.stepped(scale, tick)
        return
    units = int(step * scale)
    grid = Grid.stepped(scale, tick, low=units, high=scale - units)
    for count in range(1, scale // units):
        price = step * count
        assert grid.to_wire(str(price)) == count * units
        assert grid.from_wire(count * units) == price
        assert complement(price) == 1 - price
        assert grid.to_wire(complement(price)) == scale - count * units
        if count > 1:
            with pytest.raises(InvalidOrder) as caught:
                grid.to_wire(price - step / 2, "price")
            assert [Decimal(text) for text in caught.value.nearest] == [price - step, price]
    for outside in (0, 1, -step, 1 + step):
        with pytest.raises(InvalidOrder) as caught:
            grid.to_wire(outside)
        assert [Decimal(text) for text in caught.value.nearest] == [step, 1 - step]


def test_refusals_read_well() -> None:
    """The messages name the field, the fault, and what would be valid."""
    grid = Grid.stepped(1000, "0.005", low=10, high=990)
    with pytest.raises(InvalidOrder) as caught:
        grid.to_wire("0.507", "price")
    assert str(caught.value) == (
        "price 0.507 is not a multiple of 0.005; the nearest valid values are 0.505 and 0.510 "
        "(valid: from 0.010 to 0.990 in steps of 0.005)"
    )
    with pytest.raises(InvalidOrder, match=r"price 1\.2 is above the highest valid value 0\.990"):
        grid.to_wire("1.2", "price")
    with pytest.raises(
        InvalidOrder, match=r"quantity 0 is below the lowest valid value 0\.01 \(valid: from 0\.01 in"
    ):
        Grid(100).to_wire(0, "quantity")


def test_bounds_off_the_grid_are_drawn_in() -> None:
    """Bounds that are no multiples of the tick give way inwards, and the larger lower bound wins."""
    grid = Grid(1000, 5, low=7, high=993, minimum=12)
    assert (grid.lowest, grid.highest) == (15, 990)
    assert grid.nearest("0.0145") == (15, 990)
    assert (995 in grid, 12 in grid, 15 in grid, 16 in grid) == (False, False, True, False)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Scale(0),
        lambda: Scale(-100),
        lambda: Scale(True),
        lambda: Scale(3),
        lambda: Scale(300),
        lambda: Scale(Decimal(100)),  # type: ignore[arg-type]
        lambda: Scale("100"),  # type: ignore[arg-type]
        lambda: Scale(2**64),
        lambda: scale_of(100.0),
        lambda: Grid(100, 0),
        lambda: Grid(100, -1),
        lambda: Grid(100, True),
        lambda: Grid(100, 1.0),  # type: ignore[arg-type]
        lambda: Grid(100, minimum=0),
        lambda: Grid(100, high=0),
        lambda: Grid(100, low=5, high=4),
        lambda: Grid(100, 10, low=11, high=19),
        lambda: Grid(100, low=2**64),
        lambda: Grid.stepped(100, 0),
        lambda: Grid.stepped(100, "-0.01"),
        lambda: Grid.stepped(100, 0.01),  # type: ignore[arg-type]
        lambda: Grid.stepped(100, "0.005"),
        lambda: Scale(100).from_wire(2**200),
    ],
)
def test_impossible_scales_and_grids_are_refused(build: Any) -> None:
    """A scale without exact decimals and a grid without values are found when they are built."""
    scale_of(100)
    with pytest.raises(ConfigError):
        build()


@given(SCALES, UNITS, DECIMALS)
def test_the_ambient_decimal_context_has_no_say(scale: int, units: int, value: Decimal) -> None:
    """Results are the same under a context of one digit that rounds, and no flag of it is touched."""
    grid = Grid(scale, 1)

    def outcome() -> Any:
        texts = [grid.scale.text(units), str(grid.from_wire(units)), str(notional(units, 100, 12_345, 100))]
        try:
            return [*texts, grid.to_wire(value), str(complement(value, 10**12))]
        except InvalidOrder as error:
            return [*texts, str(error), error.nearest]

    expected = outcome()
    with decimal.localcontext(decimal.Context(prec=1, rounding=decimal.ROUND_UP, traps=[])) as context:
        assert outcome() == expected
        assert not any(context.flags.values())


@given(UNITS, UNITS, st.sampled_from([1, 100, 1000, 10_000]), st.sampled_from([1, 100]))
def test_notional_agrees_with_fractions(
    price: int, quantity: int, price_scale: int, quantity_scale: int
) -> None:
    """Price times quantity is exact for any two wire integers."""
    exact = Fraction(price, price_scale) * Fraction(quantity, quantity_scale)
    assert Fraction(notional(price, price_scale, quantity, quantity_scale)) == exact


def test_money_of_the_documented_fill() -> None:
    """3.12 contracts at 0.97 cost 3.0264, and a commission of 100 at scales 100 and 100 is one cent."""
    assert notional(97, 100, 312, 100) == Decimal("3.0264")
    assert from_notional(100, 100, 100) == Decimal("0.01")
    assert from_notional(-125, 100, 100) == Decimal("-0.0125")
    assert to_notional("0.01", 100, 100) == 100
    assert from_notional(26_000, 1000, 1) == 26
    with pytest.raises(InvalidOrder, match=r"fee 0\.00001 is finer than 1/10000"):
        to_notional("0.00001", 100, 100, "fee")


def test_complement_stays_between_nothing_and_the_payout() -> None:
    """A price beyond the payout has no other side."""
    assert complement("0.97") == Decimal("0.03")
    assert complement(0) == 1
    assert complement("30", payout=100) == 70
    for price in ("1.01", "-0.01"):
        with pytest.raises(InvalidOrder, match="between 0 and 1"):
            complement(price)


def test_values_carry_the_digits_of_their_scale() -> None:
    """Half a dollar at a scale of 100 reads 0.50; whole contracts read as integers."""
    assert str(Scale(100).from_wire(50)) == "0.50"
    assert str(Scale(1).from_wire(-10)) == "-10"
    assert str(Scale(8).from_wire(3)) == "0.375"
    assert Scale(10**18).text(1) == "0.000000000000000001"


def test_scales_and_grids_are_values() -> None:
    """Equal ones are equal and hash alike, and survive copying and pickling."""
    grid = Grid(100, 5, low=5, high=95)
    for twin in (Grid(Scale(100), 5, low=5, high=95), copy.deepcopy(grid), pickle.loads(pickle.dumps(grid))):
        assert twin == grid
        assert hash(twin) == hash(grid)
        assert twin.highest == 95
    assert repr(grid) == "Grid(scale=Scale(value=100), tick=5, low=5, high=95, minimum=1)"
