"""Start `polyspec` commands quickly: a parent that has imported everything forks a child for each.

Run as a program it reads one JSON object a line - `arguments`, and files for `out` and `err` - and answers
each with the id of the child's process. Children are killed by whoever asked for them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Child", "Nursery", "copied"]


def copied(db: Path, copy: Path) -> str:
    """Copy what a killed process left of a database, and have SQLite look it over; return where."""
    for path in db.parent.glob(f"{db.name}*"):
        if path.suffix != ".key":
            shutil.copy(path, copy.with_name(path.name.replace(db.name, copy.name)))
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return str(copy)


class Child:
    """One forked command."""

    def __init__(self, number: int, out: Path, err: Path) -> None:
        self.number = number
        self._out = out
        self._err = err

    def line(self, patience: float = 20.0) -> dict[str, Any]:
        """Wait for the line of JSON on its standard output."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            text = self._out.read_text()
            if text.endswith("\n"):
                found: dict[str, Any] = json.loads(text.splitlines()[0])
                return found
            if not self.alive:
                break
            time.sleep(0.005)
        raise AssertionError(f"the command said nothing: {self._err.read_text()}")

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """End it the hard way, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, signal.SIGKILL)
        end = time.monotonic() + 10
        while self.alive:
            assert time.monotonic() < end, "a killed process is still there"
            time.sleep(0.001)


class Nursery:
    """Forks commands until it is closed, which ends those still running."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[Child] = []
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str) -> Child:
        """Run a command of `polyspec`."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        number = len(self._children)
        out, err = self._folder / f"out-{number}", self._folder / f"err-{number}"
        out.touch()
        order = {"arguments": arguments, "out": str(out), "err": str(err)}
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        child = Child(int(self._parent.stdout.readline()), out, err)
        self._children.append(child)
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            if child.alive:
                child.kill()
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(10)
        self._parent.stdout.close()


def _serve() -> None:
    from polyspec.cli import main
    from polyspec.sandbox import Sandbox
    from polyspec.sandbox.clob import proof

    # importing is half of what a start takes; what the first sandbox imports late is imported now
    with Sandbox(quiet=True, port=False) as sandbox:
        assert sandbox.clob_venue.token_ids
    proof.load()
    # nobody waits for children: they are gone when they end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for order in sys.stdin:
        wanted = json.loads(order)
        child = os.fork()
        if child == 0:
            _become(wanted["out"], wanted["err"])
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(main(wanted["arguments"]))
        print(child, flush=True)  # noqa: T201


def _become(out: str, err: str) -> None:
    """Take files for the standard streams; nothing is shared with the parent any more."""
    for path, number in ((os.devnull, 0), (out, 1), (err, 2)):
        file = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)


if __name__ == "__main__":
    _serve()
