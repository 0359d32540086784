"""What outlives the process: restarts, kill -9, and the command itself."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from clob_door import Door, FarDoor

from polyspec.sandbox import Sandbox
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.options import ClobOptions


@contextmanager
def opened(path: Path, **options: Any) -> Iterator[Door]:
    """Open the sandbox of a journal in process."""
    clob = ClobOptions(**options)
    with Sandbox(venues=("clob",), db=path, quiet=True, port=False, clob=clob) as sandbox:
        with closing(Door(sandbox)) as door:
            yield door


def test_the_market_maker_quotes_in_every_run(tmp_path: Path) -> None:
    """The seed stays the same over a restart, the ids of the maker's orders do not."""
    for _ in range(3):
        with Sandbox(venues=("clob",), db=tmp_path / "venue.db", port=False) as sandbox:
            venue = sandbox.clob_venue
            books = [venue.world.exchange.book(token) for token in venue.token_ids]
            assert all(book is not None and book.bids and book.asks for book in books)


def test_a_restart_finds_everything(tmp_path: Path) -> None:
    """Keys, orders, trades, balances, notifications, quotes and terms come back."""
    path = tmp_path / "venue.db"
    with opened(path, mined_delay=None) as door, closing(door.of(1)) as other:
        made = door.creds
        waiting = door.place()["orderID"]
        other.place("SELL", "0.50")
        trade_id = door.place("BUY", "0.50")["tradeIDs"][0]
        builder = door.post("/auth/builder-api-key", {})["key"]
        readonly = door.post("/auth/readonly-api-key", {})["apiKey"]
        token = door.venue.token_ids[2]
        offer = {"assetIn": token, "assetOut": "0", "amountIn": "50", "amountOut": "20", "userType": 0}
        request_id = door.post("/rfq/request", offer)["requestId"]
        told = door.get("/notifications", signature_type=0)
        door.control("POST", "tick", {"token_id": token, "tick": "0.01"})
        door.control("POST", f"markets/{_condition(door)}", {"hold": 2, "answers_late": False})
        before = _told(door)
    with opened(path, mined_delay=0.5) as door:
        assert door.raw("POST", "/auth/api-key", headers=door.level1()).status_code == 400
        assert door.creds == made
        assert _told(door) == before
        assert [each["id"] for each in door.get("/data/orders")["data"]] == [waiting]
        assert door.get("/notifications", signature_type=0) == told
        assert door.get("/auth/builder-api-key")[0]["key"] == builder
        assert door.get("/auth/readonly-api-keys") == [readonly]
        assert door.get("/rfq/data/requests")["data"][0]["requestId"] == request_id
        assert door.public(f"/tick-size/{token}") == {"minimum_tick_size": 0.01}
        assert door.public(f"/clob-markets/{_condition(door)}")["sd"] == 2
        door.pass_time(1)
        assert door.get("/data/trades", id=trade_id)["data"][0]["status"] == "MINED"
        door.world.exchange.audit()


def test_another_seed_keeps_the_credentials(tmp_path: Path) -> None:
    """What was handed out goes on to hold, whatever the seed of a later run."""
    with opened(tmp_path / "v.db", seed=1) as door:
        made = door.creds
    with opened(tmp_path / "v.db", seed=2) as door:
        assert door.creds == made
        assert door.get("/data/orders")["data"] == []


def test_dropped_things_stay_dropped(tmp_path: Path) -> None:
    """Deleted keys, dropped notifications and withdrawn requests do not come back."""
    with opened(tmp_path / "v.db") as door, closing(door.of(1)) as other:
        door.delete("/order", {"orderID": door.place()["orderID"]})
        (notice,) = door.get("/notifications", signature_type=0)
        door.send("DELETE", "/notifications", params={"ids": str(notice["id"])})
        other.place()
        other.delete("/auth/api-key")
    with opened(tmp_path / "v.db") as door, closing(door.of(1)) as other:
        assert door.get("/notifications", signature_type=0) == []
        answer = other.raw("GET", "/auth/derive-api-key", headers=other.level1())
        assert answer.status_code == 400
        assert len(other.world.exchange.orders(open_only=True)) == 1


@pytest.mark.parametrize(
    ("modes", "mode"),
    [
        ({"restart": 5}, t.TradingMode.POST_ONLY),
        ({"trading": "disabled"}, t.TradingMode.DISABLED),
        ({"trading": "cancel_only"}, t.TradingMode.CANCEL_ONLY),
    ],
)
def test_modes_begin_anew(tmp_path: Path, modes: dict[str, Any], mode: t.TradingMode) -> None:
    """A sandbox stopped in a restricted mode takes all orders when it is opened again."""
    with opened(tmp_path / "v.db") as door:
        door.control("POST", "modes", modes)
        assert door.world.exchange.trading_mode is mode
    with opened(tmp_path / "v.db") as door:
        assert door.place()["status"] == "live"


def test_the_journal_is_private(tmp_path: Path) -> None:
    """Only this user can read it, and the US exchange has one of its own."""
    with Sandbox(db=tmp_path / "v.db", quiet=True, port=False) as sandbox:
        assert sandbox.clob_venue.world.exchange.markets()
        assert stat.S_IMODE((tmp_path / "v.db.clob").stat().st_mode) == 0o600
        assert (tmp_path / "v.db").exists()


def _told(door: Door) -> Any:
    exchange = door.world.exchange
    return (
        exchange.markets(),
        exchange.orders(),
        exchange.trades(),
        {each: exchange.holdings(each) for each in exchange.wallets()},
    )


def _condition(door: Door) -> str:
    listing = door.world.listing_of(door.venue.token_ids[0])
    assert listing is not None
    return listing.condition_id


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
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def test_the_command_serves_the_clob(tmp_path: Path) -> None:
    """On the port named, with a secret on the other stream, until it is told to end."""
    with command("--quiet", "--venues", "clob", "--clob-port", "0") as (process, line):
        assert set(line) == {"clob"}
        with closing(FarDoor(line["clob"])) as door:
            assert door.place()["status"] == "live"
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
        assert (process.returncode, rest) == (0, "")
        assert "clob: x-sandbox-secret:" in errors
    del tmp_path


@pytest.mark.parametrize("arguments", [("--venues", "moon"), ("--venues", "")])
def test_the_command_refuses_unknown_venues(arguments: tuple[str, ...]) -> None:
    """It ends with a word on what there is."""
    done = subprocess.run(
        [sys.executable, "-m", "polyspec.sandbox.command", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "us, clob" in done.stderr


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """Killed in the middle of placing, again and again: every acknowledged order and key is there after."""
    acknowledged: set[str] = set()
    for round_ in range(5):
        with command("--db", str(tmp_path / "v.db"), "--quiet", "--venues", "clob") as (process, line):
            with closing(FarDoor(line["clob"], round_ % 2)) as door:
                _place_until_killed(door, process, 20 + 13 * round_, acknowledged)
    with opened(tmp_path / "v.db") as door:
        open_orders = {each.id for each in door.world.exchange.orders(open_only=True)}
        assert acknowledged <= open_orders
        # at most the one in flight at each kill is there without having been acknowledged
        assert len(open_orders - acknowledged) <= 5
        door.world.exchange.audit()
        assert {each["id"] for each in door.get("/data/orders")["data"]} <= open_orders


def _place_until_killed(
    door: FarDoor, process: subprocess.Popen[str], count: int, acknowledged: set[str]
) -> None:
    for number in range(count + 50):
        if number == count:
            process.kill()
        try:
            acknowledged.add(door.place(price="0.10", size="5")["orderID"])
        except httpx.HTTPError:
            assert number >= count
            return
    raise AssertionError("the process outlived its killing")
