"""Paying out positions when their market is resolved."""

from __future__ import annotations

from typing import Literal

from polyspec.sandbox.polysimulator.feed import FeedMarket

from .core import Core
from .deals import refund
from .records import Position, PositionStatus, Settlement, Wallet
from .state import Tx
from .units import DOLLAR, charge

__all__ = ["settle"]


def settle(core: Core, now: int) -> list[Settlement]:
    """Pay out positions in resolved markets and cancel the orders there, under one commit."""
    state = core.state
    positions = [state.get(Position, number) for number in state.opened.values()]
    orders = state.resting()
    concerned = dict.fromkeys([each.market_id for each in positions] + [each.market_id for each in orders])
    found = [market for each in concerned if (market := core.feed.market(each)) is not None]
    resolved = {market.condition_id: market for market in found if market.status == "resolved"}
    tx = core.begin(now)
    for order in orders:
        if order.market_id in resolved:
            refund(tx, order, "market_resolved")
    for position in positions:
        market = resolved.get(position.market_id)
        if market is not None and market.payouts is not None:
            _pay(tx, tx.get(Position, position.id), market, market.payouts[position.outcome_index])
    settled = tx.made(Settlement)
    core.commit(tx)
    return settled


def _pay(tx: Tx, position: Position, market: FeedMarket, per_share: int) -> None:
    """Close a position at what its shares pay."""
    payout = charge(per_share, position.quantity)
    wallet = tx.get(Wallet, position.wallet_id)
    tx.change(wallet, cash=wallet.cash + payout)
    tx.change(position, status=PositionStatus.CLOSED, exit_price=per_share, closed_ns=tx.now)
    tx.put(
        Settlement(
            position_id=position.id,
            user_id=position.user_id,
            wallet_id=position.wallet_id,
            generation=position.generation,
            market_id=market.condition_id,
            token_id=position.token_id,
            outcome=position.outcome,
            quantity=position.quantity,
            avg_entry_price=position.avg_entry_price,
            cost_basis=position.cost,
            payout=payout,
            payout_per_share=per_share,
            realized_pnl=payout - position.cost,
            result=_result(per_share),
            settled_ns=tx.now,
        )
    )


def _result(per_share: int) -> Literal["won", "lost", "split"]:
    if per_share == DOLLAR:
        return "won"
    return "split" if per_share else "lost"
