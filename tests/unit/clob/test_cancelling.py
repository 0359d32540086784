"""Cancels are aimed at what they are meant for, and say what became of each."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob.cancelling import Cancelled, checked_ids, order_id_of
from polyspec.clob.fate import Accepted, Unknown
from polyspec.errors import BadRequest, ConfigError, PolyspecError
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    MARKET,
    Venue,
    async_client_of,
    client_of,
    no,
    ok,
    record,
    signed,
)

ORDER = signed()
ID = ORDER.order_id
DONE = {"canceled": [ID], "not_canceled": {}}


@pytest.mark.parametrize(
    "target",
    [
        ID,
        f" {ID} ",
        "0x" + ID[2:].upper(),
        ORDER,
        Accepted(order_id=ID, order=ORDER, status="live", matched=0),  # type: ignore[arg-type]
        Unknown(order_id=ID, order=ORDER, sent_at=0.0),
        msgspec.convert(record(ORDER), wire.OpenOrder, strict=False),
    ],
    ids=lambda target: type(target).__name__,
)
def test_targets(target: Any) -> None:
    """An id, an order, a placement or what a listing shows: all stand for the order."""
    assert order_id_of(target) == ID


@pytest.mark.parametrize("target", ["", "0x12", ID[2:], ID + "0", 7, None, [ID], b"0x", {"id": ID}])
def test_targets_that_are_none(target: Any) -> None:
    """What is no order cancels nothing."""
    venue = Venue()
    for call in (
        client_of(venue).cancel,
        client_of(venue).get_order,
        lambda target: client_of(venue).cancel_orders([target]),
    ):
        with pytest.raises(ConfigError, match="64 hex digits"):
            call(target)
    assert venue.calls == []


def test_ids_once_each() -> None:
    """Orders named twice are cancelled once; a text is one order, not a list of letters."""
    other = signed()
    assert checked_ids([ID, ORDER, other, "0x" + ID[2:].upper()]) == [ID, other.order_id]
    with pytest.raises(ConfigError, match="cancel takes one"):
        client_of(Venue()).cancel_orders(ID)  # type: ignore[arg-type]


def test_what_came_of_it() -> None:
    """The venue answers 200 even if nothing was cancelled: the result is true only if all were."""
    venue = Venue()
    venue.broken["order"] = ok({"canceled": [], "not_canceled": {ID: "already matched"}})
    found = client_of(venue).cancel(ORDER)
    assert (found.canceled, found.not_canceled, bool(found)) == ((), {ID: "already matched"}, False)
    venue.broken["order"] = ok(DONE)
    found = client_of(venue).cancel(ORDER)
    assert (found.canceled, bool(found)) == ((ID,), True)
    assert [json.loads(each.body) for each in venue.calls] == [{"orderID": ID}] * 2
    assert bool(Cancelled.of())


def test_many_in_parts() -> None:
    """A thousand ids go into a request, and the answers are put together."""
    venue = Venue()
    ids = [f"0x{number:064x}" for number in range(2500)]

    def answer(request: Any) -> Any:
        first, *rest = json.loads(request.body)
        return ok({"canceled": rest, "not_canceled": {first: "no"}})

    venue.broken["orders"] = answer
    found = client_of(venue).cancel_orders(ids)
    assert len(found.canceled) == 2497
    assert list(found.not_canceled) == [ids[0], ids[1000], ids[2000]]
    assert [len(json.loads(each.body)) for each in venue.calls] == [1000, 1000, 500]
    assert not client_of(venue).cancel_orders([]).canceled
    assert len(venue.calls) == 3


def test_lost_answers_are_asked_for_again() -> None:
    """A cancel may be repeated, so one whose answer is lost is."""
    venue = Venue()
    answers: list[Any] = [BROKEN_PIPE, ok(DONE)]
    venue.broken["order"] = lambda _: answers.pop(0)
    assert client_of(venue).cancel(ORDER)
    assert len(venue.calls) == 2


def test_whole_markets() -> None:
    """All orders of a market or of a token are cancelled only if one is named."""
    venue = Venue()
    venue.broken |= dict.fromkeys(("cancel-market-orders", "cancel-all"), ok(DONE))
    client = client_of(venue)
    with pytest.raises(PolyspecError, match="cancel_all cancels everything"):
        client.cancel_market_orders()
    assert venue.calls == []
    assert client.cancel_market_orders(MARKET)
    assert client.cancel_market_orders(asset_id="7")
    assert client.cancel_all()
    assert [each.path for each in venue.calls] == ["cancel-market-orders"] * 2 + ["cancel-all"]

    async def run() -> Any:
        other = async_client_of(venue)
        return [await other.cancel_all(), await other.cancel_market_orders(MARKET)]

    assert all(asyncio.run(run()))


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_one_failed_part_does_not_stop_the_others(colour: str) -> None:
    """If one of several requests fails the others are made all the same, and then that is raised."""
    venue = Venue()
    ids = [f"0x{number:064x}" for number in range(2500)]

    def answer(request: Any) -> Any:
        found = json.loads(request.body)
        return no(400, "Invalid orderID") if ids[0] in found else ok({"canceled": found, "not_canceled": {}})

    venue.broken["orders"] = answer

    async def run() -> Cancelled:
        return await async_client_of(venue).cancel_orders(ids)

    with pytest.raises(BadRequest) as caught:
        client_of(venue).cancel_orders(ids) if colour == "sync" else asyncio.run(run())
    assert caught.value.__notes__ == ["2 of 3 requests were answered"]
    assert len(venue.calls) == 3
