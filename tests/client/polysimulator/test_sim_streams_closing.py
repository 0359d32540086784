"""Streams that end, however that comes about, leave no task, no thread and no socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.streams.events import Event, Status, StreamState
from polyspec.polysimulator.fills_feed import FILLS_RHYTHM
from polyspec.polysimulator.spot_feed import SPOT_RHYTHM
from tests.client.polysimulator import connect, connect_async
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue

STATES = (StreamState.CONNECTING, StreamState.SUBSCRIBING, StreamState.LIVE)
FILLS = evolve(FILLS_RHYTHM, audit=0.05)
CHANNELS = ("prices", "executions", "market", "user", "spot")


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox behind a port."""
    with open_venue(port=True) as venue:
        yield venue


@contextmanager
def settled() -> Iterator[None]:
    """Fail if the block leaves threads behind, or sockets, for which the sandbox's ends get a moment."""
    if not Path("/proc/self/fd").is_dir():
        yield
        return
    threads, sockets = set(threading.enumerate()), _sockets()
    yield
    assert set(threading.enumerate()) <= threads, "a thread was left behind"
    for _ in range(100):
        if _sockets() <= sockets:
            return
        time.sleep(0.02)
    raise AssertionError("a socket was left behind")


def _sockets() -> int:
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            links.append(str(entry.readlink()))
    return sum(link.startswith("socket:") for link in links)


def opened(client: Any, channel: str, market: Market) -> Any:
    """Return a stream of the channel."""
    return {
        "prices": lambda: client.stream.prices([market.condition_id]),
        "executions": lambda: client.stream.executions(rhythm=FILLS),
        "market": lambda: client.stream.market(market.token_ids, pause=0.01),
        "user": lambda: client.stream.user(rhythm=FILLS),
        "spot": lambda: client.stream.spot(["BTC"], [market.condition_id], rhythm=SPOT_RHYTHM),
    }[channel]()


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("state", STATES)
def test_closing_leaves_nothing(
    venue: Venue, person: Person, market: Market, channel: str, state: StreamState
) -> None:
    """In whatever state, by itself or with its client, at once."""
    with settled():
        for whole in (False, True):
            client = connect.connect(venue, person)
            stream = opened(client, channel, market)
            next(each for each in stream if isinstance(each, Status) and each.state is state)
            start = time.monotonic()
            if not whole:
                stream.close()
            client.close()
            assert time.monotonic() - start < 2.5
            assert all(isinstance(each, Event) for each in stream)
            assert stream.state is StreamState.CLOSED


@pytest.mark.anyio
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("state", STATES)
async def test_closing_leaves_nothing_to_a_loop(
    venue: Venue, person: Person, market: Market, channel: str, state: StreamState
) -> None:
    """The same for tasks."""
    with settled():
        for whole in (False, True):
            client = connect_async.connect(venue, person)
            stream = opened(client, channel, market)
            async for event in stream:
                if isinstance(event, Status) and event.state is state:
                    break
            start = time.monotonic()
            if not whole:
                await stream.aclose()
            await client.aclose()
            assert time.monotonic() - start < 2.5
            assert stream.state is StreamState.CLOSED


def test_a_client_that_streams_nothing_needs_nothing(venue: Venue, person: Person) -> None:
    """Closing it makes no streams."""
    with settled(), connect.connect(venue, person) as client:
        client.me()
        assert "stream" not in client.__dict__
