"""One connection of our own that an event loop watches."""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
import time
from collections.abc import Callable

from polyspec.core.effects import Timeouts
from polyspec.errors import TimedOut
from polyspec.io.lean_base import CHUNK, NOT_NOW, NOTHING, BaseLine
from polyspec.io.lean_request import Origin, Outgoing
from polyspec.io.lending import KEPT
from polyspec.io.sockets import http1_only, numeric
from polyspec.io.translate import bare

__all__ = ["AsyncLine", "opened"]


async def opened(origin: Origin, context: ssl.SSLContext, until: float) -> socket.socket:
    """Open a connection; raises what went wrong, without having sent anything of a request."""
    made = await _connected(origin, until)
    if not origin.tls:
        return made
    return await _secured(made, context, origin)


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
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        made = context.wrap_socket(
            opened, server_hostname=origin.host.rstrip("."), do_handshake_on_connect=False
        )
    except BaseException:
        opened.close()
        raise
    try:
        while True:
            try:
                made.do_handshake()
            except ssl.SSLWantReadError:
                await _until(made, loop.add_reader, loop.remove_reader)
            except ssl.SSLWantWriteError:
                await _until(made, loop.add_writer, loop.remove_writer)
            else:
                break
        http1_only(made.selected_alpn_protocol())
    except BaseException:
        made.close()
        raise
    return made


async def _until(watched: socket.socket, add: Callable[..., object], remove: Callable[[int], object]) -> None:
    """Wait until a socket can be read, or written."""
    event = asyncio.Event()
    add(watched.fileno(), event.set)
    try:
        await event.wait()
    finally:
        remove(watched.fileno())


class AsyncLine(BaseLine):
    """A connection the event loop watches."""

    __slots__ = ("_future", "_limits", "_lines", "_loop", "_moved", "_rest", "_ticks", "_timer", "_until")

    _limits: Timeouts

    def __init__(self, max_body: int, origin: Origin, opened: socket.socket, lines: set[AsyncLine]) -> None:
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
