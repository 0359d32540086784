"""Going from one key to the next while everybody works on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

from polyspec.errors import VaultUnavailable, VersionConflict, WrongKey
from polyspec.vault import (
    CredentialId,
    Filter,
    KeyRing,
    MemoryRecords,
    PassphraseKeys,
    RecordStore,
    Row,
    Vault,
)
from polyspec.vault.layout import Sealed
from tests.unit.vault.vault_rig import cheap, key, text_of, vault, wallet_of

USERS = [f"user-{number:02}" for number in range(20)]


def sealed_in(row: Row | None) -> Sealed:
    """Read the record of a row."""
    assert row is not None
    assert row.sealed is not None
    return Sealed.decode(row.sealed)


def test_rewraps_during_traffic(records: RecordStore) -> None:
    """While a vault is rewrapped, and written under either key, no read fails and no change is lost."""
    before = Vault(records, cheap("old"))
    for user in USERS:
        before.put(wallet_of(user), key("0"))
    # as it is done: first everybody learns the new key, then it is used
    knowing = KeyRing(cheap("old"), cheap("new"))
    knowing.opens(before.list()[0].kek_id)
    lagging, leading = Vault(records, knowing), Vault(records, KeyRing(cheap("new"), cheap("old")))
    ended = threading.Event()
    counts = dict.fromkeys(USERS, 0)
    reads = 0

    def write(share: int) -> None:
        for turn in range(4):
            for user in USERS[share::2]:
                store = (lagging, leading)[(turn + share) % 2]
                stored = store.get(wallet_of(user))
                assert stored is not None
                store.put(wallet_of(user), key(str(int(text_of(stored)) + 1)), stored.version)
                counts[user] += 1

    def read() -> None:
        nonlocal reads
        while not ended.is_set():
            for user in USERS:
                assert text_of(lagging.get(wallet_of(user))).isdigit()
                reads += 1

    with ThreadPoolExecutor(4) as pool:
        reading = pool.submit(read)
        writing = [pool.submit(write, share) for share in range(2)]
        passes = 0
        while not all(done.done() for done in writing):
            assert leading.rewrap().failed == ()
            passes += 1
        for done in writing:
            done.result()
        ended.set()
        reading.result()
    assert leading.rewrap().failed == ()
    assert reads > 0
    assert passes > 0
    # the old key can be taken away
    after = Vault(records, cheap("new"))
    assert len(after.kek_ids()) == 1
    for user in USERS:
        stored = after.get(wallet_of(user))
        assert stored is not None
        assert (int(text_of(stored)), stored.version) == (counts[user], counts[user] + 1)


def test_versions_and_secrets_stay(records: RecordStore) -> None:
    """Rewrapping changes which key is needed and nothing else; what is done already is left alone."""
    store = Vault(records, cheap("old"))
    store.put(wallet_of(), key("1", nonce="5"))
    store.put(wallet_of(), key("2", nonce="6"), 1)
    stored, row = store.get(wallet_of()), records.load(wallet_of())
    moving = Vault(records, KeyRing(cheap("new"), cheap("old")))
    done = moving.rewrap()
    assert (done.moved, done.kept, done.failed) == (1, 0, ())
    assert Vault(records, cheap("new")).get(wallet_of()) == stored
    with pytest.raises(WrongKey):
        store.get(wallet_of())
    after = records.load(wallet_of())
    old, new = sealed_in(row), sealed_in(after)
    assert (old.header, old.nonce, old.ciphertext) == (new.header, new.nonce, new.ciphertext)
    assert old.wrapped != new.wrapped
    again = moving.rewrap()
    assert (again.moved, again.kept) == (0, 1)
    assert records.load(wallet_of()) == after


def test_a_filter_bounds_it() -> None:
    """Only what is meant is rewrapped."""
    records = MemoryRecords()
    store = Vault(records, cheap("old"))
    store.put(wallet_of("alice"), key())
    store.put(wallet_of("bob"), key())
    assert Vault(records, KeyRing(cheap("new"), cheap("old"))).rewrap(Filter(user="bob")).moved == 1
    assert len(store.kek_ids()) == 2


def test_what_fails_is_told_and_left() -> None:
    """Damaged records and records of unknown keys are reported, and the others are moved."""
    records = MemoryRecords()
    for user in ("alice", "bob", "carol"):
        Vault(records, cheap("old")).put(wallet_of(user), key(user))
    stranger = MemoryRecords()
    Vault(stranger, cheap("third")).put(wallet_of("dave"), key())
    strange = stranger.load(wallet_of("dave"))
    assert strange is not None
    assert records.swap(None, strange)
    row = records.load(wallet_of("bob"))
    broken_one = sealed_in(row)
    flipped = broken_one.ciphertext[:-1] + bytes([broken_one.ciphertext[-1] ^ 1])
    assert records.swap(row, Row(wallet_of("bob"), 1, evolve(broken_one, ciphertext=flipped).encode()))
    broken = records.load(wallet_of("bob"))
    done = Vault(records, KeyRing(cheap("new"), cheap("old"))).rewrap()
    assert (done.moved, done.kept) == (2, 0)
    assert {place.user: type(error).__name__ for place, error in done.failed} == {
        "bob": "DamagedRecord",
        "dave": "WrongKey",
    }
    assert all(error.__traceback__ is None for _, error in done.failed)
    assert records.load(wallet_of("bob")) == broken


class Meddled(MemoryRecords):
    """Runs something once before the next change."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[object] = []

    def swap(self, old: Row | None, new: Row) -> bool:
        """Replace a row, after whoever is quicker."""
        if self.before:
            meddler = self.before.pop(0)
            assert callable(meddler)
            meddler()
        return super().swap(old, new)


def test_a_change_overtaken_by_a_rewrap_is_made_all_the_same() -> None:
    """A put whose record is rewrapped under its feet begins again: the version is the expected one."""
    records = Meddled()
    vault(records).put(wallet_of(), key("1"))
    ring = KeyRing(cheap("new"), cheap())
    records.before = [lambda: Vault(records, ring).rewrap()]
    assert Vault(records, KeyRing(cheap(), cheap("new"))).put(wallet_of(), key("2"), 1).version == 2
    records.before = [lambda: Vault(records, ring).rewrap()]
    vault(records).delete(wallet_of(), 2)
    assert vault(records).get(wallet_of()) is None


def test_a_rewrap_overtaken_by_a_change_takes_the_new_version() -> None:
    """A rewrap never brings back what was replaced or deleted meanwhile."""
    records = Meddled()
    store = Vault(records, KeyRing(cheap(), cheap("new")))
    store.put(wallet_of(), key("1"))
    store.put(wallet_of("bob"), key("1"))
    moving = Vault(records, KeyRing(cheap("new"), cheap()))
    records.before = [
        lambda: store.put(wallet_of(), key("2"), 1),
        lambda: None,
        lambda: None,
        lambda: store.delete(wallet_of("bob"), 1),
    ]
    done = moving.rewrap()
    assert done.failed == ()
    assert text_of(Vault(records, cheap("new")).get(wallet_of())) == "2"
    assert store.get(wallet_of("bob")) is None


def test_a_change_that_is_overtaken_for_ever_gives_up() -> None:
    """Whoever loses every time is told so."""
    records = MemoryRecords()
    store = vault(records)
    store.put(wallet_of(), key())
    records.swap = lambda old, new: False  # type: ignore[method-assign]
    for attempt in (lambda: store.put(wallet_of(), key(), 1), lambda: store.delete(wallet_of(), 1)):
        with pytest.raises(VersionConflict, match="all the time"):
            attempt()


def test_an_unreachable_key_stops_it() -> None:
    """If the key service goes away, rewrapping stops with its error: nothing is reported as done."""

    class Gone(PassphraseKeys):
        def wrap(self, key: object, binding: bytes) -> object:  # type: ignore[override]
            raise VaultUnavailable("gone")

    records = MemoryRecords()
    vault(records).put(wallet_of(), key())
    with pytest.raises(VaultUnavailable):
        Vault(records, KeyRing(Gone("new", cheap()._cost), cheap())).rewrap()
    assert text_of(vault(records).get(wallet_of())) is not None


def test_an_id_is_not_a_filter() -> None:
    """A filter that says nothing means everything."""
    assert Filter().matches(CredentialId("a", "b", "us", "", "us_private_key"))
