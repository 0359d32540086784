"""Requests for quotes. Known from the venue's clients alone.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Number, Operation, Page, Parameter, RateLimit
from polyspec_wire.clob.models import (
    ErrorResponse,
    RfqOrder,
    RfqQuote,
    RfqQuoteCancellation,
    RfqQuoteParams,
    RfqQuoteResponse,
    RfqQuotesResponse,
    RfqRequestCancellation,
    RfqRequestParams,
    RfqRequestResponse,
    RfqRequestsResponse,
)

__all__ = [
    "ACCEPT_QUOTE",
    "APPROVE_ORDER",
    "CANCEL_QUOTE",
    "CANCEL_REQUEST",
    "CREATE_QUOTE",
    "CREATE_REQUEST",
    "GET_BEST_QUOTE",
    "GET_CONFIG",
    "GET_QUOTER_QUOTES",
    "GET_REQUESTER_QUOTES",
    "GET_REQUESTS",
    "OPERATIONS",
    "accept_quote",
    "approve_order",
    "cancel_quote",
    "cancel_request",
    "create_quote",
    "create_request",
    "get_best_quote",
    "get_config",
    "get_quoter_quotes",
    "get_requester_quotes",
    "get_requests",
]

CREATE_REQUEST: Final = Operation(
    id="Rfq_CreateRequest",
    name="rfq.create_request",
    method="POST",
    path="/rfq/request",
    body=RfqRequestParams,
    success={200: RfqRequestResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def create_request(body: RfqRequestParams) -> Call[RfqRequestResponse]:
    """Ask for quotes.

    POST /rfq/request
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=CREATE_REQUEST,
        path=CREATE_REQUEST.path,
        body=body,
    )


CANCEL_REQUEST: Final = Operation(
    id="Rfq_CancelRequest",
    name="rfq.cancel_request",
    method="DELETE",
    path="/rfq/request",
    body=RfqRequestCancellation,
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_request(body: RfqRequestCancellation) -> Call[str]:
    """Withdraw a request.

    No limit is kept here although the general one holds: a withdrawal never waits behind reads.

    DELETE /rfq/request
    Access: l2.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=CANCEL_REQUEST,
        path=CANCEL_REQUEST.path,
        body=body,
    )


GET_REQUESTS: Final = Operation(
    id="Rfq_GetRequests",
    name="rfq.get_requests",
    method="GET",
    path="/rfq/data/requests",
    success={200: RfqRequestsResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="offset", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="state", python="state", kind="query", type=str, required=False),
        Parameter(name="requestIds", python="request_ids", kind="query", type=list[str], required=False),
        Parameter(name="markets", python="markets", kind="query", type=list[str], required=False),
        Parameter(name="sizeMin", python="size_min", kind="query", type=Number, required=False),
        Parameter(name="sizeMax", python="size_max", kind="query", type=Number, required=False),
        Parameter(name="sizeUsdcMin", python="size_usdc_min", kind="query", type=Number, required=False),
        Parameter(name="sizeUsdcMax", python="size_usdc_max", kind="query", type=Number, required=False),
        Parameter(name="priceMin", python="price_min", kind="query", type=Number, required=False),
        Parameter(name="priceMax", python="price_max", kind="query", type=Number, required=False),
        Parameter(name="sortBy", python="sort_by", kind="query", type=str, required=False),
        Parameter(name="sortDir", python="sort_dir", kind="query", type=str, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_requests(
    *,
    state: str | None = None,
    request_ids: list[str] | None = None,
    markets: list[str] | None = None,
    size_min: Number | None = None,
    size_max: Number | None = None,
    size_usdc_min: Number | None = None,
    size_usdc_max: Number | None = None,
    price_min: Number | None = None,
    price_max: Number | None = None,
    sort_by: str | None = None,
    sort_dir: str | None = None,
    limit: int | None = None,
    offset: str | None = None,
) -> Call[RfqRequestsResponse]:
    """List requests.

    Args:
        state: active or inactive.
        request_ids: Only these requests. Repeat the key for several.
        markets: Only these condition ids. Repeat the key for several.
        sort_by: price, expiry, size or created.
        sort_dir: asc or desc.
        limit: Entries per page.
        offset: Cursor of the page before; absent for the first page.

    GET /rfq/data/requests
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=GET_REQUESTS,
        path=GET_REQUESTS.path,
        query=_call.query(
            GET_REQUESTS,
            state=state,
            request_ids=request_ids,
            markets=markets,
            size_min=size_min,
            size_max=size_max,
            size_usdc_min=size_usdc_min,
            size_usdc_max=size_usdc_max,
            price_min=price_min,
            price_max=price_max,
            sort_by=sort_by,
            sort_dir=sort_dir,
            limit=limit,
            offset=offset,
        ),
    )


CREATE_QUOTE: Final = Operation(
    id="Rfq_CreateQuote",
    name="rfq.create_quote",
    method="POST",
    path="/rfq/quote",
    body=RfqQuoteParams,
    success={200: RfqQuoteResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def create_quote(body: RfqQuoteParams) -> Call[RfqQuoteResponse]:
    """Quote for a request.

    POST /rfq/quote
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=CREATE_QUOTE,
        path=CREATE_QUOTE.path,
        body=body,
    )


CANCEL_QUOTE: Final = Operation(
    id="Rfq_CancelQuote",
    name="rfq.cancel_quote",
    method="DELETE",
    path="/rfq/quote",
    body=RfqQuoteCancellation,
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    retry="safe",
    lane="cancel",
    json="plain",
)


def cancel_quote(body: RfqQuoteCancellation) -> Call[str]:
    """Withdraw a quote.

    No limit is kept here although the general one holds: a withdrawal never waits behind reads.

    DELETE /rfq/quote
    Access: l2.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=CANCEL_QUOTE,
        path=CANCEL_QUOTE.path,
        body=body,
    )


GET_REQUESTER_QUOTES: Final = Operation(
    id="Rfq_GetRequesterQuotes",
    name="rfq.get_requester_quotes",
    method="GET",
    path="/rfq/data/requester/quotes",
    success={200: RfqQuotesResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="offset", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="quoteIds", python="quote_ids", kind="query", type=list[str], required=False),
        Parameter(name="state", python="state", kind="query", type=str, required=False),
        Parameter(name="requestIds", python="request_ids", kind="query", type=list[str], required=False),
        Parameter(name="markets", python="markets", kind="query", type=list[str], required=False),
        Parameter(name="sizeMin", python="size_min", kind="query", type=Number, required=False),
        Parameter(name="sizeMax", python="size_max", kind="query", type=Number, required=False),
        Parameter(name="sizeUsdcMin", python="size_usdc_min", kind="query", type=Number, required=False),
        Parameter(name="sizeUsdcMax", python="size_usdc_max", kind="query", type=Number, required=False),
        Parameter(name="priceMin", python="price_min", kind="query", type=Number, required=False),
        Parameter(name="priceMax", python="price_max", kind="query", type=Number, required=False),
        Parameter(name="sortBy", python="sort_by", kind="query", type=str, required=False),
        Parameter(name="sortDir", python="sort_dir", kind="query", type=str, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_requester_quotes(
    *,
    quote_ids: list[str] | None = None,
    state: str | None = None,
    request_ids: list[str] | None = None,
    markets: list[str] | None = None,
    size_min: Number | None = None,
    size_max: Number | None = None,
    size_usdc_min: Number | None = None,
    size_usdc_max: Number | None = None,
    price_min: Number | None = None,
    price_max: Number | None = None,
    sort_by: str | None = None,
    sort_dir: str | None = None,
    limit: int | None = None,
    offset: str | None = None,
) -> Call[RfqQuotesResponse]:
    """List quotes for one's requests.

    Args:
        quote_ids: Only these quotes. Repeat the key for several.
        state: active or inactive.
        request_ids: Only these requests. Repeat the key for several.
        markets: Only these condition ids. Repeat the key for several.
        sort_by: price, expiry, size or created.
        sort_dir: asc or desc.
        limit: Entries per page.
        offset: Cursor of the page before; absent for the first page.

    GET /rfq/data/requester/quotes
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=GET_REQUESTER_QUOTES,
        path=GET_REQUESTER_QUOTES.path,
        query=_call.query(
            GET_REQUESTER_QUOTES,
            quote_ids=quote_ids,
            state=state,
            request_ids=request_ids,
            markets=markets,
            size_min=size_min,
            size_max=size_max,
            size_usdc_min=size_usdc_min,
            size_usdc_max=size_usdc_max,
            price_min=price_min,
            price_max=price_max,
            sort_by=sort_by,
            sort_dir=sort_dir,
            limit=limit,
            offset=offset,
        ),
    )


GET_QUOTER_QUOTES: Final = Operation(
    id="Rfq_GetQuoterQuotes",
    name="rfq.get_quoter_quotes",
    method="GET",
    path="/rfq/data/quoter/quotes",
    success={200: RfqQuotesResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="offset", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="quoteIds", python="quote_ids", kind="query", type=list[str], required=False),
        Parameter(name="state", python="state", kind="query", type=str, required=False),
        Parameter(name="requestIds", python="request_ids", kind="query", type=list[str], required=False),
        Parameter(name="markets", python="markets", kind="query", type=list[str], required=False),
        Parameter(name="sizeMin", python="size_min", kind="query", type=Number, required=False),
        Parameter(name="sizeMax", python="size_max", kind="query", type=Number, required=False),
        Parameter(name="sizeUsdcMin", python="size_usdc_min", kind="query", type=Number, required=False),
        Parameter(name="sizeUsdcMax", python="size_usdc_max", kind="query", type=Number, required=False),
        Parameter(name="priceMin", python="price_min", kind="query", type=Number, required=False),
        Parameter(name="priceMax", python="price_max", kind="query", type=Number, required=False),
        Parameter(name="sortBy", python="sort_by", kind="query", type=str, required=False),
        Parameter(name="sortDir", python="sort_dir", kind="query", type=str, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_quoter_quotes(
    *,
    quote_ids: list[str] | None = None,
    state: str | None = None,
    request_ids: list[str] | None = None,
    markets: list[str] | None = None,
    size_min: Number | None = None,
    size_max: Number | None = None,
    size_usdc_min: Number | None = None,
    size_usdc_max: Number | None = None,
    price_min: Number | None = None,
    price_max: Number | None = None,
    sort_by: str | None = None,
    sort_dir: str | None = None,
    limit: int | None = None,
    offset: str | None = None,
) -> Call[RfqQuotesResponse]:
    """List one's quotes.

    Args:
        quote_ids: Only these quotes. Repeat the key for several.
        state: active or inactive.
        request_ids: Only these requests. Repeat the key for several.
        markets: Only these condition ids. Repeat the key for several.
        sort_by: price, expiry, size or created.
        sort_dir: asc or desc.
        limit: Entries per page.
        offset: Cursor of the page before; absent for the first page.

    GET /rfq/data/quoter/quotes
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=GET_QUOTER_QUOTES,
        path=GET_QUOTER_QUOTES.path,
        query=_call.query(
            GET_QUOTER_QUOTES,
            quote_ids=quote_ids,
            state=state,
            request_ids=request_ids,
            markets=markets,
            size_min=size_min,
            size_max=size_max,
            size_usdc_min=size_usdc_min,
            size_usdc_max=size_usdc_max,
            price_min=price_min,
            price_max=price_max,
            sort_by=sort_by,
            sort_dir=sort_dir,
            limit=limit,
            offset=offset,
        ),
    )


GET_BEST_QUOTE: Final = Operation(
    id="Rfq_GetBestQuote",
    name="rfq.get_best_quote",
    method="GET",
    path="/rfq/data/best-quote",
    success={200: RfqQuote},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="requestId", python="request_id", kind="query", type=str, required=True),),
    json="plain",
)


def get_best_quote(*, request_id: str) -> Call[RfqQuote]:
    """Read the best quote for a request.

    Args:
        request_id: The request.

    GET /rfq/data/best-quote
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=GET_BEST_QUOTE,
        path=GET_BEST_QUOTE.path,
        query=_call.query(GET_BEST_QUOTE, request_id=request_id),
    )


ACCEPT_QUOTE: Final = Operation(
    id="Rfq_AcceptQuote",
    name="rfq.accept_quote",
    method="POST",
    path="/rfq/request/accept",
    body=RfqOrder,
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def accept_quote(body: RfqOrder) -> Call[str]:
    """Accept a quote with a signed order.

    The order in it has the V1 shape even in clients of today; whether the service still takes it is
    unknown.

    POST /rfq/request/accept
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=ACCEPT_QUOTE,
        path=ACCEPT_QUOTE.path,
        body=body,
    )


APPROVE_ORDER: Final = Operation(
    id="Rfq_ApproveOrder",
    name="rfq.approve_order",
    method="POST",
    path="/rfq/quote/approve",
    body=RfqOrder,
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def approve_order(body: RfqOrder) -> Call[str]:
    """Approve an accepted quote with a signed order.

    The order in it has the V1 shape even in clients of today; whether the service still takes it is
    unknown.

    POST /rfq/quote/approve
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=APPROVE_ORDER,
        path=APPROVE_ORDER.path,
        body=body,
    )


GET_CONFIG: Final = Operation(
    id="Rfq_GetConfig",
    name="rfq.get_config",
    method="GET",
    path="/rfq/config",
    success={200: dict[str, Any]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_config() -> Call[dict[str, Any]]:
    """Read the settings of RFQ.

    GET /rfq/config
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client; py-clob-client-v2).
    """
    return Call(
        operation=GET_CONFIG,
        path=GET_CONFIG.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    CREATE_REQUEST.id: CREATE_REQUEST,
    CANCEL_REQUEST.id: CANCEL_REQUEST,
    GET_REQUESTS.id: GET_REQUESTS,
    CREATE_QUOTE.id: CREATE_QUOTE,
    CANCEL_QUOTE.id: CANCEL_QUOTE,
    GET_REQUESTER_QUOTES.id: GET_REQUESTER_QUOTES,
    GET_QUOTER_QUOTES.id: GET_QUOTER_QUOTES,
    GET_BEST_QUOTE.id: GET_BEST_QUOTE,
    ACCEPT_QUOTE.id: ACCEPT_QUOTE,
    APPROVE_ORDER.id: APPROVE_ORDER,
    GET_CONFIG.id: GET_CONFIG,
}
