"""Search and download of orders, executions and trades.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    DownloadExecutionsLine,
    DownloadExecutionsRequest,
    DownloadOrdersLine,
    DownloadOrdersRequest,
    DownloadTradesLine,
    DownloadTradesRequest,
    GetExecutionResponse,
    GetOrderResponse,
    GetTradeStatsRequest,
    GetTradeStatsResponse,
    SearchExecutionsRequest,
    SearchExecutionsResponse,
    SearchOrdersRequest,
    SearchOrdersResponse,
    SearchTradesRequest,
    SearchTradesResponse,
    Status,
)

__all__ = [
    "DOWNLOAD_EXECUTIONS",
    "DOWNLOAD_ORDERS",
    "DOWNLOAD_TRADES",
    "GET_EXECUTION",
    "GET_ORDER",
    "GET_TRADE_STATS",
    "OPERATIONS",
    "SEARCH_EXECUTIONS",
    "SEARCH_ORDERS",
    "SEARCH_TRADES",
    "download_executions",
    "download_orders",
    "download_trades",
    "get_execution",
    "get_order",
    "get_trade_stats",
    "search_executions",
    "search_orders",
    "search_trades",
]

SEARCH_ORDERS: Final = Operation(
    id="ReportAPI_SearchOrders",
    name="report.search_orders",
    method="POST",
    path="/v1/report/orders/search",
    body=SearchOrdersRequest,
    success={200: SearchOrdersResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="SearchOrders", rate=12, per=60, burst=12),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="order", also="orders"),
    json="protobuf",
)


def search_orders(body: SearchOrdersRequest) -> Call[SearchOrdersResponse]:
    """Search orders.

    Orders are kept for 90 days. Paging ends with an empty token; there is no `eof`.

    POST /v1/report/orders/search
    Access: accessToken read:reports and participantId.
    Rate limit: 12 per minute, shared as SearchOrders.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=SEARCH_ORDERS,
        path=SEARCH_ORDERS.path,
        body=body,
    )


GET_ORDER: Final = Operation(
    id="ReportAPI_GetOrder",
    name="report.get_order",
    method="GET",
    path="/v1/report/orders/{order_id}",
    success={200: GetOrderResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="order_id", python="order_id", kind="path", type=str, required=True),),
    json="protobuf",
)


def get_order(order_id: str) -> Call[GetOrderResponse]:
    """Read one order.

    Named in the changelog and by partner pages, absent from the venue's schema. Scope and answer are
    inferred from the searches beside it.

    Args:
        order_id: Id given by the exchange.

    GET /v1/report/orders/{order_id}
    Access: accessToken read:reports and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (changelog; partners/orders/data-model).
    """
    return Call(
        operation=GET_ORDER,
        path=_call.fill(GET_ORDER, order_id=order_id),
    )


SEARCH_EXECUTIONS: Final = Operation(
    id="ReportAPI_SearchExecutions",
    name="report.search_executions",
    method="POST",
    path="/v1/report/executions/search",
    body=SearchExecutionsRequest,
    success={200: SearchExecutionsResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="SearchExecutions", rate=12, per=60, burst=12),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="executions", eof="eof"),
    json="protobuf",
)


def search_executions(body: SearchExecutionsRequest) -> Call[SearchExecutionsResponse]:
    """Search executions.

    Executions are kept for seven days.

    POST /v1/report/executions/search
    Access: accessToken read:reports and participantId.
    Rate limit: 12 per minute, shared as SearchExecutions.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=SEARCH_EXECUTIONS,
        path=SEARCH_EXECUTIONS.path,
        body=body,
    )


GET_EXECUTION: Final = Operation(
    id="ReportAPI_GetExecution",
    name="report.get_execution",
    method="GET",
    path="/v1/report/executions/{exec_id}",
    success={200: GetExecutionResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="exec_id", python="exec_id", kind="path", type=str, required=True),),
    json="protobuf",
)


def get_execution(exec_id: str) -> Call[GetExecutionResponse]:
    """Read one execution.

    Named in the changelog only. Scope and answer are inferred.

    Args:
        exec_id: Id of the execution.

    GET /v1/report/executions/{exec_id}
    Access: accessToken read:reports and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: inferred (changelog).
    """
    return Call(
        operation=GET_EXECUTION,
        path=_call.fill(GET_EXECUTION, exec_id=exec_id),
    )


SEARCH_TRADES: Final = Operation(
    id="ReportAPI_SearchTrades",
    name="report.search_trades",
    method="POST",
    path="/v1/report/trades/search",
    body=SearchTradesRequest,
    success={200: SearchTradesResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="SearchTrades", rate=12, per=60, burst=12),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="trade"),
    json="protobuf",
)


def search_trades(body: SearchTradesRequest) -> Call[SearchTradesResponse]:
    """Search the caller's trades.

    Only trades the caller is party to. A trade returns under the same id when its state changes, a bust
    included. Paging ends with an empty token; there is no `eof`.

    POST /v1/report/trades/search
    Access: accessToken read:reports and participantId.
    Rate limit: 12 per minute, shared as SearchTrades.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=SEARCH_TRADES,
        path=SEARCH_TRADES.path,
        body=body,
    )


GET_TRADE_STATS: Final = Operation(
    id="ReportAPI_GetTradeStats",
    name="report.get_trade_stats",
    method="POST",
    path="/v1/report/trades/stats",
    body=GetTradeStatsRequest,
    success={200: GetTradeStatsResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)),),),
    rate_limits=(RateLimit(bucket="GetTradeStats", rate=60, per=60, burst=60),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def get_trade_stats(body: GetTradeStatsRequest) -> Call[GetTradeStatsResponse]:
    """Read trade statistics of an instrument.

    Whole-period numbers and, on request, bars. Takes no participant header.

    POST /v1/report/trades/stats
    Access: accessToken read:reports.
    Rate limit: 60 per minute, shared as GetTradeStats.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_TRADE_STATS,
        path=GET_TRADE_STATS.path,
        body=body,
    )


DOWNLOAD_ORDERS: Final = Operation(
    id="ReportAPI_DownloadOrders",
    name="report.download_orders",
    method="POST",
    path="/v1/report/orders/csv",
    body=DownloadOrdersRequest,
    success={200: DownloadOrdersLine},
    failure=Status,
    stream="lines",
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def download_orders(body: DownloadOrdersRequest) -> Call[DownloadOrdersLine]:
    """Download orders as CSV.

    A stream of JSON lines, each with a piece of the file.

    POST /v1/report/orders/csv
    Access: accessToken read:reports and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI).
    """
    return Call(
        operation=DOWNLOAD_ORDERS,
        path=DOWNLOAD_ORDERS.path,
        body=body,
    )


DOWNLOAD_EXECUTIONS: Final = Operation(
    id="ReportAPI_DownloadExecutions",
    name="report.download_executions",
    method="POST",
    path="/v1/report/executions/csv",
    body=DownloadExecutionsRequest,
    success={200: DownloadExecutionsLine},
    failure=Status,
    stream="lines",
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def download_executions(body: DownloadExecutionsRequest) -> Call[DownloadExecutionsLine]:
    """Download executions as CSV.

    A stream of JSON lines, each with a piece of the file.

    POST /v1/report/executions/csv
    Access: accessToken read:reports and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI).
    """
    return Call(
        operation=DOWNLOAD_EXECUTIONS,
        path=DOWNLOAD_EXECUTIONS.path,
        body=body,
    )


DOWNLOAD_TRADES: Final = Operation(
    id="ReportAPI_DownloadTrades",
    name="report.download_trades",
    method="POST",
    path="/v1/report/trades/csv",
    body=DownloadTradesRequest,
    success={200: DownloadTradesLine},
    failure=Status,
    stream="lines",
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def download_trades(body: DownloadTradesRequest) -> Call[DownloadTradesLine]:
    """Download trades as CSV.

    A stream of JSON lines, each with a piece of the file.

    POST /v1/report/trades/csv
    Access: accessToken read:reports and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/report OpenAPI).
    """
    return Call(
        operation=DOWNLOAD_TRADES,
        path=DOWNLOAD_TRADES.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    SEARCH_ORDERS.id: SEARCH_ORDERS,
    GET_ORDER.id: GET_ORDER,
    SEARCH_EXECUTIONS.id: SEARCH_EXECUTIONS,
    GET_EXECUTION.id: GET_EXECUTION,
    SEARCH_TRADES.id: SEARCH_TRADES,
    GET_TRADE_STATS.id: GET_TRADE_STATS,
    DOWNLOAD_ORDERS.id: DOWNLOAD_ORDERS,
    DOWNLOAD_EXECUTIONS.id: DOWNLOAD_EXECUTIONS,
    DOWNLOAD_TRADES.id: DOWNLOAD_TRADES,
}
