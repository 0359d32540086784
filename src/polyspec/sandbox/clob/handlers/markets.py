"""Markets, their tokens, what trading them needs, and what happened there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from polyspec.sandbox.clob.chain import COLLATERAL
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import to_units, units_text
from polyspec.sandbox.clob.handlers.books import midpoint_of
from polyspec.sandbox.clob.paging import page
from polyspec.sandbox.clob.refusals import bad_request, missing
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.clob.views import SECOND, number
from polyspec.sandbox.clob.world import ClobWorld

__all__ = ["market_of", "price_now", "rewards_of"]

_PAGE: Final = 1000
_RECENT: Final = 100
_HALF: Final = 500_000
_ONE: Final = 1_000_000
_NOT_FOUND: Final = "market not found"
_OPENED: Final = datetime(2026, 10, 1, 12, tzinfo=UTC)
_ENDS: Final = datetime(2027, 12, 31, tzinfo=UTC)
_DESCRIPTION: Final = "A market of the sandbox. It resolves when a test says so."


def price_now(world: ClobWorld, token_id: str) -> int:
    """Return what a token is worth: the middle of its book, else its last price, else a half."""
    middle = midpoint_of(world, token_id)
    if middle is not None:
        return to_units(middle)
    last = world.exchange.last_trade(token_id)
    return _HALF if last is None else last[0]


def rewards_of(listing: Listing) -> dict[str, Any]:
    """Return the terms of a market's rewards; without any, the rates are null, as live."""
    rates = [{"asset_address": COLLATERAL, "rewards_daily_rate": number(listing.reward_rate)}]
    return {
        "rates": rates if listing.reward_rate else None,
        "min_size": number(listing.reward_min_size),
        "max_spread": number(to_units(listing.reward_max_spread)),
    }


def _stands(world: ClobWorld, listing: Listing) -> dict[str, bool]:
    status = world.exchange.market_status(listing.condition_id)
    ended = status in (t.MarketStatus.CLOSED, t.MarketStatus.RESOLVED)
    return {
        "active": True,
        "closed": ended,
        "archived": False,
        "accepting_orders": status is t.MarketStatus.OPEN,
    }


def _tokens(world: ClobWorld, listing: Listing) -> list[dict[str, Any]]:
    payouts = world.exchange.payouts(listing.condition_id)
    return [
        {
            "token_id": token,
            "outcome": outcome,
            "price": number(price_now(world, token) if payouts is None else payouts[place]),
            "winner": payouts is not None and payouts[place] == _ONE,
        }
        for place, (token, outcome) in enumerate(zip(listing.token_ids, listing.outcomes, strict=True))
    ]


def _simplified(world: ClobWorld, listing: Listing) -> dict[str, Any]:
    return {
        "condition_id": listing.condition_id,
        "rewards": rewards_of(listing),
        "tokens": _tokens(world, listing),
        **_stands(world, listing),
    }


def market_of(world: ClobWorld, listing: Listing) -> dict[str, Any]:
    """Return everything the venue tells of a market."""
    terms = _terms(world, listing)
    return {
        "enable_order_book": True,
        **_stands(world, listing),
        "accepting_order_timestamp": _moment(_OPENED),
        "minimum_order_size": number(terms.minimum_size),
        "minimum_tick_size": number(terms.tick),
        "condition_id": listing.condition_id,
        "question_id": listing.condition_id,
        "question": listing.question,
        "description": _DESCRIPTION,
        "market_slug": listing.slug,
        "end_date_iso": _moment(_ENDS),
        "game_start_time": None,
        "seconds_delay": _seconds_delay(listing),
        "fpmm": "",
        "maker_base_fee": 0,
        "taker_base_fee": 0,
        "notifications_enabled": True,
        "neg_risk": listing.neg_risk,
        "neg_risk_market_id": listing.neg_risk_market_id,
        "neg_risk_request_id": "",
        "icon": "",
        "image": "",
        "rewards": rewards_of(listing),
        "is_50_50_outcome": False,
        "tokens": _tokens(world, listing),
        "tags": [listing.category.title(), "All"],
    }


def _terms(world: ClobWorld, listing: Listing) -> t.MarketTerms:
    terms = world.exchange.market(listing.condition_id)
    assert terms is not None, listing.condition_id
    return terms


def _seconds_delay(listing: Listing) -> int:
    return 0 if listing.answers_late else round(listing.hold)


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _listing(asked: Asked, condition_id: str) -> Listing:
    listing = asked.world.listings.get(condition_id.lower())
    if listing is None:
        raise missing(_NOT_FOUND)
    return listing


# -- listings --


def _page(asked: Asked, show: Callable[[ClobWorld, Listing], dict[str, Any]], *, sampling: bool) -> Any:
    """Return a page of all markets, or of those that pay rewards."""
    found = [each for each in asked.world.listings.values() if each.reward_rate or not sampling]
    shown = page(found, asked.text("next_cursor"), _PAGE)
    return {**shown, "data": [show(asked.world, each) for each in shown["data"]]}


@handles("Markets_GetMarkets")
def markets(asked: Asked) -> Any:
    """List all markets."""
    return _page(asked, market_of, sampling=False)


@handles("Markets_GetSimplifiedMarkets")
def simplified_markets(asked: Asked) -> Any:
    """List all markets in short."""
    return _page(asked, _simplified, sampling=False)


@handles("Markets_GetSamplingMarkets")
def sampling_markets(asked: Asked) -> Any:
    """List the markets that pay rewards."""
    return _page(asked, market_of, sampling=True)


@handles("Markets_GetSamplingSimplifiedMarkets")
def sampling_simplified_markets(asked: Asked) -> Any:
    """List the markets that pay rewards, in short."""
    return _page(asked, _simplified, sampling=True)


@handles("Markets_GetMarket")
def market(asked: Asked) -> dict[str, Any]:
    """Show a market."""
    return market_of(asked.world, _listing(asked, asked.path["condition_id"]))


@handles("Markets_GetMarketByToken")
def market_by_token(asked: Asked) -> dict[str, str]:
    """Tell the market of a token."""
    listing = asked.world.listing_of(asked.path["token_id"])
    if listing is None:
        raise missing(_NOT_FOUND)
    first, second = listing.token_ids
    return {"condition_id": listing.condition_id, "primary_token_id": first, "secondary_token_id": second}


@handles("Markets_GetClobMarket")
def clob_market(asked: Asked) -> dict[str, Any]:
    """Show what trading a market needs, under the venue's short names."""
    listing = _listing(asked, asked.path["condition_id"])
    terms = _terms(asked.world, listing)
    tokens = [
        {"t": token, "o": outcome} for token, outcome in zip(listing.token_ids, listing.outcomes, strict=True)
    ]
    shown = {
        "c": listing.condition_id,
        "gst": None,
        "r": {"mi": number(listing.reward_min_size), "ma": number(to_units(listing.reward_max_spread))}
        if listing.reward_rate
        else None,
        "t": tokens,
        "mos": number(terms.minimum_size),
        "mts": number(terms.tick),
        "mbf": 0,
        "tbf": 0,
        "rfqe": True,
        "itode": bool(listing.hold) and listing.answers_late,
        "ibce": False,
        "fd": {"r": number(terms.fees.rate), "e": terms.fees.exponent, "to": True},
        "ao": _stands(asked.world, listing)["accepting_orders"],
        "aot": _moment(_OPENED),
        "cbos": False,
        "sd": _seconds_delay(listing),
    }
    # absent means no
    return {**shown, "nr": True} if listing.neg_risk else shown


# -- activity --


def _activity(listing: Listing) -> dict[str, Any]:
    return {
        "condition_id": listing.condition_id,
        "id": listing.number,
        "question": listing.question,
        "market_slug": listing.slug,
        "event_slug": listing.event_slug,
        "series_slug": "",
        "icon": "",
        "image": "",
        "tags": [listing.category],
    }


@handles("Markets_GetLiveActivity")
def live_activity(asked: Asked) -> dict[str, Any]:
    """Show a market as activity feeds do."""
    return _activity(_listing(asked, asked.path["condition_id"]))


@handles("Markets_GetLiveActivities")
def live_activities(asked: Asked) -> list[dict[str, Any]]:
    """Show several markets as activity feeds do."""
    wanted = asked.body(list[str], "Invalid payload")
    if not wanted:
        raise bad_request("Invalid payload")
    return [_activity(_listing(asked, each)) for each in wanted]


@handles("Markets_GetLiveActivityEvent")
def live_activity_event(asked: Asked) -> list[dict[str, Any]]:
    """List the latest trades of a market, newest first."""
    listing = _listing(asked, asked.path["condition_id"])
    found = asked.world.exchange.trades(condition_id=listing.condition_id)
    return [_trade_event(listing, each) for each in reversed(found[-_RECENT:])]


def _trade_event(listing: Listing, trade: t.Trade) -> dict[str, Any]:
    return {
        "event_type": "trade",
        "market": {
            "condition_id": trade.condition_id,
            "asset_id": trade.token_id,
            "question": listing.question,
            "icon": "",
            "slug": listing.slug,
        },
        "user": {
            "address": trade.tags.get("maker", ""),
            "username": "",
            "profile_picture": "",
            "optimized_profile_picture": "",
            "pseudonym": "",
        },
        "side": str(trade.side),
        "size": units_text(trade.size),
        "fee_rate_bps": units_text(trade.fee_rate * 10_000),
        "price": units_text(trade.price),
        "outcome": listing.outcomes[trade.outcome],
        "outcome_index": trade.outcome,
        "transaction_hash": trade.transaction_hash,
        "timestamp": str(trade.match_time // SECOND),
    }
