"""Heartbeats: orders stand as long as they come, and not much longer."""

from __future__ import annotations

import pytest

from polyspec.errors import ConfigError, Forbidden, PolyspecError, ServerError
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.fate import Accepted
from tests.client.doing_async import sleep
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import Person, Venue

pytestmark = pytest.mark.anyio

BEAT = "Orders_PostHeartbeat"


async def order(client: AsyncPolySimulatorClient, venue: Venue) -> Accepted:
    """Place an order that rests."""
    placed = await client.orders.place(
        venue.market().terms, side="BUY", outcome="Yes", price="0.40", quantity=10
    )
    return placed.unwrap()


def standing(venue: Venue, person: Person) -> int:
    """Return how many orders of somebody rest."""
    return len(venue.orders(person, "PENDING"))


async def test_leaving_the_block_cancels(venue: Venue, person: Person) -> None:
    """Everything of the account is cancelled at once, what was there before too."""
    async with connect(venue, person) as client:
        await order(client, venue)
        async with client.orders.heartbeats(30.0, "bot") as beating:
            await order(client, venue)
            assert (beating.alive, beating.beats, beating.error) == (True, 1, None)
            assert beating.silence == 37.5
            beating.check()
            assert standing(venue, person) == 2
        assert standing(venue, person) == 0


async def test_silence_cancels(venue: Venue, person: Person) -> None:
    """Without cancelling at the end the orders stand as long as was promised, and then go."""
    async with connect(venue, person) as client:
        async with client.orders.heartbeats(10.0, cancel=False):
            placed = await order(client, venue)
        venue.pass_time(12.0)
        assert standing(venue, person) == 1
        venue.pass_time(1.0)
        assert standing(venue, person) == 0
        found = await client.orders.get(placed)
        assert "heartbeat" in (found.cancelled_reason or "")


async def test_short_promises_have_a_second_more(venue: Venue, person: Person) -> None:
    """A quarter of a second would be too little: the venue waits a whole one."""
    async with connect(venue, person) as client:
        async with client.orders.heartbeats(2.0, cancel=False) as beating:
            assert beating.silence == 3.0
            await order(client, venue)
        venue.pass_time(2.8)
        assert standing(venue, person) == 1
        venue.pass_time(0.3)
        assert standing(venue, person) == 0


async def test_beats_keep_orders(venue: Venue, person: Person) -> None:
    """Beats come by themselves, and one that is lost is repeated in time."""
    async with connect(venue, person) as client, client.orders.heartbeats(1.0) as beating:
        await order(client, venue)
        venue.sim.faults.add(kind="truncate", operation=BEAT)
        venue.sim.faults.add(kind="status", operation=BEAT)
        await sleep(1.9)
        venue.pass_time(0.5)
        assert standing(venue, person) == 1
        assert beating.alive
        assert beating.beats >= 2
        assert beating.error is None


async def test_other_programs_of_the_account_are_cancelled_too(venue: Venue, person: Person) -> None:
    """The whole account lives by the beats, its other wallets included; other accounts do not."""
    stranger = venue.person()
    async with (
        connect(venue, person) as bot,
        connect(venue, person) as other,
        connect(venue, stranger) as far,
    ):
        await order(other, venue)
        await order(far, venue)
        wallet = await other.wallets.create()
        async with connect(venue, person, wallet_id=wallet.id) as lab:
            await order(lab, venue)
        async with bot.orders.heartbeats(5.0, cancel=False):
            pass
        venue.pass_time(7.0)
        assert standing(venue, person) == 0
        assert standing(venue, stranger) == 1


async def test_first_beat_must_be_heard(venue: Venue, person: Person) -> None:
    """If the first beat fails the block is not entered, and nothing is promised."""
    venue.sim.faults.add(kind="status", operation=BEAT, times=None)
    async with connect(venue, person) as client:
        placed = await order(client, venue)
        with pytest.raises(ServerError):
            async with client.orders.heartbeats(1.0):
                raise AssertionError
        venue.pass_time(60.0)
        assert [each.order_id for each in venue.orders(person, "PENDING")] == [placed.order_id.number]
    reader = venue.person(permissions=("read",))
    venue.sim.faults.clear()
    async with connect(venue, reader) as client:
        with pytest.raises(Forbidden):
            async with client.orders.heartbeats():
                raise AssertionError


async def test_beats_that_fail_for_too_long(venue: Venue, person: Person) -> None:
    """When no beat has been heard for the promised time, check says that the orders may be gone."""
    async with connect(venue, person) as client:
        async with client.orders.heartbeats(1.0, cancel=False) as beating:
            await order(client, venue)
            venue.sim.faults.add(kind="status", operation=BEAT, times=None)
            await sleep(2.1)
            assert not beating.alive
            assert beating.error is not None
            with pytest.raises(PolyspecError, match="cancels all resting orders"):
                beating.check()
        venue.pass_time(0.1)
        assert standing(venue, person) == 0


async def test_bounds(venue: Venue, person: Person) -> None:
    """Intervals and labels the venue would refuse are refused before."""
    async with connect(venue, person) as client:
        for interval, label in ((0.5, None), (61.0, None), (5.0, "x" * 65), (5.0, "")):
            with pytest.raises(ConfigError):
                client.orders.heartbeats(interval, label)
    assert not venue.seen
