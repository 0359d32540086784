"""A thousand orders from 16 threads over TLS, through one client: how many are lost.

The server offers HTTP/2, as the venue does. The peers take it, and their one connection for all threads does
not hold; an order that is lost so may have reached the venue all the same.
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from benchmarks.clob_ours import ORDER, client
from benchmarks.clob_server import Address, running
from benchmarks.harness import Report
from benchmarks.peers import UNIFIED, V2, opened

_ORDERS, _THREADS = 1_000, 16


def run(report: Report) -> None:
    """Count failures; which of the peers' signatures are quick makes a difference to when they collide."""
    orders = _ORDERS // (5 if report.quick else 1)
    with tempfile.TemporaryDirectory() as folder:
        with running(Path(folder), http2=report.peers) as server:
            for connections in (100, _THREADS // 2):
                failed = _ours(server, orders, connections)
                report.fact(
                    f"threads: orders lost from {_THREADS} threads, {connections} connections",
                    str(len(failed)),
                    against=f"of {orders:,}",
                    goal="0",
                    met=not failed,
                )
            with opened(report, V2 + UNIFIED, server) as workers:
                for worker in workers:
                    told = worker.ask("threads", times=orders, threads=_THREADS)["failed"]
                    kinds = ", ".join(f"{count} {kind}" for kind, count in told.items())
                    lost = f"{worker.rival}: {sum(told.values())} of {orders:,}"
                    report.fact("threads: orders lost by", lost, against=kinds)


def _ours(server: Address, orders: int, connections: int) -> list[BaseException]:
    failed: list[BaseException] = []

    def work() -> None:
        for _ in range(orders // _THREADS):
            try:
                ours.post_order(ours.create_order(**ORDER)).unwrap()
            except Exception as error:
                failed.append(error)

    with client(server, connections=connections) as ours:
        threads = [threading.Thread(target=work) for _ in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return failed
