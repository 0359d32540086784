"""What the sandbox answers is what the specification says: every answer decodes with its generated model."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from clob_door import Door
from polyspec_wire import Operation
from polyspec_wire.clob import OPERATIONS

from polyspec.core.typed import convert

ADDRESS = "0x" + "1" * 40
CODE = "0x" + "2" * 64


def decoded(operation: Operation, raw: bytes, status: int) -> Any:
    """Decode an answer as the specification has it."""
    kind = operation.success[200] if status == 200 else operation.failure
    return convert(_without_nulls(msgspec.json.decode(raw)), kind, strict=False)


def _without_nulls(plain: Any) -> Any:
    """Leave out fields that are null: the venue writes it for what is not there, as readers know."""
    if isinstance(plain, dict):
        return {key: _without_nulls(value) for key, value in plain.items() if value is not None}
    return [_without_nulls(each) for each in plain] if isinstance(plain, list) else plain


@pytest.fixture
def busy(door: Door, other: Door) -> Door:
    """A door to a venue where something happened."""
    for side, price in (("SELL", "0.55"), ("BUY", "0.45")):
        other.place(side, price, "30", builder=CODE)
    door.place("BUY", "0.55", "10")
    door.place("BUY", "0.50", "30")
    door.post("/auth/builder-api-key", {})
    door.post("/auth/readonly-api-key", {})
    return door


READS: dict[str, dict[str, Any]] = {
    "Books_GetPricesHistory": {"interval": "1d"},
    "Rewards_GetUserEarnings": {"date": "2026-10-01"},
    "Rewards_GetUserTotalEarnings": {"date": "2026-10-01"},
    "Rewards_GetRebates": {"date": "2026-10-01", "maker_address": ADDRESS},
    "Trades_GetBuilderTrades": {"builder_code": CODE},
    "Account_GetBalanceAllowance": {"asset_type": "COLLATERAL"},
    "Account_UpdateBalanceAllowance": {"asset_type": "COLLATERAL"},
    "Account_GetNotifications": {"signature_type": 0},
    "Books_GetPrice": {"side": "BUY"},
}
REFUSED = {
    "Books_GetOrderBooksByQuery",
    "Books_GetMidpointsByQuery",
    "Books_GetPricesByQuery",
    "Books_GetLastTradesPricesByQuery",
    "Books_GetOHLC",
    "Books_GetOrderbookHistory",
    "Auth_ValidateReadonlyApiKey",
    "Rfq_GetBestQuote",
}
"""Reads that the venue refuses, or that have nothing to tell here."""
PLAIN_READS = sorted(each for each, operation in OPERATIONS.items() if operation.method == "GET")


@pytest.mark.parametrize("name", PLAIN_READS)
def test_reads_answer_as_specified(busy: Door, name: str) -> None:
    """Every read is answered, with what its operation promises, and nothing of it is lost in decoding."""
    operation = OPERATIONS[name]
    listing = next(iter(busy.world.listings.values()))
    order_id = busy.get("/data/orders")["data"][0]["id"]
    values = {
        "condition_id": listing.condition_id,
        "token_id": listing.token_ids[0],
        "orderID": order_id,
        "builder_code": CODE,
    }
    path = re.sub(r"{(\w+)}", lambda found: values[found[1]], operation.path)
    params = {
        "token_id": listing.token_ids[0],
        "market": listing.token_ids[0] if name == "Books_GetPricesHistory" else listing.condition_id,
        "order_id": order_id,
        "order_ids": order_id,
        **READS.get(name, {}),
    }
    wanted = {each.name for each in operation.parameters}
    params = {key: value for key, value in params.items() if key in wanted}
    schemes = {scheme for alternative in operation.security for scheme, _ in alternative}
    if schemes == {"l1"}:
        answer = busy.raw("GET", path, headers=busy.level1())
    elif schemes:
        answer = busy.send("GET", path, params=params)
    else:
        answer = busy.raw("GET", path, params=params)
    assert answer.status_code in ((400, 404, 501) if name in REFUSED else (200,)), answer.text
    value = decoded(operation, answer.content, answer.status_code)
    if answer.status_code == 200:
        again = msgspec.json.decode(msgspec.json.encode(value))
        _same(answer.json(), again)


def _same(sent: Any, read: Any) -> None:
    """Compare an answer with what was read of it: every field sent is known, and has the value sent."""
    if isinstance(sent, dict):
        for key, value in sent.items():
            if value is not None:
                assert key in read, f"{key} is not in the specification"
                _same(value, read[key])
    elif isinstance(sent, list):
        assert len(sent) == len(read)
        for one, other in zip(sent, read, strict=True):
            _same(one, other)
    elif sent is not None and not isinstance(sent, bool):
        assert str(read) == str(sent) or float(read) == float(sent)


def test_writes_answer_as_specified(door: Door, other: Door) -> None:
    """So is what is posted and deleted, when it goes well and when it does not."""
    other.place("SELL", "0.50")
    order = door.sent(door.order("BUY", "0.50"))
    for name, method, path, body in (
        ("Orders_PostOrder", "POST", "/order", order),
        ("Orders_PostOrder", "POST", "/order", order),
        ("Orders_PostOrders", "POST", "/orders", [door.sent(door.order()), door.sent(door.order(size="1"))]),
        ("Orders_CancelOrder", "DELETE", "/order", {"orderID": CODE}),
        ("Orders_CancelOrders", "DELETE", "/orders", [CODE]),
        ("Orders_CancelMarketOrders", "DELETE", "/cancel-market-orders", {"market": CODE}),
        ("Orders_CancelAll", "DELETE", "/cancel-all", None),
        ("Orders_PostHeartbeat", "POST", "/v1/heartbeats", {"heartbeat_id": ""}),
        ("Orders_PostHeartbeat", "POST", "/v1/heartbeats", {"heartbeat_id": ""}),
        ("Orders_PostLegacyHeartbeat", "POST", "/heartbeats", None),
        ("Orders_GetOrdersScoring", "POST", "/orders-scoring", [CODE]),
        ("Auth_CreateBuilderApiKey", "POST", "/auth/builder-api-key", None),
        ("Auth_RevokeBuilderApiKey", "DELETE", "/auth/builder-api-key", None),
        ("Auth_CreateReadonlyApiKey", "POST", "/auth/readonly-api-key", None),
        ("Auth_DeleteReadonlyApiKey", "DELETE", "/auth/readonly-api-key", {"key": "x"}),
        ("Auth_DeleteApiKey", "DELETE", "/auth/api-key", None),
    ):
        answer = door.send(method, path, body)
        value = decoded(OPERATIONS[name], answer.content, answer.status_code)
        if answer.content not in (b'"OK"', b"true"):
            _same(answer.json(), msgspec.json.decode(msgspec.json.encode(value)))


def test_plural_reads_answer_as_specified(busy: Door) -> None:
    """Those that go by POST."""
    listing = next(iter(busy.world.listings.values()))
    wanted = [{"token_id": each, "side": "BUY"} for each in listing.token_ids]
    for name, body in (
        ("Books_GetOrderBooks", wanted),
        ("Books_GetMidpoints", wanted),
        ("Books_GetPrices", wanted),
        ("Books_GetSpreads", wanted),
        ("Books_GetLastTradesPrices", wanted),
        ("Books_GetBatchPricesHistory", {"markets": list(listing.token_ids), "interval": "1d"}),
        ("Markets_GetLiveActivities", [listing.condition_id]),
    ):
        operation = OPERATIONS[name]
        answer = busy.raw("POST", operation.path, json=body)
        assert answer.status_code == 200
        value = decoded(operation, answer.content, 200)
        _same(answer.json(), msgspec.json.decode(msgspec.json.encode(value)))
