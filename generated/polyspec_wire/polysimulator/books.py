"""Books and prices by token id, open to everybody.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    CandleHistory,
    FeeRate,
    HistoryFormat,
    HistoryInterval,
    LastTradePrice,
    MidpointResponse,
    NegRisk,
    OrderBookSnapshot,
    PriceResponse,
    PricesHistory,
    Side,
    SpreadResponse,
    TickSize,
    TokenIds,
    TokenRef,
    TokenRefs,
    TokenSide,
)

__all__ = [
    "GET_CLOB_BOOK",
    "GET_FEE_RATE",
    "GET_LAST_TRADE_PRICE",
    "GET_MIDPOINT",
    "GET_MIDPOINTS",
    "GET_NEG_RISK",
    "GET_NEG_RISK_OF",
    "GET_ORDER_BOOK",
    "GET_ORDER_BOOKS",
    "GET_PRICE",
    "GET_PRICES",
    "GET_PRICES_HISTORY",
    "GET_SERVER_TIME",
    "GET_SPREAD",
    "GET_SPREADS",
    "GET_TICK_SIZE",
    "OPERATIONS",
    "get_clob_book",
    "get_fee_rate",
    "get_last_trade_price",
    "get_midpoint",
    "get_midpoints",
    "get_neg_risk",
    "get_neg_risk_of",
    "get_order_book",
    "get_order_books",
    "get_price",
    "get_prices",
    "get_prices_history",
    "get_server_time",
    "get_spread",
    "get_spreads",
    "get_tick_size",
]

GET_ORDER_BOOK: Final = Operation(
    id="Books_GetOrderBook",
    name="books.get_order_book",
    method="GET",
    path="/v1/book",
    success={200: OrderBookSnapshot},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),
        Parameter(name="depth", python="depth", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_order_book(*, token_id: str, depth: int | None = None) -> Call[OrderBookSnapshot]:
    """Read the book of a token.

    The best level is the last of each side. 404 `BOOK_UNAVAILABLE` for a condition id.

    Args:
        token_id: Token id.
        depth: Levels per side, at most 500; all if absent.

    GET /v1/book
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_ORDER_BOOK,
        path=GET_ORDER_BOOK.path,
        query=_call.query(GET_ORDER_BOOK, token_id=token_id, depth=depth),
    )


GET_CLOB_BOOK: Final = Operation(
    id="Books_GetClobBook",
    name="books.get_clob_book",
    method="GET",
    path="/v1/clob/book/{token_id}",
    success={200: OrderBookSnapshot},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="token_id", python="token_id", kind="path", type=str, required=True),
        Parameter(name="depth", python="depth", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_clob_book(token_id: str, *, depth: int | None = None) -> Call[OrderBookSnapshot]:
    """Read the book of a token.

    The older name.

    Args:
        token_id: Token id.
        depth: Levels per side, at most 500; all if absent.

    GET /v1/clob/book/{token_id}
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_CLOB_BOOK,
        path=_call.fill(GET_CLOB_BOOK, token_id=token_id),
        query=_call.query(GET_CLOB_BOOK, depth=depth),
    )


GET_ORDER_BOOKS: Final = Operation(
    id="Books_GetOrderBooks",
    name="books.get_order_books",
    method="POST",
    path="/v1/books",
    body=list[TokenRef] | TokenRefs,
    success={200: list[OrderBookSnapshot]},
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


def get_order_books(body: list[TokenRef] | TokenRefs) -> Call[list[OrderBookSnapshot]]:
    """Read several books.

    At most 50 tokens.

    POST /v1/books
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_ORDER_BOOKS,
        path=GET_ORDER_BOOKS.path,
        body=body,
    )


GET_MIDPOINT: Final = Operation(
    id="Books_GetMidpoint",
    name="books.get_midpoint",
    method="GET",
    path="/v1/midpoint",
    success={200: MidpointResponse},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_midpoint(*, token_id: str) -> Call[MidpointResponse]:
    """Read the midpoint of a token.

    Args:
        token_id: Token id.

    GET /v1/midpoint
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_MIDPOINT,
        path=GET_MIDPOINT.path,
        query=_call.query(GET_MIDPOINT, token_id=token_id),
    )


GET_MIDPOINTS: Final = Operation(
    id="Books_GetMidpoints",
    name="books.get_midpoints",
    method="POST",
    path="/v1/midpoints",
    body=list[TokenRef] | TokenRefs,
    success={200: dict[str, Decimal]},
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


def get_midpoints(body: list[TokenRef] | TokenRefs) -> Call[dict[str, Decimal]]:
    """Read several midpoints.

    At most 50 tokens. The map is inferred.

    POST /v1/midpoints
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_MIDPOINTS,
        path=GET_MIDPOINTS.path,
        body=body,
    )


GET_SPREAD: Final = Operation(
    id="Books_GetSpread",
    name="books.get_spread",
    method="GET",
    path="/v1/spread",
    success={200: SpreadResponse},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_spread(*, token_id: str) -> Call[SpreadResponse]:
    """Read the spread of a token.

    Args:
        token_id: Token id.

    GET /v1/spread
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_SPREAD,
        path=GET_SPREAD.path,
        query=_call.query(GET_SPREAD, token_id=token_id),
    )


GET_SPREADS: Final = Operation(
    id="Books_GetSpreads",
    name="books.get_spreads",
    method="POST",
    path="/v1/spreads",
    body=list[TokenRef] | TokenRefs,
    success={200: dict[str, Decimal]},
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


def get_spreads(body: list[TokenRef] | TokenRefs) -> Call[dict[str, Decimal]]:
    """Read several spreads.

    At most 50 tokens. The map is inferred.

    POST /v1/spreads
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_SPREADS,
        path=GET_SPREADS.path,
        body=body,
    )


GET_PRICE: Final = Operation(
    id="Books_GetPrice",
    name="books.get_price",
    method="GET",
    path="/v1/price",
    success={200: PriceResponse},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),
        Parameter(name="side", python="side", kind="query", type=Side, required=True),
    ),
    json="plain",
)


def get_price(*, token_id: str, side: Side) -> Call[PriceResponse]:
    """Read the best price of one side.

    BUY reads the best bid and SELL the best ask, as on Polymarket. A bad side is 400 `Invalid side`.

    Args:
        token_id: Token id.
        side: BUY for the best bid, SELL for the best ask.

    GET /v1/price
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_PRICE,
        path=GET_PRICE.path,
        query=_call.query(GET_PRICE, token_id=token_id, side=side),
    )


GET_PRICES: Final = Operation(
    id="Books_GetPrices",
    name="books.get_prices",
    method="POST",
    path="/v1/prices",
    body=list[TokenSide] | TokenIds,
    success={200: dict[str, Decimal | dict[str, Decimal]]},
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


def get_prices(body: list[TokenSide] | TokenIds) -> Call[dict[str, Decimal | dict[str, Decimal]]]:
    """Read several best prices.

    At most 500 tokens. Asked with `token_ids` a price for each token, asked with tokens and sides a
    price for each side of each token.

    POST /v1/prices
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_PRICES,
        path=GET_PRICES.path,
        body=body,
    )


GET_LAST_TRADE_PRICE: Final = Operation(
    id="Books_GetLastTradePrice",
    name="books.get_last_trade_price",
    method="GET",
    path="/v1/last-trade-price",
    success={200: LastTradePrice},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_last_trade_price(*, token_id: str) -> Call[LastTradePrice]:
    """Read the last trade of a token.

    Args:
        token_id: Token id.

    GET /v1/last-trade-price
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_LAST_TRADE_PRICE,
        path=GET_LAST_TRADE_PRICE.path,
        query=_call.query(GET_LAST_TRADE_PRICE, token_id=token_id),
    )


GET_TICK_SIZE: Final = Operation(
    id="Books_GetTickSize",
    name="books.get_tick_size",
    method="GET",
    path="/v1/tick-size/{token_id}",
    success={200: TickSize},
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


def get_tick_size(token_id: str) -> Call[TickSize]:
    """Read the tick of a token.

    Args:
        token_id: Token id.

    GET /v1/tick-size/{token_id}
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_TICK_SIZE,
        path=_call.fill(GET_TICK_SIZE, token_id=token_id),
    )


GET_NEG_RISK: Final = Operation(
    id="Books_GetNegRisk",
    name="books.get_neg_risk",
    method="GET",
    path="/v1/neg-risk",
    success={200: NegRisk},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_neg_risk(*, token_id: str) -> Call[NegRisk]:
    """Ask whether the market of a token is a neg-risk one.

    404 `market not found`.

    Args:
        token_id: Token id.

    GET /v1/neg-risk
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_NEG_RISK,
        path=GET_NEG_RISK.path,
        query=_call.query(GET_NEG_RISK, token_id=token_id),
    )


GET_NEG_RISK_OF: Final = Operation(
    id="Books_GetNegRiskOf",
    name="books.get_neg_risk_of",
    method="GET",
    path="/v1/neg-risk/{token_id}",
    success={200: NegRisk},
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


def get_neg_risk_of(token_id: str) -> Call[NegRisk]:
    """Ask whether the market of a token is a neg-risk one.

    404 `market not found`.

    Args:
        token_id: Token id.

    GET /v1/neg-risk/{token_id}
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_NEG_RISK_OF,
        path=_call.fill(GET_NEG_RISK_OF, token_id=token_id),
    )


GET_FEE_RATE: Final = Operation(
    id="Books_GetFeeRate",
    name="books.get_fee_rate",
    method="GET",
    path="/v1/fee-rate",
    success={200: FeeRate},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_fee_rate(*, token_id: str) -> Call[FeeRate]:
    """Read the fee of a token.

    400 `Invalid token id`, 404 `fee rate not found for market`.

    Args:
        token_id: Token id.

    GET /v1/fee-rate
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_FEE_RATE,
        path=GET_FEE_RATE.path,
        query=_call.query(GET_FEE_RATE, token_id=token_id),
    )


GET_SERVER_TIME: Final = Operation(
    id="Books_GetServerTime",
    name="books.get_server_time",
    method="GET",
    path="/v1/time",
    success={200: int},
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


def get_server_time() -> Call[int]:
    """Read the clock of the service.

    A bare integer.

    GET /v1/time
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_SERVER_TIME,
        path=GET_SERVER_TIME.path,
    )


GET_PRICES_HISTORY: Final = Operation(
    id="Books_GetPricesHistory",
    name="books.get_prices_history",
    method="GET",
    path="/v1/prices-history",
    success={200: (PricesHistory, CandleHistory)},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=False),
        Parameter(name="interval", python="interval", kind="query", type=HistoryInterval, required=False),
        Parameter(name="startTs", python="start_ts", kind="query", type=int, required=False),
        Parameter(name="endTs", python="end_ts", kind="query", type=int, required=False),
        Parameter(name="fidelity", python="fidelity", kind="query", type=int, required=False),
        Parameter(name="format", python="format", kind="query", type=HistoryFormat, required=False),
    ),
    json="plain",
)


def get_prices_history(
    *,
    market: str | None = None,
    token_id: str | None = None,
    interval: HistoryInterval | None = None,
    start_ts: int | None = None,
    end_ts: int | None = None,
    fidelity: int | None = None,
    format: HistoryFormat | None = None,
) -> Call[PricesHistory | CandleHistory]:
    """Read prices of a token over time.

    One of `market` and `token_id` is needed, 400 without.

    Args:
        market: Token id, in spite of the name.
        token_id: Token id as well.
        interval: How far back; an hour if absent.
        start_ts: From this moment on, Unix seconds.
        end_ts: Up to this moment, Unix seconds.
        fidelity: Minutes between points, at least 1.
        format: The shape of the points; `pm` if absent.

    GET /v1/prices-history
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_PRICES_HISTORY,
        path=GET_PRICES_HISTORY.path,
        query=_call.query(
            GET_PRICES_HISTORY,
            market=market,
            token_id=token_id,
            interval=interval,
            start_ts=start_ts,
            end_ts=end_ts,
            fidelity=fidelity,
            format=format,
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_ORDER_BOOK.id: GET_ORDER_BOOK,
    GET_CLOB_BOOK.id: GET_CLOB_BOOK,
    GET_ORDER_BOOKS.id: GET_ORDER_BOOKS,
    GET_MIDPOINT.id: GET_MIDPOINT,
    GET_MIDPOINTS.id: GET_MIDPOINTS,
    GET_SPREAD.id: GET_SPREAD,
    GET_SPREADS.id: GET_SPREADS,
    GET_PRICE.id: GET_PRICE,
    GET_PRICES.id: GET_PRICES,
    GET_LAST_TRADE_PRICE.id: GET_LAST_TRADE_PRICE,
    GET_TICK_SIZE.id: GET_TICK_SIZE,
    GET_NEG_RISK.id: GET_NEG_RISK,
    GET_NEG_RISK_OF.id: GET_NEG_RISK_OF,
    GET_FEE_RATE.id: GET_FEE_RATE,
    GET_SERVER_TIME.id: GET_SERVER_TIME,
    GET_PRICES_HISTORY.id: GET_PRICES_HISTORY,
}
