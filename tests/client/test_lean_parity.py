"""The same wicked servers against connections of our own and against httpx: who says what."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from polyspec.errors import PolyspecError
from polyspec.io.options import HttpOptions
from tests.client.colours import COLOURS, Colour, SyncColour, nothing_left
from tests.client.rawserver import Peer, RawServer, after_request, answer, sends
from tests.unit.calls import a_request

_OK = b"HTTP/1.1 200 OK\r\n"
_TWO = b"content-length: 2\r\n"
_CHUNKED = _OK + b"transfer-encoding: chunked\r\n\r\n"
_PACKED = gzip.compress(b'{"id":"1"}')


def _with(*headers: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """Lay out an answer of two bytes with odd headers."""
    return b"\r\n".join([status, *headers, b"content-length: 2", b"", b"{}"])


def _packed(body: bytes, coding: str) -> bytes:
    return answer(body, "200 OK", f"content-encoding: {coding}")


ANSWERS = {
    "plain": answer(b'{"a":1}'),
    "no reason": _with(status=b"HTTP/1.1 200"),
    "odd reason": _with(status=b"HTTP/1.1 200 \xe9t\xe9"),
    "old": _with(status=b"HTTP/1.0 200 OK"),
    "older": b"{}",
    "newer": _with(status=b"HTTP/2.0 200 OK"),
    "status of two digits": _with(status=b"HTTP/1.1 20 OK"),
    "status of four digits": _with(status=b"HTTP/1.1 2000 OK"),
    "status of letters": _with(status=b"HTTP/1.1 abc OK"),
    "strange status": _with(status=b"HTTP/1.1 999 OK"),
    "refusal": answer(b'{"message":"no"}', "400 Bad"),
    "page": answer(b"<html>", "502 Bad Gateway"),
    "chunked": _CHUNKED + b"2\r\n{}\r\n0\r\n\r\n",
    "chunked, trailers": _CHUNKED + b"2\r\n{}\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n",
    "chunked, extensions": _CHUNKED + b"2;a=b\r\n{}\r\n0\r\n\r\n",
    "chunked, empty": _CHUNKED + b"0\r\n\r\n",
    "chunked twice over": _OK + b"transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked, with a length": _OK + b"transfer-encoding: chunked\r\n" + _TWO + b"\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunk of huge size": _CHUNKED + b"ffffffffffffffffff\r\n{}",
    "chunk of negative size": _CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "chunk of size 0x2": _CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "chunk, a space": _CHUNKED + b"2 \r\n{}\r\n0\r\n\r\n",
    "chunk without an end": _CHUNKED + b"2\r\n{}0\r\n\r\n",
    "chunk lines without CR": _CHUNKED + b"2\n{}\n0\n\n",
    "a coding nobody knows": _OK + b"transfer-encoding: gzip\r\n\r\nabc",
    "until closed": _OK + b"\r\n{}",
    "until closed, nothing": _OK + b"\r\n",
    "until closed, old": b"HTTP/1.0 200 OK\r\n\r\n{}",
    "no content": b"HTTP/1.1 204 None\r\n\r\n",
    "no content, a length": b"HTTP/1.1 204 None\r\ncontent-length: 0\r\n\r\n",
    "no content, a body": b"HTTP/1.1 204 None\r\ncontent-length: 2\r\n\r\n{}",
    "not modified": b"HTTP/1.1 304 Same\r\ncontent-length: 9\r\n\r\n",
    "reset content": b"HTTP/1.1 205 Reset\r\ncontent-length: 0\r\n\r\n",
    "go on first": b"HTTP/1.1 100 Go on\r\n\r\n" + answer(),
    "hints first": b"HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 103 Hints\r\nlink: </a>\r\n\r\n" + answer(),
    "switch of protocols": b"HTTP/1.1 101 Go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nxx",
    "switch without a word": b"HTTP/1.1 101 Go\r\n\r\nxx",
    "status 099": _with(status=b"HTTP/1.1 099 OK"),
    "upgrade offered": answer(b"{}", "200 OK", "connection: upgrade", "upgrade: h2c"),
    "lines without CR": b"HTTP/1.1 200 OK\ncontent-length: 2\n\n{}",
    "folded": _with(b"x: a\r\n b"),
    "space before the colon": _with(b"x : a"),
    "no colon": _with(b"x"),
    "no name": _with(b": a"),
    "no value": _with(b"x:"),
    "spaces around": _with(b"x:  \t a b \t "),
    "NUL": _with(b"x: a\x00b"),
    "control": _with(b"x: a\x01b"),
    "latin": _with(b"x: \xe9"),
    "utf-8": _with("x: \u20ac".encode()),
    "CR in a value": _with(b"x: a\rb"),
    "repeated": _with(b"X-A: 1", b"x-a: 2", b"X-a:"),
    "cookies": _with(b"set-cookie: a=1, b", b"set-cookie: c=2"),
    "same length twice": _OK + _TWO + _TWO + b"\r\n{}",
    "same length twice in one": _OK + b"content-length: 2, 2\r\n\r\n{}",
    "two lengths": _OK + _TWO + b"content-length: 3\r\n\r\n{}",
    "length +2": _OK + b"content-length: +2\r\n\r\n{}",
    "length 0x2": _OK + b"content-length: 0x2\r\n\r\n{}",
    "length -1": _OK + b"content-length: -1\r\n\r\n{}",
    "huge length": _OK + b"content-length: 99999999999999999999\r\n\r\n{}",
    "no length": _OK + b"content-length: \r\n\r\n{}",
    "garbage behind": answer() + b"garbage",
    "an answer behind": answer() + answer(b"[]"),
    "lines behind": answer() + b"\r\n\r\n",
    "lines before": b"\r\n\r\n" + answer(),
    "spaces before": b"   " + answer(),
    "packed": _packed(_PACKED, "gzip"),
    "packed, shouted": _packed(_PACKED, "GZIP"),
    "packed, old name": _packed(_PACKED, "x-gzip"),
    "deflated": _packed(zlib.compress(b"{}"), "deflate"),
    "packed twice": _packed(gzip.compress(_PACKED), "gzip, gzip"),
    "packed, nothing": _packed(b"", "gzip"),
    "packed, cut": _packed(_PACKED[:-4], "gzip"),
    "packed, not really": _packed(b"{}", "gzip"),
    "packed, and junk": _packed(_PACKED + b"junk", "gzip"),
    "packed otherwise": _packed(b"{}", "br"),
    "not packed": _packed(b"{}", "identity"),
    "too large": answer(b"x" * 1001),
    "just small enough": answer(b"x" * 1000),
    "long head": _with(b"x: " + b"y" * 60_000),
    "endless head": _with(b"x: " + b"y" * 1_000_000),
    "to be closed": answer(b"{}", "200 OK", "connection: close"),
    "cut in the body": _OK + b"content-length: 9\r\n\r\n{}",
    "cut in the head": _OK + b"content-le",
    "nothing": b"",
    "an alert": b"\x15\x03\x01\x00\x02\x02\x46",
}

STRICTER = {
    "lines without CR",
    "folded",
    "control",
    "chunk, a space",
}
"""What both colours of httpx read, and connections of our own refuse: as unknown, so that nothing is lost."""


Outcome = tuple[Any, ...]


def _outcome(colour: type[Colour], data: bytes, *, lean: bool) -> Outcome:
    with nothing_left(), RawServer(after_request(sends(data), Peer.close)) as server:
        client = colour(HttpOptions(lean=lean, max_body=1000))
        try:
            reply = client.send(a_request(server.url, total=3.0))
        except PolyspecError as error:
            return type(error), error.maybe_executed, getattr(error, "malformed", None)
        finally:
            client.close()
    return reply.status, dict(reply.headers), reply.body


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_read_alike(name: str) -> None:
    """Both colours of our own agree, with httpx where its colours agree, and else with one of them."""
    data = ANSWERS[name]
    sync, asynchronous = (_outcome(colour, data, lean=True) for colour in COLOURS)
    assert sync == asynchronous
    theirs = [_outcome(colour, data, lean=False) for colour in COLOURS]
    if name in STRICTER:
        assert theirs[0] == theirs[1] != sync
        assert sync[1:] == (True, None)
    else:
        assert sync in theirs


def test_the_first_answer_counts() -> None:
    """A second answer behind the one that was asked for does not take its place."""
    for colour in COLOURS:
        assert _outcome(colour, ANSWERS["an answer behind"], lean=True)[2] == b"{}"


def _seen(colour: type[Colour], path: str, method: str, body: bytes | None, *, lean: bool) -> Outcome:
    with RawServer(after_request(sends(answer()))) as server:
        client = colour(HttpOptions(lean=lean))
        client.send(a_request(server.url + path, method, body))
        client.close()
        received = server.requests[0]
        assert received.headers.pop("host") == f"127.0.0.1:{server.port}"
        return received.line, list(received.headers.items()), received.body


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "GET"])
@pytest.mark.parametrize("body", [None, b"", b'{"size":"1"}', b"x" * 200_000])
@pytest.mark.parametrize("path", ["", "/", "/v1/a%2Fb?c=d%20e&f", "?q=1", "/a b", "/\u00fc"])
def test_requests_look_alike(path: str, body: bytes | None, method: str) -> None:
    """Our requests are httpx's: the same line, the same headers in the same order, the same body."""
    theirs = _seen(SyncColour, path, method, body, lean=False)
    assert [_seen(colour, path, method, body, lean=True) for colour in COLOURS] == [theirs, theirs]
