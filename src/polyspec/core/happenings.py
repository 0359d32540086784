"""What whoever watches is told: names, numbers and the kinds of errors.

No header, no body, no address with a query and no text of an answer, so no secret can be in any of it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

__all__ = [
    "CallBegan",
    "CallEnded",
    "CredentialMoved",
    "Event",
    "LadderEnded",
    "LimiterWaited",
    "OrderFate",
    "RequestEnded",
    "RetryPlanned",
    "TokenRefreshed",
]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `name` says what, `fields` the rest."""

    name: ClassVar[str] = ""

    @property
    def fields(self) -> dict[str, Any]:
        """What it tells, by name."""
        return msgspec.structs.asdict(self)


class _OfCall(Event, frozen=True, kw_only=True):
    server: str
    """The base address of the venue."""
    operation: str
    """Id of the operation in the spec of the venue."""


class CallBegan(_OfCall, frozen=True, kw_only=True):
    """A call begins; it may wait, and take several requests."""

    name: ClassVar[str] = "call_began"
    call: int
    """Tells the calls of this process apart."""
    method: str
    path: str
    """The template of the path, without what is filled in."""


class RequestEnded(_OfCall, frozen=True, kw_only=True):
    """A request was answered, or its answer is lost."""

    name: ClassVar[str] = "request"
    call: int
    """Whose it is; 0 if that began before anybody listened."""
    method: str
    path: str
    lane: str
    attempt: int
    """Counts from 1."""
    seconds: float
    """From the request to the end of its answer, or to its failure."""
    status: int | None = None
    """None if there was no answer."""
    error: str | None = None
    """Kind of the failure; None for none."""
    verdict: str = "done"
    """What it proves: done, refused, not sent or unknown."""


class RetryPlanned(_OfCall, frozen=True, kw_only=True):
    """A request goes again after a wait."""

    name: ClassVar[str] = "retry"
    attempt: int
    """Of the request that failed."""
    seconds: float
    error: str


class LimiterWaited(_OfCall, frozen=True, kw_only=True):
    """A request waits for its place in the venue's limits, or is not sent since the place comes too late."""

    name: ClassVar[str] = "limiter_wait"
    gate: str
    """What is limited."""
    seconds: float
    given_up: bool = False


class CallEnded(_OfCall, frozen=True, kw_only=True):
    """A call ended; `error` is the kind of what it raised."""

    name: ClassVar[str] = "call"
    call: int
    method: str
    path: str
    seconds: float | None
    """None if it was cut off, and nobody could read a clock."""
    attempts: int
    error: str | None = None
    maybe_executed: bool = False


class TokenRefreshed(Event, frozen=True, kw_only=True):
    """An access token was got: from the issuer, or from another process that shares its own."""

    name: ClassVar[str] = "token_refresh"
    early: bool
    """While the one before was still good."""
    seconds: float | None
    life: float | None = None
    """Seconds for which the new one is good, counted from when the issuer was asked."""
    error: str | None = None


class LadderEnded(Event, frozen=True, kw_only=True):
    """What followed on refused credentials ended."""

    name: ClassVar[str] = "ladder"
    credential: str
    """Names it: kind, wallet, tenant and user."""
    venue: str
    outcome: str
    """replaced, kept (they are good, or the clock was wrong), or failed."""
    state: str
    seconds: float | None
    error: str | None = None


class CredentialMoved(Event, frozen=True, kw_only=True):
    """Managed credentials went from one state to another."""

    name: ClassVar[str] = "credential"
    credential: str
    venue: str
    before: str
    state: str


class OrderFate(Event, frozen=True, kw_only=True):
    """What became of an order; unknown ones are told again when they are looked up."""

    name: ClassVar[str] = "order"
    venue: str
    fate: str
    """accepted, rejected, unknown, or not_placed if what was raised proves that none stands."""
    by: str
    """place, place_many or resolve."""
    seconds: float | None
    order_id: str | None = None
    client_order_id: str | None = None
    error: str | None = None
