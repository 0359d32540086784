"""Polled books; for anything faster use the streams.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    GetBBOResponse,
    GetOrderBookResponse,
    Status,
)

__all__ = ["GET_BBO", "GET_ORDER_BOOK", "OPERATIONS", "get_bbo", "get_order_book"]

GET_ORDER_BOOK: Final = Operation(
    id="OrderBookAPI_GetOrderBook",
    name="orderbook.get_order_book",
    method="GET",
    path="/v1/orderbook/{symbol}",
    success={200: GetOrderBookResponse},
    failure=Status,
    security=((("accessToken", ("read:l2marketdata",)),),),
    rate_limits=(RateLimit(bucket="GetOrderBook", rate=12, per=60, burst=12),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="symbol", python="symbol", kind="path", type=str, required=True),
        Parameter(name="depth", python="depth", kind="query", type=int, required=False),
    ),
    json="protobuf",
)


def get_order_book(symbol: str, *, depth: int | None = None) -> Call[GetOrderBookResponse]:
    """Read the top levels of a book.

    Bids come highest first, offers lowest first, at most ten levels. A premium scope.

    Args:
        symbol: Exact instrument symbol; case matters.
        depth: Levels per side, 1 to 10. The venue takes 3 when absent.

    GET /v1/orderbook/{symbol}
    Access: accessToken read:l2marketdata.
    Rate limit: 12 per minute, shared as GetOrderBook.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/orderbook OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_ORDER_BOOK,
        path=_call.fill(GET_ORDER_BOOK, symbol=symbol),
        query=_call.query(GET_ORDER_BOOK, depth=depth),
    )


GET_BBO: Final = Operation(
    id="OrderBookAPI_GetBBO",
    name="orderbook.get_bbo",
    method="GET",
    path="/v1/orderbook/{symbol}/bbo",
    success={200: GetBBOResponse},
    failure=Status,
    security=((("accessToken", ("read:marketdata",)),),),
    rate_limits=(RateLimit(bucket="GetBBO", rate=12, per=60, burst=12),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="symbol", python="symbol", kind="path", type=str, required=True),),
    json="protobuf",
)


def get_bbo(symbol: str) -> Call[GetBBOResponse]:
    """Read the best bid and offer.

    Args:
        symbol: Exact instrument symbol; case matters.

    GET /v1/orderbook/{symbol}/bbo
    Access: accessToken read:marketdata.
    Rate limit: 12 per minute, shared as GetBBO.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/orderbook OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_BBO,
        path=_call.fill(GET_BBO, symbol=symbol),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_ORDER_BOOK.id: GET_ORDER_BOOK,
    GET_BBO.id: GET_BBO,
}
