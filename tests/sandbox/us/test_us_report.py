"""Reports: every filter, paging, single reads, statistics, downloads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from us_door import GAME, KC, Door


def test_orders_by_every_filter(door: Door, other: Door) -> None:
    """Each filter keeps what it names and nothing else."""
    bid = door.place("BUY", 400, 10, clordId="bid", clientAccountId="a1", clientParticipantId="p1")
    offer = door.place("SELL", 900, 10, clordId="offer", timeInForce="TIME_IN_FORCE_DAY")
    gone = door.place("BUY", 30, 10, symbol=GAME)
    door.post("/v1/trading/orders/cancel", {"orderId": gone})
    other.place()

    def ids(**body: Any) -> list[str]:
        return [each["id"] for each in door.post("/v1/report/orders/search", body)["order"]]

    now = door.world.clock.now()
    today = door.read_order(bid)["lastTransactTime"][:10]
    year, month, day = (int(part) for part in today.split("-"))
    assert ids() == [bid, offer, gone]
    assert ids(orderId=offer) == [offer]
    assert ids(clordId="bid") == [bid]
    assert ids(symbol=GAME) == [gone]
    assert ids(symbols=[GAME, KC]) == [bid, offer, gone]
    assert ids(side="SIDE_SELL") == [offer]
    assert ids(type="ORDER_TYPE_STOP") == []
    assert ids(accounts=[door.account]) == [bid, offer, gone]
    assert ids(accounts=["firms/x/accounts/y"]) == []
    assert ids(clientAccountId="a1") == [bid]
    assert ids(clientParticipantId="p1") == [bid]
    assert ids(orderStateFilter="ORDER_STATE_FILTER_OPEN") == [bid, offer]
    assert ids(orderStateFilter="ORDER_STATE_FILTER_CLOSED") == [gone]
    assert ids(orderStateFilter="ORDER_STATE_FILTER_CANCELED") == [gone]
    assert ids(stateFilter="ORDER_STATE_FILTER_NEW") == [bid, offer]
    assert ids(startTime=(now + dt.timedelta(hours=1)).isoformat()) == []
    assert ids(endTime=(now + dt.timedelta(hours=1)).isoformat()) == [bid, offer, gone]
    assert ids(crossId="x") == []
    assert ids(endTransactTradeDate={"year": 2020, "month": 1, "day": 1}) == []
    assert ids(startTransactTradeDate={"year": year, "month": month, "day": day}) == [bid, offer, gone]


def test_orders_with_their_last_execution(door: Door) -> None:
    """The last execution of each order comes along when asked for."""
    order_id = door.place()
    door.post("/v1/trading/orders/cancel", {"orderId": order_id})
    answer = door.post("/v1/report/orders/search", {"withLastExecution": True})
    assert [each["type"] for each in answer["lastExecutions"]] == ["EXECUTION_TYPE_CANCELED"]


def test_pages_walk_through_everything_once(door: Door) -> None:
    """Following tokens gives each order once, also while new ones arrive; the last page has no token."""
    ids = [door.place(price=400 + place) for place in range(7)]
    seen: list[str] = []
    token = ""
    while True:
        answer = door.post("/v1/report/orders/search", {"pageSize": 3, "pageToken": token})
        seen += [each["id"] for each in answer["order"]]
        token = answer["nextPageToken"]
        if not token:
            break
        door.post("/v1/trading/orders/cancel", {"orderId": seen[-1]})
    assert seen == ids


def test_tokens_belong_to_their_query(door: Door, other: Door) -> None:
    """A token of another filter or participant, or none at all, is invalid."""
    for place in range(3):
        door.place(price=400 + place)
    token = door.post("/v1/report/orders/search", {"pageSize": 1})["nextPageToken"]
    for caller, body in (
        (door, {"pageToken": token, "symbol": KC}),
        (other, {"pageToken": token}),
        (door, {"pageToken": "nonsense"}),
        (door, {"pageToken": "e30"}),
        (door, {"pageSize": 1001}),
        (door, {"pageSize": -1}),
    ):
        answer = caller.send("POST", "/v1/report/orders/search", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, 3), body


def test_executions_by_filter_and_order(door: Door, other: Door) -> None:
    """Executions come oldest first, or newest first, and by type, id and order."""
    other.place("SELL", 550, 10)
    taken = door.place("BUY", 550, 4, clordId="t")
    rejected = door.place(price=5000)

    def types(**body: Any) -> list[str]:
        found = door.post("/v1/report/executions/search", body)["executions"]
        return [each["type"].removeprefix("EXECUTION_TYPE_") for each in found]

    assert types() == ["NEW", "FILL", "REJECTED"]
    assert types(newestFirst=True) == ["REJECTED", "FILL", "NEW"]
    assert types(types=["EXECUTION_TYPE_FILL"]) == ["FILL"]
    assert types(orderId=rejected) == ["REJECTED"]
    assert types(clordId="t") == ["NEW", "FILL"]
    assert types(symbol=GAME) == []
    fill = door.executions(taken)[1]
    assert types(execIds=[fill["id"]]) == ["FILL"]
    assert (fill["lastPx"], fill["lastShares"], fill["aggressor"]) == ("550", "4", True)
    assert set(fill["transactTradeDate"]) == {"year", "month", "day"}
    assert types(endTransactTradeDate={"year": 2020, "month": 1, "day": 1}) == []


def test_executions_newest_first_page_backwards(door: Door) -> None:
    """Backward pages do not repeat what forward time adds."""
    for place in range(5):
        door.place(price=400 + place)
    first = door.post("/v1/report/executions/search", {"newestFirst": True, "pageSize": 2})
    assert first["eof"] is False
    door.place(price=450)
    body = {"newestFirst": True, "pageSize": 10, "pageToken": first["nextPageToken"]}
    rest = door.post("/v1/report/executions/search", body)
    assert rest["eof"] is True
    ids = [each["id"] for each in first["executions"] + rest["executions"]]
    assert len(ids) == len(set(ids)) == 5


def test_single_reads_show_own_things_only(door: Door, other: Door) -> None:
    """An order or execution of somebody else is not found."""
    order_id = other.place()
    execution = other.executions(order_id)[0]["id"]
    assert other.get(f"/v1/report/executions/{execution}")["execution"]["id"] == execution
    for path in (f"orders/{order_id}", f"executions/{execution}", "orders/nothing", "executions/nothing"):
        answer = door.send("GET", f"/v1/report/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, 5)


def test_trades_are_cleared_after_a_while(door: Door, other: Door) -> None:
    """A trade is NEW, then CLEARED, under one id; state and id filters find it."""
    other.place("SELL", 550, 10)
    order_id = door.place("BUY", 550, 4)

    def states(**body: Any) -> list[str]:
        return [each["state"] for each in door.post("/v1/report/trades/search", body)["trade"]]

    assert states() == ["TRADE_STATE_NEW"]
    door.world.clock.advance(2)
    assert states(states=["TRADE_STATE_CLEARED"]) == ["TRADE_STATE_CLEARED"]
    assert states(states=["TRADE_STATE_NEW"]) == []
    assert states(orderId=order_id) == ["TRADE_STATE_CLEARED"]
    (trade,) = door.post("/v1/report/trades/search", {"symbol": KC, "accounts": [door.account]})["trade"]
    assert states(tradeId=trade["id"], execId=trade["aggressor"]["id"]) == ["TRADE_STATE_CLEARED"]
    assert states(execId="x") == []
    assert states(startTime="2099-01-01T00:00:00Z") == []


def test_statistics_and_bars(door: Door, other: Door) -> None:
    """Statistics count every trade of the instrument, whoever made it, and bars cut the period evenly."""
    start = door.world.clock.now()
    for price, quantity in ((550, 4), (560, 6), (540, 2)):
        other.place("SELL", price, quantity)
        door.place("BUY", price, quantity)
        door.world.clock.advance(10)
    end = door.world.clock.now()
    body = {"symbol": KC, "startTime": start.isoformat(), "endTime": end.isoformat(), "bars": 3}
    headers = {"authorization": f"Bearer {door.new_token()}"}
    answer = door.raw("POST", "/v1/report/trades/stats", headers=headers, json=body).json()
    stats = answer["stats"]
    assert {name: stats[name] for name in ("first", "last", "high", "low", "totalTradeCount", "volume")} == {
        "first": "550",
        "last": "540",
        "high": "560",
        "low": "540",
        "totalTradeCount": "3",
        "volume": "12",
    }
    assert stats["notional"] == str(550 * 4 + 560 * 6 + 540 * 2)
    assert [each["volume"] for each in answer["bars"]] == ["4", "6", "2"]
    assert len(answer["barStartTime"]) == len(answer["barEndTime"]) == 3
    assert answer["barEndTime"][:2] == answer["barStartTime"][1:]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"symbol": "nothing"}, 404),
        ({"symbol": KC, "bars": -1}, 400),
        ({"symbol": KC, "startTime": "2030-01-01T00:00:00Z", "endTime": "2029-01-01T00:00:00Z"}, 400),
        ({"symbol": KC, "startTradeDate": {"year": 2026, "month": 13, "day": 1}}, 400),
        ({}, 400),
        ({"symbol": KC}, 200),
    ],
)
def test_statistics_refuse_nonsense(door: Door, other: Door, body: dict[str, Any], status: int) -> None:
    """Unknown instruments, impossible periods and missing symbols are refused."""
    other.place("SELL", 550, 4)
    door.place("BUY", 550, 4)
    assert door.send("POST", "/v1/report/trades/stats", json=body).status_code == status


def test_a_period_includes_the_moments_it_names(door: Door, other: Door) -> None:
    """What happened at the very start and end of a period, as it was told, lies in it."""
    other.place("SELL", 550, 4)
    order_id = door.place("BUY", 550, 4)
    done = door.executions(order_id)[-1]
    created, filled = done["order"]["createTime"], done["transactTime"]

    def count(what: str, key: str, moment: str) -> int:
        return len(door.post(f"/v1/report/{what}/search", {"startTime": moment, "endTime": moment})[key])

    assert count("orders", "order", created) == 1
    assert count("executions", "executions", filled) >= 1
    assert count("trades", "trade", filled) == 1
    body = {"symbol": KC, "startTime": filled, "endTime": filled, "bars": 2}
    stats = door.post("/v1/report/trades/stats", body)
    assert [stats["stats"]["volume"], *(each["volume"] for each in stats["bars"])].count("4") == 2
    (entry,) = door.get("/v1/positions/ledger", account=door.account)["entries"]
    moment = entry["updateTime"]
    for path in ("positions/ledger", "funding/balance-ledger"):
        found = door.get(f"/v1/{path}", account=door.account, startTime=moment, endTime=moment)["entries"]
        assert found, path
        assert {each["updateTime"] for each in found} == {moment}
    (position,) = door.get("/v1/positions", name=door.account, asOfTime=moment)["positions"]
    assert position["netPosition"] == "4"


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ("orders/search", "startTransactTradeDate"),
        ("executions/search", "endTransactTradeDate"),
        ("trades/stats", "endTradeDate"),
    ],
)
def test_days_that_are_none_are_refused(door: Door, what: str, field: str) -> None:
    """A date that does not exist is invalid, also while there is nothing to find; the first day is one."""
    for day, status in (((2026, 2, 30), 400), ((0, 0, 0), 400), ((1, 1, 1), 200)):
        date = dict(zip(("year", "month", "day"), day, strict=True))
        answer = door.send("POST", f"/v1/report/{what}", json={"symbol": KC, field: date})
        assert answer.status_code == status, (day, answer.text)


@pytest.mark.parametrize(("what", "column"), [("orders", "id"), ("executions", "id"), ("trades", "id")])
def test_downloads_are_lines_of_csv_pieces(door: Door, other: Door, what: str, column: str) -> None:
    """Each line is a JSON object with a piece of the file; put together it is CSV with a header."""
    other.place("SELL", 550, 4)
    door.place("BUY", 550, 4)
    text = ""
    for line in door.send("POST", f"/v1/report/{what}/csv", json={}).text.splitlines():
        import json

        text += json.loads(line)["result"]["filechunk"]
    header, *rows = text.splitlines()
    assert header.split(",")[0] == column
    assert len(rows) == {"orders": 1, "executions": 2, "trades": 1}[what]


def test_a_download_of_nothing_is_empty(door: Door) -> None:
    """No rows, no lines."""
    answer = door.send("POST", "/v1/report/orders/csv", json={})
    assert (answer.status_code, answer.content) == (200, b"")
