"""``polyspec vault rotate`` against a sandbox, and what whoever watches learns of it and of an order."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from polyspec import Sandbox
from polyspec.cli import main
from polyspec.clob.config import ClobSettings
from polyspec.core.happenings import CredentialMoved, Event, LadderEnded, OrderFate, RequestEnded
from polyspec.io.options import HttpOptions
from polyspec.managed import ManagedClobClient, ManagedSettings
from polyspec.telemetry import observe
from polyspec.vault import KeyFileKeys, SqliteRecords, Vault
from tests.cli.terminal import CLEAN


def test_rotation_an_order_and_a_ladder_are_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wallet put in by command gets a key, another by rotating, a third when it is revoked; all is told."""
    for name in os.environ.keys() - CLEAN.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    told: list[Event] = []
    end = observe(told.append)
    try:
        with Sandbox(venues=("clob",)) as sandbox:
            line = sandbox.describe()
            place, key = line["clob"], line["clob"]["private_keys"][0]
            monkeypatch.setenv("POLYSPEC_SANDBOX", json.dumps(line))
            monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"private_key": key})))
            assert main(["vault", "init"]) == 0
            add = ["vault", "add", "clob_wallet", "--user", "alice", "--environment", "sandbox", "--stdin"]
            assert main(add) == 0
            capsys.readouterr()
            assert main(["vault", "rotate", "--venue", "clob", "--user", "alice", "--json"]) == 0
            standing = json.loads(capsys.readouterr().out)
            assert (standing["state"], standing["version"]) == ("active", 2)
            moves = [(each.before, each.state) for each in told if isinstance(each, CredentialMoved)]
            assert ("rotating", "settling") in moves

            vault = Vault(SqliteRecords("~/.polyspec/vault.db"), KeyFileKeys("~/.polyspec-key/vault.key"))
            quick = ManagedSettings(pauses=(0.01, 0.02), settling_pauses=(0.02,), settling=0.1)
            settings = ClobSettings(http=HttpOptions(verify=place.get("ca") or True))
            with (
                vault,
                ManagedClobClient(
                    vault,
                    place["rest"],
                    place["chain_id"],
                    folder=tmp_path / "m",
                    settings=settings,
                    managing=quick,
                ) as managed,
            ):
                alice = managed.for_user("alice")
                token = next(each for each in place["token_ids"])
                alice.create_and_post_order(token_id=token, side="BUY", price="0.01", size=10).unwrap()
                world = sandbox.clob_venue.world
                with world.lock:
                    assert alice.account is not None
                    world.keys.revoke(str(alice.account.maker).lower())
                alice.get_open_orders()
    finally:
        end()
    (fate,) = [each for each in told if isinstance(each, OrderFate)]
    assert (fate.venue, fate.fate, fate.by) == ("clob", "accepted", "place")
    assert fate.order_id
    (ladder,) = [each for each in told if isinstance(each, LadderEnded)]
    assert (ladder.outcome, ladder.error) == ("replaced", None)
    assert "alice" in ladder.credential
    refused = [each for each in told if isinstance(each, RequestEnded) and each.status == 401]
    assert refused
    assert key not in repr(told)
