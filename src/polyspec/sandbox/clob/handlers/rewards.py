"""Rewards and rebates: the terms are real, nobody has earned anything yet."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from polyspec.sandbox.clob.chain import COLLATERAL
from polyspec.sandbox.clob.engine.units import to_units
from polyspec.sandbox.clob.handlers.account import wallet_of
from polyspec.sandbox.clob.handlers.books import spread_of
from polyspec.sandbox.clob.handlers.markets import price_now
from polyspec.sandbox.clob.paging import page
from polyspec.sandbox.clob.refusals import bad_request
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.seeds import Listing
from polyspec.sandbox.clob.views import number
from polyspec.sandbox.clob.world import ClobWorld

__all__: list[str] = []

_PAGE: Final = 100
_LARGEST_PAGE: Final = 500
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ORDERS: Final = frozenset(
    [
        "market_id",
        "created_at",
        "volume_24hr",
        "spread",
        "competitiveness",
        "max_spread",
        "min_size",
        "question",
        "one_day_price_change",
        "rate_per_day",
        "price",
        "end_date",
        "start_date",
        "reward_end_date",
        "earning_percentage",
        "earnings",
        "market",
    ]
)
_STARTED: Final = "2026-10-01"
_ENDS: Final = "2500-12-31"


def _check_day(asked: Asked, words: str, *, required: bool) -> None:
    text = asked.text("date")
    if not text and not required:
        return
    try:
        good = bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        good = False
    if not good:
        raise bad_request(words)


def _check_maker(asked: Asked, *, required: bool = False) -> None:
    maker = asked.text("maker_address")
    if (maker or required) and not _ADDRESS.fullmatch(maker):
        raise bad_request("Invalid maker_address")


def _size(asked: Asked) -> int:
    text = asked.text("page_size")
    if not text:
        return _PAGE
    if not (text.isdecimal() and text.isascii() and 0 < int(text[:9]) <= _LARGEST_PAGE):
        raise bad_request("Invalid page_size")
    return int(text)


def _paying(world: ClobWorld) -> list[Listing]:
    return [each for each in world.listings.values() if each.reward_rate]


# -- what somebody earned --


def _check_user(asked: Asked, *, day: bool) -> None:
    _check_day(asked, "Invalid date (format: YYYY-MM-DD)", required=day)
    wallet_of(asked)
    _check_maker(asked)


@handles("Rewards_GetUserEarnings")
def user_earnings(asked: Asked) -> dict[str, Any]:
    """List what the caller earned on a day."""
    _check_user(asked, day=True)
    return page([], asked.text("next_cursor"), _PAGE)


@handles("Rewards_GetUserTotalEarnings")
def user_total_earnings(asked: Asked) -> list[Any]:
    """Sum up what the caller earned on a day."""
    _check_user(asked, day=True)
    return []


@handles("Rewards_GetUserRewardPercentages")
def user_reward_percentages(asked: Asked) -> dict[str, Any]:
    """Tell the caller's share of each market's rewards."""
    _check_user(asked, day=False)
    return {}


@handles("Rewards_GetUserRewardsMarkets")
def user_rewards_markets(asked: Asked) -> dict[str, Any]:
    """List the markets that pay rewards, with what the caller earned there."""
    _check_user(asked, day=False)
    found = _found(asked, _paying(asked.world))
    shown = page(found, asked.text("next_cursor"), _size(asked))
    data = [
        _terms(asked.world, each)
        | {
            "market_id": str(each.number),
            "event_id": "",
            "volume_24hr": number(0),
            "spread": number(to_units(spread_of(asked.world, each.token_ids[0]) or "0")),
            "maker_address": wallet_of(asked),
            "earning_percentage": number(0),
            "earnings": [],
            "rewards_config": [_config(each)],
        }
        for each in shown["data"]
    ]
    return {**shown, "total_count": len(found), "data": data}


# -- what is paid --


@handles("Rewards_GetCurrentRewards")
def current_rewards(asked: Asked) -> dict[str, Any]:
    """List what is paid now."""
    shown = page(_paying(asked.world), asked.text("next_cursor"), _PAGE)
    data = [
        {
            "condition_id": each.condition_id,
            "rewards_max_spread": number(to_units(each.reward_max_spread)),
            "rewards_min_size": number(each.reward_min_size),
            "rewards_config": [_config(each)],
            "sponsored_daily_rate": number(0),
            "sponsors_count": 0,
            "native_daily_rate": number(each.reward_rate),
            "total_daily_rate": number(each.reward_rate),
        }
        for each in shown["data"]
    ]
    return {**shown, "data": data}


@handles("Rewards_GetMarketRewards")
def market_rewards(asked: Asked) -> dict[str, Any]:
    """List the rewards of a market."""
    listing = asked.world.listings.get(asked.path["condition_id"].lower())
    if listing is None:
        raise bad_request("Invalid market")
    shown = page([listing] if listing.reward_rate else [], asked.text("next_cursor"), _PAGE)
    data = [_terms(asked.world, each) | {"rewards_config": [_budget(each)]} for each in shown["data"]]
    return {**shown, "data": data}


@handles("Rewards_GetMultiMarketRewards")
def multi_market_rewards(asked: Asked) -> dict[str, Any]:
    """List markets that pay rewards, with their terms."""
    found = _found(asked, _paying(asked.world))
    shown = page(found, asked.text("next_cursor"), _size(asked))
    data = [
        _terms(asked.world, each)
        | {
            "market_id": str(each.number),
            "event_id": "",
            "created_at": f"{_STARTED}T12:00:00Z",
            "group_item_title": each.group_item,
            "one_day_price_change": number(0),
            "spread": number(to_units(spread_of(asked.world, each.token_ids[0]) or "0")),
            "end_date": "2027-12-31 00:00:00+00",
            "volume_24hr": number(0),
            "rewards_config": [_budget(each)],
        }
        for each in shown["data"]
    ]
    return {**shown, "data": data}


@handles("Rewards_GetRebates")
def rebates(asked: Asked) -> None:
    """Tell what fees were given back on a day: nothing, which the venue writes as null."""
    _check_day(asked, "Invalid date", required=True)
    _check_maker(asked, required=True)


def _found(asked: Asked, listings: list[Listing]) -> list[Listing]:
    """Return the listings a search asks for; raises Refusal (400)."""
    if asked.text("order_by") and asked.text("order_by") not in _ORDERS:
        raise bad_request("Invalid order_by")
    if asked.text("position") not in {"", "ASC", "DESC"}:
        raise bad_request("Invalid position")
    words, tag = asked.text("q").lower(), asked.text("tag_slug")
    found = [each for each in listings if words in each.question.lower() and tag in ("", each.category)]
    return found[::-1] if asked.text("position") == "DESC" else found


def _terms(world: ClobWorld, listing: Listing) -> dict[str, Any]:
    return {
        "condition_id": listing.condition_id,
        "question": listing.question,
        "market_slug": listing.slug,
        "event_slug": listing.event_slug,
        "image": "",
        "rewards_max_spread": number(to_units(listing.reward_max_spread)),
        "rewards_min_size": number(listing.reward_min_size),
        "market_competitiveness": number(0),
        "tokens": [
            {"token_id": token, "outcome": outcome, "price": number(price_now(world, token))}
            for token, outcome in zip(listing.token_ids, listing.outcomes, strict=True)
        ],
    }


def _config(listing: Listing) -> dict[str, Any]:
    return {
        "id": listing.number,
        "asset_address": COLLATERAL,
        "start_date": _STARTED,
        "end_date": _ENDS,
        "rate_per_day": number(listing.reward_rate),
        "total_rewards": number(0),
    }


def _budget(listing: Listing) -> dict[str, Any]:
    return _config(listing) | {"remaining_reward_amount": number(0), "total_days": 0}
