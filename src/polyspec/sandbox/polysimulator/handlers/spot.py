"""Spot prices, strikes, and the stream of both."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import StreamingResponse

from polyspec.sandbox.polysimulator.faults import STREAM_KINDS
from polyspec.sandbox.polysimulator.pricestream import PriceStream, Wanted, sources_of
from polyspec.sandbox.polysimulator.refusals import bad_request, missing
from polyspec.sandbox.polysimulator.registry import Asked, handles
from polyspec.sandbox.polysimulator.rows import spot_row, spot_rows
from polyspec.sandbox.polysimulator.spot import ASSETS, SOURCES
from polyspec.sandbox.polysimulator.views import iso, number

__all__: list[str] = []

_SETTLES: Final = "chainlink_timeline"
"""Where strikes are said to come from; one of the sources rounds are settled by."""
_MOST_MARKETS: Final = 50


@handles("Spot_GetSpotPrices")
def get_spot_prices(asked: Asked) -> dict[str, Any]:
    """Show all prices."""
    return {
        "prices": spot_rows(asked.world.updown, asked.now_ns),
        "supported_symbols": list(ASSETS),
        "timestamp": iso(asked.now_ns),
    }


@handles("Spot_GetSpotPrice")
def get_spot_price(asked: Asked) -> dict[str, Any]:
    """Show a price."""
    symbol = asked.path["symbol"].upper()
    if symbol not in ASSETS:
        raise missing("NOT_FOUND", f"no price of {symbol[:20]}")
    now = asked.now_ns
    return spot_row(asked.world.updown.spot.tick(symbol, now), now)


@handles("Spot_GetStrike")
def get_strike(asked: Asked) -> dict[str, Any]:
    """Show the price to beat of a round; 404 also before it is known."""
    name, updown = asked.path["condition_id"], asked.world.updown
    by_token = updown.rounds.of_token(name)
    found = updown.rounds.of_condition(name.lower()) if by_token is None else by_token[0]
    strike = None if found is None else updown.strike(found)
    if found is None or strike is None:
        raise missing("NOT_FOUND", "the price to beat is not known yet")
    return {
        "price": number(strike),
        "asset": found.asset,
        "start_date": iso(found.start_ns),
        "source": _SETTLES,
    }


@handles("Spot_StreamPrices")
def stream_prices(asked: Asked) -> StreamingResponse:
    """Tell prices as they come, until the listener leaves."""
    source = asked.text("crypto_source").lower()
    if source and source not in SOURCES:
        raise bad_request("INVALID_REQUEST", f"crypto_source must be one of {', '.join(SOURCES)}")
    symbols = [each.upper() for each in _listed(asked, "crypto")]
    conditions = [each.lower() for each in _listed(asked, "condition_ids")]
    if len(conditions) > _MOST_MARKETS:
        raise bad_request("BATCH_LIMIT_EXCEEDED", f"at most {_MOST_MARKETS} condition_ids")
    wanted = Wanted(
        [each for each in ASSETS if not symbols or each in symbols], sources_of(source), conditions
    )
    spoilt = asked.fault is not None and asked.fault.effect in STREAM_KINDS
    fault = asked.fault.effect if asked.fault is not None and spoilt else ""
    stream = PriceStream(asked.world, wanted, fault=fault)
    headers = {"cache-control": "no-store"}
    return StreamingResponse(stream.run(), media_type="text/event-stream", headers=headers)


def _listed(asked: Asked, name: str) -> list[str]:
    """Return the texts of a parameter that may be repeated or joined by commas, each once."""
    texts = (part.strip() for value in asked.query.get(name, []) for part in value.split(","))
    return list(dict.fromkeys(each for each in texts if each))
