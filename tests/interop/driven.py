"""A peer at work: commands to its driver, one at a time, and what came of each."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any, Final

from tests.interop.provision import Peer

__all__ = ["Driven", "PeerFailed", "PeerRefused"]

_PATIENCE: Final = 60.0


class PeerFailed(AssertionError):  # noqa: N818 - reads as what happened
    """The peer broke down over something: what the sandbox answered, as a rule."""


class PeerRefused(Exception):  # noqa: N818
    """The venue or the peer itself refused."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(f"{told['http'] or 'before it was sent'}: {told['error']}")
        self.message: str = told["error"]
        self.http: int | None = told["http"]
        """The status of the venue's answer; None if the peer did not ask."""
        self.expected: str | None = told.get("expected")
        """The heartbeat id the venue said it expects."""
        self.restriction: str | None = told.get("restriction")
        """What the peer took the refusal for, if it knows kinds of them."""
        self.code: str | None = told.get("code")
        """What the venue calls the refusal, if the peer tells."""
        self.retry_after: float | None = told.get("retry_after")
        """Seconds the peer says to wait."""


class Driven:
    """The process of a driver."""

    def __init__(self, peer: Peer, line: str, log: Path, *arguments: str) -> None:
        """Start the driver with the line of a sandbox; raises NotInstalled."""
        self.peer = peer
        self._log = log
        # a proxy of this machine has no business between two of its processes
        surroundings = {**os.environ, "POLYSPEC_SANDBOX": line, "NO_PROXY": "127.0.0.1,localhost"}
        command = [*peer.command(), *arguments]
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=peer.folder,
                env=surroundings,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin: IO[str] = self._process.stdin
        self._lines: Queue[str] = Queue()
        Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def _listen(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._lines.put(line)
        self._lines.put("")

    def __call__(self, step: str, **arguments: Any) -> Any:
        """Let the peer do something; raises PeerRefused and PeerFailed."""
        self._stdin.write(json.dumps({"step": step, **arguments}) + "\n")
        self._stdin.flush()
        try:
            line = self._lines.get(timeout=_PATIENCE)
        except Empty:
            raise PeerFailed(f"{step} took longer than {_PATIENCE:.0f} s\n{self._said}") from None
        if not line:
            raise PeerFailed(f"the driver ended at {step}\n{self._said}")
        told = json.loads(line)
        assert told["step"] == step
        if "refused" in told:
            raise PeerRefused(told["refused"])
        if "failed" in told:
            raise PeerFailed(f"{step}: {told['failed']}\n{self._said}")
        return told["result"]

    @property
    def _said(self) -> str:
        return self._log.read_text()[-2000:]

    def close(self) -> None:
        """End the driver."""
        self._stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
