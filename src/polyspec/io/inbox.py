"""Where what streams tell waits for its reader, within bounds."""

from __future__ import annotations

import threading

from polyspec.core.streams.backlog import Backlog, Overflow
from polyspec.core.streams.events import Event
from polyspec.io.streaming_base import Member

__all__ = ["Inbox"]


class Inbox:
    """Events of one or more shells, in the order they came, for one reader.

    Its lock is that of the shells too: whatever reads or changes a feed holds it.
    """

    def __init__(self, room: int, overflow: Overflow) -> None:
        self.lock = threading.RLock()
        # one condition for all who wait: the reader, the threads without a connection, those that look
        self.changed = threading.Condition(self.lock)
        self.over = False
        """Whether nothing comes any more."""
        self._members: list[Member] = []
        self._backlog = Backlog(room, overflow)
        self._bounded = overflow != "drop_oldest"
        self._error: BaseException | None = None

    def put(self, event: Event) -> None:
        """Add an event, under the lock."""
        first = self._backlog.put(event)
        self.changed.notify_all()
        if first:
            for member in list(self._members):
                member.missed()

    @property
    def full(self) -> bool:
        """Whether whoever receives has to stop; never with ``drop_oldest``."""
        return self._bounded and self._backlog.full

    @property
    def patient(self) -> bool:
        """Whether whoever receives waits for room; otherwise the stream is over when there is none."""
        return self._backlog.overflow == "block"

    def room(self) -> None:
        """Wait until there is room, or nothing matters any more."""
        with self.changed:
            while self.full and not self.over:
                self.changed.wait()

    def poll(self) -> Event | None:
        """Return the next event if there is one."""
        with self.changed:
            event = self._backlog.take()
            if event is not None and self._bounded:
                self.changed.notify_all()
            return event

    def take(self) -> Event | None:
        """Return the next event, waiting for it; None at the end, or raises what ended the stream."""
        with self.changed:
            while True:
                event = self.poll()
                if event is not None:
                    return event
                if self.over:
                    error, self._error = self._error, None
                    if error is not None:
                        raise error
                    return None
                self.changed.wait()

    # -- who puts --

    def join(self, member: Member) -> None:
        """Count in a shell."""
        with self.lock:
            self._members.append(member)

    def leave(self, member: Member) -> None:
        """Count out a shell that came to its end; with the last one the stream is over."""
        with self.lock:
            if member in self._members:
                self._members.remove(member)
            # one that never began leaves nobody behind, too
            if not self._members:
                self.finish(None)

    def finish(self, error: BaseException | None) -> None:
        """End the stream; what was put before can still be read."""
        with self.changed:
            if self.over:
                return
            self.over, self._error = True, error
            for member in list(self._members):
                member.abandon()
            self.changed.notify_all()
