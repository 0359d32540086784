"""Where sealed records are kept: what every backend does, and the one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from attrs import frozen

from polyspec.vault.forking import OwnLock
from polyspec.vault.ids import CredentialId, Filter

__all__ = ["MemoryRecords", "RecordStore", "Row"]


@frozen
class Row:
    """A sealed record in its place, or the trace of a deleted one, so that versions go on counting."""

    id: CredentialId
    version: int
    sealed: bytes | None


class RecordStore(Protocol):
    """Keeps rows: it has no keys, and sees no secret. Safe to use from any thread, and after a fork.

    Every method raises VaultUnavailable if the place cannot be used now, and DamagedRecord if it holds
    something else; ConfigError if it is open to others.
    """

    def load(self, id: CredentialId) -> Row | None:  # noqa: A002 - what it is called everywhere
        """Return the row of a credential, deleted or not; None if there never was one."""
        ...

    def swap(self, old: Row | None, new: Row) -> bool:
        """Put `new` in the place of `old` if that is there, byte for byte; tell whether it was.

        A VaultUnavailable with `maybe_executed` leaves open whether it was done.
        """
        ...

    def scan(self, filter: Filter) -> Iterator[Row]:  # noqa: A002 - what it is called everywhere
        """Return the rows that are meant and not deleted, ordered by id; others may change them meanwhile."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class MemoryRecords:
    """Keeps rows while the process runs."""

    def __init__(self) -> None:
        self._rows: dict[CredentialId, Row] = {}
        self._lock = OwnLock()

    def load(self, id: CredentialId) -> Row | None:  # noqa: A002
        """Return the row of a credential."""
        return self._rows.get(id)

    def swap(self, old: Row | None, new: Row) -> bool:
        """Replace a row if it is the one expected."""
        with self._lock:
            if self._rows.get(new.id) != old:
                return False
            self._rows[new.id] = new
            return True

    def scan(self, filter: Filter) -> Iterator[Row]:  # noqa: A002
        """Return the rows that are meant."""
        with self._lock:
            rows = sorted(self._rows.values(), key=lambda row: row.id)
        return (row for row in rows if row.sealed is not None and filter.matches(row.id))

    def close(self) -> None:
        """Do nothing: there is nothing to close."""
