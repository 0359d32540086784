"""The two channels without the socket: what is subscribed to, and what is told of the news."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.sockets import frames
from polyspec.sandbox.clob.sockets.news import News, Top
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.sockets import Frame

__all__ = ["MarketDesk", "UserDesk"]

_INVALID: Final = "INVALID OPERATION"
"""The venue's answer to what it does not understand is not published; this one is ours."""
_PONG: Final = "PONG"
_REFUSED: Final = 1008
_LEVELS: Final = (1, 2, 3)


class _Desk(ABC):
    """Pings, and frames that are no JSON objects."""

    def __init__(self, world: ClobWorld) -> None:
        self.closing: int | None = None
        self._world = world

    def hear(self, text: str) -> list[Frame]:
        """Return the answers to what the client said."""
        if text.strip() == "PING":
            return [_PONG]
        try:
            plain = read_plain(text.encode())
        except (msgspec.DecodeError, UnicodeError):
            return [_INVALID]
        return self._heard(plain) if isinstance(plain, dict) else [_INVALID]

    @abstractmethod
    def _heard(self, plain: dict[str, Any]) -> list[Frame]:
        """Return the answers to an object."""


class MarketDesk(_Desk):
    """Books and prices of tokens; for anybody."""

    def __init__(self, world: ClobWorld) -> None:
        super().__init__(world)
        self._tokens: dict[str, None] = {}
        self._began = False
        self._custom = False
        """Whether it is told of best prices, new markets and those that end."""

    def _heard(self, plain: dict[str, Any]) -> list[Frame]:
        tokens = plain.get("assets_ids")
        operation = plain.get("operation", "subscribe")
        first = plain.get("type") == "market"
        if not _texts(tokens) or not (first or self._began) or plain.get("level", 2) not in _LEVELS:
            return [_INVALID]
        if operation not in ("subscribe", "unsubscribe"):
            return [_INVALID]
        self._began = True
        if isinstance(plain.get("custom_feature_enabled"), bool):
            self._custom = plain["custom_feature_enabled"]
        assert isinstance(tokens, list)
        if operation == "unsubscribe":
            for token in tokens:
                self._tokens.pop(token, None)
            return []
        return self._subscribe(tokens, first=first, dump=plain.get("initial_dump") is not False)

    def _subscribe(self, tokens: list[str], *, first: bool, dump: bool) -> list[Frame]:
        """Return the books of tokens that are new here, in one array."""
        known = [each for each in dict.fromkeys(tokens) if self._world.listing_of(each) is not None]
        fresh = [each for each in known if each not in self._tokens]
        self._tokens |= dict.fromkeys(fresh)
        if not dump or not (first or fresh):
            return []
        books: list[object] = [frames.book_event(self._world, each) for each in fresh]
        return [books]

    def tell(self, news: Sequence[News]) -> list[Frame]:
        """Return what changed of the tokens that are subscribed to."""
        return [frame for each in news for frame in self._told(each)]

    def _told(self, news: News) -> list[Frame]:
        world, told = self._world, list[Frame]()
        changes = [each for each in news.events if isinstance(each, t.LevelChange)]
        for event in news.events:
            if isinstance(event, t.Trade) and event.status is t.TradeStatus.MATCHED:
                if event.token_id in self._tokens:
                    told.append(frames.trade_prints(event))
            elif isinstance(event, t.TickChange):
                told += frames.tick_events(world, event, self._tokens)
            elif isinstance(event, t.MarketListed) and self._custom:
                told.append(frames.listed_event(world, event))
            elif isinstance(event, t.MarketResolved) and self._custom:
                told.append(frames.resolved_event(world, event))
        told += frames.price_events(world, changes, news.tops, self._tokens)
        if self._custom and changes:
            told += self._best(news.tops, changes[-1].time)
        return told

    def _best(self, tops: dict[str, Top], time: int) -> list[Frame]:
        return [
            frames.best_event(condition_id, token, top.of(outcome), time)
            for condition_id, top in tops.items()
            for outcome, token in enumerate(self._world.listings[condition_id].token_ids)
            if token in self._tokens
        ]


class UserDesk(_Desk):
    """Orders and trades of one API key."""

    def __init__(self, world: ClobWorld) -> None:
        super().__init__(world)
        self._key: str | None = None
        self._owner = ""
        self._markets: set[str] | None = None
        """Condition ids; None: all."""

    def _heard(self, plain: dict[str, Any]) -> list[Frame]:
        markets = plain.get("markets")
        if markets is not None and not _texts(markets):
            return [_INVALID]
        if plain.get("type") == "user":
            return self._log_in(plain.get("auth"), markets)
        operation = plain.get("operation")
        if self._key is None or markets is None or operation not in ("subscribe", "unsubscribe"):
            return [_INVALID]
        if operation == "subscribe":
            self._markets = {*(self._markets or ()), *markets}
        elif self._markets is not None:
            self._markets -= set(markets)
        return []

    def _log_in(self, auth: Any, markets: list[str] | None) -> list[Frame]:
        """Take up whose channel it is; what does not fit closes it."""
        keys = self._world.keys
        given = auth if isinstance(auth, dict) else {}
        key = keys.get(str(given.get("apiKey", "")))
        secret, passphrase = str(given.get("secret", "")), str(given.get("passphrase", ""))
        fits = (
            key is not None
            and hmac.compare_digest(secret.encode(), keys.secret(key.id).encode())
            and hmac.compare_digest(passphrase.encode(), keys.passphrase(key.id).encode())
            and not keys.fresh(key)
            and not keys.lapsed(key)
        )
        if key is None or not fits:
            self.closing = _REFUSED
            return []
        self._key, self._owner = key.id, key.line or key.id
        # an empty list means everything, as none does
        self._markets = set(markets) if markets else None
        return []

    def tell(self, news: Sequence[News]) -> list[Frame]:
        """Return what became of the key's orders and trades."""
        if self._key is None:
            return []
        if self._world.keys.get(self._key) is None:
            # a key that was deleted in the meantime
            self.closing = _REFUSED
            return []
        return [frame for each in news for event in each.events for frame in self._told(event)]

    def _told(self, event: t.Event) -> list[Frame]:
        if isinstance(event, t.OrderEvent):
            mine = event.order.owner == self._owner and self._follows(event.order.condition_id)
            return [frames.order_event(self._world, event)] if mine else []
        if not isinstance(event, t.Trade) or not self._follows(event.condition_id):
            return []
        if event.owner == self._owner:
            return [frames.trade_event(self._world, event, taker=True)]
        if any(each.owner == self._owner for each in event.makers):
            return [frames.trade_event(self._world, event, taker=False)]
        return []

    def _follows(self, condition_id: str) -> bool:
        return self._markets is None or condition_id in self._markets


def _texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, str) for each in given)
