"""Fills and books of the past, and backtests. Switched off at times.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from polyspec_wire import _call
from polyspec_wire._call import Call, Operation, Page, Parameter, RateLimit
from polyspec_wire.polysimulator.models import (
    ApiError,
    BacktestPage,
    BacktestSummary,
    CreateBacktestRequest,
    ReplayBookResponse,
    SimulatedEquityPage,
    SimulatedTradePage,
    SimulateFillRequest,
    SimulateFillResponse,
)

__all__ = [
    "CANCEL_BACKTEST",
    "CREATE_BACKTEST",
    "CREATE_EXPORT",
    "GET_BACKTEST",
    "GET_BACKTEST_EQUITY",
    "GET_BACKTEST_TRADES",
    "GET_COVERAGE",
    "GET_REPLAY_BOOK",
    "LIST_BACKTESTS",
    "LIST_FILL_MODELS",
    "OPERATIONS",
    "SIMULATE_FILL",
    "cancel_backtest",
    "create_backtest",
    "create_export",
    "get_backtest",
    "get_backtest_equity",
    "get_backtest_trades",
    "get_coverage",
    "get_replay_book",
    "list_backtests",
    "list_fill_models",
    "simulate_fill",
]

SIMULATE_FILL: Final = Operation(
    id="Simulation_SimulateFill",
    name="simulation.simulate_fill",
    method="POST",
    path="/v1/simulation/fill",
    body=SimulateFillRequest,
    success={200: SimulateFillResponse},
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
    json="plain",
)


def simulate_fill(body: SimulateFillRequest) -> Call[SimulateFillResponse]:
    """Ask what an order would have filled at.

    The whole of it is 404 where the venue has it switched off.

    POST /v1/simulation/fill
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=SIMULATE_FILL,
        path=SIMULATE_FILL.path,
        body=body,
    )


GET_COVERAGE: Final = Operation(
    id="Simulation_GetCoverage",
    name="simulation.get_coverage",
    method="GET",
    path="/v1/simulation/coverage",
    success={200: dict[str, Any]},
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
        Parameter(name="condition_id", python="condition_id", kind="query", type=str, required=True),
        Parameter(name="start", python="start", kind="query", type=dt.datetime, required=False),
        Parameter(name="end", python="end", kind="query", type=dt.datetime, required=False),
    ),
    json="plain",
)


def get_coverage(
    *, condition_id: str, start: dt.datetime | None = None, end: dt.datetime | None = None
) -> Call[dict[str, Any]]:
    """Ask which hours of a market are recorded.

    The body is not published. The whole of it is 404 where the venue has it switched off.

    Args:
        condition_id: Condition id.
        start: From this moment on.
        end: Up to this moment.

    GET /v1/simulation/coverage
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (simulation page).
    """
    return Call(
        operation=GET_COVERAGE,
        path=GET_COVERAGE.path,
        query=_call.query(GET_COVERAGE, condition_id=condition_id, start=start, end=end),
    )


LIST_FILL_MODELS: Final = Operation(
    id="Simulation_ListFillModels",
    name="simulation.list_fill_models",
    method="GET",
    path="/v1/simulation/fill-models",
    success={200: dict[str, Any] | list[dict[str, Any]]},
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
    json="plain",
)


def list_fill_models() -> Call[dict[str, Any] | list[dict[str, Any]]]:
    """List the models of fills.

    The body is not published. The whole of it is 404 where the venue has it switched off.

    GET /v1/simulation/fill-models
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (simulation page).
    """
    return Call(
        operation=LIST_FILL_MODELS,
        path=LIST_FILL_MODELS.path,
    )


GET_REPLAY_BOOK: Final = Operation(
    id="Simulation_GetReplayBook",
    name="simulation.get_replay_book",
    method="GET",
    path="/v1/simulation/book",
    success={200: ReplayBookResponse},
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
        Parameter(name="condition_id", python="condition_id", kind="query", type=str, required=True),
        Parameter(name="at", python="at", kind="query", type=dt.datetime, required=True),
        Parameter(name="outcome", python="outcome", kind="query", type=str, required=False),
        Parameter(name="depth", python="depth", kind="query", type=int, required=False),
        Parameter(name="token_id", python="token_id", kind="query", type=str, required=False),
    ),
    json="plain",
)


def get_replay_book(
    *,
    condition_id: str,
    at: dt.datetime,
    outcome: str | None = None,
    depth: int | None = None,
    token_id: str | None = None,
) -> Call[ReplayBookResponse]:
    """Read a book of the past.

    Here the best level is the first of each side, says the venue's example. The whole of it is 404
    where the venue has it switched off.

    Args:
        condition_id: Condition id.
        at: The moment.
        outcome: The outcome; Yes if absent.
        depth: Levels per side; 10 if absent.
        token_id: Token id, instead of the outcome.

    GET /v1/simulation/book
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=GET_REPLAY_BOOK,
        path=GET_REPLAY_BOOK.path,
        query=_call.query(
            GET_REPLAY_BOOK, condition_id=condition_id, at=at, outcome=outcome, depth=depth, token_id=token_id
        ),
    )


LIST_BACKTESTS: Final = Operation(
    id="Simulation_ListBacktests",
    name="simulation.list_backtests",
    method="GET",
    path="/v1/simulation/backtests",
    success={200: BacktestPage},
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
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def list_backtests(*, cursor: str | None = None, limit: int | None = None) -> Call[BacktestPage]:
    """List backtests.

    The whole of it is 404 where the venue has it switched off.

    Args:
        cursor: Cursor of the page before.
        limit: Jobs per page; 20 if absent.

    GET /v1/simulation/backtests
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=LIST_BACKTESTS,
        path=LIST_BACKTESTS.path,
        query=_call.query(LIST_BACKTESTS, cursor=cursor, limit=limit),
    )


CREATE_BACKTEST: Final = Operation(
    id="Simulation_CreateBacktest",
    name="simulation.create_backtest",
    method="POST",
    path="/v1/simulation/backtests",
    body=CreateBacktestRequest,
    success={202: BacktestSummary},
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
    lane="write",
    parameters=(
        Parameter(name="Idempotency-Key", python="idempotency_key", kind="header", type=str, required=True),
    ),
    json="plain",
)


def create_backtest(body: CreateBacktestRequest, *, idempotency_key: str) -> Call[BacktestSummary]:
    """Start a backtest.

    With the same key the same job is answered. The venue takes requests without one, which could not be
    repeated; here it is required. The whole of it is 404 where the venue has it switched off.

    Args:
        idempotency_key: Names the request; 1 to 256 characters.

    POST /v1/simulation/backtests
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=CREATE_BACKTEST,
        path=CREATE_BACKTEST.path,
        headers=_call.headers(CREATE_BACKTEST, idempotency_key=idempotency_key),
        body=body,
    )


GET_BACKTEST: Final = Operation(
    id="Simulation_GetBacktest",
    name="simulation.get_backtest",
    method="GET",
    path="/v1/simulation/backtests/{job_id}",
    success={200: BacktestSummary},
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
    parameters=(Parameter(name="job_id", python="job_id", kind="path", type=str, required=True),),
    json="plain",
)


def get_backtest(job_id: str) -> Call[BacktestSummary]:
    """Read a backtest.

    Args:
        job_id: Id of the job.

    GET /v1/simulation/backtests/{job_id}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=GET_BACKTEST,
        path=_call.fill(GET_BACKTEST, job_id=job_id),
    )


CANCEL_BACKTEST: Final = Operation(
    id="Simulation_CancelBacktest",
    name="simulation.cancel_backtest",
    method="DELETE",
    path="/v1/simulation/backtests/{job_id}",
    success={200: BacktestSummary, 204: None},
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
    lane="write",
    parameters=(Parameter(name="job_id", python="job_id", kind="path", type=str, required=True),),
    json="plain",
)


def cancel_backtest(job_id: str) -> Call[BacktestSummary | None]:
    """Cancel a backtest.

    Args:
        job_id: Id of the job.

    DELETE /v1/simulation/backtests/{job_id}
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=CANCEL_BACKTEST,
        path=_call.fill(CANCEL_BACKTEST, job_id=job_id),
    )


GET_BACKTEST_TRADES: Final = Operation(
    id="Simulation_GetBacktestTrades",
    name="simulation.get_backtest_trades",
    method="GET",
    path="/v1/simulation/backtests/{job_id}/trades",
    success={200: SimulatedTradePage},
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
        Parameter(name="job_id", python="job_id", kind="path", type=str, required=True),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_backtest_trades(
    job_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Call[SimulatedTradePage]:
    """List trades of a backtest.

    The rows are not published.

    Args:
        job_id: Id of the job.
        cursor: Cursor of the page before.
        limit: Trades per page; 100 if absent.

    GET /v1/simulation/backtests/{job_id}/trades
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=GET_BACKTEST_TRADES,
        path=_call.fill(GET_BACKTEST_TRADES, job_id=job_id),
        query=_call.query(GET_BACKTEST_TRADES, cursor=cursor, limit=limit),
    )


GET_BACKTEST_EQUITY: Final = Operation(
    id="Simulation_GetBacktestEquity",
    name="simulation.get_backtest_equity",
    method="GET",
    path="/v1/simulation/backtests/{job_id}/equity",
    success={200: SimulatedEquityPage},
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
        Parameter(name="job_id", python="job_id", kind="path", type=str, required=True),
        Parameter(name="cursor", python="cursor", kind="query", type=str, required=False),
        Parameter(name="limit", python="limit", kind="query", type=int, required=False),
    ),
    json="plain",
)


def get_backtest_equity(
    job_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Call[SimulatedEquityPage]:
    """Read the equity of a backtest.

    Args:
        job_id: Id of the job.
        cursor: Cursor of the page before.
        limit: Points per page; 100 if absent.

    GET /v1/simulation/backtests/{job_id}/equity
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: may be repeated whatever happened.
    Confidence: documented (PolySimulator OpenAPI; simulation page).
    """
    return Call(
        operation=GET_BACKTEST_EQUITY,
        path=_call.fill(GET_BACKTEST_EQUITY, job_id=job_id),
        query=_call.query(GET_BACKTEST_EQUITY, cursor=cursor, limit=limit),
    )


CREATE_EXPORT: Final = Operation(
    id="Simulation_CreateExport",
    name="simulation.create_export",
    method="POST",
    path="/v1/simulation/exports",
    body=dict[str, Any],
    success={200: dict[str, Any]},
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
    retry="never",
    lane="write",
    json="plain",
)


def create_export(body: dict[str, Any]) -> Call[dict[str, Any]]:
    """Ask for an export.

    Always 503 so far. Neither body is published.

    POST /v1/simulation/exports
    Access: apiKey read.
    Rate limit: per second free 2, pro 30, pro_plus 60, enterprise 100, shared as KeySecond by each key.
    Rate limit: per minute free 120, pro 1800, pro_plus 3600, enterprise 6000, shared as KeyMinute by
    each key.
    Repeating: do not repeat when the outcome is unknown.
    Confidence: documented (simulation page).
    """
    return Call(
        operation=CREATE_EXPORT,
        path=CREATE_EXPORT.path,
        body=body,
    )


OPERATIONS: Final[dict[str, Operation]] = {
    SIMULATE_FILL.id: SIMULATE_FILL,
    GET_COVERAGE.id: GET_COVERAGE,
    LIST_FILL_MODELS.id: LIST_FILL_MODELS,
    GET_REPLAY_BOOK.id: GET_REPLAY_BOOK,
    LIST_BACKTESTS.id: LIST_BACKTESTS,
    CREATE_BACKTEST.id: CREATE_BACKTEST,
    GET_BACKTEST.id: GET_BACKTEST,
    CANCEL_BACKTEST.id: CANCEL_BACKTEST,
    GET_BACKTEST_TRADES.id: GET_BACKTEST_TRADES,
    GET_BACKTEST_EQUITY.id: GET_BACKTEST_EQUITY,
    CREATE_EXPORT.id: CREATE_EXPORT,
}
