"""Placing orders: once per key, so many a day, and then by what they are."""

from __future__ import annotations

from typing import Final

import msgspec

from polyspec.sandbox.polysimulator.feed import FeedBook

from .answers import answer
from .core import Core
from .deals import Deal, apply, count
from .pricing import bps, crosses, facing, spread_bps
from .records import Idempotent, Order, OrderStatus, Position, Trade, Wallet
from .refused import Refused
from .requests import Idem, OrderSpec, Placed
from .rules import Ticket, check_minimum, read, tradable
from .settings import fee_bps
from .settlement import settle
from .state import Tx
from .taking import Take, limit_take, market_take
from .units import charge

__all__ = ["claim", "place"]

_DAY: Final = 86_400_000_000_000
_SECOND: Final = 1_000_000_000
_NANOS_PER_MS: Final = 1_000_000
_OUTAGE_WAIT: Final = 60


# -- keys --


def claim(core: Core, user_id: int, idem: Idem, now: int) -> Placed | None:
    """Return the first answer to a key, or hold the key."""
    replay = _known(core, user_id, idem, now)
    if replay is None:
        core.in_flight[user_id, idem.key] = idem
    return replay


def _known(core: Core, user_id: int, idem: Idem, now: int) -> Placed | None:
    """Return what a key was answered; Refused if it was another's."""
    holder = core.in_flight.get((user_id, idem.key))
    if holder is not None and holder is not idem:
        _compare(holder.route, holder.body_hash, idem)
        raise Refused(
            "IDEMPOTENCY_CONFLICT_PENDING", "A request with this key is being carried out", retry_after=1
        )
    known = core.state.find(Idempotent, f"{user_id}/{idem.key}")
    if known is None:
        if (user_id, idem.key) in core.state.clients:
            raise _duplicate(idem.key)
        return None
    if now - known.at_ns > core.settings.idempotency_life:
        raise _duplicate(idem.key)
    _compare(known.route, known.body_hash, idem)
    return msgspec.structs.replace(
        known.placed, is_replay=True, spread_bps=None, impact_bps=None, book_walk_levels=None
    )


def _compare(route: str, body_hash: str, idem: Idem) -> None:
    """Refuse a key that was used for something else."""
    if route != idem.route:
        raise _duplicate(idem.key)
    if body_hash != idem.body_hash:
        raise Refused("IDEMPOTENCY_KEY_REUSE", "This key was used with another body")


def _duplicate(key: str) -> Refused:
    return Refused("DUPLICATE_CLIENT_ORDER_ID", f"There is an order with client_order_id {key!r} already")


def place(core: Core, user_id: int, spec: OrderSpec, now: int, idem: Idem | None) -> Placed:
    """Carry out an order."""
    replay = None if idem is None else _known(core, user_id, idem, now)
    if replay is not None:
        return replay
    client_id = spec.client_order_id or (None if idem is None else idem.key)
    if client_id is not None and (user_id, client_id) in core.state.clients:
        raise _duplicate(client_id)
    market = core.feed.market(spec.market_id)
    if market is not None and market.status == "resolved":
        settle(core, now)
    tx = core.begin(now)
    user = tx.user(user_id)
    _check_day(
        user.orders_today if user.day == now // _DAY else 0, core.settings.daily_caps.get(user.tier), now
    )
    placed = _carry_out(core, tx, read(core, user_id, spec, client_id, now))
    count(tx, user, now // _DAY)
    if idem is not None:
        tx.put(
            Idempotent(
                user_id=user_id,
                key=idem.key,
                body_hash=idem.body_hash,
                route=idem.route,
                at_ns=now,
                placed=placed,
            )
        )
    core.commit(tx)
    if idem is not None:
        core.in_flight.pop((user_id, idem.key), None)
    return placed


def _check_day(placed: int, cap: int | None, now: int) -> None:
    """Refuse an order beyond those of the day."""
    if cap is not None and placed >= cap:
        wait = -(-(_DAY - now % _DAY) // _SECOND)
        raise Refused(
            "RATE_LIMIT_EXCEEDED", f"The {cap} orders of this UTC day are used up", retry_after=wait
        )


# -- ways of filling --


def _carry_out(core: Core, tx: Tx, ticket: Ticket) -> Placed:
    """Fill, rest or cancel an order that keeps the rules."""
    if not tradable(ticket.market, tx.now):
        return _exit(tx, ticket)
    check_minimum(core, ticket)
    if ticket.side == "SELL":
        _check_shares(tx, ticket)
    if core.outage:
        if not ticket.rests:
            raise Refused(
                "VENUE_UNAVAILABLE",
                "Polymarket is down; only GTC and GTD limit orders are accepted",
                retry_after=_OUTAGE_WAIT,
            )
        return _rest(core, tx, ticket, None, None)
    book = core.feed.book(ticket.token_id) or FeedBook(bids=[], asks=[], at_ns=tx.now)
    if ticket.post_only:
        levels = facing(book, ticket.side)
        if levels and crosses(ticket.side, ticket.price, levels[0][0]):
            raise Refused("INVALID_POST_ONLY_ORDER", "The order would cross the book")
    if ticket.order_type == "market":
        take = market_take(core, ticket, book, tx.now)
    else:
        take = limit_take(core, tx, ticket, book)
    if ticket.rests and (take is None or take.quantity < ticket.quantity):
        return _rest(core, tx, ticket, take, book)
    return _cancelled(tx, ticket) if take is None else _filled(tx, ticket, take, book)


def _check_shares(tx: Tx, ticket: Ticket) -> Position:
    """Return the position a SELL sells from; Refused if it has too few free shares."""
    position = tx.opened(ticket.wallet.id, ticket.token_id)
    if position is None or position.quantity - position.reserved < ticket.quantity:
        raise Refused("INSUFFICIENT_POSITION", f"There are not that many {ticket.label} shares to sell")
    return position


def _check_cash(tx: Tx, ticket: Ticket) -> None:
    if tx.get(Wallet, ticket.wallet.id).cash < 0:
        raise Refused("INSUFFICIENT_BALANCE", "The wallet does not hold enough for this order")


def _deal(tx: Tx, ticket: Ticket, take: Take, book: FeedBook | None, order: Order | None, rate: int) -> Trade:
    """Execute what an order gets as a taker."""
    deal = Deal(
        wallet=ticket.wallet,
        market=ticket.market,
        outcome=ticket.outcome,
        side=ticket.side,
        order_type=ticket.order_type,
        time_in_force=ticket.time_in_force,
        limit_price=ticket.price,
        price=take.price,
        quantity=take.quantity,
        requested=ticket.quantity,
        taker=True,
        bps=rate,
        source=take.source,
        quote_age_ms=None if book is None else max(0, tx.now - book.at_ns) // _NANOS_PER_MS,
        created_ns=tx.now,
        client_order_id=ticket.client_order_id,
        order=order,
    )
    return apply(tx, deal)


def _filled(tx: Tx, ticket: Ticket, take: Take, book: FeedBook) -> Placed:
    """Fill at once, the rest being cancelled if there is one."""
    trade = _deal(tx, ticket, take, book, None, fee_bps(ticket.market.category))
    _check_cash(tx, ticket)
    return answer(tx, ticket, take, trade, None, **_impact(ticket, take, book))


def _impact(ticket: Ticket, take: Take, book: FeedBook) -> dict[str, int | None]:
    """Return the spread, and how much worse than the best level a fill was."""
    levels = facing(book, ticket.side)
    return {"spread": spread_bps(book), "impact": bps(take.price, levels[0][0]) if levels else None}


def _exit(tx: Tx, ticket: Ticket) -> Placed:
    """Let shares of a market that takes no orders go at what they were bought for, without a fee."""
    closed = Refused("MARKET_CLOSED", f"Market {ticket.market.condition_id} takes no orders")
    if ticket.side == "BUY" or ticket.market.status == "resolved":
        raise closed
    try:
        position = _check_shares(tx, ticket)
    except Refused:
        raise closed from None
    price = position.avg_entry_price
    if not crosses("SELL", ticket.price, price):
        raise closed
    over = ticket.market.end_ns is not None and tx.now >= ticket.market.end_ns
    source = "emergency_exit_entry_price_postexpiry" if over else "emergency_exit_entry_price"
    take = Take(price, ticket.quantity, source, None)
    return answer(tx, ticket, take, _deal(tx, ticket, take, None, None, 0), None)


def _row(tx: Tx, ticket: Ticket) -> Order:
    """Return a new row of the pending table."""
    return Order(
        id=tx.next("pending"),
        user_id=ticket.user_id,
        wallet_id=ticket.wallet.id,
        generation=ticket.wallet.generation,
        client_order_id=ticket.client_order_id,
        market_id=ticket.market.condition_id,
        token_id=ticket.token_id,
        outcome=ticket.label,
        outcome_index=ticket.outcome,
        side=ticket.side,
        order_type=ticket.order_type,
        time_in_force=ticket.time_in_force,
        price=ticket.price,
        quantity=ticket.quantity,
        post_only=ticket.post_only,
        expires_ns=ticket.expires_ns,
        created_ns=tx.now,
    )


def _cancelled(tx: Tx, ticket: Ticket) -> Placed:
    """End an order that got nothing and does not wait."""
    reason = "fok_not_filled" if ticket.time_in_force == "FOK" else "ioc_not_filled"
    order = tx.change(
        _row(tx, ticket), status=OrderStatus.CANCELLED, cancelled_ns=tx.now, cancelled_reason=reason
    )
    return answer(tx, ticket, None, None, order)


def _rest(core: Core, tx: Tx, ticket: Ticket, take: Take | None, book: FeedBook | None) -> Placed:
    """Keep what the order needs, fill what is to be had, let the rest wait."""
    order = _row(tx, ticket)
    if ticket.side == "BUY":
        wallet = tx.get(Wallet, ticket.wallet.id)
        order = tx.change(order, reserved=charge(ticket.price, ticket.quantity))
        tx.change(wallet, cash=wallet.cash - order.reserved)
    else:
        position = _check_shares(tx, ticket)
        order = tx.change(order, position_id=position.id)
        tx.change(position, reserved=position.reserved + ticket.quantity)
    if take is None or book is None:
        _check_cash(tx, ticket)
        return answer(tx, ticket, None, None, order)
    trade = _deal(tx, ticket, take, book, order, fee_bps(ticket.market.category))
    _check_cash(tx, ticket)
    return answer(tx, ticket, take, trade, order, **_impact(ticket, take, book))
