"""Everything PolySimulator remembers, in one file of records: its engine keeps states, not commands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from polyspec.sandbox.engine.journal import CommandJournal

__all__ = ["RecordJournal"]

_APPLICATION: Final = 0x504F4C53
"""Marks our files: the letters POLS. A journal of another venue is not opened."""


class RecordJournal:
    """An append-only file of records of several kinds."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open or create a journal, or one in memory; raises JournalError."""
        where = ":memory:" if path is None else path
        self._journal: CommandJournal[Any] = CommandJournal(where, Any, _APPLICATION)

    def append_records(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Append records under one commit: all of them or none."""
        rows = list(records)
        if rows:
            self._journal.append_batch((), rows)

    def records(self, kind: str) -> list[bytes]:
        """Return the records of a kind, in order."""
        return self._journal.records(kind)

    def close(self) -> None:
        """Give the file back; closing twice is harmless."""
        self._journal.close()
