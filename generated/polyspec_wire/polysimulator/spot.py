"""Prices of underlying assets, strikes, and the stream of prices.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    CryptoSource,
    SpotPrice,
    SpotPrices,
    StreamEvent,
    Strike,
)

__all__ = [
    "GET_SPOT_PRICE",
    "GET_SPOT_PRICES",
    "GET_STRIKE",
    "OPERATIONS",
    "STREAM_PRICES",
    "get_spot_price",
    "get_spot_prices",
    "get_strike",
    "stream_prices",
]

GET_SPOT_PRICES: Final = Operation(
    id="Spot_GetSpotPrices",
    name="spot.get_spot_prices",
    method="GET",
    path="/prices/live",
    success={200: SpotPrices},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def get_spot_prices() -> Call[SpotPrices]:
    """Read what underlying assets trade at.

    GET /prices/live
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (PolySimulator SDK).
    """
    return Call(
        operation=GET_SPOT_PRICES,
        path=GET_SPOT_PRICES.path,
    )


GET_SPOT_PRICE: Final = Operation(
    id="Spot_GetSpotPrice",
    name="spot.get_spot_price",
    method="GET",
    path="/prices/live/{symbol}",
    success={200: SpotPrice},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="symbol", python="symbol", kind="path", type=str, required=True),),
    json="plain",
)


def get_spot_price(symbol: str) -> Call[SpotPrice]:
    """Read what an underlying asset trades at.

    Args:
        symbol: Symbol such as BTC, in any case.

    GET /prices/live/{symbol}
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (PolySimulator SDK).
    """
    return Call(
        operation=GET_SPOT_PRICE,
        path=_call.fill(GET_SPOT_PRICE, symbol=symbol),
    )


GET_STRIKE: Final = Operation(
    id="Spot_GetStrike",
    name="spot.get_strike",
    method="GET",
    path="/prices/ptb/{condition_id}",
    success={200: Strike},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_strike(condition_id: str) -> Call[Strike]:
    """Read the price an Up/Down round has to beat.

    404 means not yet: ask again.

    Args:
        condition_id: Condition id, or a token id of the round.

    GET /prices/ptb/{condition_id}
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (PolySimulator SDK).
    """
    return Call(
        operation=GET_STRIKE,
        path=_call.fill(GET_STRIKE, condition_id=condition_id),
    )


STREAM_PRICES: Final = Operation(
    id="Spot_StreamPrices",
    name="spot.stream_prices",
    method="GET",
    path="/prices/stream",
    success={200: StreamEvent},
    failure=ApiError,
    stream="events",
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(
            name="crypto", python="crypto", kind="query", type=list[str], required=False, explode=False
        ),
        Parameter(
            name="crypto_source", python="crypto_source", kind="query", type=CryptoSource, required=False
        ),
        Parameter(
            name="condition_ids",
            python="condition_ids",
            kind="query",
            type=list[str],
            required=False,
            explode=False,
        ),
        Parameter(name="background", python="background", kind="query", type=bool, required=False),
        Parameter(name="_", python="field", kind="query", type=str, required=False),
    ),
    json="plain",
)


def stream_prices(
    *,
    crypto: list[str] | None = None,
    crypto_source: CryptoSource | None = None,
    condition_ids: list[str] | None = None,
    background: bool | None = None,
    field: str | None = None,
) -> Call[StreamEvent]:
    """Follow prices.

    Server-sent events; `keepalive` about every 5 seconds, and 30 seconds of silence mean that it is
    dead. Nothing is sent again after a reconnect.

    Args:
        crypto: Symbols, joined by commas; all if absent.
        crypto_source: Only from this source; both if absent.
        condition_ids: Markets to follow as well, joined by commas.
        background: True for a listener in no hurry.
        field: Anything random: without it the venue's edge may merge listeners and lose the first
        snapshot.

    GET /prices/stream
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (PolySimulator SDK).
    """
    return Call(
        operation=STREAM_PRICES,
        path=STREAM_PRICES.path,
        query=_call.query(
            STREAM_PRICES,
            crypto=crypto,
            crypto_source=crypto_source,
            condition_ids=condition_ids,
            background=background,
            field=field,
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_SPOT_PRICES.id: GET_SPOT_PRICES,
    GET_SPOT_PRICE.id: GET_SPOT_PRICE,
    GET_STRIKE.id: GET_STRIKE,
    STREAM_PRICES.id: STREAM_PRICES,
}
