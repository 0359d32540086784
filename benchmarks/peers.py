"""The venues' own clients, each in an environment of its own, as they come and with coincurve beside them.

None of them asks for coincurve, and all of them sign an order of magnitude faster where it happens to be
installed: so both are measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.clob_terms import CHAIN_ID, KEY
from benchmarks.harness import Report, Spent
from benchmarks.serving import Address
from polyspec.clob.signers import LocalSigner
from polyspec.clob.wallets import derive_wallets
from tests.interop.provision import PEERS, NotInstalled, Peer

__all__ = ["POLYSIM", "UNIFIED", "V2", "Rival", "Worker", "opened"]

_ROOT: Final = Path(__file__).parents[1]
_COINCURVE: Final = ("cffi==2.1.1", "coincurve==21.0.0", "pycparser==3.12")


@dataclass(frozen=True)
class Rival:
    """A client to be measured against."""

    name: str
    coincurve: bool
    worker: str = "clob_worker"
    """What drives it."""

    def __str__(self) -> str:
        return f"{self.name}, {'with coincurve' if self.coincurve else 'as installed'}"

    @property
    def peer(self) -> Peer:
        """What is to be installed for it."""
        plain = PEERS[self.name]
        return replace(plain, python=(*plain.python, *_COINCURVE)) if self.coincurve else plain


V2: Final = (Rival("py-clob-client-v2", coincurve=False), Rival("py-clob-client-v2", coincurve=True))
POLYSIM: Final = Rival("polysim-sdk", coincurve=False, worker="polysim_worker")
UNIFIED: Final = (Rival("polymarket-client", coincurve=False), Rival("polymarket-client", coincurve=True))


class Worker:
    """The process of a rival."""

    def __init__(self, rival: Rival, process: subprocess.Popen[str]) -> None:
        self.rival = rival
        self._process = process

    def ask(self, do: str, *, times: int, **more: Any) -> dict[str, Any]:
        """Let it do something so many times and return what it says of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "times": times, **more}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def case(self, do: str, *, times: int, **more: Any) -> Callable[[], Spent]:
        """Return what does that and says what each took."""
        return lambda: Spent(*self.ask(do, times=times, **more)["spent"])

    def ready(self) -> None:
        """Wait until it has made its clients."""
        self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.rival} broke down")
        told: dict[str, Any] = json.loads(line)
        return told


@contextlib.contextmanager
def opened(report: Report, rivals: Sequence[Rival], server: Address) -> Iterator[list[Worker]]:
    """Start those rivals that can be had on this machine; they idle between their turns."""
    wallet = derive_wallets(LocalSigner.from_key(KEY).address, CHAIN_ID).deposit_uups
    with contextlib.ExitStack() as stack:
        workers = []
        for rival in rivals if report.peers else ():
            try:
                if not rival.peer.folder.exists():
                    print(f"# installing {rival}", flush=True)
                interpreter, _ = rival.peer.command()
            except NotInstalled as missing:
                print(f"# {rival} cannot be installed here: {missing}", flush=True)
                continue
            command = [interpreter, "-m", f"benchmarks.{rival.worker}", rival.name, server.url, wallet]
            workers.append(stack.enter_context(_started(rival, command, server)))
        yield workers


@contextlib.contextmanager
def _started(rival: Rival, command: list[str], server: Address) -> Iterator[Worker]:
    # no proxy of this machine between two of its processes
    surroundings = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "PYTHONPATH": ""}
    if server.ca is not None:
        surroundings["SSL_CERT_FILE"] = str(server.ca)
    with subprocess.Popen(
        command, cwd=_ROOT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        worker = Worker(rival, process)
        try:
            worker.ready()
            yield worker
        finally:
            process.stdin.close()
