# Mirrored from http_async.py by `python -m generator.mirror`; do not edit.
"""Send requests with httpx, over a transport that holds up under many calls at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from polyspec.core.effects import Reply, Request
from polyspec.errors import TimedOut, TransportError
from polyspec.io.build import as_httpx, reply_headers
from polyspec.io.colour import deadline
from polyspec.io.options import HttpOptions
from polyspec.io.pool import new_client
from polyspec.io.translate import translated

__all__ = ["Http", "read_reply"]


class Http:
    """Turns a `Request` into a `Reply`, and nothing else: no retries, no redirects, no cookies sent."""

    def __init__(self, options: HttpOptions, client: httpx.Client | None = None) -> None:
        self._options = options
        self._given = client
        self._clients: dict[bool, httpx.Client] = {}

    def _client(self, lane: str) -> httpx.Client:
        if self._given is not None:
            return self._given
        cancels = lane == "cancel"
        if cancels not in self._clients:
            limit = self._options.cancel_connections if cancels else self._options.max_connections
            self._clients[cancels] = new_client(self._options, limit)
        return self._clients[cancels]

    def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError."""
        start = time.monotonic()
        with translated(), deadline(request.timeout.total), self._open(request) as response:
            body = self._read(response, start + request.timeout.total)
        return Reply(
            status=response.status_code,
            headers=reply_headers(response),
            body=body,
            elapsed=time.monotonic() - start,
        )

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx.Response]:
        """Open an answer without reading it; leaving the block closes it."""
        with translated(), self._open(request) as response:
            yield response

    @contextmanager
    def _open(self, request: Request) -> Iterator[httpx.Response]:
        client = self._client(request.lane)
        response = client.send(as_httpx(request), stream=True, follow_redirects=False)
        try:
            yield response
        finally:
            response.close()

    def _read(self, response: httpx.Response, until: float) -> bytes:
        # the deadline is looked at between chunks too: a server that drips must not hold a thread for ever
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self._options.max_body:
                raise TransportError(f"the answer is larger than {self._options.max_body} bytes (max_body)")
            if time.monotonic() > until:
                raise TimedOut("the answer did not end in time; the venue may have acted on the request")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def close(self) -> None:
        """Close every connection this object opened; a client that was handed in stays open."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def read_reply(response: httpx.Response) -> Reply:
    """Read an answer that was opened as a stream to its end."""
    body = response.read()
    return Reply(status=response.status_code, headers=reply_headers(response), body=body, elapsed=0.0)
