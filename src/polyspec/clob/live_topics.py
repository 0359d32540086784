"""What can be asked for of live data, checked before anything is sent.

The venue refuses a whole request for one word it does not know, and is silent for ever where a filter has a
space in it. So topics and types are checked here, and filters are written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self

import msgspec
from attrs import field, frozen
from polyspec_wire.clob import models as wire

from polyspec.core.nesting import read_plain
from polyspec.errors import ConfigError

__all__ = ["COMMENTS", "LiveTopic", "live_topics"]

_ANY: Final = "*"
COMMENTS: Final = str(wire.LiveTopicName.COMMENTS.value)
_PRICES: Final = ("update", "subscribe")
_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    each.value: _PRICES if each.value != COMMENTS
    else ("comment_created", "comment_removed", "reaction_created", "reaction_removed")
    for each in wire.LiveTopicName
}  # fmt: skip
_STEADY: Final = "crypto_prices"
_PAIRS: Final = ("crypto_prices_chainlink", "crypto_prices_twap_thirty", "crypto_prices_twap_sixty")
_LONGEST: Final = 64


def _written(filters: object) -> str | None:
    """Return a filter as the venue reads it; raises ConfigError for what is no JSON object."""
    if filters is None:
        return None
    written = b""
    try:
        plain = read_plain(filters.encode()) if isinstance(filters, str) else filters
        if isinstance(plain, Mapping) and plain:
            # without any space: with one the venue never tells anything
            written = msgspec.json.encode(dict(plain))
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        pass
    if not written:
        example = '{"parentEntityID": 7, "parentEntityType": "Event"}'
        raise ConfigError(f"filters must be a JSON object or a mapping, such as {example}")
    return written.decode()


@frozen
class LiveTopic:
    """One subscription to live data; `LiveTopic.crypto("btcusdt")` and its like make the usual ones.

    Raises ConfigError for what the venue does not know.
    """

    topic: str
    type: str = _ANY
    """Of the messages; ``*`` for all."""
    symbol: str | None = None
    """The one symbol whose prices are asked for; None for all of the topic."""
    filters: str | None = field(default=None, converter=_written)
    """JSON, or a mapping: which comments are asked for; None for all."""

    def __attrs_post_init__(self) -> None:
        topic = getattr(self.topic, "value", self.topic)
        object.__setattr__(self, "topic", topic)
        if topic not in _TYPES:
            raise ConfigError(f"{topic!r} is no topic of live data; those are {', '.join(_TYPES)}")
        if self.type != _ANY and self.type not in _TYPES[topic]:
            raise ConfigError(f"{topic} has messages of type {', '.join(_TYPES[topic])}, not {self.type!r}")
        if topic == COMMENTS and self.symbol is not None:
            raise ConfigError("comments have no symbol: use filters, or LiveTopic.comments()")
        if topic != COMMENTS and self.filters is not None:
            raise ConfigError(
                "prices are asked for by symbol, one LiveTopic for each; filters are for comments"
            )
        if self.symbol is not None:
            object.__setattr__(self, "symbol", _checked(topic, self.symbol))

    @classmethod
    def crypto(cls, symbol: str | None = None) -> Self:
        """Ask for prices of Binance: of one symbol such as ``btcusdt``, or of all."""
        return cls(_STEADY, symbol=symbol)

    @classmethod
    def chainlink(cls, symbol: str | None = None) -> Self:
        """Ask for prices of Chainlink: of one symbol such as ``eth/usd``, or of all."""
        return cls(_PAIRS[0], symbol=symbol)

    @classmethod
    def twap(cls, symbol: str | None = None, *, seconds: Literal[30, 60] = 60) -> Self:
        """Ask for prices of Chainlink averaged over 30 or 60 seconds."""
        if seconds not in (30, 60):
            raise ConfigError(f"averages are over 30 or 60 seconds, not {seconds!r}")
        return cls(_PAIRS[1 if seconds == 30 else 2], symbol=symbol)

    @classmethod
    def equity(cls, symbol: str | None = None) -> Self:
        """Ask for prices of a stock or another asset of Pyth, such as ``AAPL``, or of all."""
        return cls("equity_prices", symbol=symbol)

    @classmethod
    def comments(cls, parent: int | None = None, kind: str = "Event", *, type: str = _ANY) -> Self:  # noqa: A002 - the venue's word
        """Ask for comments and reactions: on one event or series, by its number, or on all."""
        filters = None if parent is None else {"parentEntityID": parent, "parentEntityType": kind}
        return cls(COMMENTS, type, filters=filters)

    @classmethod
    def read(cls, key: str) -> Self:
        """Return what a key stands for: ``comments``, ``crypto_prices:btcusdt``, ``equity_prices/update``."""
        head, _, narrow = key.partition(":")
        topic, _, kind = head.partition("/")
        if topic == COMMENTS:
            return cls(topic, kind or _ANY, filters=narrow or None)
        return cls(topic, kind or _ANY, symbol=narrow or None)

    @property
    def key(self) -> str:
        """What it is called in events: the topic, and what narrows it."""
        kind = "" if self.type == _ANY else f"/{self.type}"
        narrow = self.symbol or self.filters
        return f"{self.topic}{kind}{f':{narrow}' if narrow else ''}"

    @property
    def steady(self) -> bool:
        """Whether something is told of it at once: its past, or prices that never pause."""
        past = self.symbol is not None and self.type != "update"
        return self.topic != COMMENTS and (past or self.flows)

    @property
    def flows(self) -> bool:
        """Whether its prices never pause; those of stocks do, with their markets."""
        return self.topic.startswith(_STEADY) and self.type != "subscribe"

    @property
    def asked(self) -> wire.LiveSubscription:
        """What is sent."""
        filters = self.filters
        if self.symbol is not None:
            filters = msgspec.json.encode({"symbol": self.symbol}).decode()
        return wire.LiveSubscription(topic=wire.LiveTopicName(self.topic), type=self.type, filters=filters)


def _checked(topic: str, symbol: Any) -> str:
    """Return a symbol as it is sent; raises ConfigError for what can be none."""
    fits = isinstance(symbol, str) and 0 < len(symbol) <= _LONGEST and symbol.isprintable()
    if not fits or "," in symbol or any(each.isspace() for each in symbol):
        raise ConfigError(f"{symbol!r} is no symbol; for several use one LiveTopic for each")
    if topic in _PAIRS and "/" not in symbol:
        raise ConfigError(f"{topic} has symbols such as eth/usd, not {symbol!r}")
    if topic == _STEADY and "/" in symbol:
        raise ConfigError(f"{topic} has symbols such as ethusdt, not {symbol!r}")
    return str(symbol).lower()


def live_topics(given: Iterable[LiveTopic | str] | LiveTopic | str) -> dict[str, LiveTopic]:
    """Return what is asked for, by its keys, which stand for it as well. Raises ConfigError."""
    listed = [given] if isinstance(given, (LiveTopic, str)) else given
    try:
        topics = [LiveTopic.read(each) if isinstance(each, str) else each for each in listed]
    except TypeError:
        raise ConfigError(f"live data is asked for by a list of LiveTopic, not {given!r}") from None
    if wrong := [each for each in topics if not isinstance(each, LiveTopic)]:
        raise ConfigError(f"live data is asked for by LiveTopic, not {wrong[0]!r}")
    return {each.key: each for each in topics}
