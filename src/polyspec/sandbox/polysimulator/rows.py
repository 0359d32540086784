"""Up/Down rounds and spot prices as the venue lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from polyspec.sandbox.polysimulator.engine.units import price_text
from polyspec.sandbox.polysimulator.rounds import INTERVALS, OUTCOMES, SECOND, Round
from polyspec.sandbox.polysimulator.spot import ASSETS, CHAINLINK, Source, Tick
from polyspec.sandbox.polysimulator.updown import UpDown
from polyspec.sandbox.polysimulator.views import iso, number

__all__ = ["counts", "day_change", "round_row", "rounds_listed", "spot_row", "spot_rows"]

_STALE: Final = 30
_DAY: Final = 86_400 * SECOND
_ONE: Final = 1_000_000
_NO_STRIKE: Final = "0"


# -- spot prices --


def spot_row(tick: Tick, now_ns: int) -> dict[str, Any]:
    """Return a price and how old it is."""
    age = max(0, now_ns - tick.at_ns)
    return {
        "symbol": tick.symbol,
        "price": number(tick.price),
        "timestamp": iso(tick.at_ns),
        "source": tick.source,
        "age_seconds": age // 10**6 / 1000,
        "stale": age > _STALE * SECOND,
    }


def spot_rows(catalogue: UpDown, now_ns: int, source: Source = CHAINLINK) -> dict[str, dict[str, Any]]:
    """Return all prices by symbol."""
    return {each: spot_row(catalogue.spot.tick(each, now_ns, source), now_ns) for each in ASSETS}


# -- rounds --


def rounds_listed(catalogue: UpDown, asset: str, interval: str, now_ns: int) -> list[Round]:
    """Return the rounds that ended last, those that run and those that follow; what ends first is first."""
    found = []
    for each in catalogue.rounds.live(now_ns // SECOND):
        if (asset and each.asset != asset) or (interval and each.interval != interval):
            continue
        found.append(each)
        if each.start_ns <= now_ns:
            found.append(Round(each.asset, each.interval, each.start - INTERVALS[each.interval]))
    return sorted(found, key=lambda each: (each.end, INTERVALS[each.interval]))


def round_row(catalogue: UpDown, each: Round, now_ns: int, lists: str) -> dict[str, Any]:
    """Return a round as the listing has it; `lists` is how its lists are written."""
    over = now_ns >= each.end_ns
    strike = catalogue.strike(each)
    up = catalogue.chance(each, now_ns)
    condition_id, tokens = catalogue.rounds.condition_id(each), catalogue.rounds.token_ids(each)
    inner = {
        "id": each.slug,
        "condition_id": condition_id,
        "question": each.title,
        "outcomes": _listed(OUTCOMES, lists),
        # a text of a list in every era
        "outcome_prices": _encoded((price_text(up), price_text(_ONE - up))),
        "token_ids": _listed(tokens, lists),
    }
    return {
        "event_id": each.slug,
        "condition_id": condition_id,
        "slug": each.slug,
        "title": each.title,
        "description": f"Up if {ASSETS[each.asset].name} is at or above the price to beat at the end.",
        "asset": each.asset,
        "interval": each.interval,
        "time_range": each.time_range,
        "date_display": each.date_display,
        "start_date": iso(each.start_ns),
        "end_date": iso(each.end_ns),
        "active": not over,
        "closed": over,
        "resolved": over,
        "tags": ["up-or-down", each.asset.lower(), each.interval],
        "markets": [inner],
        "live_price": {"buy": number(up), "sell": number(_ONE - up), "updated_at": iso(now_ns)},
        "group_item_threshold": _NO_STRIKE if strike is None else price_text(strike),
        "event_metadata_ptb": None if strike is None else price_text(strike),
        "image": None,
        "icon": None,
    }


def day_change(catalogue: UpDown, symbol: str, now_ns: int) -> msgspec.Raw:
    """Return by how many percent a price moved in a day, to two decimals."""
    now, then = (catalogue.spot.price(symbol, each) for each in (now_ns, now_ns - _DAY))
    return number((now - then) * 10_000 // then * 10_000)


def counts(names: Iterable[str]) -> dict[str, int]:
    """Return how often each name occurs, in the order of first occurrence."""
    found: dict[str, int] = {}
    for each in names:
        found[each] = found.get(each, 0) + 1
    return found


def _listed(texts: tuple[str, ...], lists: str) -> list[str] | str:
    if lists == "array":
        return list(texts)
    return ",".join(texts) if lists == "comma" else _encoded(texts)


def _encoded(texts: tuple[str, ...]) -> str:
    return msgspec.json.encode(texts).decode()
