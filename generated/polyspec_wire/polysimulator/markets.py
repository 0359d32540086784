"""Markets and Up/Down rounds by condition id, and events.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    BatchPriceItem,
    BatchPriceRequest,
    CandleInterval,
    CandlePoint,
    EventsResponse,
    MarketByToken,
    MarketDetail,
    MarketPage,
    MarketSummary,
    OrderBookSnapshot,
    UpdownAsset,
    UpdownInterval,
    UpdownResponse,
)

__all__ = [
    "GET_BATCH_PRICES",
    "GET_CANDLES",
    "GET_MARKET",
    "GET_MARKET_BOOK",
    "GET_MARKET_BY_SLUG",
    "GET_MARKET_BY_TOKEN",
    "GET_UPDOWN_INTERVALS",
    "LIST_EVENTS",
    "LIST_MARKETS",
    "LIST_UPDOWN",
    "LIST_UPDOWN_ALIAS",
    "OPERATIONS",
    "get_batch_prices",
    "get_candles",
    "get_market",
    "get_market_book",
    "get_market_by_slug",
    "get_market_by_token",
    "get_updown_intervals",
    "list_events",
    "list_markets",
    "list_updown",
    "list_updown_alias",
]

LIST_MARKETS: Final = Operation(
    id="Markets_ListMarkets",
    name="markets.list_markets",
    method="GET",
    path="/v1/markets",
    success={200: (list[MarketSummary], MarketPage)},
    failure=ApiError,
    security=((("apiKey", ("read",)),), ()),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    page=Page(request="cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=int, required=False),
        Parameter(name="hot_only", python="hot_only", kind="query", type=bool, required=False),
        Parameter(name="active_only", python="active_only", kind="query", type=bool, required=False),
        Parameter(name="category", python="category", kind="query", type=str, required=False),
        Parameter(name="q", python="q", kind="query", type=str, required=False),
        Parameter(name="envelope", python="envelope", kind="query", type=bool, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def list_markets(
    *,
    limit: int | None = None,
    offset: int | None = None,
    hot_only: bool | None = None,
    active_only: bool | None = None,
    category: str | None = None,
    q: str | None = None,
    envelope: bool | None = None,
    cursor: str | None = None,
    next_cursor: str | None = None,
) -> Call[list[MarketSummary] | MarketPage]:
    """List markets.

    Open to everybody since September 2026. The envelope's cursor is Base64 of the next offset.

    Args:
        limit: Markets per page, 1 to 200; 50 if absent.
        offset: Rows to skip.
        hot_only: Only those many look at.
        active_only: Only those that trade.
        category: Part of the category.
        q: Words of the question, at most 120 characters; finds no Up/Down market.
        envelope: True for a page with a cursor; a bare array if absent.
        cursor: Cursor of the page before.
        next_cursor: Means the same as `cursor`.

    GET /v1/markets
    Access: apiKey read, or anonymous.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; PolySimulator SDK).
    """
    return Call(
        operation=LIST_MARKETS,
        path=LIST_MARKETS.path,
        query=_call.query(
            LIST_MARKETS,
            limit=limit,
            offset=offset,
            hot_only=hot_only,
            active_only=active_only,
            category=category,
            q=q,
            envelope=envelope,
            cursor=cursor,
            next_cursor=next_cursor,
        ),
    )


LIST_UPDOWN: Final = Operation(
    id="Markets_ListUpdown",
    name="markets.list_updown",
    method="GET",
    path="/v1/markets/updown",
    success={200: UpdownResponse},
    failure=ApiError,
    security=((("apiKey", ("read",)),), ()),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="asset", python="asset", kind="query", type=UpdownAsset, required=False),
        Parameter(name="interval", python="interval", kind="query", type=UpdownInterval, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def list_updown(
    *, asset: UpdownAsset | None = None, interval: UpdownInterval | None = None, limit: int | None = None
) -> Call[UpdownResponse]:
    """List Up/Down rounds.

    Open to everybody since September 2026. Price these from `live_price` and `outcome_prices`: their
    books are ladders near 0.99.

    Args:
        asset: Only this asset.
        interval: Only rounds of this length; the case matters.
        limit: At most so many, 1 to 500; 200 if absent.

    GET /v1/markets/updown
    Access: apiKey read, or anonymous.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (market data pages; PolySimulator SDK).
    """
    return Call(
        operation=LIST_UPDOWN,
        path=LIST_UPDOWN.path,
        query=_call.query(LIST_UPDOWN, asset=asset, interval=interval, limit=limit),
    )


LIST_UPDOWN_ALIAS: Final = Operation(
    id="Markets_ListUpdownAlias",
    name="markets.list_updown_alias",
    method="GET",
    path="/markets/updown",
    success={200: UpdownResponse},
    failure=ApiError,
    security=((("apiKey", ("read",)),), ()),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="asset", python="asset", kind="query", type=UpdownAsset, required=False),
        Parameter(name="interval", python="interval", kind="query", type=UpdownInterval, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def list_updown_alias(
    *, asset: UpdownAsset | None = None, interval: UpdownInterval | None = None, limit: int | None = None
) -> Call[UpdownResponse]:
    """List Up/Down rounds.

    The same as under /v1.

    Args:
        asset: Only this asset.
        interval: Only rounds of this length; the case matters.
        limit: At most so many, 1 to 500; 200 if absent.

    GET /markets/updown
    Access: apiKey read, or anonymous.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (market data pages).
    """
    return Call(
        operation=LIST_UPDOWN_ALIAS,
        path=LIST_UPDOWN_ALIAS.path,
        query=_call.query(LIST_UPDOWN_ALIAS, asset=asset, interval=interval, limit=limit),
    )


GET_UPDOWN_INTERVALS: Final = Operation(
    id="Markets_GetUpdownIntervals",
    name="markets.get_updown_intervals",
    method="GET",
    path="/v1/markets/updown/intervals",
    success={200: dict[str, Any]},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="asset", python="asset", kind="query", type=UpdownAsset, required=False),),
    json="plain",
)


def get_updown_intervals(*, asset: UpdownAsset | None = None) -> Call[dict[str, Any]]:
    """Read which lengths of rounds an asset has.

    The body is not published.

    Args:
        asset: The asset.

    GET /v1/markets/updown/intervals
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_UPDOWN_INTERVALS,
        path=GET_UPDOWN_INTERVALS.path,
        query=_call.query(GET_UPDOWN_INTERVALS, asset=asset),
    )


GET_MARKET_BY_SLUG: Final = Operation(
    id="Markets_GetMarketBySlug",
    name="markets.get_market_by_slug",
    method="GET",
    path="/v1/markets/by-slug/{slug}",
    success={200: MarketDetail},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="slug", python="slug", kind="path", type=str, required=True),
        Parameter(name="include_book", python="include_book", kind="query", type=bool, required=False),
    ),
    json="plain",
)


def get_market_by_slug(slug: str, *, include_book: bool | None = None) -> Call[MarketDetail]:
    """Read a market by its slug.

    Args:
        slug: Slug of the market.
        include_book: True for the book as well.

    GET /v1/markets/by-slug/{slug}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_MARKET_BY_SLUG,
        path=_call.fill(GET_MARKET_BY_SLUG, slug=slug),
        query=_call.query(GET_MARKET_BY_SLUG, include_book=include_book),
    )


GET_MARKET: Final = Operation(
    id="Markets_GetMarket",
    name="markets.get_market",
    method="GET",
    path="/v1/markets/{condition_id}",
    success={200: MarketDetail},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),
        Parameter(name="include_book", python="include_book", kind="query", type=bool, required=False),
    ),
    json="plain",
)


def get_market(condition_id: str, *, include_book: bool | None = None) -> Call[MarketDetail]:
    """Read a market.

    For about 30 seconds a new market is 404 `MARKET_NOT_FOUND`.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.
        include_book: True for the book as well.

    GET /v1/markets/{condition_id}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_MARKET,
        path=_call.fill(GET_MARKET, condition_id=condition_id),
        query=_call.query(GET_MARKET, include_book=include_book),
    )


GET_MARKET_BOOK: Final = Operation(
    id="Markets_GetMarketBook",
    name="markets.get_market_book",
    method="GET",
    path="/v1/markets/{condition_id}/book",
    success={200: OrderBookSnapshot},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),
        Parameter(name="outcome", python="outcome", kind="query", type=str, required=False),
        Parameter(name="depth", python="depth", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_market_book(
    condition_id: str, *, outcome: str | None = None, depth: int | None = None
) -> Call[OrderBookSnapshot]:
    """Read the book of an outcome.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.
        outcome: The outcome; the first of the market if absent.
        depth: Levels per side, at most 500; all if absent.

    GET /v1/markets/{condition_id}/book
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_MARKET_BOOK,
        path=_call.fill(GET_MARKET_BOOK, condition_id=condition_id),
        query=_call.query(GET_MARKET_BOOK, outcome=outcome, depth=depth),
    )


GET_CANDLES: Final = Operation(
    id="Markets_GetCandles",
    name="markets.get_candles",
    method="GET",
    path="/v1/markets/{condition_id}/candles",
    success={200: list[CandlePoint]},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="condition_id", python="condition_id", kind="path", type=str, required=True),
        Parameter(name="outcome", python="outcome", kind="query", type=str, required=False),
        Parameter(name="interval", python="interval", kind="query", type=CandleInterval, required=False),
    ),
    json="plain",
)


def get_candles(
    condition_id: str, *, outcome: str | None = None, interval: CandleInterval | None = None
) -> Call[list[CandlePoint]]:
    """Read candles of an outcome.

    An unknown interval is refused with `INVALID_INTERVAL` and `supported_intervals`.

    Args:
        condition_id: Condition id, `0x` and 64 hex digits.
        outcome: The outcome; the first of the market if absent.
        interval: How far back; an hour if absent.

    GET /v1/markets/{condition_id}/candles
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_CANDLES,
        path=_call.fill(GET_CANDLES, condition_id=condition_id),
        query=_call.query(GET_CANDLES, outcome=outcome, interval=interval),
    )


GET_MARKET_BY_TOKEN: Final = Operation(
    id="Markets_GetMarketByToken",
    name="markets.get_market_by_token",
    method="GET",
    path="/v1/markets-by-token/{token_id}",
    success={200: MarketByToken},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_market_by_token(token_id: str) -> Call[MarketByToken]:
    """Find the market of a token.

    Args:
        token_id: Token id.

    GET /v1/markets-by-token/{token_id}
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_MARKET_BY_TOKEN,
        path=_call.fill(GET_MARKET_BY_TOKEN, token_id=token_id),
    )


GET_BATCH_PRICES: Final = Operation(
    id="Markets_GetBatchPrices",
    name="markets.get_batch_prices",
    method="POST",
    path="/v1/prices/batch",
    body=BatchPriceRequest,
    success={200: list[BatchPriceItem]},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def get_batch_prices(body: BatchPriceRequest) -> Call[list[BatchPriceItem]]:
    """Read prices of several markets.

    At most 50 markets, and no more than the batch of the tier: `BATCH_LIMIT_EXCEEDED`. Whether unknown
    markets are left out or come without prices is not told.

    POST /v1/prices/batch
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_BATCH_PRICES,
        path=GET_BATCH_PRICES.path,
        body=body,
    )


LIST_EVENTS: Final = Operation(
    id="Markets_ListEvents",
    name="markets.list_events",
    method="GET",
    path="/v1/events",
    success={200: EventsResponse},
    failure=ApiError,
    security=((("apiKey", ("read",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=int, required=False),
        Parameter(name="hot_only", python="hot_only", kind="query", type=bool, required=False),
        Parameter(
            name="markets_per_event", python="markets_per_event", kind="query", type=int, required=False
        ),
        Parameter(name="category", python="category", kind="query", type=str, required=False),
        Parameter(name="search", python="search", kind="query", type=str, required=False),
        Parameter(name="include_sports", python="include_sports", kind="query", type=bool, required=False),
    ),
    json="plain",
)


def list_events(
    *,
    limit: int | None = None,
    offset: int | None = None,
    hot_only: bool | None = None,
    markets_per_event: int | None = None,
    category: str | None = None,
    search: str | None = None,
    include_sports: bool | None = None,
) -> Call[EventsResponse]:
    """List events.

    503 with `Retry-After: 5` while the venue gathers them.

    Args:
        limit: Events per page, 1 to 200; 50 if absent.
        offset: Rows to skip.
        hot_only: Only those many look at.
        markets_per_event: Markets per event, 1 to 100; 20 if absent.
        category: Only this category.
        search: Words of the title.
        include_sports: With sports; they are there if absent.

    GET /v1/events
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=LIST_EVENTS,
        path=LIST_EVENTS.path,
        query=_call.query(
            LIST_EVENTS,
            limit=limit,
            offset=offset,
            hot_only=hot_only,
            markets_per_event=markets_per_event,
            category=category,
            search=search,
            include_sports=include_sports,
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    LIST_MARKETS.id: LIST_MARKETS,
    LIST_UPDOWN.id: LIST_UPDOWN,
    LIST_UPDOWN_ALIAS.id: LIST_UPDOWN_ALIAS,
    GET_UPDOWN_INTERVALS.id: GET_UPDOWN_INTERVALS,
    GET_MARKET_BY_SLUG.id: GET_MARKET_BY_SLUG,
    GET_MARKET.id: GET_MARKET,
    GET_MARKET_BOOK.id: GET_MARKET_BOOK,
    GET_CANDLES.id: GET_CANDLES,
    GET_MARKET_BY_TOKEN.id: GET_MARKET_BY_TOKEN,
    GET_BATCH_PRICES.id: GET_BATCH_PRICES,
    LIST_EVENTS.id: LIST_EVENTS,
}
