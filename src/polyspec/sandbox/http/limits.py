"""Rate limits: token buckets per participant firm, as the specification states them.

REST and gRPC share buckets, so whoever serves another transport takes from the same `Limits`.
"""

from __future__ import annotations

from polyspec_wire import Operation

from polyspec.sandbox.http.clock import Clock

__all__ = ["Limits"]


class Limits:
    """One bucket per (limit name, firm); a request without a token is refused at once."""

    def __init__(self, clock: Clock, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, int]] = {}

    def allows(self, operation: Operation, firm: str, tier: str) -> bool:
        """Take a token for `operation`; False if the firm has none left."""
        limit = operation.rate_limit
        if limit is None or not self.enabled:
            return True
        return self.take(limit.bucket, firm, limit.per_second(tier), limit.size(tier))

    def take(self, bucket: str, owner: str, per_second: float, capacity: float) -> bool:
        """Take a token from a named bucket that refills evenly."""
        now = self._clock.now_ns()
        level, since = self._buckets.get((bucket, owner), (capacity, now))
        level = min(capacity, level + (now - since) / 1e9 * per_second)
        allowed = level >= 1.0
        self._buckets[bucket, owner] = (level - 1.0 if allowed else level, now)
        return allowed
