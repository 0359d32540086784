"""Every venue is watched, recorded and replayed the same way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.cli import main
from polyspec.cli.watching_polysimulator import Venue as SimWatched
from polyspec.cli.watching_us import Venue as UsWatched
from polyspec.polysimulator.market_feed import MARKET_RHYTHM
from tests.cli.terminal import CLEAN, Terminal, one_sentence, recorded
from tests.client.polysimulator import rig as sim_rig
from tests.client.us import rig as us_rig
from tests.client.us.books import RHYTHM, TALK, offer

HURRY = evolve(MARKET_RHYTHM, late=0.3, quiet=0.4, audit=0.5, shortest=0.02, first=0.05, longest=0.1)


@pytest.fixture(scope="module")
def us() -> Iterator[us_rig.Venue]:
    """Run the US exchange, with signs of life in a hurry."""
    with us_rig.open_venue(venues=["us"], heartbeat=0.05) as venue:
        yield venue


@pytest.fixture(scope="module")
def sim() -> Iterator[sim_rig.Venue]:
    """Run PolySimulator."""
    with sim_rig.open_venue(port=True) as venue:
        yield venue


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return where to run commands, with streams in a hurry."""
    monkeypatch.setattr(UsWatched, "rhythm", RHYTHM)
    monkeypatch.setattr(SimWatched, "rhythm", HURRY)
    return Terminal(capsys, monkeypatch, "")


def replayed(terminal: Terminal, path: Path, lines: list[str]) -> list[dict[str, Any]]:
    """Return what was watched, which is what is replayed."""
    status, out, err = terminal.run("replay", str(path), "--json")
    assert (status, err) == (0, "")
    assert out.splitlines() == lines
    return [json.loads(each, parse_constant=pytest.fail) for each in lines]


def test_the_us_exchange(
    us: us_rig.Venue, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Books, trades, a stream that ends and one whose token does; nothing of the credentials is recorded."""
    monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(us.sandbox.describe()))
    path, symbol, other = tmp_path / "day.jsonl", us.market(), us.market()

    def happen() -> None:
        recorded(path, *['"heard"'] * 3)
        offer(us, symbol, 505, 250)
        offer(us, symbol, 505, 50, side="BUY")
        recorded(path, *['"heard"'] * 5)
        for kind in ("grpc_unavailable", "grpc_expired"):
            before = path.read_text().count('"opened"')
            us.sandbox.faults.add(kind=kind, operation=TALK)
            offer(us, other, 510)
            recorded(path, *['"opened"'] * (before + 1), '"heard"', '"heard"', '"heard"')

    status, lines, err = terminal.watched(
        "us", symbol, other, "nothing", "--json", "--record", str(path), until=happen
    )
    assert (status, err) == (0, "")
    told = replayed(terminal, path, lines)
    assert [each["key"] for each in told if each["kind"] == "lost"] == ["nothing"]
    assert [each["kind"] for each in told].count("gap") == 2
    best = [each["books"].get(symbol) for each in told if each["kind"] == "message" and each["key"] == symbol]
    assert {
        "bid": None,
        "bid_size": None,
        "ask": "0.505",
        "ask_size": "2",
        "trusted": True,
        "why": "",
    } in best
    update = next(
        each for each in told if each.get("type") == "MarketDataUpdate" and each["native"]["offers"]
    )
    assert update["native"]["offers"][0]["px"] == "505"
    assert update["at"].endswith("Z")
    status, out, _ = terminal.run("replay", str(path))
    assert f"trade 0.5 at 0.505 of {symbol}" in out
    text = path.read_text()
    assert "Bearer" not in text
    assert us.sandbox.us.client_id not in text


def test_polysimulator(
    sim: sim_rig.Venue, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Books, prices that move, a connection that breaks; a market stands for its first outcome."""
    described = sim.sandbox.describe()
    monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(described))
    path, market = tmp_path / "day.jsonl", sim.market()
    sim.offer(market, "0.4", 10, side="BUY")
    sim.pass_time(1)

    def happen() -> None:
        recorded(path, '"heard"')
        sim.offer(market, "0.6", 20)
        sim.pass_time(1)
        recorded(path, "looked")
        sim.sim.faults.add(kind="ws_drop", operation="WebSocket_Market")
        sim.offer(market, "0.55", 20)
        sim.pass_time(1)
        recorded(path, '"ended"', '"opened"', '"heard"')

    status, lines, err = terminal.watched(
        "polysimulator", market.condition_id, "--json", "--record", str(path), until=happen
    )
    assert (status, err) == (0, "")
    told = replayed(terminal, path, lines)
    assert {"gap", "message", "status"} <= {each["kind"] for each in told}
    best = [book for each in told for book in each["books"].values() if book["trusted"]]
    assert best[0]["bid"] == "0.4"
    assert {"0.55", "0.6"} & {each["ask"] for each in best}
    assert {key for each in told for key in each["books"]} == {market.token_ids[0]}
    assert described["polysimulator"]["api_key"] not in path.read_text()


@pytest.mark.parametrize("name", ["us", "polysimulator"])
def test_what_nobody_knows_is_one_sentence(
    name: str, us: us_rig.Venue, sim: sim_rig.Venue, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the venue."""
    sandbox = us.sandbox if name == "us" else sim.sandbox
    monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(sandbox.describe()))
    unknown = "nothing" if name == "us" else "7" * 40
    status, out, err = terminal.run("watch", name, unknown, "--json")
    assert status == 1
    assert one_sentence(err)
    assert unknown in err
    assert [each["key"] for each in map(json.loads, out.splitlines()) if each["kind"] == "lost"] == [unknown]


def test_missing_credentials_are_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent, naming what is to be set."""
    for name in os.environ.keys() - CLEAN.keys():
        monkeypatch.delenv(name)
    assert main(["watch", "us", "abc"]) == 2
    err = capsys.readouterr().err
    assert one_sentence(err)
    assert "POLYSPEC_US_CLIENT_ID" in err
