"""The sports channel without its socket: how every game stands, as far as it was told.

Nothing is subscribed to, and nothing can be looked up. A message is the whole state of one game, so the next
one of a game makes up for all that was missed of it; until then the game is doubtful. `Resynced` says here
that games are told again, and not that they are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.streams.events import Message, Raw
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Machine, Rhythm, Write
from polyspec.core.streams.wordless import Wordless
from polyspec.core.typed import convert, decoder
from polyspec.errors import PolyspecError

__all__ = ["SPORTS_RHYTHM", "SportsFeed", "game_key"]

SPORTS_RHYTHM: Final = Rhythm(ping=None)
"""Games may be silent for hours. Once the venue says `ping`, it has to go on, unless `silent` is given."""
_ALL: Final = "*"
_PINGS: Final = {b"ping": "pong", b"PING": "PONG"}
_SILENT: Final = 16.0
"""Seconds without anything after which a venue that says `ping` every 5 is gone."""
_MOST: Final = 5_000
"""Games that are kept; those told longest ago go first."""
_ONE: Final = decoder(wire.SportsResult)
_PLAIN: Final = decoder(dict[str, Any])
_MANY: Final = decoder(list[msgspec.Raw])
_UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
_OTHER, _NAME = "finishedTimestamp", "finished_timestamp"
"""Two names of one field."""


def game_key(told: wire.SportsResult) -> str:
    """Return what a game is called in events: its number, or its slug; empty if it has neither."""
    for name in (told.game_id, told.metadata_game_id, told.slug):
        if name not in (None, ""):
            return str(name)
    return ""


class SportsFeed:
    """All games that are on."""

    def __init__(self, chance: Callable[[], float], *, rhythm: Rhythm = SPORTS_RHYTHM) -> None:
        # games may be silent for hours, and pings of ours are not answered
        self._rhythm = evolve(rhythm, ping=None)
        self.machine = Machine(Wordless(), self._rhythm, chance, looks=True)
        self.games: dict[str, wire.SportsResult] = {}
        """How each game stood when it was told last."""
        self.doubtful: set[str] = set()
        """Games of which something may have been missed since."""

    def want(self, games: None, now: float) -> list[Action]:
        """Ask for all games: there is no choice."""
        del games
        return self.machine.want([_ALL], now)

    def prepare(self) -> Flow[None]:
        """Do nothing: the channel is for anybody."""
        yield from ()

    def lost(self, reason: str) -> None:
        """Doubt every game that is not over, and what the venue's habits were."""
        del reason
        self._doubt()
        self.machine.rhythm = self._rhythm

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone."""
        del code
        self.lost(reason)
        return self.machine.ended(now, reason)

    def overflowed(self, now: float) -> list[Action]:
        """Tell of a gap; how games stand is known here all the same."""
        return self.machine.missed((_ALL,), "events were not read as fast as they came", now)

    def _doubt(self) -> None:
        self.doubtful |= {key for key, each in self.games.items() if not each.ended}

    # -- messages --

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        text = message.encode() if isinstance(message, str) else bytes(message)
        if len(text) < 6 and (not text.strip() or text in _PINGS or text.lower() == b"pong"):
            return self._sign(text, now)
        self.machine.received(now)
        try:
            check_depth(text)
        except RecursionError as error:
            return self._unread(text, str(error), now)
        try:
            return self._told(self._read(text), text, now)
        except _UNREADABLE:
            return self._spelt_out(text, now)

    def _sign(self, text: bytes, now: float) -> list[Action]:
        """Answer a sign of life; whoever gave one has to go on giving them."""
        self.machine.received(now, data=False)
        if text not in _PINGS:
            return []
        if self.machine.rhythm.silent is None:
            self.machine.rhythm = evolve(self._rhythm, silent=_SILENT)
        return [Write(_PINGS[text])]

    @staticmethod
    def _read(text: bytes) -> wire.SportsResult:
        if _OTHER.encode() not in text:
            return _ONE.decode(text)
        plain = _PLAIN.decode(text)
        other = plain.pop(_OTHER, None)
        if not plain.get(_NAME):
            plain[_NAME] = other
        return convert(plain, wire.SportsResult)

    def _told(self, told: wire.SportsResult, text: bytes, now: float) -> list[Action]:
        key = game_key(told)
        if not key:
            return [Emit(Raw(now, _PLAIN.decode(text), "no game is named"))]
        self.games.pop(key, None)
        self.games[key] = told
        self.doubtful.discard(key)
        while len(self.games) > _MOST:
            oldest = next(iter(self.games))
            del self.games[oldest]
            self.doubtful.discard(oldest)
        return [Emit(Message(now, key, told))]

    # -- what cannot be read --

    def _spelt_out(self, text: bytes, now: float) -> list[Action]:
        """Read piece by piece what cannot be read as one; what stays unread is told as it came."""
        try:
            pieces = [bytes(each) for each in _MANY.decode(text)] if text.lstrip()[:1] == b"[" else [text]
        except _UNREADABLE:
            pieces = [text]
        return [action for each in pieces for action in self._piece(each, now)]

    def _piece(self, text: bytes, now: float) -> list[Action]:
        try:
            return self._told(self._read(text), text, now)
        except _UNREADABLE as error:
            why = str(error)
        plain: Any = text
        try:
            plain = _PLAIN.decode(text)
        except _UNREADABLE:
            why = "not a JSON object"
        return self._unread(plain, why, now)

    def _unread(self, plain: Any, why: str, now: float) -> list[Action]:
        # it may have been any game
        self._doubt()
        gap = self.machine.missed((_ALL,), "a message that cannot be read", now)
        return [Emit(Raw(now, plain, why)), *gap]

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[None]:
        """Look up nothing: REST does not have it."""
        del keys, now
        yield from ()

    def looked(self, keys: tuple[str, ...], found: Any | PolyspecError, now: float) -> list[Action]:
        """Go on: what comes is told from here on."""
        del found
        return [action for key in keys for action in self.machine.synced(key, now)]
