"""What it costs to take a place among the requests: in memory, in a file, in Redis; bare and as a whole flow.

The file and the server are private and local, so what is measured is the library, SQLite and Redis. Without
a redis-server on this machine that part is left out, and says so.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from polyspec_wire.clob.orders import POST_ORDER

from benchmarks.harness import Report
from polyspec.core.effects import Do, Flow
from polyspec.core.pacing import Pacer
from polyspec.limits import Shared

_TIMES = 2_000
_FOREVER = 1e9
_GOAL = 1e-3


def run(report: Report) -> None:
    """Take places for placements of the CLOB, which are under two windows, one of them of ten minutes."""
    pacer = Pacer()
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        cases: dict[str, Callable[[], object]] = {
            "memory": lambda: pacer.reserve(POST_ORDER, time.monotonic(), _FOREVER),
            "SQLite": _shared(f"sqlite:///{directory}/limits"),
        }
        if shutil.which("redis-server") is None:
            report.fact("limiter: Redis", "left out", against="no redis-server on this machine")
        else:
            cases["Redis"] = _shared(stack.enter_context(_server(directory)))
        for name, case in cases.items():
            _measure(report, name, case)


def _shared(url: str) -> Callable[[], object]:
    pacer = Shared(url).pacer(venue="https://clob.test", user="nobody")
    return lambda: _done(pacer.reserve(POST_ORDER, _FOREVER))


def _done(flow: Flow[object]) -> object:
    """Run a flow that asks for foreign work alone, as the blocking driver does."""
    try:
        effect = next(flow)
        while True:
            assert isinstance(effect, Do)
            effect = flow.send(effect.work())
    except StopIteration as stop:
        return stop.value


def _measure(report: Report, name: str, case: Callable[[], object]) -> None:
    for _ in range(_TIMES // 10):
        case()
    middles, tails = [], []
    for _ in range(report.rounds(8)):
        took: list[float] = []
        for _ in range(_TIMES):
            start = time.perf_counter()
            case()
            took.append(time.perf_counter() - start)
        took.sort()
        middles.append(took[_TIMES // 2])
        tails.append(took[_TIMES * 99 // 100])
    middle, tail = statistics.median(middles), statistics.median(tails)
    report.fact(f"limiter: a place, {name}", f"{middle * 1e6:.1f} us", against=f"of {_TIMES:,} in a row")
    report.fact(
        f"limiter: a place, {name}, 99 of 100",
        f"{tail * 1e6:.1f} us",
        against="within",
        goal="< 1 ms",
        met=tail < _GOAL,
    )


@contextmanager
def _server(directory: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(500):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.01)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()
