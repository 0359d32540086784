"""Websockets of any venue: news on one side, a client on the other, faults between them.

A desk knows what to say; the connection says it, and lets a fault spoil it. Whoever has news posts it, from
any thread and without waiting; each connection takes what is in its mailbox when it gets round to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping, Sequence
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from polyspec.sandbox.http import faults
from polyspec.sandbox.http.faults import Fault, FaultPlan
from polyspec.sandbox.http.venue import Venue

__all__ = ["SOCKET_KINDS", "Connection", "Desk", "Frame", "Hub", "Mailbox"]

N = TypeVar("N")
M = TypeVar("M", contravariant=True)

Frame: TypeAlias = "dict[str, object] | list[object] | str"
"""What is said: JSON, or a text that is sent as it is."""

SOCKET_KINDS: Final[Mapping[str, str]] = dict.fromkeys(
    ("ws_drop", "ws_lose", "ws_duplicate", "ws_reorder", "ws_truncate", "ws_silent", "ws_close"),
    faults.DURING,
)
"""Faults of frames: the connection goes without a word; a frame is lost, comes twice, comes after the next,
is cut in the middle; nothing is told any more while pings are answered; the connection is closed, with the
code in `status` if it has one.
"""

_MOST: Final = 100_000
"""News a client has not read; one that is slower than that is cut off, as venues do."""
_LONGEST: Final = 256 * 1024
"""Characters of a frame of a client."""
_GOING_AWAY: Final = 1001
_TOO_LONG: Final = 1009
_TOO_SLOW: Final = 1008


class Mailbox(Generic[N]):
    """What one connection was not told yet."""

    def __init__(self, most: int = _MOST) -> None:
        self._loop = asyncio.get_running_loop()
        self._most = most
        self._ready = asyncio.Event()
        self._lock = threading.Lock()
        self._news: list[N] = []
        self.overflowed = False
        self.over = False
        """Whether nothing more will come, since the venue goes away."""

    def shut(self) -> None:
        """Tell whoever waits that nothing more will come, from any thread."""
        self.over = True
        self._wake()

    def post(self, news: list[N]) -> None:
        """Put news in, from any thread."""
        with self._lock:
            if len(self._news) + len(news) > self._most:
                self.overflowed = True
                self._news.clear()
            else:
                self._news += news
        self._wake()

    def _wake(self) -> None:
        # a connection whose loop is gone has nobody to tell
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ready.set)

    async def wait(self) -> None:
        """Wait until there is something to tell."""
        await self._ready.wait()

    def take(self) -> list[N]:
        """Return the news, and forget them."""
        self._ready.clear()
        with self._lock:
            news, self._news = self._news, []
        return news


class Hub(Generic[N]):
    """Passes news on to every open connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boxes: list[Mailbox[N]] = []
        self._over = False

    def shut(self) -> None:
        """Have every connection end, so that a server that stops need not wait for it."""
        with self._lock:
            self._over = True
        for box in self._boxes:
            box.shut()

    def open(self, most: int = _MOST) -> Mailbox[N]:
        """Return a mailbox that gets the news from now on, and holds so many of them."""
        box: Mailbox[N] = Mailbox(most)
        with self._lock:
            self._boxes = [*self._boxes, box]
            over = self._over
        if over:
            box.shut()
        return box

    def close(self, box: Mailbox[N]) -> None:
        """Send a mailbox no more news."""
        with self._lock:
            self._boxes = [each for each in self._boxes if each is not box]

    def post(self, news: list[N]) -> None:
        """Tell everybody."""
        for box in self._boxes:
            box.post(news)


class Desk(Protocol[M]):
    """What is said on a connection; called under the world's lock."""

    @property
    def closing(self) -> int | None:
        """The code to close with after what was said last; None to go on."""
        ...

    def hear(self, text: str) -> list[Frame]:
        """Return the answers to what the client said."""
        ...

    def tell(self, news: Sequence[M]) -> list[Frame]:
        """Return what the client is told of the news."""
        ...


class Connection(Generic[N]):
    """One open connection."""

    def __init__(
        self,
        venue: Venue,
        socket: WebSocket,
        operation: str,
        desk: Desk[N],
        box: Mailbox[N],
        *,
        longest: int = _LONGEST,
    ) -> None:
        self._venue = venue
        self._faults: FaultPlan = venue.faults
        self._socket = socket
        self._operation = operation
        """The name under which faults meet it."""
        self._desk = desk
        self._box = box
        self._longest = longest
        self._silent = False
        self._late: str | None = None

    async def run(self, greeting: Sequence[Frame] = ()) -> None:
        """Say the greeting, and go on until the client leaves, the desk closes, or a fault ends it."""
        heard = asyncio.ensure_future(self._socket.receive_text())
        news = asyncio.ensure_future(self._box.wait())
        try:
            # a client that leaves raises out of the first task, out of a send, or out of a close
            with contextlib.suppress(WebSocketDisconnect):
                alive = await self._say(greeting)
                while alive:
                    await asyncio.wait((heard, news), return_when=asyncio.FIRST_COMPLETED)
                    if heard.done():
                        alive = await self._answer(heard)
                        heard = asyncio.ensure_future(self._socket.receive_text())
                    if news.done() and alive:
                        alive = await self._tell()
                        news = asyncio.ensure_future(self._box.wait())
        finally:
            heard.cancel()
            news.cancel()
            await asyncio.gather(heard, news, return_exceptions=True)

    async def _answer(self, heard: asyncio.Task[str]) -> bool:
        try:
            text = heard.result()
        except KeyError:
            # a frame of bytes has no text
            text = "\x00"
        if len(text) > self._longest:
            await self._socket.close(_TOO_LONG)
            return False
        with self._venue.lock:
            self._venue.jobs.run_due()
            # what happened before comes before: an answer may be a snapshot that holds it already
            frames = self._desk.tell(self._box.take())
            frames += self._desk.hear(text)
        return await self._say(frames)

    async def _tell(self) -> bool:
        if self._box.over:
            await self._socket.close(_GOING_AWAY)
            return False
        if self._box.overflowed:
            await self._socket.close(_TOO_SLOW)
            return False
        with self._venue.lock:
            frames = self._desk.tell(self._box.take())
        return await self._say(frames)

    async def _say(self, frames: Sequence[Frame]) -> bool:
        """Send frames, spoilt as the faults to come have it; return whether the connection goes on."""
        for frame in frames:
            text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
            fault = None if isinstance(frame, str) else self._faults.take(self._operation, *SOCKET_KINDS)
            if not await self._send(text, fault, sign=_is_sign(frame)):
                return False
        if self._desk.closing is not None:
            await self._socket.close(self._desk.closing)
            return False
        return True

    async def _send(self, text: str, fault: Fault | None, *, sign: bool) -> bool:
        effect = "" if fault is None else fault.effect
        if effect == "ws_drop":
            # an application that returns without closing leaves the client without a close frame
            return False
        if effect == "ws_close":
            await self._socket.close((fault.status if fault is not None else None) or 1001)
            return False
        self._silent = self._silent or effect == "ws_silent"
        if effect == "ws_reorder":
            self._late = text
            return True
        if effect == "ws_lose" or (self._silent and not sign):
            return True
        await self._socket.send_text(text[: len(text) // 2] if effect == "ws_truncate" else text)
        if effect == "ws_duplicate":
            await self._socket.send_text(text)
        if self._late is not None and not sign:
            late, self._late = self._late, None
            await self._socket.send_text(late)
        return True


def _is_sign(frame: Frame) -> bool:
    """Tell whether a frame says nothing but that the venue is alive: also one that is silent says it."""
    if isinstance(frame, dict):
        return "pong" in (frame.get("type"), frame.get("event_type"))
    return isinstance(frame, str)
