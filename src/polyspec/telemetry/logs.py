"""Events as records of the standard library's logging."""

from __future__ import annotations

import logging
from typing import Any, Final

from polyspec.core.happenings import (
    CallBegan,
    CallEnded,
    CredentialMoved,
    Event,
    LadderEnded,
    LimiterWaited,
    OrderFate,
    RequestEnded,
    RetryPlanned,
    TokenRefreshed,
)

__all__ = ["LOGGER", "LogEvents"]

LOGGER: Final = "polyspec.events"
_PREFIX: Final = "polyspec_"
_LEVELS: Final[dict[type[Event], int]] = {
    CallBegan: logging.DEBUG,
    RequestEnded: logging.DEBUG,
    CallEnded: logging.DEBUG,
    LimiterWaited: logging.DEBUG,
    RetryPlanned: logging.INFO,
    TokenRefreshed: logging.INFO,
    CredentialMoved: logging.INFO,
    LadderEnded: logging.WARNING,
    OrderFate: logging.INFO,
}


class LogEvents:
    """Writes each event to the logger ``polyspec.events``: its name, and its fields in ``extra``.

    A record has ``event`` (the name) and one attribute for each field, ``polyspec_`` before its name, which
    handlers that write JSON find there; the message is the same as text. Calls and requests are DEBUG,
    retries, tokens, credentials and orders INFO, ladders, unknown orders and what failed WARNING.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(LOGGER)

    def __call__(self, event: Event) -> None:
        """Write one event."""
        level = _level(event)
        if not self._logger.isEnabledFor(level):
            return
        fields = {name: value for name, value in event.fields.items() if value is not None}
        extra: dict[str, Any] = {_PREFIX + name: value for name, value in fields.items()}
        extra["event"] = event.name
        text = " ".join(f"{name}={_shown(value)}" for name, value in fields.items())
        self._logger.log(level, "%s %s", event.name, text, extra=extra)


def _level(event: Event) -> int:
    level = _LEVELS.get(type(event), logging.INFO)
    if isinstance(event, TokenRefreshed) and event.error is not None:
        return logging.WARNING
    if isinstance(event, OrderFate) and event.fate == "unknown":
        return logging.WARNING
    return level


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    # one line is one event, whatever a name has in it
    return text if text.isascii() and text.isprintable() and " " not in text else ascii(text)
