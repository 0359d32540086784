"""Orders per second of the exchange engine, by the number of resting orders.

    python benchmarks/bench_engine.py [--resting 10 1000 100000] [--seconds 1.0]

Each figure is the best of three runs. `rest+cancel` enters a passive order and cancels it,
`match` takes one contract from a resting order; both leave the number of resting orders
unchanged. `journal` is `rest+cancel` with every command committed to disk first.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from polyspec.sandbox.engine import Exchange, JournaledExchange
from polyspec.sandbox.engine import types as t

Apply = Callable[[t.Command, int], object]
SYMBOL = "bench"
MAKERS = 10


def fund(apply: Apply) -> None:
    """List a market with ten makers and a taker, all rich."""
    market = t.MarketDefinition(
        symbol=SYMBOL, price_scale=1000, payout=1000, price_low=1, price_high=999, reference_price=500
    )
    apply(t.AddMarket(market=market, state=t.MarketState.OPEN), 1)
    for name in [f"maker{index}" for index in range(MAKERS)] + ["taker"]:
        apply(t.OpenAccount(account=name), 1)
        apply(t.AddParticipant(participant=name, accounts=(name,)), 1)
        apply(t.Deposit(account=name, amount=10**18), 1)


def order(who: str, side: t.Side, price: int, quantity: int, order_id: str = "") -> t.PlaceOrder:
    """Return a limit order."""
    return t.PlaceOrder(
        participant=who,
        account=who,
        symbol=SYMBOL,
        side=side,
        price=price,
        quantity=quantity,
        order_id=order_id,
    )


def fill_book(apply: Apply, resting: int) -> None:
    """Rest orders on both sides, spread over 200 prices each."""
    for index in range(resting):
        side, price = (
            (t.Side.BUY, 499 - index // 2 % 200) if index % 2 else (t.Side.SELL, 501 + index // 2 % 200)
        )
        apply(order(f"maker{index % MAKERS}", side, price, 10**9), 1)


def rest_and_cancel(apply: Apply, seconds: float) -> float:
    """Return operations per second of entering passive orders and canceling them."""
    done, start = 0, perf_counter()
    while (elapsed := perf_counter() - start) < seconds:
        for price in range(400, 500, 5):
            done += 1
            apply(order("maker0", t.Side.BUY, price, 100, f"b{done}-{start}"), 2)
            apply(t.CancelOrder(participant="maker0", order_id=f"b{done}-{start}"), 2)
    return 2 * done / elapsed


def match(apply: Apply, seconds: float) -> float:
    """Return operations per second of taking from a resting order."""
    done, start = 0, perf_counter()
    while (elapsed := perf_counter() - start) < seconds:
        for side, price in ((t.Side.BUY, 501), (t.Side.SELL, 499)) * 10:
            done += 1
            apply(order("taker", side, price, 100), 3)
    return done / elapsed


def main() -> None:
    """Print one line per number of resting orders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resting", type=int, nargs="*", default=[10, 1_000, 100_000])
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    print(f"{'resting':>8} {'rest+cancel/s':>14} {'match/s':>10} {'journal/s':>10}")
    for resting in options.resting:
        exchange = Exchange()
        fund(exchange.apply)
        fill_book(exchange.apply, resting)
        passive = max(rest_and_cancel(exchange.apply, options.seconds) for _ in range(3))
        active = max(match(exchange.apply, options.seconds) for _ in range(3))
        with (
            tempfile.TemporaryDirectory() as folder,
            JournaledExchange.open(Path(folder) / "j.db") as durable,
        ):
            fund(durable.apply)
            fill_book(durable.exchange.apply, resting)
            committed = rest_and_cancel(durable.apply, options.seconds)
        print(f"{resting:>8} {passive:>14,.0f} {active:>10,.0f} {committed:>10,.0f}", flush=True)


if __name__ == "__main__":
    main()
