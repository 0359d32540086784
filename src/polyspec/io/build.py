"""From our requests to httpx's and back; the same for both colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeVar

import httpx

from polyspec.core.effects import Request
from polyspec.errors import ConfigError

__all__ = ["as_httpx", "refuse_unprintable", "reply_headers", "without_cookies"]

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

# Patience for a place among the connections, on top of that for opening one: aiohttp counts both as one.
_POOL: Final = 2.0
# What fails before it is sent must fail before the deadline, which cannot tell whether it was.
_EARLIER: Final = 0.95

_UNPRINTABLE: Final = re.compile(r"[^\t\x20-\x7e]")


@lru_cache(maxsize=512)
def _url(text: str) -> httpx.URL:
    # parsing a URL costs more than building the rest of the request
    return httpx.URL(text)


def as_httpx(request: Request) -> httpx.Request:
    """Lay out a request for httpx with its timeouts; raises ConfigError for what no request can carry."""
    refuse_unprintable(request.headers)
    limit = request.timeout
    latest = limit.total * _EARLIER
    timeouts = {
        "connect": min(limit.connect, latest),
        "write": limit.write,
        "read": limit.read,
        "pool": min(limit.connect + _POOL, latest),
    }
    try:
        url = _url(request.url)
        # httpx would add what is missing, at twice the price of all the rest
        built = httpx.Request(
            request.method,
            url,
            headers=[("Host", url.netloc.decode("ascii")), *request.headers, *_length(request)],
            stream=httpx.ByteStream(request.body or b""),
            extensions={"timeout": timeouts},
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(f"the address of the request is not valid: {error}") from error
    built.read()
    return built


def refuse_unprintable(headers: tuple[tuple[str, str], ...]) -> None:
    """Raise ConfigError if a header has a value that would break the request, or does not fit into it."""
    for name, value in headers:
        if _UNPRINTABLE.search(value):
            # the value may be a secret and stays out of the message
            raise ConfigError(f"the header {name} has a line break or another character no header can carry")


def _length(request: Request) -> tuple[tuple[str, str], ...]:
    if not request.body and request.method not in ("POST", "PUT", "PATCH"):
        return ()
    return (("Content-Length", str(len(request.body or b""))),)


def reply_headers(response: httpx.Response) -> Mapping[str, str]:
    """Headers of an answer as a plain mapping, names in lower case, repeated ones joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""


def without_cookies(client: C) -> C:
    """Make a client keep no cookies: none is ever sent, and looking for them takes long."""
    client._cookies = _NoCookies()  # noqa: SLF001
    return client
