"""API credentials, read-only keys and builder keys.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.clob.models import (
    ApiKeyResponse,
    ApiKeysResponse,
    BuilderApiKey,
    BuilderApiKeyResponse,
    ClosedOnlyResponse,
    ErrorResponse,
    ReadonlyApiKeyDeletion,
    ReadonlyApiKeyResponse,
)

__all__ = [
    "CREATE_API_KEY",
    "CREATE_BUILDER_API_KEY",
    "CREATE_READONLY_API_KEY",
    "DELETE_API_KEY",
    "DELETE_READONLY_API_KEY",
    "DERIVE_API_KEY",
    "GET_API_KEYS",
    "GET_BUILDER_API_KEYS",
    "GET_CLOSED_ONLY_MODE",
    "GET_READONLY_API_KEYS",
    "OPERATIONS",
    "REVOKE_BUILDER_API_KEY",
    "VALIDATE_READONLY_API_KEY",
    "create_api_key",
    "create_builder_api_key",
    "create_readonly_api_key",
    "delete_api_key",
    "delete_readonly_api_key",
    "derive_api_key",
    "get_api_keys",
    "get_builder_api_keys",
    "get_closed_only_mode",
    "get_readonly_api_keys",
    "revoke_builder_api_key",
    "validate_readonly_api_key",
]

CREATE_API_KEY: Final = Operation(
    id="Auth_CreateApiKey",
    name="auth.create_api_key",
    method="POST",
    path="/auth/api-key",
    success={200: ApiKeyResponse},
    failure=ErrorResponse,
    security=((("l1", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def create_api_key() -> Call[ApiKeyResponse]:
    """Create API credentials.

    Credentials follow from address and nonce. Where they exist already this is refused with 400 `Could
    not create api key`; derive them then.

    POST /auth/api-key
    Access: l1.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (CLOB OpenAPI; authentication page).
    """
    return Call(
        operation=CREATE_API_KEY,
        path=CREATE_API_KEY.path,
    )


DELETE_API_KEY: Final = Operation(
    id="Auth_DeleteApiKey",
    name="auth.delete_api_key",
    method="DELETE",
    path="/auth/api-key",
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="write",
    json="plain",
)


def delete_api_key() -> Call[str]:
    """Delete the credentials of the request.

    DELETE /auth/api-key
    Access: l2.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=DELETE_API_KEY,
        path=DELETE_API_KEY.path,
    )


GET_API_KEYS: Final = Operation(
    id="Auth_GetApiKeys",
    name="auth.get_api_keys",
    method="GET",
    path="/auth/api-keys",
    success={200: ApiKeysResponse},
    failure=ErrorResponse,
    security=((("l2", ()),), (("l1", ()),)),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_api_keys() -> Call[ApiKeysResponse]:
    """List the keys of the wallet.

    The venue's own document asks for L1 here, its clients send L2.

    GET /auth/api-keys
    Access: l2, or l1.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; py-clob-client).
    """
    return Call(
        operation=GET_API_KEYS,
        path=GET_API_KEYS.path,
    )


DERIVE_API_KEY: Final = Operation(
    id="Auth_DeriveApiKey",
    name="auth.derive_api_key",
    method="GET",
    path="/auth/derive-api-key",
    success={200: ApiKeyResponse},
    failure=ErrorResponse,
    security=((("l1", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def derive_api_key() -> Call[ApiKeyResponse]:
    """Read credentials made before.

    The same address and nonce give the same credentials. Where there are none it is 400 `Could not
    derive api key!`.

    GET /auth/derive-api-key
    Access: l1.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; authentication page).
    """
    return Call(
        operation=DERIVE_API_KEY,
        path=DERIVE_API_KEY.path,
    )


GET_CLOSED_ONLY_MODE: Final = Operation(
    id="Auth_GetClosedOnlyMode",
    name="auth.get_closed_only_mode",
    method="GET",
    path="/auth/ban-status/closed-only",
    success={200: ClosedOnlyResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_closed_only_mode() -> Call[ClosedOnlyResponse]:
    """Ask whether the wallet may only close positions.

    GET /auth/ban-status/closed-only
    Access: l2.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_CLOSED_ONLY_MODE,
        path=GET_CLOSED_ONLY_MODE.path,
    )


CREATE_READONLY_API_KEY: Final = Operation(
    id="Auth_CreateReadonlyApiKey",
    name="auth.create_readonly_api_key",
    method="POST",
    path="/auth/readonly-api-key",
    success={200: ReadonlyApiKeyResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def create_readonly_api_key() -> Call[ReadonlyApiKeyResponse]:
    """Create a key that can only read.

    Such a key is no credential for L2; it goes into a header `POLY_READONLY_API_KEY` beside
    `POLY_ADDRESS`.

    POST /auth/readonly-api-key
    Access: l2.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: code (clob-client).
    """
    return Call(
        operation=CREATE_READONLY_API_KEY,
        path=CREATE_READONLY_API_KEY.path,
    )


DELETE_READONLY_API_KEY: Final = Operation(
    id="Auth_DeleteReadonlyApiKey",
    name="auth.delete_readonly_api_key",
    method="DELETE",
    path="/auth/readonly-api-key",
    body=ReadonlyApiKeyDeletion,
    success={200: bool},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="write",
    json="plain",
)


def delete_readonly_api_key(body: ReadonlyApiKeyDeletion) -> Call[bool]:
    """Delete a key that can only read.

    DELETE /auth/readonly-api-key
    Access: l2.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (clob-client).
    """
    return Call(
        operation=DELETE_READONLY_API_KEY,
        path=DELETE_READONLY_API_KEY.path,
        body=body,
    )


GET_READONLY_API_KEYS: Final = Operation(
    id="Auth_GetReadonlyApiKeys",
    name="auth.get_readonly_api_keys",
    method="GET",
    path="/auth/readonly-api-keys",
    success={200: list[str]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_readonly_api_keys() -> Call[list[str]]:
    """List the keys that can only read.

    GET /auth/readonly-api-keys
    Access: l2.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (clob-client).
    """
    return Call(
        operation=GET_READONLY_API_KEYS,
        path=GET_READONLY_API_KEYS.path,
    )


VALIDATE_READONLY_API_KEY: Final = Operation(
    id="Auth_ValidateReadonlyApiKey",
    name="auth.validate_readonly_api_key",
    method="GET",
    path="/auth/validate-readonly-api-key",
    success={200: str},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(
        Parameter(name="address", python="address", kind="query", type=str, required=True),
        Parameter(name="key", python="key", kind="query", type=str, required=True),
    ),
    json="plain",
)


def validate_readonly_api_key(*, address: str, key: str) -> Call[str]:
    """Ask whether a read-only key belongs to an address.

    Open to everybody, says the client that has it; the newest clients have lost it. The answer is a
    text.

    Args:
        address: Wallet address.
        key: The key.

    GET /auth/validate-readonly-api-key
    Access: open to everybody.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (clob-client).
    """
    return Call(
        operation=VALIDATE_READONLY_API_KEY,
        path=VALIDATE_READONLY_API_KEY.path,
        query=_call.query(VALIDATE_READONLY_API_KEY, address=address, key=key),
    )


GET_BUILDER_API_KEYS: Final = Operation(
    id="Auth_GetBuilderApiKeys",
    name="auth.get_builder_api_keys",
    method="GET",
    path="/auth/builder-api-key",
    success={200: list[str | BuilderApiKey]},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_builder_api_keys() -> Call[list[str | BuilderApiKey]]:
    """List the builder keys.

    The venue's own document lists texts, its clients read objects; both are read here.

    GET /auth/builder-api-key
    Access: l2.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; clob-client-v2).
    """
    return Call(
        operation=GET_BUILDER_API_KEYS,
        path=GET_BUILDER_API_KEYS.path,
    )


CREATE_BUILDER_API_KEY: Final = Operation(
    id="Auth_CreateBuilderApiKey",
    name="auth.create_builder_api_key",
    method="POST",
    path="/auth/builder-api-key",
    success={200: BuilderApiKeyResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="never",
    lane="write",
    json="plain",
)


def create_builder_api_key() -> Call[BuilderApiKeyResponse]:
    """Create builder credentials.

    POST /auth/builder-api-key
    Access: l2.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=CREATE_BUILDER_API_KEY,
        path=CREATE_BUILDER_API_KEY.path,
    )


REVOKE_BUILDER_API_KEY: Final = Operation(
    id="Auth_RevokeBuilderApiKey",
    name="auth.revoke_builder_api_key",
    method="DELETE",
    path="/auth/builder-api-key",
    success={200: str},
    failure=ErrorResponse,
    security=((("l2", ()),), (("builder", ()),)),
    rate_limits=(RateLimit(bucket="ApiKeys", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="write",
    json="plain",
)


def revoke_builder_api_key() -> Call[str]:
    """Revoke the builder credentials of the request.

    The venue's own document asks for L2, its newest client sends builder headers.

    DELETE /auth/builder-api-key
    Access: l2, or builder.
    Rate limit: 100 per 10 seconds, shared as ApiKeys by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; polymarket-client).
    """
    return Call(
        operation=REVOKE_BUILDER_API_KEY,
        path=REVOKE_BUILDER_API_KEY.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    CREATE_API_KEY.id: CREATE_API_KEY,
    DELETE_API_KEY.id: DELETE_API_KEY,
    GET_API_KEYS.id: GET_API_KEYS,
    DERIVE_API_KEY.id: DERIVE_API_KEY,
    GET_CLOSED_ONLY_MODE.id: GET_CLOSED_ONLY_MODE,
    CREATE_READONLY_API_KEY.id: CREATE_READONLY_API_KEY,
    DELETE_READONLY_API_KEY.id: DELETE_READONLY_API_KEY,
    GET_READONLY_API_KEYS.id: GET_READONLY_API_KEYS,
    VALIDATE_READONLY_API_KEY.id: VALIDATE_READONLY_API_KEY,
    GET_BUILDER_API_KEYS.id: GET_BUILDER_API_KEYS,
    CREATE_BUILDER_API_KEY.id: CREATE_BUILDER_API_KEY,
    REVOKE_BUILDER_API_KEY.id: REVOKE_BUILDER_API_KEY,
}
