"""Time that passes only while everybody waits: hours of it in a moment, and to the microsecond.

Where everything is in one event loop - clients, sandbox, faults - nothing has to be waited for in earnest:
the loop is asked what it waits for next, and the clock is put forward to that. So tests keep the client's
own windows, pauses and deadlines, and see exactly when it did what.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from polyspec.sandbox.http.clock import Clock

__all__ = ["Loop", "VirtualTime", "virtual_time"]

T = TypeVar("T")

_GLANCE = 0.001
_EARNEST = time.monotonic, time.time


class VirtualTime:
    """A clock of this process that nobody waits for."""

    def __init__(self) -> None:
        self.passed = 0.0
        """Seconds since the beginning."""
        self.off = 0.0
        """Seconds by which this machine's wall clock is wrong; venues have the right one."""
        self._began = time.monotonic(), time.time()
        self._earnest = _EARNEST
        self._whose = threading.get_ident()

    def monotonic(self) -> float:
        """Return what `time.monotonic` would; servers in threads of their own go on in earnest."""
        if threading.get_ident() != self._whose:
            return self._earnest[0]()
        return self._began[0] + self.passed

    def time(self) -> float:
        """Return what this machine takes for unix time."""
        if threading.get_ident() != self._whose:
            return self._earnest[1]()
        return self._began[1] + self.passed + self.off

    def true_ns(self) -> int:
        """Return the venue's time."""
        return int((self._began[1] + self.passed) * 1e9)

    def catch_up(self) -> None:
        """Be no earlier than it is in earnest."""
        self.passed = max(self.passed, self._earnest[0]() - self._began[0] + 1.0)

    def rules(self, *clocks: Clock) -> None:
        """Have clocks of sandboxes show this time."""
        for each in clocks:
            each._source = self.true_ns

    @contextmanager
    def rules_here(self) -> Iterator[None]:
        """Be the time of everything in this thread that asks the time module."""
        self._whose = threading.get_ident()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "monotonic", self.monotonic)
            patch.setattr(time, "time", self.time)
            yield

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in a loop of this time."""
        loop = Loop(self)
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(work)


class _Selector(selectors.DefaultSelector):  # type: ignore[name-defined,misc]
    """Says at once that the time somebody waits for has passed."""

    def __init__(self, clock: VirtualTime) -> None:
        super().__init__()
        self._clock = clock
        self.elsewhere = 0
        """How many threads have work of this loop."""

    def select(self, timeout: float | None = None) -> list[Any]:
        """Return what is there; if nothing is, let the time pass."""
        if timeout is None:
            found: list[Any] = super().select(None)
            return found
        found = super().select(_GLANCE if self.elsewhere and timeout > 0 else 0)
        if not found and not self.elsewhere:
            self._clock.passed += max(0.0, timeout)
        return found


class Loop(asyncio.SelectorEventLoop):
    """An event loop of virtual time."""

    def __init__(self, clock: VirtualTime) -> None:
        self._virtual = _Selector(clock)
        super().__init__(self._virtual)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """Let no time pass while a thread works for this loop."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual.elsewhere += 1
        future.add_done_callback(self._came_back)
        return future

    def _came_back(self, _: object) -> None:
        self._virtual.elsewhere -= 1


@contextmanager
def virtual_time() -> Iterator[VirtualTime]:
    """Let time be virtual for everything in this thread that asks the time module."""
    clock = VirtualTime()
    with clock.rules_here():
        yield clock
