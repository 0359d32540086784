"""Orders and replaces that waited for too long: rejected by the stopgap, cancels exempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from us_door import KC, Door

from polyspec.sandbox import Sandbox
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.faults import Fault

TEXT = "Global Rate Limit Exceeded"
INSERT = "OrderEntryAPI_InsertOrder"
REPLACE = "OrderEntryAPI_CancelReplaceOrder"


@pytest.fixture
def heard(door: Door) -> list[t.CancelReject]:
    """The cancel rejects, which REST does not tell of."""
    found: list[t.CancelReject] = []
    door.world.listeners.append(
        lambda events: found.extend(e for e in events if isinstance(e, t.CancelReject))
    )
    return found


def waiting(tmp_path: Path, delay: float) -> Sandbox:
    """Return a sandbox that keeps what it is sent waiting."""
    return Sandbox(db=tmp_path / "v.db", quiet=True, port=False, rate_limits=False, entry_delay=delay)


# -- on demand --


def test_one_order_is_rejected_on_demand(door: Door) -> None:
    """The fault acknowledges one order and rejects it; the next one stands, and the client id is free."""
    door.sandbox.faults.add(kind="stopgap", operation=INSERT)
    order_id = door.place(clordId="mine")
    assert door.refusal(order_id) == (TEXT, "ORD_REJECT_REASON_EXCHANGE_OPTION")
    assert door.read_order(order_id)["state"] == "ORDER_STATE_REJECTED"
    assert door.read_order(door.place(clordId="mine"))["state"] == "ORDER_STATE_NEW"
    door.sandbox.exchange.audit()


def test_one_replace_is_rejected_on_demand(door: Door, heard: list[t.CancelReject]) -> None:
    """The answer is the usual one, the order stays, and the cancel reject says why."""
    order_id = door.place()
    door.sandbox.faults.add(kind="stopgap", operation=REPLACE)
    body = {"orderId": order_id, "symbol": KC, "price": 510}
    assert door.post("/v1/trading/orders/replace", body) == {}
    assert door.read_order(order_id)["price"] == "500"
    assert [(each.order_id, each.is_replace, each.text) for each in heard] == [(order_id, True, TEXT)]
    door.post("/v1/trading/orders/replace", body)
    assert door.read_order(order_id)["price"] == "510"


def test_lists_and_crosses_are_rejected_whole(door: Door, other: Door, heard: list[t.CancelReject]) -> None:
    """Every order of a list, both of a cross, and every replace of a list."""
    door.sandbox.faults.add(kind="stopgap", times=3)
    orders = [door.order(clordId=name) for name in "ab"]
    placed = door.post("/v1/trading/orders/list", {"requests": orders})["responses"]
    buy, sell = door.order("BUY"), door.order("SELL", user=other.participant)
    crossed = door.post("/v1/trading/orders/cross", {"requests": [buy, sell]})["responses"]
    for owner, answer in zip((door, door, door, other), placed + crossed, strict=True):
        assert owner.refusal(answer["orderId"])[0] == TEXT
    body = {"requests": [{"orderId": "x", "price": 1}, {"orderId": "y", "price": 1}]}
    assert door.post("/v1/trading/orders/replace/list", body) == {"responses": [{}, {}]}
    assert [each.text for each in heard] == [TEXT, TEXT]


def test_the_fault_waits_for_a_request_it_can_spoil(door: Door) -> None:
    """Planned for any operation it passes by reads and cancels, which the venue exempts."""
    door.sandbox.faults.add(kind="stopgap")
    door.get("/v1/trading/orders/open")
    assert door.post("/v1/trading/orders/cancel", {"orderId": "nothing"}) == {}
    assert len(door.sandbox.faults.pending()) == 1
    assert door.refusal(door.place())[0] == TEXT
    assert door.sandbox.faults.hits == [(INSERT, "stopgap")]


@pytest.mark.parametrize(
    "plan",
    [
        {"kind": "stopgap_before"},
        {"kind": "stopgap_after"},
        {"kind": "stopgap", "operation": "OrderEntryAPI_CancelOrder"},
    ],
)
def test_the_fault_is_for_orders_and_replaces_only(plan: dict[str, Any]) -> None:
    """There is no stopgap before or after an execution, and none for cancels."""
    with pytest.raises(ValueError, match="stopgap"):
        Fault(**plan)


# -- by waiting --


def test_what_waits_longer_than_five_seconds_is_rejected(tmp_path: Path) -> None:
    """Pending for five seconds, then rejected under the id that was told; nothing was in the book."""
    with waiting(tmp_path, 30) as sandbox:
        door = Door(sandbox)
        order_id = door.place(clordId="late")
        door.world.clock.advance(4.5)
        assert door.read_order(order_id)["state"] == "ORDER_STATE_PENDING_NEW"
        door.world.clock.advance(0.6)
        assert door.read_order(order_id)["state"] == "ORDER_STATE_REJECTED"
        assert door.refusal(order_id) == (TEXT, "ORD_REJECT_REASON_EXCHANGE_OPTION")
        assert door.get("/v1/trading/orders/open")["orders"] == []
        door.close()


def test_five_seconds_are_not_too_long(tmp_path: Path) -> None:
    """An order that is processed in time stands."""
    with waiting(tmp_path, 5) as sandbox:
        door = Door(sandbox)
        order_id = door.place()
        door.world.clock.advance(5)
        assert door.read_order(order_id)["state"] == "ORDER_STATE_NEW"
        door.close()


def test_a_replace_waits_behind_its_order(tmp_path: Path) -> None:
    """Sent together, the order is entered first and the replace changes it."""
    with waiting(tmp_path, 2) as sandbox:
        door = Door(sandbox)
        order_id = door.place(clordId="mine")
        door.post("/v1/trading/orders/replace", {"orderId": order_id, "price": 510})
        door.world.clock.advance(3)
        assert door.read_order(order_id)["price"] == "510"
        door.close()


def test_the_stopgap_survives_a_restart(tmp_path: Path) -> None:
    """What was acknowledged and waits is rejected by the next run: order, replace and canceled order."""
    with waiting(tmp_path, 0) as sandbox:
        door = Door(sandbox)
        standing = door.place()
        door.close()
    with waiting(tmp_path, 30) as sandbox:
        door = Door(sandbox)
        waits, canceled = door.place(), door.place()
        door.post("/v1/trading/orders/replace", {"orderId": standing, "price": 510})
        door.post("/v1/trading/orders/cancel", {"orderId": canceled})
        door.close()
    with waiting(tmp_path, 30) as sandbox:
        door = Door(sandbox)
        rejects: list[str] = []
        door.world.listeners.append(
            lambda events: rejects.extend(e.text for e in events if isinstance(e, t.CancelReject))
        )
        assert door.read_order(canceled)["state"] == "ORDER_STATE_PENDING_CANCEL"
        door.world.clock.advance(6)
        assert {door.refusal(each)[0] for each in (waits, canceled)} == {TEXT}
        assert rejects == ["Unknown order", TEXT]
        assert door.read_order(standing)["price"] == "500"
        door.close()
    with waiting(tmp_path, 30) as sandbox:
        assert sandbox.us.world.entry.pending == {}
        assert [e.order.id for e in sandbox.exchange.executions() if e.text == TEXT] == [waits, canceled]


def test_an_order_and_the_end_of_its_wait_are_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the commit of the entry fails the order still waits in the next run, and is entered once."""
    with waiting(tmp_path, 2) as sandbox:
        door = Door(sandbox)
        order_id = door.place()
        door.world.clock.advance(3)
        monkeypatch.setattr(door.world.journal, "apply_batch", _fails)
        with pytest.raises(OSError, match="gone"):
            door.world.jobs.run_due()
        door.close()
    with waiting(tmp_path, 2) as sandbox:
        door = Door(sandbox)
        door.world.clock.advance(3)
        assert [each["type"] for each in door.executions(order_id)] == ["EXECUTION_TYPE_NEW"]
        door.close()


def _fails(*_: Any) -> Any:
    raise OSError("gone")


def test_a_waiting_order_shows_all_it_was_sent_with(tmp_path: Path) -> None:
    """Before and after it is entered it has the same terms, and the same filters find it."""
    terms = {
        "clordId": "c",
        "clientAccountId": "desk-1",
        "participateDontInitiate": True,
        "timeInForce": "TIME_IN_FORCE_GOOD_TILL_TIME",
        "goodTillTime": "2099-01-01T00:00:00Z",
        "orderCapacity": "ORDER_CAPACITY_AGENCY",
    }
    with waiting(tmp_path, 2) as sandbox:
        door = Door(sandbox)
        order_id = door.place(**terms)
        (before,) = door.post("/v1/report/orders/search", {"clientAccountId": "desk-1"})["order"]
        assert {name: before[name] for name in terms} == terms
        door.post("/v1/trading/orders/cancel", {"orderId": order_id, "symbol": "another"})
        door.world.clock.advance(3)
        after = door.read_order(order_id)
        changed = {name for name in after if after[name] != before.get(name)}
        assert changed == {"state", "createTime", "insertTime", "lastTransactTime"}
        assert after["state"] == "ORDER_STATE_NEW"
        door.close()


def test_waiting_orders_have_their_place_in_time(tmp_path: Path) -> None:
    """Searches list by creation, whatever an order's id, and pages follow on."""
    with waiting(tmp_path, 0) as sandbox:
        door = Door(sandbox)
        ids = [door.place(), door.place()]
        door.close()
    with waiting(tmp_path, 2) as sandbox:
        door = Door(sandbox)
        ids += [door.place() for _ in range(12)]
        seen: list[str] = []
        token = ""
        while len(seen) < len(ids):
            answer = door.post("/v1/report/orders/search", {"pageSize": 5, "pageToken": token})
            seen += [each["id"] for each in answer["order"]]
            token = answer["nextPageToken"]
        assert seen == ids
        door.close()
