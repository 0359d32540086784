"""Look one order up by its id: among the orders, then among the trades."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders, trades

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.core.absence import Empty
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.paging import next_page
from polyspec.core.scales import as_decimal
from polyspec.core.sending import Session
from polyspec.errors import InvalidOrder, NotFound, TimedOut

__all__ = ["Sight", "look"]

# A clock of the venue that is a little behind must not hide a trade.
_SLACK: Final = 120
# An order of seconds ago is on the first page; so many others before it would be a flood of trades.
_PAGES: Final = 5


@frozen
class Sight:
    """An order that was found, by what it was found."""

    order: wire.OpenOrder | None
    trades: tuple[wire.Trade, ...] = ()

    def verdict(self, unknown: Unknown[Any]) -> Accepted | Rejected:
        """Return what it means that the order looks like this."""
        matched = self._matched(unknown.order_id)
        status = "matched" if self.order is None else _plain(self.order.status)
        if status == "invalid" and not matched:
            return Rejected(
                order_id=unknown.order_id,
                order=unknown.order,
                text="the venue lists the order as invalid",
                code="ORDER_STATUS_INVALID",
            )
        return Accepted(
            order_id=unknown.order_id,
            order=unknown.order,
            status=status,
            matched=matched,
            trade_ids=tuple(each.id for each in self.trades)
            or tuple((self.order.associate_trades or ()) if self.order is not None else ()),
        )

    def _matched(self, order_id: str) -> Decimal:
        if self.order is not None:
            return _number(self.order.size_matched)
        return sum((_share_of(each, order_id) for each in self.trades), Decimal(0))


def look(session: Session, unknown: Unknown[Any], deadline: float) -> Flow[Sight | Empty]:
    """Look an order up once, before the monotonic second `deadline`; raises what a lookup failed of."""
    left = yield from _left(deadline)
    try:
        answer = yield from session.send(orders.get_order(unknown.order_id), left)
    except NotFound as error:
        if error.maybe_executed:
            # not in the venue's own words: somebody on the way knows no such page
            raise
        return (yield from _among_trades(session, unknown, deadline))
    found: wire.OpenOrder = answer.value
    if found.id.lower() != unknown.order_id:
        # an answer about another order says nothing about this one
        return Empty.DOUBTFUL
    return Sight(found)


def _among_trades(session: Session, unknown: Unknown[Any], deadline: float) -> Flow[Sight | Empty]:
    # an order that was matched at once may never have been among the open ones
    call: Any = trades.get_trades(
        maker_address=unknown.order.maker,
        asset_id=unknown.order.token_id,
        after=max(0, int(unknown.sent_at) - _SLACK),
    )
    found: list[wire.Trade] = []
    for _ in range(_PAGES):
        left = yield from _left(deadline)
        page = (yield from session.send(call, left)).value
        found += [each for each in page.data if _concerns(each, unknown.order_id)]
        call = next_page(call, page)
        if call is None:
            break
    if found:
        return Sight(None, tuple(found))
    return Empty.PROVEN if call is None else Empty.PARTIAL


def _left(deadline: float) -> Flow[float]:
    now: Instant = yield Now()
    left = deadline - now.monotonic
    if left <= 0:
        raise TimedOut("the deadline passed while the order was looked up")
    return left


def _concerns(trade: wire.Trade, order_id: str) -> bool:
    if trade.taker_order_id.lower() == order_id:
        return True
    return any((each.order_id or "").lower() == order_id for each in trade.maker_orders or ())


def _share_of(trade: wire.Trade, order_id: str) -> Decimal:
    """Return how many shares of a trade are this order's."""
    if trade.taker_order_id.lower() == order_id:
        return _number(trade.size)
    mine = [each for each in trade.maker_orders or () if (each.order_id or "").lower() == order_id]
    return sum((_number(each.matched_amount) for each in mine), Decimal(0))


def _number(value: Decimal | str | None) -> Decimal:
    if isinstance(value, Decimal):
        return value
    try:
        return as_decimal(value or "0", "size")
    except InvalidOrder:
        return Decimal(0)


def _plain(status: object) -> str:
    text = str(status)
    return text.removeprefix("ORDER_STATUS_").lower()
