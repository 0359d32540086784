"""One piece of work in flight, whoever waits for it: threads, or asyncio tasks of any loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, InvalidStateError
from typing import Generic, TypeVar

__all__ = ["Abandoned", "Flight"]

T = TypeVar("T")


class Abandoned(Exception):  # noqa: N818 - an outcome, not an error: a waiter takes the work over
    """Whoever did the work was cancelled before it was done."""


class Flight(Generic[T]):
    """A result that is being fetched once for everybody."""

    __slots__ = ("_future", "lease")

    def __init__(self, lease: float = float("inf")) -> None:
        self.lease = lease
        """Monotonic second from which a leader that was never heard of again counts as dead."""
        self._future: Future[T] = Future()
        # a running future refuses to be cancelled, so that no waiter can take the result from the others
        self._future.set_running_or_notify_cancel()

    @property
    def done(self) -> bool:
        """Whether it landed or crashed."""
        return self._future.done()

    def land(self, result: T) -> None:
        """Hand the result to everybody who waits; too late, nothing happens."""
        try:
            self._future.set_result(result)
        except InvalidStateError:
            return

    def crash(self, error: BaseException) -> None:
        """Hand the failure to everybody who waits; a cancelled leader counts as `Abandoned`.

        Too late, nothing happens. Takes no lock of ours: a leader may be given up by the garbage collector.
        """
        try:
            self._future.set_exception(error if isinstance(error, Exception) else Abandoned())
        except InvalidStateError:
            return

    def wait(self, timeout: float | None) -> T:
        """Block this thread until it lands; TimeoutError after `timeout` seconds."""
        return self._future.result(timeout)

    async def wait_async(self, timeout: float | None) -> T:
        """Wait in this task; being cancelled here does not touch the flight."""
        # the shield keeps a cancelled waiter from cancelling the future under everybody else
        waiting = asyncio.shield(asyncio.wrap_future(self._future))
        return await asyncio.wait_for(waiting, timeout)
