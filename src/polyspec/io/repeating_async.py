"""Do something again and again in the background; the colours differ in more than words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["AsyncRepeating"]


class AsyncRepeating:
    """A task that does a job until it is stopped; the job returns the seconds to its next time."""

    def __init__(self, job: Callable[[], Awaitable[float]], name: str) -> None:
        self._job = job
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self, first: float) -> None:
        """Begin, `first` seconds from now."""
        self._task = asyncio.create_task(self._run(first), name=self._name)

    async def stop(self) -> None:
        """End it, in the middle of the job if need be, and wait until it has ended."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            pause = await self._job()
