"""Limits in fixed windows: the clock's second and minute, per key, or per network address without one.

Twice a window's requests can pass around its end, as live. What is refused is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.polysimulator.options import Tier
from polyspec.sandbox.polysimulator.refusals import throttled

__all__ = ["Limits", "Room"]

_SECOND: Final = 1
_MINUTE: Final = 60
_HOUR: Final = 3600
_ANONYMOUS: Final = ((_SECOND, 10), (_MINUTE, 600))
_PARTNER: Final = ((_SECOND, 50), (_MINUTE, 3000))
_FIRST_KEY: Final = ((_MINUTE, 1), (_HOUR, 5))
_FAMILIES: Final = ("x-ratelimit-", "x-polysim-ratelimit-")


@dataclass(frozen=True)
class Room:
    """What is left of the windows after a request."""

    wait: float
    """Seconds until the request would pass; 0: it passed."""
    left: tuple[int, ...]
    """Per window."""
    most: tuple[int, ...]
    reset: int
    """Unix time at which the minute ends."""
    tier: str = ""
    """Empty for requests of nobody."""

    def headers(self) -> dict[str, str]:
        """Return the headers that tell of it, in both families."""
        told = {"limit": self.most[1], "remaining": self.left[1], "reset": self.reset}
        if self.tier:
            told |= {"limit-per-second": self.most[0], "remaining-per-second": self.left[0]}
        shown = {name: str(value) for name, value in told.items()}
        if self.tier:
            shown["tier"] = self.tier
        return {f"{family}{name}": value for family in _FAMILIES for name, value in shown.items()}


class Limits:
    """The windows of everybody; they are not kept over a restart."""

    def __init__(self, clock: Clock, *, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._windows: dict[tuple[str, int], tuple[int, int]] = {}

    def of_caller(self, owner: str, name: str, tier: Tier) -> Room:
        """Count a request of a key or a user; the tier has a name."""
        return self._take(owner, ((_SECOND, tier.per_second), (_MINUTE, tier.per_minute)), name)

    def of_address(self, address: str) -> Room:
        """Count a request of nobody in particular."""
        return self._take(f"address {address}", _ANONYMOUS)

    def of_partner(self) -> Room:
        """Count a request of the partner."""
        return self._take("partner", _PARTNER)

    def first_key(self, address: str) -> None:
        """Count an attempt to get a first key; raises Refusal (429)."""
        room = self._take(f"bootstrap {address}", _FIRST_KEY)
        if room.wait:
            raise throttled(room.wait, "too many attempts to create a first key")

    def check(self, room: Room) -> None:
        """Raise Refusal (429) if a request did not pass."""
        if room.wait:
            raise throttled(room.wait, "rate limit exceeded")

    def _take(self, owner: str, windows: tuple[tuple[int, int], ...], tier: str = "") -> Room:
        now = self._clock.seconds()
        used: list[int] = []
        wait = 0.0
        for length, most in windows:
            place, count = self._windows.get((owner, length), (-1, 0))
            current = int(now // length)
            used.append(count if place == current else 0)
            if self.enabled and used[-1] >= most:
                wait = max(wait, (current + 1) * length - now)
        if not wait:
            for number, (length, _) in enumerate(windows):
                used[number] += 1
                self._windows[owner, length] = (int(now // length), used[number])
        return Room(
            wait=wait,
            left=tuple(max(0, most - count) for count, (_, most) in zip(used, windows, strict=True)),
            most=tuple(most for _, most in windows),
            reset=(int(now // _MINUTE) + 1) * _MINUTE,
            tier=tier,
        )
