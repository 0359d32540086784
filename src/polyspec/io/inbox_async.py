"""Where what streams tell waits for its reader, within bounds."""

from __future__ import annotations

import asyncio

from polyspec.core.streams.backlog import Backlog, Overflow
from polyspec.core.streams.events import Event
from polyspec.io.streaming_base import Member

__all__ = ["AsyncInbox"]


class AsyncInbox:
    """Events of one or more shells, in the order they came, for one reader."""

    def __init__(self, room: int, overflow: Overflow) -> None:
        self.over = False
        """Whether nothing comes any more."""
        self._members: list[Member] = []
        self._backlog = Backlog(room, overflow)
        self._bounded = overflow != "drop_oldest"
        self._ready = asyncio.Event()
        self._room = asyncio.Event()
        self._waiting = 0
        self._error: BaseException | None = None

    def put(self, event: Event) -> None:
        """Add an event."""
        first = self._backlog.put(event)
        self._ready.set()
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

    async def room(self) -> None:
        """Wait until there is room, or nothing matters any more."""
        self._waiting += 1
        try:
            while self.full and not self.over:
                self._room.clear()
                await self._room.wait()
        finally:
            self._waiting -= 1

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
            if self.over:
                error, self._error = self._error, None
                if error is not None:
                    raise error
                return None
            self._ready.clear()
            await self._ready.wait()

    # -- who puts --

    def join(self, member: Member) -> None:
        """Count in a shell."""
        self._members.append(member)

    def leave(self, member: Member) -> None:
        """Count out a shell that came to its end; with the last one the stream is over."""
        if member in self._members:
            self._members.remove(member)
        # one that never began leaves nobody behind, too
        if not self._members:
            self.finish(None)

    def finish(self, error: BaseException | None) -> None:
        """End the stream; what was put before can still be read."""
        if self.over:
            return
        self.over, self._error = True, error
        self._ready.set()
        self._room.set()
        for member in list(self._members):
            member.abandon()
