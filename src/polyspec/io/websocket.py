"""Carry out what a machine decides, over one websocket; the colours differ in more than words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from polyspec.core.effects import Flow
from polyspec.core.streams.backlog import Backlog
from polyspec.core.streams.events import Event
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.machine import Action, Close, Emit, Finish, Open, Resync, Write
from polyspec.errors import PolyspecError
from polyspec.io.websocket_base import (
    Line,
    NotOpened,
    broken,
    encoded,
    options_of,
    permanent,
    too_slow,
)

__all__ = ["Shell"]

_SLEEP: Final = 3600.0
_NAP: Final = 0.5
"""Longest time without a look at the clock: what is asked for meanwhile may be due sooner than was known."""


class _Connection(ClientConnection):
    def handshake(self, *arguments: Any, **named: Any) -> None:
        try:
            super().handshake(*arguments, **named)
        except InvalidStatus as error:
            raise NotOpened(error.response.status_code) from None


class Shell:
    """A thread that keeps a connection, and the events that come of it.

    Whatever reads or changes the feed holds `lock`; nothing that takes time is done under it.
    """

    def __init__(self, feed: Feed, line: Line, run: Callable[[Flow[Any]], Any]) -> None:
        """Prepare it; `run` performs flows, for what is looked up over REST."""
        self.lock = threading.RLock()
        self._feed = feed
        self._line = line
        self._run = run
        self._backlog = Backlog(line.room, line.overflow)
        # one condition for all who wait: the reader, the thread that has no connection, the one that looks
        self._changed = threading.Condition(self.lock)
        self._asked = False
        self._socket: ClientConnection | None = None
        self._threads: list[threading.Thread] = []
        self._looks: dict[str, None] = {}
        self._over = False
        self._error: BaseException | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return bool(self._threads)

    def start(self) -> None:
        """Begin; does nothing a second time."""
        with self.lock:
            if self._threads or self._over:
                return
            for work, name in ((self._keep, self._line.name), (self._look_up, f"{self._line.name}-looks")):
                # daemons: a program that ends must not wait for a venue
                self._threads.append(threading.Thread(target=work, name=name, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Hang up, and leave no thread and no socket behind; what was told before can still be read."""
        self.act(self._feed.machine.close)
        with self._changed:
            self._finish(None)
            threads, self._threads = self._threads, []
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    def poll(self) -> Event | None:
        """Return the next event if there is one."""
        with self._changed:
            event = self._backlog.take()
            if event is not None and self._backlog.overflow == "block":
                self._changed.notify_all()
            return event

    def take(self) -> Event | None:
        """Return the next event, waiting for it; None at the end, or raises what ended the stream."""
        with self._changed:
            while True:
                event = self.poll()
                if event is not None:
                    return event
                if self._over:
                    error, self._error = self._error, None
                    if error is not None:
                        raise error
                    return None
                self._changed.wait()

    def act(self, decide: Callable[[float], list[Action]]) -> None:
        """Carry out what a decision of the caller's comes to."""
        with self.lock:
            todo = self._do(decide(time.monotonic()))
        self._carry_out(todo)

    # -- carrying out --

    def _do(self, actions: list[Action]) -> list[tuple[ClientConnection, list[object] | None]]:
        """Do under the lock what takes no time; return what to write or (None) hang up, and where."""
        todo: list[tuple[ClientConnection, list[object] | None]] = []
        for action in actions:
            if isinstance(action, Emit):
                if self._backlog.put(action.event):
                    todo += self._do(self._feed.overflowed(time.monotonic()))
            elif isinstance(action, Write):
                if self._socket is not None:
                    todo.append((self._socket, [action.data]))
            elif isinstance(action, Open):
                self._asked = True
            elif isinstance(action, Close):
                self._feed.lost(action.reason)
                if self._socket is not None:
                    todo.append((self._socket, None))
                self._socket = None
            elif isinstance(action, Resync):
                self._looks |= dict.fromkeys(action.keys)
            elif isinstance(action, Finish):
                self._finish(action.error)
        if actions:
            self._changed.notify_all()
        return todo

    @staticmethod
    def _carry_out(todo: list[tuple[ClientConnection, list[object] | None]]) -> None:
        for socket, messages in todo:
            try:
                if messages is None:
                    socket.close()
                    continue
                for each in messages:
                    socket.send(encoded(each))
            except Exception:  # noqa: S110 - whatever it is, whoever receives on it is told of it too
                pass

    def _finish(self, error: BaseException | None) -> None:
        if not self._over:
            self._over, self._error = True, error
        self._changed.notify_all()

    # -- receiving --

    def _keep(self) -> None:
        try:
            while not self._over:
                self.act(self._tick)
                with self._changed:
                    asked, self._asked = self._asked, False
                    if not asked and not self._over:
                        self._changed.wait(self._nap())
                if asked:
                    self._connect()
        except BaseException as error:
            with self._changed:
                self._finish(error)

    def _nap(self) -> float:
        left = self._feed.machine.wakes - time.monotonic()
        return max(0.0, min(left, _SLEEP if self._socket is None else _NAP))

    def _tick(self, now: float) -> list[Action]:
        return self._feed.machine.tick(now)

    def _connect(self) -> None:
        machine = self._feed.machine
        options = options_of(self._line, machine.rhythm.connect)
        try:
            self._run(self._feed.prepare())
            opened = connect(self._line.url, create_connection=_Connection, **options)
        except Exception as error:
            self._failed(error)
            return
        with opened as socket:
            with self.lock:
                actions = machine.opened(time.monotonic())
                if not actions or self._over:
                    return
                self._socket = socket
                todo = self._do(actions)
            self._carry_out(todo)
            self._receive(socket)

    def _failed(self, error: Exception) -> None:
        final = permanent(error)
        if final is not None:
            self.act(lambda now: self._feed.machine.refused(now, final))
            return
        reason, code = broken(error) if not isinstance(error, PolyspecError) else (str(error), None)
        self.act(lambda now: self._feed.ended(now, reason, code))

    def _receive(self, socket: ClientConnection) -> None:
        try:
            while self._socket is socket:
                try:
                    message = socket.recv(timeout=self._nap(), decode=False)
                except TimeoutError:
                    self.act(self._tick)
                    continue
                self._hear(socket, message)
        except Exception as error:
            reason, code = broken(error)
            with self.lock:
                mine = self._socket is socket
                self._socket = None if mine else self._socket
            if mine:
                self.act(lambda now: self._feed.ended(now, reason, code))

    def _hear(self, socket: ClientConnection, message: Any) -> None:
        with self.lock:
            if self._socket is not socket:
                return
            now = time.monotonic()
            todo = self._do(self._feed.heard(message, now))
            if now >= self._feed.machine.wakes:
                todo += self._do(self._feed.machine.tick(now))
            full = self._backlog.overflow != "drop_oldest" and self._backlog.full
        if todo:
            self._carry_out(todo)
        if full:
            self._wait_for_room()

    def _wait_for_room(self) -> None:
        if self._backlog.overflow == "disconnect":
            self.act(lambda now: self._feed.machine.refused(now, too_slow()))
            return
        with self._changed:
            while self._backlog.full and not self._over:
                self._changed.wait()
            # nothing was received, so nothing that did not come says anything of the peer
            self._feed.machine.received(time.monotonic(), data=False)

    # -- looking --

    def _look_up(self) -> None:
        try:
            while True:
                with self._changed:
                    while not self._looks and not self._over:
                        self._changed.wait()
                    if self._over:
                        return
                    keys, self._looks = tuple(self._looks), {}
                    flow = self._feed.look(keys, time.monotonic())
                found: Any
                try:
                    found = self._run(flow)
                except PolyspecError as error:
                    found = error
                if not self._over:
                    self.act(lambda now, keys=keys, found=found: self._feed.looked(keys, found, now))  # type: ignore[misc]
        except BaseException as error:
            with self._changed:
                self._finish(error)
