"""A feed without a socket: what it writes and tells, on a clock of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from attrs import define, field

from polyspec.core.streams.events import Event, Status, StreamState
from polyspec.core.streams.machine import Action, Close, Emit, Finish, Open, Resync, Write

__all__ = ["FeedRig"]


@define(eq=False)
class FeedRig:
    """Carries out what a feed decides, as a shell does; nothing is found by its looks."""

    feed: Any
    now: float = 100.0
    events: list[Event] = field(factory=list)
    writes: list[Any] = field(factory=list)
    opens: int = 0
    closes: list[str] = field(factory=list)
    looks: int = 0
    answers: Callable[[], bool] = field(default=lambda: True)
    """Whether a connection that is asked for stands at once."""

    def act(self, actions: list[Action]) -> list[Event]:
        """Carry actions out; return what was told."""
        told: list[Event] = []
        for each in actions:
            if isinstance(each, Emit):
                told.append(each.event)
                self.events.append(each.event)
            elif isinstance(each, Write):
                self.writes.append(each.data)
            elif isinstance(each, Close):
                self.closes.append(each.reason)
                self.feed.lost(each.reason)
            elif isinstance(each, Open):
                self.opens += 1
                if self.answers():
                    told += self.act(self.feed.machine.opened(self.now))
            elif isinstance(each, Resync):
                self.looks += 1
                assert list(self.feed.look(each.keys, self.now)) == []
                told += self.act(self.feed.looked(each.keys, None, self.now))
            else:
                assert isinstance(each, Finish)
        return told

    def want(self, wanted: Any) -> list[Event]:
        """Ask for something."""
        return self.act(self.feed.want(wanted, self.now))

    def hear(self, message: Any) -> list[Event]:
        """Have something come: JSON of what is no text already."""
        text = message if isinstance(message, (str, bytes)) else json.dumps(message)
        return self.act(self.feed.heard(text, self.now))

    def wait(self, seconds: float, step: float = 0.5) -> list[Event]:
        """Let time pass; return what was told."""
        told: list[Event] = []
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + step, end)
            if self.now >= self.feed.machine.wakes:
                told += self.act(self.feed.machine.tick(self.now))
        return told

    def breaks(self, code: int | None = None) -> list[Event]:
        """Have the connection go."""
        return self.act(self.feed.ended(self.now, "reset", code))

    def told(self, kind: type[Any]) -> list[Any]:
        """Return the events of a kind so far."""
        return [each for each in self.events if isinstance(each, kind)]

    @property
    def state(self) -> StreamState:
        """Where the stream is."""
        state: StreamState = self.feed.machine.state
        return state

    @property
    def reasons(self) -> list[str]:
        """Why it was in each of its states."""
        return [each.reason for each in self.told(Status)]
