"""Do something again and again in the background; the colours differ in more than words."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Repeating"]


class Repeating:
    """A thread that does a job until it is stopped; the job returns the seconds to its next time."""

    def __init__(self, job: Callable[[], float], name: str) -> None:
        self._job = job
        self._name = name
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, first: float) -> None:
        """Begin, `first` seconds from now."""
        self._stopped.clear()
        # a daemon: a program that ends must not wait for its next time
        self._thread = threading.Thread(target=self._run, args=(first,), name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it after the job it is at, and wait until it has ended."""
        self._stopped.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _run(self, pause: float) -> None:
        while not self._stopped.wait(pause):
            pause = self._job()
