from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from polyspec.sandbox.engine import Exchange, Journal, JournaledExchange, JournalError
from polyspec.sandbox.engine import types as t
from tests.sandbox.engine import crash_child
from tests.sandbox.engine.flow import Flow
from tests.sandbox.oracle import Oracle

ROOT = Path(__file__).parents[3]


def commands(count: int, seed: int = 1) -> list[tuple[t.Command, int]]:
    """Return the first commands of a random flow with their times."""
    return list(islice(crash_child.stream(Oracle(), Flow(seed)), count))


def in_memory(steps: list[tuple[t.Command, int]]) -> Exchange:
    """Apply commands to a fresh exchange."""
    exchange = Exchange()
    for command, now in steps:
        exchange.apply(command, now)
    return exchange


def test_reopening_gives_the_same_state(tmp_path: Path):
    """Replaying the journal ends in the bit-identical state, and goes on from there."""
    path, steps = tmp_path / "j.db", commands(400)
    with JournaledExchange.open(path) as durable:
        for command, now in steps[:200]:
            durable.apply(command, now)
        durable.apply_batch(steps[200:300])
        digest = durable.exchange.state_hash()
    with JournaledExchange.open(path) as durable:
        assert durable.exchange.state_hash() == digest
        for command, now in steps[300:]:
            durable.apply(command, now)
        assert durable.exchange.state_hash() == in_memory(steps).state_hash()
        durable.exchange.audit()


def test_the_state_hash_notices_a_difference():
    """One command more, less or other gives another hash."""
    steps = commands(300)
    hashes = {in_memory(steps[:n]).state_hash() for n in (298, 299, 300)}
    other = [*steps[:-1], (t.Deposit(account="ann", amount=1), steps[-1][1])]
    assert len(hashes | {in_memory(other).state_hash()}) == 4


def test_the_state_does_not_depend_on_the_process():
    """Other processes with other hash seeds reach the same hash."""
    code = (
        "from tests.sandbox.engine.test_engine_journal import commands, in_memory;"
        "print(in_memory(commands(600)).state_hash())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert hashes == {in_memory(commands(600)).state_hash() + "\n"}


def test_side_records_survive_in_order(tmp_path: Path):
    """Records of other kinds are kept beside the commands and are not commands."""
    path = tmp_path / "j.db"
    with JournaledExchange.open(path) as durable:
        durable.append_record("kyc", b"1")
        durable.apply(t.OpenAccount(account="a"), 1)
        durable.append_record("rfq", b"x")
        durable.append_record("kyc", b"\x00\xff")
        with pytest.raises(ValueError, match="kind of commands"):
            durable.append_record("command", b"")
    with JournaledExchange.open(path) as durable:
        assert durable.records("kyc") == [b"1", b"\x00\xff"]
        assert durable.records("rfq") == [b"x"]
        assert "a" in durable.exchange.accounts()


def test_commands_and_their_records_are_committed_together(tmp_path: Path):
    """Both are there after one commit; if one cannot be written, neither is, and nothing was applied."""
    path = tmp_path / "j.db"
    with JournaledExchange.open(path) as durable:
        durable.apply_batch([(t.OpenAccount(account="a"), 1)], [("note", b"a is open")])
        durable.append_records([("note", b"2"), ("other", b"3")])
        with pytest.raises(ValueError, match="kind of commands"):
            durable.apply_batch([(t.OpenAccount(account="b"), 2)], [("note", b"4"), ("command", b"")])
        assert "b" not in durable.exchange.accounts()
    with JournaledExchange.open(path) as durable:
        assert "a" in durable.exchange.accounts()
        assert "b" not in durable.exchange.accounts()
        assert (durable.records("note"), durable.records("other")) == ([b"a is open", b"2"], [b"3"])


def test_memory_is_the_default():
    """Without a path nothing touches the disk."""
    with JournaledExchange.open() as durable:
        durable.apply(t.OpenAccount(account="a"), 1)
        assert [type(command) for command, _ in durable.journal.commands()] == [t.OpenAccount]


def test_the_file_is_durable_and_ours_alone(tmp_path: Path):
    """Write-ahead log, full synchronisation, and no second user."""
    path = tmp_path / "j.db"
    with JournaledExchange.open(path) as durable:
        connection = durable.journal._connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        durable.apply(t.OpenAccount(account="a"), 1)
        with pytest.raises(JournalError, match="in use by another process"):
            JournaledExchange.open(path)


def test_foreign_files_are_refused_untouched(tmp_path: Path):
    """Neither another program's database nor a text file is opened or changed."""
    other, text = tmp_path / "other.db", tmp_path / "text.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    text.write_bytes(b"not a database, but long enough to look at " * 100)
    before = other.read_bytes(), text.read_bytes()
    for path in (other, text):
        with pytest.raises(JournalError, match="not a journal of an exchange"):
            JournaledExchange.open(path)
    assert (other.read_bytes(), text.read_bytes()) == before
    with pytest.raises(JournalError):
        JournaledExchange.open(tmp_path / "missing" / "j.db")


def test_newer_files_are_refused(tmp_path: Path):
    """A file of a later format is left alone with a clear message."""
    path = tmp_path / "j.db"
    JournaledExchange.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="written by a newer version"):
        JournaledExchange.open(path)


def test_a_row_that_is_no_command_is_refused(tmp_path: Path):
    """A damaged payload names its row instead of being skipped."""
    path = tmp_path / "j.db"
    with JournaledExchange.open(path) as durable:
        durable.apply(t.OpenAccount(account="a"), 1)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE journal SET payload = '{}'")
    connection.close()
    with pytest.raises(JournalError, match="row 1 is not a command"):
        JournaledExchange.open(path)


def test_a_full_disk_refuses_before_anything_happens(tmp_path: Path):
    """What cannot be written is not carried out, whole batches included; reopening agrees."""
    path = tmp_path / "j.db"
    with JournaledExchange.open(path) as durable:
        durable.apply(t.OpenAccount(account="a"), 1)
        pages = durable.journal._connection.execute("PRAGMA page_count").fetchone()[0]
        durable.journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        digest = durable.exchange.state_hash()
        big = t.Deposit(account="a", amount=1, description="x" * 10_000)
        with pytest.raises(JournalError, match="the disk is full"):
            durable.apply(big, 2)
        with pytest.raises(JournalError, match="the disk is full"):
            durable.apply_batch([(t.Deposit(account="a", amount=1), 2), (big, 3)])
        assert durable.exchange.state_hash() == digest
    with JournaledExchange.open(path) as durable:
        assert durable.exchange.state_hash() == digest
        durable.apply(big, 2)


def run_and_kill(path: Path, seed: int, delay: float) -> int:
    """Run the child, kill it without warning some time after its first ack; returns the last ack."""
    child = subprocess.Popen(
        [sys.executable, "-m", crash_child.__name__, str(path), str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.stdout.close()
    child.wait()
    acknowledged = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return int(acknowledged[-1])


def recovered(path: Path, acknowledged: int, seed: int) -> int:
    """Reopen a journal and require every acknowledged command, in order, and its state."""
    with JournaledExchange.open(path) as durable:
        survived = list(durable.journal.commands())
        assert durable.journal._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert acknowledged <= len(survived) <= acknowledged + 1
        assert survived == commands(len(survived), seed)
        durable.exchange.audit()
        assert durable.exchange.state_hash() == in_memory(survived).state_hash()
        return len(survived)


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path):
    """Ten kills at random moments lose no acknowledged command and invent at most the one in flight."""
    path, moments = tmp_path / "j.db", random.Random(9)
    total = 0
    for _ in range(10):
        acknowledged = run_and_kill(path, 3, moments.uniform(0.0, 0.15))
        survived = recovered(path, acknowledged, 3)
        assert survived > total
        total = survived


def test_an_acknowledgement_before_the_commit_would_be_noticed(tmp_path: Path):
    """The check above fails for a journal that lost its last acknowledged row."""
    path = tmp_path / "j.db"
    acknowledged = run_and_kill(path, 3, 0.05)
    recovered(path, acknowledged, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM journal WHERE sequence >= ?", (acknowledged,))
    connection.close()
    with pytest.raises(AssertionError):
        recovered(path, acknowledged, 3)


def test_appending_alone_does_not_apply(tmp_path: Path):
    """A journal can be written and read without an exchange."""
    journal = Journal(tmp_path / "j.db")
    journal.append(t.OpenAccount(account="a"), 7)
    assert list(journal.commands()) == [(t.OpenAccount(account="a"), 7)]
    journal.close()
    journal.close()


def test_other_users_cannot_read_it(tmp_path: Path) -> None:
    """The file, and what SQLite puts beside it, is for its owner only: customers' data is in it."""
    with closing(Journal(tmp_path / "exchange.db")) as journal:
        journal.append_record("kyc", b"{}")
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert modes
    assert not any(modes.values()), modes
