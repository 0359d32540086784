"""What both colours make of a server that misbehaves: never a wrong word on whether it may have acted."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

import pytest

from polyspec.core.effects import Reply
from polyspec.errors import ConnectFailed, DecodeError, PolyspecError, TimedOut, TransportError
from tests.client.colours import Open
from tests.client.rawserver import Peer, after_request, answer, drips, sends, soon
from tests.unit.calls import a_request


class Fault(NamedTuple):
    """A way to misbehave, and what must be said of it."""

    script: Callable[[Peer, int], None]
    error: type[PolyspecError]
    requests: int = 1
    total: float = 2.0
    whole: bool = False
    """Whether the answer ends as it should, so that the connection may be kept."""


def _endless_hints(peer: Peer) -> None:
    while not peer.server.stopping.wait(0.05):
        peer.send(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")


_BODY = b'{"orderId":"1"}' * 40
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 600\r\n\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

FAULTS = {
    "reset before reading": Fault(soon(Peer.reset), TransportError, requests=0),
    "close before reading": Fault(soon(Peer.close), TransportError, requests=0),
    "reset after reading": Fault(after_request(Peer.reset), TransportError),
    "close after reading": Fault(after_request(Peer.close), TransportError),
    "close in the status line": Fault(after_request(sends(b"HTTP/1.1 2"), Peer.close), TransportError),
    "close in the head": Fault(after_request(sends(_HEAD[:30]), Peer.close), TransportError),
    "close before the body": Fault(after_request(sends(_HEAD), Peer.close), TransportError),
    "close in the body": Fault(after_request(sends(_HEAD + _BODY[:300]), Peer.close), TransportError),
    "close at the last byte": Fault(after_request(sends(_HEAD + _BODY[:599]), Peer.close), TransportError),
    "reset in the body": Fault(after_request(sends(_HEAD + _BODY[:300]), Peer.reset), TransportError),
    "close in a chunk": Fault(after_request(sends(_CHUNKED + b"9\r\nabc"), Peer.close), TransportError),
    "close between chunks": Fault(
        after_request(sends(_CHUNKED + b"2\r\n{}\r\n"), Peer.close), TransportError
    ),
    "chunk of no size": Fault(after_request(sends(_CHUNKED + b"zz\r\n{}\r\n")), TransportError),
    "hang": Fault(after_request(Peer.hang), TimedOut, total=0.3),
    "hang in the head": Fault(after_request(sends(_HEAD[:30]), Peer.hang), TimedOut, total=0.3),
    "hang in the body": Fault(after_request(sends(_HEAD + b"{"), Peer.hang), TimedOut, total=0.3),
    "begin late, then hang": Fault(
        after_request(lambda peer: time.sleep(0.25), sends(_HEAD + b"{"), Peer.hang), TimedOut, total=0.4
    ),
    "drip the head": Fault(after_request(drips(_HEAD)), TimedOut, total=0.4),
    "drip the body": Fault(after_request(sends(_HEAD), drips(_BODY)), TimedOut, total=0.4),
    "drip tiny chunks": Fault(after_request(sends(_CHUNKED), drips(b"1\r\n{\r\n" * 99)), TimedOut, total=0.4),
    "hints without end": Fault(after_request(_endless_hints), TimedOut, total=0.4),
    "another protocol": Fault(after_request(sends(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")), TransportError),
    "a bad length": Fault(
        after_request(sends(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n")), TransportError
    ),
    "two lengths": Fault(
        after_request(sends(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}")),
        TransportError,
    ),
    "a huge head": Fault(
        after_request(sends(b"HTTP/1.1 200 OK\r\nx-page: " + b"x" * 1_000_000 + b"\r\n\r\n")),
        TransportError,
    ),
    "a huge body": Fault(after_request(sends(answer(b"x" * 200_001))), DecodeError, whole=True),
    "a huge body in chunks": Fault(
        after_request(sends(_CHUNKED + b"10000\r\n" + b"x" * 65_536 + b"\r\n"), Peer.hang), DecodeError
    ),
    "a bomb": Fault(
        after_request(sends(answer(gzip.compress(b"0" * 30_000_000), "200 OK", "content-encoding: gzip"))),
        DecodeError,
        whole=True,
    ),
    "packed and cut": Fault(
        after_request(sends(answer(gzip.compress(_BODY)[:20], "200 OK", "content-encoding: gzip"))),
        DecodeError,
        whole=True,
    ),
    "packed wrongly": Fault(
        after_request(sends(answer(b"{} or so", "200 OK", "content-encoding: gzip"))),
        DecodeError,
        whole=True,
    ),
    "packed otherwise": Fault(
        after_request(sends(answer(b"\x0b\x02\x80", "200 OK", "content-encoding: br"))),
        DecodeError,
        whole=True,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_unknown_outcomes(name: str, opened: Open) -> None:
    """Whatever breaks once bytes may have left is told as perhaps executed, in time, sent at most once."""
    fault = FAULTS[name]
    server = opened(fault.script)
    client = opened(max_body=50_000)
    start = time.monotonic()
    with pytest.raises(fault.error) as caught:
        client.send(a_request(server.url, total=fault.total))
    assert time.monotonic() - start < fault.total + 0.15
    assert caught.value.maybe_executed
    assert isinstance(caught.value, TimedOut) is (fault.error is TimedOut)
    assert len(server.requests) == fault.requests
    assert server.connections == 1
    assert fault.whole or server.settled(), "the client kept a broken connection open"


def test_a_bomb_stays_small(opened: Open) -> None:
    """Unpacking stops at the limit: 100 MB of zeros never exist in memory."""
    packed = gzip.compress(b"0" * 100_000_000, 9)
    server = opened(after_request(sends(answer(packed, "200 OK", "content-encoding: gzip"))))
    client = opened(max_body=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="larger than 1000000 bytes"):
            client.send(a_request(server.url))
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_refused_connection(opened: Open) -> None:
    """A refused connection proves that nothing was sent."""
    server = opened(lambda peer, _: None)
    server.stop()
    with pytest.raises(ConnectFailed) as caught:
        opened().send(a_request(server.url))
    assert not caught.value.maybe_executed


def test_name_that_does_not_resolve(opened: Open) -> None:
    """A host name nobody knows proves that nothing was sent."""
    with pytest.raises(ConnectFailed) as caught:
        opened().send(a_request("http://no-such-host.invalid/"))
    assert not caught.value.maybe_executed


def test_no_connection_free(opened: Open) -> None:
    """A call that finds every connection taken was not sent, however short its deadline."""
    server = opened(after_request(Peer.hang))
    client = opened(max_connections=1)
    url = server.url
    first, second = client.send_all([a_request(url, total=1.0), a_request(url, total=0.4)])
    assert isinstance(first, TimedOut)
    assert isinstance(second, ConnectFailed)
    assert not second.maybe_executed
    assert len(server.requests) == 1


def test_cancels_have_connections_of_their_own(opened: Open) -> None:
    """Hung orders that hold every connection do not stand in front of a cancel."""

    def script(peer: Peer, _number: int) -> None:
        received = peer.request()
        if received is not None and received.line.startswith("DELETE"):
            peer.send(answer())

    server = opened(script)
    client = opened(max_connections=1)
    order = a_request(server.url, total=0.8)
    cancel = a_request(server.url, "DELETE", None, lane="cancel", total=0.5)
    hung, cancelled = client.send_all([order, cancel])
    assert isinstance(hung, TimedOut)
    assert isinstance(cancelled, Reply)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("end", [Peer.close, Peer.reset], ids=["close", "reset"])
def test_broken_kept_connection(method: str, end: Callable[[Peer], None], opened: Open) -> None:
    """A request that broke with a kept connection is not sent again by the library underneath."""

    def script(peer: Peer, _number: int) -> None:
        peer.request()
        peer.send(answer())
        peer.request()
        end(peer)

    server = opened(script)
    client = opened()
    body = b"{}" if method in ("POST", "PUT") else None
    assert client.send(a_request(server.url, method, body)).status == 200
    with pytest.raises(TransportError) as caught:
        client.send(a_request(server.url, method, body))
    assert caught.value.maybe_executed
    assert not isinstance(caught.value, TimedOut)
    assert len(server.requests) == 2
    assert server.connections == 1
