"""One face for the sandboxes of all venues: people, markets, and what others offer there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from itertools import count
from typing import Any, Final, NamedTuple

from eth_account import Account

import tests.client.clob.rig as clob
import tests.client.us.rig as us
from polyspec import Sandbox
from polyspec.core.sending import Patience
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.wallets import wallets_of
from polyspec.sandbox.http.faults import FaultPlan
from polyspec.sandbox.polysimulator.engine import OrderSpec
from polyspec.sandbox.polysimulator.seeds import raw_key
from polyspec.sandbox.polysimulator.venue import PolySimVenue
from polyspec.us.client import UsExchangeClient
from tests.client.counted import Counted

__all__ = ["ARENAS", "Arena", "ClobArena", "PolySimulatorArena", "UsArena"]


class Arena:
    """A venue with people and markets made for one test each."""

    name: str
    placing: str
    """The operation that places an order."""
    nowhere: str
    """The id of a market that is not listed."""
    unpaced: Any
    """Settings that hold nothing back."""
    quick: Any
    """Settings with little time besides."""
    venue: Any
    """The venue as its own tests have it; `seen` counts the requests of each operation."""
    faults: FaultPlan

    def person(self) -> Any:
        """Make somebody with ten thousand dollars."""
        raise NotImplementedError

    def market(self) -> str:
        """List a market with ticks of half a cent or a cent, and nobody in it."""
        raise NotImplementedError

    def options(self, person: Any) -> dict[str, Any]:
        """Return what a client of somebody is made with."""
        raise NotImplementedError

    @property
    def street(self) -> Arena:
        """Where others trade: here, unless this venue only mirrors that one."""
        return self

    def on_street(self, market: str) -> str:
        """Return what a market is called there."""
        return market

    def offer(self, market: str, price: str, quantity: int, side: str = "SELL") -> None:
        """Let somebody else wait in the book."""
        raise NotImplementedError

    def endow(self, person: Any, market: str, quantity: int) -> None:
        """Let somebody hold something, where it must be held to be sold."""

    def standing(self, person: Any) -> list[Decimal]:
        """Return what is left of the orders of somebody that stand, as the venue itself has them."""
        raise NotImplementedError

    def settle(self) -> None:
        """Let all that was traded be final."""

    def seeded(self) -> Any:
        """Return whom the line of the sandbox logs in."""
        raise NotImplementedError

    def traded(self, person: Any) -> dict[str, Decimal]:
        """Return what somebody bought and sold, as the venue itself has it."""
        raise NotImplementedError


class UsArena(Arena):
    """The US exchange."""

    name = "us"
    placing, nowhere = "OrderEntryAPI_InsertOrder", "tec-no-such-thing"
    unpaced, quick = us.UNPACED, us.QUICK

    def __init__(self, venue: us.Venue) -> None:
        self.venue, self.faults = venue, venue.sandbox.faults

    def person(self) -> Any:
        """Open a participant."""
        return self.venue.person()

    def market(self) -> str:
        """List an instrument."""
        return self.venue.market()

    def options(self, person: Any) -> dict[str, Any]:
        """Act for the participant."""
        return self.venue.client_options(person)

    def offer(self, market: str, price: str, quantity: int, side: str = "SELL") -> None:
        """Place an order of another participant."""
        with UsExchangeClient(**self.options(self.person()), settings=us.UNPACED) as other:
            other.orders.place(market, side=side, price=price, quantity=quantity).unwrap()

    def standing(self, person: Any) -> list[Decimal]:
        """Ask the engine."""
        # quantities are in hundredths here
        return [Decimal(order.leaves) / 100 for order in self.venue.orders(person, open_only=True)]

    def seeded(self) -> Any:
        """Return the partner's trader."""
        return self.venue.world.trader

    def traded(self, person: Any) -> dict[str, Decimal]:
        """Ask the engine."""
        return _sums((order.side.name, Decimal(order.filled) / 100) for order in self.venue.orders(person))


class ClobArena(Arena):
    """The CLOB."""

    name = "clob"
    placing, nowhere = "Orders_PostOrder", "1234567890"
    unpaced, quick = clob.UNPACED, clob.QUICK

    def __init__(self, venue: clob.Venue) -> None:
        self.venue, self.faults = venue, venue.clob.faults
        self._tokens: dict[str, clob.Token] = {}

    def person(self) -> Any:
        """Fund a key."""
        return self.venue.person()

    def market(self) -> str:
        """List a market; its first token is what is traded."""
        token = self.venue.market()
        self.know(token)
        return token.id

    def know(self, token: clob.Token) -> None:
        """Take note of a market that was listed."""
        self._tokens[token.id] = token

    def token(self, market: str) -> clob.Token:
        """Return what is known of a market."""
        return self._tokens[market]

    def options(self, person: Any) -> dict[str, Any]:
        """Trade with the key."""
        return self.venue.client_options(person)

    def offer(self, market: str, price: str, quantity: int, side: str = "SELL") -> None:
        """Place an order of another wallet."""
        self.venue.offer(self._tokens[market], price, quantity, side=side)

    def endow(self, person: Any, market: str, quantity: int) -> None:
        """Split collateral that was not there before."""
        self.venue.stock(person.address, self._tokens[market], quantity)

    def standing(self, person: Any) -> list[Decimal]:
        """Ask the engine."""
        found = self.venue.orders(person, open_only=True)
        return [Decimal(order.remaining) / 1_000_000 for order in found]

    def seeded(self) -> Any:
        """Return the first funded key, which trades from its own address."""
        key = self.venue.clob.private_keys[0]
        return clob.Person(key, wallets_of(Account.from_key(key).address))

    def traded(self, person: Any) -> dict[str, Decimal]:
        """Ask the engine."""
        found = self.venue.orders(person)
        return _sums((order.side.name, Decimal(order.matched) / 1_000_000) for order in found)

    def settle(self) -> None:
        """Let trades be mined and confirmed."""
        self.venue.pass_time(1.0)


class Player(NamedTuple):
    """Somebody with an account at PolySimulator."""

    user_id: int
    key: str


class PolySimulatorArena(Arena):
    """PolySimulator, which mirrors a CLOB."""

    name = "polysimulator"
    placing, nowhere = "Orders_PlaceOrder", "0x1234:Yes"
    unpaced = PolySimulatorSettings(pacing=False)
    quick = PolySimulatorSettings(
        pacing=False,
        settle_window=0.1,
        patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.0, total=1.5),
    )

    def __init__(self, mirrored: clob.Venue, venue: PolySimVenue) -> None:
        self.venue, self.faults = _Counting(venue), venue.faults
        self.venue.sandbox = mirrored.sandbox
        self._world, self._rest, self._street = venue.world, venue.rest, ClobArena(mirrored)
        self._tokens: dict[str, str] = {}
        self._numbers = count(1)

    @property
    def street(self) -> Arena:
        """The CLOB."""
        return self._street

    def on_street(self, market: str) -> str:
        """Return the token of the outcome."""
        return self._tokens[market]

    def person(self) -> Player:
        """Open an account of the paid plan."""
        world = self._world
        with world.lock:
            user = world.open_account(f"{next(self._numbers)}@example.com", plan="pro", api_wallet=True)
            _, key = world.keys.create(user.id, tier=user.plan)
        return Player(user.id, key)

    def market(self) -> str:
        """List a market at the CLOB; its first outcome is what is traded."""
        token = self._street.venue.market()
        self._street.know(token)
        name = f"{token.condition_id}:Yes"
        self._tokens[name] = token.id
        return name

    def options(self, person: Player) -> dict[str, Any]:
        """Trade with the key of the account."""
        return {"api_key": person.key, "base_url": self._rest}

    def offer(self, market: str, price: str, quantity: int, side: str = "SELL") -> None:
        """Place an order of another wallet at the CLOB."""
        self._street.offer(self._tokens[market], price, quantity, side)

    def endow(self, person: Player, market: str, quantity: int) -> None:
        """Buy, from an offer at the CLOB that goes away again."""
        condition, outcome = market.split(":")
        other = self._street.venue.offer(self._street.token(self._tokens[market]), "0.90", quantity)
        with self._world.lock:
            order = OrderSpec(
                market_id=condition,
                side="BUY",
                outcome=outcome,
                price=Decimal("0.90"),
                quantity=Decimal(quantity),
                time_in_force="IOC",
            )
            self._world.engine.place(person.user_id, order, self._world.clock.now_ns())
        with self._street.venue.world.lock:
            self._street.venue.world.apply(t.CancelAll(owner=other.address))

    def standing(self, person: Player) -> list[Decimal]:
        """Ask the engine."""
        with self._world.lock:
            wallets = self._world.engine.wallets(person.user_id)
            found = self._world.engine.orders(wallets, status="PENDING")
        return [Decimal(order.quantity - order.filled) / 10_000 for order in found]

    def settle(self) -> None:
        """Let resting orders meet the book."""
        with self._world.lock:
            self._world.clock.advance(1.0)
            self._world.jobs.run_due()

    def seeded(self) -> Player:
        """Return the user of the paid plan."""
        user = self._world.users.of_email("pro@example.com")
        assert user is not None
        return Player(user.id, raw_key(self._world.seed, "api_key"))

    def traded(self, person: Player) -> dict[str, Decimal]:
        """Ask the engine."""
        with self._world.lock:
            wallets = self._world.engine.wallets(person.user_id)
            found = self._world.engine.trades(wallets)
        return _sums((str(each.side), Decimal(each.quantity) / 10_000) for each in found)


class _Counting(Counted):
    """A venue that counts what it is asked."""

    sandbox: Any

    def __init__(self, venue: PolySimVenue) -> None:
        super().__init__(venue.faults)
        self.world = venue.world


def _sums(fills: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums = {"BUY": Decimal(0), "SELL": Decimal(0)}
    for side, quantity in fills:
        sums[side] += quantity
    return sums


@contextmanager
def _us() -> Iterator[Arena]:
    with us.open_venue(venues=["us"]) as venue:
        yield UsArena(venue)


@contextmanager
def _clob() -> Iterator[Arena]:
    with clob.open_venue() as venue:
        yield ClobArena(venue)


@contextmanager
def _polysimulator() -> Iterator[Arena]:
    with Sandbox(venues=["clob", "polysimulator"], quiet=True, rate_limits=False) as sandbox:
        yield PolySimulatorArena(clob.Venue(sandbox), sandbox.polysimulator_venue)


ARENAS: Final[dict[str, Callable[[], AbstractContextManager[Arena]]]] = {
    "us": _us,
    "clob": _clob,
    "polysimulator": _polysimulator,
}
