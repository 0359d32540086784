"""Whatever the weather: every order stands once or not at all, and the client says which."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import attrs
import pytest

from polyspec.core import sending
from polyspec.core.sending import Patience
from polyspec.sandbox.us.refusals import Refusal
from polyspec.us.config import Settings, Transport
from polyspec.us.fate import Accepted, Rejected
from tests.client.us import connect, connect_async
from tests.client.us.rig import Venue, open_venue
from tests.faults.storm import WEATHER, sail, sail_in_threads
from tests.faults.storm_us import UsStorm
from tests.faults.virtual import virtual_time

SETTINGS = Settings(
    pacing=False,
    settle_window=0.2,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.2, total=3.0),
)


async def _sail(storm: UsStorm, count: int, settings: Settings = SETTINGS) -> None:
    async with connect_async.connect(storm.venue, storm.person, settings) as client:
        await client.instruments.get(storm.symbol)
        await sail(storm, client, count)


def _sail_in_threads(storm: UsStorm, count: int) -> None:
    with connect.connect(storm.venue, storm.person, SETTINGS) as client:
        client.instruments.get(storm.symbol)
        sail_in_threads(storm, client, count)


@pytest.mark.parametrize(("seed", "count"), [(1, 400), (2, 200)])
@pytest.mark.usefixtures("hurried")
def test_in_process(seed: int, count: int) -> None:
    """Under faults of every kind there is no duplicate, no false verdict, and nothing stays unknown."""
    with open_venue(port=False) as venue:
        storm = UsStorm(venue, seed)
        asyncio.run(_sail(storm, count))
        verdicts = storm.judge()
        met = {kind for _, kind in venue.sandbox.faults.hits}
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == count
    assert met >= {fault["kind"] for fault in WEATHER}
    # the storm was one: orders were taken, refused, and lost
    assert min(verdicts.counts[each] for each in ("Accepted", "Rejected", "never arrived")) > 0


@pytest.mark.parametrize(("transport", "count"), [("rest", 200), ("grpc", 100)])
@pytest.mark.usefixtures("hurried")
def test_over_sockets(transport: Transport, count: int) -> None:
    """The same over real connections, that are really reset, and over gRPC."""
    with open_venue() as venue:
        venue.transport = transport
        storm = UsStorm(venue, seed=3)
        asyncio.run(_sail(storm, count))
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == count


@pytest.mark.parametrize(("transport", "count"), [("rest", 200), ("grpc", 100)])
@pytest.mark.usefixtures("hurried")
def test_from_threads(transport: Transport, count: int) -> None:
    """The same with blocking calls from sixteen threads."""
    with open_venue() as venue:
        venue.transport = transport
        storm = UsStorm(venue, seed=4)
        _sail_in_threads(storm, count)
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == count


@pytest.mark.usefixtures("hurried")
def test_without_the_guard_there_are_duplicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that repeats whatever failed doubles orders in this very storm."""
    monkeypatch.setattr(sending, "may_repeat", lambda *_: True)
    with open_venue(port=False) as venue:
        storm = UsStorm(venue, seed=1)
        asyncio.run(_sail(storm, 100))
        verdicts = storm.judge()
    assert len(verdicts.duplicates) >= 3


@pytest.mark.usefixtures("hurried")
def test_a_window_too_short_makes_false_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes the first empty look for a proof is wrong about late orders."""
    from polyspec.us import resolving

    monkeypatch.setattr(resolving.Absence, "note", lambda *_: True)
    with open_venue(port=False) as venue:
        storm = UsStorm(venue, seed=1, share=0.0)
        _late_orders(storm)
        verdicts = storm.judge()
    assert verdicts.false


@pytest.mark.usefixtures("hurried")
def test_late_orders_are_awaited() -> None:
    """Orders that the gateway hands on after their answer was lost are found all the same."""
    with open_venue(port=False) as venue:
        storm = UsStorm(venue, seed=1, share=0.0)
        _late_orders(storm)
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts == {"Accepted": 8}


def _late_orders(storm: UsStorm) -> None:
    """Place eight orders whose connections break at once and which are executed 0.3 seconds later."""
    settings = attrs.evolve(SETTINGS, settle_window=0.6)
    held: list[Any] = []
    entry = storm.venue.world.entry
    place = entry.place

    def hold(commands: list[Any], **options: Any) -> list[str]:
        asyncio.get_running_loop().call_later(0.3, lambda: place(commands, **options))
        held.extend(commands)
        raise Refusal(13, "the gateway fails and keeps the order")

    entry.place = hold  # type: ignore[method-assign]

    async def sail() -> None:
        await _sail(storm, 8, settings)
        # whatever the client believes by now, the last of the orders is executed
        await asyncio.sleep(0.4)

    asyncio.run(sail())
    assert len(held) == 8


def test_the_window_of_the_venue_in_earnest() -> None:
    """With the venue's own five seconds an order is called absent not before they are over, and rightly."""
    settings = Settings(pacing=False)

    async def run(venue: Venue) -> list[tuple[str, Any, float]]:
        person, symbol = venue.person(), venue.market()
        async with connect_async.connect(venue, person, settings) as client:
            await client.instruments.get(symbol)

            async def place(kind: str, number: int) -> tuple[str, Any, float]:
                venue.sandbox.faults.add(kind=kind, operation=UsStorm.SINGLE)
                start = time.monotonic()
                placed = await client.orders.place(symbol, side="BUY", price=f"0.{number}", quantity=1)
                return kind, placed, time.monotonic() - start

            results = []
            for kind in ("reset_after", "reset_before"):
                results += await asyncio.gather(*(place(kind, number) for number in range(10, 14)))
        assert len(venue.orders(person)) == 4
        return results

    with virtual_time() as clock, open_venue(port=False) as venue:
        clock.rules(venue.world.clock)
        for kind, placed, seconds in clock.run(run(venue)):
            if kind == "reset_after":
                assert isinstance(placed, Accepted)
                assert seconds < 2
            else:
                assert isinstance(placed, Rejected)
                assert placed.never_arrived
                assert 5 <= seconds < 15
