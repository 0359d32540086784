"""A key in AWS KMS, through botocore's own client over HTTP to a local server of somebody else's (moto)."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from polyspec.errors import ConfigError, DamagedRecord, VaultUnavailable, WrongKey
from polyspec.vault import DataKey, KmsKeys, MemoryRecords, Vault, Wrapped
from tests.unit.vault.vault_rig import key, text_of, wallet_of

session = pytest.importorskip("botocore.session")
BINDING = bytes(range(32))
GONE = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Serve KMS on a free port."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server_of = pytest.importorskip("moto.server").ThreadedMotoServer
    server = server_of(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint: str) -> Callable[[], Any]:
    """Make clients of that server."""
    config = pytest.importorskip("botocore.config").Config(retries={"max_attempts": 1}, read_timeout=10)

    def made() -> Any:
        return session.get_session().create_client(
            "kms", region_name="eu-west-1", endpoint_url=endpoint, config=config,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    return made


@pytest.fixture
def arn(client: Callable[[], Any]) -> str:
    """Make a key, and name it."""
    found: str = client().create_key()["KeyMetadata"]["Arn"]
    return found


@pytest.fixture
def keys(arn: str, client: Callable[[], Any]) -> Iterator[KmsKeys]:
    """Use it."""
    keys = KmsKeys(arn, client=client)
    yield keys
    keys.close()


def test_wraps_and_unwraps(arn: str, keys: KmsKeys) -> None:
    """What KMS locks it opens, and the id names the key."""
    inner = DataKey.fresh()
    wrapped = keys.wrap(inner, BINDING)
    assert wrapped.kek_id == keys.current() == f"kms:{arn}"
    assert keys.opens(wrapped.kek_id)
    assert inner.reveal() not in wrapped.content
    assert keys.unwrap(wrapped, BINDING).reveal() == inner.reveal()


def test_a_vault_under_kms(keys: KmsKeys) -> None:
    """Credentials are stored and read with a key that never leaves KMS."""
    store = Vault(MemoryRecords(), keys)
    store.put(wallet_of(), key("1"))
    store.put(wallet_of(), key("2"), 1)
    assert text_of(store.get(wallet_of())) == "2"


def test_the_wrong_record_is_refused(keys: KmsKeys) -> None:
    """A data key opens for its own record only, and not with a bit flipped."""
    wrapped = keys.wrap(DataKey.fresh(), BINDING)
    with pytest.raises(DamagedRecord):
        keys.unwrap(wrapped, bytes(32))
    # the server's blob begins with the id of its key
    for bit in range(8 * 40, 8 * len(wrapped.content), 61):
        content = bytearray(wrapped.content)
        content[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedRecord):
            keys.unwrap(evolve(wrapped, content=bytes(content)), BINDING)


def test_a_record_of_another_key_is_refused(keys: KmsKeys, client: Callable[[], Any]) -> None:
    """Keys that were not named are not used, though the account may hold them: anybody can make one."""
    other = KmsKeys(client().create_key()["KeyMetadata"]["Arn"], client=client)
    theirs = other.wrap(DataKey.fresh(), BINDING)
    assert not keys.opens(theirs.kek_id)
    with pytest.raises(WrongKey, match="was not named"):
        keys.unwrap(theirs, BINDING)
    # nor is a blob of theirs under our name
    with pytest.raises((DamagedRecord, WrongKey)):
        keys.unwrap(Wrapped(keys.current(), theirs.content), BINDING)
    other.close()


def test_an_older_key_opens_and_is_rewrapped(arn: str, keys: KmsKeys, client: Callable[[], Any]) -> None:
    """Named as older, the key of before opens its records until they are moved."""
    records = MemoryRecords()
    Vault(records, keys).put(wallet_of(), key("k"))
    newer = KmsKeys(client().create_key()["KeyMetadata"]["Arn"], older=[arn], client=client)
    store = Vault(records, newer)
    assert text_of(store.get(wallet_of())) == "k"
    assert store.rewrap().moved == 1
    assert store.kek_ids() == {newer.current(): 1}
    newer.close()


def test_a_missing_key_says_so(client: Callable[[], Any]) -> None:
    """A key that cannot be used is told apart from damage, by KMS's own word."""
    gone = KmsKeys(GONE, client=client)
    with pytest.raises(WrongKey, match="NotFoundException"):
        gone.wrap(DataKey.fresh(), BINDING)
    gone.close()


@pytest.mark.parametrize(
    ("code", "error"),
    [("AccessDeniedException", WrongKey), ("KMSInvalidStateException", WrongKey),
     ("DisabledException", WrongKey), ("ThrottlingException", VaultUnavailable),
     ("KMSInternalException", VaultUnavailable), ("InvalidCiphertextException", DamagedRecord),
     ("IncorrectKeyException", DamagedRecord), ("DependencyTimeoutException", VaultUnavailable)],
)  # fmt: skip
def test_refusals_are_sorted(code: str, error: type[Exception]) -> None:
    """Each of KMS's words is damage, a key that is denied, or a service that is down."""
    refusing = _Refusing(code)
    with pytest.raises(error, match=code):
        KmsKeys(GONE, client=lambda: refusing).unwrap(Wrapped(f"kms:{GONE}", bytes(60)), BINDING)


class _Refusing:
    """A client that answers with a refusal."""

    def __init__(self, code: str) -> None:
        self._code = code

    def decrypt(self, **_: object) -> None:
        """Refuse."""
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, "Decrypt")


def test_another_key_than_asked_for_is_refused(arn: str) -> None:
    """An answer under another key's name is not taken."""

    class Lying:
        def decrypt(self, **_: object) -> dict[str, object]:
            return {"Plaintext": bytes(32), "KeyId": GONE}

        def encrypt(self, **_: object) -> dict[str, object]:
            return {"CiphertextBlob": b"x", "KeyId": GONE}

    keys = KmsKeys(arn, client=Lying)
    with pytest.raises(DamagedRecord, match="another key"):
        keys.unwrap(Wrapped(keys.current(), b"x"), BINDING)
    with pytest.raises(DamagedRecord, match="another key"):
        keys.wrap(DataKey.fresh(), BINDING)


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is down, and credentials that are missing, are unavailable."""

    def nowhere() -> Any:
        return session.get_session().create_client(
            "kms", region_name="eu-west-1", endpoint_url="http://127.0.0.1:1",
            config=pytest.importorskip("botocore.config").Config(retries={"max_attempts": 0}),
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    with pytest.raises(VaultUnavailable, match="EndpointConnectionError"):
        KmsKeys(GONE, client=nowhere).wrap(DataKey.fresh(), BINDING)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    keys = KmsKeys(GONE, timeout=1)
    with pytest.raises(VaultUnavailable, match="NoCredentialsError"):
        keys.wrap(DataKey.fresh(), BINDING)
    keys.close()


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "alias/polyspec",
        "arn:aws:kms:eu-west-1:123456789012:alias/polyspec",
        "key-id",
        "arn:aws:kms:eu-west-1:123456789012:key/",
        "arn:aws:s3:eu-west-1:123456789012:key/x",
    ],
)
def test_a_key_is_named_by_its_arn(arn: str) -> None:
    """An alias may point elsewhere tomorrow."""
    for make in (lambda: KmsKeys(arn), lambda: KmsKeys(GONE, older=[arn])):
        with pytest.raises(ConfigError, match="ARN"):
            make()


def test_the_debug_log_is_quiet_for_us_only(
    keys: KmsKeys, client: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Botocore writes whole bodies at the debug level: not ours, while others' calls are logged as ever."""
    caplog.set_level(1)
    inner = DataKey.fresh()
    keys.unwrap(keys.wrap(inner, BINDING), BINDING)
    assert not [record for record in caplog.records if record.name.startswith(("botocore", "urllib3"))]
    client().list_keys()
    assert [record for record in caplog.records if record.name.startswith("botocore")]
    assert logging.getLogger("botocore").level == logging.NOTSET
