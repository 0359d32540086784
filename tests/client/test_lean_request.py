"""The bytes of requests on connections of our own."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.core.effects import Request, Timeouts
from polyspec.errors import ConfigError
from polyspec.io.build import as_httpx
from polyspec.io.lean_request import Origin, lay_out

_TIMES = Timeouts(1, 2, 3, 4)
_HEADERS = (("accept", "application/json"), ("authorization", "Bearer abc"))

URLS = (
    "http://127.0.0.1:8080/v1/orders?symbol=a%2Fb",
    "https://api.example.com/v1/orders",
    "https://api.example.com:443/",
    "http://api.example.com:443/",
    "http://api.example.com:80",
    "https://API.example.com/V1/Orders",
    "https://[2001:db8::1]:8443/v1",
    "https://[2001:db8::1]/v1",
    "https://b\u00fccher.example/v1",
    "https://api.example.com?cursor=LTE%3D",
    "https://api.example.com/a b/\u00fc#part",
    'https://api.example.com/<{"a"}>',
    "https://api.example.com/100%25",
)


def _made(url: str, headers: tuple[tuple[str, str], ...] = _HEADERS, method: str = "POST") -> bytes:
    return lay_out(Request(method, url, headers, b"{}", _TIMES, lane="write")).data


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("body", [None, b"", b'{"quantity":"1"}'])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_requests_are_those_of_httpx(method: str, body: bytes | None, url: str) -> None:
    """Line, headers and body are what httpx would be given to send, to the byte."""
    request = Request(method, url, _HEADERS, body, _TIMES, lane="write")
    theirs = as_httpx(request)
    lines = [f"{method} ".encode() + theirs.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in theirs.headers.raw]
    assert lay_out(request).data == b"\r\n".join([*lines, b"", body or b""])


@pytest.mark.parametrize(
    ("url", "tls", "host", "port", "name"),
    [
        ("https://api.example.com/x", True, "api.example.com", 443, "api.example.com"),
        ("http://api.example.com", False, "api.example.com", 80, "api.example.com"),
        ("http://api.example.com:443?x", False, "api.example.com", 443, "api.example.com:443"),
        ("https://[2001:db8::1]:8443/v1", True, "2001:db8::1", 8443, "[2001:db8::1]:8443"),
        ("https://b\u00fccher.example/", True, "xn--bcher-kva.example", 443, "xn--bcher-kva.example"),
    ],
)
def test_where_requests_go(url: str, tls: bool, host: str, port: int, name: str) -> None:
    """Address, certificate and Host header each have the host in the form they need."""
    origin = lay_out(Request("GET", url, (), None, _TIMES)).origin
    assert (origin.tls, origin.host, origin.port, origin.name) == (tls, host, port, name)


def test_targets_are_left_alone() -> None:
    """A target is not normalised: some venues sign these bytes."""
    assert _made("http://h/a/../b//c?x=/./y").startswith(b"POST /a/../b//c?x=/./y HTTP/1.1\r\n")


def test_one_place_for_one_address() -> None:
    """All requests to an address share its connections, whatever their targets and headers."""
    places = {
        id(lay_out(Request("POST", f"https://h:1{path}", headers, b"", _TIMES)).origin)
        for path in ("/a", "/b?c", "", "/\u00fc")
        for headers in ((), _HEADERS)
    }
    assert len(places) == 1


@given(st.lists(st.tuples(st.sampled_from(["a", "x-b", "POLY_C"]), st.text()), max_size=5))
def test_headers_bring_nothing_along(headers: list[tuple[str, str]]) -> None:
    """Whatever the values, a request has the headers it was given and no others; or it is refused."""
    try:
        data = _made("http://h/x", tuple(headers))
    except ConfigError:
        assert any(set(value) - set(map(chr, [9, *range(32, 127)])) for _, value in headers)
        return
    head, body = data.split(b"\r\n\r\n")
    lines = [f"{name}: {value}".encode() for name, value in headers]
    assert head.split(b"\r\n")[1:] == [b"Host: h", *lines, b"Content-Length: 2"]
    assert body == b"{}"


@pytest.mark.parametrize(
    "value", ["a\r\nx: 1", "a\nb", "a\rb", "\x00", "\x7f", "\x85", "\u2028", "\ud800", "\u00fc"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_values_that_break_a_request(value: str, place: int) -> None:
    """A value with a line break, or another character no header carries, is refused without being shown."""
    headers = [("a", "1"), ("b", "2"), ("c", "3")]
    headers[place] = (headers[place][0], value)
    with pytest.raises(ConfigError, match=f"header {headers[place][0]}") as caught:
        _made("http://h/", tuple(headers))
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "\u00fc", "a\n"])
def test_names_that_break_a_request(name: str) -> None:
    """What is no name of a header, or of a method, is refused."""
    with pytest.raises(ConfigError, match="cannot be the name"):
        _made("http://h/", ((name, "1"),))
    with pytest.raises(ConfigError, match="cannot be the name"):
        _made("http://h/", (), name)


@pytest.mark.parametrize("name", ["Host", "content-length", "Content-Length", "Transfer-Encoding", "TE"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_headers_that_are_ours(name: str, method: str) -> None:
    """Where a request goes and ends is said once; a caller cannot say it otherwise."""
    with pytest.raises(ConfigError, match="not for the caller"):
        _made("http://h/", (("a", "1"), (name, "0")), method)


def test_percent_signs_stay() -> None:
    """Percent signs, in targets, names and values, are letters like others."""
    head = _made("http://h/a%2Fb?c=%25d%s", (("x%s", "%d%%"),))
    assert head.startswith(b"POST /a%2Fb?c=%25d%s HTTP/1.1\r\nHost: h\r\nx%s: %d%%\r\n")


@pytest.mark.parametrize("url", ["ftp://h/", "http:///x", "/away", "http://", "", "http://[::1", "h:80/x"])
def test_addresses_of_no_venue(url: str) -> None:
    """What is no address is refused before anything else is done."""
    with pytest.raises(ConfigError):
        _made(url)


@pytest.mark.parametrize("url", ["http://me:word@h/", "http://me@h/a b"])
def test_addresses_with_passwords(url: str) -> None:
    """A password in an address is refused, and not shown."""
    with pytest.raises(ConfigError, match="password") as caught:
        _made(url)
    assert "word@" not in str(caught.value)


def test_laid_out_requests_are_not_shown() -> None:
    """The bytes of a request carry credentials: no repr shows them."""
    outgoing = lay_out(Request("POST", "http://h/", (("authorization", "hush"),), b"{}", _TIMES))
    assert "hush" not in repr(outgoing)
    assert b"hush" in outgoing.data


def test_places_are_told_apart_by_identity() -> None:
    """Looking up the connections of a place costs no comparison of addresses."""
    origin = Origin(tls=True, host="h", port=1, name="h:1")
    assert origin != copy.copy(origin)
    assert len({origin, copy.copy(origin)}) == 2
