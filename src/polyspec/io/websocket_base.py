"""What both colours of websocket connections share: how they are opened, and what is said when they end."""

from __future__ import annotations

import logging
from typing import Any, Final

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidURI

from polyspec.errors import AuthError, ConfigError, PolyspecError
from polyspec.io.options import HttpOptions, ssl_context
from polyspec.io.streaming_base import CLOSING

__all__ = ["NotOpened", "broken", "encoded", "options_of", "permanent"]

_SAID: Final = 100
_REFUSALS: Final = {401: "credentials", 403: "access"}


class NotOpened(Exception):  # noqa: N818 - named for what happened
    """The peer answered with this status; the library would follow some of them to other hosts."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Silent(logging.Logger):
    """Tells nobody anything: at its lowest level the library logs frames and URLs, which hold secrets."""

    def __init__(self) -> None:
        super().__init__("polyspec.websocket", logging.CRITICAL + 1)
        self.disabled = True
        self.propagate = False

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the name is that of the base class
        """Tell that nothing is logged."""
        return False


_SILENT: Final = _Silent()


def options_of(url: str, http: HttpOptions, patience: float, alive: float | None) -> dict[str, Any]:
    """Return what the library is told, whatever the colour.

    Every `alive` seconds the peer is sent a ping of the protocol, and has as long again to answer it. None
    sends none: pings of the venue's own watch the peer, and no second watch closes what that one keeps.
    """
    found: dict[str, Any] = {
        "open_timeout": patience,
        "ping_interval": alive,
        "ping_timeout": alive,
        "close_timeout": CLOSING,
        "max_size": http.max_body,
        # frames are small: inflating each costs more than it saves
        "compression": None,
        # never from the environment: credentials travel this way
        "proxy": None if http.proxy is None else http.proxy.reveal(),
        "user_agent_header": None,
        "logger": _SILENT,
    }
    if url.startswith("wss:"):
        found["ssl"] = ssl_context(http.verify)
    return found


def encoded(data: object) -> str:
    """Return a message as it is sent."""
    return data if isinstance(data, str) else msgspec.json.encode(data).decode()


def broken(error: Exception) -> tuple[str, int | None]:
    """Say why a connection ended or could not be made, without a word of what went over it."""
    if isinstance(error, ConnectionClosed):
        if error.rcvd is None:
            return "the connection broke", None
        said = "".join(each if each.isprintable() else "?" for each in error.rcvd.reason)[:_SAID]
        return (
            f"the venue closed it with code {error.rcvd.code}{f' ({said})' if said else ''}",
            error.rcvd.code,
        )
    if isinstance(error, NotOpened):
        code = error.status if error.status in _REFUSALS else None
        return f"the venue answered {error.status} instead of opening it", code
    if isinstance(error, TimeoutError):
        return "no connection in time", None
    return f"no connection ({type(error).__name__})", None


def permanent(error: BaseException, *, renews: bool) -> PolyspecError | None:
    """Return what no other attempt to connect can mend; None if one may, as with credentials one `renews`."""
    if isinstance(error, NotOpened) and error.status in _REFUSALS and not renews:
        return AuthError(f"the venue refused {_REFUSALS[error.status]} with {error.status} at the opening")
    if isinstance(error, InvalidURI):
        return ConfigError("the address of the stream is no ws or wss address")
    if isinstance(error, (AuthError, ConfigError)):
        return error
    return None
