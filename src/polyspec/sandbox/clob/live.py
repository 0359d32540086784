"""Prices and comments of the live data channel, and whoever listens.

Prices follow from the seed and the moment alone. Those of Binance stray a little from Chainlink's, and the
averages from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from polyspec.sandbox.http.clock import Clock, from_ns
from polyspec.sandbox.http.noise import Noise
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.sockets import Hub

if TYPE_CHECKING:
    from polyspec.sandbox.clob.options import ClobOptions

__all__ = ["COMMENTS", "PRICES", "Comment", "Live", "Moment", "Reaction", "Told"]

_MILLION: Final = 1_000_000
_MILLISECOND: Final = 1_000_000
_SECOND: Final = 1_000_000_000
_SCALES: Final = ((4, 60), (30, 250), (240, 900), (1800, 2_500))
"""Seconds between two independent draws, and how far such a draw may go, in millionths of the price."""
_BASIS: Final = 40
_CRYPTO: Final = {"btc": 96_500 * _MILLION, "eth": 3_420 * _MILLION, "sol": 187_500_000, "xrp": 2_310_000}
_EQUITY: Final = {"aapl": 231_400_000, "nvda": 142_100_000, "tsla": 338_900_000, "spy": 601_200_000}

_BINANCE: Final = {f"{each}usdt": each for each in _CRYPTO}
_CHAINLINK: Final = {f"{each}/usd": each for each in _CRYPTO}
PRICES: Final = {
    "crypto_prices": _BINANCE,
    "crypto_prices_chainlink": _CHAINLINK,
    "crypto_prices_twap_thirty": _CHAINLINK,
    "crypto_prices_twap_sixty": _CHAINLINK,
    "equity_prices": {each: each for each in _EQUITY},
}
"""What each topic has prices of, by the symbols it knows them by."""
COMMENTS: Final = "comments"
_WINDOWS: Final = {"crypto_prices_twap_thirty": 30, "crypto_prices_twap_sixty": 60}
_SAMPLES: Final = 6
_PAST: Final = 10
"""Prices a subscription to one symbol begins with, a second apart."""


@dataclass(frozen=True)
class Moment:
    """Time for the prices of this moment."""

    at_ns: int


@dataclass(frozen=True)
class Comment:
    """A comment, and on what it is."""

    id: str
    body: str
    parent_id: int
    parent_type: str
    at: str


@dataclass(frozen=True)
class Reaction:
    """What somebody thinks of a comment."""

    id: str
    comment: Comment
    kind: str
    at: str


@dataclass(frozen=True)
class Told:
    """A comment or a reaction came, or is gone."""

    type: str
    about: Comment | Reaction
    at_ns: int


class Live:
    """Everything the channel tells."""

    def __init__(self, clock: Clock, options: ClobOptions) -> None:
        self.hub: Hub[Moment | Told] = Hub()
        self._clock = clock
        self._noise = Noise(options.seed or 0, "clob/live")
        self._seeded = Seeded(options.seed or 0, "clob/live")
        self._known: dict[str, Comment | Reaction] = {}

    def letters(self) -> str:
        """Return what a connection or a request is called."""
        return self._seeded.letters(16)

    # -- prices --

    def tick(self) -> None:
        """Tell the prices of now."""
        self.hub.post([Moment(self._clock.now_ns())])

    def price(self, topic: str, symbol: str, at_ns: int) -> int:
        """Return a price in millionths of a dollar; raises KeyError for a symbol the topic does not know."""
        name, window = PRICES[topic][symbol], _WINDOWS.get(topic)
        if window is None:
            return self._price(name, at_ns, binance=topic == "crypto_prices")
        step = window * _SECOND // _SAMPLES
        return sum(self._price(name, at_ns - each * step) for each in range(_SAMPLES)) // _SAMPLES

    def _price(self, name: str, at_ns: int, *, binance: bool = False) -> int:
        base = _CRYPTO.get(name) or _EQUITY[name]
        moved = sum(self._noise.value(name, at_ns, *scale) for scale in _SCALES)
        if binance:
            moved += self._noise.value(f"{name}/binance", at_ns, 1, _BASIS)
        return base + base * moved // _MILLION

    def update(self, topic: str, symbol: str, at_ns: int) -> dict[str, Any]:
        """Return the payload of a price."""
        price = self.price(topic, symbol, at_ns)
        at = at_ns // _MILLISECOND
        told: dict[str, Any] = {"symbol": symbol, "timestamp": at, "value": _exact(price)}
        if topic == "equity_prices":
            more = {"received_at": at + 3, "is_carried_forward": False}
            return {**told, "full_accuracy_value": _text(price), **more}
        told["full_accuracy_value"] = _text(price) if topic == "crypto_prices" else str(price * 10**12)
        return told if topic not in _WINDOWS else {**told, "window_s": _WINDOWS[topic]}

    def history(self, topic: str, symbol: str) -> dict[str, Any]:
        """Return the payload a subscription to one symbol begins with."""
        now = self._clock.now_ns()
        moments = [now - each * _SECOND for each in reversed(range(_PAST))]
        return {
            "symbol": symbol,
            "data": [
                {"timestamp": at // _MILLISECOND, "value": _exact(self.price(topic, symbol, at))}
                for at in moments
            ],
        }

    # -- comments --

    def comment(self, body: str, parent_id: int, parent_type: str = "Event") -> Comment:
        """Write a comment, and tell it."""
        made = Comment(self._number(), body, parent_id, parent_type, self._now())
        self._tell("comment_created", made)
        return made

    def react(self, comment_id: str, kind: str = "HEART") -> Reaction:
        """React to a comment, and tell it; raises KeyError for one nobody knows."""
        about = self._known[comment_id]
        if isinstance(about, Reaction):
            raise KeyError(comment_id)
        made = Reaction(self._number(), about, kind, self._now())
        self._tell("reaction_created", made)
        return made

    def withdraw(self, known_id: str) -> Comment | Reaction:
        """Take a comment or a reaction back, and tell it; raises KeyError for one nobody knows."""
        about = self._known.pop(known_id)
        self._tell("comment_removed" if isinstance(about, Comment) else "reaction_removed", about)
        return about

    def _number(self) -> str:
        return str(1_000_000 + self._seeded.below(8_000_000))

    def _tell(self, kind: str, about: Comment | Reaction) -> None:
        if kind.endswith("created"):
            self._known[about.id] = about
        self.hub.post([Told(kind, about, self._clock.now_ns())])

    def _now(self) -> str:
        return from_ns(self._clock.now_ns()).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(price: int) -> str:
    return f"{price // _MILLION}.{price % _MILLION:06d}"


def _exact(price: int) -> msgspec.Raw:
    """Return a price as a JSON number, without a float in between."""
    return msgspec.Raw(_text(price).encode())
