"""Bad weather on the CLOB."""

from __future__ import annotations

import time
from collections import defaultdict
from decimal import Decimal
from typing import Any

from polyspec.clob.client import ClobClient
from polyspec.clob.fate import Accepted, Rejected
from polyspec.clob.order import SignedOrder
from polyspec.errors import PolyspecError
from polyspec.sandbox.clob.engine import types as t
from tests.client.clob.rig import Person, Venue
from tests.faults.storm import Storm

__all__ = ["ClobStorm", "Intent"]

Intent = tuple[SignedOrder, str]
"""An order, and the type to post it as."""


class ClobStorm(Storm):
    """Every intent is for a number of shares of its own, so it is known by whatever id it stands."""

    SINGLE = "Orders_PostOrder"
    LIST = "Orders_PostOrders"
    LOOKUPS = ("Orders_GetOrder", "Trades_GetTrades")

    def __init__(self, venue: Venue, seed: int, *, share: float = 0.5) -> None:
        """Prepare a market with something to take."""
        super().__init__(venue.clob.faults, seed, share=share)
        self.venue = venue
        self.person: Person = venue.person(dollars=1_000_000)
        self.token = venue.market()
        venue.offer(self.token, "0.5", 10_000_000)
        self._pen = ClobClient(**venue.client_options(self.person))
        self._intents: dict[str, Intent] = {}

    def order(self, number: int) -> Intent:
        """Make a resting order up, or one that takes, or one that is killed."""
        draw = self.random.random()
        # now and then more than anybody can pay
        more = 10_000_000 if self.random.random() < 0.02 else 0
        if draw < 0.5:
            return self.made(number, price=f"0.{self.random.randint(10, 49)}", more=more)
        kind = self.random.choice(("FOK", "FAK")) if draw < 0.9 else "GTC"
        # nobody sells the other outcome
        return self.made(number, kind, token=self.token.other if draw < 0.6 else self.token.id, more=more)

    def made(
        self, number: int, kind: str = "GTC", *, token: str = "", price: str = "0.5", more: int = 0
    ) -> Intent:
        """Sign the order of a number, for `more` shares than others of its kind."""
        shares = Decimal(500 + 2 * number) / 100 + more
        terms = self.token.known | {"token_id": token or self.token.id}
        made = self._pen.create_order(**terms, side="BUY", price=price, size=shares)
        self._intents[str(made.taker_amount)] = made, kind
        return made, kind

    def name(self, order: Intent) -> str:
        """Return the shares."""
        return str(order[0].taker_amount)

    def place(self, client: Any, orders: list[Intent]) -> Any:
        """Place."""
        return client.post_order(*orders[0]) if len(orders) == 1 else client.post_orders(orders)

    def lost(self) -> list[Intent]:
        """Return what certainly does not stand, but was not refused for what it is."""
        return [
            self._intents[name]
            for name, said in self.said.items()
            if isinstance(said, PolyspecError) or (isinstance(said, Rejected) and said.never_arrived)
        ]

    def another(self, order: SignedOrder) -> SignedOrder:
        """Sign an order for the same intent, with an id of its own, as one should not."""
        maker = self._pen._maker()
        unsigned = maker.again(order, order.version, time.time())
        assert unsigned is not None
        return maker.order_signer_of(unsigned).sign(unsigned)

    def taken(self) -> dict[str, list[t.Order]]:
        """Return the orders the engine took, whatever became of them."""
        taken: dict[str, list[t.Order]] = defaultdict(list)
        for order in self.venue.orders(self.person):
            taken[str(order.taker_amount)].append(order)
        return taken

    def is_true(self, said: Any, name: str, taken: list[t.Order]) -> bool:
        """Hold a verdict against the engine's orders and its refusals."""
        if isinstance(said, Accepted):
            return [(order.id, str(order.taker_amount)) for order in taken] == [(said.order_id, name)]
        if isinstance(said, Rejected) and not said.never_arrived:
            # a venue that says it is closed did not ask its engine
            return not taken and (said.order_id in self.venue.refused or said.status == 503)
        if isinstance(said, PolyspecError) and said.maybe_executed:
            return False
        return not taken

    def audit(self) -> None:
        """Recount."""
        self.venue.audit()
