"""What the paper exchange says no with."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["STATUS", "Refused"]

STATUS: Final[dict[str, int]] = {
    "UPGRADE_REQUIRED": 402,
    "ACCESS_RESTRICTED": 403,
    "ACCOUNT_NOT_FOUND": 404,
    "MARKET_NOT_FOUND": 404,
    "ORDER_NOT_FOUND": 404,
    "TOKEN_NOT_FOUND": 404,
    "WALLET_NOT_FOUND": 404,
    "DUPLICATE_CLIENT_ORDER_ID": 409,
    "IDEMPOTENCY_CONFLICT_PENDING": 409,
    "IDEMPOTENCY_KEY_REUSE": 409,
    "VALIDATION_FAILED": 422,
    "RATE_LIMIT_EXCEEDED": 429,
    "VENUE_UNAVAILABLE": 503,
}
"""The statuses of codes that are not answered by 400."""


class Refused(Exception):  # noqa: N818 - not an error: the venue's answer
    """A request the venue's rules refuse; nothing has changed."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retry_after: int | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.retry_after = retry_after
        """Seconds, where waiting helps."""
        self.details = {} if details is None else details

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS.get(self.code, 400)
