"""One sandbox for many tests: fresh keys and markets for each, and the truth about what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from typing import Any

from attrs import frozen
from eth_account import Account
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.core.sending import Patience
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.clob.wallets import Wallets, wallets_of
from polyspec.sandbox.clob.world import ClobWorld
from tests.client.counted import Counted

__all__ = ["QUICK", "UNPACED", "Person", "Token", "Venue", "new_key", "open_venue"]

UNPACED = ClobSettings(pacing=False)
"""The sandbox has its rate limits off, so nothing has to be held back."""
QUICK = ClobSettings(
    pacing=False,
    settle_window=0.1,
    activation=1.0,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.0, total=1.5),
)
"""Little time besides, for tests that wait for its end."""

_ONE = 1_000_000


def new_key() -> str:
    """Make a key nobody else uses."""
    return "0x" + bytes(Account.create().key).hex()


@frozen
class Person:
    """Somebody with a key and money."""

    key: str
    wallets: Wallets
    """Only the first, the key's own address, holds money."""

    @property
    def address(self) -> str:
        """Of the key."""
        return self.wallets.eoa


@frozen
class Token:
    """The first outcome of a market nobody else uses."""

    id: str
    other: str
    """The second outcome."""
    condition_id: str
    tick: str
    neg_risk: bool

    @property
    def known(self) -> dict[str, Any]:
        """What spares a client reading the market."""
        return {"token_id": self.id, "tick_size": self.tick, "neg_risk": self.neg_risk}


class Venue(Counted):
    """The CLOB of a running sandbox."""

    kinds = (ClobClient, AsyncClobClient)
    quick = QUICK

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.clob = sandbox.clob_venue
        super().__init__(self.clob.faults)
        self.world: ClobWorld = self.clob.world
        self.refused: dict[str, str] = {}
        """The engine's words, by the id of the order it refused."""
        self.world.listeners.append(self._note)
        self._numbers = count(1)

    def _note(self, events: list[t.Event]) -> None:
        for event in events:
            if isinstance(event, t.OrderRejected):
                self.refused[event.order_id] = event.text

    @property
    def app(self) -> ASGIApp | None:
        """What to call without a port; None with one."""
        return None if self.sandbox.has_port else self.clob.asgi

    def client_options(self, person: Person | None = None) -> dict[str, Any]:
        """Return what a client is made with that holds the key of `person`, or the first funded one."""
        key = self.clob.private_keys[0] if person is None else person.key
        return {"host": self.clob.rest, "chain_id": self.clob.chain_id, "key": key}

    # -- people and money --

    def person(self, dollars: int = 10_000) -> Person:
        """Make a key whose own address has money."""
        key = new_key()
        person = Person(key, wallets_of(Account.from_key(key).address))
        self.fund(person.address, dollars)
        return person

    def fund(self, wallet: str, dollars: int = 1_000) -> None:
        """Give a wallet dollars, and all allowances."""
        with self.world.lock:
            self.world.apply_all(self.world.funding(wallet.lower(), dollars * _ONE, 0))

    def stock(self, wallet: str, token: Token, shares: int) -> None:
        """Give a wallet shares of both outcomes of a market."""
        wallet, units = wallet.lower(), shares * _ONE
        with self.world.lock:
            self.world.apply_all(
                [
                    t.Deposit(wallet=wallet, amount=units),
                    t.Split(wallet=wallet, condition_id=token.condition_id, amount=units),
                ]
            )

    # -- markets --

    def market(
        self, tick: str = "0.01", *, neg_risk: bool = False, position: bool = False, **terms: Any
    ) -> Token:
        """List a market nobody else uses; `position` gives its tokens ids of the newer form."""
        name = f"test-{next(self._numbers)}"
        first, second = (_digest(f"{name}/{place}") for place in range(2))
        if position:
            first = (1 << 248) | (first >> 152 << 104)
            second = first + 1
        listing = Listing(
            condition_id=f"0x{_digest(name):064x}",
            token_ids=(str(first), str(second)),
            question=f"Will {name} hold?",
            slug=name,
            event_slug=name,
            event_title=name,
            category="tests",
            tick=to_units(tick),
            neg_risk=neg_risk,
            number=900_000,
            **{"mid": 500_000, "fee_rate": 0, **terms},
        )
        with self.world.lock:
            self.world.list_market(listing)
        return Token(str(first), str(second), listing.condition_id, tick, neg_risk)

    def offer(self, token: Token, price: str, shares: int, *, side: str = "SELL") -> Person:
        """Let somebody else wait in the book, so that there is something to take."""
        other = self.person()
        self.fund(other.address, shares)
        self.stock(other.address, token, shares)
        size, money = shares * _ONE, shares * to_units(price)
        give, take = (size, money) if side == "SELL" else (money, size)
        with self.world.lock:
            command = t.PlaceOrder(
                order_id=f"0x{_digest(other.address):064x}",
                owner=other.address,
                wallet=other.address.lower(),
                token_id=token.id,
                side=t.Side(side),
                maker_amount=give,
                taker_amount=take,
            )
            events = self.world.apply(command)
            assert isinstance(self.world.exchange.placed(events, command.order_id), t.Order)
        return other

    # -- the truth --

    def orders(self, who: Person | str, *, open_only: bool = False) -> list[t.Order]:
        """Return the orders of a person's own address, or of another wallet, as the engine has them."""
        wallet = who.address if isinstance(who, Person) else who
        with self.world.lock:
            return self.world.exchange.orders(wallet=wallet.lower(), open_only=open_only)

    def order(self, order_id: str) -> t.Order | None:
        """Return an order as the engine has it."""
        with self.world.lock:
            return self.world.exchange.order(order_id)

    def audit(self) -> None:
        """Recount all money, shares and orders of the engine."""
        with self.world.lock:
            self.world.exchange.audit()

    @staticmethod
    def wait_for(condition: Callable[[], Any], patience: float = 5.0) -> bool:
        """Wait until something is so; tell whether it came to be."""
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def pass_time(self, seconds: float) -> None:
        """Move the venue's clock, and do what is due by then."""
        with self.world.lock:
            self.world.clock.advance(seconds)
            self.world.jobs.run_due()


def _digest(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest(), "big")


@contextmanager
def open_venue(*, port: bool = True, **options: Any) -> Iterator[Venue]:
    """Run the CLOB without market maker and without rate limits, unless told otherwise."""
    chosen = ClobOptions(**({"rate_limits": False, "mined_delay": 0.05, "confirmed_delay": 0.05} | options))
    with Sandbox(venues=["clob"], quiet=True, port=port, clob=chosen) as sandbox:
        yield Venue(sandbox)
