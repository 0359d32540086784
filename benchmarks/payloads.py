"""Instruments as the US exchange lists them: the same bytes on every machine."""

from __future__ import annotations

import json
from random import Random  # noqa: TID251 - reproducible on purpose, guards nothing
from typing import Any

__all__ = ["SYMBOL", "instruments", "page"]

SYMBOL = "aec-nfl-00000-kc"

# Shares of a listing in season: games with their spreads, totals and props, some futures, some crypto.
_KINDS = ("aec", "asc", "tsc", "astatc", "astatc", "astatc", "tec", "cpc")
_STATES = ("OPEN",) * 14 + ("PREOPEN", "SUSPENDED", "CLOSED", "EXPIRED", "HALTED", "PENDING")
_LEAGUES = ("nfl", "nba", "mlb", "nhl", "cfb", "epl")
_TEAMS = (
    ("kc", "Kansas City"),
    ("phi", "Philadelphia"),
    ("sea", "Seattle"),
    ("bos", "Boston"),
    ("nyg", "New York"),
    ("den", "Denver"),
)


def instruments(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return plain instruments; the same for the same arguments."""
    random = Random(seed)
    return [_instrument(random, index) for index in range(count)]


def page(listed: list[dict[str, Any]], token: str = "") -> bytes:
    """Return one answer of the listing."""
    body = {"instruments": listed, "nextPageToken": token, "eof": not token}
    return json.dumps(body, separators=(",", ":")).encode()


def _day(random: Random) -> dict[str, int]:
    return {"year": 2026, "month": random.randint(1, 12), "day": random.randint(1, 28)}


def _instrument(random: Random, index: int) -> dict[str, Any]:
    kind = "aec" if index == 0 else random.choice(_KINDS)
    league = "nfl" if index == 0 else random.choice(_LEAGUES)
    home, away = random.sample(_TEAMS, 2)
    scale, tick = random.choice(((100, 0.01), (100, 0.01), (1000, 0.005), (1000, 0.001)))
    created = f"2026-01-{random.randint(1, 28):02}T{random.randint(0, 23):02}:00:00Z"
    found: dict[str, Any] = {
        "symbol": SYMBOL if index == 0 else f"{kind}-{league}-{index:05}-{home[0]}",
        "tickSize": tick,
        "baseCurrency": "USD",
        "multiplier": 1,
        "minimumTradeQty": "1",
        "startDate": _day(random),
        "expirationDate": _day(random),
        "tradingSchedule": _schedule(random),
        "description": f"Will {home[1]} beat {away[1]}? Resolves by the official box score of game {index}.",
        "clearingHouse": "QCC",
        "nonTradable": random.random() < 0.02,
        "productId": f"{kind}-{league}",
        "priceLimit": {"low": "1", "high": str(scale - 1), "lowSet": True, "highSet": True},
        "expirationTime": {"hours": random.randint(0, 23), "minutes": 30, "seconds": 0},
        "state": "INSTRUMENT_STATE_" + ("OPEN" if index == 0 else random.choice(_STATES)),
        "priceScale": str(scale),
        "fractionalQtyScale": "100",
        "settlementCurrency": "USD",
        "settlementPriceScale": str(scale),
        "metadata": _metadata(random, kind, league, home, away, index),
        "eventAttributes": _attributes(random, kind, home, away, scale, league),
        "createTime": created,
        "updateTime": f"2026-02-01T{random.randint(0, 23):02}:12:44.{random.randint(0, 999_999):06}Z",
    }
    if random.random() < 0.3:
        found["orderSizeLimit"] = {"low": "1", "high": "5000000", "lowSet": True, "highSet": True}
    if random.random() < 0.1:
        found["terminationDate"] = _day(random)
    return found


def _schedule(random: Random) -> list[dict[str, Any]]:
    if random.random() < 0.7:
        return []
    return [
        {
            "daysOfWeek": [0, 1, 2, 3, 4, 5, 6],
            "timeOfDay": {"hours": hour, "minutes": 0, "seconds": 0},
            "duration": "43200s",
            "state": "INSTRUMENT_STATE_OPEN",
            "hideMarketData": False,
            "expireAllOrders": False,
        }
        for hour in (0, 12)
    ]


def _metadata(
    random: Random, kind: str, league: str, home: tuple[str, str], away: tuple[str, str], index: int
) -> dict[str, str]:
    if kind == "cpc":
        return {
            "event_category": "CRY",
            "crypto_market_type": "updown",
            "crypto_horizon": "1h",
            "interval_start": "2026-02-01 20:00:00+00",
            "interval_end": "2026-02-01 21:00:00+00",
            "price_to_beat": f"{random.randint(50_000, 120_000)}.25",
        }
    found = {
        "cftc_instrument_id": f"C{index:08}",
        "event_category": "SPR",
        "event_series": league,
        "product_id": f"{kind}-{league}",
        "event_id": str(random.randint(10_000, 99_999)),
        "event_start_time": "2026-01-25 20:00:00+00",
        "event_external_id_sportradar": f"sr:match:{random.randint(10_000_000, 99_999_999)}",
        "participant_type": "team",
        "long_participant_id": home[0],
        "long_participant_name": home[1],
        "short_participant_id": away[0],
        "short_participant_name": away[1],
        "outcome_type": "team",
        "home_team_name": home[1],
        "away_team_name": away[1],
    }
    if kind != "tec":
        found["market_sport_type"] = {"aec": "moneyline", "asc": "spread", "tsc": "total"}.get(kind, "prop")
    return found


def _attributes(
    random: Random, kind: str, home: tuple[str, str], away: tuple[str, str], scale: int, league: str
) -> dict[str, Any]:
    return {
        "question": f"{home[1]} or {away[1]}: who wins?",
        "payoutValue": str(scale),
        "evaluationType": random.choice((">", "<", "=")),
        "eventId": f"{kind}-{league}",
        "eventDisplayName": f"{away[1]} at {home[1]}",
        "strikeValue": f"{random.randint(0, 60)}.5",
        "strikeUnit": "decimal",
        "calculationMethod": "CALCULATION_METHOD_VALUE",
        "positionAccountabilityValue": "25000",
        "timeSpecifier": _day(random),
        "eventOutcome": "EVENT_OUTCOME_MUTUALLY_EXCLUSIVE",
    }
