"""The prices channel without its socket: no market that was asked for is passed over in silence.

The venue acknowledges a subscription with the markets it follows, and says nothing of those it left out. A
market counts as told once it was acknowledged and its price is known, from the channel or from REST; one that
is missing is asked for once more, by itself, and is `Lost` after that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.streams.events import Lost
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Machine, Rhythm, Write
from polyspec.core.typed import convert, decoder
from polyspec.errors import AuthError, ConfigError, Forbidden, NotFound, PolyspecError, StreamError
from polyspec.polysimulator.price_reading import differs, read_prices, said
from polyspec.polysimulator.socket_feed import UNREADABLE, SocketFeed, as_bytes, final, tell

__all__ = ["MOST_MARKETS", "PRICES_RHYTHM", "PricesFeed", "PricesWords"]

MOST_MARKETS: Final = 50
"""Markets on one connection."""
PRICES_RHYTHM: Final = Rhythm(late=3.0, quiet=15.0)
"""A price the venue does not tell is read 3 s later; 15 s without any are held against REST."""
_SAMPLE: Final = 5
"""Markets that are read to see whether the stream has gone deaf."""
_DECODER: Final = decoder(wire.PricesEvent, float_hook=Decimal)
_ACTIONS: Final = wire.SubscriptionAction


class PricesWords:
    """What is said to the prices channel."""

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for markets on a new connection."""
        return [wire.PricesSubscription(action=_ACTIONS.SUBSCRIBE, markets=keys)]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for more, and for fewer."""
        # room is made first: the venue allows so many
        asked = ((_ACTIONS.UNSUBSCRIBE, removed), (_ACTIONS.SUBSCRIBE, added))
        return [wire.PricesSubscription(action=action, markets=keys) for action, keys in asked if keys]

    def ping(self) -> object:
        """Ask for a sign of life."""
        return wire.PricesSubscription(action=_ACTIONS.PING)


class PricesFeed(SocketFeed):
    """Prices of markets."""

    channel = "prices"

    def __init__(
        self,
        session: Callable[[], Session],
        chance: Callable[[], float],
        *,
        rhythm: Rhythm = PRICES_RHYTHM,
    ) -> None:
        super().__init__(session)
        self.machine = Machine(PricesWords(), rhythm, chance)
        self.prices: dict[str, wire.PriceEvent] = {}
        """What was told last, by market."""
        self._names: set[str] = set()
        """What is asked for."""
        self._acknowledged: set[str] = set()
        self._known: set[str] = set()
        """Whose price was told on this connection."""
        self._again: set[str] = set()
        """What was asked for a second time on this connection."""
        self._owed: deque[list[str]] = deque()
        """What each subscription that is not answered yet asks for."""
        self._priced = 0.0
        """Monotonic second of the last price the channel told."""
        self._sampled = 0

    # -- what is asked for --

    def want(self, markets: list[str], now: float) -> list[Action]:
        """Ask for exactly these markets."""
        if len(markets) > MOST_MARKETS:
            raise ConfigError(
                f"one stream follows {MOST_MARKETS} markets at most, not {len(markets)}: open another for "
                "more (each takes one of the connections the plan allows)"
            )
        for gone in [each for each in self.prices if each not in markets]:
            del self.prices[gone]
        self._names = set(markets)
        self._known.intersection_update(markets)
        self._acknowledged.intersection_update(markets)
        before = self.machine.wanted
        return self._noted(self.machine.want(markets, now), before)

    def _noted(self, actions: list[Action], before: Iterable[str]) -> list[Action]:
        """Remember what is owed an answer."""
        for each in actions:
            if not isinstance(each, Write) or not isinstance(each.data, wire.PricesSubscription):
                continue
            if each.data.action == _ACTIONS.SUBSCRIBE:
                self._owed.append([key for key in each.data.markets or () if key not in before])
            elif each.data.action == _ACTIONS.UNSUBSCRIBE:
                self._owed.append([])
        return actions

    def lost(self, reason: str) -> None:
        """Take nothing for acknowledged any more."""
        super().lost(reason)
        for each in (self._acknowledged, self._known, self._again, self._owed):
            each.clear()

    # -- messages --

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        try:
            check_depth(message)
            told = _DECODER.decode(message)
        except UNREADABLE as error:
            self.machine.received(now)
            return self._nested(as_bytes(message), str(error), now)
        if isinstance(told, wire.PriceEvent):
            self.machine.received(now)
            if not told.outcomes and told.buy is None:
                return self._nested(as_bytes(message), "", now) or self._price(told, now)
            return self._price(told, now)
        self.machine.received(now, data=False)
        self._welcomed()
        if isinstance(told, wire.SubscribedEvent):
            return self._acked(told, now)
        if isinstance(told, wire.ErrorEvent):
            return [tell(now, "", told), *self._complained(told, now)]
        return []

    def _price(self, told: wire.PriceEvent, now: float) -> list[Action]:
        self._priced = now
        key = self._key(told.condition_id or told.market_id)
        return [tell(now, key, told), *self._learned(key, told, now)]

    def _learned(self, key: str, told: wire.PriceEvent, now: float) -> list[Action]:
        if key not in self._names:
            return []
        self.prices[key] = told
        self._known.add(key)
        return self._settled(key, now)

    def _settled(self, key: str, now: float) -> list[Action]:
        done = key in self._known and key in self._acknowledged
        return self.machine.synced(key, now) if done and key in self.machine.unsynced else []

    def _key(self, told: str) -> str:
        """Return a market under the name it was asked for by."""
        return told if told in self._names else told.lower()

    def _nested(self, text: bytes, why: str, now: float) -> list[Action]:
        """Read a price the way older documents have it, under `data`; anything else is told as it came."""
        actions, plain = self._unread(text, why, now)
        inner = None if plain is None else plain.get("data")
        if plain is None or not isinstance(inner, dict):
            # without a reason it was read, and is no such message
            return actions if why else []
        try:
            flat = {**{name: value for name, value in plain.items() if name != "data"}, **inner}
            told = convert({**flat, "type": "price"}, wire.PriceEvent)
        except UNREADABLE:
            return actions
        return self._price(told, now)

    # -- acknowledgements --

    def _acked(self, told: wire.SubscribedEvent, now: float) -> list[Action]:
        """Take in what the venue follows; ask again for what it left out, and give that up after."""
        if self._owed:
            self._owed.popleft()
        followed = {each.lower() for each in told.markets}
        waited = {key for each in self._owed for key in each}
        actions: list[Action] = []
        for key in self.machine.wanted:
            if key.lower() in followed:
                self._acknowledged.add(key)
                actions += self._settled(key, now)
            elif key not in waited:
                self._acknowledged.discard(key)
                why = "the venue acknowledged the subscription without it"
                actions += self._missing(key, why, now)
        return actions

    def _missing(self, key: str, why: str, now: float) -> list[Action]:
        if key in self._again:
            return self._given_up(key, StreamError(f"{key} is not followed: {why}"), now)
        self._again.add(key)
        self._owed.append([key])
        return [Write(wire.PricesSubscription(action=_ACTIONS.SUBSCRIBE, markets=[key]))]

    def _complained(self, told: wire.ErrorEvent, now: float) -> list[Action]:
        """Ask for each market of a subscription that was refused by itself."""
        asked = self._owed.popleft() if self._owed else []
        why = f"the venue says {(told.message or 'error')[:200]!r}"
        return [action for key in asked for action in self._missing(key, why, now)]

    def _given_up(self, key: str, error: PolyspecError, now: float) -> list[Action]:
        left = [each for each in self.machine.wanted if each != key]
        return [Emit(Lost(now, None, error, key)), *self.want(left, now)]

    # -- REST --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to read the prices that are not known; of those that are, a few."""
        del now
        asked = [each for each in keys if each not in self._known]
        rest = [each for each in keys if each in self._known]
        start = self._sampled % max(1, len(rest))
        self._sampled += _SAMPLE
        return read_prices(self._session(), [*asked, *(rest[start:] + rest[:start])[:_SAMPLE]])

    def looked(self, keys: tuple[str, ...], found: Any, now: float) -> list[Action]:
        """Tell prices the channel did not tell; hang up on one that has gone deaf."""
        if isinstance(found, (AuthError, Forbidden)):
            return self.machine.refused(now, final(found))
        if isinstance(found, PolyspecError):
            # looked up again when it is late
            return []
        actions: list[Action] = []
        deaf: str | None = None
        for key, answer in found.items():
            if key not in self._names:
                continue
            if isinstance(answer, PolyspecError):
                if isinstance(answer, NotFound) and key not in self._known:
                    actions += self._given_up(key, answer, now)
                continue
            if key in self._known and differs(self.prices[key], answer):
                deaf = key
            if key not in self._known or deaf == key:
                told = said(key, answer)
                actions += [tell(now, key, told), *self._learned(key, told, now)]
        return actions + self._judged(keys, deaf, now)

    def _judged(self, keys: tuple[str, ...], deaf: str | None, now: float) -> list[Action]:
        quiet = self.machine.rhythm.quiet
        if deaf is not None and quiet is not None and now - self._priced >= quiet:
            return self.machine.distrusted(now, f"the price of {deaf} changed and the stream did not tell")
        # a reader was too slow, and what is known here is known all the same
        actions = [action for each in keys for action in self._settled(each, now)]
        silent = [each for each in keys if each in self._known and each in self.machine.unsynced]
        if silent:
            return self.machine.distrusted(now, f"the subscription to {silent[0]} was not acknowledged")
        return actions
