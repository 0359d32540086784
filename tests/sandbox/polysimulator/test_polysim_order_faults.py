"""What the venue can do to an order on purpose, and what its key is worth afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Open
from fakefeed import RAIN
from sim_door import Door

PLACE = "Orders_PlaceOrder"


def order(**more: Any) -> dict[str, Any]:
    """Return an order that fills at once."""
    return {
        "market_id": RAIN, "side": "BUY", "outcome": "Yes", "price": "0.65", "quantity": "10",
        "client_order_id": "c-1", **more,
    }  # fmt: skip


def fails(door: Door, kind: str, **more: Any) -> Any:
    """Place an order that meets a fault, and return the answer."""
    door.world.faults.add(kind=kind)
    return door.send("POST", "/v1/orders", json=order(**more))


def stored(door: Door) -> int:
    """Return how many orders there are."""
    return int(door.get("/v1/orders")["total_hint"])


@pytest.mark.parametrize(
    ("kind", "status", "code", "wait"),
    [
        ("lock_busy", 409, "TRADE_IN_PROGRESS", "1"),
        ("conflict_pending", 409, "IDEMPOTENCY_CONFLICT_PENDING", "1"),
        ("server_busy", 503, "SERVER_BUSY", "1"),
        ("db_contention", 503, "DB_CONTENTION_RETRY", "1"),
        ("concurrency", 429, "API_KEY_CONCURRENCY_EXCEEDED", "1"),
        ("upstream", 502, "UPSTREAM_UNAVAILABLE", None),
        ("warm_up", 404, "MARKET_NOT_FOUND", None),
    ],
)
def test_what_falls_before_the_execution_stores_nothing(
    door: Door, kind: str, status: int, code: str, wait: str | None
) -> None:
    """The answer says to come back, and who does with the same key places the order for the first time."""
    answer = fails(door, kind)
    assert door.code(answer) == (status, code)
    assert answer.headers.get("retry-after") == wait
    assert stored(door) == 0
    assert door.post("/v1/orders", order())["is_replay"] is False


def test_the_edge_says_no_in_plain_text(door: Door) -> None:
    """What the edge blocks has no JSON, no code and no request id, and stores nothing."""
    answer = fails(door, "edge_blocked")
    assert (answer.status_code, answer.text) == (403, "error code: 1010")
    assert "x-polysim-code" not in answer.headers
    assert stored(door) == 0


def test_an_overshot_deadline_has_stored_the_order(door: Door) -> None:
    """The refusal names the order, which is there, and a repetition of the key is a replay."""
    answer = fails(door, "deadline_overshot")
    assert door.code(answer) == (503, "DEADLINE_OVERSHOT_BUT_PERSISTED")
    told = answer.json()
    assert (told["error_code"], told["source"]) == ("PERSISTED_DO_NOT_RETRY", "filled")
    assert answer.headers["x-polysim-order-id"] == str(told["order_id"])
    assert "retry-after" not in answer.headers
    found = door.get(f"/v1/orders/{told['order_id']}", source=told["source"])
    assert found["client_order_id"] == "c-1"
    again = door.post("/v1/orders", order())
    assert (again["is_replay"], again["order_id"]) == (True, told["order_id"])


def test_an_overshot_deadline_does_not_hide_a_refusal(door: Door) -> None:
    """What the rules refuse was not stored, so it is refused as ever."""
    assert door.code(fails(door, "deadline_overshot", quantity="1")) == (400, "ORDER_BELOW_MIN_SIZE")


@pytest.mark.parametrize(
    ("kind", "count"), [("persistence_unknown_stored", 1), ("persistence_unknown_lost", 0)]
)
def test_an_unknown_fate_is_one_or_the_other(door: Door, kind: str, count: int) -> None:
    """The answer is the same; the order and its key are there if it was stored, and neither if not."""
    answer = fails(door, kind)
    assert door.code(answer) == (503, "PERSISTENCE_UNKNOWN")
    assert "retry-after" not in answer.headers
    assert stored(door) == count
    assert door.post("/v1/orders", order())["is_replay"] is bool(count)
    assert stored(door) == 1


def test_the_seed_decides_an_unknown_fate(door: Door) -> None:
    """Left open, both fates happen, and the answers do not tell them apart."""
    fates = set()
    for number in range(12):
        before = stored(door)
        answer = fails(door, "persistence_unknown", client_order_id=f"c-{number}")
        assert door.code(answer) == (503, "PERSISTENCE_UNKNOWN")
        fates.add(stored(door) - before)
    assert fates == {0, 1}


def test_an_outage_takes_what_may_rest(door: Door) -> None:
    """What must fill now is refused with a minute's wait; a resting order is held and goes on by itself."""
    answer = fails(door, "venue_unavailable")
    assert door.code(answer) == (503, "VENUE_UNAVAILABLE")
    assert (answer.headers["retry-after"], answer.json()["retry_after"]) == ("60", 60)
    held = fails(door, "venue_unavailable", order_type="limit", time_in_force="GTC").json()
    assert held["status"] == "PENDING"
    door.pass_time(2)
    assert door.get("/v1/orders", status="FILLED")["total_hint"] == 1


def test_an_outage_lasts_until_it_is_over(door: Door) -> None:
    """What rests is held and says why, fills nothing meanwhile, and goes on when the outage ends."""
    assert door.control("POST", "outage", {"on": True}) == {"on": True}
    assert door.code(door.send("POST", "/v1/orders", json=order())) == (503, "VENUE_UNAVAILABLE")
    held = door.post("/v1/orders", order(order_type="limit"))
    door.pass_time(5)
    shown = door.get(f"/v1/orders/{held['order_id']}", source="pending")
    assert (shown["status"], shown["hold_reason"]) == ("PENDING", "venue_outage")
    assert door.control("POST", "outage", {"on": False}) == {"on": False}
    door.pass_time(2)
    assert door.get(f"/v1/orders/{held['order_id']}", source="pending")["status"] == "FILLED"


def test_a_venue_that_takes_too_long_has_stored_the_order(open_door: Open) -> None:
    """Where writes last longer than the deadline every order is stored and nobody is told more."""
    door = open_door(lock_hold=0.02, deadline=0.01)
    answer = door.send("POST", "/v1/orders", json=order())
    assert door.code(answer) == (503, "DEADLINE_OVERSHOT_BUT_PERSISTED")
    assert stored(door) == 1


def test_a_free_day_has_an_end(open_door: Open) -> None:
    """Past the day's orders the wait is until midnight by UTC; replays and other plans are not counted."""
    door = open_door(daily_cap=2)
    bodies = [order(client_order_id=f"c-{number}") for number in range(3)]
    first, second, third = (door.send("POST", "/v1/orders", key="free_api_key", json=each) for each in bodies)
    assert (first.status_code, second.status_code) == (200, 200)
    assert door.code(third) == (429, "RATE_LIMIT_EXCEEDED")
    now = door.world.clock.now_ns() // 10**9
    assert abs(int(third.headers["retry-after"]) - (86_400 - now % 86_400)) <= 1
    assert door.post("/v1/orders", bodies[0], key="free_api_key")["is_replay"]
    assert door.post("/v1/orders", order())["status"] == "FILLED"


def test_a_batch_that_overshoots_names_its_first_order(door: Door) -> None:
    """All entries are stored, and replayed by their own keys."""
    body = {"orders": [order(client_order_id="a"), order(client_order_id="b")]}
    door.world.faults.add(kind="deadline_overshot")
    answer = door.send("POST", "/v1/orders/batch", json=body)
    assert door.code(answer) == (503, "DEADLINE_OVERSHOT_BUT_PERSISTED")
    again = door.post("/v1/orders/batch", body)
    assert [each["is_replay"] for each in again["results"]] == [True, True]
    assert stored(door) == 2


@pytest.mark.parametrize("path", ["/v1/clob/order", "/v1/order"])
def test_polymarkets_shapes_meet_the_same_faults(door: Door, path: str) -> None:
    """Order entry by token is as uncertain as any other."""
    market = door.feed.market(RAIN)
    assert market is not None
    token = market.token_ids[0]
    body: dict[str, Any] = {"token_id": token, "side": "BUY", "price": "0.65", "size": "10"}
    if path == "/v1/order":
        body = {
            "order": {"tokenId": token, "side": "BUY", "makerAmount": "6500000", "takerAmount": "10000000"}
        }
    door.world.faults.add(kind="persistence_unknown_stored")
    assert door.code(door.send("POST", path, json=body)) == (503, "PERSISTENCE_UNKNOWN")
    assert stored(door) == 1
