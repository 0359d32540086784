"""What one small POST costs over connections of our own, against bare ones, our httpx path and stock httpx.

All clients send the same 750 bytes with the same headers to the same server, which has a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx

from benchmarks.harness import Clock, Measured, Report, alternate
from polyspec.core.effects import Request, Timeouts
from polyspec.io.http import Http
from polyspec.io.http_async import AsyncHttp
from polyspec.io.options import HttpOptions

_BODY = (
    json.dumps(
        {
            "order": {"salt": 1234567890, "signature": "0x" + "ab" * 65, "tokenId": "7" * 77},
            "owner": "x" * 400,
        }
    )
    .encode()[:750]
    .ljust(750)
)
_HEADERS = (
    ("accept", "application/json"),
    ("accept-encoding", "gzip"),
    ("user-agent", "polyspec"),
    ("content-type", "application/json"),
    ("POLY_ADDRESS", "0x" + "22" * 20),
    ("POLY_SIGNATURE", "A" * 44),
    ("POLY_TIMESTAMP", "1763700000"),
    ("POLY_API_KEY", "00000000-0000-0000-0000-000000000000"),
    ("POLY_PASSPHRASE", "a" * 64),
)
_ANSWER = json.dumps(
    {"errorMsg": "", "orderID": "0x" + "b8" * 32, "takingAmount": "", "makingAmount": "", "status": "live"}
).encode()
_HEAD = (
    b"HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Connection: keep-alive\r\nServer: venue\r\nX-Request-Id: 4bf92f3577b34da6a3ce929d0e0e4736\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_ANSWER)
)
Call: TypeAlias = Callable[[], Awaitable[Any]]

_CALLS = 300
_TIMES = Timeouts(connect=3.0, write=5.0, read=15.0, total=15.0)


class _Answering(asyncio.Protocol):
    """Answers every complete request with the same bytes."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data
        head = buffer.find(b"\r\n\r\n")
        if head >= 0 and len(buffer) >= head + 4 + len(_BODY):
            self._buffer = b""
            self._transport.write(_HEAD + _ANSWER)


@contextlib.contextmanager
def _running() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.bench_lean"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def _request(url: str) -> Request:
    """Lay out as core does for each order: nothing but the names is the same twice."""
    return Request("POST", f"{url}/order", _HEADERS, _BODY, _TIMES, lane="write")


def _bytes(url: str) -> bytes:
    lines = [
        "POST /order HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        *(f"{name}: {value}" for name, value in _HEADERS),
        f"Content-Length: {len(_BODY)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + _BODY


class _Bare(asyncio.Protocol):
    """The least an asyncio client can do: ready bytes out, the end of the answer found, its body back."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        head = buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        start = buffer.index(b"Content-Length: ") + 16
        if len(buffer) >= head + 4 + int(buffer[start : buffer.index(b"\r\n", start)]):
            self._buffer = b""
            self._answer.set_result(buffer[head + 4 :])

    def ask(self, data: bytes) -> asyncio.Future[bytes]:
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return self._answer


def _bare_async(url: str) -> Call:
    where, data, idle = urlsplit(url), _bytes(url), list[_Bare]()

    async def call() -> bytes:
        loop = asyncio.get_running_loop()
        line = idle.pop() if idle else (await loop.create_connection(_Bare, where.hostname, where.port))[1]
        answer = await line.ask(data)
        idle.append(line)
        return answer

    return call


def _bare(url: str) -> Callable[[], bytes]:
    where, data = urlsplit(url), _bytes(url)
    opened = socket.create_connection((where.hostname, where.port))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> bytes:
        opened.sendall(data)
        buffer = b""
        while (end := buffer.find(b"\r\n\r\n") + 4) == 3 or len(buffer) < end + len(_ANSWER):
            buffer += opened.recv(65_536)
        return buffer[end:]

    return call


def run(report: Report) -> None:
    """Compare one by one, in both colours, and many at once."""
    with _running() as url:
        _one_by_one(report, url)
        with asyncio.Runner() as runner:
            _one_by_one_async(report, url, runner)
            _at_once(report, url, runner)


def _one_by_one(report: Report, url: str) -> None:
    ours, through, stock = Http(HttpOptions()), Http(HttpOptions(lean=False)), httpx.Client()
    calls: dict[str, Callable[[], object]] = {
        "lean": lambda: ours.send(_request(url)),
        "httpx path": lambda: through.send(_request(url)),
        "httpx.Client": lambda: stock.post(f"{url}/order", content=_BODY, headers=dict(_HEADERS)),
        "bare socket": _bare(url),
    }

    def several(call: Callable[[], object]) -> None:
        for _ in range(_CALLS):
            call()

    cases = {name: partial(several, call) for name, call in calls.items()}
    _compare(report, "sync", cases, {"bare socket": None, "httpx path": None, "httpx.Client": 8.0})
    for client in (ours, through, stock):
        client.close()


def _one_by_one_async(report: Report, url: str, runner: asyncio.Runner) -> None:
    ours, through = AsyncHttp(HttpOptions()), AsyncHttp(HttpOptions(lean=False))
    stock = httpx.AsyncClient()
    calls: dict[str, Call] = {
        "lean": lambda: ours.send(_request(url)),
        "httpx path": lambda: through.send(_request(url)),
        "httpx.AsyncClient": lambda: stock.post(f"{url}/order", content=_BODY, headers=dict(_HEADERS)),
        "bare protocol": _bare_async(url),
    }

    async def several(call: Call) -> None:
        for _ in range(_CALLS):
            await call()

    cases = {name: partial(lambda call: runner.run(several(call)), call) for name, call in calls.items()}
    _compare(report, "async", cases, {"bare protocol": 1.6, "httpx path": None, "httpx.AsyncClient": 12.0})
    for client in (ours, through, stock):
        runner.run(client.aclose())


def _compare(
    report: Report, colour: str, cases: dict[str, Callable[[], None]], goals: dict[str, float | None]
) -> None:
    """Report how many times the CPU, and the time, of others ours takes; for those below, how many less."""
    for clock in ("cpu", "wall"):
        found = alternate(cases, rounds=report.rounds(15), clock=clock)
        each = {case: f"{found.median(case) / _CALLS * 1e6:.0f} us {clock.upper()}" for case in cases}
        for other, goal in goals.items():
            bare, goal = other.startswith("bare"), goal if clock == "cpu" else None
            report.ratio(
                f"lean: {colour}, 1 in flight, {'over' if bare else 'under'} {other}",
                found.ratios("lean", other) if bare else found.ratios(other, "lean"),
                ours=each["lean"],
                against=f"{other} {each[other]}",
                at_most=goal if bare else None,
                at_least=None if bare else goal,
            )


def _at_once(report: Report, url: str, runner: asyncio.Runner) -> None:
    ours, through = AsyncHttp(HttpOptions()), AsyncHttp(HttpOptions(lean=False))
    stock = httpx.AsyncClient()

    async def several(call: Call, width: int, calls: int) -> None:
        left = [None] * calls

        async def work() -> None:
            while left:
                left.pop()
                await call()

        await asyncio.gather(*(work() for _ in range(width)))

    post: Call = lambda: stock.post(f"{url}/order", content=_BODY, headers=dict(_HEADERS))  # noqa: E731
    calls: dict[str, tuple[Call, int, int]] = {
        **{f"lean {width}": (lambda: ours.send(_request(url)), width, 4096) for width in (16, 64, 256)},
        "bare 64": (_bare_async(url), 64, 4096),
        "httpx path 64": (lambda: through.send(_request(url)), 64, 512),
        # its pool gets slower with every request that waits, so it is given few
        "httpx.AsyncClient 64": (post, 64, 128),
    }
    cases = {name: partial(lambda case: runner.run(several(*case)), case) for name, case in calls.items()}
    for clock in ("cpu", "wall"):
        found = alternate(cases, rounds=report.rounds(9), clock=clock)
        _show(report, found, {name: count for name, (_, _, count) in calls.items()}, clock)
    for client in (ours, through, stock):
        runner.run(client.aclose())


def _show(report: Report, found: Measured, counts: dict[str, int], clock: Clock) -> None:
    def each(name: str) -> str:
        return f"{found.median(name) / counts[name] * 1e6:.0f} us {clock.upper()}"

    def ratios(above: str, below: str) -> list[float]:
        return [ratio * counts[below] / counts[above] for ratio in found.ratios(above, below)]

    for other, goal in (("httpx path 64", None), ("httpx.AsyncClient 64", 35.0)):
        report.ratio(
            f"lean: 64 in flight, under {other.removesuffix(' 64')}",
            ratios(other, "lean 64"),
            ours=each("lean 64"),
            against=f"{other} {each(other)}",
            at_least=goal if clock == "wall" else None,
        )
    report.ratio(
        "lean: 64 in flight, over bare protocol",
        ratios("lean 64", "bare 64"),
        ours=each("lean 64"),
        against=f"bare 64 {each('bare 64')}",
    )
    for below in ("lean 16", "lean 64"):
        report.ratio(
            f"lean: 256 in flight against {below.removeprefix('lean ')}",
            ratios(below, "lean 256"),
            ours=each("lean 256"),
            against=f"{below} {each(below)}",
            at_least=0.9 if clock == "wall" else None,
        )


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve())
