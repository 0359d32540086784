"""Placing, cancelling and looking up orders; heartbeats.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.clob.models import (
    CancelOrderPayload,
    CancelOrdersResponse,
    ErrorResponse,
    HeartbeatErrorResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    HeartbeatV1Response,
    OpenOrder,
    OrderMarketCancelParams,
    OrderScoringResponse,
    OrdersResponse,
    SendOrder,
    SendOrderResponse,
)

__all__ = [
    "CANCEL_ALL",
    "CANCEL_MARKET_ORDERS",
    "CANCEL_ORDER",
    "CANCEL_ORDERS",
    "GET_OPEN_ORDERS",
    "GET_ORDER",
    "GET_ORDERS_SCORING",
    "GET_ORDERS_SCORING_BY_QUERY",
    "GET_ORDER_SCORING",
    "GET_PRE_MIGRATION_ORDERS",
    "OPERATIONS",
    "POST_HEARTBEAT",
    "POST_LEGACY_HEARTBEAT",
    "POST_ORDER",
    "POST_ORDERS",
    "cancel_all",
    "cancel_market_orders",
    "cancel_order",
    "cancel_orders",
    "get_open_orders",
    "get_order",
    "get_order_scoring",
    "get_orders_scoring",
    "get_orders_scoring_by_query",
    "get_pre_migration_orders",
    "post_heartbeat",
    "post_legacy_heartbeat",
    "post_order",
    "post_orders",
]

POST_ORDER: Final = Operation(
    id="Orders_PostOrder",
    name="orders.post_order",
    method="POST",
    path="/order",
    body=SendOrder,
    success={200: SendOrderResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="PostOrder", rate=5000, per=10, window=True, scope="ip"),
        RateLimit(bucket="PostOrderSustained", rate=120000, per=600, window=True, scope="ip"),
        RateLimit(
            bucket="SignerOrders",
            rate={
                "standard": 40,
                "copper": 60,
                "bronze": 80,
                "silver": 200,
                "gold": 400,
                "platinum": 450,
                "diamond": 525,
                "elite": 600,
            },
            per=1,
            burst={
                "standard": 60,
                "copper": 90,
                "bronze": 120,
                "silver": 300,
                "gold": 600,
                "platinum": 675,
                "diamond": 787,
                "elite": 900,
            },
            scope="signer",
            enforced=False,
            cost=1,
        ),
    ),
    retry="resolve",
    lane="write",
    json="plain",
)


def post_order(body: SendOrder) -> Call[SendOrderResponse]:
    """Place an order.

    The order is signed and its id is known before it is sent: the hash of what was signed. After an
    unknown outcome look that id up. `success` alone proves nothing, see the answer. A refused order is
    a 400, except that a held or crossing one may be told in the answer.

    POST /order
    Access: l2.
    Rate limit: 5000 per 10 seconds, shared as PostOrder by each ip.
    Rate limit: 120000 per 600 seconds, shared as PostOrderSustained by each ip.
    Rate limit: per second standard 40, copper 60, bronze 80, silver 200, gold 400, platinum 450,
    diamond 525, elite 600, shared as SignerOrders by each signer, not enforced yet.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (CLOB OpenAPI; place orders page; rate limits page).
    """
    return Call(
        operation=POST_ORDER,
        path=POST_ORDER.path,
        body=body,
    )


CANCEL_ORDER: Final = Operation(
    id="Orders_CancelOrder",
    name="orders.cancel_order",
    method="DELETE",
    path="/order",
    body=CancelOrderPayload,
    success={200: CancelOrdersResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="CancelOrder", rate=5000, per=10, window=True, scope="ip"),
        RateLimit(bucket="CancelOrderSustained", rate=120000, per=600, window=True, scope="ip"),
        RateLimit(
            bucket="SignerCancels",
            rate={
                "standard": 80,
                "copper": 120,
                "bronze": 160,
                "silver": 400,
                "gold": 800,
                "platinum": 900,
                "diamond": 1050,
                "elite": 1200,
            },
            per=1,
            burst={
                "standard": 120,
                "copper": 180,
                "bronze": 240,
                "silver": 600,
                "gold": 1200,
                "platinum": 1350,
                "diamond": 1575,
                "elite": 1800,
            },
            scope="signer",
            enforced=False,
            cost=1,
        ),
    ),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_order(body: CancelOrderPayload) -> Call[CancelOrdersResponse]:
    """Cancel an order.

    Answered with 200 also when nothing was cancelled; the reason is told beside the id.

    DELETE /order
    Access: l2.
    Rate limit: 5000 per 10 seconds, shared as CancelOrder by each ip.
    Rate limit: 120000 per 600 seconds, shared as CancelOrderSustained by each ip.
    Rate limit: per second standard 80, copper 120, bronze 160, silver 400, gold 800, platinum 900,
    diamond 1050, elite 1200, shared as SignerCancels by each signer, not enforced yet.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=CANCEL_ORDER,
        path=CANCEL_ORDER.path,
        body=body,
    )


POST_ORDERS: Final = Operation(
    id="Orders_PostOrders",
    name="orders.post_orders",
    method="POST",
    path="/orders",
    body=list[SendOrder],
    success={200: list[SendOrderResponse]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="PostOrders", rate=2000, per=10, window=True, scope="ip"),
        RateLimit(bucket="PostOrdersSustained", rate=21000, per=600, window=True, scope="ip"),
        RateLimit(
            bucket="SignerOrders",
            rate={
                "standard": 40,
                "copper": 60,
                "bronze": 80,
                "silver": 200,
                "gold": 400,
                "platinum": 450,
                "diamond": 525,
                "elite": 600,
            },
            per=1,
            burst={
                "standard": 60,
                "copper": 90,
                "bronze": 120,
                "silver": 300,
                "gold": 600,
                "platinum": 675,
                "diamond": 787,
                "elite": 900,
            },
            scope="signer",
            enforced=False,
            cost="items",
        ),
    ),
    retry="resolve",
    lane="write",
    json="plain",
)


def post_orders(body: list[SendOrder]) -> Call[list[SendOrderResponse]]:
    """Place several orders.

    At most 15. Answers in the same order, with 200 even when single orders fail.

    POST /orders
    Access: l2.
    Rate limit: 2000 per 10 seconds, shared as PostOrders by each ip.
    Rate limit: 21000 per 600 seconds, shared as PostOrdersSustained by each ip.
    Rate limit: per second standard 40 items, copper 60 items, bronze 80 items, silver 200 items, gold
    400 items, platinum 450 items, diamond 525 items, elite 600 items, shared as SignerOrders by each
    signer, not enforced yet.
    Repeating: look the placement up when the outcome is unknown, do not repeat it.
    Confidence: documented (CLOB OpenAPI; place orders page; rate limits page).
    """
    return Call(
        operation=POST_ORDERS,
        path=POST_ORDERS.path,
        body=body,
        items=len(body),
    )


CANCEL_ORDERS: Final = Operation(
    id="Orders_CancelOrders",
    name="orders.cancel_orders",
    method="DELETE",
    path="/orders",
    body=list[str],
    success={200: CancelOrdersResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="CancelOrders", rate=2000, per=10, window=True, scope="ip"),
        RateLimit(bucket="CancelOrdersSustained", rate=15000, per=600, window=True, scope="ip"),
        RateLimit(
            bucket="SignerCancels",
            rate={
                "standard": 80,
                "copper": 120,
                "bronze": 160,
                "silver": 400,
                "gold": 800,
                "platinum": 900,
                "diamond": 1050,
                "elite": 1200,
            },
            per=1,
            burst={
                "standard": 120,
                "copper": 180,
                "bronze": 240,
                "silver": 600,
                "gold": 1200,
                "platinum": 1350,
                "diamond": 1575,
                "elite": 1800,
            },
            scope="signer",
            enforced=False,
            cost="items",
        ),
    ),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_orders(body: list[str]) -> Call[CancelOrdersResponse]:
    """Cancel several orders.

    At most 1000 ids, as the venue's own document says; one page and one client say 3000. Ids that are
    there twice count once.

    DELETE /orders
    Access: l2.
    Rate limit: 2000 per 10 seconds, shared as CancelOrders by each ip.
    Rate limit: 15000 per 600 seconds, shared as CancelOrdersSustained by each ip.
    Rate limit: per second standard 80 items, copper 120 items, bronze 160 items, silver 400 items, gold
    800 items, platinum 900 items, diamond 1050 items, elite 1200 items, shared as SignerCancels by each
    signer, not enforced yet.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; changelog; rate limits page).
    """
    return Call(
        operation=CANCEL_ORDERS,
        path=CANCEL_ORDERS.path,
        body=body,
        items=len(body),
    )


CANCEL_ALL: Final = Operation(
    id="Orders_CancelAll",
    name="orders.cancel_all",
    method="DELETE",
    path="/cancel-all",
    success={200: CancelOrdersResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="CancelAll", rate=250, per=10, window=True, scope="ip"),
        RateLimit(bucket="CancelAllSustained", rate=6000, per=600, window=True, scope="ip"),
        RateLimit(
            bucket="SignerCancels",
            rate={
                "standard": 80,
                "copper": 120,
                "bronze": 160,
                "silver": 400,
                "gold": 800,
                "platinum": 900,
                "diamond": 1050,
                "elite": 1200,
            },
            per=1,
            burst={
                "standard": 120,
                "copper": 180,
                "bronze": 240,
                "silver": 600,
                "gold": 1200,
                "platinum": 1350,
                "diamond": 1575,
                "elite": 1800,
            },
            scope="signer",
            enforced=False,
            cost=1,
        ),
    ),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_all() -> Call[CancelOrdersResponse]:
    """Cancel every open order of the key.

    Costs one, and one more for each order it cancelled, debited afterwards.

    DELETE /cancel-all
    Access: l2.
    Rate limit: 250 per 10 seconds, shared as CancelAll by each ip.
    Rate limit: 6000 per 600 seconds, shared as CancelAllSustained by each ip.
    Rate limit: per second standard 80, copper 120, bronze 160, silver 400, gold 800, platinum 900,
    diamond 1050, elite 1200, shared as SignerCancels by each signer, not enforced yet.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=CANCEL_ALL,
        path=CANCEL_ALL.path,
    )


CANCEL_MARKET_ORDERS: Final = Operation(
    id="Orders_CancelMarketOrders",
    name="orders.cancel_market_orders",
    method="DELETE",
    path="/cancel-market-orders",
    body=OrderMarketCancelParams,
    success={200: CancelOrdersResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="CancelMarketOrders", rate=1500, per=10, window=True, scope="ip"),
        RateLimit(bucket="CancelMarketOrdersSustained", rate=21000, per=600, window=True, scope="ip"),
        RateLimit(
            bucket="SignerCancels",
            rate={
                "standard": 80,
                "copper": 120,
                "bronze": 160,
                "silver": 400,
                "gold": 800,
                "platinum": 900,
                "diamond": 1050,
                "elite": 1200,
            },
            per=1,
            burst={
                "standard": 120,
                "copper": 180,
                "bronze": 240,
                "silver": 600,
                "gold": 1200,
                "platinum": 1350,
                "diamond": 1575,
                "elite": 1800,
            },
            scope="signer",
            enforced=False,
            cost=1,
        ),
    ),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_market_orders(body: OrderMarketCancelParams) -> Call[CancelOrdersResponse]:
    """Cancel the open orders of a market or token.

    At least one of the two is needed. Costs one, and one more for each order it cancelled, debited
    afterwards.

    DELETE /cancel-market-orders
    Access: l2.
    Rate limit: 1500 per 10 seconds, shared as CancelMarketOrders by each ip.
    Rate limit: 21000 per 600 seconds, shared as CancelMarketOrdersSustained by each ip.
    Rate limit: per second standard 80, copper 120, bronze 160, silver 400, gold 800, platinum 900,
    diamond 1050, elite 1200, shared as SignerCancels by each signer, not enforced yet.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=CANCEL_MARKET_ORDERS,
        path=CANCEL_MARKET_ORDERS.path,
        body=body,
    )


GET_OPEN_ORDERS: Final = Operation(
    id="Orders_GetOpenOrders",
    name="orders.get_open_orders",
    method="GET",
    path="/data/orders",
    success={200: OrdersResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="DataOrders", rate=500, per=10, window=True, scope="ip"),
        RateLimit(bucket="Ledger", rate=900, per=10, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="id", python="id", kind="query", type=str, required=False),
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_open_orders(
    *,
    id: str | None = None,
    market: str | None = None,
    asset_id: str | None = None,
    maker_address: str | None = None,
    next_cursor: str | None = None,
) -> Call[OrdersResponse]:
    """List open orders.

    With a read-only key `maker_address` says whose.

    Args:
        id: Only this order, by its id.
        market: Only this condition id.
        asset_id: Only this token id.
        maker_address: Whose, if a read-only key asks.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /data/orders
    Access: l2.
    Rate limit: 500 per 10 seconds, shared as DataOrders by each ip.
    Rate limit: 900 per 10 seconds, shared as Ledger by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page; clob-client).
    """
    return Call(
        operation=GET_OPEN_ORDERS,
        path=GET_OPEN_ORDERS.path,
        query=_call.query(
            GET_OPEN_ORDERS,
            id=id,
            market=market,
            asset_id=asset_id,
            maker_address=maker_address,
            next_cursor=next_cursor,
        ),
    )


GET_ORDER: Final = Operation(
    id="Orders_GetOrder",
    name="orders.get_order",
    method="GET",
    path="/data/order/{orderID}",
    success={200: OpenOrder},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="Ledger", rate=900, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="orderID", python="order_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_order(order_id: str) -> Call[OpenOrder]:
    """Read an order.

    An unknown id is 404 `Order not found`.

    Args:
        order_id: Order id, `0x` and 64 hex digits.

    GET /data/order/{orderID}
    Access: l2.
    Rate limit: 900 per 10 seconds, shared as Ledger by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_ORDER,
        path=_call.fill(GET_ORDER, order_id=order_id),
    )


GET_PRE_MIGRATION_ORDERS: Final = Operation(
    id="Orders_GetPreMigrationOrders",
    name="orders.get_pre_migration_orders",
    method="GET",
    path="/data/pre-migration-orders",
    success={200: OrdersResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="Ledger", rate=900, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),),
    json="plain",
)


def get_pre_migration_orders(*, next_cursor: str | None = None) -> Call[OrdersResponse]:
    """List orders from before the V2 cutover.

    They were removed from the books and not moved.

    Args:
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /data/pre-migration-orders
    Access: l2.
    Rate limit: 900 per 10 seconds, shared as Ledger by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client-v2).
    """
    return Call(
        operation=GET_PRE_MIGRATION_ORDERS,
        path=GET_PRE_MIGRATION_ORDERS.path,
        query=_call.query(GET_PRE_MIGRATION_ORDERS, next_cursor=next_cursor),
    )


GET_ORDER_SCORING: Final = Operation(
    id="Orders_GetOrderScoring",
    name="orders.get_order_scoring",
    method="GET",
    path="/order-scoring",
    success={200: OrderScoringResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="order_id", python="order_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_order_scoring(*, order_id: str) -> Call[OrderScoringResponse]:
    """Ask whether an order earns rewards.

    Args:
        order_id: Order id.

    GET /order-scoring
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_ORDER_SCORING,
        path=GET_ORDER_SCORING.path,
        query=_call.query(GET_ORDER_SCORING, order_id=order_id),
    )


GET_ORDERS_SCORING_BY_QUERY: Final = Operation(
    id="Orders_GetOrdersScoringByQuery",
    name="orders.get_orders_scoring_by_query",
    method="GET",
    path="/orders-scoring",
    success={200: dict[str, bool]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(
            name="order_ids", python="order_ids", kind="query", type=list[str], required=True, explode=False
        ),
    ),
    json="plain",
)


def get_orders_scoring_by_query(*, order_ids: list[str]) -> Call[dict[str, bool]]:
    """Ask whether several orders earn rewards, ids in the query.

    Other plural reads by query are refused live; prefer the POST form.

    Args:
        order_ids: Order ids, joined by commas.

    GET /orders-scoring
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_ORDERS_SCORING_BY_QUERY,
        path=GET_ORDERS_SCORING_BY_QUERY.path,
        query=_call.query(GET_ORDERS_SCORING_BY_QUERY, order_ids=order_ids),
    )


GET_ORDERS_SCORING: Final = Operation(
    id="Orders_GetOrdersScoring",
    name="orders.get_orders_scoring",
    method="POST",
    path="/orders-scoring",
    body=list[str],
    success={200: dict[str, bool]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_orders_scoring(body: list[str]) -> Call[dict[str, bool]]:
    """Ask whether several orders earn rewards.

    POST /orders-scoring
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_ORDERS_SCORING,
        path=GET_ORDERS_SCORING.path,
        body=body,
        items=len(body),
    )


POST_HEARTBEAT: Final = Operation(
    id="Orders_PostHeartbeat",
    name="orders.post_heartbeat",
    method="POST",
    path="/v1/heartbeats",
    body=HeartbeatRequest,
    success={200: HeartbeatV1Response},
    failure=HeartbeatErrorResponse,
    security=((("l2", ()),),),
    retry="never",
    lane="cancel",
    json="plain",
)


def post_heartbeat(body: HeartbeatRequest) -> Call[HeartbeatV1Response]:
    """Say that the caller is alive.

    Once a first beat was accepted, ten seconds of silence cancel every open order of the key, and there
    is no way to disarm it. Each beat carries the id the last one was answered with, the first an empty
    one; a wrong id is 400 and names the one expected. No limit is kept here although the general one
    holds: a beat never waits behind reads.

    POST /v1/heartbeats
    Access: l2.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (CLOB OpenAPI; place orders page; polymarket-client).
    """
    return Call(
        operation=POST_HEARTBEAT,
        path=POST_HEARTBEAT.path,
        body=body,
    )


POST_LEGACY_HEARTBEAT: Final = Operation(
    id="Orders_PostLegacyHeartbeat",
    name="orders.post_legacy_heartbeat",
    method="POST",
    path="/heartbeats",
    success={200: HeartbeatResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    retry="never",
    lane="cancel",
    json="plain",
)


def post_legacy_heartbeat() -> Call[HeartbeatResponse]:
    """Say that the caller is alive, the older way.

    Without ids. No limit is kept here although the general one holds.

    POST /heartbeats
    Access: l2.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=POST_LEGACY_HEARTBEAT,
        path=POST_LEGACY_HEARTBEAT.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    POST_ORDER.id: POST_ORDER,
    CANCEL_ORDER.id: CANCEL_ORDER,
    POST_ORDERS.id: POST_ORDERS,
    CANCEL_ORDERS.id: CANCEL_ORDERS,
    CANCEL_ALL.id: CANCEL_ALL,
    CANCEL_MARKET_ORDERS.id: CANCEL_MARKET_ORDERS,
    GET_OPEN_ORDERS.id: GET_OPEN_ORDERS,
    GET_ORDER.id: GET_ORDER,
    GET_PRE_MIGRATION_ORDERS.id: GET_PRE_MIGRATION_ORDERS,
    GET_ORDER_SCORING.id: GET_ORDER_SCORING,
    GET_ORDERS_SCORING_BY_QUERY.id: GET_ORDERS_SCORING_BY_QUERY,
    GET_ORDERS_SCORING.id: GET_ORDERS_SCORING,
    POST_HEARTBEAT.id: POST_HEARTBEAT,
    POST_LEGACY_HEARTBEAT.id: POST_LEGACY_HEARTBEAT,
}
