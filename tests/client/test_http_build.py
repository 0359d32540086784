"""Requests as httpx gets them."""

from __future__ import annotations

import httpx
import pytest

from polyspec.core.effects import Request, Timeouts
from polyspec.io.build import as_httpx

_URLS = (
    "http://127.0.0.1:8080/v1/orders?symbol=a%2Fb",
    "https://api.example.com/v1/orders",
    "https://api.example.com:443/",
    "http://api.example.com:443/",
    "https://[2001:db8::1]:8443/v1",
    "https://[2001:db8::1]/v1",
    "https://b\u00fccher.example/v1",
)


@pytest.mark.parametrize("url", _URLS)
@pytest.mark.parametrize("body", [None, b"", b'{"quantity":"1"}'])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_requests_are_what_httpx_would_make_of_them(method: str, body: bytes | None, url: str) -> None:
    """Laying requests out ourselves saves time and changes nothing: same target, headers and body."""
    headers = (("accept", "application/json"), ("authorization", "Bearer abc"))
    ours = as_httpx(Request(method, url, headers, body, Timeouts(1, 2, 3, 4)))
    theirs = httpx.Request(method, url, headers=headers, content=body)
    assert ours.url == theirs.url
    assert sorted(ours.headers.raw) == sorted(theirs.headers.raw)
    assert ours.content == theirs.content == b"".join(httpx.ByteStream(body or b""))
