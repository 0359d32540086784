"""What was done with credentials, when, why and by whom: a log that only grows, and shows if it was changed.

Each entry carries a digest over itself and the digest of the entry before it. So nothing can be changed,
taken out or put in without all later digests being wrong; that the end was cut off shows against a `Head`
kept elsewhere.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from attrs import frozen

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord
from polyspec.managed.sqlite_file import SqliteFile
from polyspec.vault.ids import CredentialId

__all__ = ["AuditLog", "Head", "verify_audit"]

_FIRST: Final = "0" * 64
_LONGEST: Final = 300
_PAGE: Final = 500
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS audit_keeps BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
"""


@frozen
class Head:
    """The end of a log; keep it elsewhere, and a log that was cut off shows."""

    seq: int
    digest: str


class AuditLog:
    """Writes entries to a file of its own, from any thread and process of one machine."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        actor: str | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`actor` names who acts; by itself the user and host of this process."""
        self._file = SqliteFile(path, _SCHEMA)
        self._actor = _actor() if actor is None else actor
        self._wall = wall

    def write(
        self, event: str, about: CredentialId, *, version: int = 0, label: str = "", why: str = ""
    ) -> Head:
        """Append an entry, which is on the disk when this returns; raises JournalUnavailable.

        `label` is the beginning of a key's id. A Secret is refused, wherever it is given.
        """
        if any(isinstance(each, Secret) for each in (event, label, why)):
            raise ConfigError("no secret goes into the audit log")
        entry = {
            "at": round(self._wall(), 3),
            "actor": self._actor,
            "pid": os.getpid(),
            "event": event,
            "credential": list(about.parts),
            "version": version,
            "label": label[:16],
            "why": why[:_LONGEST],
        }
        with self._file.change() as connection:
            found = connection.execute("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            seq, before = (0, _FIRST) if found is None else found
            head = Head(seq + 1, _digest(before, seq + 1, text := _written(entry)))
            connection.execute("INSERT INTO audit VALUES (?, ?, ?)", (head.seq, text, head.digest))
        return head

    def export(self, after: int = 0) -> Iterator[str]:
        """Give the entries after a number as JSON lines, each with its number and digest.

        Raises DamagedRecord when it comes to one that cannot be read.
        """
        while True:
            with self._file.look() as connection:
                rows = connection.execute(
                    "SELECT seq, entry, digest FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", (after, _PAGE)
                ).fetchall()
            for seq, entry, digest in rows:
                yield _exported(seq, entry, digest)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def verify(self, head: Head | None = None) -> Head:
        """Recompute all digests; raises DamagedRecord if the log was changed, or ends before `head`."""
        return verify_audit(self.export(), head)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def verify_audit(lines: Iterable[str], head: Head | None = None) -> Head:
    """Recompute the digests of exported lines from the first on; raises DamagedRecord."""
    last, met = Head(0, _FIRST), head is None or head == Head(0, _FIRST)
    for line in lines:
        try:
            found = json.loads(line)
            now = Head(found["seq"], found["digest"])
            right = _digest(last.digest, last.seq + 1, _written(found["entry"]))
        except (ValueError, KeyError, TypeError):
            raise DamagedRecord(
                f"what follows entry {last.seq} of the audit log cannot be read", reason="malformed"
            ) from None
        if now != Head(last.seq + 1, right):
            raise DamagedRecord(f"entry {last.seq + 1} of the audit log was changed, or is missing")
        last = now
        met = met or last == head
    if not met:
        raise DamagedRecord("the audit log does not reach the end that is known", reason="rolled_back")
    return last


def _exported(seq: int, entry: Any, digest: Any) -> str:
    # whoever can write to the file may have put anything there
    with suppress(ValueError, TypeError):
        return _written({"seq": seq, "digest": digest, "entry": json.loads(entry)})
    raise DamagedRecord(f"entry {seq} of the audit log cannot be read", reason="malformed")


def _written(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(before: str, seq: int, entry: str) -> str:
    return hashlib.sha256(f"{before}\n{seq}\n{entry}".encode()).hexdigest()


def _actor() -> str:
    name = ""
    with suppress(OSError, KeyError, ImportError):
        # a container may run as a number that has no name
        name = getpass.getuser()
    return f"{name or os.getuid()}@{socket.gethostname()}"
