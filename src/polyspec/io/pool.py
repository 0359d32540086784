"""Make the blocking httpx client."""

from __future__ import annotations

import math
import ssl
from collections.abc import Iterable
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
        transport = httpx.HTTPTransport(
            verify=verify,
            trust_env=False,
            http2=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT),
            proxy=None if options.proxy is None else options.proxy.reveal(),
        )
        # httpx hands its pool everything but this; without it a deadline would hold for single reads only
        transport._pool._network_backend = _Backend()  # noqa: SLF001
        return transport

    return without_cookies(httpx.Client(transport=Lending(one, max_connections), trust_env=False))


def _bounded(timeout: float | None, expired: type[Exception]) -> float | None:
    left = remaining()
    if left <= 0:
        raise expired("the deadline of the call passed")
    if timeout is None:
        # a socket takes no infinity for as long as it takes
        return left if left != math.inf else None
    return min(timeout, left)


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
    """Keeps the head of a request until its body comes: one system call and one packet instead of two."""

    def __init__(self, plain: httpcore.NetworkStream) -> None:
        self._plain = plain
        self._held = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._held:
            self._flush(timeout)
        return self._plain.read(max_bytes, _bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._held = self._held + buffer if self._held else buffer
        # httpcore ends every request with a write, an empty one if there is nothing left to say
        if not buffer or len(self._held) > _PIECE:
            self._flush(timeout)

    def _flush(self, timeout: float | None) -> None:
        buffer, self._held = self._held, b""
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE] if len(buffer) > _PIECE else buffer
            self._plain.write(piece, _bounded(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _bounded(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
