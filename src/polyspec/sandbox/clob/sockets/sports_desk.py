"""The sports channel without the socket: games as they are told, and pings that want an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polyspec.sandbox.clob.games import BEAT
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.sockets import Frame

__all__ = ["SportsDesk"]

_PONG: Final = "pong"
_UNANSWERED: Final = 1008
"""The venue's code is not published."""


class SportsDesk:
    """All games, for anybody; nothing is subscribed to."""

    def __init__(self, world: ClobWorld) -> None:
        self.closing: int | None = None
        self._world = world
        self._asked: float | None = None
        """When the ping was sent that was not answered yet."""

    def hear(self, text: str) -> list[Frame]:
        """Take an answer to a ping; whatever else is said goes unheard."""
        if text.strip() == _PONG:
            self._asked = None
        return []

    def tell(self, news: Sequence[Frame]) -> list[Frame]:
        """Return the games that changed, and pings."""
        told: list[Frame] = []
        for each in news:
            if each != BEAT:
                told.append(each)
            elif self._gave_up():
                self.closing = _UNANSWERED
            else:
                told.append(each)
        return told

    def _gave_up(self) -> bool:
        """Note that a ping is sent; tell whether an earlier one went unanswered for too long."""
        now = self._world.clock.seconds()
        if self._asked is None:
            self._asked = now
        return now - self._asked >= self._world.options.sports_patience
