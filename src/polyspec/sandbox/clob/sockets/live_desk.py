"""The live data channel without the socket: what is subscribed to, and what is told of it.

It has the venue's habits: a filter with a space in it is taken and never matches an update, one topic nobody
knows refuses a whole request, a ping goes unanswered, and the prices a subscription to Chainlink begins with
come under the name of another topic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.sandbox.clob.live import COMMENTS, PRICES, Comment, Moment, Told
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.sockets import Frame

__all__ = ["LiveDesk"]

_MILLISECOND: Final = 1_000_000
_ANY: Final = "*"
_ACTIONS: Final = ("subscribe", "unsubscribe")
_LABELS: Final = {"crypto_prices_chainlink": "crypto_prices"}
"""Under which name the first prices of a topic come."""


@dataclass(frozen=True)
class _Subscription:
    topic: str
    type: str
    filters: str

    @property
    def wanted(self) -> dict[str, Any] | None:
        """What the filter says; None if it is nothing the venue reads."""
        if not self.filters:
            return {}
        try:
            plain = read_plain(self.filters.encode())
        except (msgspec.DecodeError, UnicodeError):
            return None
        return plain if isinstance(plain, dict) else None

    @property
    def symbol(self) -> str | None:
        """The one symbol it is about; None for all of them, or for none that is known."""
        symbol = (self.wanted or {}).get("symbol")
        found = symbol.lower() if isinstance(symbol, str) else ""
        return found if found in PRICES.get(self.topic, ()) else None

    @property
    def symbols(self) -> Iterable[str]:
        """The symbols updates come of."""
        if self.filters and (self.symbol is None or " " in self.filters):
            return ()
        return PRICES[self.topic] if self.symbol is None else (self.symbol,)

    def hears(self, kind: str) -> bool:
        """Tell whether frames of a type are asked for."""
        return self.type in (_ANY, kind)

    def about(self, comment: Comment) -> bool:
        """Tell whether a comment is on what was asked for."""
        wanted = self.wanted
        if wanted is None or " " in self.filters:
            return False
        named = {"parentEntityID": comment.parent_id, "parentEntityType": comment.parent_type}
        return all(named.get(name) == value for name, value in wanted.items())


class LiveDesk:
    """One connection's subscriptions."""

    def __init__(self, world: ClobWorld) -> None:
        self.closing: int | None = None
        self._world = world
        self._live = world.live
        self._connection = world.live.letters()
        self._held: dict[_Subscription, None] = {}

    def hear(self, text: str) -> list[Frame]:
        """Return the answers to what the client said."""
        if text.strip() == "PING":
            return ["PONG"] if self._world.options.live_pongs else []
        try:
            plain = read_plain(text.encode())
        except (msgspec.DecodeError, UnicodeError):
            return [self._refusal("Invalid request body")]
        asked = _read(plain)
        if asked is None:
            return [self._refusal("Invalid request body")]
        action, subscriptions = asked
        if any(each.topic != COMMENTS and each.topic not in PRICES for each in subscriptions):
            return [self._refusal("Unauthorized", statusCode=401)]
        if action == "unsubscribe":
            for each in subscriptions:
                self._held.pop(each, None)
            return []
        self._held |= dict.fromkeys(subscriptions)
        return [frame for each in subscriptions for frame in self._history(each)]

    def _history(self, held: _Subscription) -> list[Frame]:
        symbol = held.symbol
        if symbol is None or not held.hears("subscribe"):
            return []
        payload = self._live.history(held.topic, symbol)
        now = self._world.clock.now_ns()
        return [self._frame(_LABELS.get(held.topic, held.topic), "subscribe", now, payload)]

    def tell(self, news: Sequence[Moment | Told]) -> list[Frame]:
        """Return what is new of what is subscribed to."""
        told: list[Frame] = []
        for each in news:
            told += self._prices(each.at_ns) if isinstance(each, Moment) else self._comment(each)
        return told

    def _prices(self, at_ns: int) -> list[Frame]:
        due = dict.fromkeys(
            (held.topic, symbol)
            for held in self._held
            if held.topic != COMMENTS and held.hears("update")
            for symbol in held.symbols
        )
        return [
            self._frame(
                topic,
                "update",
                at_ns,
                self._live.update(topic, symbol, at_ns),
                connection_id=self._connection,
            )
            for topic, symbol in due
        ]

    def _comment(self, told: Told) -> list[Frame]:
        about = told.about
        comment = about if isinstance(about, Comment) else about.comment
        if not any(
            held.topic == COMMENTS and held.hears(told.type) and held.about(comment) for held in self._held
        ):
            return []
        who = "0xce533188d53a16ed580fd5121dedf166d3482677"
        payload: dict[str, Any] = {"id": about.id, "userAddress": who, "createdAt": about.at}
        if isinstance(about, Comment):
            payload |= {
                "body": about.body,
                "parentEntityType": about.parent_type,
                "parentEntityID": about.parent_id,
                "parentCommentID": "",
                "reactionCount": 0,
                "reportCount": 0,
                "profile": {"name": "salted.caramel", "baseAddress": who, "displayUsernamePublic": True},
            }
        else:
            payload |= {"commentID": int(comment.id), "reactionType": about.kind, "icon": ""}
        return [self._frame(COMMENTS, told.type, told.at_ns, payload)]

    def _frame(self, topic: str, kind: str, at_ns: int, payload: dict[str, Any], **more: Any) -> Frame:
        return {"topic": topic, "type": kind, "timestamp": at_ns // _MILLISECOND, "payload": payload, **more}

    def _refusal(self, message: str, **more: Any) -> Frame:
        named = {"connectionId": self._connection, "requestId": self._live.letters()}
        return {"message": message, **more, **named}


def _read(plain: Any) -> tuple[str, list[_Subscription]] | None:
    """Return what is asked for; None for what the venue does not read."""
    listed = plain.get("subscriptions") if isinstance(plain, dict) else None
    if not isinstance(listed, list) or not listed or plain.get("action") not in _ACTIONS:
        return None
    found = []
    for each in listed:
        if not isinstance(each, dict):
            return None
        topic, kind, filters = each.get("topic"), each.get("type"), each.get("filters", "")
        if not (isinstance(topic, str) and isinstance(kind, str) and isinstance(filters, str)):
            return None
        found.append(_Subscription(topic, kind, filters))
    return plain["action"], found
