"""An instrument is read with its own scales, or refused; what was read is kept for a while."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.core.codec import decode
from polyspec.errors import DecodeError, InvalidOrder
from polyspec.us.cache import InstrumentCache
from polyspec.us.instrument import Instrument
from tests.unit.us_rig import instrument


@pytest.mark.parametrize(
    ("scale", "tick", "step"),
    [
        (1, "1", 1),
        (100, "0.01", 1),
        (100, "0.05", 5),
        (1000, "0.001", 1),
        (1000, "0.005", 5),
        (1000, "0.01", 10),
        (10_000, "0.0025", 25),
        # finer than the wire: only every second tick can be written
        (1000, "0.0025", 5),
        (100, "0.005", 1),
        (100, "0.0025", 1),
        (100, "0.015", 3),
        # as a JSON number may be spelled
        (100, "1E-2", 1),
    ],
)
def test_ticks_and_scales(scale: int, tick: str, step: int) -> None:
    """Prices are multiples of the tick that the wire can carry, however tick and scale relate."""
    at = instrument(price_scale=scale, tick_size=Decimal(tick), price_limit=None)
    assert at.price.tick == step
    assert at.price.highest == scale // step * step
    assert at.tick * scale == step


def test_limits_count_only_when_set() -> None:
    """Bounds without their flag are no bounds; the payout bounds the price anyway."""
    at = instrument(
        price_limit=wire.PriceLimit(low=40, high=60),
        order_size_limit=wire.OrderSizeLimit(low=500, high=1000),
    )
    assert (at.price.lowest, at.price.highest) == (1, 100)
    assert (at.quantity.lowest, at.quantity.high) == (1, None)
    at = instrument(
        price_limit=wire.PriceLimit(low=40, high=60, low_set=True),
        order_size_limit=wire.OrderSizeLimit(low=500, high=1000, low_set=True, high_set=True),
    )
    assert (at.price.lowest, at.price.highest) == (40, 100)
    assert (at.quantity.lowest, at.quantity.highest) == (500, 1000)


def test_minimum_quantity() -> None:
    """The least quantity is the larger of the venue's two minimums."""
    limit = wire.OrderSizeLimit(low=50, low_set=True)
    assert instrument(minimum_trade_qty=100, order_size_limit=limit).quantity.lowest == 100
    assert instrument(minimum_trade_qty=10, order_size_limit=limit).quantity.lowest == 50
    assert instrument(minimum_trade_qty=0).quantity.lowest == 1


def test_quantity_scale_may_be_absent() -> None:
    """Instruments without a quantity scale trade whole contracts."""
    at = instrument(fractional_qty_scale=0)
    assert at.quantity_scale == 1
    with pytest.raises(InvalidOrder, match="nearest valid values are 1 and 2"):
        at.quantity.to_wire("1.5", "quantity")


@pytest.mark.parametrize(
    ("scale", "text", "payout"),
    [(100, "100", "1.00"), (100, "", "1.00"), (1000, "500", "0.500"), (100, "10000", "100.00")],
)
def test_payout_is_at_price_scale(scale: int, text: str, payout: str) -> None:
    """The payout is read at the price scale, bounds the price and turns YES into NO."""
    at = instrument(
        price_scale=scale, price_limit=None, event_attributes=wire.EventAttributes(payout_value=text)
    )
    assert str(at.payout) == payout
    assert at.price.from_wire(at.price.highest) == at.payout
    assert at.opposite("0.10") == at.payout - Decimal("0.10")
    assert at.price_units("0.10", no=True) == at.payout_units - scale // 10


@pytest.mark.parametrize(
    "changes",
    [
        {"price_scale": 0},
        {"price_scale": -100},
        {"price_scale": 3},
        {"price_scale": 2**63},
        {"tick_size": Decimal(0)},
        {"tick_size": Decimal("-0.01")},
        {"tick_size": Decimal(2)},
        {"fractional_qty_scale": -1},
        {"fractional_qty_scale": 7},
        {"price_scale": 10**10, "fractional_qty_scale": 10**10},
        {"price_limit": wire.PriceLimit(low=60, high=40, low_set=True, high_set=True)},
        {"order_size_limit": wire.OrderSizeLimit(low=60, high=40, low_set=True, high_set=True)},
        {"event_attributes": wire.EventAttributes(payout_value="1.00")},
        {"event_attributes": wire.EventAttributes(payout_value="0")},
        {"event_attributes": wire.EventAttributes(payout_value="-100")},
        {"event_attributes": wire.EventAttributes(payout_value="9" * 5000)},
        {"event_attributes": wire.EventAttributes(payout_value="\uff11\uff10")},
    ],
)
def test_scales_that_make_no_sense(changes: dict[str, Any]) -> None:
    """Rather than guess what an integer means, an instrument is refused, by name."""
    with pytest.raises(DecodeError, match="instrument tec-test: "):
        instrument(**changes)


def test_observed_record() -> None:
    """A record in the venue's spelling, numbers as text, is read as it trades."""
    body = b"""{"symbol": "aec-nfl-x", "tickSize": 0.005, "priceScale": "1000", "fractionalQtyScale": "100",
        "minimumTradeQty": "1", "state": "INSTRUMENT_STATE_OPEN", "eventAttributes": {"payoutValue": "1000"},
        "priceLimit": {"low": "5", "high": "995", "lowSet": true, "highSet": true}}"""
    at = Instrument.of(decode(body, wire.Instrument))
    assert (at.price_units("0.505"), at.price_units("0.505", no=True)) == (505, 495)
    assert str(at.tick) == "0.005"


def test_money_is_exact_beyond_any_context() -> None:
    """Costs of the largest integers of the wire keep every digit."""
    at = instrument(price_limit=None)
    largest = 2**63 - 1
    assert at.cost(largest, largest) == Decimal(largest * largest).scaleb(-4, Context(prec=60))
    assert str(at.dollars(-63)) == "-0.0063"


def test_records_are_read_by_their_own_scale() -> None:
    """A record that states its scale is read by that, whatever the instrument has become."""
    at = instrument()
    assert at.contracts(1000) == 10
    assert at.contracts(1000, 1) == 1000


def test_cache_keeps_and_forgets() -> None:
    """What was read is returned until it is too old or forgotten."""
    cache, at = InstrumentCache(ttl=60), instrument()
    assert cache.get(at.symbol, 0.0) is None
    cache.keep(at, 0.0)
    assert cache.get(at.symbol, 59.9) is at
    assert cache.get(at.symbol, 60.0) is None
    cache.keep(at, 60.0)
    cache.forget(at.symbol)
    cache.forget(at.symbol)
    assert cache.get(at.symbol, 61.0) is None


def test_cache_is_bounded() -> None:
    """However many instruments are read, so many are kept, and those read last."""
    cache = InstrumentCache(ttl=60, limit=3)
    for name in ("a", "b", "c", "a", "d"):
        cache.keep(instrument(name), 0.0)
    assert [name for name in "abcd" if cache.get(name, 1.0)] == ["a", "c", "d"]
