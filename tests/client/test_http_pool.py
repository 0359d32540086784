"""How the blocking client writes requests, lends connections, and what it does not keep of answers."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from polyspec.io.lending import KEPT, Lending
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


class _Connection(httpx.HTTPTransport):
    """Answers without a network, and notes what became of it."""

    def __init__(self, made: list[_Connection]) -> None:
        made.append(self)
        self.asked: list[str] = []
        self.closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        if request.url.path == "/fails":
            raise httpx.ReadError("broken")
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    def close(self) -> None:
        self.closed += 1


def _lending(size: int) -> tuple[Lending, list[_Connection]]:
    made: list[_Connection] = []
    return Lending(lambda: _Connection(made), size), made


def _ask(pool: Lending, host: str = "venue", path: str = "/") -> httpx.Response:
    request = httpx.Request("GET", f"http://{host}{path}", extensions={"timeout": {"pool": 0.05}})
    return pool.handle_request(request)


def test_a_connection_in_use_is_lent_to_nobody_else() -> None:
    """Two open answers have two connections; the third caller waits, and is told that nothing was sent."""
    pool, made = _lending(2)
    answers = [_ask(pool), _ask(pool)]
    assert len(made) == 2
    with pytest.raises(httpx.PoolTimeout):
        _ask(pool)
    for answer in answers:
        answer.close()
        answer.close()
    held = [_ask(pool), _ask(pool)]
    with pytest.raises(httpx.PoolTimeout):
        _ask(pool)
    assert len(held) == len(made) == 2


def test_a_failed_request_gives_its_connection_back() -> None:
    """However many requests fail, the pool does not run dry."""
    pool, made = _lending(1)
    for _ in range(3):
        with pytest.raises(httpx.ReadError):
            _ask(pool, path="/fails")
    _ask(pool).close()
    assert len(made) == 1


def test_connections_are_kept_by_host() -> None:
    """Asking a second host does not cost the first one its connection, unless there is no room for both."""
    pool, made = _lending(2)
    for host in ("venue", "issuer", "venue", "issuer", "third", "issuer"):
        _ask(pool, host).close()
    assert [each.asked for each in made] == [["venue", "venue", "third"], ["issuer"] * 3]


def test_connections_not_needed_grow_old_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection used last is used next; those idle for long are closed."""
    now = 1000.0
    monkeypatch.setattr("polyspec.io.lending.time.monotonic", lambda: now)
    pool, made = _lending(5)
    for answer in [_ask(pool), _ask(pool), _ask(pool)]:
        answer.close()
    for _ in range(4):
        now += KEPT / 3
        _ask(pool).close()
    assert [(len(each.asked), each.closed) for each in made] == [(1, 1), (1, 1), (5, 0)]


def test_closing_closes_what_is_lent_too() -> None:
    """After close nothing is open, whoever uses it, and nothing is lent any more."""
    pool, made = _lending(3)
    idle, busy = _ask(pool), _ask(pool)
    idle.close()
    pool.close()
    assert all(each.closed for each in made)
    busy.close()
    with pytest.raises(httpx.ConnectError):
        _ask(pool)
    assert len(made) == 2


def test_a_connection_that_cannot_be_made_takes_no_place() -> None:
    """If opening fails before anything is sent, the place is free again."""

    def broken() -> httpx.HTTPTransport:
        raise ImportError("a library for this kind of proxy is missing")

    pool = Lending(broken, 1)
    for _ in range(2):
        with pytest.raises(ImportError):
            _ask(pool)
