"""What differs between the colours and cannot be mirrored: sleeping, waiting, deadlines, locks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from polyspec.core.flight import Flight
from polyspec.errors import TimedOut

__all__ = ["Lock", "deadline", "sleep", "wait"]

T = TypeVar("T")

Lock = asyncio.Lock
sleep = asyncio.sleep


async def wait(flight: Flight[Any], timeout: float | None) -> Any:
    """Wait for a flight in this task; raises TimedOut."""
    try:
        return await flight.wait_async(timeout)
    except TimeoutError as error:
        raise TimedOut("the deadline passed while another call fetched what this one needs") from error


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError in this task when the block takes longer."""
    async with asyncio.timeout(seconds):
        yield
