"""Positions, balances, ledgers and funding reads."""

from __future__ import annotations

import base64
import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from us_door import GAME, KC, Door


@pytest.fixture
def traded(door: Door, other: Door) -> Door:
    """The first trader bought 10 at 0.55 from the second, in whole contracts."""
    other.place("SELL", 550, 10)
    door.place("BUY", 550, 10)
    return door


def test_money_moves_as_the_rules_say(traded: Door, other: Door) -> None:
    """The buyer pays price and fee, the seller receives and posts a dollar per contract; nothing is lost."""
    long, short = traded.post("/v1/positions/balance"), other.post("/v1/positions/balance")
    # fee 0.0695 x 10 x 0.55 x 0.45 = 0.172 -> 0.17; rebate 0.0125 x 10 x 0.55 x 0.45 = 0.0309 -> 0.03
    assert (long["balance"], long["buyingPower"]) == ("9994.33", "9994.33")
    assert short["balance"] == "10005.53"
    assert (short["marginRequirement"], short["buyingPower"]) == ("10.00", "9995.53")
    traded.sandbox.exchange.audit()


def test_open_orders_reserve(door: Door) -> None:
    """A resting order shows as reserved, cash stays."""
    door.place("BUY", 500, 100)
    balance = door.post("/v1/positions/balances", {"name": door.account})["balances"]["USD"]
    assert Decimal(balance["openOrders"]) >= 50
    assert balance["balance"] == "10000.00"


def test_positions_of_both_sides(traded: Door, other: Door) -> None:
    """A seller is short; quantities and cost come scaled."""
    (long,) = traded.get("/v1/positions", name=traded.account)["positions"]
    assert (long["symbol"], long["netPosition"], long["cost"], long["qtyBought"]) == (KC, "10", "5500", "10")
    assert long["bodPosition"] == "0"
    answer = other.get("/v1/positions", name=other.account)
    assert answer["positions"][0]["netPosition"] == "-10"
    assert answer["availablePosition"] == ["-10"]
    assert answer["eof"] is True


def test_positions_in_the_past(traded: Door) -> None:
    """A position can be asked for as of a moment or of a trade date, not both."""
    name = traded.account
    before = traded.world.clock.now()
    traded.world.clock.advance(60)
    traded.place("SELL", 400, 4)  # nobody buys: no change
    (then,) = traded.get("/v1/positions", name=name, as_of_time=before.isoformat())["positions"]
    assert then["netPosition"] == "10"
    date = {"as_of_date.year": 2020, "as_of_date.month": 1, "as_of_date.day": 2}
    assert traded.send("GET", "/v1/positions", params={"name": name, **date}).json()["positions"] == []
    both = {"name": name, "asOfTime": before.isoformat(), **date}
    assert traded.send("GET", "/v1/positions", params=both).status_code == 400
    bad = {"name": name, "asOfDate.year": 2026, "asOfDate.month": 2, "asOfDate.day": 30}
    assert traded.send("GET", "/v1/positions", params=bad).status_code == 400


def test_positions_by_filter(traded: Door, other: Door) -> None:
    """Symbols, flat and expired positions can be left out."""
    name = traded.account
    traded.place("SELL", 550, 10)
    other.place("BUY", 550, 10)
    assert traded.get("/v1/positions", name=name, nonZeroOnly="true")["positions"] == []
    assert len(traded.get("/v1/positions", name=name)["positions"]) == 1
    assert traded.get("/v1/positions", name=name, symbol=GAME)["positions"] == []
    traded.control("POST", "settle", {"symbol": KC, "price": 1000})
    assert traded.get("/v1/positions", name=name, activeOnly="true")["positions"] == []


def test_settlement_pays_the_winner(traded: Door, other: Door) -> None:
    """At one dollar the buyer gains what the seller loses; the ledger calls it a resolution."""
    traded.control("POST", "settle", {"symbol": KC, "price": 1000})
    assert traded.post("/v1/positions/balance")["balance"] == "10004.33"
    assert other.post("/v1/positions/balance")["balance"] == "9995.53"
    ledger = traded.get("/v1/funding/balance-ledger", account=traded.account)["entries"]
    assert ledger[-1]["entryType"] == "LEDGER_ENTRY_TYPE_BALANCE_RESOLUTION"
    traded.sandbox.exchange.audit()


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("firms/LP-Sandbox/accounts/x", 403, 7),
        ("firms/ISV-Sandbox/accounts/x", 404, 5),
        ("main", 400, 3),
    ],
)
def test_accounts_of_others(door: Door, name: str, status: int, code: int) -> None:
    """Another firm's account is denied, an unknown one not found, a name of another form invalid."""
    for method, path, options in (
        ("GET", "/v1/positions", {"params": {"name": name}}),
        ("POST", "/v1/positions/balance", {"json": {"name": name}}),
        ("GET", "/v1/positions/ledger", {"params": {"account": name}}),
        ("GET", "/v1/funding/balance-ledger", {"params": {"account": name}}),
    ):
        answer = door.send(method, path, **options)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path


def test_ledgers_balance_line_by_line(traded: Door) -> None:
    """Each entry begins where the one before ended, in cash and in contracts."""
    cash = traded.get("/v1/funding/balance-ledger", account=traded.account)["entries"]
    types = [each["entryType"].removeprefix("LEDGER_ENTRY_TYPE_BALANCE_") for each in cash]
    assert types == ["DEPOSIT", "ORDER_EXECUTION", "COMMISSION"]
    for earlier, later in itertools.pairwise(cash):
        assert earlier["afterBalance"] == later["beforeBalance"]
    (entry,) = traded.get("/v1/positions/ledger", account=traded.account)["entries"]
    assert (entry["quantityChange"], entry["netPosition"], entry["costChange"]) == ("10", "10", "5500")


def test_ledger_filters(traded: Door) -> None:
    """Types, texts, symbols, currencies and times narrow the ledger; the order can be turned."""
    path = "/v1/funding/balance-ledger"

    def count(**params: Any) -> int:
        return len(traded.get(path, account=traded.account, **params)["entries"])

    prefix = "LEDGER_ENTRY_TYPE_BALANCE_"
    assert count() == 3
    assert count(entryTypes=[prefix + "DEPOSIT", prefix + "COMMISSION"]) == 2
    assert count(symbol=KC) == 2
    assert count(description="Initial") == 1
    assert count(currency="EUR") == 0
    assert count(startTime="2099-01-01T00:00:00Z") == 0
    assert count(endTime="2020-01-01T00:00:00Z") == 0
    newest = traded.get(path, account=traded.account, newestFirst="true")["entries"]
    assert newest[0]["entryType"] == prefix + "COMMISSION"


def test_ledger_refusals(door: Door) -> None:
    """Suppressed types are 409, long descriptions and pages over 1000 are 400, the account is required."""
    path, good = "/v1/funding/balance-ledger", {"account": door.account}
    for params, status in (
        ({**good, "entryTypes": "LEDGER_ENTRY_TYPE_BALANCE_NETTING"}, 409),
        ({**good, "description": "x" * 201}, 400),
        ({**good, "pageSize": 1001}, 400),
        ({}, 400),
    ):
        assert door.send("GET", path, params=params).status_code == status
    answer = door.send("GET", path, params={**good, "entryTypes": "LEDGER_ENTRY_TYPE_BALANCE_NETTING"})
    assert answer.json()["code"] == 10


def test_ledger_pages(traded: Door) -> None:
    """Pages join without gap or overlap."""
    seen: list[str] = []
    token = ""
    while True:
        answer = traded.get(
            "/v1/funding/balance-ledger",
            account=traded.account,
            pageSize=2,
            **({"pageToken": token} if token else {}),
        )
        seen += [each["id"] for each in answer["entries"]]
        token = answer["nextPageToken"]
        if answer["eof"]:
            break
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("path", ["/v1/positions/ledger/download", "/v1/funding/balance-ledger/download"])
def test_ledger_downloads_are_base64_csv(traded: Door, path: str) -> None:
    """Every line holds a piece of CSV as base64; nothing at all when there is nothing."""
    answer = traded.send("GET", path, params={"account": traded.account})
    text = b"".join(base64.b64decode(json.loads(line)["result"]["data"]) for line in answer.text.splitlines())
    assert text.startswith(b"id,account,")
    empty = traded.send("GET", path, params={"account": traded.account, "startTime": "2099-01-01T00:00:00Z"})
    assert (empty.status_code, empty.content) == (200, b"")


# -- funding reads --


def test_funding_accounts_can_be_named(door: Door) -> None:
    """A name and aliases given to a funding account are told from then on."""
    (account,) = door.get("/v1/funding/accounts")["accounts"]
    assert account["riskAccountId"] == door.account
    answer = door.send(
        "PATCH",
        f"/v1/funding/accounts/{account['id']}",
        json={"account": {"name": "Savings", "aliases": {"a": "b"}}},
    )
    assert answer.json()["account"]["name"] == "Savings"
    (again,) = door.get("/v1/funding/accounts", accountIds=[account["id"]])["accounts"]
    assert (again["name"], again["aliases"]) == ("Savings", {"a": "b"})
    encoded = door.account.replace("/", "%2F")
    assert door.send("PATCH", f"/v1/funding/accounts/{encoded}", json={"account": {}}).status_code == 200
    assert door.send("PATCH", "/v1/funding/accounts/nothing", json={"account": {}}).status_code == 404


def test_deposits_show_as_transactions(door: Door) -> None:
    """Money that came from outside is a completed deposit, and nothing else is listed."""
    door.control("POST", "deposit", {"account": door.account, "amount": "12.50"})
    found = door.get("/v1/funding/transactions")["transactions"]
    assert [each["amount"] for each in found] == ["10000.00", "12.50"]
    assert found[1]["transactionState"] == "TRANSACTION_STATE_COMPLETED"
    assert found[1]["afterBalance"] == "10012.50"
    none = door.get("/v1/funding/transactions", transactionStates=["TRANSACTION_STATE_PENDING"])
    assert none["transactions"] == []
    assert door.get("/v1/funding/sources")["fundingSources"] == []
    assert door.get("/v1/funding/transaction-requirements")["transactionRequirements"] == []


@pytest.mark.parametrize("path", ["/v1/aeropay/deposits", "/v1/checkout/payment-sessions"])
def test_payments_are_not_invented(door: Door, path: str) -> None:
    """What the venue does not publish is 501 code 12."""
    answer = door.send("POST", path, json={})
    assert (answer.status_code, answer.json()["code"]) == (501, 12)
    assert "not available in the sandbox" in answer.json()["message"]


def test_account_statement(door: Door) -> None:
    """The statement is a line of CSV per account."""
    answer = door.send("POST", "/v1/valuations/accounts/statement/download", json={})
    text = json.loads(answer.text)["result"]["filechunk"]
    assert text.splitlines()[1].startswith(f"{door.account},USD,10000.00,0.00,10000.00,")


def test_incentives_are_public(door: Door) -> None:
    """Programs need no token; earnings are not served, as in pre-production."""
    answer = door.raw("GET", "/v1/incentives", params={"symbols": [KC]})
    (program,) = answer.json()["programs"]
    assert program["marketSlug"] == KC
    (period,) = program["timePeriods"]
    assert (period["programType"], period["rewardPool"], period["maxSpread"]) == (
        "liquidityProgram",
        250,
        0.03,
    )
    assert door.raw("GET", "/v1/incentives", params={"statuses": ["closed"]}).json()["programs"] == []
    earned = door.send("GET", "/v1/incentives/earnings")
    assert (earned.status_code, earned.json()["code"]) == (404, 5)
