"""Reading 1,000 markets of PolySimulator into types, and making a client from nothing: ours and the SDK's.

The SDK leaves what it reads as plain dicts.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from polyspec_wire.polysimulator.markets import LIST_MARKETS

from benchmarks.bench_imports import cpu_of
from benchmarks.harness import Report, Spent, repeated, rotate
from benchmarks.peers import POLYSIM, Worker, opened
from benchmarks.polysim_terms import LISTED, page
from benchmarks.serving import Address
from polyspec.core.codec import decode

_TIMES = 10
_MADE = "('k', 'http://127.0.0.1:9').close()"
_IMPORTS = {
    "bare": "pass",
    "httpx": "import httpx; httpx.Client().close()",
    "ours": f"from polyspec import PolySimulatorClient as made; made{_MADE}",
}
_THEIRS = (
    f"import sys; sys.path.append({{folder!r}}); from polysim_sdk import PolySimClient as made; made{_MADE}"
)
# nothing is sent
_NOWHERE = Address("http://127.0.0.1:9", None)


def run(report: Report) -> None:
    """Compare CPU time; imports are those of fresh interpreters."""
    with opened(report, (POLYSIM,), _NOWHERE) as workers:
        _read(report, workers)
    _import(report, workers)


def _read(report: Report, workers: list[Worker]) -> None:
    data, kind = page(LISTED), LIST_MARKETS.success[200]
    assert len(decode(data, kind)) == LISTED
    cases = {
        "ours": repeated(lambda: decode(data, kind), _TIMES, each=LISTED),
        "json.loads": repeated(lambda: json.loads(data), _TIMES, each=LISTED),
    }
    for worker in workers:
        cases["the venue's SDK"] = _shared(worker.case("read", times=_TIMES))
    found = rotate(cases, rounds=report.rounds(15))["cpu"]
    each = {case: f"{found.median(case) * 1e6:.2f} us each" for case in cases}
    for other in list(cases)[1:]:
        report.ratio(
            f"polysim: {LISTED:,} markets, typed, to dicts by {other}",
            found.ratios(other, "ours"),
            ours=each["ours"],
            against=f"{other} {each[other]}",
        )


def _shared(theirs: Callable[[], Spent]) -> Callable[[], Spent]:
    return lambda: Spent(*(each / LISTED for each in theirs()))


def _import(report: Report, workers: list[Worker]) -> None:
    wanted = dict(_IMPORTS)
    for worker in workers:
        # in our environment, whose httpx finds more to import than the one it comes with
        wanted["the SDK"] = _THEIRS.format(folder=_packages(worker.rival.peer.command()[0]))
    cases = {name: lambda code=code: Spent(*[cpu_of(code)] * 2) for name, code in wanted.items()}
    found = rotate(cases, rounds=report.rounds(15), warm_up=0)["cpu"]
    told = {name: f"+{(found.median(name) - found.median('bare')) * 1e3:.0f} ms CPU" for name in wanted}
    others = [f"{name} {each}" for name, each in told.items() if name not in ("bare", "ours")]
    report.fact("polysim: to import and make a client", told["ours"], against=", ".join(others))


def _packages(interpreter: str) -> str:
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.run(
        [interpreter, "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()
