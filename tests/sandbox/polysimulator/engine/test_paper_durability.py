"""What was answered survives; what was not happens wholly or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from polyspec.sandbox.engine.journal import JournalError
from polyspec.sandbox.polysimulator.engine import Idem, PaperJournal, Trade
from tests.sandbox.polysimulator.engine.paper import DOLLAR, Desk, image, market

ROOT = Path(__file__).parents[4]


def busy(path: Path) -> Desk:
    """Return a desk that has one of everything."""
    desk = Desk(path)
    desk.exchange.open_user(2, "free", desk.now)
    desk.feed.list(market(2))
    desk.show("0.48x100", "0.50x30")
    desk.show("0.48x100", "0.50x30", condition_id="m2")
    desk.market("BUY", "0.50", "20", idem=Idem(key="k", body_hash="h"))
    desk.market("BUY", "0.50", "20", market_id="m2")
    desk.place("BUY", "0.50", "50")
    desk.place("SELL", "0.60", "5")
    desk.place("BUY", "0.40", "5", user=2)
    desk.exchange.beat(1, 5_000, desk.now, label="bot")
    desk.feed.list(market(2, status="resolved", payouts=(DOLLAR, 0)))
    desk.wait(1)
    desk.exchange.create_wallet(1, desk.now, label="own")
    return desk


def test_reopening_restores_everything(tmp_path: Path):
    """Tables, lists, numbers, depth used up, heartbeats and points are as they were."""
    desk = busy(tmp_path / "paper.db")
    before, points = desk.image(), desk.exchange._core.state.points
    latest = desk.exchange.latest_ns
    desk.reopen()
    assert desk.image() == before
    assert desk.exchange._core.state.points == points
    assert desk.exchange.latest_ns == latest == desk.now
    desk.exchange.audit()
    # 20 of the 30 on offer went to the limit order before
    assert desk.place("BUY", "0.50", "20").filled == 0
    desk.wait(10)
    assert desk.exchange.order(1, 1, "pending").cancelled_reason == "heartbeat_expired"


def test_a_commit_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """When the disk refuses, the answer is an error and the world is as before, for every kind of change."""
    desk = busy(tmp_path / "paper.db")
    before, heard = desk.image(), list[Trade]()
    desk.exchange.listeners.append(heard.append)

    def full(_records: object) -> None:
        raise JournalError("the disk is full")

    monkeypatch.setattr(desk.journal, "append_records", full)
    attempts = [
        lambda: desk.market("BUY", "0.62", "5", idem=Idem(key="other", body_hash="h")),
        lambda: desk.exchange.cancel(1, 1, desk.now),
        lambda: desk.exchange.cancel_all(1, desk.now),
        lambda: desk.exchange.reset_wallet(1, desk.now),
        lambda: desk.exchange.beat(1, 1_000, desk.now),
        lambda: desk.exchange.create_wallet(1, desk.now),
        lambda: desk.exchange.settle(desk.now),
        lambda: desk.exchange.expire(desk.now + 10**12),
        lambda: desk.exchange.match_resting(desk.now),
    ]
    desk.show("0.60x100", "0.62x100")
    desk.feed.list(market(2, status="open"))
    failures = 0
    for attempt in attempts:
        try:
            attempt()
        except JournalError:
            failures += 1
        assert image(desk.exchange) == before
    # nothing was left to settle; everything else had something to write
    assert failures == len(attempts) - 1
    assert heard == []
    monkeypatch.undo()
    assert desk.market("BUY", "0.62", "5", idem=Idem(key="other", body_hash="h")).status == "FILLED"


def test_a_change_is_one_commit(monkeypatch: pytest.MonkeyPatch):
    """An order, its fill and the answer to its key are written together, as is a pass over what rests."""
    desk = Desk()
    desk.show("0.48x100", "0.50x30")
    commits: list[set[str]] = []
    append = desk.journal.append_records

    def counted(records: list[tuple[str, bytes]]) -> None:
        commits.append({kind for kind, _ in records})
        append(records)

    monkeypatch.setattr(desk.journal, "append_records", counted)
    desk.place("BUY", "0.50", "50", idem=Idem(key="k", body_hash="h"))
    kinds = "counters depletion idempotent order position trade user wallet"
    assert commits == [{f"paper-{kind}" for kind in kinds.split()}]
    desk.place("BUY", "0.45", "50")
    desk.show("0.40x100", "0.42x300")
    assert len(desk.exchange.match_resting(desk.now)) == 2
    assert len(commits) == 3
    desk.exchange.match_resting(desk.now)
    assert len(commits) == 3


def test_executions_are_told_after_the_commit():
    """A listener sees the execution in the tables already."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    seen: list[bool] = []
    desk.exchange.listeners.append(
        lambda trade: seen.append(desk.exchange.order(1, trade.id, "filled").status == "FILLED")
    )
    desk.market("BUY", "0.50", "20")
    assert seen == [True]


def test_a_journal_of_another_venue_is_not_opened(tmp_path: Path):
    """Files are marked with whose they are."""
    Desk(tmp_path / "paper.db").journal.close()
    from polyspec.sandbox.engine import JournaledExchange

    with pytest.raises(JournalError, match="not a journal of an exchange"):
        JournaledExchange.open(tmp_path / "paper.db")
    JournaledExchange.open(tmp_path / "us.db").close()
    with pytest.raises(JournalError, match="not a journal of an exchange"):
        PaperJournal(tmp_path / "us.db")


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path):
    """After kill -9 every order told of is there, the sums agree, and no key places twice."""
    path = tmp_path / "paper.db"
    command = [sys.executable, "-m", "tests.sandbox.polysimulator.engine.crash_child", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(120)]
        child.send_signal(signal.SIGKILL)
        lines = child.stdout.read().splitlines(keepends=True)
    told += [line.split() for line in lines if line.endswith("\n")]
    desk = Desk(path)
    desk.exchange.audit()
    for key, number, source, status in told:
        (row,) = desk.exchange.orders_by_client_id(1, key)
        assert (str(row.order_id), row.source) == (number, source)
        assert status in (row.status, "PENDING")
    # what was not acknowledged is there wholly, or not at all
    assert len(desk.exchange.orders(desk.exchange.select(1, "api"))) - len(told) in (0, 1)
