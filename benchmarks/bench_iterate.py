"""Walking through long listings: memory must not grow with them."""

from __future__ import annotations

import time
import tracemalloc

from benchmarks.harness import Report
from benchmarks.server import running
from benchmarks.venue import client

_SHORT = 10_000
_LONG = 100_000


def run(report: Report) -> None:
    """Compare the peak of what is allocated while iterating, then measure the speed without tracing."""
    long = _LONG // 5 if report.quick else _LONG
    peaks = {listed: _peak(listed) for listed in (_SHORT, long)}
    growth = peaks[long] / peaks[_SHORT]
    ours, against = f"{peaks[long] / 1e6:.2f} MB peak", f"{_SHORT:,}: {peaks[_SHORT] / 1e6:.2f} MB peak"
    report.ratio(f"iterate: memory at {long:,}", [growth], ours=ours, against=against, at_most=1.1)
    rates = [_rate(long) for _ in range(report.rounds(4))]
    ours = f"{sorted(rates)[len(rates) // 2]:,.0f}/s"
    report.fact("iterate: instruments", ours, against=f"best {max(rates):,.0f}/s, in pages of 1,000")


def _walk(listed: int) -> tuple[int, float, int]:
    """Return how many instruments came, the seconds, and the peak of bytes allocated (0 if not traced)."""
    with running(listed=listed) as server, client(server) as ours:
        # the first page makes what is made once: token, connection, decoder
        next(iter(ours.instruments.iterate()))
        if tracemalloc.is_tracing():
            tracemalloc.clear_traces()
        start = time.perf_counter()
        count = sum(1 for _ in ours.instruments.iterate())
        seconds = time.perf_counter() - start
        peak = tracemalloc.get_traced_memory()[1] if tracemalloc.is_tracing() else 0
    if count != listed:
        raise SystemExit(f"{count} of {listed} instruments came")
    return count, seconds, peak


def _peak(listed: int) -> int:
    tracemalloc.start()
    try:
        return _walk(listed)[2]
    finally:
        tracemalloc.stop()


def _rate(listed: int) -> float:
    count, seconds, _ = _walk(listed)
    return count / seconds
