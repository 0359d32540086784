"""Balances, allowances and notifications.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Any, Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.clob.models import (
    AssetType,
    BalanceAllowanceResponse,
    ErrorResponse,
    Notification,
)

__all__ = [
    "DROP_NOTIFICATIONS",
    "GET_BALANCE_ALLOWANCE",
    "GET_NOTIFICATIONS",
    "OPERATIONS",
    "PUT_BALANCE_ALLOWANCE",
    "UPDATE_BALANCE_ALLOWANCE",
    "drop_notifications",
    "get_balance_allowance",
    "get_notifications",
    "put_balance_allowance",
    "update_balance_allowance",
]

GET_BALANCE_ALLOWANCE: Final = Operation(
    id="Account_GetBalanceAllowance",
    name="account.get_balance_allowance",
    method="GET",
    path="/balance-allowance",
    success={200: BalanceAllowanceResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="BalanceAllowance", rate=200, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="asset_type", python="asset_type", kind="query", type=AssetType, required=True),
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=False),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_balance_allowance(
    *, asset_type: AssetType, token_id: str | None = None, signature_type: int | None = None
) -> Call[BalanceAllowanceResponse]:
    """Read balance and allowances.

    As the service last saw them; ask it to look again with the update call.

    Args:
        token_id: Token id, for conditional assets.
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.

    GET /balance-allowance
    Access: l2.
    Rate limit: 200 per 10 seconds, shared as BalanceAllowance by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_BALANCE_ALLOWANCE,
        path=GET_BALANCE_ALLOWANCE.path,
        query=_call.query(
            GET_BALANCE_ALLOWANCE, asset_type=asset_type, token_id=token_id, signature_type=signature_type
        ),
    )


PUT_BALANCE_ALLOWANCE: Final = Operation(
    id="Account_PutBalanceAllowance",
    name="account.put_balance_allowance",
    method="PUT",
    path="/balance-allowance",
    success={200: dict[str, Any] | None},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="BalanceAllowanceUpdate", rate=50, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="write",
    parameters=(
        Parameter(name="asset_type", python="asset_type", kind="query", type=AssetType, required=True),
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=False),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
    ),
    json="plain",
)


def put_balance_allowance(
    *, asset_type: AssetType, token_id: str | None = None, signature_type: int | None = None
) -> Call[dict[str, Any] | None]:
    """Have balance and allowances read from the chain.

    In the venue's own document; clients use the GET form. The body is not published and may be empty.

    Args:
        token_id: Token id, for conditional assets.
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.

    PUT /balance-allowance
    Access: l2.
    Rate limit: 50 per 10 seconds, shared as BalanceAllowanceUpdate by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=PUT_BALANCE_ALLOWANCE,
        path=PUT_BALANCE_ALLOWANCE.path,
        query=_call.query(
            PUT_BALANCE_ALLOWANCE, asset_type=asset_type, token_id=token_id, signature_type=signature_type
        ),
    )


UPDATE_BALANCE_ALLOWANCE: Final = Operation(
    id="Account_UpdateBalanceAllowance",
    name="account.update_balance_allowance",
    method="GET",
    path="/balance-allowance/update",
    success={200: BalanceAllowanceResponse | None},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="BalanceAllowanceUpdate", rate=50, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="asset_type", python="asset_type", kind="query", type=AssetType, required=True),
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=False),
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=False),
    ),
    json="plain",
)


def update_balance_allowance(
    *, asset_type: AssetType, token_id: str | None = None, signature_type: int | None = None
) -> Call[BalanceAllowanceResponse | None]:
    """Have balance and allowances read from the chain, by GET.

    What clients use. The body may be empty, which is read as null.

    Args:
        token_id: Token id, for conditional assets.
        signature_type: Kind of the wallet that holds the funds, 0 to 3; the venue takes 0 when absent.
        Its own document leaves out 3, the deposit wallet.

    GET /balance-allowance/update
    Access: l2.
    Rate limit: 50 per 10 seconds, shared as BalanceAllowanceUpdate by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; py-clob-client; rate limits page).
    """
    return Call(
        operation=UPDATE_BALANCE_ALLOWANCE,
        path=UPDATE_BALANCE_ALLOWANCE.path,
        query=_call.query(
            UPDATE_BALANCE_ALLOWANCE, asset_type=asset_type, token_id=token_id, signature_type=signature_type
        ),
    )


GET_NOTIFICATIONS: Final = Operation(
    id="Account_GetNotifications",
    name="account.get_notifications",
    method="GET",
    path="/notifications",
    success={200: list[Notification]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="Notifications", rate=125, per=10, window=True, scope="ip"),
        RateLimit(bucket="Ledger", rate=900, per=10, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="signature_type", python="signature_type", kind="query", type=int, required=True),
    ),
    json="plain",
)


def get_notifications(*, signature_type: int) -> Call[list[Notification]]:
    """List notifications.

    Args:
        signature_type: Kind of the wallet that holds the funds, 0 to 3. Its own document leaves out 3,
        the deposit wallet.

    GET /notifications
    Access: l2.
    Rate limit: 125 per 10 seconds, shared as Notifications by each ip.
    Rate limit: 900 per 10 seconds, shared as Ledger by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=GET_NOTIFICATIONS,
        path=GET_NOTIFICATIONS.path,
        query=_call.query(GET_NOTIFICATIONS, signature_type=signature_type),
    )


DROP_NOTIFICATIONS: Final = Operation(
    id="Account_DropNotifications",
    name="account.drop_notifications",
    method="DELETE",
    path="/notifications",
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="Notifications", rate=125, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="write",
    parameters=(
        Parameter(name="ids", python="ids", kind="query", type=list[str], required=True, explode=False),
    ),
    json="plain",
)


def drop_notifications(*, ids: list[str]) -> Call[str]:
    """Mark notifications as read.

    Args:
        ids: Ids, joined by commas.

    DELETE /notifications
    Access: l2.
    Rate limit: 125 per 10 seconds, shared as Notifications by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; rate limits page).
    """
    return Call(
        operation=DROP_NOTIFICATIONS,
        path=DROP_NOTIFICATIONS.path,
        query=_call.query(DROP_NOTIFICATIONS, ids=ids),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_BALANCE_ALLOWANCE.id: GET_BALANCE_ALLOWANCE,
    PUT_BALANCE_ALLOWANCE.id: PUT_BALANCE_ALLOWANCE,
    UPDATE_BALANCE_ALLOWANCE.id: UPDATE_BALANCE_ALLOWANCE,
    GET_NOTIFICATIONS.id: GET_NOTIFICATIONS,
    DROP_NOTIFICATIONS.id: DROP_NOTIFICATIONS,
}
