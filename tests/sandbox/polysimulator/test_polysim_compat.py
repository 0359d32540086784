"""Orders in Polymarket's shapes over HTTP: by token, by amounts, in arrays; lookups and balances."""

from __future__ import annotations

from typing import Any

import pytest
from fakefeed import MARKETS, RAIN
from sim_door import Door

TOKEN = MARKETS[0].token_ids[0]


def buy(door: Door) -> Any:
    """Buy ten shares at once and return the answer."""
    body = {"market_id": RAIN, "side": "BUY", "outcome": "Yes", "quantity": "10", "price": "0.65"}
    return door.post("/v1/orders", body)


def rest(door: Door) -> int:
    """Rest an order and return its number."""
    body = {"token_id": TOKEN, "side": "BUY", "price": "0.41", "quantity": "12"}
    placed = door.post("/v1/clob/order", body)
    assert placed["status"] == "live", placed
    return int(placed["orderID"])


def test_a_flat_order_takes_both_names_of_its_shares(door: Door) -> None:
    """`quantity` and `size` mean the same; IOC is refused here; a fill is told in dollars and shares."""
    flat = {"token_id": TOKEN, "side": "BUY", "price": "0.65"}
    filled = door.post("/v1/clob/order", {**flat, "quantity": "10"})
    assert (filled["success"], filled["status"], filled["transactID"]) == (True, "matched", filled["orderID"])
    assert (filled["takingAmount"], filled["makingAmount"]) == ("6.50", "10")
    live = door.post("/v1/clob/order", {**flat, "price": "0.41", "size": "10"})
    assert (live["status"], live["makingAmount"]) == ("live", "0")
    ioc = door.send("POST", "/v1/clob/order", json={**flat, "size": "10", "order_type": "IOC"})
    assert door.code(ioc) == (400, "UNSUPPORTED_ORDER_TYPE")
    assert door.code(door.send("POST", "/v1/clob/order", json=flat)) == (422, "VALIDATION_FAILED")
    unknown = {**flat, "token_id": "1", "size": "10"}
    assert door.code(door.send("POST", "/v1/clob/order", json=unknown)) == (404, "TOKEN_NOT_FOUND")


def signed(side: str, maker: str, taker: str, **more: Any) -> dict[str, Any]:
    """Return an order as Polymarket's clients send it."""
    order = {"tokenId": TOKEN, "side": side, "makerAmount": maker, "takerAmount": taker, "signature": "0xno"}
    return {"order": order, "owner": "x", "orderType": "GTC", **more}


def test_amounts_mean_price_and_quantity(door: Door) -> None:
    """A buyer makes dollars and takes shares, a seller the reverse; both in millionths."""
    bought = door.post("/v1/order", signed("BUY", "6500000", "10000000", orderType="FOK"))
    assert (bought["status"], bought["makingAmount"], bought["takingAmount"]) == (
        "matched",
        "6500000",
        "10000000",
    )
    sold = door.post("/v1/order", signed("SELL", "10000000", "6400000", orderType="FAK"))
    assert (sold["status"], sold["makingAmount"], sold["takingAmount"]) == ("matched", "10000000", "6400000")
    live = door.post("/v1/order", signed("BUY", "4100000", "10000000"))
    shown = door.get(f"/v1/data/order/{live['orderID']}")
    assert (shown["status"], shown["price"], shown["original_size"]) == ("ORDER_STATUS_LIVE", "0.41", "10")
    zero = door.send("POST", "/v1/order", json=signed("BUY", "0", "1"))
    assert door.code(zero) == (400, "INVALID_ORDER_PAYLOAD")


def test_an_array_is_a_batch_of_polymarkets(door: Door) -> None:
    """Up to fifteen on any plan; each is answered, refusals among them."""
    orders = [signed("BUY", "4100000", "10000000"), signed("SELL", "10000000", "6400000")]
    live, refused = door.post("/v1/orders", orders)
    assert (live["success"], live["status"]) == (True, "live")
    assert (refused["success"], refused["errorMsg"], refused["orderID"]) == (
        False,
        "INSUFFICIENT_POSITION",
        "",
    )
    assert door.code(door.send("POST", "/v1/orders", json=orders * 8)) == (400, "BATCH_LIMIT_EXCEEDED")


def test_lists_in_polymarkets_shape_end_with_their_cursor(door: Door) -> None:
    """Open orders only unless a status is named; pages by both names of the cursor; bad times are refused."""
    numbers = [str(rest(door)) for _ in range(3)]
    door.send("DELETE", f"/v1/orders/{numbers[0]}")
    first = door.get("/v1/data/orders", limit=1)
    assert (first["count"], first["data"][0]["id"]) == (1, numbers[2])
    second = door.get("/v1/data/orders", limit=1, cursor=first["next_cursor"])
    assert (second["data"][0]["id"], second["next_cursor"]) == (numbers[1], "LTE=")
    assert door.get("/v1/data/orders", next_cursor="LTE=")["data"] == []
    gone = door.get("/v1/data/orders", status="ORDER_STATUS_CANCELED")["data"]
    assert [(each["id"], each["status"]) for each in gone] == [(numbers[0], "ORDER_STATUS_CANCELED")]
    assert door.get("/v1/data/orders", before=1000)["data"] == []
    assert door.code(door.send("GET", "/v1/data/orders?after=soon")) == (400, "INVALID_TIME_FILTER")


def test_trades_and_allowances(door: Door) -> None:
    """A fill is a trade of its token; balances are in millionths, of dollars or of the token."""
    buy(door)
    page = door.get("/v1/data/trades")
    assert [(each["asset_id"], each["size"], each["fee_rate_bps"]) for each in page["data"]] == [
        (TOKEN, "10", 500)
    ]
    assert page["next_cursor"] == "LTE="
    assert door.get("/v1/data/trades", after=4_000_000_000)["data"] == []
    assert door.get("/v1/balance-allowance")["balance"] == "9993390000"
    held = door.get("/v1/balance-allowance", asset_type="CONDITIONAL", token_id=TOKEN)
    assert held["balance"] == "10000000"
    assert int(held["allowance"]) == 2**256 - 1


def test_an_order_is_cancelled_by_its_id_as_text(door: Door) -> None:
    """200 whether or not there was something to cancel."""
    number = str(rest(door))
    assert door.good(door.send("DELETE", "/v1/order", json={"orderID": number}))["canceled"] == [number]
    again = door.good(door.send("DELETE", "/v1/order", json={"orderID": number}))
    assert again["not_canceled"] == {number: "ORDER_NOT_CANCELLABLE"}


@pytest.mark.parametrize(
    ("order", "more", "code"),
    [
        ({}, {"orderType": "IOC"}, (400, "UNSUPPORTED_ORDER_TYPE")),
        ({"side": "HOLD"}, {}, (400, "INVALID_ORDER_PAYLOAD")),
        ({"takerAmount": "1.5"}, {}, (400, "INVALID_ORDER_PAYLOAD")),
        ({"tokenId": "1"}, {}, (404, "TOKEN_NOT_FOUND")),
        ({"expiration": "soon"}, {"orderType": "GTD"}, (400, "INVALID_ORDER_EXPIRATION")),
        ({"expiration": []}, {"orderType": "GTD"}, (422, "VALIDATION_FAILED")),
    ],
)
def test_amounts_that_mean_nothing_are_refused(
    reader: Door, order: dict[str, Any], more: dict[str, Any], code: tuple[int, str]
) -> None:
    """Alone the order is refused with a code, in an array with the same code beside it."""
    sent = signed("BUY", "4100000", "10000000", **more)
    sent["order"] |= order
    assert reader.code(reader.send("POST", "/v1/order", json=sent)) == code
    if code[0] != 422:
        (entry,) = reader.post("/v1/orders", [sent])
        assert (entry["success"], entry["errorMsg"]) == (False, code[1])


def test_an_order_for_a_while_ends_by_itself(door: Door) -> None:
    """GTD by either shape is listed with its end, and is gone after it."""
    ends = str(door.world.clock.now_ns() // 10**9 + 120)
    sent = signed("BUY", "4100000", "10000000", orderType="GTD")
    sent["order"]["expiration"] = ends
    number = door.post("/v1/order", sent)["orderID"]
    flat = {"token_id": TOKEN, "side": "BUY", "price": "0.41", "size": "10", "order_type": "GTD"}
    door.post("/v1/clob/order", {**flat, "expiration": ends})
    assert [str(each["expiration"]) for each in door.get("/v1/data/orders")["data"]] == [ends, ends]
    door.pass_time(125)
    assert door.get("/v1/data/orders")["data"] == []
    assert door.get(f"/v1/data/order/{number}")["status"] == "ORDER_STATUS_CANCELED"
    assert door.get(f"/v1/orders/{number}")["cancelled_reason"] == "gtd_expired"


def test_what_is_asked_for_badly_is_refused(reader: Door) -> None:
    """No entries, no such id, no such status, no such kind of asset, two different sizes."""
    assert reader.code(reader.send("POST", "/v1/orders", json=[])) == (422, "VALIDATION_FAILED")
    assert reader.code(reader.send("GET", "/v1/order/0xabc")) == (404, "ORDER_NOT_FOUND")
    assert reader.code(reader.send("GET", "/v1/order/77")) == (404, "ORDER_NOT_FOUND")
    assert reader.code(reader.send("GET", "/v1/data/orders?status=OPEN")) == (422, "VALIDATION_FAILED")
    assert reader.code(reader.send("GET", "/v1/balance-allowance?asset_type=TEA")) == (
        422,
        "VALIDATION_FAILED",
    )
    flat = {"token_id": TOKEN, "side": "BUY", "price": "0.41", "size": "10", "quantity": "11"}
    assert reader.code(reader.send("POST", "/v1/clob/order", json=flat)) == (422, "VALIDATION_FAILED")


def test_an_order_that_must_rest_is_not_filled(reader: Door) -> None:
    """Post-only is kept in either shape: what would cross is refused."""
    flat = {"token_id": TOKEN, "side": "BUY", "price": "0.65", "size": "10", "post_only": True}
    refused = (400, "POST_ONLY_WOULD_CROSS")
    assert reader.code(reader.send("POST", "/v1/clob/order", json=flat)) == refused
    raw = signed("BUY", "6500000", "10000000", postOnly=True)
    assert reader.code(reader.send("POST", "/v1/order", json=raw)) == refused
