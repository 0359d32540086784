"""Connections of our own: how they are opened, shared, kept and given up, in both colours."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

import httpx
import pytest

from polyspec.core.effects import Reply, Request
from polyspec.errors import ConfigError, ConnectFailed, TimedOut, TransportError
from polyspec.io import lean_line_async, lean_shelf
from polyspec.io.http import Http
from polyspec.io.http_async import AsyncHttp
from polyspec.io.options import HttpOptions
from tests.client.colours import AsyncColour, Colour, Open, nothing_left
from tests.client.rawserver import Peer, RawServer, after_request, answer, sends
from tests.stopwatch import Stopwatch
from tests.unit.calls import a_request


@pytest.fixture
def lean() -> bool:
    """Send over connections of our own only."""
    return True


def _keeps(peer: Peer, number: int) -> None:
    """Answer with the number of the connection, for as long as the client likes."""
    while peer.request() is not None:
        peer.send(answer(b"%d" % number))


def _slow(peer: Peer, number: int) -> None:
    while peer.request() is not None:
        peer.server.stopping.wait(0.15)
        peer.send(answer(b"%d" % number))


def _taken(client: Colour) -> tuple[int, int]:
    """Return how many places are taken, and how many connections are idle, on the lane of orders."""
    shelf = client.http._lean["write"]._shelf
    return shelf._taken, sum(map(len, shelf._idle.values()))


def _pause(client: Colour, seconds: float) -> None:
    """Let time pass; an event loop notices what happens meanwhile."""
    client._run(asyncio.sleep(seconds)) if isinstance(client, AsyncColour) else time.sleep(seconds)


def test_the_connection_used_last_is_used_next(opened: Open) -> None:
    """Those not needed are left to grow old."""
    server = opened(_slow)
    client = opened()
    bodies = [reply.body for reply in client.send_all([a_request(server.url)] * 3)]
    assert sorted(bodies) == [b"0", b"1", b"2"]
    assert {client.send(a_request(server.url)).body for _ in range(3)} == {bodies[-1]}
    assert _taken(client) == (3, 3)


def test_connections_grow_old(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was idle for too long is closed, by itself in an event loop, and at the next use otherwise."""
    monkeypatch.setattr(lean_shelf, "KEPT", 0.1)
    monkeypatch.setattr(lean_line_async, "KEPT", 0.1)
    server = opened(_keeps)
    client = opened()
    # the timer of the request is what looks after the connection next
    client.send(a_request(server.url, total=0.2))
    _pause(client, 0.4)
    if isinstance(client, AsyncColour):
        assert server.settled()
    assert client.send(a_request(server.url)).body == b"1"
    assert _taken(client) == (1, 1)


def test_more_requests_than_connections(opened: Open) -> None:
    """Those who wait are served in the order in which they came, over no more connections than allowed."""
    server = opened(_slow)
    client = opened(max_connections=2)
    replies = client.send_all([a_request(f"{server.url}/{number}") for number in range(6)])
    assert [reply.status for reply in replies] == [200] * 6
    assert server.connections == 2
    assert [each.line.split()[1] for each in server.requests] == [f"/{number}" for number in range(6)]
    assert _taken(client) == (2, 2)


def test_a_place_is_handed_on_when_a_connection_breaks(opened: Open) -> None:
    """Who waits behind a request that breaks opens a connection in its place."""

    def script(peer: Peer, number: int) -> None:
        peer.request()
        peer.server.stopping.wait(0.15)
        if number:
            peer.send(answer())
        else:
            peer.reset()

    server = opened(script)
    client = opened(max_connections=1)
    first, second = client.send_all([a_request(server.url)] * 2)
    assert isinstance(first, TransportError)
    assert second.status == 200


def test_lanes_do_not_share(opened: Open) -> None:
    """Orders and cancels have connections of their own, each up to their own limit."""
    server = opened(_keeps)
    client = opened(max_connections=1, cancel_connections=1)
    for lane in ("write", "cancel", "write", "cancel"):
        client.send(a_request(server.url, lane=lane))
    assert server.connections == 2
    assert set(client.http._lean) == {"write", "cancel"}


def test_hosts_share_the_places(opened: Open) -> None:
    """A connection that leads elsewhere makes room, if there is no other."""
    first, second = opened(_keeps), opened(_keeps)
    client = opened(max_connections=1)
    for server in (first, second, first):
        assert client.send(a_request(server.url)).status == 200
    assert (first.connections, second.connections) == (2, 1)
    assert _taken(client) == (1, 1)


def test_waiting_for_a_place_of_another_host(opened: Open) -> None:
    """Who waits is served as well by a connection to another host that comes free."""
    first, second = opened(_slow), opened(_slow)
    client = opened(max_connections=1)
    replies = client.send_all([a_request(first.url), a_request(second.url), a_request(first.url)])
    assert [reply.status for reply in replies] == [200] * 3
    assert _taken(client) == (1, 1)


@pytest.mark.parametrize("behind", [b"x", answer(), b"\r\n", None], ids=["garbage", "answer", "line", "end"])
def test_what_arrives_while_idle(behind: bytes | None, opened: Open) -> None:
    """A connection on which something arrived, or which ended, while nobody asked is not used again."""
    done = threading.Event()

    def script(peer: Peer, number: int) -> None:
        peer.request()
        peer.send(answer(b"%d" % number))
        time.sleep(0.05)
        peer.close() if behind is None else peer.send(behind)
        done.set()

    server = opened(script)
    client = opened()
    for number in range(3):
        assert client.send(a_request(server.url)).body == b"%d" % number
        assert done.wait(5)
        done.clear()
        _pause(client, 0.1)
    assert len(server.requests) == 3


def test_an_end_the_loop_has_not_heard_of() -> None:
    """A busy event loop does not send on a connection that ended in the meantime."""

    async def main(url: str) -> None:
        http = AsyncHttp(HttpOptions())
        for _ in range(3):
            assert (await http.send(a_request(url))).status == 200
            time.sleep(0.05)  # noqa: ASYNC251 - a busy loop is what this is about
        await http.aclose()

    with nothing_left(), RawServer(after_request(sends(answer()), Peer.close)) as server:
        asyncio.run(main(server.url))
        assert len(server.requests) == 3


def test_an_answer_before_the_end_of_the_request(opened: Open) -> None:
    """A refusal that comes before a large body was read is the answer; its connection is not kept."""

    def script(peer: Peer, _number: int) -> None:
        peer.connection.recv(1000)
        peer.send(answer(b'{"message":"too large"}', "413 Too Large"))
        peer.server.stopping.wait(3)

    server = opened(script)
    client = opened()
    with Stopwatch() as watch:
        assert client.send(a_request(server.url, body=b"x" * 30_000_000)).status == 413
    assert watch.seconds < 1
    assert _taken(client) == (0, 0)


def test_large_requests_arrive_whole(opened: Open) -> None:
    """A body larger than what a socket takes at once arrives complete, and its connection is kept."""
    server = opened(_keeps)
    client = opened()
    body = bytes(range(256)) * 20_000
    for _ in range(2):
        assert client.send(a_request(server.url, body=body)).body == b"0"
    assert [received.body == body for received in server.requests] == [True, True]


def test_large_answers_arrive_whole(opened: Open) -> None:
    """A body of many packets arrives complete."""
    body = bytes(range(256)) * 20_000
    server = opened(after_request(sends(answer(body))))
    assert opened().send(a_request(server.url)).body == body


def _limited(url: str, *, size: int, **limits: float) -> Request:
    """Make a request with a body of that size, and these limits beside a long total."""
    plain = a_request(url, body=b"x" * size)
    times = {"connect": 1.0, "write": 5.0, "read": 5.0, "total": 5.0} | limits
    return Request(plain.method, plain.url, plain.headers, plain.body, type(plain.timeout)(**times), "write")


def test_sockets_watched_without_poll(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sockets cannot be polled they are watched otherwise: silence and ends are noticed as well."""
    monkeypatch.delattr(select, "poll")
    server = opened(_keeps)
    client = opened()
    for _ in range(2):
        assert client.send(a_request(server.url, body=b"x" * 1_000_000, total=5.0)).body == b"0"
    hung = opened(after_request(Peer.hang))
    with pytest.raises(TimedOut):
        client.send(a_request(hung.url, total=0.2))
    ended = opened(after_request(sends(answer()), Peer.close))
    for _ in range(2):
        assert client.send(a_request(ended.url)).status == 200
        time.sleep(0.05)


@pytest.mark.parametrize("reads", [False, True])
def test_each_stage_has_its_limit(reads: bool, opened: Open) -> None:
    """A server that stops reading, and one that does not answer, are given up long before the total."""

    def script(peer: Peer, _number: int) -> None:
        if reads:
            peer.request()
        peer.server.stopping.wait(5)

    server = opened(script)
    # what is read does not leave at once, what is not read does not fit into all buffers on the way
    limits = {"size": 1_000_000, "read": 0.3} if reads else {"size": 30_000_000, "write": 0.3}
    start = time.monotonic()
    with pytest.raises(TimedOut):
        opened().send(_limited(server.url, **limits))  # type: ignore[arg-type]
    assert 0.25 < time.monotonic() - start < 2


def test_an_answer_that_goes_on(opened: Open) -> None:
    """The limit on reading is one on silence: an answer that keeps coming is read to its end."""

    def script(peer: Peer, _number: int) -> None:
        peer.request()
        peer.drip(answer(b"{}")[:-2], 0.01)
        peer.send(b"{}")

    server = opened(script)
    assert opened().send(a_request(server.url, read=0.3, total=5.0)).body == b"{}"


@pytest.mark.parametrize("moment", ["asking", "waiting"])
def test_closing_under_requests(moment: str, colour: type[Colour]) -> None:
    """A client that is closed ends its requests at once: unknown if they left, not sent if they waited."""

    def work(client: Colour, url: str) -> list[Reply | BaseException]:
        threading.Timer(0.3, client.http.close).start()
        return client.send_all([a_request(url), a_request(url)])

    async def work_async(http: AsyncHttp, url: str) -> list[Any]:
        tasks = [asyncio.create_task(http.send(a_request(url))) for _ in range(2)]
        await asyncio.sleep(0.2)
        await http.aclose()
        return await asyncio.gather(*tasks, return_exceptions=True)

    with nothing_left(), RawServer(after_request(Peer.hang)) as server:
        client = colour(HttpOptions(max_connections=1))
        with Stopwatch() as watch:
            if isinstance(client, AsyncColour):
                first, second = client._run(work_async(client.http, server.url))
            else:
                first, second = work(client, server.url)
        assert watch.seconds < 1.0
        told = first if moment == "asking" else second
        assert isinstance(told, TransportError if moment == "asking" else ConfigError)
        assert told.maybe_executed is (moment == "asking")
        assert server.settled()
        client.close()


def test_cancelled_tasks_lose_no_places() -> None:
    """However tasks are cancelled, every place comes back, and no connection that was interrupted is kept."""

    async def main(url: str) -> None:
        random = Random(7)
        http = AsyncHttp(HttpOptions(max_connections=3))
        for _ in range(40):
            tasks = [asyncio.create_task(http.send(a_request(url))) for _ in range(8)]
            for task in tasks:
                for _ in range(random.choice((0, 0, 1, 2, 5))):
                    await asyncio.sleep(random.choice((0, 0, 0.001)))
                if random.random() < 0.5:
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            shelf = http._lean["write"]._shelf
            assert shelf._taken == sum(map(len, shelf._idle.values())) <= 3
            assert not shelf.waiting
        replies = await asyncio.gather(*(http.send(a_request(url)) for _ in range(9)))
        assert [reply.status for reply in replies] == [200] * 9
        await http.aclose()

    with nothing_left(), RawServer(_keeps) as server:
        asyncio.run(main(server.url))
        assert server.settled()


def test_interrupts_of_a_thread_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is interrupted while it waits for a connection leaves the line."""
    from polyspec.io import lean as module

    class Interrupted(module._Waiter):
        def __init__(self, origin: Any) -> None:
            super().__init__(origin)
            self.called = self  # type: ignore[assignment]

        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

    with nothing_left(), RawServer(_slow) as server:
        http = Http(HttpOptions(max_connections=1))
        thread = threading.Thread(target=http.send, args=(a_request(server.url),))
        thread.start()
        time.sleep(0.05)
        monkeypatch.setattr(module, "_Waiter", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            http.send(a_request(server.url))
        thread.join()
        monkeypatch.undo()
        assert http.send(a_request(server.url)).body == b"0"
        http.close()


def _resolved(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let every name lead to these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
    resolve = socket.getaddrinfo

    def resolved(host: str, port: int, *_: Any, **options: Any) -> Any:
        return found if host == "venue.example" else resolve(host, port, *_, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.fixture
def deaf() -> Iterator[tuple[str, int]]:
    """Have an address that takes no connections and refuses none."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(address)
        yield address
        for caller in callers:
            caller.close()


def test_a_host_with_a_dead_address(
    deaf: tuple[str, int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the addresses of a host those that refuse, or do not answer, are passed over in time."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        refusing = closed.getsockname()
    server = opened(_keeps)
    _resolved(monkeypatch, refusing, deaf, ("127.0.0.1", server.port))
    assert opened().send(a_request("http://venue.example/", connect=0.8, total=3.0)).status == 200


def test_a_host_that_does_not_answer(
    deaf: tuple[str, int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is not opened in time proves that nothing was sent; its place is free again."""
    _resolved(monkeypatch, deaf, deaf)
    client = opened(max_connections=1)
    for _ in range(2):
        with Stopwatch() as watch:
            with pytest.raises(ConnectFailed) as caught:
                client.send(a_request("http://venue.example/", connect=0.3))
            assert not caught.value.maybe_executed
        assert watch.seconds < 0.6
    assert _taken(client) == (0, 0)


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an event loop the limits hold for looking up names, too."""

    async def main() -> None:
        async def hangs(*_: Any, **__: Any) -> None:
            await asyncio.sleep(10)

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hangs)
        http = AsyncHttp(HttpOptions())
        with Stopwatch() as watch:
            with pytest.raises(ConnectFailed):
                await http.send(a_request("http://venue.example/", total=0.2))
        assert watch.seconds < 0.4
        await http.aclose()

    asyncio.run(main())


@pytest.mark.parametrize("literal", [True, False])
def test_ipv6(literal: bool, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A venue with an IPv6 address is reached, and told its name as it was written."""
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        heard.append(connection.recv(1000))
        connection.sendall(answer())
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    if not literal:
        found = [(socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", port, 0, 0))]
        plain = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **o: found if host == "v6" else plain(host, *a, **o)
        )
    host = "[::1]" if literal else "v6"
    assert opened().send(a_request(f"http://{host}:{port}/")).status == 200
    thread.join()
    listener.close()
    assert f"\r\nHost: {host}:{port}\r\n".encode() in heard[0]


def test_who_sends_what(opened: Open) -> None:
    """Only orders and cancels go over our own connections; not through a proxy, nor if told otherwise."""
    server = opened(_keeps)
    for lane, options, own in (
        ("write", {}, True),
        ("cancel", {}, True),
        ("read", {}, False),
        ("write", {"lean": False}, False),
        ("write", {"proxy": server.url}, False),
    ):
        client = opened(**options)
        assert client.send(a_request(server.url, lane=lane)).status == 200
        assert bool(client.http._lean) is own


def test_a_client_of_the_caller() -> None:
    """A client that is handed in sends everything itself."""
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        Http(HttpOptions(), client).send(a_request("http://venue.example/order"))
    assert asked == ["/order"]


class _Deaf(asyncio.SelectorEventLoop):
    """Cannot watch sockets, as the event loop that Windows starts with."""

    add_reader = asyncio.AbstractEventLoop.add_reader


def test_loops_that_cannot_watch_sockets() -> None:
    """There httpx sends orders as well."""

    async def main(url: str) -> None:
        http = AsyncHttp(HttpOptions())
        assert (await http.send(a_request(url))).status == 200
        assert not http._lean
        await http.aclose()

    with nothing_left(), RawServer(_keeps) as server, asyncio.Runner(loop_factory=_Deaf) as runner:
        runner.run(main(server.url))


_FORKS = """
import asyncio, os, sys
from polyspec.io.http import Http
from polyspec.io.http_async import AsyncHttp
from polyspec.io.options import HttpOptions
from tests.unit.calls import a_request

url, colour = sys.argv[1:]
request = a_request(url)
http = Http(HttpOptions()) if colour == "sync" else AsyncHttp(HttpOptions())
send = http.send if colour == "sync" else lambda request: asyncio.run(http.send(request))
runner = asyncio.Runner()
if colour == "async":
    send = lambda request: runner.run(http.send(request))
first = send(request).body
if colour == "sync":
    http._lock.acquire()
child = os.fork()
if child == 0:
    send = http.send if colour == "sync" else lambda request: asyncio.run(http.send(request))
    os._exit(0 if [send(request).body for _ in range(2)] == [b"1", b"1"] and first == b"0" else 1)
if colour == "sync":
    http._lock.release()
status = os.waitpid(child, 0)[1]
# the child closed its copies, and with them nothing of ours
sys.exit(status or send(request).body != b"0")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_forked_processes(kind: str) -> None:
    """A forked process opens connections of its own, whatever locks were held, and leaves ours alone."""
    with RawServer(_keeps) as server:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _FORKS, server.url, kind],
            cwd=Path(__file__).parents[2],
            timeout=30,
            check=False,
        )
        assert done.returncode == 0
        assert server.connections == 2


def test_threads_share_connections() -> None:
    """What was opened in one thread is used by another."""
    with nothing_left(), RawServer(_keeps) as server:
        http = Http(HttpOptions())
        for _ in range(3):
            thread = threading.Thread(target=http.send, args=(a_request(server.url),))
            thread.start()
            thread.join()
        http.close()
        assert (server.connections, len(server.requests)) == (1, 3)
