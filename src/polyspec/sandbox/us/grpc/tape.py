"""What happened, in order, so that whoever was away can read on.

A token names a place on a tape of this run. One of an earlier run on the same journal names a moment, and
reading goes on well before it: at least once, never less.
"""

from __future__ import annotations

import secrets
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.world import World

__all__ = ["Tape", "Tapes"]

T = TypeVar("T")
_BEFORE: Final = 86_400 * 10**9
"""Nanoseconds to go back for a token of an earlier run: trades change their state after they are made."""


class Tape(Generic[T]):
    """Things in the order they happened."""

    def __init__(self, kind: str, run: str, entries: Iterable[tuple[int, T]]) -> None:
        self._kind = kind
        self._run = run
        self._entries = list(entries)

    @property
    def end(self) -> int:
        """The place behind everything."""
        return len(self._entries)

    def add(self, moment_ns: int, item: T) -> None:
        """Record what happened."""
        self._entries.append((moment_ns, item))

    def since(self, place: int, most: int) -> list[tuple[int, T]]:
        """Return what happened from a place on, with when, up to so many."""
        return self._entries[place : place + most]

    def token(self, place: int) -> bytes:
        """Return what to come back with after everything before `place`."""
        moment = self._entries[place - 1][0] if place else 0
        return f"{self._kind}.{self._run}.{place}.{moment}".encode()

    def place(self, token: bytes, moment_ns: int | None) -> int | None:
        """Return where to read on, None if neither is given; raises Refusal for what is no token."""
        if token and moment_ns is not None:
            raise invalid("resume_token and resume_time are mutually exclusive")
        if token:
            return self._of_token(token)
        return None if moment_ns is None else self._of_moment(moment_ns)

    def _of_moment(self, moment_ns: int) -> int:
        return bisect_left(self._entries, moment_ns, key=lambda entry: entry[0])

    def _of_token(self, token: bytes) -> int:
        parts = token.decode(errors="replace").split(".")
        numbers = [part for part in parts[2:] if part.isascii() and part.isdigit() and len(part) < 20]
        if len(parts) != 4 or len(numbers) != 2 or parts[0] != self._kind:
            raise invalid("invalid resume token")
        if parts[1] != self._run:
            return self._of_moment(int(numbers[1]) - _BEFORE)
        if int(numbers[0]) > self.end:
            raise invalid("invalid resume token")
        return int(numbers[0])


class Tapes:
    """The tapes of a world, begun with what its journal knows; call under the world's lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        exchange, run = world.exchange, secrets.token_hex(4)
        done, made = exchange.executions(), exchange.trades()
        entries = [each for name in exchange.accounts() for each in exchange.position_entries(name)]
        entries.sort(key=lambda each: each.time)
        self.executions = Tape("execution", run, [(each.transact_time, each) for each in done])
        self.trades = Tape("trade", run, [(each.time, each) for each in made])
        self.positions = Tape("position", run, [(each.time, each) for each in entries])
        self.instruments: Tape[str] = Tape("instrument", run, [])

    def record(self, events: Iterable[t.Event]) -> None:
        """Record what happened just now."""
        for event in events:
            if isinstance(event, t.Execution):
                self.executions.add(event.transact_time, event)
            elif isinstance(event, t.Trade):
                # it comes again when its state changes, later than it was made
                self.trades.add(self._world.exchange.now, event)
            elif isinstance(event, t.PositionEntry):
                self.positions.add(event.time, event)
            elif isinstance(event, t.MarketChange | t.MarketSettled):
                self.instruments.add(event.time, event.symbol)
