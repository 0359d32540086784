"""Credentials are issued once, however many ask at the same moment, in one process or in several."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.effects import Flow, Instant, Now
from polyspec.errors import ConfigError, DamagedRecord
from polyspec.managed import AsyncManagedClobClient, ManagedClobClient, State, lease
from polyspec.managed.keeper import Keeper
from polyspec.managed.lease import Lease, Leases
from polyspec.vault import Credential, CredentialId, CredentialKind, MemoryRecords, Row
from tests.client.clob.rig import Person, Token, Venue, open_venue
from tests.faults.hands import Hands
from tests.managed.many import at_once
from tests.managed.rig import CREATE, DERIVE, PASSPHRASE, TERMS, Safe, api_id, enrol, shared_vault, vault_in

PROCESSES, EACH = 3, 25


def _use(client: Any) -> Any:
    return client.get_open_orders()


def test_a_hundred_first_uses_issue_once(hands: Hands, safe: Safe, alice: Person) -> None:
    """A hundred first uses at once ask what there is once, and create once."""
    user = hands.connect(safe).for_user("alice")
    assert user.standing.state is State.ABSENT
    assert at_once(hands, user, [_use] * 100) == [[]] * 100
    assert (safe.venue.seen[DERIVE], safe.venue.seen[CREATE]) == (1, 1)
    assert user.standing.state is State.ACTIVE
    stored = safe.vault.get(api_id(alice))
    assert stored is not None
    assert stored.version == user.standing.version == 1


def test_without_single_flight_many_are_asked_for(
    hands: Hands, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above sees it if every first use does the work itself (a control that must fail)."""

    def everybody(keeper: Keeper[Any], work: Any, deadline: float) -> Flow[None]:
        yield from work(deadline)

    def no_lease(leases: Leases, about: CredentialId, deadline: float, changed: Any) -> Flow[Lease]:
        now: Instant = yield Now()
        return Lease(about, 0, now.monotonic + 60)

    monkeypatch.setattr(Keeper, "alone", everybody)
    monkeypatch.setattr(lease.Leases, "take", no_lease)
    user = hands.connect(safe).for_user("alice")
    # all of them come while the venue takes its time
    safe.venue.clob.faults.add(kind="delay", operation=DERIVE, seconds=0.05, times=None)
    at_once(hands, user, [_use] * 20)
    assert safe.venue.seen[DERIVE] > 1


def test_a_second_manager_takes_what_is_stored(hands: Hands, safe: Safe) -> None:
    """Another process, or the next life of this one, asks the venue for nothing."""
    hands.connect(safe).for_user("alice").get_open_orders()
    before = safe.venue.seen.copy()
    other = hands.connect(safe)
    assert other.for_user("alice").get_open_orders() == []
    assert [safe.venue.seen[name] - before[name] for name in (DERIVE, CREATE)] == [0, 0]


def test_what_the_venue_has_is_derived(hands: Hands, safe: Safe, alice: Person) -> None:
    """A wallet that has credentials keeps them: nothing is created, which would end them for others."""
    plain = hands.connect(safe.venue, alice)
    known = plain.create_or_derive_api_key()
    safe.venue.seen.clear()
    user = hands.connect(safe).for_user("alice")
    user.get_open_orders()
    assert (safe.venue.seen[DERIVE], safe.venue.seen[CREATE]) == (1, 0)
    assert user.standing.label == known.api_key[:8]


SCRIPT = """
import asyncio, sys
from polyspec.clob.config import ClobSettings
from polyspec.managed import AsyncManagedClobClient
from polyspec.vault import Argon2Cost, PassphraseKeys, SqliteRecords, Vault

async def main(host, chain, folder, each, words):
    keys = PassphraseKeys(words, Argon2Cost(memory_kib=8, passes=1, lanes=1))
    vault = Vault(SqliteRecords(folder + "/vault/vault.db"), keys)
    async with AsyncManagedClobClient(
        vault, host, int(chain), folder=folder + "/managed", settings=ClobSettings(pacing=False)
    ) as clob:
        user = await clob.for_user("alice")
        print("ready", flush=True)
        sys.stdin.readline()
        await asyncio.gather(*(user.get_open_orders() for _ in range(int(each))))
        print(user.standing.version, user.standing.label, flush=True)
        sys.stdin.readline()
        await user.rotate("a test")
        await user.get_open_orders()
        print(user.standing.version, user.standing.label, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def _processes(venue: Venue, folder: Path) -> Iterator[Callable[[], list[str]]]:
    """Start processes; give what lets all of them go on at once, and returns what each says."""
    words = [venue.clob.rest, str(venue.clob.chain_id), str(folder), str(EACH), PASSPHRASE]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen([sys.executable, "-c", SCRIPT, *words], **pipes) for _ in range(PROCESSES)]

    def heard() -> list[str]:
        return [child.stdout.readline().strip() for child in children]

    def go_on() -> list[str]:
        for child in children:
            child.stdin.write("\n")
            child.stdin.flush()
        return heard()

    try:
        assert heard() == ["ready"] * PROCESSES
        yield go_on
        for child in children:
            child.communicate(timeout=30)
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_processes_issue_once_and_rotate_once(tmp_path: Path) -> None:
    """Processes with 25 first uses each create one key; all rotating at once, they make one more."""
    (tmp_path / "vault").mkdir(mode=0o700)
    with open_venue(one_key=True) as venue, shared_vault(tmp_path / "vault" / "vault.db") as vault:
        enrol(vault, venue.person())
        with _processes(venue, tmp_path) as go_on:
            said = go_on()
            assert len(set(said)) == 1, said
            assert said[0].startswith("1 ")
            assert (venue.seen[DERIVE], venue.seen[CREATE]) == (1, 1)
            said = go_on()
        assert len(set(said)) == 1, said
        assert said[0].startswith("2 ")
        assert (venue.seen[DERIVE], venue.seen[CREATE]) == (1, 2)
        assert not [each for each in vault.list() if each.id.wallet.startswith(lease.LEASE)]


def test_a_record_of_somebody_else_is_refused(hands: Hands, safe: Safe, alice: Person) -> None:
    """Alice's record in Bob's place opens nothing for Bob."""
    records = MemoryRecords()
    vault = vault_in(records)
    enrol(vault, alice)
    wallet = CredentialId("default", "alice", "clob", alice.address, CredentialKind.CLOB_WALLET)
    row = records.load(wallet)
    assert row is not None
    bob = CredentialId("default", "bob", "clob", alice.address, CredentialKind.CLOB_WALLET)
    records.swap(None, Row(bob, row.version, row.sealed))
    safe.vault = vault
    with pytest.raises(DamagedRecord):
        hands.connect(safe).for_user("bob")


def test_nobody_is_told_apart_from_somebody(hands: Hands, safe: Safe) -> None:
    """Users the vault does not know, and hosts of other environments, are refused before anything is sent."""
    with pytest.raises(ConfigError, match="has no clob_wallet or clob_api of 'nobody'"):
        hands.connect(safe).for_user("nobody")
    with pytest.raises(ConfigError, match="it is not sent there"):
        hands.connect(safe, host="https://clob.polymarket.com").for_user("alice")
    assert not safe.venue.seen


@pytest.mark.parametrize("kind", [ManagedClobClient, AsyncManagedClobClient])
def test_streams_are_places_too(safe: Safe, kind: Any) -> None:
    """Credentials of a sandbox are not shown to a stream of the venue, wherever the requests go."""
    settings = evolve(safe.quick, streams="wss://ws-subscriptions-clob.polymarket.com/ws")
    manager = kind(**safe.client_options(), settings=settings)
    with pytest.raises(ConfigError, match="it is not sent there"):
        manager._opened("alice", None)
    assert manager._places == (safe.venue.clob.rest, settings.streams)


def test_a_key_is_looked_at_again_before_it_signs(safe: Safe, alice: Person, token: Token) -> None:
    """A wallet that was filed for another environment meanwhile signs nothing here any more."""
    with ManagedClobClient(**safe.client_options(), settings=safe.quick, hold_keys=False) as manager:
        user = manager.for_user("alice")
        assert user.create_order(**token.known, **TERMS).order_id
        about = evolve(api_id(alice), kind=CredentialKind.CLOB_WALLET)
        safe.vault.delete(about, 1)
        safe.vault.put(about, Credential(environment="prod", secrets={"private_key": alice.key}))
        with pytest.raises(ConfigError, match="it is not sent there"):
            user.create_order(**token.known, **TERMS)


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("import polyspec.managed", "httpx sqlalchemy cryptography sqlite3 asyncio ssl"),
        ("from polyspec.managed import ManagedSettings", "httpx sqlalchemy cryptography asyncio ssl"),
        ("from polyspec.managed import ManagedClobClient", "starlette uvicorn jwt grpc google"),
    ],
)
def test_imports_are_lean(code: str, banned: str) -> None:
    """What is not used is not imported."""
    script = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & set(banned.split())


def test_keys_by_hand_are_refused(hands: Hands, safe: Safe) -> None:
    """A managed client cannot be talked into credentials the vault does not know."""
    user = hands.connect(safe).for_user("alice")
    for name in ("create_api_key", "derive_api_key", "create_or_derive_api_key", "delete_api_key"):
        with pytest.raises(ConfigError, match="is managed"):
            getattr(user, name)()
    assert not safe.venue.seen
