"""What every place to keep credentials in does alike."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from attrs import evolve

from polyspec.errors import ConfigError, DamagedRecord, VersionConflict, WrongKey
from polyspec.vault import Credential, CredentialId, Filter, MemoryRecords, RecordStore, Row, Vault
from tests.unit.vault.vault_rig import ROOT, cheap, environment, key, records_at, text_of, vault, wallet_of

BOB = wallet_of("bob")


def test_what_is_put_is_got(records: RecordStore) -> None:
    """A credential comes back as it was stored, with its version, environment, time and public values."""
    store = Vault(records, cheap(), wall=lambda: 1_700_000_000.25)
    put = store.put(wallet_of(), key("k", "preprod", nonce="7"))
    assert (put.version, put.environment, put.created_at, put.public) == (
        1,
        "preprod",
        1_700_000_000.25,
        {"nonce": "7"},
    )
    assert store.get(wallet_of()) == put
    assert text_of(put) == "k"
    assert store.get(BOB) is None


def test_another_vault_object_reads_it(records: RecordStore) -> None:
    """Nothing that is needed to open a record is kept outside of it and the passphrase."""
    vault(records).put(wallet_of(), key())
    assert text_of(vault(records).get(wallet_of())) == key().secrets["private_key"].reveal()


def test_versions_count_up(records: RecordStore) -> None:
    """Each change is a new version, taken only in the place of the one that was expected."""
    store = vault(records)
    store.put(wallet_of(), key("1"))
    assert store.put(wallet_of(), key("2"), 1).version == 2
    for wrong, found in ((0, 2), (1, 2), (3, 2)):
        with pytest.raises(VersionConflict) as raised:
            store.put(wallet_of(), key("x"), wrong)
        assert raised.value.found == found
    with pytest.raises(VersionConflict):
        store.put(BOB, key("x"), 1)
    assert text_of(store.get(wallet_of())) == "2"


def test_deleted_versions_do_not_come_back(records: RecordStore) -> None:
    """A credential stored after a deletion has a version that none had before."""
    store = vault(records)
    store.put(wallet_of(), key("1"))
    with pytest.raises(VersionConflict):
        store.delete(wallet_of(), 2)
    store.delete(wallet_of(), 1)
    assert store.get(wallet_of()) is None
    assert store.list() == ()
    for version in (0, 1, 2):
        with pytest.raises(VersionConflict):
            store.delete(wallet_of(), version)
    # whoever still believes in version 1 does not overwrite what is new
    with pytest.raises(VersionConflict):
        store.put(wallet_of(), key("stale"), 1)
    assert store.put(wallet_of(), key("2"), 0).version == 3


def test_lists_what_is_meant(records: RecordStore) -> None:
    """A list has the credentials of a filter, ordered, without their secrets."""
    store = vault(records)
    for user in ("carol", "alice", "bob"):
        store.put(wallet_of(user), key(user, nonce="1"))
    store.put(evolve(BOB, tenant="other"), key("x"))
    api = CredentialId("acme", "bob", "polysimulator", "", "polysim_api_key")
    store.put(api, Credential(environment="sandbox", secrets={"api_key": "ps_test_1"}))
    assert [entry.id.user for entry in store.list(Filter(tenant="acme", kind="clob_wallet"))] == [
        "alice", "bob", "carol",
    ]  # fmt: skip
    assert {entry.id for entry in store.list(Filter(user="bob", tenant="acme"))} == {BOB, api}
    assert len(store.list()) == 5
    assert store.list(Filter(user="nobody")) == ()
    assert [entry.id for entry in store.list()] == sorted(entry.id for entry in store.list())
    (entry,) = store.list(Filter(wallet="", venue="polysimulator"))
    assert (entry.environment, entry.version, entry.public) == ("sandbox", 1, {})


def test_names_of_any_language_are_kept_apart(records: RecordStore) -> None:
    """Users whose names differ in case, accents or quotes are different users."""
    store = vault(records)
    users = ["strasse", "straße", "Strasse", "Élan", "elan", "o'neil", 'a"b', "a%b", "ünïcode 名前", "-- x"]
    for user in users:
        store.put(wallet_of(user), key(user))
    assert {user: text_of(store.get(wallet_of(user))) for user in users} == {user: user for user in users}


def test_more_than_a_page_is_listed(records: RecordStore) -> None:
    """A vault of any size is listed whole, each credential once."""
    store = vault(records)
    store.put(wallet_of("u"), key())
    row = records.load(wallet_of("u"))
    assert row is not None
    ids = [
        wallet_of(f"u{number:04}") for number in range(60 if "postgres" not in str(type(records)) else 1_100)
    ]
    for place in ids:
        assert records.swap(None, Row(place, 1, row.sealed))
    assert [found.id for found in records.scan(Filter())] == [wallet_of("u"), *ids]


def test_a_row_is_replaced_byte_for_byte_only(records: RecordStore) -> None:
    """The same version with other bytes is not what was expected."""
    store = vault(records)
    store.put(wallet_of(), key())
    row = records.load(wallet_of())
    assert row is not None
    assert not records.swap(evolve(row, sealed=b"x"), evolve(row, version=2))
    assert not records.swap(evolve(row, version=2), evolve(row, version=3))
    assert not records.swap(evolve(row, sealed=None), evolve(row, version=2))
    assert not records.swap(None, row)
    assert not records.swap(evolve(row, id=BOB), Row(BOB, 2, b"x"))
    assert records.load(wallet_of()) == row
    assert records.load(BOB) is None


def test_the_environment_of_a_credential_stays(records: RecordStore) -> None:
    """A credential for the sandbox does not replace one for production unless that is deleted."""
    store = vault(records)
    store.put(wallet_of(), key())
    with pytest.raises(ConfigError, match="stored for prod, and this one is for sandbox"):
        store.put(wallet_of(), key("x", "sandbox"), 1)
    store.delete(wallet_of(), 1)
    assert store.put(wallet_of(), key("x", "sandbox")).environment == "sandbox"


def test_a_mistyped_passphrase_stores_nothing(records: RecordStore) -> None:
    """A vault is not continued under a passphrase that opens nothing in it."""
    vault(records).put(wallet_of(), key())
    typo = Vault(records, cheap("canary-passphrase-correct-hrose"))
    with pytest.raises(WrongKey, match="mistyped"):
        typo.put(BOB, key())
    with pytest.raises(WrongKey):
        typo.get(wallet_of())
    assert vault(records).get(BOB) is None


def test_processes_share_one_salt(records: RecordStore) -> None:
    """A second process derives the key of the first: a vault does not gather one key for each start."""
    vault(records).put(wallet_of(), key())
    vault(records).put(BOB, key())
    assert list(vault(records).kek_ids().values()) == [2]


def test_a_row_in_the_place_of_another(records: RecordStore) -> None:
    """A record copied to another user, version or kind is refused, and so is one listed there."""
    store = vault(records)
    store.put(wallet_of(), key("alice's"))
    store.put(wallet_of(), key("alice's second"), 1)
    row = records.load(wallet_of())
    assert row is not None
    session = CredentialId("acme", "alice", "clob", row.id.wallet, "clob_api")
    for place in (Row(BOB, 2, row.sealed), Row(session, 2, row.sealed)):
        assert records.swap(None, place)
        with pytest.raises(DamagedRecord) as raised:
            store.get(place.id)
        assert raised.value.reason == "moved"
    assert records.swap(row, evolve(row, version=3))
    with pytest.raises(DamagedRecord) as raised:
        store.get(wallet_of())
    assert raised.value.reason == "moved"
    with pytest.raises(DamagedRecord):
        store.list()


def test_one_thread_stores_first(records: RecordStore) -> None:
    """Of many threads that store a first version at once, one does."""
    store = vault(records)
    store.put(BOB, key())
    barrier = Barrier(8)

    def race(number: int) -> bool:
        barrier.wait()
        try:
            store.put(wallet_of(), key(str(number)))
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, first in enumerate(pool.map(race, range(8))) if first]
    assert [text_of(store.get(wallet_of()))] == [str(number) for number in won]


def test_no_change_of_a_thread_is_lost(records: RecordStore) -> None:
    """Threads that each count a number up, reading again after a conflict, count to the sum."""
    store = vault(records)
    store.put(wallet_of(), key("0"))

    def count(times: int) -> None:
        for _ in range(times):
            while True:
                stored = store.get(wallet_of())
                assert stored is not None
                try:
                    store.put(wallet_of(), key(str(int(text_of(stored)) + 1)), stored.version)
                except VersionConflict:
                    continue
                break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, [10] * 4))
    found = store.get(wallet_of())
    assert (text_of(found), found.version if found else 0) == ("40", 41)


def test_no_change_of_a_process_is_lost(place: str) -> None:
    """Processes that each count a number up count to the sum; of their first versions one wins."""
    command = [sys.executable, "-m", "tests.unit.vault.counting", place, "40"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert [first for first, _ in said].count("won") == 1
    records = records_at(place)
    found = vault(records).get(wallet_of())
    records.close()
    assert (text_of(found), found.version if found else 0) == ("120", 121)


def test_a_forked_process_has_connections_of_its_own(place: str) -> None:
    """A copy of a process that used a vault uses it too, at the same time."""
    command = [sys.executable, "-m", "tests.unit.vault.forking", place]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "40 41\n"), done.stderr


def test_memory_is_no_shared_object() -> None:
    """Two places in memory are two."""
    first, second = MemoryRecords(), MemoryRecords()
    vault(first).put(wallet_of(), key())
    assert vault(second).get(wallet_of()) is None
