# Mirrored from test_sim_simulation_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Fills and books of the past, and backtests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from polyspec.errors import ApiError, BadRequest, ConfigError, Forbidden, NotFound
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.levels import best_ask, best_bid
from polyspec.polysimulator.money import fee
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.client.doing import first, listed
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import QUICK, Person, Venue, open_venue

CREATE = "Simulation_CreateBacktest"
HOLD: dict[str, Any] = {"type": "buy_and_hold", "outcome": "Yes", "shares": "10"}


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a venue whose markets have a past."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person, QUICK) as client:
        yield client


@pytest.fixture
def condition(venue: Venue) -> str:
    """Name a market that has been there for long."""
    return venue.sim.condition_ids[0]


def ago(venue: Venue, hours: float) -> datetime:
    """Return a moment of the past."""
    return datetime.fromtimestamp(int(venue.world.clock.seconds() - hours * 3600), UTC)


def test_fill(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """An order of the past fills against the book of then, as deep as the model looks."""
    at = ago(venue, 5)
    book = client.simulation.book(condition, at)
    bid, ask = best_bid(book), best_ask(book)
    assert bid is not None
    assert ask is not None
    assert (book.bids[0], book.asks[0]) == (bid, ask)
    assert (book.best_bid, book.best_ask) == (bid.price, ask.price)
    small = client.simulation.fill(condition, 1, at)
    assert (small.vwap_fill_price, small.filled_shares, small.remaining_shares) == (ask.price, 1, 0)
    category = client.markets.get(condition).category
    rate = Decimal(client.books.get_fee_rate(small.token_id or "").fee_rate_bps or 0) / 10_000
    assert (small.fee, category) == (fee(ask.price, 1, rate), category)
    sold = client.simulation.fill(condition, "1.5", at.timestamp(), side="sell")
    assert (sold.vwap_fill_price, sold.filled_shares) == (bid.price, Decimal("1.5"))
    deep = ask.size + 1
    touch = client.simulation.fill(condition, deep, at, fill_model="top_of_book")
    assert (touch.filled_shares, touch.remaining_shares) == (ask.size, 1)
    walked = client.simulation.fill(condition, deep, at)
    assert walked.levels_used == 2
    assert (walked.vwap_fill_price or 0) > ask.price
    capped = client.simulation.fill(condition, deep, at, limit_price=ask.price)
    assert capped.filled_shares == ask.size
    no = client.simulation.fill(condition, 1, at, outcome="No")
    assert no.vwap_fill_price == 1 - bid.price
    middle = client.simulation.fill(condition, 1, at, fill_model="midpoint")
    assert bid.price < (middle.vwap_fill_price or 0) < ask.price


def test_books_of_the_past(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """The same moment has the same book, another has another; depth and outcome are as asked."""
    at = ago(venue, 5)
    book = client.simulation.book(condition, at)
    assert client.simulation.book(condition, at) == book
    assert client.simulation.book(condition, at, depth=2).asks == book.asks[:2]
    no = client.simulation.book(condition, at, outcome="No")
    assert [each.price for each in no.bids] == [1 - each.price for each in book.asks]
    assert no == client.simulation.book(condition, at, token_id=no.token_id)
    spread = {client.simulation.book(condition, ago(venue, hours)).best_ask for hours in range(3, 40)}
    assert len(spread) > 1


def test_what_is_not_recorded(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """The future, the time before a market and unknown markets say which they are."""
    cases: list[tuple[str, datetime, str]] = [
        (condition, ago(venue, -1), "INVALID_WINDOW"),
        (condition, datetime(2026, 1, 1, tzinfo=UTC), "CONDITION_HOUR_NOT_COVERED"),
        ("0x" + "ab" * 32, ago(venue, 1), "ARCHIVE_NOT_FOUND"),
    ]
    for market, at, code in cases:
        with pytest.raises(ApiError) as caught:
            client.simulation.fill(market, 1, at)
        assert caught.value.code == code
    with pytest.raises(ConfigError, match="time zone"):
        client.simulation.book(condition, datetime(2026, 11, 1))  # noqa: DTZ001


def test_coverage_and_models(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """Hours of a stretch are told, and the models by name."""
    told = client.simulation.coverage(condition, start=ago(venue, 3), end=ago(venue, 0))
    assert 3 <= told["covered_hours"] == len(told["hours"]) <= 4
    assert client.simulation.coverage(condition)["covered_hours"] > 24
    models = client.simulation.fill_models()
    assert {"midpoint", "top_of_book", "depth_walk", "depth_walk_depletion"} <= {
        each["name"] for each in models["fill_models"]
    }


def test_backtest(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """A backtest is begun, runs, and has trades and a worth that ends where the summary says."""
    start, end = ago(venue, 30), ago(venue, 2)
    job = client.simulation.backtests.create([condition], start, end, HOLD, initial_bankroll="500")
    assert (str(job.status), job.condition_ids, job.initial_bankroll) == ("pending", [condition], 500)
    assert listed(client.simulation.backtests.trades(job.job_id)) == []
    venue.pass_time(1.0)
    done = client.simulation.backtests.get(job.job_id)
    assert str(done.status) == "completed"
    (trade,) = listed(client.simulation.backtests.trades(job.job_id))
    assert (trade["side"], Decimal(trade["shares"])) == ("BUY", 10)
    points = listed(client.simulation.backtests.equity(job.job_id))
    assert points[-1].equity == 500 + (done.total_pnl or 0)
    assert done.num_trades == 1


def test_backtest_over_pages(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """A long run is read page by page, every point once and in order."""
    strategy = {**HOLD, "every": 600}
    job = client.simulation.backtests.create([condition], ago(venue, 40), ago(venue, 1), strategy)
    for _ in range(5):
        venue.pass_time(1.0)
    points = listed(client.simulation.backtests.equity(job.job_id))
    assert len(points) > 200
    stamps = [each.ts for each in points]
    assert stamps == sorted(set(stamps))
    assert venue.seen["Simulation_GetBacktestEquity"] >= 3
    assert len(first(client.simulation.backtests.equity(job.job_id), 3)) == 3


def test_backtest_with_a_lost_answer(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """It is sent again under the same key and begun once; the key of another request is refused."""
    span = ago(venue, 10), ago(venue, 5)
    venue.sim.faults.add(kind="truncate", operation=CREATE)
    job = client.simulation.backtests.create([condition], *span, HOLD, idempotency_key="bt-1")
    assert venue.seen[CREATE] == 2
    assert job.is_replay
    (only,) = listed(client.simulation.backtests.list())
    assert only.job_id == job.job_id
    again = client.simulation.backtests.create([condition], *span, HOLD, idempotency_key="bt-1")
    assert again.job_id == job.job_id
    with pytest.raises(ApiError) as caught:
        client.simulation.backtests.create(
            [condition], *span, {**HOLD, "shares": "5"}, idempotency_key="bt-1"
        )
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSE"
    with pytest.raises(ConfigError):
        client.simulation.backtests.create([], *span, HOLD)


def test_cancel_a_backtest(client: PolySimulatorClient, venue: Venue, condition: str) -> None:
    """A backtest that has not run is cancelled for good; others have none of it."""
    job = client.simulation.backtests.create([condition], ago(venue, 9), ago(venue, 1), HOLD)
    cancelled = client.simulation.backtests.cancel(job.job_id)
    assert cancelled is not None
    assert str(cancelled.status) == "cancelled"
    venue.pass_time(2.0)
    assert str(client.simulation.backtests.get(job.job_id).status) == "cancelled"
    with connect(venue, venue.person()) as other:
        assert listed(other.simulation.backtests.list()) == []
        with pytest.raises(NotFound):
            other.simulation.backtests.get(job.job_id)


def test_caps_of_the_plan(venue: Venue, condition: str) -> None:
    """A plan's span, markets and jobs in a month end in refusals that are not tried again."""
    hour = timedelta(hours=1)
    with connect(venue, venue.person("free"), QUICK) as client:
        create, end = client.simulation.backtests.create, ago(venue, 1)
        with pytest.raises((BadRequest, Forbidden), match="plan") as caught:
            create([condition], end - 8 * 24 * hour, end, {**HOLD, "every": 86_400})
        assert caught.value.code == "BACKTEST_WINDOW_CAP"
        with pytest.raises((BadRequest, Forbidden)) as caught:
            create(venue.sim.condition_ids[:6], end - hour, end, HOLD)
        assert caught.value.code == "BACKTEST_MARKET_CAP"
        for _ in range(10):
            create([condition], end - hour, end, HOLD)
        venue.seen.clear()
        with pytest.raises(Forbidden, match="how many backtests a month") as caught:
            create([condition], end - hour, end, HOLD)
        assert caught.value.code == "BACKTEST_MONTHLY_CAP"
        assert venue.seen[CREATE] == 1


def test_switched_off() -> None:
    """Where the venue has none of it, NotFound says so."""
    with open_venue(PolySimOptions(simulation_enabled=False)) as venue:
        with connect(venue, venue.person()) as client:
            with pytest.raises(NotFound):
                client.simulation.fill_models()
            with pytest.raises(NotFound):
                listed(client.simulation.backtests.list())
