"""Instruments and their terms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.handlers.orderbook import wire_state
from polyspec.sandbox.us.listings import Listing
from polyspec.sandbox.us.paging import page, scope_of
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import Asked, handles
from polyspec.sandbox.us.where import Test, field_filter, where
from polyspec.sandbox.us.world import World

__all__ = ["instrument"]

_DEFAULT_PAGE: Final = 50
_LARGEST_PAGE: Final = 1000
_LISTED: Final = dt.time(14, 0, tzinfo=dt.UTC)


@handles("RefDataAPI_ListInstruments")
def list_instruments(asked: Asked) -> m.ListInstrumentsResponse:
    """List the instruments that pass every filter, in listing order."""
    request: m.ListInstrumentsRequest = asked.body
    if request.page_size < 0 or request.page_size > _LARGEST_PAGE:
        raise invalid(f"pageSize must be at most {_LARGEST_PAGE}")
    tests = _tests(request)
    world = asked.world
    found = [
        (rank, listing)
        for rank, listing in enumerate(world.listings.values())
        if all(test(_columns(world, listing)) for test in tests)
    ]
    filters = {
        name: value for name, value in _plain(request).items() if name not in ("page_size", "page_token")
    }
    cut = page(
        found,
        lambda ranked: ranked[0],
        size=request.page_size or _DEFAULT_PAGE,
        token=request.page_token,
        scope=scope_of("instruments", filters),
    )
    return m.ListInstrumentsResponse(
        instruments=[instrument(world, listing) for _, listing in cut.items],
        next_page_token=cut.token,
        eof=cut.eof,
    )


@handles("RefDataAPI_ListSymbols")
def list_symbols(asked: Asked) -> m.ListSymbolsResponse:
    """List every symbol."""
    return m.ListSymbolsResponse(symbols=list(asked.world.listings))


@handles("RefDataAPI_GetInstrumentMetadata")
def get_metadata(asked: Asked) -> m.GetInstrumentMetadataResponse:
    """Return the keys instruments carry in their metadata, each with an example of its value."""
    merged: dict[str, str] = {}
    for listing in asked.world.listings.values():
        for name, value in listing.metadata.items():
            merged.setdefault(name, value)
    return m.GetInstrumentMetadataResponse(metadata=merged)


def _plain(request: m.ListInstrumentsRequest) -> dict[str, str]:
    return {name: str(getattr(request, name)) for name in request.__struct_fields__}


def _columns(world: World, listing: Listing) -> dict[str, str]:
    """Return what filters may look at."""
    return {
        **listing.metadata,
        "symbol": listing.symbol,
        "state": wire_state(world.exchange.market_state(listing.symbol)).value,
        "product_id": listing.product_id,
        "clearing_house": "QCC",
        "start_date": listing.start,
        "expiration_date": listing.expiration,
    }


def _tests(request: m.ListInstrumentsRequest) -> list[Test]:
    tests: list[Test] = []
    if request.symbols:
        wanted = set(request.symbols)
        tests.append(lambda columns: columns["symbol"] in wanted)
    if request.states:
        states = {state.value for state in request.states}
        tests.append(lambda columns: columns["state"] in states)
    exact = {
        "product_id": request.product_id,
        "event_series": request.event_series,
        "event_category": request.event_category,
        "market_category": request.market_category,
        "market_type": request.market_type,
        "game_id": request.game_id,
    }
    tests += [_equals(name, value) for name, value in exact.items() if value]
    if request.clearing_sym:
        tests.append(lambda columns: columns.get("clearing_sym", "").startswith(request.clearing_sym))
    if request.tradable_filter == m.TradableFilter.NON_TRADABLE:
        tests.append(lambda _: False)
    if request.type not in (m.InstrumentType.UNDEFINED, m.InstrumentType.EVENT):
        tests.append(lambda _: False)
    tests += _date_tests(request)
    if request.filter is not None:
        if request.filter.where_clause.strip():
            tests.append(where(request.filter.where_clause))
        tests += [field_filter(each) for each in request.filter.field_filters]
    return tests


def _equals(name: str, value: str) -> Test:
    return lambda columns: columns.get(name) == value


def _date_tests(request: m.ListInstrumentsRequest) -> list[Test]:
    tests: list[Test] = []
    for column, least, most in (
        ("start_date", _day(request.start_time_gte), _day(request.start_time_lte)),
        ("expiration_date", _day(request.end_time_gte), _day(request.end_time_lte)),
    ):
        tests.append(lambda columns, c=column, low=least, high=most: low <= columns[c] <= (high or "9999"))  # type: ignore[misc]
    return tests


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise invalid(f"invalid date {text!r}: expected YYYY-MM-DD") from error


def instrument(world: World, listing: Listing) -> m.Instrument:
    """Return an instrument as reference data tells it."""
    market = listing.market
    start, end = dt.date.fromisoformat(listing.start), dt.date.fromisoformat(listing.expiration)
    return m.Instrument(
        symbol=listing.symbol,
        tick_size=Decimal(listing.tick),
        base_currency="USD",
        multiplier=Decimal(1),
        minimum_trade_qty=market.min_quantity,
        start_date=mapping.wire_date(start),
        expiration_date=mapping.wire_date(end),
        trading_schedule=[
            m.TradingHours(
                days_of_week=[0, 1, 2, 3, 4, 5, 6],
                time_of_day=m.TimeOfDay(),
                duration="86400s",
                state=m.InstrumentState.OPEN,
            )
        ],
        description=listing.description,
        clearing_house="QCC",
        product_id=listing.product_id,
        price_limit=m.PriceLimit(low=market.price_low, high=market.price_high, low_set=True, high_set=True),
        order_size_limit=_size_limit(listing),
        expiration_time=m.TimeOfDay(hours=17),
        state=wire_state(world.exchange.market_state(listing.symbol)),
        price_scale=market.price_scale,
        fractional_qty_scale=market.quantity_scale,
        settlement_currency="USD",
        settlement_price_scale=market.price_scale,
        metadata=listing.metadata,
        event_attributes=m.EventAttributes(
            question=listing.question,
            payout_value=str(market.payout),
            evaluation_type=listing.evaluation,
            event_id=listing.product_id,
            event_display_name=listing.description,
            strike_value=listing.strike,
            strike_unit="decimal" if listing.strike else "",
            calculation_method="CALCULATION_METHOD_VALUE",
            time_specifier=mapping.wire_date(end),
            event_outcome=listing.outcome,
        ),
        create_time=dt.datetime.combine(start, _LISTED),
        update_time=_updated(world, listing, start),
    )


def _updated(world: World, listing: Listing, start: dt.date) -> dt.datetime:
    settled = world.statistics(listing.symbol).settlement_time
    return from_ns(settled) if settled else dt.datetime.combine(start, _LISTED)


def _size_limit(listing: Listing) -> m.OrderSizeLimit | None:
    market = listing.market
    if market.quantity_high is None and market.notional_low is None:
        return None
    return m.OrderSizeLimit(
        high=market.quantity_high or 0,
        high_set=market.quantity_high is not None,
        total_notional_low=market.notional_low or 0,
        total_notional_low_set=market.notional_low is not None,
    )
