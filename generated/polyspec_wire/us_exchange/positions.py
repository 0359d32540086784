"""Positions, balances and the position ledger.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    DownloadPositionLedgerLine,
    GetAccountBalanceRequest,
    GetAccountBalanceResponse,
    GetPositionLedgerResponse,
    ListAccountBalancesRequest,
    ListAccountBalancesResponse,
    ListAccountPositionsResponse,
    Status,
)

__all__ = [
    "DOWNLOAD_POSITION_LEDGER",
    "GET_ACCOUNT_BALANCE",
    "GET_POSITION_LEDGER",
    "LIST_ACCOUNT_BALANCES",
    "LIST_ACCOUNT_POSITIONS",
    "OPERATIONS",
    "download_position_ledger",
    "get_account_balance",
    "get_position_ledger",
    "list_account_balances",
    "list_account_positions",
]

LIST_ACCOUNT_POSITIONS: Final = Operation(
    id="PositionAPI_ListAccountPositions",
    name="positions.list_account_positions",
    method="GET",
    path="/v1/positions",
    success={200: ListAccountPositionsResponse},
    failure=Status,
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="positions", eof="eof"),
    parameters=(
        Parameter(name="name", python="name", kind="query", type=str, required=True),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
        Parameter(name="asOfTime", python="as_of_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="asOfDate.year", python="as_of_date_year", kind="query", type=int, required=False),
        Parameter(name="asOfDate.month", python="as_of_date_month", kind="query", type=int, required=False),
        Parameter(name="asOfDate.day", python="as_of_date_day", kind="query", type=int, required=False),
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="activeOnly", python="active_only", kind="query", type=bool, required=False),
        Parameter(name="nonZeroOnly", python="non_zero_only", kind="query", type=bool, required=False),
    ),
    json="protobuf",
)


def list_account_positions(
    *,
    name: str,
    symbol: str | None = None,
    as_of_time: dt.datetime | None = None,
    as_of_date_year: int | None = None,
    as_of_date_month: int | None = None,
    as_of_date_day: int | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
    active_only: bool | None = None,
    non_zero_only: bool | None = None,
) -> Call[ListAccountPositionsResponse]:
    """List the positions of an account.

    Current ones, or those of a past moment given by `asOfTime` or by the three `asOfDate` parts, never
    both. The venue's schema leaves `name` optional, its text requires it, and calls without it have
    been seen to fail.

    Args:
        name: Account, `firms/{firm}/accounts/{account}`.
        symbol: Only this instrument.
        as_of_time: Positions as of this moment.
        as_of_date_year: Positions as of this trade date.
        as_of_date_month: Month of the trade date, 1 to 12.
        as_of_date_day: Day of the trade date, 1 to 31.
        page_size: Entries per page.
        page_token: Token of the page before; absent for the first page.
        active_only: Leave out expired positions.
        non_zero_only: Leave out positions of net zero; works for past moments too.

    GET /v1/positions
    Access: accessToken read:positions and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/positions OpenAPI).
    """
    return Call(
        operation=LIST_ACCOUNT_POSITIONS,
        path=LIST_ACCOUNT_POSITIONS.path,
        query=_call.query(
            LIST_ACCOUNT_POSITIONS,
            name=name,
            symbol=symbol,
            as_of_time=as_of_time,
            as_of_date_year=as_of_date_year,
            as_of_date_month=as_of_date_month,
            as_of_date_day=as_of_date_day,
            page_size=page_size,
            page_token=page_token,
            active_only=active_only,
            non_zero_only=non_zero_only,
        ),
    )


GET_ACCOUNT_BALANCE: Final = Operation(
    id="PositionAPI_GetAccountBalance",
    name="positions.get_account_balance",
    method="POST",
    path="/v1/positions/balance",
    body=GetAccountBalanceRequest,
    success={200: GetAccountBalanceResponse},
    failure=Status,
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def get_account_balance(body: GetAccountBalanceRequest) -> Call[GetAccountBalanceResponse]:
    """Read the balance of an account in one currency.

    Quickstart pages send an empty body.

    POST /v1/positions/balance
    Access: accessToken read:positions and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/positions OpenAPI).
    """
    return Call(
        operation=GET_ACCOUNT_BALANCE,
        path=GET_ACCOUNT_BALANCE.path,
        body=body,
    )


LIST_ACCOUNT_BALANCES: Final = Operation(
    id="PositionAPI_ListAccountBalances",
    name="positions.list_account_balances",
    method="POST",
    path="/v1/positions/balances",
    body=ListAccountBalancesRequest,
    success={200: ListAccountBalancesResponse},
    failure=Status,
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_account_balances(body: ListAccountBalancesRequest) -> Call[ListAccountBalancesResponse]:
    """Read the balances of an account in every currency.

    POST /v1/positions/balances
    Access: accessToken read:positions and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/positions OpenAPI).
    """
    return Call(
        operation=LIST_ACCOUNT_BALANCES,
        path=LIST_ACCOUNT_BALANCES.path,
        body=body,
    )


GET_POSITION_LEDGER: Final = Operation(
    id="PositionAPI_GetPositionLedger",
    name="positions.get_position_ledger",
    method="GET",
    path="/v1/positions/ledger",
    success={200: GetPositionLedgerResponse},
    failure=Status,
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetPositionLedger", rate=1, per=2, burst=5),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="entries", eof="eof"),
    parameters=(
        Parameter(name="account", python="account", kind="query", type=str, required=True),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
        Parameter(name="startTime", python="start_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="endTime", python="end_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="newestFirst", python="newest_first", kind="query", type=bool, required=False),
    ),
    json="protobuf",
)


def get_position_ledger(
    *,
    account: str,
    symbol: str | None = None,
    start_time: dt.datetime | None = None,
    end_time: dt.datetime | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
    newest_first: bool | None = None,
) -> Call[GetPositionLedgerResponse]:
    """List every change of an account's positions.

    An account of another firm is refused as denied.

    Args:
        account: Account, `firms/{firm}/accounts/{account}`.
        symbol: Only this instrument.
        start_time: From this moment on. Nothing lies before 2026-05-01; an earlier start is moved
        there.
        end_time: Up to this moment, itself included.
        page_size: Entries per page. More than 1000 is an invalid argument.
        page_token: Token of the page before; absent for the first page.
        newest_first: Newest entries first; oldest first when absent.

    GET /v1/positions/ledger
    Access: accessToken read:positions and participantId.
    Rate limit: 1 per 2 seconds, shared as GetPositionLedger.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/positions OpenAPI; institutional/positions overview).
    """
    return Call(
        operation=GET_POSITION_LEDGER,
        path=GET_POSITION_LEDGER.path,
        query=_call.query(
            GET_POSITION_LEDGER,
            account=account,
            symbol=symbol,
            start_time=start_time,
            end_time=end_time,
            page_size=page_size,
            page_token=page_token,
            newest_first=newest_first,
        ),
    )


DOWNLOAD_POSITION_LEDGER: Final = Operation(
    id="PositionAPI_DownloadPositionLedger",
    name="positions.download_position_ledger",
    method="GET",
    path="/v1/positions/ledger/download",
    success={200: DownloadPositionLedgerLine},
    failure=Status,
    stream="lines",
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="DownloadPositionLedger", rate=5, per=60, burst=1),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="account", python="account", kind="query", type=str, required=True),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
        Parameter(name="startTime", python="start_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="endTime", python="end_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="newestFirst", python="newest_first", kind="query", type=bool, required=False),
    ),
    json="protobuf",
)


def download_position_ledger(
    *,
    account: str,
    symbol: str | None = None,
    start_time: dt.datetime | None = None,
    end_time: dt.datetime | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
    newest_first: bool | None = None,
) -> Call[DownloadPositionLedgerLine]:
    """Download the position ledger as CSV.

    The schema promises a stream of JSON lines with base64 pieces, the prose plain CSV; the schema is
    followed here and readers should take both. Nothing found is an empty body.

    Args:
        account: Account, `firms/{firm}/accounts/{account}`.
        symbol: Only this instrument.
        start_time: From this moment on. Nothing lies before 2026-05-01; an earlier start is moved
        there.
        end_time: Up to this moment, itself included.
        page_size: Entries per page. More than 1000 is an invalid argument.
        page_token: Token of the page before; absent for the first page.
        newest_first: Newest entries first; oldest first when absent.

    GET /v1/positions/ledger/download
    Access: accessToken read:positions and participantId.
    Rate limit: 5 per minute, shared as DownloadPositionLedger.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/positions OpenAPI; institutional/positions overview).
    """
    return Call(
        operation=DOWNLOAD_POSITION_LEDGER,
        path=DOWNLOAD_POSITION_LEDGER.path,
        query=_call.query(
            DOWNLOAD_POSITION_LEDGER,
            account=account,
            symbol=symbol,
            start_time=start_time,
            end_time=end_time,
            page_size=page_size,
            page_token=page_token,
            newest_first=newest_first,
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    LIST_ACCOUNT_POSITIONS.id: LIST_ACCOUNT_POSITIONS,
    GET_ACCOUNT_BALANCE.id: GET_ACCOUNT_BALANCE,
    LIST_ACCOUNT_BALANCES.id: LIST_ACCOUNT_BALANCES,
    GET_POSITION_LEDGER.id: GET_POSITION_LEDGER,
    DOWNLOAD_POSITION_LEDGER.id: DOWNLOAD_POSITION_LEDGER,
}
