"""Bad weather on the US exchange."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from polyspec.errors import PolyspecError
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.fate import Accepted, Rejected
from polyspec.us.ticket import NewOrder
from tests.client.us.rig import Venue
from tests.faults.storm import Storm

__all__ = ["UsStorm"]


class UsStorm(Storm):
    """Orders are told apart by their client order ids."""

    SINGLE = "OrderEntryAPI_InsertOrder"
    LIST = "OrderEntryAPI_InsertOrderList"
    LOOKUPS = (
        "OrderEntryAPI_GetOpenOrders",
        "ReportAPI_GetOrder",
        "ReportAPI_SearchOrders",
        "ReportAPI_SearchExecutions",
    )

    def __init__(self, venue: Venue, seed: int, *, share: float = 0.5) -> None:
        """Prepare a market with something to take."""
        super().__init__(venue.sandbox.faults, seed, share=share)
        self.venue = venue
        self.person: Participant = venue.person(dollars="1000000")
        self.symbol = venue.market()
        self._refused: dict[str, list[t.Order]] = defaultdict(list)
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

    def order(self, number: int) -> NewOrder:
        """Make a resting order up, or a taking one."""
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

    def name(self, order: NewOrder) -> str:
        """Return the client order id."""
        return order.clord_id

    def place(self, client: Any, orders: list[NewOrder]) -> Any:
        """Place."""
        return client.orders.submit(orders[0]) if len(orders) == 1 else client.orders.place_list(orders)

    def blow(self) -> None:
        """Now and then, tokens stop working too."""
        super().blow()
        if self.share and self.blown in (20, 100):
            # not more often: tokens that are refused as soon as they come are not asked for without end
            self.faults.add(kind="status_before", status=503, operation="OAuth_RequestToken")
            self.faults.add(kind="revoke", operation=self.SINGLE)

    def taken(self) -> dict[str, list[t.Order]]:
        """Return the orders the engine did not reject."""
        taken: dict[str, list[t.Order]] = defaultdict(list)
        for order in self.venue.orders(self.person):
            rejected = order.state is t.OrderState.REJECTED
            (self._refused if rejected else taken)[order.client_order_id].append(order)
        return taken

    def is_true(self, said: Any, name: str, taken: list[t.Order]) -> bool:
        """Hold a verdict against the engine's orders, the rejected ones too."""
        refused = self._refused[name]
        if isinstance(said, Accepted):
            return [order.id for order in taken] == [said.order_id]
        if isinstance(said, Rejected) and not said.never_arrived:
            return not taken and said.order_id in [order.id for order in refused]
        if isinstance(said, PolyspecError) and said.maybe_executed:
            return False
        return not taken and not refused

    def audit(self) -> None:
        """Recount."""
        self.venue.audit()
