"""Executions: what they do to cash, positions and orders."""

from __future__ import annotations

from typing import Literal

import msgspec

from polyspec.sandbox.polysimulator.feed import FeedMarket

from .records import Order, OrderStatus, Position, PositionStatus, Trade, User, Wallet
from .requests import Side
from .state import Tx
from .units import charge, fee_of, half_up, to_cents, value_of

__all__ = ["Deal", "affordable", "apply", "count", "refund"]


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """An execution about to happen."""

    wallet: Wallet
    market: FeedMarket
    outcome: int
    side: Side
    order_type: Literal["market", "limit"]
    time_in_force: str
    limit_price: int
    price: int
    quantity: int
    requested: int
    taker: bool
    bps: int
    """The rate of the fee, 0 if there is none."""
    source: str
    quote_age_ms: int | None
    created_ns: int
    client_order_id: str | None
    order: Order | None = None
    """What rested."""

    @property
    def notional(self) -> int:
        """What is paid or got for the shares, whole cents."""
        return charge(self.price, self.quantity)

    @property
    def fee(self) -> int:
        """The fee to five decimals."""
        return fee_of(self.price, self.quantity, self.bps)

    @property
    def cash(self) -> int:
        """What it changes in the wallet, beside what an order kept."""
        fee = to_cents(self.fee)
        return -self.notional - fee if self.side == "BUY" else self.notional - fee

    @property
    def released(self) -> int:
        """What the order needs to keep no more."""
        if self.order is None or self.side == "SELL":
            return 0
        return self.order.reserved - charge(self.order.price, self.order.remaining - self.quantity)


def affordable(tx: Tx, deal: Deal) -> bool:
    """Tell whether the wallet can pay for an execution, with what the order kept."""
    return tx.get(Wallet, deal.wallet.id).cash + deal.released + deal.cash >= 0


def apply(tx: Tx, deal: Deal) -> Trade:
    """Carry an execution out."""
    wallet = tx.get(Wallet, deal.wallet.id)
    tx.change(wallet, cash=wallet.cash + deal.released + deal.cash)
    position = _move(tx, deal)
    number = tx.next("filled")
    trade = Trade(
        id=number,
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        generation=wallet.generation,
        position_id=position.id,
        pending_id=None if deal.order is None else deal.order.id,
        client_order_id=deal.client_order_id,
        market_id=deal.market.condition_id,
        token_id=deal.market.token_ids[deal.outcome],
        outcome=deal.market.outcomes[deal.outcome],
        outcome_index=deal.outcome,
        side=deal.side,
        order_type=deal.order_type,
        time_in_force=deal.time_in_force,
        limit_price=deal.limit_price,
        price=deal.price,
        quantity=deal.quantity,
        requested=deal.requested,
        notional=deal.notional,
        fee=deal.fee,
        fee_charged=to_cents(deal.fee),
        fee_bps=deal.bps,
        taker=deal.taker,
        price_source=deal.source,
        quote_age_ms=deal.quote_age_ms,
        created_ns=deal.created_ns,
        filled_ns=tx.now,
    )
    tx.put(trade)
    if deal.order is not None:
        _mark(tx, deal, deal.order, number)
    return trade


def _move(tx: Tx, deal: Deal) -> Position:
    """Add the shares to the wallet's position, or take them from it."""
    token = deal.market.token_ids[deal.outcome]
    position = tx.opened(deal.wallet.id, token)
    value = value_of(deal.price, deal.quantity)
    if deal.side == "BUY":
        position = position or _open(tx, deal, token)
        return tx.change(
            position,
            quantity=position.quantity + deal.quantity,
            cost=position.cost + value,
            bought=position.bought + value,
        )
    if position is None:
        raise AssertionError("shares are checked before they are sold")
    quantity = position.quantity - deal.quantity
    gone = quantity == 0
    return tx.change(
        position,
        quantity=quantity,
        reserved=position.reserved - (0 if deal.order is None else deal.quantity),
        cost=position.cost - half_up(position.cost * deal.quantity, position.quantity),
        sold=position.sold + value,
        status=PositionStatus.CLOSED if gone else PositionStatus.OPEN,
        closed_ns=tx.now if gone else None,
    )


def _open(tx: Tx, deal: Deal, token: str) -> Position:
    return Position(
        id=tx.next("position"),
        user_id=deal.wallet.user_id,
        wallet_id=deal.wallet.id,
        generation=tx.get(Wallet, deal.wallet.id).generation,
        market_id=deal.market.condition_id,
        token_id=token,
        outcome=deal.market.outcomes[deal.outcome],
        outcome_index=deal.outcome,
        opened_ns=tx.now,
    )


def _mark(tx: Tx, deal: Deal, order: Order, trade_id: int) -> None:
    """Let the order that rested know."""
    filled = order.filled + deal.quantity
    done = filled == order.quantity
    tx.change(
        order,
        filled=filled,
        value=order.value + deal.price * deal.quantity,
        reserved=order.reserved - deal.released,
        trades=(*order.trades, trade_id),
        status=OrderStatus.FILLED if done else OrderStatus.PENDING,
        filled_ns=tx.now if done else None,
    )


def refund(tx: Tx, order: Order, reason: str, status: OrderStatus = OrderStatus.CANCELLED) -> Order:
    """End an order that rests and give back what it kept."""
    if order.side == "BUY":
        wallet = tx.get(Wallet, order.wallet_id)
        tx.change(wallet, cash=wallet.cash + order.reserved)
    elif order.position_id is not None:
        position = tx.get(Position, order.position_id)
        tx.change(position, reserved=position.reserved - order.remaining)
    return tx.change(order, reserved=0, status=status, cancelled_ns=tx.now, cancelled_reason=reason)


def count(tx: Tx, user: User, day: int) -> None:
    """Count an order of an account's day."""
    tx.change(user, day=day, orders_today=user.orders_today + 1 if user.day == day else 1)
