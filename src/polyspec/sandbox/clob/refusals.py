"""How the venue says no: a status and an object with `error`, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.http.venue import Manner

__all__ = [
    "WHY_HEADER",
    "Refusal",
    "bad_request",
    "gateway",
    "missing",
    "no_such_key",
    "not_signed",
    "throttled",
    "unavailable",
]

WHY_HEADER: Final = "x-sandbox-why"
"""What the venue does not tell: which of key, clock, address and signature is wrong."""


class Refusal(Refused):
    """An answer other than 200."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        key: str = "error",
    ) -> None:
        super().__init__(status, message, headers=headers)
        self._key = key
        self._more = dict(more or {})

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object to answer with."""
        return {self._key: self.message, **self._more}

    def encoded(self, manner: Manner) -> bytes:
        """Return the JSON body to answer with."""
        return msgspec.json.encode(self.body)


def gateway(status: int, message: str) -> bytes:
    """Return the body of a refusal that comes from the gateway, not from the venue behind it."""
    return msgspec.json.encode({"error": message})


def bad_request(message: str) -> Refusal:
    """Return a 400: the request is malformed or breaks a rule."""
    return Refusal(400, message)


def missing(message: str) -> Refusal:
    """Return a 404: there is no such thing."""
    return Refusal(404, message)


def no_such_key(why: str) -> Refusal:
    """Return a 401: the level-2 credentials do not hold; one text for all causes."""
    return Refusal(401, "Unauthorized/Invalid api key", headers={WHY_HEADER: why})


def not_signed(why: str) -> Refusal:
    """Return a 401: the level-1 headers do not hold; one text for all causes."""
    return Refusal(401, "Invalid L1 Request headers", headers={WHY_HEADER: why})


def throttled(retry_after: float | None = None) -> Refusal:
    """Return a 429: too much at once."""
    headers = {} if retry_after is None else {"retry-after": f"{max(1, -(-retry_after // 1)):.0f}"}
    return Refusal(429, "Too Many Requests", headers=headers)


def unavailable(message: str, **more: Any) -> Refusal:
    """Return a 503: trading is restricted."""
    return Refusal(503, message, more=more)
