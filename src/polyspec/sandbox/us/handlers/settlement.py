"""Final settlement of instruments."""

from __future__ import annotations

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.us.handlers.orderbook import instrument_stats
from polyspec.sandbox.us.refusals import invalid, missing
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []


@handles("SettlementService_GetInstrumentSettlement")
def get_settlement(asked: Asked) -> m.GetInstrumentSettlementResponse:
    """Return the latest settlement record; without statistics while it is not final."""
    symbol = asked.path["symbol"]
    if not symbol or symbol[0] in "/!":
        raise invalid("invalid symbol")
    market = asked.world.exchange.market(symbol)
    if market is None:
        raise missing(f"instrument {symbol} not found")
    known = instrument_stats(asked.world, symbol)
    stats = None
    if known.settlement_px is not None and known.settlement_preliminary is False:
        stats = m.InstrumentStats(
            settlement_px=known.settlement_px,
            settlement_preliminary=False,
            settlement_price_calculation_method=known.settlement_price_calculation_method,
            settlement_price_calculation_text=known.settlement_price_calculation_text,
            settlement_set_time=known.settlement_set_time,
        )
    return m.GetInstrumentSettlementResponse(symbol=symbol, price_scale=market.price_scale, stats=stats)
