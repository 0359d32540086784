"""The format of a record: documented, and nothing else opens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.secret import Secret
from polyspec.errors import DamagedRecord, VaultError, WrongKey
from polyspec.vault import (
    Credential,
    CredentialId,
    EnvironmentTag,
    KeyProvider,
    MemoryRecords,
    PassphraseKeys,
    Row,
    Vault,
)
from polyspec.vault.key_file import read_key_text
from polyspec.vault.layout import Header, Sealed
from polyspec.vault.local_keys import SingleKey
from tests.unit.vault import reference
from tests.unit.vault.vault_rig import CANARY, PASSPHRASE, ROOT, cheap, key, vault, wallet_of

VECTORS = json.loads((ROOT / "tests/vectors/vault/records.json").read_text())
KILOBYTE = 1_024


def keys_of(given: dict[str, str]) -> KeyProvider:
    """Open the key of a vector."""
    if "passphrase" in given:
        return PassphraseKeys(given["passphrase"])
    local = read_key_text(Secret(given["key_file"]))
    assert local is not None
    return SingleKey(local, "file")


def place_of(sealed: bytes, keys: KeyProvider) -> tuple[Vault, CredentialId]:
    """Put a record where its header says it belongs."""
    header = Sealed.decode(sealed).header
    records = MemoryRecords()
    assert records.swap(None, Row(header.id, header.version, sealed))
    return Vault(records, keys), header.id


def sealed_of(user: str = "alice", text: str = CANARY) -> bytes:
    """Store a credential, and take the record."""
    records = MemoryRecords()
    vault(records).put(wallet_of(user), key(text))
    row = records.load(wallet_of(user))
    assert row is not None
    assert row.sealed is not None
    return row.sealed


def opens(store: Vault, records: MemoryRecords, sealed: bytes, version: int = 1) -> str:
    """Tell what becomes of a record in its place: ``opened``, or the name of the error."""
    # the row's own version is not what is tried
    records._rows[wallet_of()] = Row(wallet_of(), version, sealed)
    try:
        store.get(wallet_of())
    except VaultError as error:
        return type(error).__name__
    return "opened"


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: str(vector["id"]))
def test_reads_the_vectors(vector: dict[str, Any]) -> None:
    """Records written by the reference open, and hold what went into them."""
    of, keys = vector["inputs"]["record"], keys_of(vector["inputs"]["key"])
    store, place = place_of(bytes.fromhex(vector["expected"]["sealed"]), keys)
    found = store.get(place)
    assert found is not None
    assert [*place.parts] == [of[name] for name in ("tenant", "user", "venue", "wallet", "kind")]
    assert (found.environment, found.version, found.created_at) == (
        of["environment"], of["version"], of["created_ms"] / 1000,
    )  # fmt: skip
    assert found.public == of["public"]
    assert {name: secret.reveal() for name, secret in found.secrets.items()} == of["secrets"]
    assert store.kek_ids() == {vector["expected"]["kek_id"]: 1}


def test_the_vectors_are_what_the_reference_writes() -> None:
    """The file is generated, and nobody edited it."""
    assert reference.vectors() == VECTORS
    assert VECTORS["count"] == len(VECTORS["vectors"]) == 4


def test_the_reference_reads_ours() -> None:
    """A record of this library is what the document says."""
    records = MemoryRecords()
    store = Vault(records, cheap(), wall=lambda: 1_700_000_000.123)
    new = Credential(
        environment="preprod", secrets={"b": "2 ✓", "a": "1"}, public={"nonce": "0", "api_key": "id"}
    )
    store.put(wallet_of(), new)
    row = records.load(wallet_of())
    assert row is not None
    assert row.sealed is not None
    assert reference.read(row.sealed, {"passphrase": PASSPHRASE}) == {
        "tenant": "acme", "user": "alice", "venue": "clob", "wallet": wallet_of().wallet,
        "kind": "clob_wallet", "environment": "preprod", "version": 1, "created_ms": 1_700_000_000_123,
        "public": {"nonce": "0", "api_key": "id"}, "secrets": {"a": "1", "b": "2 ✓"},
    }  # fmt: skip


def test_every_bit_counts() -> None:
    """Of a record of 1 KiB each of the 8,192 bits, flipped, is noticed: nothing of it is handed out."""
    sealed = sealed_of(text="x" * (KILOBYTE - len(sealed_of(text=""))))
    assert len(sealed) == KILOBYTE
    records = MemoryRecords()
    store = vault(records)
    assert opens(store, records, sealed) == "opened"
    fates = []
    for bit in range(8 * KILOBYTE):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        fates.append(opens(store, records, bytes(flipped)))
    assert len(fates) == 8_192
    assert set(fates) == {"DamagedRecord", "WrongKey"}


def test_bits_that_nothing_proves_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: were the header not proven, some flips would go through."""
    monkeypatch.setattr(Header, "proven", b"nothing")
    sealed = sealed_of()
    records = MemoryRecords()
    store = vault(records)
    fates = []
    for bit in range(8 * len(sealed)):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        fates.append(opens(store, records, bytes(flipped)))
    # the environment's letters spell no other; the time's 64 bits do
    assert fates.count("opened") >= 64


def test_every_length_counts() -> None:
    """A record cut off anywhere, or with anything after it, is noticed."""
    sealed = sealed_of()
    records = MemoryRecords()
    store = vault(records)
    fates = {opens(store, records, sealed[:length]) for length in range(len(sealed))}
    fates |= {opens(store, records, sealed + bytes(extra)) for extra in (1, 2, 12)}
    assert fates == {"DamagedRecord"}


def test_records_differ_in_everything_random() -> None:
    """Two records of one credential share neither data key nor nonce: their secret parts share nothing."""
    first, second = Sealed.decode(sealed_of()), Sealed.decode(sealed_of())
    assert first.nonce != second.nonce
    assert first.wrapped[:12] != second.wrapped[:12]
    assert first.ciphertext[:16] != second.ciphertext[:16]


def test_a_header_of_another_opens_nothing() -> None:
    """With a header rewritten to another user, version, kind, environment or time, a record stays shut."""
    sealed = Sealed.decode(sealed_of())
    header = sealed.header
    for changed in (
        evolve(header, id=wallet_of("bob")),
        evolve(header, id=wallet_of(tenant="other")),
        evolve(header, id=evolve(header.id, wallet="0x" + "cd" * 20)),
        evolve(header, id=CredentialId("acme", "alice", "clob", header.id.wallet, "clob_api")),
        evolve(header, version=2),
        evolve(header, environment=EnvironmentTag.SANDBOX),
        evolve(header, created_ms=header.created_ms + 1),
        evolve(header, public={"nonce": "1"}),
    ):
        forged = evolve(sealed, header=changed).encode()
        store, place = place_of(forged, cheap())
        with pytest.raises(DamagedRecord) as raised:
            store.get(place)
        assert raised.value.reason == "altered"


def test_parts_of_two_records_do_not_mix() -> None:
    """The data key of one record does not open another, whichever half is exchanged."""
    mine, theirs = Sealed.decode(sealed_of()), Sealed.decode(sealed_of("bob"))
    for mixed in (
        evolve(mine, wrapped=theirs.wrapped),
        evolve(mine, nonce=theirs.nonce, ciphertext=theirs.ciphertext),
        evolve(mine, nonce=theirs.nonce),
        evolve(mine, wrapped=theirs.wrapped, nonce=theirs.nonce, ciphertext=theirs.ciphertext),
    ):
        store, place = place_of(mixed.encode(), cheap())
        with pytest.raises(VaultError):
            store.get(place)


def test_a_newer_format_says_so() -> None:
    """A record of a later release asks for an update instead of calling itself broken."""
    sealed = bytearray(sealed_of())
    sealed[4] = 2
    with pytest.raises(DamagedRecord, match="update polyspec") as raised:
        Sealed.decode(bytes(sealed))
    assert raised.value.reason == "newer_format"


@pytest.mark.parametrize(
    "content",
    [b"", b"PSVR", b"PSVR\x01", b"PSVR\x00" + bytes(64), b"PSVR\x01" + b"\xff" * 64, bytes(9 * 1024 * 1024)],
    ids=["nothing", "magic", "version", "older", "lengths", "huge"],
)
def test_what_is_no_record_is_refused(content: bytes) -> None:
    """Anything else is called what it is."""
    with pytest.raises(DamagedRecord) as raised:
        Sealed.decode(content)
    assert raised.value.reason == "malformed"


def test_pairs_have_one_order_and_appear_once() -> None:
    """A header with pairs out of order or twice was not written by us."""
    sealed = sealed_of()
    decoded = Sealed.decode(sealed)
    header = evolve(decoded.header, public={"a": "1", "b": "2"})
    good = evolve(decoded, header=header).encode()
    assert Sealed.decode(good).header.public == {"a": "1", "b": "2"}
    a, b = bytes.fromhex("000000016100000001310000000162"), bytes.fromhex("000000016200000001310000000162")
    assert a in good
    with pytest.raises(DamagedRecord):
        Sealed.decode(good.replace(a, b))


def test_a_wrong_passphrase_opens_nothing() -> None:
    """Another passphrase is told apart from damage."""
    records = MemoryRecords()
    vault(records).put(wallet_of(), key())
    with pytest.raises(WrongKey, match="the passphrase is wrong"):
        Vault(records, cheap("another")).get(wallet_of())
