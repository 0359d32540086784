"""Markets, their tokens and what trading them needs.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.clob.models import (
    ClobMarketDetails,
    ErrorResponse,
    LiveActivityMarket,
    Market,
    MarketByTokenResponse,
    MarketTradeEvent,
    PaginatedMarkets,
    PaginatedSimplifiedMarkets,
)

__all__ = [
    "GET_CLOB_MARKET",
    "GET_LIVE_ACTIVITIES",
    "GET_LIVE_ACTIVITY",
    "GET_LIVE_ACTIVITY_EVENT",
    "GET_MARKET",
    "GET_MARKETS",
    "GET_MARKET_BY_TOKEN",
    "GET_SAMPLING_MARKETS",
    "GET_SAMPLING_SIMPLIFIED_MARKETS",
    "GET_SIMPLIFIED_MARKETS",
    "OPERATIONS",
    "get_clob_market",
    "get_live_activities",
    "get_live_activity",
    "get_live_activity_event",
    "get_market",
    "get_market_by_token",
    "get_markets",
    "get_sampling_markets",
    "get_sampling_simplified_markets",
    "get_simplified_markets",
]

GET_MARKETS: Final = Operation(
    id="Markets_GetMarkets",
    name="markets.get_markets",
    method="GET",
    path="/markets",
    success={200: PaginatedMarkets},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),),
    json="plain",
)


def get_markets(*, next_cursor: str | None = None) -> Call[PaginatedMarkets]:
    """List markets.

    About 1000 a page.

    Args:
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /markets
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; clob-client-v2).
    """
    return Call(
        operation=GET_MARKETS,
        path=GET_MARKETS.path,
        query=_call.query(GET_MARKETS, next_cursor=next_cursor),
    )


GET_MARKET: Final = Operation(
    id="Markets_GetMarket",
    name="markets.get_market",
    method="GET",
    path="/markets/{condition_id}",
    success={200: Market},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_market(condition_id: str) -> Call[Market]:
    """Read a market.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.

    GET /markets/{condition_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; clob-client-v2).
    """
    return Call(
        operation=GET_MARKET,
        path=_call.fill(GET_MARKET, condition_id=condition_id),
    )


GET_SIMPLIFIED_MARKETS: Final = Operation(
    id="Markets_GetSimplifiedMarkets",
    name="markets.get_simplified_markets",
    method="GET",
    path="/simplified-markets",
    success={200: PaginatedSimplifiedMarkets},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),),
    json="plain",
)


def get_simplified_markets(*, next_cursor: str | None = None) -> Call[PaginatedSimplifiedMarkets]:
    """List markets in short.

    Args:
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /simplified-markets
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_SIMPLIFIED_MARKETS,
        path=GET_SIMPLIFIED_MARKETS.path,
        query=_call.query(GET_SIMPLIFIED_MARKETS, next_cursor=next_cursor),
    )


GET_SAMPLING_MARKETS: Final = Operation(
    id="Markets_GetSamplingMarkets",
    name="markets.get_sampling_markets",
    method="GET",
    path="/sampling-markets",
    success={200: PaginatedMarkets},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),),
    json="plain",
)


def get_sampling_markets(*, next_cursor: str | None = None) -> Call[PaginatedMarkets]:
    """List markets with rewards.

    Args:
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /sampling-markets
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_SAMPLING_MARKETS,
        path=GET_SAMPLING_MARKETS.path,
        query=_call.query(GET_SAMPLING_MARKETS, next_cursor=next_cursor),
    )


GET_SAMPLING_SIMPLIFIED_MARKETS: Final = Operation(
    id="Markets_GetSamplingSimplifiedMarkets",
    name="markets.get_sampling_simplified_markets",
    method="GET",
    path="/sampling-simplified-markets",
    success={200: PaginatedSimplifiedMarkets},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),),
    json="plain",
)


def get_sampling_simplified_markets(*, next_cursor: str | None = None) -> Call[PaginatedSimplifiedMarkets]:
    """List markets with rewards in short.

    Args:
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /sampling-simplified-markets
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_SAMPLING_SIMPLIFIED_MARKETS,
        path=GET_SAMPLING_SIMPLIFIED_MARKETS.path,
        query=_call.query(GET_SAMPLING_SIMPLIFIED_MARKETS, next_cursor=next_cursor),
    )


GET_CLOB_MARKET: Final = Operation(
    id="Markets_GetClobMarket",
    name="markets.get_clob_market",
    method="GET",
    path="/clob-markets/{condition_id}",
    success={200: ClobMarketDetails},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_clob_market(condition_id: str) -> Call[ClobMarketDetails]:
    """Read what trading a market needs.

    Ticks, sizes, fees and switches of a market in one answer, in names of few letters.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.

    GET /clob-markets/{condition_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_CLOB_MARKET,
        path=_call.fill(GET_CLOB_MARKET, condition_id=condition_id),
    )


GET_MARKET_BY_TOKEN: Final = Operation(
    id="Markets_GetMarketByToken",
    name="markets.get_market_by_token",
    method="GET",
    path="/markets-by-token/{token_id}",
    success={200: MarketByTokenResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_market_by_token(token_id: str) -> Call[MarketByTokenResponse]:
    """Find the market of a token.

    Args:
        token_id: Token id.

    GET /markets-by-token/{token_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_MARKET_BY_TOKEN,
        path=_call.fill(GET_MARKET_BY_TOKEN, token_id=token_id),
    )


GET_LIVE_ACTIVITIES: Final = Operation(
    id="Markets_GetLiveActivities",
    name="markets.get_live_activities",
    method="POST",
    path="/markets/live-activity",
    body=list[str],
    success={200: list[LiveActivityMarket]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_live_activities(body: list[str]) -> Call[list[LiveActivityMarket]]:
    """Read the activity of several markets.

    POST /markets/live-activity
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_LIVE_ACTIVITIES,
        path=GET_LIVE_ACTIVITIES.path,
        body=body,
        items=len(body),
    )


GET_LIVE_ACTIVITY: Final = Operation(
    id="Markets_GetLiveActivity",
    name="markets.get_live_activity",
    method="GET",
    path="/markets/live-activity/{condition_id}",
    success={200: LiveActivityMarket},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_live_activity(condition_id: str) -> Call[LiveActivityMarket]:
    """Read the activity of a market.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.

    GET /markets/live-activity/{condition_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_LIVE_ACTIVITY,
        path=_call.fill(GET_LIVE_ACTIVITY, condition_id=condition_id),
    )


GET_LIVE_ACTIVITY_EVENT: Final = Operation(
    id="Markets_GetLiveActivityEvent",
    name="markets.get_live_activity_event",
    method="GET",
    path="/live-activity/events/{condition_id}",
    success={200: list[MarketTradeEvent]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_live_activity_event(condition_id: str) -> Call[list[MarketTradeEvent]]:
    """Read recent trades of a market.

    The name V1 clients use, whose answer was a list of trades. What the service answers today is not
    published.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.

    GET /live-activity/events/{condition_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; clob-client).
    """
    return Call(
        operation=GET_LIVE_ACTIVITY_EVENT,
        path=_call.fill(GET_LIVE_ACTIVITY_EVENT, condition_id=condition_id),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_MARKETS.id: GET_MARKETS,
    GET_MARKET.id: GET_MARKET,
    GET_SIMPLIFIED_MARKETS.id: GET_SIMPLIFIED_MARKETS,
    GET_SAMPLING_MARKETS.id: GET_SAMPLING_MARKETS,
    GET_SAMPLING_SIMPLIFIED_MARKETS.id: GET_SAMPLING_SIMPLIFIED_MARKETS,
    GET_CLOB_MARKET.id: GET_CLOB_MARKET,
    GET_MARKET_BY_TOKEN.id: GET_MARKET_BY_TOKEN,
    GET_LIVE_ACTIVITIES.id: GET_LIVE_ACTIVITIES,
    GET_LIVE_ACTIVITY.id: GET_LIVE_ACTIVITY,
    GET_LIVE_ACTIVITY_EVENT.id: GET_LIVE_ACTIVITY_EVENT,
}
