"""A changed order is the old one with only the change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError, InvalidOrder
from polyspec.us.amending import replacement_of
from tests.unit.us_rig import instrument

ORDER = wire.Order(
    id="X1",
    clord_id="c1",
    symbol="tec-test",
    type=wire.OrderType.STOP_LIMIT,
    side=wire.Side.BUY,
    order_qty=1000,
    cum_qty=300,
    leaves_qty=700,
    price=50,
    stop_price=45,
    min_qty=5,
    time_in_force=wire.TimeInForce.GOOD_TILL_TIME,
    good_till_time=datetime(2030, 1, 1, tzinfo=UTC),
    all_or_none=True,
    participate_dont_initiate=True,
    strict_limit=True,
    manual_order_indicator=wire.ManualOrderIndicator.MANUAL,
    price_scale=100,
    fractional_quantity_scale=100,
    state=wire.OrderState.PARTIALLY_FILLED,
)


def change(order: wire.Order = ORDER, **changes: Any) -> wire.CancelReplaceOrderRequest:
    """Change an order."""
    return replacement_of(order, instrument(), **({"price": None, "quantity": None} | changes))


def other(**changes: Any) -> wire.Order:
    """Return the order with some fields changed."""
    return msgspec.structs.replace(ORDER, **changes)


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"price": "0.55"}, {"price": 55}),
        ({"quantity": 5}, {"order_qty": 500}),
        ({"quantity": "3.01"}, {"order_qty": 301}),
        ({"price": "0.55", "quantity": 20}, {"price": 55, "order_qty": 2000}),
        ({"price": "0.40", "no": True}, {"price": 60}),
    ],
)
def test_everything_else_stays(changes: dict[str, Any], changed: dict[str, Any]) -> None:
    """All that can be repeated is repeated, since the venue takes the request as the whole new order."""
    request = change(**changes)
    names = {field.name for field in msgspec.structs.fields(wire.CancelReplaceOrderRequest)}
    for name in names - {"order_id"}:
        assert getattr(request, name) == changed.get(name, getattr(ORDER, name)), name
    assert request.order_id == "X1"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, "price", "new price or a new quantity"),
        ({"quantity": 3}, "quantity", "3.00 are filled already"),
        ({"quantity": 1}, "quantity", "3.00 are filled already"),
        ({"quantity": "3.001"}, "quantity", "3.00 and 3.01"),
        ({"price": "0.555"}, "price", "0.55 and 0.56"),
        ({"price": "0.555", "no": True}, "price", "of NO"),
        ({"price": 0.55}, "price", "float"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], field: str, words: str) -> None:
    """Values off the grid and totals that are filled already are refused, saying what would do."""
    with pytest.raises(InvalidOrder, match=words) as caught:
        change(**changes)
    assert caught.value.field == field


def test_least_total_above_the_filled() -> None:
    """The refusal of a total that is filled already names the least that is not."""
    with pytest.raises(InvalidOrder) as caught:
        change(quantity=3)
    assert caught.value.nearest == ("3.01",)


@pytest.mark.parametrize("state", ["FILLED", "CANCELED", "EXPIRED", "REJECTED"])
def test_finished_orders_cannot_be_changed(state: str) -> None:
    """An order that has ended is not sent back in."""
    with pytest.raises(InvalidOrder, match=f"is {state}"):
        change(other(state=wire.OrderState[state]), price="0.55")


def test_order_in_cash_needs_a_quantity() -> None:
    """An order without a quantity of its own is not restated with none."""
    with pytest.raises(InvalidOrder, match="for cash"):
        change(other(order_qty=0, cash_order_qty=500, cum_qty=0), price="0.55")


def test_stop_order_has_no_limit_to_change() -> None:
    """A limit price would make a stop order into another kind."""
    with pytest.raises(InvalidOrder, match="STOP order"):
        change(other(type=wire.OrderType.STOP, price=0), price="0.55")


def test_derived_prices() -> None:
    """A price the venue derived stays what it became; one it has not derived yet is derived again."""
    derived = other(best_limit=True)
    assert (change(derived, quantity=20).price, change(derived, quantity=20).best_limit) == (50, False)
    waiting = other(immediately_executable_limit=True, price=0)
    assert change(waiting, quantity=20).immediately_executable_limit
    assert not change(waiting, price="0.55").immediately_executable_limit


@pytest.mark.parametrize("scales", [{"price_scale": 1000}, {"fractional_quantity_scale": 1}])
def test_scales_are_not_mixed(scales: dict[str, int]) -> None:
    """Integers of an order are not restated on another scale."""
    with pytest.raises(ConfigError, match="refresh"):
        change(other(**scales), price="0.55")
