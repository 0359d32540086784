"""Make the blocking httpx client."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Final

import httpcore
import httpx

from polyspec.io.build import without_cookies
from polyspec.io.colour import remaining
from polyspec.io.lending import KEPT, Lending
from polyspec.io.options import HttpOptions, ssl_context

__all__ = ["new_client"]

# Large bodies are written in pieces, each under what is left of the deadline then.
_PIECE: Final = 65_536


def new_client(options: HttpOptions, max_connections: int) -> httpx.Client:
    """Make a client with a pool of its own.

    HTTP/1.1 only: httpx's blocking HTTP/2 is not safe to share between threads and loses requests there.
    """
    verify = ssl_context(options.verify)

    def one() -> httpx.HTTPTransport:
        transport = _Transport(
            verify=verify,
            trust_env=False,
            http2=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT),
            proxy=options.proxy,
        )
        # httpx hands its pool everything but this; without it a deadline would hold for single reads only
        transport._pool._network_backend = _Backend()  # noqa: SLF001
        return transport

    return without_cookies(httpx.Client(transport=Lending(one, max_connections), trust_env=False))


def _bounded(timeout: float | None, expired: type[Exception]) -> float | None:
    left = remaining()
    if left <= 0:
        raise expired("the deadline of the call passed")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore.NetworkBackend):
    """Opens sockets that know the deadline of the thread that uses them."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        limit = _bounded(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.connect_tcp(host, port, limit, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """A socket that belongs to one request from its first byte until its answer is closed.

    httpcore's pool may judge a connection by what it was a moment ago, and close it under a request that
    another thread has just begun on it. Such a close waits here until the request is through; one that came
    before the first byte sends the request back to the pool.
    """

    def __init__(self, plain: httpcore.NetworkStream) -> None:
        self._plain = plain
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._closed = False
        self._doomed = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._lock:
            if self._owner is None and self._closed:
                raise httpcore.ConnectionNotAvailable
            self._owner = threading.get_ident()
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE] if len(buffer) > _PIECE else buffer
            self._plain.write(piece, _bounded(timeout, httpcore.WriteTimeout))

    def finish(self) -> None:
        """Note that the answer is done with."""
        with self._lock:
            self._owner = None
        if self._doomed:
            self.close()

    def close(self) -> None:
        with self._lock:
            if self._owner not in (None, threading.get_ident()):
                self._doomed = True
                return
            self._closed = True
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _bounded(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._owner is not None:
            # what can be read is the answer to a request, not the farewell of an idle connection
            return False
        return self._plain.get_extra_info(info)


class _Transport(httpx.HTTPTransport):
    """Tells the socket of an answer when the answer is done with."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        socket = response.extensions.get("network_stream")
        if isinstance(socket, _Stream) and isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Answer(response.stream, socket)
        return response


class _Answer(httpx.SyncByteStream):
    def __init__(self, chunks: httpx.SyncByteStream, socket: _Stream) -> None:
        self._chunks = chunks
        self._socket = socket

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        # first, for once the pool knows the connection is free another thread may begin on it
        self._socket.finish()
        self._chunks.close()
