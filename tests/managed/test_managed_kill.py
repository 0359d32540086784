"""A process that is killed around an order leaves nothing unknown, at the venues whose orders carry names."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Instant
from polyspec.core.fate import Accepted, Rejected
from polyspec.managed import (
    Fate,
    JournalEntry,
    ManagedPolySimulatorClient,
    ManagedUsClient,
    OrderJournal,
    Owner,
)
from polyspec.managed.journalling import moment
from polyspec.managed.us_placing import unknown_of
from polyspec.us.fate import Unknown
from polyspec.us.resolving import _can_be_absent
from polyspec.vault import Credential, CredentialId, CredentialKind, SqliteRecords, Vault
from tests.client.us.rig import QUICK, open_venue
from tests.faults import at_polysimulator as paper
from tests.managed.rig import PASSPHRASE, vault_in

KILLED = """
import json, os, sys
from polyspec.managed import ManagedPolySimulatorClient, ManagedUsClient
from polyspec.managed.journalling import Pen
from polyspec.us.config import Environment, Settings
from polyspec.vault import Argon2Cost, PassphraseKeys, SqliteRecords, Vault

folder, words, when, place, options = sys.argv[1:]
vault = Vault(SqliteRecords(folder + "/vault/vault.db"), PassphraseKeys(words, Argon2Cost(8, 1, 1)))
place, options = json.loads(place), json.loads(options)
kinds = {"folder": folder + "/managed"}
if "base_url" in place and len(place) > 1:
    manager = ManagedUsClient(vault, Environment(**place), settings=Settings(pacing=False), **kinds)
else:
    manager = ManagedPolySimulatorClient(vault, **place, **kinds)
user = manager.for_user("alice")
begin, end = Pen.begin, Pen.end
def begun(pen, entries):
    yield from begin(pen, entries)
    if when == "before":
        os.kill(os.getpid(), 9)
def ended(pen, told):
    os.kill(os.getpid(), 9)
    yield from end(pen, told)
Pen.begin, Pen.end = begun, ended
user.orders.place(options.pop("market"), **options)
"""


def _vault(folder: Path, kind: CredentialKind, secrets: dict[str, str], public: dict[str, str]) -> Vault:
    (folder / "vault").mkdir(mode=0o700)
    vault = vault_in(SqliteRecords(folder / "vault" / "vault.db"))
    about = CredentialId("default", "alice", kind.venue, "", kind)
    vault.put(about, Credential(environment="sandbox", secrets=secrets, public=public))
    return vault


def _killed(folder: Path, venue: str, when: str, place: Any, order: Any) -> tuple[OrderJournal, str]:
    """Run a process up to its end; return the journal it left, and the order in it."""
    words = [str(folder), PASSPHRASE, when, json.dumps(place), json.dumps(order)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -9, done.stderr
    journal = OrderJournal(folder / "managed" / "orders.db")
    [entry] = journal.left_open(Owner(venue, "default", "alice", ""))
    return journal, entry.order_id


def _is_found(user: Any, journal: OrderJournal, venue: str, name: str, when: str) -> None:
    """Look the order up, if that was not done when the user was met, and see that it is known of."""
    [outcome] = user.replayed
    if not isinstance(outcome, Accepted | Rejected):
        # that it never arrived takes two looks, some seconds apart
        [outcome] = user.replay(timeout=12)
    assert isinstance(outcome, Accepted if when == "after" else Rejected), outcome
    found = journal.fate_of(Owner(venue, "default", "alice", ""), name)
    assert found is not None
    assert found.fate is (Fate.ACCEPTED if when == "after" else Fate.REJECTED)
    assert journal.left_open(Owner(venue, "default", "alice", "")) == []
    journal.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_an_order_of_the_us_exchange(tmp_path: Path, when: str) -> None:
    """Killed before the order left, or before its fate was written: it is found, and not sent again."""
    with open_venue() as venue:
        told, person = venue.sandbox.us.describe(), venue.person()
        names = {"client_id": told["client_id"], "participant_id": person.name, "account": person.accounts[0]}
        pem = Path(told["private_key_path"]).read_text()
        vault = _vault(tmp_path, CredentialKind.US_PRIVATE_KEY, {"private_key": pem}, names)
        where = venue.environment()
        place = {name: getattr(where, name) for name in ("name", "base_url", "token_url", "audience", "grpc")}
        order = {"market": venue.market(), "side": "BUY", "price": "0.4", "quantity": "1"}
        journal, name = _killed(tmp_path, "us", when, place, order)
        sent = venue.seen["OrderEntryAPI_InsertOrder"]
        assert sent == (when == "after")
        with ManagedUsClient(vault, where, folder=tmp_path / "managed", settings=QUICK) as manager:
            _is_found(manager.for_user("alice"), journal, "us", name, when)
        assert venue.seen["OrderEntryAPI_InsertOrder"] == sent, "something was sent again"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_an_order_of_polysimulator(tmp_path: Path, when: str) -> None:
    """The same there, and the account has the order once or not at all."""
    with paper.open_venue() as venue:
        player, market = venue.person(), venue.market()
        public = {"key_id": str(player.key_id)}
        vault = _vault(tmp_path, CredentialKind.POLYSIM_API_KEY, {"api_key": player.key}, public)
        order = {"market": market.condition_id, **paper.ONE_MORE}
        journal, name = _killed(tmp_path, "polysimulator", when, {"base_url": venue.sim.rest}, order)
        sent = venue.seen[paper.PLACE]
        assert sent == (when == "after")
        settings = evolve(paper.QUICK, patience=evolve(paper.QUICK.patience, total=2.0))
        with ManagedPolySimulatorClient(
            vault, venue.sim.rest, folder=tmp_path / "managed", settings=settings
        ) as manager:
            _is_found(manager.for_user("alice"), journal, "polysimulator", name, when)
        assert venue.seen[paper.PLACE] == sent, "something was sent again"
        assert len(venue.orders(player)) == (when == "after")


def test_one_order_holds_up_no_other(tmp_path: Path) -> None:
    """Of a market that is gone an order stays unknown; all of a user share the time for looking."""
    with open_venue() as venue:
        told, person = venue.sandbox.us.describe(), venue.person()
        names = {"client_id": told["client_id"], "participant_id": person.name, "account": person.accounts[0]}
        pem = Path(told["private_key_path"]).read_text()
        vault = _vault(tmp_path, CredentialKind.US_PRIVATE_KEY, {"private_key": pem}, names)
        with ManagedUsClient(vault, venue.environment(), folder=tmp_path / "m", settings=QUICK) as manager:
            user, journal = manager.for_user("alice"), manager.journal
            placed = user.orders.place(venue.market(), side="BUY", price="0.4", quantity="1")
            journal.end(user._owner, [(placed.clord_id, Fate.UNKNOWN, "")])
            gone = [
                JournalEntry(order_id=f"gone-{n}", sent_at=n, payload=b'{"symbol":"no-such-market"}')
                for n in range(4)
            ]
            journal.begin(user._owner, gone)
            journal.landed(user._owner, [each.order_id for each in gone])
            found = user.replay()
            assert [type(each) for each in found] == [Unknown] * 4 + [type(placed)]
            assert found[0].obstacle is not None
            assert {each.order_id for each in journal.left_open(user._owner)} == {
                f"gone-{n}" for n in range(4)
            }
            asked: list[float] = []

            def resolve(unknown: Any, timeout: float | None = None) -> Any:
                asked.append(timeout or 0.0)
                time.sleep(0.06)
                return unknown

            user.orders.resolve = resolve
            assert user.replay(timeout=0.1) == found[:4]
            assert len(asked) < 4
            assert max(asked) <= 0.1


def test_what_cannot_be_seen_is_not_called_absent() -> None:
    """An order that acts for somebody else stays unknown after a crash: not finding it proves nothing."""
    entry = JournalEntry(order_id="a", sent_at=1.0, payload=b'{"symbol":"s","user":"firms/x/users/other"}')

    def resolve(unknown: Any, timeout: float | None) -> Any:
        raise NotImplementedError

    assert not _can_be_absent(unknown_of(entry, "firms/x/users/me", resolve))
    assert _can_be_absent(unknown_of(entry, "firms/x/users/other", resolve))


def test_before_the_time_is_known_orders_are_looked_for_long_before() -> None:
    """Written down by a clock nobody vouches for, an order would seem older than itself, and not to be it."""
    clock, now = ClockOffset(), Instant(100.0, 1_000_000.0)
    # up to a day the venue's time may turn out to be behind
    assert moment(clock, now) == now.wall - 86_400
    clock.tell(now.wall - 7_200, now.wall, 0.0)
    assert moment(clock, now) == pytest.approx(now.wall - 7_200, abs=1)
    # set since: it is known no more
    clock.notice(now)
    clock.notice(Instant(101.0, now.wall + 600))
    assert moment(clock, Instant(101.0, now.wall + 600)) < now.wall - 7_200 - 600
