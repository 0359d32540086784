"""One order from its price to the venue's answer: made, signed, written, authenticated, sent, read.

The server is a process of its own on loopback. All clients speak HTTP/1.1 here, over TLS too, where two of
the peers would rather have HTTP/2, which makes them slower still. What the peers reach from one thread is
what counts against them: more threads make all of them slower, which is shown as well.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.clob_ours import ORDER, async_client, client
from benchmarks.clob_server import Address, running
from benchmarks.harness import Clock, Measured, Report, Spent, repeated, rotate
from benchmarks.peers import UNIFIED, V2, Worker, opened
from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient

_ONE_BY_ONE, _IN_FLIGHT, _WIDTH = 300, 1_280, 64
# of the peers: about as long as ours
_AS_INSTALLED, _WITH_COINCURVE, _THREADS = 30, 150, 16

_GOALS = {
    (False, "one by one"): 25.0,
    (True, "one by one"): 7.0,
    (False, "64 in flight"): 45.0,
    (True, "64 in flight"): 12.0,
}
_LEAST = {"one by one": 10.0, "64 in flight": 15.0}


def run(report: Report) -> None:
    """Compare wall time, as orders a second are what is promised, and show what CPU the client takes."""
    with running() as server:
        _compare(report, server, "in clear")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        _compare(report, server, "TLS")


def _compare(report: Report, server: Address, way: str) -> None:
    share = 5 if report.quick else 1
    with (
        opened(report, V2 + UNIFIED, server) as workers,
        client(server) as ours,
        asyncio.Runner() as runner,
    ):
        asynchronous = async_client(server, connections=_WIDTH)
        cases = {
            "one by one": repeated(_placing(ours), _ONE_BY_ONE // share),
            "one by one, async": _in_flight(runner, asynchronous, _ONE_BY_ONE // share, 1),
            "64 in flight": _in_flight(runner, asynchronous, _IN_FLIGHT // share, _WIDTH),
        }
        for worker in workers:
            times = _WITH_COINCURVE if worker.rival.coincurve else _AS_INSTALLED
            cases[f"{worker.rival}"] = worker.case("place", times=times)
            if worker.rival in V2:
                threads = worker.case("threads", times=times, threads=_THREADS)
                cases[f"{worker.rival}, {_THREADS} threads"] = threads
        found = rotate(cases, rounds=report.rounds(15))
        runner.run(asynchronous.aclose())
    _show(report, found, workers, way)


def _placing(ours: ClobClient) -> Callable[[], None]:
    def place() -> None:
        ours.post_order(ours.create_order(**ORDER)).unwrap()

    return place


def _in_flight(runner: asyncio.Runner, ours: AsyncClobClient, count: int, width: int) -> Callable[[], Spent]:
    async def one_after_the_other(left: list[None]) -> None:
        while left:
            left.pop()
            (await ours.post_order(await ours.create_order(**ORDER))).unwrap()

    async def all_of_them() -> None:
        left = [None] * count
        await asyncio.gather(*(one_after_the_other(left) for _ in range(width)))

    return repeated(lambda: runner.run(all_of_them()), 1, each=count)


def _show(report: Report, found: dict[Clock, Measured], workers: list[Worker], way: str) -> None:
    wall, cpu = found["wall"], found["cpu"]
    rate = {case: f"{1 / wall.median(case):,.0f}/s" for case in wall.rounds}
    burnt = {case: f"{cpu.median(case) * 1e6:,.0f} us CPU" for case in cpu.rounds}
    for case in rate:
        report.fact(f"post: {way}, {case}", rate[case], against=burnt[case])
    for worker in workers:
        rival, theirs = worker.rival, f"{worker.rival}"
        for case, least in _LEAST.items():
            goal = _GOALS[rival.coincurve, case] if rival in V2 else None
            told = f" (at the very least {least:g}x)" if goal and not rival.coincurve else ""
            report.ratio(
                f"post: {way}, {case}{told}",
                wall.ratios(theirs, case),
                ours=rate[case],
                against=f"{rival} {rate[theirs]}",
                at_least=goal,
            )
            report.ratio(
                f"post: {way}, {case}, CPU of the client",
                cpu.ratios(theirs, case),
                ours=burnt[case],
                against=f"{rival} {burnt[theirs]}",
            )
