"""One face for the sandboxes of all venues: people, markets, and what others offer there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any, Final

from eth_account import Account

import tests.client.clob.rig as clob
import tests.client.us.rig as us
from polyspec.sandbox.clob.wallets import wallets_of
from polyspec.sandbox.http.faults import FaultPlan
from polyspec.us.client import UsExchangeClient

__all__ = ["ARENAS", "Arena", "ClobArena", "UsArena"]


class Arena:
    """A venue with people and markets made for one test each."""

    name: str
    placing: str
    """The operation that places an order."""
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
    placing = "OrderEntryAPI_InsertOrder"
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
    placing = "Orders_PostOrder"
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
        self._tokens[token.id] = token
        return token.id

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


ARENAS: Final[dict[str, Callable[[], AbstractContextManager[Arena]]]] = {"us": _us, "clob": _clob}
