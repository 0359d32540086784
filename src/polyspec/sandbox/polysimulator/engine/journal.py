"""Where a paper exchange keeps its records: a journal without commands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from polyspec.sandbox.engine.journal import CommandJournal

__all__ = ["PaperJournal"]

_APPLICATION: Final = 0x504F4C50
"""Marks our files: the letters POLP. A journal of another venue is not opened."""


class PaperJournal(CommandJournal[None]):
    """A file of records; a `Store` reads and writes it."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__(path, None, _APPLICATION)

    def append_records(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Append several records under one commit: all of them or none."""
        self.append_batch((), records)
