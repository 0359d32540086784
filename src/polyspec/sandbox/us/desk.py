"""Requests for quotes: who asks, who quotes, last look, and the paired orders at the end.

An accepted quote gives its maker three seconds to confirm or decline; a confirmed one is executed a second
later as two ordinary orders, the maker's first, so a better price resting in the book is taken first. What
changes together, as a request that closes and the quotes it ends, is one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from polyspec.core.scales import Grid, scale_of
from polyspec.errors import InvalidOrder
from polyspec.sandbox.engine.types import MarketDefinition
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Store
from polyspec.sandbox.us.refusals import denied, invalid, missing, precondition

__all__ = ["Desk", "Quote", "Rfq"]

LAST_LOOK: Final = 3.0
SUBMISSION_DELAY: Final = 1.0


class Rfq(msgspec.Struct, kw_only=True):
    """A request; its size is a number of contracts or an amount of cash, as decimal text."""

    id: str
    symbol: str
    participant: str
    account: str
    rest: bool
    created: int
    updated: int
    quantity: str = ""
    cash: str = ""
    open: bool = True


class Quote(msgspec.Struct, kw_only=True):
    """A maker's prices for a request, and how far the trade got; prices and sizes are decimal text."""

    id: str
    rfq_id: str
    symbol: str
    participant: str
    account: str
    buy_price: str
    sell_price: str
    buy_quantity: str
    sell_quantity: str
    rest: bool
    post_only: bool
    created: int
    updated: int
    status: str = "ACTIVE"
    accepted_side: str = ""
    accepted: int | None = None
    confirmed: int | None = None
    confirm_by: int | None = None
    execute_at: int | None = None
    executed: int | None = None
    requester_order: str = ""
    maker_order: str = ""


Change: TypeAlias = tuple[str, Rfq | Quote, dict[str, Any]]
"""The event that tells of a change, what changes, and its new values."""


class Desk:
    """All requests and quotes."""

    def __init__(self, clock: Clock, jobs: Jobs, store: Store, seeded: Seeded) -> None:
        self.execute: Callable[[Rfq, Quote], tuple[str, str]] | None = None
        """Trades a confirmed quote; returns the requester's and the maker's order id. Set by the world."""
        self.listeners: list[Callable[[str, Rfq, Quote | None], None]] = []
        """Told of every event: its name, the request, the quote if it is about one."""
        self._clock = clock
        self._jobs = jobs
        self._store = store
        self._seeded = seeded
        self.rfqs = store.load("rfq", Rfq)
        self.quotes = store.load("quote", Quote)
        for quote in self.quotes.values():
            self._schedule(quote)

    # -- requests --

    def ask(self, market: MarketDefinition, participant: str, **terms: Any) -> Rfq:
        """Open a request for `market`; raises Refusal unless exactly one valid size is given."""
        quantity, cash = terms.pop("quantity") or "", terms.pop("cash") or ""
        if bool(quantity) == bool(cash):
            raise invalid("exactly one of qtyDecimal and cashOrderQty is required")
        if quantity:
            _on_grid(Grid(market.quantity_scale, minimum=market.min_quantity), quantity, "qtyDecimal")
        else:
            _on_grid(Grid(scale_of(10_000)), cash, "cashOrderQty")
        now = self._clock.now_ns()
        rfq = Rfq(
            id=f"rfq_{self._seeded.hex(24)}",
            symbol=market.symbol,
            participant=participant,
            created=now,
            updated=now,
            quantity=quantity,
            cash=cash,
            **terms,
        )
        self._make(("rfq_created", rfq, {}))
        return rfq

    def close(self, rfq_id: str, participant: str) -> None:
        """Close an open request of the caller's, and with it the quotes; raises Refusal."""
        rfq = self.rfq(rfq_id)
        if rfq.participant != participant:
            raise denied("only the requester can close an RFQ")
        if not rfq.open:
            raise precondition("RFQ is closed")
        self._make(("rfq_closed", rfq, {"open": False}), *self._deleted(self.quotes_of(rfq_id, "ACTIVE")))

    def rfq(self, rfq_id: str) -> Rfq:
        """Return a request; raises Refusal (404)."""
        rfq = self.rfqs.get(rfq_id)
        if rfq is None:
            raise missing("RFQ not found")
        return rfq

    # -- quotes --

    def quote(self, market: MarketDefinition, rfq: Rfq, participant: str, **terms: Any) -> Quote:
        """Quote an open request, replacing the maker's earlier quotes; raises Refusal."""
        if not rfq.open:
            raise precondition("RFQ is closed")
        if rfq.participant == participant:
            raise precondition("the requester cannot quote its own RFQ")
        buy, sell = terms.pop("buy_price"), terms.pop("sell_price")
        sizes = [_size(market, rfq, price, name) for price, name in ((buy, "buyPrice"), (sell, "sellPrice"))]
        if not any(sizes):
            raise invalid("at least one of buyPrice and sellPrice must be positive")
        earlier = [each for each in self.quotes_of(rfq.id, "ACTIVE") if each.participant == participant]
        now = self._clock.now_ns()
        quote = Quote(
            id=f"quote_{self._seeded.hex(24)}",
            rfq_id=rfq.id,
            symbol=rfq.symbol,
            participant=participant,
            buy_price=buy,
            sell_price=sell,
            buy_quantity=sizes[0],
            sell_quantity=sizes[1],
            created=now,
            updated=now,
            **terms,
        )
        self._make(*self._deleted(earlier), ("quote_created", quote, {}))
        return quote

    def decline(self, rfq_id: str, quote_id: str, participant: str) -> None:
        """Delete the caller's quote, or decline it during last look; raises Refusal."""
        rfq, quote = self._pair(rfq_id, quote_id)
        if quote.participant != participant:
            raise denied("only the maker can delete a quote")
        looking = quote.status == "ACCEPTED" and (quote.confirm_by or 0) > self._clock.now_ns()
        if not (looking or (quote.status == "ACTIVE" and rfq.open)):
            raise precondition(f"quote is {quote.status}")
        self._make(*self._deleted([quote]))

    def accept(self, rfq_id: str, quote_id: str, participant: str, side: str) -> None:
        """Accept one side of a quote as its requester; last look begins, other quotes end. Raises Refusal."""
        if side not in ("BUY", "SELL"):
            raise invalid("acceptedSide must be SIDE_BUY or SIDE_SELL")
        rfq, quote = self._pair(rfq_id, quote_id)
        if rfq.participant != participant:
            raise denied("only the requester can accept a quote")
        if not rfq.open or quote.status != "ACTIVE":
            raise precondition(f"quote is {quote.status}" if rfq.open else "RFQ is closed")
        if not (quote.buy_quantity if side == "BUY" else quote.sell_quantity):
            raise invalid("the quote does not offer this side")
        now = self._clock.now_ns()
        changes = {
            "status": "ACCEPTED",
            "accepted_side": side,
            "accepted": now,
            "confirm_by": now + int(LAST_LOOK * 1e9),
        }
        others = [each for each in self.quotes_of(rfq_id, "ACTIVE") if each is not quote]
        self._make(
            ("rfq_closed", rfq, {"open": False}), ("quote_accepted", quote, changes), *self._deleted(others)
        )
        self._schedule(quote)

    def confirm(self, rfq_id: str, quote_id: str, participant: str) -> None:
        """Confirm an accepted quote as its maker, in time; raises Refusal."""
        _, quote = self._pair(rfq_id, quote_id)
        if quote.participant != participant:
            raise denied("only the maker can confirm a quote")
        now = self._clock.now_ns()
        if quote.status != "ACCEPTED" or quote.confirm_by is None:
            raise precondition(f"quote is {quote.status}")
        if quote.confirm_by <= now:
            raise precondition("confirmation deadline has passed")
        execute_at = now + int(SUBMISSION_DELAY * 1e9)
        changes = {"status": "CONFIRMED", "confirmed": now, "execute_at": execute_at}
        self._make(("quote_confirmed", quote, changes))
        self._schedule(quote)

    def quotes_of(self, rfq_id: str, status: str = "") -> list[Quote]:
        """Return the quotes for a request, of one status if named."""
        return [q for q in self.quotes.values() if q.rfq_id == rfq_id and status in ("", q.status)]

    # -- what time does --

    def _schedule(self, quote: Quote) -> None:
        if quote.status == "ACCEPTED" and quote.confirm_by is not None:
            self._jobs.at(quote.confirm_by, lambda: self._lapse(quote))
        elif quote.status == "CONFIRMED" and quote.execute_at is not None:
            self._jobs.at(quote.execute_at, lambda: self._trade(quote))

    def _lapse(self, quote: Quote) -> None:
        if quote.status == "ACCEPTED":
            self._make(*self._deleted([quote]))

    def _trade(self, quote: Quote) -> None:
        if quote.status != "CONFIRMED" or self.execute is None:
            return
        requester_order, maker_order = self.execute(self.rfqs[quote.rfq_id], quote)
        changes = {
            "status": "EXECUTED",
            "requester_order": requester_order,
            "maker_order": maker_order,
            "executed": self._clock.now_ns(),
        }
        self._make(("quote_executed", quote, changes))

    # -- plumbing --

    def _pair(self, rfq_id: str, quote_id: str) -> tuple[Rfq, Quote]:
        rfq, quote = self.rfq(rfq_id), self.quotes.get(quote_id)
        if quote is None or quote.rfq_id != rfq_id:
            raise missing("quote not found")
        return rfq, quote

    def _make(self, *changes: Change) -> None:
        """Write changes under one commit, only then make them, and tell of each."""
        now = self._clock.now_ns()
        dated = [(event, each, {**fields, "updated": now}) for event, each, fields in changes]
        self._store.put_all(
            (_kind(each), each.id, msgspec.structs.replace(each, **fields)) for _, each, fields in dated
        )
        for event, each, fields in dated:
            for name, value in fields.items():
                setattr(each, name, value)
            if isinstance(each, Rfq):
                self.rfqs[each.id] = each
                self._tell(event, each)
            else:
                self.quotes[each.id] = each
                self._tell(event, self.rfqs[each.rfq_id], each)

    @staticmethod
    def _deleted(quotes: Iterable[Quote]) -> list[Change]:
        return [("quote_deleted", each, {"status": "DELETED"}) for each in quotes]

    def _tell(self, event: str, rfq: Rfq, quote: Quote | None = None) -> None:
        for listener in self.listeners:
            listener(event, rfq, quote)


def _kind(each: Rfq | Quote) -> str:
    return "rfq" if isinstance(each, Rfq) else "quote"


def _on_grid(grid: Grid, text: str, field: str) -> int:
    try:
        return grid.to_wire(text, field)
    except InvalidOrder as error:
        raise invalid(str(error)) from error


def _size(market: MarketDefinition, rfq: Rfq, price: str, field: str) -> str:
    """Return how many contracts a price stands for, as decimal text; empty if the side is not offered."""
    try:
        if Decimal(price) == 0:
            return ""
    except ArithmeticError as error:
        raise invalid(f"{field} must be a decimal number") from error
    units = _on_grid(
        Grid(market.price_scale, market.tick, low=market.price_low, high=market.price_high), price, field
    )
    if rfq.quantity:
        return rfq.quantity
    cash = scale_of(10_000).to_wire(rfq.cash, "cashOrderQty")
    quantity = cash * market.price_scale * market.quantity_scale // (10_000 * units)
    if quantity < market.min_quantity:
        raise invalid(f"{field} leaves less than the minimum trade quantity")
    return scale_of(market.quantity_scale).text(quantity)
