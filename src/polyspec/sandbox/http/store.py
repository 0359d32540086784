"""What the HTTP layer must remember across a crash, beside the engine's own journal.

A record is the latest value under a name; each change is appended and committed before it is relied on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from polyspec.core.typed import decoder

__all__ = ["Journal", "Note", "Store", "encoded"]

Note: TypeAlias = tuple[str, str, Any]
"""Kind, name and value of something to remember."""
T = TypeVar("T")


def encoded(note: Note) -> tuple[str, bytes]:
    """Return a note as a record of the journal."""
    kind, name, value = note
    return kind, msgspec.json.encode((name, value))


class Journal(Protocol):
    """The part of the engine's journal this layer writes to."""

    def append_records(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Append several records under one commit."""

    def records(self, kind: str) -> list[bytes]:
        """Return the records of a kind in the order they were appended."""
        ...


class Store:
    """Named values of several kinds, the last writer winning."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, kind: str, name: str, value: Any) -> None:
        """Remember `value` under `name`, durably."""
        self.put_all([(kind, name, value)])

    def put_all(self, notes: Iterable[Note]) -> None:
        """Remember several values under one commit: all of them or none."""
        self._journal.append_records([encoded(note) for note in notes])

    def load(self, kind: str, model: type[T]) -> dict[str, T]:
        """Return the latest value of every name, in the order the names first appeared."""
        decode = decoder(tuple[str, model]).decode  # type: ignore[valid-type]
        return dict(decode(data) for data in self._journal.records(kind))
