"""Orders are written down before their first byte leaves, and until their fate is known.

After a crash it is known which orders may stand. A signed order is worth money to whoever can send it, so the
file is as private as the vault's.
"""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from copy import copy
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from weakref import finalize

from attrs import define, field, frozen

from polyspec.errors import JournalUnavailable, PolyspecError
from polyspec.managed.sqlite_file import SqliteFile
from polyspec.vault.forking import OwnLock

try:
    import fcntl
except ModuleNotFoundError:  # pragma: no cover - there are no such locks on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["Fate", "JournalEntry", "OrderJournal", "Owner"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS orders (
  venue TEXT NOT NULL, tenant TEXT NOT NULL, user_name TEXT NOT NULL, wallet TEXT NOT NULL,
  order_id TEXT NOT NULL, fate TEXT NOT NULL, sent_at REAL NOT NULL, opener TEXT NOT NULL,
  payload BLOB NOT NULL, detail TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (venue, tenant, user_name, wallet, order_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_open ON orders (fate) WHERE fate IN ('sending', 'unknown');
"""
_LONGEST: Final = 500
_BEGIN: Final = (
    "INSERT INTO orders VALUES (?, ?, ?, ?, ?, 'sending', ?, ?, ?, '') "
    "ON CONFLICT DO UPDATE SET fate = 'sending', detail = '', opener = excluded.opener, "
    # sent a second time, it may stand since the first; but an id that somebody chose may be used again for
    # another order, once the one before is known of: only a hash (CLOB) names one order for ever
    "sent_at = CASE WHEN venue = 'clob' OR fate IN ('sending', 'unknown') "
    "THEN MIN(sent_at, excluded.sent_at) ELSE excluded.sent_at END, "
    "payload = CASE WHEN venue = 'clob' THEN payload ELSE excluded.payload END"
)

_END: Final = (
    "UPDATE orders SET fate = ?, detail = ? WHERE venue = ? AND tenant = ? AND user_name = ? "
    "AND wallet = ? AND order_id = ?"
)
_FOUND: Final = f"{_END} AND fate = ? AND opener LIKE ?"


class Fate(StrEnum):
    """What is known of a journalled order."""

    SENDING = "sending"
    """It may have left, and may stand."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """It does not stand: refused, or proven never to have arrived."""
    UNKNOWN = "unknown"
    """Nobody can say yet, and its placement was told so."""


# What is looked up in the process that placed it: that was told so, whoever it was.
_TOLD: Final = (Fate.UNKNOWN, "%")


@frozen
class Owner:
    """Whose orders they are."""

    venue: str
    tenant: str
    user: str
    wallet: str

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """The texts in the order in which they are written down."""
        return self.venue, self.tenant, self.user, self.wallet


@frozen(kw_only=True)
class JournalEntry:
    """One order, as it was written down before it was sent."""

    order_id: str
    """By which the venue, or its lookups, will know it."""
    sent_at: float
    """Unix time, by the venue's clock, before which nothing of it left."""
    payload: bytes = field(repr=False)
    """What it takes to look it up, and to send it again as the same order."""
    fate: Fate = Fate.SENDING
    detail: str = ""


@define(eq=False)
class _Batch:
    """Rows of one caller, until they are on the disk."""

    rows: list[tuple[object, ...]]
    done: bool = False
    error: PolyspecError | None = None


class _Mark:
    """That a process lives: a file that the system unlocks when it ends; raises JournalUnavailable."""

    def __init__(self, name: str, place: Path) -> None:
        self.pid = os.getpid()
        self.name = name
        self._place = place
        self._handle: int | None = None
        assert fcntl is not None
        try:
            self._handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            self.end()
            raise _unusable(place, error) from None

    def end(self) -> None:
        """Let go of it; in a copy of the process it stays the other's."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if self.pid == os.getpid():
            with suppress(OSError):
                self._place.unlink()
        os.close(handle)


class OrderJournal:
    """Keeps the orders of all users of one machine in a file, from any thread and process."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = SqliteFile(path, _SCHEMA)
        self._lock = OwnLock()
        self._turn = OwnLock()
        self._waiting: deque[_Batch] = deque()
        self._flying: set[tuple[str, ...]] = set()
        self._seen: dict[tuple[str, ...], tuple[Fate, str]] = {}
        self._mark: _Mark | None = None

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._file.path

    def begin(self, owner: Owner, entries: Sequence[JournalEntry]) -> None:
        """Write orders down that are about to be sent; they are on the disk when this returns.

        Raises JournalUnavailable: then they must not be sent.
        """
        mark, names = self._alive(), [(*owner.parts, each.order_id) for each in entries]
        # before they are written: whoever is cut off meanwhile takes them back, and they count as left open.
        # One step each, and no lock: flows may be closed by the garbage collector wherever it likes
        for name in names:
            self._flying.add(name)
        batch = _Batch([(*owner.parts, each.order_id, each.sent_at, mark, each.payload) for each in entries])
        self._waiting.append(batch)
        with self._turn:
            # whoever had the turn before may have written it along with its own
            if not batch.done:
                self._write_waiting()
        if batch.error is not None:
            for name in names:
                self._flying.discard(name)
            raise copy(batch.error)

    def _write_waiting(self) -> None:
        """Write all that waits at once: waiting for the disk takes as long for many as for one."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        error: PolyspecError | None = JournalUnavailable("writing the journal was cut off")
        try:
            with self._file.change() as connection:
                connection.executemany(_BEGIN, [row for batch in taken for row in batch.rows])
            error = None
        except PolyspecError as failure:
            error = failure.with_traceback(None)
        finally:
            for batch in taken:
                batch.error, batch.done = error, True

    def end(self, owner: Owner, fates: Iterable[tuple[str, Fate, str]]) -> None:
        """Note what became of orders, each with a word about it; if a crash undoes it, they are looked up."""
        told = list(fates)
        with self._file.change(durable=False) as connection:
            connection.executemany(
                _END, [(fate, text[:_LONGEST], *owner.parts, order_id) for order_id, fate, text in told]
            )
        self.landed(owner, [order_id for order_id, _, _ in told])

    def found(self, owner: Owner, fates: Iterable[tuple[str, Fate, str]]) -> None:
        """Note what looking told of orders; of those that were sent again meanwhile it tells nothing."""
        rows = [
            (fate, text[:_LONGEST], *owner.parts, order_id, *self._seen.get((*owner.parts, order_id), _TOLD))
            for order_id, fate, text in fates
        ]
        with self._file.change(durable=False) as connection:
            connection.executemany(_FOUND, rows)
        for row in rows:
            self._seen.pop(tuple(map(str, row[2:7])), None)

    def landed(self, owner: Owner, order_ids: Iterable[str]) -> None:
        """Note that nobody in this process works on orders any more, whatever became of them."""
        for order_id in order_ids:
            self._flying.discard((*owner.parts, order_id))

    def left_open(self, owner: Owner) -> list[JournalEntry]:
        """Return the orders of an owner whose fate is not known and that no living process works on."""
        with self._file.look() as connection:
            rows = connection.execute(
                "SELECT order_id, sent_at, payload, fate, detail, opener FROM orders WHERE venue = ? "
                "AND tenant = ? AND user_name = ? AND wallet = ? AND fate IN ('sending', 'unknown') "
                "ORDER BY sent_at",
                owner.parts,
            ).fetchall()
        alive = {opener: self._lives(opener) for opener in {row[5] for row in rows if row[3] == Fate.SENDING}}
        left = [
            row
            for row in rows
            # what the process flew that this one was copied from is not flown here
            if not (self._is_mine(row[5]) and (*owner.parts, row[0]) in self._flying)
            and (row[3] == Fate.UNKNOWN or self._is_mine(row[5]) or not alive[row[5]])
        ]
        self._seen |= {(*owner.parts, row[0]): (Fate(row[3]), row[5]) for row in left}
        return [_entry(row) for row in left]

    def fate_of(self, owner: Owner, order_id: str) -> JournalEntry | None:
        """Return what is known of an order; None if it was never written down."""
        with self._file.look() as connection:
            row = connection.execute(
                "SELECT order_id, sent_at, payload, fate, detail FROM orders WHERE venue = ? AND tenant = ? "
                "AND user_name = ? AND wallet = ? AND order_id = ?",
                (*owner.parts, order_id),
            ).fetchone()
        return None if row is None else _entry(row)

    def count(self) -> dict[Fate, int]:
        """Return how many orders there are of each fate."""
        with self._file.look() as connection:
            rows = connection.execute("SELECT fate, COUNT(*) FROM orders GROUP BY fate").fetchall()
        return {Fate(fate): number for fate, number in rows}

    def forget(self, before: float) -> int:
        """Remove orders sent before a unix time whose fate is known; return how many."""
        with self._file.change() as connection:
            done = connection.execute(
                "DELETE FROM orders WHERE fate IN ('accepted', 'rejected') AND sent_at < ?", (before,)
            )
            return done.rowcount

    def close(self) -> None:
        """Close the file; what is still open counts as left open."""
        self._file.close()
        with self._lock:
            if self._mark is not None:
                self._mark.end()
                self._mark = None

    # -- which processes live --

    def _alive(self) -> str:
        """Return the mark of this process: its file is unlocked by the system when the process ends."""
        with self._lock:
            if self._mark is None or self._mark.pid != os.getpid():
                if self._mark is not None:
                    # of the process this one was copied from: held here, it would outlive that
                    self._mark.end()
                    self._mark = None
                # the folder is made, and checked, when the file is opened
                with self._file.look():
                    pass
                name = secrets.token_hex(8)
                mark = _Mark(name, self._place(name))
                # one that is never closed must not seem to be at work for as long as this process lives
                finalize(self, mark.end)
                self._mark = mark
            return self._mark.name

    def _is_mine(self, mark: str) -> bool:
        return self._mark is not None and self._mark.pid == os.getpid() and self._mark.name == mark

    def _lives(self, mark: str) -> bool:
        place = self._place(mark)
        try:
            handle = os.open(place, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unusable(place, error) from None
        try:
            assert fcntl is not None
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # nobody holds it, and nobody will again
            place.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def _place(self, mark: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{mark}.alive")


def _unusable(place: Path, error: OSError) -> JournalUnavailable:
    return JournalUnavailable(f"{place} cannot be used ({error.strerror})")


def _entry(row: Any) -> JournalEntry:
    order_id, sent_at, payload, fate, detail = row[:5]
    return JournalEntry(order_id=order_id, sent_at=sent_at, payload=payload, fate=Fate(fate), detail=detail)
