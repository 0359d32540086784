"""Send small requests over connections of our own: orders, cancels and heartbeats.

What a library does for every request costs several times what the request itself costs. Here a request is
one write and its answer one read, and nothing in between makes a task, walks a pool or copies a body.
"""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
import time
from collections.abc import Callable

from polyspec.core.effects import Reply, Request, Timeouts
from polyspec.errors import ConfigError, TimedOut
from polyspec.io.lean_answer import broken
from polyspec.io.lean_line import CHUNK, NOT_NOW, NOTHING, BaseLine
from polyspec.io.lean_request import Origin, Outgoing, lay_out
from polyspec.io.lean_shelf import PATIENCE, Shelf
from polyspec.io.lending import KEPT
from polyspec.io.options import HttpOptions, ssl_context
from polyspec.io.sockets import http1_only, numeric
from polyspec.io.translate import bare, failure

__all__ = ["AsyncLean", "watched"]


def watched() -> bool:
    """Tell whether the running event loop can watch sockets; the one Windows starts with cannot."""
    loop = type(asyncio.get_running_loop())
    return loop.add_reader is not asyncio.AbstractEventLoop.add_reader


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
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError or DecodeError."""
        line: _Line | None = None
        sent = False
        try:
            start, limits = time.monotonic(), request.timeout
            if asyncio.get_running_loop() is not self._loop or self._closed:
                self._check()
            outgoing = lay_out(request)
            line = self._shelf.take(outgoing.origin, start)
            if line is None:
                line = await self._lend(outgoing.origin, limits, start + limits.total)
            sent = True
            await line.ask(outgoing, limits, start + limits.total)
            now = time.monotonic()
            reply = Reply(line.status, line.headers, line.body(), now - line.asked)
        except BaseException as error:
            if line is not None:
                self._drop(line)
            if isinstance(error, Exception):
                raise failure(error, sent=sent)  # noqa: B904 - it says by itself what it comes from
            raise
        if line.keeps():
            self._shelf.give(line, now)
        else:
            self._drop(line)
        return reply

    def _check(self) -> None:
        """Refuse to use the connections of another event loop."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                # its connections would wait for a loop that does not run
                raise ConfigError("this client was first used in another event loop; make one for each loop")
            self._loop = loop
        if self._closed:
            raise ConfigError("this client is closed")

    async def _lend(self, origin: Origin, limits: Timeouts, until: float) -> _Line:
        """Wait for a connection, or open one."""
        if not self._shelf.reserve():
            line = await self._wait(origin, min(limits.connect + PATIENCE, until - time.monotonic()))
            if line is not None:
                if line.usable():
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
        opened = await _connected(origin, until)
        if origin.tls:
            opened = await _secured(opened, self._context, origin)
        line = _Line(self._max_body, origin, opened, self._lines)
        try:
            self._check()
        except BaseException:
            line.discard()
            raise
        return line

    def _drop(self, line: _Line) -> None:
        """Close a connection, and leave its place to the next."""
        line.discard()
        self._shelf.free()

    def abandon(self) -> None:
        """Close this process's ends of connections that belong to the one it was forked from."""
        for line in self._lines:
            line.abandon()

    async def aclose(self) -> None:
        """Close every connection; requests on their way end with TransportError."""
        self._closed = True
        self._shelf.clear()
        for line in list(self._lines):
            line.fail(broken("this client was closed"))


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


async def _secured(opened: socket.socket, context: ssl.SSLContext, origin: Origin) -> ssl.SSLSocket:
    loop = asyncio.get_running_loop()
    try:
        secured = context.wrap_socket(
            opened, server_hostname=origin.host.rstrip("."), do_handshake_on_connect=False
        )
    except BaseException:
        opened.close()
        raise
    try:
        while True:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                await _until(secured, loop.add_reader, loop.remove_reader)
            except ssl.SSLWantWriteError:
                await _until(secured, loop.add_writer, loop.remove_writer)
            else:
                break
        http1_only(secured.selected_alpn_protocol())
    except BaseException:
        secured.close()
        raise
    return secured


async def _until(watched: socket.socket, add: Callable[..., object], remove: Callable[[int], object]) -> None:
    """Wait until a socket can be read, or written."""
    event = asyncio.Event()
    add(watched.fileno(), event.set)
    try:
        await event.wait()
    finally:
        remove(watched.fileno())


class _Line(BaseLine):
    """A connection the event loop watches."""

    __slots__ = ("_future", "_limits", "_lines", "_loop", "_moved", "_rest", "_ticks", "_timer", "_until")

    _limits: Timeouts

    def __init__(self, max_body: int, origin: Origin, opened: socket.socket, lines: set[_Line]) -> None:
        super().__init__(max_body, origin, opened)
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] | None = None
        self._rest = NOTHING
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = math.inf
        self._moved = self._until = 0.0
        self._loop.add_reader(opened.fileno(), self._readable)
        lines.add(self)

    def ask(self, outgoing: Outgoing, limits: Timeouts, until: float) -> asyncio.Future[None]:
        """Write a request; what is returned ends when its answer is complete, or fails."""
        self.expect()
        self.asked = self._moved = now = time.monotonic()
        self._limits, self._until = limits, until
        # the timer of an earlier request will do, if it ends earlier: it is set again then
        ticks = self._ticks
        if until < ticks or now + limits.read < ticks or now + limits.write < ticks:
            self._tick_at(min(until, now + limits.read, now + limits.write), now)
        self._future = future = self._loop.create_future()
        self._rest = rest = self._write(outgoing.data)
        if rest:
            self._loop.add_writer(self._socket.fileno(), self._writable)
        return future

    def keeps(self) -> bool:
        """Tell whether it can carry another request after the one that was answered."""
        return self.keep and not self._cut and not self._rest

    def discard(self) -> None:
        """Close it."""
        if self not in self._lines:
            return
        self._lines.remove(self)
        if self._timer is not None:
            self._timer.cancel()
        if not self._loop.is_closed():
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
        self.shut()

    def fail(self, error: BaseException) -> None:
        """Close it, and end the request on it."""
        self.discard()
        future, self._future = self._future, None
        if future is not None and not future.done() and not self._loop.is_closed():
            # the frames an error came through hold the bytes of the answer
            future.set_exception(bare(error))

    def _readable(self) -> None:
        future = self._future
        try:
            try:
                chunk = self._socket.recv(CHUNK)
            except NOT_NOW:
                return
            if future is None:
                # nobody asked for this, and what follows would be taken for the next answer
                self.discard()
                return
            if not chunk:
                self.end()
            elif not self.feed(chunk):
                self._moved = time.monotonic()
                return
        except Exception as error:
            self.fail(error)
            return
        self._future = None
        if not future.done():
            future.set_result(None)

    def _writable(self) -> None:
        left = len(self._rest)
        try:
            self._rest = self._write(self._rest)
        except Exception as error:
            self.fail(error)
            return
        if len(self._rest) < left:
            self._moved = time.monotonic()
        if not self._rest:
            self._loop.remove_writer(self._socket.fileno())

    def _tick_at(self, when: float, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._ticks = when
        self._timer = self._loop.call_later(when - now, self._tick)

    def _tick(self) -> None:
        """See whether something has taken too long; if not, look again when it may have."""
        now = time.monotonic()
        if self._future is None:
            when = again = self.since + KEPT
        else:
            limits = self._limits
            when = min(self._until, self._moved + (limits.write if self._rest else limits.read))
            # the end of writing sets no timer, though less time may be left from then on
            again = min(when, now + limits.read)
        if when > now:
            self._tick_at(again, now)
        elif self._future is None:
            self.discard()
        else:
            self.fail(TimedOut("no answer in time; the venue may have received the request"))
