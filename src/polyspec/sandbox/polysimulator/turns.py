"""One write of an account at a time: who comes meanwhile waits, and is refused if that takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from polyspec.sandbox.polysimulator.refusals import Refusal

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["Turns", "busy"]

T = TypeVar("T")


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
    """The locks of all accounts; where writes hold theirs for no time at all there is nothing to wait for."""

    def __init__(self, world: PolySimWorld) -> None:
        self._world = world
        self._locks: dict[int, asyncio.Lock] = {}

    def take(self, user_id: int, write: Callable[[], T]) -> T | Awaitable[T]:
        """Carry out a write of an account in its turn; whoever calls this holds the world's lock."""
        if self._world.options.lock_hold <= 0:
            return write()
        return self._in_turn(user_id, write)

    async def _in_turn(self, user_id: int, write: Callable[[], T]) -> T:
        options = self._world.options
        lock = self._locks.setdefault(user_id, asyncio.Lock())
        try:
            await asyncio.wait_for(lock.acquire(), options.lock_wait)
        except TimeoutError:
            raise busy() from None
        try:
            with self._world.lock:
                self._world.jobs.run_due()
                answer = write()
            await asyncio.sleep(options.lock_hold)
        finally:
            lock.release()
        return answer
