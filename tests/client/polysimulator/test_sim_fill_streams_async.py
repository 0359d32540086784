"""Streams of fills over real sockets: every fill once, whatever the channel forgets or the network does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.events import Gap, Lost, Message, Resynced, Status, StreamState
from polyspec.errors import AuthError, ConfigError, StreamClosed, StreamError
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.fills_feed import FILLS_RHYTHM
from tests.client.doing_async import sleep
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue
from tests.client.polysimulator.watching_async import live, messages, until

pytestmark = pytest.mark.anyio

FILLS = "WebSocket_Executions"
RHYTHM = evolve(FILLS_RHYTHM, late=0.3, audit=0.4, shortest=0.02, first=0.05, longest=0.1)
"""As of itself, in a hurry."""
CALM = evolve(RHYTHM, audit=None)


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox behind a port."""
    with open_venue(port=True) as venue:
        yield venue
        venue.audit()


async def buy(venue: Venue, client: AsyncPolySimulatorClient, market: Market, *sizes: int) -> None:
    """Buy shares that somebody offers, one order for each size."""
    venue.offer(market, "0.50", 100)
    venue.pass_time(1)
    for size in sizes:
        order = await client.orders.place(
            market.terms, side="BUY", outcome="Yes", price="0.50", quantity=size
        )
        assert order.unwrap().status == "FILLED"


async def test_fills_are_told_as_they_happen(venue: Venue, person: Person, market: Market) -> None:
    """With everything the channel says of one; what was filled before the stream began is no news."""
    async with connect(venue, person) as client:
        await buy(venue, client, market, 5)
        async with client.stream.executions(rhythm=CALM) as stream:
            await live(stream)
            await buy(venue, client, market, 10)
            told = await until(stream, Message)
    fill = told.native
    assert isinstance(fill, wire.FillEvent)
    assert (told.key, fill.market_id, str(fill.side), fill.outcome) == (
        market.condition_id, market.condition_id, "BUY", "Yes",
    )  # fmt: skip
    assert (fill.price, fill.quantity, fill.order_id) == ("0.50", "10", venue.trades(person)[0].id)


@pytest.mark.parametrize("channel", ["executions", "user"])
async def test_a_fill_the_channel_forgets_is_told_all_the_same(
    venue: Venue, person: Person, market: Market, channel: str
) -> None:
    """From REST, in the words of the channel, and those it does not forget are not told twice."""
    before = len(venue.sim.faults.hits)
    venue.sim.faults.add(kind="ws_missed_fill", operation=f"WebSocket_{channel.capitalize()}", times=2)
    async with connect(venue, person) as client, getattr(client.stream, channel)(rhythm=RHYTHM) as stream:
        await live(stream)
        await buy(venue, client, market, 5, 6, 7)
        told = await messages(stream, wire.FillEvent if channel == "executions" else wire.PmTradeEvent, 3)
        await buy(venue, client, market, 8)
        told += await messages(stream, type(told[0]), 1)
        numbers = [int(each.order_id if channel == "executions" else each.id) for each in told]
    assert sorted(numbers) == sorted(each.id for each in venue.trades(person))
    assert len(venue.sim.faults.hits) - before == 2
    if channel == "user":
        assert {each.asset_id for each in told} == {market.token_ids[0]}


@pytest.mark.parametrize(
    "kind", ["ws_lose", "ws_duplicate", "ws_reorder", "ws_truncate", "ws_drop", "ws_close", "ws_silent"]
)
async def test_every_fill_is_told_once(venue: Venue, person: Person, market: Market, kind: str) -> None:
    """Whatever happens to the messages that tell it."""
    async with connect(venue, person) as client, client.stream.executions(rhythm=RHYTHM) as stream:
        await live(stream)
        venue.sim.faults.add(kind=kind, operation=FILLS)
        await buy(venue, client, market, 5, 6, 7, 8)
        told = await messages(stream, wire.FillEvent, 4)
        assert sorted(each.order_id for each in told) == sorted(each.id for each in venue.trades(person))


async def test_fills_of_a_gap_are_told_before_it_is_healthy_again(
    venue: Venue, person: Person, market: Market
) -> None:
    """Gap, the fills of it, Resynced; each connection has a token of its own."""
    async with connect(venue, person) as client, client.stream.executions(rhythm=CALM) as stream:
        await live(stream)
        venue.sim.faults.add(kind="ws_drop", operation=FILLS)
        await buy(venue, client, market, 6)
        gap = await until(stream, Gap)
        told: list[Any] = []
        async for event in stream:
            told.append(event)
            if isinstance(event, Resynced):
                break
        assert told[-1].gap == gap
        assert [each.native.quantity for each in told if isinstance(each, Message)] == ["6"]
        assert venue.seen["Keys_CreateWsToken"] == 2


async def test_a_resting_order_of_any_wallet_is_told(venue: Venue, person: Person, market: Market) -> None:
    """Fills are those of the account, and the user channel says who waited."""
    async with connect(venue, person) as client, client.stream.user(rhythm=CALM) as stream:
        await live(stream)
        await client.orders.place(market.terms, side="BUY", outcome="Yes", price="0.40", quantity=5)
        venue.pass_time(10)
        venue.offer(market, "0.40", 5)
        venue.pass_time(2)
        told = (await messages(stream, wire.PmTradeEvent, 1))[0]
        assert (told.trader_side, told.status, told.size) == ("MAKER", "MATCHED", "5")


async def test_some_markets_only(venue: Venue, person: Person, market: Market) -> None:
    """Of the user channel; which, may change while it goes on."""
    other = venue.market()
    async with connect(venue, person) as client:
        stream = client.stream.user([other.condition_id], rhythm=RHYTHM)
        await live(stream)
        await buy(venue, client, market, 6)
        await buy(venue, client, other, 7)
        assert [each.size for each in await messages(stream, wire.PmTradeEvent, 1)] == ["7"]
        stream.follow(None)
        await sleep(0.05)
        await buy(venue, client, market, 8)
        assert [each.size for each in await messages(stream, wire.PmTradeEvent, 1)] == ["8"]
        with pytest.raises(ConfigError, match="at most 25"):
            stream.follow([f"0x{each:064x}" for each in range(26)])


@pytest.mark.parametrize("channel", ["executions", "user", "prices"])
async def test_a_revoked_key_ends_it(venue: Venue, person: Person, market: Market, channel: str) -> None:
    """In mid-stream: told as Lost with an AuthError, which is raised after it, and shows no secret."""
    async with connect(venue, person) as client:
        arguments = [[market.condition_id]] if channel == "prices" else []
        rhythm = {} if channel == "prices" else {"rhythm": RHYTHM}
        stream = getattr(client.stream, channel)(*arguments, **rhythm)
        await live(stream)
        keys = venue.world.keys
        with venue.world.lock:
            known = keys.find(person.key)
            assert known is not None
            keys.revoke(known)
        if channel == "prices":
            venue.sim.faults.add(kind="ws_drop", operation="WebSocket_Prices")
            venue.offer(market, "0.50", 5)
            venue.pass_time(1)
        lost = await until(stream, Lost)
        assert isinstance(lost.error, AuthError)
        with pytest.raises(AuthError) as raised:
            await until(stream, Message)
        assert person.key not in f"{raised.value!r} {raised.value} {stream!r} {lost!r}"
        assert stream.state is StreamState.CLOSED


async def test_a_token_that_does_not_hold_is_replaced_once(venue: Venue, person: Person) -> None:
    """Closed with 4001 another token is minted; closed with it again, the stream is over."""
    async with connect(venue, person) as client:
        venue.sim.faults.add(kind="ws_token_expired", operation=FILLS)
        async with client.stream.executions(rhythm=CALM) as stream:
            await live(stream)
        venue.seen.clear()
        venue.sim.faults.add(kind="ws_token_expired", operation=FILLS, times=None)
        with pytest.raises(AuthError, match="4001"):
            await until(client.stream.executions(rhythm=CALM), Message)
        assert venue.seen["Keys_CreateWsToken"] == 2


async def test_one_connection_too_many_ends_it_at_once(venue: Venue) -> None:
    """With words that say what to do, and without a second attempt."""
    poor = venue.person("free")
    rhythm = evolve(CALM, ping=0.2)
    async with connect(venue, poor) as client, client.stream.executions(rhythm=rhythm) as stream:
        await live(stream)
        venue.seen.clear()
        for channel in ("executions", "user"):
            crowded = getattr(client.stream, channel)(rhythm=CALM)
            await until(crowded, Lost)
            with pytest.raises(StreamError, match="no more connections"):
                await until(crowded, Message)
        assert venue.seen["Keys_CreateWsToken"] == 2
        # the first goes on, and comes back after a break although the venue may count its old connection yet
        venue.sim.faults.add(kind="ws_close", status=4002, operation=FILLS)
        await until(stream, Status, state=StreamState.BACKING_OFF)
        await live(stream)


async def test_a_reader_that_is_too_slow_misses_nothing(venue: Venue, person: Person, market: Market) -> None:
    """Either nothing more is received until there is room, or the stream ends and says so."""
    async with connect(venue, person) as client:
        with pytest.raises(ConfigError, match="left out"):
            client.stream.executions(overflow="drop_oldest")
        async with (
            client.stream.executions(room=2, rhythm=RHYTHM) as patient,
            client.stream.executions(room=4, overflow="disconnect", rhythm=RHYTHM) as strict,
        ):
            await live(patient)
            await live(strict)
            await buy(venue, client, market, 5, 6, 7, 8, 9, 10)
            await sleep(0.3)
            assert [each.quantity for each in await messages(patient, wire.FillEvent, 6)] == [
                "5",
                "6",
                "7",
                "8",
                "9",
                "10",
            ]
            with pytest.raises(StreamClosed):
                await messages(strict, wire.FillEvent, 7)


async def test_nothing_can_be_asked_for_without_a_key(venue: Venue) -> None:
    """The error says what is missing, before anything is sent."""
    async with connect(venue) as client:
        for stream in (client.stream.executions(), client.stream.user(), client.stream.prices(["0x1"])):
            with pytest.raises(ConfigError, match="API key"):
                await until(stream, Message)
    assert venue.seen["Keys_CreateWsToken"] == 0
