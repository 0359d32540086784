"""Pacing that several processes share: the same questions as `polyspec.core.pacing`, asked of a backend.

What is decided here is what to ask for: which gates, which limits, how much of them. The answer is a place in
time; whoever slept until its place asks whether it still stands, since a 429 that any holder met meanwhile
makes void what was ahead.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from typing import Final, Protocol

from msgspec.structs import replace
from polyspec_wire import Operation
from polyspec_wire import RateLimit as Limit

from polyspec.core.effects import Do, Flow
from polyspec.core.forking import renew_lock_of
from polyspec.core.pacing import cooldown, gate_of, kept_for_cancels, never
from polyspec.core.tally import Claim, Place, Refusal, Ticket
from polyspec.errors import ConfigError

__all__ = ["Limiter", "SharedPacer", "scope_of"]

_MICRO: Final = 1e6
# Whoever slept until its place leaves a little after it: no sooner may the next period begin.
_LATE: Final = 0.025
_FOR_ALL: Final = "*"


class Limiter(Protocol):
    """Keeps count for several holders, and never fails: what it cannot ask it decides by itself, for less.

    Blocks for as long as its backend takes; flows ask for it as foreign work. Safe to use from any thread.
    """

    def reserve(self, ticket: Ticket, patience: float) -> Place:
        """Book places in all limits at once; nothing is booked if the wait is beyond `patience` seconds."""
        ...

    def stands(self, place: Place) -> bool:
        """Tell whether a place that was ahead is still good."""
        ...

    def refuse(self, refusal: Refusal) -> None:
        """Close a gate for all holders, and lower their rate."""
        ...


def scope_of(*parts: str) -> str:
    """Name those whose requests are counted together, without telling who they are."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


class SharedPacer:
    """Hold requests back until the venue's limits allow them, counted together with other processes.

    `user` is whose requests the venue counts together, `egress` the address they leave from; neither is shown
    to the backend. `for_cancels` names limits that cancels share with other requests: a tenth of each, one at
    least where it has ten or more, is kept for them.
    """

    def __init__(
        self,
        limiter: Limiter,
        *,
        venue: str,
        user: str,
        egress: str,
        tier: str | None = None,
        keep_unenforced: bool = False,
        for_cancels: frozenset[str] = frozenset(),
    ) -> None:
        self.tier = tier
        self.keep_unenforced = keep_unenforced
        self._limiter = limiter
        self._for_cancels = for_cancels
        # the same venue, however its address was typed
        venue = venue.rstrip("/").lower()
        # one slot for a whole venue: all keys of a step must live together in a cluster
        slot = "{" + scope_of(venue) + "}"
        self._user = f"{slot}:{scope_of(venue, user)}"
        self._address = f"{slot}:{scope_of(venue, 'from', egress)}"
        self._told: dict[str, int] = {}
        self._made: dict[tuple[str, int], Ticket] = {}
        self._lock = threading.Lock()
        renew_lock_of(self)
        self.unsaid: deque[Refusal] = deque()
        """Refusals that the others do not know of yet."""

    def reserve(self, operation: Operation, patience: float, items: int = 1) -> Flow[Place]:
        """Take a place among all holders; beyond `patience` seconds nothing is reserved.

        Raises ConfigError if no wait is long enough for so many items.
        """
        ticket = self._made.get((operation.id, items)) or self._ticket(operation, items)
        place: Place = yield Do(lambda: self._limiter.reserve(ticket, patience))
        return place

    def stands(self, place: Place) -> Flow[bool]:
        """Tell whether a place that was slept for is still good."""
        good: bool = yield Do(lambda: self._limiter.stands(place))
        return good

    def refused(self, operation: Operation, now: float, retry_after: float | None, *, by_edge: bool) -> None:
        """Note a 429; `tell` lets the others know."""
        del now
        wait = cooldown(retry_after)
        claims = self._ticket(operation, 1).claims
        claim = claims[0] if claims and claims[0].own else None
        own = not by_edge or operation.lane == "cancel"
        if by_edge:
            self.unsaid.append(Refusal(f"{self._address}:{_FOR_ALL}", wait, None if own else claim))
        if own:
            self.unsaid.append(Refusal(self._gate(operation), wait, claim))

    def tell(self) -> Flow[None]:
        """Tell all holders of the refusals that were noted."""
        while self.unsaid:
            try:
                refusal = self.unsaid.popleft()
            except IndexError:
                return
            yield Do(lambda refusal=refusal: self._limiter.refuse(refusal))  # type: ignore[misc]

    def learn(self, rates: Mapping[str, int]) -> None:
        """Take the venue's word for limits: requests per period, by bucket. It wins over the tier."""
        if all(self._told.get(bucket) == rate for bucket, rate in rates.items()):
            return
        with self._lock:
            self._told = {**self._told, **rates}
            self._made = {}

    def _ticket(self, operation: Operation, items: int) -> Ticket:
        made = self._made
        gates: tuple[str, ...] = (self._gate(operation),)
        if operation.lane != "cancel":
            gates += (f"{self._address}:{_FOR_ALL}",)
        claims = tuple(
            self._claim(limit, operation, items, own=place == 0)
            for place, limit in enumerate(operation.rate_limits)
            if limit.enforced or self.keep_unenforced
        )
        ticket = made[operation.id, items] = Ticket(gates, claims)
        return ticket

    def _gate(self, operation: Operation) -> str:
        limit = operation.rate_limit
        scope = self._user if limit is None else self._scope(limit)
        return f"{scope}:{gate_of(operation)}:gate"

    def _scope(self, limit: Limit) -> str:
        return self._address if limit.scope == "ip" else self._user

    def _claim(self, limit: Limit, operation: Operation, items: int, *, own: bool) -> Claim:
        told = self._told.get(limit.bucket)
        if told is not None:
            limit = replace(limit, rate=told, burst=None)
        try:
            rate, size = limit.per_second(self.tier), limit.size(self.tier)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        count = items if limit.cost == "items" else 1
        if limit.window:
            size = float(int(size))
        held = 0.0
        if operation.lane != "cancel" and limit.bucket in self._for_cancels:
            held = float(kept_for_cancels(size))
        if count > size - held:
            raise ConfigError(never(limit, count, size - held))
        return Claim(
            key=f"{self._scope(limit)}:{limit.bucket}",
            count=count,
            size=size,
            held=held,
            span=(limit.per + _LATE if limit.window else 1 / rate) * _MICRO,
            window=limit.window,
            ahead=limit.ahead,
            own=own,
        )
