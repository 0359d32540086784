"""The command as a person, a pipe and a script meet it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from polyspec import Sandbox

COMMAND = [sys.executable, "-m", "polyspec.cli"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("POLYSPEC_")}


def polyspec(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an environment of its own."""
    return subprocess.run(
        [*COMMAND, *arguments], check=False, capture_output=True, text=True, timeout=60, env=CLEAN | variables
    )


def one_sentence(text: str) -> bool:
    """Tell whether an error is a sentence and no traceback."""
    return text.startswith("polyspec: ") and len(text.splitlines()) == 1 and "Traceback" not in text


def test_quickstart_in_a_pipe_prints_plain_numbered_lines() -> None:
    """Piped output has one line a step, no colours, and exit status 0 when all went well."""
    done = polyspec("quickstart", "--venue", "us")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(".")[0].strip() for line in lines] == [str(n) for n in range(1, 11)]
    assert all(" ok " in line for line in lines)
    assert "\x1b" not in done.stdout


def test_quickstart_as_json_prints_one_object_a_step() -> None:
    """With --json every line is an object that says which step it was and that it went well."""
    done = polyspec("quickstart", "--venue", "us", "--json")
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert all(step["ok"] for step in steps)
    assert steps[-1]["state"] == "CANCELED"


def test_quickstart_tells_every_story() -> None:
    """Without a venue named, all of them are told, one after the other."""
    done = polyspec("quickstart", "--json")
    assert done.returncode == 0, done.stderr
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert names.count("Cancel it") == 2
    assert names[-1] == "Revoke the bot's key"
    assert "Derive API credentials with the wallet key" in names
    assert "Get an access token with a private-key JWT" in names


def test_quickstart_really_trades_on_the_clob_it_is_pointed_at() -> None:
    """With POLYSPEC_SANDBOX the order is known to that sandbox, cancelled."""
    with Sandbox(quiet=True) as sandbox:
        told = polyspec(
            "quickstart", "--venue", "clob", "--json", POLYSPEC_SANDBOX=json.dumps(sandbox.describe())
        )
        assert told.returncode == 0, told.stderr
        steps = [json.loads(line) for line in told.stdout.splitlines()]
        order_id = next(step["order_id"] for step in steps if "order_id" in step)
        with sandbox.clob() as client:
            assert client.get_order(order_id).status.name == "CANCELED"


def test_a_book_is_readable() -> None:
    """The book of a token is shown with the best prices next to each other, and as JSON on request."""
    with Sandbox(quiet=True) as sandbox, sandbox.clob() as client:
        line = json.dumps(sandbox.describe())
        token = json.loads(line)["clob"]["token_ids"][0]
        client.create_and_post_order(token_id=token, price="0.4", size="10", side="BUY").unwrap()
        shown = polyspec("clob", "book", token, POLYSPEC_SANDBOX=line)
        assert shown.returncode == 0, shown.stderr
        rows = shown.stdout.splitlines()
        assert rows[-2].split() == ["0.4", "10", "4.00", "bid"]
        assert "no asks" in rows[3]
        raw = polyspec("clob", "book", token, "--json", POLYSPEC_SANDBOX=line)
        assert json.loads(raw.stdout)["bids"] == [{"price": "0.4", "size": "10"}]


@pytest.mark.parametrize("token", ["123456", "0xabc", "", "-1", "1e5"])
def test_a_book_of_nothing_is_one_sentence(token: str) -> None:
    """A token that is none, or of no market, is told in one sentence."""
    with Sandbox(quiet=True) as sandbox:
        done = polyspec("clob", "book", "--", token, POLYSPEC_SANDBOX=json.dumps(sandbox.describe()))
    assert done.returncode in (1, 2)
    assert one_sentence(done.stderr)


def test_quickstart_really_trades_on_the_sandbox_it_is_pointed_at() -> None:
    """With POLYSPEC_SANDBOX the order is in that sandbox's engine, cancelled."""
    with Sandbox(quiet=True) as sandbox:
        done = polyspec("quickstart", "--json", POLYSPEC_SANDBOX=json.dumps(sandbox.describe()))
        assert done.returncode == 0, done.stderr
        placed = next(step for line in done.stdout.splitlines() if "order_id" in (step := json.loads(line)))
        order = sandbox.exchange.order(placed["order_id"])
        assert order is not None
        assert order.client_order_id == placed["clord_id"]
        assert order.state.name == "CANCELED"


def test_a_failed_step_is_shown_and_told_in_one_sentence() -> None:
    """When the venue refuses, the step says so, stderr has one sentence, and the exit status is 1."""
    with Sandbox(quiet=True) as sandbox:
        sandbox.faults.add(
            kind="status", operation="OrderEntryAPI_InsertOrder", status=403, message="not today"
        )
        done = polyspec("quickstart", POLYSPEC_SANDBOX=json.dumps(sandbox.describe()))
    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert "not today" in done.stderr
    assert one_sentence(done.stderr)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "POLYSPEC_US_CLIENT_ID"),
        ({"POLYSPEC_SANDBOX": "{}"}, "--live"),
        (
            {
                "POLYSPEC_US_ENVIRONMENT": "prod",
                "POLYSPEC_US_CLIENT_ID": "me",
                "POLYSPEC_US_PRIVATE_KEY_PATH": "/nowhere/key.pem",
            },
            "/nowhere/key.pem",
        ),
    ],
)
def test_live_without_what_it_needs_says_what_is_missing(variables: dict[str, str], words: str) -> None:
    """--live that cannot work is refused before anything is sent, with exit status 2."""
    done = polyspec("quickstart", "--venue", "us", "--live", **variables)
    assert done.returncode == 2
    assert words in done.stderr
    assert one_sentence(done.stderr)


def test_broken_sandbox_line_is_one_sentence() -> None:
    """Nonsense in POLYSPEC_SANDBOX is named, not traced."""
    done = polyspec("quickstart", POLYSPEC_SANDBOX="{nonsense")
    assert done.returncode == 2
    assert "POLYSPEC_SANDBOX" in done.stderr
    assert one_sentence(done.stderr)


def test_a_dead_sandbox_is_one_sentence() -> None:
    """A sandbox that is gone is a refused connection, told in one sentence."""
    with Sandbox(quiet=True) as sandbox:
        line = json.dumps(sandbox.describe())
        key = Path(sandbox.us.private_key_path).read_text()
    replaced = json.loads(line)
    with Sandbox(quiet=True) as keeper:
        # the key file went with the sandbox; any key will do to find nobody there
        replaced["us_exchange"]["private_key_path"] = keeper.us.private_key_path
        done = polyspec("quickstart", "--venue", "us", POLYSPEC_SANDBOX=json.dumps(replaced))
    assert key
    assert done.returncode == 1
    assert "connection" in done.stderr
    assert one_sentence(done.stderr)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sandbox_prints_one_line_of_json_and_stops_in_good_order(number: signal.Signals) -> None:
    """The sandbox command says where it is in one line of stdout and exits 0 on SIGTERM and SIGINT."""
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=CLEAN
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    venues = json.loads(line)
    us, simulated = venues["us_exchange"], venues["polysimulator"]
    assert venues.keys() == {"us_exchange", "clob", "polysimulator"}
    names = {"rest", "ws", "api_key", "read_only_api_key", "supabase_jwt", "condition_ids"}
    assert names <= simulated.keys()
    names = {"rest", "token_url", "audience", "client_id", "private_key_path", "participant_id", "symbols"}
    assert names <= us.keys()
    assert us["symbols"][0] == "tec-nfl-sbw-2026-02-08-kc"
    done = polyspec("quickstart", POLYSPEC_SANDBOX=line)
    assert done.returncode == 0, done.stderr
    process.send_signal(number)
    rest, _ = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")
    assert not Path(us["private_key_path"]).exists()


def test_a_missing_library_names_its_extra() -> None:
    """Where an extra is not installed, the command says which one to install."""
    hide = (
        "import sys; sys.modules['starlette'] = None; "
        "from polyspec.cli import main; sys.exit(main(['quickstart']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide], check=False, capture_output=True, text=True, timeout=60, env=CLEAN
    )
    assert done.returncode == 2
    assert "pip install 'polyspec[sandbox]'" in done.stderr
    assert one_sentence(done.stderr)


def test_version_is_told() -> None:
    """--version names the installed version."""
    assert re.fullmatch(r"polyspec \d+\.\d+\.\d+\n", polyspec("--version").stdout)


def test_unknown_command_is_wrong_use() -> None:
    """An unknown command exits with 2 and lists the known ones."""
    done = polyspec("dance")
    assert done.returncode == 2
    assert "quickstart" in done.stderr
