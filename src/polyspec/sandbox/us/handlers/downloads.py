"""Downloads of orders, executions and trades as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.csvfile import chunks
from polyspec.sandbox.us.finding import matching_executions, matching_orders, matching_trades
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

_ORDER = (
    "id", "clord_id", "account", "symbol", "side", "type", "time_in_force", "state", "order_qty", "price",
    "cum_qty", "leaves_qty", "avg_px", "commission_notional_total_collected", "price_scale",
    "fractional_quantity_scale",
)  # fmt: skip
_EXECUTION = (
    "id", "order_id", "clord_id", "account", "symbol", "side", "type", "last_shares", "last_px", "trade_id",
    "aggressor", "commission", "text", "transact_time",
)  # fmt: skip
_TRADE = (
    "id",
    "symbol",
    "side",
    "px",
    "qty",
    "aggressor",
    "state",
    "order_id",
    "execution_id",
    "transact_time",
)


@handles("ReportAPI_DownloadOrders")
def download_orders(asked: Asked) -> Iterator[m.DownloadOrdersLine]:
    """Stream the participant's orders."""
    rows = [
        [
            getattr(order, name).value if hasattr(getattr(order, name), "value") else getattr(order, name)
            for name in _ORDER
        ]
        for order in (mapping.any_order(asked.world, each) for each in matching_orders(asked, asked.body))
    ]
    for text in chunks(_ORDER, rows):
        yield m.DownloadOrdersLine(result=m.DownloadOrdersResponse(filechunk=text))


@handles("ReportAPI_DownloadExecutions")
def download_executions(asked: Asked) -> Iterator[m.DownloadExecutionsLine]:
    """Stream the participant's executions."""
    rows = [
        [
            done.id,
            done.order.id,
            done.order.client_order_id,
            done.order.account,
            done.order.symbol,
            f"SIDE_{done.order.side.value}",
            f"EXECUTION_TYPE_{done.type.value}",
            done.last_quantity,
            done.last_price,
            done.trade_id,
            done.aggressor,
            done.commission,
            done.text,
            from_ns(done.transact_time).isoformat(),
        ]
        for done in matching_executions(asked, asked.body)
    ]
    for text in chunks(_EXECUTION, rows):
        yield m.DownloadExecutionsLine(result=m.DownloadExecutionsResponse(filechunk=text))


@handles("ReportAPI_DownloadTrades")
def download_trades(asked: Asked) -> Iterator[m.DownloadTradesLine]:
    """Stream the participant's sides of its trades."""
    name = asked.participant.name
    rows = [
        [
            made.id,
            made.symbol,
            f"SIDE_{done.order.side.value}",
            made.price,
            made.quantity,
            done.aggressor,
            f"TRADE_STATE_{made.state.value}",
            done.order.id,
            done.id,
            from_ns(made.time).isoformat(),
        ]
        for made in matching_trades(asked, asked.body)
        for done in (made.aggressor, made.passive)
        if done.order.participant == name
    ]
    for text in chunks(_TRADE, rows):
        yield m.DownloadTradesLine(result=m.DownloadTradesResponse(filechunk=text))
