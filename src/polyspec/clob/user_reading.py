"""Read over REST what the user channel tells, and say it in the words of the channel."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from polyspec_wire import Call
from polyspec_wire.clob import models as wire
from polyspec_wire.clob import orders, trades

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Session
from polyspec.errors import NotFound

__all__ = ["UserNews", "read_news"]

_TIMEOUT: Final = 5.0


@frozen
class UserNews:
    """Open orders, trades of late, and orders that are over."""

    orders: list[wire.OrderEvent]
    trades: list[wire.TradeEvent]
    over: list[wire.OrderEvent]
    at: int
    """Unix seconds at which the reading began, by the venue's clock."""


def read_news(session: Session, known: tuple[str, ...], after: int, slack: int) -> Flow[UserNews]:
    """Read what is open now, what was traded after the second `after`, and what became of `known` orders.

    A look without an `after` of its own goes back `slack` seconds.
    """
    start: Instant = yield Now()
    at = int(session.clock.correct(start.wall))
    since = after if after > 0 else at - slack
    working = yield from _all(session, orders.get_open_orders())
    done = yield from _all(session, trades.get_trades(after=since))
    found = {each.id for each in working}
    over: list[wire.OrderEvent] = []
    for order_id in known:
        if order_id not in found:
            over += yield from _over(session, order_id, at)
    return UserNews(
        [_order(each, at, over=False) for each in working],
        [_trade(each) for each in reversed(done)],
        over,
        at,
    )


def _all(session: Session, call: Call[Any]) -> Flow[list[Any]]:
    found: list[Any] = []
    following: Call[Any] | None = call
    while following is not None:
        page = (yield from session.send(following, _TIMEOUT)).value
        found += items(following, page)
        following = next_page(following, page)
    return found


def _over(session: Session, order_id: str, at: int) -> Flow[list[wire.OrderEvent]]:
    try:
        found: wire.OpenOrder = (yield from session.send(orders.get_order(order_id), _TIMEOUT)).value
    except NotFound:
        return []
    return [] if str(found.status) == "LIVE" else [_order(found, at, over=True)]


def _order(order: wire.OpenOrder, at: int, *, over: bool) -> wire.OrderEvent:
    kinds = wire.OrderEventType
    kind = kinds.UPDATE if order.size_matched else kinds.PLACEMENT
    return wire.OrderEvent(
        id=order.id,
        owner=order.owner,
        market=order.market,
        asset_id=order.asset_id,
        side=order.side,
        order_owner=order.owner,
        original_size=_text(order.original_size),
        size_matched=_text(order.size_matched),
        price=_text(order.price),
        associate_trades=order.associate_trades,
        outcome=order.outcome,
        type=kinds.CANCELLATION if over and order.size_matched < order.original_size else kind,
        created_at=str(order.created_at),
        expiration=order.expiration,
        order_type=order.order_type,
        status=order.status,
        maker_address=order.maker_address,
        timestamp=str(at * 1000),
    )


def _trade(trade: wire.Trade) -> wire.TradeEvent:
    makers = [
        wire.TradeMakerOrder(
            order_id=each.order_id,
            owner=each.owner,
            maker_address=each.maker_address,
            matched_amount=_text(each.matched_amount),
            price=_text(each.price),
            fee_rate_bps=each.fee_rate_bps,
            asset_id=each.asset_id,
            outcome=each.outcome,
            side=each.side,
        )
        for each in trade.maker_orders
    ]
    return wire.TradeEvent(
        type="TRADE",
        id=trade.id,
        taker_order_id=trade.taker_order_id,
        market=trade.market,
        asset_id=trade.asset_id,
        side=trade.side,
        size=_text(trade.size),
        price=_text(trade.price),
        fee_rate_bps=trade.fee_rate_bps,
        status=trade.status,
        match_time=trade.match_time,
        last_update=trade.last_update,
        outcome=trade.outcome,
        owner=trade.owner,
        trade_owner=trade.owner,
        maker_address=trade.maker_address,
        transaction_hash=trade.transaction_hash,
        bucket_index=trade.bucket_index,
        maker_orders=makers,
        trader_side=trade.trader_side,
        timestamp=trade.last_update,
    )


def _text(amount: Decimal | None) -> str:
    return "0" if amount is None else f"{amount:f}"
