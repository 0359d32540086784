"""Limits and tokens in a file, for the processes of one machine: each step is one transaction.

The clock is the monotonic one of the machine, which all its processes share and nobody sets. It begins anew
when the machine does, and with it what the file holds.
"""

from __future__ import annotations

import os
import shlex
import sqlite3
import stat
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from polyspec.core.tally import Place, Refusal, State, Tally, Ticket, lasts
from polyspec.core.token_sharing import Parcel
from polyspec.errors import ConfigError
from polyspec.limits.backend import BackendDown

try:
    import fcntl
except ModuleNotFoundError:  # pragma: no cover - there are no such locks on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["SqliteBackend"]

T = TypeVar("T")

_MICRO: Final = 1e6
_DAY: Final = 86_400 * _MICRO
_PATIENCE: Final = 1.0
_PAUSE: Final = 0.0002
_SWEEP: Final = 4096
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_NUMBERING: Final = Path("/proc/self/ns/pid")
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS machine (boot TEXT NOT NULL, seen REAL NOT NULL);
CREATE TABLE IF NOT EXISTS states
  (key TEXT PRIMARY KEY, state BLOB NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holders (holder TEXT PRIMARY KEY, seen REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parcels
  (name TEXT PRIMARY KEY, fence INTEGER NOT NULL, born REAL NOT NULL, until REAL NOT NULL,
   content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS leases
  (name TEXT PRIMARY KEY, fence INTEGER NOT NULL, holder TEXT NOT NULL, pid INTEGER NOT NULL,
   until REAL NOT NULL);
"""

# a connection that a fork copied is kept: closing it would free the locks of the process it belongs to
_foreign: Final[list[sqlite3.Connection]] = []
_backends: Final[weakref.WeakSet[SqliteBackend]] = weakref.WeakSet()
_paused: Final[list[threading.Lock]] = []


class SqliteBackend:
    """Keeps what is shared in the file `path`; `memory` is for how many seconds a silent holder counts.

    `timeout` bounds the wait for other processes, in seconds. Raises ConfigError if others could read it.
    """

    def __init__(self, path: str | Path, *, memory: float = 60.0, timeout: float = _PATIENCE) -> None:
        # it is looked for again later, and the process may have gone to another directory by then
        self.path = Path(path).expanduser().absolute()
        self._memory = memory * _MICRO
        self._timeout = timeout
        self._lock = threading.Lock()
        self._held: sqlite3.Connection | None = None
        self._door: int | None = None
        self._file: tuple[int, int] | None = None
        self._steps = 0
        _claim(self.path)
        self._beside = self.path.with_name(self.path.name + ".lock")
        _claim(self._beside)
        _backends.add(self)

    def __repr__(self) -> str:
        return f"<limits in {self.path}>"

    def reserve(self, ticket: Ticket, patience: float, holder: str | None) -> tuple[Place, int]:
        """Book places in one transaction."""

        def step(file: sqlite3.Connection) -> tuple[Place, int]:
            now = time.monotonic() * _MICRO
            claims = {claim.key: claim for claim in ticket.claims}
            states = _read(file, (*ticket.gates, *claims))
            before = dict(states)
            place = Tally(states).reserve(ticket, now, patience)
            for key, state in states.items():
                if state is not before.get(key):
                    _write(file, key, state, now + max(0.0, lasts(state, claims.get(key), now)))
            return place, 0 if holder is None else self._count(file, holder, now)

        return self._run(step)

    def stands(self, place: Place) -> bool:
        """Read the gates again."""
        return self._run(
            lambda file: Tally(_read(file, place.gates)).stands(place, time.monotonic() * _MICRO)
        )

    def refuse(self, refusal: Refusal) -> None:
        """Close a gate for all."""

        def step(file: sqlite3.Connection) -> None:
            now = time.monotonic() * _MICRO
            claim = refusal.claim
            keys = (refusal.gate,) if claim is None else (refusal.gate, claim.key)
            states = _read(file, keys)
            Tally(states).refuse(refusal, now)
            for key, state in states.items():
                _write(file, key, state, now + _DAY)

        self._run(step)

    def look(self, name: str) -> Parcel | None:
        """Return what was put under a name."""

        def step(file: sqlite3.Connection) -> Parcel | None:
            now = time.monotonic() * _MICRO
            found = file.execute(
                "SELECT content, born, fence FROM parcels WHERE name = ? AND until > ?", (name, now)
            ).fetchone()
            return None if found is None else Parcel(found[0], (now - found[1]) / _MICRO, found[2])

        return self._run(step)

    def lease(self, name: str, holder: str, seconds: float) -> int | None:
        """Take the lease, also from one's own earlier self; it ends by itself, or with its process."""
        mine = _here(holder)

        def step(file: sqlite3.Connection) -> int | None:
            now = time.monotonic() * _MICRO
            found = file.execute(
                "SELECT fence, pid, until, holder FROM leases WHERE name = ?", (name,)
            ).fetchone()
            if found is not None and found[2] > now and found[3] != mine and _alive(found[1], found[3]):
                return None
            fence: int = 1 if found is None else found[0] + 1
            file.execute(
                "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)",
                (name, fence, mine, os.getpid(), now + seconds * _MICRO),
            )
            return fence

        return self._run(step)

    def put(self, name: str, fence: int, content: bytes, age: float, life: float) -> bool:
        """Put something there for `life` seconds."""

        def step(file: sqlite3.Connection) -> bool:
            now = time.monotonic() * _MICRO
            found = file.execute("SELECT fence FROM parcels WHERE name = ?", (name,)).fetchone()
            if found is not None and found[0] > fence:
                return False
            file.execute(
                "INSERT OR REPLACE INTO parcels VALUES (?, ?, ?, ?, ?)",
                (name, fence, now - age * _MICRO, now + life * _MICRO, content),
            )
            return True

        return self._run(step)

    def release(self, name: str, holder: str) -> None:
        """Give a lease back, if it is still ours; its number stays."""
        self._run(
            lambda file: file.execute(
                "UPDATE leases SET until = 0 WHERE name = ? AND holder = ?", (name, _here(holder))
            )
        )

    def begin_anew(self) -> None:
        """Leave the connection to the process it belongs to."""
        self._lock = threading.Lock()
        if self._held is not None:
            _foreign.append(self._held)
            self._held = None
        if self._door is not None:
            # the other process goes on with its own, and with what it has locked
            os.close(self._door)
            self._door = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        held, self._held = self._held, None
        door, self._door = self._door, None
        if door is not None:
            os.close(door)
        if held is not None:
            held.close()

    def pause(self) -> threading.Lock | None:
        """Let no thread be at it while this process is copied; returns what is to be released then."""
        lock = self._lock
        return lock if lock.acquire(timeout=self._timeout) else None

    def _count(self, file: sqlite3.Connection, holder: str, now: float) -> int:
        file.execute("INSERT OR REPLACE INTO holders VALUES (?, ?)", (holder, now))
        file.execute("DELETE FROM holders WHERE seen < ?", (now - self._memory,))
        file.execute("UPDATE machine SET seen = ?", (now,))
        found: int = file.execute("SELECT count(*) FROM holders").fetchone()[0]
        return found

    def _run(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Do a step while nobody else does one."""
        until = time.monotonic() + self._timeout
        if not self._lock.acquire(timeout=self._timeout):
            raise BackendDown("other threads hold it for too long")
        try:
            if self._held is not None and self._file != _number(self.path):
                # it was moved away, or another put in its place: the others are there
                self._close()
            self._enter(until)
            if self._held is None:
                _claim(self.path)
                self._held = self._opened(until)
                self._file = _number(self.path)
            return self._done(step, self._held, until)
        except (sqlite3.Error, OSError, ConfigError) as error:
            if isinstance(error, sqlite3.Error) and not _busy(error):
                # a connection that met damage may not see that the file is well again
                self._close()
            raise BackendDown(str(error)) from None
        except (msgspec.MsgspecError, ValueError, TypeError, LookupError):
            raise BackendDown("what is in the file makes no sense") from None
        finally:
            if self._door is not None and fcntl is not None:
                fcntl.flock(self._door, fcntl.LOCK_UN)
            self._lock.release()

    def _done(self, step: Callable[[sqlite3.Connection], T], file: sqlite3.Connection, until: float) -> T:
        _begin(file, until)
        try:
            self._sweep(file)
            result = step(file)
            file.execute("COMMIT")
        except BaseException:
            if file.in_transaction:
                file.execute("ROLLBACK")
            raise
        return result

    def _enter(self, until: float) -> None:
        """Keep other processes out: by SQLite's own locks alone they keep getting in each other's way."""
        if fcntl is None:  # pragma: no cover
            return
        if self._door is None:
            _claim(self._beside)
            self._door = os.open(self._beside, os.O_RDWR | os.O_CLOEXEC)
        while True:
            try:
                fcntl.flock(self._door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise BackendDown("another process keeps it locked") from None
                time.sleep(_PAUSE)
            else:
                return

    def _sweep(self, file: sqlite3.Connection) -> None:
        self._steps += 1
        if self._steps % _SWEEP == 0:
            for table in ("states", "parcels"):
                file.execute(f"DELETE FROM {table} WHERE until < ?", (time.monotonic() * _MICRO,))  # noqa: S608

    def _opened(self, until: float) -> sqlite3.Connection:
        file = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            # of what a power cut takes nothing is missed: the clock begins anew as well. No write-ahead log:
            # before 3.51.3 it can be damaged by two processes that write at once
            file.execute("PRAGMA synchronous = OFF")
            _patiently(lambda: file.execute("PRAGMA journal_mode = PERSIST"), until)
            _begin(file, until)
            for statement in _TABLES.split(";"):
                file.execute(statement)
            _of_this_boot(file)
            file.execute("COMMIT")
        except BaseException:
            file.close()
            raise
        return file


def _of_this_boot(file: sqlite3.Connection) -> None:
    """Empty the file if the clock it was written by has begun anew."""
    now = time.monotonic() * _MICRO
    boot = _BOOT.read_text().strip() if _BOOT.exists() else ""
    known = file.execute("SELECT boot, seen FROM machine").fetchone()
    if known is not None and (known[0] != boot or known[1] > now):
        for table in ("machine", "states", "holders", "parcels", "leases"):
            file.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
    file.execute("DELETE FROM machine")
    file.execute("INSERT INTO machine VALUES (?, ?)", (boot, now))


def _read(file: sqlite3.Connection, keys: tuple[str, ...]) -> dict[str, State]:
    marks = ", ".join("?" * len(keys))
    rows = file.execute(f"SELECT key, state FROM states WHERE key IN ({marks})", keys)  # noqa: S608 - marks only
    return {key: msgspec.msgpack.decode(raw, type=list[float]) for key, raw in rows}


def _write(file: sqlite3.Connection, key: str, state: State, until: float) -> None:
    raw = msgspec.msgpack.encode(state)
    file.execute("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", (key, raw, until))


def _begin(file: sqlite3.Connection, until: float) -> None:
    _patiently(lambda: file.execute("BEGIN EXCLUSIVE"), until)


def _patiently(work: Callable[[], object], until: float) -> None:
    """Do something once no other process is at it; SQLite's own waiting sleeps longer than a step takes."""
    while True:
        try:
            work()
        except sqlite3.OperationalError as error:
            if not _busy(error) or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _number(path: Path) -> tuple[int, int] | None:
    """Tell a file from one that was put in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _here(holder: str) -> str:
    """Name a holder together with where its process has its number: containers number theirs anew."""
    try:
        return f"{holder} {_NUMBERING.readlink()}"
    except OSError:
        return holder


def _alive(pid: int, holder: str) -> bool:
    """Tell whether a process may run yet; of one that is numbered elsewhere nothing is known."""
    if fcntl is not None and holder.partition(" ")[2] == _here("").partition(" ")[2]:
        try:
            os.kill(pid, 0)
        except OSError as error:
            return not isinstance(error, ProcessLookupError)
    return True


def _claim(path: Path) -> None:
    """Make sure that there is a file of ours which nobody else can read."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise ConfigError(f"{path}: limits cannot be kept there ({error.strerror})") from None
    try:
        found = os.fstat(handle)
    finally:
        os.close(handle)
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path} is no file")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise ConfigError(f"{path} belongs to another user: limits are not kept there")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigError(
            f"{path} is open to other users of this machine; run: chmod 600 {shlex.quote(str(path))}"
        )


def _before_fork() -> None:
    # a copy of SQLite that was at work would hold its own locks for ever, and wait for those of the file
    _paused.extend(lock for backend in list(_backends) if (lock := backend.pause()) is not None)


def _after_fork() -> None:
    while _paused:
        _paused.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
