"""What outlives the process: restarts, kill -9, and the command itself."""

from __future__ import annotations

import json
import os
import random  # noqa: TID251 - when to kill, by a fixed seed
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests  # noqa: TID251 - a stranger's client is the point
from test_us_quickstart import access_token
from us_door import KC, Door

from polyspec.errors import ConfigError
from polyspec.sandbox import Sandbox

KILLS = 10


# -- restarts in process --


def test_a_restart_finds_everything(tmp_path: Path) -> None:
    """Orders, trades, customers, combos, quotes and names come back; identifiers never repeat."""
    options: dict[str, Any] = {
        "db": tmp_path / "venue.db",
        "quiet": True,
        "port": False,
        "rate_limits": False,
    }
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        other = door.acting_for(door.world.counterparty.name)
        other.place("SELL", 550, 10)
        door.place("BUY", 550, 4, clordId="mine")
        waiting = door.place("BUY", 400, 4)
        door.post("/v1/kyc/start", _application("alice"))
        door.world.clock.advance(1)
        alice = door.get("/v1/kyc/status", external_id="alice")
        combo = door.post(
            "/v1/combos",
            {
                "legs": [
                    {"symbol": KC, "side": "SIDE_BUY"},
                    {"symbol": sandbox.us.symbols[1], "side": "SIDE_SELL"},
                ]
            },
        )["combo"]["id"]
        rfq = door.post(
            "/v1/rfqs", {"symbol": combo, "restRemainder": False, "account": door.account, "qtyDecimal": "5"}
        )["rfqId"]
        before = sandbox.us.client_id, sandbox.exchange.state_hash()
        door.world.clock.advance(2)
        trades = door.post("/v1/report/trades/search")["trade"]
        door.close()
        other.close()
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        assert sandbox.us.client_id == before[0]
        assert door.read_order(waiting)["state"] == "ORDER_STATE_NEW"
        assert door.post("/v1/report/trades/search")["trade"] == trades
        assert door.get("/v1/kyc/status", external_id="alice") == alice
        assert door.send("POST", "/v1/kyc/start", json=_application("alice")).status_code == 409
        assert door.get("/v1/rfqs", rfqId=rfq)["rfqs"][0]["symbol"] == combo
        again = door.post(
            "/v1/rfqs", {"symbol": combo, "restRemainder": False, "account": door.account, "qtyDecimal": "5"}
        )["rfqId"]
        assert again != rfq
        assert door.post("/v1/positions/balance")["balance"] != "10000.00"
        sandbox.exchange.audit()
        door.close()


def test_a_customer_approved_before_the_crash_is_provisioned_after(tmp_path: Path) -> None:
    """An approval whose account was not open yet is finished by the next run, with one account."""
    options: dict[str, Any] = {"db": tmp_path / "venue.db", "quiet": True, "port": False}
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        door.post("/v1/kyc/start", _application("bob"))
        door.close()
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        door.world.clock.advance(1)
        assert door.get("/v1/kyc/status", external_id="bob")["participantId"].endswith("/bob")
        door.close()


def test_an_order_waiting_to_be_entered_survives(tmp_path: Path) -> None:
    """With an entry delay the acknowledged order is there after a restart, and enters the book."""
    options: dict[str, Any] = {"db": tmp_path / "v.db", "quiet": True, "port": False, "entry_delay": 5.0}
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        order_id = door.place()
        door.close()
    with Sandbox(**options) as sandbox:
        door = Door(sandbox)
        assert door.read_order(order_id)["state"] == "ORDER_STATE_PENDING_NEW"
        door.world.clock.advance(10)
        assert door.read_order(order_id)["state"] == "ORDER_STATE_NEW"
        door.close()


def test_the_key_is_private(tmp_path: Path) -> None:
    """Only this user can read the partner's key, and it stays the same on one journal."""
    with Sandbox(db=tmp_path / "v.db", quiet=True, port=False) as sandbox:
        path = Path(sandbox.us.private_key_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        key = path.read_bytes()
    with Sandbox(db=tmp_path / "v.db", quiet=True, port=False) as sandbox:
        assert Path(sandbox.us.private_key_path).read_bytes() == key


def _application(external_id: str) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "ssn": "123456789",
        "first_name": "Jane",
        "last_name": "Smith",
        "date_of_birth": "1990-06-15",
        "email": "jane@example.com",
        "phone_number": "+12125551234",
        "address": {"address_line_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10001"},
        "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": "2026-04-24T14:30:00Z"},
        "ip_address": "203.0.113.42",
    }


# -- the command --


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the command and wait for its line."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "polyspec.sandbox.command", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_one_line_and_ends_well(number: signal.Signals) -> None:
    """Exactly one line of JSON on stdout, exit status 0 on either signal, the temporary key gone."""
    with command("--quiet", "--seed", "3") as (process, line):
        us = line["us_exchange"]
        assert set(line) == {"us_exchange", "clob", "polysimulator"}
        assert set(us) == {
            "rest",
            "token_url",
            "audience",
            "client_id",
            "private_key_path",
            "participant_id",
            "symbols",
            "grpc",
        }
        assert us["symbols"][0] == KC
        assert requests.get(f"{us['rest']}/v1/health", timeout=5).json() == {"status": "ok"}
        assert access_token(us)
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
        assert process.returncode == 0
        assert rest == ""
        assert "x-sandbox-secret" in errors
        assert not Path(us["private_key_path"]).exists()


def test_a_port_that_is_none_is_an_error() -> None:
    """It is said so as of any setting, and nothing is left behind."""
    with pytest.raises(ConfigError, match="65535"):
        Sandbox(venues=("us",), us_port=65_536).start()


def test_a_port_that_is_taken_is_an_error() -> None:
    """Nothing on stdout, a sentence on stderr, exit status 1."""
    with Sandbox(quiet=True) as sandbox:
        port = sandbox.us.rest.rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "polyspec.sandbox.command", "--us-port", port],
            capture_output=True,
            text=True,
            timeout=20,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("sandbox: ")


# -- kill -9 --


class Burst:
    """Clients that place and cancel until the server is gone, noting what they were promised."""

    def __init__(self, us: dict[str, Any], run: int) -> None:
        self._us = us
        self._run = run
        self.placed: dict[str, str] = {}
        """Acknowledged orders: client id to order id."""
        self.asked: set[str] = set()
        """Client ids of every order that was sent."""
        self.canceled: set[str] = set()
        """Ids of orders whose cancel was acknowledged."""
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(3)]

    def start(self) -> None:
        """Start the clients."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until all clients have noticed the end."""
        for thread in self._threads:
            thread.join(20)

    def _work(self, number: int) -> None:
        session = requests.Session()
        users = [self._us["participant_id"], self._us["participant_id"].replace("trader-1", "trader-2")]
        try:
            session.headers["authorization"] = f"Bearer {access_token(self._us)}"
            for count in range(10_000):
                session.headers["x-participant-id"] = users[count % 2]
                self._step(session, f"{self._run}-{number}-{count}", count)
        except (requests.RequestException, ValueError):
            return
        finally:
            session.close()

    def _step(self, session: requests.Session, client_id: str, count: int) -> None:
        order = {
            "symbol": KC,
            "side": "SIDE_BUY" if count % 3 else "SIDE_SELL",
            "type": "ORDER_TYPE_LIMIT",
            "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
            "orderQty": 1 + count % 4,
            "price": 500 + count % 7,
            "clordId": client_id,
        }
        self.asked.add(client_id)
        answer = session.post(f"{self._us['rest']}/v1/trading/orders", json=order, timeout=10)
        if answer.status_code != 200:
            return
        order_id = answer.json()["orderId"]
        self.placed[client_id] = order_id
        if count % 5 == 4:
            body = {"orderId": order_id}
            if (
                session.post(
                    f"{self._us['rest']}/v1/trading/orders/cancel", json=body, timeout=10
                ).status_code
                == 200
            ):
                self.canceled.add(order_id)


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Killed at random moments of a burst, the venue knows every acknowledged order and every cent."""
    chance = random.Random(20261121)
    db = tmp_path / "venue.db"
    bursts: list[Burst] = []
    for run in range(KILLS):
        with command("--quiet", "--db", str(db)) as (process, line):
            burst = Burst(line["us_exchange"], run)
            burst.start()
            time.sleep(chance.uniform(0.05, 0.5))
            process.kill()
            process.wait()
            burst.join()
            bursts.append(burst)
    acknowledged = {client: order for burst in bursts for client, order in burst.placed.items()}
    assert len(acknowledged) > KILLS
    with Sandbox(db=db, quiet=True, port=False) as sandbox:
        exchange = sandbox.exchange
        exchange.audit()
        known = {order.client_order_id: order for order in exchange.orders() if order.client_order_id}
        lost = {
            client
            for client, order_id in acknowledged.items()
            if client not in known or known[client].id != order_id
        }
        assert lost == set()
        # nothing is there that nobody sent, and each client id at most once
        named = [order.client_order_id for order in exchange.orders() if order.client_order_id]
        assert len(named) == len(set(named))
        assert set(named) <= {client for burst in bursts for client in burst.asked}
        undone = [order_id for burst in bursts for order_id in burst.canceled]
        assert not [order_id for order_id in undone if exchange.order(order_id).state.is_open]  # type: ignore[union-attr]
        positions = exchange.positions(symbol=KC)
        assert sum(each.net for each in positions) == 0
        assert sum(exchange.balance(name).cash for name in exchange.accounts()) == 0  # type: ignore[union-attr]
