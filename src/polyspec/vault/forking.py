"""What a forked process must not take over from the one it was copied from."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Generic, TypeVar

__all__ = ["OwnLock", "PerProcess"]

T = TypeVar("T")


class OwnLock:
    """A lock between the threads of one process: a copy of the process has its own, which is free."""

    def __init__(self) -> None:
        self._held = (os.getpid(), threading.Lock())

    def __enter__(self) -> None:
        pid = os.getpid()
        if self._held[0] != pid:
            # only one thread is left after a fork: nobody else is here
            self._held = (pid, threading.Lock())
        self._held[1].acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held[1].release()


class PerProcess(Generic[T]):
    """Something with connections, which belong to the process that opened them."""

    def __init__(self) -> None:
        self._lock = OwnLock()
        self._held: tuple[int, T] | None = None
        # what the other process made is kept, so that nobody closes it here
        self._foreign: list[T] = []

    def get(self) -> T | None:
        """Return what this process made, if it did."""
        held = self._held
        return held[1] if held is not None and held[0] == os.getpid() else None

    def keep(self, made: T) -> T:
        """Take what this process made; another thread may have been quicker, and its own wins."""
        with self._lock:
            if (held := self.get()) is not None:
                return held
            if self._held is not None:
                self._foreign.append(self._held[1])
            self._held = (os.getpid(), made)
            return made

    def take(self) -> T | None:
        """Give up what this process made."""
        with self._lock:
            found = self.get()
            if found is not None:
                self._held = None
            return found
