"""PolySimulator to be treated badly: accounts and markets for one test each, and the truth about orders."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from attrs import frozen
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.core.sending import Patience
from polyspec.errors import OrderRejected
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.fate import Rejected, Unknown
from polyspec.polysimulator.ticket import NewOrder
from polyspec.sandbox.polysimulator.engine import OrderRow, OrderSpec, Placed, Refused
from polyspec.sandbox.polysimulator.options import BASELINES, Baseline, PolySimOptions
from tests.client.clob.rig import Token
from tests.client.clob.rig import Venue as Street
from tests.client.counted import Counted
from tests.faults.hands import Hands

__all__ = [
    "BATCH", "FLAT", "GET", "HISTORY", "LISTING", "ONE_MORE", "PLACE", "QUICK", "Player", "SimVenue",
    "an_order", "arm", "batch", "open_venue", "refused", "settled",
]  # fmt: skip

PLACE, BATCH = "Orders_PlaceOrder", "Orders_PlaceOrderBatch"
FLAT = "Compat_PostFlatOrder"
LISTING, GET, HISTORY = "Orders_ListOrders", "Orders_GetOrder", "Account_GetHistory"
ONE_MORE: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.4", "quantity": "10"}
QUICK = PolySimulatorSettings(
    pacing=False,
    settle_window=0.1,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.0, total=1.5),
)
"""Little time besides, for tests that wait for its end."""
RICH = {**BASELINES, "pro": Baseline(api=10_000_000, sandbox=10_000)}


@frozen
class Player:
    """Somebody with an account, money in it and a key."""

    user_id: int
    key_id: int
    key: str


class SimVenue(Counted):
    """PolySimulator of a running sandbox, over the CLOB it mirrors."""

    kinds = (PolySimulatorClient, AsyncPolySimulatorClient)
    quick = QUICK

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.sim = sandbox.polysimulator_venue
        super().__init__(self.sim.faults)
        self.street = Street(sandbox)
        self.world = self.sim.world
        self.refusals: dict[str, str] = {}
        """The engine's last code, by the client order id of the order it refused."""
        self._numbers = count(1)
        self._watch()

    def _watch(self) -> None:
        place = self.world.engine.place

        def watched(user_id: int, spec: OrderSpec, *moments: Any, **more: Any) -> Placed:
            try:
                return place(user_id, spec, *moments, **more)
            except Refused as refused:
                self.refusals[spec.client_order_id or ""] = refused.code
                raise

        self.world.engine.place = watched  # type: ignore[method-assign]

    @property
    def app(self) -> ASGIApp | None:
        """What to call without a port; None with one."""
        return None if self.sandbox.has_port else self.sim.asgi

    def client_options(self, person: Player | None = None) -> dict[str, Any]:
        """Return what a client is made with that has the key of `person`, or the seeded one."""
        key = self.sim.api_key() if person is None else person.key
        return {"base_url": self.sim.rest, "api_key": key}

    # -- people and markets --

    def person(self, plan: str = "pro", permissions: tuple[str, ...] = ("read", "trade")) -> Player:
        """Open an account with a key."""
        world = self.world
        with world.lock:
            user = world.open_account(f"{next(self._numbers)}@example.com", plan=plan, api_wallet=True)
            key, raw = world.keys.create(user.id, tier=user.plan, permissions=permissions)
        return Player(user.id, key.id, raw)

    def token(self, person: Player | None = None) -> str:
        """Return a session token of somebody; without anybody, of who has no key yet."""
        if person is None:
            return self.sim.session()
        user = self.world.users.get(person.user_id)
        assert user is not None
        return self.world.tokens.session(user.auth_id)

    def market(self, **terms: Any) -> Token:
        """List a market nobody else uses."""
        return self.street.market(**terms)

    def offer(self, market: Token, price: str, shares: int) -> None:
        """Let somebody wait in the book, so that there is something to take."""
        self.street.offer(market, price, shares)

    # -- the truth --

    def orders(self, person: Player, *, status: str | None = None) -> list[OrderRow]:
        """Return the orders of somebody as the engine has them, newest first, whatever became of them."""
        with self.world.lock:
            engine = self.world.engine
            return engine.orders(engine.wallets(person.user_id), status=status)

    def ids(self, person: Player, *, status: str | None = None) -> list[str]:
        """Return the ids of somebody's orders, newest first."""
        return [f"{each.source}:{each.order_id}" for each in self.orders(person, status=status)]

    def audit(self) -> None:
        """Recount all money, shares and orders of the engine."""
        with self.world.lock:
            self.world.engine.audit()

    def pass_time(self, seconds: float) -> None:
        """Move the clock of both venues, and do what is due by then."""
        with self.world.lock:
            self.world.clock.advance(seconds)
            self.world.jobs.run_due()

    @staticmethod
    def wait_for(condition: Callable[[], Any], patience: float = 30.0) -> bool:
        """Wait until something is so; tell whether it came to be."""
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True


@contextmanager
def open_venue(*, port: bool = True, **options: Any) -> Iterator[SimVenue]:
    """Run PolySimulator without rate limits and with much money, unless told otherwise."""
    chosen = PolySimOptions(**{"rate_limits": False, "baselines": RICH, **options})
    sandbox = Sandbox(
        venues=["clob", "polysimulator"], quiet=True, port=port, rate_limits=False, polysimulator=chosen
    )
    with sandbox:
        yield SimVenue(sandbox)


def an_order(market: Token, **changes: Any) -> NewOrder:
    """Make an order that rests."""
    return NewOrder(market=market.condition_id, **ONE_MORE | changes)


def batch(market: Token, size: int = 5) -> list[NewOrder]:
    """Make orders that rest at prices of their own."""
    return [an_order(market, price=f"0.{10 + number}") for number in range(size)]


def arm(venue: SimVenue, operation: str, fault: dict[str, Any]) -> Any:
    """Prepare a fault for the next request of an operation; return what the venue has seen so far."""
    venue.sim.faults.add(operation=operation, **fault)
    return venue.seen.copy()


def settled(hands: Hands, placed: Any, fault: dict[str, Any]) -> Any:
    """Resolve what is unknown: only what took long to be noticed may have left no time for looking."""
    if isinstance(placed, Unknown):
        assert fault["kind"] in ("hang_before", "hang_after", "drip")
        return hands.done(placed.resolve())
    return placed


def refused(placed: Any, kind: type[OrderRejected], words: str) -> Rejected:
    """Hold a fate against a refusal by the venue."""
    assert isinstance(placed, Rejected)
    assert not placed.never_arrived
    with pytest.raises(kind, match=words):
        placed.unwrap()
    return placed
