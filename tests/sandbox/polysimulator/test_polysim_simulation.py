"""Fills and books of the past, and backtests that run as the clock moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Open
from fakefeed import BILL, MARKETS, RAIN
from sim_door import Door

from polyspec.sandbox.polysimulator.options import SIMULATION_CAPS
from polyspec.sandbox.polysimulator.views import iso

HOUR = 3600
SECOND = 10**9
BACKTESTS = "/v1/simulation/backtests"


def at(door: Door, ago: float = 0.0) -> str:
    """Return a moment so many seconds ago."""
    return iso(door.world.clock.now_ns() - int(ago * SECOND))


def window(door: Door) -> dict[str, str]:
    """Return the six hours before the last one."""
    now = door.world.clock.now_ns()
    return {"start": iso(now - 7 * HOUR * SECOND), "end": iso(now - HOUR * SECOND)}


def fill(door: Door, **changes: Any) -> Any:
    """Ask for a fill two hours ago."""
    body = {"condition_id": RAIN, "shares": "10", "at": at(door, 2 * HOUR), **changes}
    return door.send("POST", "/v1/simulation/fill", json=body)


def job(door: Door, key: str | None = "k-1", **changes: Any) -> Any:
    """Ask for a backtest of the six hours before the last one."""
    body = {
        "condition_ids": [RAIN],
        **window(door),
        "strategy": {"type": "buy_and_hold", "shares": "10"},
        **changes,
    }
    headers = {} if key is None else {"Idempotency-Key": key}
    return door.send("POST", BACKTESTS, json=body, headers=headers)


def finished(door: Door, made: dict[str, Any]) -> Any:
    """Let a backtest run and return it."""
    for _ in range(20):
        shown = door.get(f"{BACKTESTS}/{made['job_id']}")
        if shown["status"] not in ("pending", "running"):
            return shown
        door.pass_time(1)
    raise AssertionError(shown)


# -- fills and books --


def test_the_past_does_not_change(reader: Door) -> None:
    """The same question about the same moment has the same answer, and another moment another book."""
    moment = at(reader, 2 * HOUR)
    first = fill(reader, at=moment).json()
    assert first == fill(reader, at=moment).json()
    assert first["filled_shares"] == "10"
    books = [
        reader.get("/v1/simulation/book", condition_id=RAIN, at=at(reader, ago))["bids"]
        for ago in (2 * HOUR, 9 * HOUR)
    ]
    assert books[0] != books[1]


def test_a_book_of_the_past_has_the_best_first(reader: Door) -> None:
    """Bids fall and asks rise, no further than asked for; both outcomes see one book."""
    moment = at(reader, 2 * HOUR)
    yes = reader.get("/v1/simulation/book", condition_id=RAIN, at=moment, depth=3)
    no = reader.get("/v1/simulation/book", condition_id=RAIN, at=moment, outcome="No", depth=3)
    bids, asks = ([float(each["price"]) for each in yes[side]] for side in ("bids", "asks"))
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert len(bids) == len(asks) == 3
    assert (yes["best_bid"], yes["best_ask"]) == (yes["bids"][0]["price"], yes["asks"][0]["price"])
    assert bids[0] < asks[0]
    assert [round(1 - float(each["price"]), 6) for each in no["asks"]] == bids
    assert (yes["comp_token_id"], yes["token_id"]) == (no["token_id"], no["comp_token_id"])


def test_trades_of_the_hour_are_what_it_cost(door: Door) -> None:
    """Where the market traded the archive knows its price, and says how good that is."""
    token = MARKETS[0].token_ids[0]
    now = door.world.clock.now_ns()
    door.feed.set_points(token, [(now - 2 * HOUR * SECOND - 60 * SECOND, 300_000)])
    known, carried = fill(door).json(), fill(door, at=at(door, 30 * HOUR)).json()
    assert (known["confidence"], known["provenance"]["hour_status"]) == ("high", "valid")
    assert known["vwap_fill_price"] == "0.31"
    assert (carried["confidence"], carried["provenance"]["hour_status"]) == ("medium", "degraded")


def test_models_fill_differently(reader: Door) -> None:
    """The middle has no slippage, the top no second level, and a walk takes what there is."""
    moment = at(reader, 2 * HOUR)
    got = {
        model: fill(reader, at=moment, shares="100000", fill_model=model).json()
        for model in ("midpoint", "top_of_book", "depth_walk")
    }
    assert (got["midpoint"]["slippage_bps"], got["midpoint"]["remaining_shares"]) == ("0", "0")
    assert got["top_of_book"]["levels_used"] == 1
    assert got["depth_walk"]["levels_used"] > 1
    assert float(got["depth_walk"]["filled_shares"]) > float(got["top_of_book"]["filled_shares"])
    assert float(got["depth_walk"]["impact_bps"]) > 0
    capped = fill(reader, at=moment, limit_price="0.01").json()
    assert (capped["filled_shares"], "vwap_fill_price" in capped) == ("0", False)


def test_what_a_seller_gets_is_below_the_middle(reader: Door) -> None:
    """Slippage is counted against whoever trades, on either side."""
    moment = at(reader, 2 * HOUR)
    bought, sold = (fill(reader, at=moment, side=each).json() for each in ("BUY", "SELL"))
    assert float(bought["vwap_fill_price"]) > float(sold["vwap_fill_price"])
    assert int(bought["slippage_bps"]) > 0
    assert int(sold["slippage_bps"]) > 0


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"condition_id": "0x1"}, 404, "ARCHIVE_NOT_FOUND"),
        ({"at": "1969-12-31T00:00:00Z"}, 404, "CONDITION_HOUR_NOT_COVERED"),
        ({"at": "2100-01-01T00:00:00Z"}, 400, "INVALID_WINDOW"),
        ({"shares": "0"}, 400, "INVALID_QUANTITY"),
        ({"fill_model": "luck"}, 400, "INVALID_REQUEST"),
        ({"outcome": "Maybe"}, 400, "INVALID_REQUEST"),
        ({"token_id": "1"}, 400, "INVALID_TOKEN_ID"),
        ({"at": "soon"}, 422, "VALIDATION_FAILED"),
    ],
)
def test_what_was_not_recorded_is_refused(reader: Door, changes: Any, status: int, code: str) -> None:
    """Each impossible question has its code."""
    assert reader.code(fill(reader, **changes)) == (status, code)


@pytest.mark.parametrize("limit", ["NaN", "0.1234567", "0", "1.01"])
def test_a_limit_that_is_none_is_not_passed_over(reader: Door, limit: str) -> None:
    """Who names a limit is not told of fills without one."""
    refused = fill(reader, limit_price=limit)
    assert reader.code(refused) == (400, "INVALID_REQUEST")
    assert "limit_price" in refused.json()["message"]


def test_rounds_have_a_past_of_their_own(reader: Door) -> None:
    """An Up/Down round is covered from its listing to its end."""
    updown = reader.world.updown
    each = updown.rounds.at("BTC", "1H", reader.world.clock.now_ns() // SECOND - 3 * HOUR)
    condition_id = updown.rounds.condition_id(each)
    shown = reader.get("/v1/simulation/book", condition_id=condition_id, at=iso(each.start_ns), outcome="Up")
    assert (shown["best_bid"], shown["best_ask"]) == ("0.49", "0.51")
    assert reader.get("/v1/simulation/coverage", condition_id=condition_id)["covered_hours"] == 2


def test_fill_models_are_listed(reader: Door) -> None:
    """The list has what fills accept."""
    named = [each["name"] for each in reader.get("/v1/simulation/fill-models")["fill_models"]]
    assert named == ["midpoint", "top_of_book", "depth_walk", "depth_walk_depletion"]


def test_exports_are_not_to_be_had(reader: Door) -> None:
    """As live, an export is always refused."""
    answer = reader.send("POST", "/v1/simulation/exports", json={})
    assert reader.code(answer) == (503, "JOB_STORE_UNAVAILABLE")


@pytest.mark.parametrize("path", ["/fill-models", "/backtests", "/coverage?condition_id=x"])
def test_switched_off_it_is_not_there(open_door: Open, path: str) -> None:
    """Everything is 404 then, as live before the launch."""
    door = open_door(simulation_enabled=False)
    assert door.code(door.send("GET", f"/v1/simulation{path}")) == (404, "NOT_FOUND")


# -- backtests --


def test_a_backtest_waits_runs_and_adds_up(door: Door) -> None:
    """It begins after a while, and its equity is cash and positions at every look."""
    answer = job(door)
    assert answer.status_code == 202
    made = answer.json()
    assert (made["status"], made["market_hours_charged"], made["is_replay"]) == ("pending", "6", False)
    assert "total_pnl" not in made
    done = finished(door, made)
    assert (done["status"], done["num_trades"], done["settlement_scored"]) == ("completed", 1, False)
    (trade,) = door.get(f"{BACKTESTS}/{made['job_id']}/trades")["data"]
    points = door.get(f"{BACKTESTS}/{made['job_id']}/equity")["data"]
    assert len(points) == 7
    spent = float(trade["notional"]) + float(trade["fee"])
    assert all(float(each["cash"]) == pytest.approx(1000 - spent) for each in points)
    for each in points:
        assert float(each["equity"]) == pytest.approx(float(each["cash"]) + float(each["position_value"]))
    assert float(done["total_pnl"]) == pytest.approx(float(points[-1]["equity"]) - 1000)


def test_pages_of_a_backtest_have_every_row_once(door: Door) -> None:
    """Cursors go on where the page before ended; the last page has none; a foreign cursor is refused."""
    made = job(door).json()
    finished(door, made)
    path, seen, cursor = f"{BACKTESTS}/{made['job_id']}/equity", [], ""
    while cursor is not None:
        page = door.get(path, limit=3, cursor=cursor)
        seen += [each["ts"] for each in page["data"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 7
    assert door.code(door.send("GET", f"{path}?cursor=nonsense")) == (400, "INVALID_CURSOR")


def test_a_threshold_buys_low_and_sells_high(door: Door) -> None:
    """It never holds more than it may, and ends with nothing left when the price is high."""
    token = MARKETS[0].token_ids[0]
    end = door.world.clock.now_ns() - HOUR * SECOND
    start = end - 6 * HOUR * SECOND
    prices = [300_000, 300_000, 300_000, 700_000, 700_000, 700_000]
    door.feed.set_points(token, [(start + place * HOUR * SECOND, each) for place, each in enumerate(prices)])
    strategy = {
        "type": "threshold", "shares": "10", "max_shares": "20", "buy_below": "0.40", "sell_above": "0.60"
    }  # fmt: skip
    made = job(door, start=iso(start + SECOND), end=iso(end), strategy=strategy).json()
    done = finished(door, made)
    trades = door.get(f"{BACKTESTS}/{made['job_id']}/trades")["data"]
    assert [(each["side"], each["shares"]) for each in trades] == [
        ("BUY", "10"),
        ("BUY", "10"),
        ("SELL", "20"),
    ]
    assert (done["win_rate"], float(done["total_pnl"]) > 6) == ("100.00", True)


def test_a_decided_round_is_scored(door: Door) -> None:
    """What the winner pays is what the position is worth at the end."""
    updown = door.world.updown
    each = updown.rounds.at("BTC", "1H", door.world.clock.now_ns() // SECOND - 3 * HOUR)
    strategy = {"type": "buy_and_hold", "shares": "10", "outcome": "Up", "every": 600}
    made = job(
        door,
        condition_ids=[updown.rounds.condition_id(each)],
        start=iso(each.start_ns),
        end=iso(each.end_ns),
        strategy=strategy,
    ).json()
    done = finished(door, made)
    assert done["settlement_scored"]
    last = door.get(f"{BACKTESTS}/{made['job_id']}/equity")["data"][-1]
    assert float(last["position_value"]) == (10 if updown.went_up(each) else 0)


def test_a_key_makes_one_job(door: Door) -> None:
    """A repetition is answered with the same job, another body under the key is refused."""
    body = window(door)
    first, again = job(door, **body).json(), job(door, **body).json()
    assert (again["job_id"], again["is_replay"]) == (first["job_id"], True)
    other = job(door, **body, initial_bankroll="5")
    assert door.code(other) == (409, "IDEMPOTENCY_KEY_REUSE")
    assert job(door, key=None, **body).json()["job_id"] != first["job_id"]
    assert len(door.get(BACKTESTS)["data"]) == 2


def test_a_cancelled_job_never_completes(door: Door) -> None:
    """Cancelling ends it at once; cancelling again, or when it is over, changes nothing."""
    made = job(door).json()
    cancelled = door.good(door.send("DELETE", f"{BACKTESTS}/{made['job_id']}"))
    assert cancelled["status"] == "cancelled"
    door.pass_time(5)
    assert door.get(f"{BACKTESTS}/{made['job_id']}")["status"] == "cancelled"
    done = finished(door, job(door, key="k-2").json())
    assert door.good(door.send("DELETE", f"{BACKTESTS}/{done['job_id']}"))["status"] == "completed"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"strategy": {"type": "luck", "shares": "1"}}, 400, "INVALID_REQUEST"),
        ({"strategy": {"type": "buy_and_hold", "shares": "1", "hope": True}}, 400, "INVALID_REQUEST"),
        ({"strategy": {"type": "buy_and_hold", "shares": "-1"}}, 400, "INVALID_REQUEST"),
        ({"strategy": {"type": "threshold", "shares": "1", "buy_below": "2"}}, 400, "INVALID_REQUEST"),
        ({"end": "2100-01-01T00:00:00Z"}, 400, "INVALID_WINDOW"),
        ({"start": "2000-01-01T00:00:00Z"}, 400, "BACKTEST_WINDOW_CAP"),
        ({"condition_ids": []}, 422, "VALIDATION_FAILED"),
        ({"condition_ids": ["0x1"]}, 404, "ARCHIVE_NOT_FOUND"),
        ({"initial_bankroll": "0"}, 400, "INVALID_REQUEST"),
        ({"strategy": {"type": "buy_and_hold", "shares": "1", "every": 0}}, 400, "INVALID_REQUEST"),
    ],
)
def test_what_cannot_be_tested_is_refused(reader: Door, changes: Any, status: int, code: str) -> None:
    """A bad strategy, window, market or bankroll starts nothing."""
    assert reader.code(job(reader, key=None, **changes)) == (status, code)


def test_a_month_has_an_end(open_door: Open) -> None:
    """The plan bounds markets of a job, market hours and jobs of a month; others' jobs do not count."""
    door = open_door()

    def of_free(**changes: Any) -> Any:
        body = {
            "condition_ids": [RAIN], **window(door),
            "strategy": {"type": "buy_and_hold", "shares": "1"}, **changes,
        }  # fmt: skip
        return door.send("POST", BACKTESTS, key="free_api_key", json=body)

    several = [each.condition_id for each in MARKETS] + [
        door.world.updown.rounds.condition_id(each) for each in door.world.updown.rounds.live(
            door.world.clock.now_ns() // SECOND, ahead=0
        )
    ]  # fmt: skip
    assert door.code(of_free(condition_ids=several[:6])) == (400, "BACKTEST_MARKET_CAP")
    assert of_free(condition_ids=[RAIN, BILL]).status_code == 202
    assert of_free(condition_ids=[RAIN, BILL]).status_code == 202
    assert door.code(of_free()) == (429, "SIMULATION_HOURS_EXCEEDED")
    assert job(door).status_code == 202


def test_jobs_outlive_a_crash(open_door: Open, tmp_path: Path) -> None:
    """What was done is there after a restart, and what had not begun is done then."""
    door = open_door(journal=tmp_path / "j.db")
    done, open_ = finished(door, job(door).json()), job(door, key="k-2").json()
    door.world.close()
    again = open_door(journal=tmp_path / "j.db")
    assert again.get(f"{BACKTESTS}/{done['job_id']}") == done
    assert finished(again, open_)["status"] == "completed"


# -- partners --


def test_a_partner_makes_a_user_once(door: Door, open_door: Open) -> None:
    """The same id is the same user; foreign keys and switched-off partners are refused."""
    body = {"external_id": "u-1", "email": "someone@example.com"}
    key = {"X-API-Key": door.venue.describe()["partner_api_key"]}
    first = door.raw("POST", "/v1/partner/users", headers=key, json=body)
    again = door.raw("POST", "/v1/partner/users", headers=key, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["created"], again.json()["created"]) == (True, False)
    assert first.json()["user_id"] == again.json()["user_id"]
    assert door.code(door.raw("POST", "/v1/partner/users", json=body)) == (401, "MISSING_API_KEY")
    assert door.code(door.send("POST", "/v1/partner/users", json=body)) == (403, "INSUFFICIENT_PERMISSION")
    bad = door.raw("POST", "/v1/partner/users", headers={"X-API-Key": "x"}, json=body)
    assert door.code(bad) == (401, "INVALID_KEY")
    off = open_door(partner_enabled=False)
    assert off.code(off.raw("POST", "/v1/partner/users", headers=key, json=body)) == (404, "NOT_FOUND")


def test_a_round_is_not_recorded_after_its_end(reader: Door) -> None:
    """Its last second is covered, the moment of its end is not."""
    updown = reader.world.updown
    each = updown.rounds.at("BTC", "5M", reader.world.clock.now_ns() // SECOND - HOUR)
    query = {"condition_id": updown.rounds.condition_id(each), "outcome": "Up"}
    reader.get("/v1/simulation/book", **query, at=iso(each.end_ns - SECOND))
    late = reader.send("GET", "/v1/simulation/book", params={**query, "at": iso(each.end_ns)})
    assert reader.code(late) == (404, "CONDITION_HOUR_NOT_COVERED")


def test_the_next_month_begins_anew(open_door: Open) -> None:
    """Jobs are counted by month, and what an earlier month used is not held against the next."""
    caps = {**SIMULATION_CAPS, "pro": replace(SIMULATION_CAPS["pro"], jobs=1)}
    door = open_door(simulation_caps=caps)
    assert job(door, key=None).status_code == 202
    assert door.code(job(door, key=None)) == (429, "BACKTEST_MONTHLY_CAP")
    door.pass_time(32 * 24 * HOUR)
    assert job(door, key=None).status_code == 202


def test_nobody_buys_what_the_bankroll_cannot_pay(door: Door) -> None:
    """The run completes without a trade, and nothing was won or lost."""
    done = finished(door, job(door, initial_bankroll="1").json())
    assert (done["num_trades"], done["total_pnl"], "win_rate" in done) == (0, "0.00", False)


def test_a_fall_is_a_drawdown(door: Door) -> None:
    """The worst fall from a peak is told in percent of it."""
    end = door.world.clock.now_ns() - HOUR * SECOND
    start = end - 6 * HOUR * SECOND
    prices = [500_000, 800_000, 300_000, 300_000, 300_000, 300_000]
    moments = [(start + place * HOUR * SECOND, each) for place, each in enumerate(prices)]
    door.feed.set_points(MARKETS[0].token_ids[0], moments)
    strategy = {"type": "buy_and_hold", "shares": "10", "fill_model": "midpoint"}
    body = {"start": iso(start + SECOND), "end": iso(end), "strategy": strategy, "initial_bankroll": "10"}
    done = finished(door, job(door, **body).json())
    # from 4.87 and ten shares at 0.80 to the same at 0.30
    assert done["max_drawdown"] == "38.85"
    assert (done["win_rate"], done["total_pnl"]) == ("0.00", "-2.13")
