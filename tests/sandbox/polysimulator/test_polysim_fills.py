"""Models of fills against a book made by hand, and what a run leaves of a book."""

from __future__ import annotations

from typing import Any

import pytest
from fakefeed import MARKETS, RAIN
from sim_door import Door

from polyspec.sandbox.polysimulator.archive import ReplayBook
from polyspec.sandbox.polysimulator.fills import SimulatedFill, simulate
from polyspec.sandbox.polysimulator.views import iso

MILLION = 1_000_000
SHARE = 10_000
HOUR = 3600 * 10**9


def book(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> ReplayBook:
    """Return a book from cents and shares, with its middle at 0.50."""
    made = [[(cents * 10_000, shares * MILLION) for cents, shares in side] for side in (bids, asks)]
    return ReplayBook(
        market=MARKETS[0],
        index=0,
        at_ns=2,
        seen_ns=1,
        mid=500_000,
        bids=made[0],
        asks=made[1],
        hour_status="valid",
        confidence="high",
        data_source="here",
    )


BOOK = book([(49, 10), (48, 20)], [(51, 10), (52, 20), (54, 5)])


def told(fill: SimulatedFill) -> tuple[int | None, int, int, int]:
    """Return price, shares filled and left, and levels."""
    return fill.price, fill.quantity // SHARE, fill.remaining // SHARE, fill.levels


@pytest.mark.parametrize(
    ("side", "shares", "model", "expected"),
    [
        ("BUY", 10, "depth_walk", (510_000, 10, 0, 1)),
        ("BUY", 20, "depth_walk", (515_000, 20, 0, 2)),
        ("BUY", 50, "depth_walk", (520_000 - 10 * 10_000 // 35 + 5 * 20_000 // 35 + 1, 35, 15, 3)),
        ("SELL", 20, "depth_walk", (485_000, 20, 0, 2)),
        ("SELL", 20, "top_of_book", (490_000, 10, 10, 1)),
        ("BUY", 20, "top_of_book", (510_000, 10, 10, 1)),
        ("BUY", 1000, "midpoint", (500_000, 1000, 0, 1)),
    ],
)
def test_a_model_walks_as_deep_as_it_says(
    side: str, shares: int, model: str, expected: tuple[int, int, int, int]
) -> None:
    """Price, shares and levels are those of the levels taken."""
    price, *rest = told(simulate(BOOK, side, shares * SHARE, model))
    assert rest == list(expected[1:])
    assert price == pytest.approx(expected[0], abs=1)


def test_a_limit_stops_the_walk() -> None:
    """Levels beyond the limit are not taken, on either side; one at the limit is."""
    assert told(simulate(BOOK, "BUY", 50 * SHARE, "depth_walk", limit=520_000))[1:] == (30, 20, 2)
    assert told(simulate(BOOK, "SELL", 50 * SHARE, "depth_walk", limit=490_000))[1:] == (10, 40, 1)
    nothing = simulate(BOOK, "BUY", SHARE, "depth_walk", limit=500_000)
    assert (nothing.price, nothing.fee, nothing.slippage_bps) == (None, 0, None)


def test_telemetry_is_against_whoever_trades() -> None:
    """Slippage from the middle and impact from the first level are above zero for both sides."""
    bought, sold = (simulate(BOOK, side, 20 * SHARE, "depth_walk") for side in ("BUY", "SELL"))
    assert (bought.slippage_bps, bought.impact_bps) == (300, 196)
    assert (sold.slippage_bps, sold.impact_bps) == (300, 204)


def test_the_fee_is_the_takers() -> None:
    """Shares x rate x price x (1 - price), to five decimals, at the average price."""
    assert simulate(BOOK, "BUY", 10 * SHARE, "depth_walk").fee == 124_950


def test_what_was_taken_before_is_gone() -> None:
    """A level that was taken in part has the rest, one that was taken wholly is passed over."""
    gone = {510_000: 10 * MILLION, 520_000: 15 * MILLION}
    fill = simulate(BOOK, "BUY", 10 * SHARE, "depth_walk_depletion", gone=gone)
    assert fill.taken == ((520_000, 5 * MILLION), (540_000, 5 * MILLION))


def _run(door: Door, model: str) -> list[dict[str, Any]]:
    """Buy many shares every ten seconds of a minute in which the book stands still."""
    start = (door.world.clock.now_ns() // HOUR - 5) * HOUR
    body = {
        "condition_ids": [RAIN],
        "start": iso(start),
        "end": iso(start + 30 * 10**9),
        "initial_bankroll": "1000000",
        "strategy": {
            "type": "threshold", "shares": "400", "max_shares": "100000", "buy_below": "0.99", "every": 10,
            "fill_model": model,
        },
    }  # fmt: skip
    made = door.post("/v1/simulation/backtests", body)
    door.pass_time(1)
    return list(door.get(f"/v1/simulation/backtests/{made['job_id']}/trades")["data"])


def test_a_run_can_use_its_book_up(reader: Door) -> None:
    """With depletion each trade of one snapshot is dearer than the last; without, all are the same."""
    same = [each["price"] for each in _run(reader, "depth_walk")]
    dearer = [float(each["price"]) for each in _run(reader, "depth_walk_depletion")]
    assert len(same) == len(dearer) == 3
    assert len(set(same)) == 1
    assert dearer == sorted(set(dearer))
