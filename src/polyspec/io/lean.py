"""Send small requests over connections of our own: orders, cancels and heartbeats.

The blocking twin of `lean_async`, for any number of threads: a connection is lent to one request at a time.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time

from polyspec.core.effects import Reply, Request, Timeouts
from polyspec.errors import ConfigError
from polyspec.io.lean_line import BaseLine
from polyspec.io.lean_request import Origin, Outgoing, lay_out
from polyspec.io.lean_shelf import PATIENCE, Shelf
from polyspec.io.options import HttpOptions, ssl_context
from polyspec.io.sockets import http1_only, numeric, watching
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
        self._shelf: Shelf[_Line] = Shelf(size)
        self._lines: set[_Line] = set()
        self._lock = threading.Lock()
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError or DecodeError."""
        line: _Line | None = None
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

    def _lend(self, origin: Origin, limits: Timeouts, start: float) -> _Line:
        """Take a connection, wait for one, or open one."""
        waiter: _Waiter | None = None
        with self._lock:
            self._check()
            line = self._shelf.take(origin, start)
            if line is None and not self._shelf.reserve():
                waiter = _Waiter(origin)
                self._shelf.wait(waiter)
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

    def _wait(self, waiter: _Waiter, seconds: float) -> _Line | None:
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

    def _open(self, origin: Origin, until: float) -> _Line:
        self._check()
        opened = _connected(origin, until)
        if origin.tls:
            opened = _secured(opened, self._context, origin, until)
        with self._lock:
            line = _Line(self._max_body, origin, opened, self._lines)
            if self._closed:
                line.discard()
            self._check()
        return line

    def _drop(self, line: _Line | None) -> None:
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
        self.line: _Line | None = None
        self.called = threading.Lock()
        self.called.acquire()

    def hand(self, line: _Line | None) -> bool:
        self.line = line
        self.called.release()
        return True


def _connected(origin: Origin, until: float) -> socket.socket:
    """Connect to the first address of a host that answers."""
    addresses = numeric(origin.host, origin.port) or socket.getaddrinfo(
        origin.host, origin.port, type=socket.SOCK_STREAM
    )
    for left in range(len(addresses), 0, -1):
        family, kind, protocol, _, address = addresses[-left]
        made = socket.socket(family, kind, protocol)
        try:
            # an address that swallows everything must not take the time of the others
            _limit(made, time.monotonic() + (until - time.monotonic()) / left)
            made.connect(address)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException as error:
            made.close()
            if left == 1 or not isinstance(error, OSError):
                raise
        else:
            return made
    raise OSError("the name of the host leads nowhere")


def _limit(made: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline passed")
    made.settimeout(left)


def _secured(opened: socket.socket, context: ssl.SSLContext, origin: Origin, until: float) -> ssl.SSLSocket:
    try:
        secured = context.wrap_socket(
            opened, server_hostname=origin.host.rstrip("."), do_handshake_on_connect=False
        )
    except BaseException:
        opened.close()
        raise
    try:
        _limit(secured, until)
        secured.do_handshake()
        http1_only(secured.selected_alpn_protocol())
    except BaseException:
        secured.close()
        raise
    return secured


class _Line(BaseLine):
    """A connection that waits in the thread of its request."""

    __slots__ = ("_lines",)

    def __init__(self, max_body: int, origin: Origin, opened: socket.socket, lines: set[_Line]) -> None:
        super().__init__(max_body, origin, opened)
        opened.setblocking(False)  # noqa: FBT003
        self._lines = lines
        lines.add(self)

    def ask(self, outgoing: Outgoing, limits: Timeouts, until: float) -> None:
        """Write a request and read its answer."""
        self.expect()
        self.asked = moved = time.monotonic()
        rest = self._write(outgoing.data)
        while True:
            late = min(until, moved + (limits.write if rest else limits.read))
            wait = watching(self._socket.fileno(), writing=True) if rest else self._arrived
            if not wait(max(0.0, (late - time.monotonic()) * 1000)):
                raise TimeoutError
            chunk = self._read()
            if chunk is not None:
                if not chunk:
                    self.end()
                    return
                if self.feed(chunk):
                    self._cut = self._cut or bool(rest)
                    return
                moved = time.monotonic()
            if rest:
                left = len(rest)
                rest = self._write(rest)
                moved = time.monotonic() if len(rest) < left else moved

    def discard(self) -> None:
        """Close it."""
        if self in self._lines:
            self._lines.remove(self)
            self.shut()

    def interrupt(self) -> None:
        """Wake the thread that uses it, which finds it closed."""
        with contextlib.suppress(OSError):
            # the method of a TLS socket would let what is written next go out in clear
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
