"""Whether it is up, what time it has, which orders it takes.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire._call import Call, Operation, RateLimit
from polyspec_wire.clob.models import (
    ErrorResponse,
    VersionResponse,
)

__all__ = [
    "CHECK_HEALTH",
    "GET_OK",
    "GET_SERVER_TIME",
    "GET_VERSION",
    "OPERATIONS",
    "check_health",
    "get_ok",
    "get_server_time",
    "get_version",
]

CHECK_HEALTH: Final = Operation(
    id="Health_CheckHealth",
    name="health.check_health",
    method="GET",
    path="/",
    success={200: str},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def check_health() -> Call[str]:
    """Ask whether the service is up.

    Answers the text OK, with or without quotes.

    GET /
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client).
    """
    return Call(
        operation=CHECK_HEALTH,
        path=CHECK_HEALTH.path,
    )


GET_OK: Final = Operation(
    id="Health_GetOk",
    name="health.get_ok",
    method="GET",
    path="/ok",
    success={200: str},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="Ok", rate=100, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_ok() -> Call[str]:
    """Ask whether the service is up.

    The name the V2 clients use. Answers the text OK, with or without quotes.

    GET /ok
    Access: open to everybody.
    Rate limit: 100 per 10 seconds, shared as Ok by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client-v2; rate limits page).
    """
    return Call(
        operation=GET_OK,
        path=GET_OK.path,
    )


GET_SERVER_TIME: Final = Operation(
    id="Health_GetServerTime",
    name="health.get_server_time",
    method="GET",
    path="/time",
    success={200: int},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_server_time() -> Call[int]:
    """Read the clock of the service.

    A bare integer, Unix seconds. What signed requests are dated by.

    GET /time
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_SERVER_TIME,
        path=GET_SERVER_TIME.path,
    )


GET_VERSION: Final = Operation(
    id="Health_GetVersion",
    name="health.get_version",
    method="GET",
    path="/version",
    success={200: VersionResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_version() -> Call[VersionResponse]:
    """Read which generation of orders the exchange takes.

    Readers fall back to 2 when this cannot be read, and ask again when an order is refused with
    `order_version_mismatch`.

    GET /version
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client-v2; clob-client-v2).
    """
    return Call(
        operation=GET_VERSION,
        path=GET_VERSION.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    CHECK_HEALTH.id: CHECK_HEALTH,
    GET_OK.id: GET_OK,
    GET_SERVER_TIME.id: GET_SERVER_TIME,
    GET_VERSION.id: GET_VERSION,
}
