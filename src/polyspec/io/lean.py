"""Send small requests over connections of our own: orders, cancels and heartbeats.

The blocking twin of `lean_async`, for any number of threads: a connection is lent to one request at a time.
"""

from __future__ import annotations

import threading
import time

from polyspec.core.effects import Reply, Request, Timeouts
from polyspec.errors import ConfigError
from polyspec.io.lean_line import Line, opened
from polyspec.io.lean_request import Origin, lay_out
from polyspec.io.lean_shelf import PATIENCE, Shelf
from polyspec.io.options import HttpOptions, ssl_context
from polyspec.io.translate import failure

__all__ = ["Lean", "watched"]


def watched() -> bool:
    """Tell whether sockets can be watched, as they can without an event loop."""
    return True


class Lean:
    """Turns a `Request` into a `Reply` over connections of its own; sends nothing twice."""

    def __init__(self, options: HttpOptions, size: int) -> None:
        """Have up to `size` connections."""
        self._max_body = options.max_body
        self._context = ssl_context(options.verify)
        self._context.set_alpn_protocols(["http/1.1"])
        self._size = size
        self._shelf: Shelf[Line, _Waiter] = Shelf(size)
        self._lines: set[Line] = set()
        self._lock = threading.Lock()
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError or DecodeError."""
        line: Line | None = None
        sent = False
        try:
            start = time.monotonic()
            outgoing = lay_out(request)
            line = self._lend(outgoing.origin, request.timeout, start)
            sent = True
            line.ask(outgoing, request.timeout, start + request.timeout.total)
            now = time.monotonic()
            reply = Reply(line.status, line.headers, line.body(), now - line.asked)
        except BaseException as error:
            if line is not None:
                self._drop(line)
            if isinstance(error, Exception):
                raise failure(error, sent=sent)  # noqa: B904 - it says by itself what it comes from
            raise
        if line.keeps():
            with self._lock:
                self._shelf.give(line, now)
        else:
            self._drop(line)
        return reply

    def _lend(self, origin: Origin, limits: Timeouts, start: float) -> Line:
        """Take a connection, wait for one, or open one."""
        waiter: _Waiter | None = None
        with self._lock:
            self._check()
            line = self._shelf.take(origin, start)
            if line is None and not self._shelf.reserve():
                waiter = _Waiter(origin)
                self._shelf.waiting.append(waiter)
        if waiter is not None:
            line = self._wait(waiter, min(limits.connect + PATIENCE, limits.total))
        if line is not None:
            return line
        try:
            return self._open(origin, min(time.monotonic() + limits.connect, start + limits.total))
        except BaseException:
            self._drop(None)
            raise

    def _check(self) -> None:
        if self._closed:
            raise ConfigError("this client is closed")

    def _wait(self, waiter: _Waiter, seconds: float) -> Line | None:
        """Stand in line for a connection, or (None) for a place to open one in."""
        try:
            waiter.called.acquire(timeout=seconds)
        except BaseException:
            with self._lock:
                waits = self._shelf.leave(waiter)
            if not waits:
                self._drop(waiter.line)
            raise
        with self._lock:
            if self._shelf.leave(waiter):
                raise TimeoutError(f"all {self._size} connections are in use")
            if waiter.line is None or waiter.line.usable():
                return waiter.line
            waiter.line.discard()
            return None

    def _open(self, origin: Origin, until: float) -> Line:
        self._check()
        made = opened(origin, self._context, until)
        with self._lock:
            line = Line(self._max_body, origin, made, self._lines)
            if self._closed:
                line.discard()
            self._check()
        return line

    def _drop(self, line: Line | None) -> None:
        """Close a connection, and leave its place to the next."""
        with self._lock:
            if line is not None:
                line.discard()
            self._shelf.free()

    def abandon(self) -> None:
        """Close this process's ends of connections that belong to the one it was forked from."""
        for line in self._lines:
            line.abandon()

    def close(self) -> None:
        """Close every connection; requests on their way end with TransportError."""
        with self._lock:
            self._closed = True
            self._shelf.clear()
            for line in self._lines:
                line.interrupt()


class _Waiter:
    """Somebody who waits for a connection."""

    __slots__ = ("called", "line", "origin")

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.line: Line | None = None
        self.called = threading.Lock()
        self.called.acquire()

    def hand(self, line: Line | None) -> bool:
        self.line = line
        self.called.release()
        return True
