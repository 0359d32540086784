"""What differs between the colours and cannot be mirrored: sleeping, waiting, deadlines, locks."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from polyspec.core.flight import Flight
from polyspec.errors import TimedOut

__all__ = ["Lock", "deadline", "sleep", "wait", "whole", "work"]

T = TypeVar("T")

Lock = asyncio.Lock
sleep = asyncio.sleep

# the loop itself holds its tasks only weakly
_carried: Final[set[asyncio.Task[Any]]] = set()


async def wait(flight: Flight[Any], timeout: float | None) -> Any:
    """Wait for a flight in this task; raises TimedOut."""
    try:
        return await flight.wait_async(timeout)
    except TimeoutError as error:
        raise TimedOut("the deadline passed while another call fetched what this one needs") from error


async def work(task: Callable[[], Any]) -> Any:
    """Do foreign work off this loop; what it returns to be awaited is awaited here."""
    result = await asyncio.to_thread(task)
    return await result if inspect.isawaitable(result) else result


async def whole(task: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do work to its end in a task of its own: when this one is cancelled, it is so once the work is done.

    Cancelled again, it does not wait for it any more.
    """
    doing = asyncio.get_running_loop().create_task(task())
    _carried.add(doing)
    doing.add_done_callback(_ended)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise


def _ended(doing: asyncio.Task[Any]) -> None:
    _carried.discard(doing)
    if not doing.cancelled():
        # somebody has looked at it, and no loop complains, though nobody waits any more
        doing.exception()


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError in this task when the block takes longer."""
    async with asyncio.timeout(seconds):
        yield
