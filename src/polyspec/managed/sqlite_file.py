"""SQLite files that are private, and whose changes are on the disk when they are acknowledged."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from polyspec.errors import ConfigError, JournalUnavailable
from polyspec.vault.forking import OwnLock, PerProcess
from polyspec.vault.private_files import claim

__all__ = ["SqliteFile"]

_PATIENCE: Final = 10.0


class SqliteFile:
    """One file, of mode 0600 in a directory of mode 0700, for many threads and processes of one machine."""

    def __init__(self, path: str | os.PathLike[str], schema: str) -> None:
        if not os.fspath(path) or os.fspath(path).startswith((":", "file:")):
            raise ConfigError("journals are files: give their path")
        self.path = Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - links are refused, not followed
        self._schema = schema
        self._connections: PerProcess[sqlite3.Connection] = PerProcess()
        self._lock = OwnLock()

    @contextmanager
    def change(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Make changes that are kept together or not at all; `durable` ones outlive a power cut.

        Raises JournalUnavailable, which says whether they may have been kept.
        """
        with self._lock, self._translated():
            connection = self._connection()
            try:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                # also if it could not be committed: what is left open would stop all that comes after
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """Read; raises JournalUnavailable."""
        with self._lock, self._translated():
            yield self._connection()

    def close(self) -> None:
        """Close the connection of this process."""
        with self._lock:
            if (connection := self._connections.take()) is not None:
                connection.close()

    def _connection(self) -> sqlite3.Connection:
        if (found := self._connections.get()) is not None:
            return found
        claim(self.path)
        made = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        made.execute("PRAGMA journal_mode = WAL")
        made.executescript(self._schema)
        return self._connections.keep(made)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            failure = JournalUnavailable(f"{self.path} cannot be used ({type(error).__name__}: {error})")
        else:
            return
        raise failure
