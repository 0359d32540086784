"""Many placements in bad weather, and a judge who asks the engine afterwards: what every venue shares."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any, ClassVar

from attrs import Factory, define

from polyspec.core import fate
from polyspec.errors import PolyspecError
from polyspec.sandbox.http.faults import FaultPlan

__all__ = ["WEATHER", "Storm", "Verdicts", "sail", "sail_in_threads"]

WIDTH = 16
# how soon it is known depends on the machine; that it is in ten seconds of a venue is held in virtual time
_WHILE = 60.0
WEATHER: tuple[dict[str, Any], ...] = (
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "close_before"},
    {"kind": "close_after"},
    {"kind": "close_mid_body"},
    {"kind": "truncate"},
    {"kind": "hang_before", "seconds": 0.5},
    {"kind": "hang_after", "seconds": 0.5},
    {"kind": "delay_before", "seconds": 0.1},
    {"kind": "delay_after", "seconds": 0.1},
    {"kind": "drip", "seconds": 0.02},
    {"kind": "status_before", "status": 500},
    {"kind": "status_after", "status": 500},
    {"kind": "status_before", "status": 503},
    {"kind": "status_after", "status": 503},
    {"kind": "status_before", "status": 425},
    {"kind": "status_after", "status": 425},
    {"kind": "html_before", "status": 502},
    {"kind": "html_after", "status": 502},
    {"kind": "html_before", "status": 429},
    {"kind": "html_after", "status": 429},
    {"kind": "html_after", "status": 200},
    {"kind": "rate_limit"},
    {"kind": "rate_limit", "retry_after": 0},
)


@define
class Verdicts:
    """What the client said, held against what the engine has."""

    duplicates: list[str] = Factory(list)
    """Intents that the engine took more than once."""
    false: list[str] = Factory(list)
    """Verdicts that are not so."""
    unknown: list[str] = Factory(list)
    """Orders nobody could judge although the weather was good again."""
    counts: Counter[str] = Factory(Counter)

    @property
    def spotless(self) -> bool:
        """Whether nothing at all went wrong."""
        return not (self.duplicates or self.false or self.unknown)


class Storm(ABC):
    """A seeded run of placements under faults."""

    SINGLE: ClassVar[str]
    """The operation that places one order."""
    LIST: ClassVar[str]
    LOOKUPS: ClassVar[tuple[str, ...]]

    def __init__(self, faults: FaultPlan, seed: int, *, share: float = 0.5) -> None:
        """Prepare; `share` of the requests meet a fault."""
        self.faults = faults
        self.random = Random(seed)
        self.share = share
        self.blown = 0
        self.said: dict[str, Any] = {}
        """By intent: the outcome of the placement, or the error that was raised."""

    # -- intents --

    @abstractmethod
    def order(self, number: int) -> Any:
        """Make an order up."""

    @abstractmethod
    def name(self, order: Any) -> str:
        """Return what tells the intent behind an order from all others."""

    @abstractmethod
    def place(self, client: Any, orders: list[Any]) -> Any:
        """Have a client place orders: one by itself, several in a list."""

    def intents(self, count: int) -> Iterator[list[Any]]:
        """Make up orders, some of them in lists, `count` in all."""
        number = 0
        while number < count:
            size = min(self.random.choice((1,) * 9 + (5,)), count - number)
            yield [self.order(number + place) for place in range(size)]
            number += size

    # -- weather --

    def blow(self) -> None:
        """Perhaps let a fault meet one of the next requests."""
        draw = self.random.random
        if draw() < self.share:
            operation = self.LIST if draw() < 0.1 else self.SINGLE
            self.faults.add(operation=operation, **self.random.choice(WEATHER))
        if draw() < self.share / 4:
            self.faults.add(operation=self.random.choice(self.LOOKUPS), **self.random.choice(WEATHER))
        self.blown += 1

    # -- verdicts --

    def note(self, orders: list[Any], outcome: Any) -> None:
        """Write down what came of a placement: a list of outcomes, or one for all."""
        outcomes = outcome if isinstance(outcome, list) else [outcome] * len(orders)
        self.said.update({self.name(order): each for order, each in zip(orders, outcomes, strict=True)})

    def unknown(self) -> list[tuple[str, fate.Unknown]]:
        """Return what is left to be resolved."""
        return [(name, said) for name, said in self.said.items() if isinstance(said, fate.Unknown)]

    @abstractmethod
    def taken(self) -> dict[str, list[Any]]:
        """Return the engine's orders by intent."""

    @abstractmethod
    def is_true(self, said: Any, name: str, taken: list[Any]) -> bool:
        """Tell whether a verdict is what the engine bears out."""

    @abstractmethod
    def audit(self) -> None:
        """Have the engine recount everything."""

    def judge(self) -> Verdicts:
        """Ask the engine about every order."""
        taken = self.taken()
        verdicts = Verdicts(duplicates=[name for name, orders in taken.items() if len(orders) > 1])
        for name, said in self.said.items():
            verdicts.counts[_word(said)] += 1
            if isinstance(said, fate.Unknown):
                verdicts.unknown.append(name)
            elif not self.is_true(said, name, taken.get(name, [])):
                verdicts.false.append(name)
        self.audit()
        return verdicts


def _word(said: Any) -> str:
    if isinstance(said, fate.Rejected) and said.never_arrived:
        return "never arrived"
    return "raised" if isinstance(said, PolyspecError) else type(said).__name__


async def sail(storm: Storm, client: Any, count: int) -> None:
    """Place `count` orders, sixteen requests at a time, then resolve what is unknown in good weather."""
    gate = asyncio.Semaphore(WIDTH)

    async def place(orders: list[Any]) -> None:
        async with gate:
            storm.blow()
            try:
                outcome = await storm.place(client, orders)
            except PolyspecError as error:
                outcome = error
            storm.note(orders, outcome)

    async def resolve(name: str, unknown: Any) -> None:
        async with gate:
            storm.said[name] = await unknown.resolve(_WHILE)

    await asyncio.gather(*(place(orders) for orders in storm.intents(count)))
    storm.faults.clear()
    await asyncio.gather(*(resolve(*each) for each in storm.unknown()))


def sail_in_threads(storm: Storm, client: Any, count: int) -> None:
    """Do the same with blocking calls in sixteen threads."""

    def place(orders: list[Any]) -> None:
        storm.blow()
        try:
            outcome = storm.place(client, orders)
        except PolyspecError as error:
            outcome = error
        storm.note(orders, outcome)

    def resolve(each: tuple[str, Any]) -> None:
        name, unknown = each
        storm.said[name] = unknown.resolve(_WHILE)

    with ThreadPoolExecutor(WIDTH) as pool:
        list(pool.map(place, storm.intents(count)))
        storm.faults.clear()
        list(pool.map(resolve, storm.unknown()))
