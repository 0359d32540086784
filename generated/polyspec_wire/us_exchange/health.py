"""Liveness.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire._call import Call, Operation, RateLimit
from polyspec_wire.us_exchange.models import (
    HealthCheckResponse,
    Status,
)

__all__ = ["HEALTH_CHECK", "OPERATIONS", "health_check"]

HEALTH_CHECK: Final = Operation(
    id="HealthAPI_HealthCheck",
    name="health.health_check",
    method="GET",
    path="/v1/health",
    success={200: HealthCheckResponse},
    failure=Status,
    security=(),
    rate_limits=(RateLimit(bucket="Public", rate=20, per=1),),
    retry="safe",
    lane="read",
    json="protobuf",
)


def health_check() -> Call[HealthCheckResponse]:
    """Ask whether the gateway is up.

    The limit is the one of every open call, counted per address and not per firm.

    GET /v1/health
    Access: open to everybody.
    Rate limit: 20 per second, shared as Public.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/health OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=HEALTH_CHECK,
        path=HEALTH_CHECK.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    HEALTH_CHECK.id: HEALTH_CHECK,
}
