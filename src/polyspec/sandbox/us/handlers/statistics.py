"""Trade statistics of an instrument, whole and in bars. They are public: all trades count."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns, span, to_ns
from polyspec.sandbox.us.finding import date_span
from polyspec.sandbox.us.refusals import invalid, missing
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []

_MOST_BARS: Final = 1000


@handles("ReportAPI_GetTradeStats")
def get_trade_stats(asked: Asked) -> m.GetTradeStatsResponse:
    """Sum up the trades of a period, by times or by trade dates, cut into bars if asked."""
    request: m.GetTradeStatsRequest = asked.body
    exchange = asked.world.exchange
    if not request.symbol:
        raise invalid("symbol is required")
    if not 0 <= request.bars <= _MOST_BARS:
        raise invalid(f"bars must be between 0 and {_MOST_BARS}")
    if exchange.market(request.symbol) is None:
        raise missing(f"instrument {request.symbol} not found")
    made = [each for each in exchange.trades(symbol=request.symbol) if each.state is not t.TradeState.BUSTED]
    first, last = date_span(request.start_trade_date, request.end_trade_date)
    made = [each for each in made if first <= each.time <= last]
    start = (
        to_ns(request.start_time)
        if request.start_time
        else (made[0].time if made else asked.world.clock.now_ns())
    )
    end = span(None, request.end_time)[1] if request.end_time else asked.world.clock.now_ns()
    if start > end:
        raise invalid("startTime must not be after endTime")
    made = [each for each in made if start <= each.time <= end]
    edges = (
        [start + (end - start) * place // request.bars for place in range(request.bars + 1)]
        if request.bars
        else []
    )
    bars = [
        [each for each in made if low <= each.time < high or (high == end and each.time == end)]
        for low, high in pairwise(edges)
    ]
    return m.GetTradeStatsResponse(
        stats=_stats(made),
        bars=[_stats(bar) for bar in bars],
        bar_start_time=[from_ns(edge) for edge in edges[:-1]],
        bar_end_time=[from_ns(edge) for edge in edges[1:]],
    )


def _stats(made: Sequence[t.Trade]) -> m.TradeStats:
    if not made:
        return m.TradeStats()
    cleared = [each for each in made if each.state is t.TradeState.CLEARED]
    prices = [each.price for each in made]
    return m.TradeStats(
        first=prices[0],
        last=prices[-1],
        high=max(prices),
        low=min(prices),
        total_trade_count=len(made),
        cleared_trade_count=len(cleared),
        volume=sum(each.quantity for each in made),
        cleared_volume=sum(each.quantity for each in cleared),
        notional=sum(each.quantity * each.price for each in made),
        cleared_notional=sum(each.quantity * each.price for each in cleared),
    )
