"""The executions channel without its socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import evolve
from polyspec_wire.polysimulator import models as wire

from polyspec.core.sending import Session
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Rhythm
from polyspec.core.typed import convert, decoder
from polyspec.polysimulator.fill_reading import Fills, fill_of_event, told_fill
from polyspec.polysimulator.fills_feed import EVERYTHING, FILLS_RHYTHM, FillsFeed
from polyspec.polysimulator.socket_feed import UNREADABLE, as_bytes, tell

__all__ = ["ExecutionsFeed", "ExecutionsWords"]

_DECODER: Final = decoder(wire.ExecutionsEvent)
_HARMLESS: Final = frozenset({"connected", "pong", "error", "subscribed"})
_DONE: Final = frozenset({"", "FILLED", "MATCHED", "PARTIALLY_FILLED"})


class ExecutionsWords:
    """What is said to the executions channel: nothing but pings."""

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for a sign of life: what comes after it was told from now on."""
        del keys
        return [self.ping()]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Say nothing: there is nothing to subscribe to."""
        del added, removed
        return []

    def ping(self) -> object:
        """Ask for a sign of life."""
        return wire.PricesSubscription(action=wire.SubscriptionAction.PING)


class ExecutionsFeed(FillsFeed):
    """Every fill of the account, as it happens."""

    channel = "executions"

    def __init__(
        self,
        session: Callable[[], Session],
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = FILLS_RHYTHM,
    ) -> None:
        super().__init__(session, chance, ExecutionsWords(), rhythm)
        self._rhythm = rhythm
        self._answers = False
        """Whether the channel was ever heard to answer a ping."""

    def want(self, now: float) -> list[Action]:
        """Ask for all fills."""
        return self.machine.want([EVERYTHING], now)

    def lost(self, reason: str) -> None:
        """Insist no more on answers to pings if none ever came: this channel need not have any."""
        if not self._answers and "answer to a ping" in reason:
            self.machine.rhythm = evolve(self.machine.rhythm, ping=None)
        super().lost(reason)

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        try:
            told = _DECODER.decode(message)
        except UNREADABLE as error:
            self.machine.received(now)
            return self._older(as_bytes(message), str(error), now)
        self.machine.received(now, data=isinstance(told, wire.FillEvent))
        return self._told(told, now)

    def _told(self, told: Any, now: float) -> list[Action]:
        if isinstance(told, wire.FillEvent):
            return self._heard_fill(fill_of_event(told), told, now)
        if isinstance(told, wire.ConnectedEvent):
            return self._stands()
        self._answers, self.machine.rhythm = True, self._rhythm
        # an error is an answer, too: to a ping this channel may not know
        shown = [tell(now, "", told)] if isinstance(told, wire.ErrorEvent) else []
        return [*shown, *self._stands()]

    def _older(self, text: bytes, why: str, now: float) -> list[Action]:
        """Read what older documents call an execution; whatever else it is may have been a fill."""
        actions, plain = self._unread(text, why, now)
        kind = None if plain is None else plain.get("type")
        if plain is not None and kind == "execution":
            status = plain.get("status") or ""
            try:
                told = convert({**plain, "type": "fill"}, wire.FillEvent)
            except UNREADABLE:
                return actions + self._doubt(now)
            return self._heard_fill(fill_of_event(told), told, now) if status in _DONE else actions
        if isinstance(kind, str) and kind != "fill":
            return actions
        return actions + self._doubt(now)

    def _said(self, row: wire.TradeHistoryItem, found: Fills) -> wire.FillEvent:
        del found
        return told_fill(row)
