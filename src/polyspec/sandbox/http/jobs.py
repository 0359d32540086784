"""Things that happen later: provisioning, last look, expiry, deliveries.

Due jobs run before every request and, behind a real port, from a background task; a test that moves the
clock therefore sees their effect with its next request, without waiting.
"""

from __future__ import annotations

import heapq
import itertools
import queue
from collections.abc import Callable

from polyspec.sandbox.http.clock import Clock

__all__ = ["Jobs"]

Job = Callable[[], None]


class Jobs:
    """A queue of jobs by due time; only the thread that serves requests runs them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, Job]] = []
        self._posted: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._order = itertools.count()

    def at(self, due_ns: int, job: Job) -> None:
        """Run `job` at `due_ns` or soon after."""
        heapq.heappush(self._heap, (due_ns, next(self._order), job))

    def later(self, seconds: float, job: Job) -> None:
        """Run `job` in `seconds`."""
        self.at(self._clock.now_ns() + int(seconds * 1e9), job)

    def post(self, job: Job) -> None:
        """Hand in a job from another thread; it runs with the next due ones."""
        self._posted.put(job)

    def run_due(self) -> None:
        """Run everything that is due, in order of due time, then of insertion."""
        while True:
            try:
                self._posted.get_nowait()()
            except queue.Empty:
                break
        while self._heap and self._heap[0][0] <= self._clock.now_ns():
            heapq.heappop(self._heap)[2]()

    def wait(self) -> float:
        """Return the seconds until the next job is due, at most 0.05."""
        if not self._heap:
            return 0.05
        return min(0.05, max(0.0, (self._heap[0][0] - self._clock.now_ns()) / 1e9))
