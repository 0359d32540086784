"""Processes that save without end, started quickly, and killed by whoever asked for them.

Run as a program it imports the vault once, reads one JSON object a line (`place`, `acks`) and answers each
with the id of a child, which counts a credential up and writes a byte to `acks` after each version stored.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from polyspec.vault import FileRecords, Row, file_records
from tests.unit.vault.vault_rig import ROOT, environment, key, records_at, text_of, vault, wallet_of

# long enough that a save takes several writes
PADDING = "x" * 40_000


class Savers:
    """Starts savers until it is closed."""

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.vault.saving"],
            cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def start(self, place: str, acks: Path) -> int:
        """Start one, and return its id."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps({"place": place, "acks": str(acks)}) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(10)
        self._parent.stdout.close()


def kill(child: int) -> None:
    """End a saver the hard way, and wait until it is gone."""
    os.kill(child, signal.SIGKILL)
    end = time.monotonic() + 10
    while True:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < end, "a killed process is still there"
        time.sleep(0.0005)


class Careless(FileRecords):
    """Writes over the file in place, bit by bit: the control."""

    def swap(self, old: Row | None, new: Row) -> bool:
        """Replace a row, and be killed meanwhile."""
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        content = file_records._encode(1, {new.id: new})
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", 0) as file:
            for at in range(0, len(content), 64):
                file.write(content[at : at + 64])
        return True


def _save(place: str, acks: str) -> None:
    note = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = vault(Careless(place) if place.endswith(".careless") else records_at(place))
    while True:
        stored = store.get(wallet_of())
        version = 0 if stored is None else stored.version
        if stored is not None:
            assert text_of(stored) == f"{version}{PADDING}"
        store.put(wallet_of(), key(f"{version + 1}{PADDING}"), version)
        os.write(note, b".")


def _serve() -> None:
    # what is imported late is imported now; nobody waits for children
    vault(records_at("/nonexistent/x.db"))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for order in sys.stdin:
        child = os.fork()
        if child == 0:
            _save(**json.loads(order))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
