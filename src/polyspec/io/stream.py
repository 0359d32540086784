# Mirrored from stream_async.py by `python -m generator.mirror`; do not edit.
"""What every stream of every venue is for its reader."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from weakref import WeakSet

from polyspec.core.streams.events import Event, StreamState

if TYPE_CHECKING:
    from polyspec.core.streams.feed import Feed
    from polyspec.io.inbox import Inbox
    from polyspec.io.streaming import Shell
    from polyspec.io.streaming_base import Tap

__all__ = ["ROOM", "Stream", "Streams"]

ROOM = 4096
"""Events a reader may be behind unless something else is said."""


class Stream:
    """One channel on a connection of its own; an iterator of what it tells, and a context manager.

    It connects when the block is entered, or at the first event, and again whenever the connection breaks. It
    ends when it is closed; what nothing can mend is told as `Lost` and raised after it: AuthError, ApiError
    of what the venue refused, StreamError of all else, which is StreamClosed if its reader was too slow.
    """

    in_a_name: ClassVar[bool] = True
    """Whether it shows credentials when it connects."""

    def __init__(self, feed: Feed, shell: Shell, inbox: Inbox) -> None:
        # what a channel has of its own is on its feed, which the classes of channels name more exactly
        self._feed: Any = feed
        self._shell = shell
        self._inbox = inbox
        self._held: set[Stream] = set()

    @property
    def state(self) -> StreamState:
        """Where the stream is."""
        state: StreamState = self._feed.machine.state
        return state

    @property
    def why(self) -> str:
        """What brought it there."""
        why: str = self._feed.machine.reason
        return why

    def overhear(self, tap: Tap) -> None:
        """Tell `tap` whatever the stream is told from now on: for recordings."""
        self._shell.tap = tap

    def renew(self, reason: str) -> None:
        """Connect anew, if it is connected: its credentials were replaced. Takes no time, on any thread.

        It is told as any gap is, and what is missed meanwhile is looked up.
        """
        self._shell.renew(reason)

    def _start(self) -> None:
        self._shell.start()

    def _begin(self) -> None:
        """Begin, and be held from then on: whoever forgets a stream leaves it to the client to close."""
        if not self._inbox.over:
            self._held.add(self)
        self._start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        event = self._inbox.poll()
        if event is None:
            self._begin()
            try:
                event = self._inbox.take()
            finally:
                if self._inbox.over:
                    self._held.discard(self)
            if event is None:
                raise StopIteration
        return event

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; what was told before can still be read."""
        self._held.discard(self)
        self._shell.stop()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state.name}: {self.why}>"


_S = TypeVar("_S", bound=Stream)


class Streams:
    """The streams of one client; closed with it."""

    def __init__(self) -> None:
        self._open: WeakSet[Stream] = WeakSet()
        self._held: set[Stream] = set()

    def _opened(self, stream: _S) -> _S:
        self._open.add(stream)
        stream._held = self._held  # noqa: SLF001 - one of our own
        return stream

    def renew(self, reason: str) -> None:
        """Have every stream connect anew that showed credentials when it did."""
        for stream in list(self._held):
            if stream.in_a_name:
                stream.renew(reason)

    def close(self) -> None:
        """Close every stream."""
        for stream in list(self._open):
            stream.close()
