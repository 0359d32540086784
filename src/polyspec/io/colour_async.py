"""What differs between the colours and cannot be mirrored: sleeping, waiting, deadlines, locks."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from polyspec.core.flight import Flight
from polyspec.errors import TimedOut

__all__ = ["Lock", "deadline", "sleep", "wait", "work"]

T = TypeVar("T")

Lock = asyncio.Lock
sleep = asyncio.sleep


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


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError in this task when the block takes longer."""
    async with asyncio.timeout(seconds):
        yield
