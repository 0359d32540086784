"""Live data without its socket: prices and comments, each told under what was asked for.

A request is not answered, so what shows that it was taken is the first message of it: the past of a symbol,
or a price. Comments show nothing. What was missed of prices is made up for by the next one; comments that
were missed cannot be had again, which is told as `Lost` with the gap they were missed in.

A symbol nobody knows is met with silence. It is told as `Lost` too, and asked for no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec
from attrs import define, evolve, field
from polyspec_wire.clob import models as wire

from polyspec.clob.live_topics import COMMENTS, LiveTopic, live_topics
from polyspec.core.bounds import unbounded
from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.streams.events import Lost, Message, Raw, Resynced, StreamState
from polyspec.core.streams.feed import Text
from polyspec.core.streams.machine import Action, Emit, Machine, Rhythm
from polyspec.core.typed import decoder
from polyspec.errors import PolyspecError, StreamError

__all__ = ["LIVE_RHYTHM", "LiveFeed", "exact_price"]

LIVE_RHYTHM: Final = Rhythm(ping=5.0, pong=None, quiet=15.0, late=5.0, audit=15.0)
"""The venue wants a ping every 5 s and does not answer it. Prices of crypto never pause for `quiet`."""
_PATIENCE: Final = 10.0
"""Seconds without a word after which a symbol nothing was ever told of is taken for unknown."""
_TRIES: Final = 2
"""Connections on which nothing at all was told, before that is put down to what was asked for."""
_MOST: Final = 10_000
"""Symbols of which the last price is kept, far more than there are."""
_SCALE: Final = -18
"""Decimal places by which Chainlink's exact prices are moved."""
_SCALED: Final = ("crypto_prices_chainlink", "crypto_prices_twap_thirty", "crypto_prices_twap_sixty")
_UNREADABLE: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
_EVENT: Final = decoder(wire.LiveEvent)
# numbers of which nothing is known may be prices
_ENVELOPE: Final = decoder(wire.LiveMessage, float_hook=Decimal)
_REFUSAL: Final = decoder(wire.LiveRefusal, float_hook=Decimal)
_PLAIN: Final = decoder(dict[str, Any], float_hook=Decimal)
_MANY: Final = decoder(list[msgspec.Raw])


def exact_price(told: wire.LivePriceEvent) -> Decimal:
    """Return a price in dollars with all the digits the venue told."""
    full = told.payload.full_accuracy_value
    if full is None:
        return told.payload.value
    return full.scaleb(_SCALE) if str(told.topic) in _SCALED else full


@define(eq=False)
class _Words:
    """What is said to the channel; `topics` by their keys."""

    topics: dict[str, LiveTopic] = field(factory=dict)
    """Everything that was ever asked for: what is given up must be named once more."""

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for everything, one by one: what the venue does not know costs the others nothing.

        What shows nothing comes first, so that it was taken by the time the rest shows something.
        """
        silent_first = sorted(keys, key=lambda key: self.topics[key].steady)
        return [self._request(wire.SubscriptionOperation.SUBSCRIBE, key) for key in silent_first]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for more, and for less."""
        gone = [self._request(wire.SubscriptionOperation.UNSUBSCRIBE, key) for key in removed]
        return [*gone, *self.begin(added)]

    def ping(self) -> object:
        """Keep the connection open."""
        return "PING"

    def _request(self, action: wire.SubscriptionOperation, key: str) -> wire.LiveRequest:
        return wire.LiveRequest(action=action, subscriptions=[self.topics[key].asked])


class LiveFeed:
    """Prices and comments."""

    def __init__(self, chance: Callable[[], float], *, rhythm: Rhythm = LIVE_RHYTHM) -> None:
        self._words = _Words()
        self.machine = Machine(self._words, evolve(rhythm, pong=None), chance, looks=True)
        self.prices: dict[tuple[str, str], wire.LivePriceEvent] = {}
        """The last price by topic and symbol, as the venue names both."""
        self._known: set[str] = set()
        """What anything was ever told of."""
        self._asked: dict[str, float] = {}
        """Since when it is waited for on this connection."""
        self._untold: dict[str, int] = {}
        """Connections on which it was waited for in vain."""
        self._routes: dict[tuple[str, str, str], list[str]] = {}
        """What messages of a topic, type and symbol belong to."""
        self._spoke = False
        """Whether anything was told on this connection."""
        self._flowed = float("-inf")
        """When a price came that never pauses."""
        self._refusal = ""

    @property
    def topics(self) -> dict[str, LiveTopic]:
        """What is asked for now, by its keys."""
        return {key: self._words.topics[key] for key in self.machine.wanted}

    def want(self, keys: list[str], now: float) -> list[Action]:
        """Ask for exactly the topics of these keys."""
        topics = live_topics(keys)
        self._words.topics |= topics
        actions = self._honest(self.machine.want(topics, now), now)
        wanted = self.machine.wanted
        self._words.topics = {key: self._words.topics[key] for key in wanted}
        self._routes.clear()
        for held in (self._asked, self._untold):
            for key in [each for each in held if each not in topics]:
                del held[key]
        return actions

    def prepare(self) -> Flow[None]:
        """Do nothing: the channel is for anybody."""
        yield from ()

    def lost(self, reason: str) -> None:
        """Forget what was waited for: another connection begins anew."""
        del reason
        self._asked.clear()
        self._spoke, self._flowed = False, float("-inf")

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone."""
        del code
        self.lost(reason)
        return self.machine.ended(now, reason)

    def overflowed(self, now: float) -> list[Action]:
        """Tell of a gap, which ends with the next price of each."""
        return self.machine.missed(self.machine.wanted, "events were not read as fast as they came", now)

    # -- messages --

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        text = message.encode() if isinstance(message, str) else bytes(message)
        if len(text) < 5 and text.strip() in (b"", b"PONG", b"pong"):
            self.machine.received(now, data=False)
            return []
        self.machine.received(now)
        try:
            check_depth(text)
        except RecursionError as error:
            return self._unread(text, str(error), now)
        try:
            return self._told(_EVENT.decode(text), now)
        except _UNREADABLE as error:
            return self._spelt_out(text, str(error), now)

    def _told(self, told: Any, now: float) -> list[Action]:
        where = unbounded(told, type(told))
        if where is not None:
            return self._unread(msgspec.to_builtins(told), f"a number that is not finite at ${where}", now)
        self._spoke = True
        if isinstance(told, (wire.LivePriceEvent, wire.LivePriceHistoryEvent)):
            return self._priced(told, now)
        return [Emit(Message(now, self._comment_key(told), told))]

    def _priced(self, told: wire.LivePriceEvent | wire.LivePriceHistoryEvent, now: float) -> list[Action]:
        topic, symbol = str(told.topic), told.payload.symbol.lower()
        if isinstance(told, wire.LivePriceEvent):
            self.prices[topic, symbol] = told
            if len(self.prices) > _MOST:
                del self.prices[next(iter(self.prices))]
        keys = self._keys(topic, told.type, symbol)
        if not keys:
            # given up a moment ago, or told without being asked for
            return [Emit(Message(now, "", told))]
        actions: list[Action] = [Emit(Message(now, keys[0], told))]
        if self._words.topics[keys[0]].flows:
            self._flowed = now
        for key in keys:
            self._known.add(key)
            self._untold.pop(key, None)
            if key in self.machine.unsynced:
                actions += self._synced(key, now)
        return actions

    def _keys(self, topic: str, kind: str, symbol: str) -> list[str]:
        """Return what was asked for that a price belongs to, that of its symbol first."""
        route = topic, kind, symbol
        found = self._routes.get(route)
        if found is None:
            asked = self._words.topics
            fitting = [
                key
                for key, each in asked.items()
                if each.topic == topic and each.symbol in (symbol, None) and each.type in ("*", kind)
            ]
            found = sorted(fitting, key=lambda key: asked[key].symbol is None)
            if len(self._routes) < _MOST:
                self._routes[route] = found
        if found or kind != "subscribe" or "/" not in symbol:
            return found
        # the past of Chainlink's prices comes under the name of another topic
        named = [key for key, each in self._words.topics.items() if each.symbol == symbol]
        named.sort(key=lambda key: (key not in self.machine.unsynced, key))
        return named[:1]

    def _comment_key(self, told: Any) -> str:
        """Return what was asked for that a comment belongs to; reactions do not say what they are on."""
        on = {
            "parentEntityID": getattr(told.payload, "parent_entity_id", None),
            "parentEntityType": getattr(told.payload, "parent_entity_type", None),
        }
        for key, each in self._words.topics.items():
            if each.topic == COMMENTS and each.type in ("*", told.type):
                wanted = _PLAIN.decode(each.filters) if each.filters is not None else {}
                if all(on.get(name) in (None, value) for name, value in wanted.items()):
                    return key
        return ""

    # -- what is not as specified --

    def _spelt_out(self, text: bytes, why: str, now: float) -> list[Action]:
        """Read piece by piece what cannot be read as one; what stays unread is told as it came."""
        if text.lstrip()[:1] != b"[":
            return self._piece(text, why, now)
        try:
            pieces = [bytes(each) for each in _MANY.decode(text)]
        except _UNREADABLE:
            return self._unread(text, "not JSON", now)
        actions: list[Action] = []
        for each in pieces:
            try:
                actions += self._told(_EVENT.decode(each), now)
            except _UNREADABLE as error:
                actions += self._piece(each, str(error), now)
        return actions

    def _piece(self, text: bytes, why: str, now: float) -> list[Action]:
        try:
            plain = _PLAIN.decode(text)
        except _UNREADABLE:
            return self._unread(text, "not a JSON object", now)
        try:
            if isinstance(plain.get("topic"), str):
                told = _ENVELOPE.decode(text)
                keys = [key for key, each in self._words.topics.items() if each.topic == told.topic]
                return [Emit(Message(now, keys[0] if len(keys) == 1 else "", told))]
            if "message" in plain or "statusCode" in plain:
                return self._refused(_REFUSAL.decode(text), now)
        except _UNREADABLE as error:
            why = str(error)
        return self._unread(plain, why, now)

    def _refused(self, told: wire.LiveRefusal, now: float) -> list[Action]:
        """Tell of a refusal; which request it is about the venue does not say."""
        said = "".join(each if each.isprintable() else "?" for each in told.message or "")[:100]
        self._refusal = f"the venue said {said or told.status_code!r}"
        return [Emit(Message(now, "", told))]

    def _unread(self, plain: Any, why: str, now: float) -> list[Action]:
        # it may have been anything
        gap = self.machine.missed(self.machine.wanted, "a message that cannot be read", now)
        return [Emit(Raw(now, plain, why)), *gap]

    # -- what was missed --

    def look(self, keys: tuple[str, ...], now: float) -> Flow[None]:
        """Look up nothing: REST does not have it."""
        del keys, now
        yield from ()

    def looked(self, keys: tuple[str, ...], found: Any | PolyspecError, now: float) -> list[Action]:
        """Go on with what shows nothing at first; give up what was waited for in vain."""
        del found
        if self.machine.state not in (StreamState.SUBSCRIBING, StreamState.LIVE):
            return []
        quiet = self.machine.rhythm.quiet
        if quiet is not None and 0 <= now - self._flowed - quiet < float("inf"):
            return self.machine.distrusted(now, f"no price came for {now - self._flowed:.0f} s")
        actions: list[Action] = []
        for key in keys:
            topic = self._words.topics.get(key)
            if topic is None:
                continue
            if not topic.steady:
                actions += self._synced(key, now)
            elif key in self.machine.unsynced and now - self._asked.setdefault(key, now) >= _PATIENCE:
                actions += self._waited(key, topic, now)
        return actions

    def _waited(self, key: str, topic: LiveTopic, now: float) -> list[Action]:
        """Give up what nothing was ever told of, unless nothing at all was told."""
        if key in self._known:
            # stocks pause with their markets; other prices are known to be missing until they come
            return [] if topic.flows else self._synced(key, now)
        self._untold[key] = self._untold.get(key, 0) + 1
        # not again on this connection
        self._asked[key] = float("inf")
        if not self._spoke and self._untold[key] < _TRIES:
            return []
        refusal = f"; {self._refusal}" if self._refusal else ""
        error = StreamError(f"nothing was told of {key}: the venue may not know it{refusal}")
        left = [each for each in self.machine.wanted if each != key]
        return [Emit(Lost(now, None, error, key)), *self.want(left, now)]

    def _synced(self, key: str, now: float) -> list[Action]:
        return self._honest(self.machine.synced(key, now), now)

    def _honest(self, actions: Iterable[Action], now: float) -> list[Action]:
        """Say of what a gap cost that cannot be had again, before the gap is said to be over."""
        told: list[Action] = []
        for each in actions:
            if isinstance(each, Emit) and isinstance(each.event, Resynced):
                for key in [key for key, topic in self.topics.items() if topic.topic == COMMENTS]:
                    error = StreamError("comments that were told meanwhile cannot be had again")
                    told.append(Emit(Lost(now, each.event.gap, error, key)))
            told.append(each)
        return told
