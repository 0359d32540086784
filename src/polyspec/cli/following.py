"""Follow what a stream is told, as it happens or as it was recorded, with a feed of one's own.

Watching plays what the stream is told at once, replaying what was written down: whatever is shown comes from
the same code, in the same order, of the same inputs.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Protocol

from polyspec.core.streams.events import Event, Lost
from polyspec.core.streams.recording import Input, Player
from polyspec.errors import PolyspecError

__all__ = ["Live", "Moment", "Show", "follow", "interruptible", "paced"]

_IDLE: Final = 0.1
"""Seconds without anything until what is shown is looked at again."""
_BEHIND: Final = 5_000
"""Inputs that may wait; then the stream has to, and the venue with it."""
_NAP: Final = 0.01


class Moment(NamedTuple):
    """A monotonic second, and what a feed is told at it, if anything."""

    now: float
    given: Input | None


class Show(Protocol):
    """Somewhere to show what happens."""

    def tell(self, events: list[Event], now: float) -> None:
        """Show events."""
        ...

    def rest(self, now: float) -> None:
        """Show that time passes."""
        ...


def follow(
    moments: Iterable[Moment], player: Player, show: Show, record: Callable[[Input], Any] | None = None
) -> None:
    """Show what comes of every input; raises what ends it, once it is shown.

    A stream that is told that there is nothing of all it asked for has come to its end.
    """
    for now, given in moments:
        if given is None:
            show.rest(now)
            continue
        if record is not None:
            record(given)
        events = player.play(given)
        show.tell(events, now)
        lost = [each for each in events if isinstance(each, Lost) and each.key]
        if lost and not player.feed.machine.wanted:
            raise PolyspecError(f"{lost[-1].key}: {lost[-1].error}") from lost[-1].error


class Live:
    """What a stream is told, overheard."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._heard: queue.SimpleQueue[Input | Exception | None] = queue.SimpleQueue()
        self._over = threading.Event()
        stream.overhear(lambda *given: self._heard.put(Input(*given)))

    def moments(self, stopped: threading.Event, first: Input) -> Generator[Moment]:
        """Yield all of it until it is `stopped`, and what is left then; raises what ended the stream.

        `first` is what it was told before anybody overheard it.
        """
        yield Moment(first.now, first)
        reader = threading.Thread(target=self._read, name="polyspec-watch", daemon=True)
        reader.start()
        closed = False
        try:
            while True:
                if stopped.is_set() and not closed:
                    closed = True
                    self._over.set()
                    self._stream.close()
                try:
                    given = self._heard.get(timeout=_IDLE)
                except queue.Empty:
                    yield Moment(time.monotonic(), None)
                    continue
                if given is None:
                    return
                if isinstance(given, Exception):
                    raise given
                yield Moment(given.now, given)
        finally:
            self._over.set()
            self._stream.close()

    def _read(self) -> None:
        """Read the stream's own events, which says when it is over; none of them is needed."""
        end: Exception | None = None
        try:
            for _ in self._stream:
                while self._heard.qsize() > _BEHIND and not self._over.is_set():
                    time.sleep(_NAP)
        except Exception as error:
            end = error
        finally:
            self._heard.put(end)


def paced(given: Iterable[Input], speed: float | None) -> Iterator[Moment]:
    """Yield what was recorded at `speed` times the pace it had; None does not wait."""
    begun: tuple[float, float] | None = None
    for each in given:
        if begun is None:
            begun = time.monotonic(), each.now
        while speed is not None:
            passed = (time.monotonic() - begun[0]) * speed + begun[1]
            if passed >= each.now:
                break
            time.sleep(min(_IDLE, (each.now - passed) / speed))
            yield Moment(min(each.now, passed), None)
        yield Moment(each.now, each)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Hand out what is set by the first Ctrl-C, or SIGTERM; the second interrupts whatever goes on."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, frame: object) -> None:
        del frame
        if stopped.is_set():
            signal.default_int_handler(number, None)
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
