"""How the venue says no: a code in a header, and an object with a code, a sentence, or both.

The body has one of several forms, so it is made when it is known who asked and how; see `Refusal.body`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.http.venue import Manner
from polyspec.sandbox.polysimulator.engine import Refused as RuleRefused

__all__ = [
    "CODE_HEADER",
    "Form",
    "Refusal",
    "bad_request",
    "forbidden",
    "gateway",
    "invalid",
    "missing",
    "refusal_of",
    "throttled",
    "unauthorized",
    "upgrade",
]

CODE_HEADER: Final = "x-polysim-code"
UPGRADE_URL: Final = "https://polysimulator.com/pricing"
_HEADERS: Final = {
    "INVALID_ORDER_MIN_SIZE": "ORDER_BELOW_MIN_SIZE",
    "INVALID_POST_ONLY_ORDER": "POST_ONLY_WOULD_CROSS",
}
"""What the header says where it differs from the body."""
_GATEWAY: Final = {404: "NOT_FOUND", 413: "INVALID_BODY", 429: "RATE_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR"}


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the body of a refusal is to look."""

    kind: Literal["two-field", "one-field"] = "two-field"
    verbose: bool = False
    """Whether the request asked for everything."""
    request_id: str = ""


class Refusal(Refused):
    """An answer other than yes.

    `code` is what the header says. `shown` is what the body says instead, where the two differ. `more` are
    fields every form has; `details` only the verbose form. `prose` bodies have one field in every other form.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
        shown: str | None = None,
        prose: bool = False,
    ) -> None:
        super().__init__(status, message, headers=headers)
        self.code = code
        self.shown = shown or code
        self.more = dict(more or {})
        self.details = dict(details or {})
        self.prose = prose

    def body(self, form: Form) -> dict[str, Any]:
        """Return the JSON object to answer with."""
        if form.verbose:
            told = {"error": self.shown, "message": self.message, "details": self.details}
            return {**told, "request_id": form.request_id, **self.more}
        if self.prose or form.kind == "one-field":
            return {"error": self.message, **self.more}
        return {"error": self.shown, "message": self.message, **self.more}

    def encoded(self, manner: Manner) -> bytes:
        """Return the JSON body for the sandbox's own endpoints."""
        return msgspec.json.encode(self.body(Form()))


def refusal_of(refused: RuleRefused, **more: Any) -> Refusal:
    """Return the answer to what the engine's rules refuse."""
    if refused.code == "UPGRADE_REQUIRED":
        return upgrade("api_wallet_reset", refused.message)
    headers = {} if refused.retry_after is None else {"retry-after": str(refused.retry_after)}
    if refused.code == "VENUE_UNAVAILABLE" and refused.retry_after is not None:
        more["retry_after"] = refused.retry_after
    return Refusal(
        refused.status,
        _HEADERS.get(refused.code, refused.code),
        refused.message,
        headers=headers,
        more=more,
        details=refused.details,
        shown=refused.code,
    )


def gateway(status: int, message: str) -> bytes:
    """Return the body of a refusal that comes from the gateway, not from the venue behind it."""
    return msgspec.json.encode({"error": gateway_code(status), "message": message})


def gateway_code(status: int) -> str:
    """Return the code of a refusal nobody gave a better one."""
    return _GATEWAY.get(status, f"HTTP_{status}")


def bad_request(code: str, message: str, **more: Any) -> Refusal:
    """Return a 400: the request breaks a rule."""
    return Refusal(400, code, message, more=more)


def invalid(message: str, **details: Any) -> Refusal:
    """Return a 422: the request is not of the documented shape."""
    return Refusal(422, "VALIDATION_FAILED", message, details=details)


def missing(code: str, message: str) -> Refusal:
    """Return a 404: there is no such thing."""
    return Refusal(404, code, message)


def unauthorized(code: str, message: str) -> Refusal:
    """Return a 401: nobody, or nobody we know, asks."""
    return Refusal(401, code, message)


def forbidden(code: str, message: str, **details: Any) -> Refusal:
    """Return a 403: whoever asks may not."""
    return Refusal(403, code, message, details=details)


def upgrade(feature: str, message: str) -> Refusal:
    """Return a 402: the plan does not have this."""
    more = {"feature_key": feature, "upgrade_url": UPGRADE_URL}
    return Refusal(402, "UPGRADE_REQUIRED", message, more=more)


def throttled(wait: float, message: str, *, code: str = "RATE_LIMIT_EXCEEDED") -> Refusal:
    """Return a 429: too much at once; `wait` is in seconds."""
    return Refusal(429, code, message, headers={"retry-after": f"{max(1, -(-wait // 1)):.0f}"})
