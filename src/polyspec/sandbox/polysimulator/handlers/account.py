"""Balance, positions, fills, equity and settlements of the caller's wallets."""

from __future__ import annotations

from typing import Any, Final

from polyspec.sandbox.polysimulator.analysis import analyse
from polyspec.sandbox.polysimulator.engine import Position, Settlement, Trade, Wallet, money_text, price_text
from polyspec.sandbox.polysimulator.engine.units import quantity_text, value_of
from polyspec.sandbox.polysimulator.paging import cut, plain_cursor
from polyspec.sandbox.polysimulator.refusals import invalid
from polyspec.sandbox.polysimulator.registry import Asked, handles
from polyspec.sandbox.polysimulator.views import MICROSECOND, SECOND, iso, moment
from polyspec.sandbox.polysimulator.worth import percent, share_now, win_rate

__all__ = ["period_of", "settlement_row", "trade_row", "wallets_of"]

_DAY: Final = 86_400 * SECOND
_MOST: Final = 200
_MOST_SETTLEMENTS: Final = 500
_STATUSES: Final = ("OPEN", "CLOSED")
_SIDES: Final = ("BUY", "SELL")


def wallets_of(asked: Asked) -> list[Wallet]:
    """Return the wallets `wallet_id` names, by default the API wallet; raises Refused (404, 422)."""
    return asked.world.engine.select(asked.caller.user.id, asked.text("wallet_id") or None)


# -- balance --


def _balance(asked: Asked, wallets: list[Wallet]) -> dict[str, str]:
    summary = asked.world.engine.summary(wallets)
    return {
        "balance": money_text(summary.cash),
        "currency": "USD",
        "unrealized_pnl": money_text(summary.total - summary.starting_balance),
        "total_value": money_text(summary.total),
        "starting_balance": money_text(summary.starting_balance),
    }


@handles("Account_GetBalance")
def get_balance(asked: Asked) -> dict[str, str]:
    """Show the API wallet, whatever is asked for."""
    return _balance(asked, [asked.world.engine.wallet(asked.caller.user.id)])


@handles("Account_ResetApiBalance")
def reset_api_balance(asked: Asked) -> dict[str, Any]:
    """Cancel the orders of the API wallet, close its positions and fill it up again; not on the free plan."""
    done = asked.world.engine.reset_wallet(asked.caller.user.id, asked.now_ns)
    return {
        "message": "API balance reset successfully",
        "new_api_balance": money_text(done.balance),
        "positions_closed": done.positions_closed,
        "orders_cancelled": done.orders_cancelled,
        "cooldown_days": 0,
    }


# -- positions --


def _position(asked: Asked, position: Position) -> dict[str, Any]:
    market = asked.world.markets.market(position.market_id)
    current = share_now(asked.world, position)
    value = value_of(current, position.quantity)
    return {
        "id": position.id,
        "market_id": position.market_id,
        "outcome": position.outcome,
        "quantity": quantity_text(position.quantity),
        "avg_entry_price": price_text(position.avg_entry_price),
        "status": str(position.status),
        "current_price": price_text(current),
        "market_value": money_text(value),
        "unrealized_pnl": money_text(value - position.cost),
        "market_question": None if market is None else market.question,
    }


@handles("Account_GetPositions")
def get_positions(asked: Asked) -> Any:
    """List positions, all at once."""
    status = asked.text("status").upper()
    if status not in (*_STATUSES, "", "CLOSED_BY_RESET"):
        if asked.world.options.strict_status:
            raise invalid(f"status must be one of {', '.join(_STATUSES)}", field="status")
        status = ""
    found = asked.world.engine.positions(wallets_of(asked), status or None)
    shown = [_position(asked, each) for each in found]
    return {"data": shown, "next_cursor": ""} if asked.flag("envelope") else shown


@handles("Account_GetPortfolio")
def get_portfolio(asked: Asked) -> dict[str, Any]:
    """Show the balance, the open positions, and how often the closed ones won."""
    wallets, engine = wallets_of(asked), asked.world.engine
    won, closed = win_rate(engine.positions(wallets))
    return {
        "balance": _balance(asked, wallets),
        "positions": [_position(asked, each) for each in engine.positions(wallets, "OPEN")],
        "total_trades": len(engine.trades(wallets)),
        "win_rate": f"{percent(won, closed, 1)}%" if closed else None,
    }


# -- fills --


def trade_row(trade: Trade) -> dict[str, Any]:
    """Return a fill as the history has it."""
    return {
        "order_id": trade.id,
        "market_id": trade.market_id,
        "side": trade.side,
        "outcome": trade.outcome,
        "price": price_text(trade.price),
        "quantity": quantity_text(trade.quantity),
        "notional": money_text(trade.notional),
        "fee": money_text(trade.fee_charged),
        "status": "FILLED",
        "price_source": trade.price_source,
        "price_age_ms": trade.quote_age_ms,
        "filled_at": iso(trade.filled_ns),
        "created_at": iso(trade.created_ns),
    }


@handles("Account_GetHistory")
def get_history(asked: Asked) -> Any:
    """List fills, newest first."""
    limit, side = asked.whole("limit", 50, 1, _MOST), asked.text("side").upper()
    if side and side not in _SIDES:
        raise invalid("side must be BUY or SELL", field="side")
    cursor = asked.text("cursor")
    offset = plain_cursor(cursor) if cursor else asked.whole("offset", 0, 0)
    market_id = asked.text("market_id").lower() or None
    found = asked.world.engine.trades(wallets_of(asked), market_id=market_id, side=side or None)
    page, following = cut(found, offset, limit)
    shown = [trade_row(each) for each in page]
    if not asked.flag("envelope"):
        return shown
    return {"data": shown, "next_cursor": "" if following is None else str(following)}


# -- equity --


@handles("Account_GetEquity")
def get_equity(asked: Asked) -> list[dict[str, Any]]:
    """Show what the wallets were worth hour by hour, and now."""
    days = asked.whole("days", 7, 1, 90)
    wallets, engine, now = wallets_of(asked), asked.world.engine, asked.now_ns
    hours: dict[int, list[int]] = {}
    for wallet in wallets:
        for point in engine.equity(wallet.id, now - days * _DAY, now):
            told = hours.setdefault(point.hour_ns, [0, 0, 0])
            for place, value in enumerate((point.cash, point.position_value, point.baseline)):
                told[place] += value
    rows = [_equity(at, *told) for at, told in sorted(hours.items())]
    last = engine.summary(wallets)
    return [*rows, _equity(now, last.cash + last.reserved, last.position_value, last.starting_balance)]


def _equity(at_ns: int, cash: int, value: int, baseline: int) -> dict[str, str]:
    return {
        "timestamp": iso(at_ns),
        "cash_balance": money_text(cash),
        "position_value": money_text(value),
        "total_value": money_text(cash + value),
        "pnl": money_text(cash + value - baseline),
    }


# -- settlements --


def settlement_row(asked: Asked, settlement: Settlement) -> dict[str, Any]:
    """Return what a position was worth when its market was resolved."""
    market = asked.world.markets.market(settlement.market_id)
    return {
        "position_id": settlement.position_id,
        "market_id": settlement.market_id,
        "market_question": None if market is None else market.question,
        "outcome": settlement.outcome,
        "quantity": quantity_text(settlement.quantity),
        "avg_entry_price": price_text(settlement.avg_entry_price),
        "cost_basis": money_text(settlement.cost_basis),
        "payout": money_text(settlement.payout),
        "payout_per_share": price_text(settlement.payout_per_share),
        "realized_pnl": money_text(settlement.realized_pnl),
        "result": settlement.result,
        "settled_at": moment(settlement.settled_ns),
    }


def period_of(asked: Asked) -> tuple[int | None, int | None]:
    """Return from when until before when; the end that is asked for belongs to it."""
    start, end = asked.moment("from"), asked.moment("to")
    return start, None if end is None else end + MICROSECOND


@handles("Account_GetSettlements")
def get_settlements(asked: Asked) -> dict[str, Any]:
    """List what was settled, the latest position first."""
    limit = asked.whole("limit", 100, 1, _MOST_SETTLEMENTS)
    before, (start, end) = plain_cursor(asked.text("cursor")), period_of(asked)
    market_id = asked.text("market_id").lower() or None
    found = asked.world.engine.settlements(wallets_of(asked), market_id=market_id, start_ns=start, end_ns=end)
    page, following = cut([each for each in found if not before or each.position_id < before], 0, limit)
    cursor = "" if following is None else str(page[-1].position_id)
    return {"data": [settlement_row(asked, each) for each in page], "next_cursor": cursor}


# -- plan and analysis --


@handles("Account_GetEntitlements")
def get_entitlements(asked: Asked) -> dict[str, Any]:
    """Show what the plan has; the venue does not publish the shape."""
    plan = asked.caller.user.plan
    tier = asked.world.options.tiers[plan]
    return {
        "plan": plan,
        "features": {
            "api_trading": plan != "free" or asked.world.options.free_tier == "trade",
            "api_wallet_reset": plan != "free",
            "csv_export": plan != "free",
            "max_batch_size": tier.batch,
            "max_ws_connections": tier.sockets,
        },
    }


@handles("Account_GetProfileAnalysis")
def get_profile_analysis(asked: Asked) -> dict[str, Any]:
    """Analyse the wallets that are asked for."""
    recent = asked.whole("recent_trades", 20, 1, 100)
    days = asked.whole("equity_days", 90, 1, 365)
    return analyse(asked.world, asked.caller, wallets_of(asked), recent=recent, days=days)
