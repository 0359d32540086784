"""The user channel, in Polymarket's shapes, without its socket."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from polyspec_wire.polysimulator import models as wire

from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Rhythm
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError
from polyspec.polysimulator.fill_reading import Fills, fill_of_trade, told_trade
from polyspec.polysimulator.fills_feed import EVERYTHING, FILLS_RHYTHM, FillsFeed
from polyspec.polysimulator.pm_words import PmWords, complaint, is_pong
from polyspec.polysimulator.socket_feed import UNREADABLE, as_bytes, tell

__all__ = ["MOST_MARKETS", "UserFeed"]

MOST_MARKETS: Final = 25
"""Markets that can be named; all of them need no names."""
_DECODER: Final = decoder(wire.PmUserEvent, float_hook=Decimal)


class _UserWords(PmWords):
    """What is said to the user channel; each subscription is followed by a ping, for it is not answered."""

    def _named(self, keys: list[str]) -> dict[str, Any]:
        return {} if EVERYTHING in keys else {"markets": keys}

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for markets on a new connection."""
        return [*super().begin(keys), self.ping()]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for more markets, and for fewer."""
        return [*super().change(added, removed), self.ping()]


class UserFeed(FillsFeed):
    """Fills of the account, in the shape of Polymarket."""

    channel = "user"
    strict = True
    shaped = True

    def __init__(
        self,
        session: Callable[[], Session],
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = FILLS_RHYTHM,
    ) -> None:
        super().__init__(session, chance, _UserWords("user"), rhythm)

    def want(self, markets: list[str] | None, now: float) -> list[Action]:
        """Ask for exactly these markets; None for all."""
        if markets is not None and len(markets) > MOST_MARKETS:
            raise ConfigError(f"name at most {MOST_MARKETS} markets, not {len(markets)}; None follows all")
        return self.machine.want([EVERYTHING] if markets is None else markets, now)

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        if is_pong(message):
            self.machine.received(now, data=False)
            return self._stands()
        try:
            check_depth(message)
            told = _DECODER.decode(message)
        except UNREADABLE as error:
            self.machine.received(now)
            return self._other(as_bytes(message), str(error), now)
        self.machine.received(now, data=isinstance(told, wire.PmTradeEvent))
        if isinstance(told, wire.PmTradeEvent):
            return self._heard_fill(fill_of_trade(told), told, now)
        if isinstance(told, wire.PmErrorEvent):
            return self._complained(told, now)
        return self._stands()

    def _complained(self, told: wire.PmErrorEvent, now: float) -> list[Action]:
        """Tell a refusal; what no other attempt can mend ends the stream."""
        self._too_many = self._too_many or told.error == wire.SocketErrorCode.MAX_WS_EXCEEDED
        error = complaint(told, welcome=self._welcome)
        return [tell(now, "", told), *([] if error is None else self.machine.refused(now, error))]

    def _other(self, text: bytes, why: str, now: float) -> list[Action]:
        actions, plain = self._unread(text, why, now)
        kind = None if plain is None else plain.get("event_type")
        if isinstance(kind, str) and kind != "trade":
            return actions
        return actions + self._doubt(now)

    def _said(self, row: wire.TradeHistoryItem, found: Fills) -> wire.PmTradeEvent:
        return told_trade(row, found.trades.get(str(row.order_id)))
