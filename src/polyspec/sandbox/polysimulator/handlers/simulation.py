"""Fills and books of the past, and backtests; everything is 404 where the venue has it switched off."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import msgspec

from polyspec.sandbox.http.clock import to_ns
from polyspec.sandbox.polysimulator.archive import HOUR, ReplayBook
from polyspec.sandbox.polysimulator.backtests import Job
from polyspec.sandbox.polysimulator.engine import money_text, price_text, quantity_text, scaled
from polyspec.sandbox.polysimulator.feed import FeedMarket
from polyspec.sandbox.polysimulator.fills import FILL_MODELS, simulate
from polyspec.sandbox.polysimulator.frames import levels
from polyspec.sandbox.polysimulator.paging import cut, read_cursor, write_cursor
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request, invalid, missing
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles
from polyspec.sandbox.polysimulator.strategies import read_strategy
from polyspec.sandbox.polysimulator.views import MILLISECOND, iso

__all__: list[str] = []

_OUTCOME: Final = "Yes"
_ONE: Final = 1_000_000
_SHARE: Final = 10_000
_DEPTH: Final = 10
_MOST_DEPTH: Final = 100
_JOBS: Final = 20
_ROWS: Final = 100
_MOST: Final = 500
_LONGEST_KEY: Final = 256
_BANKROLL: Final = 1000 * _ONE
_LAST: Final = 2**62

_Handler = Callable[[Asked], Any]


def _switched(handler: _Handler) -> _Handler:
    """Answer 404 if simulations are switched off."""

    def serve(asked: Asked) -> Any:
        if not asked.world.options.simulation_enabled:
            raise missing("NOT_FOUND", "Not Found")
        return handler(asked)

    return serve


def _market(asked: Asked, condition_id: str) -> FeedMarket:
    found = asked.world.markets.market(condition_id)
    if found is None:
        raise missing("ARCHIVE_NOT_FOUND", f"nothing is recorded of {condition_id[:80]}")
    return found


def _outcome(market: FeedMarket, label: str, token_id: str) -> int:
    """Return which outcome is meant; where there is no Yes, the usual one is the first."""
    if token_id:
        if token_id not in market.token_ids:
            raise bad_request("INVALID_TOKEN_ID", "the token is not of this market")
        return market.token_ids.index(token_id)
    labels = [each.lower() for each in market.outcomes]
    if label.lower() in labels:
        return labels.index(label.lower())
    if label in ("", _OUTCOME):
        return 0
    raise bad_request("INVALID_REQUEST", f"outcome must be one of {', '.join(market.outcomes)}")


def _other_token(book: ReplayBook) -> str | None:
    tokens = book.market.token_ids
    return tokens[1 - book.index] if len(tokens) == 2 else None


# -- fills and books --


@handles("Simulation_SimulateFill")
@_switched
def simulate_fill(asked: Asked) -> dict[str, Any]:
    """Tell what an order would have filled at."""
    sent = asked.body
    model = "depth_walk" if sent.fill_model is None else str(sent.fill_model)
    side = "BUY" if sent.side is None else str(sent.side)
    if model not in FILL_MODELS:
        raise bad_request("INVALID_REQUEST", f"fill_model must be one of {', '.join(FILL_MODELS)}")
    if side not in ("BUY", "SELL"):
        raise bad_request("INVALID_REQUEST", "side must be BUY or SELL")
    quantity = scaled(sent.shares, _SHARE)
    if quantity is None or not 0 < quantity < 10**15:
        raise bad_request("INVALID_QUANTITY", "shares must be above zero, with at most 4 decimals")
    limit = None if sent.limit_price is None else scaled(sent.limit_price, _ONE)
    if sent.limit_price is not None and (limit is None or not 0 < limit <= _ONE):
        raise bad_request("INVALID_REQUEST", "limit_price must be above 0, at most 1, to six decimals")
    market = _market(asked, sent.condition_id)
    index = _outcome(market, sent.outcome or "", sent.token_id or "")
    book = asked.world.archive.book(market, index, to_ns(sent.at))
    fill = simulate(book, side, quantity, model, limit=limit)
    told = {
        "vwap_fill_price": None if fill.price is None else price_text(fill.price),
        "filled_shares": quantity_text(fill.quantity),
        "remaining_shares": quantity_text(fill.remaining),
        "slippage_bps": None if fill.slippage_bps is None else str(fill.slippage_bps),
        "impact_bps": None if fill.impact_bps is None else str(fill.impact_bps),
        "levels_used": fill.levels,
        "fee": money_text(fill.fee),
        "book_age_ms": (book.at_ns - book.seen_ns) // MILLISECOND,
        "price_source": "midpoint" if model == "midpoint" else "book_walk",
        "confidence": book.confidence,
        "fill_model": model,
        "fee_model": "polymarket_v2_taker",
        "token_id": market.token_ids[index],
        "comp_token_id": _other_token(book),
        "provenance": book.provenance(),
        "leakage": book.leakage(model),
    }
    return {name: value for name, value in told.items() if value is not None}


@handles("Simulation_GetCoverage")
@_switched
def get_coverage(asked: Asked) -> dict[str, Any]:
    """Tell which hours of a market are recorded, and how well."""
    market = _market(asked, asked.text("condition_id"))
    start, end = asked.moment("start") or 0, asked.moment("end") or _LAST
    hours = asked.world.archive.hours(market, start, end)
    return {
        "condition_id": market.condition_id,
        "hours": hours[-_MOST:],
        "covered_hours": len(hours),
        "truncated": len(hours) > _MOST,
    }


@handles("Simulation_ListFillModels")
@_switched
def list_fill_models(asked: Asked) -> dict[str, Any]:
    """List the models of fills."""
    del asked
    models = [{"name": name, "description": words} for name, words in FILL_MODELS.items()]
    return {"fill_models": models, "default": "depth_walk"}


@handles("Simulation_GetReplayBook")
@_switched
def get_replay_book(asked: Asked) -> dict[str, Any]:
    """Show a book of the past, best levels first."""
    market = _market(asked, asked.text("condition_id"))
    index = _outcome(market, asked.text("outcome"), asked.text("token_id"))
    at_ns, depth = asked.moment("at"), asked.whole("depth", _DEPTH, 1, _MOST_DEPTH)
    if at_ns is None:
        raise invalid("at is required", field="at")
    book = asked.world.archive.book(market, index, at_ns)
    told = {
        "condition_id": market.condition_id,
        "token_id": market.token_ids[index],
        "comp_token_id": _other_token(book),
        "at": iso(at_ns),
        "depth": depth,
        "bids": levels(book.bids[:depth])[::-1],
        "asks": levels(book.asks[:depth])[::-1],
        "best_bid": price_text(book.bids[0][0]) if book.bids else None,
        "best_ask": price_text(book.asks[0][0]) if book.asks else None,
        "book_age_ms": (at_ns - book.seen_ns) // MILLISECOND,
        "provenance": book.provenance(),
        "leakage": book.leakage("depth_walk"),
    }
    return {name: value for name, value in told.items() if value is not None}


# -- backtests --


@handles("Simulation_CreateBacktest")
@_switched
def create_backtest(asked: Asked) -> Answer:
    """Take up a backtest, or answer a repetition with the same job."""
    key = asked.headers.get("idempotency-key", "").strip() or None
    if key is not None and len(key) > _LONGEST_KEY:
        raise invalid(f"Idempotency-Key has at most {_LONGEST_KEY} characters")
    backtests, user_id = asked.world.backtests, asked.caller.user.id
    digest = sha256(msgspec.json.encode(asked.body)).hexdigest()
    known = None if key is None else backtests.repeated(user_id, key, digest)
    if known is not None:
        return Answer(known.view(replay=True), 202)
    job = backtests.create(_job(asked, key, digest), asked.world.options.simulation_caps[asked.caller.tier])
    return Answer(job.view(), 202)


def _job(asked: Asked, key: str | None, digest: str) -> Job:
    sent, world = asked.body, asked.world
    start, end = to_ns(sent.start), to_ns(sent.end)
    if not start < end <= asked.now_ns:
        raise bad_request("INVALID_WINDOW", "start must be before end, and end not in the future")
    conditions = list(dict.fromkeys(sent.condition_ids))
    if not conditions:
        raise invalid("condition_ids must not be empty", field="condition_ids")
    strategy = read_strategy(sent.strategy)
    tokens = dict(sent.token_ids or {})
    outcomes = []
    for each in conditions:
        market = _market(asked, each)
        outcomes.append(_outcome(market, strategy.outcome, tokens.get(each, "")))
    bankroll = _BANKROLL if sent.initial_bankroll is None else scaled(sent.initial_bankroll, _ONE)
    if bankroll is None or not 0 < bankroll < 10**15:
        raise bad_request("INVALID_REQUEST", "initial_bankroll must be above zero")
    return Job(
        id=f"bt_{world.ids.hex(24)}",
        user_id=asked.caller.user.id,
        key=key,
        digest=digest,
        condition_ids=conditions,
        outcomes=outcomes,
        start_ns=start,
        end_ns=end,
        strategy=sent.strategy,
        fill_model=strategy.fill_model,
        bankroll=bankroll,
        token_ids=tokens or None,
        hours=-(-(end - start) // HOUR) * len(conditions),
        created_ns=asked.now_ns,
    )


@handles("Simulation_ListBacktests")
@_switched
def list_backtests(asked: Asked) -> dict[str, Any]:
    """List the backtests of the user, newest first."""
    jobs = asked.world.backtests.of(asked.caller.user.id)
    return _page(asked, [each.view() for each in jobs], _JOBS)


@handles("Simulation_GetBacktest")
@_switched
def get_backtest(asked: Asked) -> dict[str, Any]:
    """Show a backtest."""
    return _of(asked).view()


@handles("Simulation_CancelBacktest")
@_switched
def cancel_backtest(asked: Asked) -> dict[str, Any]:
    """Cancel a backtest that is not over."""
    return asked.world.backtests.cancel(asked.caller.user.id, asked.path["job_id"]).view()


@handles("Simulation_GetBacktestTrades")
@_switched
def get_backtest_trades(asked: Asked) -> dict[str, Any]:
    """List the trades of a backtest, oldest first."""
    return _page(asked, _of(asked).trades, _ROWS)


@handles("Simulation_GetBacktestEquity")
@_switched
def get_backtest_equity(asked: Asked) -> dict[str, Any]:
    """List what a backtest was worth, oldest first."""
    return _page(asked, _of(asked).equity, _ROWS)


@handles("Simulation_CreateExport")
@_switched
def create_export(asked: Asked) -> Any:
    """Refuse, as the venue does so far."""
    del asked
    raise Refusal(503, "JOB_STORE_UNAVAILABLE", "exports are not available yet")


def _of(asked: Asked) -> Job:
    return asked.world.backtests.get(asked.caller.user.id, asked.path["job_id"])


def _page(asked: Asked, rows: list[dict[str, Any]], size: int) -> dict[str, Any]:
    limit = asked.whole("limit", size, 1, _MOST)
    page, following = cut(rows, read_cursor(asked.text("cursor")), limit)
    return {"data": page, "next_cursor": None if following is None else write_cursor(following)}
