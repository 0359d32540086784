"""A feed that shows what it is told, and a desk that trades on it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from polyspec.sandbox.http.store import Store
from polyspec.sandbox.polysimulator.engine import (
    EngineSettings,
    Idem,
    Order,
    OrderSpec,
    PaperExchange,
    PaperJournal,
    Placed,
    Position,
    Refused,
    Settlement,
    Trade,
    User,
    Wallet,
)
from polyspec.sandbox.polysimulator.engine.records import Counters, Depletion, Heartbeat, Idempotent, Record
from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket

SECOND = 10**9
START = 1_700_000_000 * SECOND
DOLLAR = 1_000_000
MODELS: tuple[type[Record], ...] = (
    Counters,
    User,
    Wallet,
    Order,
    Trade,
    Position,
    Settlement,
    Idempotent,
    Depletion,
    Heartbeat,
)


def market(number: int = 1, **changes: Any) -> FeedMarket:
    """Describe a market of politics with two outcomes and a tick of a cent."""
    plain = FeedMarket(
        condition_id=f"m{number}",
        question=f"Question {number}?",
        slug=f"question-{number}",
        category="politics",
        outcomes=("Yes", "No"),
        token_ids=(f"{number}y", f"{number}n"),
        tick=10_000,
    )
    return msgspec.structs.replace(plain, **changes)


class PaperFeed:
    """Markets and books as a test sets them; the second outcome's book mirrors the first's."""

    def __init__(self) -> None:
        self.listed: dict[str, FeedMarket] = {}
        self.books: dict[str, FeedBook] = {}
        self.at = START

    def list(self, *markets: FeedMarket) -> None:
        """List markets or change them."""
        self.listed |= {each.condition_id: each for each in markets}

    def show(self, condition_id: str, bids: str = "", asks: str = "", last: str | None = None) -> None:
        """Show another book of the first outcome, such as ``0.40x100 0.39x5``, best first."""
        self.at += 1
        found = self.listed[condition_id]
        lower, upper = levels(bids), levels(asks)
        sold = None if last is None else round(Decimal(last) * DOLLAR)
        first, second = found.token_ids
        self.books[first] = FeedBook(
            bids=lower, asks=upper, at_ns=self.at, last=None if sold is None else (sold, None, "BUY", self.at)
        )
        self.books[second] = FeedBook(
            bids=[(DOLLAR - price, size) for price, size in upper],
            asks=[(DOLLAR - price, size) for price, size in lower],
            at_ns=self.at,
            last=None if sold is None else (DOLLAR - sold, None, "SELL", self.at),
        )

    def markets(self) -> list[FeedMarket]:
        """Return all markets."""
        return [*self.listed.values()]

    def market(self, condition_id: str) -> FeedMarket | None:
        """Return a market."""
        return self.listed.get(condition_id)

    def market_of(self, token_id: str) -> FeedMarket | None:
        """Return the market of a token."""
        return next((each for each in self.listed.values() if token_id in each.token_ids), None)

    def book(self, token_id: str) -> FeedBook | None:
        """Return the book of a token."""
        return self.books.get(token_id)

    def points(self, token_id: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Return nothing: the engine asks for no history."""
        raise NotImplementedError

    def volume(self, condition_id: str) -> int:
        """Return nothing: the engine asks for no volume."""
        raise NotImplementedError

    def resolve(self, condition_id: str, payouts: tuple[int, ...]) -> None:
        """Decide nothing: the engine is told by the market."""
        raise NotImplementedError

    def subscribe(self, callback: Callable[[str], None]) -> None:
        """Tell nobody: the engine is told the time and looks."""
        raise NotImplementedError


def levels(text: str) -> list[tuple[int, int]]:
    """Read levels in millionths."""
    pairs = (each.split("x") for each in text.split())
    return [(round(Decimal(price) * DOLLAR), round(Decimal(size) * DOLLAR)) for price, size in pairs]


class Desk:
    """One account with 10,000 dollars, one market, and shorthand for what is asked of the exchange."""

    def __init__(self, path: Path | str = ":memory:", tier: str = "pro", **settings: Any) -> None:
        self.feed = PaperFeed()
        self.feed.list(market())
        self.settings = EngineSettings(**settings)
        self.now = START
        self.path = path
        self.open()
        self.exchange.open_user(1, tier, self.now)

    def open(self) -> None:
        """Open the journal and what is in it."""
        self.journal = PaperJournal(self.path)
        self.revive()

    def revive(self) -> None:
        """Make the exchange anew from what its journal holds."""
        self.exchange = PaperExchange(self.feed, Store(self.journal), self.settings)

    def reopen(self) -> None:
        """Leave the exchange as a crash would, and take it up again from its journal."""
        self.journal.close()
        self.open()

    def show(self, bids: str = "", asks: str = "", last: str | None = None, condition_id: str = "m1") -> None:
        """Show another book."""
        self.feed.show(condition_id, bids, asks, last)

    def place(self, side: str, price: str | None, quantity: str | None = None, **fields: Any) -> Placed:
        """Place an order, a GTC limit order for Yes unless said otherwise."""
        idem: Idem | None = fields.pop("idem", None)
        user = fields.pop("user", 1)
        spec: dict[str, Any] = {"market_id": "m1", "outcome": "Yes", "order_type": "limit", **fields}
        return self.exchange.place(
            user,
            OrderSpec(
                side=side,
                price=None if price is None else Decimal(price),
                quantity=None if quantity is None else Decimal(quantity),
                **spec,
            ),
            self.now,
            idem=idem,
        )

    def market(self, side: str, price: str, quantity: str | None = None, **fields: Any) -> Placed:
        """Place a market order."""
        return self.place(side, price, quantity, order_type="market", **fields)

    def refusal(self, *args: Any, **fields: Any) -> str:
        """Return the code an order is refused with, having seen that it changed nothing."""
        before = self.image()
        try:
            self.place(*args, **fields)
        except Refused as refused:
            assert self.image() == before
            return refused.code
        raise AssertionError("the order was accepted")

    def wait(self, seconds: float) -> list[Trade]:
        """Let time pass and what is due happen."""
        self.now += int(seconds * SECOND)
        return self.exchange.advance(self.now)

    @property
    def cash(self) -> str:
        """What the API wallet can spend."""
        return f"{Decimal(self.exchange.wallet(1).cash) / DOLLAR:.2f}"

    def position(self, outcome: str = "Yes") -> Position | None:
        """Return the open position of the API wallet."""
        found = self.exchange.positions([self.exchange.wallet(1)], "OPEN")
        return next((each for each in found if each.outcome == outcome), None)

    def image(self) -> dict[str, Any]:
        """Return everything the exchange remembers."""
        return image(self.exchange)


def image(exchange: PaperExchange) -> dict[str, Any]:
    """Return everything an exchange remembers, and the lists it made of it."""
    state = exchange._core.state
    tables: dict[str, Any] = {model.kind: dict(state.table(model)) for model in MODELS}
    return {
        **tables,
        "pending": list(state.pending),
        "opened": dict(state.opened),
        "clients": {key: list(rows) for key, rows in state.clients.items()},
        "of_user": {key: list(names) for key, names in state.of_user.items()},
    }
