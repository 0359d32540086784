"""Backtests: jobs that wait, run a slice at a time as the clock moves, and are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from polyspec.sandbox.polysimulator.archive import HOUR
from polyspec.sandbox.polysimulator.engine import money_text
from polyspec.sandbox.polysimulator.options import SimulationCaps
from polyspec.sandbox.polysimulator.refusals import Refusal, bad_request
from polyspec.sandbox.polysimulator.runs import Run
from polyspec.sandbox.polysimulator.strategies import read_strategy
from polyspec.sandbox.polysimulator.views import SECOND, iso, moment

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["Backtests", "Job"]

_KIND: Final = "sim_backtest"
_SLICE: Final = 400
"""Looks at a book before others get their turn."""
_PAUSE: Final = 0.01
_MOST_LOOKS: Final = 50_000
_OPEN: Final = ("pending", "running")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest, as it is kept; moments in nanoseconds, money in millionths."""

    id: str
    user_id: int
    key: str | None
    digest: str
    """Of the request; a key is of one request."""
    condition_ids: list[str]
    outcomes: list[int]
    start_ns: int
    end_ns: int
    strategy: dict[str, Any]
    fill_model: str
    bankroll: int
    token_ids: dict[str, str] | None = None
    hours: int
    """Market hours it is charged with."""
    status: str = "pending"
    created_ns: int
    started_ns: int | None = None
    completed_ns: int | None = None
    error: str | None = None
    final: int | None = None
    drawdown: int = 0
    won: int = 0
    closed: int = 0
    scored: bool = False
    trades: list[dict[str, Any]] = []
    equity: list[dict[str, Any]] = []

    def view(self, *, replay: bool = False) -> dict[str, Any]:
        """Return the job as it is answered."""
        told: dict[str, Any] = {
            "job_id": self.id,
            "status": self.status,
            "condition_ids": self.condition_ids,
            "start": iso(self.start_ns),
            "end": iso(self.end_ns),
            "fill_model": self.fill_model,
            "created_at": iso(self.created_ns),
            "started_at": moment(self.started_ns),
            "completed_at": moment(self.completed_ns),
            "error_message": self.error,
            "initial_bankroll": money_text(self.bankroll),
            "market_hours_charged": str(self.hours),
            "settlement_scored": self.scored,
            "is_replay": replay,
            "universe_eligible": True,
            "token_ids": self.token_ids,
        }
        if self.final is not None:
            gain = self.final - self.bankroll
            told |= {
                "total_pnl": money_text(gain),
                "total_return_pct": _percent(gain, self.bankroll),
                "win_rate": _percent(self.won, self.closed) if self.closed else None,
                "max_drawdown": f"{self.drawdown // 100}.{self.drawdown % 100:02d}",
                "num_trades": len(self.trades),
            }
        return {name: value for name, value in told.items() if value is not None}


class Backtests:
    """The jobs of all users."""

    def __init__(self, world: PolySimWorld) -> None:
        self._world = world
        self._jobs = world.store.load(_KIND, Job)
        for each in self._jobs.values():
            if each.status in _OPEN:
                # the run that had begun it is gone; it begins again
                self._schedule(each.id)

    def of(self, user_id: int) -> list[Job]:
        """Return the jobs of a user, newest first."""
        return [each for each in reversed(self._jobs.values()) if each.user_id == user_id]

    def get(self, user_id: int, job_id: str) -> Job:
        """Return a job; raises Refusal (404)."""
        found = self._jobs.get(job_id)
        if found is None or found.user_id != user_id:
            raise Refusal(404, "NOT_FOUND", "no such backtest")
        return found

    def repeated(self, user_id: int, key: str, digest: str) -> Job | None:
        """Return the job a key was used for; raises Refusal (409) if it was another request."""
        for each in self._jobs.values():
            if (each.user_id, each.key) == (user_id, key):
                if each.digest != digest:
                    raise Refusal(409, "IDEMPOTENCY_KEY_REUSE", "this key was used with another body")
                return each
        return None

    def create(self, job: Job, caps: SimulationCaps) -> Job:
        """Take a new job up; raises Refusal (400, 429) if it, or the month, has more than the plan allows."""
        span = job.end_ns - job.start_ns
        if len(job.condition_ids) > caps.markets:
            raise bad_request("BACKTEST_MARKET_CAP", f"at most {caps.markets} markets on this plan")
        if span > caps.days * 24 * HOUR:
            raise bad_request("BACKTEST_WINDOW_CAP", f"at most {caps.days} days on this plan")
        every = read_strategy(job.strategy).every
        if span // (every * SECOND) * len(job.condition_ids) > _MOST_LOOKS:
            raise bad_request("INVALID_WINDOW", f"more than {_MOST_LOOKS} looks; choose a larger `every`")
        month = [each for each in self.of(job.user_id) if _month(each.created_ns) == _month(job.created_ns)]
        if len(month) >= caps.jobs:
            raise _spent("BACKTEST_MONTHLY_CAP", f"at most {caps.jobs} backtests in a month")
        if sum(each.hours for each in month) + job.hours > caps.market_hours:
            raise _spent("SIMULATION_HOURS_EXCEEDED", f"at most {caps.market_hours} market hours in a month")
        self._put(job)
        self._schedule(job.id)
        return job

    def cancel(self, user_id: int, job_id: str) -> Job:
        """Cancel a job that is not over; one that is stays as it is."""
        job = self.get(user_id, job_id)
        if job.status not in _OPEN:
            return job
        now = self._world.clock.now_ns()
        return self._put(msgspec.structs.replace(job, status="cancelled", completed_ns=now))

    def _put(self, job: Job) -> Job:
        self._world.store.put(_KIND, job.id, job)
        self._jobs[job.id] = job
        return job

    # -- running --

    def _schedule(self, job_id: str) -> None:
        self._world.jobs.later(self._world.options.backtest_delay, lambda: self._start(job_id))

    def _start(self, job_id: str) -> None:
        job = self._jobs[job_id]
        if job.status not in _OPEN:
            return
        world = self._world
        job = self._put(
            msgspec.structs.replace(job, status="running", started_ns=world.clock.now_ns(), error=None)
        )
        markets = []
        for condition_id, index in zip(job.condition_ids, job.outcomes, strict=True):
            market = world.markets.market(condition_id)
            if market is None:
                self._put(msgspec.structs.replace(job, status="failed", error="ARCHIVE_NOT_FOUND"))
                return
            markets.append((market, index))
        run = Run(world.archive, read_strategy(job.strategy), markets, job.start_ns, job.end_ns, job.bankroll)
        self._go_on(job_id, run, run.steps())

    def _go_on(self, job_id: str, run: Run, steps: Iterator[None]) -> None:
        """Do a slice of a run, and leave the rest for later."""
        job = self._jobs[job_id]
        if job.status != "running":
            return
        for _ in range(_SLICE):
            try:
                next(steps)
            except StopIteration:
                self._complete(job, run)
                return
        self._world.jobs.later(_PAUSE, lambda: self._go_on(job_id, run, steps))

    def _complete(self, job: Job, run: Run) -> None:
        done = run.outcome
        self._put(
            msgspec.structs.replace(
                job,
                status="completed",
                completed_ns=self._world.clock.now_ns(),
                final=done.final,
                drawdown=done.drawdown,
                won=done.won,
                closed=done.closed,
                scored=done.scored,
                trades=done.trades,
                equity=done.equity,
            )
        )


def _percent(part: int, whole: int) -> str:
    """Return a share in percent, to two decimals, cut."""
    sign = "-" if part < 0 else ""
    hundredths = abs(part) * 10_000 // whole if whole else 0
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"


def _month(moment_ns: int) -> str:
    return f"{datetime.fromtimestamp(moment_ns // SECOND, UTC):%Y%m}"


def _spent(code: str, message: str) -> Refusal:
    return Refusal(429, code, message)
