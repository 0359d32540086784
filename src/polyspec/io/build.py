"""From our requests to httpx's and back; the same for both colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import httpx

from polyspec.core.effects import Request

__all__ = ["as_httpx", "reply_headers"]


@lru_cache(maxsize=512)
def _url(text: str) -> httpx.URL:
    # parsing a URL costs more than building the rest of the request
    return httpx.URL(text)


def as_httpx(request: Request) -> httpx.Request:
    """Lay out a request for httpx with its timeouts."""
    limit = request.timeout
    return httpx.Request(
        request.method,
        _url(request.url),
        headers=request.headers,
        content=request.body,
        extensions={
            "timeout": {
                "connect": limit.connect,
                "write": limit.write,
                "read": limit.read,
                "pool": min(2.0, limit.total),
            }
        },
    )


def reply_headers(response: httpx.Response) -> Mapping[str, str]:
    """Headers of an answer as a plain mapping, names in lower case."""
    return {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers.raw}
