"""Balance ledger and, in beta, funding accounts, sources and transactions.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    AccountType,
    DownloadBalanceLedgerLine,
    FundingSourceType,
    FundingTransactionState,
    FundingTransactionType,
    GetAccountBalanceLedgerResponse,
    LedgerEntryType,
    ListFundingAccountsResponse,
    ListFundingSourcesResponse,
    ListFundingTransactionsResponse,
    ListTransactionRequirementsResponse,
    Status,
    UpdateFundingAccountRequest,
    UpdateFundingAccountResponse,
)

__all__ = [
    "DOWNLOAD_BALANCE_LEDGER",
    "GET_ACCOUNT_BALANCE_LEDGER",
    "LIST_FUNDING_ACCOUNTS",
    "LIST_FUNDING_SOURCES",
    "LIST_FUNDING_TRANSACTIONS",
    "LIST_TRANSACTION_REQUIREMENTS",
    "OPERATIONS",
    "UPDATE_FUNDING_ACCOUNT",
    "download_balance_ledger",
    "get_account_balance_ledger",
    "list_funding_accounts",
    "list_funding_sources",
    "list_funding_transactions",
    "list_transaction_requirements",
    "update_funding_account",
]

GET_ACCOUNT_BALANCE_LEDGER: Final = Operation(
    id="FundingAPI_GetAccountBalanceLedger",
    name="funding.get_account_balance_ledger",
    method="GET",
    path="/v1/funding/balance-ledger",
    success={200: GetAccountBalanceLedgerResponse},
    failure=Status,
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetAccountBalanceLedger", rate=1, per=2, burst=5),),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="entries", eof="eof"),
    parameters=(
        Parameter(name="account", python="account", kind="query", type=str, required=True),
        Parameter(name="currency", python="currency", kind="query", type=str, required=False),
        Parameter(name="startTime", python="start_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="endTime", python="end_time", kind="query", type=dt.datetime, required=False),
        Parameter(
            name="entryTypes", python="entry_types", kind="query", type=list[LedgerEntryType], required=False
        ),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
        Parameter(name="description", python="description", kind="query", type=str, required=False),
        Parameter(name="newestFirst", python="newest_first", kind="query", type=bool, required=False),
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
    ),
    json="protobuf",
)


def get_account_balance_ledger(
    *,
    account: str,
    currency: str | None = None,
    start_time: dt.datetime | None = None,
    end_time: dt.datetime | None = None,
    entry_types: list[LedgerEntryType] | None = None,
    symbol: str | None = None,
    description: str | None = None,
    newest_first: bool | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
) -> Call[GetAccountBalanceLedgerResponse]:
    """List every change of an account's cash.

    Opened by `read:positions`, in spite of its path. Asking for an entry type the venue keeps to itself
    is a 409.

    Args:
        account: Account, `firms/{firm}/accounts/{account}`.
        currency: Only this currency.
        start_time: From this moment on. Nothing lies before 2026-05-01; an earlier start is moved
        there.
        end_time: Up to this moment, itself included.
        entry_types: Any of these. Repeat the key for several.
        symbol: Only this instrument.
        description: Part of the entry's description, at most 200 characters.
        newest_first: Newest entries first; oldest first when absent.
        page_size: Entries per page. More than 1000 is an invalid argument.
        page_token: Token of the page before; absent for the first page.

    GET /v1/funding/balance-ledger
    Access: accessToken read:positions and participantId.
    Rate limit: 1 per 2 seconds, shared as GetAccountBalanceLedger.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/funding OpenAPI; institutional/funding overview).
    """
    return Call(
        operation=GET_ACCOUNT_BALANCE_LEDGER,
        path=GET_ACCOUNT_BALANCE_LEDGER.path,
        query=_call.query(
            GET_ACCOUNT_BALANCE_LEDGER,
            account=account,
            currency=currency,
            start_time=start_time,
            end_time=end_time,
            entry_types=entry_types,
            symbol=symbol,
            description=description,
            newest_first=newest_first,
            page_size=page_size,
            page_token=page_token,
        ),
    )


DOWNLOAD_BALANCE_LEDGER: Final = Operation(
    id="FundingAPI_DownloadBalanceLedger",
    name="funding.download_balance_ledger",
    method="GET",
    path="/v1/funding/balance-ledger/download",
    success={200: DownloadBalanceLedgerLine},
    failure=Status,
    stream="lines",
    security=((("accessToken", ("read:positions",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="DownloadBalanceLedger", rate=5, per=60, burst=1),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="account", python="account", kind="query", type=str, required=True),
        Parameter(name="currency", python="currency", kind="query", type=str, required=False),
        Parameter(name="startTime", python="start_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="endTime", python="end_time", kind="query", type=dt.datetime, required=False),
        Parameter(
            name="entryTypes", python="entry_types", kind="query", type=list[LedgerEntryType], required=False
        ),
        Parameter(name="symbol", python="symbol", kind="query", type=str, required=False),
        Parameter(name="description", python="description", kind="query", type=str, required=False),
        Parameter(name="newestFirst", python="newest_first", kind="query", type=bool, required=False),
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
    ),
    json="protobuf",
)


def download_balance_ledger(
    *,
    account: str,
    currency: str | None = None,
    start_time: dt.datetime | None = None,
    end_time: dt.datetime | None = None,
    entry_types: list[LedgerEntryType] | None = None,
    symbol: str | None = None,
    description: str | None = None,
    newest_first: bool | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
) -> Call[DownloadBalanceLedgerLine]:
    """Download the balance ledger as CSV.

    The schema promises a stream of JSON lines with base64 pieces, the prose plain CSV; the schema is
    followed here and readers should take both. Nothing found is an empty body.

    Args:
        account: Account, `firms/{firm}/accounts/{account}`.
        currency: Only this currency.
        start_time: From this moment on. Nothing lies before 2026-05-01; an earlier start is moved
        there.
        end_time: Up to this moment, itself included.
        entry_types: Any of these. Repeat the key for several.
        symbol: Only this instrument.
        description: Part of the entry's description, at most 200 characters.
        newest_first: Newest entries first; oldest first when absent.
        page_size: Entries per page. More than 1000 is an invalid argument.
        page_token: Token of the page before; absent for the first page.

    GET /v1/funding/balance-ledger/download
    Access: accessToken read:positions and participantId.
    Rate limit: 5 per minute, shared as DownloadBalanceLedger.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/funding OpenAPI; institutional/funding overview).
    """
    return Call(
        operation=DOWNLOAD_BALANCE_LEDGER,
        path=DOWNLOAD_BALANCE_LEDGER.path,
        query=_call.query(
            DOWNLOAD_BALANCE_LEDGER,
            account=account,
            currency=currency,
            start_time=start_time,
            end_time=end_time,
            entry_types=entry_types,
            symbol=symbol,
            description=description,
            newest_first=newest_first,
            page_size=page_size,
            page_token=page_token,
        ),
    )


LIST_FUNDING_SOURCES: Final = Operation(
    id="FundingAPI_ListFundingSources",
    name="funding.list_funding_sources",
    method="GET",
    path="/v1/funding/sources",
    success={200: ListFundingSourcesResponse},
    failure=Status,
    security=(
        (("accessToken", ("read:funding",)), ("participantId", ())),
        (("accessToken", ("read:funding",)),),
    ),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="fundingSources", eof="eof"),
    parameters=(
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(
            name="fundingSourceIds", python="funding_source_ids", kind="query", type=list[str], required=False
        ),
        Parameter(
            name="fundingSourceType",
            python="funding_source_type",
            kind="query",
            type=FundingSourceType,
            required=False,
        ),
    ),
    json="protobuf",
)


def list_funding_sources(
    *,
    page_size: int | None = None,
    page_token: str | None = None,
    funding_source_ids: list[str] | None = None,
    funding_source_type: FundingSourceType | None = None,
) -> Call[ListFundingSourcesResponse]:
    """List bank accounts and cards.

    Args:
        page_size: Entries per page.
        page_token: Token of the page before; absent for the first page.
        funding_source_ids: Only these sources. Repeat the key for several.
        funding_source_type: Only sources of this type.

    GET /v1/funding/sources
    Access: accessToken read:funding and participantId, or accessToken read:funding.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/payments/funding-management).
    """
    return Call(
        operation=LIST_FUNDING_SOURCES,
        path=LIST_FUNDING_SOURCES.path,
        query=_call.query(
            LIST_FUNDING_SOURCES,
            page_size=page_size,
            page_token=page_token,
            funding_source_ids=funding_source_ids,
            funding_source_type=funding_source_type,
        ),
    )


LIST_FUNDING_ACCOUNTS: Final = Operation(
    id="FundingAPI_ListFundingAccounts",
    name="funding.list_funding_accounts",
    method="GET",
    path="/v1/funding/accounts",
    success={200: ListFundingAccountsResponse},
    failure=Status,
    security=(
        (("accessToken", ("read:funding",)), ("participantId", ())),
        (("accessToken", ("read:funding",)),),
    ),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="accounts", eof="eof"),
    parameters=(
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="accountIds", python="account_ids", kind="query", type=list[str], required=False),
        Parameter(
            name="fundingSourceIds", python="funding_source_ids", kind="query", type=list[str], required=False
        ),
        Parameter(name="accountType", python="account_type", kind="query", type=AccountType, required=False),
    ),
    json="protobuf",
)


def list_funding_accounts(
    *,
    page_size: int | None = None,
    page_token: str | None = None,
    account_ids: list[str] | None = None,
    funding_source_ids: list[str] | None = None,
    account_type: AccountType | None = None,
) -> Call[ListFundingAccountsResponse]:
    """List funding accounts.

    Args:
        page_size: Entries per page.
        page_token: Token of the page before; absent for the first page.
        account_ids: Only these funding accounts. Repeat the key for several.
        funding_source_ids: Only these sources. Repeat the key for several.
        account_type: Only accounts of this type.

    GET /v1/funding/accounts
    Access: accessToken read:funding and participantId, or accessToken read:funding.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/payments/funding-management).
    """
    return Call(
        operation=LIST_FUNDING_ACCOUNTS,
        path=LIST_FUNDING_ACCOUNTS.path,
        query=_call.query(
            LIST_FUNDING_ACCOUNTS,
            page_size=page_size,
            page_token=page_token,
            account_ids=account_ids,
            funding_source_ids=funding_source_ids,
            account_type=account_type,
        ),
    )


UPDATE_FUNDING_ACCOUNT: Final = Operation(
    id="FundingAPI_UpdateFundingAccount",
    name="funding.update_funding_account",
    method="PATCH",
    path="/v1/funding/accounts/{id}",
    body=UpdateFundingAccountRequest,
    success={200: UpdateFundingAccountResponse},
    failure=Status,
    security=(
        (("accessToken", ("write:funding",)), ("participantId", ())),
        (("accessToken", ("write:funding",)),),
    ),
    retry="safe",
    lane="write",
    parameters=(Parameter(name="id", python="id", kind="path", type=str, required=True),),
    json="protobuf",
)


def update_funding_account(id: str, body: UpdateFundingAccountRequest) -> Call[UpdateFundingAccountResponse]:
    """Rename a funding account.

    Args:
        id: Funding account.

    PATCH /v1/funding/accounts/{id}
    Access: accessToken write:funding and participantId, or accessToken write:funding.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/payments/funding-management).
    """
    return Call(
        operation=UPDATE_FUNDING_ACCOUNT,
        path=_call.fill(UPDATE_FUNDING_ACCOUNT, id=id),
        body=body,
    )


LIST_FUNDING_TRANSACTIONS: Final = Operation(
    id="FundingAPI_ListFundingTransactions",
    name="funding.list_funding_transactions",
    method="GET",
    path="/v1/funding/transactions",
    success={200: ListFundingTransactionsResponse},
    failure=Status,
    security=(
        (("accessToken", ("read:funding",)), ("participantId", ())),
        (("accessToken", ("read:funding",)),),
    ),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="transactions", eof="eof"),
    parameters=(
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="accountId", python="account_id", kind="query", type=str, required=False),
        Parameter(name="currency", python="currency", kind="query", type=str, required=False),
        Parameter(
            name="transactionTypes",
            python="transaction_types",
            kind="query",
            type=list[FundingTransactionType],
            required=False,
        ),
        Parameter(
            name="transactionStates",
            python="transaction_states",
            kind="query",
            type=list[FundingTransactionState],
            required=False,
        ),
        Parameter(name="startTime", python="start_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="endTime", python="end_time", kind="query", type=dt.datetime, required=False),
        Parameter(name="newestFirst", python="newest_first", kind="query", type=bool, required=False),
    ),
    json="protobuf",
)


def list_funding_transactions(
    *,
    page_size: int | None = None,
    page_token: str | None = None,
    account_id: str | None = None,
    currency: str | None = None,
    transaction_types: list[FundingTransactionType] | None = None,
    transaction_states: list[FundingTransactionState] | None = None,
    start_time: dt.datetime | None = None,
    end_time: dt.datetime | None = None,
    newest_first: bool | None = None,
) -> Call[ListFundingTransactionsResponse]:
    """List deposits, withdrawals and other transactions.

    Args:
        page_size: Entries per page.
        page_token: Token of the page before; absent for the first page.
        account_id: Only this funding account.
        currency: Only this currency.
        transaction_types: Any of these. Repeat the key for several.
        transaction_states: Any of these. Repeat the key for several.
        start_time: From this moment on.
        end_time: Up to this moment.
        newest_first: Newest entries first; oldest first when absent.

    GET /v1/funding/transactions
    Access: accessToken read:funding and participantId, or accessToken read:funding.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/payments/funding-management).
    """
    return Call(
        operation=LIST_FUNDING_TRANSACTIONS,
        path=LIST_FUNDING_TRANSACTIONS.path,
        query=_call.query(
            LIST_FUNDING_TRANSACTIONS,
            page_size=page_size,
            page_token=page_token,
            account_id=account_id,
            currency=currency,
            transaction_types=transaction_types,
            transaction_states=transaction_states,
            start_time=start_time,
            end_time=end_time,
            newest_first=newest_first,
        ),
    )


LIST_TRANSACTION_REQUIREMENTS: Final = Operation(
    id="FundingAPI_ListTransactionRequirements",
    name="funding.list_transaction_requirements",
    method="GET",
    path="/v1/funding/transaction-requirements",
    success={200: ListTransactionRequirementsResponse},
    failure=Status,
    security=(
        (("accessToken", ("read:funding",)), ("participantId", ())),
        (("accessToken", ("read:funding",)),),
    ),
    retry="safe",
    lane="read",
    page=Page(request="pageToken", response="nextPageToken", items="transactionRequirements", eof="eof"),
    parameters=(
        Parameter(name="pageSize", python="page_size", kind="query", type=int, required=False),
        Parameter(name="pageToken", python="page_token", kind="query", type=str, required=False),
        Parameter(name="accountIds", python="account_ids", kind="query", type=list[str], required=False),
    ),
    json="protobuf",
)


def list_transaction_requirements(
    *, page_size: int | None = None, page_token: str | None = None, account_ids: list[str] | None = None
) -> Call[ListTransactionRequirementsResponse]:
    """List what a transaction must satisfy.

    Above all, how much of a withdrawal has to go back to the source it came from.

    Args:
        page_size: Entries per page.
        page_token: Token of the page before; absent for the first page.
        account_ids: Only these funding accounts. Repeat the key for several.

    GET /v1/funding/transaction-requirements
    Access: accessToken read:funding and participantId, or accessToken read:funding.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/payments/funding-management).
    """
    return Call(
        operation=LIST_TRANSACTION_REQUIREMENTS,
        path=LIST_TRANSACTION_REQUIREMENTS.path,
        query=_call.query(
            LIST_TRANSACTION_REQUIREMENTS, page_size=page_size, page_token=page_token, account_ids=account_ids
        ),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_ACCOUNT_BALANCE_LEDGER.id: GET_ACCOUNT_BALANCE_LEDGER,
    DOWNLOAD_BALANCE_LEDGER.id: DOWNLOAD_BALANCE_LEDGER,
    LIST_FUNDING_SOURCES.id: LIST_FUNDING_SOURCES,
    LIST_FUNDING_ACCOUNTS.id: LIST_FUNDING_ACCOUNTS,
    UPDATE_FUNDING_ACCOUNT.id: UPDATE_FUNDING_ACCOUNT,
    LIST_FUNDING_TRANSACTIONS.id: LIST_FUNDING_TRANSACTIONS,
    LIST_TRANSACTION_REQUIREMENTS.id: LIST_TRANSACTION_REQUIREMENTS,
}
