"""The analysis of an account against its formulas, written out anew over fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

from fakefeed import BILL, CUP_A, MILLION, RAIN
from hypothesis import given
from hypothesis import strategies as st
from sim_door import Door

from polyspec.sandbox.polysimulator.analysis import drawdown
from polyspec.sandbox.polysimulator.worth import percent

PATH = "/v1/account/profile-analysis"


def traded(door: Door) -> Any:
    """Win one position, lose one, hold two, and return the analysis."""
    door.trade(RAIN, "10")
    door.trade(BILL, "20")
    door.feed.set_book(RAIN, bids=[("0.80", "100")], asks=[("0.81", "100")])
    door.feed.set_book(BILL, bids=[("0.40", "100")], asks=[("0.41", "100")])
    door.trade(RAIN, "10", "0.80", side="SELL")
    door.trade(BILL, "20", "0.40", side="SELL")
    door.trade(RAIN, "30", "0.81")
    door.trade(CUP_A, "10", "0.36", outcome="No")
    return door.get(PATH)


def test_statistics_count_closed_positions(door: Door) -> None:
    """Rates, factors and averages follow from what the closed positions brought in, fees aside."""
    stats = traded(door)["trading_stats"]
    won, lost = Decimal("1.50"), Decimal("-5.00")
    assert stats["win_rate"] == "50.0%"
    assert Decimal(stats["best_trade_pnl"]) == Decimal(stats["avg_win_pnl"]) == won
    assert Decimal(stats["worst_trade_pnl"]) == Decimal(stats["avg_loss_pnl"]) == lost
    assert Decimal(stats["profit_factor"]) == Decimal("0.3")
    assert (stats["total_trades"], stats["unique_markets_traded"], stats["active_trading_days"]) == (6, 3, 1)
    fills = door.get("/v1/account/history")
    assert Decimal(stats["total_volume"]) == sum(Decimal(each["notional"]) for each in fills)


def test_what_came_out_even_neither_won_nor_lost(door: Door) -> None:
    """A position sold for what it cost is closed, and is in no average of wins or losses."""
    door.trade(RAIN, "10", "0.65")
    door.feed.set_book(RAIN, bids=[("0.65", "100")], asks=[("0.66", "100")])
    door.trade(RAIN, "10", "0.65", side="SELL")
    door.trade(BILL, "10")
    door.feed.set_book(BILL, bids=[("0.60", "100")], asks=[("0.61", "100")])
    door.trade(BILL, "10", "0.60", side="SELL")
    stats = door.get(PATH)["trading_stats"]
    assert (stats["win_rate"], stats["avg_win_pnl"], stats["avg_loss_pnl"]) == ("0.0%", "0.00", "-0.50")


def test_what_a_market_paid_is_realised(door: Door) -> None:
    """A position that its market ended brought in what the settlement says."""
    door.trade(RAIN, "10")
    door.trade(BILL, "10")
    door.feed.resolve(RAIN, (MILLION, 0))
    door.feed.resolve(BILL, (0, MILLION))
    door.pass_time(2)
    settled = door.get("/v1/account/settlements")["data"]
    told = door.get(PATH)
    gains = [Decimal(each["realized_pnl"]) for each in settled]
    assert Decimal(told["balance"]["realized_pnl"]) == sum(gains)
    assert Decimal(told["trading_stats"]["best_trade_pnl"]) == max(gains)
    assert told["trading_stats"]["win_rate"] == "50.0%"


def test_risks_are_weights_of_what_is_held(door: Door) -> None:
    """Diversity is one less the sum of squared weights; shares of cash and positions make a whole."""
    told = traded(door)
    risks, held = told["risk_metrics"], told["open_positions"]
    values = [Fraction(each["market_value"]) for each in held]
    whole = sum(values)
    expected = 1 - sum((each / whole) ** 2 for each in values)
    assert abs(Fraction(risks["portfolio_diversity_score"]) - expected) <= Fraction(1, 2 * MILLION)
    assert risks["open_position_count"] == 2
    assert risks["largest_position_market"] == RAIN
    parts = Decimal(risks["cash_percentage"]) + Decimal(risks["invested_percentage"])
    assert abs(parts - 100) <= Decimal("0.01")
    exposure = {each["category"]: Fraction(each["total_value"]) for each in told["category_exposure"]}
    assert exposure == {"weather": values[0], "sports": values[1]}


def test_the_balance_of_an_analysis_agrees_with_the_account(door: Door) -> None:
    """What is realised and what is not, less fees, is what the wallet gained."""
    balance = traded(door)["balance"]
    told = door.get("/v1/account/balance")
    assert balance["api_balance"] == told["balance"]
    assert balance["total_portfolio_value"] == told["total_value"]
    assert Decimal(balance["realized_pnl"]) == Decimal("-3.50")
    fees = sum(Decimal(each["fee"]) for each in door.get("/v1/account/history"))
    gained = Decimal(balance["realized_pnl"]) + Decimal(balance["unrealized_pnl"]) - fees
    assert abs(gained - Decimal(balance["api_pnl"])) <= Decimal("0.01")
    assert (balance["ui_balance"], balance["ui_pnl"]) == ("1000.00", "0.00")


def test_what_a_reset_closed_was_not_lost(door: Door) -> None:
    """The wallet is filled up for it: only what was sold before was realised."""
    door.trade(RAIN, "10", "0.65")
    door.trade(RAIN, "5", "0.64", side="SELL")
    door.post("/v1/account/reset-api-balance")
    assert door.get(PATH)["balance"]["realized_pnl"] == "-0.05"


def test_an_analysis_of_nothing_has_no_surprises(door: Door) -> None:
    """Without a trade there is nothing to divide by, and nothing fails."""
    told = door.get(PATH)
    assert told["analysis_version"] == "1.0.0"
    assert told["trading_stats"]["profit_factor"] is None
    assert told["risk_metrics"]["max_drawdown_7d"] == "0.00"
    assert told["equity_timeline"]["return_all_time"] == "0.00"
    assert (told["open_positions"], told["recent_trades"], told["category_exposure"]) == ([], [], [])


def test_the_newest_trades_are_told(door: Door) -> None:
    """As many as were asked for, newest first, and the summary counts them all."""
    traded(door)
    told = door.get(PATH, recent_trades=2)
    fills = door.get("/v1/account/history", limit=2)
    assert [each["order_id"] for each in told["recent_trades"]] == [each["order_id"] for each in fills]
    assert "6 trades" in told["natural_language_summary"]
    assert told["profile"]["api_key_tier"] == "pro"


def test_a_fall_of_prices_is_a_drawdown(door: Door) -> None:
    """What the account lost since its best hour is told as a part of that, and as a return."""
    door.trade(RAIN, "100", "0.66")
    door.feed.set_book(RAIN, bids=[("0.95", "100")], asks=[("0.97", "100")])
    door.pass_time(3600)
    peak = Decimal(door.get("/v1/account/balance")["total_value"])
    door.feed.set_book(RAIN, bids=[("0.05", "100")], asks=[("0.07", "100")])
    door.pass_time(3600)
    now = Decimal(door.get("/v1/account/balance")["total_value"])
    told = door.get(PATH)
    assert told["equity_timeline"]["peak_value"] == str(peak)
    assert told["equity_timeline"]["trough_value"] == str(now)
    expected = ((now - peak) / peak).quantize(Decimal("0.000001"))
    assert Decimal(told["risk_metrics"]["max_drawdown_7d"]) == expected


@given(st.lists(st.integers(0, 10**12), max_size=30))
def test_a_drawdown_is_the_worst_fall_from_a_running_peak(values: list[int]) -> None:
    """Against the definition, in fractions."""
    falls = [
        Fraction(value - peak, peak)
        for value, peak in zip(values, accumulate(values, max), strict=True)
        if peak
    ]
    assert abs(Fraction(drawdown(values), MILLION) - min(falls, default=Fraction(0))) <= Fraction(1, MILLION)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_a_percentage_is_rounded_half_up(part: int, whole: int) -> None:
    """Against the definition, in fractions."""
    exact = Fraction(100 * part, whole)
    told = Fraction(percent(part, whole))
    assert abs(told - exact) <= Fraction(1, 200)
    if abs(told - exact) == Fraction(1, 200):
        assert abs(told) > abs(exact)
