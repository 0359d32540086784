"""What the HTTP layer must remember across a crash, beside the engine's own journal.

A record is the latest value under a name; each change is appended and committed before it is relied on.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import msgspec

__all__ = ["Journal", "Store"]

T = TypeVar("T")


class Journal(Protocol):
    """The part of the engine's journal this layer writes to."""

    def append_record(self, kind: str, payload: bytes) -> None:
        """Append and commit one record."""

    def records(self, kind: str) -> list[bytes]:
        """Return the records of a kind in the order they were appended."""
        ...


class Store:
    """Named values of several kinds, the last writer winning."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, kind: str, name: str, value: Any) -> None:
        """Remember `value` under `name`, durably."""
        self._journal.append_record(kind, msgspec.json.encode((name, value)))

    def load(self, kind: str, model: type[T]) -> dict[str, T]:
        """Return the latest value of every name, in the order the names first appeared."""
        decoder = msgspec.json.Decoder(tuple[str, model])  # type: ignore[valid-type]
        return dict(decoder.decode(data) for data in self._journal.records(kind))
