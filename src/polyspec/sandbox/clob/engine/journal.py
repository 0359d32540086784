"""The CLOB with a journal: what was acknowledged survives, and rebuilds it."""

from __future__ import annotations

from pathlib import Path

from polyspec.sandbox.engine.journal import CommandJournal, Journaled, JournalError

from .commands import Command
from .exchange import ClobExchange
from .records import Event

__all__ = ["ClobJournal", "JournalError", "JournaledClob"]

_APPLICATION = 0x504F4C43
"""Marks our files: the letters POLC. A journal of another venue is not opened."""


class ClobJournal(CommandJournal[Command]):
    """The journal of a CLOB."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__(path, Command, _APPLICATION)


class JournaledClob(Journaled[Command, Event, ClobExchange]):
    """A CLOB whose every change is on disk before it is made."""

    def __init__(self, journal: ClobJournal) -> None:
        exchange = ClobExchange()
        super().__init__(journal, exchange, exchange.apply)

    @classmethod
    def open(cls, path: str | Path = ":memory:") -> JournaledClob:
        """Open or create a journal and rebuild its CLOB; raises JournalError."""
        journal = ClobJournal(path)
        try:
            return cls(journal)
        except JournalError:
            journal.close()
            raise
