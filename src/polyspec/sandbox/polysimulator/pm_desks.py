"""The websockets in Polymarket's shapes, without the socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.polysimulator.catalogue import Catalogue
from polyspec.sandbox.polysimulator.desks import Frame
from polyspec.sandbox.polysimulator.frames import Top, book_event, change_events, millis, trade_event
from polyspec.sandbox.polysimulator.streams import Fill

__all__ = ["TOO_MANY", "Login", "MarketDesk", "TooMany", "UserDesk"]

_MOST_TOKENS: Final = 50
_MOST_MARKETS: Final = 25
_FAILED: Final = 1008
TOO_MANY: Final = 4002
_TYPES: Final = ("market", "user", "subscribe")

Login = Callable[[str], "int | None"]
"""Returns whose an API key is, None if it does not hold; raises TooMany."""


class TooMany(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """The user has as many connections as the plan allows."""


class _PmDesk:
    """Subscriptions, errors, pings."""

    channel: str

    def __init__(self, clock: Clock, feed: Catalogue, user_id: int | None, login: Login) -> None:
        self.closing: int | None = None
        self._user_id = user_id
        self._clock = clock
        self._feed = feed
        self._login = login

    @property
    def user(self) -> int | None:
        """Whose fills it tells; None: nobody's."""
        return None

    def greet(self) -> list[Frame]:
        """Say nothing until asked."""
        return []

    def hear(self, text: str) -> list[Frame]:
        """Return the answers to what the client said; a subscription is not acknowledged."""
        if text.strip().lower() == "ping":
            return [self._pong()]
        try:
            plain = read_plain(text.encode())
        except (msgspec.DecodeError, UnicodeError):
            return [_error("INVALID_JSON", "the frame is not valid JSON")]
        if not isinstance(plain, dict):
            return [_error("INVALID_SUBSCRIBE", "the frame must be an object")]
        kind = str(plain.get("type", "subscribe")).lower()
        if kind == "ping":
            return [self._pong()]
        if kind not in _TYPES:
            return [_error("UNKNOWN_FRAME", f"unknown frame type {kind[:40]!r}")]
        return self._log_in(plain) or self._subscribe(plain)

    def _log_in(self, plain: Frame) -> list[Frame]:
        """Take up who subscribes, unless a token told already; return what is wrong."""
        if self._user_id is not None:
            return []
        auth = plain.get("auth")
        key = auth.get("apiKey") if isinstance(auth, dict) else None
        if not isinstance(key, str) or not key:
            return self._needs_auth()
        try:
            self._user_id = self._login(key)
        except TooMany as many:
            self.closing = TOO_MANY
            return [_error("MAX_WS_EXCEEDED", str(many))]
        if self._user_id is None:
            self.closing = _FAILED
            return [_error("AUTH_INVALID", "the API key does not hold")]
        return []

    def _needs_auth(self) -> list[Frame]:
        return []

    def _subscribe(self, plain: Frame) -> list[Frame]:
        operation = plain.get("operation", "subscribe")
        tokens, markets = plain.get("assets_ids") or [], plain.get("markets") or []
        if operation not in ("subscribe", "unsubscribe") or not (_texts(tokens) and _texts(markets)):
            return [_error("INVALID_SUBSCRIBE", "assets_ids and markets must be lists of texts")]
        if len(set(tokens)) > _MOST_TOKENS or len(set(markets)) > _MOST_MARKETS:
            words = f"at most {_MOST_TOKENS} assets or {_MOST_MARKETS} markets"
            return [_error("MAX_ASSETS_EXCEEDED", words)]
        return self._follow(tokens, markets, on=operation == "subscribe")

    def _follow(self, tokens: list[str], markets: list[str], *, on: bool) -> list[Frame]:
        raise NotImplementedError

    def tell(self, markets: list[str], fills: list[Fill]) -> list[Frame]:
        """Return what the client is told of the news."""
        raise NotImplementedError

    def _pong(self) -> Frame:
        return {"event_type": "pong", "ts": millis(self._clock.now_ns())}


class MarketDesk(_PmDesk):
    """Books and prices of tokens; for anybody."""

    def __init__(self, clock: Clock, feed: Catalogue, user_id: int | None, login: Login) -> None:
        super().__init__(clock, feed, user_id, login)
        self._told: dict[str, Top] = {}

    def _follow(self, tokens: list[str], markets: list[str], *, on: bool) -> list[Frame]:
        if not tokens and not markets:
            return [_error("EMPTY_SUBSCRIBE", "name assets_ids or markets")]
        wanted, unknown = self._named(tokens, markets)
        # those that are known are subscribed to all the same
        wrong = [_error("UNKNOWN_ASSET", f"unknown asset {unknown[0][:80]}")] if unknown else []
        if not on:
            for each in wanted:
                self._told.pop(each, None)
            return wrong
        if len(self._told.keys() | wanted.keys()) > _MOST_TOKENS:
            return [_error("MAX_ASSETS_EXCEEDED", f"at most {_MOST_TOKENS} assets per connection")]
        return wrong + [frame for each in wanted if each not in self._told for frame in self._book(each)]

    def _named(self, tokens: list[str], markets: list[str]) -> tuple[dict[str, None], list[str]]:
        """Return the tokens that are meant, and what nothing is known of."""
        wanted: dict[str, None] = {}
        unknown: list[str] = []
        for name in tokens:
            if self._feed.market_of(name) is None:
                unknown.append(name)
            else:
                wanted[name] = None
        for name in markets:
            market = self._feed.market(name)
            if market is None:
                unknown.append(name)
            else:
                wanted |= dict.fromkeys(market.token_ids)
        return wanted, unknown

    def _book(self, token_id: str) -> list[Frame]:
        market, book = self._feed.market_of(token_id), self._feed.shown_book(token_id)
        self._told[token_id] = Top.of(self._feed, token_id)
        return [] if market is None or book is None else [book_event(market, token_id, book)]

    def tell(self, markets: list[str], fills: list[Fill]) -> list[Frame]:
        """Return what changed of the tokens that are subscribed to."""
        del fills
        told: list[Frame] = []
        now = self._clock.now_ns()
        for condition_id in markets:
            market = self._feed.market(condition_id)
            for token in () if market is None else market.token_ids:
                if market is not None and token in self._told:
                    new = Top.of(self._feed, token)
                    told += change_events(market, token, self._told[token], new, now)
                    self._told[token] = new
        return told


class UserDesk(_PmDesk):
    """Fills of whoever logs in."""

    def __init__(self, clock: Clock, feed: Catalogue, user_id: int | None, login: Login) -> None:
        super().__init__(clock, feed, user_id, login)
        self._markets: set[str] = set()
        self._all = False

    @property
    def user(self) -> int | None:
        """Whose fills it tells; None before the login."""
        return self._user_id

    def _needs_auth(self) -> list[Frame]:
        self.closing = _FAILED
        return [_error("AUTH_REQUIRED", "the user channel needs auth.apiKey or a token")]

    def _follow(self, tokens: list[str], markets: list[str], *, on: bool) -> list[Frame]:
        named = set(markets)
        for token in tokens:
            market = self._feed.market_of(token)
            if market is None:
                return [_error("UNKNOWN_ASSET", f"unknown asset {token[:80]}")]
            named.add(market.condition_id)
        if len(self._markets | named) > _MOST_MARKETS + _MOST_TOKENS:
            return [_error("MAX_ASSETS_EXCEEDED", "too many markets on this connection")]
        # who names nothing means everything
        if on:
            self._markets |= named
            self._all = self._all or not named
        elif named:
            self._markets -= named
        else:
            self._markets.clear()
            self._all = False
        return []

    def tell(self, markets: list[str], fills: list[Fill]) -> list[Frame]:
        """Return the fills of the user in the markets that are subscribed to."""
        del markets
        chosen = (each for each in fills if each.user_id == self._user_id)
        return [trade_event(each) for each in chosen if self._all or each.condition_id in self._markets]


def _texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, str) for each in given)


def _error(code: str, message: str) -> Frame:
    return {"event_type": "error", "error": code, "message": message}
