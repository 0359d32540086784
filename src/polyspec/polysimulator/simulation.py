# Mirrored from simulation_async.py by `python -m generator.mirror`; do not edit.
"""What would have been: fills against recorded books, and backtests.

Where the venue has all of this switched off, it raises NotFound.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import simulation

from polyspec.core.scales import Amount, as_decimal
from polyspec.errors import ConfigError
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.naming import (
    MarketLike,
    TokenLike,
    read_depth,
    read_job,
    read_market,
    read_markets,
    read_token,
    read_when,
)
from polyspec.polysimulator.ticket import read_side

__all__ = ["Backtests", "Simulation"]

Models: TypeAlias = dict[str, Any] | list[dict[str, Any]]


class Simulation:
    """Simulated fills, recorded books, and backtests."""

    def __init__(self, client: Base) -> None:
        self._client = client
        self.backtests = Backtests(client)
        """Strategies run over recorded markets."""

    def fill(
        self,
        market: MarketLike,
        shares: Amount,
        at: datetime | date | float,
        *,
        outcome: str | None = None,
        side: str | None = None,
        token_id: TokenLike | None = None,
        fill_model: str | None = None,
        limit_price: Amount | None = None,
        timeout: float | None = None,
    ) -> wire.SimulateFillResponse:
        """Return the fill an order would have had at a moment of the past.

        BUY and Yes unless `side` and `outcome` say otherwise. `fill_model` is midpoint, top_of_book,
        depth_walk (if None) or depth_walk_depletion.
        """
        body = wire.SimulateFillRequest(
            condition_id=read_market(market),
            shares=as_decimal(shares, "shares"),
            at=read_when(at, "at"),
            token_id=None if token_id is None else read_token(token_id),
            outcome=outcome,
            side=None if side is None else wire.Side(read_side(side)),
            fill_model=None if fill_model is None else wire.FillModel(fill_model),
            limit_price=None if limit_price is None else as_decimal(limit_price, "limit_price"),
        )
        return self._client.send(simulation.simulate_fill(body), timeout=timeout)

    def coverage(
        self,
        market: MarketLike,
        *,
        start: datetime | date | float | None = None,
        end: datetime | date | float | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Return which hours of a market are recorded, as the venue tells it."""
        call = simulation.get_coverage(
            condition_id=read_market(market),
            start=None if start is None else read_when(start, "start"),
            end=None if end is None else read_when(end, "end"),
        )
        return self._client.send(call, timeout=timeout)

    def fill_models(self, *, timeout: float | None = None) -> Models:
        """Return the ways to simulate fills, as the venue tells them."""
        return self._client.send(simulation.list_fill_models(), timeout=timeout)

    def book(
        self,
        market: MarketLike,
        at: datetime | date | float,
        *,
        outcome: str | None = None,
        depth: int | None = None,
        token_id: TokenLike | None = None,
        timeout: float | None = None,
    ) -> wire.ReplayBookResponse:
        """Return the book of a moment of the past; here the best level is the first of each side."""
        call = simulation.get_replay_book(
            condition_id=read_market(market),
            at=read_when(at, "at"),
            outcome=outcome,
            depth=read_depth(depth),
            token_id=None if token_id is None else read_token(token_id),
        )
        return self._client.send(call, timeout=timeout)


class Backtests:
    """Strategies run over recorded markets; the plan says how many a month, how long and how wide."""

    def __init__(self, client: Base) -> None:
        self._client = client

    def create(
        self,
        markets: Iterable[MarketLike],
        start: datetime | date | float,
        end: datetime | date | float,
        strategy: Mapping[str, Any],
        *,
        initial_bankroll: Amount | None = None,
        token_ids: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> wire.BacktestSummary:
        """Begin a backtest, and return it at once.

        Sent again after a lost answer, under the same key: it is begun once. What a strategy looks like the
        venue does not publish. `initial_bankroll` is dollars, 1000 if None; `token_ids` are by condition id.
        """
        wanted = read_markets(markets)
        if not wanted:
            raise ConfigError("a backtest needs at least one market")
        body = wire.CreateBacktestRequest(
            condition_ids=wanted,
            start=read_when(start, "start"),
            end=read_when(end, "end"),
            strategy=dict(strategy),
            initial_bankroll=None
            if initial_bankroll is None
            else as_decimal(initial_bankroll, "initial_bankroll"),
            token_ids=None if token_ids is None else dict(token_ids),
        )
        key = f"ps-{secrets.token_hex(16)}" if idempotency_key is None else idempotency_key
        call = simulation.create_backtest(body, idempotency_key=read_job(key, "idempotency_key"))
        return self._client.send(call, timeout=timeout)

    def list(self, *, timeout: float | None = None) -> Iterator[wire.BacktestSummary]:
        """Iterate over the backtests of the account."""
        call = simulation.list_backtests(limit=100)
        return self._client.once_each(call, lambda job: job.job_id, timeout=timeout)

    def get(self, job_id: str, *, timeout: float | None = None) -> wire.BacktestSummary:
        """Return a backtest, with its results once it is completed; raises NotFound."""
        return self._client.send(simulation.get_backtest(read_job(job_id)), timeout=timeout)

    def cancel(self, job_id: str, *, timeout: float | None = None) -> wire.BacktestSummary | None:
        """Stop a backtest; returns it if the venue shows it."""
        return self._client.send(simulation.cancel_backtest(read_job(job_id)), timeout=timeout)

    def trades(self, job_id: str, *, timeout: float | None = None) -> Iterator[dict[str, Any]]:
        """Iterate over the trades of a backtest, as the venue tells them."""
        return self._client.iterate(simulation.get_backtest_trades(read_job(job_id)), timeout=timeout)

    def equity(self, job_id: str, *, timeout: float | None = None) -> Iterator[wire.SimulatedEquityPoint]:
        """Iterate over what a backtest was worth over time."""
        return self._client.iterate(simulation.get_backtest_equity(read_job(job_id)), timeout=timeout)
