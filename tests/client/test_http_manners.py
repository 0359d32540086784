"""The manners of both colours towards servers that behave, and towards callers that do not."""

from __future__ import annotations

import gzip
import time

import pytest

from polyspec.core.effects import Flow, Request, Sleep
from polyspec.errors import ConfigError, ConnectFailed, TransportError
from tests.client.colours import Colour, Open, SyncColour
from tests.client.rawserver import Peer, after_request, answer, sends
from tests.stopwatch import Stopwatch
from tests.unit.calls import a_request


def test_kept_connection_closed_while_idle(opened: Open) -> None:
    """A connection the server gave up in the meantime is not used again."""

    def script(peer: Peer, _number: int) -> None:
        peer.request()
        peer.send(answer())
        peer.close()

    server = opened(script)
    client = opened()
    for count in (1, 2, 3):
        assert client.send(a_request(server.url)).status == 200
        time.sleep(0.05)
        client.drive(_pause())
        assert len(server.requests) == server.connections == count


def _pause() -> Flow[None]:
    yield Sleep(0.02)


def test_kept_connections_are_used_again(opened: Open) -> None:
    """Calls in a row share one connection."""

    def script(peer: Peer, _number: int) -> None:
        while peer.request() is not None:
            peer.send(answer(b'{"id":"1"}'))

    server = opened(script)
    client = opened()
    for _ in range(5):
        assert client.send(a_request(server.url)).body == b'{"id":"1"}'
    assert server.connections == 1


@pytest.mark.parametrize("apart", [False, True])
def test_an_answer_nobody_asked_for(opened: Open, apart: bool) -> None:
    """What comes behind an answer is not taken for that to the next request, which goes another way."""

    def script(peer: Peer, number: int) -> None:
        while peer.request() is not None:
            told, odd = answer(b'{"id":"%d"}' % number), answer(b'{"id":"odd"}')
            for each in (told, odd) if apart else (told + odd,):
                peer.send(each)
                time.sleep(0.02)

    server = opened(script)
    client = opened()
    for number in range(3):
        assert client.send(a_request(server.url)).body == b'{"id":"%d"}' % number
        time.sleep(0.05)
        client.drive(_pause())
    assert server.connections == 3


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 For Good"])
def test_redirects_are_not_followed(status: str, opened: Open) -> None:
    """A redirect is an answer like another: neither request nor credential reaches the host it names."""
    elsewhere = opened(after_request(sends(answer())))
    server = opened(after_request(sends(answer(b"", status, f"location: {elsewhere.url}/v1"))))
    reply = opened().send(a_request(server.url, "GET", None))
    assert reply.status == int(status[:3])
    assert len(server.requests) == 1
    assert elsewhere.connections == 0


def test_interim_answers_are_passed_over(opened: Open) -> None:
    """1xx answers before the real one are not mistaken for it."""
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    server = opened(after_request(sends(hints + answer(b'{"id":"9"}'))))
    reply = opened().send(a_request(server.url))
    assert (reply.status, reply.body) == (200, b'{"id":"9"}')


def _status_or_unknown(client: Colour, request: Request) -> int | None:
    try:
        return client.send(request).status
    except TransportError as error:
        if not error.maybe_executed:
            raise
        return None


def test_switch_of_protocols(opened: Open) -> None:
    """A 101 nobody asked for ends the call in time and keeps no connection."""
    server = opened(
        after_request(sends(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"))
    )
    client = opened()
    with Stopwatch() as watch:
        status = _status_or_unknown(client, a_request(server.url, total=0.4))
        assert status in (101, None)
    assert watch.seconds < 0.55
    assert server.settled()


def test_answer_before_the_body_was_read(opened: Open) -> None:
    """A server that answers without reading a large body holds nobody up beyond the deadline."""

    def script(peer: Peer, _number: int) -> None:
        peer.connection.recv(1000)
        peer.send(answer(b'{"message":"too large"}', "413 Too Large"))
        peer.server.stopping.wait(3)

    server = opened(script)
    client = opened()
    with Stopwatch() as watch:
        status = _status_or_unknown(client, a_request(server.url, body=b"x" * 30_000_000, total=0.6))
        assert status in (413, None)
    assert watch.seconds < 0.75


def test_packed_answers_are_unpacked(opened: Open) -> None:
    """Packed answers come out whole, one that was packed in two parts included."""
    packed = gzip.compress(b'{"id":') + gzip.compress(b'"1"}')
    server = opened(after_request(sends(answer(packed, "200 OK", "content-encoding: gzip"))))
    assert opened().send(a_request(server.url)).body == b'{"id":"1"}'


def test_repeated_headers_are_joined(opened: Open) -> None:
    """Of a repeated header no value is lost."""
    server = opened(after_request(sends(answer(b"", "429 Slow", "Retry-After: 3", "retry-after: 30"))))
    assert opened().send(a_request(server.url)).headers["retry-after"] == "3, 30"


def test_cookies_are_not_sent_back(opened: Open) -> None:
    """A cookie the server sets does not come back to it."""

    def script(peer: Peer, _number: int) -> None:
        while peer.request() is not None:
            peer.send(answer(b"{}", "200 OK", "set-cookie: session=1; path=/"))

    server = opened(script)
    client = opened()
    for _ in range(2):
        client.send(a_request(server.url))
    assert all("cookie" not in received.headers for received in server.requests)


AWKWARD = (
    "/v1/a%2Fb/c%3Fd%23e",
    "/v1/a%25b%20c%2Bd",
    "/v1/%C3%BC%E2%82%AC",
    "/v1/a:b@c;d=e,f!g'(h)*~",
    "/v1/x?cursor=a%2Bb%3D%3D&symbol=c+d&e=%2F%3F%26",
    "/v1/x?list=a%2Cb&empty=&name=%C3%BC",
)


@pytest.mark.parametrize("target", AWKWARD)
def test_addresses_arrive_as_written(target: str, opened: Open) -> None:
    """No layer rewrites a path or query: some venues sign these bytes."""
    server = opened(after_request(sends(answer())))
    opened().send(a_request(server.url + target, "GET", None))
    assert server.requests[0].line == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\x00b", "schlüssel", "\ud800"])
def test_headers_that_cannot_be_sent(value: str, opened: Open) -> None:
    """A header value that would break the request is refused before anything is sent, and not shown."""
    server = opened(after_request(sends(answer())))
    plain = a_request(server.url)
    request = type(plain)(
        method="POST", url=plain.url, headers=(("x-key", value),), body=b"{}", timeout=plain.timeout
    )
    with pytest.raises(ConfigError) as caught:
        opened().send(request)
    assert not caught.value.maybe_executed
    assert value not in str(caught.value)
    assert server.connections == 0


@pytest.mark.parametrize(
    "url", ["http://[::1", "ftp://127.0.0.1/", "http:///nowhere", "/relative", "http://a b/"]
)
def test_addresses_that_are_none(url: str, opened: Open) -> None:
    """A broken address is an error of ours that says that nothing was sent."""
    with pytest.raises((ConfigError, ConnectFailed)) as caught:
        opened().send(a_request(url))
    assert not caught.value.maybe_executed


def test_closed_client(opened: Open) -> None:
    """A closed client says so instead of opening connections nobody would close."""
    client = opened()
    server = opened(after_request(sends(answer())))
    client.send(a_request(server.url))
    client.close() if isinstance(client, SyncColour) else client._runner.run(client.http.aclose())
    with pytest.raises(ConfigError, match="closed"):
        client.send(a_request(server.url))
