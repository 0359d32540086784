"""Books, prices, ticks and their history.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.clob.models import (
    BatchPricesHistoryRequest,
    BatchPricesHistoryResponse,
    BookRequest,
    CandleLength,
    ErrorResponse,
    FeeRate,
    HistoryInterval,
    LastTradePrice,
    MidpointResponse,
    NegRisk,
    OrderBookSummary,
    PriceResponse,
    PricesHistoryResponse,
    Side,
    SpreadResponse,
    TickSize,
    TokenLastTradePrice,
)

__all__ = [
    "GET_BATCH_PRICES_HISTORY",
    "GET_FEE_RATE",
    "GET_FEE_RATE_OF",
    "GET_LAST_TRADES_PRICES",
    "GET_LAST_TRADES_PRICES_BY_QUERY",
    "GET_LAST_TRADE_PRICE",
    "GET_MIDPOINT",
    "GET_MIDPOINTS",
    "GET_MIDPOINTS_BY_QUERY",
    "GET_NEG_RISK",
    "GET_NEG_RISK_OF",
    "GET_OHLC",
    "GET_ORDERBOOK_HISTORY",
    "GET_ORDER_BOOK",
    "GET_ORDER_BOOKS",
    "GET_ORDER_BOOKS_BY_QUERY",
    "GET_PRICE",
    "GET_PRICES",
    "GET_PRICES_BY_QUERY",
    "GET_PRICES_HISTORY",
    "GET_SPREAD",
    "GET_SPREADS",
    "GET_TICK_SIZE",
    "GET_TICK_SIZE_OF",
    "OPERATIONS",
    "get_batch_prices_history",
    "get_fee_rate",
    "get_fee_rate_of",
    "get_last_trade_price",
    "get_last_trades_prices",
    "get_last_trades_prices_by_query",
    "get_midpoint",
    "get_midpoints",
    "get_midpoints_by_query",
    "get_neg_risk",
    "get_neg_risk_of",
    "get_ohlc",
    "get_order_book",
    "get_order_books",
    "get_order_books_by_query",
    "get_orderbook_history",
    "get_price",
    "get_prices",
    "get_prices_by_query",
    "get_prices_history",
    "get_spread",
    "get_spreads",
    "get_tick_size",
    "get_tick_size_of",
]

GET_ORDER_BOOK: Final = Operation(
    id="Books_GetOrderBook",
    name="books.get_order_book",
    method="GET",
    path="/book",
    success={200: OrderBookSummary},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Book", rate=1500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_order_book(*, token_id: str) -> Call[OrderBookSummary]:
    """Read the book of a token.

    The best level is the last of each side. Says tick, minimum size and neg risk as well.

    Args:
        token_id: Token id.

    GET /book
    Access: open to everybody.
    Rate limit: 1500 per 10 seconds, shared as Book by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_ORDER_BOOK,
        path=GET_ORDER_BOOK.path,
        query=_call.query(GET_ORDER_BOOK, token_id=token_id),
    )


GET_ORDER_BOOKS_BY_QUERY: Final = Operation(
    id="Books_GetOrderBooksByQuery",
    name="books.get_order_books_by_query",
    method="GET",
    path="/books",
    success={200: list[OrderBookSummary]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Books", rate=500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(
            name="token_ids", python="token_ids", kind="query", type=list[str], required=True, explode=False
        ),
    ),
    json="plain",
)


def get_order_books_by_query(*, token_ids: list[str]) -> Call[list[OrderBookSummary]]:
    """Read several books, ids in the query.

    Reported to be answered with 400 `Invalid payload`; the POST form is the one that works.

    Args:
        token_ids: Token ids, joined by commas.

    GET /books
    Access: open to everybody.
    Rate limit: 500 per 10 seconds, shared as Books by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_ORDER_BOOKS_BY_QUERY,
        path=GET_ORDER_BOOKS_BY_QUERY.path,
        query=_call.query(GET_ORDER_BOOKS_BY_QUERY, token_ids=token_ids),
    )


GET_ORDER_BOOKS: Final = Operation(
    id="Books_GetOrderBooks",
    name="books.get_order_books",
    method="POST",
    path="/books",
    body=list[BookRequest],
    success={200: list[OrderBookSummary]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Books", rate=500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_order_books(body: list[BookRequest]) -> Call[list[OrderBookSummary]]:
    """Read several books.

    At most 500 tokens. Unknown ones are left out of the answer, whose order is not promised.

    POST /books
    Access: open to everybody.
    Rate limit: 500 per 10 seconds, shared as Books by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_ORDER_BOOKS,
        path=GET_ORDER_BOOKS.path,
        body=body,
        items=len(body),
    )


GET_MIDPOINT: Final = Operation(
    id="Books_GetMidpoint",
    name="books.get_midpoint",
    method="GET",
    path="/midpoint",
    success={200: MidpointResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Midpoint", rate=1500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_midpoint(*, token_id: str) -> Call[MidpointResponse]:
    """Read the midpoint of a token.

    Args:
        token_id: Token id.

    GET /midpoint
    Access: open to everybody.
    Rate limit: 1500 per 10 seconds, shared as Midpoint by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_MIDPOINT,
        path=GET_MIDPOINT.path,
        query=_call.query(GET_MIDPOINT, token_id=token_id),
    )


GET_MIDPOINTS_BY_QUERY: Final = Operation(
    id="Books_GetMidpointsByQuery",
    name="books.get_midpoints_by_query",
    method="GET",
    path="/midpoints",
    success={200: dict[str, Decimal]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Midpoints", rate=500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(
            name="token_ids", python="token_ids", kind="query", type=list[str], required=True, explode=False
        ),
    ),
    json="plain",
)


def get_midpoints_by_query(*, token_ids: list[str]) -> Call[dict[str, Decimal]]:
    """Read several midpoints, ids in the query.

    Reported to be answered with 400 `Invalid payload`; the POST form is the one that works.

    Args:
        token_ids: Token ids, joined by commas.

    GET /midpoints
    Access: open to everybody.
    Rate limit: 500 per 10 seconds, shared as Midpoints by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_MIDPOINTS_BY_QUERY,
        path=GET_MIDPOINTS_BY_QUERY.path,
        query=_call.query(GET_MIDPOINTS_BY_QUERY, token_ids=token_ids),
    )


GET_MIDPOINTS: Final = Operation(
    id="Books_GetMidpoints",
    name="books.get_midpoints",
    method="POST",
    path="/midpoints",
    body=list[BookRequest],
    success={200: dict[str, Decimal]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Midpoints", rate=500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_midpoints(body: list[BookRequest]) -> Call[dict[str, Decimal]]:
    """Read several midpoints.

    At most 500 tokens.

    POST /midpoints
    Access: open to everybody.
    Rate limit: 500 per 10 seconds, shared as Midpoints by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_MIDPOINTS,
        path=GET_MIDPOINTS.path,
        body=body,
        items=len(body),
    )


GET_PRICE: Final = Operation(
    id="Books_GetPrice",
    name="books.get_price",
    method="GET",
    path="/price",
    success={200: PriceResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Price", rate=1500, per=10, window=True, scope="ip"),),
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

    BUY reads the best bid and SELL the best ask, whatever one page of the documentation says.

    Args:
        token_id: Token id.
        side: BUY for the best bid, SELL for the best ask.

    GET /price
    Access: open to everybody.
    Rate limit: 1500 per 10 seconds, shared as Price by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_PRICE,
        path=GET_PRICE.path,
        query=_call.query(GET_PRICE, token_id=token_id, side=side),
    )


GET_PRICES_BY_QUERY: Final = Operation(
    id="Books_GetPricesByQuery",
    name="books.get_prices_by_query",
    method="GET",
    path="/prices",
    success={200: dict[str, dict[str, Decimal]]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Prices", rate=500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(
            name="token_ids", python="token_ids", kind="query", type=list[str], required=True, explode=False
        ),
        Parameter(name="sides", python="sides", kind="query", type=list[Side], required=True, explode=False),
    ),
    json="plain",
)


def get_prices_by_query(*, token_ids: list[str], sides: list[Side]) -> Call[dict[str, dict[str, Decimal]]]:
    """Read several best prices, ids in the query.

    Reported to be answered with 400 `Invalid payload`; the POST form is the one that works.

    Args:
        token_ids: Token ids, joined by commas.
        sides: One side for each token, joined by commas.

    GET /prices
    Access: open to everybody.
    Rate limit: 500 per 10 seconds, shared as Prices by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_PRICES_BY_QUERY,
        path=GET_PRICES_BY_QUERY.path,
        query=_call.query(GET_PRICES_BY_QUERY, token_ids=token_ids, sides=sides),
    )


GET_PRICES: Final = Operation(
    id="Books_GetPrices",
    name="books.get_prices",
    method="POST",
    path="/prices",
    body=list[BookRequest],
    success={200: dict[str, dict[str, Decimal]]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Prices", rate=500, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_prices(body: list[BookRequest]) -> Call[dict[str, dict[str, Decimal]]]:
    """Read several best prices.

    At most 500 entries. An entry without side is answered for SELL alone, so name the side; both sides
    of a token are two entries.

    POST /prices
    Access: open to everybody.
    Rate limit: 500 per 10 seconds, shared as Prices by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_PRICES,
        path=GET_PRICES.path,
        body=body,
        items=len(body),
    )


GET_SPREAD: Final = Operation(
    id="Books_GetSpread",
    name="books.get_spread",
    method="GET",
    path="/spread",
    success={200: SpreadResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_spread(*, token_id: str) -> Call[SpreadResponse]:
    """Read the spread of a token.

    Args:
        token_id: Token id.

    GET /spread
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
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
    path="/spreads",
    body=list[BookRequest],
    success={200: dict[str, Decimal]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_spreads(body: list[BookRequest]) -> Call[dict[str, Decimal]]:
    """Read several spreads.

    At most 500 tokens.

    POST /spreads
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_SPREADS,
        path=GET_SPREADS.path,
        body=body,
        items=len(body),
    )


GET_LAST_TRADE_PRICE: Final = Operation(
    id="Books_GetLastTradePrice",
    name="books.get_last_trade_price",
    method="GET",
    path="/last-trade-price",
    success={200: LastTradePrice},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_last_trade_price(*, token_id: str) -> Call[LastTradePrice]:
    """Read the last traded price of a token.

    A token that never traded is answered with a price of 0.5 and an empty side.

    Args:
        token_id: Token id.

    GET /last-trade-price
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_LAST_TRADE_PRICE,
        path=GET_LAST_TRADE_PRICE.path,
        query=_call.query(GET_LAST_TRADE_PRICE, token_id=token_id),
    )


GET_LAST_TRADES_PRICES_BY_QUERY: Final = Operation(
    id="Books_GetLastTradesPricesByQuery",
    name="books.get_last_trades_prices_by_query",
    method="GET",
    path="/last-trades-prices",
    success={200: list[TokenLastTradePrice]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(
            name="token_ids", python="token_ids", kind="query", type=list[str], required=True, explode=False
        ),
    ),
    json="plain",
)


def get_last_trades_prices_by_query(*, token_ids: list[str]) -> Call[list[TokenLastTradePrice]]:
    """Read several last traded prices, ids in the query.

    Reported to be answered with 400 `Invalid payload`; the POST form is the one that works.

    Args:
        token_ids: Token ids, joined by commas.

    GET /last-trades-prices
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_LAST_TRADES_PRICES_BY_QUERY,
        path=GET_LAST_TRADES_PRICES_BY_QUERY.path,
        query=_call.query(GET_LAST_TRADES_PRICES_BY_QUERY, token_ids=token_ids),
    )


GET_LAST_TRADES_PRICES: Final = Operation(
    id="Books_GetLastTradesPrices",
    name="books.get_last_trades_prices",
    method="POST",
    path="/last-trades-prices",
    body=list[BookRequest],
    success={200: list[TokenLastTradePrice]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_last_trades_prices(body: list[BookRequest]) -> Call[list[TokenLastTradePrice]]:
    """Read several last traded prices.

    At most 500 tokens. Those that never traded are left out.

    POST /last-trades-prices
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_LAST_TRADES_PRICES,
        path=GET_LAST_TRADES_PRICES.path,
        body=body,
        items=len(body),
    )


GET_TICK_SIZE: Final = Operation(
    id="Books_GetTickSize",
    name="books.get_tick_size",
    method="GET",
    path="/tick-size",
    success={200: TickSize},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="TickSize", rate=200, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_tick_size(*, token_id: str) -> Call[TickSize]:
    """Read the tick of a token.

    Ticks change during the life of a market, when its price comes near 0 or 1.

    Args:
        token_id: Token id.

    GET /tick-size
    Access: open to everybody.
    Rate limit: 200 per 10 seconds, shared as TickSize by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_TICK_SIZE,
        path=GET_TICK_SIZE.path,
        query=_call.query(GET_TICK_SIZE, token_id=token_id),
    )


GET_TICK_SIZE_OF: Final = Operation(
    id="Books_GetTickSizeOf",
    name="books.get_tick_size_of",
    method="GET",
    path="/tick-size/{token_id}",
    success={200: TickSize},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="TickSize", rate=200, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_tick_size_of(token_id: str) -> Call[TickSize]:
    """Read the tick of a token, id in the path.

    Args:
        token_id: Token id.

    GET /tick-size/{token_id}
    Access: open to everybody.
    Rate limit: 200 per 10 seconds, shared as TickSize by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_TICK_SIZE_OF,
        path=_call.fill(GET_TICK_SIZE_OF, token_id=token_id),
    )


GET_NEG_RISK: Final = Operation(
    id="Books_GetNegRisk",
    name="books.get_neg_risk",
    method="GET",
    path="/neg-risk",
    success={200: NegRisk},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_neg_risk(*, token_id: str) -> Call[NegRisk]:
    """Ask whether a token belongs to a neg-risk market.

    Decides which exchange contract an order is signed for.

    Args:
        token_id: Token id.

    GET /neg-risk
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
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
    path="/neg-risk/{token_id}",
    success={200: NegRisk},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_neg_risk_of(token_id: str) -> Call[NegRisk]:
    """Ask whether a token belongs to a neg-risk market, id in the path.

    Args:
        token_id: Token id.

    GET /neg-risk/{token_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_NEG_RISK_OF,
        path=_call.fill(GET_NEG_RISK_OF, token_id=token_id),
    )


GET_FEE_RATE: Final = Operation(
    id="Books_GetFeeRate",
    name="books.get_fee_rate",
    method="GET",
    path="/fee-rate",
    success={200: FeeRate},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_fee_rate(*, token_id: str) -> Call[FeeRate]:
    """Read the base fee of a token.

    What V1 orders carried. Fees of V2 orders are told by `/clob-markets/{condition_id}`.

    Args:
        token_id: Token id.

    GET /fee-rate
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_FEE_RATE,
        path=GET_FEE_RATE.path,
        query=_call.query(GET_FEE_RATE, token_id=token_id),
    )


GET_FEE_RATE_OF: Final = Operation(
    id="Books_GetFeeRateOf",
    name="books.get_fee_rate_of",
    method="GET",
    path="/fee-rate/{token_id}",
    success={200: FeeRate},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="token_id", python="token_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_fee_rate_of(token_id: str) -> Call[FeeRate]:
    """Read the base fee of a token, id in the path.

    Args:
        token_id: Token id.

    GET /fee-rate/{token_id}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_FEE_RATE_OF,
        path=_call.fill(GET_FEE_RATE_OF, token_id=token_id),
    )


GET_PRICES_HISTORY: Final = Operation(
    id="Books_GetPricesHistory",
    name="books.get_prices_history",
    method="GET",
    path="/prices-history",
    success={200: PricesHistoryResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="PricesHistory", rate=1000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="market", python="market", kind="query", type=str, required=True),
        Parameter(name="startTs", python="start_ts", kind="query", type=int, required=False),
        Parameter(name="endTs", python="end_ts", kind="query", type=int, required=False),
        Parameter(name="interval", python="interval", kind="query", type=HistoryInterval, required=False),
        Parameter(name="fidelity", python="fidelity", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_prices_history(
    *,
    market: str,
    start_ts: int | None = None,
    end_ts: int | None = None,
    interval: HistoryInterval | None = None,
    fidelity: int | None = None,
) -> Call[PricesHistoryResponse]:
    """Read past prices of a token.

    Either `interval` or `startTs` with or without `endTs`; `endTs` alone is refused. Times are Unix
    seconds, milliseconds are refused as too long an interval. `1m` is a month and needs a fidelity of
    at least 10, `1w` at least 5. A point for now is appended.

    Args:
        market: Token id, in spite of the name.
        start_ts: From this moment on, Unix seconds.
        end_ts: Up to this moment, Unix seconds.
        interval: This long until now, instead of the times.
        fidelity: Minutes between points.

    GET /prices-history
    Access: open to everybody.
    Rate limit: 1000 per 10 seconds, shared as PricesHistory by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; live answers).
    """
    return Call(
        operation=GET_PRICES_HISTORY,
        path=GET_PRICES_HISTORY.path,
        query=_call.query(
            GET_PRICES_HISTORY,
            market=market,
            start_ts=start_ts,
            end_ts=end_ts,
            interval=interval,
            fidelity=fidelity,
        ),
    )


GET_BATCH_PRICES_HISTORY: Final = Operation(
    id="Books_GetBatchPricesHistory",
    name="books.get_batch_prices_history",
    method="POST",
    path="/batch-prices-history",
    body=BatchPricesHistoryRequest,
    success={200: BatchPricesHistoryResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_batch_prices_history(body: BatchPricesHistoryRequest) -> Call[BatchPricesHistoryResponse]:
    """Read past prices of several tokens.

    POST /batch-prices-history
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_BATCH_PRICES_HISTORY,
        path=GET_BATCH_PRICES_HISTORY.path,
        body=body,
    )


GET_OHLC: Final = Operation(
    id="Books_GetOHLC",
    name="books.get_ohlc",
    method="GET",
    path="/ohlc",
    success={200: dict[str, Any] | list[dict[str, Any]]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=True),
        Parameter(name="startTs", python="start_ts", kind="query", type=int, required=True),
        Parameter(name="fidelity", python="fidelity", kind="query", type=CandleLength, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_ohlc(
    *, asset_id: str, start_ts: int, fidelity: CandleLength | None = None, limit: int | None = None
) -> Call[dict[str, Any] | list[dict[str, Any]]]:
    """Read candles of a token.

    Known from error messages alone; who may call it and the body are not published.

    Args:
        asset_id: Token id.
        start_ts: From this moment on, Unix seconds.
        fidelity: Length of a candle.
        limit: At most this many, up to 1000.

    GET /ohlc
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (error codes page).
    """
    return Call(
        operation=GET_OHLC,
        path=GET_OHLC.path,
        query=_call.query(GET_OHLC, asset_id=asset_id, start_ts=start_ts, fidelity=fidelity, limit=limit),
    )


GET_ORDERBOOK_HISTORY: Final = Operation(
    id="Books_GetOrderbookHistory",
    name="books.get_orderbook_history",
    method="GET",
    path="/orderbook-history",
    success={200: dict[str, Any] | list[dict[str, Any]]},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
        Parameter(name="startTs", python="start_ts", kind="query", type=int, required=True),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_orderbook_history(
    *, market: str | None = None, asset_id: str | None = None, start_ts: int, limit: int | None = None
) -> Call[dict[str, Any] | list[dict[str, Any]]]:
    """Read past books.

    Known from error messages alone; who may call it and the body are not published. Needs one of
    `market` and `asset_id`.

    Args:
        market: Condition id.
        asset_id: Token id.
        start_ts: From this moment on, Unix seconds.
        limit: At most this many, up to 1000.

    GET /orderbook-history
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (error codes page).
    """
    return Call(
        operation=GET_ORDERBOOK_HISTORY,
        path=GET_ORDERBOOK_HISTORY.path,
        query=_call.query(
            GET_ORDERBOOK_HISTORY, market=market, asset_id=asset_id, start_ts=start_ts, limit=limit
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_ORDER_BOOK.id: GET_ORDER_BOOK,
    GET_ORDER_BOOKS_BY_QUERY.id: GET_ORDER_BOOKS_BY_QUERY,
    GET_ORDER_BOOKS.id: GET_ORDER_BOOKS,
    GET_MIDPOINT.id: GET_MIDPOINT,
    GET_MIDPOINTS_BY_QUERY.id: GET_MIDPOINTS_BY_QUERY,
    GET_MIDPOINTS.id: GET_MIDPOINTS,
    GET_PRICE.id: GET_PRICE,
    GET_PRICES_BY_QUERY.id: GET_PRICES_BY_QUERY,
    GET_PRICES.id: GET_PRICES,
    GET_SPREAD.id: GET_SPREAD,
    GET_SPREADS.id: GET_SPREADS,
    GET_LAST_TRADE_PRICE.id: GET_LAST_TRADE_PRICE,
    GET_LAST_TRADES_PRICES_BY_QUERY.id: GET_LAST_TRADES_PRICES_BY_QUERY,
    GET_LAST_TRADES_PRICES.id: GET_LAST_TRADES_PRICES,
    GET_TICK_SIZE.id: GET_TICK_SIZE,
    GET_TICK_SIZE_OF.id: GET_TICK_SIZE_OF,
    GET_NEG_RISK.id: GET_NEG_RISK,
    GET_NEG_RISK_OF.id: GET_NEG_RISK_OF,
    GET_FEE_RATE.id: GET_FEE_RATE,
    GET_FEE_RATE_OF.id: GET_FEE_RATE_OF,
    GET_PRICES_HISTORY.id: GET_PRICES_HISTORY,
    GET_BATCH_PRICES_HISTORY.id: GET_BATCH_PRICES_HISTORY,
    GET_OHLC.id: GET_OHLC,
    GET_ORDERBOOK_HISTORY.id: GET_ORDERBOOK_HISTORY,
}
