"""Who a credential is filed under, what it is made of, and where it may be sent."""

from __future__ import annotations

import pytest

from polyspec.clob import config as clob
from polyspec.clob import stream_places
from polyspec.errors import ConfigError
from polyspec.polysimulator import config as polysimulator
from polyspec.us.config import ENVIRONMENTS
from polyspec.vault import Credential, CredentialId, CredentialKind, EnvironmentTag, Filter, check_host
from tests.unit.vault.vault_rig import WALLET, key, vault, wallet_of

HOSTS: dict[str, list[str]] = {
    "prod": [clob.HOST, stream_places.STREAMS, polysimulator.HOST],
    "preprod": [],
    "sandbox": ["http://127.0.0.1:8080", "ws://127.0.0.1:1/ws", "https://[::1]:9", "http://localhost",
                "127.0.0.1:50051", "http://127.9.9.9", "http://testserver"],
}  # fmt: skip
for name, environment in ENVIRONMENTS.items():
    HOSTS[name] += [environment.base_url, environment.token_url, environment.grpc or ""]


@pytest.mark.parametrize("tag", list(EnvironmentTag))
@pytest.mark.parametrize(("owner", "url"), [(owner, url) for owner, urls in HOSTS.items() for url in urls])
def test_each_host_takes_its_own_credentials_only(tag: EnvironmentTag, owner: str, url: str) -> None:
    """Of every pairing of a credential with a host of the venues, the right ones pass and no other."""
    if tag == owner:
        check_host(tag, url)
        # naming it as trusted changes nothing
        check_host(tag, url, trusted=["x"])
        return
    for trusted in ((), [url.split("//")[-1].split("/")[0]]):
        with pytest.raises(ConfigError, match=f"is for {tag}, and .* is {owner}"):
            check_host(tag, url, trusted=trusted)


@pytest.mark.parametrize(
    "url",
    ["https://clob.polymarket.com.evil.example", "https://evil.example/clob.polymarket.com", "https://evilclob.polymarket.com",
     "https://polymarket.com", "https://api.prod.polymarketexchange.com.evil.example", "https://clob-polymarket.com"],
)  # fmt: skip
@pytest.mark.parametrize("tag", list(EnvironmentTag))
def test_lookalikes_are_refused(tag: EnvironmentTag, url: str) -> None:
    """A host nobody knows takes nothing."""
    with pytest.raises(ConfigError, match="no known host"):
        check_host(tag, url)


@pytest.mark.parametrize(
    "url",
    ["http://clob.polymarket.com", "ws://clob.polymarket.com", "https://clob.polymarket.com@evil.example",
     "ftp://127.0.0.1", "https://user:pw@clob.polymarket.com", "", "https://", "https://clob.polymarket.com:x",
     "https://a b", "//127.0.0.1"],
)  # fmt: skip
def test_addresses_that_show_credentials_are_refused(url: str) -> None:
    """Nothing is sent in the open, or to an address with credentials of its own."""
    for tag in EnvironmentTag:
        with pytest.raises(ConfigError):
            check_host(tag, url)


def test_spellings_of_a_host() -> None:
    """Case, a final dot and a port do not make another host."""
    check_host("prod", "https://CLOB.Polymarket.com:443/x?y")
    check_host("prod", "https://clob.polymarket.com.")
    check_host("prod", "https://gateway.example", trusted=["Gateway.example."])
    with pytest.raises(ConfigError):
        check_host("preprod", "https://gateway.example", trusted=["other.example"])
    with pytest.raises(ConfigError, match="no environment"):
        check_host("production", "https://clob.polymarket.com")
    with pytest.raises(ConfigError):
        check_host("prod", b"https://clob.polymarket.com")  # type: ignore[arg-type]


def test_a_stored_credential_knows_where_it_belongs() -> None:
    """What comes out of the vault refuses hosts of another environment."""
    stored = vault().put(wallet_of(), key(environment="sandbox"))
    stored.check_host("http://127.0.0.1:8000")
    stored.check_host("https://box.example", trusted=["box.example"])
    with pytest.raises(ConfigError, match="is prod"):
        stored.check_host(clob.HOST)


def test_a_wallet_has_one_spelling() -> None:
    """The same address in any case is the same wallet."""
    mixed = CredentialId("acme", "alice", "clob", "0x" + "Ab" * 20, "clob_wallet")
    assert mixed == wallet_of()
    assert mixed.wallet == WALLET
    assert mixed.kind is CredentialKind.CLOB_WALLET
    assert str(mixed) == f"clob_wallet {WALLET} of acme/alice at clob"
    assert CredentialId.of(mixed.parts) == mixed


@pytest.mark.parametrize("name", ["tenant", "user", "wallet", "venue", "kind"])
@pytest.mark.parametrize(
    "text",
    [
        " x",
        "x ",
        "a\nb",
        "a\0b",
        "\u202ex",
        "e\u0301",
        "x" * 201,
        "é" * 101,
        "\ud800",
        7,
        None,
        b"x",
        "\u00a0x",
    ],
)
def test_texts_that_may_be_mistaken_are_refused(name: str, text: str) -> None:
    """Two users never look or sort alike and differ: invisible, composed and overlong texts are refused."""
    parts = dict(zip(("tenant", "user", "venue", "wallet", "kind"), wallet_of().parts, strict=True))
    with pytest.raises(ConfigError):
        CredentialId(**parts | {name: text})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["tenant", "user", "venue"])
def test_empty_texts_are_refused(name: str) -> None:
    """Only a wallet may be left empty."""
    parts = dict(zip(("tenant", "user", "venue", "wallet", "kind"), wallet_of().parts, strict=True))
    with pytest.raises(ConfigError):
        CredentialId(**parts | {name: ""})  # type: ignore[arg-type]
    assert CredentialId(**parts | {"wallet": ""}).wallet == ""  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_each_kind_has_its_venue(kind: CredentialKind) -> None:
    """A credential of one venue cannot be filed under another."""
    for venue in ("us", "clob", "polysimulator"):
        if venue == kind.venue:
            assert CredentialId("a", "b", venue, "", kind).kind is kind
        else:
            with pytest.raises(ConfigError, match="belongs to the venue"):
                CredentialId("a", "b", venue, "", kind)


def test_filters_compare_what_they_are_given() -> None:
    """Each field of a filter that is given must agree."""
    assert Filter().matches(wallet_of())
    for field, right, wrong in (
        ("tenant", "acme", "b"), ("user", "alice", "b"), ("venue", "clob", "us"), ("wallet", WALLET, ""),
        ("kind", "clob_wallet", "clob_api"),
    ):  # fmt: skip
        assert Filter(**{field: right}).matches(wallet_of())
        assert not Filter(**{field: wrong}).matches(wallet_of())


@pytest.mark.parametrize(
    "given",
    [
        {"environment": "production", "secrets": {"a": "b"}},
        {"environment": None, "secrets": {"a": "b"}},
        {"environment": "prod", "secrets": {}},
        {"environment": "prod", "secrets": None},
        {"environment": "prod", "secrets": "text"},
        {"environment": "prod", "secrets": {"a": 7}},
        {"environment": "prod", "secrets": {"a": b"x"}},
        {"environment": "prod", "secrets": {"a": "\ud800"}},
        {"environment": "prod", "secrets": {"a": "x" * 65_537}},
        {"environment": "prod", "secrets": {"A": "x"}},
        {"environment": "prod", "secrets": {"": "x"}},
        {"environment": "prod", "secrets": {7: "x"}},
        {"environment": "prod", "secrets": {f"a{n}": "x" for n in range(65)}},
        {"environment": "prod", "secrets": {"a": "b"}, "public": {"a": 7}},
        {"environment": "prod", "secrets": {"a": "b"}, "public": {"a": "x" * 4_097}},
        {"environment": "prod", "secrets": {"a": "b"}, "public": {"a b": "x"}},
    ],
)
def test_what_cannot_be_stored_is_refused(given: dict[str, object]) -> None:
    """Credentials are texts by name, one secret or more, of sizes that every backend takes."""
    with pytest.raises(ConfigError):
        Credential(**given)  # type: ignore[arg-type]


def test_what_was_given_may_change_later() -> None:
    """A credential does not follow the mappings it was made of."""
    secrets: dict[str, str] = {"a": "1"}
    public = {"n": "1"}
    made = Credential(environment="prod", secrets=secrets, public=public)
    secrets["a"], public["n"] = "2", "2"
    assert (made.secrets["a"].reveal(), made.public) == ("1", {"n": "1"})
