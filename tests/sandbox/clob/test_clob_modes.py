"""Restarts, restricted trading, blocked regions, limits."""

from __future__ import annotations

from typing import Any

import pytest
from clob_door import Door

DISABLED = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"


def requests(door: Door) -> dict[str, Any]:
    """Return one request of each kind that trades, by name; they are sent when awaited."""
    order = door.sent(door.order())
    return {
        "order": ("POST", "/order", order),
        "orders": ("POST", "/orders", [door.sent(door.order())]),
        "cancel": ("DELETE", "/order", {"orderID": "0x" + "1" * 64}),
        "cancels": ("DELETE", "/orders", ["0x" + "1" * 64]),
        "all": ("DELETE", "/cancel-all", None),
        "market": ("DELETE", "/cancel-market-orders", {"asset_id": door.venue.token_ids[0]}),
    }


def statuses(door: Door) -> dict[str, int]:
    """Send one request of each kind."""
    return {name: door.send(*request).status_code for name, request in requests(door).items()}


def test_a_restart_takes_the_engine_away(door: Door) -> None:
    """Orders and cancels are 425, reads go on, and what rested is still there."""
    order_id = door.place()["orderID"]
    door.control("POST", "modes", {"restart": 10, "post_only": 120})
    assert set(statuses(door).values()) == {425}
    assert set(door.send("POST", "/order", door.sent(door.order())).json()) == {"error"}
    assert door.get(f"/data/order/{order_id}")["status"] == "LIVE"
    assert door.public("/time") > 0


def test_after_a_restart_orders_are_post_only_for_two_minutes(door: Door) -> None:
    """With the code, the seconds left and Retry-After; cancels and post-only orders are taken."""
    door.control("POST", "modes", {"restart": 10})
    door.pass_time(11)
    answer = door.post_order()
    body = answer.json()
    assert (answer.status_code, body["error"], body["code"]) == (503, POST_ONLY, "post_only_mode")
    assert 117 <= body["retry_after_seconds"] <= 120
    assert answer.headers["retry-after"] == str(body["retry_after_seconds"])
    order_id = door.place(postOnly=True)["orderID"]
    assert door.delete("/order", {"orderID": order_id})["canceled"] == [order_id]
    door.pass_time(120)
    assert door.place()["status"] == "live"


def test_post_only_mode_within_a_batch(door: Door) -> None:
    """The entry says success and yet carries the message, without an id."""
    door.control("POST", "modes", {"post_only": 60})
    taken, refused = door.post("/orders", [door.sent(door.order(), postOnly=True), door.sent(door.order())])
    assert (taken["status"], taken["errorMsg"]) == ("live", "")
    assert refused == {
        "success": True,
        "errorMsg": POST_ONLY,
        "orderID": "",
        "status": "",
        "makingAmount": "",
        "takingAmount": "",
    }


def test_a_second_restart_begins_anew(door: Door) -> None:
    """The window of the first one does not end that of the second."""
    door.control("POST", "modes", {"restart": 1, "post_only": 10})
    door.pass_time(6)
    door.control("POST", "modes", {"restart": 1, "post_only": 10})
    door.pass_time(6)
    assert door.post_order().status_code == 503
    door.pass_time(6)
    assert door.post_order().status_code == 200


def test_cancel_only(door: Door) -> None:
    """New orders are 503 in the venue's words, post-only ones too; cancels are taken."""
    order_id = door.place()["orderID"]
    door.control("POST", "modes", {"trading": "cancel_only"})
    assert door.refused() == door.refused(postOnly=True) == (503, CANCEL_ONLY)
    assert statuses(door) == {
        "order": 503,
        "orders": 503,
        "cancel": 200,
        "cancels": 200,
        "all": 200,
        "market": 200,
    }
    assert door.get(f"/data/order/{order_id}")["status"] == "CANCELED"
    door.control("POST", "modes", {"trading": "normal"})
    assert door.place()["status"] == "live"


def test_disabled(door: Door) -> None:
    """Neither orders nor cancels; reads go on."""
    door.control("POST", "modes", {"trading": "DISABLED"})
    assert set(statuses(door).values()) == {503}
    assert door.refused() == (503, DISABLED)
    assert door.send("DELETE", "/cancel-all").json() == {"error": DISABLED}
    assert door.get("/data/orders")["data"] == []


def test_blocked_regions(door: Door) -> None:
    """Either the edge answers everything with its page, or the venue refuses new orders in its own words."""
    order_id = door.place()["orderID"]
    door.control("POST", "modes", {"geoblock": "html"})
    for method, path in (("GET", "/time"), ("POST", "/order")):
        answer = door.raw(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert answer.text.startswith("<html>")
    door.control("POST", "modes", {"geoblock": "json"})
    assert door.refused()[0] == 403
    assert door.refused()[1].startswith("Trading restricted in your region")
    assert door.delete("/order", {"orderID": order_id})["canceled"] == [order_id]
    door.control("POST", "modes", {"geoblock": ""})
    assert door.place()["status"] == "live"


@pytest.mark.parametrize(
    "body",
    [
        {"trading": "sometimes"},
        {"restart": "soon"},
        {"version": "two"},
        {"geoblock": "text"},
        {"banned": 5},
        {"tiers": {"0x1": "gilded"}},
        {"tiers": []},
    ],
    ids=str,
)
def test_unknown_modes_are_refused(door: Door, body: Any) -> None:
    """Nonsense is 400 and changes nothing."""
    before = door.control("GET", "modes")
    headers = {"x-sandbox-secret": door.venue.secret}
    assert door.raw("POST", "/_sandbox/modes", headers=headers, json=body).status_code == 400
    assert door.control("GET", "modes") == before


# -- limits by address --


def test_excess_requests_are_delayed_then_refused(open_door: Any) -> None:
    """A window holds what it holds; the rest waits for a little, and beyond that is 429."""
    door = open_door(rate_limits=True, limit_patience=0.6)
    door.world.clock.freeze()
    answers = [door.raw("GET", "/ok").status_code for _ in range(100)]
    assert answers == [200] * 100
    refused = door.raw("GET", "/ok")
    assert (refused.status_code, refused.json()) == (429, {"error": "Too Many Requests"})
    assert 8 <= int(refused.headers["retry-after"]) <= 11
    # close to the end of the window an excess request is held back only
    door.world.clock.advance(9.7)
    assert door.raw("GET", "/ok").status_code == 200
    # those that were held back fill the window they were let into
    door.world.clock.advance(0.5)
    later = [door.raw("GET", "/ok").status_code for _ in range(100)]
    assert (later.count(200), later[-1]) == (99, 429)


def test_limits_of_one_operation_leave_others_alone(open_door: Any) -> None:
    """Tick sizes have a bucket of their own, whichever of the two paths asks."""
    door = open_door(rate_limits=True, limit_patience=0)
    door.world.clock.freeze()
    token = door.venue.token_ids[0]
    paths = [f"/tick-size?token_id={token}", f"/tick-size/{token}"]
    assert {door.raw("GET", paths[number % 2]).status_code for number in range(200)} == {200}
    assert door.raw("GET", paths[0]).status_code == 429
    assert door.raw("GET", f"/neg-risk/{token}").status_code == 200


def test_sustained_limits_hold_too(open_door: Any) -> None:
    """An operation with two windows keeps both: the longer one fills over several of the shorter."""
    door = open_door(rate_limits=True, limit_patience=0)
    limits = door.world.ip_limits
    from polyspec_wire.clob import OPERATIONS

    both = tuple(each for each in OPERATIONS["Orders_CancelAll"].rate_limits if each.scope == "ip")
    assert [(each.rate, each.per) for each in both] == [(250, 10), (6000, 600)]
    door.world.clock.freeze()
    taken = 0
    for _ in range(40):
        while limits.admit(both, "1.2.3.4").admitted:
            taken += 1
        assert taken <= 6000
        door.world.clock.advance(10)
    assert taken == 6000


# -- limits by signer --


def rate_headers(answer: Any) -> dict[str, str]:
    """Return what an answer says of the signer's limits."""
    return {
        name.removeprefix("poly-ratelimit-"): value
        for name, value in answer.headers.items()
        if name.startswith("poly-ratelimit-")
    }


def test_signers_are_told_their_balance(door: Door) -> None:
    """Each order says what is left, in which tier, and when to expect tokens; reads say nothing."""
    door.world.clock.freeze()
    told = rate_headers(door.post_order())
    assert told == {"remaining": "59", "reset": str(door.now + 1), "tier": "standard"}
    assert rate_headers(door.send("POST", "/orders", [door.sent(door.order())] * 3))["remaining"] == "56"
    assert rate_headers(door.send("DELETE", "/order", {"orderID": "0x" + "1" * 64}))["remaining"] == "119"
    assert rate_headers(door.send("GET", "/data/orders")) == {}


def test_warnings_are_not_refusals(door: Door) -> None:
    """Beyond the burst an order is taken and warned of."""
    door.world.clock.freeze()
    for _ in range(4):
        door.post("/orders", [door.sent(door.order()) for _ in range(15)])
    answer = door.post_order()
    assert (answer.status_code, rate_headers(answer)["warning"]) == (200, "true")
    door.world.clock.advance(1)
    assert "warning" not in rate_headers(door.post_order())


@pytest.mark.parametrize("past", [0.001, 0.5, 0.999])
def test_enforced_limits_refuse(open_door: Any, past: float) -> None:
    """When the venue enforces them, excess is 429 with Retry-After, and batches pass as a whole or not."""
    door = open_door(signer_limits="enforce")
    clock = door.world.clock
    clock.freeze()
    # whatever part of a second has passed, what is to be waited is the same
    clock.advance(1 - clock.seconds() % 1 + past)
    for _ in range(3):
        door.post("/orders", [door.sent(door.order()) for _ in range(15)])
    door.post("/orders", [door.sent(door.order()) for _ in range(10)])
    refused = door.send("POST", "/orders", [door.sent(door.order()) for _ in range(6)])
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert rate_headers(refused)["remaining"] == "5"
    assert len(door.post("/orders", [door.sent(door.order()) for _ in range(5)])) == 5
    assert len(door.get("/data/orders")["data"]) == 60


@pytest.mark.parametrize(("tier", "burst", "left"), [("standard", 120, -30), ("platinum", 1350, 0)])
def test_mass_cancels_cost_what_they_cancel(door: Door, tier: str, burst: int, left: int) -> None:
    """One, and one for each order, debited afterwards; most tiers may owe, the upper ones stop at zero."""
    door.control("POST", "modes", {"tiers": {door.address: tier}})
    for _ in range(2):
        door.post("/orders", [door.sent(door.order()) for _ in range(15)])
    door.world.clock.freeze()
    ids = [f"0x{number:064x}" for number in range(burst - 1)]
    for start in range(0, len(ids), 1000):
        told = rate_headers(door.send("DELETE", "/orders", ids[start : start + 1000]))
    assert told["remaining"] == "1"
    told = rate_headers(door.send("DELETE", "/cancel-all"))
    assert (told["remaining"], told["tier"]) == (str(left), tier)


def test_tiers_have_their_own_size(door: Door) -> None:
    """A better tier has the larger bucket."""
    door.world.clock.freeze()
    door.control("POST", "modes", {"tiers": {door.address: "gold"}})
    assert rate_headers(door.post_order())["remaining"] == "599"


def test_limits_by_signer_can_be_off(open_door: Any) -> None:
    """Then nothing is said of them."""
    assert rate_headers(open_door(signer_limits="off").post_order()) == {}
