"""Instruments made of several legs.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    CreateComboRequest,
    CreateComboResponse,
    GetCombosResponse,
    Status,
)

__all__ = ["CREATE_COMBO", "GET_COMBOS", "OPERATIONS", "create_combo", "get_combos"]

GET_COMBOS: Final = Operation(
    id="ComboAPI_GetCombos",
    name="combos.get_combos",
    method="GET",
    path="/v1/combos",
    success={200: GetCombosResponse},
    failure=Status,
    security=((("accessToken", ("read:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="GetCombos", rate=100, per=1),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="symbol", python="symbol", kind="query", type=str, required=True),),
    json="protobuf",
)


def get_combos(*, symbol: str) -> Call[GetCombosResponse]:
    """Look a combo up by its symbol.

    An unknown symbol gives an empty list. Not paged.

    Args:
        symbol: Exact symbol of the combo.

    GET /v1/combos
    Access: accessToken read:orders and participantId.
    Rate limit: 100 per second, shared as GetCombos.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/combos OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_COMBOS,
        path=GET_COMBOS.path,
        query=_call.query(GET_COMBOS, symbol=symbol),
    )


CREATE_COMBO: Final = Operation(
    id="ComboAPI_CreateCombo",
    name="combos.create_combo",
    method="POST",
    path="/v1/combos",
    body=CreateComboRequest,
    success={200: CreateComboResponse},
    failure=Status,
    security=((("accessToken", ("write:orders",)), ("participantId", ())),),
    rate_limits=(RateLimit(bucket="CreateCombo", rate=1, per=1),),
    retry="safe",
    lane="write",
    json="protobuf",
)


def create_combo(body: CreateComboRequest) -> Call[CreateComboResponse]:
    """Create a combo, or find the one with these legs.

    The same legs always give the same combo. A participant may create 1000 new ones a week, counted
    from Monday 00:00 UTC; finding an existing one is free.

    POST /v1/combos
    Access: accessToken write:orders and participantId.
    Rate limit: 1 per second, shared as CreateCombo.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/combos OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=CREATE_COMBO,
        path=CREATE_COMBO.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_COMBOS.id: GET_COMBOS,
    CREATE_COMBO.id: CREATE_COMBO,
}
