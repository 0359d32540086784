"""An order is translated exactly as written, or refused before anything is sent."""

from __future__ import annotations

import decimal
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from polyspec_wire.us_exchange import models as wire

from polyspec.core.codec import encode
from polyspec.errors import InvalidOrder
from polyspec.us.instrument import Instrument
from polyspec.us.ticket import NewOrder, new_clord_id, request_of
from tests.unit.us_rig import instrument

NOW = 1_800_000_000.0
TOMORROW = datetime.fromtimestamp(NOW + 86_400, UTC)
BASIC: dict[str, Any] = {"side": "BUY", "price": "0.50", "quantity": 10}


def translate(at: Instrument | None = None, **changes: Any) -> wire.InsertOrderRequest:
    """Translate a plain order with some fields changed."""
    at = at or instrument()
    known = {key: value for key, value in (BASIC | changes).items() if value is not ...}
    return request_of(NewOrder(market=at, **known), at, account="firms/f/accounts/a", now=NOW)


def refusal(**changes: Any) -> InvalidOrder:
    """Return the refusal of such an order."""
    with pytest.raises(InvalidOrder) as caught:
        translate(**changes)
    return caught.value


def test_plain_order() -> None:
    """A plain order is a limit order until cancelled, by a program, on the account of the client."""
    request = translate(clord_id="mine")
    assert request == wire.InsertOrderRequest(
        type=wire.OrderType.LIMIT,
        side=wire.Side.BUY,
        order_qty=1000,
        symbol="tec-test",
        price=50,
        time_in_force=wire.TimeInForce.GOOD_TILL_CANCEL,
        clord_id="mine",
        account="firms/f/accounts/a",
        manual_order_indicator=wire.ManualOrderIndicator.AUTOMATED,
    )


def test_every_field_arrives() -> None:
    """Each thing an order may say reaches the field of the venue that means it."""
    request = translate(
        side="sell",
        stop_price="0.55",
        time_in_force="GTT",
        good_till=TOMORROW,
        post_only=True,
        all_or_none=True,
        strict_limit=True,
        self_match_prevention_id="s",
        self_match_prevention="CANCEL_RESTING",
        account="other",
        user="u",
        client_account_id="ca",
        client_participant_id="cp",
        order_capacity="AGENCY",
        manual=True,
    )
    assert (request.type, request.side) == (wire.OrderType.STOP_LIMIT, wire.Side.SELL)
    assert (request.price, request.stop_price) == (50, 55)
    assert (request.time_in_force, request.good_till_time) == (wire.TimeInForce.GOOD_TILL_TIME, TOMORROW)
    assert request.participate_dont_initiate
    assert request.all_or_none
    assert request.strict_limit
    assert request.self_match_prevention_id == "s"
    assert request.self_match_prevention_instruction.name == "CANCEL_RESTING"
    assert (request.account, request.user) == ("other", "u")
    assert (request.client_account_id, request.client_participant_id) == ("ca", "cp")
    assert request.order_capacity.name == "AGENCY"
    assert request.manual_order_indicator.name == "MANUAL"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "LIMIT"),
        ({"type": "limit"}, "LIMIT"),
        ({"type": "ORDER_TYPE_LIMIT"}, "LIMIT"),
        ({"type": wire.OrderType.LIMIT}, "LIMIT"),
        ({"price": ..., "stop_price": "0.60"}, "STOP"),
        ({"stop_price": "0.60"}, "STOP_LIMIT"),
        ({"price": ..., "type": "MARKET_TO_LIMIT"}, "MARKET_TO_LIMIT"),
        ({"price": ..., "type": "market"}, "MARKET_TO_LIMIT"),
        ({"price": ..., "best_limit": True}, "LIMIT"),
        ({"price": ..., "immediately_executable_limit": True}, "LIMIT"),
        ({"price": ..., "best_limit": True, "stop_price": "0.60"}, "STOP_LIMIT"),
    ],
)
def test_type_follows_from_the_prices(given: dict[str, Any], kind: str) -> None:
    """The type is that of the prices given; said as well, it must agree."""
    assert translate(**given).type.name == kind


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"price": ...}, "price", "MARKET_TO_LIMIT"),
        ({"type": "STOP"}, "type", "which make a LIMIT order"),
        ({"type": "MARKET_TO_LIMIT"}, "type", "which make a LIMIT order"),
        ({"type": "UNDEFINED"}, "type", "none of MARKET_TO_LIMIT, LIMIT, STOP, STOP_LIMIT"),
        ({"type": ""}, "type", "none of"),
        ({"type": 2}, "type", "none of"),
        ({"best_limit": True}, "price", "set the price themselves"),
        ({"immediately_executable_limit": True}, "price", "set the price themselves"),
        (
            {"price": ..., "best_limit": True, "immediately_executable_limit": True},
            "best_limit",
            "choose one",
        ),
        ({"side": "LONG"}, "side", "none of BUY, SELL"),
        ({"side": "UNDEFINED"}, "side", "none of BUY, SELL"),
        ({"side": None}, "side", "none of BUY, SELL"),
        ({"outcome": "MAYBE"}, "outcome", "neither YES nor NO"),
        ({"time_in_force": "GOOD"}, "time_in_force", "none of DAY, GOOD_TILL_CANCEL"),
        ({"self_match_prevention": "X"}, "self_match_prevention", "REJECT_AGGRESSOR"),
        ({"order_capacity": "X"}, "order_capacity", "AGENCY"),
        ({"quantity": ...}, "quantity", "either quantity"),
        ({"cash": "5"}, "quantity", "either quantity"),
        ({"min_quantity": 5}, "min_quantity", "IMMEDIATE_OR_CANCEL only"),
        ({"min_quantity": 5, "time_in_force": "FOK"}, "min_quantity", "IMMEDIATE_OR_CANCEL only"),
        ({"min_quantity": 11, "time_in_force": "IOC"}, "min_quantity", "more than the quantity 10"),
        ({"min_quantity": 0, "time_in_force": "IOC"}, "min_quantity", "below the lowest"),
        ({"post_only": True, "time_in_force": "IOC"}, "post_only", "IMMEDIATE_OR_CANCEL"),
        ({"post_only": True, "time_in_force": "FOK"}, "post_only", "FILL_OR_KILL"),
        ({"post_only": True, "price": ..., "type": "MARKET_TO_LIMIT"}, "post_only", "MARKET_TO_LIMIT"),
        ({"post_only": True, "price": ..., "stop_price": "0.6"}, "post_only", "STOP"),
        ({"post_only": True, "price": ..., "immediately_executable_limit": True}, "post_only", "executable"),
        ({"strict_limit": True, "price": ..., "type": "MARKET_TO_LIMIT"}, "strict_limit", "limit price"),
        ({"time_in_force": "GTT"}, "good_till", "go together"),
        ({"good_till": TOMORROW}, "good_till", "go together"),
        ({"time_in_force": "GTT", "good_till": TOMORROW.replace(tzinfo=None)}, "good_till", "time zone"),
        ({"time_in_force": "GTT", "good_till": TOMORROW.isoformat()}, "good_till", "must be a datetime"),
        ({"time_in_force": "GTT", "good_till": date(2030, 1, 1)}, "good_till", "must be a datetime"),
        ({"time_in_force": "GTT", "good_till": datetime.fromtimestamp(NOW, UTC)}, "good_till", "is past"),
        ({"clord_id": ""}, "clord_id", "1 to 64"),
        ({"clord_id": "x" * 65}, "clord_id", "1 to 64"),
        ({"clord_id": "a b"}, "clord_id", "visible ASCII"),
        ({"clord_id": "a\n"}, "clord_id", "visible ASCII"),
        ({"clord_id": "ä"}, "clord_id", "visible ASCII"),
        ({"clord_id": 7}, "clord_id", "visible ASCII"),
        ({"price": 0.5}, "price", "float"),
        ({"price": "0"}, "price", "below the lowest valid value 0.01"),
        ({"price": "-0.5"}, "price", "below the lowest valid value 0.01"),
        ({"price": "1"}, "price", "above the highest valid value 0.99"),
        ({"price": "1e30"}, "price", "above the highest"),
        ({"price": "NaN"}, "price", "plain digits"),
        ({"price": Decimal("NaN")}, "price", "finite"),
        ({"price": "0,50"}, "price", "plain digits"),
        ({"price": "9" * 65}, "price", "far too long"),
        ({"price": True}, "price", "must be a number"),
        ({"stop_price": "0.555"}, "stop_price", "0.55 and 0.56"),
        ({"quantity": "0.005"}, "quantity", "lowest valid value 0.01"),
        ({"quantity": "1.005"}, "quantity", "1.00 and 1.01"),
        ({"quantity": 0}, "quantity", "lowest valid value 0.01"),
        ({"quantity": -1}, "quantity", "lowest valid value 0.01"),
        ({"quantity": 10**30}, "quantity", "above the highest"),
        ({"quantity": ..., "cash": "0.005"}, "cash", "lowest valid value 0.01"),
        ({"quantity": ..., "cash": "-1"}, "cash", "lowest valid value 0.01"),
        ({"quantity": ..., "cash": "5.001"}, "cash", "5.00 and 5.01"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], field: str, words: str) -> None:
    """An order the venue could not take as written is refused, naming the field and saying what would do."""
    error = refusal(**given)
    assert error.field == field
    assert words in str(error)


@pytest.mark.parametrize(
    "given",
    [
        {"cash": "5", "price": ..., "type": "MARKET_TO_LIMIT"},
        {"cash": "5", "time_in_force": "FOK"},
        {"cash": "5", "side": "SELL", "time_in_force": "FOK"},
        {"cash": "5", "time_in_force": "IOC", "min_quantity": 1},
    ],
)
def test_cash_orders_are_left_to_the_venue(given: dict[str, Any]) -> None:
    """Dollars go out at the price scale, with whatever type the venue may allow on this surface."""
    request = translate(quantity=..., **given)
    assert (request.cash_order_qty, request.order_qty) == (500, 0)
    # a zero quantity is left off the wire, or the order would have two
    assert b"orderQty" not in encode(request)


def test_end_is_told_in_utc() -> None:
    """The end of an order is the same moment in the venue's time zone."""
    there = TOMORROW.astimezone(timezone(timedelta(hours=-5)))
    request = translate(time_in_force="GTT", good_till=there)
    assert request.good_till_time == TOMORROW
    assert request.good_till_time is not None
    assert request.good_till_time.tzinfo is UTC


def test_end_beyond_the_calendar() -> None:
    """A time that has no equal in UTC is refused, not crashed on."""
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))
    assert "beyond the calendar" in str(refusal(time_in_force="GTT", good_till=last))


def test_time_zone_that_is_none() -> None:
    """A time zone that knows no offset is none."""

    class Nowhere(tzinfo):
        def utcoffset(self, _: datetime | None) -> None:
            return None

    error = refusal(time_in_force="GTT", good_till=TOMORROW.replace(tzinfo=Nowhere()))
    assert "time zone" in str(error)


def test_ids_are_made_anew() -> None:
    """Orders that are written alike have different ids, of 128 random bits; a copy keeps its id."""
    first, second = NewOrder(market="m", **BASIC), NewOrder(market="m", **BASIC)
    assert first.clord_id != second.clord_id
    assert attrs.evolve(first, price="0.4").clord_id == first.clord_id
    assert len({new_clord_id() for _ in range(100)}) == 100
    assert all(len(new_clord_id()) == 32 for _ in range(10))


def test_buying_no_is_selling_yes() -> None:
    """The venue has one book, in YES terms: sides turn and prices are complements, the stop included."""
    request = translate(outcome="NO", price="0.30", stop_price="0.25")
    assert (request.side, request.price, request.stop_price) == (wire.Side.SELL, 70, 75)
    request = translate(outcome="no", side="SELL", price="0.30")
    assert (request.side, request.price) == (wire.Side.BUY, 70)


def test_nearest_prices_of_no_are_told_in_no() -> None:
    """A refused price of NO is explained in prices of NO."""
    error = refusal(outcome="NO", price="0.333")
    assert error.nearest == ("0.33", "0.34")
    assert str(error) == (
        "price 0.333 of NO is no valid price; the nearest valid values are 0.33 and 0.34 "
        "(valid: from 0.01 to 0.99 in steps of 0.01)"
    )
    error = refusal(outcome="NO", stop_price="0.001")
    assert (error.field, error.nearest) == ("stop_price", ("0.01", "0.99"))
    assert "below the lowest valid value 0.01" in str(error)
    assert "above the highest valid value 0.99" in str(refusal(outcome="NO", price="1.01"))
    assert "float" in str(refusal(outcome="NO", price=0.3))


GRIDS = st.sampled_from(
    [
        (1, "1"),
        (100, "0.01"),
        (100, "0.05"),
        (1000, "0.001"),
        (1000, "0.005"),
        (1000, "0.0025"),
        (10_000, "0.0001"),
        (10_000, "0.0025"),
        (10_000, "0.01"),
        (400, "0.0025"),
    ]
)
PRICES = st.one_of(
    st.integers(0, 20_000).map(lambda n: Decimal(n).scaleb(-4)),
    st.decimals(min_value=-1, max_value=2, places=6),
    st.decimals(min_value=0, max_value=1, places=2),
)


@settings(max_examples=300, deadline=None)
@given(
    grid=GRIDS,
    payout=st.sampled_from([1, 2]),
    bounds=st.tuples(st.integers(1, 40), st.integers(60, 99)) | st.none(),
    price=PRICES,
    side=st.sampled_from(["BUY", "SELL"]),
    outcome=st.sampled_from(["YES", "NO"]),
    precision=st.sampled_from([1, 28]),
)
def test_prices_against_fractions(
    grid: tuple[int, str],
    payout: int,
    bounds: tuple[int, int] | None,
    price: Decimal,
    side: str,
    outcome: str,
    precision: int,
) -> None:
    """A price goes out as exactly the fraction it is, or is refused with its neighbours on the grid."""
    scale, tick = grid
    assume(bounds is None or scale >= 100)
    limit = None
    low, high = Fraction(1, scale), Fraction(payout)
    if bounds is not None:
        low, high = Fraction(bounds[0], 100), Fraction(bounds[1], 100)
        limit = wire.PriceLimit(
            low=bounds[0] * scale // 100, high=bounds[1] * scale // 100, low_set=True, high_set=True
        )
    at = instrument(
        price_scale=scale,
        tick_size=Decimal(tick),
        price_limit=limit,
        event_attributes=wire.EventAttributes(payout_value=str(payout * scale)),
    )

    def valid(told: Fraction) -> bool:
        yes = told if outcome == "YES" else payout - told
        return low <= yes <= high and yes * scale % 1 == 0 and yes / Fraction(tick) % 1 == 0

    def first(start: Fraction, step: int) -> Fraction:
        """Walk unit by unit to the next valid price."""
        while not valid(start):
            start += Fraction(step, scale)
        return start

    bottom, top = (low, high) if outcome == "YES" else (payout - high, payout - low)
    lowest, highest = first(bottom, 1), first(top, -1)
    with decimal.localcontext() as context:
        # the thread's own context has no say in money
        context.prec = precision
        if valid(Fraction(price)):
            request = translate(at, side=side, price=price, outcome=outcome)
            sent = Fraction(request.price, scale)
            assert (sent if outcome == "YES" else payout - sent) == price
            assert (request.side.name == side) == (outcome == "YES")
            return
        with pytest.raises(InvalidOrder) as caught:
            translate(at, side=side, price=price, outcome=outcome)
    offered = [Fraction(each) for each in caught.value.nearest]
    if lowest < price < highest:
        below, above = Fraction(floor(price * scale), scale), Fraction(ceil(price * scale), scale)
        assert offered == [first(below, -1), first(above, 1)]
    else:
        assert offered == sorted({lowest, highest})


@given(
    scale=st.sampled_from([0, 1, 100, 1000, 10_000]),
    quantity=st.decimals(min_value=-1, max_value=10**13, places=5),
    least=st.integers(0, 500),
)
def test_quantities_against_fractions(scale: int, quantity: Decimal, least: int) -> None:
    """A quantity goes out as exactly what it is in the instrument's units; no scale means whole ones."""
    at = instrument(fractional_qty_scale=scale, minimum_trade_qty=least)
    units = Fraction(quantity) * (scale or 1)
    if units.denominator == 1 and units >= max(1, least):
        assert translate(at, quantity=quantity).order_qty == units
    else:
        with pytest.raises(InvalidOrder) as caught:
            translate(at, quantity=quantity)
        assert caught.value.nearest
