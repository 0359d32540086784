"""Whole calls over real connections: how many requests a server sees, and how cancelled work ends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from polyspec_wire import Call

from polyspec.core.effects import Flow, Now, Request, Sleep
from polyspec.core.sending import Patience, Session
from polyspec.errors import DecodeError, PolyspecError, RateLimited, TransportError, Unauthorized
from polyspec.io import driver_async
from polyspec.io.http import Http
from polyspec.io.http_async import AsyncHttp
from polyspec.io.options import HttpOptions
from tests.client.colours import Open, nothing_left
from tests.client.rawserver import Peer, RawServer, after_request, answer, sends
from tests.stopwatch import Stopwatch
from tests.unit.calls import a_call, a_request


class _Nobody:
    """Needs no credentials; new ones are worth a try."""

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        yield Now()
        return {}

    def advice(self, request: Request) -> str:
        """Have none."""
        return ""

    def refused(self, request: Request) -> bool:
        return True


def _session(url: str, **options: Any) -> Session:
    return Session(base_url=url, authority=_Nobody(), chance=lambda: 0.0, **options)


Script = Callable[[Peer, int], None]

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{"
_PAGE = b"<html>gateway</html>"

AMBIGUOUS: dict[str, Script] = {
    "reset": after_request(Peer.reset),
    "close": after_request(Peer.close),
    "cut": after_request(sends(_HEAD), Peer.close),
    "truncated": after_request(sends(answer(b'{"orderId":"1"'))),
    "hang": after_request(Peer.hang),
    "500": after_request(sends(answer(b'{"code":13,"message":"internal"}', "500 Error"))),
    "502": after_request(sends(answer(_PAGE, "502 Bad Gateway"))),
    "503": after_request(sends(answer(b'{"code":14,"message":"away"}', "503 Away"))),
    "504": after_request(sends(answer(_PAGE, "504 Too Late"))),
    "429 of a proxy": after_request(sends(answer(_PAGE, "429 Slow Down"))),
    "401 of a proxy": after_request(sends(answer(_PAGE, "401 Who"))),
}


@pytest.mark.parametrize("fault", AMBIGUOUS)
@pytest.mark.parametrize("retry", ["resolve", "never"])
def test_orders_are_sent_once(fault: str, retry: str, opened: Open) -> None:
    """When an order may have arrived the server sees it once, and the error says so."""
    server = opened(AMBIGUOUS[fault])
    patience = Patience(place=0.5)
    with pytest.raises(PolyspecError) as caught:
        opened().drive(_session(server.url, patience=patience).send(a_call(retry)))
    assert caught.value.maybe_executed
    assert caught.value.attempts == len(server.requests) == 1
    assert caught.value.operation == "POST /v1/things/{id}"


@pytest.mark.parametrize("fault", [name for name in AMBIGUOUS if name not in ("hang", "429 of a proxy")])
def test_reads_are_sent_again(fault: str, opened: Open) -> None:
    """A read that met a fault once is repeated and answered."""

    def script(peer: Peer, number: int) -> None:
        if number == 0:
            AMBIGUOUS[fault](peer, number)
        while peer.request() is not None:
            peer.send(answer(b'{"orderId":"1"}'))

    server = opened(script)
    result = opened().drive(_session(server.url).send(a_call("safe")))
    assert result.value.order_id == "1"
    assert result.attempts == len(server.requests) == 2


def test_order_after_a_refused_connection(opened: Open) -> None:
    """An order that could not leave is sent again, byte for byte the same, once somebody listens."""
    server = opened(after_request(sends(answer(b'{"orderId":"1"}'))))
    address = ("127.0.0.1", server.port)
    server.stop()
    late: list[RawServer] = []

    def listen() -> None:
        time.sleep(0.15)
        late.append(_server_at(address))

    thread = threading.Thread(target=listen)
    thread.start()
    session = Session(base_url=server.url, authority=_Nobody(), chance=lambda: 0.99)
    result = opened().drive(session.send(a_call("resolve"), 5.0))
    thread.join()
    late[0].stop()
    assert result.attempts > 1
    assert [received.body for received in late[0].requests] == [b'{"id":"7","size":3}']


def _server_at(address: tuple[str, int]) -> RawServer:
    return RawServer(after_request(sends(answer(b'{"orderId":"1"}'))), port=address[1])


def test_wait_beyond_the_deadline(opened: Open) -> None:
    """A server that asks for more time than the call has is not asked again; the error carries its word."""
    refusal = answer(b'{"code":8,"message":"slow"}', "429 Slow", "retry-after: 20")
    server = opened(after_request(sends(refusal)))
    with Stopwatch() as watch:
        with pytest.raises(RateLimited) as caught:
            opened().drive(_session(server.url).send(a_call("safe"), 2.0))
    assert watch.seconds < 0.5
    assert caught.value.retry_after == 20
    assert len(server.requests) == 1


def test_one_replay_after_401(opened: Open) -> None:
    """A refused token costs one more request, not a loop."""

    def script(peer: Peer, _number: int) -> None:
        while peer.request() is not None:
            peer.send(answer(b'{"code":16,"message":"expired"}', "401 Who"))

    server = opened(script)
    with pytest.raises(Unauthorized) as caught:
        opened().drive(_session(server.url).send(a_call("resolve")))
    assert len(server.requests) == 2
    assert not caught.value.maybe_executed


def test_huge_answers_are_not_fetched_again(opened: Open) -> None:
    """An answer beyond max_body is not downloaded five times over."""
    server = opened(after_request(sends(answer(b"x" * 200_000))))
    with pytest.raises(DecodeError):
        opened(max_body=1000).drive(_session(server.url).send(a_call("safe")))
    assert len(server.requests) == 1


def test_hundred_failed_calls_leave_nothing(opened: Open) -> None:
    """After many exhausted calls there are no connections, tasks or threads more than before."""
    server = opened(after_request(Peer.reset))
    client = opened()
    session = _session(server.url, max_attempts=2)
    for _ in range(100):
        with pytest.raises(TransportError):
            client.drive(session.send(a_call("safe")))
    assert server.settled()
    assert len(server.requests) == 200


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1])
def test_cancelled_task(moment: float, lean: bool) -> None:
    """Cancelling a task closes its flow and its connection, wherever the request is."""
    closed: list[str] = []

    def flow(session: Session) -> Flow[Any]:
        try:
            return (yield from session.send(a_call("resolve")))
        finally:
            closed.append("flow")

    async def main(url: str) -> None:
        http = AsyncHttp(HttpOptions(lean=lean))
        task = asyncio.create_task(driver_async.drive(flow(_session(url)), http))
        await asyncio.sleep(0)
        await asyncio.sleep(moment)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.settled)
        await http.aclose()

    with nothing_left(), RawServer(after_request(Peer.hang)) as server:
        asyncio.run(main(server.url))
    assert closed == ["flow"]
    assert len(server.requests) <= 1


def test_another_event_loop(lean: bool) -> None:
    """A client used in a second event loop says so, instead of waiting for connections of the first."""

    def script(peer: Peer, _number: int) -> None:
        while peer.request() is not None:
            peer.send(answer())

    with RawServer(script) as server:
        http = AsyncHttp(HttpOptions(lean=lean))
        first = asyncio.Runner()
        assert first.run(http.send(a_request(server.url))).status == 200
        with pytest.raises(PolyspecError, match="another event loop") as caught:
            asyncio.run(http.send(a_request(server.url)))
        assert not caught.value.maybe_executed
        first.run(http.aclose())
        first.close()


def test_threads_share_one_pool(lean: bool) -> None:
    """Threads that send together share one pool, whose connections are never closed under a request."""

    def script(peer: Peer, _number: int) -> None:
        while peer.request() is not None:
            peer.send(answer())

    with nothing_left(), RawServer(script) as server:
        http = Http(HttpOptions(max_connections=8, lean=lean))
        barrier = threading.Barrier(16)
        statuses: list[int] = []

        def work() -> None:
            barrier.wait()
            statuses.extend(http.send(a_request(server.url)).status for _ in range(10))

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        http.close()
        assert statuses == [200] * 160
        assert server.connections <= 8
        assert server.settled()


def test_errors_of_the_reader_are_left_alone() -> None:
    """What the reader of a download raises by itself is not taken for a broken connection."""

    def read(http: Http) -> None:
        with http.stream(a_request(server.url)):
            raise OSError(28, "No space left on device")

    with RawServer(after_request(sends(answer()))) as server:
        http = Http(HttpOptions())
        with pytest.raises(OSError, match="No space left"):
            read(http)
        http.close()


def test_download_that_breaks_off() -> None:
    """A download whose connection breaks raises our error, in the middle of reading too."""
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\nline\n"
    with RawServer(after_request(sends(head), Peer.close)) as server:
        http = Http(HttpOptions())
        lines = []
        with pytest.raises(TransportError), http.stream(a_request(server.url)) as response:
            lines.extend(response.iter_lines())
        http.close()


def test_pause_of_a_flow(opened: Open) -> None:
    """Sleep takes the time it says and both clocks are read."""

    def flow() -> Flow[float]:
        before = yield Now()
        yield Sleep(0.05)
        after = yield Now()
        return float(after.monotonic - before.monotonic)

    assert 0.045 < opened().drive(flow()) < 0.5
