"""Many orders in flight at once: how many a second, against httpx's own clients, and how many are lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import httpx

from benchmarks.harness import Measured, Report, alternate
from benchmarks.server import Server, running
from benchmarks.venue import async_client, client, order
from polyspec.io.options import HttpOptions
from polyspec.us.config import Settings

_WIDTHS = (16, 64, 256)
_CALLS = 768
# httpx's pool gets slower with every request that waits, so it is given fewer
_PEER_CALLS = 256
_THREADS = 16
_THREAD_CALLS = 8_000

Call = Callable[[], Awaitable[Any]]


def run(report: Report) -> None:
    """Compare wall time: throughput is what is promised."""
    with running() as server, asyncio.Runner() as runner:
        ours = async_client(server)
        # as many connections as ours, all kept: better than the peer's defaults, which keep 20
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        tuned, stock = httpx.AsyncClient(limits=limits), httpx.AsyncClient()
        request = runner.run(ours.run(ours.session.prepare(order())))
        posted = {"content": request.body, "headers": dict(request.headers)}
        cases = {}
        for width in _WIDTHS:
            cases[f"ours {width}"] = _case(runner, lambda: ours.send(order()), _CALLS, width)
        for name, peer in (("tuned", tuned), ("stock", stock)):
            cases[name] = _case(runner, partial(peer.post, request.url, **posted), _PEER_CALLS, 64)
        found = alternate(cases, rounds=report.rounds(15), clock="wall")
        for client in (ours, tuned, stock):
            runner.run(client.aclose())
    _show(report, found)
    with running() as server:
        _threads(report, server)


def _case(runner: asyncio.Runner, call: Call, calls: int, width: int) -> Callable[[], None]:
    async def worker(left: list[None]) -> None:
        while left:
            left.pop()
            await call()

    async def all_of_them() -> None:
        left = [None] * calls
        await asyncio.gather(*(worker(left) for _ in range(width)))

    return lambda: runner.run(all_of_them())


def _show(report: Report, found: Measured) -> None:
    rate = {
        name: (_PEER_CALLS if name in ("tuned", "stock") else _CALLS) / found.median(name)
        for name in found.rounds
    }
    share = _CALLS / _PEER_CALLS
    for name, label, goal in (
        ("tuned", "httpx.AsyncClient, 100 kept", 5.0),
        ("stock", "httpx.AsyncClient, defaults", None),
    ):
        report.ratio(
            "concurrency: 64 in flight",
            [ratio * share for ratio in found.ratios(name, "ours 64")],
            ours=f"{rate['ours 64']:,.0f}/s",
            against=f"{label} {rate[name]:,.0f}/s",
            at_least=goal,
        )
    for below in ("ours 16", "ours 64"):
        report.ratio(
            f"concurrency: 256 in flight against {below.removeprefix('ours ')}",
            found.ratios(below, "ours 256"),
            ours=f"{rate['ours 256']:,.0f}/s",
            against=f"{below} in flight {rate[below]:,.0f}/s",
            at_least=0.9,
        )


def _threads(report: Report, server: Server) -> None:
    """Send from more threads than there are connections; what fails says whether the order may stand."""
    failed: list[Exception] = []
    calls = _THREAD_CALLS // (4 if report.quick else 1)

    def work() -> None:
        for _ in range(calls // _THREADS):
            try:
                ours.send(order())
            except Exception as error:
                failed.append(error)

    with client(
        server, settings=Settings(pacing=False, http=HttpOptions(max_connections=_THREADS // 2))
    ) as ours:
        ours.send(order())
        threads = [threading.Thread(target=work) for _ in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    report.fact(
        f"concurrency: failures from {_THREADS} threads",
        str(len(failed)),
        against=f"of {calls:,} orders, {_THREADS // 2} connections",
        goal="0",
        met=not failed,
    )
