"""Where events wait for their reader: nobody waits for ever, and what is missed is told."""

from __future__ import annotations

import asyncio
import threading
from contextlib import nullcontext

from polyspec.core.streams.events import Dropped, Event, Gap, Mark
from polyspec.io.inbox import Inbox
from polyspec.io.inbox_async import AsyncInbox


def event(number: int) -> Event:
    """Return an event that is told apart by its time."""
    return Event(float(number))


def mark() -> Mark:
    """Return a mark that does nothing."""
    return Mark(0.0, lambda: None)


class Member:
    """A shell that tells of one gap when its reader missed something."""

    def __init__(self, inbox: Inbox | AsyncInbox) -> None:
        self.inbox = inbox
        self.gaps = 0

    def missed(self) -> None:
        """Tell of a gap."""
        if not self.gaps:
            self.inbox.put(Gap(0.0, 0.0, "missed"))
        self.gaps += 1

    def abandon(self) -> None:
        """Do nothing."""


def test_marks_alone_keep_nobody_waiting() -> None:
    """Whoever waits for room goes on once a reader passed the marks that took it."""
    inbox = Inbox(2, "block")
    with inbox.lock:
        inbox.put(mark())
        inbox.put(mark())
    waiting = threading.Thread(target=inbox.room, args=(60.0,), daemon=True)
    waiting.start()
    assert inbox.poll() is None
    waiting.join(5.0)
    assert not waiting.is_alive()


def test_marks_alone_keep_no_task_waiting() -> None:
    """The same for tasks."""

    async def main() -> None:
        inbox = AsyncInbox(2, "block")
        inbox.put(mark())
        inbox.put(mark())
        waiting = asyncio.create_task(inbox.room())
        await asyncio.sleep(0)
        assert inbox.poll() is None
        await asyncio.wait_for(waiting, 5.0)

    asyncio.run(main())


def test_what_is_told_to_a_late_reader_is_read_or_counted() -> None:
    """A gap opens when he hears that he missed something: before that it could be dropped as well."""

    async def asynchronous() -> AsyncInbox:
        return AsyncInbox(3, "drop_oldest")

    for inbox in (Inbox(3, "drop_oldest"), asyncio.run(asynchronous())):
        member = Member(inbox)
        inbox.join(member)
        with getattr(inbox, "lock", nullcontext()):
            for number in range(20):
                inbox.put(event(number))
        assert member.gaps == 0
        assert inbox.poll() == Dropped(16.0, 17)
        assert member.gaps == 1
        # the gap took the place of another
        assert inbox.poll() == Dropped(17.0, 1)
        assert [inbox.poll() for _ in range(4)] == [event(18), event(19), Gap(0.0, 0.0, "missed"), None]
