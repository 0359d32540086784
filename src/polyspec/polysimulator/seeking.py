"""Look for orders whose fate is not known: what the venue shows of them, and how much a look is worth.

An order has no lookup by its client order id, so listings are read to their end. A row that does not say
whose it is, but could be the order that is looked for, makes a look doubtful; so does a fill nobody owns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from attrs import evolve, frozen
from polyspec_wire import Call
from polyspec_wire.polysimulator import account, orders
from polyspec_wire.polysimulator import models as wire

from polyspec.core.absence import Empty
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.paging import next_page
from polyspec.core.sending import Session
from polyspec.errors import ApiError, NotFound
from polyspec.polysimulator.answers import TAKEN_IDS, as_decimal_or_none
from polyspec.polysimulator.fate import SOURCES, OrderId, Source, Terms, Unknown

__all__ = ["Empty", "Looker", "Sight"]

T = TypeVar("T")

# How far this machine's clock and the venue's may differ, and how long an order may take to be written.
_APART: Final = 60.0
_ROWS: Final = 200
_PAGES: Final = 10
# More fills than this that may be the order's, and reading them one by one leads nowhere.
_FILLS: Final = 8
_RESTED: Final = ("PENDING", "CANCELLED", "EXPIRED")
# Orders of these are listed with the shares they are for, not with those that were filled.
_WHOLE: Final = ("GTC", "GTD", "FOK")


@frozen
class Sight:
    """An order as the venue shows it."""

    record: Any
    order_id: OrderId
    own: bool = True
    """False for another order that has the client order id."""


class Looker:
    """One look at any number of orders; what they need alike is read once."""

    def __init__(self, session: Session, deadline: float) -> None:
        self._session = session
        self._deadline = deadline
        self._began: Instant | None = None
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], Any] = {}

    def look(self, unknown: Unknown[Any]) -> Flow[Sight | Empty]:
        """Look for one order; raises what the lookup fails of."""
        self._began = yield Now()
        if unknown.order_id is not None:
            found = yield from self._by_id(unknown, unknown.order_id)
            if found is not None:
                return found
        reused = isinstance(unknown.refusal, ApiError) and unknown.refusal.code in TAKEN_IDS
        # an order that only has the id in common may be anywhere
        market = "" if reused or unknown.terms is None else unknown.terms.market
        rows, whole = yield from self._orders(market, unknown, everywhere=reused)
        unknown = evolve(unknown, sent_at=self._sent_at(unknown))
        named = [row for row in rows if row.client_order_id == unknown.client_order_id]
        for row in named:
            if unknown.terms is None or (
                _alike(row, unknown.terms) and not (reused and _is_smaller(row, unknown.terms))
            ):
                return Sight(row, (yield from self._placed(row, unknown)))
        if named and (reused or unknown.fresh):
            # nobody else has an id that was made here: then it is the venue that puts the terms otherwise
            return Sight(named[0], (yield from self._placed(named[0], unknown)), own=unknown.fresh)
        if any(_may_be(row, unknown) for row in rows):
            return Empty.DOUBTFUL
        found_filled = yield from self._filled(unknown, rows)
        if isinstance(found_filled, Sight) or found_filled is Empty.DOUBTFUL:
            return found_filled
        return Empty.PROVEN if whole and found_filled is Empty.PROVEN else Empty.PARTIAL

    def _sent_at(self, unknown: Unknown[Any]) -> float | None:
        """Return when an order was sent at the earliest, by the venue's clock as it is known by now.

        When it was sent, nothing may have been known of how far our own is off.
        """
        if unknown.sent_at is None or unknown.begun is None or self._began is None:
            return unknown.sent_at
        begun = self._began.wall - (self._began.monotonic - unknown.begun)
        return min(unknown.sent_at, self._session.clock.correct(begun))

    def _by_id(self, unknown: Unknown[Any], order_id: OrderId) -> Flow[Sight | None]:
        """Return the order of an id the venue gave; in the other table the same number is another order."""
        for source in SOURCES if order_id.source is None else (order_id.source,):
            record = yield from self._get(order_id.number, source, unknown.terms)
            if record is None:
                continue
            its, terms = record.client_order_id, unknown.terms
            # one that does not say whose it is must be of the table the venue named, and like it
            likely = not its and order_id.source is not None and terms is not None and _alike(record, terms)
            if its == unknown.client_order_id or likely:
                return Sight(record, OrderId(order_id.number, source))
        return None

    def _get(self, number: int, source: Source, terms: Terms | None) -> Flow[Any]:
        wallet = None if terms is None else terms.wallet_id
        try:
            return (
                yield from self._ask(
                    orders.get_order(order_id=number, source=wire.OrderSource(source), wallet_id=wallet)
                )
            )
        except NotFound:
            return None

    def _placed(self, row: Any, unknown: Unknown[Any]) -> Flow[OrderId]:
        """Return the whole id of an order out of a listing, which does not say in which table it is."""
        if str(row.status).upper() in _RESTED:
            return OrderId(row.order_id, "pending")
        for source in SOURCES:
            record = yield from self._get(row.order_id, source, unknown.terms)
            if record is not None and record.client_order_id == unknown.client_order_id:
                return OrderId(row.order_id, source)
        return OrderId(row.order_id)

    def _orders(
        self, market: str, unknown: Unknown[Any], *, everywhere: bool
    ) -> Flow[tuple[list[Any], bool]]:
        """List orders, and say whether these are all that can matter."""
        its = None if unknown.terms is None else unknown.terms.wallet_id
        wallet = "all" if everywhere or unknown.terms is None else its
        call = orders.list_orders(market_id=market or None, limit=_ROWS, wallet_id=wallet)
        rows: list[Any] = []
        for _ in range(_PAGES):
            page = yield from self._ask(call)
            rows += page.orders
            following = next_page(call, page)
            if following is None:
                return rows, not page.has_more
            # an id that was given may be that of an order of long ago
            if unknown.fresh and _past([row.created_at for row in page.orders], self._sent_at(unknown)):
                return rows, True
            call = following
        return rows, False

    def _filled(self, unknown: Unknown[Any], rows: Sequence[Any]) -> Flow[Sight | Empty]:
        """Look among the fills, which do not say whose they are: the orders they name do.

        What is known of orders from `rows` need not be asked for again.
        """
        terms = unknown.terms
        if terms is None or unknown.sent_at is None:
            return Empty.PARTIAL
        fills, whole = yield from self._fills(terms, unknown.sent_at)
        told = {_trace(row, row.fill_price) for row in rows if row.client_order_id} - {None}
        suspects = list(
            dict.fromkeys(
                each.order_id
                for each in fills
                if _fits(each, terms)
                and not _is_older(each.filled_at or each.created_at, unknown.sent_at)
                and _trace(each, each.price) not in told
            )
        )
        for number in suspects[:_FILLS]:
            records = []
            for source in SOURCES:
                record = yield from self._get(number, source, terms)
                if record is not None and record.client_order_id == unknown.client_order_id:
                    return Sight(record, OrderId(number, source))
                records.append(record)
            if not any(record is not None and record.client_order_id for record in records):
                return Empty.DOUBTFUL
        return Empty.PROVEN if whole and len(suspects) <= _FILLS else Empty.PARTIAL

    def _fills(self, terms: Terms, since: float) -> Flow[tuple[list[Any], bool]]:
        fills: list[Any] = []
        for place in range(_PAGES):
            page = yield from self._ask(
                account.get_history(
                    market_id=terms.market or None,
                    side=wire.Side(terms.side),
                    limit=_ROWS,
                    offset=place * _ROWS,
                    wallet_id=terms.wallet_id,
                )
            )
            rows = page if isinstance(page, list) else page.data
            fills += rows
            if len(rows) < _ROWS or _past([row.filled_at or row.created_at for row in rows], since):
                return fills, True
        return fills, False

    def _ask(self, call: Call[T]) -> Flow[T]:
        name = call.path, call.query
        if name not in self._known:
            self._known[name] = (yield from self._session.send(call, until=self._deadline)).value
        found: T = self._known[name]
        return found


def _alike(record: Any, terms: Terms) -> bool:
    """Tell whether an order may be that of the terms; what it does not say is no difference."""
    limit = as_decimal_or_none(record.limit_price)
    if terms.limit is not None and limit is not None and limit != terms.limit:
        return False
    elsewhere = terms.market and record.market_id and record.market_id != terms.market
    return not elsewhere and _fits(record, terms)


def _fits(record: Any, terms: Terms) -> bool:
    """Tell whether an order or a fill is of the side, the outcome and the size of the terms."""
    if str(record.side or terms.side).upper() != terms.side:
        return False
    if terms.outcome and (record.outcome or terms.outcome).casefold() != terms.outcome.casefold():
        return False
    quantity = as_decimal_or_none(record.quantity)
    # of an order that fills what it can, the quantity is what was filled
    return terms.quantity is None or quantity is None or quantity <= terms.quantity


def _trace(record: Any, price: Any) -> tuple[Any, ...] | None:
    """Return what tells the fill of an order from all others; None if something of it is missing.

    A number alone does not: it may be that of two orders.
    """
    size, paid = as_decimal_or_none(record.quantity), as_decimal_or_none(price)
    if None in (record.filled_at, size, paid) or not (record.market_id and record.side and record.outcome):
        return None
    side, outcome = str(record.side).upper(), record.outcome.casefold()
    return record.order_id, record.filled_at, record.market_id, side, outcome, size, paid


def _is_smaller(row: Any, terms: Terms) -> bool:
    """Tell whether an order was for fewer shares than the terms; one that takes what it can does not say."""
    whole = str(row.time_in_force or "").upper() in _WHOLE
    quantity = as_decimal_or_none(row.quantity)
    return whole and None not in (quantity, terms.quantity) and quantity != terms.quantity


def _may_be(row: Any, unknown: Unknown[Any]) -> bool:
    """Tell whether a row may be the order, though it does not say so, or not all of it."""
    if row.client_order_id == unknown.client_order_id:
        # of other terms: one of before, or ours as the venue puts it
        return not _is_older(row.created_at, unknown.sent_at)
    if row.client_order_id or unknown.terms is None or not _alike(row, unknown.terms):
        return False
    return not (unknown.fresh and _is_older(row.created_at, unknown.sent_at))


def _is_older(moment: str | None, sent_at: float | None) -> bool:
    """Tell what certainly was there before the order was sent."""
    seconds = _seconds(moment)
    return seconds is not None and sent_at is not None and seconds < sent_at - _APART


def _past(moments: Sequence[str | None], sent_at: float | None) -> bool:
    """Tell whether a page shows by itself that what follows is older: newest first, and the last too old."""
    stamps = [seconds for each in moments if (seconds := _seconds(each)) is not None]
    if sent_at is None or not stamps or len(stamps) != len(moments):
        return False
    # a page of one moment does not say which way the listing goes
    newest_first = stamps[0] > stamps[-1] and stamps == sorted(stamps, reverse=True)
    return newest_first and stamps[-1] < sent_at - _APART


def _seconds(moment: str | None) -> float | None:
    """Read a time of the venue's as unix seconds; None if it cannot be."""
    try:
        found = datetime.fromisoformat(moment or "")
    except ValueError:
        return None
    # without a zone it is in that of the venue, which is UTC
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
