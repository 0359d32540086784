"""Read over REST the fills a channel should have told, and say them in its words."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen
from polyspec_wire import Call
from polyspec_wire.polysimulator import account, compat
from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Session
from polyspec.polysimulator.fill_ledger import SLACK, Fill, amount_of, seconds_of
from polyspec.polysimulator.socket_feed import LOOK

__all__ = ["Fills", "fill_of_event", "fill_of_row", "fill_of_trade", "read_fills", "told_fill", "told_trade"]

_ROWS: Final = 200
_TRADES: Final = 500


@frozen
class Fills:
    """What one look found."""

    rows: list[wire.TradeHistoryItem]
    """Of all wallets."""
    trades: dict[str, wire.PmTradeRow]
    """The same in the shape of Polymarket, by number, as far as it is listed."""


def read_fills(session: Session, since: float | None, *, shaped: bool = False) -> Flow[Fills]:
    """Read fills of all wallets from a moment on, or the last ones if there is none.

    The history is the one listing that has them all; `shaped` reads what Polymarket's shape has beyond it.
    """
    rows: list[wire.TradeHistoryItem] = []
    while True:
        call = account.get_history(limit=_ROWS, offset=len(rows), wallet_id="all")
        page = (yield from session.send(call, LOOK)).value
        found = page if isinstance(page, list) else page.data
        rows += found
        stamps = [seconds_of(each.filled_at or each.created_at) for each in found]
        moments = [each for each in stamps if each is not None]
        if len(found) < _ROWS:
            break
        if since is None and moments:
            since = max(moments) - SLACK
        # a page that is not sorted does not say what the next one has
        newest_first = len(moments) == len(stamps) and moments == sorted(moments, reverse=True)
        if since is not None and newest_first and moments[-1] < since:
            break
    trades: dict[str, wire.PmTradeRow] = {}
    if shaped and rows:
        after = None if since is None else max(0, int(since) - 1)
        trades = yield from _trades(session, after)
    return Fills(rows, trades)


def _trades(session: Session, after: int | None) -> Flow[dict[str, wire.PmTradeRow]]:
    found: dict[str, wire.PmTradeRow] = {}
    following: Call[Any] | None = compat.get_trades(after=after, limit=_TRADES)
    while following is not None:
        page = (yield from session.send(following, LOOK)).value
        found |= {each.id: each for each in items(following, page)}
        following = next_page(following, page)
    return found


def fill_of_row(row: wire.TradeHistoryItem) -> Fill:
    """Return a fill of the history."""
    stamp = row.filled_at or row.created_at or ""
    return Fill(
        number=str(row.order_id),
        market=row.market_id,
        side=str(row.side),
        outcome=row.outcome,
        price=row.price,
        quantity=row.quantity,
        stamp=stamp,
        at=seconds_of(stamp),
    )


def fill_of_event(told: wire.FillEvent) -> Fill:
    """Return a fill of the executions channel."""
    return Fill(
        number=str(told.order_id),
        market=told.market_id,
        side=str(told.side or ""),
        outcome=told.outcome or "",
        price=amount_of(told.price),
        quantity=amount_of(told.quantity),
        stamp=told.filled_at or "",
        at=seconds_of(told.filled_at),
    )


def fill_of_trade(told: wire.PmTradeEvent) -> Fill:
    """Return a fill of the user channel."""
    stamp = told.timestamp or told.match_time or told.last_update or ""
    return Fill(
        number=told.id or "",
        market=told.market or "",
        side=told.side or "",
        outcome=told.outcome or "",
        price=amount_of(told.price),
        quantity=amount_of(told.size),
        stamp=stamp,
        at=seconds_of(stamp),
    )


def told_fill(row: wire.TradeHistoryItem) -> wire.FillEvent:
    """Say a fill in the words of the executions channel."""
    return wire.FillEvent(
        order_id=row.order_id,
        market_id=row.market_id,
        side=row.side,
        outcome=row.outcome,
        price=f"{row.price:f}",
        quantity=f"{row.quantity:f}",
        filled_at=row.filled_at,
    )


def told_trade(row: wire.TradeHistoryItem, trade: wire.PmTradeRow | None) -> wire.PmTradeEvent:
    """Say a fill in the words of the user channel."""
    at = seconds_of(row.filled_at or row.created_at)
    second = None if at is None else str(int(at))
    return wire.PmTradeEvent(
        type="TRADE",
        id=str(row.order_id),
        status="MATCHED",
        market=row.market_id,
        asset_id=None if trade is None else trade.asset_id,
        side=str(row.side),
        outcome=row.outcome,
        price=f"{row.price:f}",
        size=f"{row.quantity:f}",
        taker_order_id=None if trade is None else trade.taker_order_id,
        trader_side=None if trade is None else trade.trader_side,
        match_time=second,
        last_update=second,
        owner="",
        trade_owner="",
        timestamp=None if at is None else str(round(at * 1000)),
    )
