"""Private streams of the US exchange without a connection: what is asked, told, looked up and marked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Instant
from polyspec.core.streams.events import Mark, Message, StreamState
from polyspec.core.streams.machine import Action, Close, Emit, Resync
from polyspec.us.private_feed import PrivateFeed
from polyspec.us.protos import ours

__all__ = ["NS", "START", "Rig", "rpc", "session"]

NS = 10**9
START = 1_790_000_000
"""Seconds of the venue's clock when tests begin; the monotonic clock is at 0 then."""

rpc = ours().rpc


def session() -> Any:
    """Return as much of a session as feeds look at by themselves."""
    return SimpleNamespace(clock=ClockOffset())


class Rig:
    """A feed, a clock, and a reader who applies what is told."""

    def __init__(self, feed: PrivateFeed) -> None:
        # what a feed has of its own is looked at as well
        self.feed: Any = feed
        self.asked: Any = None
        """What the last connection is asked for."""
        self.now = 0.0
        self.backlog: list[Any] = []
        """What is told and was not read."""
        self.looks: list[Resync] = []
        self.do(feed.want({}, self.now))

    def state(self) -> StreamState:
        """Return where the stream is."""
        state: StreamState = self.feed.machine.state
        return state

    def do(self, actions: list[Action]) -> list[Any]:
        """Carry out actions; return the events among them that readers see."""
        events = [each.event for each in actions if isinstance(each, Emit)]
        for each in actions:
            if isinstance(each, Close):
                self.feed.lost(each.reason)
        self.looks += [each for each in actions if isinstance(each, Resync)]
        self.backlog += events
        return [each for each in events if not isinstance(each, Mark)]

    def connect(self) -> Any:
        """Make a connection; return what it is asked for."""
        if self.feed.machine.attempt:
            self.now = max(self.now, self.feed.machine.wakes)
            self.do(self.feed.machine.tick(self.now))
        self.asked = self.feed.asked(Instant(self.now, START + self.now))
        self.do(self.feed.machine.opened(self.now))
        return self.asked

    def hear(self, *messages: Any) -> list[Any]:
        """Hear messages, a tenth of a second apart; return what is told."""
        told = []
        for each in messages:
            self.now += 0.1
            told += self.do(self.feed.heard(each, self.now))
        return told

    def breaks(self, reason: str = "it broke", code: int | None = 14) -> list[Any]:
        """Let the connection break."""
        self.now += 1
        return self.do(self.feed.ended(self.now, reason, code))

    def wait(self, seconds: float) -> list[Any]:
        """Let time pass, with all that it makes due."""
        until, told = self.now + seconds, []
        while self.feed.machine.wakes <= until:
            self.now = self.feed.machine.wakes
            told += self.do(self.feed.machine.tick(self.now))
        self.now = until
        return told

    def look(self, found: Any) -> list[Any]:
        """Answer the look that was asked for."""
        assert self.looks, "nothing is to be looked up"
        self.looks.clear()
        self.feed.look(("*",), self.now)
        self.now += 0.1
        return self.do(self.feed.looked(("*",), found, self.now))

    def read(self, count: int | None = None) -> list[Any]:
        """Read events, all or so many messages; a mark is done when what comes after it is asked for."""
        told: list[Any] = []
        while self.backlog and (count is None or len(self.natives(told)) < count):
            event = self.backlog.pop(0)
            if isinstance(event, Mark):
                event.done()
            else:
                told.append(event)
        return told

    @staticmethod
    def natives(events: list[Any]) -> list[Any]:
        """Return the venue's messages among events."""
        return [each.native for each in events if isinstance(each, Message)]
