# Mirrored from http_async.py by `python -m generator.mirror`; do not edit.
"""Send orders and cancels over connections of our own, and everything else with httpx.

httpx runs over a transport that holds up under many calls at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from polyspec.core.effects import Reply, Request
from polyspec.errors import ConfigError, TimedOut
from polyspec.io import forks
from polyspec.io.body import Body
from polyspec.io.build import as_httpx, reply_headers
from polyspec.io.colour import deadline
from polyspec.io.lean import Lean, watched
from polyspec.io.options import HttpOptions
from polyspec.io.pool import new_client
from polyspec.io.translate import translated, translated_reads

__all__ = ["Http", "read_reply"]

# Of an answer that refuses a download only the beginning matters.
_REFUSAL_BYTES: Final = 1024 * 1024
_REFUSAL_SECONDS: Final = 10.0


class Http:
    """Turns a `Request` into a `Reply`, and nothing else: no retries, no redirects, no cookies sent."""

    def __init__(self, options: HttpOptions, client: httpx.Client | None = None) -> None:
        self._options = options
        self._given = client
        self._clients: dict[bool, httpx.Client] = {}
        self._lean: dict[str, Lean] = {}
        self._lock = threading.Lock()
        self._abandoned: list[object] = []
        self._closed = False
        forks.tell(self)

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closed

    @property
    def replaced(self) -> bool:
        """Whether the connections were handed in."""
        return self._given is not None

    def begin_anew(self) -> None:
        """Leave all connections to the process this one was forked from, and the lock, which may be held."""
        self._lock = threading.Lock()
        # kept, so that nothing says goodbye to a server in the name of the other process
        self._abandoned += [self._clients, self._lean]
        for lean in self._lean.values():
            lean.abandon()
        self._clients, self._lean = {}, {}

    def _client(self, lane: str) -> httpx.Client:
        cancels = lane == "cancel"
        if (found := self._clients.get(cancels)) is not None:
            return found
        # two threads that send their first requests at once must not each open a pool
        with self._lock:
            if self._closed:
                raise ConfigError("this client is closed")
            if self._given is not None:
                return self._given
            if cancels not in self._clients:
                self._clients[cancels] = new_client(self._options, self._options.connections(lane))
            return self._clients[cancels]

    def _fast(self, lane: str) -> Lean | None:
        """Return our own connections for orders or for cancels; None if httpx sends what is on this lane."""
        options = self._options
        if lane == "read" or not options.lean or options.proxy is not None or self._given is not None:
            return None
        if not watched():
            return None
        with self._lock:
            if self._closed:
                raise ConfigError("this client is closed")
            if lane not in self._lean:
                self._lean[lane] = Lean(options, options.connections(lane))
            return self._lean[lane]

    def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError or DecodeError."""
        lean = self._lean.get(request.lane)
        if lean is None:
            lean = self._fast(request.lane)
        if lean is not None:
            return lean.send(request)
        start = time.monotonic()
        with translated(), deadline(request.timeout.total):
            response = self._open(request)
            try:
                body = _read(response, self._options.max_body, start + request.timeout.total)
            finally:
                response.close()
        return Reply(
            status=response.status_code,
            headers=reply_headers(response),
            body=body,
            elapsed=time.monotonic() - start,
        )

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx.Response]:
        """Open an answer without reading it; leaving the block closes it."""
        with translated(), deadline(request.timeout.total):
            response = self._open(request)
        with translated_reads():
            try:
                yield response
            finally:
                response.close()

    def _open(self, request: Request) -> httpx.Response:
        client = self._client(request.lane)
        return client.send(as_httpx(request), stream=True, follow_redirects=False)

    def close(self) -> None:
        """Close every connection this object opened; a client that was handed in stays open."""
        with self._lock:
            self._closed = True
            opened: list[httpx.Client | Lean] = [*self._clients.values(), *self._lean.values()]
            self._clients, self._lean = {}, {}
        for each in opened:
            each.close()


def read_reply(response: httpx.Response) -> Reply:
    """Read an answer that was opened as a stream to its end, if that is not far."""
    with translated(), deadline(_REFUSAL_SECONDS):
        body = _read(response, _REFUSAL_BYTES, time.monotonic() + _REFUSAL_SECONDS)
    return Reply(status=response.status_code, headers=reply_headers(response), body=body, elapsed=0.0)


def _read(response: httpx.Response, limit: int, until: float) -> bytes:
    if response.is_stream_consumed:
        # made in memory, by a client that was handed in
        return response.content
    body = Body(response.headers.get("content-encoding", ""), limit)
    for chunk in response.iter_raw():
        body.add(chunk)
        if time.monotonic() > until:
            raise TimedOut("the answer did not end in time; the venue may have acted on the request")
    return body.end()
