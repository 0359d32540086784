"""Where a client connects is said completely and safely, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from polyspec.errors import ConfigError
from polyspec.io.grpc_base import GrpcPlace
from polyspec.us.config import ENVIRONMENTS, Environment, Settings, Surroundings

NEEDED = {
    "POLYSPEC_US_ENVIRONMENT": "preprod",
    "POLYSPEC_US_CLIENT_ID": "client",
    "POLYSPEC_US_PRIVATE_KEY_PATH": "/key.pem",
}
LINE: dict[str, Any] = {
    "rest": "http://127.0.0.1:1",
    "grpc": "127.0.0.1:2",
    "token_url": "http://127.0.0.1:1/oauth/token",
    "audience": "aud",
    "client_id": "client",
    "private_key_path": "/key.pem",
    "participant_id": "firms/f/users/u",
    "symbols": ["a"],
}


def test_full_environment() -> None:
    """Every documented variable has its place."""
    found = Surroundings.read(
        NEEDED
        | {
            "POLYSPEC_US_PARTICIPANT_ID": "firms/f/users/u",
            "POLYSPEC_US_ACCOUNT": "firms/f/accounts/a",
            "POLYSPEC_US_TIER": "tier3",
        }
    )
    assert found.environment is ENVIRONMENTS["preprod"]
    assert (found.client_id, found.private_key_path) == ("client", "/key.pem")
    assert (found.participant_id, found.account) == ("firms/f/users/u", "firms/f/accounts/a")
    assert found.settings.tier == "tier3"
    bare = Surroundings.read(NEEDED)
    assert (bare.participant_id, bare.account, bare.settings) == (None, None, Settings())


@pytest.mark.parametrize("missing", list(NEEDED))
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_missing_variable_is_named(missing: str, blank: str | None) -> None:
    """A variable that is missing or blank is named, and only it."""
    known = {name: value for name, value in NEEDED.items() if name != missing}
    with pytest.raises(ConfigError) as caught:
        Surroundings.read(known if blank is None else known | {missing: blank})
    assert missing in str(caught.value)
    assert not any(name in str(caught.value) for name in known)
    assert "POLYSPEC_SANDBOX" in str(caught.value)


def test_all_missing_variables_are_named() -> None:
    """Everything that is missing is said at once."""
    with pytest.raises(ConfigError) as caught:
        Surroundings.read({})
    assert all(name in str(caught.value) for name in NEEDED)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("POLYSPEC_US_ENVIRONMENT", "production", "preprod, prod"),
        ("POLYSPEC_US_TIER", "tier9", "tier1, tier2, tier3, tier4"),
    ],
)
def test_wrong_value_is_explained(name: str, value: str, words: str) -> None:
    """A value that is none of the possible ones is told with its variable and what is possible."""
    with pytest.raises(ConfigError) as caught:
        Surroundings.read(NEEDED | {name: value})
    assert all(each in str(caught.value) for each in (name, value, words))


def test_sandbox_wins() -> None:
    """The sandbox's line is used whatever else is set, unknown parts of it left alone."""
    line = json.dumps({"us_exchange": LINE, "clob": {"rest": 1}})
    found = Surroundings.read(NEEDED | {"POLYSPEC_SANDBOX": line})
    assert found.environment == Environment(
        "sandbox", "http://127.0.0.1:1", "http://127.0.0.1:1/oauth/token", "aud", "127.0.0.1:2"
    )
    assert (found.participant_id, found.account) == ("firms/f/users/u", None)
    assert found.settings.http.verify is True
    safe = LINE | {"rest": "https://127.0.0.1:1", "ca": "/ca.pem", "account": "a"}
    found = Surroundings.read({"POLYSPEC_SANDBOX": json.dumps({"us_exchange": safe})})
    assert (found.settings.http.verify, found.account) == ("/ca.pem", "a")
    assert found.environment.grpc_place(found.settings.http) == GrpcPlace("127.0.0.1:2", True, "/ca.pem")


def test_grpc_is_where_the_venue_has_it() -> None:
    """Each environment knows its gRPC host, which has TLS where REST has it, and no other place has none."""
    for name in ("preprod", "prod"):
        place = ENVIRONMENTS[name].grpc_place()
        assert place == GrpcPlace(f"grpc-api.{name}.polymarketexchange.com:443", tls=True)
    with pytest.raises(ConfigError, match="no address of gRPC"):
        Environment("e", "https://a.test", "https://a.test", "a").grpc_place()


@pytest.mark.parametrize(
    "target", ["", "host", "https://host:1", "user@host:1", "host:port", "a b:1", "host:1/x"]
)
def test_grpc_address_is_host_and_port(target: str) -> None:
    """Whatever is no host and port is refused when it is written."""
    with pytest.raises(ConfigError, match="host:port"):
        Environment("e", "https://a.test", "https://a.test", "a", target)


def test_grpc_without_tls_stays_on_this_machine() -> None:
    """Where REST has no TLS, gRPC has none, so tokens must not leave this machine there either."""
    with pytest.raises(ConfigError, match="without TLS"):
        Environment("e", "http://127.0.0.1:1", "http://127.0.0.1:1", "a", "example.test:1")


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "{",
        "[]",
        "{}",
        "true",
        "not json",
        "\ud800",
        json.dumps({"us_exchange": "http://127.0.0.1:1"}),
        json.dumps({"us_exchange": None}),
        *(
            json.dumps({"us_exchange": {k: v for k, v in LINE.items() if k != name}})
            for name in ("rest", "client_id")
        ),
        json.dumps({"us_exchange": LINE | {"rest": 5}}),
        json.dumps({"us_exchange": LINE | {"rest": "http://sandbox.example:1"}}),
        json.dumps({"us_exchange": LINE | {"token_url": ""}}),
    ],
)
def test_broken_sandbox_line_is_explained(text: str) -> None:
    """A line that is not the sandbox's is refused with the variable's name, whatever it is."""
    with pytest.raises(ConfigError, match="POLYSPEC_SANDBOX is not the line"):
        Surroundings.read(NEEDED | {"POLYSPEC_SANDBOX": text})


def test_errors_show_no_values() -> None:
    """A broken line may hold secrets of other venues, so nothing of it is shown."""
    line = json.dumps({"us_exchange": {}, "clob": {"private_keys": ["0xsecret"]}})
    with pytest.raises(ConfigError) as caught:
        Surroundings.read({"POLYSPEC_SANDBOX": line})
    assert "0xsecret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.preprod.polymarketexchange.com",
        "HTTPS://api.example",
        "https://[2001:db8::1]:8443",
        "http://127.0.0.1:8000",
        "http://127.1.2.3",
        "http://localhost:1",
        "http://LOCALHOST:1",
        "http://[::1]:1",
        "http://testserver",
    ],
)
def test_safe_addresses(url: str) -> None:
    """TLS goes anywhere, plain HTTP to this machine."""
    assert Environment("e", url, url, "a").base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://127.0.0.1@example",
        "http://localhost@example",
        "http://testserver.example",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://",
        "https://",
        "https:///path",
        "https://user:secret@api.example",
        "https://api.example:port",
        "https://api.example\n.evil",
        "https://[::1",
        "ftp://127.0.0.1",
        "//api.example",
        "api.example",
        "",
        None,
        7,
    ],
)
def test_unsafe_addresses(url: Any) -> None:
    """Credentials are not sent where others can read them, by whatever trick the address is spelled."""
    with pytest.raises(ConfigError, match="must be an https address"):
        Environment("e", url, "https://auth.example", "a")
    with pytest.raises(ConfigError, match="token_url"):
        Environment("e", "https://api.example", url, "a")


def test_environments_are_kept_apart() -> None:
    """The two installations share neither hosts nor token endpoints nor audiences."""
    preprod, prod = ENVIRONMENTS["preprod"], ENVIRONMENTS["prod"]
    for name in ("name", "base_url", "token_url", "audience"):
        assert getattr(preprod, name) != getattr(prod, name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tier": "tier5"},
        {"max_attempts": 0},
        {"settle_window": -1},
        {"settle_window": float("nan")},
        {"settle_window": float("inf")},
        {"instrument_ttl": -1},
        {"instrument_ttl": float("nan")},
    ],
)
def test_settings_that_make_no_sense(wrong: dict[str, Any]) -> None:
    """Settings under which proofs would prove nothing are refused."""
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Settings(**wrong)
