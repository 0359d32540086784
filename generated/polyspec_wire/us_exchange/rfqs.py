"""Requests for quotes, quotes and the trades they lead to.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    AcceptQuoteRequest,
    AcceptQuoteResponse,
    ConfirmQuoteRequest,
    ConfirmQuoteResponse,
    CreateQuoteRequest,
    CreateQuoteResponse,
    CreateRFQRequest,
    CreateRFQResponse,
    DeleteQuoteResponse,
    DeleteRFQResponse,
    GetQuotesResponse,
    GetRFQsResponse,
    GetRFQTradesResponse,
    GetRFQUserIDResponse,
    QuoteStatus,
    RFQStatus,
    Status,
    UserFilter,
)

__all__ = [
    "ACCEPT_QUOTE",
    "CONFIRM_QUOTE",
    "CREATE_QUOTE",
    "CREATE_RFQ",
    "DELETE_QUOTE",
    "DELETE_RFQ",
    "GET_QUOTES",
    "GET_RFQS",
    "GET_RFQ_TRADES",
    "GET_RFQ_USER_ID",
    "OPERATIONS",
    "accept_quote",
    "confirm_quote",
    "create_quote",
    "create_rfq",
    "delete_quote",
    "delete_rfq",
    "get_quotes",
    "get_rfq_trades",
    "get_rfq_user_id",
    "get_rfqs",
]

GET_RFQS: Final = Operation(
    id="RFQAPI_GetRFQs",
    name="rfqs.get_rfqs",
    method="GET",
    path="/v1/rfqs",
    success={200: GetRFQsResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetRFQs", rate=10, per=1),),
    retry="safe",
    lane="read",
    page=Page(request="cursor", response="cursor", items="rfqs"),
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="rfqId", python="rfq_id", kind="query", type=str, required=False),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
        Parameter(name="status", python="status", kind="query", type=RFQStatus, required=False),
        Parameter(name="userFilter", python="user_filter", kind="query", type=UserFilter, required=False),
    ),
    json="protobuf",
)


def get_rfqs(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    rfq_id: str | None = None,
    symbol: str | None = None,
    status: RFQStatus | None = None,
    user_filter: UserFilter | None = None,
) -> Call[GetRFQsResponse]:
    """List requests for quotes.

    Args:
        limit: Entries per page, 1 to 100. The venue takes 100 when absent.
        cursor: Cursor of the page before; absent for the first page.
        rfq_id: Only this request.
        symbol: Only this instrument.
        status: Only requests in this state.
        user_filter: Only the caller's own requests.

    GET /v1/rfqs
    Access: accessToken read:orders and participantId.
    Rate limit: 10 per second, shared as GetRFQs.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_RFQS,
        path=GET_RFQS.path,
        query=_call.query(
            GET_RFQS,
            limit=limit,
            cursor=cursor,
            rfq_id=rfq_id,
            symbol=symbol,
            status=status,
            user_filter=user_filter,
        ),
    )


CREATE_RFQ: Final = Operation(
    id="RFQAPI_CreateRFQ",
    name="rfqs.create_rfq",
    method="POST",
    path="/v1/rfqs",
    body=CreateRFQRequest,
    success={200: CreateRFQResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="CreateRFQ", rate=1, per=1),),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_rfq(body: CreateRFQRequest) -> Call[CreateRFQResponse]:
    """Ask for quotes.

    POST /v1/rfqs
    Access: accessToken write:orders and participantId.
    Rate limit: 1 per second, shared as CreateRFQ.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CREATE_RFQ,
        path=CREATE_RFQ.path,
        body=body,
    )


DELETE_RFQ: Final = Operation(
    id="RFQAPI_DeleteRFQ",
    name="rfqs.delete_rfq",
    method="DELETE",
    path="/v1/rfqs/{rfqId}",
    success={200: DeleteRFQResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="DeleteRFQ", rate=100, per=1),),
    retry="safe",
    lane="cancel",
    parameters=(Parameter(name="rfqId", python="rfq_id", kind="path", type=str, required=True),),
    json="protobuf",
)


def delete_rfq(rfq_id: str) -> Call[DeleteRFQResponse]:
    """Close a request.

    Only its creator may.

    Args:
        rfq_id: Request for quotes.

    DELETE /v1/rfqs/{rfqId}
    Access: accessToken write:orders and participantId.
    Rate limit: 100 per second, shared as DeleteRFQ.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=DELETE_RFQ,
        path=_call.fill(DELETE_RFQ, rfq_id=rfq_id),
    )


GET_QUOTES: Final = Operation(
    id="RFQAPI_GetQuotes",
    name="rfqs.get_quotes",
    method="GET",
    path="/v1/rfqs/quotes",
    success={200: GetQuotesResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetQuotes", rate=10, per=1),),
    retry="safe",
    lane="read",
    page=Page(request="cursor", response="cursor", items="quotes"),
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="quoteId", python="quote_id", kind="query", type=str, required=False),
        Parameter(name="rfqId", python="rfq_id", kind="query", type=str, required=False),
        Parameter(name="status", python="status", kind="query", type=QuoteStatus, required=False),
        Parameter(name="userFilter", python="user_filter", kind="query", type=UserFilter, required=False),
        Parameter(
            name="rfqUserFilter", python="rfq_user_filter", kind="query", type=UserFilter, required=False
        ),
    ),
    json="protobuf",
)


def get_quotes(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    quote_id: str | None = None,
    rfq_id: str | None = None,
    status: QuoteStatus | None = None,
    user_filter: UserFilter | None = None,
    rfq_user_filter: UserFilter | None = None,
) -> Call[GetQuotesResponse]:
    """List quotes.

    Without `rfqId`, exactly one of `userFilter` (own quotes) and `rfqUserFilter` (quotes on own
    requests) is set.

    Args:
        limit: Entries per page, 1 to 100. The venue takes 100 when absent.
        cursor: Cursor of the page before; absent for the first page.
        quote_id: Only this quote; needs `rfqId`.
        rfq_id: Only quotes on this request.
        status: Only quotes in this state.
        user_filter: Only the caller's own quotes.
        rfq_user_filter: Only quotes on the caller's own requests.

    GET /v1/rfqs/quotes
    Access: accessToken read:orders and participantId.
    Rate limit: 10 per second, shared as GetQuotes.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_QUOTES,
        path=GET_QUOTES.path,
        query=_call.query(
            GET_QUOTES,
            limit=limit,
            cursor=cursor,
            quote_id=quote_id,
            rfq_id=rfq_id,
            status=status,
            user_filter=user_filter,
            rfq_user_filter=rfq_user_filter,
        ),
    )


CREATE_QUOTE: Final = Operation(
    id="RFQAPI_CreateQuote",
    name="rfqs.create_quote",
    method="POST",
    path="/v1/rfqs/quotes",
    body=CreateQuoteRequest,
    success={200: CreateQuoteResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(
        RateLimit(
            bucket="CreateQuote", rate={"tier1": 400, "tier2": 600, "tier3": 800, "tier4": 2000}, per=1
        ),
    ),
    retry="never",
    lane="write",
    json="protobuf",
)


def create_quote(body: CreateQuoteRequest) -> Call[CreateQuoteResponse]:
    """Quote on a request, or replace the quote there.

    Every call makes a new id, a replacement too. The rates are those of the firm's RFQ tier, not its
    order tier.

    POST /v1/rfqs/quotes
    Access: accessToken write:orders and participantId.
    Rate limit: per second tier1 400, tier2 600, tier3 800, tier4 2000, shared as CreateQuote.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CREATE_QUOTE,
        path=CREATE_QUOTE.path,
        body=body,
    )


DELETE_QUOTE: Final = Operation(
    id="RFQAPI_DeleteQuote",
    name="rfqs.delete_quote",
    method="DELETE",
    path="/v1/rfqs/{rfqId}/quotes/{quoteId}",
    success={200: DeleteQuoteResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(
        RateLimit(
            bucket="DeleteQuote", rate={"tier1": 400, "tier2": 600, "tier3": 800, "tier4": 2000}, per=1
        ),
    ),
    retry="safe",
    lane="cancel",
    parameters=(
        Parameter(name="rfqId", python="rfq_id", kind="path", type=str, required=True),
        Parameter(name="quoteId", python="quote_id", kind="path", type=str, required=True),
    ),
    json="protobuf",
)


def delete_quote(rfq_id: str, quote_id: str) -> Call[DeleteQuoteResponse]:
    """Withdraw a quote.

    During last look this declines the acceptance. The rates are those of the firm's RFQ tier, not its
    order tier.

    Args:
        rfq_id: Request for quotes.
        quote_id: Quote.

    DELETE /v1/rfqs/{rfqId}/quotes/{quoteId}
    Access: accessToken write:orders and participantId.
    Rate limit: per second tier1 400, tier2 600, tier3 800, tier4 2000, shared as DeleteQuote.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=DELETE_QUOTE,
        path=_call.fill(DELETE_QUOTE, rfq_id=rfq_id, quote_id=quote_id),
    )


ACCEPT_QUOTE: Final = Operation(
    id="RFQAPI_AcceptQuote",
    name="rfqs.accept_quote",
    method="PUT",
    path="/v1/rfqs/{rfqId}/quotes/{quoteId}/accept",
    body=AcceptQuoteRequest,
    success={200: AcceptQuoteResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="AcceptQuote", rate=100, per=1),),
    retry="never",
    lane="write",
    parameters=(
        Parameter(name="rfqId", python="rfq_id", kind="path", type=str, required=True),
        Parameter(name="quoteId", python="quote_id", kind="path", type=str, required=True),
    ),
    json="protobuf",
)


def accept_quote(rfq_id: str, quote_id: str, body: AcceptQuoteRequest) -> Call[AcceptQuoteResponse]:
    """Take a quote.

    The quoter then has until the confirmation deadline to confirm or withdraw.

    Args:
        rfq_id: Request for quotes.
        quote_id: Quote.

    PUT /v1/rfqs/{rfqId}/quotes/{quoteId}/accept
    Access: accessToken write:orders and participantId.
    Rate limit: 100 per second, shared as AcceptQuote.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=ACCEPT_QUOTE,
        path=_call.fill(ACCEPT_QUOTE, rfq_id=rfq_id, quote_id=quote_id),
        body=body,
    )


CONFIRM_QUOTE: Final = Operation(
    id="RFQAPI_ConfirmQuote",
    name="rfqs.confirm_quote",
    method="PUT",
    path="/v1/rfqs/{rfqId}/quotes/{quoteId}/confirm",
    body=ConfirmQuoteRequest,
    success={200: ConfirmQuoteResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="ConfirmQuote", rate=100, per=1),),
    retry="never",
    lane="write",
    parameters=(
        Parameter(name="rfqId", python="rfq_id", kind="path", type=str, required=True),
        Parameter(name="quoteId", python="quote_id", kind="path", type=str, required=True),
    ),
    json="protobuf",
)


def confirm_quote(rfq_id: str, quote_id: str, body: ConfirmQuoteRequest) -> Call[ConfirmQuoteResponse]:
    """Stand by an accepted quote.

    Args:
        rfq_id: Request for quotes.
        quote_id: Quote.

    PUT /v1/rfqs/{rfqId}/quotes/{quoteId}/confirm
    Access: accessToken write:orders and participantId.
    Rate limit: 100 per second, shared as ConfirmQuote.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CONFIRM_QUOTE,
        path=_call.fill(CONFIRM_QUOTE, rfq_id=rfq_id, quote_id=quote_id),
        body=body,
    )


GET_RFQ_TRADES: Final = Operation(
    id="RFQAPI_GetRFQTrades",
    name="rfqs.get_rfq_trades",
    method="GET",
    path="/v1/rfqs/trades",
    success={200: GetRFQTradesResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetRFQTrades", rate=10, per=1),),
    retry="safe",
    lane="read",
    page=Page(request="cursor", response="cursor", items="trades"),
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="startTime", python="start_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="endTime", python="end_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
    ),
    json="protobuf",
)


def get_rfq_trades(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    start_time: dt.datetime | None = None,
    end_time: dt.datetime | None = None,
    symbol: str | None = None,
) -> Call[GetRFQTradesResponse]:
    """List fills that came from requests.

    Anonymous and newest first; later corrections do not show. A long cursor can make the address too
    long, which the venue answers with 403. A start not before the end is an invalid argument, one
    before the first record a failed precondition.

    Args:
        limit: Entries per page, 1 to 100. The venue takes 100 when absent.
        cursor: Cursor of the page before; absent for the first page.
        start_time: From this moment on, itself included.
        end_time: Up to this moment, itself excluded.
        symbol: Only this instrument.

    GET /v1/rfqs/trades
    Access: accessToken read:orders and participantId.
    Rate limit: 10 per second, shared as GetRFQTrades.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_RFQ_TRADES,
        path=GET_RFQ_TRADES.path,
        query=_call.query(
            GET_RFQ_TRADES,
            limit=limit,
            cursor=cursor,
            start_time=start_time,
            end_time=end_time,
            symbol=symbol,
        ),
    )


GET_RFQ_USER_ID: Final = Operation(
    id="RFQAPI_GetRFQUserID",
    name="rfqs.get_rfq_user_id",
    method="GET",
    path="/v1/rfqs/user-id",
    success={200: GetRFQUserIDResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetRFQUserID", rate=1, per=1),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def get_rfq_user_id() -> Call[GetRFQUserIDResponse]:
    """Read the caller's anonymous id in requests and quotes.

    GET /v1/rfqs/user-id
    Access: accessToken read:orders and participantId.
    Rate limit: 1 per second, shared as GetRFQUserID.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/rfqs OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_RFQ_USER_ID,
        path=GET_RFQ_USER_ID.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_RFQS.id: GET_RFQS,
    CREATE_RFQ.id: CREATE_RFQ,
    DELETE_RFQ.id: DELETE_RFQ,
    GET_QUOTES.id: GET_QUOTES,
    CREATE_QUOTE.id: CREATE_QUOTE,
    DELETE_QUOTE.id: DELETE_QUOTE,
    ACCEPT_QUOTE.id: ACCEPT_QUOTE,
    CONFIRM_QUOTE.id: CONFIRM_QUOTE,
    GET_RFQ_TRADES.id: GET_RFQ_TRADES,
    GET_RFQ_USER_ID.id: GET_RFQ_USER_ID,
}
