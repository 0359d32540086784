"""Heartbeats: orders stand as long as they come, and not much longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from polyspec.clob.client_async import AsyncClobClient
from polyspec.errors import BadRequest, ConfigError, PolyspecError, ServerError
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import Person, Venue, open_venue
from tests.client.doing_async import sleep

pytestmark = pytest.mark.anyio

BEAT = "Orders_PostHeartbeat"
TEN: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a venue that is impatient: half a second of silence, looked for ten times a second."""
    with open_venue(heartbeat_timeout=0.5, heartbeat_check=0.1) as venue:
        yield venue


@pytest.fixture(autouse=True)
def no_faults(venue: Venue) -> None:
    """Leave no fault of an earlier test."""
    venue.clob.faults.clear()


async def order(client: AsyncClobClient, venue: Venue) -> Any:
    """Place an order that rests."""
    return (await client.create_and_post_order(**venue.market().known, **TEN)).unwrap()


def stands(venue: Venue, placed: Any) -> bool:
    """Tell whether an order is in the book."""
    found = venue.order(placed.order_id)
    return found is not None and found.status.is_open


async def test_orders_stand_while_it_beats(venue: Venue, person: Person) -> None:
    """Twice the time the venue waits for passes, and the order is there; leaving the block cancels it."""
    async with connect(venue, person) as client:
        async with client.heartbeats(0.1) as beating:
            placed = await order(client, venue)
            await sleep(1.0)
            assert stands(venue, placed)
            assert beating.alive
            assert beating.error is None
            assert 5 <= beating.beats <= 12
            beating.check()
        assert not stands(venue, placed)


async def test_silence_cancels(venue: Venue, person: Person) -> None:
    """Without cancelling at the end, the orders go a moment later for want of beats."""
    async with connect(venue, person) as client:
        async with client.heartbeats(0.1, cancel=False):
            placed = await order(client, venue)
        assert stands(venue, placed)
        await sleep(1.0)
        assert not stands(venue, placed)


async def test_single_beats_are_lost(venue: Venue, person: Person) -> None:
    """Every fourth beat is lost, before or after it arrived: no order is cancelled."""
    async with connect(venue, person) as client, client.heartbeats(0.1) as beating:
        placed = await order(client, venue)
        for kind in ("reset_before", "reset_after", "close_mid_body", "status", "truncate"):
            venue.clob.faults.add(kind=kind, operation=BEAT)
            await sleep(0.4)
            assert stands(venue, placed), kind
        assert beating.error is None
        assert beating.beats > 8


async def test_another_process_beats_as_well(venue: Venue, person: Person) -> None:
    """The id that is expected is taken over from the venue's refusal, and the chain goes on."""
    async with connect(venue, person) as client, connect(venue, person) as other:
        async with client.heartbeats(0.1) as beating:
            placed = await order(client, venue)
            for _ in range(4):
                with pytest.raises(BadRequest, match="Invalid Heartbeat ID") as caught:
                    await other.post_heartbeat("nonsense")
                await other.post_heartbeat(caught.value.details["heartbeat_id"])
                await sleep(0.2)
            assert stands(venue, placed)
            assert beating.alive


async def test_chain_by_hand(venue: Venue, person: Person) -> None:
    """Each beat gives the id of the next; a wrong one is refused with the right one."""
    async with connect(venue, person) as client:
        first = await client.post_heartbeat()
        second = await client.post_heartbeat(first)
        assert first != second
        with pytest.raises(BadRequest) as caught:
            await client.post_heartbeat(first)
        assert caught.value.details["heartbeat_id"] == second
        assert await client.post_heartbeat(second) != second


async def test_venue_out_of_reach_is_told(
    venue: Venue, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While no beat is accepted it says so, and once they are again it is alive again."""
    monkeypatch.setattr("polyspec.clob.beating.SILENCE", 0.5)
    async with connect(venue, person) as client, client.heartbeats(0.1, cancel=False) as beating:
        venue.clob.faults.add(kind="status", status=500, operation=BEAT, times=None)
        await sleep(0.9)
        assert not beating.alive
        assert isinstance(beating.error, ServerError)
        with pytest.raises(PolyspecError, match="the venue cancels all open orders"):
            beating.check()
        venue.clob.faults.clear()
        await sleep(0.5)
        assert beating.alive
        beating.check()


async def test_block_is_not_entered_without_a_beat(venue: Venue, person: Person) -> None:
    """If the first beat fails, nothing is begun."""
    async with connect(venue, person) as client:
        await client.create_or_derive_api_key()
        venue.clob.faults.add(kind="status", status=500, operation=BEAT, times=None)
        with pytest.raises(ServerError):
            async with client.heartbeats():
                raise AssertionError("the block was entered")


async def test_error_of_the_block_is_not_hidden(venue: Venue, person: Person) -> None:
    """When the cancel at the end fails too, it is the block's own error that is raised."""

    async def fail(client: AsyncClobClient) -> None:
        async with client.heartbeats(0.1):
            venue.clob.faults.add(kind="status", status=400, operation="Orders_CancelAll", times=None)
            raise ZeroDivisionError

    async with connect(venue, person) as client:
        with pytest.raises(ZeroDivisionError):
            await fail(client)


async def test_interval_that_is_too_long(venue: Venue, person: Person) -> None:
    """More than eight seconds apart would be as good as silence."""
    async with connect(venue, person) as client:
        with pytest.raises(ConfigError, match="at most 8 s apart"):
            client.heartbeats(8.5)
