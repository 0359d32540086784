"""Streams of the US exchange that end, however that comes about, leave no task, no thread and no channel."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from polyspec.core.streams.events import Status, StreamState
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from tests.client.us.books import RHYTHM, TALK, offer, options
from tests.client.us.rig import Venue, open_venue
from tests.stopwatch import Stopwatch


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox that gives signs of life quickly."""
    with open_venue(venues=["us"], heartbeat=0.05) as venue:
        yield venue


@contextmanager
def nothing_left() -> Iterator[None]:
    """Fail if the block leaves a thread of ours behind; those of the library end soon after their channel."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + 5.0
    while more := set(threading.enumerate()) - before:
        assert not [each for each in more if each.name.startswith("polyspec")], more
        assert time.monotonic() < end, more
        time.sleep(0.01)


@contextmanager
def interrupted(seconds: float) -> Iterator[None]:
    """Press Ctrl-C after a while."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.join()


@pytest.mark.parametrize("state", [StreamState.CONNECTING, StreamState.LIVE, StreamState.BACKING_OFF])
def test_closing_leaves_nothing(venue: Venue, state: StreamState) -> None:
    """In whatever state, and at once."""
    symbols = [venue.market() for _ in range(4)]

    def spoil() -> None:
        venue.sandbox.faults.clear()
        if state is StreamState.BACKING_OFF:
            venue.sandbox.faults.add(kind="grpc_unavailable", operation=TALK, times=None)

    with nothing_left(), UsExchangeClient(**options(venue)) as client:
        spoil()
        stream = client.stream.market(symbols, per_stream=2, rhythm=RHYTHM)
        next(each for each in stream if isinstance(each, Status) and each.state is state)
        with Stopwatch() as watch:
            stream.close()
        assert watch.seconds < 1.5
        assert stream.state is StreamState.CLOSED

    async def main() -> None:
        async with AsyncUsExchangeClient(**options(venue)) as client:
            stream = client.stream.market(symbols, per_stream=2, rhythm=RHYTHM)
            async for each in stream:
                if isinstance(each, Status) and each.state is state:
                    break
            with Stopwatch() as watch:
                await stream.aclose()
            assert watch.seconds < 1.5
            await _settled()

    with nothing_left():
        spoil()
        asyncio.run(main())
    venue.sandbox.faults.clear()


async def _settled() -> None:
    """Wait until there is no task but this one: the library's own end a little later."""
    for _ in range(100):
        if asyncio.all_tasks() == {asyncio.current_task()}:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(asyncio.all_tasks())


def test_the_client_closes_its_streams(venue: Venue) -> None:
    """Whoever forgets them."""
    symbol = venue.market()
    with nothing_left():
        with UsExchangeClient(**options(venue)) as client:
            first, second = (client.stream.market([symbol], rhythm=RHYTHM) for _ in range(2))
            next(first)
            next(second)
        assert first.state is second.state is StreamState.CLOSED


@pytest.mark.parametrize("policy", ["block", "drop_oldest"])
def test_a_flood_does_not_keep_it_open(venue: Venue, policy: Any) -> None:
    """Neither what was received and not read, nor what comes while it closes."""
    symbols = [venue.market() for _ in range(20)]
    with nothing_left(), UsExchangeClient(**options(venue)) as client:
        with client.stream.market(symbols, overflow=policy, room=5, rhythm=RHYTHM) as stream:
            for _ in range(5):
                next(stream)
            for symbol in symbols:
                offer(venue, symbol, 510)
            with Stopwatch() as watch:
                stream.close()
        assert watch.seconds < 1.5


def test_ctrl_c_ends_a_blocking_reader(venue: Venue) -> None:
    """It waits for an event that never comes; leaving the block closes everything."""
    with nothing_left(), UsExchangeClient(**options(venue)) as client:
        stream = client.stream.market([venue.market()], rhythm=RHYTHM)
        with pytest.raises(KeyboardInterrupt), interrupted(0.3), stream:
            list(stream)
        assert stream.state is StreamState.CLOSED


def test_ctrl_c_ends_an_asynchronous_reader(venue: Venue) -> None:
    """The event loop is ended in the usual way, and nothing is left of the stream."""
    found: list[Any] = []

    async def main() -> None:
        async with AsyncUsExchangeClient(**options(venue)) as client:
            async with client.stream.market([venue.market()], rhythm=RHYTHM) as stream:
                found.append(stream)
                async for _ in stream:
                    pass

    with nothing_left():
        with pytest.raises(KeyboardInterrupt), interrupted(0.3):
            asyncio.run(main())
    assert found[0].state is StreamState.CLOSED


def test_a_block_that_fails_closes_the_stream(venue: Venue) -> None:
    """And the error is the block's own."""
    with nothing_left(), UsExchangeClient(**options(venue)) as client:
        stream = client.stream.market([venue.market()], rhythm=RHYTHM)
        with pytest.raises(ZeroDivisionError), stream:
            _ = 1 / 0
        assert stream.state is StreamState.CLOSED


def test_nothing_is_loaded_that_is_not_used(venue: Venue) -> None:
    """A stream that asks for nothing opens no channel; one that was forgotten takes no place."""
    opened: list[Callable[..., Any]] = []
    with UsExchangeClient(**options(venue)) as client:
        channel = client._channel
        get, channel.get = channel.get, lambda *given: opened.append(get) or get(*given)  # type: ignore[method-assign]
        with client.stream.market([], rhythm=RHYTHM) as stream:
            assert stream.state is StreamState.IDLE
        assert (opened, client.stream._places.taken) == ([], 0)
