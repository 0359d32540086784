"""Balances, positions, fills, equity, settlements, exports and wallets, after trades in the engine."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from fakefeed import BILL, CUP_A, MILLION, RAIN
from sim_door import Door

HOUR = 3600


def balance(door: Door, **options: Any) -> dict[str, str]:
    """Return the balance as it is told."""
    told: dict[str, str] = door.get("/v1/account/balance", **options)
    return told


# -- balance and positions --


def test_ten_shares_at_65_cost_what_the_documents_say(door: Door) -> None:
    """The worked figure: 10,000.00 less 6.50 and a fee of 9 cents."""
    door.trade(BILL, "10", "0.65")
    assert balance(door) == {
        "balance": "9993.41",
        "currency": "USD",
        "unrealized_pnl": "-0.14",
        "total_value": "9999.86",
        "starting_balance": "10000.00",
    }
    assert door.get("/v1/me")["balance"] == "9993.41"


def test_what_an_order_keeps_is_no_loss(door: Door) -> None:
    """A resting order takes from what can be spent, not from what the wallet is worth."""
    door.trade(RAIN, "10", "0.50", order_type="limit")
    told = balance(door)
    assert float(told["balance"]) < 9995.01
    assert (told["total_value"], told["unrealized_pnl"]) == ("10000.00", "0.00")


def test_positions_say_what_they_cost_and_are_worth(door: Door) -> None:
    """The price now is the middle of the book; filters and the envelope are as documented."""
    door.trade(RAIN, "10")
    door.trade(CUP_A, "6", "0.36", outcome="No")
    rain, cup = door.get("/v1/account/positions")
    assert rain == {
        "id": rain["id"],
        "market_id": RAIN,
        "outcome": "Yes",
        "quantity": "10",
        "avg_entry_price": "0.65",
        "status": "OPEN",
        "current_price": "0.645",
        "market_value": "6.45",
        "unrealized_pnl": "-0.05",
        "market_question": "Will it rain tomorrow?",
    }
    assert (cup["outcome"], cup["current_price"]) == ("No", "0.355")
    assert door.get("/v1/account/positions", envelope=True) == {"data": [rain, cup], "next_cursor": ""}
    door.trade(CUP_A, "6", "0.35", side="SELL", outcome="No")
    assert [each["id"] for each in door.get("/v1/account/positions", status="open")] == [rain["id"]]
    (closed,) = door.get("/v1/account/positions", status="CLOSED")
    assert (closed["id"], closed["quantity"], closed["status"]) == (cup["id"], "0", "CLOSED")


def test_a_portfolio_counts_what_won(door: Door) -> None:
    """Only closed positions count, and those that brought something in won."""
    empty = door.get("/v1/account/portfolio")
    assert (empty["win_rate"], empty["total_trades"], empty["positions"]) == (None, 0, [])
    door.trade(RAIN, "10")
    door.trade(BILL, "10")
    door.trade(CUP_A, "10")
    door.trade(RAIN, "10", "0.64", side="SELL")
    door.feed.set_book(BILL, bids=[("0.70", "100")], asks=[("0.71", "100")])
    door.trade(BILL, "10", "0.70", side="SELL")
    told = door.get("/v1/account/portfolio")
    assert (told["win_rate"], told["total_trades"]) == ("50.0%", 5)
    assert [each["market_id"] for each in told["positions"]] == [CUP_A]
    assert told["balance"] == balance(door)


# -- fills --


def test_fills_are_listed_newest_first(door: Door) -> None:
    """Filters and both ways of paging agree; a fill says what it cost."""
    door.trade(RAIN, "10")
    door.trade(BILL, "6")
    door.trade(RAIN, "5", "0.64", side="SELL")
    fills = door.get("/v1/account/history")
    assert [(each["market_id"], each["side"], each["quantity"]) for each in fills] == [
        (RAIN, "SELL", "5"), (BILL, "BUY", "6"), (RAIN, "BUY", "10"),
    ]  # fmt: skip
    first = fills[-1]
    assert (first["price"], first["notional"], first["fee"], first["status"]) == (
        "0.65", "6.50", "0.11", "FILLED",
    )  # fmt: skip
    assert datetime.fromisoformat(first["filled_at"]).tzinfo is not None
    assert door.get("/v1/account/history", market_id=RAIN, side="BUY") == [first]
    assert door.get("/v1/account/history", limit=1, offset=1) == [fills[1]]
    page = door.get("/v1/account/history", envelope=True, limit=2)
    assert (page["data"], page["next_cursor"]) == (fills[:2], "2")
    last = door.get("/v1/account/history", envelope=True, limit=2, cursor=page["next_cursor"])
    assert last == {"data": fills[2:], "next_cursor": ""}
    assert door.code(door.send("GET", "/v1/account/history?cursor=x")) == (400, "INVALID_CURSOR")


# -- wallets --


def test_a_wallet_is_made_named_used_and_put_away(door: Door) -> None:
    """A sandbox wallet lives beside the API wallet; what happens in one is not seen in the other."""
    made = door.send("POST", "/v1/me/wallets", json={"kind": "SANDBOX", "label": "try"})
    wallet = made.json()
    assert made.status_code == 201
    assert (wallet["kind"], wallet["label"], wallet["balance"], wallet["baseline"]) == (
        "SANDBOX", "try", "10000.00", "10000.00",
    )  # fmt: skip
    path = f"/v1/me/wallets/{wallet['id']}"
    assert door.good(door.send("PATCH", path, json={"label": "new"}))["label"] == "new"
    assert door.code(door.send("PATCH", path, json={"label": "x" * 65})) == (422, "VALIDATION_FAILED")
    door.trade(BILL, "10", wallet_id=wallet["id"])
    assert door.get(path)["balance"] == "9993.41"
    assert balance(door)["balance"] == "10000.00"
    assert len(door.get("/v1/account/positions")) == 0
    for selector in (wallet["id"], "all", "ALL"):
        assert len(door.get("/v1/account/positions", wallet_id=selector)) == 1
    assert [each["kind"] for each in door.get("/v1/me/wallets")["wallets"]] == ["MAIN", "API", "SANDBOX"]
    assert len(door.get("/v1/me/wallets", limit=1, offset=1)["wallets"]) == 1
    put_away = door.good(door.send("DELETE", path))
    assert (put_away["status"], put_away["archived_at"] is None) == ("archived", False)
    assert door.code(door.send("GET", path)) == (404, "WALLET_NOT_FOUND")
    assert len(door.get("/v1/me/wallets")["wallets"]) == 2


def test_an_api_wallet_is_not_put_away(door: Door) -> None:
    """Only wallets that were made can be."""
    api = door.get("/v1/me/wallets")["wallets"][1]
    assert api["kind"] == "API"
    answer = door.send("DELETE", f"/v1/me/wallets/{api['id']}")
    assert door.code(answer) == (403, "ACCESS_RESTRICTED")


def test_wallets_of_others_are_not_found(door: Door) -> None:
    """Neither in paths nor as a parameter."""
    other = door.get("/v1/me/wallets", key="pro_plus_api_key")["wallets"][1]["id"]
    for method, path in (
        ("GET", f"/v1/me/wallets/{other}"),
        ("DELETE", f"/v1/me/wallets/{other}"),
        ("POST", f"/v1/me/wallets/{other}/reset"),
        ("GET", f"/v1/account/positions?wallet_id={other}"),
        ("GET", f"/v1/me?wallet_id={other}"),
        ("GET", f"/v1/export/trades.csv?wallet_id={other}"),
    ):
        assert door.code(door.send(method, path)) == (404, "WALLET_NOT_FOUND")


def test_a_reset_starts_over(door: Door) -> None:
    """Positions are closed, orders cancelled, the baseline is back, the generation counts on."""
    door.trade(RAIN, "10")
    door.trade(RAIN, "10", "0.40", order_type="limit")
    told = door.post("/v1/account/reset-api-balance", {})
    assert told == {
        "message": told["message"],
        "new_api_balance": "10000.00",
        "positions_closed": 1,
        "orders_cancelled": 1,
        "cooldown_days": 0,
    }
    assert balance(door)["total_value"] == "10000.00"
    assert [each["status"] for each in door.get("/v1/account/positions")] == ["CLOSED_BY_RESET"]
    wallet = door.get("/v1/me/wallets")["wallets"][1]
    assert wallet["generation"] == 2
    assert door.post(f"/v1/me/wallets/{wallet['id']}/reset")["generation"] == 3


def test_a_free_account_is_not_filled_up_again(door: Door) -> None:
    """The $100 are given once; the refusal names the feature and where to upgrade."""
    assert balance(door, key="free_api_key")["balance"] == "100.00"
    answer = door.send("POST", "/v1/account/reset-api-balance", key="free_api_key")
    assert door.code(answer) == (402, "UPGRADE_REQUIRED")
    assert answer.json()["feature_key"] == "api_wallet_reset"
    assert answer.json()["upgrade_url"].startswith("https://")


# -- settlements, equity and exports --


def settled(door: Door) -> list[Any]:
    """Hold three positions and resolve their markets; return the settlements."""
    door.trade(RAIN, "10")
    door.trade(BILL, "8", "0.36", outcome="No")
    door.trade(CUP_A, "6")
    door.feed.resolve(RAIN, (MILLION, 0))
    door.feed.resolve(BILL, (MILLION, 0))
    door.feed.resolve(CUP_A, (MILLION // 2, MILLION // 2))
    door.pass_time(2)
    found: list[Any] = door.get("/v1/account/settlements")["data"]
    return found


def test_settlements_say_what_shares_paid(door: Door) -> None:
    """Winners get a dollar a share, losers nothing, split ones a part; the latest position is first."""
    rows = settled(door)
    told = [(each["market_id"], each["result"], each["payout"], each["realized_pnl"]) for each in rows]
    assert told == [
        (CUP_A, "split", "3.00", "-0.90"),
        (BILL, "lost", "0.00", "-2.88"),
        (RAIN, "won", "10.00", "3.50"),
    ]
    assert rows[0]["payout_per_share"] == "0.50"
    page = door.get("/v1/account/settlements", limit=2)
    assert page["data"] == rows[:2]
    rest = door.get("/v1/account/settlements", limit=2, cursor=page["next_cursor"])
    assert rest == {"data": rows[2:], "next_cursor": ""}
    assert door.get("/v1/account/settlements", market_id=BILL)["data"] == [rows[1]]
    (position,) = [each for each in door.get("/v1/account/positions") if each["market_id"] == RAIN]
    assert (position["status"], position["current_price"]) == ("CLOSED", "1.00")


def test_a_market_is_resolved_on_demand(door: Door) -> None:
    """Where it is mirrored from, paid out at once, what rests there cancelled; not twice, nor in part."""
    door.trade(RAIN, "10")
    door.trade(RAIN, "10", "0.50", order_type="limit")
    for payouts in (["0.5", "0.4"], ["1"], ["0.5", "0.5", "0"], ["2", "-1"], ["x", "0"], "10", None, [[], 1]):
        refused = door.ask("POST", f"markets/{RAIN}", {"payouts": payouts})
        assert (refused.status_code, refused.json()["error"]) == (400, "INVALID_REQUEST"), payouts
    assert door.ask("POST", "markets/0x00", {"payouts": ["1", "0"]}).status_code == 404
    (now, *_) = door.world.updown.markets()
    assert door.ask("POST", f"markets/{now.condition_id}", {"payouts": ["1", "0"]}).status_code == 400
    before = door.world.engine.wallet(door.user_id()).cash
    told = door.control("POST", f"markets/{RAIN.upper().replace('X', 'x')}", {"payouts": ["0.25", "0.75"]})
    assert told == {"condition_id": RAIN, "status": "resolved", "settled": 1}
    assert door.world.engine.wallet(door.user_id()).cash == before + 2_500_000 + 5_000_000
    assert [each["result"] for each in door.get("/v1/account/settlements")["data"]] == ["split"]
    assert door.ask("POST", f"markets/{RAIN}", {"payouts": ["1", "0"]}).status_code == 400
    assert door.control("GET", "state")["markets"][RAIN] == "resolved"


def test_settlements_are_found_by_their_time(door: Door) -> None:
    """Both ends of a period belong to it."""
    rows = settled(door)
    at = rows[0]["settled_at"]
    assert door.get("/v1/account/settlements", **{"from": at, "to": at})["data"] == rows
    later = datetime.fromtimestamp(door.world.clock.seconds() + HOUR, UTC).isoformat()
    assert door.get("/v1/account/settlements", **{"from": later})["data"] == []
    assert door.get("/v1/account/settlements", to="2020-01-01T00:00:00Z")["data"] == []


def test_equity_runs_hour_by_hour_to_now(door: Door) -> None:
    """Points ascend, the last is of now and agrees with the balance."""
    door.trade(RAIN, "10")
    door.pass_time(3 * HOUR)
    points = door.get("/v1/account/equity", days=1)
    moments = [datetime.fromisoformat(each["timestamp"]) for each in points]
    assert moments == sorted(set(moments))
    assert len(points) >= 4
    assert all(each.minute == each.second == 0 for each in moments[:-1])
    told = balance(door)
    assert (points[-1]["total_value"], points[-1]["pnl"]) == (told["total_value"], told["unrealized_pnl"])
    assert points[0]["total_value"] == "10000.00"
    door.trade(RAIN, "10", "0.40", order_type="limit")
    assert door.get("/v1/account/equity")[-1]["total_value"] == told["total_value"]


def table(text: str) -> list[dict[str, str]]:
    """Read a CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def test_exports_are_tables(door: Door) -> None:
    """The rows are those of the lists, as an attachment; periods and markets narrow them."""
    settled(door)
    answer = door.send("GET", "/v1/export/trades.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="trades.csv"'
    assert answer.headers["x-request-id"]
    assert answer.headers["x-ratelimit-tier"] == "pro"
    fills = door.get("/v1/account/history")
    assert [each["order_id"] for each in table(answer.text)] == [str(each["order_id"]) for each in fills]
    one = door.send("GET", "/v1/export/trades.csv", params={"market_id": BILL})
    assert [each["quantity"] for each in table(one.text)] == ["8"]
    none = door.send("GET", "/v1/export/trades.csv", params={"to": "2020-01-01T00:00:00Z"})
    assert table(none.text) == []
    rows = table(door.send("GET", "/v1/export/settlements.csv").text)
    assert [each["result"] for each in rows] == ["split", "lost", "won"]


def test_a_long_export_says_that_it_is_cut(open_door: Any) -> None:
    """Past the cap the last line is a comment; at the cap there is none."""
    door = open_door(export_rows=2)
    for number in range(3):
        lines = door.send("GET", "/v1/export/trades.csv").text.splitlines()
        assert len(lines) == 1 + number
        door.trade(RAIN, "10")
    lines = door.send("GET", "/v1/export/trades.csv").text.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("# truncated")


@pytest.mark.parametrize("name", ["trades", "settlements"])
def test_exports_need_a_paid_plan(reader: Door, name: str) -> None:
    """On the free plan they are a 402 that says which feature is missing."""
    answer = reader.send("GET", f"/v1/export/{name}.csv", key="free_api_key")
    assert reader.code(answer) == (402, "UPGRADE_REQUIRED")
    assert answer.json()["feature_key"] == "csv_export"


def test_entitlements_are_for_sessions(reader: Door) -> None:
    """A key does not do; the answer follows the plan."""
    path = "/v1/account/me/entitlements"
    assert reader.raw("GET", path, headers=reader.jwt()).json()["features"]["csv_export"] is True
    free = reader.raw("GET", path, headers=reader.jwt("free@example.com")).json()
    assert (free["plan"], free["features"]["csv_export"]) == ("free", False)
    assert reader.code(reader.send("GET", path)) == (401, "MISSING_AUTH")
