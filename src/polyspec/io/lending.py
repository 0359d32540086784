"""Lend each request a connection that nobody else looks at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import httpx
from attrs import define

from polyspec.io.colour import remaining

__all__ = ["KEPT", "Lending"]

# Seconds for which an idle connection is kept; servers and proxies give up some time later.
KEPT: Final = 20.0

Origin: TypeAlias = tuple[str, str, int | None]


@define(eq=False)
class _Kept:
    transport: httpx.HTTPTransport
    origin: Origin
    since: float = 0.0


class Lending(httpx.BaseTransport):
    """A pool for threads, made of transports with one connection each.

    httpx's own pool lets a thread look for dead connections among those that others have just been given:
    the answer another thread waits for then looks like the end of an idle connection, which is closed under
    that thread, with its order. What is lent here is out of everybody's sight until it comes back.
    """

    def __init__(self, make: Callable[[], httpx.HTTPTransport], size: int) -> None:
        """Lend up to `size` connections at once; `make` opens what keeps one."""
        self._make = make
        self._size = size
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Kept] = []
        self._lent: set[_Kept] = set()
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; closing the answer gives its connection back."""
        url = request.url
        kept = self._borrow((url.scheme, url.host, url.port), request.extensions["timeout"]["pool"])
        try:
            response = kept.transport.handle_request(request)
        except BaseException:
            self._give_back(kept)
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Lent(response.stream, lambda: self._give_back(kept))
        return response

    def _borrow(self, origin: Origin, patience: float) -> _Kept:
        if not self._free.acquire(timeout=max(0.0, min(patience, remaining()))):
            raise httpx.PoolTimeout(f"all {self._size} connections are in use")
        try:
            with self._lock:
                kept = self._choose(origin)
                self._lent.add(kept)
                return kept
        except BaseException:
            self._free.release()
            raise

    def _choose(self, origin: Origin) -> _Kept:
        """Take the connection used last, so that those not needed grow old; else open one."""
        if self._closed:
            raise httpx.ConnectError("this client is closed")
        for place in reversed(range(len(self._idle))):
            if self._idle[place].origin == origin:
                return self._idle.pop(place)
        if len(self._idle) + len(self._lent) < self._size:
            return _Kept(self._make(), origin)
        # its one connection leads elsewhere and makes room for the new one
        oldest = self._idle.pop(0)
        oldest.origin = origin
        return oldest

    def _give_back(self, kept: _Kept) -> None:
        now = time.monotonic()
        done: list[_Kept] = []
        with self._lock:
            self._lent.discard(kept)
            if self._closed or _is_spoilt(kept.transport):
                done.append(kept)
            else:
                kept.since = now
                self._idle.append(kept)
                while now - self._idle[0].since > KEPT:
                    done.append(self._idle.pop(0))
        self._free.release()
        for each in done:
            each.transport.close()

    def close(self) -> None:
        """Close all connections, those in use as well."""
        with self._lock:
            self._closed = True
            every = [*self._idle, *self._lent]
            self._idle = []
        for each in every:
            each.transport.close()


def _is_spoilt(transport: httpx.HTTPTransport) -> bool:
    """Tell whether something came behind an answer: it would be taken for that to the next request."""
    # httpcore keeps it to itself, and reads it later
    for each in getattr(getattr(transport, "_pool", None), "connections", ()):
        state = getattr(getattr(each, "_connection", None), "_h11_state", None)
        if state is not None and state.trailing_data[0]:
            return True
    return False


class _Lent(httpx.SyncByteStream):
    """The body of an answer whose connection has to come back, once."""

    def __init__(self, body: httpx.SyncByteStream, give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back: Callable[[], None] | None = give_back

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        give_back, self._give_back = self._give_back, None
        try:
            self._body.close()
        finally:
            if give_back is not None:
                give_back()
