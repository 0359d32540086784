"""Limits by address of the network, which first slow down and then refuse, and by signer, which warn.

The former are windows; the venue's edge holds excess requests back for a while. The latter are token buckets
by tier, announced in headers, and enforced only when the sandbox is told so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import Final

from polyspec_wire import RateLimit

from polyspec.sandbox.http.clock import Clock

__all__ = ["TIERS", "Admission", "Balance", "IpLimits", "SignerLimits"]

_SLOTS: Final = 20
"""Parts of a window; a window moves on by one of them at a time."""


TIERS: Final = ("standard", "copper", "bronze", "silver", "gold", "platinum", "diamond", "elite")
"""By 30-day maker volume."""
_MAY_OWE: Final = frozenset(TIERS[:5])
"""Tiers whose balance the second part of a mass cancel's cost may make negative."""


@dataclass(frozen=True)
class Admission:
    """Whether a request may go on, and after how many seconds."""

    admitted: bool
    wait: float


class IpLimits:
    """Sliding windows by (bucket, network address)."""

    def __init__(self, clock: Clock, *, enabled: bool, patience: float) -> None:
        self.enabled = enabled
        self.patience = patience
        self._clock = clock
        self._windows: dict[tuple[str, str], dict[int, int]] = {}

    def admit(self, limits: tuple[RateLimit, ...], address: str) -> Admission:
        """Count a request against all of its limits, at the moment at which the last of them lets it in."""
        if not self.enabled:
            return Admission(admitted=True, wait=0.0)
        now = self._clock.seconds()
        wait = max((self._wait(each, address, now) for each in limits), default=0.0)
        if wait > self.patience:
            return Admission(admitted=False, wait=wait)
        for each in limits:
            window = self._windows[each.bucket, address]
            slot = _slot(each, now + wait)
            window[slot] = window.get(slot, 0) + 1
        return Admission(admitted=True, wait=wait)

    def _wait(self, limit: RateLimit, address: str, now: float) -> float:
        """Return the seconds until a window has room."""
        window = self._windows.setdefault((limit.bucket, address), {})
        first = _slot(limit, now)
        for old in [slot for slot in window if slot <= first - _SLOTS]:
            del window[old]
        most = limit.per_second() * limit.per
        # requests that were held back are counted where they will be let in; nobody overtakes them
        slot = next(
            each
            for each in count(max([first, *window]))
            if sum(used for place, used in window.items() if place > each - _SLOTS) < most
        )
        return max(0.0, slot * limit.per / _SLOTS - now)


def _slot(limit: RateLimit, moment: float) -> int:
    return math.floor(moment * _SLOTS / limit.per)


@dataclass(frozen=True)
class Balance:
    """What a signer's bucket holds after a request."""

    allowed: bool
    remaining: float
    reset: int
    """Unix time at which the next request will probably pass, in whole seconds."""
    tier: str
    wait: float
    """Seconds until then, not rounded: what is told in whole seconds is rounded up once."""

    def headers(self) -> dict[str, str]:
        """Return the headers that tell of it."""
        told = {
            "poly-ratelimit-remaining": f"{math.floor(self.remaining)}",
            "poly-ratelimit-reset": f"{self.reset}",
            "poly-ratelimit-tier": self.tier,
        }
        if not self.allowed:
            told["poly-ratelimit-warning"] = "true"
        return told


class SignerLimits:
    """Token buckets by (bucket, signing address); a batch is let in as a whole or not at all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, limit: RateLimit, address: str, tier: str, cost: int, *, enforce: bool) -> Balance:
        """Take `cost` tokens; without them, a request that is not to be refused takes what there is."""
        level = self._level(limit, address, tier)
        allowed = level >= cost
        if allowed or not enforce:
            level = level - cost if allowed else min(level, 0.0)
        return self._left(limit, address, tier, level, allowed=allowed, needed=cost)

    def debit(self, limit: RateLimit, address: str, tier: str, cost: int) -> Balance:
        """Take the second part of a mass cancel's cost, known only afterwards."""
        level = self._level(limit, address, tier) - cost
        if tier not in _MAY_OWE:
            level = max(0.0, level)
        return self._left(limit, address, tier, level, allowed=True, needed=1)

    def _level(self, limit: RateLimit, address: str, tier: str) -> float:
        now, burst = self._clock.seconds(), limit.size(tier)
        level, since = self._levels.get((limit.bucket, address), (burst, now))
        return min(burst, level + max(0.0, now - since) * limit.per_second(tier))

    def _left(
        self, limit: RateLimit, address: str, tier: str, level: float, *, allowed: bool, needed: int
    ) -> Balance:
        now = self._clock.seconds()
        self._levels[limit.bucket, address] = (level, now)
        missing = max(0.0, min(needed, limit.size(tier)) - level)
        wait = missing / limit.per_second(tier)
        return Balance(allowed, level, math.ceil(now + wait), tier, wait)
