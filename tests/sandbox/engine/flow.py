"""Random but reproducible order flow, and the lock-step of engine and oracle."""

from __future__ import annotations

from collections import Counter
from random import Random  # noqa: TID251 - a seeded generator makes the flow reproducible
from typing import Any

from polyspec.sandbox.engine import FEES, Exchange
from polyspec.sandbox.engine import types as t
from tests.sandbox.oracle import Oracle, Told

ACCOUNTS = ("ann", "bob", "cat", "dan")
SYMBOLS = ("one", "two")
START = 1_700_000_000_000_000_000


def opening() -> list[t.Command]:
    """Return the commands that list two markets and fund four accounts."""
    terms = {"price_low": 2, "price_high": 98, "tick": 2, "quantity_high": 5_000}
    commands: list[t.Command] = [
        t.AddMarket(
            market=t.MarketDefinition(symbol="one", reference_price=50, **terms), state=t.MarketState.OPEN
        ),
        t.AddMarket(
            market=t.MarketDefinition(symbol="two", fees=t.FeeSchedule(taker_theta=1000), **terms),
            state=t.MarketState.OPEN,
        ),
    ]
    for name in ACCOUNTS:
        commands.append(t.OpenAccount(account=name))
        commands.append(t.AddParticipant(participant=name, accounts=(name,)))
        commands.append(t.Deposit(account=name, amount=25 * 10**8))
    return commands


class Flow:
    """A stream of commands that keeps the book small and every rule busy."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.now = START
        self.recent: list[tuple[str, str]] = []

    def next(self, oracle: Oracle) -> t.Command:
        """Return the next command, looking at what is open."""
        random = self.random
        self.now += random.randrange(1, 1_000_000)
        choice = random.random()
        if choice < 0.25 + (0.4 if len(oracle.open) > 50 else 0.0) and oracle.open:
            order = random.choice(oracle.open)
            return t.CancelOrder(participant=order.command.participant, order_id=order.id)
        if choice < 0.40 and oracle.open:
            return self.replace(random.choice(oracle.open).id, oracle)
        if choice < 0.41:
            account, amount = random.choice(ACCOUNTS), random.randrange(1, 20 * 10**8)
            kind = random.choice((t.Deposit, t.Withdraw))
            return kind(account=account, amount=amount)
        if choice < 0.415:
            return self.move_market(oracle)
        if choice < 0.43 or any(board.state == "SUSPENDED" for board in oracle.boards.values()):
            symbol = random.choice(SYMBOLS)
            return t.SetMarketState(symbol=symbol, state=t.MarketState.OPEN)
        if choice < 0.44:
            late = self.replace(random.choice(oracle.open).id, oracle) if oracle.open else self.place()
            return t.Refuse(request=random.choice((late, self.place())), text="too late")
        return self.place()

    def move_market(self, oracle: Oracle) -> t.Command:
        """Take a market through a call phase, a suspension or a close."""
        states = ("PREOPEN", "SUSPENDED", "CLOSED", "MATCH_AND_CLOSE_AUCTION")
        state = t.MarketState(self.random.choice(states))
        return t.SetMarketState(symbol=self.random.choice(SYMBOLS), state=state)

    def replace(self, order_id: str, oracle: Oracle) -> t.ReplaceOrder:
        """Change quantity or price or both."""
        random = self.random
        order = next(o for o in oracle.open if o.id == order_id)
        return t.ReplaceOrder(
            participant=order.command.participant,
            order_id=order_id,
            quantity=random.choice((None, random.randrange(1, 1_500))),
            price=random.choice((None, self.price())),
        )

    def price(self) -> int:
        """Return a price around the middle, rarely one the rules refuse."""
        return (
            self.random.choice((1, 33, 99))
            if self.random.random() < 0.02
            else 2 * self.random.randint(20, 30)
        )

    def place(self) -> t.PlaceOrder:
        """Return an order of any kind."""
        random = self.random
        self.count += 1
        name = random.choice(ACCOUNTS)
        draft = {"quantity": random.randrange(1, 1_500), "price": self.price()} | self.kind()
        if random.random() < 0.3:
            draft["self_match_id"] = "s"
            draft["self_match_instruction"] = random.choice((None, *t.SelfMatchInstruction))
        return t.PlaceOrder(
            participant=name,
            account=name,
            symbol=random.choice(SYMBOLS),
            side=random.choice((t.Side.BUY, t.Side.SELL)),
            order_id=f"o{self.count}",
            **draft,
        )

    def kind(self) -> dict[str, Any]:
        """Return what makes an order other than a plain one, mostly nothing."""
        random, time_in_force, kind = self.random, t.TimeInForce, t.OrderType
        cash = {"quantity": 0, "cash_quantity": random.randrange(1, 900)}
        good_till = self.now + random.randrange(-10, 20_000_000)
        minimum = random.choice((0, 0, 400))
        choices: tuple[tuple[int, dict[str, Any]], ...] = (
            (8, {"time_in_force": time_in_force.IMMEDIATE_OR_CANCEL, "min_quantity": minimum}),
            (8, {"time_in_force": time_in_force.FILL_OR_KILL}),
            (6, {"post_only": True}),
            (4, {"all_or_none": True}),
            (8, {"type": kind.MARKET_TO_LIMIT, "price": None}),
            (4, {"type": kind.STOP, "price": None, "stop_price": self.price()}),
            (4, {"type": kind.STOP_LIMIT, "stop_price": self.price()}),
            (3, {"type": kind.MARKET_TO_LIMIT, "price": None, **cash}),
            (2, {"time_in_force": time_in_force.FILL_OR_KILL, **cash}),
            (5, {"time_in_force": time_in_force.GOOD_TILL_TIME, "good_till": good_till}),
            (8, {"time_in_force": time_in_force.DAY}),
            (40, {}),
        )
        weights, drafts = zip(*choices, strict=True)
        return random.choices(drafts, weights)[0]


def told(events: list[t.Event]) -> list[Told]:
    """Return the executions among events in the oracle's words."""
    return [
        (
            str(event.type),
            event.order.id,
            event.order.price,
            event.last_price,
            event.last_quantity,
            event.commission,
            event.order.leaves,
            event.order.filled,
        )
        for event in events
        if isinstance(event, t.Execution)
    ]


def resting(exchange: Exchange, symbol: str, side: t.Side) -> list[tuple[str, int]]:
    """Return ids and leaves of the engine's resting orders in priority."""
    return [(order.id, order.leaves) for order in exchange.resting(symbol, side)]


def compare(exchange: Exchange, oracle: Oracle, symbol: str) -> None:
    """Require the same books and the same money on both sides."""
    for side in t.Side:
        naive = [(o.id, o.leaves) for o in oracle.book(oracle.boards[symbol], side == "BUY")]
        assert resting(exchange, symbol, side) == naive
    for name in ACCOUNTS:
        balance = exchange.balance(name)
        assert balance is not None
        assert balance.cash == oracle.cash[name]
        assert balance.buying_power == oracle.power(name) >= 0
    fees = exchange.balance(FEES)
    assert fees is not None
    assert fees.cash == oracle.fees


def lock_step(exchange: Exchange, seed: int, operations: int, recount: int = 500) -> Counter[str]:
    """Run engine and oracle side by side; returns how often each execution type occurred.

    After every operation: executions, the touched market's books, all balances, and the
    running total of the ledger. Every `recount` operations: a full recount of the engine.
    """
    oracle, flow, seen = Oracle(), Flow(seed), Counter[str]()
    for command in opening():
        exchange.apply(command, START)
        oracle.apply(command, START)
    for number in range(operations):
        command = flow.next(oracle)
        events = exchange.apply(command, flow.now)
        expected = oracle.apply(command, flow.now)
        assert told(events) == expected, (number, command)
        for symbol in SYMBOLS if isinstance(command, t.CancelOrder | t.ReplaceOrder) else (_symbol(command),):
            compare(exchange, oracle, symbol)
        exchange.check_totals()
        if number % recount == 0:
            exchange.audit(history=False)
        seen.update(line[0] for line in expected)
        seen.update(_words(event.text) for event in events if isinstance(event, t.Execution) and event.text)
        seen[type(command).__name__] += 1
    exchange.audit()
    return seen


def _symbol(command: t.Command) -> str:
    return getattr(command, "symbol", SYMBOLS[0])


def _words(text: str) -> str:
    """Return a text without its numbers, to be counted by kind."""
    return " ".join(word for word in text.split() if not any(letter.isdigit() for letter in word))[:60]
