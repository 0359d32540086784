"""Stay under the venue's rate limits, as the spec states them, and give way when the venue says so.

One token bucket per limit name; operations that share a limit share a bucket, and cancels have their own, so
a burst of orders never stands in front of a cancel. Buckets are credited by a monotonic clock handed in.
"""

from __future__ import annotations

import threading
from typing import Final

from polyspec_wire import Operation

__all__ = ["Pacer", "RetryQuota"]

_DEFAULT_COOLDOWN: Final = 1.0


class _Bucket:
    """Tokens that come back evenly; the level may go below zero: that debt is the wait."""

    __slots__ = ("_at", "_level", "_per_second", "_size")

    def __init__(self, per_second: float, size: float) -> None:
        self._per_second = per_second
        self._size = size
        self._level = size
        self._at: float | None = None

    def take(self, now: float, patience: float) -> float:
        """Take one token and return the seconds to wait for it; take none if that is beyond `patience`."""
        if self._at is not None:
            self._level = min(self._size, self._level + max(0.0, now - self._at) * self._per_second)
        self._at = now
        wait = max(0.0, 1.0 - self._level) / self._per_second
        if wait <= patience:
            self._level -= 1.0
        return wait

    def empty(self, now: float) -> None:
        self._level, self._at = min(self._level, 0.0), now


class Pacer:
    """Hold requests back until the venue's published limits allow them.

    Thread-safe; share one between clients that trade under the same firm, since limits are counted per firm.
    """

    def __init__(self, tier: str = "tier1", *, enabled: bool = True) -> None:
        self.tier = tier
        self.enabled = enabled
        self._buckets: dict[str, _Bucket] = {}
        self._closed_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def reserve(self, operation: Operation, now: float, patience: float) -> float:
        """Return the seconds to wait before sending; beyond `patience` nothing is reserved."""
        if not self.enabled:
            return 0.0
        with self._lock:
            wait = max(0.0, self._closed_until.get(_closing(operation), 0.0) - now)
            if operation.lane != "cancel":
                wait = max(wait, self._closed_until.get("*", 0.0) - now)
            if wait > patience or operation.rate_limit is None:
                return wait
            return max(wait, self._bucket(operation).take(now, patience))

    def refused(self, operation: Operation, now: float, retry_after: float | None, *, by_edge: bool) -> None:
        """Note a 429: close what it was about, everything but cancels if an edge proxy said it."""
        until = now + (_DEFAULT_COOLDOWN if retry_after is None else retry_after)
        with self._lock:
            name = "*" if by_edge and operation.lane != "cancel" else _closing(operation)
            self._closed_until[name] = max(until, self._closed_until.get(name, 0.0))
            if operation.rate_limit is not None:
                self._bucket(operation).empty(now)

    def _bucket(self, operation: Operation) -> _Bucket:
        limit = operation.rate_limit
        assert limit is not None
        bucket = self._buckets.get(limit.bucket)
        if bucket is None:
            per_second = limit.per_second(self.tier)
            bucket = self._buckets[limit.bucket] = _Bucket(per_second, limit.size(self.tier))
        return bucket


def _closing(operation: Operation) -> str:
    return operation.rate_limit.bucket if operation.rate_limit is not None else operation.id


class RetryQuota:
    """A budget of retries shared by all calls of a client, so that an outage cannot become a storm.

    500 tokens; a retry costs 5, one after a timeout 10; a success gives 1 back. A thousand failing calls make
    at most a hundred extra requests. First attempts are never held back.
    """

    def __init__(self, capacity: int = 500) -> None:
        self._capacity = capacity
        self._tokens = capacity
        self._lock = threading.Lock()

    def take(self, *, after_timeout: bool = False) -> bool:
        """Take the price of one retry; False if the budget is spent."""
        cost = 10 if after_timeout else 5
        with self._lock:
            if self._tokens < cost:
                return False
            self._tokens -= cost
            return True

    def give(self) -> None:
        """Give a token back after a success."""
        with self._lock:
            self._tokens = min(self._capacity, self._tokens + 1)
