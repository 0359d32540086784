"""One write of an account at a time: who comes meanwhile waits, and is refused if that takes too long."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from polyspec.sandbox.polysimulator.refusals import Refusal

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["Turns", "busy"]

T = TypeVar("T")
_LOOK: Final = 0.002
"""Seconds between two looks at whose turn it is."""


def busy() -> Refusal:
    """Return the refusal of a write that waited for too long."""
    return Refusal(
        409,
        "TRADE_IN_PROGRESS",
        "another trade of this account is in progress, please retry",
        headers={"retry-after": "1"},
        more={"error_code": "LOCK_BUSY_RETRY"},
    )


class Turns:
    """Who waits for which account; where writes take no time at all there is nothing to wait for."""

    def __init__(self, world: PolySimWorld) -> None:
        self._world = world
        self._lines: dict[int, deque[object]] = {}

    def take(self, user_id: int, write: Callable[[], T]) -> T | Awaitable[T]:
        """Carry out a write of an account in its turn; whoever calls this holds the world's lock."""
        if self._world.options.lock_hold <= 0:
            return write()
        line, mine = self._lines.setdefault(user_id, deque()), object()
        line.append(mine)
        return self._in_turn(line, mine, write)

    async def _in_turn(self, line: deque[object], mine: object, write: Callable[[], T]) -> T:
        options = self._world.options
        try:
            # by looking, not by a lock of a loop: in process, clients bring loops of their own
            patience = time.monotonic() + options.lock_wait
            while line[0] is not mine:
                if time.monotonic() >= patience:
                    raise busy()
                await asyncio.sleep(_LOOK)
            with self._world.lock:
                self._world.jobs.run_due()
                answer = write()
            await asyncio.sleep(options.lock_hold)
        finally:
            line.remove(mine)
        return answer
