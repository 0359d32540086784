# ruff: noqa: N818 - named for what happened, as callers read them in an except clause
"""Everything polyspec raises.

::

    PolyspecError
      ConfigError (ValueError)      wrong use, found before anything was sent
        InvalidOrder                off tick, off scale, too small, too large
      AuthError                     credentials missing, refused or expired
        CircuitOpen                 refused so often that nothing is sent for now
      TransportError                no usable answer arrived
        ConnectFailed  TimedOut
      ApiError                      the venue answered no
        BadRequest  Unauthorized  Forbidden  NotFound  Conflict  RateLimited  ServerError
        OrderRejected  InsufficientFunds  TradingRestricted
      DecodeError                   the answer does not match the spec
      StreamError
        StreamClosed  SequenceGap
      VaultError                    the vault of credentials says no
        VersionConflict  WrongKey  DamagedRecord  VaultUnavailable
      JournalUnavailable            what was to be sent could not be written down, and was not sent

Failures are raised, never returned. No error carries headers, request bodies or secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

__all__ = [
    "ApiError",
    "AuthError",
    "BadRequest",
    "CircuitOpen",
    "ConfigError",
    "Conflict",
    "ConnectFailed",
    "DamagedRecord",
    "DecodeError",
    "Forbidden",
    "InsufficientFunds",
    "InvalidOrder",
    "JournalUnavailable",
    "NotFound",
    "OrderRejected",
    "PolyspecError",
    "RateLimited",
    "SequenceGap",
    "ServerError",
    "StreamClosed",
    "StreamError",
    "TimedOut",
    "TradingRestricted",
    "TransportError",
    "Unauthorized",
    "VaultError",
    "VaultUnavailable",
    "VersionConflict",
    "WrongKey",
]

E = TypeVar("E", bound="PolyspecError")


def _rebuilt(kind: type[E], arguments: tuple[Any, ...], state: dict[str, Any]) -> E:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class PolyspecError(Exception):
    """Base of every error this library raises."""

    operation: str | None = None
    """Which request failed, as ``METHOD /path/template``; None if none was made."""

    attempts: int = 0
    """How many requests left for the venue on behalf of the failed call."""

    maybe_executed: bool = False
    """Whether the venue may have carried out the request although the call failed."""

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.operation}: {text}" if self.operation else text

    def __reduce__(self) -> tuple[Any, ...]:
        # constructors ask for more than a message; an error that crosses a process must survive it
        return _rebuilt, (type(self), self.args, dict(self.__dict__))


class ConfigError(PolyspecError, ValueError):
    """The library was used wrongly; nothing was sent."""


class InvalidOrder(ConfigError):
    """The venue could not accept this order as written; nothing was sent."""

    def __init__(self, message: str, *, field: str | None = None, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.nearest = nearest
        """Valid values next to the refused one, as decimal text."""


class AuthError(PolyspecError):
    """Credentials are missing, refused or expired."""

    cause: str | None = None
    """What is likely wrong, in one word (clock, key, audience, ...); None if nobody can tell."""


class TransportError(PolyspecError):
    """No usable answer arrived."""

    maybe_executed = True


class ConnectFailed(TransportError):
    """The connection could not be opened; the venue received nothing."""

    maybe_executed = False


class TimedOut(TransportError):
    """The deadline of the call passed."""


class ApiError(PolyspecError):
    """The venue answered no."""

    retryable: bool = False
    """Whether the same request may succeed later without being changed."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds the venue asked to wait, if it did."""
        self.body = body
        """The first 200 characters of an answer that was not the venue's own error shape."""
        self.details: Mapping[str, Any] = {}
        """The venue's error object as it came, with fields beyond message and code."""

    def __str__(self) -> str:
        parts = [f"{self.status} {self.message}".rstrip()]
        if self.code is not None:
            parts.append(f"code {self.code}")
        if self.request_id:
            parts.append(f"request {self.request_id}")
        if self.retry_after is not None:
            parts.append(f"retry after {self.retry_after:g} s")
        text = ", ".join(parts)
        return f"{self.operation}: {text}" if self.operation else text


class BadRequest(ApiError):
    """400 or 422: the request is malformed or breaks a rule."""


class Unauthorized(ApiError, AuthError):
    """401: the credentials were not accepted."""


class Forbidden(ApiError):
    """403: these credentials may not do this."""


class NotFound(ApiError):
    """404: no such thing."""


class Conflict(ApiError):
    """409: it clashes with something that exists."""


class RateLimited(ApiError):
    """429: too many requests, refused by the venue or held back by our own pacing."""

    retryable = True


class ServerError(ApiError):
    """5xx, or an answer that some proxy made up on the way."""

    retryable = True


class OrderRejected(ApiError):
    """The venue's engine refused the order."""


class InsufficientFunds(OrderRejected):
    """The account cannot cover the order."""


class TradingRestricted(OrderRejected):
    """The market or the venue does not take this order now."""


class DecodeError(PolyspecError):
    """The answer does not match the spec: says where and what was expected."""

    malformed: bool = False
    """Whether it cannot be read at all (cut off, or no JSON), so that asking again may help."""


class StreamError(PolyspecError):
    """A stream cannot go on as it was."""


class StreamClosed(StreamError):
    """The stream ended."""


class SequenceGap(StreamError):
    """Events were missed."""


class CircuitOpen(AuthError):
    """The credentials of this user are refused, and nothing is sent for a while, or until somebody acts."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until they are tried again; None if that takes somebody to act."""


class JournalUnavailable(PolyspecError):
    """The journal of orders, or the audit log, cannot be written: what depends on it was not done."""


class VaultError(PolyspecError):
    """The vault of credentials could not do it."""


class VersionConflict(VaultError):
    """Somebody else changed the credential first: read it again, and decide again."""

    def __init__(self, message: str, *, found: int | None = None) -> None:
        super().__init__(message)
        self.found = found
        """The version that is there now; 0 if there is none, None if nobody knows."""


class WrongKey(VaultError):
    """No key at hand opens the record: another passphrase, key file or key of a service is needed."""


class DamagedRecord(VaultError):
    """What is in the vault is not what was stored: nothing of it is handed out."""

    def __init__(self, message: str, *, reason: str = "altered") -> None:
        super().__init__(message)
        self.reason = reason
        """``malformed``, ``altered``, ``moved``, ``rolled_back`` or ``newer_format``."""


class VaultUnavailable(VaultError):
    """The place of the records, or the service that holds the key, cannot be used now."""
