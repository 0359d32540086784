"""How the venue says no: a gRPC code, an HTTP status, and one sentence."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.http.venue import Manner

__all__ = [
    "GATEWAY",
    "Refusal",
    "aborted",
    "conflict",
    "denied",
    "gateway",
    "internal",
    "invalid",
    "missing",
    "precondition",
    "throttled",
    "unauthenticated",
    "unavailable_here",
]

_HTTP: Final = {
    3: 400,
    4: 504,
    5: 404,
    6: 409,
    7: 403,
    8: 429,
    9: 400,
    10: 409,
    12: 501,
    13: 500,
    14: 503,
    16: 401,
}


class Refusal(Refused):
    """An answer other than 200, in the venue's error shape."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(status if status is not None else _HTTP.get(code, 500), message, headers=headers)
        self.code = code
        self._body = body

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object to answer with."""
        if self._body is not None:
            return self._body
        return {"code": self.code, "message": self.message, "details": []}

    def encoded(self, manner: Manner) -> bytes:
        """Return the JSON body to answer with."""
        return msgspec.json.encode(self.body)

    @property
    def oauth_body(self) -> dict[str, Any]:
        """The JSON object to answer with at the token endpoint."""
        if self._body is not None:
            return self._body
        return {"error": _OAUTH.get(self.status, "server_error"), "error_description": self.message}


_OAUTH: Final = {
    400: "invalid_request",
    401: "invalid_client",
    413: "invalid_request",
    429: "too_many_requests",
}


GATEWAY: Final = {400: 3, 403: 7, 404: 5, 405: 12, 413: 3, 464: 3, 500: 13}


def gateway(status: int, message: str) -> bytes:
    """Return the body of a refusal that comes from the gateway, not from the venue behind it."""
    return msgspec.json.encode(Refusal(GATEWAY[status], message).body)


def invalid(message: str) -> Refusal:
    """INVALID_ARGUMENT: the request is malformed or breaks a rule of its own."""
    return Refusal(3, message)


def missing(message: str = "Not Found") -> Refusal:
    """NOT_FOUND."""
    return Refusal(5, message)


def conflict(message: str) -> Refusal:
    """ALREADY_EXISTS."""
    return Refusal(6, message)


def denied(message: str) -> Refusal:
    """PERMISSION_DENIED."""
    return Refusal(7, f"permission denied: {message}")


def throttled() -> Refusal:
    """RESOURCE_EXHAUSTED; the venue sends no Retry-After."""
    return Refusal(8, "rate limit exceeded")


def precondition(message: str) -> Refusal:
    """FAILED_PRECONDITION: right request, wrong moment or state."""
    return Refusal(9, message)


def aborted(message: str) -> Refusal:
    """ABORTED, answered as 409."""
    return Refusal(10, message)


def unavailable_here(what: str) -> Refusal:
    """UNIMPLEMENTED: the venue publishes no bodies for this, so the sandbox invents none."""
    return Refusal(12, f"{what} is not available in the sandbox")


def internal(message: str) -> Refusal:
    """Return INTERNAL: the venue fails."""
    return Refusal(13, message)


def unauthenticated(message: str) -> Refusal:
    """UNAUTHENTICATED."""
    return Refusal(16, message)
