"""Orders per second of the CLOB's engine, by the number of resting orders.

    python benchmarks/bench_clob_engine.py [--resting 10 1000 100000] [--seconds 1.0]

Each figure is the best of three runs. `rest+cancel` enters passive orders of both outcomes and cancels
them, `match` takes five shares from a resting order, of the same outcome or by minting in turn; both
leave the number of resting orders unchanged. `journal` is `rest+cancel` with every command committed to
disk first.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from polyspec.sandbox.clob.engine import ClobExchange, JournaledClob
from polyspec.sandbox.clob.engine import types as t

Apply = Callable[[t.Command, int], object]
MARKET, YES, NO = "0xc0", "1", "2"
MAKERS = 10


def fund(apply: Apply) -> None:
    """List a market with ten makers and a taker, all rich."""
    fees = t.FeeSchedule(rate=70_000)
    apply(
        t.AddMarket(market=t.MarketTerms(condition_id=MARKET, token_ids=(YES, NO), tick=1_000, fees=fees)), 1
    )
    for wallet in [f"maker{index}" for index in range(MAKERS)] + ["taker"]:
        apply(t.Deposit(wallet=wallet, amount=10**20), 1)
        apply(t.SetAllowance(wallet=wallet, spender="exchange", amount=t.UNLIMITED), 1)
        apply(t.SetApproval(wallet=wallet, spender="exchange"), 1)
        apply(t.Split(wallet=wallet, condition_id=MARKET, amount=10**19), 1)


def order(wallet: str, token: str, side: t.Side, price: int, shares: int, order_id: str) -> t.PlaceOrder:
    """Return a limit order; price in thousandths."""
    money = shares * price // 1000
    maker, taker = (money, shares) if side is t.Side.BUY else (shares, money)
    return t.PlaceOrder(
        order_id=order_id,
        owner=wallet,
        wallet=wallet,
        token_id=token,
        side=side,
        maker_amount=maker,
        taker_amount=taker,
    )


def fill_book(apply: Apply, resting: int) -> None:
    """Rest orders of both outcomes on both sides, spread over 200 prices each."""
    for index in range(resting):
        off, wallet = index // 4 % 200, f"maker{index % MAKERS}"
        token, side, price = (
            (YES, t.Side.BUY, 499 - off),
            (YES, t.Side.SELL, 501 + off),
            (NO, t.Side.SELL, 501 + off),
            (NO, t.Side.BUY, 499 - off),
        )[index % 4]
        apply(order(wallet, token, side, price, 10**13, f"r{index}"), 1)


def rest_and_cancel(apply: Apply, seconds: float) -> float:
    """Return operations per second of entering passive orders and canceling them."""
    done, start = 0, perf_counter()
    while (elapsed := perf_counter() - start) < seconds:
        for price in range(400, 500, 5):
            done += 1
            order_id = f"b{done}-{start}"
            apply(order("maker0", YES if done % 2 else NO, t.Side.BUY, price, 10 * t.ONE, order_id), 2)
            apply(t.CancelOrders(owner="maker0", order_ids=(order_id,)), 2)
    return 2 * done / elapsed


def match(apply: Apply, seconds: float) -> float:
    """Return operations per second of taking from a resting order."""
    done, start = 0, perf_counter()
    while (elapsed := perf_counter() - start) < seconds:
        for token, side, price in ((YES, t.Side.BUY, 501), (YES, t.Side.SELL, 499)) * 10:
            done += 1
            apply(order("taker", token, side, price, 5 * t.ONE, f"m{done}-{start}"), 3)
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
        exchange = ClobExchange()
        fund(exchange.apply)
        fill_book(exchange.apply, resting)
        passive = max(rest_and_cancel(exchange.apply, options.seconds) for _ in range(3))
        active = max(match(exchange.apply, options.seconds) for _ in range(3))
        with (
            tempfile.TemporaryDirectory() as folder,
            JournaledClob.open(Path(folder) / "j.db") as durable,
        ):
            fund(durable.apply)
            fill_book(durable.exchange.apply, resting)
            committed = rest_and_cancel(durable.apply, options.seconds)
        print(f"{resting:>8} {passive:>14,.0f} {active:>10,.0f} {committed:>10,.0f}", flush=True)


if __name__ == "__main__":
    main()
