"""What both colours of server-sent events share."""

from __future__ import annotations

from typing import Final

import httpx

from polyspec.errors import AuthError, ConfigError, PolyspecError

__all__ = ["ENDED", "NotOpened", "asked", "broken", "check", "permanent"]

ENDED: Final = ("the venue ended the stream", None)
_REFUSALS: Final = {401: "credentials", 403: "access"}
_EVENTS: Final = "text/event-stream"


class NotOpened(Exception):  # noqa: N818 - named for what happened
    """The peer answered something else than events."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(status, kind)
        self.status = status
        self.kind = kind


def asked(url: str, patience: float) -> httpx.Request:
    """Return the request that opens a stream; silence on it is watched by others."""
    limits = {"connect": patience, "write": patience, "pool": patience, "read": None}
    headers = {"accept": _EVENTS, "cache-control": "no-store", "user-agent": "polyspec"}
    return httpx.Request("GET", url, headers=headers, extensions={"timeout": limits})


def check(response: httpx.Response) -> None:
    """Raise NotOpened unless an answer is a stream of events."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != httpx.codes.OK or kind != _EVENTS:
        raise NotOpened(response.status_code, kind)


def broken(error: Exception) -> tuple[str, int | None]:
    """Say why a stream ended or could not be opened, without its address."""
    if isinstance(error, StopIteration | StopAsyncIteration):
        return ENDED
    if isinstance(error, NotOpened):
        if error.status == httpx.codes.OK:
            return f"the venue answered {error.kind or 'nothing known'} instead of events", None
        return f"the venue answered {error.status} instead of events", error.status
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no connection in time", None
    return f"the stream broke ({type(error).__name__})", None


def permanent(error: Exception) -> PolyspecError | None:
    """Return what no other attempt to connect can mend; None if one may."""
    if isinstance(error, NotOpened) and error.status in _REFUSALS:
        return AuthError(f"the venue refused {_REFUSALS[error.status]} with {error.status}")
    return error if isinstance(error, AuthError | ConfigError) else None
