"""How the time to place many orders grows: 1, 10, 100 and 1,000 of them, one by one and in batches of 15."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.clob_ours import ORDER, async_client, client
from benchmarks.clob_server import running
from benchmarks.clob_terms import BATCH
from benchmarks.harness import Measured, Report, Spent, repeated, rotate
from benchmarks.peers import V2, Worker, opened
from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient

_COUNTS = (1, 10, 100, 1_000)
_WIDTH = 4
"""Batches on their way at once."""
_GOALS = {False: 80.0, True: 12.0}
_GOALS_AT = 100
# a signature takes the peers as installed milliseconds: a thousand of them say no more than a hundred
_MOST_AS_INSTALLED = 100


def run(report: Report) -> None:
    """Compare wall time in clear over loopback."""
    with (
        running() as server,
        opened(report, V2, server) as workers,
        client(server) as ours,
        asyncio.Runner() as runner,
    ):
        asynchronous = async_client(server)
        growth = {}
        for count in _COUNTS:
            cases = _cases(ours, asynchronous, runner, count)
            for worker in workers:
                if worker.rival.coincurve or count <= _MOST_AS_INSTALLED:
                    cases |= _theirs(worker, count)
            found = rotate(cases, rounds=report.rounds(9))["wall"]
            _show(report, found, workers, count)
            growth[count] = found.median("batches") / count
        runner.run(asynchronous.aclose())
    few, most = _COUNTS[-2:]
    report.fact(
        f"many: batches, an order of {most:,} to one of {few:,}",
        f"{growth[most] / growth[few]:.2f}x",
        goal="<= 1.2x",
        met=growth[most] <= 1.2 * growth[few],
    )


def _cases(
    ours: ClobClient, asynchronous: AsyncClobClient, runner: asyncio.Runner, count: int
) -> dict[str, Callable[[], Spent]]:
    def one_by_one() -> None:
        for _ in range(count):
            ours.post_order(ours.create_order(**ORDER)).unwrap()

    def batches() -> None:
        for size in _sizes(count):
            for placed in ours.post_orders([ours.create_order(**ORDER) for _ in range(size)]):
                placed.unwrap()

    async def batch(sizes: list[int]) -> None:
        while sizes:
            made = [await asynchronous.create_order(**ORDER) for _ in range(sizes.pop())]
            for placed in await asynchronous.post_orders(made):
                placed.unwrap()

    async def at_once() -> None:
        sizes = _sizes(count)
        await asyncio.gather(*(batch(sizes) for _ in range(_WIDTH)))

    times = max(1, 30 // count)
    cases = {"one by one": one_by_one, "batches": batches, "batches at once": lambda: runner.run(at_once())}
    return {name: repeated(case, times) for name, case in cases.items()}


def _theirs(worker: Worker, count: int) -> dict[str, Callable[[], Spent]]:
    times, rival = max(1, 10 // count), worker.rival
    place = worker.case("place", times=times * count)

    def one_by_one() -> Spent:
        cpu, wall = place()
        return Spent(cpu * count, wall * count)

    return {
        f"one by one {rival}": one_by_one,
        f"batches {rival}": worker.case("batches", times=times, count=count),
    }


def _sizes(count: int) -> list[int]:
    return [min(BATCH, count - start) for start in range(0, count, BATCH)]


def _show(report: Report, found: Measured, workers: list[Worker], count: int) -> None:
    taken = {case: f"{found.median(case) * 1e3:,.2f} ms" for case in found.rounds}
    compared = {"one by one": "one by one", "batches": "batches", "batches at once": "batches"}
    labels = {"batches at once": f"batches, {_WIDTH} at once"}
    for case, against in compared.items():
        label = f"many: {count:,} orders, {labels.get(case, case)}"
        report.fact(label, taken[case])
        for worker in workers:
            rival = worker.rival
            if (theirs := f"{against} {rival}") in taken:
                goal = _GOALS[rival.coincurve] if (count, case) == (_GOALS_AT, "batches at once") else None
                report.ratio(
                    label,
                    found.ratios(theirs, case),
                    ours=taken[case],
                    against=f"{rival}, {against} {taken[theirs]}",
                    at_least=goal,
                )
