"""Polled books."""

from __future__ import annotations

from typing import Final

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us.refusals import invalid, missing
from polyspec.sandbox.us.registry import Asked, handles
from polyspec.sandbox.us.world import World

__all__ = ["instrument_stats", "wire_state"]

_DEFAULT_DEPTH: Final = 3
_DEEPEST: Final = 10
_OVER: Final = frozenset({t.MarketState.CLOSED, t.MarketState.EXPIRED, t.MarketState.TERMINATED})


def wire_state(state: t.MarketState | None) -> m.InstrumentState:
    """Return an engine state in the venue's words."""
    return m.InstrumentState[(state or t.MarketState.CLOSED).name]


def _known(asked: Asked) -> t.MarketDefinition:
    market = asked.world.exchange.market(asked.path["symbol"])
    if market is None:
        raise missing(f"instrument {asked.path['symbol']} not found")
    return market


def _level(level: t.BookLevel | None) -> m.BookEntry | None:
    return None if level is None else m.BookEntry(px=level.price, qty=level.quantity)


@handles("OrderBookAPI_GetOrderBook")
def get_order_book(asked: Asked) -> m.GetOrderBookResponse:
    """Return the top of a book, 3 levels unless asked for up to 10."""
    market, world = _known(asked), asked.world
    depth = asked.query.get("depth", 0) or _DEFAULT_DEPTH
    if depth < 0:
        raise invalid("depth must not be negative")
    bids, offers = world.exchange.book(market.symbol, min(depth, _DEEPEST))
    return m.GetOrderBookResponse(
        symbol=market.symbol,
        bids=[m.BookEntry(px=each.price, qty=each.quantity) for each in bids],
        offers=[m.BookEntry(px=each.price, qty=each.quantity) for each in offers],
        state=wire_state(world.exchange.market_state(market.symbol)),
        stats=instrument_stats(world, market.symbol),
        transact_time=world.book_time(market.symbol),
    )


@handles("OrderBookAPI_GetBBO")
def get_bbo(asked: Asked) -> m.GetBBOResponse:
    """Return the best bid and offer; spread and mid only if there are both."""
    market, world = _known(asked), asked.world
    bid, offer = world.exchange.best_bid(market.symbol), world.exchange.best_offer(market.symbol)
    both = bid is not None and offer is not None
    return m.GetBBOResponse(
        symbol=market.symbol,
        best_bid=_level(bid),
        best_offer=_level(offer),
        spread=offer.price - bid.price if both else 0,  # type: ignore[union-attr]
        mid_price=(offer.price + bid.price) // 2 if both else 0,  # type: ignore[union-attr]
        state=wire_state(world.exchange.market_state(market.symbol)),
        transact_time=world.book_time(market.symbol),
    )


def instrument_stats(world: World, symbol: str) -> m.InstrumentStats:
    """Return day statistics; settlement fields only once the instrument is closed or over."""
    known, state = world.statistics(symbol), world.exchange.market_state(symbol)
    auction = world.exchange.indicative(symbol)
    settled = known.settlement_price is not None and state in _OVER
    return m.InstrumentStats(
        open_px=known.open_price,
        close_px=known.close_price,
        low_px=known.low_price,
        high_px=known.high_price,
        last_trade_px=known.last_price,
        indicative_open_px=None if auction is None else auction[0],
        settlement_px=known.settlement_price if settled else None,
        shares_traded=known.volume,
        notional_traded=known.notional,
        open_interest=known.open_interest,
        settlement_preliminary=known.settlement_preliminary if settled else None,
        settlement_price_calculation_method=known.settlement_method or None if settled else None,
        settlement_price_calculation_text=known.settlement_text or None if settled else None,
        last_trade_qty=known.last_quantity if known.last_price is not None else None,
        settlement_set_time=from_ns(known.settlement_time) if settled and known.settlement_time else None,
    )
