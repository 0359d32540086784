"""What differs between the colours and cannot be mirrored: sleeping, waiting, deadlines, locks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from polyspec.core.flight import Flight
from polyspec.errors import TimedOut

__all__ = ["Lock", "deadline", "sleep", "wait"]

Lock = threading.Lock
sleep = time.sleep


def wait(flight: Flight[Any], timeout: float | None) -> Any:
    """Wait for a flight in this thread; raises TimedOut."""
    try:
        return flight.wait(timeout)
    except TimeoutError as error:
        raise TimedOut("the deadline passed while another call fetched what this one needs") from error


@contextmanager
def deadline(_seconds: float) -> Iterator[None]:
    """A thread cannot be interrupted; socket timeouts and looks at the clock bound the block instead."""
    yield
