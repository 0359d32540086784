"""What placing one order costs the client, against posting the same bytes with bare httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import httpx

from benchmarks.harness import Report, alternate
from benchmarks.payloads import SYMBOL
from benchmarks.server import Server, running
from benchmarks.venue import async_client, client, order
from polyspec.core.effects import Request

_CALLS = 200


def run(report: Report) -> None:
    """Compare CPU time of this process; the server has its own."""
    with running() as server:
        _sync(report, server)
        with asyncio.Runner() as runner:
            _async(report, server, runner)


def _sync(report: Report, server: Server) -> None:
    with client(server) as ours, httpx.Client() as peer:
        market = ours.instruments.get(SYMBOL)
        post = _post(peer, ours.run(ours.session.prepare(order())))

        def place() -> None:
            for _ in range(_CALLS):
                ours.orders.place(market, side="BUY", price="0.50", quantity=10, confirm=False)

        def send() -> None:
            for _ in range(_CALLS):
                ours.send(order())

        def bare() -> None:
            for _ in range(_CALLS):
                post().raise_for_status()

        _compare(report, "sync", {"orders.place": place, "send": send, "bare": bare}, "httpx.Client.post")


def _async(report: Report, server: Server, runner: asyncio.Runner) -> None:
    async def opened() -> None:
        nonlocal post
        post = _post(peer, await ours.run(ours.session.prepare(order())))

    async def place() -> None:
        market = await ours.instruments.get(SYMBOL)
        for _ in range(_CALLS):
            await ours.orders.place(market, side="BUY", price="0.50", quantity=10, confirm=False)

    async def send() -> None:
        for _ in range(_CALLS):
            await ours.send(order())

    async def bare() -> None:
        for _ in range(_CALLS):
            (await post()).raise_for_status()

    async def closed() -> None:
        await ours.aclose()
        await peer.aclose()

    ours, peer = async_client(server), httpx.AsyncClient()
    post: partial = partial(peer.get, server.url)
    runner.run(opened())
    cases = {"orders.place": place, "send": send, "bare": bare}
    blocking = {name: partial(lambda case: runner.run(case()), case) for name, case in cases.items()}
    _compare(report, "async", blocking, "httpx.AsyncClient.post")
    runner.run(closed())


def _post(peer: httpx.Client | httpx.AsyncClient, request: Request) -> partial:
    """Post what our client would send, to the byte."""
    return partial(peer.post, request.url, content=request.body, headers=dict(request.headers))


def _compare(report: Report, colour: str, cases: dict[str, Callable[[], object]], name: str) -> None:
    found = alternate(cases, rounds=report.rounds(15))
    each = {case: f"{found.median(case) / _CALLS * 1e6:.0f} us CPU" for case in cases}
    for case in ("orders.place", "send"):
        report.ratio(
            f"place: {colour} {case}",
            found.ratios(case, "bare"),
            ours=each[case],
            against=f"{name} {each['bare']}",
            at_most=1.1,
        )
