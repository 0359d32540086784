"""Many placements in bad weather, and a judge who asks the engine afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

from attrs import Factory, define

from polyspec.errors import PolyspecError
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.ticket import NewOrder
from tests.client.us.rig import Venue

__all__ = ["Storm", "Verdicts"]

INSERT = "OrderEntryAPI_InsertOrder"
INSERT_LIST = "OrderEntryAPI_InsertOrderList"
LOOKUPS = (
    "OrderEntryAPI_GetOpenOrders",
    "ReportAPI_GetOrder",
    "ReportAPI_SearchOrders",
    "ReportAPI_SearchExecutions",
)
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
    """Client order ids that the engine took more than once."""
    false: list[str] = Factory(list)
    """Verdicts that are not so."""
    unknown: list[str] = Factory(list)
    """Orders nobody could judge although the weather was good again."""
    counts: Counter[str] = Factory(Counter)


class Storm:
    """A seeded run of placements under faults."""

    def __init__(self, venue: Venue, seed: int, *, share: float = 0.5) -> None:
        """Prepare a market with something to take; `share` of the requests meet a fault."""
        self.venue = venue
        self.random = Random(seed)
        self.share = share
        self._blown = 0
        self.person: Participant = venue.person(dollars="1000000")
        self.symbol = venue.market()
        self.said: dict[str, Any] = {}
        """By client order id: the outcome of the placement, or the error that was raised."""
        self._stock(venue.person(dollars="10000000"))

    def _stock(self, maker: Participant) -> None:
        with self.venue.world.lock:
            self.venue.world.apply(
                t.PlaceOrder(
                    participant=maker.name,
                    account=maker.accounts[0],
                    symbol=self.symbol,
                    side=t.Side.SELL,
                    quantity=10_000_000,
                    price=500,
                    client_order_id="stock",
                )
            )

    def intents(self, count: int) -> Iterator[list[NewOrder]]:
        """Make up orders: resting and taking ones, some of them in lists, `count` in all."""
        number = 0
        while number < count:
            size = min(self.random.choice((1,) * 9 + (5,)), count - number)
            yield [self._order(number + place) for place in range(size)]
            number += size

    def _order(self, number: int) -> NewOrder:
        takes = self.random.random() < 0.5
        return NewOrder(
            market=self.symbol,
            side="BUY",
            price="0.5" if takes else f"0.{self.random.randint(10, 49)}",
            # now and then more than anybody can pay
            quantity=10_000_000 if self.random.random() < 0.02 else self.random.randint(1, 9),
            time_in_force="IOC" if takes else "GTC",
            clord_id=f"intent-{number}",
        )

    def blow(self) -> None:
        """Perhaps let a fault meet one of the next requests."""
        faults, draw = self.venue.sandbox.faults, self.random.random
        if draw() < self.share:
            operation = INSERT_LIST if draw() < 0.1 else INSERT
            faults.add(operation=operation, **self.random.choice(WEATHER))
        if draw() < self.share / 4:
            faults.add(operation=self.random.choice(LOOKUPS), **self.random.choice(WEATHER))
        self._blown += 1
        if self.share and self._blown in (20, 100):
            # not more often: tokens that are refused as soon as they come are not asked for without end
            faults.add(kind="status_before", status=503, operation="OAuth_RequestToken")
            faults.add(kind="revoke", operation=INSERT)

    def note(self, orders: list[NewOrder], outcome: Any) -> None:
        """Write down what came of a placement: a list of outcomes, or one error for all."""
        outcomes = outcome if isinstance(outcome, list) else [outcome] * len(orders)
        self.said.update({order.clord_id: each for order, each in zip(orders, outcomes, strict=True)})

    def unknown(self) -> list[Unknown[Any]]:
        """Return what is left to be resolved."""
        return [outcome for outcome in self.said.values() if isinstance(outcome, Unknown)]

    def judge(self) -> Verdicts:
        """Ask the engine about every order."""
        taken: dict[str, list[t.Order]] = defaultdict(list)
        refused: dict[str, list[t.Order]] = defaultdict(list)
        for order in self.venue.orders(self.person):
            (refused if order.state is t.OrderState.REJECTED else taken)[order.client_order_id].append(order)
        verdicts = Verdicts(duplicates=[name for name, orders in taken.items() if len(orders) > 1])
        for name, said in self.said.items():
            verdicts.counts[_word(said)] += 1
            if isinstance(said, Unknown):
                verdicts.unknown.append(name)
            elif not _is_true(said, taken[name], refused[name]):
                verdicts.false.append(name)
        self.venue.audit()
        return verdicts


def _is_true(said: Any, taken: list[t.Order], refused: list[t.Order]) -> bool:
    if isinstance(said, Accepted):
        return [order.id for order in taken] == [said.order_id]
    if isinstance(said, Rejected) and not said.never_arrived:
        return not taken and said.order_id in [order.id for order in refused]
    if isinstance(said, PolyspecError) and said.maybe_executed:
        return False
    return not taken and not refused


def _word(said: Any) -> str:
    if isinstance(said, Rejected) and said.never_arrived:
        return "never arrived"
    return "raised" if isinstance(said, PolyspecError) else type(said).__name__
