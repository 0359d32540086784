"""Faults only this venue knows, beside those any venue has.

================= ============= ==========================================================================
kind              by itself     effect
================= ============= ==========================================================================
revoke            before        every access token issued so far stops working, then 401
stopgap           during        the orders or replaces of the request are acknowledged and then rejected with
                                ``Global Rate Limit Exceeded``, as if they had waited for too long
================= ============= ==========================================================================

Others meet the messages of streams over gRPC, by the names of their calls, as
``MarketDataSubscriptionAPI_CreateMarketDataSubscription``. The message is the one that is about to be sent:

==================== ==========================================================================
kind                 effect
==================== ==========================================================================
grpc_lose            it is not sent
grpc_duplicate       it is sent twice
grpc_reorder         it is sent after the next one
grpc_silent          neither it nor anything after it is sent, while the stream stays open
grpc_unavailable     the stream ends with UNAVAILABLE
grpc_goaway          the server says GOAWAY and ends all of its connections; it can be called again at once
grpc_expired         the stream ends with UNAUTHENTICATED, as if its token were looked at again
grpc_slow            the client counts as too slow: it is skipped to the head or disconnected, as it asked for
grpc_forgotten       at the opening: the resume token is refused as too old
==================== ==========================================================================

gRPC itself neither loses nor swaps messages, but what is behind it may. On a stream with resume tokens nobody
who listens can tell that a batch was lost, once the next one came with a newer token, nor that a swapped one
would still have come when the stream ends in between: to lose that is the venue's own fault.

A call over gRPC that REST has as well meets the faults of its operation: what resets, closes or cuts a
connection ends it with UNAVAILABLE, before or after it is executed, and what hangs leaves it to its deadline.

Of the others, those that refuse or delay a request meet the opening of a stream, if they name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from polyspec.sandbox.http import faults
from polyspec.sandbox.us.refusals import Refusal, throttled, unauthenticated

__all__ = ["MESSAGE_KINDS", "OPENING_KINDS", "STREAM_KINDS", "Fault", "FaultPlan", "stand_in"]

MESSAGE_KINDS: Final = (
    "grpc_lose",
    "grpc_duplicate",
    "grpc_reorder",
    "grpc_silent",
    "grpc_unavailable",
    "grpc_goaway",
    "grpc_expired",
    "grpc_slow",
)
"""What can happen to a message of a stream."""
STREAM_KINDS: Final = (*MESSAGE_KINDS, "grpc_forgotten")
"""What can happen to a stream and to nothing else."""
OPENING_KINDS: Final = ("grpc_forgotten", "status", "rate_limit", "unauthorized", "revoke", "delay", "hang")
"""What can happen when a stream is opened."""

_CODES: Final = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 429: 8, 500: 13, 503: 14, 504: 4}
# what the stopgap can reject; cancels are exempt
_ENTRY: Final = frozenset(
    {
        "OrderEntryAPI_InsertOrder",
        "OrderEntryAPI_InsertOrderList",
        "OrderEntryAPI_InsertOrderCross",
        "OrderEntryAPI_CancelReplaceOrder",
        "OrderEntryAPI_CancelReplaceOrderList",
    }
)


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """One fault: which requests it meets and what it does to them."""

    kinds: ClassVar[Mapping[str, str]] = {
        **faults.KINDS,
        "revoke": faults.BEFORE,
        "stopgap": faults.DURING,
        **dict.fromkeys(STREAM_KINDS, faults.DURING),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.effect == "stopgap" and (self.kind != self.effect or self.operation not in _ENTRY | {"*"}):
            raise ValueError("stopgap has no suffix and meets orders and replaces only")
        if self.effect in STREAM_KINDS and self.kind != self.effect:
            raise ValueError(f"{self.effect} takes no suffix")

    def meets(self, operation: str) -> bool:
        """Tell whether requests of this operation can be spoilt by it."""
        if self.effect in STREAM_KINDS:
            return _is_stream(operation) and super().meets(operation)
        if _is_stream(operation):
            # what is meant for any request is meant for requests
            return self.operation == operation
        return super().meets(operation) and (self.effect != "stopgap" or operation in _ENTRY)


class FaultPlan(faults.FaultPlan):
    """The faults still to come."""

    made_of: ClassVar[type[faults.Fault]] = Fault


def _is_stream(operation: str) -> bool:
    return operation.endswith("Subscription") or "_BiDirectionalStream" in operation or "_Stream" in operation


def stand_in(fault: faults.Fault) -> Refusal:
    """Return the refusal a fault puts in the place of the true answer."""
    if fault.effect in ("unauthorized", "revoke"):
        return unauthenticated(fault.message or "token is expired")
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    if fault.effect == "rate_limit":
        refusal = throttled()
        refusal.headers = headers
        return refusal
    status = fault.status or 503
    code = _CODES.get(status, 2)
    return Refusal(code, fault.message or "service unavailable", status=status, headers=headers)
