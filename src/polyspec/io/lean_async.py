"""Send small requests over connections of our own: orders, cancels and heartbeats.

What a library does for every request costs several times what the request itself costs. Here a request is
one write and its answer one read, and nothing in between makes a task, walks a pool or copies a body.
"""

from __future__ import annotations

import asyncio
import math
import os
import socket
import time
from typing import Final

from polyspec.core.effects import Reply, Request, Timeouts
from polyspec.errors import ConfigError, TimedOut, TransportError
from polyspec.io.lean_answer import Incoming, broken
from polyspec.io.lean_request import Origin, Outgoing, lay_out
from polyspec.io.lean_shelf import PATIENCE, Shelf
from polyspec.io.lending import KEPT
from polyspec.io.options import HttpOptions, ssl_context
from polyspec.io.sockets import READ, Watch, http1_only, numeric
from polyspec.io.translate import bare, failure

__all__ = ["AsyncLean"]

# What happened to a connection longer ago than this the event loop may not have told it yet.
_JUST_NOW: Final = 0.001
# More than this may not fit into the buffers of a socket at once.
_LARGE: Final = 16_384


class AsyncLean:
    """Turns a `Request` into a `Reply` over connections of its own; sends nothing twice."""

    def __init__(self, options: HttpOptions, size: int) -> None:
        """Have up to `size` connections, in the event loop of the first request."""
        self._max_body = options.max_body
        self._context = ssl_context(options.verify)
        self._context.set_alpn_protocols(["http/1.1"])
        self._size = size
        self._shelf: Shelf[_Line] = Shelf(size)
        self._lines: set[_Line] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = os.getpid()
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError or DecodeError."""
        line: _Line | None = None
        sent = False
        try:
            start = time.monotonic()
            self._check()
            outgoing = lay_out(request)
            line = self._shelf.take(outgoing.origin, start)
            if line is None:
                line = await self._lend(outgoing.origin, request.timeout, start + request.timeout.total)
            sent = True
            await line.ask(outgoing, request.timeout, start + request.timeout.total)
            now = time.monotonic()
            reply = Reply(line.status, line.headers, line.body(), now - line.asked)
        except BaseException as error:
            if line is not None:
                self._drop(line)
            if isinstance(error, Exception):
                raise failure(error, sent=sent)  # noqa: B904 - it says by itself what it comes from
            raise
        if line.keep and line.quiet():
            self._shelf.give(line, now)
        else:
            self._drop(line)
        return reply

    def _check(self) -> None:
        """Refuse to use the connections of another event loop, or of another process."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                # its connections would wait for a loop that does not run
                raise ConfigError("this client was first used in another event loop; make one for each loop")
            self._loop = loop
        if self._closed:
            raise ConfigError("this client is closed")
        if self._process != os.getpid():
            raise ConfigError("this client was made before the process was forked; make one in each process")

    async def _lend(self, origin: Origin, limits: Timeouts, until: float) -> _Line:
        """Wait for a connection, or open one."""
        if not self._shelf.reserve():
            line = await self._wait(origin, min(limits.connect + PATIENCE, until - time.monotonic()))
            if line is not None:
                if line.usable(time.monotonic()):
                    return line
                line.discard()
        try:
            seconds = min(limits.connect, until - time.monotonic())
            async with asyncio.timeout(seconds):
                return await self._open(origin, time.monotonic() + seconds)
        except BaseException:
            self._shelf.free()
            raise

    async def _wait(self, origin: Origin, seconds: float) -> _Line | None:
        """Stand in line for a connection, or (None) for a place to open one in."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(origin, loop.create_future())
        self._shelf.wait(waiter)
        timer = loop.call_later(seconds, waiter.give_up, f"all {self._size} connections are in use")
        try:
            return await waiter.future
        except BaseException:
            if not self._shelf.leave(waiter) and waiter.handed:
                # in the very moment in which the task was cancelled
                line = waiter.future.result()
                self._shelf.free() if line is None else self._shelf.give(line, time.monotonic())
            raise
        finally:
            timer.cancel()

    async def _open(self, origin: Origin, until: float) -> _Line:
        self._check()
        connected = await _connected(origin, until)
        line = _Line(self._max_body, origin, self._lines)
        # from here on the event loop closes the socket, whatever happens
        await asyncio.get_running_loop().create_connection(
            lambda: line,
            sock=connected,
            ssl=self._context if origin.tls else None,
            server_hostname=origin.host.rstrip(".") if origin.tls else None,
        )
        try:
            self._check()
            line.agree()
        except BaseException:
            line.discard()
            raise
        return line

    def _drop(self, line: _Line) -> None:
        """Close a connection, and leave its place to the next."""
        line.discard()
        self._shelf.free()

    async def aclose(self) -> None:
        """Close every connection; requests on their way end with TransportError."""
        self._closed = True
        self._shelf.clear()
        for line in list(self._lines):
            line.fail(broken("this client was closed"))
        # sockets are closed in the next turn of their loop
        await asyncio.sleep(0)


class _Waiter:
    """Somebody who waits for a connection."""

    __slots__ = ("future", "handed", "origin")

    def __init__(self, origin: Origin, future: asyncio.Future[_Line | None]) -> None:
        self.origin = origin
        self.future = future
        self.handed = False

    def hand(self, line: _Line | None) -> bool:
        if self.future.done():
            return False
        self.handed = True
        self.future.set_result(line)
        return True

    def give_up(self, why: str) -> None:
        if not self.future.done():
            self.future.set_exception(TimeoutError(why))


async def _connected(origin: Origin, until: float) -> socket.socket:
    """Connect to the first address of a host that answers."""
    loop = asyncio.get_running_loop()
    addresses = numeric(origin.host, origin.port) or await loop.getaddrinfo(
        origin.host, origin.port, type=socket.SOCK_STREAM
    )
    for left in range(len(addresses), 0, -1):
        family, kind, protocol, _, address = addresses[-left]
        made = socket.socket(family, kind, protocol)
        try:
            made.setblocking(False)  # noqa: FBT003
            # an address that swallows everything must not take the time of the others
            async with asyncio.timeout((until - time.monotonic()) / left):
                await loop.sock_connect(made, address)
        except BaseException as error:
            made.close()
            if left == 1 or not isinstance(error, OSError):
                raise
        else:
            return made
    raise OSError("the name of the host leads nowhere")


class _Line(Incoming, asyncio.Protocol):
    """One connection, with at most one request on it."""

    __slots__ = (
        "_future", "_limits", "_lines", "_loop", "_moved", "_open", "_ticks", "_timer", "_transport",
        "_unsent", "_until", "_watch", "asked", "origin", "since",
    )  # fmt: skip

    _transport: asyncio.Transport
    _watch: Watch
    _limits: Timeouts

    def __init__(self, max_body: int, origin: Origin, lines: set[_Line]) -> None:
        super().__init__(max_body)
        self.origin = origin
        self.since = self.asked = time.monotonic()
        """When it was given back, and when the last request was written."""
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = math.inf
        self._moved = self._until = 0.0
        self._unsent = 0
        self._open = False

    def ask(self, outgoing: Outgoing, limits: Timeouts, until: float) -> asyncio.Future[None]:
        """Write a request; what is returned ends when its answer is complete, or fails."""
        self.expect()
        self.asked = self._moved = now = time.monotonic()
        self._limits, self._until = limits, until
        # a timer of an earlier request that ends earlier will do, and is set again then
        if (first := min(until, now + limits.read, now + limits.write)) < self._ticks:
            self._tick_at(first, now)
        self._future = future = self._loop.create_future()
        self._transport.write(outgoing.data)
        self._unsent = self._transport.get_write_buffer_size() if len(outgoing.data) > _LARGE else 0
        return future

    def agree(self) -> None:
        """Raise ConnectFailed unless both ends speak HTTP/1.1."""
        if (secured := self._transport.get_extra_info("ssl_object")) is not None:
            http1_only(secured.selected_alpn_protocol())

    def quiet(self) -> bool:
        """Tell whether nothing is under way in either direction."""
        return self._open and not self._transport.get_write_buffer_size()

    def usable(self, now: float) -> bool:
        """Tell whether it can carry a request, as far as this machine knows."""
        if not self._open or self._transport.is_closing():
            return False
        # the end of a connection may have arrived while the loop was busy with something else
        return now - self.since < _JUST_NOW or not self._watch.wait(READ, 0)

    def discard(self) -> None:
        """Close it."""
        if self._open:
            self._open = False
            self._transport.abort()

    def fail(self, error: BaseException) -> None:
        """Close it, and end the request on it."""
        self.discard()
        future, self._future = self._future, None
        if future is not None and not future.done():
            # the frames an error came through hold the bytes of the answer
            future.set_exception(bare(error))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._watch = Watch(transport.get_extra_info("socket").fileno())
        self._open = True
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open = False
        self._lines.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self.fail(exc or broken("it was closed before the answer was complete"))

    def data_received(self, data: bytes) -> None:
        if self._future is None:
            # nobody asked for this, and what follows it would be taken for the next answer
            self.discard()
            return
        try:
            complete = self.feed(data)
        except Exception as error:
            self.fail(error)
            return
        if complete:
            self._finish()
        else:
            self._moved = time.monotonic()

    def eof_received(self) -> None:
        try:
            self.end()
        except TransportError as error:
            self.fail(error)
        else:
            self._finish()

    def _finish(self) -> None:
        future, self._future = self._future, None
        if future is not None and not future.done():
            future.set_result(None)

    def _tick_at(self, when: float, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._ticks = when
        self._timer = self._loop.call_later(when - now, self._tick)

    def _tick(self) -> None:
        """Look whether something has taken too long; set the timer for when it next may have."""
        now = time.monotonic()
        left = self._transport.get_write_buffer_size()
        if left < self._unsent:
            self._unsent, self._moved = left, now
        if self._future is None:
            when = self.since + KEPT
        else:
            when = min(self._until, self._moved + (self._limits.write if left else self._limits.read))
        if when > now:
            self._tick_at(when, now)
        elif self._future is None:
            self.discard()
        else:
            self.fail(TimedOut("no answer in time; the venue may have received the request"))
