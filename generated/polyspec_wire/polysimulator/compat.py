"""Orders and trades in the shapes of Polymarket's CLOB.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    AssetType,
    BalanceAllowance,
    CancelResponse,
    FlatOrderRequest,
    FlatOrderResponse,
    PmCancelRequest,
    PmOpenOrder,
    PmOrderPage,
    PmOrderStatus,
    PmSendOrderRequest,
    PmSendOrderResponse,
    PmTradePage,
)

__all__ = [
    "CANCEL_ORDER_BY_ID",
    "GET_BALANCE_ALLOWANCE",
    "GET_DATA_ORDER",
    "GET_ORDER",
    "GET_ORDERS",
    "GET_TRADES",
    "OPERATIONS",
    "POST_FLAT_ORDER",
    "POST_ORDER",
    "cancel_order_by_id",
    "get_balance_allowance",
    "get_data_order",
    "get_order",
    "get_orders",
    "get_trades",
    "post_flat_order",
    "post_order",
]

POST_FLAT_ORDER: Final = Operation(
    id="Compat_PostFlatOrder",
    name="compat.post_flat_order",
    method="POST",
    path="/v1/clob/order",
    body=FlatOrderRequest,
    success={200: FlatOrderResponse},
    failure=ApiError,
    security=((("apiKey", ("trade",)),),),
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
    retry="resolve",
    lane="write",
    json="plain",
)


def post_flat_order(body: FlatOrderRequest) -> Call[FlatOrderResponse]:
    """Place an order by token.

    Flat and unsigned. Repeatable by `client_order_id`.

    POST /v1/clob/order
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (PolySimulator OpenAPI; CLOB compatibility page).
    """
    return Call(
        operation=POST_FLAT_ORDER,
        path=POST_FLAT_ORDER.path,
        body=body,
    )


POST_ORDER: Final = Operation(
    id="Compat_PostOrder",
    name="compat.post_order",
    method="POST",
    path="/v1/order",
    body=PmSendOrderRequest,
    success={200: PmSendOrderResponse},
    failure=ApiError,
    security=((("apiKey", ("trade",)),),),
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
    retry="resolve",
    lane="write",
    json="plain",
)


def post_order(body: PmSendOrderRequest) -> Call[PmSendOrderResponse]:
    """Place an order in the shape of Polymarket.

    The signature and what belongs to it are ignored. Carries no id of the sender's, so it cannot be
    repeated nor found again; `Idempotency-Key` is not documented here.

    POST /v1/order
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (PolySimulator OpenAPI; CLOB compatibility page).
    """
    return Call(
        operation=POST_ORDER,
        path=POST_ORDER.path,
        body=body,
    )


CANCEL_ORDER_BY_ID: Final = Operation(
    id="Compat_CancelOrderById",
    name="compat.cancel_order_by_id",
    method="DELETE",
    path="/v1/order",
    body=PmCancelRequest,
    success={200: CancelResponse},
    failure=ApiError,
    security=((("apiKey", ("trade",)),),),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
            ahead=True,
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
            ahead=True,
        ),
    ),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_order_by_id(body: PmCancelRequest) -> Call[CancelResponse]:
    """Cancel an order by its id as text.

    DELETE /v1/order
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CANCEL_ORDER_BY_ID,
        path=CANCEL_ORDER_BY_ID.path,
        body=body,
    )


GET_ORDER: Final = Operation(
    id="Compat_GetOrder",
    name="compat.get_order",
    method="GET",
    path="/v1/order/{id}",
    success={200: PmOpenOrder},
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
    parameters=(Parameter(name="id", python="id", kind="path", type=str, required=True),),
    json="plain",
)


def get_order(id: str) -> Call[PmOpenOrder]:
    """Read an order in the shape of Polymarket.

    Args:
        id: Order id, an integer as text.

    GET /v1/order/{id}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_ORDER,
        path=_call.fill(GET_ORDER, id=id),
    )


GET_DATA_ORDER: Final = Operation(
    id="Compat_GetDataOrder",
    name="compat.get_data_order",
    method="GET",
    path="/v1/data/order/{id}",
    success={200: PmOpenOrder},
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
    parameters=(Parameter(name="id", python="id", kind="path", type=str, required=True),),
    json="plain",
)


def get_data_order(id: str) -> Call[PmOpenOrder]:
    """Read an order in the shape of Polymarket.

    The name newer clients use.

    Args:
        id: Order id, an integer as text.

    GET /v1/data/order/{id}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_DATA_ORDER,
        path=_call.fill(GET_DATA_ORDER, id=id),
    )


GET_ORDERS: Final = Operation(
    id="Compat_GetOrders",
    name="compat.get_orders",
    method="GET",
    path="/v1/data/orders",
    success={200: PmOrderPage},
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
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="id", python="id", kind="query", type=str, required=False),
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
        Parameter(name="status", python="status", kind="query", type=PmOrderStatus, required=False),
        Parameter(name="before", python="before", kind="query", type=int, required=False),
        Parameter(name="after", python="after", kind="query", type=int, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_orders(
    *,
    id: str | None = None,
    market: str | None = None,
    asset_id: str | None = None,
    status: PmOrderStatus | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    next_cursor: str | None = None,
) -> Call[PmOrderPage]:
    """List orders in the shape of Polymarket.

    Open ones unless `status` says otherwise.

    Args:
        id: Only this order.
        market: Condition id.
        asset_id: Token id.
        status: Only these.
        before: Up to this moment, Unix seconds.
        after: From this moment on, Unix seconds.
        limit: Rows per page, at most 500; 100 if absent.
        cursor: Cursor of the page before.
        next_cursor: Means the same as `cursor`.

    GET /v1/data/orders
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_ORDERS,
        path=GET_ORDERS.path,
        query=_call.query(
            GET_ORDERS,
            id=id,
            market=market,
            asset_id=asset_id,
            status=status,
            before=before,
            after=after,
            limit=limit,
            cursor=cursor,
            next_cursor=next_cursor,
        ),
    )


GET_TRADES: Final = Operation(
    id="Compat_GetTrades",
    name="compat.get_trades",
    method="GET",
    path="/v1/data/trades",
    success={200: PmTradePage},
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
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
        Parameter(name="before", python="before", kind="query", type=int, required=False),
        Parameter(name="after", python="after", kind="query", type=int, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_trades(
    *,
    market: str | None = None,
    asset_id: str | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    next_cursor: str | None = None,
) -> Call[PmTradePage]:
    """List trades in the shape of Polymarket.

    Bad times are refused with `INVALID_TIME_FILTER`.

    Args:
        market: Condition id.
        asset_id: Token id.
        before: Up to this moment, Unix seconds.
        after: From this moment on, Unix seconds.
        limit: Rows per page, at most 500; 100 if absent.
        cursor: Cursor of the page before.
        next_cursor: Means the same as `cursor`.

    GET /v1/data/trades
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_TRADES,
        path=GET_TRADES.path,
        query=_call.query(
            GET_TRADES,
            market=market,
            asset_id=asset_id,
            before=before,
            after=after,
            limit=limit,
            cursor=cursor,
            next_cursor=next_cursor,
        ),
    )


GET_BALANCE_ALLOWANCE: Final = Operation(
    id="Compat_GetBalanceAllowance",
    name="compat.get_balance_allowance",
    method="GET",
    path="/v1/balance-allowance",
    success={200: BalanceAllowance},
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
        Parameter(name="asset_type", python="asset_type", kind="query", type=AssetType, required=False),
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=False),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_balance_allowance(
    *, asset_type: AssetType | None = None, token_id: str | None = None, signature_type: int | None = None
) -> Call[BalanceAllowance]:
    """Read balance and allowance in the shape of Polymarket.

    The allowance is a number that stands for no limit.

    Args:
        asset_type: COLLATERAL or CONDITIONAL.
        token_id: Token id, for CONDITIONAL.
        signature_type: Ignored.

    GET /v1/balance-allowance
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_BALANCE_ALLOWANCE,
        path=GET_BALANCE_ALLOWANCE.path,
        query=_call.query(
            GET_BALANCE_ALLOWANCE, asset_type=asset_type, token_id=token_id, signature_type=signature_type
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    POST_FLAT_ORDER.id: POST_FLAT_ORDER,
    POST_ORDER.id: POST_ORDER,
    CANCEL_ORDER_BY_ID.id: CANCEL_ORDER_BY_ID,
    GET_ORDER.id: GET_ORDER,
    GET_DATA_ORDER.id: GET_DATA_ORDER,
    GET_ORDERS.id: GET_ORDERS,
    GET_TRADES.id: GET_TRADES,
    GET_BALANCE_ALLOWANCE.id: GET_BALANCE_ALLOWANCE,
}
