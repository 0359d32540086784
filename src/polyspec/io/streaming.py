"""Carry out what a machine decides, over a connection of any kind; the colours differ in more than words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from polyspec.core.effects import Flow
from polyspec.core.streams.events import StreamState
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.machine import Action, Close, Emit, Finish, Open, Resync, Write
from polyspec.errors import PolyspecError, StreamClosed
from polyspec.io.inbox import Inbox
from polyspec.io.streaming_base import CLOSING, Tap, mistake, pausing, too_slow

__all__ = ["Connection", "Shell", "Transport"]

_SLEEP: Final = 3600.0
_NAP: Final = 0.5
"""Longest time without a look at the clock: what is asked for meanwhile may be due sooner than was known."""


class Connection(Protocol):
    """One connection that stands."""

    def receive(self, nap: float) -> Any:
        """Return the next message; raises whatever ends the connection.

        Raises TimeoutError when `nap` seconds pass first, unless the transport ``blocks``.
        """
        ...

    def send(self, data: object) -> None:
        """Write a message."""
        ...

    def close(self) -> None:
        """Hang up, without waiting long for the peer; from any thread."""
        ...


class Transport(Protocol):
    """A way to connect, and what its failures mean."""

    blocks: bool
    """Whether `receive` looks at no clock, so that another thread has to."""

    def dial(self, where: Any, patience: float) -> Connection:
        """Connect to what the feed named, within so many seconds."""
        ...

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why a connection ended or was not to be had, and the peer's code if it gave one."""
        ...

    def permanent(self, error: Exception) -> PolyspecError | None:
        """Return what no other attempt to connect can mend; None if one may."""
        ...


_Todo: TypeAlias = list[tuple[Connection, list[object] | None]]
"""What to write where; None hangs up."""


class Shell:
    """Threads that keep a connection; what comes of it goes into an inbox.

    Whatever reads or changes the feed holds `lock`; nothing that takes time is done under it.
    """

    def __init__(
        self,
        feed: Feed,
        transport: Transport,
        run: Callable[[Flow[Any]], Any],
        inbox: Inbox,
        *,
        name: str = "polyspec-stream",
        tap: Tap | None = None,
    ) -> None:
        """Prepare it; `run` performs flows, for what is looked up over REST. `tap` is told every input."""
        self.lock = inbox.lock
        self.tap = tap
        self._feed = feed
        self._transport = transport
        self._run = run
        self._inbox = inbox
        self._changed = inbox.changed
        self._name = name
        self._asked = False
        self._line: Connection | None = None
        self._threads: list[threading.Thread] = []
        self._looks: dict[str, None] = {}
        self._over = False

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return bool(self._threads)

    def start(self) -> None:
        """Begin; does nothing a second time."""
        with self.lock:
            if self._threads or self._over:
                return
            self._inbox.join(self)
            self._feed.machine.attended(time.monotonic())
            work: list[tuple[Callable[[], None], str]] = [
                (self._keep, self._name),
                (self._look_up, f"{self._name}-looks"),
            ]
            if self._transport.blocks:
                work.append((self._watch, f"{self._name}-clock"))
            # daemons: a program that ends must not wait for a venue
            self._threads = [threading.Thread(target=each, name=name, daemon=True) for each, name in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Hang up, and leave no thread and no connection behind; what was told before can still be read.

        A thread that just connects or reads an answer is not waited for long: it ends when that does.
        """
        self.act(self._feed.machine.close)
        with self._changed:
            self._finish(None)
            threads, self._threads = self._threads, []
        latest = time.monotonic() + 2 * CLOSING
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, latest - time.monotonic()))

    def act(self, decide: Callable[..., list[Action]], *arguments: Any) -> None:
        """Carry out what a decision of the caller's comes to; it is told the time last."""
        with self.lock:
            now = time.monotonic()
            self._told(decide.__name__, now, *arguments)
            todo = self._do(decide(*arguments, now))
        _carry_out(todo)

    def renew(self, reason: str) -> None:
        """Make another connection in the place of this one, from any thread."""
        # whoever asks may hold what is needed for it
        threading.Thread(
            target=self._renew, args=(reason,), name=f"{self._name}-renewal", daemon=True
        ).start()

    def _renew(self, reason: str) -> None:
        with self.lock:
            line, self._line = self._line, None
            if line is None:
                return
            now = time.monotonic()
            self._told("ended", now, reason, None)
            todo = self._do(self._feed.ended(now, reason, None))
        _carry_out([(line, None), *todo])

    def missed(self) -> None:
        """Look up what a reader missed who was too slow."""
        # nothing that comes of it is written
        now = time.monotonic()
        self._told("overflowed", now)
        self._do(self._feed.overflowed(now))

    def abandon(self) -> None:
        """Hang up, since the stream is over."""
        self.act(self._feed.machine.close)

    def _told(self, what: str, now: float, *arguments: Any) -> None:
        if self.tap is not None:
            self.tap(what, now, arguments)

    # -- carrying out --

    def _do(self, actions: list[Action]) -> _Todo:
        """Do under the lock what takes no time; return what to write or (None) hang up, and where."""
        todo: _Todo = []
        for action in actions:
            if isinstance(action, Emit):
                self._inbox.put(action.event)
            elif isinstance(action, Write):
                if self._line is not None:
                    todo.append((self._line, [action.data]))
            elif isinstance(action, Open):
                self._asked = True
            elif isinstance(action, Close):
                self._feed.lost(action.reason)
                if self._line is not None:
                    todo.append((self._line, None))
                self._line = None
            elif isinstance(action, Resync):
                self._looks |= dict.fromkeys(action.keys)
            elif isinstance(action, Finish):
                self._finish(action.error)
        if actions:
            self._changed.notify_all()
        return todo

    def _finish(self, error: BaseException | None) -> None:
        if self._over:
            return
        self._over = True
        if error is not None:
            self._inbox.finish(error)
        self._inbox.leave(self)
        self._changed.notify_all()

    # -- time --

    def _nap(self) -> float:
        left = self._feed.machine.wakes - time.monotonic()
        return max(0.0, min(left, _SLEEP if self._line is None else _NAP))

    def _tick(self) -> None:
        with self.lock:
            now, machine = time.monotonic(), self._feed.machine
            if self._inbox.patient and self._inbox.full:
                # nothing is received, so nothing that did not come says anything of the peer
                self._told("received", now)
                machine.received(now, data=False)
            if now < machine.wakes:
                return
            self._told("tick", now)
            todo = self._do(machine.tick(now))
        _carry_out(todo)

    def _watch(self) -> None:
        """Look at the clock for a thread that cannot, as it waits for messages."""
        try:
            while not self._over:
                self._tick()
                with self._changed:
                    if not self._over:
                        self._changed.wait(min(self._nap(), _NAP))
        except BaseException as error:
            with self._changed:
                self._finish(error)

    # -- receiving --

    def _keep(self) -> None:
        try:
            while not self._over:
                self._tick()
                with self._changed:
                    asked, self._asked = self._asked, False
                    if not asked and not self._over:
                        self._changed.wait(self._nap())
                # one that was made in the place of another may not be wanted any more
                if asked and self._feed.machine.state is StreamState.CONNECTING:
                    self._connect()
        except BaseException as error:
            with self._changed:
                self._finish(error)

    def _connect(self) -> None:
        machine = self._feed.machine
        try:
            where = self._run(pausing(self._feed.prepare(), self._pause))
            if machine.state is not StreamState.CONNECTING:
                # given up meanwhile; another attempt is asked for in its time
                return
            line = self._transport.dial(where, machine.rhythm.connect)
        except Exception as error:
            self._failed(error)
            return
        try:
            with self.lock:
                now = time.monotonic()
                self._told("opened", now)
                actions = machine.opened(now)
                if not actions or self._over:
                    return
                self._line = line
                todo = self._do(actions)
            _carry_out(todo)
            self._receive(line)
        finally:
            line.close()

    def _failed(self, error: Exception) -> None:
        final = self._transport.permanent(error) or mistake(error)
        if final is not None:
            # without its frames: their variables hold the address, which may have a token in it
            self._refuse(final.with_traceback(None))
            return
        known = isinstance(error, PolyspecError)
        self._end(*((str(error), None) if known else self._transport.broken(error)))

    def _end(self, reason: str, code: int | None) -> None:
        with self.lock:
            now = time.monotonic()
            self._told("ended", now, reason, code)
            todo = self._do(self._feed.ended(now, reason, code))
        _carry_out(todo)

    def _refuse(self, error: PolyspecError) -> None:
        with self.lock:
            now = time.monotonic()
            self._told("refused", now, error)
            todo = self._do(self._feed.machine.refused(now, error))
        _carry_out(todo)

    def _receive(self, line: Connection) -> None:
        try:
            while self._line is line:
                try:
                    message = line.receive(self._nap())
                except TimeoutError:
                    self._tick()
                    continue
                self._hear(line, message)
        except Exception as error:
            reason, code = self._transport.broken(error)
            with self.lock:
                mine = self._line is line
                self._line = None if mine else self._line
            if mine:
                self._end(reason, code)

    def _hear(self, line: Connection, message: Any) -> None:
        with self.lock:
            if self._line is not line:
                return
            now = time.monotonic()
            if self.tap is not None:
                self.tap("heard", now, (message,))
            todo = self._do(self._feed.heard(message, now))
            if now >= self._feed.machine.wakes:
                self._told("tick", now)
                todo += self._do(self._feed.machine.tick(now))
            full = self._inbox.full
        if todo:
            _carry_out(todo)
        if full:
            self._wait_for_room(line)

    def _wait_for_room(self, line: Connection) -> None:
        if not self._inbox.patient:
            self._refuse(too_slow())
            return
        while not self._inbox.room(self._nap()):
            # the peer wants to hear of us all the while
            self._tick()
            if self._line is not line:
                return
        with self.lock:
            now = time.monotonic()
            self._told("received", now)
            self._feed.machine.received(now, data=False)

    # -- looking --

    def _pause(self, seconds: float) -> None:
        with self._changed:
            if self._changed.wait_for(lambda: self._over, seconds):
                raise StreamClosed("the stream was closed")

    def _look_up(self) -> None:
        try:
            while True:
                with self._changed:
                    while not self._looks and not self._over:
                        self._changed.wait()
                    if self._over:
                        return
                    keys, self._looks = tuple(self._looks), {}
                    now = time.monotonic()
                    self._told("look", now, keys)
                    flow = self._feed.look(keys, now)
                found: Any
                try:
                    found = self._run(pausing(flow, self._pause))
                except PolyspecError as error:
                    found = error
                if not self._over:
                    self.act(self._feed.looked, keys, found)
        except BaseException as error:
            with self._changed:
                self._finish(error)


def _carry_out(todo: _Todo) -> None:
    for line, messages in todo:
        try:
            if messages is None:
                line.close()
                continue
            for each in messages:
                line.send(each)
        except Exception:  # noqa: S110 - whatever it is, whoever receives on it is told of it too
            pass
