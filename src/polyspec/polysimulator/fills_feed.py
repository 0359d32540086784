"""Fills without their socket: each told once, and none missed, whatever the channel forgets.

The channels tell fills only while they are connected, and not even all of those. So the history is read when
the stream begins, which is no news; again on every connection before it counts as healthy; and from time to
time. What only REST knew is told in the words of the channel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.core.streams.machine import Action, Machine, Resync, Rhythm, Subscriber
from polyspec.errors import AuthError, Forbidden, PolyspecError
from polyspec.polysimulator.fill_ledger import Fill, Ledger
from polyspec.polysimulator.fill_reading import Fills, fill_of_row, read_fills
from polyspec.polysimulator.socket_feed import SocketFeed, final, tell

__all__ = ["EVERYTHING", "FILLS_RHYTHM", "FillsFeed"]

EVERYTHING: Final = "*"
"""What stands for all markets."""
FILLS_RHYTHM: Final = Rhythm(late=3.0, audit=30.0)
"""A fill that the channel forgets is told within 30 s."""


class FillsFeed(SocketFeed):
    """Fills of the account of one key."""

    shaped: ClassVar[bool] = False
    """Whether Polymarket's shape of the fills is read as well."""

    def __init__(
        self,
        session: Callable[[], Session],
        chance: Callable[[], float],
        words: Subscriber,
        rhythm: Rhythm = FILLS_RHYTHM,
    ) -> None:
        super().__init__(session)
        self.machine = Machine(words, rhythm, chance)
        self._ledger = Ledger()
        self._looked_on = 0
        """The connection on which the look began."""
        self._asked_on = -1
        """The connection that showed that it tells from now on."""

    def prepare(self) -> Flow[str]:
        """Read what was before, the first time, and mint a token."""
        if not self._ledger.begun:
            try:
                found: Fills = yield from read_fills(self._session(), None)
            except Forbidden as error:
                raise final(error) from error
            self._ledger.begin(map(fill_of_row, found.rows))
        return (yield from super().prepare())

    def overflowed(self, now: float) -> list[Action]:
        """Do nothing: fills are not left out."""
        del now
        return []

    # -- what the channel tells --

    def _stands(self) -> list[Action]:
        """Look up what was missed until now, once per connection: from now on the channel tells it."""
        self._welcomed()
        unsynced = tuple(sorted(self.machine.unsynced))
        if not unsynced or self._asked_on == self._connection:
            return []
        self._asked_on = self._connection
        return [Resync(unsynced, "connected")]

    def _heard_fill(self, fill: Fill, native: Any, now: float) -> list[Action]:
        self._welcomed()
        if not self._ledger.hear(fill) or not self._follows(fill.market):
            return []
        return [tell(now, fill.market, native)]

    def _follows(self, market: str) -> bool:
        return EVERYTHING in self.machine.wanted or market in self.machine.wanted

    def _doubt(self, now: float) -> list[Action]:
        """Look up what a message that cannot be read may have told."""
        return self.machine.missed(self.machine.wanted, "a message that cannot be read", now)

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read fills."""
        del keys, now
        self._looked_on = self._connection
        return read_fills(self._session(), self._ledger.since, shaped=self.shaped)

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Tell what only REST knew, or that the credentials do not hold any more."""
        if isinstance(found, (AuthError, Forbidden)):
            return self.machine.refused(now, final(found))
        if isinstance(found, PolyspecError):
            # looked up again when it is late
            return []
        actions = self._news(found, now)
        if self._looked_on != self._connection:
            # it began before this connection did, and something may have happened in between
            return actions
        for key in keys:
            actions += self.machine.synced(key, now)
        return actions

    def _news(self, found: Fills, now: float) -> list[Action]:
        rows = {fill_of_row(each): each for each in found.rows}
        return [
            tell(now, fill.market, self._said(rows[fill], found))
            for fill in self._ledger.read(rows)
            if self._follows(fill.market)
        ]

    def _said(self, row: wire.TradeHistoryItem, found: Fills) -> Any:
        """Say a fill in the words of the channel."""
        raise NotImplementedError
