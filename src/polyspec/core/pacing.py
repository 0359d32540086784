"""Stay under the venue's rate limits, as the spec states them, and give way when the venue says so.

One bucket per limit name; operations that share a limit share a bucket, and cancels have their own, so a
burst of orders never stands in front of a cancel. Buckets are credited by a monotonic clock handed in.
"""

from __future__ import annotations

import math
import threading
from typing import Final

from polyspec_wire import Operation

from polyspec.errors import ConfigError

__all__ = ["Pacer", "RetryQuota"]

_DEFAULT_COOLDOWN: Final = 1.0
_SHORTEST_COOLDOWN: Final = 0.25
_GRAIN: Final = 1e-6


class _Bucket:
    """Places in time that come evenly, some of which may be used early: the burst.

    Keeps when the next place is due at the even pace, instead of a count of tokens. So a place can be booked
    for a moment that lies ahead, and all that leave then still keep the pace.
    """

    __slots__ = ("_due", "_early", "_step")

    def __init__(self, per_second: float, size: float) -> None:
        self._step = 1.0 / per_second
        self._early = (size - 1.0) * self._step
        self._due = -math.inf

    def book(self, now: float, opens: float, patience: float) -> float:
        """Book the first place from `opens` on and return the seconds to it; none beyond `patience`."""
        leaves = max(now, opens)
        # less than a microsecond is the rounding of the sums, no wait
        if self._due - self._early > leaves + _GRAIN:
            leaves = self._due - self._early
        if leaves - now <= patience:
            self._due = max(self._due, leaves) + self._step
        return leaves - now

    def spend(self, until: float) -> None:
        """Use up what could be used early at `until`, so that from then on places come one by one."""
        self._due = max(self._due, until + self._early)


class Pacer:
    """Hold requests back until the venue's published limits allow them.

    Thread-safe; share one between clients that trade under the same firm, since limits are counted per firm.
    """

    def __init__(self, tier: str = "tier1", *, enabled: bool = True) -> None:
        self.tier = tier
        self.enabled = enabled
        self._buckets: dict[str, _Bucket] = {}
        self._closed_until: dict[str, float] = {}
        self._closed_for_all = -math.inf
        self._lock = threading.Lock()

    def reserve(self, operation: Operation, now: float, patience: float) -> float:
        """Return the seconds to wait before sending; beyond `patience` nothing is reserved."""
        if not self.enabled:
            return 0.0
        with self._lock:
            opens = max(now, self._closed_until.get(_limit(operation), -math.inf))
            if operation.lane != "cancel":
                opens = max(opens, self._closed_for_all)
            if operation.rate_limit is None:
                return opens - now
            return self._bucket(operation).book(now, opens, patience)

    def refused(self, operation: Operation, now: float, retry_after: float | None, *, by_edge: bool) -> None:
        """Note a 429: close what it was about, and everything but cancels if an edge proxy said it.

        An edge counts requests, whatever they are for; what it still lets through belongs to cancels.
        """
        wait = _DEFAULT_COOLDOWN if retry_after is None else max(retry_after, _SHORTEST_COOLDOWN)
        until, name = now + wait, _limit(operation)
        with self._lock:
            if by_edge:
                self._closed_for_all = max(until, self._closed_for_all)
            if not by_edge or operation.lane == "cancel":
                self._closed_until[name] = max(until, self._closed_until.get(name, -math.inf))
            if operation.rate_limit is not None:
                self._bucket(operation).spend(until)

    def _bucket(self, operation: Operation) -> _Bucket:
        limit = operation.rate_limit
        assert limit is not None
        bucket = self._buckets.get(limit.bucket)
        if bucket is None:
            try:
                bucket = _Bucket(limit.per_second(self.tier), limit.size(self.tier))
            except ValueError as error:
                raise ConfigError(str(error)) from None
            self._buckets[limit.bucket] = bucket
        return bucket


def _limit(operation: Operation) -> str:
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
