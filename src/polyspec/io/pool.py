"""Make the blocking httpx client."""

from __future__ import annotations

import httpx

from polyspec.io.options import HttpOptions

__all__ = ["new_client"]


def new_client(options: HttpOptions, max_connections: int) -> httpx.Client:
    """Make a client with a pool of its own.

    HTTP/1.1 only: httpx's blocking HTTP/2 is not safe to share between threads and loses requests there.
    """
    return httpx.Client(
        verify=httpx.create_ssl_context(verify=options.verify, trust_env=False),
        proxy=options.proxy,
        trust_env=False,
        http2=False,
        limits=httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
    )
