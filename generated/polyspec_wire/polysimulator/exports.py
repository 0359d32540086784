"""CSV files.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
)

__all__ = ["EXPORT_SETTLEMENTS", "EXPORT_TRADES", "OPERATIONS", "export_settlements", "export_trades"]

EXPORT_TRADES: Final = Operation(
    id="Exports_ExportTrades",
    name="exports.export_trades",
    method="GET",
    path="/v1/export/trades.csv",
    success={200: str},
    failure=ApiError,
    stream="file",
    security=((("apiKey", ("read",)),),),
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
        Parameter(name="from", python="from_", kind="query", type=dt.datetime, required=False),
        Parameter(name="to", python="to", kind="query", type=dt.datetime, required=False),
        Parameter(name="market_id", python="market_id", kind="query", type=str, required=False),
    ),
    json="plain",
)


def export_trades(
    *,
    wallet_id: int | str | None = None,
    from_: dt.datetime | None = None,
    to: dt.datetime | None = None,
    market_id: str | None = None,
) -> Call[str]:
    """Download fills as CSV.

    On paid plans; 402 on the free one. Of every wallet unless one is named. Past the row cap the last
    line starts with `# truncated`. The columns are not published; a header names them.

    Args:
        wallet_id: A number, `api` or `all`; the API wallet if absent.
        from_: From this moment on.
        to: Up to this moment.
        market_id: Only this market.

    GET /v1/export/trades.csv
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=EXPORT_TRADES,
        path=EXPORT_TRADES.path,
        query=_call.query(EXPORT_TRADES, wallet_id=wallet_id, from_=from_, to=to, market_id=market_id),
    )


EXPORT_SETTLEMENTS: Final = Operation(
    id="Exports_ExportSettlements",
    name="exports.export_settlements",
    method="GET",
    path="/v1/export/settlements.csv",
    success={200: str},
    failure=ApiError,
    stream="file",
    security=((("apiKey", ("read",)),),),
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
        Parameter(name="from", python="from_", kind="query", type=dt.datetime, required=False),
        Parameter(name="to", python="to", kind="query", type=dt.datetime, required=False),
        Parameter(name="market_id", python="market_id", kind="query", type=str, required=False),
    ),
    json="plain",
)


def export_settlements(
    *,
    wallet_id: int | str | None = None,
    from_: dt.datetime | None = None,
    to: dt.datetime | None = None,
    market_id: str | None = None,
) -> Call[str]:
    """Download settled positions as CSV.

    On paid plans; 402 on the free one. Of every wallet unless one is named. Past the row cap the last
    line starts with `# truncated`. The columns are not published; a header names them.

    Args:
        wallet_id: A number, `api` or `all`; the API wallet if absent.
        from_: From this moment on.
        to: Up to this moment.
        market_id: Only this market.

    GET /v1/export/settlements.csv
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: code (PolySimulator SDK).
    """
    return Call(
        operation=EXPORT_SETTLEMENTS,
        path=EXPORT_SETTLEMENTS.path,
        query=_call.query(EXPORT_SETTLEMENTS, wallet_id=wallet_id, from_=from_, to=to, market_id=market_id),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    EXPORT_TRADES.id: EXPORT_TRADES,
    EXPORT_SETTLEMENTS.id: EXPORT_SETTLEMENTS,
}
