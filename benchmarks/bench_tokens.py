"""How many tokens are asked for, and how many signatures made, when everybody needs one at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from attrs import evolve

from benchmarks.harness import Report
from benchmarks.server import Server, running
from benchmarks.venue import async_client, client, credentials, order
from polyspec.us.auth import PrivateKeyJwt

_TASKS = 1000
_THREADS = 200


def run(report: Report) -> None:
    """Count; nothing is timed. The token endpoint takes a while, so that all callers meet in the wait."""
    with running(token_delay=0.2) as server:
        _count(report, server, f"{_TASKS} tasks", _tasks)
        _count(report, server, f"{_THREADS} threads", _threads)


def _count(report: Report, server: Server, who: str, call: Callable[[Server, PrivateKeyJwt], None]) -> None:
    signed: list[int] = []
    key = credentials(server)
    sign = key._sign  # noqa: SLF001 - counted, not used

    def counting(data: bytes) -> bytes:
        signed.append(threading.get_ident())
        return sign(data)

    before = server.counts()
    call(server, evolve(key, sign=counting))
    after = server.counts()
    tokens, orders = (
        after.get(path, 0) - before.get(path, 0) for path in ("/oauth/token", "/v1/trading/orders")
    )
    against = f"for {orders:,} orders"
    report.fact(f"tokens: requests by {who}", str(tokens), against=against, goal="1", met=tokens == 1)
    report.fact(
        f"tokens: signatures by {who}", str(len(signed)), against=against, goal="1", met=len(signed) == 1
    )


def _tasks(server: Server, key: PrivateKeyJwt) -> None:
    async def main() -> None:
        async with async_client(server, key) as ours:
            await asyncio.gather(*(ours.send(order()) for _ in range(_TASKS)))

    asyncio.run(main())


def _threads(server: Server, key: PrivateKeyJwt) -> None:
    failed: list[BaseException] = []
    together = threading.Barrier(_THREADS)

    def one() -> None:
        together.wait()
        try:
            ours.send(order())
        except Exception as error:
            failed.append(error)

    with client(server, key) as ours:
        threads = [threading.Thread(target=one) for _ in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]
