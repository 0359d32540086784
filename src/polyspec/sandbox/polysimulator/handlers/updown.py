"""Up/Down rounds, listed."""

from __future__ import annotations

from typing import Any, Final

from polyspec.sandbox.polysimulator.refusals import bad_request
from polyspec.sandbox.polysimulator.registry import Asked, handles
from polyspec.sandbox.polysimulator.rounds import INTERVALS
from polyspec.sandbox.polysimulator.rows import counts, day_change, round_row, rounds_listed
from polyspec.sandbox.polysimulator.spot import ASSETS
from polyspec.sandbox.polysimulator.views import iso, number

__all__: list[str] = []

_PAGE: Final = 200
_MOST: Final = 500


@handles("Markets_ListUpdown")
@handles("Markets_ListUpdownAlias")
def list_updown(asked: Asked) -> dict[str, Any]:
    """List the rounds that ended last, that run, and that come next."""
    limit = asked.whole("limit", _PAGE, 1, _MOST)
    asset, interval = asked.text("asset").upper(), asked.text("interval")
    if interval and interval not in INTERVALS:
        raise bad_request(
            "INVALID_INTERVAL", f"no interval {interval[:20]!r}", supported_intervals=list(INTERVALS)
        )
    updown, now = asked.world.updown, asked.now_ns
    found = rounds_listed(updown, asset, interval, now)
    lists = asked.world.options.updown_lists
    return {
        "markets": [round_row(updown, each, now, lists) for each in found[:limit]],
        "total": len(found),
        "interval_counts": counts(each.interval for each in found),
        "asset_counts": counts(each.asset for each in found),
        "available_intervals": list(INTERVALS),
        "available_assets": list(ASSETS),
        "crypto_prices": {
            each: {
                "price": number(updown.spot.price(each, now)),
                "change_24h": day_change(updown, each, now),
            }
            for each in ASSETS
        },
        "timestamp": iso(now),
        "cache_hit": False,
    }


@handles("Markets_GetUpdownIntervals")
def get_updown_intervals(asked: Asked) -> dict[str, Any]:
    """Tell which lengths of rounds an asset has; all have all."""
    asset = asked.text("asset").upper()
    known = not asset or asset in ASSETS
    return {"asset": asset or None, "intervals": list(INTERVALS) if known else []}
