"""Placing, cancelling and looking up orders; heartbeats.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    BatchOrderRequest,
    BatchOrderResponse,
    CancelResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    OrderAck,
    OrderDetail,
    OrderPage,
    OrderResponse,
    OrderSource,
    OrderStatus,
    PlaceOrderRequest,
    PmSendOrderRequest,
    PmSendOrderResponse,
    Side,
)

__all__ = [
    "CANCEL_ALL",
    "CANCEL_ALL_DEPRECATED",
    "CANCEL_MARKET_ORDERS",
    "CANCEL_ORDER",
    "CANCEL_ORDERS",
    "GET_ORDER",
    "LIST_ORDERS",
    "OPERATIONS",
    "PLACE_ORDER",
    "PLACE_ORDER_BATCH",
    "POST_HEARTBEAT",
    "POST_HEARTBEAT_ALIAS",
    "cancel_all",
    "cancel_all_deprecated",
    "cancel_market_orders",
    "cancel_order",
    "cancel_orders",
    "get_order",
    "list_orders",
    "place_order",
    "place_order_batch",
    "post_heartbeat",
    "post_heartbeat_alias",
]

LIST_ORDERS: Final = Operation(
    id="Orders_ListOrders",
    name="orders.list_orders",
    method="GET",
    path="/v1/orders",
    success={200: OrderPage},
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
    page=Page(request="cursor", response="next_cursor", items="orders", more="has_more"),
    parameters=(
        Parameter(name="status", python="status", kind="query", type=OrderStatus, required=False),
        Parameter(name="market_id", python="market_id", kind="query", type=str, required=False),
        Parameter(name="side", python="side", kind="query", type=Side, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
    ),
    json="plain",
)


def list_orders(
    *,
    status: OrderStatus | None = None,
    market_id: str | None = None,
    side: Side | None = None,
    limit: int | None = None,
    offset: int | None = None,
    cursor: str | None = None,
    next_cursor: str | None = None,
    wallet_id: int | str | None = None,
) -> Call[OrderPage]:
    """List orders.

    Args:
        status: Only these; PENDING, FILLED, CANCELLED or EXPIRED.
        market_id: Only this market.
        side: Only this side.
        limit: Rows per page, at most 200; 50 if absent.
        offset: Rows to skip.
        cursor: Cursor of the page before.
        next_cursor: Means the same as `cursor`.
        wallet_id: A number, `api` or `all`; the API wallet if absent.

    GET /v1/orders
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=LIST_ORDERS,
        path=LIST_ORDERS.path,
        query=_call.query(
            LIST_ORDERS,
            status=status,
            market_id=market_id,
            side=side,
            limit=limit,
            offset=offset,
            cursor=cursor,
            next_cursor=next_cursor,
            wallet_id=wallet_id,
        ),
    )


PLACE_ORDER: Final = Operation(
    id="Orders_PlaceOrder",
    name="orders.place_order",
    method="POST",
    path="/v1/orders",
    body=PlaceOrderRequest | list[PmSendOrderRequest],
    success={200: (OrderResponse, OrderAck, list[PmSendOrderResponse])},
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
    parameters=(
        Parameter(name="Idempotency-Key", python="idempotency_key", kind="header", type=str, required=False),
    ),
    json="plain",
)


def place_order(
    body: PlaceOrderRequest | list[PmSendOrderRequest], *, idempotency_key: str | None = None
) -> Call[OrderResponse | OrderAck | list[PmSendOrderResponse]]:
    """Place an order, or up to 15 in the shape of Polymarket.

    An object is one order of the venue's own kind, an array a batch of Polymarket's. `client_order_id`
    makes it repeatable: the same id with the same body is answered as the first time, with another body
    refused with `IDEMPOTENCY_KEY_REUSE`. Never send again after `PERSISTENCE_UNKNOWN` or
    `DEADLINE_OVERSHOT_BUT_PERSISTED`. Orders of an account are taken one at a time, about three a
    second; one that waits for more than two seconds is refused with `TRADE_IN_PROGRESS`. A free account
    may place 100 in a day, by UTC; the 429 after that says how long the day is.

    Args:
        idempotency_key: Means the same as `client_order_id`; give one of them, or the same in both.

    POST /v1/orders
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (PolySimulator OpenAPI; trading pages).
    """
    return Call(
        operation=PLACE_ORDER,
        path=PLACE_ORDER.path,
        headers=_call.headers(PLACE_ORDER, idempotency_key=idempotency_key),
        body=body,
    )


CANCEL_ORDERS: Final = Operation(
    id="Orders_CancelOrders",
    name="orders.cancel_orders",
    method="DELETE",
    path="/v1/orders",
    body=list[int | str],
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


def cancel_orders(body: list[int | str]) -> Call[CancelResponse]:
    """Cancel up to 100 orders.

    DELETE /v1/orders
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CANCEL_ORDERS,
        path=CANCEL_ORDERS.path,
        body=body,
        items=len(body),
    )


PLACE_ORDER_BATCH: Final = Operation(
    id="Orders_PlaceOrderBatch",
    name="orders.place_order_batch",
    method="POST",
    path="/v1/orders/batch",
    body=BatchOrderRequest,
    success={200: BatchOrderResponse},
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


def place_order_batch(body: BatchOrderRequest) -> Call[BatchOrderResponse]:
    """Place several orders.

    At most 100, and fewer by tier: 1, 5, 10, 25. More is refused with `BATCH_LIMIT_EXCEEDED`. Counts as
    one request. Not atomic. Each entry is repeatable by its own `client_order_id`.

    POST /v1/orders/batch
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=PLACE_ORDER_BATCH,
        path=PLACE_ORDER_BATCH.path,
        body=body,
    )


GET_ORDER: Final = Operation(
    id="Orders_GetOrder",
    name="orders.get_order",
    method="GET",
    path="/v1/orders/{order_id}",
    success={200: OrderDetail},
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
        Parameter(name="order_id", python="order_id", kind="path", type=int, required=True),
        Parameter(name="source", python="source", kind="query", type=OrderSource, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
    ),
    json="plain",
)


def get_order(
    order_id: int, *, source: OrderSource | None = None, wallet_id: int | str | None = None
) -> Call[OrderDetail]:
    """Read an order.

    Resting and filled orders are numbered apart, so one number may name two; without `source` the
    resting one is looked for first.

    Args:
        order_id: Id of the order.
        source: Which of the two.
        wallet_id: A number, `api` or `all`; the API wallet if absent.

    GET /v1/orders/{order_id}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_ORDER,
        path=_call.fill(GET_ORDER, order_id=order_id),
        query=_call.query(GET_ORDER, source=source, wallet_id=wallet_id),
    )


CANCEL_ORDER: Final = Operation(
    id="Orders_CancelOrder",
    name="orders.cancel_order",
    method="DELETE",
    path="/v1/orders/{order_id}",
    success={200: OrderResponse},
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
    parameters=(Parameter(name="order_id", python="order_id", kind="path", type=int, required=True),),
    json="plain",
)


def cancel_order(order_id: int) -> Call[OrderResponse]:
    """Cancel an order.

    What was reserved is given back. One that does not rest is refused with `ORDER_NOT_CANCELLABLE`. 503
    `SERVER_BUSY` says to wait for 5 seconds.

    Args:
        order_id: Id of the order.

    DELETE /v1/orders/{order_id}
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CANCEL_ORDER,
        path=_call.fill(CANCEL_ORDER, order_id=order_id),
    )


CANCEL_ALL: Final = Operation(
    id="Orders_CancelAll",
    name="orders.cancel_all",
    method="POST",
    path="/v1/cancel-all",
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
    parameters=(
        Parameter(name="confirm", python="confirm", kind="query", type=bool, required=False),
        Parameter(
            name="X-Confirm-Cancel-All",
            python="x_confirm_cancel_all",
            kind="header",
            type=str,
            required=False,
        ),
    ),
    json="plain",
)


def cancel_all(
    *, confirm: bool | None = None, x_confirm_cancel_all: str | None = None
) -> Call[CancelResponse]:
    """Cancel every order of the account.

    Of all wallets, and of other bots of the account. Refused with `CONFIRMATION_REQUIRED` unless it is
    confirmed.

    Args:
        confirm: Must be true, here or in the header.
        x_confirm_cancel_all: `true` confirms as well.

    POST /v1/cancel-all
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CANCEL_ALL,
        path=CANCEL_ALL.path,
        query=_call.query(CANCEL_ALL, confirm=confirm),
        headers=_call.headers(CANCEL_ALL, x_confirm_cancel_all=x_confirm_cancel_all),
    )


CANCEL_ALL_DEPRECATED: Final = Operation(
    id="Orders_CancelAllDeprecated",
    name="orders.cancel_all_deprecated",
    method="DELETE",
    path="/v1/cancel-all",
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
    parameters=(
        Parameter(name="confirm", python="confirm", kind="query", type=bool, required=False),
        Parameter(
            name="X-Confirm-Cancel-All",
            python="x_confirm_cancel_all",
            kind="header",
            type=str,
            required=False,
        ),
    ),
    json="plain",
)


def cancel_all_deprecated(
    *, confirm: bool | None = None, x_confirm_cancel_all: str | None = None
) -> Call[CancelResponse]:
    """Cancel every order of the account.

    The older name of the same by POST. Carries `Sunset` and `X-Deprecation`.

    Args:
        confirm: Must be true, here or in the header.
        x_confirm_cancel_all: `true` confirms as well.

    DELETE /v1/cancel-all
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CANCEL_ALL_DEPRECATED,
        path=CANCEL_ALL_DEPRECATED.path,
        query=_call.query(CANCEL_ALL_DEPRECATED, confirm=confirm),
        headers=_call.headers(CANCEL_ALL_DEPRECATED, x_confirm_cancel_all=x_confirm_cancel_all),
    )


CANCEL_MARKET_ORDERS: Final = Operation(
    id="Orders_CancelMarketOrders",
    name="orders.cancel_market_orders",
    method="DELETE",
    path="/v1/cancel-market-orders",
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
    parameters=(
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
    ),
    json="plain",
)


def cancel_market_orders(*, market: str | None = None, asset_id: str | None = None) -> Call[CancelResponse]:
    """Cancel the orders of a market or a token.

    Give one of the two.

    Args:
        market: Condition id.
        asset_id: Token id.

    DELETE /v1/cancel-market-orders
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=CANCEL_MARKET_ORDERS,
        path=CANCEL_MARKET_ORDERS.path,
        query=_call.query(CANCEL_MARKET_ORDERS, market=market, asset_id=asset_id),
    )


POST_HEARTBEAT: Final = Operation(
    id="Orders_PostHeartbeat",
    name="orders.post_heartbeat",
    method="POST",
    path="/v1/heartbeats",
    body=HeartbeatRequest,
    success={200: HeartbeatResponse},
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


def post_heartbeat(body: HeartbeatRequest) -> Call[HeartbeatResponse]:
    """Promise to be heard from again.

    After the first one, a silence longer than the interval and a quarter of it, at least a second,
    cancels all resting orders of the account.

    POST /v1/heartbeats
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=POST_HEARTBEAT,
        path=POST_HEARTBEAT.path,
        body=body,
    )


POST_HEARTBEAT_ALIAS: Final = Operation(
    id="Orders_PostHeartbeatAlias",
    name="orders.post_heartbeat_alias",
    method="POST",
    path="/heartbeats",
    body=HeartbeatRequest,
    success={200: HeartbeatResponse},
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


def post_heartbeat_alias(body: HeartbeatRequest) -> Call[HeartbeatResponse]:
    """Promise to be heard from again.

    The same as under /v1.

    POST /heartbeats
    Access: apiKey trade.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key,
    counted without waiting.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key, counted without waiting.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=POST_HEARTBEAT_ALIAS,
        path=POST_HEARTBEAT_ALIAS.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    LIST_ORDERS.id: LIST_ORDERS,
    PLACE_ORDER.id: PLACE_ORDER,
    CANCEL_ORDERS.id: CANCEL_ORDERS,
    PLACE_ORDER_BATCH.id: PLACE_ORDER_BATCH,
    GET_ORDER.id: GET_ORDER,
    CANCEL_ORDER.id: CANCEL_ORDER,
    CANCEL_ALL.id: CANCEL_ALL,
    CANCEL_ALL_DEPRECATED.id: CANCEL_ALL_DEPRECATED,
    CANCEL_MARKET_ORDERS.id: CANCEL_MARKET_ORDERS,
    POST_HEARTBEAT.id: POST_HEARTBEAT,
    POST_HEARTBEAT_ALIAS.id: POST_HEARTBEAT_ALIAS,
}
