"""The judge of the other contract tests: it knows protobuf JSON, and it does not let wrong things pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.judging import answer_findings, body_findings, request_findings
from tests.contract.spec import CLOB, US, path_values, snake
from tests.contract.verdicts import Verdict, body_verdict, query_verdict

OPERATIONS = US.operations
INSERT = OPERATIONS["OrderEntryAPI_InsertOrder"]
LISTING = OPERATIONS["RefDataAPI_ListInstruments"]
LEDGER = OPERATIONS["FundingAPI_GetAccountBalanceLedger"]
ORDER = INSERT.example
NOW = "2026-10-01T12:00:00Z"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "good"),
        ({"orderQty": 5}, "good"),
        ({"orderQty": "5"}, "good"),
        ({"orderQty": 5.0}, "open"),
        ({"orderQty": "5e0"}, "open"),
        ({"orderQty": 5.5}, "bad"),
        ({"orderQty": "five"}, "bad"),
        ({"orderQty": 2**63 - 1}, "good"),
        ({"orderQty": 2**63}, "bad"),
        ({"orderQty": str(-(2**63) - 1)}, "bad"),
        ({"orderQty": True}, "bad"),
        ({"orderQty": []}, "bad"),
        ({"orderQty": None}, "good"),
        ({"order_qty": 5}, "open"),
        ({"min_qty": "1", "good_till_time": NOW}, "good"),
        ({"goodTillTime": "2026-10-01T12:00:00.123456789+02:00"}, "good"),
        ({"goodTillTime": "2026-10-01T12:00:00"}, "open"),
        ({"goodTillTime": "2026-10-01"}, "open"),
        ({"goodTillTime": "soon"}, "bad"),
        ({"goodTillTime": 0}, "bad"),
        ({"goodTillTime": "9999-12-31T23:59:59-14:00"}, "bad"),
        ({"whatever": {"is": ["not", "known"]}}, "good"),
        ({"side": "SIDE_BUY"}, "good"),
        ({"side": 1}, "open"),
        ({"side": "BUY"}, "bad"),
        ({"side": ""}, "bad"),
        ({"side": None}, "bad"),
        ({"allOrNone": False}, "good"),
        ({"allOrNone": "false"}, "bad"),
        ({"symbol": 5}, "bad"),
    ],
)
def test_verdict_on_fields(changes: dict[str, Any], expected: Verdict) -> None:
    """Values are read, refused or left open as protobuf JSON has it."""
    body = {**ORDER, **changes}
    if "order_qty" in changes:
        body["orderQty"] = "7"
    assert body_verdict(INSERT, json.dumps(body).encode()) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"{}", "good"),
        (b"", "open"),
        (b"null", "bad"),
        (b"[]", "bad"),
        (b'"{}"', "bad"),
        (b"{", "bad"),
        (b'{"pageSize": NaN}', "bad"),
        (b'{"pageSize": 2147483647}', "good"),
        (b'{"pageSize": 2147483648}', "bad"),
        (b'{"pageSize": 1, "pageSize": 2}', "open"),
        (b'{"states": ["INSTRUMENT_STATE_OPEN", "UNHEARD_OF"]}', "good"),
        (b'{"states": [null]}', "bad"),
        (b'{"states": "INSTRUMENT_STATE_OPEN"}', "bad"),
        (b'{"filter": {"fieldFilters": [{"doubleValue": "0.5"}]}}', "open"),
        (b'{"filter": {"fieldFilters": [{"doubleValue": 0.5}]}}', "good"),
        (b'{"filter": {"field_filters": [{"double_value": "much"}]}}', "bad"),
    ],
)
def test_verdict_on_bodies(raw: bytes, expected: Verdict) -> None:
    """Bodies are judged to their depth."""
    assert body_verdict(LISTING, raw) == expected


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("account", [], "bad"),
        ("account", [""], "good"),
        ("symbol", [], "good"),
        ("pageSize", ["10"], "good"),
        ("pageSize", ["2147483648"], "bad"),
        ("pageSize", ["ten"], "bad"),
        ("pageSize", ["1", "2"], "open"),
        ("newestFirst", ["true"], "good"),
        ("newestFirst", ["T"], "open"),
        ("newestFirst", ["yes"], "bad"),
        ("startTime", [NOW], "good"),
        ("startTime", ["0.5"], "bad"),
        ("entryTypes", ["LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT"], "good"),
        ("entryTypes", ["LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT", "DEPOSIT"], "bad"),
        ("entryTypes", ["3"], "open"),
    ],
)
def test_verdict_on_queries(name: str, texts: list[str], expected: Verdict) -> None:
    """Query parameters are judged as the gateway reads them."""
    parameter = next(each for each in LEDGER.parameters if each["name"] == name)
    assert query_verdict(LEDGER, parameter, texts) == expected


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
def test_examples_are_good(operation: Any) -> None:
    """Every example of the spec is good as a request and without findings as an answer."""
    if operation.body is not None:
        for example in US.resolved(operation.body)["examples"]:
            assert body_verdict(operation, json.dumps(example).encode()) == "good"
    for example in US.resolved(operation.answer)["examples"]:
        assert answer_findings(operation, 200, json.dumps(example).encode() + b"\n") == []


@pytest.mark.parametrize(
    ("answer", "spelling"),
    [
        ({"order": [{"price": 5}]}, "camel"),
        ({"order": [{"price": "5"}]}, "snake"),
        ({"order": [{"cumQty": 5}]}, "snake"),
        ({"order": [{"cum_qty": "5"}]}, "camel"),
        ({"order": [{"price": "5.0"}]}, "camel"),
        ({"order": [{"price": str(2**63)}]}, "camel"),
        ({"order": [{"side": "BUY"}]}, "camel"),
        ({"order": [{"side": 1}]}, "camel"),
        ({"order": [{"createTime": "2026-10-01T12:00:00"}]}, "camel"),
        ({"order": [{"createTime": None}]}, "camel"),
        ({"order": None}, "camel"),
        ({"nextPageToken": "", "more": True}, "camel"),
        ([], "camel"),
    ],
)
def test_wrong_answers_are_found(answer: Any, spelling: Any) -> None:
    """An answer with one thing wrong never passes: spelling, type, range, member, zone, null, unknown key."""
    search = OPERATIONS["ReportAPI_SearchOrders"]
    assert answer_findings(search, 200, b'{"order": [], "nextPageToken": ""}') == []
    assert answer_findings(search, 200, json.dumps(answer).encode(), spelling)


def test_wrong_errors_and_streams_are_found() -> None:
    """Errors without the spec's shape and streams that are no lines do not pass either."""
    orders = OPERATIONS["ReportAPI_DownloadOrders"]
    line = b'{"result": {"filechunk": "a"}}\n'
    assert answer_findings(orders, 200, line * 3) == []
    assert answer_findings(orders, 200, b"") == []
    for raw in (line[:-1], b"[" + line[:-1] + b"]\n", line + b"half", b"id,symbol\n", b"\n"):
        assert answer_findings(orders, 200, raw), raw
    for raw in (b"", b"oops", b"<html/>", b'{"error": "x"}', b'{"code": "8"}', b'{"code": 8, "code": 8}'):
        assert answer_findings(orders, 500, raw), raw
    assert answer_findings(orders, 500, b'{"code": 8}') == []


@pytest.mark.parametrize(
    ("path", "query", "body"),
    [
        ("/v1/trading/order", "", ORDER),
        ("/v1/trading/orders", "dry=1", ORDER),
        ("/v1/trading/orders", "", {**ORDER, "side": "BUY"}),
        ("/v1/trading/orders", "", {**ORDER, "clord_id": "a"}),
        ("/v1/trading/orders", "", {**ORDER, "goodTillTime": "2026-10-01"}),
        ("/v1/trading/orders", "", {name: ORDER[name] for name in ORDER if name != "symbol"}),
    ],
)
def test_wrong_requests_are_found(path: str, query: str, body: Any) -> None:
    """A request with one thing wrong never passes: path, query, member, spelling, zone, a missing field."""
    assert request_findings(INSERT, "/v1/trading/orders", "", json.dumps(ORDER).encode()) == []
    assert request_findings(INSERT, path, query, json.dumps(body).encode())


def test_bodies_and_queries_out_of_place_are_found() -> None:
    """A body on a GET, a required parameter left out and a comma-joined list are findings."""
    path = "/v1/funding/balance-ledger"
    assert request_findings(LEDGER, path, "account=a&startTime=2026-10-01T00%3A00%3A00Z", b"") == []
    assert request_findings(LEDGER, path, "account=a", b"{}")
    assert request_findings(LEDGER, path, "", b"")
    kinds = "LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT,LEDGER_ENTRY_TYPE_BALANCE_WITHDRAWAL"
    assert request_findings(LEDGER, path, f"account=a&entryTypes={kinds}", b"")


def test_paths_are_told_apart() -> None:
    """Fixed words go before placeholders, by method, and values come back decoded."""
    assert US.find("GET", "/v1/rfqs/quotes") is OPERATIONS["RFQAPI_GetQuotes"]
    assert US.find("DELETE", "/v1/rfqs/quotes") is OPERATIONS["RFQAPI_DeleteRFQ"]
    assert US.find("GET", "/v1/report/orders/csv") is OPERATIONS["ReportAPI_GetOrder"]
    assert US.find("GET", "/v1/orderbook/a/b/bbo") is None
    assert US.find("PUT", "/v1/whoami") is None
    found = path_values(OPERATIONS["OrderBookAPI_GetBBO"], "/v1/orderbook/a%2Fb%20c/bbo")
    assert found == {"symbol": "a/b c"}


@pytest.mark.parametrize(
    ("camel", "spelled"),
    [("orderId", "order_id"), ("maxDeposit60dayAmount", "max_deposit60day_amount"), ("order_id", "order_id")],
)
def test_snake_case(camel: str, spelled: str) -> None:
    """Keys of two words get an underscore before each capital, and nowhere else."""
    assert snake(camel) == spelled


# -- plain JSON --

BOOK = CLOB.operations["Books_GetOrderBook"]
OPEN_ORDER = CLOB.operations["Orders_GetOrder"]
PLACED = CLOB.operations["Orders_PostOrder"]
HISTORY = CLOB.operations["Books_GetPricesHistory"]


@pytest.mark.parametrize("operation", CLOB.operations.values(), ids=lambda operation: operation.id)
def test_examples_of_plain_json_are_good(operation: Any) -> None:
    """Every example of a body or an answer is without findings, wherever the spec has one."""
    if operation.body is not None:
        assert (
            request_findings(operation, operation.filled(), _needed(operation), _raw(operation.example)) == []
        )
    schema = CLOB.resolved(operation.answer)
    many = schema.get("type") == "array" and "examples" not in schema
    shown = CLOB.resolved(schema["items"] if many else schema)
    for example in shown.get("examples", []):
        assert answer_findings(operation, 200, _raw([example] if many else example)) == []


def _needed(operation: Any) -> str:
    return "&".join(f"{name}=1" for name, each in operation.query.items() if each.get("required"))


def _raw(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"status": "ORDER_STATUS_LIVE"}, True),
        ({"status": "LIVELY"}, False),
        ({"status": "TRADE_STATUS_MATCHED"}, False),
        ({"associate_trades": None}, True),
        ({"price": None}, False),
        ({"price": 0.48}, False),
        ({"price": "0,48"}, False),
        ({"created_at": "1787000000"}, False),
        ({"created_at": 2**63}, False),
        ({"side": "buy"}, False),
        ({"added": 1}, False),
    ],
)
def test_wrong_answers_of_plain_json_are_found(changes: dict[str, Any], good: bool) -> None:
    """Types, ranges, members, unknown fields count; prefixes and nulls are as the venue writes them."""
    order = {**CLOB.schemas["OpenOrder"]["examples"][0], **changes}
    assert (answer_findings(OPEN_ORDER, 200, _raw(order)) == []) is good


def test_wrong_errors_of_plain_json_are_found() -> None:
    """An error is an object with a text, and nothing the spec does not have."""
    assert answer_findings(BOOK, 404, b'{"error": "x"}') == []
    for raw in (b"", b"x", b"null", b"{}", b'{"error": 1}', b'{"error": "x", "status": 404}', b'["x"]'):
        assert answer_findings(BOOK, 404, raw), raw


@pytest.mark.parametrize(
    ("query", "good"),
    [
        ("market=1&interval=1d", True),
        ("market=1&startTs=5&endTs=6&fidelity=10", True),
        ("interval=1d", False),
        ("market=1&interval=2d", False),
        ("market=1&startTs=5.5", False),
        ("market=1&fidelity=2147483648", False),
        ("market=1&market=2", False),
        ("market=1&start_ts=5", False),
    ],
)
def test_queries_of_plain_json_are_judged(query: str, good: bool) -> None:
    """A parameter missing, twice, unknown, out of range or no member is a finding."""
    assert (request_findings(HISTORY, "/prices-history", query, b"") == []) is good


def test_lists_and_days_in_queries_are_judged() -> None:
    """Lists joined by commas are judged item by item, days by the calendar."""
    prices, earnings = (
        CLOB.operations[each] for each in ("Books_GetPricesByQuery", "Rewards_GetUserEarnings")
    )
    assert request_findings(prices, "/prices", "token_ids=1,2&sides=BUY,SELL", b"") == []
    assert request_findings(prices, "/prices", "token_ids=1,2&sides=BUY,LONG", b"")
    assert request_findings(earnings, "/rewards/user", "date=2026-02-28", b"") == []
    for day in ("2026-02-30", "2026-2-3", "20260228", "", "today"):
        assert request_findings(earnings, "/rewards/user", f"date={day}", b""), day


def test_what_readers_pass_over_is_told_apart() -> None:
    """Unknown fields and nulls are findings for whoever writes, and none for whoever reads."""
    body = {**PLACED.example, "postOnly": None, "added": 1}
    assert len(body_findings(PLACED, _raw(body))) == 2
    assert body_findings(PLACED, _raw(body), closed=False) == []
    assert body_findings(PLACED, _raw({**body, "owner": None}), closed=False)
