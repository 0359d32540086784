"""One sandbox for many tests: fresh accounts and markets for each, and the truth about what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

from attrs import field, frozen
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.core.sending import Patience
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.ticket import MarketTerms
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.polysimulator.engine import OrderRow, Trade
from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.users import User
from polyspec.sandbox.polysimulator.world import PolySimWorld
from tests.client.counted import Counted

__all__ = ["QUICK", "UNPACED", "Market", "Person", "Venue", "open_venue"]

UNPACED = PolySimulatorSettings(pacing=False)
"""The sandbox has its rate limits off, so nothing has to be held back."""
QUICK = PolySimulatorSettings(
    pacing=False,
    settle_window=0.05,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.0, total=1.5),
)
"""Little time besides, for tests that wait for its end."""

_ONE = 1_000_000
# each sandbox has keys of its own, for what a client remembers of a key it does for the whole process
_SEEDS = count(1)


@frozen
class Person:
    """Somebody with an account and a key."""

    user_id: int
    email: str
    key: str = field(repr=False)


@frozen
class Market:
    """A market nobody else uses, of the outcomes Yes and No."""

    condition_id: str
    token_ids: tuple[str, str]
    slug: str
    question: str
    tick: str
    category: str

    @property
    def terms(self) -> MarketTerms:
        """What orders of it must keep to, so that nothing has to be read."""
        return MarketTerms(
            condition_id=self.condition_id,
            outcomes=("Yes", "No"),
            tick=Decimal(self.tick),
            category=self.category,
        )


class Venue(Counted):
    """PolySimulator of a running sandbox, and the CLOB whose books it mirrors."""

    kinds = (PolySimulatorClient, AsyncPolySimulatorClient)
    quick = QUICK

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.sim = sandbox.polysimulator_venue
        super().__init__(self.sim.faults)
        self.world: PolySimWorld = self.sim.world
        self.street = sandbox.clob_venue.world
        self._numbers = count(1)

    @property
    def app(self) -> ASGIApp | None:
        """What to call without a port; None with one."""
        return None if self.sandbox.has_port else self.sim.asgi

    # -- people --

    def person(self, plan: str = "pro", *, permissions: tuple[str, ...] = ("read", "trade")) -> Person:
        """Open an account of a plan, with an API wallet and a key."""
        with self.world.lock:
            user = self.world.open_account(self._email(), plan=plan, api_wallet=True)
            _, key = self.world.keys.create(user.id, tier=plan, permissions=permissions)
        return Person(user.id, user.email, key)

    def newcomer(self, plan: str = "pro", *, admitted: bool = True) -> User:
        """Open an account that has no key yet."""
        with self.world.lock:
            return self.world.open_account(self._email(), plan=plan, admitted=admitted)

    def token_of(self, who: User | Person) -> str:
        """Return the session token the dashboard would have."""
        return self.sim.session(who.email)

    def _email(self) -> str:
        return f"person-{next(self._numbers)}@example.com"

    # -- markets --

    def market(
        self, *, category: str = "politics", tick: str = "0.01", event: str = "", **terms: Any
    ) -> Market:
        """List a market at the CLOB."""
        name = f"test-{next(self._numbers)}"
        first, second = (str(_digest(f"{name}/{place}")) for place in range(2))
        listing = Listing(
            condition_id=f"0x{_digest(name):064x}",
            token_ids=(first, second),
            question=f"Will {name} hold?",
            slug=name,
            event_slug=event or name,
            event_title=event or name,
            category=category,
            tick=to_units(tick),
            number=900_000,
            **{"mid": 500_000, "fee_rate": 0, **terms},
        )
        with self.street.lock:
            self.street.list_market(listing)
        return Market(listing.condition_id, (first, second), name, listing.question, tick, category)

    def offer(
        self, market: Market, price: str, shares: str | int, *, side: str = "SELL", outcome: int = 0
    ) -> str:
        """Let somebody wait in the CLOB's book, so that there is something to take; return who."""
        wallet = f"0x{_digest(f'wallet-{next(self._numbers)}') >> 96:040x}"
        size = to_units(str(shares))
        money = size * to_units(price) // _ONE
        give, take = (size, money) if side == "SELL" else (money, size)
        with self.street.lock:
            world = self.street
            world.apply_all(world.funding(wallet, 2 * size, 0))
            if side == "SELL":
                world.apply(t.Split(wallet=wallet, condition_id=market.condition_id, amount=size))
            command = t.PlaceOrder(
                order_id=f"0x{_digest(wallet):064x}",
                owner=wallet,
                wallet=wallet,
                token_id=market.token_ids[outcome],
                side=t.Side(side),
                maker_amount=give,
                taker_amount=take,
            )
            placed = world.exchange.placed(world.apply(command), command.order_id)
            assert isinstance(placed, t.Order), placed
        return wallet

    def withdraw(self, wallet: str) -> None:
        """Take the orders of somebody out of the CLOB's book."""
        with self.street.lock:
            self.street.apply(t.CancelAll(owner=wallet))

    def close(self, market: Market) -> None:
        """Let a market take no more orders."""
        with self.street.lock:
            self.street.apply(
                t.SetMarketStatus(condition_id=market.condition_id, status=t.MarketStatus.CLOSED)
            )

    def resolve(self, market: Market, first: str = "1", second: str = "0") -> None:
        """Decide a market; what it pays follows with the next look at the clock."""
        with self.street.lock:
            payouts = (to_units(first), to_units(second))
            self.street.apply(t.Resolve(condition_id=market.condition_id, payouts=payouts))
        self.pass_time(0.0)

    # -- time --

    def pass_time(self, seconds: float) -> None:
        """Move the venue's clock, and do what is due by then."""
        with self.world.lock:
            self.world.clock.advance(seconds)
            self.world.jobs.run_due()
            self.world.advance()

    # -- the truth --

    def orders(self, person: Person, status: str | None = None) -> list[OrderRow]:
        """Return the orders of all wallets, newest first, as the engine has them."""
        with self.world.lock:
            wallets = self.world.engine.wallets(person.user_id, archived=True)
            return self.world.engine.orders(wallets, status=status)

    def trades(self, person: Person) -> list[Trade]:
        """Return the executions of all wallets, newest first, as the engine has them."""
        with self.world.lock:
            return self.world.engine.trades(self.world.engine.wallets(person.user_id, archived=True))

    def cash(self, person: Person) -> Decimal:
        """Return what the API wallet can spend."""
        with self.world.lock:
            return Decimal(self.world.engine.wallet(person.user_id).cash) / _ONE

    def audit(self) -> None:
        """Recount all money, shares and orders of the engine."""
        with self.world.lock:
            self.world.engine.audit()


def _digest(name: str) -> int:
    return int.from_bytes(sha256(f"polysimulator/{name}".encode()).digest(), "big")


@contextmanager
def open_venue(
    options: PolySimOptions | None = None, *, port: bool = False, rate_limits: bool = False, **more: Any
) -> Iterator[Venue]:
    """Run the venue without a market maker, without a port and without limits, unless told otherwise."""
    with Sandbox(
        seed=next(_SEEDS),
        venues=["clob", "polysimulator"],
        quiet=True,
        port=port,
        rate_limits=rate_limits,
        polysimulator=options,
        **more,
    ) as sandbox:
        yield Venue(sandbox)
