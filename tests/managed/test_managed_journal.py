"""Orders are on the disk before their first byte leaves; what a killed process left open is looked up."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from polyspec.clob.fate import Accepted, Rejected
from polyspec.core.effects import Do, Flow, Instant
from polyspec.errors import ConfigError, JournalUnavailable, PolyspecError
from polyspec.managed import Fate, JournalEntry, OrderJournal, Owner
from polyspec.managed.journalling import Pen
from polyspec.vault import SqliteRecords
from tests.client.clob.rig import QUICK as HURRIED
from tests.client.clob.rig import Person, Token
from tests.faults.hands import Hands
from tests.managed.rig import ORDER, PASSPHRASE, TERMS, Safe, enrol, vault_in

ALICE = Owner("clob", "default", "alice", "0xabc")


def _entry(name: str, sent_at: float = 100.0) -> JournalEntry:
    return JournalEntry(order_id=name, sent_at=sent_at, payload=b"{}")


@pytest.fixture
def journal(tmp_path: Path) -> OrderJournal:
    """Open a journal."""
    return OrderJournal(tmp_path / "private" / "orders.db")


@pytest.fixture
def written(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Read the journal's file with other eyes whenever an order arrives at the venue."""
    seen: list[list[str]] = []
    take = safe.venue.clob.faults.take

    def noted(operation: str, *kinds: str) -> Any:
        if operation == ORDER:
            place = safe.folder / "orders.db"
            rows = sqlite3.connect(place).execute("SELECT order_id FROM orders WHERE fate = 'sending'")
            seen.append([row[0] for row in rows] if place.exists() else [])
        return take(operation, *kinds)

    monkeypatch.setattr(safe.venue.clob.faults, "take", noted)
    return seen


def _place(hands: Hands, safe: Safe, token: Token) -> str:
    user = hands.connect(safe).for_user("alice")
    order = user.create_order(**token.known, **TERMS)
    assert isinstance(user.post_order(order), Accepted)
    return str(order.order_id)


def test_an_order_is_written_before_it_leaves(
    hands: Hands, safe: Safe, token: Token, written: list[list[str]]
) -> None:
    """When the venue sees an order, the file has it already."""
    order_id = _place(hands, safe, token)
    assert written == [[order_id]]


def test_an_order_that_is_not_written_is_seen(
    hands: Hands, safe: Safe, token: Token, written: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that writes afterwards is found out by the test above (a control that must fail)."""
    begin = Pen.begin
    monkeypatch.setattr(Pen, "begin", lambda pen, entries: begin(pen, []))
    OrderJournal(safe.folder / "orders.db").count()
    _place(hands, safe, token)
    assert written == [[]]


def test_without_a_journal_nothing_is_sent(hands: Hands, safe: Safe, token: Token) -> None:
    """An order that cannot be written down is not sent, and the error says so."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    order = user.create_order(**token.known, **TERMS)
    user.get_open_orders()
    (safe.folder / "orders.db").rename(safe.folder / "gone.db")
    (safe.folder / "orders.db").mkdir(mode=0o700)
    getattr(manager, "_target", manager).journal.close()
    with pytest.raises(PolyspecError) as caught:
        user.post_order(order)
    assert not caught.value.maybe_executed
    assert safe.venue.seen[ORDER] == 0


KILLED = """
import os, sys
from polyspec.clob.config import ClobSettings
from polyspec.managed import ManagedClobClient
from polyspec.managed.journalling import Pen
from polyspec.vault import Argon2Cost, PassphraseKeys, SqliteRecords, Vault

host, chain, folder, words, token, when = sys.argv[1:]
vault = Vault(SqliteRecords(folder + "/vault/vault.db"), PassphraseKeys(words, Argon2Cost(8, 1, 1)))
user = ManagedClobClient(vault, host, int(chain), folder=folder + "/managed").for_user("alice")
user.get_open_orders()
begin, end = Pen.begin, Pen.end
def begun(pen, entries):
    yield from begin(pen, entries)
    if when == "before":
        os.kill(os.getpid(), 9)
def ended(pen, told):
    os.kill(os.getpid(), 9)
    yield from end(pen, told)
Pen.begin, Pen.end = begun, ended
order = user.create_order(token_id=token, tick_size="0.01", neg_risk=False, side="BUY", price="0.4", size=10)
print(order.order_id, flush=True)
user.post_order(order)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_process_leaves_nothing_unknown(
    hands: Hands, safe: Safe, alice: Person, token: Token, tmp_path: Path, when: str
) -> None:
    """Killed before an order left, or before its fate was written: the next start finds out which it was."""
    (tmp_path / "vault").mkdir(mode=0o700)
    safe.vault = vault_in(SqliteRecords(tmp_path / "vault" / "vault.db"))
    enrol(safe.vault, alice)
    venue = safe.venue.clob
    words = [venue.rest, str(venue.chain_id), str(tmp_path), PASSPHRASE, token.id, when]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -9, done.stderr
    order_id = done.stdout.strip()
    journal = OrderJournal(safe.folder / "orders.db")
    owner = Owner("clob", "default", "alice", alice.address.lower())
    assert [each.order_id for each in journal.left_open(owner)] == [order_id]
    before = safe.venue.seen[ORDER]
    manager = hands.connect(safe, settings=HURRIED)
    user = manager.for_user("alice")
    if not getattr(user, "_target", user).replayed:
        # to prove that it never arrived takes a while
        outcomes = user.replay(timeout=5)
    else:
        outcomes = getattr(user, "_target", user).replayed
    [outcome] = outcomes if outcomes else [None]
    if not isinstance(outcome, Accepted | Rejected):
        [outcome] = user.replay(timeout=5)
    assert isinstance(outcome, Accepted if when == "after" else Rejected)
    assert outcome.order_id == order_id
    assert safe.venue.seen[ORDER] == before, "something was sent again"
    assert len(safe.venue.orders(alice)) == (when == "after")
    known = journal.fate_of(owner, order_id)
    assert known is not None
    assert known.fate is (Fate.ACCEPTED if when == "after" else Fate.REJECTED)
    assert journal.left_open(owner) == []
    journal.close()


def test_living_processes_keep_their_orders(journal: OrderJournal) -> None:
    """What a living process works on is not taken over; what it ended as unknown, or died over, is."""
    journal.begin(ALICE, [_entry("0x1"), _entry("0x2"), _entry("0x3")])
    journal.end(ALICE, [("0x1", Fate.UNKNOWN, "no answer"), ("0x2", Fate.ACCEPTED, "live")])
    other = OrderJournal(journal.path)
    assert [each.order_id for each in other.left_open(ALICE)] == ["0x1"]
    assert [each.order_id for each in journal.left_open(ALICE)] == ["0x1"]
    journal.landed(ALICE, ["0x3"])
    assert [each.order_id for each in journal.left_open(ALICE)] == ["0x1", "0x3"]
    assert [each.order_id for each in other.left_open(ALICE)] == ["0x1"]
    journal.close()
    assert [each.order_id for each in other.left_open(ALICE)] == ["0x1", "0x3"]
    assert other.left_open(Owner("clob", "default", "bob", "0xabc")) == []
    other.close()


def test_many_are_written_at_once(journal: OrderJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that wait for the disk are written together, and each is there when its caller goes on."""
    journal.count()
    change, commits = journal._file.change, []

    @contextmanager
    def slow(**options: Any) -> Iterator[Any]:
        with change(**options) as connection:
            yield connection
            time.sleep(0.02)
        commits.append(1)

    def begin(number: int) -> bool:
        journal.begin(ALICE, [_entry(f"0x{number}")])
        return journal.fate_of(ALICE, f"0x{number}") is not None

    monkeypatch.setattr(journal._file, "change", slow)
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(begin, range(20)))
    assert len(commits) < 10
    journal.close()


def test_all_who_wait_hear_of_a_failure(journal: OrderJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full nobody goes on, whoever's turn it was; and later ones may."""
    journal.count()
    full = [True]
    change = journal._file.change

    @contextmanager
    def failing(**options: Any) -> Iterator[Any]:
        if full[0]:
            time.sleep(0.01)
            raise JournalUnavailable("disk full")
        with change(**options) as connection:
            yield connection

    monkeypatch.setattr(journal._file, "change", failing)
    with ThreadPoolExecutor(10) as pool:
        works = [pool.submit(journal.begin, ALICE, [_entry(f"0x{number}")]) for number in range(10)]
        assert all(isinstance(work.exception(), JournalUnavailable) for work in works)
    full[0] = False
    journal.begin(ALICE, [_entry("0x1")])
    assert journal.count() == {Fate.SENDING: 1}
    journal.close()


def test_a_second_sending_keeps_the_first_time(journal: OrderJournal) -> None:
    """An order that is sent again may stand since it was sent first."""
    journal.begin(ALICE, [_entry("0x1", 100.0)])
    journal.end(ALICE, [("0x1", Fate.REJECTED, "refused")])
    journal.begin(ALICE, [_entry("0x1", 200.0)])
    found = journal.fate_of(ALICE, "0x1")
    assert found is not None
    assert (found.fate, found.sent_at) == (Fate.SENDING, 100.0)
    journal.end(ALICE, [("0x1", Fate.ACCEPTED, "live")])
    assert journal.forget(before=150.0) == 1
    assert journal.count() == {}
    journal.close()


def test_an_id_that_is_used_again_names_the_later_order(journal: OrderJournal) -> None:
    """Of an id that somebody chose twice the journal has the order that was sent last."""
    owner = Owner("us", "default", "alice", "")
    first = JournalEntry(order_id="mine", sent_at=100.0, payload=b'{"symbol":"first"}')
    again = JournalEntry(order_id="mine", sent_at=200.0, payload=b'{"symbol":"second"}')
    journal.begin(owner, [first])
    journal.end(owner, [("mine", Fate.ACCEPTED, "live")])
    journal.begin(owner, [again])
    found = journal.fate_of(owner, "mine")
    assert found == again
    # as long as the first may stand, it is looked for since then
    journal.begin(owner, [JournalEntry(order_id="mine", sent_at=300.0, payload=again.payload)])
    found = journal.fate_of(owner, "mine")
    assert found is not None
    assert found.sent_at == 200.0
    journal.close()


def test_what_cannot_be_committed_stops_nobody_after(journal: OrderJournal) -> None:
    """A change that fails at its very end is undone, and the next one is made."""
    with journal._file.look() as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("CREATE TABLE one (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE two (id REFERENCES one DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(JournalUnavailable), journal._file.change() as connection:
        connection.execute("INSERT INTO two VALUES (1)")
    journal.begin(ALICE, [_entry("0x1")])
    assert journal.count() == {Fate.SENDING: 1}
    journal.close()
    assert [each.order_id for each in journal.left_open(ALICE)] == ["0x1"]


FORKED = """
import os, sys
from polyspec.managed import JournalEntry, OrderJournal, Owner

journal, alice = OrderJournal(sys.argv[1]), Owner("clob", "default", "alice", "0xabc")
journal.begin(alice, [JournalEntry(order_id="0x1", sent_at=1.0, payload=b"{}")])
if os.fork():
    os._exit(0)
journal.begin(alice, [JournalEntry(order_id="0x2", sent_at=2.0, payload=b"{}")])
print("ready", flush=True)
sys.stdin.readline()
"""


def test_a_copy_of_a_process_does_not_live_for_it(journal: OrderJournal) -> None:
    """What a process left open that died is looked up, though one that was forked from it goes on."""
    command = [sys.executable, "-c", FORKED, str(journal.path)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        assert [each.order_id for each in journal.left_open(ALICE)] == ["0x1"]
        child.communicate("\n", timeout=10)
    assert [each.order_id for each in journal.left_open(ALICE)] == ["0x1", "0x2"]


def test_what_was_cut_off_while_it_was_written_is_left_open(
    journal: OrderJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A placement that was cancelled before the disk had its order leaves nothing that nobody looks up."""
    journal.count()
    change = journal._file.change

    @contextmanager
    def cut_off(**options: Any) -> Iterator[Any]:
        # the thread that writes goes on, though its task has ended
        journal.landed(ALICE, ["0x1"])
        with change(**options) as connection:
            yield connection

    monkeypatch.setattr(journal._file, "change", cut_off)
    journal.begin(ALICE, [_entry("0x1")])
    assert [each.order_id for each in journal.left_open(ALICE)] == ["0x1"]
    journal.close()


def test_what_was_signed_anew_has_a_fate(journal: OrderJournal) -> None:
    """An order that takes the place of another ends with it, also if it never leaves."""

    def played(also: list[str], outcome: Any) -> None:
        def place(left: float) -> Flow[Any]:
            yield from pen.begin([_entry("0x2")])
            also.append("0x2")
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        flow = pen.around([_entry("0x1")], place, lambda told: told, 1.0, also)
        effect: Any = next(flow)
        with suppress(StopIteration, JournalUnavailable):
            while True:
                effect = flow.send(effect.work() if isinstance(effect, Do) else Instant(0.0, 0.0))

    pen = Pen(journal, ALICE)
    played([], [("0x1", Fate.REJECTED, "of another version")])
    assert journal.count() == {Fate.REJECTED: 2}
    failure = JournalUnavailable("something that proves that nothing stands")
    failure.maybe_executed = False
    played([], failure)
    assert journal.count() == {Fate.REJECTED: 2}
    assert journal._flying == set()
    journal.close()


def test_the_journal_is_private_and_on_the_disk(
    journal: OrderJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are the owner's alone, and a folder that is open to others is refused."""
    journal.begin(ALICE, [_entry("0x1")])
    for each in [journal.path.parent, *journal.path.parent.iterdir()]:
        assert each.stat().st_mode & 0o077 == 0, each
    connection = journal._file._connections.get()
    assert connection is not None
    with journal._file.change():
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    journal.close()
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    with pytest.raises(ConfigError, match="is open to other users"):
        OrderJournal(shared / "orders.db").count()


def test_a_damaged_journal_says_so(tmp_path: Path) -> None:
    """A file that is no journal is an error, not an empty journal."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    (folder / "orders.db").write_bytes(b"no database at all, but something of some length" * 50)
    (folder / "orders.db").chmod(0o600)
    with pytest.raises(JournalUnavailable, match="cannot be used"):
        OrderJournal(folder / "orders.db").count()


def test_what_was_sent_again_meanwhile_is_not_overwritten(journal: OrderJournal) -> None:
    """What looking told of an order says nothing any more once somebody sends it again, whose word counts."""
    other = OrderJournal(journal.path)
    for name in ("0x1", "0x2", "0x3"):
        journal.begin(ALICE, [_entry(name)])
        journal.end(ALICE, [(name, Fate.UNKNOWN, "")])
    assert len(other.left_open(ALICE)) == 3
    journal.begin(ALICE, [_entry("0x1")])
    journal.begin(ALICE, [_entry("0x2")])
    journal.end(ALICE, [("0x2", Fate.ACCEPTED, "")])
    other.found(ALICE, [(name, Fate.REJECTED, "never arrived") for name in ("0x1", "0x2", "0x3")])
    fates = [entry.fate for name in ("0x1", "0x2", "0x3") if (entry := journal.fate_of(ALICE, name))]
    assert fates == [Fate.SENDING, Fate.ACCEPTED, Fate.REJECTED]
    # nor does who looks in the same process bring it down
    journal.found(ALICE, [("0x1", Fate.REJECTED, "never arrived")])
    assert journal.left_open(ALICE) == []
    for each in (journal, other):
        each.close()


def test_a_look_that_was_cut_off_is_taken_again(
    hands: Hands, safe: Safe, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is cancelled while it meets a user has the open orders looked up when it does so again."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    placed = user.create_and_post_order(**token.known, **TERMS)
    manager.journal.end(user._owner, [(placed.order_id, Fate.UNKNOWN, "")])
    again = hands.connect(safe)
    left_open = OrderJournal.left_open

    def cut_off(journal: OrderJournal, owner: Owner) -> Any:
        raise asyncio.CancelledError

    monkeypatch.setattr(OrderJournal, "left_open", cut_off)
    with pytest.raises(asyncio.CancelledError):
        again.for_user("alice")
    monkeypatch.setattr(OrderJournal, "left_open", left_open)
    assert [each.order_id for each in again.for_user("alice").replayed] == [placed.order_id]


def test_a_damaged_row_holds_nobody_up(hands: Hands, safe: Safe, token: Token) -> None:
    """Of orders that were left open those that cannot be read stay so; the others are looked up."""
    manager = hands.connect(safe)
    user = manager.for_user("alice")
    placed = user.create_and_post_order(**token.known, **TERMS)
    journal = manager.journal
    with journal._file.change() as connection:
        connection.execute("UPDATE orders SET fate = 'unknown'")
        mine = "venue, tenant, user_name, wallet, ?, fate, 1.0, opener, ?, ''"
        rows = f"INSERT INTO orders SELECT {mine} FROM orders"
        connection.execute(f"{rows} LIMIT 1", ("0xbad", b"{cut off"))
        connection.execute(f"{rows} LIMIT 1", ("0xworse", 5))
    [found] = hands.connect(safe).for_user("alice").replayed
    assert found.order_id == placed.order_id
    assert isinstance(found, Accepted)
    assert {each.order_id for each in journal.left_open(user._owner)} == {"0xbad", "0xworse"}


def test_a_journal_that_was_never_closed_is_not_at_work(tmp_path: Path) -> None:
    """What a manager that is gone left open is looked up by the next one of the same process."""
    journal, other = (OrderJournal(tmp_path / "private" / "orders.db") for _ in range(2))
    journal.begin(ALICE, [_entry("0x1")])
    assert other.left_open(ALICE) == []
    journal.landed(ALICE, ["0x1"])
    del journal
    gc.collect()
    assert [each.order_id for each in other.left_open(ALICE)] == ["0x1"]
    other.close()


def test_a_process_without_files_left_sends_nothing(
    journal: OrderJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the system opens no more files the journal says so, in its own words."""
    journal.count()

    def refusing(*arguments: Any, **options: Any) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing)
        with pytest.raises(JournalUnavailable, match="Too many open files"):
            journal.begin(ALICE, [_entry("0x1")])
    journal.begin(ALICE, [_entry("0x1")])
    journal.close()
