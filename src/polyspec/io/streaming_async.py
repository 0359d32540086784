"""Carry out what a machine decides, over a connection of any kind; the colours differ in more than words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext, suppress
from typing import Any, Final, Protocol

from polyspec.core.effects import Flow
from polyspec.core.streams.events import Message, StreamState
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.machine import Action, Close, Emit, Finish, Open, Resync, Write
from polyspec.errors import PolyspecError
from polyspec.io.inbox_async import AsyncInbox
from polyspec.io.streaming_base import CLOSING, Tap, mistake, too_slow

__all__ = ["AsyncConnection", "AsyncShell", "AsyncTransport"]

_LATE: Final = 2 * CLOSING


class AsyncConnection(Protocol):
    """One connection that stands."""

    @property
    def receive(self) -> Callable[[], Awaitable[Any]]:
        """Return the next message; raises whatever ends the connection."""
        ...

    async def send(self, data: object) -> None:
        """Write a message."""
        ...

    async def aclose(self) -> None:
        """Hang up, without waiting long for the peer."""
        ...


class AsyncTransport(Protocol):
    """A way to connect, and what its failures mean."""

    async def dial(self, where: Any, patience: float) -> AsyncConnection:
        """Connect to what the feed named, within so many seconds."""
        ...

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a connection ended or was not to be had, and the peer's code if it gave one."""
        ...

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        ...


class AsyncShell:
    """A task that keeps a connection; what comes of it goes into an inbox."""

    def __init__(
        self,
        feed: Feed,
        transport: AsyncTransport,
        run: Callable[[Flow[Any]], Awaitable[Any]],
        inbox: AsyncInbox,
        *,
        name: str = "polyspec-stream",
        tap: Tap | None = None,
    ) -> None:
        """Prepare it; `run` performs flows, for what is looked up over REST. `tap` is told every input."""
        self.lock = nullcontext()
        """Nothing changes between two waits, so there is nothing to hold."""
        self.tap = tap
        self._feed = feed
        self._transport = transport
        self._run = run
        self._inbox = inbox
        self._name = name
        self._asked = asyncio.Event()
        self._line: AsyncConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._looks: dict[str, None] = {}
        self._looker: asyncio.Task[None] | None = None
        self._over = False

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._task is not None

    def start(self) -> None:
        """Begin; does nothing a second time."""
        if self._task is None and not self._over:
            self._inbox.join(self)
            self._task = asyncio.create_task(self._keep(), name=self._name)
            self._feed.machine.attended(time.monotonic())
            self._arm()

    async def stop(self) -> None:
        """Hang up, and leave no task and no connection behind; what was told before can still be read."""
        self.act(self._feed.machine.close)
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
            _, late = await asyncio.wait(self._chores, timeout=_LATE)
            for each in late:
                each.cancel()
            if late:
                await asyncio.wait(late)

    def act(self, decide: Callable[..., list[Action]], *arguments: Any) -> None:
        """Carry out what a decision of the caller's comes to; it is told the time last."""
        now = time.monotonic()
        self._told(decide.__name__, now, *arguments)
        self._do(decide(*arguments, now))

    def renew(self, reason: str) -> None:
        """Make another connection in the place of this one, from any thread."""
        # where it does not run, nothing is connected
        if self._task is not None and not (loop := self._task.get_loop()).is_closed():
            loop.call_soon_threadsafe(self._renew, reason)

    def _renew(self, reason: str) -> None:
        if self._line is not None:
            self._hang_up()
            self._end(time.monotonic(), reason, None)

    def missed(self) -> None:
        """Look up what a reader missed who was too slow."""
        self.act(self._feed.overflowed)

    def abandon(self) -> None:
        """Hang up, since the stream is over."""
        self.act(self._feed.machine.close)

    def _told(self, what: str, now: float, *arguments: Any) -> None:
        if self.tap is not None:
            self.tap(what, now, arguments)

    # -- carrying out --

    def _do(self, actions: list[Action]) -> None:
        if len(actions) == 1 and type(actions[0]) is Emit and type(actions[0].event) is Message:
            # nearly always: nothing about the connection changes
            self._inbox.put(actions[0].event)
            return
        writes: list[object] = []
        for action in actions:
            if isinstance(action, Emit):
                self._inbox.put(action.event)
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
        if writes and self._line is not None:
            self._chore(self._write(self._line, writes))
        if actions:
            self._arm()

    def _finish(self, error: BaseException | None) -> None:
        if self._over:
            return
        self._over = True
        self._asked.set()
        if error is not None:
            self._inbox.finish(error)
        self._inbox.leave(self)

    def _chore(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            self._chore(_close(line))

    async def _write(self, line: AsyncConnection, messages: list[object]) -> None:
        try:
            for each in messages:
                await line.send(each)
        except Exception:  # noqa: S110 - whatever it is, whoever receives on it is told of it too
            pass

    # -- time --

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wakes = self._feed.machine.wakes
        self._timer = None
        # before it began nothing is due, and there may be no loop yet
        if wakes != float("inf") and self._task is not None and not self._over:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, wakes - time.monotonic()), self._tick)

    def _tick(self) -> None:
        now, machine = time.monotonic(), self._feed.machine
        if self._inbox.patient and self._inbox.full:
            # nothing is received, so nothing that did not come says anything of the peer
            self._told("received", now)
            machine.received(now, data=False)
        if now >= machine.wakes:
            self._told("tick", now)
            self._do(machine.tick(now))
        self._arm()

    # -- receiving --

    async def _keep(self) -> None:
        try:
            while not self._over:
                await self._asked.wait()
                self._asked.clear()
                # one that was made in the place of another may not be wanted any more
                if self._feed.machine.state is StreamState.CONNECTING:
                    await self._connect()
        except Exception as error:
            self._hang_up()
            self._finish(error)

    async def _connect(self) -> None:
        machine = self._feed.machine
        try:
            where = await self._run(self._feed.prepare())
            if machine.state is not StreamState.CONNECTING:
                # given up meanwhile; another attempt is asked for in its time
                return
            line = await self._transport.dial(where, machine.rhythm.connect)
        except Exception as error:
            self._failed(error)
            return
        now = time.monotonic()
        self._told("opened", now)
        actions = machine.opened(now)
        if not actions or self._over:
            await line.aclose()
            return
        self._line = line
        self._do(actions)
        await self._receive(line)

    def _failed(self, error: Exception) -> None:
        now, final = time.monotonic(), self._transport.permanent(error) or mistake(error)
        if final is not None:
            # without its frames: their variables hold the address, which may have a token in it
            self._refuse(final.with_traceback(None), now)
            return
        known = isinstance(error, PolyspecError)
        self._end(now, *((str(error), None) if known else self._transport.broken(error)))

    def _end(self, now: float, reason: str, code: int | None) -> None:
        self._told("ended", now, reason, code)
        self._do(self._feed.ended(now, reason, code))

    def _refuse(self, error: PolyspecError, now: float) -> None:
        self._told("refused", now, error)
        self._do(self._feed.machine.refused(now, error))

    async def _receive(self, line: AsyncConnection) -> None:
        heard, receive, clock, inbox = self._feed.heard, line.receive, time.monotonic, self._inbox
        try:
            while self._line is line:
                message = await receive()
                if self._line is not line:
                    return
                now = clock()
                if self.tap is not None:
                    self.tap("heard", now, (message,))
                if actions := heard(message, now):
                    self._do(actions)
                    if inbox.full:
                        await self._wait_for_room()
        except Exception as error:
            if self._line is line:
                self._hang_up()
                self._end(clock(), *self._transport.broken(error))

    async def _wait_for_room(self) -> None:
        if not self._inbox.patient:
            self._refuse(too_slow(), time.monotonic())
            return
        await self._inbox.room()
        now = time.monotonic()
        self._told("received", now)
        self._feed.machine.received(now, data=False)

    # -- looking --

    def _look(self, ask: Resync) -> None:
        self._looks |= dict.fromkeys(ask.keys)
        if self._looker is None and not self._over:
            self._looker = asyncio.create_task(self._look_up(), name=f"{self._name}-looks")

    async def _look_up(self) -> None:
        try:
            while self._looks and not self._over:
                keys, self._looks = tuple(self._looks), {}
                now = time.monotonic()
                self._told("look", now, keys)
                found: Any
                try:
                    found = await self._run(self._feed.look(keys, now))
                except PolyspecError as error:
                    found = error
                if not self._over:
                    self.act(self._feed.looked, keys, found)
        except Exception as error:
            self._hang_up()
            self._finish(error)
        finally:
            self._looker = None


async def _close(line: AsyncConnection) -> None:
    with suppress(Exception):
        await line.aclose()
