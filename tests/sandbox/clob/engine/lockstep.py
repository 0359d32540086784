"""Engine and oracle side by side, compared after every command."""

from __future__ import annotations

from collections import Counter
from typing import Any

from polyspec.sandbox.clob.engine import ClobExchange
from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.flow import SPENDERS, START, WALLETS, Flow, opening
from tests.sandbox.clob.engine.naive import Board, Told
from tests.sandbox.clob.engine.oracle_world import World

Levels = dict[tuple[str, str, int], int]


def told(events: list[t.Event]) -> list[Told]:
    """Return what events say in the oracle's words."""
    return [line for event in events if (line := _line(event)) is not None]


def _line(event: t.Event) -> Told | None:
    match event:
        case t.OrderEvent():
            o = event.order
            step, status = str(event.step), str(o.status)
            return step, o.id, status, o.remaining, o.matched, o.spent, o.fee, o.builder_fee, o.text
        case t.OrderRejected():
            return "REJECTED", event.order_id, str(event.reason), event.text
        case t.Trade():
            made = tuple((m.order_id, m.matched, m.amount, m.builder_fee) for m in event.makers)
            start = ("TRADE", event.taker_order_id, event.size, event.amount, event.price)
            return *start, event.fee, event.builder_fee, event.bucket_index, made, str(event.status)
        case t.CancelResult():
            return "CANCELS", event.canceled, event.not_canceled
        case t.CommandRefused():
            return "REFUSED", event.command
        case _:
            return None


def follow(levels: Levels, events: list[t.Event]) -> None:
    """Keep a copy of all books from level changes alone."""
    for event in events:
        if isinstance(event, t.LevelChange):
            key = event.condition_id, str(event.side), event.price
            levels.pop(key, None)
            if event.size:
                levels[key] = event.size


def compare_book(exchange: ClobExchange, world: World, board: Board, levels: Levels) -> None:
    """Require the same book on both sides, from both outcomes, and in the copy."""
    first, second = (exchange.book(token) for token in board.tokens)
    assert first is not None
    assert second is not None
    bids, asks = ([(e.price, e.size) for e in side] for side in (first.bids, first.asks))
    assert (bids, asks) == (world.levels(board, "BUY"), world.levels(board, "SELL"))
    assert [(t.ONE - e.price, e.size, e.orders) for e in second.asks] == [
        (e.price, e.size, e.orders) for e in first.bids
    ]
    assert [t.ONE - e.price for e in second.bids] == [e.price for e in first.asks]
    copied = {key[1:]: size for key, size in levels.items() if key[0] == board.name}
    assert copied == {("BUY", p): s for p, s in bids} | {("SELL", p): s for p, s in asks}
    queue = [o.id for side in t.Side for o in exchange.resting(board.tokens[0], side)]
    assert queue == world.queue(board)


def compare_wallet(exchange: ClobExchange, world: World, wallet: str) -> None:
    """Require the same balances, claims and pending amounts of a wallet, and the same fees."""
    counted = {asset: [held, 0, 0, 0] for (owner, asset), held in world.balances.items() if owner == wallet}
    for o in world.open:
        if o.c.wallet == wallet:
            counted[o.asset][1] += o.need()
    for deal in world.pending:
        for owner, asset, change in deal.legs:
            if owner == wallet:
                counted.setdefault(asset, [0, 0, 0, 0])[2 + (change > 0)] += abs(change)
    for held in exchange.holdings(wallet):
        mine = [held.balance, held.active, held.matched, held.incoming]
        assert mine == counted.get(held.asset, [0, 0, 0, 0]), held.asset
        assert held.balance >= held.active + held.matched
    for spender in SPENDERS:
        assert exchange.allowance(wallet, spender) == world.allowed[wallet, spender]
    assert exchange.fees_collected == world.fees
    charged = {code: fee for code, fee in world.builder_fees.items() if fee}
    assert exchange.builder_fees() == charged


def run(exchange: ClobExchange, seed: int, operations: int, recount: int = 500) -> Counter[str]:
    """Run engine and oracle side by side; returns how often each kind of answer occurred.

    After every operation: what is told, the books it changed, a wallet in turn, conservation.
    Every `recount` operations all books, and a full recount of the engine.
    """
    world, flow, seen, levels = World(), Flow(seed), Counter[str](), Levels()
    for command in opening():
        exchange.apply(command, START)
        world.apply(command, START)
    for number in range(operations):
        command = flow.next(world)
        events = exchange.apply(command, flow.now)
        expected = world.apply(command, flow.now)
        assert told(events) == expected, (number, command)
        follow(levels, events)
        changed = {event.condition_id for event in events if isinstance(event, t.LevelChange)}
        for name in world.boards if number % recount == 0 else changed:
            compare_book(exchange, world, world.boards[name], levels)
        compare_wallet(exchange, world, WALLETS[number % len(WALLETS)])
        exchange.check_totals()
        if number % recount == 0:
            exchange.audit(history=False)
        _note(seen, command, expected)
    exchange.audit()
    return seen


def _note(seen: Counter[str], command: t.Command, lines: list[Told]) -> None:
    """Count what happened by kind."""
    seen[type(command).__name__] += 1
    for line in lines:
        seen[line[0]] += 1
        words: tuple[Any, ...] = (line[2],) if line[0] in ("REJECTED", "CANCELLATION", "UPDATE") else ()
        seen.update(words)
        if line[0] == "TRADE":
            seen[f"TRADE {line[-1]}"] += 1
            seen["mixed"] += len(line[8]) > 1
