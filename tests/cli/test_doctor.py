"""``polyspec doctor`` as a person, a pipe and a script meet it."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from polyspec import Sandbox
from polyspec.cli import main
from tests.cli.test_cli import one_sentence, polyspec


@pytest.fixture(scope="module")
def line() -> Iterator[str]:
    """Run a sandbox, and return the line that finds it."""
    with Sandbox(quiet=True) as sandbox:
        yield json.dumps(sandbox.describe())


def test_a_sandbox_that_is_well(line: str) -> None:
    """All venues of a sandbox are looked at, one plain line a finding, and the status is 0."""
    done = polyspec("doctor", POLYSPEC_SANDBOX=line)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    rows = [row.split(maxsplit=3) for row in done.stdout.splitlines()]
    assert {row[0] for row in rows} <= {"ok", "info"}
    assert {row[1] for row in rows} == {"us", "clob", "polysimulator"}
    assert all(row[2].endswith(":") for row in rows)
    assert "\x1b" not in done.stdout
    for told in json.loads(line).values():
        secrets = [told.get("api_key"), told.get("supabase_jwt"), *told.get("private_keys", [])]
        assert not any(secret.removeprefix("0x") in done.stdout for secret in secrets if secret)


def test_findings_as_json(line: str) -> None:
    """With --json every line is an object; a market that was named is looked at."""
    token = json.loads(line)["clob"]["token_ids"][0]
    done = polyspec("doctor", "--venue", "clob", "--json", "--market", token, POLYSPEC_SANDBOX=line)
    found = [json.loads(row) for row in done.stdout.splitlines()]
    assert done.returncode == 0
    assert all(
        each.keys() == {"venue", "check", "code", "severity", "what", "fix", "facts"} for each in found
    )
    [market] = [each for each in found if each["code"] == "market.ok"]
    assert market["facts"]["token_id"] == token


def test_exit_statuses(line: str) -> None:
    """Warnings end with 1, errors with 2, findings included; nobody's venue is used wrongly."""
    told = json.loads(line)
    told["polysimulator"]["api_key"] = told["polysimulator"]["read_only_api_key"]
    reads = polyspec("doctor", "--venue", "polysimulator", POLYSPEC_SANDBOX=json.dumps(told))
    assert reads.returncode == 1, reads.stdout
    assert "key.read_only" in reads.stdout
    told["polysimulator"]["api_key"] = "ps_live_nobody"
    refused = polyspec("doctor", "--venue", "polysimulator", POLYSPEC_SANDBOX=json.dumps(told))
    assert refused.returncode == 2
    assert "key.unknown" in refused.stdout
    assert refused.stderr == ""
    [skipped] = [row for row in refused.stdout.splitlines() if "check.skipped" in row]
    assert "rotation, balance, orders" in skipped
    assert "ps_live_nobody" not in refused.stdout


def test_without_live_no_venue_is_asked() -> None:
    """What the environment says is read, the venue is not asked, and that is said."""
    done = polyspec("doctor", POLYSIM_API_KEY="ps_live_x", POLYSPEC_POLYSIMULATOR_API_KY="x")
    assert done.returncode == 1
    assert [row.split()[2] for row in done.stdout.splitlines()] == [
        "env.unknown:",
        "settings.ok:",
        "check.offline:",
    ]


def test_live_asks_the_venue_that_is_named(line: str) -> None:
    """With --live the host of the environment is asked, and what was not asked before is found."""
    clob = json.loads(line)["clob"]
    variables = {"POLYSPEC_CLOB_HOST": clob["rest"], "POLYSPEC_CLOB_PRIVATE_KEY": clob["private_keys"][1]}
    before = polyspec("doctor", **variables)
    assert "check.offline" in before.stdout
    assert "protocol.ok" not in before.stdout
    done = polyspec("doctor", "--live", "--venue", "clob", **variables)
    assert done.returncode == 0, done.stdout
    assert "protocol.ok" in done.stdout
    assert "check.offline" not in done.stdout
    assert clob["private_keys"][1].removeprefix("0x") not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        ((), {}, "speaks of no venue"),
        (("--live", "--venue", "clob"), {"POLYSPEC_SANDBOX": "{}"}, "unset one of the two"),
        ((), {"POLYSPEC_SANDBX": "{}"}, "POLYSPEC_SANDBX"),
        ((), {"POLYSPEC_VAULT": "vault.db"}, "for_user(...).doctor()"),
        (("--market", "x"), {}, "--venue"),
        (("--market", "x", "--venue", "us", "--venue", "clob"), {}, "one --venue"),
        (("--venue", "clob", "--timeout", "1e300"), {}, "--timeout"),
        (("--venue", "clob", "--timeout", "nan"), {}, "--timeout"),
        (("--venue", "clob", "--timeout", "0"), {}, "--timeout"),
    ],
)
def test_used_wrongly(
    arguments: tuple[str, ...],
    variables: dict[str, str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What cannot be meant is one sentence, with status 2."""
    surround(monkeypatch, variables)
    # in this process: five more would cost seconds
    assert main(["doctor", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err
    assert one_sentence(told.err)


def surround(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Have these variables of ours, and no others."""
    for name in [name for name in os.environ if name.startswith(("POLYSPEC_", "POLYSIM_"))]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_venues_that_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Several venues may be named, each is looked at once, and what is wrong with one hides no other."""
    surround(monkeypatch, {})
    assert main(["doctor", "--json", "--venue", "us", "--venue", "clob", "--venue", "us"]) == 2
    found = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [each["venue"] for each in found if each["code"].startswith("env.")] == ["us", "clob"]


@pytest.mark.parametrize("as_json", [True, False])
def test_an_output_that_has_no_such_letters(
    as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that the terminal or the file system cannot write are told all the same, as JSON if asked."""
    place = tmp_path / os.fsdecode("schlüssel".encode() + b"\xff.pem")
    surround(
        monkeypatch,
        {
            "POLYSPEC_US_ENVIRONMENT": "preprod",
            "POLYSPEC_US_CLIENT_ID": "me",
            "POLYSPEC_US_PRIVATE_KEY_PATH": str(place),
        },
    )
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["doctor", *(["--json"] if as_json else [])]) == 2
    out.flush()
    rows = out.buffer.getvalue().decode("ascii").splitlines()  # type: ignore[attr-defined]
    [told] = [row for row in rows if "key_file.missing" in row]
    assert "schl" in (json.loads(told)["what"] if as_json else told)


def test_without_an_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who closed the output gets the exit status."""
    surround(monkeypatch, {})
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["doctor", "--venue", "us"]) == 2
