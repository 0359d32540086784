"""Markets by condition id: lists, details, books, candles, events, prices of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from polyspec.sandbox.polysimulator.feed import FeedMarket
from polyspec.sandbox.polysimulator.history import candles_of
from polyspec.sandbox.polysimulator.paging import END, cut, read_cursor, write_cursor
from polyspec.sandbox.polysimulator.refusals import bad_request, invalid, missing
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles
from polyspec.sandbox.polysimulator.views import (
    book_view,
    is_hot,
    live_price,
    market_detail,
    market_summary,
    moment,
)

__all__ = ["market_of", "outcome_of"]

_MOST: Final = 200
_LONGEST_Q: Final = 120
_DEEPEST: Final = 500
_MOST_PRICES: Final = 50
_NOT_FOUND: Final = "market not found"
_INTERVALS: Final = ("1h", "6h", "1d", "1w", "max")


def market_of(asked: Asked) -> FeedMarket:
    """Return the market of the path; raises Refusal (404)."""
    found = asked.world.markets.market(asked.path["condition_id"])
    if found is None:
        raise missing("MARKET_NOT_FOUND", _NOT_FOUND)
    return found


def outcome_of(market: FeedMarket, label: str) -> int:
    """Return which outcome a label is, whatever its case, the first if it is empty; raises Refusal (400)."""
    if not label:
        return 0
    for place, each in enumerate(market.outcomes):
        if each.lower() == label.lower():
            return place
    raise bad_request("INVALID_REQUEST", f"no outcome {label!r}; one of {', '.join(market.outcomes)}")


# -- lists --


@handles("Markets_ListMarkets")
def list_markets(asked: Asked) -> Any:
    """List markets, as a bare page or in an envelope with a cursor."""
    limit = asked.whole("limit", 50, 1, _MOST)
    cursor = asked.text("cursor") or asked.text("next_cursor")
    offset = read_cursor(cursor) if cursor else asked.whole("offset", 0, 0)
    page, following = cut(_found(asked), offset, limit)
    shown = [market_summary(asked.world, each) for each in page]
    if not asked.flag("envelope"):
        return shown
    return {"data": shown, "next_cursor": END if following is None else write_cursor(following)}


def _found(asked: Asked) -> list[FeedMarket]:
    """Return the markets that were asked for; rounds are never among them."""
    q, category = asked.text("q").lower(), asked.text("category").lower()
    if len(q) > _LONGEST_Q:
        raise invalid(f"q must have at most {_LONGEST_Q} characters", field="q")
    hot, active = asked.flag("hot_only"), asked.flag("active_only")
    return [
        each
        for each in asked.world.markets.markets()
        if q in f"{each.question} {each.slug} {each.event_title}".lower()
        and category in each.category.lower()
        and (not hot or is_hot(asked.world, each))
        and (not active or each.status == "open")
    ]


# -- one --


@handles("Markets_GetMarket")
def get_market(asked: Asked) -> dict[str, Any]:
    """Show a market."""
    return market_detail(asked.world, market_of(asked), book=asked.flag("include_book"))


@handles("Markets_GetMarketBySlug")
def get_market_by_slug(asked: Asked) -> Answer:
    """Show the market of a slug; nobody may keep the answer."""
    slug = asked.path["slug"]
    world = asked.world
    found = next(
        (each for each in (*world.markets.markets(), *world.updown.markets()) if each.slug == slug), None
    )
    if found is None:
        raise missing("MARKET_NOT_FOUND", _NOT_FOUND)
    return Answer(market_detail(asked.world, found), headers={"cache-control": "no-store"})


@handles("Markets_GetMarketByToken")
def get_market_by_token(asked: Asked) -> dict[str, Any]:
    """Tell the market and the outcome of a token."""
    token_id = asked.path["token_id"]
    found = asked.world.markets.market_of(token_id)
    if found is None:
        raise missing("TOKEN_NOT_FOUND", "token not found")
    return {
        "condition_id": found.condition_id,
        "primary_token_id": found.token_ids[0],
        "secondary_token_id": None,
        "outcome": found.outcomes[found.token_ids.index(token_id)],
    }


@handles("Markets_GetMarketBook")
def get_market_book(asked: Asked) -> dict[str, Any]:
    """Show the book of an outcome, by default of the first."""
    depth = asked.whole("depth", _DEEPEST, 1, _DEEPEST)
    market = market_of(asked)
    book = book_view(asked.world, market, market.token_ids[outcome_of(market, asked.text("outcome"))], depth)
    if book is None:
        raise missing("BOOK_UNAVAILABLE", "no order book for this market")
    return book


@handles("Markets_GetCandles")
def get_candles(asked: Asked) -> list[dict[str, Any]]:
    """Show what an outcome cost over time; the volume is of the venue's own fills alone."""
    market = market_of(asked)
    interval = asked.text("interval") or "1h"
    if interval not in _INTERVALS:
        raise bad_request(
            "INVALID_INTERVAL", f"no interval {interval!r}", supported_intervals=list(_INTERVALS)
        )
    return candles_of(asked.world, market, outcome_of(market, asked.text("outcome")), interval)


# -- several --


@handles("Markets_GetBatchPrices")
def get_batch_prices(asked: Asked) -> list[dict[str, Any]]:
    """Show the prices of several markets; unknown ones are left out."""
    ids = list(asked.body.market_ids)
    options = asked.world.options
    most = _MOST_PRICES
    if options.price_batches_by_tier:
        most = min(most, options.tiers[asked.caller.tier].batch)
    if not ids:
        raise invalid("market_ids must name at least one market", field="market_ids")
    if len(ids) > most:
        raise bad_request("BATCH_LIMIT_EXCEEDED", f"at most {most} markets at once, not {len(ids)}")
    return [_price(asked, each) for each in ids]


def _price(asked: Asked, condition_id: str) -> dict[str, Any]:
    """Return what a market trades at; its id alone if nothing is known of it."""
    market = asked.world.markets.market(condition_id)
    if market is None:
        return {"condition_id": condition_id}
    price = live_price(asked.world, market)
    shown = {name: price[name] for name in ("buy", "sell", "outcomes", "source")}
    return {"condition_id": market.condition_id, **shown}


@handles("Markets_ListEvents")
def list_events(asked: Asked) -> dict[str, Any]:
    """List events with their markets."""
    limit, offset = asked.whole("limit", 50, 1, _MOST), asked.whole("offset", 0, 0)
    most = asked.whole("markets_per_event", 20, 1, 100)
    groups: dict[str, list[FeedMarket]] = {}
    for each in asked.world.markets.markets():
        groups.setdefault(each.event_id or each.condition_id, []).append(each)
    wanted = _wanted_event(asked)
    found = {name: group for name, group in groups.items() if wanted(group)}
    page, _ = cut(list(found), offset, limit)
    return {
        "events": [_event(asked, name, found[name], most) for name in page],
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "cache_source": "memory",
        "has_sports": any(each.category.lower() == "sports" for group in found.values() for each in group),
    }


def _wanted_event(asked: Asked) -> Callable[[list[FeedMarket]], bool]:
    search, category = asked.text("search").lower(), asked.text("category").lower()
    hot, sports = asked.flag("hot_only"), asked.flag("include_sports", default=True)

    def wanted(group: list[FeedMarket]) -> bool:
        text = " ".join(f"{each.event_title} {each.question}" for each in group).lower()
        kinds = {each.category.lower() for each in group}
        return (
            search in text
            and any(category in each for each in kinds)
            and (not hot or any(is_hot(asked.world, each) for each in group))
            and (sports or "sports" not in kinds)
        )

    return wanted


def _event(asked: Asked, name: str, group: list[FeedMarket], most: int) -> dict[str, Any]:
    first = group[0]
    return {
        "id": name,
        "event_id": name,
        "slug": name,
        "title": first.event_title or first.question,
        "category": first.category,
        "active": any(each.status == "open" for each in group),
        "closed": all(each.status != "open" for each in group),
        "start_date": moment(first.start_ns),
        "end_date": moment(first.end_ns),
        "market_count": len(group),
        "markets": [market_summary(asked.world, each) for each in group[:most]],
    }
