"""What importing costs, in fresh interpreters."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from benchmarks.harness import Report

__all__ = ["cpu_of", "run"]

_HEAVY = (
    "aiohttp",
    "asyncio",
    "cryptography",
    "grpc",
    "httpx",
    "rich",
    "sqlite3",
    "starlette",
    "uvicorn",
)
_CASES = {
    "bare": "pass",
    "polyspec": "import polyspec",
    "client": "from polyspec import UsExchangeClient",
    "httpx": "import httpx",
}
_LIMIT = 60.0


def run(report: Report) -> None:
    """Compare CPU time with that of an interpreter that does nothing; byte code is cached by then."""
    taken: dict[str, list[float]] = {name: [] for name in _CASES}
    names = list(_CASES)
    for number in range(-1, report.rounds(15)):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            seconds = cpu_of(_CASES[name])
            if number >= 0:
                taken[name].append(seconds * 1000)
    bare = statistics.median(taken["bare"])
    above = {
        name: statistics.median(each - base for each, base in zip(taken[name], taken["bare"], strict=True))
        for name in names
    }
    against = f"bare interpreter {bare:.0f} ms"
    met = above["polyspec"] <= _LIMIT
    report.fact(
        "imports: polyspec", f"+{above['polyspec']:.0f} ms CPU", against=against, goal="<= +60 ms", met=met
    )
    loaded = _loaded(_CASES["polyspec"])
    heavy = [name for name in _HEAVY if name in loaded]
    report.fact(
        "imports: heavy modules of polyspec",
        ", ".join(heavy) or "none",
        against=f"of {', '.join(_HEAVY)}",
        goal="none",
        met=not heavy,
    )
    client = f"+{above['client']:.0f} ms CPU"
    report.fact("imports: UsExchangeClient", client, against=f"httpx alone +{above['httpx']:.0f} ms")


def cpu_of(code: str, interpreter: str = sys.executable) -> float:
    """CPU seconds of a fresh interpreter that runs `code`."""
    process = subprocess.Popen([interpreter, "-c", code])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{code!r} failed")
    return usage.ru_utime + usage.ru_stime


def _loaded(code: str) -> set[str]:
    """Names of the top-level modules a fresh interpreter has after `code`."""
    script = f"import sys; {code}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
