"""Balance, positions, fills, equity and settlements.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    BalanceResponse,
    EquityPoint,
    PortfolioResponse,
    PositionPage,
    PositionResponse,
    PositionStatus,
    ProfileAnalysis,
    ResetBalanceResponse,
    SettlementPage,
    Side,
    TradeHistoryItem,
    TradeHistoryPage,
)

__all__ = [
    "GET_BALANCE",
    "GET_ENTITLEMENTS",
    "GET_EQUITY",
    "GET_HISTORY",
    "GET_PORTFOLIO",
    "GET_POSITIONS",
    "GET_PROFILE_ANALYSIS",
    "GET_SETTLEMENTS",
    "OPERATIONS",
    "RESET_API_BALANCE",
    "get_balance",
    "get_entitlements",
    "get_equity",
    "get_history",
    "get_portfolio",
    "get_positions",
    "get_profile_analysis",
    "get_settlements",
    "reset_api_balance",
]

GET_BALANCE: Final = Operation(
    id="Account_GetBalance",
    name="account.get_balance",
    method="GET",
    path="/v1/account/balance",
    success={200: BalanceResponse},
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
    json="plain",
)


def get_balance() -> Call[BalanceResponse]:
    """Read the balance of the API wallet.

    Always the API wallet, whatever wallet orders use.

    GET /v1/account/balance
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_BALANCE,
        path=GET_BALANCE.path,
    )


RESET_API_BALANCE: Final = Operation(
    id="Account_ResetApiBalance",
    name="account.reset_api_balance",
    method="POST",
    path="/v1/account/reset-api-balance",
    success={200: ResetBalanceResponse},
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
    retry="never",
    lane="write",
    json="plain",
)


def reset_api_balance() -> Call[ResetBalanceResponse]:
    """Put the API wallet back to its start.

    Positions are closed, orders cancelled. Refused with 402 `UPGRADE_REQUIRED` on the free plan.

    POST /v1/account/reset-api-balance
    Access: apiKey read, or bearer.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=RESET_API_BALANCE,
        path=RESET_API_BALANCE.path,
    )


GET_POSITIONS: Final = Operation(
    id="Account_GetPositions",
    name="account.get_positions",
    method="GET",
    path="/v1/account/positions",
    success={200: (list[PositionResponse], PositionPage)},
    failure=ApiError,
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
        Parameter(name="status", python="status", kind="query", type=PositionStatus, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
        Parameter(name="envelope", python="envelope", kind="query", type=bool, required=False),
    ),
    json="plain",
)


def get_positions(
    *, status: PositionStatus | None = None, wallet_id: int | str | None = None, envelope: bool | None = None
) -> Call[list[PositionResponse] | PositionPage]:
    """List positions.

    All at once; the envelope has an empty cursor always.

    Args:
        status: Only these; anything but OPEN and CLOSED is refused since 2026-08-29 and was ignored
        before.
        wallet_id: A number, `api` or `all`; the API wallet if absent.
        envelope: True for a page with a cursor; a bare array if absent.

    GET /v1/account/positions
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_POSITIONS,
        path=GET_POSITIONS.path,
        query=_call.query(GET_POSITIONS, status=status, wallet_id=wallet_id, envelope=envelope),
    )


GET_PORTFOLIO: Final = Operation(
    id="Account_GetPortfolio",
    name="account.get_portfolio",
    method="GET",
    path="/v1/account/portfolio",
    success={200: PortfolioResponse},
    failure=ApiError,
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
    ),
    json="plain",
)


def get_portfolio(*, wallet_id: int | str | None = None) -> Call[PortfolioResponse]:
    """Read balance and positions at once.

    Args:
        wallet_id: A number, `api` or `all`; the API wallet if absent.

    GET /v1/account/portfolio
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_PORTFOLIO,
        path=GET_PORTFOLIO.path,
        query=_call.query(GET_PORTFOLIO, wallet_id=wallet_id),
    )


GET_HISTORY: Final = Operation(
    id="Account_GetHistory",
    name="account.get_history",
    method="GET",
    path="/v1/account/history",
    success={200: (list[TradeHistoryItem], TradeHistoryPage)},
    failure=ApiError,
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
    page=Page(request="cursor", response="next_cursor", items="data"),
    parameters=(
        Parameter(name="market_id", python="market_id", kind="query", type=str, required=False),
        Parameter(name="side", python="side", kind="query", type=Side, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="offset", python="offset", kind="query", type=int, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
        Parameter(name="envelope", python="envelope", kind="query", type=bool, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_history(
    *,
    market_id: str | None = None,
    side: Side | None = None,
    limit: int | None = None,
    offset: int | None = None,
    wallet_id: int | str | None = None,
    envelope: bool | None = None,
    cursor: str | None = None,
) -> Call[list[TradeHistoryItem] | TradeHistoryPage]:
    """List fills.

    The envelope's cursor is the next offset as text. Losing positions that were settled leave no row
    here.

    Args:
        market_id: Only this market.
        side: Only this side.
        limit: Rows per page, at most 200; 50 if absent.
        offset: Rows to skip.
        wallet_id: A number, `api` or `all`; the API wallet if absent.
        envelope: True for a page with a cursor; a bare array if absent.
        cursor: Cursor of the page before.

    GET /v1/account/history
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_HISTORY,
        path=GET_HISTORY.path,
        query=_call.query(
            GET_HISTORY,
            market_id=market_id,
            side=side,
            limit=limit,
            offset=offset,
            wallet_id=wallet_id,
            envelope=envelope,
            cursor=cursor,
        ),
    )


GET_EQUITY: Final = Operation(
    id="Account_GetEquity",
    name="account.get_equity",
    method="GET",
    path="/v1/account/equity",
    success={200: list[EquityPoint]},
    failure=ApiError,
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
        Parameter(name="days", python="days", kind="query", type=int, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
    ),
    json="plain",
)


def get_equity(*, days: int | None = None, wallet_id: int | str | None = None) -> Call[list[EquityPoint]]:
    """Read the equity of every hour.

    Args:
        days: How far back, 1 to 90; 7 if absent.
        wallet_id: A number, `api` or `all`; the API wallet if absent.

    GET /v1/account/equity
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_EQUITY,
        path=GET_EQUITY.path,
        query=_call.query(GET_EQUITY, days=days, wallet_id=wallet_id),
    )


GET_SETTLEMENTS: Final = Operation(
    id="Account_GetSettlements",
    name="account.get_settlements",
    method="GET",
    path="/v1/account/settlements",
    success={200: SettlementPage},
    failure=ApiError,
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
    page=Page(request="cursor", response="next_cursor", items="data"),
    parameters=(
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
        Parameter(name="market_id", python="market_id", kind="query", type=str, required=False),
        Parameter(name="from", python="from_", kind="query", type=dt.datetime, required=False),
        Parameter(name="to", python="to", kind="query", type=dt.datetime, required=False),
    ),
    json="plain",
)


def get_settlements(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    wallet_id: int | str | None = None,
    market_id: str | None = None,
    from_: dt.datetime | None = None,
    to: dt.datetime | None = None,
) -> Call[SettlementPage]:
    """List positions that a resolution closed.

    Since September 2026. The only place that tells of losing positions.

    Args:
        limit: Rows per page, at most 500; 100 if absent.
        cursor: Cursor of the page before.
        wallet_id: A number, `api` or `all`; the API wallet if absent.
        market_id: Only this market.
        from_: Settled from this moment on.
        to: Settled up to this moment.

    GET /v1/account/settlements
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; PolySimulator SDK).
    """
    return Call(
        operation=GET_SETTLEMENTS,
        path=GET_SETTLEMENTS.path,
        query=_call.query(
            GET_SETTLEMENTS,
            limit=limit,
            cursor=cursor,
            wallet_id=wallet_id,
            market_id=market_id,
            from_=from_,
            to=to,
        ),
    )


GET_PROFILE_ANALYSIS: Final = Operation(
    id="Account_GetProfileAnalysis",
    name="account.get_profile_analysis",
    method="GET",
    path="/v1/account/profile-analysis",
    success={200: ProfileAnalysis},
    failure=ApiError,
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
        Parameter(name="recent_trades", python="recent_trades", kind="query", type=int, required=False),
        Parameter(name="equity_days", python="equity_days", kind="query", type=int, required=False),
        Parameter(name="wallet_id", python="wallet_id", kind="query", type=int | str, required=False),
    ),
    json="plain",
)


def get_profile_analysis(
    *, recent_trades: int | None = None, equity_days: int | None = None, wallet_id: int | str | None = None
) -> Call[ProfileAnalysis]:
    """Read an analysis of the account.

    Args:
        recent_trades: How many trades to list, 1 to 100; 20 if absent.
        equity_days: How far back the equity goes, 1 to 365; 90 if absent.
        wallet_id: A number, `api` or `all`; the API wallet if absent.

    GET /v1/account/profile-analysis
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI).
    """
    return Call(
        operation=GET_PROFILE_ANALYSIS,
        path=GET_PROFILE_ANALYSIS.path,
        query=_call.query(
            GET_PROFILE_ANALYSIS, recent_trades=recent_trades, equity_days=equity_days, wallet_id=wallet_id
        ),
    )


GET_ENTITLEMENTS: Final = Operation(
    id="Account_GetEntitlements",
    name="account.get_entitlements",
    method="GET",
    path="/v1/account/me/entitlements",
    success={200: dict[str, Any]},
    failure=ApiError,
    security=((("bearer", ()),),),
    retry="safe",
    lane="read",
    json="plain",
)


def get_entitlements() -> Call[dict[str, Any]]:
    """Read what the plan allows.

    Takes no key, only the dashboard's token. The body is not published.

    GET /v1/account/me/entitlements
    Access: bearer.
    Repeating: may be repeated whatever happened.
    Confidence: code (PolySimulator SDK).
    """
    return Call(
        operation=GET_ENTITLEMENTS,
        path=GET_ENTITLEMENTS.path,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    GET_BALANCE.id: GET_BALANCE,
    RESET_API_BALANCE.id: RESET_API_BALANCE,
    GET_POSITIONS.id: GET_POSITIONS,
    GET_PORTFOLIO.id: GET_PORTFOLIO,
    GET_HISTORY.id: GET_HISTORY,
    GET_EQUITY.id: GET_EQUITY,
    GET_SETTLEMENTS.id: GET_SETTLEMENTS,
    GET_PROFILE_ANALYSIS.id: GET_PROFILE_ANALYSIS,
    GET_ENTITLEMENTS.id: GET_ENTITLEMENTS,
}
