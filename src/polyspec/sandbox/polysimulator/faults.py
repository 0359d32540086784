"""Faults only this venue knows, beside those any venue has.

====================== ======== ===========================================================================
kind                   when     effect
====================== ======== ===========================================================================
lock_busy              before   409 ``TRADE_IN_PROGRESS`` (``LOCK_BUSY_RETRY``); nothing is remembered
conflict_pending       before   409 ``IDEMPOTENCY_CONFLICT_PENDING``, as if the same key were still running
server_busy            before   503 ``SERVER_BUSY``, to orders and cancels
db_contention          before   503 ``DB_CONTENTION_RETRY``, to orders and cancels
concurrency            before   429 ``API_KEY_CONCURRENCY_EXCEEDED`` with the headers that go with it
upstream               before   502 ``UPSTREAM_UNAVAILABLE``
warm_up                before   404 ``MARKET_NOT_FOUND``, as of a market that is seconds old
edge_blocked           before   403 of the edge, plain text: ``error code: 1010``
venue_unavailable      during   503 to what must fill at once; what may rest is held until it is over
deadline_overshot      during   the order is stored, the answer is 503 ``DEADLINE_OVERSHOT_BUT_PERSISTED``
persistence_unknown    during   503 ``PERSISTENCE_UNKNOWN``; the seed decides whether the order is stored
persistence_unknown_…  during   the same, and ``…stored`` or ``…lost`` decides
stream_cut             during   the stream of prices ends in the middle of an event, after the snapshot
stream_drop            during   the same, and the connection breaks instead of ending
stream_silent          during   nothing more comes after the snapshot, and the connection stays open
stream_garbage         during   what comes after the snapshot is first something nobody can read
ws_drop                -        a websocket loses its connection instead of a frame, without a close frame
ws_…                   -        ``lose``, ``duplicate``, ``reorder``, ``truncate``, ``silent``, ``close``:
                                what any venue's websockets do to a frame
ws_missed_fill         -        a fill that happened is not told on a websocket
ws_token_expired       -        a websocket is refused with 4001
====================== ======== ===========================================================================

What meets websockets counts frames, fills (``ws_missed_fill``) or connections (``ws_token_expired``), and
its operation is one of `CHANNELS`. After a fault of one side of the execution the idempotency record is what
it would be without the fault: there is one when the order was stored, and none when it was not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from polyspec.sandbox.http import faults
from polyspec.sandbox.http.sockets import SOCKET_KINDS

__all__ = ["CHANNELS", "GATES", "PLACEMENTS", "STREAM_KINDS", "Fault", "FaultPlan", "Gate"]

PLACEMENTS: Final = frozenset(
    {"Orders_PlaceOrder", "Orders_PlaceOrderBatch", "Compat_PostFlatOrder", "Compat_PostOrder"}
)
_CANCELS: Final = frozenset(
    {
        "Orders_CancelOrder",
        "Orders_CancelOrders",
        "Orders_CancelAll",
        "Orders_CancelAllDeprecated",
        "Orders_CancelMarketOrders",
        "Compat_CancelOrderById",
    }
)
_WRITES: Final = PLACEMENTS | _CANCELS
_OF_A_MARKET: Final = PLACEMENTS | {
    "Markets_GetMarket",
    "Markets_GetMarketBySlug",
    "Markets_GetMarketBook",
    "Markets_GetCandles",
}
CHANNELS: Final = ("WebSocket_Prices", "WebSocket_Executions", "WebSocket_Market", "WebSocket_User")
_STREAM: Final = "Spot_StreamPrices"
STREAM_KINDS: Final = ("stream_cut", "stream_drop", "stream_silent", "stream_garbage")
_WHOLE_ANSWERS: Final = frozenset({"truncate", "close_mid_body", "drip"})
"""What is done to an answer that is there as a whole, as a stream never is."""
_TELLING_FILLS: Final = frozenset({"WebSocket_Executions", "WebSocket_User"})


@dataclass(frozen=True)
class Gate:
    """The answer of a fault that falls before the execution."""

    status: int
    code: str
    message: str
    retry_after: int | None = 1
    """Seconds, in a header; cancels are told to wait longer than placements by some."""
    after_cancel: int | None = None
    error_code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def pause(self, operation: str) -> int | None:
        """Return the seconds to tell a request of `operation` to wait."""
        if self.after_cancel is not None and operation in _CANCELS:
            return self.after_cancel
        return self.retry_after


GATES: Final[Mapping[str, Gate]] = {
    "lock_busy": Gate(
        409,
        "TRADE_IN_PROGRESS",
        "another trade of this account is in progress, please retry",
        error_code="LOCK_BUSY_RETRY",
    ),
    "conflict_pending": Gate(
        409, "IDEMPOTENCY_CONFLICT_PENDING", "a request with this idempotency key is still in progress"
    ),
    "server_busy": Gate(503, "SERVER_BUSY", "the server is busy, please retry", after_cancel=5),
    "db_contention": Gate(503, "DB_CONTENTION_RETRY", "the database is busy, please retry", after_cancel=5),
    "concurrency": Gate(
        429,
        "API_KEY_CONCURRENCY_EXCEEDED",
        "too many requests of this key at once",
        headers=(("x-concurrency-key-limit", "4"), ("x-concurrency-key-remaining", "0")),
    ),
    "upstream": Gate(502, "UPSTREAM_UNAVAILABLE", "upstream is not available", retry_after=None),
    "warm_up": Gate(404, "MARKET_NOT_FOUND", "market not found", retry_after=None),
}
"""Kinds that are an error of the venue's own shape and nothing else."""
_MEETS: Final[Mapping[str, frozenset[str]]] = {
    "lock_busy": _WRITES,
    "conflict_pending": PLACEMENTS,
    "server_busy": _WRITES,
    "db_contention": _WRITES,
    "warm_up": _OF_A_MARKET,
    "venue_unavailable": PLACEMENTS,
    "deadline_overshot": PLACEMENTS,
    "persistence_unknown": PLACEMENTS,
    "persistence_unknown_stored": PLACEMENTS,
    "persistence_unknown_lost": PLACEMENTS,
    **dict.fromkeys(STREAM_KINDS, frozenset({_STREAM})),
    **dict.fromkeys(SOCKET_KINDS, frozenset(CHANNELS)),
    "ws_missed_fill": _TELLING_FILLS,
    "ws_token_expired": frozenset(CHANNELS),
}
_DURING: Final = (
    "venue_unavailable",
    "deadline_overshot",
    "persistence_unknown",
    "persistence_unknown_stored",
    "persistence_unknown_lost",
    *STREAM_KINDS,
)
_SOCKETS: Final = (*SOCKET_KINDS, "ws_missed_fill", "ws_token_expired")
_OWN: Final[Mapping[str, str]] = {
    **dict.fromkeys((*GATES, "edge_blocked"), faults.BEFORE),
    **dict.fromkeys((*_DURING, *_SOCKETS), faults.DURING),
}


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """One fault: which requests, frames or connections it meets and what it does to them."""

    kinds: ClassVar[Mapping[str, str]] = {**faults.KINDS, **_OWN}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.effect in _OWN and self.kind != self.effect:
            raise ValueError(f"{self.effect} takes no suffix")
        met = _MEETS.get(self.effect)
        if met is not None and self.operation != "*" and self.operation not in met:
            raise ValueError(f"{self.effect} does not meet {self.operation}; one of {', '.join(sorted(met))}")

    def meets(self, operation: str) -> bool:
        """Tell whether requests of this operation can be spoilt by it."""
        met = _MEETS.get(self.effect)
        if met is None:
            # what spoils answers has nothing to spoil on a websocket
            spared = operation in CHANNELS or (operation == _STREAM and self.effect in _WHOLE_ANSWERS)
            return not spared and super().meets(operation)
        return operation in met and super().meets(operation)


class FaultPlan(faults.FaultPlan):
    """The faults still to come."""

    made_of: ClassVar[type[faults.Fault]] = Fault
