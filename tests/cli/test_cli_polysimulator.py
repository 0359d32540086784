"""The command and PolySimulator: the story of a first order, and the sandbox that serves the venue alone."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from polyspec import PolySimulatorClient, Sandbox
from polyspec.cli import main

COMMAND = [sys.executable, "-m", "polyspec.cli"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("POLYSPEC_", "POLYSIM_"))}
DOCUMENTED = {"rest", "ws", "api_key", "read_only_api_key", "supabase_jwt", "condition_ids"}
FAR = {"side": "BUY", "outcome": "Yes", "price": "0.05", "quantity": 20}
"""Rests wherever the books are."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Return a running sandbox that all stories are told on."""
    with Sandbox(venues=["polysimulator"]) as running:
        yield running


class Terminal:
    """The command run in this process, which is what makes a dozen of them cheap."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        for name in os.environ.keys() - CLEAN.keys():
            monkeypatch.delenv(name)
        self._set = monkeypatch.setenv

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Return the exit status and what was printed on both streams."""
        for name, value in variables.items():
            self._set(name, value)
        status = main(["quickstart", "--venue", "polysimulator", *arguments])
        return status, *self._capsys.readouterr()

    def told(self, *arguments: str, **variables: str) -> list[dict[str, Any]]:
        """Return the steps of a story that went well."""
        status, out, err = self.run("--json", *arguments, **variables)
        assert (status, err) == (0, "")
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return where to run commands, in an environment that says nothing of a venue."""
    return Terminal(capsys, monkeypatch)


def line_of(sandbox: Sandbox) -> str:
    """Return what the command would print of a sandbox."""
    return json.dumps(sandbox.describe())


def one_sentence(text: str) -> bool:
    """Tell whether an error is a sentence and no traceback."""
    return text.startswith("polyspec: ") and len(text.splitlines()) == 1 and "Traceback" not in text


def fact(steps: list[dict[str, Any]], name: str) -> Any:
    """Return what the last step that told it said."""
    return [step[name] for step in steps if name in step][-1]


def test_the_story_in_a_pipe() -> None:
    """Ten shares at 65 cents cost the 9 cents of fee that the venue's own example has, step by step."""
    done = subprocess.run(
        [*COMMAND, "quickstart", "--venue", "polysimulator"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=CLEAN,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split(".")[0].strip() for line in lines] == [str(n) for n in range(1, 11)]
    assert all(" ok " in line for line in lines)
    assert "\x1b" not in done.stdout
    assert "fee $0.09, rate 0.04, total $6.59" in lines[5]
    assert lines[6].endswith("price $0.65, fee $0.09")
    assert lines[8].endswith("balance $9,993.41, spent $6.59")


def test_the_story_twice_on_a_running_sandbox(sandbox: Sandbox, terminal: Terminal) -> None:
    """Whoever has keys already goes on with the one given; each time the order is one of that sandbox."""
    line = line_of(sandbox)
    first = terminal.told(POLYSPEC_SANDBOX=line)
    # the pace of the first client, which a process of its own would not know of, goes with it
    gc.collect()
    again = terminal.told()
    for steps in (first, again):
        assert [step["step"] for step in steps] == list(range(1, 10))
        assert all(step["ok"] for step in steps)
        assert (fact(steps, "fee"), fact(steps, "balance")) == ("$0.09", "$9,993.41")
    assert first[0]["tier"] == "pro"
    assert again[0]["why"] == "BOOTSTRAP_NOT_ALLOWED"
    with sandbox.polysimulator() as client:
        number = fact(again, "order_id").partition(":")[2]
        assert [row.order_id for row in client.account.history()] == [int(number)]
        # the bot's key went with the story
        assert {key.is_active for key in client.keys.list() if key.name == "quickstart"} <= {False}


def test_the_story_with_a_key_alone(sandbox: Sandbox, terminal: Terminal) -> None:
    """--live trades on the venue the environment names; without the dashboard's token it makes no keys."""
    venue = sandbox.polysimulator_venue
    steps = terminal.told(
        "--live",
        POLYSPEC_POLYSIMULATOR_API_KEY=venue.api_key("pro_plus_api_key"),
        POLYSPEC_POLYSIMULATOR_BASE_URL=venue.rest,
    )
    assert steps[0]["name"] == "Read the balance"
    assert fact(steps, "balance") == "$24,993.41"


def test_a_key_that_may_not_trade(sandbox: Sandbox, terminal: Terminal) -> None:
    """The step that the venue refuses says so, and so does one sentence; the exit status is 1."""
    venue = sandbox.polysimulator_venue
    status, out, err = terminal.run(
        "--live",
        POLYSIM_API_KEY=venue.api_key("read_only_api_key"),
        POLYSIM_BASE_URL=f"{venue.rest}/v1",
    )
    assert status == 1
    assert " FAILED Buy them" in out.splitlines()[-1]
    assert one_sentence(err)
    assert "trade" in err


def test_a_refused_order_fails_its_step(sandbox: Sandbox, terminal: Terminal) -> None:
    """An order that the venue has no book for ends the story with exit status 1."""
    sandbox.polysimulator_venue.faults.add(kind="venue_unavailable", operation="Orders_PlaceOrder")
    status, out, err = terminal.run("--json", POLYSPEC_SANDBOX=line_of(sandbox))
    last = json.loads(out.splitlines()[-1])
    assert status == 1
    assert not last["ok"]
    assert last["name"].startswith("Buy them")
    assert one_sentence(err)
    assert err.strip().endswith(last["error"])


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "POLYSPEC_POLYSIMULATOR_API_KEY"),
        ({"POLYSPEC_SANDBOX": "{}"}, "--live"),
        ({"POLYSPEC_POLYSIMULATOR_API_KEY": "eyJa.bbbb.cccc"}, "access_token"),
        ({"POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN": "ps_live_1234"}, "api_key"),
        ({"POLYSIM_API_KEY": "ps_live_1234", "POLYSIM_BASE_URL": "http://example.com"}, "https"),
    ],
)
def test_live_without_what_it_needs(terminal: Terminal, variables: dict[str, str], words: str) -> None:
    """--live that cannot work is one sentence without a secret in it, and exit status 2."""
    status, out, err = terminal.run("--live", **variables)
    assert (status, out) == (2, "")
    assert words in err
    assert one_sentence(err)
    assert "1234" not in err
    assert "bbbb" not in err


def test_a_sandbox_without_the_venue(terminal: Terminal) -> None:
    """A sandbox that serves other venues only is told in one sentence."""
    status, out, err = terminal.run(POLYSPEC_SANDBOX='{"clob":{"rest":"http://127.0.0.1:9"}}')
    assert (status, out) == (2, "")
    assert "PolySimulator" in err
    assert one_sentence(err)


def test_markets_without_a_book(terminal: Terminal) -> None:
    """Where nobody makes a book for any market an order rests, is found, and gives its money back."""
    with Sandbox(venues=["polysimulator"], quiet=True) as silent:
        steps = terminal.told(POLYSPEC_SANDBOX=line_of(silent))
    names = [step["name"] for step in steps]
    assert names[5:8] == [
        "Nobody sells: place an order that waits",
        "Find it among the open orders",
        "Cancel it",
    ]
    assert (fact(steps, "ask"), fact(steps, "status")) == ("none", "PENDING")
    assert (fact(steps, "balance"), fact(steps, "spent")) == ("$10,000.00", "$0.00")


@contextmanager
def served(*options: str) -> Iterator[dict[str, Any]]:
    """Run the sandbox command until the end of the block, where it has to stop in good order."""
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--quiet", "--venues", "polysimulator", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=CLEAN,
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=20)
            assert (process.returncode, rest) == (0, "")
        finally:
            process.kill()


def test_a_sandbox_that_is_started_again(tmp_path: Path) -> None:
    """One line tells all there is to know, over TLS and at the port asked for; keys and orders outlive it."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    options = ("--tls", "--polysimulator-port", str(port), "--db", str(tmp_path / "sandbox.db"))
    with served(*options) as line:
        (venue,) = line.values()
        assert line.keys() == {"polysimulator"}
        assert DOCUMENTED | {"ca"} <= venue.keys()
        assert venue["rest"] == f"https://127.0.0.1:{port}"
        assert venue["ws"] == f"wss://127.0.0.1:{port}/v1/ws"
        assert len(venue["condition_ids"]) == len(set(venue["condition_ids"])) > 1
        with PolySimulatorClient.from_env({"POLYSPEC_SANDBOX": json.dumps(line)}) as client:
            made = client.keys.create("of the first life")
            market = client.markets.get(venue["condition_ids"][0])
            placed = client.orders.place(market, **FAR).unwrap()
            before = client.account.balance().balance
    with served(*options) as line:
        again = line["polysimulator"]
        assert {name: again[name] for name in DOCUMENTED - {"supabase_jwt"}} == {
            name: venue[name] for name in DOCUMENTED - {"supabase_jwt"}
        }
        with PolySimulatorClient.from_env({"POLYSPEC_SANDBOX": json.dumps(line)}) as client:
            client.use_key(made)
            (resting,) = client.orders.open()
            assert (resting.order_id, resting.client_order_id) == (
                placed.order_id.number,
                placed.client_order_id,
            )
            assert client.account.balance().balance == before
            assert client.orders.cancel(placed)


def test_a_venue_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    """A sandbox of a venue that does not exist names those there are, and has exit status 1."""
    assert main(["sandbox", "--venues", "polysimulation"]) == 1
    assert "us, clob, polysimulator" in capsys.readouterr().err
