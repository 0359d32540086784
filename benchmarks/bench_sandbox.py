"""Orders a second of the sandbox, inside the engine and over HTTP, by how many rest in the book.

The book may hold ten orders or a hundred thousand: entering, matching and canceling must cost the same.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.bench_engine import fill_book, fund, order
from benchmarks.harness import Clock, Report, alternate
from polyspec.sandbox import Sandbox
from polyspec.sandbox.engine import Exchange
from polyspec.sandbox.engine import types as t
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client import UsExchangeClient
from polyspec.us.config import Settings, Surroundings

_RESTING = (10, 1_000, 100_000)
_STEPS = 2_000
_REQUESTS = 50
_MID = 500


def run(report: Report) -> None:
    """Compare CPU time in process and wall time over HTTP, where the work is done by another process."""
    exchanges = {resting: _filled(resting) for resting in _RESTING}
    for name, step in (("rest and cancel", _rest_and_cancel), ("match", _match)):
        cases = {resting: _case(step, exchange) for resting, exchange in exchanges.items()}
        _compare(report, f"sandbox: {name}", cases, _STEPS, clock="cpu", rounds=report.rounds(12))
    del exchanges
    with contextlib.ExitStack() as stack:
        over_http = {resting: stack.enter_context(_place_over_http(resting)) for resting in _RESTING}
        name = "sandbox: place and cancel over HTTP"
        _compare(report, name, over_http, 2 * _REQUESTS, clock="wall", rounds=report.rounds(12))


def _compare(
    report: Report,
    name: str,
    cases: Mapping[int, Callable[[], object]],
    operations: int,
    *,
    clock: Clock,
    rounds: int,
) -> None:
    found = alternate({str(resting): case for resting, case in cases.items()}, rounds=rounds, clock=clock)
    by_time = sorted(found.rounds, key=found.median)
    fastest, slowest = by_time[0], by_time[-1]
    rates = {resting: operations / found.median(resting) for resting in found.rounds}
    report.ratio(
        name,
        [statistics.median(found.rounds[fastest]) / seconds for seconds in found.rounds[slowest]],
        ours=f"{rates[slowest]:,.0f}/s at {int(slowest):,}",
        against=", ".join(f"{rates[key]:,.0f}/s at {int(key):,}" for key in rates if key != slowest),
        at_least=0.8,
    )


def _filled(resting: int) -> Exchange:
    exchange = Exchange()
    fund(exchange.apply)
    fill_book(exchange.apply, resting)
    return exchange


def _case(step: Callable[[Exchange, int], None], exchange: Exchange) -> Callable[[], None]:
    done = 0

    def many() -> None:
        nonlocal done
        while True:
            step(exchange, done)
            done += 1
            if done % _STEPS == 0:
                return

    return many


def _rest_and_cancel(exchange: Exchange, number: int) -> None:
    """Two orders make one step: the passive one on even numbers, its cancellation on odd ones."""
    name = f"b{number // 2}"
    if number % 2:
        exchange.apply(t.CancelOrder(participant="maker0", order_id=name), 2)
    else:
        exchange.apply(order("maker0", t.Side.BUY, 400 + number % 90, 100, name), 2)


def _match(exchange: Exchange, number: int) -> None:
    side, price = ((t.Side.BUY, _MID + 1), (t.Side.SELL, _MID - 1))[number % 2]
    exchange.apply(order("taker", side, price, 100), 3)


@contextlib.contextmanager
def _place_over_http(resting: int) -> Iterator[Callable[[], None]]:
    """Start a sandbox of its own and yield what places and cancels orders there, far from the market."""
    command = [sys.executable, "-m", "benchmarks.bench_sandbox", str(resting)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the sandbox did not start")
            with _client(line) as client:
                market = client.instruments.get(json.loads(line)["us_exchange"]["symbols"][0])

                def place() -> None:
                    for _ in range(_REQUESTS):
                        placed = client.orders.place(
                            market, side="BUY", price=market.tick, quantity=1, confirm=False
                        )
                        client.orders.cancel(placed)

                yield place
        finally:
            process.stdin.close()


def _client(line: str) -> UsExchangeClient:
    found = Surroundings.read({"POLYSPEC_SANDBOX": line})
    there = found.environment
    key = PrivateKeyJwt.from_file(
        found.private_key_path, client_id=found.client_id, token_url=there.token_url, audience=there.audience
    )
    return UsExchangeClient(
        key,
        there,
        participant_id=found.participant_id,
        account=found.account,
        settings=Settings(pacing=False),
    )


def _serve(resting: int) -> None:
    """Serve a sandbox whose first book holds so many orders, until stdin is closed."""
    with Sandbox(quiet=True, rate_limits=False) as sandbox:
        world = sandbox.us.world
        listing = world.listings[sandbox.us.symbols[0]]
        maker, middle, tick = world.maker, listing.price_scale // 2, listing.market.tick
        with world.lock:
            account = maker.accounts[0]
            sandbox.exchange.apply(t.Deposit(account=account, amount=10**20), world.clock.now_ns())
            for index in range(resting):
                side, away = (t.Side.BUY, -1) if index % 2 else (t.Side.SELL, 1)
                command = t.PlaceOrder(
                    participant=maker.name,
                    account=account,
                    symbol=listing.symbol,
                    side=side,
                    price=middle + away * tick * (1 + index // 2 % 200),
                    quantity=listing.quantity_scale,
                )
                sandbox.exchange.apply(command, world.clock.now_ns())
        line = sandbox.describe()
        line["us_exchange"] |= {"account": sandbox.us.account, "symbols": [listing.symbol]}
        print(json.dumps(line), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve a sandbox with a filled book.")
    parser.add_argument("resting", type=int)
    _serve(parser.parse_args().resting)
