"""Who the token belongs to, and which users and accounts it can see.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter
from polyspec_wire.us_exchange.models import (
    GetWhoAmIResponse,
    ListAccountsResponse,
    ListUsersResponse,
    Status,
)

__all__ = [
    "GET_WHO_AM_I",
    "LIST_ACCOUNTS",
    "LIST_USERS",
    "OPERATIONS",
    "get_who_am_i",
    "list_accounts",
    "list_users",
]

GET_WHO_AM_I: Final = Operation(
    id="AccountsAPI_GetWhoAmI",
    name="accounts.get_who_am_i",
    method="GET",
    path="/v1/whoami",
    success={200: GetWhoAmIResponse},
    failure=Status,
    security=(
        (("accessToken", ("read:accounts",)), ("participantId", ())),
        (("accessToken", ("read:accounts",)),),
    ),
    retry="safe",
    lane="read",
    json="protobuf",
)


def get_who_am_i() -> Call[GetWhoAmIResponse]:
    """Name the user and firm of the token.

    Older pages place this and its two siblings under /v1/accounts; the path here is the corrected one.
    The firm named is not necessarily the participant firm of `x-participant-id`, so that header is
    never built from it. It is sent here when the caller has one; onboarding pages call this without.

    GET /v1/whoami
    Access: accessToken read:accounts and participantId, or accessToken read:accounts.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/accounts OpenAPI).
    """
    return Call(
        operation=GET_WHO_AM_I,
        path=GET_WHO_AM_I.path,
    )


LIST_USERS: Final = Operation(
    id="UsersAPI_ListUsers",
    name="accounts.list_users",
    method="GET",
    path="/v1/users",
    success={200: ListUsersResponse},
    failure=Status,
    security=((("accessToken", ("read:accounts",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def list_users() -> Call[ListUsersResponse]:
    """List the users the caller can act for.

    Needs a participant id already, so it is no way to find one. Not paged.

    GET /v1/users
    Access: accessToken read:accounts and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/accounts OpenAPI).
    """
    return Call(
        operation=LIST_USERS,
        path=LIST_USERS.path,
    )


LIST_ACCOUNTS: Final = Operation(
    id="AccountsAPI_ListAccounts",
    name="accounts.list_accounts",
    method="GET",
    path="/v1/accounts",
    success={200: ListAccountsResponse},
    failure=Status,
    security=((("accessToken", ("read:accounts",)), ("participantId", ())),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="user", python="user", kind="query", type=str, required=False),),
    json="protobuf",
)


def list_accounts(*, user: str | None = None) -> Call[ListAccountsResponse]:
    """List trading accounts.

    Accounts appear at onboarding or when KYC is approved; nothing creates them here. Not paged.

    Args:
        user: Only accounts of this user, `firms/{firm}/users/{user}`.

    GET /v1/accounts
    Access: accessToken read:accounts and participantId.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/accounts OpenAPI).
    """
    return Call(
        operation=LIST_ACCOUNTS,
        path=LIST_ACCOUNTS.path,
        query=_call.query(LIST_ACCOUNTS, user=user),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_WHO_AM_I.id: GET_WHO_AM_I,
    LIST_USERS.id: LIST_USERS,
    LIST_ACCOUNTS.id: LIST_ACCOUNTS,
}
