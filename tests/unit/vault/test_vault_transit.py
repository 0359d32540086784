"""A key in HashiCorp Vault's transit engine, over a local server of its API."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from attrs import evolve

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable, WrongKey
from polyspec.vault import DataKey, KeyRing, MemoryRecords, TransitKeys, Vault, Wrapped
from tests.unit.vault.transit_server import Key, TransitServer
from tests.unit.vault.vault_rig import cheap, key, text_of, wallet_of

BINDING = bytes(range(32))


@pytest.fixture
def server() -> Iterator[TransitServer]:
    """Serve transit."""
    with TransitServer() as server:
        yield server


@pytest.fixture
def keys(server: TransitServer) -> Iterator[TransitKeys]:
    """Use its key, without waiting."""
    keys = TransitKeys(server.address, "hvs.test", sleep=lambda _: None)
    yield keys
    keys.close()


def test_wraps_and_unwraps(server: TransitServer, keys: TransitKeys) -> None:
    """What Vault locks it opens, bound to the record; the requests are the documented ones."""
    inner = DataKey.fresh()
    wrapped = keys.wrap(inner, BINDING)
    assert wrapped.kek_id == keys.current() == "transit:transit/polyspec:v1"
    assert inner.reveal() not in wrapped.content
    assert keys.unwrap(wrapped, BINDING).reveal() == inner.reveal()
    assert [(method, path) for method, path, _ in server.requests] == [
        ("GET", "/v1/transit/keys/polyspec"),
        ("POST", "/v1/transit/encrypt/polyspec"),
        ("GET", "/v1/transit/keys/polyspec"),
        ("POST", "/v1/transit/decrypt/polyspec"),
    ]
    assert {headers["x-vault-token"] for *_, headers in server.requests} == {"hvs.test"}
    assert {headers["x-vault-request"] for *_, headers in server.requests} == {"true"}


def test_a_vault_under_transit(server: TransitServer, keys: TransitKeys) -> None:
    """Credentials are stored and read with a key that never leaves its server."""
    store = Vault(MemoryRecords(), keys)
    store.put(wallet_of(), key("1"))
    server.rotate()
    store.put(wallet_of(), key("2"), 1)
    store.put(wallet_of("bob"), key("bob's"))
    assert (text_of(store.get(wallet_of())), text_of(store.get(wallet_of("bob")))) == ("2", "bob's")
    assert store.kek_ids() == {"transit:transit/polyspec:v2": 2}


def test_the_wrong_record_is_refused_by_the_server(keys: TransitKeys) -> None:
    """A data key bound to one record is not opened for another, nor one of whose bits any is flipped."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    with pytest.raises(DamagedRecord):
        keys.unwrap(wrapped, bytes(32))
    for bit in range(0, 8 * len(wrapped.content), 7):
        content = bytearray(wrapped.content)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedRecord):
            keys.unwrap(evolve(wrapped, content=bytes(content)), BINDING)


@pytest.mark.parametrize(
    "kek_id",
    ["transit:transit/polyspec:v2", "transit:transit/polyspec:v01", "transit:transit/other:v1",
     "transit:x/polyspec:v1", "transit:transit/polyspec:v", "transit:transit/polyspec",
     "transit:transit/polyspec:v-1", "file:00", ""],
)  # fmt: skip
def test_ids_of_other_keys_open_nothing(keys: TransitKeys, kek_id: str) -> None:
    """Only versions of the very key that was named are asked for."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    with pytest.raises((WrongKey, DamagedRecord)):
        keys.unwrap(Wrapped(kek_id, wrapped.content), BINDING)


def test_rotation_in_the_engine_is_followed(server: TransitServer, keys: TransitKeys) -> None:
    """After a rotation rewrapping moves every record to the new version, and the old one can be forbidden."""
    store = Vault(MemoryRecords(), keys)
    for user in ("alice", "bob", "carol"):
        store.put(wallet_of(user), key(user))
    server.rotate()
    assert (store.rewrap().moved, store.rewrap().kept) == (3, 3)
    server.keys["polyspec"].min_decryption_version = 2
    assert [text_of(store.get(wallet_of(user))) for user in ("alice", "bob")] == ["alice", "bob"]


def test_a_vault_moves_into_transit(keys: TransitKeys) -> None:
    """Records under a passphrase are rewrapped under transit, and need the passphrase no more."""
    records = MemoryRecords()
    Vault(records, cheap()).put(wallet_of(), key("k"))
    moving = Vault(records, KeyRing(keys, cheap()))
    assert moving.rewrap().moved == 1
    assert text_of(Vault(records, keys).get(wallet_of())) == "k"


def test_a_misspelt_name_makes_no_key(server: TransitServer) -> None:
    """A key that does not exist is said so, even to a token that could create it."""
    server.tokens["hvs.root"] = {"read", "update", "create"}
    keys = TransitKeys(server.address, "hvs.root", "polyspek")
    with pytest.raises(ConfigError, match="no key 'polyspek'"):
        keys.wrap(DataKey.fresh(), BINDING)
    keys.close()
    assert list(server.keys) == ["polyspec"]


@pytest.mark.parametrize("wrong", [Key("rsa-2048"), Key(derived=True)], ids=["rsa", "derived"])
def test_a_key_of_another_type_is_refused(server: TransitServer, keys: TransitKeys, wrong: Key) -> None:
    """A key that cannot bind what it locks to a record is not used."""
    server.keys["polyspec"] = wrong
    with pytest.raises(ConfigError, match="not derived"):
        keys.wrap(DataKey.fresh(), BINDING)


def test_a_denied_token_says_so(server: TransitServer, keys: TransitKeys) -> None:
    """An expired token, or one without the right, is told apart from damage."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    server.tokens.clear()
    for attempt in (lambda: keys.wrap(DataKey.fresh(), BINDING), lambda: keys.unwrap(wrapped, BINDING)):
        with pytest.raises(WrongKey, match="token expired"):
            attempt()


def test_a_renewed_token_is_used(server: TransitServer) -> None:
    """The token is asked for each time, so that an agent may renew it."""
    tokens = iter(["hvs.test", Secret("hvs.test"), "hvs.late"])
    keys = TransitKeys(server.address, lambda: next(tokens))
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    server.tokens = {"hvs.late": {"update"}}
    keys.unwrap(wrapped, BINDING)
    keys.close()


def test_a_passing_outage_is_waited_for(server: TransitServer) -> None:
    """A standby, a busy or a broken answer is asked again, shortly; an outage that stays is told."""
    pauses: list[float] = []
    keys = TransitKeys(server.address, "hvs.test", sleep=pauses.append)
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    server.strange = [(503, b"{}"), (429, b"{}")]
    assert keys.unwrap(wrapped, BINDING).usable
    assert pauses == [0.1, 0.4]
    server.sealed = True
    with pytest.raises(VaultUnavailable, match="status 503"):
        keys.unwrap(wrapped, BINDING)
    assert len(pauses) == 4
    keys.close()


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b'{"data": 3}', b'{"data": {}}', b'{"data": {"plaintext": 7}}',
     b'{"data": {"plaintext": "AAAA"}}', b'{"data": {"plaintext": "!!"}}', b" " * 70_000],
)  # fmt: skip
def test_strange_answers_are_refused(server: TransitServer, keys: TransitKeys, content: bytes) -> None:
    """What is not Vault's answer is no key."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    server.strange = [(200, content)] * 3
    with pytest.raises(VaultUnavailable):
        keys.unwrap(wrapped, BINDING)


@pytest.mark.parametrize(
    "text", ["", "vault:v1:", "vault:v0:AAAA", "vault:v1:AB==", "vault:v1:!!", "other:v1:AAAA"]
)
def test_strange_ciphertext_is_refused(server: TransitServer, keys: TransitKeys, text: str) -> None:
    """What has more than one spelling is not kept."""
    keys.current()
    server.strange = [(200, b'{"data": {"ciphertext": "' + text.encode() + b'"}}')]
    with pytest.raises(VaultUnavailable, match="ciphertext"):
        keys.wrap(DataKey.fresh(), BINDING)


def test_no_redirect_is_followed(server: TransitServer, keys: TransitKeys) -> None:
    """The token does not travel to another host."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    with TransitServer() as other:
        server.elsewhere = other.address
        server.strange = [(307, b"")]
        with pytest.raises(VaultUnavailable, match="status 307"):
            keys.unwrap(wrapped, BINDING)
    assert other.requests == []


def test_nobody_there(server: TransitServer) -> None:
    """A server that is down is unavailable, not damaged."""
    keys = TransitKeys("http://127.0.0.1:1", "hvs.test", sleep=lambda _: None)
    with pytest.raises(VaultUnavailable, match="ConnectError"):
        keys.unwrap(Wrapped("transit:transit/polyspec:v1", bytes(60)), BINDING)
    keys.close()


@pytest.mark.parametrize(
    "make",
    [
        lambda: TransitKeys("http://vault.example:8200", "t"),
        lambda: TransitKeys("https://user:pw@vault.example", "t"),
        lambda: TransitKeys("https://vault.example", "t", "a/b"),
        lambda: TransitKeys("https://vault.example", "t", "a?b"),
        lambda: TransitKeys("https://vault.example", "t", mount="../sys"),
        lambda: TransitKeys("https://vault.example", "t", mount=""),
    ],
)
def test_mistakes_are_refused_at_once(make: Callable[[], TransitKeys]) -> None:
    """Addresses and names that cannot be right are refused before anything is sent."""
    with pytest.raises(ConfigError):
        make()


@pytest.mark.parametrize("token", ["", "with space", "line\nend", "é"])
def test_a_token_no_header_can_carry(server: TransitServer, token: str) -> None:
    """A token with line ends is refused, and not shown."""
    keys = TransitKeys(server.address, token)
    with pytest.raises(ConfigError) as raised:
        keys.current()
    assert not token or token not in str(raised.value)


def test_a_mount_and_a_namespace(server: TransitServer) -> None:
    """Both are sent as Vault wants them."""
    keys = TransitKeys(server.address, "hvs.test", mount="teams/a", namespace="ns1/", sleep=lambda _: None)
    server.strange = [(200, b'{"data": {"type": "aes256-gcm96", "derived": false, "latest_version": 3}}')]
    assert keys.current() == "transit:teams/a/polyspec:v3"
    assert server.requests[-1][1] == "/v1/teams/a/keys/polyspec"
    assert server.requests[-1][2]["x-vault-namespace"] == "ns1/"
    keys.close()


def test_the_server_is_faithful(server: TransitServer) -> None:
    """The control: the local server refuses what Vault refuses, so the tests above mean something."""
    keys = TransitKeys(server.address, "hvs.test")
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    text = f"vault:v1:{base64.b64encode(wrapped.content).decode()}"
    handler = server.keys["polyspec"]
    for body, status in (
        ({"ciphertext": text, "associated_data": base64.b64encode(BINDING).decode()}, 200),
        ({"ciphertext": text}, 400),
        (
            {"ciphertext": text.replace("v1", "v2"), "associated_data": base64.b64encode(BINDING).decode()},
            400,
        ),
        ({"ciphertext": "nonsense"}, 400),
    ):
        assert server._work("decrypt", handler, body)[0] == status
    keys.close()
