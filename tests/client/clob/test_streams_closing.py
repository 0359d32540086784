"""Streams that end, however that comes about, leave no task, no thread and no socket."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve

from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.market_feed import MARKET_RHYTHM
from polyspec.core.streams.events import Dropped, Message, Status, StreamState
from tests.client.clob.odd_server import BOOK, TOKEN, odd_server
from tests.client.colours import nothing_left
from tests.client.rawserver import Peer, RawServer, answer

RHYTHM = evolve(MARKET_RHYTHM, shortest=0.02, first=0.05, longest=0.1)


def tell(socket: Any) -> None:
    """Tell a book and answer pings."""
    socket.send(f"[{BOOK}]")
    for _ in socket:
        socket.send("PONG")


def close(socket: Any) -> None:
    """Close at once."""
    socket.close(1001)


def flood(socket: Any) -> None:
    """Tell more than anybody reads."""
    socket.send(f"[{BOOK}]")
    for _ in range(20_000):
        socket.send(BOOK)


@contextmanager
def interrupted(seconds: float) -> Iterator[None]:
    """Press Ctrl-C after a while."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.join()


def settings(url: str) -> ClobSettings:
    """Return where the streams are."""
    return ClobSettings(streams=url)


@pytest.mark.parametrize("script", [tell, close])
@pytest.mark.parametrize("state", [StreamState.CONNECTING, StreamState.SUBSCRIBING, StreamState.BACKING_OFF])
def test_closing_leaves_nothing(script: Any, state: StreamState) -> None:
    """In whatever state; a hundred events later as well."""
    if (script, state) == (tell, StreamState.BACKING_OFF):
        state = StreamState.LIVE
    with nothing_left(), odd_server(script) as server:
        with ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
            for _ in range(3):
                stream = client.stream.market([TOKEN], rhythm=RHYTHM)
                next(each for each in stream if isinstance(each, Status) and each.state is state)
                start = time.monotonic()
                stream.close()
                assert time.monotonic() - start < 2.5

        async def main() -> None:
            async with AsyncClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
                for _ in range(3):
                    stream = client.stream.market([TOKEN], rhythm=RHYTHM)
                    async for each in stream:
                        if isinstance(each, Status) and each.state is state:
                            break
                    await stream.aclose()
                    assert asyncio.all_tasks() == {asyncio.current_task()}

        asyncio.run(main())


@pytest.mark.parametrize("policy", ["block", "drop_oldest"])
def test_a_flood_does_not_keep_it_open(policy: Any) -> None:
    """Neither what was received and not read, nor what comes while it closes."""

    async def main(url: str) -> float:
        async with AsyncClobClient("http://127.0.0.1:9", settings=settings(url)) as client:
            async with client.stream.market([TOKEN], overflow=policy, room=50, rhythm=RHYTHM) as stream:
                for _ in range(100):
                    await anext(stream)
                start = time.monotonic()
            return time.monotonic() - start

    with nothing_left(), odd_server(flood) as server:
        with ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
            with client.stream.market([TOKEN], overflow=policy, room=50, rhythm=RHYTHM) as stream:
                for _ in range(100):
                    next(stream)
                start = time.monotonic()
            assert time.monotonic() - start < 3.0
        assert asyncio.run(main(server.url)) < 3.0
        gc.collect()


def test_a_look_that_pauses_does_not_keep_it_open() -> None:
    """What was to be looked up again later is not waited for."""

    def busy(peer: Peer, _: int) -> None:
        while peer.request():
            peer.send(answer(b"{}", "503 Service Unavailable", "retry-after: 3"))

    def tell_much(socket: Any) -> None:
        for _ in range(100):
            socket.send(BOOK)
        list(socket)

    with nothing_left(), odd_server(tell_much) as server, RawServer(busy) as rest:
        with ClobClient(rest.url, settings=settings(server.url)) as client:
            stream = client.stream.market([TOKEN], overflow="drop_oldest", room=10, rhythm=RHYTHM)
            next(each for each in stream if isinstance(each, Dropped))
            for _ in range(500):
                if rest.requests:
                    break
                time.sleep(0.01)
            assert len(rest.requests) == 1
            stream.close()
            assert not [each.name for each in threading.enumerate() if each.name.startswith("polyspec-clob")]
        assert len(rest.requests) == 1


def test_the_client_closes_its_streams() -> None:
    """Whoever forgets them."""
    with nothing_left(), odd_server(tell) as server:
        with ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
            first, second = (client.stream.market([TOKEN], rhythm=RHYTHM) for _ in range(2))
            next(first)
            next(second)
        assert first.state is second.state is StreamState.CLOSED


def test_the_client_closes_what_nobody_holds() -> None:
    """A stream that was left in the middle and is known by no name any more."""

    async def main(url: str) -> None:
        async with AsyncClobClient("http://127.0.0.1:9", settings=settings(url)) as client:
            async for each in client.stream.market([TOKEN], rhythm=RHYTHM):
                if isinstance(each, Message):
                    break
            gc.collect()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with nothing_left(), odd_server(tell) as server:
        with ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
            for each in client.stream.market([TOKEN], rhythm=RHYTHM):
                if isinstance(each, Message):
                    break
            gc.collect()
        asyncio.run(main(server.url))


def test_what_is_closed_or_over_is_not_held() -> None:
    """Neither by its client nor by anything it did."""
    with (
        odd_server(tell) as server,
        ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client,
    ):
        streams = [client.stream.market([TOKEN], rhythm=RHYTHM) for _ in range(2)]
        for each in streams:
            next(event for event in each if isinstance(event, Message))
        streams[0].close()
        streams[1]._inbox.finish(None)
        list(streams[1])
        known = [weakref.ref(each) for each in streams]
        del streams, each
        gc.collect()
        assert [each() for each in known] == [None, None]


def test_ctrl_c_ends_a_blocking_reader() -> None:
    """It waits for an event that never comes; leaving the block closes everything."""
    with nothing_left(), odd_server(tell) as server:
        with ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
            stream = client.stream.market([TOKEN], rhythm=RHYTHM)
            with pytest.raises(KeyboardInterrupt), interrupted(0.3), stream:
                list(stream)
            assert stream.state is StreamState.CLOSED


def test_ctrl_c_ends_an_asynchronous_reader() -> None:
    """The event loop is ended in the usual way, and nothing is left of the stream."""
    found: list[Any] = []

    async def main(url: str) -> None:
        async with AsyncClobClient("http://127.0.0.1:9", settings=settings(url)) as client:
            async with client.stream.market([TOKEN], rhythm=RHYTHM) as stream:
                found.append(stream)
                async for _ in stream:
                    pass

    with nothing_left(), odd_server(tell) as server:
        with pytest.raises(KeyboardInterrupt), interrupted(0.3):
            asyncio.run(main(server.url))
    assert found[0].state is StreamState.CLOSED


def test_a_block_that_fails_closes_the_stream() -> None:
    """And the error is the block's own."""
    with nothing_left(), odd_server(tell) as server:
        with ClobClient("http://127.0.0.1:9", settings=settings(server.url)) as client:
            stream = client.stream.market([TOKEN], rhythm=RHYTHM)
            with pytest.raises(ZeroDivisionError), stream:
                _ = 1 / 0
            assert stream.state is StreamState.CLOSED
