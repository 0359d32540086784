"""The two spellings of the venue, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from us_door import KC, Door

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.dialect import camel, snake


@pytest.fixture
def quick(private_key: Path) -> Iterator[Door]:
    """A caller of a sandbox that speaks as the quickstart pages do."""
    with Sandbox(
        quiet=True, port=False, rate_limits=False, dialect="quickstart", private_key=private_key
    ) as sandbox:
        door = Door(sandbox)
        yield door
        door.close()


def keys(value: Any) -> set[str]:
    """Return all keys of an answer, those of free maps left out."""
    if isinstance(value, dict):
        return set(value) | {key for name, each in value.items() if name != "metadata" for key in keys(each)}
    if isinstance(value, list):
        return {key for each in value for key in keys(each)}
    return set()


def test_current_speaks_camel_and_strings(door: Door) -> None:
    """Keys have capitals, 64-bit integers are strings, zero values are written, absent messages are not."""
    order_id = door.place()
    answer = door.get("/v1/trading/orders/open")
    assert not [key for key in keys(answer) if "_" in key]
    (order,) = answer["orders"]
    assert (order["orderQty"], order["cumQty"], order["allOrNone"], order["crossId"]) == (
        "10",
        "0",
        False,
        "",
    )
    assert "goodTillTime" not in order
    found = door.post("/v1/report/orders/search", {"orderId": order_id})
    assert set(found) == {"order", "nextPageToken", "lastExecutions"}


def test_quickstart_speaks_snake_and_numbers(quick: Door) -> None:
    """Insert answers with the order, search with orders, in snake_case and plain numbers."""
    body = {
        "clord_id": "c",
        "symbol": KC,
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "time_in_force": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "order_qty": 10,
        "price": 500,
    }
    answer = quick.post("/v1/trading/orders", body)
    assert list(answer) == ["order"]
    assert not [key for key in keys(answer) if key != key.lower()]
    assert (answer["order"]["order_qty"], answer["order"]["leaves_qty"]) == (10, 10)
    assert (answer["order"]["state"], answer["order"]["clord_id"]) == ("ORDER_STATE_NEW", "c")
    found = quick.post(
        "/v1/report/orders/search", {"symbols": [KC], "state_filter": "ORDER_STATE_FILTER_OPEN"}
    )
    assert "order" not in found
    assert [each["id"] for each in found["orders"]] == [answer["order"]["id"]]
    (instrument,) = quick.post("/v1/refdata/instruments", {"page_size": 1})["instruments"]
    assert (instrument["price_scale"], instrument["tick_size"]) == (1000, 0.001)
    assert "cftc_instrument_id" in instrument["metadata"]


def test_quickstart_needs_no_participant_header(quick: Door) -> None:
    """Without the header the client's default participant is meant; a given one still counts."""
    token = {"authorization": quick.headers["authorization"]}
    assert quick.raw("GET", "/v1/trading/orders/open", headers=token).status_code == 200
    foreign = {**token, "x-participant-id": quick.world.maker.name}
    assert quick.raw("GET", "/v1/trading/orders/open", headers=foreign).status_code == 403


def test_quickstart_rejects_show_at_once(quick: Door) -> None:
    """The order that comes back says when it was rejected."""
    answer = quick.post("/v1/trading/orders", quick.order(price=5000))
    assert answer["order"]["state"] == "ORDER_STATE_REJECTED"


def test_maps_keep_their_keys(quick: Door) -> None:
    """Renaming follows types, so the keys of free maps stay."""
    other = quick.acting_for(quick.world.counterparty.name)
    other.post("/v1/trading/orders", other.order("SELL", 550, 3))
    answer = quick.post("/v1/trading/orders", quick.order("BUY", 550, 3))
    assert answer["order"]["price_to_quantity_filled"] == {"550": 3}
    other.close()


@pytest.mark.parametrize("name", ["order_qty", "clord_id", "price", "as_of_date"])
def test_spellings_are_inverse(name: str) -> None:
    """Snake and camel lead back to each other."""
    assert snake(camel(name)) == name
