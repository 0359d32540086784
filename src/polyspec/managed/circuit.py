"""Stops one user whose credentials are refused, and nobody else."""

from __future__ import annotations

import math

from polyspec.errors import CircuitOpen

__all__ = ["Circuit"]


class Circuit:
    """Open for a while that doubles each time; or until somebody acts."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._trips = 0
        self._why = ""
        self.opened = 0
        """How often it was opened; what was sent before it was last says nothing new."""
        self.until: float | None = None
        """Monotonic second until which it is open; None if it is closed."""

    def trip(self, now: float, why: str, *, for_good: bool) -> None:
        """Open it."""
        pause = math.inf if for_good else min(self._longest, self._first * 2.0 ** min(self._trips, 16))
        self._trips += 1
        self.opened += 1
        self._why, self.until = why, now + pause

    def close(self) -> None:
        """Let everything through."""
        self._trips, self.until = 0, None

    def check(self, now: float, who: object) -> None:
        """Raise CircuitOpen; once its time is over, let one request at a time through to try."""
        until = self.until
        if until is None:
            return
        if now < until:
            raise self.error(now, who)
        self.until = now + self._first

    def error(self, now: float, who: object) -> CircuitOpen:
        """Return the error to raise."""
        until = now if self.until is None else self.until
        wait = None if math.isinf(until) else max(0.0, until - now)
        tried = (
            "somebody has to act: store other credentials, or revive this user"
            if wait is None
            else f"tried again in {wait:.0f} s"
        )
        return CircuitOpen(f"{who}: {self._why}; {tried}", retry_after=wait)
