"""Whether it is up.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire._call import Call, Operation, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    HealthResponse,
    ReadyResponse,
    StatusResponse,
)

__all__ = [
    "GET_STATUS",
    "HEALTH_CHECK",
    "HEALTH_LIVE",
    "HEALTH_READY",
    "OPERATIONS",
    "get_status",
    "health_check",
    "health_live",
    "health_ready",
]

HEALTH_CHECK: Final = Operation(
    id="Health_HealthCheck",
    name="health.health_check",
    method="GET",
    path="/v1/health",
    success={200: HealthResponse},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def health_check() -> Call[HealthResponse]:
    """Ask whether the service is up.

    GET /v1/health
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=HEALTH_CHECK,
        path=HEALTH_CHECK.path,
    )


HEALTH_LIVE: Final = Operation(
    id="Health_HealthLive",
    name="health.health_live",
    method="GET",
    path="/v1/health/live",
    success={200: HealthResponse},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def health_live() -> Call[HealthResponse]:
    """Ask whether the process lives.

    GET /v1/health/live
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=HEALTH_LIVE,
        path=HEALTH_LIVE.path,
    )


HEALTH_READY: Final = Operation(
    id="Health_HealthReady",
    name="health.health_ready",
    method="GET",
    path="/v1/health/ready",
    success={200: ReadyResponse},
    failure=ApiError,
    security=(),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def health_ready() -> Call[ReadyResponse]:
    """Ask whether the service can work.

    503 with the same body when it is degraded.

    GET /v1/health/ready
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=HEALTH_READY,
        path=HEALTH_READY.path,
    )


GET_STATUS: Final = Operation(
    id="Health_GetStatus",
    name="health.get_status",
    method="GET",
    path="/v1/status",
    success={200: StatusResponse},
    failure=ApiError,
    security=((("apiKey", ("read",)),), ()),
    rate_limits=(
        RateLimit(bucket="AnonSecond", rate=10, per=1, window=True, scope="ip"),
        RateLimit(bucket="AnonMinute", rate=600, per=60, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    json="plain",
)


def get_status() -> Call[StatusResponse]:
    """Read the state of every part of the service.

    Whether a key is needed is not told; one is sent if there is one.

    GET /v1/status
    Access: apiKey read, or anonymous.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_STATUS,
        path=GET_STATUS.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    HEALTH_CHECK.id: HEALTH_CHECK,
    HEALTH_LIVE.id: HEALTH_LIVE,
    HEALTH_READY.id: HEALTH_READY,
    GET_STATUS.id: GET_STATUS,
}
