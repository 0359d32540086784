"""The journal: replay gives the same state, and kill -9 loses nothing that was acknowledged."""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
import signal
import sqlite3
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import get_args

import pytest

from polyspec.sandbox.clob.engine import ClobExchange, ClobJournal, JournaledClob, JournalError
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.engine import JournaledExchange
from tests.sandbox.clob.engine import crash_child
from tests.sandbox.clob.engine.flow import Flow
from tests.sandbox.clob.engine.oracle_world import World

ROOT = Path(__file__).parents[4]


def commands(count: int, seed: int = 1) -> list[tuple[t.Command, int]]:
    """Return the first commands of a random flow with their times."""
    return list(islice(crash_child.stream(World(), Flow(seed)), count))


def in_memory(steps: list[tuple[t.Command, int]]) -> ClobExchange:
    """Apply commands to a fresh CLOB."""
    exchange = ClobExchange()
    for command, now in steps:
        exchange.apply(command, now)
    return exchange


def test_reopening_gives_the_same_state(tmp_path: Path):
    """Replaying the journal ends in the bit-identical state, and goes on from there."""
    path, steps = tmp_path / "j.db", commands(600)
    with JournaledClob.open(path) as durable:
        for command, now in steps[:200]:
            durable.apply(command, now)
        durable.apply_batch(steps[200:400])
        digest = durable.exchange.state_hash()
    with JournaledClob.open(path) as durable:
        assert durable.exchange.state_hash() == digest
        assert list(durable.journal.commands()) == steps[:400]
        for command, now in steps[400:]:
            durable.apply(command, now)
        assert durable.exchange.state_hash() == in_memory(steps).state_hash()
        durable.exchange.audit()


def test_the_state_hash_notices_a_difference():
    """One command more, less or other gives another hash."""
    steps = commands(300)
    hashes = {in_memory(steps[:n]).state_hash() for n in (298, 299, 300)}
    other = [*steps[:-1], (t.Deposit(wallet="ann", amount=1), steps[-1][1])]
    assert len(hashes | {in_memory(other).state_hash()}) == 4


def test_the_state_does_not_depend_on_the_process():
    """Other processes with other hash seeds reach the same hash."""
    code = (
        "from tests.sandbox.clob.engine.test_clob_engine_journal import commands, in_memory;"
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
        for seed in ("0", "4242")
    }
    assert hashes == {in_memory(commands(600)).state_hash() + "\n"}


def test_commands_and_their_records_are_committed_together(tmp_path: Path):
    """Both are there after one commit; if one cannot be written, neither is, and nothing was applied."""
    path = tmp_path / "j.db"
    with JournaledClob.open(path) as durable:
        durable.apply_batch([(t.Deposit(wallet="a", amount=1), 1)], [("key", b"a")])
        durable.append_record("key", b"b")
        with pytest.raises(ValueError, match="kind of commands"):
            durable.apply_batch([(t.Deposit(wallet="a", amount=1), 2)], [("command", b"")])
        assert durable.exchange.holding("a").balance == 1
    with JournaledClob.open(path) as durable:
        assert durable.exchange.holding("a").balance == 1
        assert durable.records("key") == [b"a", b"b"]


def test_amounts_of_256_bits_survive(tmp_path: Path):
    """Whatever fits the chain fits the journal; an order nobody can pay for is refused as always."""
    path, huge = tmp_path / "j.db", 2**256 - 1
    order = t.PlaceOrder(
        order_id="o",
        owner="k",
        wallet="a",
        token_id="1",
        side=t.Side.BUY,
        maker_amount=huge // 2,
        taker_amount=huge // 2 * 2,
        type=t.OrderType.FAK,
    )
    market = t.AddMarket(market=t.MarketTerms(condition_id="m", token_ids=("1", "2")))
    allow = t.SetAllowance(wallet="a", spender="exchange", amount=huge)
    with JournaledClob.open(path) as durable:
        durable.apply_batch([(market, 1), (allow, 1), (t.Deposit(wallet="a", amount=huge), 1)])
        rejected = durable.exchange.placed(durable.apply(order, 2), "o")
        assert isinstance(rejected, t.OrderRejected)
        digest = durable.exchange.state_hash()
    with JournaledClob.open(path) as durable:
        assert durable.exchange.holding("a").balance == durable.exchange.allowance("a", "exchange") == huge
        assert durable.exchange.state_hash() == digest


def test_every_command_survives_the_journal(tmp_path: Path):
    """A flow that uses every command there is reads back as it was written."""
    steps = commands(4_000, seed=4)
    journal = ClobJournal(tmp_path / "j.db")
    journal.append_batch(steps)
    assert list(journal.commands()) == steps
    journal.close()
    assert {type(command) for command, _ in steps} == set(get_args(t.Command))


def test_other_venues_keep_their_own_files(tmp_path: Path):
    """The journal of one exchange is not taken for that of another, either way."""
    clob, other = tmp_path / "clob.db", tmp_path / "us.db"
    JournaledClob.open(clob).close()
    JournaledExchange.open(other).close()
    with pytest.raises(JournalError, match="not a journal of an exchange"):
        JournaledClob.open(other)
    with pytest.raises(JournalError, match="not a journal of an exchange"):
        JournaledExchange.open(clob)


def test_a_row_that_is_no_command_is_refused(tmp_path: Path):
    """A damaged payload names its row, and the file is given back."""
    path = tmp_path / "j.db"
    with JournaledClob.open(path) as durable:
        durable.apply(t.Deposit(wallet="a", amount=1), 1)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE journal SET payload = '{}'")
    connection.close()
    for _ in range(2):
        with pytest.raises(JournalError, match="row 1 is not a command"):
            JournaledClob.open(path)


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
    with JournaledClob.open(path) as durable:
        survived = list(durable.journal.commands())
        assert acknowledged <= len(survived) <= acknowledged + 1
        assert survived == commands(len(survived), seed)
        durable.exchange.audit()
        assert durable.exchange.state_hash() == in_memory(survived).state_hash()
        return len(survived)


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path):
    """Kills at random moments lose no acknowledged command and invent at most the one in flight."""
    path, moments = tmp_path / "j.db", random.Random(9)
    total = 0
    for _ in range(6):
        acknowledged = run_and_kill(path, 3, moments.uniform(0.0, 0.15))
        survived = recovered(path, acknowledged, 3)
        assert survived > total
        total = survived


def test_a_lost_acknowledgement_would_be_noticed(tmp_path: Path):
    """The check above fails for a journal that lost its last acknowledged row."""
    path = tmp_path / "j.db"
    acknowledged = run_and_kill(path, 3, 0.05)
    recovered(path, acknowledged, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM journal WHERE sequence >= ?", (acknowledged,))
    connection.close()
    with pytest.raises(AssertionError):
        recovered(path, acknowledged, 3)
