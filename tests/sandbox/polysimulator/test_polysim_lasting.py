"""What lasts over a restart, and the sandbox's own endpoints."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakefeed import BILL, RAIN
from sim_door import Door

from polyspec.sandbox import Sandbox


def everything(door: Door) -> dict[str, Any]:
    """Return what an account shows of itself, without moments of now."""
    paths = (
        "account/balance",
        "account/positions",
        "account/history",
        "account/settlements",
        "me/wallets",
        "orders",
    )
    shown: dict[str, Any] = {path: door.get(f"/v1/{path}") for path in paths}
    keys = door.get("/v1/keys")
    return {**shown, "keys": [{**each, "last_used_at": None} for each in keys]}


def test_a_restart_changes_nothing(open_door: Any, tmp_path: Path) -> None:
    """Keys, wallets, orders, positions, fills and settlements are there again, and ids go on."""
    journal = tmp_path / "sim"
    first: Door = open_door(journal=journal)
    first.trade(RAIN, "10")
    first.trade(BILL, "10")
    first.trade(RAIN, "10", "0.40", order_type="limit", client_order_id="c-1")
    first.post("/v1/me/wallets", {"kind": "SANDBOX", "label": "kept"})
    first.post("/v1/keys", {"name": "kept"})
    first.feed.resolve(BILL, (0, 10**6))
    first.pass_time(2)
    before, now = everything(first), first.world.clock.now_ns()
    first.close()
    second: Door = open_door(journal=journal, feed=first.feed)
    assert everything(second) == before
    assert second.world.clock.now_ns() > now - 10**10
    again = second.trade(RAIN, "10")
    assert again.order_id not in {each["order_id"] for each in before["account/history"]}
    second.world.engine.audit()


def test_time_does_not_run_back_over_a_restart(open_door: Any, tmp_path: Path) -> None:
    """A clock that was moved forward is not behind what was written."""
    journal = tmp_path / "sim"
    first: Door = open_door(journal=journal)
    first.pass_time(10 * 86_400)
    first.trade(RAIN, "10")
    written = first.world.engine.latest_ns
    first.close()
    second: Door = open_door(journal=journal)
    assert second.world.clock.now_ns() > written


def test_a_key_is_not_younger_after_a_restart(open_door: Any, tmp_path: Path) -> None:
    """What only keys know of a clock that was moved forward is enough not to turn it back."""
    journal = tmp_path / "sim"
    first: Door = open_door(journal=journal)
    first.pass_time(20 * 60)
    first.world.clock.advance(10 * 86_400)
    with first.world.lock:
        made, _ = first.world.keys.create(first.user_id(), tier="pro")
    first.close()
    second: Door = open_door(journal=journal)
    assert second.world.clock.now_ns() > made.created
    assert second.raw("GET", "/v1/status").json()["uptime_seconds"] < 60


def test_a_user_without_wallets_gets_them_at_the_next_start(open_door: Any, tmp_path: Path) -> None:
    """A crash between the user and the wallets leaves nothing behind."""
    journal = tmp_path / "sim"
    first: Door = open_door(journal=journal)
    user = first.world.users.create("half@example.com", plan="pro")
    assert first.world.engine.user(user.id) is None
    first.close()
    second: Door = open_door(journal=journal)
    assert second.world.engine.user(user.id) is not None
    made = second.raw("POST", "/v1/keys/bootstrap", headers=second.jwt("half@example.com"))
    assert made.status_code == 201


def test_users_are_made_and_changed_from_outside(door: Door) -> None:
    """A test can make a user, put it on a plan and get a session."""
    made = door.control("POST", "users", {"email": "new@example.com", "plan": "free"})
    token = door.control("POST", f"users/{made['id']}/session", {"life": 5})["token"]
    session = {"Authorization": f"Bearer {token}"}
    assert door.raw("GET", "/v1/me", headers=session).json()["tier"] == "free"
    door.control("POST", f"users/{made['id']}", {"plan": "pro_plus"})
    assert door.raw("GET", "/v1/me", headers=session).json()["tier"] == "pro_plus"
    assert door.raw("POST", "/v1/keys/bootstrap", headers=session).json()["rate_limit_tier"] == "pro_plus"
    door.pass_time(6)
    assert door.code(door.raw("GET", "/v1/me", headers=session)) == (401, "TOKEN_EXPIRED")
    assert "new@example.com" in {each["email"] for each in door.control("GET", "users")["users"]}


def test_an_outage_can_be_had_for_a_while(door: Door) -> None:
    """During it what must fill at once is refused and what rests stays; afterwards it fills."""
    order = {"market_id": RAIN, "side": "BUY", "outcome": "Yes", "quantity": "10", "price": "0.65"}
    door.control("POST", "outage", {"on": True})
    refused = door.send("POST", "/v1/orders", json=order)
    assert door.code(refused) == (503, "VENUE_UNAVAILABLE")
    assert refused.headers["retry-after"] == str(refused.json()["retry_after"])
    rests = door.post("/v1/orders", {**order, "order_type": "limit"})
    assert rests["status"] == "PENDING"
    assert door.control("GET", "state")["outage"] is True
    door.control("POST", "outage", {"on": False})
    door.pass_time(1.5)
    assert [each["status"] for each in door.get("/v1/orders")["orders"]] == ["FILLED"]


def test_time_goes_on_after_a_look_that_failed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while looking at the books is one answer's, not the end of all looks."""

    def broken(_: int) -> None:
        raise OSError("no space left")

    door.trade(RAIN, "10", "0.60", order_type="limit")
    with monkeypatch.context() as patched:
        patched.setattr(door.world.engine, "advance", broken)
        door.world.clock.advance(1.5)
        assert door.code(door.send("GET", "/v1/me")) == (500, "INTERNAL_ERROR")
    door.feed.set_book(RAIN, bids=[("0.58", "100")], asks=[("0.59", "100")])
    door.world.clock.advance(1.5)
    assert [each["status"] for each in door.get("/v1/orders")["orders"]] == ["FILLED"]


def test_the_control_endpoints_need_their_secret(door: Door) -> None:
    """Without it they refuse, and with it they refuse what makes no sense."""
    assert door.raw("GET", "/_sandbox/users").status_code == 403
    secret = {"x-sandbox-secret": door.venue.secret}
    for path, body, status in (
        ("users", {"email": "pro@example.com"}, 400),
        ("users", {"email": "x@example.com", "plan": "gold"}, 400),
        ("users/999", {}, 404),
        ("users/abc", {}, 404),
        ("keys/1", {}, 400),
        ("keys/999", {"beta_until": 1}, 404),
        ("users/1001/session", {"life": "long"}, 400),
    ):
        assert door.raw("POST", f"/_sandbox/{path}", headers=secret, json=body).status_code == status, path
    state = door.control("GET", "state")
    assert state["markets"][RAIN] == "open"
    assert state["users"] == 4


_CHILD = """
import json, sys, time
from polyspec import Sandbox
sandbox = Sandbox(venues=("polysimulator",), db=sys.argv[1], quiet=True).start()
print(json.dumps(sandbox.polysimulator_venue.describe()), flush=True)
time.sleep(60)
"""


def _written(told: dict[str, Any]) -> tuple[Any, Any, list[Any]]:
    """Make a key, a wallet and three orders that rest; return the answers."""
    order = {"side": "BUY", "outcome": "Yes", "quantity": "5", "price": "0.10", "order_type": "limit"}
    with httpx.Client(base_url=told["rest"], headers={"X-API-Key": told["api_key"]}) as client:
        key = client.post("/v1/keys", json={"name": "kept"}).json()
        wallet = client.post("/v1/me/wallets", json={"kind": "SANDBOX"}).json()
        placed = [
            client.post("/v1/orders", json={**order, "market_id": each, "client_order_id": each}).json()
            for each in told["condition_ids"][:3]
        ]
    return key, wallet, placed


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """After kill -9 every key, wallet and order that was answered is there, and the books are balanced."""
    path = tmp_path / "venue.db"
    command = [sys.executable, "-c", _CHILD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            told = json.loads(child.stdout.readline())
            key, wallet, placed = _written(told)
        finally:
            child.send_signal(signal.SIGKILL)
    with Sandbox(venues=("polysimulator",), db=path, quiet=True, port=False) as sandbox:
        world = sandbox.polysimulator_venue.world
        kept = world.keys.find(key["raw_key"])
        assert kept is not None
        assert kept.name == "kept"
        assert world.engine.wallet(kept.user_id, wallet["id"]).baseline == 10_000 * 10**6
        orders = world.engine.orders(world.engine.select(kept.user_id, None))
        found = {each.client_order_id: each.status for each in orders}
        assert found == {each["client_order_id"]: "PENDING" for each in placed}
        world.engine.audit()
