"""Access tokens. The only calls that do not go to the exchange host.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire._call import Call, Operation
from polyspec_wire.us_exchange.models import (
    TokenError,
    TokenRequest,
    TokenResponse,
)

__all__ = ["OPERATIONS", "REQUEST_TOKEN", "request_token"]

REQUEST_TOKEN: Final = Operation(
    id="OAuth_RequestToken",
    name="oauth.request_token",
    method="POST",
    path="/oauth/token",
    body=TokenRequest,
    success={200: TokenResponse},
    failure=TokenError,
    security=(),
    retry="never",
    lane="read",
    json="plain",
    servers=("https://pmx-prod.us.auth0.com", "https://pmx-preprod.us.auth0.com"),
)


def request_token(body: TokenRequest) -> Call[TokenResponse]:
    """Trade a signed assertion for an access token.

    The assertion is an RS256 JWT: `iss` and `sub` are the client id, `aud` is this endpoint's own URL,
    `exp` lies at most 300 seconds after `iat`, `jti` is new each time. A used `jti` is refused, so an
    attempt is never repeated as it was; sign a new assertion instead. Tokens live 180 seconds and are
    not refreshable.

    POST /oauth/token
    Access: open to everybody.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (trader-guide/authentication).
    """
    return Call(
        operation=REQUEST_TOKEN,
        path=REQUEST_TOKEN.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    REQUEST_TOKEN.id: REQUEST_TOKEN,
}
