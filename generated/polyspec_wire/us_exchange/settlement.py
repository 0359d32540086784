"""Final settlement of instruments.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.us_exchange.models import (
    GetInstrumentSettlementResponse,
    Status,
)

__all__ = ["GET_INSTRUMENT_SETTLEMENT", "OPERATIONS", "get_instrument_settlement"]

GET_INSTRUMENT_SETTLEMENT: Final = Operation(
    id="SettlementService_GetInstrumentSettlement",
    name="settlement.get_instrument_settlement",
    method="GET",
    path="/v1/instruments/{symbol}/settlement",
    success={200: GetInstrumentSettlementResponse},
    failure=Status,
    security=((("accessToken", ("read:marketdata",)),),),
    rate_limits=(RateLimit(bucket="GetInstrumentSettlement", rate=10, per=1),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="symbol", python="symbol", kind="path", type=str, required=True),),
    json="protobuf",
)


def get_instrument_settlement(symbol: str) -> Call[GetInstrumentSettlementResponse]:
    """Read the final settlement of an instrument.

    Terminated instruments included. `stats` is absent until the settlement is final. An unknown symbol
    is 404, an empty one or one beginning with `/` or `!` an invalid argument. The newest record wins,
    so a correction may change the answer.

    Args:
        symbol: Exact instrument symbol; case matters.

    GET /v1/instruments/{symbol}/settlement
    Access: accessToken read:marketdata.
    Rate limit: 10 per second, shared as GetInstrumentSettlement.
    Repeating: may be repeated whatever happened.
    Confidence: documented (institutional/settlement OpenAPI; trader-guide/rate-limits).
    """
    return Call(
        operation=GET_INSTRUMENT_SETTLEMENT,
        path=_call.fill(GET_INSTRUMENT_SETTLEMENT, symbol=symbol),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_INSTRUMENT_SETTLEMENT.id: GET_INSTRUMENT_SETTLEMENT,
}
