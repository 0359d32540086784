"""Where a client connects and as whom is said completely and safely, or not at all."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import HOST, TIERS, ClobSettings, ClobSurroundings, checked_host
from polyspec.clob.wallets import derive_wallets
from polyspec.core.sending import Patience
from polyspec.errors import ConfigError
from polyspec.io.options import HttpOptions
from tests.unit.clob.checks import ADDRESSES, KEYS, OWNER
from tests.unit.clob.clob_rig import CREDS, PASSPHRASE, SECRET

KEY = {"POLYSPEC_CLOB_PRIVATE_KEY": KEYS[0]}
THREE = {
    "POLYSPEC_CLOB_API_KEY": OWNER,
    "POLYSPEC_CLOB_API_SECRET": SECRET,
    "POLYSPEC_CLOB_API_PASSPHRASE": PASSPHRASE,
}
LINE: dict[str, Any] = {"rest": "http://127.0.0.1:1", "chain_id": 137, "private_keys": [KEYS[1], KEYS[2]]}


def line(**changes: Any) -> dict[str, str]:
    """Return an environment with the line of a sandbox."""
    return {"POLYSPEC_SANDBOX": json.dumps({"clob": LINE | changes})}


def test_full_environment() -> None:
    """Every documented variable has its place."""
    safe = derive_wallets(ADDRESSES[0], 137).safe
    found = ClobSurroundings.read(
        KEY
        | THREE
        | {
            "POLYSPEC_CLOB_HOST": "https://clob.example/",
            "POLYSPEC_CLOB_CHAIN_ID": "80002",
            "POLYSPEC_CLOB_SIGNATURE_TYPE": " 2 ",
            "POLYSPEC_CLOB_FUNDER": safe,
            "PATH": "/bin",
        }
    )
    assert (found.host, found.chain_id) == ("https://clob.example", 80002)
    assert (found.signature_type, found.funder) == (2, safe)
    assert found.private_key is not None
    assert found.private_key.reveal() == KEYS[0]
    assert found.creds == CREDS


def test_nothing_is_needed() -> None:
    """Without variables it is the venue itself, and nobody in particular."""
    found = ClobSurroundings.read({})
    assert (found.host, found.chain_id, found.private_key, found.creds) == (HOST, 137, None, None)
    assert (found.signature_type, found.funder, found.settings) == (None, None, ClobSettings())
    assert ClobSurroundings.read({"POLYSPEC_CLOB_HOST": " ", "POLYSPEC_CLOB_PRIVATE_KEY": ""}).host == HOST


@pytest.mark.parametrize("kind", [ClobClient, AsyncClobClient])
def test_clients_from_the_environment(kind: Any) -> None:
    """A client made from the environment is the one the variables describe."""
    client = kind.from_env(KEY | THREE)
    assert (client.host, client.chain_id, client.address, client.creds) == (HOST, 137, ADDRESSES[0], CREDS)
    nobody = kind.from_env({})
    assert (nobody.address, nobody.creds, nobody.account) == (None, None, None)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"POLYSPEC_CLOB_CHAIN_ID": "matic"}, "POLYSPEC_CLOB_CHAIN_ID"),
        ({"POLYSPEC_CLOB_CHAIN_ID": "-1"}, "whole number"),
        ({"POLYSPEC_CLOB_CHAIN_ID": "٣"}, "whole number"),
        ({"POLYSPEC_CLOB_SIGNATURE_TYPE": "eoa"}, "POLYSPEC_CLOB_SIGNATURE_TYPE"),
        ({"POLYSPEC_CLOB_HOST": "http://clob.example"}, "https"),
        ({"POLYSPEC_CLOB_HOST": "https://me:secret@clob.example"}, "https"),
        ({"POLYSPEC_CLOB_API_KEY": OWNER}, "POLYSPEC_CLOB_API_SECRET, POLYSPEC_CLOB_API_PASSPHRASE too"),
        ({name: value for name, value in THREE.items() if "PASS" not in name}, "PASSPHRASE too"),
        ({"POLYSPEC_SANDBOX": "no line"}, "polyspec sandbox"),
        ({"POLYSPEC_SANDBOX": "{}"}, "serves no CLOB"),
        ({"POLYSPEC_SANDBOX": '{"clob": {"rest": 5}}'}, "polyspec sandbox"),
        ({"POLYSPEC_SANDBOX": "\udcff"}, "polyspec sandbox"),
        (line(private_keys=[]), "serves no CLOB"),
        (line(rest="http://elsewhere.example"), "https"),
    ],
)
def test_wrong_values_are_explained(variables: dict[str, str], words: str) -> None:
    """What is wrong is said by its name, or by what it must be."""
    with pytest.raises(ConfigError, match=words):
        ClobSurroundings.read(KEY | variables)


@pytest.mark.parametrize("chain_id", ["0", "1", "8453"])
def test_chains_the_venue_is_not_on(chain_id: str) -> None:
    """A chain the venue is not on is refused, zero included."""
    with pytest.raises(ConfigError, match="chain"):
        ClobClient.from_env(KEY | {"POLYSPEC_CLOB_CHAIN_ID": chain_id})


def test_sandbox_wins() -> None:
    """The line of a sandbox is all that counts: no key of a real wallet goes there."""
    found = ClobSurroundings.read(
        KEY | THREE | line(ca="/ca.pem") | {"POLYSPEC_CLOB_HOST": "https://x.example"}
    )
    assert (found.host, found.creds, found.funder) == ("http://127.0.0.1:1", None, None)
    assert found.private_key is not None
    assert found.private_key.reveal() == KEYS[1]
    assert found.settings.http.verify == "/ca.pem"
    assert ClobSurroundings.read(line()).settings.http.verify is True


def test_settings() -> None:
    """Settings are checked when they are made."""
    for tier in TIERS:
        assert ClobSettings(tier=tier).tier == tier
    with pytest.raises(ConfigError, match="wood"):
        ClobSettings(tier="wood")
    with pytest.raises(ConfigError, match="max_attempts"):
        ClobSettings(max_attempts=0)


@pytest.mark.parametrize("name", ["market_ttl", "settle_window", "activation"])
@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_windows_that_are_no_time(name: str, seconds: float) -> None:
    """A window that is no number of seconds would make every order look absent."""
    with pytest.raises(ConfigError, match=name):
        ClobSettings(**{name: seconds})


@pytest.mark.parametrize(
    ("host", "found"),
    [("https://clob.example/", "https://clob.example"), ("http://127.0.0.1:80", "http://127.0.0.1:80")],
)
def test_hosts(host: str, found: str) -> None:
    """Https anywhere, http on this machine only."""
    assert checked_host(host) == found


@pytest.mark.parametrize(
    "host", ["", "clob.example", "ftp://x", "http://clob.example", "https://me:hunter2@c", "hunter2@c", None]
)
def test_hosts_that_cannot_be_trusted(host: Any) -> None:
    """Keys and orders go nowhere else; what is in front of an @ is not repeated."""
    with pytest.raises(ConfigError, match="https") as caught:
        ClobClient(host)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"creds": {"apiKey": "x"}}, "must be ApiCreds"),
        ({"funder": ADDRESSES[1]}, "give the key too"),
        ({"signature_type": 0}, "give the key too"),
        ({"key": KEYS[0], "address": ADDRESSES[1]}, "not of"),
        ({"key": KEYS[0], "funder": ADDRESSES[1]}, "no wallet of the key"),
        ({"address": "0x12"}, "address"),
        ({"key": KEYS[0], "signature_type": 4}, "signature types"),
        ({"key": object()}, "a signer is"),
        ({"nonce": -1}, "256 bits"),
        ({"chain_id": 1}, "chain"),
        ({"builder_code": "0x12", "key": KEYS[0]}, "builder_code"),
    ],
)
@pytest.mark.parametrize("kind", [ClobClient, AsyncClobClient])
def test_clients_that_cannot_be(kind: Any, known: dict[str, Any], words: str) -> None:
    """What does not fit together is refused before anything is sent."""
    with pytest.raises(ConfigError, match=words):
        kind(**known)


def test_patience_is_the_users() -> None:
    """How long things may take is set as a whole, with the connections."""
    settings = ClobSettings(patience=Patience(place=3.0), http=HttpOptions(max_connections=5))
    client = ClobClient(settings=settings)
    assert client.session.patience.place == 3.0
    assert client.settings is settings
