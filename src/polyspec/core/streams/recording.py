"""Recordings of a stream: what its feed was told, and when, which is all that decides what it does.

A recording is lines of JSON. The first says what is recorded; every other is one input of the feed: its name,
the monotonic second, and what came with it. Played back through a feed of the same kind they yield the same
events, and the same books. Where a connection leads is no input of a feed, nor are credentials: neither is in
a recording.

A line that was not written to its end, the last one of a file whose writer was killed, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import attrs
import msgspec

from polyspec.core.nesting import check_depth
from polyspec.core.streams.events import Event
from polyspec.core.streams.feed import Feed
from polyspec.core.streams.machine import Action, Close, Emit, Open
from polyspec.core.streams.rhythm import Rhythm
from polyspec.core.streams.spelling import Spelling
from polyspec.core.typed import decoder
from polyspec.errors import DecodeError, PolyspecError

__all__ = ["VERSION", "Header", "Input", "Player", "Recorder", "header_of", "inputs", "played", "replayed"]

VERSION: Final = 1
"""Of the form of recordings."""
_MOST_SHOWN: Final = 200
_FURTHEST: Final = 1e9
"""No clock that counts from the start of a machine shows as many seconds."""

_OF_THE_MACHINE: Final = frozenset({"opened", "refused", "tick", "received", "close"})
_TIME_FIRST: Final = frozenset({"ended", "refused"})
_TAKEN: Final[dict[str, tuple[Any, ...]]] = {
    "want": (list | tuple | None,),
    "look": (tuple,),
    "looked": (tuple, object),
    "overflowed": (),
    "close": (),
    "opened": (),
    "heard": (object,),
    "received": (),
    "ended": (str, int | None),
    "refused": (PolyspecError,),
    "tick": (),
}
"""What a feed and its machine are told, and what comes with it besides the time."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded."""

    polyspec: str = "recording"
    version: int = VERSION
    venue: str
    channel: str
    keys: list[str]
    """What was asked for in the beginning."""
    wall: str
    """When it began, in UTC."""
    monotonic: float
    """The second of the monotonic clock at that moment; all other times count on from it."""
    rhythm: dict[str, float | None]
    """How often the peer had to be heard of."""
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    """What else a feed of this venue must know."""

    def moment(self, now: float) -> datetime:
        """Return the time of day of a monotonic second."""
        return datetime.fromisoformat(self.wall) + timedelta(seconds=now - self.monotonic)

    @property
    def paced(self) -> Rhythm:
        """The rhythm itself; raises ConfigError or TypeError if it is none."""
        return Rhythm(**self.rhythm)  # type: ignore[arg-type]

    @classmethod
    def begin(
        cls,
        venue: str,
        channel: str,
        keys: list[str],
        rhythm: Rhythm,
        options: dict[str, Any] | None = None,
        *,
        wall: float,
        monotonic: float,
    ) -> Header:
        """Describe a recording that begins at this second of both clocks."""
        return cls(
            venue=venue,
            channel=channel,
            keys=keys,
            wall=datetime.fromtimestamp(wall, UTC).isoformat(),
            monotonic=monotonic,
            rhythm=attrs.asdict(rhythm),
            options=options or {},
        )


class Input(NamedTuple):
    """Something a feed was told."""

    what: str
    """Which method of the feed, or of its machine."""
    now: float
    arguments: tuple[Any, ...]


class _Line(msgspec.Struct):
    now: float
    what: str
    args: list[Any] = msgspec.field(default_factory=list)


_HEADER: Final = decoder(Header)
_LINE: Final = decoder(_Line)
_VERSIONED: Final = decoder(dict[str, Any])
_UNREADABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError, ArithmeticError)


class Recorder:
    """Writes what a feed is told, a line at a time; the tap of a shell."""

    def __init__(self, header: Header, spelling: Spelling, write: Callable[[bytes], Any]) -> None:
        """Write the first line; `write` is handed whole lines."""
        self._spelling = spelling
        self._write = write
        write(msgspec.json.encode(header) + b"\n")

    def __call__(self, what: str, now: float, arguments: tuple[Any, ...], /) -> None:
        """Write one input."""
        spell = self._spelling.spell
        line = _Line(now, what, [spell(each) for each in arguments])
        self._write(msgspec.json.encode(line) + b"\n")


class Player:
    """Tells a feed what it was told before, or what another of its kind is told now."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        # a pause is over when it is told so, never before: the shortest of all ends first
        feed.machine.chance = float

    def play(self, given: Input) -> list[Event]:
        """Return what the feed tells of an input."""
        events: list[Event] = []
        for action in self._answer(given):
            if isinstance(action, Emit):
                events.append(action.event)
            elif isinstance(action, Close):
                self.feed.lost(action.reason)
            elif isinstance(action, Open):
                self._prepare()
        return events

    def _prepare(self) -> None:
        """Let the feed forget what was of the connection before; what it would ask for is not to be had."""
        flow = self.feed.prepare()
        with suppress(Exception):
            next(flow)
        flow.close()

    def _answer(self, given: Input) -> list[Action]:
        what, now, arguments = given
        feed, machine = self.feed, self.feed.machine
        if what == "look":
            # what is found comes by itself
            feed.look(arguments[0], now).close()
            return []
        if what == "received":
            machine.received(now, data=False)
            return []
        owner = machine if what in _OF_THE_MACHINE else feed
        method: Callable[..., list[Action]] = getattr(owner, what)
        return method(now, *arguments) if what in _TIME_FIRST else method(*arguments, now)


def header_of(line: bytes) -> Header:
    """Read the first line; raises DecodeError if this is no recording, or one of another version."""
    try:
        check_depth(line)
        plain = _VERSIONED.decode(line)
    except _UNREADABLE:
        raise DecodeError("line 1: this is no recording of a stream") from None
    if plain.get("polyspec") != "recording":
        raise DecodeError("line 1: this is no recording of a stream")
    version = plain.get("version")
    if version != VERSION:
        raise DecodeError(f"line 1: a recording of version {version!r:.20}; version {VERSION} can be played")
    try:
        header = _HEADER.decode(line)
        # both are checked where the line can be named
        _ = header.moment(_FURTHEST), header.moment(-_FURTHEST), header.paced
    except (*_UNREADABLE, PolyspecError) as error:
        raise DecodeError(f"line 1: {_shown(error)}") from None
    return header


def inputs(lines: Iterable[bytes], spelling: Spelling, *, first: int = 2) -> Iterator[tuple[int, Input]]:
    """Read the lines after the first, with their numbers; raises DecodeError naming the line.

    A last line that was cut off is left out.
    """
    for number, line in enumerate(lines, first):
        try:
            check_depth(line)
            read = _LINE.decode(line)
            if abs(read.now) > _FURTHEST:
                raise ValueError(f"no second of any clock: {read.now}")
            given = Input(read.what, read.now, tuple(spelling.read(each) for each in read.args))
        except (*_UNREADABLE, PolyspecError) as error:
            if not line.endswith(b"\n"):
                return
            raise DecodeError(f"line {number}: {_shown(error)}") from None
        taken, arguments = _TAKEN.get(given.what), given.arguments
        if taken is None or len(taken) != len(arguments) or not all(map(isinstance, arguments, taken)):
            raise DecodeError(f"line {number}: no input of a stream: {given.what!r:.40}")
        yield number, given


def replayed(lines: Iterable[bytes], feed: Feed, spelling: Spelling, *, first: int = 2) -> Iterator[Event]:
    """Play the lines after the first through a feed; yields what it tells. Raises DecodeError."""
    player = Player(feed)
    for number, given in inputs(lines, spelling, first=first):
        yield from played(player, number, given)


def played(player: Player, number: int, given: Input) -> list[Event]:
    """Play one line; raises DecodeError naming it if the feed cannot be told such a thing."""
    try:
        return player.play(given)
    except (*_UNREADABLE, AttributeError, LookupError, AssertionError) as error:
        raise DecodeError(f"line {number}: {given.what} cannot be played: {_shown(error)}") from error


def _shown(error: Exception) -> str:
    return str(error)[:_MOST_SHOWN] or type(error).__name__
