"""Order entry.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    CancelOrderListRequest,
    CancelOrderListResponse,
    CancelOrderRequest,
    CancelOrderResponse,
    CancelReplaceOrderListRequest,
    CancelReplaceOrderListResponse,
    CancelReplaceOrderRequest,
    CancelReplaceOrderResponse,
    GetOpenOrdersResponse,
    InsertOrderCrossRequest,
    InsertOrderCrossResponse,
    InsertOrderListRequest,
    InsertOrderListResponse,
    InsertOrderRequest,
    InsertOrderResponse,
    PreviewOrderRequest,
    PreviewOrderResponse,
    Status,
)

__all__ = [
    "CANCEL_ORDER",
    "CANCEL_ORDER_LIST",
    "CANCEL_REPLACE_ORDER",
    "CANCEL_REPLACE_ORDER_LIST",
    "GET_OPEN_ORDERS",
    "INSERT_ORDER",
    "INSERT_ORDER_CROSS",
    "INSERT_ORDER_LIST",
    "OPERATIONS",
    "PREVIEW_ORDER",
    "cancel_order",
    "cancel_order_list",
    "cancel_replace_order",
    "cancel_replace_order_list",
    "get_open_orders",
    "insert_order",
    "insert_order_cross",
    "insert_order_list",
    "preview_order",
]

INSERT_ORDER: Final = Operation(
    id="OrderEntryAPI_InsertOrder",
    name="trading.insert_order",
    method="POST",
    path="/v1/trading/orders",
    body=InsertOrderRequest,
    success={200: InsertOrderResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(
        RateLimit(bucket="InsertOrder", rate={"tier1": 30, "tier2": 100, "tier3": 200, "tier4": 400}, per=1),
    ),
    retry="resolve",
    lane="write",
    json="protobuf",
)


def insert_order(body: InsertOrderRequest) -> Call[InsertOrderResponse]:
    """Place an order.

    Answers with an id, which is not yet an acceptance: a refusal comes as an execution of type
    rejected. There is no idempotency key; after an unknown outcome look for the `clordId` before
    sending anything again.

    POST /v1/trading/orders
    Access: accessToken write:orders and participantId.
    Rate limit: per second tier1 30, tier2 100, tier3 200, tier4 400, shared as InsertOrder.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (institutional/trading OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=INSERT_ORDER,
        path=INSERT_ORDER.path,
        body=body,
    )


INSERT_ORDER_LIST: Final = Operation(
    id="OrderEntryAPI_InsertOrderList",
    name="trading.insert_order_list",
    method="POST",
    path="/v1/trading/orders/list",
    body=InsertOrderListRequest,
    success={200: InsertOrderListResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="InsertOrderList", rate=50, per=1),),
    retry="resolve",
    lane="write",
    json="protobuf",
)


def insert_order_list(body: InsertOrderListRequest) -> Call[InsertOrderListResponse]:
    """Place up to 20 orders.

    Entries are handled one by one; some may fail alone. The batch counts once against its limit.

    POST /v1/trading/orders/list
    Access: accessToken write:orders and participantId.
    Rate limit: 50 per second, shared as InsertOrderList.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (institutional/trading OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=INSERT_ORDER_LIST,
        path=INSERT_ORDER_LIST.path,
        body=body,
    )


INSERT_ORDER_CROSS: Final = Operation(
    id="OrderEntryAPI_InsertOrderCross",
    name="trading.insert_order_cross",
    method="POST",
    path="/v1/trading/orders/cross",
    body=InsertOrderCrossRequest,
    success={200: InsertOrderCrossResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    retry="resolve",
    lane="write",
    json="protobuf",
)


def insert_order_cross(body: InsertOrderCrossRequest) -> Call[InsertOrderCrossResponse]:
    """Place two orders that trade with each other.

    The scope is inferred from the other placements; the schema names none.

    POST /v1/trading/orders/cross
    Access: accessToken write:orders and participantId.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: inferred (institutional/trading OpenAPI).
    """
    return Call(
        operation=INSERT_ORDER_CROSS,
        path=INSERT_ORDER_CROSS.path,
        body=body,
    )


PREVIEW_ORDER: Final = Operation(
    id="OrderEntryAPI_PreviewOrder",
    name="trading.preview_order",
    method="POST",
    path="/v1/trading/orders/preview",
    body=PreviewOrderRequest,
    success={200: PreviewOrderResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def preview_order(body: PreviewOrderRequest) -> Call[PreviewOrderResponse]:
    """Have an order checked without placing it.

    Tells the commission an order would carry, nothing about collateral. Body and answer follow the
    schema; a sample in the order guide uses other names and is taken for stale.

    POST /v1/trading/orders/preview
    Access: accessToken read:orders and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/trading OpenAPI).
    """
    return Call(
        operation=PREVIEW_ORDER,
        path=PREVIEW_ORDER.path,
        body=body,
    )


CANCEL_ORDER: Final = Operation(
    id="OrderEntryAPI_CancelOrder",
    name="trading.cancel_order",
    method="POST",
    path="/v1/trading/orders/cancel",
    body=CancelOrderRequest,
    success={200: CancelOrderResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(
        RateLimit(bucket="CancelOrder", rate={"tier1": 90, "tier2": 300, "tier3": 600, "tier4": 1200}, per=1),
    ),
    retry="safe",
    lane="cancel",
    json="protobuf",
)


def cancel_order(body: CancelOrderRequest) -> Call[CancelOrderResponse]:
    """Cancel an order.

    Allowed before the order is acknowledged. The empty answer says the request was taken; a refusal
    (order already filled, say) is only told on the order stream.

    POST /v1/trading/orders/cancel
    Access: accessToken write:orders and participantId.
    Rate limit: per second tier1 90, tier2 300, tier3 600, tier4 1200, shared as CancelOrder.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/trading OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CANCEL_ORDER,
        path=CANCEL_ORDER.path,
        body=body,
    )


CANCEL_ORDER_LIST: Final = Operation(
    id="OrderEntryAPI_CancelOrderList",
    name="trading.cancel_order_list",
    method="POST",
    path="/v1/trading/orders/cancel/list",
    body=CancelOrderListRequest,
    success={200: CancelOrderListResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="CancelOrderList", rate=50, per=1),),
    retry="safe",
    lane="cancel",
    json="protobuf",
)


def cancel_order_list(body: CancelOrderListRequest) -> Call[CancelOrderListResponse]:
    """Cancel up to 20 orders.

    POST /v1/trading/orders/cancel/list
    Access: accessToken write:orders and participantId.
    Rate limit: 50 per second, shared as CancelOrderList.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/trading OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CANCEL_ORDER_LIST,
        path=CANCEL_ORDER_LIST.path,
        body=body,
    )


CANCEL_REPLACE_ORDER: Final = Operation(
    id="OrderEntryAPI_CancelReplaceOrder",
    name="trading.cancel_replace_order",
    method="POST",
    path="/v1/trading/orders/replace",
    body=CancelReplaceOrderRequest,
    success={200: CancelReplaceOrderResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(
        RateLimit(
            bucket="CancelReplaceOrder", rate={"tier1": 30, "tier2": 100, "tier3": 200, "tier4": 400}, per=1
        ),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def cancel_replace_order(body: CancelReplaceOrderRequest) -> Call[CancelReplaceOrderResponse]:
    """Change a working order.

    A larger quantity loses the place in the queue, a smaller one keeps it; a new price is taken to lose
    it too. A refusal leaves the order as it was and is only told on the order stream. Whether the id
    survives is not documented.

    POST /v1/trading/orders/replace
    Access: accessToken write:orders and participantId.
    Rate limit: per second tier1 30, tier2 100, tier3 200, tier4 400, shared as CancelReplaceOrder.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (institutional/trading OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CANCEL_REPLACE_ORDER,
        path=CANCEL_REPLACE_ORDER.path,
        body=body,
    )


CANCEL_REPLACE_ORDER_LIST: Final = Operation(
    id="OrderEntryAPI_CancelReplaceOrderList",
    name="trading.cancel_replace_order_list",
    method="POST",
    path="/v1/trading/orders/replace/list",
    body=CancelReplaceOrderListRequest,
    success={200: CancelReplaceOrderListResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="CancelReplaceOrderList", rate=50, per=1),),
    retry="never",
    lane="write",
    json="protobuf",
)


def cancel_replace_order_list(body: CancelReplaceOrderListRequest) -> Call[CancelReplaceOrderListResponse]:
    """Change up to 20 working orders.

    POST /v1/trading/orders/replace/list
    Access: accessToken write:orders and participantId.
    Rate limit: 50 per second, shared as CancelReplaceOrderList.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (institutional/trading OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CANCEL_REPLACE_ORDER_LIST,
        path=CANCEL_REPLACE_ORDER_LIST.path,
        body=body,
    )


GET_OPEN_ORDERS: Final = Operation(
    id="OrderEntryAPI_GetOpenOrders",
    name="trading.get_open_orders",
    method="GET",
    path="/v1/trading/orders/open",
    success={200: GetOpenOrdersResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="symbols", python="symbols", kind="query", type=list[str], required=False),
        Parameter(name="accounts", python="accounts", kind="query", type=list[str], required=False),
    ),
    json="protobuf",
)


def get_open_orders(
    *, symbols: list[str] | None = None, accounts: list[str] | None = None
) -> Call[GetOpenOrdersResponse]:
    """List working orders.

    Not paged, and no rate limit is published.

    Args:
        symbols: Only these instruments. Repeat the key for several.
        accounts: Only these accounts. Repeat the key for several.

    GET /v1/trading/orders/open
    Access: accessToken read:orders and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/trading OpenAPI).
    """
    return Call(
        operation=GET_OPEN_ORDERS,
        path=GET_OPEN_ORDERS.path,
        query=_call.query(GET_OPEN_ORDERS, symbols=symbols, accounts=accounts),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    INSERT_ORDER.id: INSERT_ORDER,
    INSERT_ORDER_LIST.id: INSERT_ORDER_LIST,
    INSERT_ORDER_CROSS.id: INSERT_ORDER_CROSS,
    PREVIEW_ORDER.id: PREVIEW_ORDER,
    CANCEL_ORDER.id: CANCEL_ORDER,
    CANCEL_ORDER_LIST.id: CANCEL_ORDER_LIST,
    CANCEL_REPLACE_ORDER.id: CANCEL_REPLACE_ORDER,
    CANCEL_REPLACE_ORDER_LIST.id: CANCEL_REPLACE_ORDER_LIST,
    GET_OPEN_ORDERS.id: GET_OPEN_ORDERS,
}
