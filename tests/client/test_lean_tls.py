"""Connections of our own over TLS."""

from __future__ import annotations

import ssl
import threading
import time
from pathlib import Path

import pytest

from polyspec.errors import ConnectFailed, TransportError
from polyspec.io.http import Http
from polyspec.io.options import HttpOptions
from tests.client.certificates import certificate
from tests.client.colours import AsyncColour, Open, nothing_left
from tests.client.rawserver import Peer, RawServer, after_request, answer, sends
from tests.unit.calls import a_request


@pytest.fixture
def lean() -> bool:
    """Send over connections of our own only."""
    return True


def _keeps(peer: Peer, number: int) -> None:
    while peer.request() is not None:
        peer.send(answer(b"%d" % number))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_connections_are_kept(version: ssl.TLSVersion, tmp_path: Path, opened: Open) -> None:
    """What a server says to the TLS library alone, as tickets for later, ends no connection."""
    context, bundle = certificate(tmp_path, "localhost")
    context.minimum_version = context.maximum_version = version
    server = opened(_keeps, tls=context)
    client = opened(verify=bundle)
    for _ in range(4):
        assert client.send(a_request(f"https://localhost:{server.port}/")).body == b"0"
        time.sleep(0.02)


@pytest.mark.parametrize("end", [Peer.close, Peer.reset], ids=["close", "reset"])
def test_ends_are_noticed(end: object, tmp_path: Path, opened: Open) -> None:
    """A connection that ended while idle is not used again."""
    context, bundle = certificate(tmp_path, "localhost")
    ended = threading.Semaphore(0)

    def script(peer: Peer, _number: int) -> None:
        peer.request()
        peer.send(answer())
        time.sleep(0.05)
        end(peer)  # type: ignore[operator]
        ended.release()

    server = opened(script, tls=context)
    client = opened(verify=bundle)
    for _ in range(3):
        assert client.send(a_request(f"https://localhost:{server.port}/")).status == 200
        assert ended.acquire(timeout=10)
        time.sleep(0.05)
    assert len(server.requests) == 3


def test_large_bodies(tmp_path: Path, opened: Open) -> None:
    """Requests and answers of many records arrive complete, and the connection is kept."""
    context, bundle = certificate(tmp_path, "localhost")
    body = bytes(range(256)) * 10_000

    def script(peer: Peer, _number: int) -> None:
        while (received := peer.request()) is not None:
            peer.send(answer(received.body))

    server = opened(script, tls=context)
    client = opened(verify=bundle)
    for _ in range(2):
        assert client.send(a_request(f"https://localhost:{server.port}/", body=body)).body == body
    assert server.connections == 1


@pytest.mark.parametrize("theirs", [["http/1.1"], ["h2", "http/1.1"], ["h2"], []])
def test_only_http_1_is_offered(theirs: list[str], tmp_path: Path, opened: Open) -> None:
    """Whatever a server would rather speak, and whatever a context offered before, it is HTTP/1.1."""
    context, bundle = certificate(tmp_path, "localhost")
    if theirs:
        context.set_alpn_protocols(theirs)
    spoken: list[str | None] = []

    def script(peer: Peer, number: int) -> None:
        spoken.append(peer.connection.selected_alpn_protocol())  # type: ignore[attr-defined]
        _keeps(peer, number)

    server = opened(script, tls=context)
    ours = ssl.create_default_context(cafile=bundle)
    ours.set_alpn_protocols(["h2", "http/1.1"])
    assert opened(verify=ours).send(a_request(f"https://localhost:{server.port}/")).status == 200
    assert spoken == ["http/1.1" if "http/1.1" in theirs else None]


def test_a_context_others_change(tmp_path: Path, opened: Open) -> None:
    """If another library makes a shared context offer HTTP/2, nothing is sent to a server that takes it."""
    context, bundle = certificate(tmp_path, "localhost")
    context.set_alpn_protocols(["h2"])
    server = opened(_keeps, tls=context)
    ours = ssl.create_default_context(cafile=bundle)
    client = opened(verify=ours)
    client.http._fast("write") if not isinstance(client, AsyncColour) else client._run(_first(client))
    ours.set_alpn_protocols(["h2"])
    with pytest.raises(ConnectFailed, match="h2") as caught:
        client.send(a_request(f"https://localhost:{server.port}/"))
    assert not caught.value.maybe_executed
    assert server.requests == []


async def _first(client: AsyncColour) -> None:
    client.http._fast("write")


def test_reset_on_a_kept_connection(tmp_path: Path, opened: Open) -> None:
    """A request that met the end of its connection may have arrived, and is not sent again."""
    context, bundle = certificate(tmp_path, "localhost")

    def script(peer: Peer, _number: int) -> None:
        peer.request()
        peer.send(answer())
        peer.request()
        peer.reset()

    server = opened(script, tls=context)
    client = opened(verify=bundle)
    client.send(a_request(f"https://localhost:{server.port}/"))
    with pytest.raises(TransportError) as caught:
        client.send(a_request(f"https://localhost:{server.port}/"))
    assert caught.value.maybe_executed
    assert len(server.requests) == 2


def test_many_threads(tmp_path: Path) -> None:
    """A thousand requests from sixteen threads, over fewer connections, all come through."""
    context, bundle = certificate(tmp_path, "localhost")
    failed: list[BaseException] = []
    with nothing_left(), RawServer(_keeps, tls=context) as server:
        http = Http(HttpOptions(verify=bundle, max_connections=10))
        url = f"https://localhost:{server.port}/"

        def work() -> None:
            for _ in range(63):
                try:
                    assert http.send(a_request(url, total=10.0)).status == 200
                except BaseException as error:
                    failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        http.close()
        assert failed == []
        assert len(server.requests) == 16 * 63
        assert server.connections <= 10


def test_an_answer_without_a_farewell(tmp_path: Path, opened: Open) -> None:
    """An answer that should have gone on is none, even if its connection just ended."""
    context, bundle = certificate(tmp_path, "localhost")
    server = opened(after_request(sends(answer(b"x" * 50)[:-1]), Peer.close), tls=context)
    with pytest.raises(TransportError) as caught:
        opened(verify=bundle).send(a_request(f"https://localhost:{server.port}/"))
    assert caught.value.maybe_executed
