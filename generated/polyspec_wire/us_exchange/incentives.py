"""Liquidity programs and what they paid.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    GetIncentivesEarnedResponse,
    InstrumentState,
    ListIncentivesResponse,
    Status,
)

__all__ = [
    "GET_INCENTIVES_EARNED",
    "LIST_INCENTIVES",
    "OPERATIONS",
    "get_incentives_earned",
    "list_incentives",
]

LIST_INCENTIVES: Final = Operation(
    id="IncentivesAPI_ListIncentives",
    name="incentives.list_incentives",
    method="GET",
    path="/v1/incentives",
    success={200: ListIncentivesResponse},
    failure=Status,
    security=(),
    rate_limits=(RateLimit(bucket="ListIncentives", rate=5, per=1),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="programs"),
    parameters=(
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="symbols", python="symbols", kind="query", type=list[str], required=False),
        Parameter(name="orderBy", python="order_by", kind="query", type=str, required=False),
        Parameter(name="orderDirection", python="order_direction", kind="query", type=str, required=False),
        Parameter(name="statuses", python="statuses", kind="query", type=list[str], required=False),
        Parameter(name="programType", python="program_type", kind="query", type=str, required=False),
        Parameter(name="query", python="query", kind="query", type=str, required=False),
        Parameter(
            name="instrumentStates",
            python="instrument_states",
            kind="query",
            type=list[InstrumentState],
            required=False,
        ),
        Parameter(name="category", python="category", kind="query", type=str, required=False),
        Parameter(name="subcategory", python="subcategory", kind="query", type=str, required=False),
    ),
    json="protobuf",
)


def list_incentives(
    *,
    page_size: int | None = None,
    page_token: str | None = None,
    symbols: list[str] | None = None,
    order_by: str | None = None,
    order_direction: str | None = None,
    statuses: list[str] | None = None,
    program_type: str | None = None,
    query: str | None = None,
    instrument_states: list[InstrumentState] | None = None,
    category: str | None = None,
    subcategory: str | None = None,
) -> Call[ListIncentivesResponse]:
    """List incentive programs by market.

    Public.

    Args:
        page_size: Entries per page.
        page_token: Token of the page before; absent for the first page.
        symbols: Only these markets. Repeat the key for several.
        order_by: `created_at`.
        order_direction: `asc` or `desc`; the venue takes `desc` when absent.
        statuses: Any of `active`, `closed`, `pending`. Repeat the key for several.
        program_type: E.g. `liquidityProgram` or `volumeProgram`.
        query: Part of a market slug, in any case.
        instrument_states: Only markets in one of these states. Repeat the key for several.
        category: Exact metadata `event_category`.
        subcategory: Exact metadata `event_subcategory`.

    GET /v1/incentives
    Access: open to everybody.
    Rate limit: 5 per second, shared as ListIncentives.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/incentives OpenAPI; institutional/incentives overview).
    """
    return Call(
        operation=LIST_INCENTIVES,
        path=LIST_INCENTIVES.path,
        query=_call.query(
            LIST_INCENTIVES,
            page_size=page_size,
            page_token=page_token,
            symbols=symbols,
            order_by=order_by,
            order_direction=order_direction,
            statuses=statuses,
            program_type=program_type,
            query=query,
            instrument_states=instrument_states,
            category=category,
            subcategory=subcategory,
        ),
    )


GET_INCENTIVES_EARNED: Final = Operation(
    id="IncentivesAPI_GetIncentivesEarned",
    name="incentives.get_incentives_earned",
    method="GET",
    path="/v1/incentives/earnings",
    success={200: GetIncentivesEarnedResponse},
    failure=Status,
    security=((("accessToken", ("read:reports",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetIncentivesEarned", rate=5, per=1),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="startDate", python="start_date", kind="query", type=str, required=False),
        Parameter(name="endDate", python="end_date", kind="query", type=str, required=False),
        Parameter(name="marketSlug", python="market_slug", kind="query", type=str, required=False),
        Parameter(name="programType", python="program_type", kind="query", type=str, required=False),
    ),
    json="protobuf",
)


def get_incentives_earned(
    *,
    start_date: str | None = None,
    end_date: str | None = None,
    market_slug: str | None = None,
    program_type: str | None = None,
) -> Call[GetIncentivesEarnedResponse]:
    """List what the participant earned.

    Switched off in pre-production, where the route is not found. Days are days in Eastern time.

    Args:
        start_date: `YYYY-MM-DD`; the venue takes 2026-03-21 when absent.
        end_date: `YYYY-MM-DD`.
        market_slug: Only this market.
        program_type: E.g. `liquidityProgram`.

    GET /v1/incentives/earnings
    Access: accessToken read:reports and participantId.
    Rate limit: 5 per second, shared as GetIncentivesEarned.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/incentives OpenAPI; institutional/incentives overview).
    """
    return Call(
        operation=GET_INCENTIVES_EARNED,
        path=GET_INCENTIVES_EARNED.path,
        query=_call.query(
            GET_INCENTIVES_EARNED,
            start_date=start_date,
            end_date=end_date,
            market_slug=market_slug,
            program_type=program_type,
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    LIST_INCENTIVES.id: LIST_INCENTIVES,
    GET_INCENTIVES_EARNED.id: GET_INCENTIVES_EARNED,
}
