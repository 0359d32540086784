"""The benchmarks of trading run to their end without the clients of others, and count right."""

from __future__ import annotations

import gc
import io
import json
import shutil
import sys
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

harness = pytest.importorskip("benchmarks.harness")
pytest.importorskip("coincurve")

SMALL: dict[str, dict[str, int]] = {
    "clob_sign": {"_TIMES": 20},
    "clob_auth": {"_L1": 20, "_L2": 20},
    "clob_post": {"_ONE_BY_ONE": 10, "_IN_FLIGHT": 640},
    "clob_many": {},
    "clob_threads": {"_ORDERS": 160},
    "book": {"_CHANGES": 200, "_REPLACED": 10, "_BOOKS": 3},
    "ws_decode": {"_MESSAGES": 100},
    "grpc_stream": {"_MESSAGES": 100},
    "polysim_place": {"_TIMES": 50},
    "polysim_read": {"_TIMES": 1},
    "limiter": {"_TIMES": 100},
}
GOALS = {
    "clob_sign": {
        "sign: OrderSigner alone, to a bare signature",
        "sign: create_order, to a bare signature",
    },
    "clob_auth": {"auth: L2 headers, to their HMAC alone"},
    "clob_post": set(),
    "clob_many": {"many: batches, an order of 50 to one of 20"},
    "book": {"book: a change and the best prices", "book: 1,000 levels to 20"},
    "ws_decode": set(),
    "grpc_stream": {"grpc: handed out, to bare grpc.aio", "grpc: in books, to grpc.aio + all levels read"},
    "clob_threads": {
        "threads: orders lost from 16 threads, 100 connections",
        "threads: orders lost from 16 threads, 8 connections",
    },
    "polysim_place": {
        f"polysim: {way}, {case}, CPU"
        for way in ("in clear", "TLS")
        for case in ("one by one", "async, one by one")
    },
    "polysim_read": set(),
    "limiter": {
        f"limiter: a place, {where}, 99 of 100"
        for where in ("memory", "SQLite", *(("Redis",) if shutil.which("redis-server") else ()))
    },
}


@pytest.fixture(scope="module", autouse=True)
def _less_to_look_through() -> None:
    """Leave what other tests of this process made out of the many collections of garbage of a benchmark."""
    gc.collect()
    gc.freeze()


@pytest.mark.parametrize("name", SMALL)
def test_they_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes its measurements, of orders that are all accepted, and holds them to its goals."""
    module = import_module(f"benchmarks.bench_{name}")
    for constant, value in SMALL[name].items():
        monkeypatch.setattr(module, constant, value)
    if name == "clob_many":
        monkeypatch.setattr(module, "_COUNTS", (1, 20, 50))
    monkeypatch.setattr(harness.Report, "rounds", lambda *_: 1)
    report = harness.Report(quick=True, peers=False)
    module.run(report)
    assert {row.name for row in report.rows if row.met is not None} == GOALS[name]
    assert all(row.ratio is None or row.ratio > 0 for row in report.rows)
    if name == "clob_threads":
        assert report.missed == []


def test_rounds_turn() -> None:
    """Every case has one go a round, each round begins with another, and the first round is not counted."""
    went: list[str] = []

    def case(name: str) -> Any:
        def go() -> Any:
            went.append(name)
            return harness.Spent(cpu=1.0, wall=float(len(went)))

        return go

    found = harness.rotate({name: case(name) for name in "abc"}, rounds=3)
    assert "".join(went) == "cabcab"[:3] + "abcbcacab"
    assert found["cpu"].rounds == {name: [1.0] * 3 for name in "abc"}
    assert found["wall"].rounds["a"] == [4.0, 9.0, 11.0]
    assert found["wall"].ratios("b", "a") == [5 / 4, 7 / 9, 12 / 11]


def test_what_each_took() -> None:
    """What many together took is divided by how many they were; waiting is no CPU time."""
    went: list[None] = []
    spent = harness.repeated(lambda: went.append(time.sleep(0.02)), 3, each=2)()
    assert len(went) == 3
    assert 0.01 <= spent.wall < 0.015 + 0.05
    assert spent.cpu < spent.wall / 2


class Peer:
    """A client that loses every third order."""

    def __init__(self) -> None:
        self.placed = 0
        self.batches: list[int] = []

    def place(self) -> None:
        """Place an order, or fail."""
        self.placed += 1
        if self.placed % 3 == 0:
            raise ConnectionError

    def place_many(self, count: int) -> None:
        """Place a batch."""
        self.batches.append(count)

    def create(self) -> None:
        """Make an order."""
        self.placed += 1


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a worker that answers commands about a client that is none of the venue's."""
    worker = import_module("benchmarks.clob_worker")
    made = Peer()
    monkeypatch.setitem(worker._PEERS, "peer", lambda *_: made)

    def ask(*commands: dict[str, Any]) -> list[Any]:
        out = io.StringIO()
        monkeypatch.setattr(sys, "argv", ["", "peer", "", ""])
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(json.dumps(each) + "\n" for each in commands)))
        monkeypatch.setattr(sys, "stdout", out)
        worker.main()
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return SimpleNamespace(ask=ask, made=made)


def test_workers_do_as_told(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does what it is told as often as it is told, and counts what was lost by its kind."""
    monkeypatch.setattr("logging.disable", lambda _: None)
    ready, made, batches, threads = peer.ask(
        {"do": "create", "times": 4},
        {"do": "batches", "times": 1, "count": 37},
        {"do": "threads", "times": 6, "threads": 2},
    )
    assert ready == {"ready": "peer"}
    assert peer.made.batches == [15, 15, 7]
    # four were made, one placed ahead of the threads
    assert threads["failed"] == {"ConnectionError": 2}
    assert peer.made.placed == 4 + 1 + 6
    assert all(len(each["spent"]) == 2 for each in (made, batches, threads))
