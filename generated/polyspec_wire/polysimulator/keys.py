"""API keys, tiers, and tokens for websockets.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    ApiKeyInfo,
    CreateKeyRequest,
    CreateKeyResponse,
    MessageResponse,
    RateLimitTierInfo,
    RenameKeyRequest,
    WsTokenResponse,
)

__all__ = [
    "BOOTSTRAP_KEY",
    "CREATE_KEY",
    "CREATE_WS_TOKEN",
    "GET_TIERS",
    "LIST_KEYS",
    "OPERATIONS",
    "RENAME_KEY",
    "REVOKE_KEY",
    "ROTATE_KEY",
    "bootstrap_key",
    "create_key",
    "create_ws_token",
    "get_tiers",
    "list_keys",
    "rename_key",
    "revoke_key",
    "rotate_key",
]

BOOTSTRAP_KEY: Final = Operation(
    id="Keys_BootstrapKey",
    name="keys.bootstrap_key",
    method="POST",
    path="/v1/keys/bootstrap",
    body=CreateKeyRequest,
    success={201: CreateKeyResponse},
    failure=ApiError,
    security=((("bearer", ()),),),
    rate_limits=(
        RateLimit(bucket="BootstrapMinute", rate=1, per=60, window=True, scope="ip"),
        RateLimit(bucket="BootstrapHour", rate=5, per=3600, window=True, scope="ip"),
    ),
    retry="never",
    lane="write",
    json="plain",
)


def bootstrap_key(body: CreateKeyRequest | None = None) -> Call[CreateKeyResponse]:
    """Make the first key of an account.

    Also fills the API wallet. An account that has a key is refused with `BOOTSTRAP_NOT_ALLOWED`; one
    that is not admitted with `CLOSED_BETA`, `API_PRO_COMING_SOON`, `TIER_REQUIRES_UPGRADE`,
    `ACCESS_RESTRICTED` or `COHORT_FULL`.

    POST /v1/keys/bootstrap
    Access: bearer.
    Rate limit: 1 per minute, shared as BootstrapMinute by each ip.
    Rate limit: 5 per hour, shared as BootstrapHour by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (PolySimulator OpenAPI; authentication page).
    """
    return Call(
        operation=BOOTSTRAP_KEY,
        path=BOOTSTRAP_KEY.path,
        body=body,
    )


LIST_KEYS: Final = Operation(
    id="Keys_ListKeys",
    name="keys.list_keys",
    method="GET",
    path="/v1/keys",
    success={200: list[ApiKeyInfo]},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=int, required=False),
    ),
    json="plain",
)


def list_keys(*, limit: int | None = None, offset: int | None = None) -> Call[list[ApiKeyInfo]]:
    """List the keys of the account.

    Without their secrets. A short page is the last.

    Args:
        limit: Rows per page, at most 200; 50 if absent.
        offset: Rows to skip.

    GET /v1/keys
    Access: apiKey, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=LIST_KEYS,
        path=LIST_KEYS.path,
        query=_call.query(LIST_KEYS, limit=limit, offset=offset),
    )


CREATE_KEY: Final = Operation(
    id="Keys_CreateKey",
    name="keys.create_key",
    method="POST",
    path="/v1/keys",
    body=CreateKeyRequest,
    success={201: CreateKeyResponse},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="never",
    lane="write",
    json="plain",
)


def create_key(body: CreateKeyRequest | None = None) -> Call[CreateKeyResponse]:
    """Make a key.

    At most 5 active keys, and fewer by plan. Without `tier` it is made at what the plan allows; more is
    refused with `TIER_REQUIRES_UPGRADE` or `TIER_NOT_AUTHORIZED`.

    POST /v1/keys
    Access: apiKey, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (PolySimulator OpenAPI; api-keys page).
    """
    return Call(
        operation=CREATE_KEY,
        path=CREATE_KEY.path,
        body=body,
    )


GET_TIERS: Final = Operation(
    id="Keys_GetTiers",
    name="keys.get_tiers",
    method="GET",
    path="/v1/keys/tiers",
    success={200: list[RateLimitTierInfo]},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),), ()),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def get_tiers() -> Call[list[RateLimitTierInfo]]:
    """Read the limits of every tier.

    What limits are is told here; every number elsewhere may be older. Formerly needed a credential.

    GET /v1/keys/tiers
    Access: apiKey, or bearer, or anonymous.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; PolySimulator SDK).
    """
    return Call(
        operation=GET_TIERS,
        path=GET_TIERS.path,
    )


CREATE_WS_TOKEN: Final = Operation(
    id="Keys_CreateWsToken",
    name="keys.create_ws_token",
    method="POST",
    path="/v1/keys/ws-token",
    success={200: WsTokenResponse},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="write",
    json="plain",
)


def create_ws_token() -> Call[WsTokenResponse]:
    """Make a token to open a websocket with.

    Lives 60 seconds, until it is connected with. Pages differ on whether it may be used twice; make one
    for each connection.

    POST /v1/keys/ws-token
    Access: apiKey, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; websockets page).
    """
    return Call(
        operation=CREATE_WS_TOKEN,
        path=CREATE_WS_TOKEN.path,
    )


REVOKE_KEY: Final = Operation(
    id="Keys_RevokeKey",
    name="keys.revoke_key",
    method="DELETE",
    path="/v1/keys/{key_id}",
    success={200: MessageResponse, 204: None},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="write",
    parameters=(Parameter(name="key_id", python="key_id", kind="path", type=int, required=True),),
    json="plain",
)


def revoke_key(key_id: int) -> Call[MessageResponse | None]:
    """Revoke a key.

    Args:
        key_id: Id of the key.

    DELETE /v1/keys/{key_id}
    Access: apiKey, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; api-keys page).
    """
    return Call(
        operation=REVOKE_KEY,
        path=_call.fill(REVOKE_KEY, key_id=key_id),
    )


RENAME_KEY: Final = Operation(
    id="Keys_RenameKey",
    name="keys.rename_key",
    method="PATCH",
    path="/v1/keys/{key_id}",
    body=RenameKeyRequest,
    success={200: ApiKeyInfo},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="safe",
    lane="write",
    parameters=(Parameter(name="key_id", python="key_id", kind="path", type=int, required=True),),
    json="plain",
)


def rename_key(key_id: int, body: RenameKeyRequest) -> Call[ApiKeyInfo]:
    """Name a key.

    The answer is inferred: the key as it is listed.

    Args:
        key_id: Id of the key.

    PATCH /v1/keys/{key_id}
    Access: apiKey, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=RENAME_KEY,
        path=_call.fill(RENAME_KEY, key_id=key_id),
        body=body,
    )


ROTATE_KEY: Final = Operation(
    id="Keys_RotateKey",
    name="keys.rotate_key",
    method="POST",
    path="/v1/keys/{key_id}/rotate",
    success={200: CreateKeyResponse, 201: CreateKeyResponse},
    failure=ApiError,
    security=((("apiKey", ()),), (("bearer", ()),)),
    rate_limits=(
        RateLimit(
            bucket="KeySecond",
            rate={"free": 2, "pro": 30, "pro_plus": 60, "enterprise": 100},
            per=1,
            window=True,
            scope="key",
        ),
        RateLimit(
            bucket="KeyMinute",
            rate={"free": 120, "pro": 1800, "pro_plus": 3600, "enterprise": 6000},
            per=60,
            window=True,
            scope="key",
        ),
    ),
    retry="never",
    lane="write",
    parameters=(Parameter(name="key_id", python="key_id", kind="path", type=int, required=True),),
    json="plain",
)


def rotate_key(key_id: int) -> Call[CreateKeyResponse]:
    """Replace a key by a new one.

    The old one goes on working for 24 hours. The fields of the answer are inferred: those of a new key.

    Args:
        key_id: Id of the key.

    POST /v1/keys/{key_id}/rotate
    Access: apiKey, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (PolySimulator OpenAPI; api-keys page).
    """
    return Call(
        operation=ROTATE_KEY,
        path=_call.fill(ROTATE_KEY, key_id=key_id),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    BOOTSTRAP_KEY.id: BOOTSTRAP_KEY,
    LIST_KEYS.id: LIST_KEYS,
    CREATE_KEY.id: CREATE_KEY,
    GET_TIERS.id: GET_TIERS,
    CREATE_WS_TOKEN.id: CREATE_WS_TOKEN,
    REVOKE_KEY.id: REVOKE_KEY,
    RENAME_KEY.id: RENAME_KEY,
    ROTATE_KEY.id: ROTATE_KEY,
}
