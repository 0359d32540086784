"""What a place that several processes share must be able to do."""

from __future__ import annotations

from typing import Protocol

from polyspec.core.tally import Place, Refusal, Ticket
from polyspec.core.token_sharing import Parcel

__all__ = ["Backend", "BackendDown"]


class BackendDown(Exception):  # noqa: N818 - a state, which callers answer by deciding themselves
    """The shared place cannot be reached, or cannot be used; says why."""


class Backend(Protocol):
    """Keeps limits and tokens for several processes, each step atomic and by one clock for all.

    Blocks; raises BackendDown. Safe to use from any thread.
    """

    def reserve(self, ticket: Ticket, patience: float, holder: str | None) -> tuple[Place, int]:
        """Book places; with a `holder`, note that it is there and return how many are (0 without)."""
        ...

    def stands(self, place: Place) -> bool:
        """Tell whether nobody was refused since a place was taken."""
        ...

    def refuse(self, refusal: Refusal) -> None:
        """Close a gate for all, and lower its share."""
        ...

    def look(self, name: str) -> Parcel | None:
        """Return what was put under a name, with its age."""
        ...

    def lease(self, name: str, holder: str, seconds: float) -> int | None:
        """Take the right to renew what is there; a number higher than all before, None if it is held."""
        ...

    def put(self, name: str, fence: int, content: bytes, age: float, life: float) -> bool:
        """Put something under a name unless a later lease did already; tell whether it was taken."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Give a lease back."""
        ...

    def begin_anew(self) -> None:
        """Forget connections: this process is a copy, and they belong to the other one."""
        ...

    def close(self) -> None:
        """Close connections; they are opened again if needed."""
        ...
