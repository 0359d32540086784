"""Trades of the caller and of builders.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from typing import Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.clob.models import (
    BuilderFeesResponse,
    BuilderTradesResponse,
    ErrorResponse,
    TradesResponse,
)

__all__ = [
    "GET_BUILDER_FEES",
    "GET_BUILDER_TRADES",
    "GET_TRADES",
    "OPERATIONS",
    "get_builder_fees",
    "get_builder_trades",
    "get_trades",
]

GET_TRADES: Final = Operation(
    id="Trades_GetTrades",
    name="trades.get_trades",
    method="GET",
    path="/data/trades",
    success={200: TradesResponse},
    failure=ErrorResponse,
    security=((("l2", ()),),),
    rate_limits=(
        RateLimit(bucket="DataTrades", rate=500, per=10, window=True, scope="ip"),
        RateLimit(bucket="Ledger", rate=900, per=10, window=True, scope="ip"),
    ),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="id", python="id", kind="query", type=str, required=False),
        Parameter(name="maker_address", python="maker_address", kind="query", type=str, required=False),
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
        Parameter(name="before", python="before", kind="query", type=int, required=False),
        Parameter(name="after", python="after", kind="query", type=int, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_trades(
    *,
    id: str | None = None,
    maker_address: str | None = None,
    market: str | None = None,
    asset_id: str | None = None,
    before: int | None = None,
    after: int | None = None,
    next_cursor: str | None = None,
) -> Call[TradesResponse]:
    """List trades of the caller.

    The venue's own document requires `maker_address`, its clients leave it out and the key decides.
    Poll `id` until a trade carries its transaction hash or has failed.

    Args:
        id: Only this trade.
        maker_address: Whose: the wallet that holds the funds.
        market: Only this condition id.
        asset_id: Only this token id.
        before: Up to this moment, Unix seconds.
        after: From this moment on, Unix seconds.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /data/trades
    Access: l2.
    Rate limit: 500 per 10 seconds, shared as DataTrades by each ip.
    Rate limit: 900 per 10 seconds, shared as Ledger by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI; py-clob-client; rate limits page).
    """
    return Call(
        operation=GET_TRADES,
        path=GET_TRADES.path,
        query=_call.query(
            GET_TRADES,
            id=id,
            maker_address=maker_address,
            market=market,
            asset_id=asset_id,
            before=before,
            after=after,
            next_cursor=next_cursor,
        ),
    )


GET_BUILDER_TRADES: Final = Operation(
    id="Trades_GetBuilderTrades",
    name="trades.get_builder_trades",
    method="GET",
    path="/builder/trades",
    success={200: BuilderTradesResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    page=Page(request="next_cursor", response="next_cursor", items="data", end="LTE="),
    parameters=(
        Parameter(name="builder_code", python="builder_code", kind="query", type=str, required=True),
        Parameter(name="id", python="id", kind="query", type=str, required=False),
        Parameter(name="market", python="market", kind="query", type=str, required=False),
        Parameter(name="asset_id", python="asset_id", kind="query", type=str, required=False),
        Parameter(name="before", python="before", kind="query", type=int, required=False),
        Parameter(name="after", python="after", kind="query", type=int, required=False),
        Parameter(name="next_cursor", python="next_cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_builder_trades(
    *,
    builder_code: str,
    id: str | None = None,
    market: str | None = None,
    asset_id: str | None = None,
    before: int | None = None,
    after: int | None = None,
    next_cursor: str | None = None,
) -> Call[BuilderTradesResponse]:
    """List trades that carry a builder's code.

    Open to everybody. About 300 a page.

    Args:
        builder_code: `0x` and 64 hex digits.
        id: Only this trade.
        market: Only this condition id.
        asset_id: Only this token id.
        before: Up to this moment, Unix seconds.
        after: From this moment on, Unix seconds.
        next_cursor: Cursor of the page before; absent or `MA==` for the first page. `LTE=` is the end,
        and 400 when sent.

    GET /builder/trades
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: documented (CLOB OpenAPI).
    """
    return Call(
        operation=GET_BUILDER_TRADES,
        path=GET_BUILDER_TRADES.path,
        query=_call.query(
            GET_BUILDER_TRADES,
            builder_code=builder_code,
            id=id,
            market=market,
            asset_id=asset_id,
            before=before,
            after=after,
            next_cursor=next_cursor,
        ),
    )


GET_BUILDER_FEES: Final = Operation(
    id="Trades_GetBuilderFees",
    name="trades.get_builder_fees",
    method="GET",
    path="/fees/builder-fees/{builder_code}",
    success={200: BuilderFeesResponse},
    failure=ErrorResponse,
    security=(),
    rate_limits=(RateLimit(bucket="General", rate=9000, per=10, window=True, scope="ip"),),
    retry="safe",
    lane="read",
    parameters=(Parameter(name="builder_code", python="builder_code", kind="path", type=str, required=True),),
    json="plain",
)


def get_builder_fees(builder_code: str) -> Call[BuilderFeesResponse]:
    """Read the fees of a builder.

    Args:
        builder_code: `0x` and 64 hex digits.

    GET /fees/builder-fees/{builder_code}
    Access: open to everybody.
    Rate limit: 9000 per 10 seconds, shared as General by each ip.
    Repeating: may be repeated whatever happened.
    Confidence: code (py-clob-client-v2; clob-client-v2).
    """
    return Call(
        operation=GET_BUILDER_FEES,
        path=_call.fill(GET_BUILDER_FEES, builder_code=builder_code),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_TRADES.id: GET_TRADES,
    GET_BUILDER_TRADES.id: GET_BUILDER_TRADES,
    GET_BUILDER_FEES.id: GET_BUILDER_FEES,
}
