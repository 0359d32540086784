"""Carry out what a machine decides, over one websocket; the colours differ in more than words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from polyspec.core.effects import Flow
from polyspec.core.streams.backlog import Backlog
from polyspec.core.streams.events import Event, Message
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.machine import Action, Close, Emit, Finish, Open, Resync, Write
from polyspec.errors import PolyspecError
from polyspec.io.websocket_base import (
    CLOSING,
    Line,
    NotOpened,
    broken,
    encoded,
    options_of,
    permanent,
    too_slow,
)

__all__ = ["AsyncShell"]


class _Connection(ClientConnection):
    async def handshake(self, *arguments: Any, **named: Any) -> None:
        try:
            await super().handshake(*arguments, **named)
        except InvalidStatus as error:
            raise NotOpened(error.response.status_code) from None


class AsyncShell:
    """A task that keeps a connection, and the events that come of it."""

    def __init__(self, feed: Feed, line: Line, run: Callable[[Flow[Any]], Awaitable[Any]]) -> None:
        """Prepare it; `run` performs flows, for what is looked up over REST."""
        self.lock = nullcontext()
        """Nothing changes between two waits, so there is nothing to hold."""
        self._feed = feed
        self._line = line
        self._run = run
        self._backlog = Backlog(line.room, line.overflow)
        self._ready = asyncio.Event()
        self._room = asyncio.Event()
        self._asked = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._looks: dict[str, None] = {}
        self._looker: asyncio.Task[None] | None = None
        self._waiting = False
        """Whether nothing is received for want of room."""
        self._over = False
        self._error: BaseException | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._task is not None

    def start(self) -> None:
        """Begin; does nothing a second time."""
        if self._task is None and not self._over:
            self._task = asyncio.create_task(self._keep(), name=self._line.name)

    async def stop(self) -> None:
        """Hang up, and leave no task and no socket behind; what was told before can still be read."""
        self._do(self._feed.machine.close(time.monotonic()))
        self._finish(None)
        task, self._task = self._task, None
        if self._timer is not None:
            self._timer.cancel()
        tasks = {each for each in (task, self._looker) if each is not None}
        for each in tasks:
            each.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._chores:
            _, late = await asyncio.wait(self._chores, timeout=2 * CLOSING)
            for each in late:
                each.cancel()
            if late:
                await asyncio.wait(late)

    def poll(self) -> Event | None:
        """Return the next event if there is one."""
        event = self._backlog.take()
        if event is not None and self._waiting:
            self._room.set()
        return event

    async def take(self) -> Event | None:
        """Return the next event, waiting for it; None at the end, or raises what ended the stream."""
        while True:
            event = self.poll()
            if event is not None:
                return event
            if self._over:
                error, self._error = self._error, None
                if error is not None:
                    raise error
                return None
            self._ready.clear()
            await self._ready.wait()

    def act(self, decide: Callable[[float], list[Action]]) -> None:
        """Carry out what a decision of the caller's comes to."""
        self._do(decide(time.monotonic()))

    # -- carrying out --

    def _do(self, actions: list[Action]) -> None:
        if len(actions) == 1 and type(actions[0]) is Emit and type(actions[0].event) is Message:
            # nearly always: nothing about the connection changes
            self._emit(actions[0].event)
            return
        writes: list[object] = []
        for action in actions:
            if isinstance(action, Emit):
                self._emit(action.event)
            elif isinstance(action, Write):
                writes.append(action.data)
            elif isinstance(action, Open):
                self._asked.set()
            elif isinstance(action, Close):
                self._feed.lost(action.reason)
                self._hang_up()
            elif isinstance(action, Resync):
                self._look(action)
            elif isinstance(action, Finish):
                self._finish(action.error)
        if writes and self._socket is not None:
            self._chore(self._write(self._socket, writes))
        if actions:
            self._arm()

    def _emit(self, event: Event) -> None:
        first = self._backlog.put(event)
        self._ready.set()
        if first:
            self._do(self._feed.overflowed(time.monotonic()))

    def _finish(self, error: BaseException | None) -> None:
        if not self._over:
            self._over, self._error = True, error
            self._asked.set()
            self._room.set()
            self._ready.set()

    def _chore(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            self._chore(socket.close())

    async def _write(self, socket: ClientConnection, messages: list[object]) -> None:
        try:
            for each in messages:
                await socket.send(encoded(each))
        except Exception:  # noqa: S110 - whatever it is, whoever receives on it is told of it too
            pass

    # -- time --

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wakes = self._feed.machine.wakes
        self._timer = None
        if wakes != float("inf") and not self._over:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, wakes - time.monotonic()), self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        if self._stuck:
            # nothing is received, so nothing that did not come says anything of the peer
            self._feed.machine.received(now, data=False)
        self._do(self._feed.machine.tick(now))
        self._arm()

    @property
    def _stuck(self) -> bool:
        return self._backlog.overflow == "block" and self._backlog.full

    # -- receiving --

    async def _keep(self) -> None:
        try:
            while not self._over:
                await self._asked.wait()
                self._asked.clear()
                if not self._over:
                    await self._connect()
        except Exception as error:
            self._hang_up()
            self._finish(error)

    async def _connect(self) -> None:
        machine = self._feed.machine
        options = options_of(self._line, machine.rhythm.connect)
        try:
            await self._run(self._feed.prepare())
            socket = await connect(self._line.url, create_connection=_Connection, **options)
        except Exception as error:
            self._failed(error)
            return
        actions = machine.opened(time.monotonic())
        if not actions or self._over:
            await socket.close()
            return
        self._socket = socket
        self._do(actions)
        await self._receive(socket)

    def _failed(self, error: Exception) -> None:
        now, final = time.monotonic(), permanent(error)
        if final is not None:
            self._do(self._feed.machine.refused(now, final))
            return
        reason, code = broken(error) if not isinstance(error, PolyspecError) else (str(error), None)
        self._do(self._feed.ended(now, reason, code))

    async def _receive(self, socket: ClientConnection) -> None:
        heard, receive, clock = self._feed.heard, socket.recv, time.monotonic
        try:
            while self._socket is socket:
                message = await receive(decode=False)
                if self._socket is not socket:
                    return
                if actions := heard(message, clock()):
                    self._do(actions)
                    if self._backlog.overflow != "drop_oldest" and self._backlog.full:
                        await self._wait_for_room()
        except Exception as error:
            if self._socket is socket:
                self._hang_up()
                self._do(self._feed.ended(clock(), *broken(error)))

    async def _wait_for_room(self) -> None:
        if self._backlog.overflow == "disconnect":
            self._do(self._feed.machine.refused(time.monotonic(), too_slow()))
            return
        self._waiting = True
        while self._backlog.full and not self._over:
            self._room.clear()
            await self._room.wait()
        self._waiting = False
        self._feed.machine.received(time.monotonic(), data=False)

    # -- looking --

    def _look(self, ask: Resync) -> None:
        self._looks |= dict.fromkeys(ask.keys)
        if self._looker is None and not self._over:
            self._looker = asyncio.create_task(self._look_up(), name=f"{self._line.name}-looks")

    async def _look_up(self) -> None:
        try:
            while self._looks and not self._over:
                keys, self._looks = tuple(self._looks), {}
                found: Any
                try:
                    found = await self._run(self._feed.look(keys, time.monotonic()))
                except PolyspecError as error:
                    found = error
                if not self._over:
                    self._do(self._feed.looked(keys, found, time.monotonic()))
        except Exception as error:
            self._hang_up()
            self._finish(error)
        finally:
            self._looker = None
