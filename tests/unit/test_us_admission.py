"""Who is let in to a stream, and when a refusal is final: not before two in a row at the door."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from polyspec_wire.proto.polymarket.v1 import dropcopy_pb2 as dropcopy

from polyspec.core.effects import Flow, Instant
from polyspec.core.secret import Secret
from polyspec.core.streams.events import Lost, StreamState
from polyspec.core.streams.machine import Emit
from polyspec.us.admission import Admitted
from polyspec.us.replay_channels import DROP_COPY
from polyspec.us.replay_feed import ReplayFeed
from tests.unit.us_private_rig import START, rpc, session

RPC = rpc(DROP_COPY.service, DROP_COPY.method)
REFUSED = 16


class Tokens:
    """Gives a token after another, and says of none that another is worth a try."""

    def __init__(self) -> None:
        self.refusals = list[str]()
        self.deadlines = list[float]()
        self._given = 0

    def token(self, deadline: float) -> Flow[Any]:
        """Return another token."""
        self.deadlines.append(deadline)
        self._given += 1
        yield from ()
        return SimpleNamespace(secret=Secret(f"t{self._given}"))

    def refused(self, authorization: str) -> bool:
        """Note which one was refused."""
        self.refusals.append(authorization)
        return False


class Door:
    """A stream at the door."""

    def __init__(self) -> None:
        self.tokens = Tokens()
        feed = ReplayFeed(session(), RPC, DROP_COPY, {}, lambda: 0.5)
        self.made: Any = Admitted(feed, RPC, lambda: self.tokens, None)  # type: ignore[arg-type]
        self.now = 0.0
        feed.want({}, self.now)

    def state(self) -> StreamState:
        """Return where the stream is."""
        state: StreamState = self.made.machine.state
        return state

    def connect(self) -> None:
        """Make a connection with a token."""
        if self.state() is StreamState.BACKING_OFF:
            self.now = max(self.now, self.made.machine.wakes)
            self.made.machine.tick(self.now)
        flow: Generator[Any, Any, Any] = self.made.prepare()
        answer: Any = None
        with suppress(StopIteration):
            while True:
                flow.send(answer)
                answer = Instant(self.now, START + self.now)
        self.made.machine.opened(self.now)

    def ends(self, code: int = REFUSED, after: float = 0.1) -> list[Lost]:
        """End the connection; return what is told to be lost."""
        self.now += after
        actions = self.made.ended(self.now, "it ended", code)
        return [each.event for each in actions if isinstance(each, Emit) and isinstance(each.event, Lost)]


def test_one_refusal_proves_nothing() -> None:
    """Even when there is no other token for now; the next one at the door is final."""
    door = Door()
    door.connect()
    assert door.ends() == []
    assert door.state() is StreamState.BACKING_OFF
    door.connect()
    (lost,) = door.ends()
    assert "twice in a row" in str(lost.error)
    assert "t2" not in str(lost.error)
    assert door.state() is StreamState.CLOSED
    assert door.tokens.refusals == ["Bearer t1", "Bearer t2"]


def test_a_stream_comes_back_with_the_tokens_of_the_key_in_use() -> None:
    """A key that took the place of another has tokens of its own, and the old ones are asked for no more."""
    door, old = Door(), Tokens()
    door.tokens = old
    door.connect()
    door.tokens = Tokens()
    assert door.ends() == []
    door.connect()
    assert len(old.deadlines) == len(door.tokens.deadlines) == 1


def test_refusals_with_something_else_in_between() -> None:
    """Are not two in a row."""
    door = Door()
    for code in (REFUSED, 14, REFUSED, 14, REFUSED):
        door.connect()
        assert door.ends(code) == []
    assert door.state() is StreamState.BACKING_OFF


@pytest.mark.parametrize("told", [True, False])
def test_whoever_was_let_in_was_not_refused_at_the_door(told: bool) -> None:
    """By what it was told, or by how long it stood: a quiet stream may end with its token again and again."""
    door = Door()
    for _ in range(4):
        door.connect()
        if told:
            door.made.heard(dropcopy.CreateDropCopySubscriptionResponse(resume_token=b"t"), door.now)
        assert door.ends(after=0.1 if told else 170) == []
        assert door.state() is StreamState.BACKING_OFF
    # at the door it counts
    door.connect()
    assert door.ends() == []
    door.connect()
    assert len(door.ends()) == 1


def test_a_token_takes_no_longer_than_its_connection_may() -> None:
    """Otherwise nobody would be told that it was the token that was not to be had."""
    door = Door()
    door.connect()
    assert 0.0 < door.tokens.deadlines[0] < door.made.machine.rhythm.connect
