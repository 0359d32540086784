"""What a row of the fault matrix is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

__all__ = ["Case", "Control", "Row"]


@attrs.frozen
class Case:
    """One fault at one venue, met by one operation."""

    name: str
    venue: str
    check: Callable[..., None]
    """Does it, and holds what the client says against what the venue has."""
    terms: dict[str, Any] = attrs.Factory(dict)
    inside: bool = False
    """Whether it takes place in this process, in virtual time; else behind a proxy."""
    planned: bool = True
    """Whether it is a plan that something must meet; else the check sees for itself that it was put through
    what it is about."""
    colour: int | None = None
    """Which colour of the clients meets it behind a proxy; by itself the colours take turns."""


@attrs.frozen
class Control:
    """A client with a guard off, and a test which that client must fail."""

    guard: str
    test: str
    """A node id, or the id of a case of this row."""


@attrs.frozen(kw_only=True)
class Row:
    """One fault, what the client must do about it, and what shows that it does."""

    number: int
    fault: str
    client: str
    records: str
    """How the venue's own records, or those of whoever else is concerned, are checked."""
    injected: str
    cases: tuple[Case, ...] = ()
    covered: tuple[str, ...] = ()
    """Tests elsewhere that hold this row, by node id without parameters."""
    controls: tuple[Control, ...] = ()
    broken: tuple[str, ...] = ()
    """Tests elsewhere in which a broken variant must fail."""
