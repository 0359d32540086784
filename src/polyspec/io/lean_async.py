"""Send small requests over connections of our own: orders, cancels and heartbeats.

What a library does for every request costs several times what the request itself costs. Here a request is
one write and its answer one read, and nothing in between makes a task, walks a pool or copies a body.
"""

from __future__ import annotations

import asyncio
import math
import time

from polyspec.core.effects import Reply, Request, Timeouts
from polyspec.errors import ConfigError
from polyspec.io.lean_answer import broken
from polyspec.io.lean_line_async import AsyncLine, opened
from polyspec.io.lean_request import Origin, lay_out
from polyspec.io.lean_shelf import PATIENCE, Shelf
from polyspec.io.options import HttpOptions, ssl_context
from polyspec.io.translate import failure

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
        self._shelf: Shelf[AsyncLine, _Waiter] = Shelf(size)
        self._lines: set[AsyncLine] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._sweeps = math.inf
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Send a request and read its answer to the end; raises TransportError or DecodeError."""
        line: AsyncLine | None = None
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

    async def _lend(self, origin: Origin, limits: Timeouts, until: float) -> AsyncLine:
        """Wait for a connection, or open one."""
        if not self._shelf.reserve():
            waiter = self._stand_in_line(origin, limits, until)
            try:
                line = await waiter.future
            except BaseException:
                self._leave_line(waiter)
                raise
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

    def _stand_in_line(self, origin: Origin, limits: Timeouts, until: float) -> _Waiter:
        loop, now = asyncio.get_running_loop(), time.monotonic()
        waiter = _Waiter(origin, loop.create_future(), min(now + limits.connect + PATIENCE, until))
        self._shelf.waiting.append(waiter)
        # one timer for all of them: they may be many, and few wait in vain
        if waiter.until < self._sweeps:
            self._sweep_at(waiter.until, now)
        return waiter

    def _sweep_at(self, when: float, now: float) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._sweeps = when
        self._sweeper = asyncio.get_running_loop().call_later(when - now, self._sweep)

    def _sweep(self) -> None:
        """Send away who has waited for too long, and look again when the next will have."""
        now, self._sweeps = time.monotonic(), math.inf
        for waiter in self._shelf.waiting:
            if waiter.until <= now:
                waiter.give_up(f"all {self._size} connections are in use")
            else:
                self._sweeps = min(self._sweeps, waiter.until)
        if self._sweeps < math.inf:
            self._sweep_at(self._sweeps, now)

    def _leave_line(self, waiter: _Waiter) -> None:
        if not self._shelf.leave(waiter) and waiter.handed:
            # in the very moment in which the task was cancelled
            line = waiter.future.result()
            self._shelf.free() if line is None else self._shelf.give(line, time.monotonic())

    async def _open(self, origin: Origin, until: float) -> AsyncLine:
        self._check()
        made = await opened(origin, self._context, until)
        line = AsyncLine(self._max_body, origin, made, self._lines)
        try:
            self._check()
        except BaseException:
            line.discard()
            raise
        return line

    def _drop(self, line: AsyncLine) -> None:
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
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._shelf.clear()
        for line in list(self._lines):
            line.fail(broken("this client was closed"))


class _Waiter:
    """Somebody who waits for a connection."""

    __slots__ = ("future", "handed", "origin", "until")

    def __init__(self, origin: Origin, future: asyncio.Future[AsyncLine | None], until: float) -> None:
        self.origin = origin
        self.future = future
        self.until = until
        self.handed = False

    def hand(self, line: AsyncLine | None) -> bool:
        if self.future.done():
            return False
        self.handed = True
        self.future.set_result(line)
        return True

    def give_up(self, why: str) -> None:
        if not self.future.done():
            self.future.set_exception(TimeoutError(why))
