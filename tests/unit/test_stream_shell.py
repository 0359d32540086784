"""The shells of both colours with a peer that is slow, deaf or hangs up: what they ask of it, and when."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import define, field

from polyspec.core.streams.events import Lost, Message, StreamState
from polyspec.core.streams.machine import Action, Emit, Machine, Rhythm
from polyspec.errors import StreamError
from polyspec.io.inbox import Inbox
from polyspec.io.inbox_async import AsyncInbox
from polyspec.io.streaming import Shell
from polyspec.io.streaming_async import AsyncShell

PATIENCE = 5.0


class Words:
    """A venue that is told nothing but pings."""

    def begin(self, keys: list[str]) -> list[object]:
        """Say nothing."""
        del keys
        return []

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Say nothing."""
        del added, removed
        return []

    def ping(self) -> object:
        """Ask for an answer."""
        return "PING"


class Feed:
    """One thing, told as it comes."""

    def __init__(self, rhythm: Rhythm) -> None:
        self.chance = 0.0
        self.machine = Machine(Words(), rhythm, lambda: self.chance)

    def prepare(self) -> Any:
        """Need nothing."""
        yield from ()

    def heard(self, message: Any, now: float) -> list[Action]:
        """Tell a message."""
        self.machine.received(now)
        return [Emit(Message(now, "it", message)), *self.machine.synced("it", now)]

    def lost(self, reason: str) -> None:
        """Note nothing."""

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone."""
        del code
        return self.machine.ended(now, reason)

    def look(self, keys: tuple[str, ...], now: float) -> Any:
        """Look up nothing."""
        yield from ()

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Find nothing."""
        return []

    def overflowed(self, now: float) -> list[Action]:
        """Do nothing."""
        return []


@define(eq=False)
class Peer:
    """Who is called; what is put into `says` is told, and None hangs up."""

    slow: float = 0.0
    """Seconds until a connection stands."""
    dials: list[float] = field(factory=list)
    written: list[Any] = field(factory=list)
    says: queue.Queue[Any] = field(factory=queue.Queue)
    blocks: bool = True

    def answer(self, wait: float) -> Any:
        """Return what is told within a time."""
        try:
            said = self.says.get(timeout=wait) if wait else self.says.get_nowait()
        except queue.Empty:
            raise TimeoutError from None
        if said is None:
            raise ConnectionError
        return said

    def broken(self, error: Exception) -> tuple[str, int | None]:
        """Say why."""
        return type(error).__name__, None

    def permanent(self, error: Exception) -> None:
        """Know of nothing that lasts."""


class BlockingPeer(Peer):
    """For threads."""

    def dial(self, where: Any, patience: float) -> Any:
        """Answer late."""
        del where, patience
        self.dials.append(time.monotonic())
        time.sleep(self.slow)
        return self

    def receive(self, nap: float) -> Any:
        """Tell what there is."""
        return self.answer(nap or 0.001)

    def send(self, data: object) -> None:
        """Take what is written."""
        self.written.append(data)

    def close(self) -> None:
        """Do nothing."""


class AsyncPeer(Peer):
    """For tasks."""

    async def dial(self, where: Any, patience: float) -> Any:
        """Answer late."""
        del where, patience
        self.dials.append(time.monotonic())
        await asyncio.sleep(self.slow)
        return self

    async def receive(self) -> Any:
        """Tell what there is."""
        while True:
            try:
                return self.answer(0.0)
            except TimeoutError:
                await asyncio.sleep(0.005)

    async def send(self, data: object) -> None:
        """Take what is written."""
        self.written.append(data)

    async def aclose(self) -> None:
        """Do nothing."""


def run(flow: Any) -> Any:
    """Perform a flow that asks for nothing."""
    for _ in flow:
        raise AssertionError("it asks for something")


async def run_async(flow: Any) -> Any:
    """Perform a flow that asks for nothing."""
    run(flow)


Story = Callable[[Feed, Peer, Any, Any], Awaitable[None]]


def in_both(
    colour: str, rhythm: Rhythm, slow: float, story: Story, *, room: int = 100, blocks: bool = True
) -> None:
    """Let a story happen to a running shell."""
    feed = Feed(rhythm)

    async def threads() -> None:
        peer, inbox = BlockingPeer(slow, blocks=blocks), Inbox(room, "block")
        shell = Shell(feed, peer, run, inbox)
        shell.act(feed.machine.want, ["it"])
        shell.start()
        try:
            await story(feed, peer, inbox, shell)
        finally:
            await asyncio.to_thread(shell.stop)

    async def tasks() -> None:
        peer, inbox = AsyncPeer(slow), AsyncInbox(room, "block")
        shell = AsyncShell(feed, peer, run_async, inbox)
        shell.act(feed.machine.want, ["it"])
        shell.start()
        try:
            await story(feed, peer, inbox, shell)
        finally:
            await shell.stop()

    asyncio.run(threads() if colour == "blocking" else tasks())


async def until(good: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + PATIENCE
    while not good():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def test_who_is_not_begun_waits_for_nothing() -> None:
    """A shell may be made long before it begins, and where no loop runs; no attempt has failed until then."""
    rhythm = Rhythm(connect=0.1)
    for inbox, peer, kind, perform in (
        (Inbox(9, "block"), BlockingPeer(0.2), Shell, run),
        (AsyncInbox(9, "block"), AsyncPeer(0.2), AsyncShell, run_async),
    ):
        feed = Feed(rhythm)
        shell: Any = kind(feed, peer, perform, inbox)  # type: ignore[arg-type]
        shell.act(feed.machine.want, ["it"])
        time.sleep(0.15)

        async def begin(shell: Any = shell, feed: Feed = feed) -> None:
            await asyncio.sleep(0.15)
            shell.start()
            await asyncio.sleep(0.03)
            assert (feed.machine.state, feed.machine.attempt) == (StreamState.CONNECTING, 0)
            if isinstance(shell, AsyncShell):
                await shell.stop()
            else:
                await asyncio.to_thread(shell.stop)

        asyncio.run(begin())


@pytest.mark.parametrize("colour", ["blocking", "asynchronous"])
def test_a_late_connection_is_the_only_one(colour: str) -> None:
    """Attempts that fell due while it was made are forgotten: when it breaks, the pause is kept."""

    async def story(feed: Feed, peer: Peer, inbox: Any, shell: Any) -> None:
        del inbox
        await until(lambda: bool(peer.dials))
        shell.act(lambda now: feed.machine.ended(now, "it takes too long"))
        feed.chance = 0.5
        await until(lambda: feed.machine.state is StreamState.CONNECTING)
        peer.says.put("hello")
        await until(lambda: feed.machine.state is StreamState.LIVE)
        peer.says.put(None)
        await until(lambda: feed.machine.state is StreamState.BACKING_OFF)
        await asyncio.sleep(0.1)
        assert len(peer.dials) == 1

    in_both(colour, Rhythm(shortest=0.01, first=4.0), 0.3, story)


@pytest.mark.parametrize("colour", ["blocking", "asynchronous"])
def test_who_waits_for_room_says_that_he_is_there(colour: str) -> None:
    """Pings go on while a reader is too slow, and their answers are not insisted on."""

    async def story(feed: Feed, peer: Peer, inbox: Any, shell: Any) -> None:
        del shell
        for number in range(5):
            peer.says.put(number)
        await until(lambda: inbox.full)
        before = len(peer.written)
        await until(lambda: len(peer.written) > before + 3)
        assert feed.machine.state is StreamState.LIVE

    in_both(colour, Rhythm(ping=0.05, pong=0.04), 0.0, story, room=6, blocks=False)


@pytest.mark.parametrize("colour", ["blocking", "asynchronous"])
def test_a_mistake_is_not_repeated_for_ever(colour: str) -> None:
    """What fails for the program and not for the venue ends the stream at once: told, then raised."""

    async def story(feed: Feed, peer: Peer, inbox: Any, shell: Any) -> None:
        del shell
        await until(lambda: feed.machine.state is StreamState.CLOSED)
        assert len(peer.dials) == 1
        last = None

        async def read() -> None:
            nonlocal last
            while True:
                event = inbox.take()
                last = await event if colour == "asynchronous" else event

        with pytest.raises(StreamError, match=r"TypeError: .*, in \w+ \(\w+\.py:\d+\)$") as raised:
            await read()
        assert isinstance(last, Lost)
        assert last.error is raised.value

    soon: Any = "soon"
    in_both(colour, Rhythm(shortest=0.01, first=0.01), soon, story, blocks=False)
