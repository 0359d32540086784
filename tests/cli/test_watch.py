"""Watching and replaying as a person, a pipe and a script meet them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.cli import main, showing, watch
from polyspec.cli.watching_clob import Venue as ClobWatched
from polyspec.clob.market_feed import MARKET_RHYTHM
from tests.cli.terminal import CLEAN, Terminal, one_sentence, recorded
from tests.client.clob.rig import Token, Venue, open_venue

COMMAND = [sys.executable, "-m", "polyspec.cli"]
HURRY = evolve(MARKET_RHYTHM, late=0.2, quiet=0.4, shortest=0.02, first=0.05, longest=0.1)
MARKET = "WebSocket_Market"


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox behind a port."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
def token(venue: Venue) -> Token:
    """List a market with something in its book, for one test."""
    token = venue.market()
    venue.offer(token, "0.4", 10, side="BUY")
    return token


@pytest.fixture
def line(venue: Venue) -> str:
    """Return what the sandbox says of itself."""
    return json.dumps(venue.sandbox.describe())


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str) -> Terminal:
    """Return where to run commands."""
    monkeypatch.setattr(ClobWatched, "rhythm", HURRY)
    return Terminal(capsys, monkeypatch, line)


def test_what_is_replayed_is_what_was_watched(
    venue: Venue, token: Token, terminal: Terminal, tmp_path: Path
) -> None:
    """Line by line, through trades, a cut message, a connection that breaks, and the end with Ctrl-C."""
    path, other = tmp_path / "day.jsonl", venue.market()

    def happen() -> None:
        recorded(path, '"heard"')
        venue.offer(token, "0.6", 10)
        venue.offer(token, "0.6", 5, side="BUY")
        recorded(path, r"event_type\":\"last_trade_price")
        venue.clob.faults.add(kind="ws_truncate", operation=MARKET)
        venue.offer(token, "0.7", 5)
        recorded(path, "looked")
        venue.clob.faults.add(kind="ws_close", operation=MARKET)
        venue.offer(token, "0.8", 5)
        recorded(path, '"ended"', '"opened"', '"heard"')
        venue.offer(other, "0.5", 5)
        recorded(path, '"ended"', "price_change")

    status, lines, err = terminal.watched(
        "clob", token.id, other.id, "--json", "--record", str(path), until=happen
    )
    assert (status, err) == (0, "")
    told = [json.loads(each) for each in lines]
    kinds = [each["kind"] for each in told]
    assert {"status", "message", "gap", "resynced", "raw"} <= set(kinds)
    assert (told[-1]["kind"], told[-1]["state"]) == ("status", "closed")
    status, out, err = terminal.run("replay", str(path), "--json")
    assert (status, err) == (0, "")
    assert out.splitlines() == lines
    # what is there already is not written over, unless that is said
    status, _, err = terminal.run("watch", "clob", token.id, "--record", str(path))
    assert status == 2
    assert one_sentence(err)
    assert "--force" in err
    assert path.read_text().count("\n") > 10


def test_lines_for_programs(venue: Venue, token: Token, terminal: Terminal, tmp_path: Path) -> None:
    """Kind, times, key, the venue's own message, and what became of its book; amounts are texts."""
    path = tmp_path / "day.jsonl"

    def happen() -> None:
        recorded(path, '"heard"')
        venue.offer(token, "0.6", 10)
        recorded(path, "price_change")

    status, lines, _ = terminal.watched("clob", token.id, "--json", "--record", str(path), until=happen)
    assert status == 0
    told = [json.loads(each, parse_constant=pytest.fail) for each in lines]
    assert [list(each)[:2] for each in told] == [["kind", "received"]] * len(told)
    assert all(each["received"].endswith("Z") and "books" in each for each in told)
    first, change = (each for each in told if each["kind"] == "message")
    assert first["type"] == "BookEvent"
    assert first["key"] == token.id
    assert first["native"]["bids"] == [{"price": "0.4", "size": "10"}]
    assert change["native"]["event_type"] == "price_change"
    assert change["at"].endswith("Z")
    assert change["books"] == {
        token.id: {
            "bid": "0.4", "bid_size": "10", "ask": "0.6", "ask_size": "10", "trusted": True, "why": "",
        }
    }  # fmt: skip
    assert told[0]["books"][token.id]["trusted"] is False
    assert told[-1]["books"][token.id]["why"] == "closed"


def test_nothing_secret_is_recorded(venue: Venue, token: Token, terminal: Terminal, tmp_path: Path) -> None:
    """Neither keys nor where the connection leads; and SIGTERM is as good an end as Ctrl-C."""
    path = tmp_path / "day.jsonl"
    status, lines, err = terminal.watched(
        "clob",
        token.id,
        "--json",
        "--record",
        str(path),
        until=lambda: recorded(path, '"heard"'),
        number=signal.SIGTERM,
    )
    assert (status, err) == (0, "")
    assert '"closed"' in lines[-1]
    text = path.read_text()
    assert not any(key.removeprefix("0x") in text for key in venue.clob.private_keys)
    assert "127.0.0.1" not in text


def test_words_for_whoever_reads_a_pipe(
    venue: Venue, token: Token, terminal: Terminal, tmp_path: Path
) -> None:
    """A line for every change of the best prices, trades, and what becomes of the stream."""
    path = tmp_path / "day.jsonl"

    def happen() -> None:
        recorded(path, '"heard"')
        venue.offer(token, "0.6", 10)
        venue.offer(token, "0.7", 10)
        venue.offer(token, "0.6", 5, side="BUY")
        recorded(path, r"event_type\":\"last_trade_price")

    status, lines, err = terminal.watched("clob", token.id, "--record", str(path), until=happen)
    assert (status, err) == (0, "")
    words = [each.partition(" ")[2] for each in lines]
    assert words[:2] == ["connecting: asked for the first time", "subscribing: connected"]
    assert words.count(f"book {token.id}: 0.4 x 10 / 0.6 x 10, spread 0.2") == 1
    assert f"trade BUY 5 at 0.6 of {token.id}" in words
    status, out, _ = terminal.run("replay", str(path))
    assert (status, out.splitlines()) == (0, lines)


def test_the_terminal_shows_books_trades_and_health(
    venue: Venue, token: Token, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is drawn last is what is so: levels with totals, the spread, a trade, the state, counts."""
    path = tmp_path / "day.jsonl"
    for price in range(60, 75):
        venue.offer(token, f"0.{price}", 1_500)

    def happen() -> None:
        recorded(path, '"heard"')
        venue.offer(token, "0.6", 5, side="BUY")
        recorded(path, r"event_type\":\"last_trade_price")
        recorded(path, "price_change")

    terminal.watched("clob", token.id, "--json", "--record", str(path), until=happen)
    monkeypatch.setattr(showing, "on_terminal", lambda **_: True)
    for width in (20, 40, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("LINES", "30")
        status, out, err = terminal.run("replay", str(path), "--speed", "max")
        assert (status, err) == (0, "")
        assert max(map(len, out.splitlines())) <= width
    rows = [each.split() for each in out.splitlines()]
    assert ["10", "10", "0.40", "0.60", "1,495", "1,495"] in rows
    assert sum(row[-1:] == ["1,500"] or "1,500" in row for row in rows) == 9
    assert "spread 0.2  mid 0.5" in out
    assert "BUY 5 at 0.6" in out
    assert "CLOSED closed" in out
    assert "gaps 0, dropped 0" in out


def test_without_rich_there_are_lines_only(
    token: Token, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal is told which extra to install; programs need none."""
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.delitem(sys.modules, "polyspec.cli.watching_view", raising=False)
    path = tmp_path / "day.jsonl"
    status, lines, _ = terminal.watched(
        "clob", token.id, "--json", "--record", str(path), until=lambda: recorded(path, '"heard"')
    )
    assert (status, bool(lines)) == (0, True)
    monkeypatch.setattr(showing, "on_terminal", lambda **_: True)
    status, _, err = terminal.run("replay", str(path))
    assert status == 2
    assert one_sentence(err)
    assert "polyspec[cli]" in err


def test_what_nobody_knows_is_one_sentence(token: Token, terminal: Terminal) -> None:
    """Alone it is the end; beside others it is told, and they go on."""
    status, out, err = terminal.run("watch", "clob", "123", "--json")
    assert status == 1
    assert one_sentence(err)
    assert "123" in err
    lost = [json.loads(each) for each in out.splitlines() if '"lost"' in each]
    assert [(each["key"], each["error"]["kind"]) for each in lost] == [("123", "NotFound")]


def test_what_is_missing_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something to watch, and a sandbox that is one."""
    for name in os.environ.keys() - CLEAN.keys():
        monkeypatch.delenv(name)
    for arguments, words in (
        (["clob"], "SYMBOL"),
        (["clob", "1", "--force"], "--record"),
        (["clob", "not-a-token"], "not-a-token"),
    ):
        assert main(["watch", *arguments]) == 2
        err = capsys.readouterr().err
        assert one_sentence(err)
        assert words in err
    monkeypatch.setenv("POLYSPEC_SANDBOX", "{}")
    assert main(["watch", "clob", "1", "--sandbox"]) == 2
    assert "unset" in capsys.readouterr().err


def test_a_spoilt_recording_is_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    """With the number of the line; what came before it is played."""
    path = tmp_path / "day.jsonl"
    terminal.watched("clob", "--json", "--record", str(path), until=lambda: recorded(path, '"heard"'))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], "nonsense\n", *lines[3:]]))
    status, out, err = terminal.run("replay", str(path), "--json")
    assert (status, len(out.splitlines())) == (1, 2)
    assert one_sentence(err)
    assert "line 4" in err
    path.write_text(lines[0].replace('"version":1', '"version":9'))
    status, out, err = terminal.run("replay", str(path))
    assert (status, out) == (1, "")
    assert "version 9" in err
    status, _, err = terminal.run("replay", str(tmp_path / "none"))
    assert status == 1
    assert one_sentence(err)


def test_a_recording_keeps_its_pace(terminal: Terminal, tmp_path: Path) -> None:
    """At the speed that is asked for."""
    path = tmp_path / "day.jsonl"
    terminal.watched("clob", "--json", "--record", str(path), until=lambda: recorded(path, '"heard"'))
    lines = [json.loads(each) for each in path.read_text().splitlines()]
    lines[-1]["now"] = lines[1]["now"] + 3.0
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    start = time.monotonic()
    assert terminal.run("replay", str(path), "--json", "--speed", "10")[0] == 0
    assert 0.25 < time.monotonic() - start < 2.5
    with pytest.raises(SystemExit):
        terminal.run("replay", str(path), "--speed", "0")


def started(line: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start watching in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, "watch", "clob", *arguments],
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        env=CLEAN | {"POLYSPEC_SANDBOX": line},
        **options,
    )


def test_a_watcher_that_is_killed_leaves_a_recording(
    venue: Venue, token: Token, line: str, terminal: Terminal, tmp_path: Path
) -> None:
    """Whatever it printed is in it, and it is played to its end."""
    path = tmp_path / "day.jsonl"
    with started(line, token.id, "--json", "--record", str(path)) as process:
        assert process.stdout is not None
        read = [process.stdout.readline() for _ in range(4)]
        process.kill()
    status, out, err = terminal.run("replay", str(path), "--json")
    assert (status, err) == (0, "")
    assert out.splitlines(keepends=True)[:4] == read


def test_a_reader_that_leaves_is_no_error(venue: Venue, token: Token, line: str) -> None:
    """Of a pipe, as with head: nothing is said of it."""
    with started(line, token.id, "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in range(4):
            process.stdout.readline()
        process.stdout.close()
        while process.poll() is None:
            venue.offer(token, "0.6", 5)
            time.sleep(0.02)
        assert process.stderr.read() == ""
        assert process.returncode == 141


def test_a_person_at_a_terminal_leaves_with_ctrl_c(venue: Venue, token: Token, line: str) -> None:
    """The screen is drawn until then, and the exit status is that of a command that did what it should."""
    leader, follower = pty.openpty()
    process = started(line, token.id, stdin=follower, stdout=follower, start_new_session=True)
    os.close(follower)
    seen = b""
    try:
        while b"trusted" not in seen or b"LIVE" not in seen:
            seen += os.read(leader, 65536)
        process.send_signal(signal.SIGINT)
        reader = threading.Thread(target=_drained, args=(leader,), daemon=True)
        reader.start()
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    assert (process.returncode, err) == (0, "")
    assert b"0.4" in seen


def _drained(leader: int) -> None:
    try:
        while os.read(leader, 65536):
            pass
    except OSError:
        pass


def test_a_sandbox_of_its_own(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It runs as long as it is watched, and something of it is chosen."""
    monkeypatch.delenv("POLYSPEC_SANDBOX")
    path = tmp_path / "day.jsonl"
    status, lines, err = terminal.watched(
        "clob", "--sandbox", "--json", "--record", str(path), until=lambda: recorded(path, '"heard"')
    )
    assert (status, err) == (0, "")
    assert any('"BookEvent"' in each for each in lines)
    assert watch._LINE not in os.environ
