"""Incentive programs, one per quoted instrument; earnings are not served, as in pre-production."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.us.handlers.orderbook import wire_state
from polyspec.sandbox.us.handlers.positions import page_size
from polyspec.sandbox.us.listings import Listing
from polyspec.sandbox.us.paging import page, scope_of
from polyspec.sandbox.us.refusals import missing
from polyspec.sandbox.us.registry import Asked, handles
from polyspec.sandbox.us.world import World

__all__: list[str] = []

_START: Final = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@handles("IncentivesAPI_ListIncentives")
def list_incentives(asked: Asked) -> m.ListIncentivesResponse:
    """List the programs, newest first unless asked otherwise."""
    world, query = asked.world, asked.query
    statuses, symbols = query.get("statuses"), query.get("symbols")
    found = [
        (rank, listing)
        for rank, listing in enumerate(world.listings.values())
        if listing.mid and (not symbols or listing.symbol in symbols)
    ]
    if statuses and "active" not in statuses:
        found = []
    if query.get("program_type", "liquidityProgram") not in ("", "liquidityProgram"):
        found = []
    cut = page(
        found,
        lambda ranked: ranked[0],
        size=page_size(query),
        token=query.get("page_token", ""),
        scope=scope_of(
            "incentives", {name: str(v) for name, v in query.items() if not name.startswith("page_")}
        ),
        newest_first=query.get("order_direction", "desc") == "desc",
    )
    return m.ListIncentivesResponse(
        programs=[_program(world, listing) for _, listing in cut.items], next_page_token=cut.token
    )


def _program(world: World, listing: Listing) -> m.IncentiveProgram:
    period = m.IncentiveTimePeriod(
        program_id=Seeded(world.options.seed, f"program/{listing.symbol}").hex(24),
        program_type="liquidityProgram",
        start=_START,
        reward_pool=Decimal(250),
        status="active",
        discount_factor=Decimal("0.5"),
        target_size=500,
        max_spread=Decimal("0.03"),
        period="early",
        created_at=_START - dt.timedelta(days=7),
    )
    return m.IncentiveProgram(
        market_slug=listing.symbol,
        time_periods=[period],
        instrument_state=wire_state(world.exchange.market_state(listing.symbol)),
        category=listing.category,
        subcategory=listing.series,
        event_start_time=listing.extra.get("event_start_time", ""),
        instrument_product=listing.product,
    )


@handles("IncentivesAPI_GetIncentivesEarned")
def get_earned(_: Asked) -> m.GetIncentivesEarnedResponse:
    """Say that there is no such route, as pre-production does."""
    raise missing()
