"""How the blocking client writes requests, and what it does not keep of answers."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from polyspec.io.options import HttpOptions
from polyspec.io.pool import _Stream, new_client
from polyspec.io.pool_async import new_client as new_async_client


class _Plain(httpcore.NetworkStream):
    """Notes what is asked of a socket, in order."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.done.append(buffer)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.done.append("read")
        return b""


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 30_000])
def test_head_and_body_leave_together(body: bytes) -> None:
    """A request is one write to the socket, not one for its head and one for its body."""
    plain = _Plain()
    stream = _Stream(plain)
    for part in (b"POST / HTTP/1.1\r\n\r\n", body, b""):
        stream.write(part)
    stream.read(1)
    assert plain.done == [b"POST / HTTP/1.1\r\n\r\n" + body, "read"]


def test_what_was_written_leaves_before_an_answer_is_awaited() -> None:
    """Nothing is held back once an answer is read, however the library above ends its requests."""
    plain = _Plain()
    stream = _Stream(plain)
    stream.write(b"GET / HTTP/1.1\r\n\r\n")
    assert plain.done == []
    stream.read(1)
    stream.read(1)
    assert plain.done == [b"GET / HTTP/1.1\r\n\r\n", "read", "read"]


def test_long_bodies_leave_in_pieces_and_whole() -> None:
    """A body that does not fit into one piece arrives complete and in order, and is not gathered first."""
    plain = _Plain()
    stream = _Stream(plain)
    parts = [b"head", *(bytes([number]) * 50_000 for number in range(8)), b""]
    for count, part in enumerate(parts):
        stream.write(part)
        assert count < 3 or plain.done
    assert b"".join(piece for piece in plain.done if isinstance(piece, bytes)) == b"".join(parts)
    assert all(len(piece) <= 65_536 for piece in plain.done)


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9"])
@pytest.mark.parametrize("make", [new_client, new_async_client])
def test_cookies_are_not_kept(make: type, proxy: str | None) -> None:
    """What a server wants remembered is forgotten."""
    client = make(HttpOptions(proxy=proxy), 1)
    request = httpx.Request("GET", "http://testserver/")
    client.cookies.extract_cookies(
        httpx.Response(200, headers={"set-cookie": "session=1; path=/"}, request=request)
    )
    assert not client.cookies
