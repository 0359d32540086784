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
# A state that is new to this library may be that of an order which was not taken.
_JUDGED: Final = frozenset(str(each) for each in wire.OrderStatus)


@frozen
class Sight:
    """An order that was found, by what it was found."""

    order: wire.OpenOrder | None
    trades: tuple[wire.Trade, ...] = ()

    def verdict(self, unknown: Unknown[Any]) -> Accepted | Rejected:
        """Return what it means that the order looks like this."""
        matched = self.matched(unknown.order_id)
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
            trade_ids=tuple(dict.fromkeys(each.id for each in self.trades))
            or tuple((self.order.associate_trades or ()) if self.order is not None else ()),
        )

    def matched(self, order_id: str) -> Decimal:
        """Return the shares of the order that were matched."""
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
    sight = Sight(found)
    known = _plain(found.status).upper() in _JUDGED
    return sight if known or sight.matched(unknown.order_id) else Empty.DOUBTFUL


def _among_trades(session: Session, unknown: Unknown[Any], deadline: float) -> Flow[Sight | Empty]:
    # an order that was matched at once may never have been among the open ones; what it was matched with may
    # be an order for the other outcome, and it is the taker's token that trades are filtered by
    call: Any = trades.get_trades(
        maker_address=unknown.order.maker, after=max(0, int(_born(unknown)) - _SLACK)
    )
    found: dict[tuple[str, int], wire.Trade] = {}
    for _ in range(_PAGES):
        left = yield from _left(deadline)
        page = (yield from session.send(call, left)).value
        # what arrives meanwhile moves the rest down, onto the next page
        found |= {
            (each.id, each.bucket_index): each for each in page.data if _concerns(each, unknown.order_id)
        }
        call = next_page(call, page)
        if call is None:
            break
    if found:
        return Sight(None, tuple(found.values()))
    return Empty.PROVEN if call is None else Empty.PARTIAL


def _born(unknown: Unknown[Any]) -> float:
    """Return since when the order may have been matched: it may have been posted before, too."""
    stamp = unknown.order.timestamp_ms / 1000
    return min(unknown.sent_at, stamp) if stamp else unknown.sent_at


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
