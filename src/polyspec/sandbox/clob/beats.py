"""Heartbeats: a chain of ids by key, and what silence does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded

__all__ = ["Beats"]

_SECOND: Final = 1_000_000_000


@dataclass
class _Chain:
    expected: str = ""
    last: int | None = None
    """When the last good beat came; None before the first."""


class Beats:
    """Cancels everything of a key that began to send beats and then fell silent; there is no way out."""

    def __init__(
        self, clock: Clock, jobs: Jobs, options: ClobOptions, cancel: Callable[[str], None], ids: Seeded
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._options = options
        self._cancel = cancel
        self._ids = ids
        self._chains: dict[str, _Chain] = {}
        self._checking = False

    def beat(self, owner: str, sent: str) -> tuple[bool, str]:
        """Take a beat; return whether its id was right, and the id to send next."""
        chain = self._chains.setdefault(owner, _Chain())
        if sent != chain.expected:
            # who begins with an id of another day is told the one to begin with
            chain.expected = chain.expected or self._new_id()
            return False, chain.expected
        chain.expected = self._new_id()
        self._alive(chain)
        return True, chain.expected

    def beat_without_id(self, owner: str) -> None:
        """Take a beat of the older kind."""
        self._alive(self._chains.setdefault(owner, _Chain()))

    def is_armed(self, owner: str) -> bool:
        """Tell whether silence would cancel the orders of a key."""
        return owner in self._chains and self._chains[owner].last is not None

    def _alive(self, chain: _Chain) -> None:
        chain.last = self._clock.now_ns()
        if not self._checking:
            self._checking = True
            self._jobs.later(self._options.heartbeat_check, self._check)

    def _check(self) -> None:
        """Look for silence; from the first beat on, every few seconds."""
        now = self._clock.now_ns()
        for owner, chain in self._chains.items():
            if chain.last is not None and now - chain.last > self._options.heartbeat_timeout * _SECOND:
                self._cancel(owner)
        self._jobs.later(self._options.heartbeat_check, self._check)

    def _new_id(self) -> str:
        return str(UUID(int=self._ids.bits(128), version=4))
