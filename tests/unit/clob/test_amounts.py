"""Amounts of CLOB orders against an oracle in fractions: exact, on the grid, never past the limit."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.clob.amounts import Amounts, limit_amounts, market_amounts
from polyspec.clob.ticks import TICKS, Tick, tick_of
from polyspec.errors import ConfigError, InvalidOrder

TICK = st.sampled_from(TICKS)
SIDES = ("BUY", "SELL")
CENT = tick_of("0.01")
FINEST = tick_of("0.0001")
MOST = 2**63 - 1
HUNDREDTHS = st.one_of(st.integers(1, 10**4), st.integers(1, MOST // 10**4))


def prices(tick: Tick) -> Iterator[Fraction]:
    """Return every price of a tick, reckoned from the tick's text alone."""
    step = Fraction(tick.text)
    return (step * number for number in range(1, int(1 / step)))


def text(value: Fraction, places: int = 4) -> str:
    """Write a fraction out in decimal."""
    scaled = value * 10**places
    assert scaled.denominator == 1
    return f"{scaled.numerator // 10**places}.{scaled.numerator % 10**places:0{places}}"


@st.composite
def priced(draw: st.DrawFn) -> tuple[Tick, Fraction]:
    """Draw a tick and one of its prices."""
    tick = draw(TICK)
    step = Fraction(tick.text)
    return tick, step * draw(st.integers(1, int(1 / step) - 1))


def decimals(amount: int) -> int:
    """Return how many decimals base units have."""
    return next(places for places in range(7) if amount % 10 ** (6 - places) == 0)


def down(value: Fraction, places: int) -> Fraction:
    """Round towards zero."""
    return Fraction(floor(value * 10**places), 10**places)


def up(value: Fraction, places: int) -> Fraction:
    """Round away from zero."""
    return Fraction(ceil(value * 10**places), 10**places)


def two_stage(value: Fraction, places: int) -> Fraction:
    """Round as the venue's packages do: up to four more decimals, then down."""
    return down(up(value, places + 4), places)


def attempt(make: Callable[..., Amounts], *arguments: Any, **options: Any) -> Amounts | InvalidOrder:
    """Return the amounts, or why there are none."""
    try:
        return make(*arguments, **options)
    except InvalidOrder as error:
        return error


def packages_market(tick: Tick, side: str, price: Fraction, amount: Fraction) -> tuple[Fraction, Fraction]:
    """Return maker and taker amount of a market order as the venue's packages define them."""
    maker = down(amount, 2)
    return maker, two_stage(maker / price if side == "BUY" else maker * price, tick.amount_decimals)


def of(amounts: Amounts) -> tuple[Fraction, Fraction]:
    """Return both amounts as fractions of a dollar, or of a share."""
    return Fraction(amounts.maker_amount, 10**6), Fraction(amounts.taker_amount, 10**6)


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.text)
def test_limit_amounts_at_every_price(tick: Tick) -> None:
    """At every price of every tick the amounts are the exact product, within the decimals of the tick."""
    sizes = (Fraction(1, 100), Fraction(5), Fraction(777, 100), Fraction(99999999, 100))
    for price in prices(tick):
        for size in sizes:
            want = price * size
            buy = limit_amounts(tick, "BUY", text(price), text(size, 2))
            sell = limit_amounts(tick, "SELL", text(price), text(size, 2))
            assert of(buy) == (want, size)
            assert of(sell) == (size, want)
            assert (Fraction(buy.price), Fraction(buy.size)) == (price, size)
            assert decimals(buy.maker_amount) <= tick.amount_decimals
            assert decimals(buy.taker_amount) <= tick.size_decimals


@given(priced(), HUNDREDTHS, st.sampled_from(SIDES))
def test_limit_amounts_of_any_size(at: tuple[Tick, Fraction], hundredths: int, side: str) -> None:
    """Any size up to what 64 bits hold gives the exact product, as text and as decimal alike."""
    tick, price = at
    size = Fraction(hundredths, 100)
    found = limit_amounts(tick, side, text(price), text(size, 2))
    shares, collateral = of(found) if side == "SELL" else of(found)[::-1]
    assert (shares, collateral) == (size, size * price)
    assert collateral / shares == price
    assert max(found.maker_amount, found.taker_amount) <= MOST
    assert limit_amounts(tick, side, Decimal(text(price)), Decimal(text(size, 2))) == found


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.text)
def test_market_amounts_at_every_price(tick: Tick) -> None:
    """At every price of every tick the packages' rounding is theirs, and ours is never past the limit."""
    step = Fraction(tick.text)
    for price in prices(tick):
        for amount in (Fraction(1), Fraction(999, 100), Fraction(1234567, 100)):
            given_price, given_amount = text(price), text(amount, 2)
            for side in SIDES:
                loose = market_amounts(
                    tick, side, given_price, given_amount, exact=False, taker_decimals=None
                )
                assert of(loose) == packages_market(tick, side, price, amount)
            assert market_amounts(tick, "SELL", given_price, given_amount) == loose
            bought = market_amounts(tick, "BUY", given_price, given_amount)
            places = min(4, tick.amount_decimals)
            maker, taker = of(bought)
            assert (maker, taker) == (amount, down(amount / price, places))
            assert decimals(bought.maker_amount) <= 2
            assert decimals(bought.taker_amount) <= places
            assert price <= maker / taker < price + step
            assert (Fraction(bought.price), Fraction(bought.size)) == (price, taker)


@given(priced(), HUNDREDTHS, st.sampled_from([None, 2, 3, 4, 5, 6]))
def test_a_market_buy_lifts_its_limit_and_nothing_dearer(
    at: tuple[Tick, Fraction], cents: int, places: int | None
) -> None:
    """A BUY implies a price from its limit to below the next tick, or is refused with amounts that do."""
    tick, price = at
    step, amount = Fraction(tick.text), Fraction(cents, 100)
    kept = tick.amount_decimals if places is None else min(places, tick.amount_decimals)
    want = down(amount / price, kept)
    fits = 0 < want * 10**6 <= MOST and amount < want * (price + step)
    found = attempt(market_amounts, tick, "BUY", text(price), text(amount, 2), taker_decimals=places)
    if isinstance(found, InvalidOrder):
        assert not fits
        assert found.field == "amount"
        assert found.nearest
        for nearest in found.nearest:
            near = market_amounts(tick, "BUY", text(price), nearest, taker_decimals=places)
            assert price <= Fraction(near.maker_amount, near.taker_amount) < price + step
        return
    assert fits
    assert of(found) == (amount, want)
    assert price <= amount / want < price + step
    # the bound the documentation gives
    grain = Fraction(1, 10**kept)
    assert amount / want - price <= price**2 * grain / (amount - price * grain)
    # a single grain more would imply a price that no ask at the limit meets
    assert amount / (want + grain) < price


def test_more_shares_than_64_bits_hold_are_refused() -> None:
    """An amount that would buy too many shares is refused with the largest that does not, to the cent."""
    with pytest.raises(InvalidOrder, match="64 bits") as caught:
        market_amounts(CENT, "BUY", "0.01", "92233720369")
    assert caught.value.nearest == ("92233720368.54",)
    found = market_amounts(CENT, "BUY", "0.01", *caught.value.nearest)
    assert MOST - 10**6 < found.taker_amount <= MOST
    with pytest.raises(InvalidOrder, match="64 bits"):
        market_amounts(CENT, "BUY", "0.01", "92233720368.55")


def test_only_small_amounts_at_fine_ticks_are_refused_for_their_rounding() -> None:
    """With four decimals no amount of a dollar or more is refused, at any price of any tick."""
    amounts = ("0.01", "0.02", "0.05", "0.10", "0.50", "0.99", "1.00", "1.01", "9.99")
    refused = {
        (tick.text, amount)
        for tick in TICKS
        for price in prices(tick)
        for amount in amounts
        if isinstance(attempt(market_amounts, tick, "BUY", text(price), amount), InvalidOrder)
    }
    # a ten-thousandth of a share moves the price by a tick only below a ten-thousandth of a dollar per tick
    below = {"0.0001": "1.00", "0.001": "0.10", "0.0025": "0.04", "0.005": "0.02", "0.01": "0", "0.1": "0"}
    assert refused == {(tick, amount) for tick, end in below.items() for amount in amounts if amount < end}


@given(priced(), HUNDREDTHS)
def test_a_market_sell_is_exact(at: tuple[Tick, Fraction], hundredths: int) -> None:
    """A SELL is exactly shares times price: the venue refuses any other taker amount."""
    tick, price = at
    shares = Fraction(hundredths, 100)
    assert of(market_amounts(tick, "SELL", text(price), text(shares, 2))) == (shares, shares * price)


@given(priced(), st.integers(1, 10**9), st.integers(3, 12), st.sampled_from(SIDES))
def test_more_than_two_decimals_are_refused_or_cut(
    at: tuple[Tick, Fraction], hundredths: int, places: int, side: str
) -> None:
    """A third decimal is refused with both neighbours, or cut where the packages' rounding is asked for."""
    tick, price = at
    value = Fraction(hundredths, 100) + Fraction(1, 10**places)
    around = (text(Fraction(hundredths, 100), 2), text(Fraction(hundredths + 1, 100), 2))
    given_price, given_value = text(price), text(value, places)
    with pytest.raises(InvalidOrder) as caught:
        limit_amounts(tick, side, given_price, given_value)
    assert (caught.value.field, caught.value.nearest) == ("size", around)
    with pytest.raises(InvalidOrder) as caught:
        market_amounts(tick, side, given_price, given_value)
    assert (caught.value.field, caught.value.nearest) == ("amount", around)
    cut = limit_amounts(tick, side, given_price, given_value, exact_size=False)
    assert cut == limit_amounts(tick, side, given_price, around[0])
    cut = market_amounts(tick, side, given_price, given_value, exact=False, taker_decimals=None)
    assert cut == market_amounts(tick, side, given_price, around[0], taker_decimals=None)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        "0", "0.00", "-1", "0.009", "-0.01", 0, -5, "NaN", "Infinity", "", "one", "1_000", "1e400", "1e-400",
        1.5, None, True, Decimal("NaN"), Decimal("-Infinity"), Decimal(0), 2**63, 2**256, 2**256 - 1,
        10**5000, "9" * 60, "92233720368547.76", Decimal("1e30"), "1e15",
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, int) else hex(value)[:20],
)  # fmt: skip
def test_sizes_nobody_can_trade_are_refused(value: Any, exact: bool) -> None:
    """Nothing, less, no number, or more than 64 bits: refused by name, cut or not."""
    for side in SIDES:
        with pytest.raises(InvalidOrder) as caught:
            limit_amounts(CENT, side, "0.5", value, exact_size=exact)
        assert caught.value.field == "size"
        with pytest.raises(InvalidOrder) as caught:
            market_amounts(CENT, side, "0.5", value, exact=exact)
        assert caught.value.field == "amount"


@pytest.mark.parametrize("price", ["0", "1", "0.555", "0.005", "-0.5", "1.01", "NaN", 0.5])
def test_prices_off_the_grid_are_refused_whatever_the_rounding(price: Any) -> None:
    """No option rounds a price."""
    for side in SIDES:
        with pytest.raises(InvalidOrder) as caught:
            limit_amounts(CENT, side, price, "10", exact_size=False)
        assert caught.value.field == "price"
        with pytest.raises(InvalidOrder) as caught:
            market_amounts(CENT, side, price, "10", exact=False, taker_decimals=None)
        assert caught.value.field == "price"


@pytest.mark.parametrize("side", ["", "buy", "B", "0", 0, None, "BUY "])
def test_a_side_is_buy_or_sell(side: Any) -> None:
    """Any other side is refused with both names."""
    for make in (limit_amounts, market_amounts):
        with pytest.raises(InvalidOrder, match="BUY or SELL") as caught:
            make(CENT, side, "0.5", "10")
        assert (caught.value.field, caught.value.nearest) == ("side", SIDES)


@pytest.mark.parametrize(
    ("value", "same"), [("1e1", "10"), ("1E-2", "0.01"), ("+5.", "5.00"), (7, "7"), ("007", 7)]
)
def test_every_exact_spelling_is_read(value: Any, same: Any) -> None:
    """Scientific notation, signs and whole numbers are read when they are exact."""
    assert limit_amounts(CENT, "BUY", "5e-1", value) == limit_amounts(CENT, "BUY", "0.50", same)
    assert market_amounts(CENT, "SELL", "+.5", value) == market_amounts(CENT, "SELL", "0.5", same)


def test_the_smallest_of_a_market() -> None:
    """Below the minimum is refused with the minimum; the minimum itself is not."""
    for minimum in ("5", Decimal("5.00"), 5, "4.991"):
        assert limit_amounts(CENT, "BUY", "0.5", "5", min_size=minimum).taker_amount == 5_000_000
        with pytest.raises(InvalidOrder, match=r"minimum of 5\.00 shares") as caught:
            limit_amounts(CENT, "SELL", "0.5", "4.99", min_size=minimum)
        assert (caught.value.field, caught.value.nearest) == ("size", ("5.00",))
        with pytest.raises(InvalidOrder, match=r"minimum of 5\.00 shares") as caught:
            limit_amounts(CENT, "SELL", "0.5", "4.999", min_size=minimum, exact_size=False)
    for minimum in (0, "0", "-1", "0.001"):
        assert limit_amounts(CENT, "BUY", "0.5", "0.01", min_size=minimum).taker_amount == 10_000
    with pytest.raises(InvalidOrder):
        limit_amounts(CENT, "BUY", "0.5", "5", min_size="five")
    with pytest.raises(ConfigError):
        limit_amounts(CENT, "BUY", "0.5", "5", min_size=10**30)


@given(priced(), st.integers(1, 3000), st.integers(1, 10**4))
def test_the_smallest_market_buy(at: tuple[Tick, Fraction], cents: int, least: int) -> None:
    """A BUY of too few shares is refused with the least amount that buys enough, to the cent."""
    tick, price = at
    minimum = Fraction(least, 100)
    arguments: Any = (tick, "BUY", text(price), text(Fraction(cents, 100), 2))
    found = attempt(market_amounts, *arguments, min_size=text(minimum, 2))
    bought = down(Fraction(cents, 100) / price, min(4, tick.amount_decimals))
    assert (isinstance(found, InvalidOrder) and "minimum" in str(found)) == (bought < minimum)
    if bought < minimum:
        assert isinstance(found, InvalidOrder)
        (needed,) = found.nearest
        assert Fraction(needed) / price >= minimum
        assert (Fraction(needed) - Fraction(1, 100)) / price < minimum


@given(priced(), st.integers(1, 10**5))
def test_an_immediate_buy_costs_whole_cents(at: tuple[Tick, Fraction], hundredths: int) -> None:
    """A FOK or FAK for shares that costs a fraction of a cent is refused with the next sizes that do not."""
    tick, price = at
    size = Fraction(hundredths, 100)
    arguments: Any = (tick, "BUY", text(price))
    whole = (price * size * 100).denominator == 1
    found = attempt(limit_amounts, *arguments, text(size, 2), immediate=True)
    if isinstance(found, InvalidOrder):
        assert not whole
        assert found.field == "size"
        below, above = ("0", *found.nearest)[-2:]
        assert Fraction(below) < size < Fraction(above)
        for between in range(int(Fraction(below) * 100) + 1, int(Fraction(above) * 100)):
            assert (price * between).denominator != 1
        for nearest in found.nearest:
            near = limit_amounts(*arguments, nearest, immediate=True)
            assert decimals(near.maker_amount) <= 2
        return
    assert whole
    assert decimals(found.maker_amount) <= 2
    assert found == limit_amounts(*arguments, text(size, 2))
    sold = limit_amounts(tick, "SELL", text(price), text(size, 2), immediate=True)
    assert of(sold) == (size, price * size)


def test_an_immediate_buy_is_not_sent_below_the_minimum() -> None:
    """The sizes suggested for whole cents keep to the market's minimum."""
    with pytest.raises(InvalidOrder) as caught:
        limit_amounts(CENT, "BUY", "0.31", "5.50", immediate=True, min_size="5.2")
    assert caught.value.nearest == ("6.00",)


@pytest.mark.parametrize("wrong", [0, 1, 7, -1, 4.0, "4", True])
def test_decimals_of_the_taker_are_bounded(wrong: Any) -> None:
    """Fewer than two or more than six decimals are wrong use."""
    with pytest.raises(ConfigError):
        market_amounts(CENT, "BUY", "0.5", "10", taker_decimals=wrong)


HOSTILE = decimal.Context(
    prec=1,
    rounding=decimal.ROUND_UP,
    Emin=0,
    Emax=1,
    capitals=0,
    clamp=1,
    traps=list(decimal.Context().traps),
)


@given(priced(), st.integers(1, 10**9), st.sampled_from(SIDES))
def test_the_decimal_context_has_no_say(at: tuple[Tick, Fraction], hundredths: int, side: str) -> None:
    """A thread with one digit, no range and every trap set gets the same amounts and the same refusals."""
    tick, price = at
    exact = Fraction(hundredths, 100)
    value = Decimal(text(exact, 2))
    with decimal.localcontext(HOSTILE):
        limit = limit_amounts(tick, side, Decimal(text(price)), value, min_size=Decimal("0.01"))
        market = market_amounts(tick, "SELL", text(price), Decimal(text(exact, 2) + "0"), min_size="0.001")
        with pytest.raises(InvalidOrder, match="nearest") as refused:
            limit_amounts(tick, side, text(price), Decimal(text(exact, 2) + "1"))
        with pytest.raises(InvalidOrder):
            limit_amounts(tick, side, Decimal("0.99999"), value)
    assert limit == limit_amounts(tick, side, text(price), text(exact, 2))
    assert market == limit_amounts(tick, "SELL", text(price), text(exact, 2))
    assert refused.value.nearest == (text(exact, 2), text(exact + Fraction(1, 100), 2))


@pytest.mark.parametrize("digits", ["16.9", "8.95", "0.29", "1.15", "4.35", "1.1", "2.03"])
def test_sizes_that_floats_shrink(digits: str) -> None:
    """The sizes other clients lose a hundredth of keep it."""
    assert limit_amounts(CENT, "BUY", "0.5", digits).size == Decimal(digits)
    assert market_amounts(CENT, "BUY", "0.29", digits).maker_amount == int(Decimal(digits) * 10**6)


def test_the_order_that_never_filled() -> None:
    """A dollar at 0.07 asks for 14.2857 shares, not 14.29: at 0.07 an ask can be lifted."""
    found = market_amounts(CENT, "BUY", "0.07", "1")
    assert (found.maker_amount, found.taker_amount) == (1_000_000, 14_285_700)
    assert market_amounts(FINEST, "BUY", "0.0056", "100").taker_amount == 17_857_142_800
    assert market_amounts(FINEST, "BUY", "0.0056", "100", taker_decimals=None).taker_amount == 17_857_142_857
