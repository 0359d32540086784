"""Requests nobody sends by accident: numbers without end, what is no number, names without end."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

import pytest
from fakefeed import RAIN, FakeFeed
from sim_door import Door

_ORDER = {"market_id": RAIN, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": "0.60"}
_LONG = "0." + "1" * 100_000


@pytest.mark.parametrize("field", ["price", "quantity"])
def test_a_number_without_end_takes_no_time(reader: Door, field: str) -> None:
    """What fits into a request is refused at once, not after minutes of arithmetic under the lock."""
    started = time.process_time()
    answer = reader.send("POST", "/v1/orders", json={**_ORDER, "quantity": "10", field: _LONG})
    assert answer.status_code == 400
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    ("sizes", "answer"),
    [
        ({"quantity": "sNaN", "size": "sNaN"}, (400, "INVALID_QUANTITY")),
        ({"quantity": "sNaN", "size": "10"}, (422, "VALIDATION_FAILED")),
        ({"quantity": "10", "size": "NaN"}, (422, "VALIDATION_FAILED")),
        ({"size": "Infinity"}, (400, "INVALID_QUANTITY")),
    ],
)
def test_what_is_no_number_is_refused(reader: Door, sizes: dict[str, str], answer: Any) -> None:
    """Also where two fields are compared, and one of them cannot be."""
    market = FakeFeed().market(RAIN)
    assert market is not None
    order = {"token_id": market.token_ids[0], "side": "BUY", "price": "0.60", **sizes}
    assert reader.code(reader.send("POST", "/v1/clob/order", json=order)) == answer


@pytest.mark.parametrize("name", ["market_id", "outcome", "client_order_id"])
def test_texts_are_as_long_as_documented(reader: Door, name: str) -> None:
    """Of an order by itself and of one in a batch, of which nothing is placed then."""
    order = {**_ORDER, "quantity": "10", name: "x" * 257}
    for path, body in (
        ("/v1/orders", order),
        ("/v1/orders/batch", {"orders": [{**_ORDER, "quantity": "10"}, order]}),
    ):
        refused = reader.send("POST", path, json=body)
        assert reader.code(refused) == (422, "VALIDATION_FAILED")
        assert name in refused.json()["message"]
    assert reader.get("/v1/orders")["orders"] == []


@pytest.mark.parametrize("path", ["/v1/account/positions", "/v1/me", "/v1/orders", "/v1/export/trades.csv"])
def test_a_wallet_without_end_is_none(reader: Door, path: str) -> None:
    """A number of thousands of digits names no wallet."""
    answer = reader.send("GET", path, params={"wallet_id": "9" * 5000})
    assert reader.code(answer) == (404, "WALLET_NOT_FOUND")


@pytest.mark.parametrize("raw", [b'{"advance":1e18}', b'{"advance":1e300}', b'{"advance":NaN}', b"[" * 10**5])
def test_the_sandbox_itself_is_not_talked_out_of_time(
    reader: Door, raw: bytes, request: pytest.FixtureRequest
) -> None:
    """A clock that cannot be told any more is not set, and what cannot be read is said so."""
    # as some libraries do
    request.addfinalizer(partial(sys.setrecursionlimit, sys.getrecursionlimit()))
    sys.setrecursionlimit(100_000)
    secret = {"x-sandbox-secret": reader.venue.secret}
    assert reader.raw("POST", "/_sandbox/clock", headers=secret, content=raw).status_code == 400
    assert reader.send("GET", "/v1/time").status_code == 200
