"""How long something took, apart from what the machine was busy with meanwhile."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final, Self

__all__ = ["Stopwatch"]

_TICK: Final = 0.005
_ORDINARY: Final = 0.01
"""What threads of one process keep each other waiting for."""


class Stopwatch:
    """Measures a block; what it reads is what can be held against a bound."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        """Seconds from its begin to its end."""
        self.late = 0.0
        """Seconds of those in which nothing ran here that wanted to: by so much a thread woke late."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def seconds(self) -> float:
        """How long the block would have taken on an idle machine, about."""
        return self.elapsed - self.late

    def _look(self) -> None:
        before = time.monotonic()
        over = False
        while not over:
            over = self._over.wait(_TICK)
            now = time.monotonic()
            self.late += max(0.0, now - before - _TICK - _ORDINARY)
            before = now

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.elapsed = time.monotonic() - self._begun
        self._over.set()
        self._thread.join()
