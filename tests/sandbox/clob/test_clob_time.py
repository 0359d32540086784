"""What happens as time passes: settlement, holds, heartbeats, scoring, notifications."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from clob_door import Door

from polyspec.sandbox.clob.engine import types as t

# -- settlement --


def match(door: Door, other: Door, size: str = "10") -> str:
    """Let the two trade, and return the trade's id."""
    other.place("SELL", "0.50", size)
    taken = door.place("BUY", "0.50", size)
    return str(taken["tradeIDs"][0])


def status(door: Door, trade_id: str) -> str:
    """Return where the settlement of a trade stands."""
    return str(door.get("/data/trades", id=trade_id)["data"][0]["status"])


def shares(door: Door) -> int:
    """Return the balance of the first token, in base units."""
    told = door.get("/balance-allowance", asset_type="CONDITIONAL", token_id=door.venue.token_ids[0])
    return int(told["balance"])


def test_trades_are_mined_and_confirmed(open_door: Any) -> None:
    """In steps, on the sandbox's clock; balances move when it is mined, and the hash comes with that."""
    door = open_door(mined_delay=2, confirmed_delay=3)
    other = door.of(1)
    before = shares(door)
    trade_id = match(door, other)
    assert (status(door, trade_id), shares(door)) == ("MATCHED", before)
    assert door.get("/data/trades", id=trade_id)["data"][0]["transaction_hash"] == ""
    door.pass_time(2.1)
    assert (status(door, trade_id), shares(door)) == ("MINED", before + 10_000_000)
    mined = door.get("/data/trades", id=trade_id)["data"][0]
    assert len(mined["transaction_hash"]) == 66
    door.pass_time(3.1)
    confirmed = door.get("/data/trades", id=trade_id)["data"][0]
    assert confirmed["status"] == "CONFIRMED"
    assert confirmed["transaction_hash"] == mined["transaction_hash"]
    other.close()


def test_trades_can_fail(open_door: Any) -> None:
    """Every n-th is retried and fails: nothing moves, and both sides are notified."""
    door = open_door(mined_delay=1, fail_every=2)
    other = door.of(1)
    good, bad = match(door, other), match(door, other)
    before = shares(door)
    door.pass_time(1.1)
    assert (status(door, good), status(door, bad)) == ("MINED", "RETRYING")
    door.pass_time(1.1)
    failed = door.get("/data/trades", id=bad)["data"][0]
    assert (failed["status"], failed["err_msg"]) == ("FAILED", "execution reverted")
    assert shares(door) == before + 10_000_000
    for each in (door, other):
        told = each.get("/notifications", signature_type=0)
        assert [notice["payload"]["trade_id"] for notice in told if notice["type"] == 8] == [bad]
    other.close()


def test_settlement_can_wait_for_a_test(open_door: Any) -> None:
    """Without a delay nothing moves by itself; the control endpoint moves it, in the venue's order."""
    door = open_door(mined_delay=None)
    other = door.of(1)
    trade_id = match(door, other)
    door.pass_time(3600)
    assert status(door, trade_id) == "MATCHED"
    assert door.control("POST", f"trades/{trade_id}", {"status": "FAILED", "text": "out of gas"})[
        "err_msg"
    ] == ("out of gas")
    assert status(door, trade_id) == "FAILED"
    headers = {"x-sandbox-secret": door.venue.secret}
    again = door.raw("POST", f"/_sandbox/trades/{trade_id}", headers=headers, json={"status": "MINED"})
    assert again.status_code == 400
    other.close()


def test_statuses_of_trades_can_be_spelt_with_prefix(open_door: Any) -> None:
    """As one of the venue's documents has it."""
    door = open_door(prefixed_statuses=True)
    other = door.of(1)
    assert status(door, match(door, other)) == "TRADE_STATUS_MATCHED"
    other.close()


# -- holds --


def hold(door: Door, seconds: float, *, answers_late: bool) -> None:
    """Hold marketable orders of the first market."""
    listing = door.world.listing_of(door.venue.token_ids[0])
    assert listing is not None
    body = {"hold": seconds, "answers_late": answers_late}
    door.control("POST", f"markets/{listing.condition_id}", body)


def test_held_orders_are_answered_after_the_hold(door: Door, other: Door) -> None:
    """With such a market the answer waits, and tells the match."""
    hold(door, 0.25, answers_late=True)
    assert door.public(f"/clob-markets/{condition(door)}")["itode"] is True
    other.place("SELL", "0.50")
    began = time.monotonic()
    taken = door.place("BUY", "0.50")
    assert taken["status"] == "matched"
    assert time.monotonic() - began >= 0.2


def test_held_orders_may_be_answered_at_once(door: Door, other: Door) -> None:
    """With others it says `delayed`; the order cannot be cancelled, and matches when the hold is over."""
    hold(door, 3, answers_late=False)
    assert door.public(f"/clob-markets/{condition(door)}")["sd"] == 3
    other.place("SELL", "0.50")
    taken = door.place("BUY", "0.50")
    assert (taken["status"], taken["makingAmount"], taken["tradeIDs"]) == ("delayed", "", [])
    told = door.delete("/order", {"orderID": taken["orderID"]})
    assert told["not_canceled"] == {taken["orderID"]: "order match delayed due to market conditions"}
    door.pass_time(3.1)
    assert door.get(f"/data/order/{taken['orderID']}")["status"] == "MATCHED"


def test_a_hold_may_end_without_a_match(door: Door, other: Door) -> None:
    """When the other side is gone the order rests as unmatched, and one that must take at once is refused."""
    hold(door, 3, answers_late=False)
    resting = other.place("SELL", "0.50")["orderID"]
    order_id = door.place("BUY", "0.50")["orderID"]
    other.delete("/order", {"orderID": resting})
    door.pass_time(3.1)
    assert door.get(f"/data/order/{order_id}")["status"] == "UNMATCHED"


def test_a_kill_order_held_in_vain_is_refused_late(door: Door, other: Door) -> None:
    """With a late answer the refusal is that of the engine, after the hold; in a batch it is an entry."""
    hold(door, 0.2, answers_late=True)
    for path in ("/order", "/orders"):
        resting = other.place("SELL", "0.50")["orderID"]
        body = door.sent(door.order("BUY", "0.50"), "FOK")
        placing = door.ask("POST", path, body if path == "/order" else [body])
        cancelling = other.level2("DELETE", "/order", raw := b'{"orderID":"%s"}' % resting.encode())
        gone = door._http.request("DELETE", "/order", content=raw, headers=cancelling)
        placed, cancelled = door.together(placing, gone)
        assert cancelled.json()["canceled"] == [resting]
        if path == "/order":
            assert (placed.status_code, placed.json()["error"][:5]) == (400, "order")
        else:
            assert placed.json()[0]["errorMsg"].startswith("order")
            assert placed.json()[0]["success"] is False


def condition(door: Door) -> str:
    """Return the first market's condition id."""
    listing = door.world.listing_of(door.venue.token_ids[0])
    assert listing is not None
    return listing.condition_id


# -- heartbeats --


def beat(door: Door, sent: str) -> tuple[int, Any]:
    """Send a heartbeat."""
    answer = door.send("POST", "/v1/heartbeats", {"heartbeat_id": sent})
    return answer.status_code, answer.json()


def test_heartbeats_form_a_chain(door: Door) -> None:
    """Each is answered with the id of the next; a wrong one names the id expected, which then works."""
    status_, first = beat(door, "")
    assert status_ == 200
    assert uuid.UUID(first["heartbeat_id"])
    second = beat(door, first["heartbeat_id"])[1]["heartbeat_id"]
    assert second != first["heartbeat_id"]
    for wrong in ("", first["heartbeat_id"], "guess"):
        assert beat(door, wrong) == (400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": second})
    assert beat(door, second)[0] == 200


def test_a_chain_begun_with_an_old_id_is_told_how_to_begin(door: Door) -> None:
    """The id named is the one to send first, and until then nothing is armed."""
    order_id = door.place()["orderID"]
    status_, told = beat(door, str(uuid.uuid4()))
    assert status_ == 400
    door.pass_time(60)
    assert door.get(f"/data/order/{order_id}")["status"] == "LIVE"
    assert beat(door, told["heartbeat_id"])[0] == 200


@pytest.mark.parametrize("legacy", [False, True])
def test_silence_cancels_everything_of_the_key(door: Door, other: Door, legacy: bool) -> None:
    """Ten seconds after the last beat, at the next check, and for that key only."""
    mine, theirs = door.place()["orderID"], other.place()["orderID"]
    if legacy:
        assert door.send("POST", "/heartbeats").json() == {"status": "ok"}
    else:
        beat(door, "")
    for _ in range(9):
        door.pass_time(1)
    assert door.get(f"/data/order/{mine}")["status"] == "LIVE"
    door.pass_time(6.5)
    assert door.get(f"/data/order/{mine}")["status"] == "CANCELED"
    assert other.get(f"/data/order/{theirs}")["status"] == "LIVE"


def test_beats_keep_orders_alive(door: Door) -> None:
    """As long as they come in time nothing is cancelled; wrong ones do not count."""
    order_id = door.place()["orderID"]
    expected = beat(door, "")[1]["heartbeat_id"]
    for _ in range(6):
        door.pass_time(5)
        expected = beat(door, expected)[1]["heartbeat_id"]
    assert door.get(f"/data/order/{order_id}")["status"] == "LIVE"
    for _ in range(4):
        door.pass_time(5)
        beat(door, "wrong")
    assert door.get(f"/data/order/{order_id}")["status"] == "CANCELED"


def test_there_is_no_way_out(door: Door) -> None:
    """After silence, orders placed without a beat are cancelled by a later check."""
    beat(door, "")
    door.pass_time(30)
    order_id = door.place()["orderID"]
    door.pass_time(6)
    assert door.get(f"/data/order/{order_id}")["status"] == "CANCELED"


def test_heartbeat_times_are_configurable(open_door: Any) -> None:
    """A venue with more patience cancels later."""
    door = open_door(heartbeat_timeout=100, heartbeat_check=50)
    order_id = door.place()["orderID"]
    beat(door, "")
    door.pass_time(99)
    assert door.get(f"/data/order/{order_id}")["status"] == "LIVE"
    door.pass_time(60)
    assert door.get(f"/data/order/{order_id}")["status"] == "CANCELED"


# -- scoring --


def test_orders_score_after_a_while(door: Door, other: Door) -> None:
    """Large enough, near the middle, for three and a half seconds, of a market that pays."""
    near = door.place("BUY", "0.50", "30")["orderID"]
    far = door.place("BUY", "0.30", "30")["orderID"]
    small = door.place("BUY", "0.50", "19")["orderID"]
    elsewhere = door.place("BUY", "0.2", "30", token=door.venue.token_ids[4])["orderID"]
    theirs = other.place("SELL", "0.52", "30")["orderID"]
    assert door.get("/order-scoring", order_id=near) == {"scoring": False}
    door.pass_time(4)
    assert door.get("/order-scoring", order_id=near) == {"scoring": True}
    expected = {near: True, far: False, small: False, elsewhere: False, theirs: False}
    assert door.post("/orders-scoring", list(expected)) == expected
    assert door.get("/orders-scoring", order_ids=",".join(expected)) == expected
    door.delete("/order", {"orderID": near})
    assert door.get("/order-scoring", order_id=near) == {"scoring": False}


def test_bad_scoring_requests(door: Door) -> None:
    """What names no order is 400."""
    assert door.send("GET", "/order-scoring", params={"order_id": "5"}).json() == {
        "error": "Invalid order_id"
    }
    assert door.send("GET", "/orders-scoring").json() == {"error": "Invalid payload"}
    assert door.send("POST", "/orders-scoring", {}).json() == {"error": "Invalid payload"}
    assert door.send("POST", "/orders-scoring", ["5"]).json() == {"error": "Invalid orderID"}


# -- notifications --


def test_wallets_are_notified_once_for_each(door: Door, other: Door) -> None:
    """Fills and cancellations are told to the wallet they concern, until it drops them."""
    other.place("SELL", "0.50", kind=2)
    filled = door.place("BUY", "0.50", kind=1)["orderID"]
    gone = door.place(kind=1)["orderID"]
    door.delete("/order", {"orderID": gone})
    told = door.get("/notifications", signature_type=1)
    assert [(each["type"], each["payload"]["order_id"]) for each in told] == [(1, gone), (2, filled)]
    assert all(each["owner"] == door.creds["apiKey"] for each in told)
    assert door.get("/notifications", signature_type=0) == []
    assert [each["type"] for each in other.get("/notifications", signature_type=2)] == [2]
    ids = ",".join(str(each["id"]) for each in told)
    assert other.send("DELETE", "/notifications", params={"ids": ids}).json() == "OK"
    assert len(door.get("/notifications", signature_type=1)) == 2
    assert door.send("DELETE", "/notifications", params={"ids": str(told[0]["id"])}).json() == "OK"
    assert door.get("/notifications", signature_type=1) == told[1:]


def test_resolutions_are_notified(door: Door) -> None:
    """Whoever holds shares is told what they pay."""
    assert door.creds
    door.control("POST", f"markets/{condition(door)}", {"payouts": ["1", "0"]})
    (told,) = door.get("/notifications", signature_type=0)
    assert (told["type"], told["payload"]["payouts"]) == (4, ["1", "0"])


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("GET", {}, "Invalid signature_type"),
        ("GET", {"signature_type": "4"}, "Invalid signature_type"),
        ("DELETE", {}, "Invalid ids"),
        ("DELETE", {"ids": "1,two"}, "Invalid ids"),
    ],
)
def test_bad_notification_requests(door: Door, method: str, params: dict[str, str], words: str) -> None:
    """What the venue cannot read is 400."""
    answer = door.send(method, "/notifications", params=params)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_engine_events_reach_listeners(door: Door) -> None:
    """Whoever listens to the world hears of a placement and of the level it changed."""
    heard: list[t.Event] = []
    door.world.listeners.append(heard.extend)
    order_id = door.place()["orderID"]
    assert [each.order.id for each in heard if isinstance(each, t.OrderEvent)] == [order_id]
    assert [each.order_id for each in heard if isinstance(each, t.LevelChange)] == [order_id]
