"""Clocks that are off."""

from __future__ import annotations

import time

__all__ = ["Clock"]


class Clock:
    """The time module with a wall clock that is off."""

    def __init__(self, offset: float) -> None:
        self._offset = offset
        self.monotonic = time.monotonic

    def time(self) -> float:
        """Return what this machine would take for unix time."""
        return time.time() + self._offset
