"""Orders over HTTP: three shapes, keys that repeat, lists, cancels, heartbeats, turns."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import Open
from fakefeed import BILL, MARKETS, RAIN
from sim_door import Door

TOKEN = MARKETS[0].token_ids[0]
FOREIGN = "0x" + "9" * 64


def limit(price: str = "0.41", quantity: str = "12", **more: Any) -> dict[str, Any]:
    """Return a limit order that rests, unless told otherwise."""
    return {
        "market_id": RAIN, "side": "BUY", "outcome": "Yes", "order_type": "limit", "price": price,
        "quantity": quantity, **more,
    }  # fmt: skip


def buy(door: Door, market: str = RAIN, **more: Any) -> Any:
    """Buy ten shares at once and return the answer."""
    body = {"market_id": market, "side": "BUY", "outcome": "Yes", "quantity": "10", "price": "0.65", **more}
    return door.post("/v1/orders", body)


def rest(door: Door, **more: Any) -> int:
    """Rest an order and return its number."""
    placed = door.post("/v1/orders", limit(**more))
    assert placed["status"] == "PENDING", placed
    return int(placed["order_id"])


# -- native --


def test_an_order_rests_as_documented(door: Door) -> None:
    """A limit away from the market rests, keeps its cash, and is answered with all that was asked for."""
    placed = door.post("/v1/orders", limit(client_order_id="c-1"))
    told = {
        name: placed[name] for name in ("status", "price", "quantity", "notional", "fee", "account_balance")
    }
    assert told == {
        "status": "PENDING",
        "price": "0.41",
        "quantity": "12",
        "notional": "4.92",
        "fee": "0.00",
        "account_balance": "9995.08",
    }
    assert (placed["client_order_id"], placed["is_replay"], placed["warnings"]) == ("c-1", False, [])


def test_the_worked_figure(door: Door) -> None:
    """Ten shares at 0.65 of a political market: 6.50 and nine cents, from 10,000.00 to 9,993.41."""
    placed = buy(door, BILL)
    assert (placed["notional"], placed["fee"], placed["account_balance"]) == ("6.50", "0.09", "9993.41")
    assert placed["position"]["quantity"] == "10"


def test_the_same_key_and_body_is_answered_again(door: Door) -> None:
    """A repetition fills nothing, says that it is one, and lacks what was measured at the time."""
    first = buy(door, client_order_id="c-1")
    again = buy(door, client_order_id="c-1")
    assert (first["is_replay"], again["is_replay"]) == (False, True)
    assert again["order_id"] == first["order_id"]
    assert not {"spread_bps", "impact_bps", "book_walk_levels"} & again.keys()
    assert door.get("/v1/orders")["total_hint"] == 1


def test_the_header_means_the_same_as_the_field(door: Door) -> None:
    """A key given as header is the order's own id; two different ones are refused."""
    headers = {"Idempotency-Key": "k-1"}
    first = door.send("POST", "/v1/orders", json=limit(), headers=headers).json()
    assert first["client_order_id"] == "k-1"
    again = door.post("/v1/orders", limit(client_order_id="k-1"))
    assert (again["order_id"], again["is_replay"]) == (first["order_id"], True)
    both = door.send("POST", "/v1/orders", json=limit(client_order_id="k-2"), headers=headers)
    assert door.code(both) == (422, "VALIDATION_FAILED")
    long = door.send("POST", "/v1/orders", json=limit(client_order_id="k" * 257))
    assert door.code(long) == (422, "VALIDATION_FAILED")


def test_a_key_is_of_one_body_and_one_route(door: Door) -> None:
    """Another body under the same key, or another route, is a conflict, and nothing is placed."""
    door.post("/v1/orders", limit(client_order_id="c-1"))
    other = door.send("POST", "/v1/orders", json=limit(price="0.42", client_order_id="c-1"))
    assert door.code(other) == (409, "IDEMPOTENCY_KEY_REUSE")
    flat = {"token_id": TOKEN, "side": "BUY", "price": "0.41", "quantity": "12", "client_order_id": "c-1"}
    assert door.code(door.send("POST", "/v1/clob/order", json=flat)) == (409, "DUPLICATE_CLIENT_ORDER_ID")
    assert door.get("/v1/orders")["total_hint"] == 1


@pytest.mark.parametrize(
    ("changes", "status", "header", "body"),
    [
        ({"price": None}, 400, "PRICE_REQUIRED", None),
        ({"quantity": "1"}, 400, "ORDER_BELOW_MIN_SIZE", "INVALID_ORDER_MIN_SIZE"),
        ({"price": "0.65", "post_only": True}, 400, "POST_ONLY_WOULD_CROSS", "INVALID_POST_ONLY_ORDER"),
        ({"price": "0.415"}, 400, "INVALID_ORDER_MIN_TICK_SIZE", None),
        ({"quantity": "100000"}, 400, "INSUFFICIENT_BALANCE", None),
        ({"side": "SELL"}, 400, "INSUFFICIENT_POSITION", None),
        ({"market_id": FOREIGN}, 404, "MARKET_NOT_FOUND", None),
        ({"wallet_id": 999_999}, 404, "WALLET_NOT_FOUND", None),
        ({"outcome": None}, 422, "VALIDATION_FAILED", None),
        ({"expiration": {}}, 422, "VALIDATION_FAILED", None),
    ],
)
def test_what_cannot_be_placed_has_a_code(
    reader: Door, changes: dict[str, Any], status: int, header: str, body: str | None
) -> None:
    """The header has the code; where the venue's two names differ, the body has the other."""
    answer = reader.send("POST", "/v1/orders", json={**limit(), **changes})
    assert reader.code(answer) == (status, header), answer.text
    assert answer.json()["error"] == (body or header)


def test_a_short_acknowledgement_where_the_venue_is_fast(open_door: Open) -> None:
    """With fast acknowledgements what rests is answered as accepted, what fills is answered in full."""
    door = open_door(fast_ack=True)
    placed = door.post("/v1/orders", limit(client_order_id="c-1"))
    assert (placed["status"], placed["price_requested"], placed["quantity_requested"]) == (
        "accepted",
        "0.41",
        "12",
    )
    assert buy(door)["status"] == "FILLED"


# -- batches --


def test_a_batch_is_answered_entry_by_entry(door: Door) -> None:
    """Good entries stand although others are refused; a repetition of the whole places nothing new."""
    orders = [limit(client_order_id="a"), limit(quantity="1", client_order_id="b"), limit(market_id=FOREIGN)]
    first = door.post("/v1/orders/batch", {"orders": orders})
    assert (first["succeeded"], first["failed"]) == (1, 2)
    good, small, unknown = first["results"]
    assert good["status"] == "PENDING"
    assert (small["order_id"], small["status"], small["error"]) == (0, "REJECTED", "INVALID_ORDER_MIN_SIZE")
    assert small["client_order_id"] == "b"
    assert unknown["error"] == "MARKET_NOT_FOUND"
    again = door.post("/v1/orders/batch", {"orders": orders})
    assert (again["results"][0]["order_id"], again["results"][0]["is_replay"]) == (good["order_id"], True)


@pytest.mark.parametrize(("key", "most"), [("free_api_key", 1), ("api_key", 5), ("pro_plus_api_key", 10)])
def test_a_batch_is_as_long_as_the_plan_allows(reader: Door, key: str, most: int) -> None:
    """One entry more than the plan has is refused as a whole."""
    too_many = {"orders": [limit(quantity="1")] * (most + 1)}
    assert reader.code(reader.send("POST", "/v1/orders/batch", key=key, json=too_many)) == (
        400,
        "BATCH_LIMIT_EXCEEDED",
    )
    full = reader.send("POST", "/v1/orders/batch", key=key, json={"orders": [limit(quantity="1")] * most})
    assert full.status_code == 200


# -- lists and lookups --


def test_lists_go_on_by_cursor_and_by_offset(door: Door) -> None:
    """Pages by cursor and by offset have every order once, newest first."""
    numbers = [rest(door) for _ in range(5)]
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = door.get("/v1/orders", limit=2, cursor=cursor)
        assert page["has_more"] == ("next_cursor" in page)
        seen += [each["order_id"] for each in page["orders"]]
        cursor = page.get("next_cursor")
    assert seen == numbers[::-1]
    assert [each["order_id"] for each in door.get("/v1/orders", limit=2, offset=3)["orders"]] == seen[3:]
    assert door.code(door.send("GET", "/v1/orders?cursor=nonsense")) == (400, "INVALID_CURSOR")


def test_lists_are_filtered(door: Door) -> None:
    """Status, market and side choose; what they cannot be is refused."""
    resting = rest(door)
    filled = buy(door, BILL)["order_id"]

    def found(**filters: str) -> list[int]:
        return [each["order_id"] for each in door.get("/v1/orders", **filters)["orders"]]

    assert found(status="PENDING") == found(market_id=RAIN) == [resting]
    assert found(status="FILLED") == found(market_id=BILL) == [filled]
    assert found(side="SELL") == []
    assert door.code(door.send("GET", "/v1/orders?status=OPEN")) == (422, "VALIDATION_FAILED")


def test_one_number_can_name_two_orders(door: Door) -> None:
    """Without a source the resting order hides the filled one of the same number."""
    resting, filled = rest(door), buy(door, BILL)["order_id"]
    assert resting == filled
    assert door.get(f"/v1/orders/{resting}")["source"] == "pending"
    one = door.get(f"/v1/orders/{resting}", source="pending")
    other = door.get(f"/v1/orders/{filled}", source="filled")
    assert (one["market_id"], other["market_id"]) == (RAIN, BILL)
    assert door.code(door.send("GET", f"/v1/orders/{resting}?source=both")) == (400, "INVALID_SOURCE")
    assert door.code(door.send("GET", "/v1/orders/77")) == (404, "ORDER_NOT_FOUND")
    assert door.code(door.send("GET", "/v1/orders/x")) == (422, "VALIDATION_FAILED")


def test_orders_of_others_are_not_found(door: Door) -> None:
    """A number of somebody else's order is nobody's, for reading and for cancelling."""
    number = rest(door)
    assert door.send("GET", f"/v1/orders/{number}", key="pro_plus_api_key").status_code == 404
    assert door.send("DELETE", f"/v1/orders/{number}", key="pro_plus_api_key").status_code == 404


# -- cancels --


def test_cancelling_gives_back_what_was_kept(door: Door) -> None:
    """The balance is what it was; a second cancel is refused; a filled order cannot be cancelled."""
    number = rest(door)
    cancelled = door.good(door.send("DELETE", f"/v1/orders/{number}"))
    assert (cancelled["status"], cancelled["account_balance"]) == ("CANCELLED", "10000.00")
    assert door.code(door.send("DELETE", f"/v1/orders/{number}")) == (400, "ORDER_NOT_CANCELLABLE")


def test_a_cancelled_order_tells_its_money_as_its_placement_did(door: Door) -> None:
    """Its notional in cents, and the fee its fills were charged: that does not come back."""
    placed = door.post("/v1/orders", limit("0.65", "110.1234"))
    assert (placed["status"], placed["notional"], placed["fee"]) == ("PENDING", "71.58", "1.14")
    cancelled = door.good(door.send("DELETE", f"/v1/orders/{placed['order_id']}"))
    assert (cancelled["notional"], cancelled["fee"]) == ("71.58", "1.14")
    assert cancelled["account_balance"] == "9933.86"


def test_several_are_cancelled_and_the_rest_has_reasons(door: Door) -> None:
    """Ids may be numbers or texts; what could not be cancelled is told why."""
    first, second = rest(door), rest(door)
    done = door.good(door.send("DELETE", "/v1/orders", json=[first, str(second), 999]))
    assert done == {"canceled": [str(first), str(second)], "not_canceled": {"999": "ORDER_NOT_FOUND"}}
    too_many = door.send("DELETE", "/v1/orders", json=list(range(101)))
    assert door.code(too_many) == (400, "BATCH_LIMIT_EXCEEDED")


def test_cancelling_everything_wants_to_be_confirmed(door: Door) -> None:
    """Without a confirmation nothing is cancelled; query and header confirm; the old name says goodbye."""
    number = rest(door)
    assert door.code(door.send("POST", "/v1/cancel-all")) == (400, "CONFIRMATION_REQUIRED")
    header = {"X-Confirm-Cancel-All": "true"}
    assert door.send("POST", "/v1/cancel-all", headers=header).json()["canceled"] == [str(number)]
    number = rest(door)
    old = door.send("DELETE", "/v1/cancel-all?confirm=true")
    assert old.json()["canceled"] == [str(number)]
    assert {"sunset", "x-deprecation"} <= set(old.headers)


def test_a_market_or_a_token_is_cancelled(door: Door) -> None:
    """Only orders there are cancelled; neither named is refused."""
    rain, bill = rest(door), rest(door, market_id=BILL)
    assert door.code(door.send("DELETE", "/v1/cancel-market-orders")) == (400, "INVALID_REQUEST")
    done = door.good(door.send("DELETE", f"/v1/cancel-market-orders?asset_id={TOKEN}"))
    assert done["canceled"] == [str(rain)]
    done = door.good(door.send("DELETE", f"/v1/cancel-market-orders?market={BILL}"))
    assert done["canceled"] == [str(bill)]


def test_silence_after_a_heartbeat_cancels_everything(door: Door) -> None:
    """Within interval and grace orders stay, beyond they go; both paths take beats."""
    rest(door)
    beat = door.post("/v1/heartbeats", {"interval_ms": 1000})
    assert beat["ok"]
    door.pass_time(1.5)
    assert door.post("/heartbeats", {"interval_ms": 1000})["expires_at_ms"] > beat["expires_at_ms"]
    door.pass_time(1.5)
    assert door.get("/v1/orders", status="PENDING")["total_hint"] == 1
    door.pass_time(1.0)
    assert door.get("/v1/orders", status="PENDING")["total_hint"] == 0
    assert door.code(door.send("POST", "/v1/heartbeats", json={"interval_ms": 999})) == (
        422,
        "VALIDATION_FAILED",
    )


# -- turns --


def _together(door: Door, *bodies: dict[str, Any]) -> list[Any]:
    async def all_of() -> list[Any]:
        return list(
            await asyncio.gather(
                *(door._http.post("/v1/orders", json=each, headers=door.key()) for each in bodies)
            )
        )

    return door._loop.run_until_complete(all_of())


def test_who_waits_too_long_for_a_turn_is_refused(open_door: Open) -> None:
    """While one write holds the account another is told to come back, and nothing of it is stored."""
    door = open_door(lock_hold=0.05, lock_wait=0.01)
    first, second = _together(door, limit(), limit(price="0.42"))
    assert first.status_code == 200
    assert door.code(second) == (409, "TRADE_IN_PROGRESS")
    assert second.json()["error_code"] == "LOCK_BUSY_RETRY"
    assert second.headers["retry-after"] == "1"
    assert door.get("/v1/orders")["total_hint"] == 1


def test_a_key_in_use_is_told_apart_from_one_that_was_used(open_door: Open) -> None:
    """A repetition while the first waits for its turn is pending; after that it is a replay."""
    door = open_door(lock_hold=0.03, lock_wait=1.0)
    body = limit(client_order_id="c-1")
    _, first, again = _together(door, limit(price="0.42"), body, body)
    assert first.status_code == 200
    assert door.code(again) == (409, "IDEMPOTENCY_CONFLICT_PENDING")
    assert again.headers["retry-after"] == "1"
    assert door.post("/v1/orders", body)["is_replay"]


def test_wallets_choose_orders(door: Door) -> None:
    """Orders of another wallet are listed and found only when it is named, or all are."""
    wallet = door.post("/v1/me/wallets", {"kind": "SANDBOX", "label": "w"})["id"]
    elsewhere = rest(door, wallet_id=wallet)
    here = rest(door)

    def found(**query: Any) -> list[int]:
        return [each["order_id"] for each in door.get("/v1/orders", **query)["orders"]]

    assert found() == found(wallet_id="api") == [here]
    assert found(wallet_id=wallet) == [elsewhere]
    assert found(wallet_id="all") == [here, elsewhere]
    assert door.get(f"/v1/orders/{elsewhere}", wallet_id=wallet)["order_id"] == elsewhere
    wrong = door.send("GET", f"/v1/orders/{elsewhere}?wallet_id=api")
    assert door.code(wrong) == (404, "ORDER_NOT_FOUND")
    assert door.code(door.send("GET", "/v1/orders?wallet_id=999999")) == (404, "WALLET_NOT_FOUND")


def test_empty_requests_are_refused(reader: Door) -> None:
    """A batch without orders, a cancel without ids, a list of neither side."""
    assert reader.code(reader.send("POST", "/v1/orders/batch", json={"orders": []}))[0] == 422
    assert reader.code(reader.send("DELETE", "/v1/orders", json=[]))[0] == 422
    assert reader.code(reader.send("GET", "/v1/orders?side=HOLD"))[0] == 422
    assert reader.code(reader.send("GET", "/v1/orders/77?wallet_id=nonsense"))[0] == 422


def test_a_key_whose_order_never_had_its_turn_is_free(open_door: Open) -> None:
    """Who was told to come back comes back with the same key, and the order is placed for the first time."""
    door = open_door(lock_hold=0.05, lock_wait=0.01)
    body = limit(price="0.42", client_order_id="c-1")
    _, busy = _together(door, limit(), body)
    assert door.code(busy) == (409, "TRADE_IN_PROGRESS")
    again = door.post("/v1/orders", body)
    assert (again["status"], again["is_replay"]) == ("PENDING", False)
