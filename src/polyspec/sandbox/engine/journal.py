"""A journal of commands in SQLite: what was acknowledged survives, and rebuilds the exchange.

One connection, exclusive locking, write-ahead log, full synchronisation: an append returns
after the disk has it. One thread at a time may use a journal.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import msgspec

from polyspec.core.typed import decoder
from polyspec.errors import PolyspecError

from .commands import Command
from .exchange import Exchange
from .records import Event

__all__ = ["CommandJournal", "Journal", "JournalError", "Journaled", "JournaledExchange"]

C = TypeVar("C")
E = TypeVar("E")
X = TypeVar("X")

_APPLICATION = 0x504F4C59
"""Marks our files: the letters POLY."""
_VERSION = 1
_COMMAND = "command"
_SCHEMA = """
CREATE TABLE journal (sequence INTEGER PRIMARY KEY, time INTEGER, kind TEXT NOT NULL, payload BLOB NOT NULL)
"""
_Row = tuple[int | None, str, bytes]
_INSERT = "INSERT INTO journal (time, kind, payload) VALUES (?, ?, ?)"


class JournalError(PolyspecError):
    """The journal cannot be opened, read or written; what was asked for did not happen."""


class CommandJournal(Generic[C]):
    """An append-only file of commands and of side records of other kinds.

    `commands` is the type of the commands; `application` marks the files of one kind of exchange.
    """

    def __init__(self, path: str | Path, commands: Any, application: int) -> None:
        self.path = str(path)
        self._application = application
        self._decode = decoder(commands).decode
        self._encode = msgspec.json.Encoder().encode
        try:
            if self.path != ":memory:":
                # what customers were verified with is in here: for this user's eyes only
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                self.path, isolation_level=None, timeout=0, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"{self.path}: {error}") from error
        try:
            self._prepare()
        except JournalError:
            self._connection.close()
            raise
        except sqlite3.Error as error:
            self._connection.close()
            raise JournalError(f"{self.path}: {_reason(error)}") from error

    def _prepare(self) -> None:
        """Check whose file it is, take it for ourselves, make it durable."""
        connection = self._connection
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if (tables or application) and application != self._application:
            raise JournalError(f"{self.path}: a database, but not a journal of an exchange")
        if version > _VERSION:
            raise JournalError(
                f"{self.path}: written by a newer version (format {version}, this one reads up to {_VERSION})"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if not tables:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA application_id = {self._application}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")

    def append(self, command: C, now_ns: int) -> None:
        """Commit a command; on return it is on disk."""
        self._write([(now_ns, _COMMAND, self._encode(command))])

    def append_batch(
        self, commands: Iterable[tuple[C, int]], records: Iterable[tuple[str, bytes]] = ()
    ) -> None:
        """Commit commands, and records of other kinds, at once: all of them or none."""
        rows: list[_Row] = [(now_ns, _COMMAND, self._encode(command)) for command, now_ns in commands]
        for kind, payload in records:
            if kind == _COMMAND:
                raise ValueError(f"{_COMMAND!r} is the kind of commands")
            rows.append((None, kind, payload))
        self._write(rows)

    def append_record(self, kind: str, payload: bytes) -> None:
        """Commit a record of another kind."""
        self.append_batch((), [(kind, payload)])

    def _write(self, rows: list[_Row]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany(_INSERT, rows)
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: not written: {_reason(error)}") from error

    def commands(self) -> Iterator[tuple[C, int]]:
        """Iterate over the commands with their times, in order."""
        rows = self._connection.execute(
            "SELECT sequence, time, payload FROM journal WHERE kind = ? ORDER BY sequence", (_COMMAND,)
        )
        for sequence, now_ns, payload in rows:
            try:
                yield self._decode(payload), now_ns
            except msgspec.MsgspecError as error:
                raise JournalError(f"{self.path}: row {sequence} is not a command: {error}") from error

    def records(self, kind: str) -> list[bytes]:
        """Return the records of a kind, in order."""
        rows = self._connection.execute(
            "SELECT payload FROM journal WHERE kind = ? ORDER BY sequence", (kind,)
        )
        return [row[0] for row in rows]

    def close(self) -> None:
        """Give the file back; closing twice is harmless."""
        self._connection.close()


class Journal(CommandJournal[Command]):
    """The journal of an exchange."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__(path, Command, _APPLICATION)


def _reason(error: sqlite3.Error) -> str:
    """Put a database error into words a user can act on."""
    text = str(error)
    if "locked" in text:
        return "in use by another process"
    if "full" in text:
        return "the disk is full"
    if "not a database" in text:
        return "not a journal of an exchange"
    return text


class Journaled(Generic[C, E, X]):
    """An exchange of some kind whose every change is on disk before it is made."""

    def __init__(self, journal: CommandJournal[C], exchange: X, apply: Callable[[C, int], list[E]]) -> None:
        self.journal = journal
        self.exchange = exchange
        self._apply = apply
        for command, now_ns in journal.commands():
            apply(command, now_ns)

    def apply(self, command: C, now_ns: int) -> list[E]:
        """Commit a command, then carry it out; raises JournalError with nothing done."""
        self.journal.append(command, now_ns)
        return self._apply(command, now_ns)

    def apply_batch(
        self, commands: Iterable[tuple[C, int]], records: Iterable[tuple[str, bytes]] = ()
    ) -> list[list[E]]:
        """Commit commands and the side records that go with them at once, then carry the former out."""
        batch = list(commands)
        self.journal.append_batch(batch, records)
        return [self._apply(command, now_ns) for command, now_ns in batch]

    def append_record(self, kind: str, payload: bytes) -> None:
        """Commit a side record."""
        self.journal.append_record(kind, payload)

    def append_records(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Commit several side records at once: all of them or none."""
        self.journal.append_batch((), records)

    def records(self, kind: str) -> list[bytes]:
        """Return the side records of a kind, in order."""
        return self.journal.records(kind)

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class JournaledExchange(Journaled[Command, Event, Exchange]):
    """An exchange whose every change is on disk before it is made."""

    def __init__(self, journal: Journal) -> None:
        exchange = Exchange()
        super().__init__(journal, exchange, exchange.apply)

    @classmethod
    def open(cls, path: str | Path = ":memory:") -> JournaledExchange:
        """Open or create a journal and rebuild its exchange; raises JournalError."""
        journal = Journal(path)
        try:
            return cls(journal)
        except JournalError:
            journal.close()
            raise
