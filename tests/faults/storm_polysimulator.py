"""Bad weather on PolySimulator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from polyspec.errors import PolyspecError
from polyspec.polysimulator.fate import Accepted, Rejected
from polyspec.polysimulator.ticket import NewOrder
from polyspec.sandbox.polysimulator.engine import OrderRow
from polyspec.sandbox.polysimulator.faults import GATES
from tests.faults.at_polysimulator import BATCH, FLAT, GET, HISTORY, LISTING, PLACE, SimVenue
from tests.faults.storm import WEATHER, Storm

__all__ = ["SIM_WEATHER", "FlatStorm", "SimStorm"]

_OWN: tuple[dict[str, Any], ...] = (
    {"kind": "deadline_overshot"},
    {"kind": "persistence_unknown"},
    {"kind": "persistence_unknown_stored"},
    {"kind": "persistence_unknown_lost"},
    {"kind": "venue_unavailable"},
    {"kind": "lock_busy", "retry_after": 0},
    {"kind": "conflict_pending", "retry_after": 0},
    {"kind": "server_busy", "retry_after": 0},
    {"kind": "db_contention", "retry_after": 0},
    {"kind": "concurrency", "retry_after": 0},
    {"kind": "upstream"},
    {"kind": "warm_up"},
    {"kind": "edge_blocked"},
    {"kind": "unauthorized"},
)
SIM_WEATHER = WEATHER + _OWN + _OWN
# what may meet lookups too
_EVERYWHERE = WEATHER + tuple(
    each for each in _OWN if each["kind"] in ("concurrency", "upstream", "edge_blocked")
)
_NOT_ASKED = {code for gate in GATES.values() for code in (gate.code, gate.error_code)} | {"EDGE_1010"}
"""What is refused before the engine is asked."""


class SimStorm(Storm):
    """Every intent is for a number of shares of its own, so it is known by whatever id it stands."""

    SINGLE, LIST = PLACE, BATCH
    LOOKUPS = (LISTING, GET, HISTORY)

    def __init__(self, venue: SimVenue, seed: int, *, share: float = 0.5, markets: int = 40) -> None:
        """Prepare markets with something to take."""
        super().__init__(venue.sim.faults, seed, share=share)
        self.venue = venue
        self.person = venue.person()
        self.markets = [venue.market() for _ in range(markets)]
        for market in self.markets:
            venue.offer(market, "0.5", 10_000)
        self._intents: dict[str, NewOrder] = {}

    def order(self, number: int) -> NewOrder:
        """Make a resting order up, or one that takes, or one that is killed."""
        draw = self.random.random()
        # now and then more than anybody can pay
        more = 100_000_000 if self.random.random() < 0.02 else 0
        if draw < 0.4:
            return self.made(number, price=f"0.{self.random.randint(10, 49)}", more=more)
        if draw < 0.5:
            return self.made(number, more=more)
        terms: dict[str, Any] = {"time_in_force": self.random.choice(("FOK", "FAK"))}
        if draw < 0.6:
            # nobody sells the other outcome
            return self.made(number, outcome="No", **terms)
        terms["order_type"] = self.random.choice(("limit", "market"))
        if terms["order_type"] == "market" and draw < 0.75:
            return self.made(number, dollars=True, **terms)
        # what fills as much as it can would fill some of it
        return self.made(number, more=more if terms["time_in_force"] == "FOK" else 0, **terms)

    def made(
        self, number: int, *, price: str = "0.5", more: int = 0, dollars: bool = False, **terms: Any
    ) -> NewOrder:
        """Write the order of a number down, for `more` shares than others of its kind."""
        shares = Decimal(500 + 2 * number) / 100 + more
        size = {"amount": shares / 2} if dollars else {"quantity": shares}
        market = self.markets[number % len(self.markets)].condition_id
        known: dict[str, Any] = {"side": "BUY", "outcome": "Yes"} | terms
        made = NewOrder(market=market, price=price, **size, **known)
        self._intents[self.name(made)] = made
        return made

    def name(self, order: NewOrder) -> str:
        """Return the shares."""
        shares = order.quantity if order.amount is None else Decimal(order.amount) * 2
        return f"{Decimal(shares or 0):.2f}"

    def place(self, client: Any, orders: list[NewOrder]) -> Any:
        """Place."""
        return client.orders.submit(orders[0]) if len(orders) == 1 else client.orders.place_batch(orders)

    def blow(self) -> None:
        """Perhaps let a fault meet one of the next requests."""
        draw = self.random.random
        if draw() < self.share:
            operation = self.LIST if draw() < 0.1 else self.SINGLE
            self.faults.add(operation=operation, **self.random.choice(SIM_WEATHER))
        if draw() < self.share / 4:
            self.faults.add(operation=self.random.choice(self.LOOKUPS), **self.random.choice(_EVERYWHERE))
        self.blown += 1
        if self.blown % 100 == 50:
            # what rests is filled meanwhile, and has numbers in both tables
            for market in self.markets:
                self.venue.offer(market, "0.3", 100)

    def lost(self) -> list[NewOrder]:
        """Return what certainly does not stand, but was not refused for what it is."""
        return [
            self._intents[name]
            for name, said in self.said.items()
            if isinstance(said, PolyspecError)
            or (isinstance(said, Rejected) and (said.never_arrived or said.code in _NOT_ASKED))
        ]

    def taken(self) -> dict[str, list[OrderRow]]:
        """Return the orders the engine took, whatever became of them."""
        taken: dict[str, list[OrderRow]] = defaultdict(list)
        for row in self.venue.orders(self.person):
            taken[f"{Decimal(row.quantity) / 10_000:.2f}"].append(row)
        return taken

    def is_true(self, said: Any, name: str, taken: list[OrderRow]) -> bool:
        """Hold a verdict against the engine's orders and its refusals."""
        if isinstance(said, Accepted):
            told = [(str(said.order_id), said.client_order_id, f"{said.quantity:.2f}")]
            held = [(f"{row.source}:{row.order_id}", row.client_order_id, name) for row in taken]
            return told == held
        if isinstance(said, Rejected) and not said.never_arrived:
            own = self.venue.refusals.get(said.client_order_id)
            return not taken and (said.code in _NOT_ASKED or (own is not None and own == said.code))
        if isinstance(said, PolyspecError) and said.maybe_executed:
            return False
        return not taken

    def audit(self) -> None:
        """Recount."""
        self.venue.audit()


class FlatStorm(SimStorm):
    """Orders by token, one by one, through the venue's flat route."""

    SINGLE = LIST = FLAT

    def intents(self, count: int) -> Iterator[list[NewOrder]]:
        """Make orders up: some rest, some take, some are killed."""
        for number in range(count):
            draw = self.random.random()
            price = "0.5" if draw < 0.4 else f"0.{self.random.randint(10, 49)}"
            kind = "FOK" if draw < 0.2 or draw > 0.9 else "GTC"
            yield [self.made(number, price=price, time_in_force=kind)]

    def place(self, client: Any, orders: list[NewOrder]) -> Any:
        """Place by token."""
        (order,) = orders
        token = next(each.id for each in self.markets if each.condition_id == order.market)
        return client.compat.place(
            token,
            order.side,
            order.price,
            order.quantity,
            order.time_in_force,
            client_order_id=order.client_order_id,
        )
