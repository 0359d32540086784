"""Keys made of a passphrase, kept in a file or in a keyring, and rings of several."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable, WrongKey
from polyspec.vault import (
    Argon2Cost,
    DataKey,
    Filter,
    KeyFileKeys,
    KeyProvider,
    KeyRing,
    KeyringKeys,
    KeyringRecords,
    MemoryRecords,
    PassphraseKeys,
    Vault,
    Wrapped,
    passphrase,
)
from tests.unit.vault.vault_rig import CHEAP, PASSPHRASE, Purse, cheap, key, text_of, vault, wallet_of

BINDING = bytes(range(32))
SALT, CHECK = "00" * 16, "11" * 16
MAKE: dict[str, Callable[[Path], KeyProvider]] = {
    "passphrase": lambda path: cheap(),
    "file": lambda path: KeyFileKeys.create(path / "own" / "key"),
    "keyring": lambda path: KeyringKeys.create(backend=Purse()),
    "ring": lambda path: KeyRing(cheap(), cheap("older")),
}


@pytest.fixture(params=list(MAKE))
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyProvider:
    """Make each kind of key."""
    return MAKE[request.param](tmp_path)


def test_wraps_and_unwraps(keys: KeyProvider) -> None:
    """What a key locks it opens, and the id says which key that was."""
    inner = DataKey.fresh()
    wrapped = keys.wrap(inner, BINDING)
    assert wrapped.kek_id == keys.current()
    assert keys.opens(wrapped.kek_id)
    assert keys.unwrap(wrapped, BINDING).reveal() == inner.reveal()
    assert inner.reveal() not in wrapped.content
    assert keys.wrap(inner, BINDING).content != wrapped.content
    keys.close()


def test_every_bit_of_what_is_wrapped_counts(keys: KeyProvider) -> None:
    """Another record's binding, and any flipped bit, is refused."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    with pytest.raises(DamagedRecord):
        keys.unwrap(wrapped, bytes(32))
    for bit in range(8 * len(wrapped.content)):
        content = bytearray(wrapped.content)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedRecord):
            keys.unwrap(evolve(wrapped, content=bytes(content)), BINDING)
    for length in range(len(wrapped.content)):
        with pytest.raises(DamagedRecord):
            keys.unwrap(evolve(wrapped, content=wrapped.content[:length]), BINDING)


def test_other_ids_open_nothing(keys: KeyProvider) -> None:
    """An id of another key, or of none, is refused."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    for kek_id in (
        "",
        "file:" + CHECK,
        "keyring:" + CHECK,
        "transit:a/b:v1",
        wrapped.kek_id + "0",
        wrapped.kek_id[:-1],
    ):
        assert not keys.opens(kek_id)
        with pytest.raises(WrongKey):
            keys.unwrap(Wrapped(kek_id, wrapped.content), BINDING)


def test_a_key_of_the_wrong_size_is_none() -> None:
    """What is unwrapped and no data key cannot be used as one."""
    short = DataKey(b"short")
    assert not short.usable
    with pytest.raises(WrongKey):
        short.reveal()


@pytest.mark.parametrize(
    "recipe",
    [
        "m=1048577,t=1,p=1", "m=99999999,t=1,p=1", "m=64,t=11,p=1", "m=200,t=1,p=17", "m=64,t=0,p=1",
        "m=0,t=1,p=1", "m=7,t=1,p=1", "m=64,t=1,p=9", "m=064,t=1,p=1", "m=64,t=1", "m=-64,t=1,p=1",
        "m=1e9,t=1,p=1", "m=٣٢,t=1,p=1", "m=999999999999999999999999,t=1,p=1",
    ],
)  # fmt: skip
def test_hostile_costs_are_refused_at_once(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that asks for gigabytes or hours to make its key gets neither."""
    monkeypatch.setattr(passphrase, "_derived", lambda *_: pytest.fail("it was derived"))
    kek_id = f"argon2id:{recipe}:{SALT}:{CHECK}"
    assert not cheap().opens(kek_id)
    with pytest.raises(WrongKey, match="more than is allowed"):
        cheap().unwrap(Wrapped(kek_id, bytes(60)), BINDING)


@pytest.mark.parametrize(
    ("memory", "passes", "lanes"), [(0, 1, 1), (64, 0, 1), (64, 1, 0), (2**21, 1, 1), (64, 11, 1)]
)
def test_costs_have_bounds(memory: int, passes: int, lanes: int) -> None:
    """Nobody locks with a cost that nobody would pay to open."""
    with pytest.raises(ConfigError):
        Argon2Cost(memory, passes, lanes)


def test_the_default_cost() -> None:
    """By default a guess costs 64 MiB, three passes and four lanes, and unlocking takes a second at most."""
    keys = PassphraseKeys(PASSPHRASE)
    # of the processor's time, which other work on the machine does not stretch
    begun = time.process_time()
    assert keys.current().startswith("argon2id:m=65536,t=3,p=4:")
    right = time.process_time() - begun
    assert 0.02 < right < 4
    wrong = PassphraseKeys("another")
    begun = time.process_time()
    assert not wrong.opens(keys.current())
    # a wrong passphrase takes its time as well: the derivation is all of it
    assert time.process_time() - begun > right / 3


def test_a_key_is_derived_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads open however many records, the passphrase is worked on once."""
    records = MemoryRecords()
    vault(records).put(wallet_of(), key())
    derived = []
    real = passphrase._derived

    def slow(secret: Secret, recipe: object) -> object:
        derived.append(recipe)
        time.sleep(0.02)
        return real(secret, recipe)  # type: ignore[arg-type]

    monkeypatch.setattr(passphrase, "_derived", slow)
    store = vault(records)
    threads = [threading.Thread(target=store.get, args=(wallet_of(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.put(wallet_of("bob"), key())
    assert len(derived) == 1


def test_a_new_cost_begins_a_new_key() -> None:
    """Whoever asks for another cost gets a key of that cost, and still opens the others."""
    records = MemoryRecords()
    vault(records).put(wallet_of(), key("old"))
    dearer = Vault(records, PassphraseKeys(PASSPHRASE, evolve(CHEAP, memory_kib=64)))
    dearer.put(wallet_of("bob"), key("new"))
    assert text_of(dearer.get(wallet_of())) == "old"
    assert {kek_id.split(":")[1] for kek_id in dearer.kek_ids()} == {"m=8,t=1,p=1", "m=64,t=1,p=1"}
    assert dearer.rewrap().moved == 1
    assert {kek_id.split(":")[1] for kek_id in dearer.kek_ids()} == {"m=64,t=1,p=1"}


def test_a_planted_recipe_is_not_taken_up() -> None:
    """A salt that somebody without the passphrase wrote into the vault is not used for what comes after."""
    records = MemoryRecords()
    store = vault(records)
    store.put(wallet_of("zoe"), key())
    row = records.load(wallet_of("zoe"))
    assert row is not None
    assert row.sealed is not None
    real = store.kek_ids().popitem()[0]
    planted = row.sealed.replace(real.encode(), f"argon2id:m=8,t=1,p=1:{SALT}:{CHECK}".encode())
    header = planted.replace(b"zoe", b"abe")
    assert records.swap(None, evolve(row, id=wallet_of("abe"), sealed=header))
    vault(records).put(wallet_of("bob"), key())
    assert {entry.kek_id for entry in vault(records).list(Filter(user="bob"))} == {real}


@pytest.mark.parametrize("given", ["", "   ", "\ud800", 7, None])
def test_no_passphrase_is_refused(given: str) -> None:
    """An empty passphrase is a mistake."""
    with pytest.raises(ConfigError, match="the passphrase must be"):
        PassphraseKeys(given)


def test_without_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library cannot derive, the error says what is missing."""
    monkeypatch.setattr(passphrase, "_derived", lambda *_: None)
    with pytest.raises(ConfigError, match=r"OpenSSL 3\.2"):
        cheap().current()


def test_a_ring_locks_with_the_first_and_opens_with_all() -> None:
    """A ring takes a vault from one passphrase to the next."""
    records = MemoryRecords()
    Vault(records, cheap("old")).put(wallet_of(), key("k"))
    with pytest.raises(WrongKey):
        Vault(records, cheap("new")).put(wallet_of("bob"), key())
    ring = Vault(records, KeyRing(cheap("new"), cheap("old")))
    ring.put(wallet_of("bob"), key("b"))
    assert text_of(ring.get(wallet_of())) == "k"
    assert text_of(Vault(records, cheap("new")).get(wallet_of("bob"))) == "b"
    with pytest.raises(WrongKey, match="none of 1 keys"):
        Vault(records, KeyRing(cheap("third"))).get(wallet_of())
    with pytest.raises(ConfigError):
        KeyRing(KeyRing(cheap()))


class Plain(Purse):
    """Stands for a backend that keeps secrets in the open."""

    __module__ = "keyrings.alt.file"


class PlaintextKeyring(Purse):
    """Stands for a backend of somebody else's that says what it is."""


class Sub(Plain):
    """A subclass of one that is refused."""


class Chain:
    """Tries one backend after the other, as keyring's chain does."""

    def __init__(self, *backends: object) -> None:
        self.backends = list(backends)


class Locked(Purse):
    """Raises what its library raises, with the text in it."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fail."""
        raise OSError(f"locked: {self.held}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail, and show the secret."""
        raise OSError(f"cannot store {password}")


def refused() -> list[object]:
    """Make backends that must not be used, keyring's own among them."""
    import keyring.backends.fail
    import keyring.backends.null

    failing = keyring.backends.fail.Keyring()
    empty = keyring.backends.null.Keyring()
    return [Plain(), Sub(), PlaintextKeyring(), failing, empty, Chain(Plain(), failing), Chain()]


@pytest.mark.parametrize("number", range(7))
def test_backends_that_keep_no_secret_are_refused(number: int, tmp_path: Path) -> None:
    """Plain text, nothing and failure are refused by their class, subclasses and chains of them too."""
    backend = refused()[number]
    for make in (
        lambda: KeyringKeys(backend=backend),  # type: ignore[arg-type]
        lambda: KeyringKeys.create(backend=backend),  # type: ignore[arg-type]
        lambda: KeyringRecords(directory=tmp_path, backend=backend),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigError, match="keeps secrets secret"):
            make()


def test_of_a_chain_the_secure_one_is_used() -> None:
    """A chain does not fall through to plain text."""
    plain, purse = Plain(), Purse()
    made = KeyringKeys.create(backend=Chain(plain, purse))  # type: ignore[arg-type]
    assert plain.held == {}
    assert KeyringKeys(backend=purse).current() == made.current()


def test_this_machine_has_no_keyring() -> None:
    """Without a desktop keyring offers nothing that is secure, and that is said."""
    import keyring

    if type(keyring.get_keyring()).__module__ != "keyring.backends.fail":
        pytest.skip("this machine has a keyring; it is not touched")
    with pytest.raises(ConfigError, match="use a passphrase"):
        KeyringKeys()


def test_a_key_in_a_keyring_is_made_once() -> None:
    """A key is found again, by its name, and never replaced."""
    purse = Purse()
    with pytest.raises(ConfigError, match="has no key 'default'"):
        KeyringKeys(backend=purse)
    made = KeyringKeys.create(backend=purse)
    assert KeyringKeys(backend=purse).current() == made.current()
    with pytest.raises(ConfigError, match="already"):
        KeyringKeys.create(backend=purse)
    assert KeyringKeys.create("other", backend=purse).current() != made.current()
    purse.held = dict.fromkeys(purse.held, "nonsense")
    with pytest.raises(ConfigError):
        KeyringKeys(backend=purse)


def test_a_locked_keyring_says_so(tmp_path: Path) -> None:
    """What the keyring's library raises, secrets and all, ends in one sentence."""
    for attempt in (
        lambda: KeyringKeys(backend=Locked()),
        lambda: vault(KeyringRecords(directory=tmp_path / "own", backend=Locked())).put(wallet_of(), key()),
    ):
        with pytest.raises(VaultUnavailable, match="is it unlocked") as raised:
            attempt()
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None


def test_what_is_in_a_keyring_is_checked(tmp_path: Path) -> None:
    """A record or an index that somebody changed is called damage."""
    purse = Purse()
    store = vault(KeyringRecords(directory=tmp_path / "own", backend=purse))
    store.put(wallet_of(), key())
    (index,) = [name for name in purse.held if name[1] == "index"]
    (record,) = [name for name in purse.held if name[1] != "index"]
    good = dict(purse.held)
    for text in ("1 !!", "x", "01 ", good[record][:-8]):
        purse.held = good | {record: text}
        with pytest.raises(DamagedRecord):
            store.get(wallet_of())
    for text in ("{", '[["a"]]', "7", '[["a","b","c","d","e"]]'):
        purse.held = good | {index: text}
        with pytest.raises(DamagedRecord):
            store.list()
