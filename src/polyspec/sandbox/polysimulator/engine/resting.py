"""What happens to resting orders as time passes: fills, expiry, lapsed heartbeats."""

from __future__ import annotations

from typing import Final

from polyspec.sandbox.polysimulator.feed import FeedBook, FeedMarket

from .core import Core
from .deals import Deal, affordable, apply, refund
from .depth import consume, depth
from .pricing import Walk, crosses, facing, walk
from .records import Heartbeat, Order, OrderStatus, Trade, Wallet
from .refused import Refused
from .rules import tradable
from .settings import fee_bps
from .state import Tx

__all__ = ["beat", "expire", "match", "next_due"]

_NANOS_PER_MS: Final = 1_000_000
_INTERVALS: Final = range(1_000, 60_001)
_LABEL: Final = 64


def match(core: Core, now: int) -> list[Trade]:
    """Fill what rests and is marketable, oldest first, under one commit."""
    if core.outage or not core.state.pending:
        return []
    tx = core.begin(now)
    books: dict[str, FeedBook | None] = {}
    for order in core.state.resting():
        market = core.feed.market(order.market_id)
        if market is None or not tradable(market, now):
            continue
        if order.token_id not in books:
            books[order.token_id] = core.feed.book(order.token_id)
        book = books[order.token_id]
        if book is not None:
            _fill(core, tx, order, market, book)
    return core.commit(tx)


def _fill(core: Core, tx: Tx, order: Order, market: FeedMarket, book: FeedBook) -> None:
    """Fill an order as far as the book allows and the wallet can pay the fee."""
    walked: Walk | None = None
    if core.settings.pm_v2:
        levels = depth(tx, market, order.outcome_index, order.side, book)
        walked = walk(levels, order.side, order.remaining, order.price)
        price, quantity = order.price, walked.filled
    else:
        best = facing(book, order.side)
        if not best or not crosses(order.side, order.price, best[0][0]):
            return
        price, quantity = best[0][0], order.remaining
    if not quantity:
        return
    deal = _deal(core, tx, order, market, book, price, quantity)
    # an early fill pays a fee on top of what was kept; who cannot pay it waits to become a maker
    if not affordable(tx, deal):
        return
    if walked is not None:
        consume(tx, market, order.outcome_index, order.side, book, walked)
    apply(tx, deal)


def _deal(
    core: Core, tx: Tx, order: Order, market: FeedMarket, book: FeedBook, price: int, quantity: int
) -> Deal:
    taker = tx.now - order.created_ns <= core.settings.taker_window
    touch = "best_ask" if order.side == "BUY" else "best_bid"
    return Deal(
        wallet=tx.get(Wallet, order.wallet_id),
        market=market,
        outcome=order.outcome_index,
        side=order.side,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        limit_price=order.price,
        price=price,
        quantity=quantity,
        requested=order.quantity,
        taker=taker,
        bps=fee_bps(market.category) if taker else 0,
        source="book_walk" if core.settings.pm_v2 else touch,
        quote_age_ms=max(0, tx.now - book.at_ns) // _NANOS_PER_MS,
        created_ns=order.created_ns,
        client_order_id=order.client_order_id,
        order=order,
    )


def expire(core: Core, now: int) -> list[Order]:
    """End what is past its time and what belongs to accounts that fell silent."""
    tx = core.begin(now)
    silent = set()
    for heartbeat in core.state.table(Heartbeat).values():
        if heartbeat.active and heartbeat.expires_ns <= now:
            tx.change(heartbeat, active=False)
            silent.add(heartbeat.user_id)
    ended: list[Order] = []
    for order in core.state.resting():
        if order.expires_ns is not None and order.expires_ns <= now:
            ended.append(refund(tx, order, "gtd_expired", OrderStatus.EXPIRED))
        elif order.user_id in silent:
            ended.append(refund(tx, order, "heartbeat_expired"))
    core.commit(tx)
    return ended


def next_due(core: Core) -> int | None:
    """Return when something ends by itself next."""
    moments = [beat.expires_ns for beat in core.state.table(Heartbeat).values() if beat.active]
    moments += [order.expires_ns for order in core.state.resting() if order.expires_ns is not None]
    return min(moments, default=None)


def beat(core: Core, user_id: int, interval_ms: int, label: str, now: int) -> int:
    """Start or refresh a dead man's switch."""
    if interval_ms not in _INTERVALS:
        raise Refused("VALIDATION_FAILED", "interval_ms must lie between 1000 and 60000")
    if len(label) > _LABEL:
        raise Refused("VALIDATION_FAILED", f"client_label has at most {_LABEL} characters")
    expire(core, now)
    tx = core.begin(now)
    tx.user(user_id)
    span_ms = interval_ms + max(1_000, interval_ms // 4)
    expires_ns = (now // _NANOS_PER_MS + span_ms) * _NANOS_PER_MS
    tx.put(Heartbeat(user_id=user_id, label=label, expires_ns=expires_ns))
    core.commit(tx)
    return expires_ns // _NANOS_PER_MS
