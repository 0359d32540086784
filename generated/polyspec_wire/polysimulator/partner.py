"""Users of partners. Another product; only this much of it is published.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire._call import Call, Operation, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    PartnerUser,
    PartnerUserRequest,
)

__all__ = ["CREATE_USER", "OPERATIONS", "create_user"]

CREATE_USER: Final = Operation(
    id="Partner_CreateUser",
    name="partner.create_user",
    method="POST",
    path="/v1/partner/users",
    body=PartnerUserRequest,
    success={200: PartnerUser, 201: PartnerUser},
    failure=ApiError,
    security=((("tenantKey", ("users:write",)),),),
    rate_limits=(
        RateLimit(bucket="PartnerSecond", rate=50, per=1, window=True, scope="key"),
        RateLimit(bucket="PartnerMinute", rate=3000, per=60, window=True, scope="key"),
    ),
    retry="safe",
    lane="write",
    json="plain",
)


def create_user(body: PartnerUserRequest) -> Call[PartnerUser]:
    """Make a user of a partner.

    The same `external_id` is the same user. 404 until the partner is enabled.

    POST /v1/partner/users
    Access: tenantKey users:write.
    Rate limit: 50 per second, shared as PartnerSecond by each key.
    Rate limit: 3000 per minute, shared as PartnerMinute by each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (partner pages).
    """
    return Call(
        operation=CREATE_USER,
        path=CREATE_USER.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    CREATE_USER.id: CREATE_USER,
}
