"""Every venue is watched, recorded and replayed the same way."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import evolve

from polyspec.cli import main
from polyspec.cli.watching import watched
from polyspec.cli.watching_polysimulator import Venue as SimWatched
from polyspec.cli.watching_us import Venue as UsWatched
from polyspec.core.streams.events import Event, Gap, Lost, Resynced, StreamState
from polyspec.core.streams.recording import Header, Input, Player, Recorder, header_of, replayed
from polyspec.polysimulator.market_feed import MARKET_RHYTHM
from tests.cli.terminal import CLEAN, Terminal, one_sentence, recorded
from tests.client.polysimulator import rig as sim_rig
from tests.client.us import rig as us_rig
from tests.client.us.books import RHYTHM, TALK, offer

HURRY = evolve(MARKET_RHYTHM, late=0.3, quiet=0.4, audit=0.5, shortest=0.02, first=0.05, longest=0.1)


@pytest.fixture(scope="module")
def us_shared() -> Iterator[us_rig.Venue]:
    """Run the US exchange, with signs of life in a hurry."""
    with us_rig.open_venue(venues=["us"], heartbeat=0.05) as venue:
        yield venue


@pytest.fixture
def us(us_shared: us_rig.Venue) -> Iterator[us_rig.Venue]:
    """The same, with no fault of an earlier test."""
    yield us_shared
    us_shared.sandbox.faults.clear()


@pytest.fixture(scope="module")
def sim_shared() -> Iterator[sim_rig.Venue]:
    """Run PolySimulator."""
    with sim_rig.open_venue(port=True) as venue:
        yield venue


@pytest.fixture
def sim(sim_shared: sim_rig.Venue) -> Iterator[sim_rig.Venue]:
    """The same, with no fault of an earlier test."""
    yield sim_shared
    sim_shared.sim.faults.clear()


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return where to run commands, with streams in a hurry."""
    monkeypatch.setattr(UsWatched, "rhythm", RHYTHM)
    monkeypatch.setattr(SimWatched, "rhythm", HURRY)
    return Terminal(capsys, monkeypatch, "")


def played_again(terminal: Terminal, path: Path, lines: list[str]) -> list[dict[str, Any]]:
    """Return what was watched, which is what is replayed."""
    status, out, err = terminal.run("replay", str(path), "--json")
    assert (status, err) == (0, "")
    assert out.splitlines() == lines
    return [json.loads(each, parse_constant=pytest.fail) for each in lines]


def facts(event: Event) -> tuple[Any, ...]:
    """Return all there is to an event; errors are equal if they say the same."""
    told = msgspec.structs.asdict(event)
    if isinstance(event, Lost):
        told["error"] = (type(event.error), str(event.error))
    return type(event), told


def overheard(name: str, keys: list[str], happen: Callable[[], Any], until: Callable[[Event], bool]) -> None:
    """Hold what a recording of a stream tells against what the stream itself tells."""
    venue, lines, told = watched(name), list[bytes](), list[Event]()
    with venue.client(os.environ) as client:
        now = time.monotonic()
        stream = venue.stream(client, keys)
        header = Header.begin(
            name, "market", keys, venue.rhythm, venue.options(client), wall=time.time(), monotonic=now
        )
        recorder = Recorder(header, venue.spelling(header), lines.append)
        recorder("want", now, (venue.keys(stream),))
        stream.overhear(recorder)
        with stream:
            happen()
            for event in stream:
                told.append(event)
                if until(event):
                    break
        told += stream
    header = header_of(lines[0])
    again = list(replayed(lines[1:], venue.feed(header), venue.spelling(header)))
    # when it was asked for nobody overheard
    assert list(map(facts, again[1:])) == list(map(facts, told[1:]))


def test_a_recording_is_true_of_the_us_exchange(
    us: us_rig.Venue, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens that are refused at the door and in the middle are met as the stream itself met them."""
    monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(us.sandbox.describe()))
    symbol = us.market()
    gaps: list[Event] = []

    def happen() -> None:
        us.sandbox.faults.add(kind="unauthorized", operation=TALK)
        us.sandbox.faults.add(kind="grpc_expired", operation=TALK, after=2)
        offer(us, symbol, 505)

    def until(event: Event) -> bool:
        gaps.extend([event] if isinstance(event, Gap) else [])
        return bool(gaps) and isinstance(event, Resynced)

    overheard("us", [symbol], happen, until)
    assert gaps


def test_a_recording_is_true_of_polysimulator(
    sim: sim_rig.Venue, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Books that are read anew over REST, with errors, come out as they did."""
    monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(sim.sandbox.describe()))
    market = sim.market()

    def happen() -> None:
        sim.sim.faults.add(kind="ws_truncate", operation="WebSocket_Market", after=1)
        sim.offer(market, "0.6", 20)
        sim.pass_time(1)

    overheard(
        "polysimulator", [market.token_ids[0], "7" * 40], happen, lambda event: isinstance(event, Resynced)
    )


def test_what_was_of_an_earlier_connection_is_forgotten() -> None:
    """As at the venue, where every connection begins with credentials of its own."""
    venue = SimWatched()
    header = Header.begin("polysimulator", "market", ["1"], HURRY, {"key": True}, wall=1.0, monotonic=0.0)
    player = Player(venue.feed(header))
    told = [
        player.play(each)
        for each in (
            Input("want", 0.0, (["1"],)),
            Input("opened", 0.1, ()),
            Input("heard", 0.2, (b"pong",)),
            Input("ended", 0.3, ("the connection broke", None)),
            Input("tick", 9.0, ()),
            Input("opened", 9.1, ()),
            Input("ended", 9.2, ("policy", 1008)),
        )
    ]
    assert isinstance(told[-1][-1], Lost)
    assert player.feed.machine.state is StreamState.CLOSED


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
    told = played_again(terminal, path, lines)
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
    told = played_again(terminal, path, lines)
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
