"""Who the caller is.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    CohortStatus,
    MeResponse,
)

__all__ = ["GET_COHORT_STATUS", "GET_ME", "OPERATIONS", "get_cohort_status", "get_me"]

GET_ME: Final = Operation(
    id="Identity_GetMe",
    name="identity.get_me",
    method="GET",
    path="/v1/me",
    success={200: MeResponse},
    failure=ApiError,
    security=((("apiKey", ("read",)),), (("bearer", ()),)),
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
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
    ),
    json="plain",
)


def get_me(*, wallet_id: int | str | None = None) -> Call[MeResponse]:
    """Read who the caller is.

    Tier and permissions are those of the key.

    Args:
        wallet_id: A number, `api` or `all`; the API wallet if absent.

    GET /v1/me
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_ME,
        path=GET_ME.path,
        query=_call.query(GET_ME, wallet_id=wallet_id),
    )


GET_COHORT_STATUS: Final = Operation(
    id="Identity_GetCohortStatus",
    name="identity.get_cohort_status",
    method="GET",
    path="/api/beta/cohort-status",
    success={200: CohortStatus},
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


def get_cohort_status() -> Call[CohortStatus]:
    """Read how many seats the beta has left.

    GET /api/beta/cohort-status
    Access: open to everybody.
    Rate limit: 10 per second, shared as AnonSecond by each ip.
    Rate limit: 600 per minute, shared as AnonMinute by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (docs, authentication page).
    """
    return Call(
        operation=GET_COHORT_STATUS,
        path=GET_COHORT_STATUS.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_ME.id: GET_ME,
    GET_COHORT_STATUS.id: GET_COHORT_STATUS,
}
