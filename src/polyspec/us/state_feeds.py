"""Streams of how things are: positions, and instruments. Everything first, then what changes.

There is nothing to read on from: a new connection tells everything again, and what differs from what was told
is news. What things are like now is always open to the reader, read or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.events import Message, Raw
from polyspec.core.streams.machine import Action, Emit, Rhythm
from polyspec.us.private_feed import ALL, PrivateFeed, nothing
from polyspec.us.proto_words import part_of

if TYPE_CHECKING:
    from polyspec.us.protos import Rpc

__all__ = ["INSTRUMENT_RHYTHM", "POSITION_RHYTHM", "InstrumentFeed", "PositionFeed"]

POSITION_RHYTHM: Final = Rhythm(ping=None, silent=180.0)
INSTRUMENT_RHYTHM: Final = Rhythm(ping=None, silent=180.0, subscribe=180.0, late=2.0)
"""`late` is how long nothing may come before all there is counts as told."""

_Holding: TypeAlias = tuple[str, str]


class PositionFeed(PrivateFeed):
    """Positions of a participant's accounts."""

    def __init__(
        self,
        session: Session,
        rpc: Rpc,
        accounts: tuple[str, ...],
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = POSITION_RHYTHM,
    ) -> None:
        super().__init__(session, rpc, {"accounts": list(accounts)}, chance, rhythm, stream="positions")
        self._kind = part_of(rpc.response, "snapshot", "positions")
        self.positions: dict[_Holding, Any] = {}
        """Positions as they were told last, by account and symbol."""
        self._unseen: set[_Holding] | None = None
        """What this connection has not told yet of what is known; None outside of its snapshot."""
        self._snapshotted = False

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read a message."""
        kind = message.WhichOneof("event")
        self.machine.received(now, data=kind != "heartbeat")
        if kind == "snapshot":
            if not self._snapshotted:
                self._snapshotted, self._unseen = True, set(self.positions)
            told = [action for each in message.snapshot.positions for action in self._tell(each, now)]
            return told + self.machine.synced(ALL, now)
        gone = self._gone(now)
        if kind == "update":
            return gone + [action for each in message.update.positions for action in self._tell(each, now)]
        if kind == "heartbeat":
            return gone
        return [Emit(Raw(now, message, "an event that these protos do not know"))]

    def lost(self, reason: str) -> None:
        """Wait for the snapshot of another connection."""
        super().lost(reason)
        self._snapshotted, self._unseen = False, None

    def _tell(self, position: Any, now: float) -> list[Action]:
        place = (position.account, position.symbol)
        if self._unseen:
            self._unseen.discard(place)
        if self.positions.get(place) == position:
            return []
        self.positions[place] = position
        return [Emit(Message(now, position.symbol, position))]

    def _gone(self, now: float) -> list[Action]:
        """Tell as empty what a snapshot does not have any more; it may be in several messages."""
        gone, self._unseen = self._unseen or set(), None
        actions: list[Action] = []
        for account, symbol in sorted(gone):
            del self.positions[account, symbol]
            empty = self._kind(account=account, symbol=symbol)
            actions.append(Emit(Message(now, symbol, empty)))
        return actions


class InstrumentFeed(PrivateFeed):
    """Instruments, page by page, then those whose state changes.

    Nothing says which page is the last. All is taken to be told when every symbol asked for was, with a batch
    without anything in it, with an instrument that comes again, or when nothing comes for a while.
    """

    def __init__(
        self,
        session: Session,
        rpc: Rpc,
        symbols: tuple[str, ...],
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = INSTRUMENT_RHYTHM,
    ) -> None:
        super().__init__(session, rpc, {"symbols": list(symbols)}, chance, rhythm, stream="instruments")
        self.instruments: dict[str, Any] = {}
        """Instruments as they were told last, by symbol."""
        self._symbols = frozenset(symbols)
        self._seen: set[str] = set()
        """What this connection told."""
        self._paged: float | None = None
        """When it told the last of it."""

    def heard(self, message: Any, now: float) -> list[Action]:
        """Read a batch."""
        items = message.instruments
        self.machine.received(now, data=bool(items))
        self._paged = now
        again = False
        actions: list[Action] = []
        for each in items:
            again = again or each.symbol in self._seen
            self._seen.add(each.symbol)
            if self.instruments.get(each.symbol) != each:
                self.instruments[each.symbol] = each
                actions.append(Emit(Message(now, each.symbol, each)))
        if not items or again or (self._symbols and self._symbols <= self._seen):
            actions += self.machine.synced(ALL, now)
        return actions

    def lost(self, reason: str) -> None:
        """Wait for the pages of another connection."""
        super().lost(reason)
        self._seen, self._paged = set(), None

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Look up nothing: it is only time that passes."""
        del keys, now
        return nothing()

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Take everything for told if nothing came for a while."""
        del keys, found
        late = self.machine.rhythm.late
        if self._paged is None or late is None or now < self._paged + late * 0.9:
            return []
        return self.machine.synced(ALL, now)
