"""Stay under the venue's rate limits, as the spec states them, and give way when the venue says so.

One bucket per limit name; operations that share a limit share a bucket, and cancels have their own, so a
burst of orders never stands in front of a cancel. An operation may be under several limits, and leaves when
all of them let it. Buckets are credited by a monotonic clock handed in.
"""

from __future__ import annotations

import math
import threading
from bisect import insort
from collections import deque
from collections.abc import Mapping
from itertools import chain, repeat
from typing import Final, Protocol

from msgspec.structs import replace
from polyspec_wire import Operation
from polyspec_wire import RateLimit as Limit

from polyspec.core.forking import renew_lock_of
from polyspec.errors import ConfigError

__all__ = ["Pacer", "RetryQuota", "cooldown", "gate_of", "kept_for_cancels", "never"]

_DEFAULT_COOLDOWN: Final = 1.0
_SHORTEST_COOLDOWN: Final = 0.25
_GRAIN: Final = 1e-6
_CANCEL_SHARE: Final = 10


class _Room(Protocol):
    """What one limit leaves room for."""

    size: float
    """The most that can ever leave at once."""

    def earliest(self, opens: float, count: int) -> float:
        """Return from when on `count` may leave together, `opens` at the earliest."""
        ...

    def book(self, leaves: float, count: int) -> None:
        """Let `count` leave at a moment that `earliest` returned."""
        ...

    def spend(self, until: float) -> None:
        """Use up what could be used early at `until`, so that from then on places come one by one."""
        ...

    def resized(self, rate: int) -> bool:
        """Go on with another rate, if that can be done without forgetting what left."""
        ...


class _Bucket:
    """Places in time that come evenly, some of which may be used early: the burst.

    Keeps when the next place is due at the even pace, instead of a count of tokens. So a place can be booked
    for a moment that lies ahead, and all that leave then still keep the pace.
    """

    __slots__ = ("_due", "_early", "_step", "size")

    def __init__(self, per_second: float, size: float) -> None:
        self.size = size
        self._step = 1.0 / per_second
        self._early = (size - 1.0) * self._step
        self._due = -math.inf

    def earliest(self, opens: float, count: int) -> float:
        ready = self._due + (count - 1) * self._step - self._early
        # less than a microsecond is the rounding of the sums, no wait
        return ready if ready > opens + _GRAIN else opens

    def book(self, leaves: float, count: int) -> None:
        self._due = max(self._due, leaves) + count * self._step

    def spend(self, until: float) -> None:
        self._due = max(self._due, until + self._early)

    def resized(self, rate: int) -> bool:
        del rate
        return False


class _Window:
    """The moments of the last requests, in order; none leaves while a whole period would hold too many.

    What lies ahead counts as well, so a request may leave before one that another limit holds back.
    """

    __slots__ = ("_left", "_per", "_rate", "size")

    def __init__(self, rate: int, per: float) -> None:
        self.size = float(rate)
        self._rate = rate
        self._per = per
        self._left: deque[float] = deque()

    def earliest(self, opens: float, count: int) -> float:
        surplus = len(self._left) + count - self._rate
        return max(opens, self._left[surplus - 1] + self._per) if surplus > 0 else opens

    def book(self, leaves: float, count: int) -> None:
        left = self._left
        for _ in range(count):
            if len(left) == self._rate:
                left.popleft()
            if left and left[-1] > leaves:
                insort(left, leaves)
            else:
                left.append(leaves)

    def spend(self, until: float) -> None:
        step, free = self._per / self._rate, self._rate - len(self._left)
        known = chain(repeat(-math.inf, free), self._left)
        # as if they had left evenly until then; what did leave later, or will, still counts
        self._left = deque(max(until - (self._rate - place) * step, left) for place, left in enumerate(known))

    def resized(self, rate: int) -> bool:
        self.size, self._rate = float(rate), rate
        while len(self._left) > rate:
            self._left.popleft()
        return True


class Pacer:
    """Hold requests back until the venue's published limits allow them.

    Thread-safe; share one between clients whose requests the venue counts together. Without a `tier` a limit
    counts as for its lowest one. Limits the venue does not enforce are kept with `keep_unenforced` alone.
    Where it counts by address as well as by caller, the pacers of several callers have `commons`: one pacer
    that counts for all of them what their address did.
    """

    def __init__(
        self,
        tier: str | None = None,
        *,
        enabled: bool = True,
        keep_unenforced: bool = False,
        commons: Pacer | None = None,
        for_cancels: frozenset[str] = frozenset(),
    ) -> None:
        self.tier = tier
        self.enabled = enabled
        self.keep_unenforced = keep_unenforced
        self._rooms: dict[str, _Room] = {}
        self._told: dict[str, int] = {}
        self._closed_until: dict[str, float] = {}
        self._closed_for_all = -math.inf
        self._commons = commons
        self._for_cancels = for_cancels
        # places are booked in both at once
        self._lock: threading.Lock = threading.Lock()
        if commons is not None:
            self._lock = commons._lock  # noqa: SLF001 - one of our own
        renew_lock_of(self)

    def reserve(self, operation: Operation, now: float, patience: float, items: int = 1) -> float:
        """Return the seconds to wait before sending; beyond `patience` nothing is reserved.

        What goes ahead is counted and does not wait: the venue's clock may have begun another period by now.
        `items` is how many things the body lists. Raises ConfigError if no wait is long enough for so many.
        """
        if not self.enabled:
            return 0.0
        with self._lock:
            leaves = max(now, self._closed_until.get(gate_of(operation), -math.inf))
            if operation.lane != "cancel":
                leaves = max(leaves, self._closed_for_all)
            booked: list[tuple[_Room, int]] = []
            for limit in operation.rate_limits:
                if limit.enforced or self.keep_unenforced:
                    room, count = self._room(limit), items if limit.cost == "items" else 1
                    held = 0
                    if operation.lane != "cancel" and limit.bucket in self._for_cancels:
                        held = kept_for_cancels(room.size)
                    if count > room.size - held:
                        raise ConfigError(never(limit, count, room.size - held))
                    booked.append((room, count))
                    if not limit.ahead:
                        leaves = room.earliest(leaves, count + held)
            if leaves - now <= patience:
                for room, count in booked:
                    room.book(leaves, count)
            return leaves - now

    def refused(self, operation: Operation, now: float, retry_after: float | None, *, by_edge: bool) -> None:
        """Note a 429: close what it was about, and everything but cancels if an edge proxy said it.

        An edge counts requests, whatever they are for; what it still lets through belongs to cancels. Of
        several limits the first is taken for the one that was hit: it is the operation's own.
        """
        until, name = now + cooldown(retry_after), gate_of(operation)
        with self._lock:
            if by_edge:
                self._closed_for_all = max(until, self._closed_for_all)
            if not by_edge or operation.lane == "cancel":
                self._closed_until[name] = max(until, self._closed_until.get(name, -math.inf))
            if operation.rate_limit is not None:
                self._room(operation.rate_limit).spend(until)

    def learn(self, rates: Mapping[str, int]) -> None:
        """Take the venue's word for limits: requests per period, by bucket. It wins over the tier."""
        if all(self._told.get(bucket) == rate for bucket, rate in rates.items()):
            return
        with self._lock:
            self._told.update(rates)
            for bucket, rate in rates.items():
                room = self._rooms.get(bucket)
                if room is not None and not room.resized(rate):
                    del self._rooms[bucket]

    def _room(self, limit: Limit) -> _Room:
        rooms = self._rooms
        if self._commons is not None and limit.scope == "ip":
            rooms = self._commons._rooms  # noqa: SLF001 - one of our own
        room = rooms.get(limit.bucket)
        if room is None:
            room = rooms[limit.bucket] = self._made(limit)
        return room

    def _made(self, limit: Limit) -> _Room:
        told = self._told.get(limit.bucket)
        if told is not None:
            limit = replace(limit, rate=told, burst=None)
        try:
            if limit.window:
                return _Window(int(limit.size(self.tier)), limit.per)
            return _Bucket(limit.per_second(self.tier), limit.size(self.tier))
        except ValueError as error:
            raise ConfigError(str(error)) from None


def cooldown(retry_after: float | None) -> float:
    """Return for how many seconds a 429 closes what it was about."""
    return _DEFAULT_COOLDOWN if retry_after is None else max(retry_after, _SHORTEST_COOLDOWN)


def gate_of(operation: Operation) -> str:
    """Name what a refusal of an operation closes: its own limit, or the operation itself if it has none."""
    return operation.rate_limit.bucket if operation.rate_limit is not None else operation.id


def kept_for_cancels(size: float) -> int:
    """Return what others leave of a limit to cancels: a tenth, rounded up, of what can be divided so."""
    return int(-(-size // _CANCEL_SHARE)) if size >= _CANCEL_SHARE else 0


def never(limit: Limit, count: int, size: float) -> str:
    """Say that so many things at once are beyond a limit for good."""
    return f"{count} at once are beyond the limit {limit.bucket}, which takes {size:g}; split the batch"


class RetryQuota:
    """A budget of retries shared by all calls of a client, so that an outage cannot become a storm.

    500 tokens; a retry costs 5, one after a timeout 10; a success gives 1 back. A thousand failing calls make
    at most a hundred extra requests. First attempts are never held back.
    """

    def __init__(self, capacity: int = 500) -> None:
        self._capacity = capacity
        self._tokens = capacity
        self._lock = threading.Lock()
        renew_lock_of(self)

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
