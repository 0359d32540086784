"""Reading answers off connections of our own, however they are cut up."""

from __future__ import annotations

import gzip
from itertools import pairwise

import pytest
from httptools import HttpParserError
from hypothesis import given
from hypothesis import strategies as st

from polyspec.errors import DecodeError, TransportError
from polyspec.io.lean_answer import Incoming
from tests.client.rawserver import answer

_CHUNKED = b"HTTP/1.1 200 OK\r\nDate: today\r\ntransfer-encoding: chunked\r\n\r\n"
_HINTS = b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hints\r\nlink: </a>\r\n\r\n"

WHOLE = {
    "length": answer(b'{"a":1}'),
    "chunks": _CHUNKED + b'4\r\n{"a"\r\n3;x=y\r\n:1}\r\n0\r\nx-sum: 1\r\n\r\n',
    "hints": _HINTS + answer(b'{"a":1}'),
    "packed": answer(gzip.compress(b'{"a":1}'), "200 OK", "content-encoding: gzip"),
}


def _fed(incoming: Incoming, data: bytes, cuts: list[int]) -> bool:
    """Feed an answer in pieces; only the last may complete it."""
    edges = [0, *sorted(cuts), len(data)]
    pieces = [piece for start, end in pairwise(edges) if (piece := data[start:end])]
    done = [incoming.feed(piece) for piece in pieces]
    assert not any(done[:-1])
    return done[-1]


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.integers(0, 200), max_size=9))
def test_cuts_do_not_matter(name: str, cuts: list[int]) -> None:
    """An answer is the same however it is cut up, and complete with its last byte, not before."""
    incoming = Incoming(1000)
    assert _fed(incoming, WHOLE[name], [min(cut, len(WHOLE[name])) for cut in cuts])
    assert (incoming.status, incoming.body(), incoming.keep) == (200, b'{"a":1}', True)
    assert "x-sum" not in incoming.headers
    assert "link" not in incoming.headers


@given(st.lists(st.sampled_from(sorted(WHOLE)), min_size=2, max_size=6))
def test_one_answer_after_the_other(names: list[str]) -> None:
    """Nothing of an answer is left for the next on the same connection."""
    incoming = Incoming(1000)
    for number, name in enumerate(names):
        incoming.expect()
        assert incoming.status == 0
        assert incoming.feed(WHOLE[name].replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 %d OK" % (210 + number)))
        assert incoming.status == 210 + number
        assert incoming.body() == b'{"a":1}'
        assert ("content-encoding" in incoming.headers) is (name == "packed")
        assert ("date" in incoming.headers) is (name == "chunks")


def test_names_are_small_and_values_trimmed() -> None:
    """Header names are in lower case, values without the spaces around them."""
    incoming = Incoming(10)
    incoming.feed(b"HTTP/1.1 204 OK\r\nX-Request-ID: \t a b \t\r\nDATE:\r\n\r\n")
    assert incoming.headers == {"x-request-id": "a b", "date": ""}


def test_strange_names_are_not_kept() -> None:
    """A server that makes up names fills no memory of ours."""
    for number in range(30):
        lines = b"".join(b"x-%d-%d: 1\r\n" % (number, each) for each in range(100))
        incoming = Incoming(10)
        incoming.feed(b"HTTP/1.1 204 OK\r\n" + lines + b"\r\n")
        assert incoming.headers[f"x-{number}-99"] == "1"
    from polyspec.io import lean_answer

    assert len(lean_answer._names) <= 1000


@pytest.mark.parametrize(
    ("data", "keep"),
    [
        (answer(), True),
        (answer(b"{}", "200 OK", "connection: close"), False),
        (answer(b"{}", "200 OK", "connection: keep-alive"), True),
        (answer().replace(b"1.1", b"1.0"), False),
        (b"HTTP/1.1 204 OK\r\n\r\n", True),
        (b"HTTP/1.1 304 OK\r\ncontent-length: 10\r\n\r\n", True),
        (_CHUNKED + b"0\r\n\r\n", True),
        (answer() + b"x", False),
        (answer() + answer(), False),
        (b"HTTP/1.1 204 OK\r\ncontent-length: 2\r\n\r\n{}", False),
    ],
)
def test_which_connections_are_kept(data: bytes, keep: bool) -> None:
    """A connection is kept if the server says so and nothing came behind its answer."""
    incoming = Incoming(1000)
    assert incoming.feed(data)
    assert incoming.keep is keep


def test_an_answer_that_ends_with_its_connection() -> None:
    """Without a length or chunks the body is what comes before the end; the connection is not kept."""
    incoming = Incoming(1000)
    assert not incoming.feed(b"HTTP/1.1 200 OK\r\n\r\n{")
    assert not incoming.feed(b"}")
    incoming.end()
    assert (incoming.body(), incoming.keep) == (b"{}", False)


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.parametrize("left", [1, 10, 40])
def test_an_answer_cut_off(name: str, left: int) -> None:
    """The end of the connection completes no other answer."""
    incoming = Incoming(1000)
    assert not incoming.feed(WHOLE[name][:-left])
    with pytest.raises(TransportError, match="before the answer was complete"):
        incoming.end()


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nx: ", _CHUNKED + b"2;", _CHUNKED + b"2\r\n{}\r\n0\r\nx: ", _HINTS]
)
def test_what_is_no_body_is_limited(head: bytes) -> None:
    """Heads, trailers, extensions and hints without end are not read without end."""
    incoming = Incoming(10**9)
    more = _HINTS if head == _HINTS else b"y" * len(_HINTS)
    incoming.feed(head)
    with pytest.raises(TransportError, match="more than 65536 bytes"):
        all(incoming.feed(more * 10) is False for _ in range(1000))


def test_small_chunks_are_no_abuse() -> None:
    """A long body in tiny chunks, most of whose bytes are no body, is read to its end."""
    incoming = Incoming(200_000)
    incoming.feed(_CHUNKED)
    for _ in range(1000):
        assert not incoming.feed(b"1\r\n{\r\n" * 100)
    assert incoming.feed(b"0\r\n\r\n")
    assert len(incoming.body()) == 100_000


@pytest.mark.parametrize("status", [101, 99, 0])
def test_answers_nobody_can_use(status: int) -> None:
    """A switch of protocols and what is no status are refused, not waited for."""
    with pytest.raises(TransportError, match=f"status {status}") as caught:
        Incoming(10).feed(b"HTTP/1.1 %03d OK\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n" % status)
    assert caught.value.maybe_executed


def test_errors_while_another_is_handled() -> None:
    """What is wrong with an answer is told the same inside of an except clause of the caller."""
    try:
        {}["nothing"]
    except KeyError:
        with pytest.raises(DecodeError, match="larger than 10 bytes"):
            Incoming(10).feed(answer(b"x" * 11))
        with pytest.raises(HttpParserError, match="Expected HTTP/"):
            Incoming(10).feed(b"SSH-2.0-OpenSSH_9.6\r\n")
        assert Incoming(10).feed(answer() + b"SSH-2.0-OpenSSH_9.6\r\n")


def test_interrupts_in_the_middle_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt that hits while an answer is read comes out as one."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("polyspec.io.lean_answer.Body.add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Incoming(10).feed(answer())
