"""What a venue must say of a channel so that the shells in `polyspec.io` can keep it open.

A feed decides and does nothing: no socket, no clock, no thread. Its machine keeps the connection alive; the
feed reads what comes, and what is looked up over REST. Reading over REST is a flow that touches nothing of
the feed, since other things happen meanwhile; what it found is handed in afterwards.
"""

from __future__ import annotations

from typing import Any, Protocol

from polyspec.core.effects import Flow
from polyspec.core.streams.machine import Action, Machine
from polyspec.errors import PolyspecError

__all__ = ["Feed", "Text"]

Text = bytes | bytearray | memoryview | str
"""A message as it came."""


class Feed(Protocol):
    """One channel on one connection. Not thread-safe: the shell calls one method at a time."""

    machine: Machine

    def prepare(self) -> Flow[Any]:
        """Obtain what a connection needs before it is made; return where it leads, None for the usual place.

        It is asked before every connection, so credentials are as fresh as they can be.
        """
        ...

    def heard(self, message: Text, now: float) -> list[Action]:
        """Read a message."""
        ...

    def lost(self, reason: str) -> None:
        """Note that a connection is given up: what it told is not to be trusted from now on."""
        ...

    def ended(self, now: float, reason: str, code: int | None) -> list[Action]:
        """Note that the connection is gone, or could not be made; the code is the peer's, if it gave one."""
        ...

    def look(self, keys: tuple[str, ...], now: float) -> Flow[Any]:
        """Begin to look up over REST what there is to know of `keys`."""
        ...

    def looked(self, keys: tuple[str, ...], found: Any | PolyspecError, now: float) -> list[Action]:
        """Take in what a look found, or failed of."""
        ...

    def overflowed(self, now: float) -> list[Action]:
        """Note that the reader will not be told everything."""
        ...
