"""One order of PolySimulator from its price to the venue's answer: checked, written, sent, read.

The server is a process of its own on loopback and fills every order alike. Ours is measured as it comes -
with its pace, and one write of an account at a time - and with both off; the plan that the server tells of
allows more than anybody can send, so the pace costs what it costs and never holds back. The venue's SDK
leaves 50 ms between two requests, which are taken off for the comparison; as it comes it is shown too. The
floor is httpx that posts the same bytes and reads nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.harness import Clock, Measured, Report, Spent, repeated, rotate
from benchmarks.peers import POLYSIM, Worker, opened
from benchmarks.polysim_ours import ORDER, async_client, client, request
from benchmarks.polysim_server import Address, running
from benchmarks.polysim_terms import WIDTH
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient

_TIMES, _AT_ITS_PACE = 200, 10

_BLOCKING, _ALONE, _FLOOR = "one by one", "one by one, unpaced", "httpx alone"
_ASYNC, _ASYNC_FLOOR = "async, one by one", "httpx alone, async"
_AT_ONCE = f"async, {WIDTH} in flight, unpaced"
_SDK, _AS_IT_COMES = "the venue's SDK", "the venue's SDK as it comes"
_SDK_ASYNC, _SDK_AT_ONCE = f"{_SDK}, async", f"{_SDK}, async, {WIDTH} in flight"
# what is compared to what, and how many times less CPU it is to take: what a machine shared with others
# makes of wall time says little where one process waits for another
_AGAINST = (
    (_BLOCKING, _SDK, 2.0),
    (_ALONE, _SDK, 2.0),
    (_BLOCKING, _AS_IT_COMES, None),
    (_ASYNC, _SDK_ASYNC, 4.0),
    (_AT_ONCE, _SDK_AT_ONCE, 6.0),
    (_BLOCKING, _FLOOR, 1.5),
    (_ALONE, _FLOOR, None),
    (_ASYNC, _ASYNC_FLOOR, 3.0),
)

_Cases = dict[str, Callable[[], Spent]]


def run(report: Report) -> None:
    """Compare wall time, as orders a second, and what CPU the client takes."""
    with running() as server:
        _compare(report, server, "in clear")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        _compare(report, server, "TLS")


def _compare(report: Report, server: Address, way: str) -> None:
    times = _TIMES // 5 if report.quick else _TIMES
    with (
        opened(report, (POLYSIM,), server) as workers,
        _blocking(server, times) as blocking,
        _asynchronous(server, times) as asynchronous,
    ):
        cases = blocking | asynchronous
        for worker in workers:
            cases |= _theirs(worker, times)
        found = rotate(cases, rounds=report.rounds(15))
    _show(report, found, way)


@contextlib.contextmanager
def _blocking(server: Address, times: int) -> Iterator[_Cases]:
    with (
        client(server, defaults=True) as ours,
        client(server, defaults=False) as alone,
        httpx.Client(verify=_verify(server)) as peer,
    ):
        sent = request(alone)
        headers = dict(sent.headers)
        yield {
            _BLOCKING: repeated(lambda: ours.orders.place(**ORDER).unwrap(), times),
            _ALONE: repeated(lambda: alone.orders.place(**ORDER).unwrap(), times),
            _FLOOR: repeated(
                lambda: peer.post(sent.url, content=sent.body, headers=headers).raise_for_status(), times
            ),
        }


@contextlib.contextmanager
def _asynchronous(server: Address, times: int) -> Iterator[_Cases]:
    ours, alone = async_client(server, defaults=True), async_client(server, defaults=False)
    peer = httpx.AsyncClient(verify=_verify(server))
    with client(server, defaults=False) as twin:
        sent = request(twin)
    headers = dict(sent.headers)

    async def bare() -> None:
        for _ in range(times):
            (await peer.post(sent.url, content=sent.body, headers=headers)).raise_for_status()

    with asyncio.Runner() as runner:

        def many(made: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], Spent]:
            return repeated(lambda: runner.run(made()), 1, each=times)

        yield {
            _ASYNC: many(lambda: _placed(ours, times)),
            _AT_ONCE: many(lambda: _at_once(alone, times)),
            _ASYNC_FLOOR: many(bare),
        }
        for each in (ours, alone, peer):
            runner.run(each.aclose())


async def _placed(ours: AsyncPolySimulatorClient, times: int) -> None:
    for _ in range(times):
        (await ours.orders.place(**ORDER)).unwrap()


async def _at_once(ours: AsyncPolySimulatorClient, times: int) -> None:
    await asyncio.gather(*(_placed(ours, times // WIDTH) for _ in range(WIDTH)))


def _theirs(worker: Worker, times: int) -> _Cases:
    return {
        _SDK: worker.case("place", times=times),
        _AS_IT_COMES: worker.case("place_as_installed", times=_AT_ITS_PACE),
        _SDK_ASYNC: worker.case("place_in_turn", times=1, count=times),
        _SDK_AT_ONCE: worker.case("place_at_once", times=1, count=times),
    }


def _verify(server: Address) -> ssl.SSLContext | bool:
    return True if server.ca is None else ssl.create_default_context(cafile=str(server.ca))


def _show(report: Report, found: dict[Clock, Measured], way: str) -> None:
    wall, cpu = found["wall"], found["cpu"]
    rate = {case: f"{1 / wall.median(case):,.0f}/s" for case in wall.rounds}
    burnt = {case: f"{cpu.median(case) * 1e6:,.0f} us CPU" for case in cpu.rounds}
    for case in rate:
        report.fact(f"polysim: {way}, {case}", rate[case], against=burnt[case])
    for case, other, least in _AGAINST:
        if other not in rate:
            continue
        told = f"polysim: {way}, {case}"
        report.ratio(told, wall.ratios(other, case), ours=rate[case], against=f"{other} {rate[other]}")
        report.ratio(
            f"{told}, CPU",
            cpu.ratios(other, case),
            ours=burnt[case],
            against=f"{other} {burnt[other]}",
            at_least=least,
        )
