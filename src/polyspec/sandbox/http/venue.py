"""What the shared HTTP layer needs to know of a venue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.faults import FaultPlan
from polyspec.sandbox.http.jobs import Jobs

__all__ = ["Manner", "Venue"]

Manner: TypeAlias = Callable[[int, str], bytes]
"""The JSON body with which a venue's gateway says no, from the status and one sentence."""


class Venue(Protocol):
    """The world behind an application; single-threaded, so whoever touches it holds `lock`."""

    lock: threading.RLock
    clock: Clock
    jobs: Jobs
    hosts: set[str]
    """Names under which it may be addressed, beside those of loopback."""
    secret: str
    """For the control endpoints; another one in every run."""

    @property
    def faults(self) -> FaultPlan:
        """The faults to come."""
        ...
