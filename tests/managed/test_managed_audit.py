"""The audit log only grows, shows if it was changed, and holds no secret."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from polyspec.core.secret import Secret
from polyspec.errors import AuthError, ConfigError, DamagedRecord
from polyspec.managed import AuditLog, Head, verify_audit
from polyspec.vault import CredentialId, CredentialKind
from tests.client.clob.rig import Person, Token
from tests.faults.hands import Hands
from tests.managed.rig import PASSPHRASE, TERMS, Safe, api_id, revoke

ABOUT = CredentialId("default", "alice", "clob", "0x" + "ab" * 20, CredentialKind.CLOB_API)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """Open a log with three entries."""
    log = AuditLog(tmp_path / "private" / "audit.db", actor="tests", wall=lambda: 1_795_000_000.0)
    for number in range(3):
        log.write("rotated", ABOUT, version=number, label="0123abcd", why="it is time")
    return log


def test_entries_are_chained(log: AuditLog) -> None:
    """An export holds who, when, what and why, and verifies as it stands."""
    lines = list(log.export())
    assert verify_audit(lines) == log.verify() == Head(3, json.loads(lines[-1])["digest"])
    entry = json.loads(lines[1])["entry"]
    assert entry["credential"] == list(ABOUT.parts)
    assert (entry["actor"], entry["event"], entry["version"], entry["why"]) == (
        "tests", "rotated", 1, "it is time",
    )  # fmt: skip
    assert list(log.export(after=2)) == lines[2:]
    log.close()


@pytest.mark.parametrize("harm", ["changed", "taken out", "moved", "cut off", "unreadable"])
def test_harm_shows(log: AuditLog, harm: str) -> None:
    """Whatever is done to an export, verifying it against a known end says so."""
    lines, head = list(log.export()), log.verify()
    if harm == "changed":
        lines[1] = lines[1].replace('"version":1', '"version":7')
    elif harm == "taken out":
        del lines[1]
    elif harm == "moved":
        lines[0], lines[1] = lines[1], lines[0]
    elif harm == "cut off":
        del lines[2]
        # on its own, what is left is in order
        assert verify_audit(lines).seq == 2
    else:
        lines[1] = "{"
    with pytest.raises(DamagedRecord):
        verify_audit(lines, head)
    log.close()


def test_the_file_refuses_changes(log: AuditLog, tmp_path: Path) -> None:
    """Entries can be neither changed nor deleted through the database."""
    connection = sqlite3.connect(tmp_path / "private" / "audit.db")
    for words in ("UPDATE audit SET entry = '{}'", "DELETE FROM audit WHERE seq = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            connection.execute(words)
    connection.close()
    log.close()


def test_many_writers_make_one_chain(log: AuditLog, tmp_path: Path) -> None:
    """Threads with connections of their own, as other processes have, never break the chain."""

    def write() -> None:
        own = AuditLog(tmp_path / "private" / "audit.db", actor="another")
        for _ in range(10):
            own.write("adopted", ABOUT)
        own.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert log.verify().seq == 43
    log.close()


def test_a_secret_is_refused(log: AuditLog) -> None:
    """A Secret cannot even be handed in."""
    hidden: Any = Secret("canary")
    with pytest.raises(ConfigError, match="no secret"):
        log.write("rotated", ABOUT, why=hidden)
    log.close()


def test_no_secret_leaks_anywhere(
    hands: Hands, safe: Safe, alice: Person, token: Token, caplog: pytest.LogCaptureFixture
) -> None:
    """Issue, revocation, re-issue, rotation and errors: no log, file, text or repr holds a secret."""
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    secrets = [alice.key, alice.key[2:], PASSPHRASE]

    def remember() -> None:
        stored = safe.vault.get(api_id(alice))
        assert stored is not None
        secrets.extend(each.reveal() for each in stored.secrets.values())

    user.create_and_post_order(**token.known, **TERMS)
    remember()
    revoke(safe.venue, alice)
    user.create_and_post_order(**token.known, **TERMS | {"size": 11})
    remember()
    user.rotate("a test")
    remember()
    safe.venue.clob.faults.add(kind="unauthorized", operation="Orders_GetOpenOrders", times=None)
    with pytest.raises(AuthError) as caught:
        user.get_open_orders(timeout=1)
    safe.venue.clob.faults.clear()
    shown += [str(caught.value), repr(caught.value), repr(user), repr(manager), str(user.standing)]
    shown += [str(manager.standings), *manager.audit.export()]
    plain = getattr(user, "_target", user)
    shown += [repr(each) for each in (plain._keeper, plain._keeper.held, plain.session, plain._keeper.issuer)]
    shown += [record.getMessage() for record in caplog.records]
    files = b"".join(each.read_bytes() for each in safe.folder.iterdir() if each.is_file())
    assert len(set(secrets)) == 9
    for secret in secrets:
        assert secret.encode() not in files
        assert not [text for text in shown if secret in text]
    events = [json.loads(line)["entry"]["event"] for line in manager.audit.export()]
    assert events == ["creating", "created", "creating", "created", "rotating", "rotated"]
    manager.audit.verify()
