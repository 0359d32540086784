"""When not finding an order proves that it never arrived."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from polyspec.core.effects import Instant

__all__ = ["Absence", "Empty", "pauses", "wait_for_look"]

# Seconds before each look.
_LOOKS: Final = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# A look needs about this long; with less there is no use in beginning one.
_SHORTEST: Final = 1.0
# Two empty looks prove nothing unless the second has had time to see what the first could not.
_APART: Final = 2.0
_MARGIN: Final = 0.01


class Empty(Enum):
    """What it means that an order was not found."""

    PROVEN = "everything that could show it was read, and nothing is it"
    PARTIAL = "not everything was read"
    DOUBTFUL = "something was found that may or may not be it"


class Absence:
    """Collects the proof that an order never arrived: two empty looks, apart, after it could still appear.

    All times are monotonic seconds; wall clocks jump.
    """

    def __init__(self, settled_at: float) -> None:
        self.settled_at = settled_at
        self._first_ended: float | None = None

    @property
    def due(self) -> float:
        """From when the next empty look brings the proof forward."""
        return self.settled_at if self._first_ended is None else self._first_ended + _APART

    def advances(self, began: float) -> bool:
        """Tell whether an empty look that begins now would bring the proof forward."""
        return began >= self.due

    def note(self, empty: Empty, began: float, ended: float) -> bool:
        """Note an empty look and return whether the proof is complete."""
        if empty is Empty.DOUBTFUL:
            self.forget()
        if empty is not Empty.PROVEN or not self.advances(began):
            return False
        if self._first_ended is None:
            self._first_ended = ended
            return False
        return True

    def forget(self) -> None:
        """Note that a look was no proof."""
        self._first_ended = None


def wait_for_look(pause: float, now: Instant, deadline: float, absence: Absence) -> float | None:
    """Return how long to sleep before the next look; None if there is no time for another."""
    left = deadline - now.monotonic
    if now.monotonic < absence.due < now.monotonic + pause:
        # a look is worth most right when it begins to count, and nothing a moment before
        pause = absence.due - now.monotonic + _MARGIN
    if pause < left:
        return pause
    return left - _SHORTEST if left > 2 * _SHORTEST else None


def pauses() -> Iterator[float]:
    """Return the seconds to wait before each look, growing to eight."""
    yield from _LOOKS
    while True:
        yield _LOOKS[-1]
