"""What a stream costs: received, decoded, applied to books and handed out, against receiving and decoding."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import msgspec
from polyspec_wire.clob import models as wire
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.harness import Report, repeated, rotate
from benchmarks.peers import Rival, opened
from benchmarks.serving import Address
from benchmarks.ws_terms import MARKET, START, TOKENS
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.core.streams.events import Message

_MESSAGES = 20_000
_BURST = 32

CLIENT = Rival("polymarket-client", coincurve=False, worker="ws_worker")


def run(report: Report) -> None:
    """Receive the same messages in several ways, each process counting its own CPU."""
    with (
        _server() as url,
        opened(report, (CLIENT,), Address(url, None)) as rivals,
        asyncio.Runner() as runner,
    ):
        decoder = msgspec.json.Decoder(wire.MarketEvent)
        client = AsyncClobClient(settings=ClobSettings(streams=url))
        ways: dict[str, Callable[[], object]] = {
            "received": lambda: runner.run(_bare(url, None)),
            "decoded": lambda: runner.run(_bare(url, decoder)),
            "plain": lambda: runner.run(_loads(url)),
            "ours": lambda: runner.run(_ours(client)),
        }
        cases = {name: repeated(way, 1, each=_MESSAGES) for name, way in ways.items()}
        for rival in rivals:
            cases["rival"] = rival.case("receive", times=1, count=_MESSAGES)
        found = rotate(cases, rounds=report.rounds(12))["cpu"]
        runner.run(client.aclose())
    cost = {name: f"{found.median(name) * 1e6:.1f} us" for name in cases}
    for name, what in (
        ("received", "websockets, not decoded"),
        ("decoded", "websockets + msgspec, typed"),
        ("plain", "websockets + json.loads"),
    ):
        report.ratio(
            f"ws: decoded, applied and handed out, to {what}",
            found.ratios("ours", name),
            ours=cost["ours"],
            against=cost[name],
        )
    if "rival" in cases:
        report.ratio(
            f"ws: {CLIENT}, to ours with books",
            found.ratios("rival", "ours"),
            ours=cost["ours"],
            against=cost["rival"],
            at_least=3.5,
        )


async def _bare(url: str, decoder: Any) -> object:
    told: object = None
    async with connect(f"{url}/market", compression=None, ping_interval=None, max_size=None) as socket:
        await socket.send("{}")
        await socket.recv(decode=False)
        for _ in range(_MESSAGES):
            told = await socket.recv(decode=False)
            if decoder is not None:
                told = decoder.decode(told)
    return told


async def _loads(url: str) -> object:
    told: object = None
    async with connect(f"{url}/market", ping_interval=None, max_size=None) as socket:
        await socket.send("{}")
        await socket.recv()
        for _ in range(_MESSAGES):
            told = json.loads(await socket.recv())
    return told


async def _ours(client: AsyncClobClient) -> object:
    async with client.stream.market(TOKENS) as stream:
        left = _MESSAGES + len(TOKENS)
        async for event in stream:
            if isinstance(event, Message):
                left -= 1
                if not left:
                    break
        assert all(book.trusted for book in stream.books.values()), stream.books
    return left


def _frames(count: int) -> list[str]:
    return [
        msgspec.json.encode(
            {
                "market": MARKET,
                "price_changes": [
                    {
                        "asset_id": token, "price": price, "size": str(number % 900 + 1), "side": side,
                        "hash": "3c" * 20, "best_bid": "0.45", "best_ask": "0.55",
                    }
                    for token, side, price in (
                        (TOKENS[0], "BUY", f"0.{number % 30 + 11}"),
                        (TOKENS[1], "SELL", f"0.{89 - number % 30}"),
                    )
                ],
                "timestamp": str(START + number),
                "event_type": "price_change",
            }
        ).decode()
        for number in range(count)
    ]  # fmt: skip


def _books() -> str:
    book = {
        "market": MARKET, "timestamp": str(START), "hash": "", "event_type": "book", "tick_size": "0.01",
        "bids": [{"price": "0.45", "size": "10"}], "asks": [{"price": "0.55", "size": "10"}],
    }  # fmt: skip
    return msgspec.json.encode([book | {"asset_id": token} for token in TOKENS]).decode()


def _serve(pipe: Connection, count: int) -> None:
    frames, books = _frames(count), _books()

    async def tell(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(books)
        for start in range(0, len(frames), _BURST):
            # all of a burst in one write
            for each in frames[start : start + _BURST]:
                socket.protocol.send_text(each.encode())
            socket.transport.write(b"".join(socket.protocol.data_to_send()))
            await asyncio.sleep(0)
        await socket.wait_closed()

    async def main() -> None:
        async with serve(tell, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def _server() -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, _MESSAGES), daemon=True)
    process.start()
    try:
        yield f"ws://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()
