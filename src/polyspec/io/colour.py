"""What differs between the colours and cannot be mirrored: sleeping, waiting, deadlines, locks."""

from __future__ import annotations

import inspect
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from polyspec.core.flight import Flight
from polyspec.errors import ConfigError, TimedOut

__all__ = ["Lock", "deadline", "remaining", "sleep", "wait", "work"]

Lock = threading.Lock
sleep = time.sleep

_until: Final[ContextVar[float]] = ContextVar("until", default=math.inf)


def wait(flight: Flight[Any], timeout: float | None) -> Any:
    """Wait for a flight in this thread; raises TimedOut."""
    try:
        return flight.wait(timeout)
    except TimeoutError as error:
        raise TimedOut("the deadline passed while another call fetched what this one needs") from error


def work(task: Callable[[], Any]) -> Any:
    """Do foreign work in this thread; raises ConfigError if it is work for an event loop."""
    result = task()
    if inspect.isawaitable(result):
        # a coroutine that is never awaited complains, and so does one inside of what is given in its place
        if callable(close := getattr(result, "close", None)):
            close()
        raise ConfigError("this is asynchronous; give it to the asynchronous client")
    return result


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every socket operation of this thread fail that goes on longer than the block may take.

    A thread cannot be interrupted, and timeouts of single reads do not end an answer that drips for ever.
    """
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def remaining() -> float:
    """Return the seconds left to the block this thread is in; infinite outside of any."""
    return _until.get() - time.monotonic()
