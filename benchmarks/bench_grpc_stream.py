"""What a stream over gRPC costs: updates handed out and put into books, against bare grpc.aio."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import evolve
from grpc import aio

from benchmarks.grpc_server import LEVELS, SYMBOL, TALK
from benchmarks.harness import Report, repeated, rotate
from benchmarks.server import running
from benchmarks.venue import credentials, environment
from polyspec.core.streams.events import Message
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.protos import ours

_MESSAGES = 10_000
_ANOTHER = "tec-nfl-00002-2026-02-08"
"""A symbol nothing is told of: with it alone, what is told of others is handed out, and in no book."""


def run(report: Report) -> None:
    """Receive the same updates in several ways; CPU of this process alone, with all of its threads."""
    with _server() as target, running() as server, asyncio.Runner() as runner:
        client = AsyncUsExchangeClient(
            credentials(server), evolve(environment(server), grpc=target), protos=ours()
        )
        ways: dict[str, Callable[[], object]] = {
            "bare": lambda: runner.run(_bare(target, lambda _: None)),
            "read": lambda: runner.run(_bare(target, _levels)),
            "handed": lambda: runner.run(_handed(client, _ANOTHER)),
            "kept": lambda: runner.run(_handed(client, SYMBOL)),
        }
        cases = {name: repeated(way, 1, each=_MESSAGES) for name, way in ways.items()}
        found = rotate(cases, rounds=report.rounds(12))
        runner.run(client.aclose())
    for ours_, bare, goal, what in (
        ("handed", "bare", 1.1, "handed out, to bare grpc.aio"),
        ("kept", "bare", None, f"in books of {LEVELS} levels a side, to bare grpc.aio"),
        ("kept", "read", 1.1, "in books, to grpc.aio + all levels read"),
    ):
        report.ratio(
            f"grpc: {what}",
            found["cpu"].ratios(ours_, bare),
            ours=f"{found['cpu'].median(ours_) * 1e6:.1f} us",
            against=f"{found['cpu'].median(bare) * 1e6:.1f} us",
            at_most=goal,
        )
    for name, what in (("handed", "handed out"), ("kept", "in books"), ("bare", "bare grpc.aio")):
        report.fact(f"grpc: updates a second, {what}", f"{1 / found['wall'].median(name):,.0f}")


async def _bare(target: str, use: Callable[[Any], object]) -> object:
    rpc, kept = ours().rpc(*TALK), None
    request: Any = rpc.request(depth=LEVELS)
    request.subscribe.symbols.append(SYMBOL)
    async with aio.insecure_channel(target) as channel:
        call = channel.stream_stream(rpc.path, rpc.request.SerializeToString, rpc.response.FromString)()
        await call.write(request)
        # what is subscribed to comes first
        left = _MESSAGES + 1
        async for message in call:
            kept = use(message)
            left -= 1
            if not left:
                break
        call.cancel()
    return kept


def _levels(message: Any) -> object:
    """Read all levels, as whoever keeps a book has to."""
    update = message.update
    return {each.px: each.qty for each in update.bids}, {each.px: each.qty for each in update.offers}


async def _handed(client: AsyncUsExchangeClient, symbol: str) -> object:
    async with client.stream.market([symbol], depth=LEVELS) as stream:
        left = _MESSAGES
        async for event in stream:
            if isinstance(event, Message):
                left -= 1
                if not left:
                    break
        assert len(stream.books[symbol]) == (2 * LEVELS if symbol == SYMBOL else 0)
        assert stream.books[symbol].trusted == (symbol == SYMBOL)
    return left


@contextmanager
def _server() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.grpc_server", str(_MESSAGES)],
        cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
