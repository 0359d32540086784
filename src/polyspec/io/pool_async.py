"""Make the asynchronous httpx client.

httpx's own asynchronous connection pool walks every connection for every request and loses four fifths of
its throughput with 64 requests in flight; aiohttp underneath stays flat.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from yarl import URL

from polyspec.errors import ConfigError
from polyspec.io.build import without_cookies
from polyspec.io.options import HttpOptions, ssl_context

__all__ = ["new_client"]


def new_client(options: HttpOptions, max_connections: int) -> httpx.AsyncClient:
    """Make a client with a pool of its own; the first request opens it."""
    verify = ssl_context(options.verify)
    if options.proxy is not None:
        # aiohttp cannot tunnel to every kind of proxy httpx can
        limits = httpx.Limits(
            max_connections=max_connections, max_keepalive_connections=max_connections, keepalive_expiry=20
        )
        proxy = httpx.Proxy(options.proxy.reveal())
        proxied = httpx.AsyncClient(verify=verify, proxy=proxy, trust_env=False, limits=limits)
        return without_cookies(proxied)
    transport = _Transport(verify, max_connections)
    return without_cookies(httpx.AsyncClient(transport=transport, trust_env=False))


def _as_written(address: str | URL) -> URL:
    return URL(address, encoded=True) if isinstance(address, str) else address


class _Connector(aiohttp.TCPConnector):
    """Uses no connection again on which something came that nobody asked for."""

    async def _get(self, key: Any, traces: Any) -> Any:
        # aiohttp looks when a connection becomes idle; what comes later it takes for the next answer
        while True:
            kept: Any = await super()._get(key, traces)
            if kept is None or not kept.protocol.should_close:
                return kept
            kept.close()


class _Transport(AiohttpTransport):
    """Sends with aiohttp, in the event loop of the first request."""

    def __init__(self, verify: ssl.SSLContext, max_connections: int) -> None:
        super().__init__(verify=verify, client=self._session)
        self._max_connections = max_connections
        self._loop: asyncio.AbstractEventLoop | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            # its connections would wait for a loop that does not run
            raise ConfigError("this client was first used in another event loop; make one for each loop")
        return await super().handle_async_request(request)

    def _session(self) -> aiohttp.ClientSession:
        opened = aiohttp.ClientSession(
            connector=_Connector(limit=self._max_connections, ssl=self.ssl_context, keepalive_timeout=20),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
        )
        # aiohttp re-sends PUT and DELETE by itself when a kept connection breaks; that is ours to decide
        opened._retry_connection = False  # noqa: SLF001
        # and it decodes what need not be encoded, where some venues sign the very bytes of the address
        opened._build_url = _as_written  # type: ignore[assignment]  # noqa: SLF001
        return opened
