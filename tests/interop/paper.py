"""PolySimulator with its vendor's SDK at work on it: the stage of the stories told about that venue."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, Final

from polyspec import Sandbox
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.polysimulator.faults import Fault
from polyspec.sandbox.polysimulator.feed import FeedMarket
from tests.interop.driven import Driven

__all__ = ["STILL", "Client", "Paper"]

STILL: Final = "mayor"
"""A word of the market whose book stays where it began: 0.65 asked, politics."""


class Client:
    """One client of the driver; what is called on it is called on the peer's."""

    def __init__(self, peer: Driven, name: str) -> None:
        self.peer, self.name = peer, name

    def __call__(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of the peer; its dots lead to namespaces."""
        return self.peer("call", name=self.name, method=method, arguments=list(arguments), named=named)

    def __getattr__(self, method: str) -> Any:
        return partial(self, method)

    def step(self, step: str, **arguments: Any) -> Any:
        """Let the driver do something of its own with this client."""
        return self.peer(step, name=self.name, **arguments)


class Paper:
    """A sandbox and the driver of the SDK."""

    def __init__(self, sandbox: Sandbox, peer: Driven) -> None:
        self.sandbox, self.peer = sandbox, peer
        self.world = sandbox.polysimulator_venue.world
        self.told: dict[str, Any] = sandbox.describe()["polysimulator"]
        self._names = map(str, itertools.count())
        self._clients: dict[str, Client] = {}

    def client(self, kind: str, key: str | None = "api_key") -> Client:
        """Return a client with one of the keys the sandbox tells of, or with none; opened once."""
        name = f"{kind}/{key}"
        if name not in self._clients:
            self._clients[name] = self.open(kind, None if key is None else self.told[key], name)
        return self._clients[name]

    def open(self, kind: str, key: str | None, name: str = "") -> Client:
        """Return a new client with a key."""
        name = name or f"new/{next(self._names)}"
        self.peer("connect", name=name, kind=kind, key=key)
        return Client(self.peer, name)

    def market(self, word: str = STILL) -> FeedMarket:
        """Return the market whose slug has a word."""
        return next(each for each in self.world.markets.markets() if word in each.slug)

    def resolve(self, market: FeedMarket, *payouts: int) -> None:
        """Decide a market; payouts in millionths of a dollar, one for each outcome."""
        first, second = payouts
        clob = self.sandbox.clob_venue.world
        with clob.lock:
            clob.apply(t.Resolve(condition_id=market.condition_id, payouts=(first, second)))
        with self.world.lock:
            self.world.advance()

    def cash(self) -> Decimal:
        """Return what the API wallet has, as the peer reads it."""
        return Decimal(self.client("native").balance()["balance"])

    @contextmanager
    def fault(self, kind: str, operation: str) -> Iterator[None]:
        """Spoil the next request of an operation; fails if there is none."""
        faults = self.sandbox.polysimulator_venue.faults
        faults.add(Fault(kind=kind, operation=operation))
        yield
        assert faults.pending() == []

    def clear(self) -> None:
        """Cancel what is left, give the wallet back what it began with, and recount."""
        trader = self.client("native")
        trader.cancel_all()
        trader.reset_api_balance()
        with self.world.lock:
            self.world.engine.audit()
        self.sandbox.polysimulator_venue.faults.clear()
