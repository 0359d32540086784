"""Fills and settlements as CSV, for plans that are paid for."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from starlette.responses import Response

from polyspec.sandbox.polysimulator.handlers.account import (
    period_of,
    settlement_row,
    trade_row,
    wallets_of,
)
from polyspec.sandbox.polysimulator.refusals import upgrade
from polyspec.sandbox.polysimulator.registry import Asked, handles

__all__: list[str] = []

_TRADES: Final = (
    "order_id", "filled_at", "market_id", "outcome", "side", "quantity", "price", "notional", "fee",
    "price_source",
)  # fmt: skip
_SETTLEMENTS: Final = (
    "position_id", "settled_at", "market_id", "market_question", "outcome", "quantity", "avg_entry_price",
    "cost_basis", "payout", "payout_per_share", "realized_pnl", "result",
)  # fmt: skip


def _check_plan(asked: Asked) -> None:
    if asked.caller.tier == "free":
        raise upgrade("csv_export", "exports need a paid plan")


def _file(asked: Asked, name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Response:
    """Return a table, cut at the cap; a comment then says so."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    most = asked.world.options.export_rows
    writer.writerows(rows[:most])
    if len(rows) > most:
        text.write(f"# truncated at {most} rows; narrow the export with from and to\n")
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), headers=disposition, media_type="text/csv")


@handles("Exports_ExportTrades")
def export_trades(asked: Asked) -> Response:
    """Write fills, newest first."""
    _check_plan(asked)
    start, end = period_of(asked)
    market_id = asked.text("market_id").lower() or None
    rows = [
        trade_row(each)
        for each in asked.world.engine.trades(wallets_of(asked), market_id=market_id)
        if (start is None or each.filled_ns >= start) and (end is None or each.filled_ns < end)
    ]
    return _file(asked, "trades.csv", _TRADES, rows)


@handles("Exports_ExportSettlements")
def export_settlements(asked: Asked) -> Response:
    """Write settlements, the latest position first."""
    _check_plan(asked)
    start, end = period_of(asked)
    market_id = asked.text("market_id").lower() or None
    found = asked.world.engine.settlements(wallets_of(asked), market_id=market_id, start_ns=start, end_ns=end)
    return _file(asked, "settlements.csv", _SETTLEMENTS, [settlement_row(asked, each) for each in found])
