"""The analysis of an account, all of it from the engine's records.

Diversity is one less the sum of squared weights; a drawdown the worst fall from a running peak, as a part of
it; what a position brought in is what it sold for and was worth at its end, less what it was bought for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from polyspec.sandbox.polysimulator.access import Caller
from polyspec.sandbox.polysimulator.engine import (
    Position,
    Refused,
    Trade,
    Wallet,
    WalletKind,
    money_text,
    price_text,
)
from polyspec.sandbox.polysimulator.engine.units import half_up, quantity_text, value_of
from polyspec.sandbox.polysimulator.views import SECOND, iso
from polyspec.sandbox.polysimulator.worth import (
    is_closed,
    percent,
    realized,
    share_now,
    win_rate,
)

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["analyse", "drawdown"]

_VERSION: Final = "1.0.0"
_DAY: Final = 86_400 * SECOND
_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class _Held:
    """An open position and what it is worth."""

    position: Position
    value: int
    question: str | None
    category: str


@dataclass(frozen=True)
class _Account:
    """What an analysis is made of."""

    world: PolySimWorld
    caller: Caller
    wallets: list[Wallet]
    held: list[_Held]
    positions: list[Position]
    trades: list[Trade]
    equity: list[tuple[int, int]]
    """Moments and total values, oldest first, the last one now."""
    cash: int
    total: int

    @property
    def invested(self) -> int:
        """What the open positions are worth."""
        return sum(each.value for each in self.held)


def analyse(
    world: PolySimWorld, caller: Caller, wallets: list[Wallet], *, recent: int, days: int
) -> dict[str, Any]:
    """Return the analysis of some wallets of a user."""
    now = world.clock.now_ns()
    account = _account(world, caller, wallets, now, days)
    return {
        "analysis_generated_at": iso(now),
        "analysis_version": _VERSION,
        "profile": _profile(caller, now),
        "balance": _balance(account),
        "open_positions": [_open_position(account, each) for each in account.held],
        "trading_stats": _stats(account),
        "risk_metrics": _risks(account, now),
        "equity_timeline": _timeline(account, now),
        "category_exposure": _exposure(account),
        "recent_trades": [_recent(world, each) for each in account.trades[:recent]],
        "natural_language_summary": _summary(account),
    }


def _account(world: PolySimWorld, caller: Caller, wallets: list[Wallet], now: int, days: int) -> _Account:
    engine = world.engine
    positions = engine.positions(wallets)
    summary = engine.summary(wallets)
    hours: dict[int, int] = {}
    for wallet in wallets:
        for point in engine.equity(wallet.id, now - days * _DAY, now):
            hours[point.hour_ns] = hours.get(point.hour_ns, 0) + point.total
    return _Account(
        world=world,
        caller=caller,
        wallets=wallets,
        held=[_held(world, each) for each in engine.positions(wallets, "OPEN")],
        positions=positions,
        trades=engine.trades(wallets),
        equity=[*sorted(hours.items()), (now, summary.total)],
        cash=summary.cash + summary.reserved,
        total=summary.total,
    )


def _held(world: PolySimWorld, position: Position) -> _Held:
    market = world.markets.market(position.market_id)
    value = value_of(share_now(world, position), position.quantity)
    if market is None:
        return _Held(position, value, None, "other")
    return _Held(position, value, market.question, market.category)


# -- whose it is --


def _profile(caller: Caller, now: int) -> dict[str, Any]:
    user = caller.user
    return {
        "user_id": user.id,
        "username": user.name,
        "display_name": user.name,
        "bio": None,
        "avatar_url": None,
        "auth_provider": "email",
        "account_created_at": iso(user.created),
        "account_age_days": (now - user.created) // _DAY,
        "api_key_tier": caller.tier,
        "profile_visibility": "public",
    }


def _balance(account: _Account) -> dict[str, Any]:
    engine, user_id = account.world.engine, account.caller.user.id
    main = [each for each in engine.wallets(user_id) if each.type is WalletKind.MAIN]
    try:
        api = [engine.wallet(user_id)]
    except Refused:
        api = []
    told: dict[str, Any] = {"currency": "USD"}
    for name, wallets in (("ui", main), ("api", api)):
        summary = engine.summary(wallets)
        gain = summary.total - summary.starting_balance
        told[f"{name}_balance"] = money_text(summary.cash)
        told[f"starting_{name}_balance"] = money_text(summary.starting_balance)
        told[f"{name}_pnl"] = money_text(gain)
        told[f"{name}_pnl_percentage"] = percent(gain, summary.starting_balance)
    unrealized = sum(each.value - each.position.cost for each in account.held)
    return {
        **told,
        "total_portfolio_value": money_text(account.total),
        "unrealized_pnl": money_text(unrealized),
        "realized_pnl": money_text(sum(realized(each) for each in account.positions)),
    }


def _open_position(account: _Account, held: _Held) -> dict[str, Any]:
    position = held.position
    gain = held.value - position.cost
    return {
        "position_id": position.id,
        "market_id": position.market_id,
        "market_question": held.question,
        "market_category": held.category,
        "outcome": position.outcome,
        "quantity": quantity_text(position.quantity),
        "avg_entry_price": price_text(position.avg_entry_price),
        "current_price": price_text(share_now(account.world, position)),
        "cost_basis": money_text(position.cost),
        "market_value": money_text(held.value),
        "unrealized_pnl": money_text(gain),
        "unrealized_pnl_percentage": percent(gain, position.cost),
        "status": str(position.status),
        "weight_percentage": percent(held.value, account.total),
    }


# -- how it traded --


def _stats(account: _Account) -> dict[str, Any]:
    won, closed = win_rate(account.positions)
    gains = [realized(each) for each in account.positions if is_closed(each)]
    wins, losses = [each for each in gains if each > 0], [each for each in gains if each < 0]
    volume = sum(each.notional for each in account.trades)
    return {
        "total_trades": len(account.trades),
        "win_rate": f"{percent(won, closed, 1)}%",
        "profit_factor": _ratio(sum(wins), -sum(losses)),
        "total_volume": money_text(volume),
        "avg_trade_size": money_text(_mean([each.notional for each in account.trades])),
        "best_trade_pnl": money_text(max(gains, default=0)),
        "worst_trade_pnl": money_text(min(gains, default=0)),
        "avg_win_pnl": money_text(_mean(wins)),
        "avg_loss_pnl": money_text(_mean(losses)),
        "unique_markets_traded": len({each.market_id for each in account.trades}),
        "active_trading_days": len({each.filled_ns // _DAY for each in account.trades}),
    }


def _mean(amounts: list[int]) -> int:
    return half_up(sum(amounts), len(amounts)) if amounts else 0


def _ratio(part: int, whole: int) -> str | None:
    """Return a quotient to four decimals, None if nothing divides."""
    return price_text(half_up(part * 10_000, whole) * 100) if whole else None


# -- what it risks --


def _risks(account: _Account, now: int) -> dict[str, Any]:
    ranked = sorted(account.held, key=lambda each: each.value, reverse=True)
    squares = sum(each.value**2 for each in ranked)
    spread = _MILLION - half_up(squares * _MILLION, account.invested**2) if account.invested else 0
    return {
        "open_position_count": len(ranked),
        "largest_position_weight": percent(ranked[0].value, account.total) if ranked else None,
        "largest_position_market": ranked[0].position.market_id if ranked else None,
        "top_3_concentration": percent(sum(each.value for each in ranked[:3]), account.total),
        "portfolio_diversity_score": price_text(spread),
        "avg_position_size": money_text(_mean([each.value for each in ranked])),
        "cash_percentage": percent(account.cash, account.total),
        "invested_percentage": percent(account.invested, account.total),
        "max_drawdown_7d": price_text(drawdown(_since(account.equity, now - 7 * _DAY))),
        "max_drawdown_30d": price_text(drawdown(_since(account.equity, now - 30 * _DAY))),
    }


def _since(equity: list[tuple[int, int]], start_ns: int) -> list[int]:
    return [value for at, value in equity if at >= start_ns]


def drawdown(values: Iterable[int]) -> int:
    """Return the worst fall from a running peak, in millionths of the peak: 0 or less."""
    peak, worst = 0, 0
    for value in values:
        peak = max(peak, value)
        if peak:
            worst = min(worst, half_up((value - peak) * _MILLION, peak))
    return worst


def _timeline(account: _Account, now: int) -> dict[str, Any]:
    peak = max(account.equity, key=lambda each: each[1])
    trough = min(account.equity, key=lambda each: each[1])
    return {
        "return_7d": _gain(account, now - 7 * _DAY),
        "return_30d": _gain(account, now - 30 * _DAY),
        "return_all_time": percent(account.total - _start(account), _start(account)),
        "peak_value": money_text(peak[1]),
        "peak_date": iso(peak[0]),
        "trough_value": money_text(trough[1]),
        "trough_date": iso(trough[0]),
    }


def _start(account: _Account) -> int:
    return sum(each.baseline for each in account.wallets)


def _gain(account: _Account, since_ns: int) -> str:
    """Return by how many percent the value rose since the last point before a moment, or from the start."""
    before = [value for at, value in account.equity if at <= since_ns]
    base = before[-1] if before else _start(account)
    return percent(account.total - base, base)


def _exposure(account: _Account) -> list[dict[str, Any]]:
    categories: dict[str, list[int]] = {}
    for each in account.held:
        categories.setdefault(each.category, []).append(each.value)
    return [
        {
            "category": category,
            "position_count": len(values),
            "total_value": money_text(sum(values)),
            "weight_percentage": percent(sum(values), account.invested),
        }
        for category, values in sorted(categories.items(), key=lambda each: -sum(each[1]))
    ]


def _recent(world: PolySimWorld, trade: Trade) -> dict[str, Any]:
    market = world.markets.market(trade.market_id)
    return {
        "order_id": trade.id,
        "market_id": trade.market_id,
        "market_question": None if market is None else market.question,
        "side": trade.side,
        "outcome": trade.outcome,
        "price": price_text(trade.price),
        "quantity": quantity_text(trade.quantity),
        "notional": money_text(trade.notional),
        "filled_at": iso(trade.filled_ns),
    }


def _summary(account: _Account) -> str:
    won, closed = win_rate(account.positions)
    gain = percent(account.total - _start(account), _start(account))
    return (
        f"{account.caller.user.name} has {len(account.held)} open positions, made {len(account.trades)} "
        f"trades and won {won} of {closed} closed positions; the account is worth "
        f"{money_text(account.total)} dollars, {gain}% against its start."
    )
