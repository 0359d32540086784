"""Send requests with httpx, over a transport that holds up under many calls at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from polyspec.core.effects import Reply, Request
from polyspec.errors import TimedOut, TransportError
from polyspec.io.build import as_httpx, reply_headers
from polyspec.io.colour_async import deadline
from polyspec.io.options import HttpOptions
from polyspec.io.pool_async import new_client
from polyspec.io.translate import translated

__all__ = ["AsyncHttp", "read_reply"]


class AsyncHttp:
    """Turns a `Request` into a `Reply`, and nothing else: no retries, no redirects, no cookies sent."""

    def __init__(self, options: HttpOptions, client: httpx.AsyncClient | None = None) -> None:
        self._options = options
        self._given = client
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def _client(self, lane: str) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        cancels = lane == "cancel"
        if cancels not in self._clients:
            limit = self._options.cancel_connections if cancels else self._options.max_connections
            self._clients[cancels] = new_client(self._options, limit)
        return self._clients[cancels]

    async def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError."""
        start = time.monotonic()
        with translated():
            async with deadline(request.timeout.total), self._open(request) as response:
                body = await self._read(response, start + request.timeout.total)
        return Reply(
            status=response.status_code,
            headers=reply_headers(response),
            body=body,
            elapsed=time.monotonic() - start,
        )

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Open an answer without reading it; leaving the block closes it."""
        with translated():
            async with self._open(request) as response:
                yield response

    @asynccontextmanager
    async def _open(self, request: Request) -> AsyncIterator[httpx.Response]:
        client = self._client(request.lane)
        response = await client.send(as_httpx(request), stream=True, follow_redirects=False)
        try:
            yield response
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, until: float) -> bytes:
        # the deadline is looked at between chunks too: a server that drips must not hold a thread for ever
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._options.max_body:
                raise TransportError(f"the answer is larger than {self._options.max_body} bytes (max_body)")
            if time.monotonic() > until:
                raise TimedOut("the answer did not end in time; the venue may have acted on the request")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def aclose(self) -> None:
        """Close every connection this object opened; a client that was handed in stays open."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()


async def read_reply(response: httpx.Response) -> Reply:
    """Read an answer that was opened as a stream to its end."""
    body = await response.aread()
    return Reply(status=response.status_code, headers=reply_headers(response), body=body, elapsed=0.0)
