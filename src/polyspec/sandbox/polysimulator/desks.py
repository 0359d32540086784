"""The venue's own websockets without the socket: what they say to whom, and when."""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from polyspec.core.nesting import read_plain
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.polysimulator.catalogue import Catalogue
from polyspec.sandbox.polysimulator.frames import fill_frame, millis, price_frame
from polyspec.sandbox.polysimulator.streams import Fill

__all__ = ["Desk", "ExecutionsDesk", "PricesDesk", "is_condition"]

_MOST: Final = 50
_VERSION: Final = "1.0"
Frame = dict[str, Any]


class Desk(Protocol):
    """One end of one connection; whoever calls it holds the world's lock."""

    closing: int | None
    """The code to close with once everything is told; None: go on."""

    @property
    def user(self) -> int | None:
        """Whose fills it tells; None: nobody's."""
        ...

    def greet(self) -> list[Frame]:
        """Return what is said before anything is asked."""
        ...

    def hear(self, text: str) -> list[Frame]:
        """Return the answers to what the client said."""
        ...

    def tell(self, markets: list[str], fills: list[Fill]) -> list[Frame]:
        """Return what the client is told of the news."""
        ...


def is_condition(name: str) -> bool:
    """Tell whether a text may be a condition id; long digits are a token's."""
    return not (name.isdigit() and len(name) > 20)


class _Native:
    """What both native channels have in common."""

    def __init__(self, clock: Clock, user_id: int) -> None:
        self.closing: int | None = None
        self._clock = clock
        self._user_id = user_id

    @property
    def user(self) -> int | None:
        """Whose fills it tells; None: nobody's."""
        return None

    def greet(self) -> list[Frame]:
        """Return the first frame."""
        return [{"type": "connected", "user_id": self._user_id, "protocol_version": _VERSION}]

    def hear(self, text: str) -> list[Frame]:
        """Return the answers to what the client said."""
        try:
            plain = read_plain(text.encode())
        except (msgspec.DecodeError, UnicodeError):
            return [_error("Invalid JSON")]
        if not isinstance(plain, dict):
            return [_error("Invalid JSON")]
        action = plain.get("action") or plain.get("type")
        if action == "ping":
            return [{"type": "pong", "ts": millis(self._clock.now_ns())}]
        return self._act(action, plain)

    def _act(self, action: Any, plain: Frame) -> list[Frame]:
        del action, plain
        return [_error("Unknown action")]


class PricesDesk(_Native):
    """Prices of the markets a client named."""

    def __init__(self, clock: Clock, feed: Catalogue, user_id: int) -> None:
        super().__init__(clock, user_id)
        self._feed = feed
        self._markets: dict[str, None] = {}

    def _act(self, action: Any, plain: Frame) -> list[Frame]:
        if action not in ("subscribe", "unsubscribe"):
            return [_error("Unknown action")]
        named = plain.get("markets", plain.get("conditions"))
        if named is None and "assets_ids" in plain:
            return [_error("'assets_ids' are token ids; name markets by condition id, in 'markets'")]
        if named is None:
            # any other key is not looked at: nothing is added, and the answer is the set as it is
            return [self._ack()]
        if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
            return [_error("markets must be a list of condition ids")]
        if not all(is_condition(each) for each in named):
            return [_error("token ids cannot be subscribed to here; name markets by condition id")]
        wanted = list(dict.fromkeys(named))
        if action == "unsubscribe":
            for each in wanted:
                self._markets.pop(each, None)
            return [self._ack()]
        if len(self._markets.keys() | set(wanted)) > _MOST:
            return [_error(f"at most {_MOST} markets per connection")]
        fresh = [each for each in wanted if each not in self._markets]
        self._markets |= dict.fromkeys(wanted)
        return [self._ack(), *self.tell(fresh, [])]

    def _ack(self) -> Frame:
        return {"type": "subscribed", "markets": list(self._markets)}

    def tell(self, markets: list[str], fills: list[Fill]) -> list[Frame]:
        """Return a frame for each market that changed and is subscribed to."""
        del fills
        now = self._clock.now_ns()
        found = (self._feed.market(each) for each in markets if each in self._markets)
        return [price_frame(self._feed, each, now, "websocket") for each in found if each is not None]


class ExecutionsDesk(_Native):
    """Fills of one user."""

    @property
    def user(self) -> int | None:
        """Whose fills it tells."""
        return self._user_id

    def tell(self, markets: list[str], fills: list[Fill]) -> list[Frame]:
        """Return a frame for each fill of the user."""
        del markets
        return [fill_frame(each) for each in fills if each.user_id == self._user_id]


def _error(message: str) -> Frame:
    return {"type": "error", "message": message}
