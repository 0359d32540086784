"""What is said to the websockets in Polymarket's shapes, and what their refusals mean."""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire.polysimulator import models as wire

from polyspec.core.streams.feed import Text
from polyspec.errors import AuthError, ConfigError, PolyspecError, StreamError

__all__ = ["PmWords", "complaint", "is_pong"]

_PONGS: Final = (b"pong", "pong", b"PONG", "PONG")
_LONGEST: Final = 200


class PmWords:
    """Subscriptions; nothing of a key is in them, for the address says who asks."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def _named(self, keys: list[str]) -> dict[str, Any]:
        """Return how keys are named."""
        return {"assets_ids": keys}

    def begin(self, keys: list[str]) -> list[object]:
        """Ask for keys on a new connection."""
        return [wire.PmSubscription(type=self._kind, **self._named(keys))]

    def change(self, added: list[str], removed: list[str]) -> list[object]:
        """Ask for more, and for less."""
        asked = (("subscribe", added), ("unsubscribe", removed))
        return [
            wire.PmSubscription(type=self._kind, operation=operation, **self._named(keys))
            for operation, keys in asked
            if keys
        ]

    def ping(self) -> object:
        """Ask for a sign of life."""
        return "ping"


def is_pong(message: Text) -> bool:
    """Tell whether a message is the bare answer to a ping."""
    return len(message) == 4 and message in _PONGS


def complaint(told: wire.PmErrorEvent, *, welcome: bool) -> PolyspecError | None:
    """Return the error of a refusal that no other attempt can mend; None if the close code decides."""
    codes, code = wire.SocketErrorCode, told.error
    said = f"{code or 'an error'} ({(told.message or '')[:_LONGEST]})"
    if code in (codes.AUTH_REQUIRED, codes.AUTH_INVALID):
        # the credentials of a connection that was good may be of no use any more: the next one shows
        return None if welcome else AuthError(f"the stream was refused: {said}")
    if code == codes.MAX_ASSETS_EXCEEDED:
        return ConfigError(f"the venue follows no more on one connection: {said}")
    if code in (codes.EMPTY_SUBSCRIBE, codes.INVALID_SUBSCRIBE):
        return StreamError(f"the subscription was refused: {said}")
    return None
