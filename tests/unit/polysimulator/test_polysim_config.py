"""Where a client connects and as whom is said completely and safely, or not at all."""

from __future__ import annotations

import json
import math
import traceback
from typing import Any

import pytest

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.polysimulator.base import Base
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.config import (
    HOST,
    TIERS,
    PolySimulatorSettings,
    PolySimulatorSurroundings,
    checked_url,
)

KEY = "ps_live_" + "ab" * 32
OTHER = "ps_live_" + "cd" * 32
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
OURS = {
    "POLYSPEC_POLYSIMULATOR_API_KEY": f" {KEY} ",
    "POLYSPEC_POLYSIMULATOR_BASE_URL": "https://staging-api.polysimulator.com/v1/",
    "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN": JWT,
}
THEIRS = {"POLYSIM_API_KEY": OTHER, "POLYSIM_BASE_URL": "https://theirs.example"}
LINE: dict[str, Any] = {"rest": "http://127.0.0.1:4", "ws": "ws://127.0.0.1:4/v1/ws", "api_key": OTHER}
BOTH = pytest.mark.parametrize("kind", [Base, AsyncBase])


def line(**changes: Any) -> dict[str, str]:
    """Return an environment with the line of a sandbox."""
    return {"POLYSPEC_SANDBOX": json.dumps({"polysimulator": LINE | changes})}


def revealed(secret: Secret | None) -> str | None:
    """Return what a secret hides."""
    return None if secret is None else secret.reveal()


def test_full_environment() -> None:
    """Every documented variable has its place, and ours win over those of the venue's own tools."""
    found = PolySimulatorSurroundings.read(OURS | THEIRS | {"PATH": "/bin"})
    assert found.base_url == "https://staging-api.polysimulator.com"
    assert (revealed(found.api_key), revealed(found.access_token)) == (KEY, JWT)


def test_the_names_of_the_venues_own_tools() -> None:
    """Where ours are missing or blank, theirs count."""
    found = PolySimulatorSurroundings.read(THEIRS | {"POLYSPEC_POLYSIMULATOR_API_KEY": " "})
    assert (found.base_url, revealed(found.api_key)) == ("https://theirs.example", OTHER)
    assert found.access_token is None


def test_nothing_is_needed() -> None:
    """Without variables it is the venue itself, and nobody in particular."""
    found = PolySimulatorSurroundings.read({})
    assert (found.base_url, found.api_key, found.access_token) == (HOST, None, None)
    assert found.settings == PolySimulatorSettings()


def test_sandbox_wins() -> None:
    """The line of a sandbox is all that counts: no key of the real venue goes there."""
    found = PolySimulatorSurroundings.read(OURS | THEIRS | line(ca="/ca.pem", supabase_jwt=JWT))
    assert (found.base_url, revealed(found.api_key)) == ("http://127.0.0.1:4", OTHER)
    assert revealed(found.access_token) == JWT
    assert found.settings.http.verify == "/ca.pem"
    bare = PolySimulatorSurroundings.read(OURS | line())
    assert (bare.access_token, bare.settings.http.verify) == (None, True)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"POLYSPEC_POLYSIMULATOR_BASE_URL": "http://polysim.example"}, "https"),
        ({"POLYSIM_BASE_URL": "https://me:secret@polysim.example"}, "https"),
        ({"POLYSPEC_SANDBOX": "no line"}, "polyspec sandbox"),
        ({"POLYSPEC_SANDBOX": "{}"}, "serves no PolySimulator"),
        ({"POLYSPEC_SANDBOX": '{"polysimulator": {"rest": 5}}'}, "polyspec sandbox"),
        ({"POLYSPEC_SANDBOX": "\udcff"}, "polyspec sandbox"),
        (line(rest="http://elsewhere.example"), "https"),
    ],
)
def test_wrong_values_are_explained(variables: dict[str, str], words: str) -> None:
    """What is wrong is said by its name, or by what it must be."""
    with pytest.raises(ConfigError, match=words) as caught:
        PolySimulatorSurroundings.read(variables)
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example/v1", "https://a.example"),
        ("https://a.example/v1/", "https://a.example"),
        ("https://a.example/v1/v1", "https://a.example/v1"),
        ("https://a.example/sim", "https://a.example/sim"),
        ("http://127.0.0.1:5", "http://127.0.0.1:5"),
    ],
)
def test_one_version_is_taken_off_the_address(given: str, kept: str) -> None:
    """Paths carry the version, so one written into the address is one too many."""
    assert checked_url(given) == kept


def test_settings() -> None:
    """Settings are checked when they are made."""
    for tier in (None, *TIERS):
        assert PolySimulatorSettings(tier=tier).tier == tier
    assert PolySimulatorSettings(rates=(5, 100)).rates == (5, 100)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tier": "Pro"}, "free, pro, pro_plus, enterprise"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"settle_window": math.nan}, "settle_window"),
        ({"settle_window": -1.0}, "settle_window"),
        ({"user_agent": "Python-urllib/3.11"}, "urllib"),
        ({"user_agent": ""}, "user_agent"),
        ({"user_agent": "a\r\nx-api-key: b"}, "user_agent"),
        ({"rates": (1,)}, "rates"),
        ({"rates": (0, 10)}, "rates"),
        ({"rates": (True, 10)}, "rates"),
        ({"rates": (1, 10**9)}, "rates"),
        ({"rates": [1, 2]}, "rates"),
    ],
)
def test_wrong_settings(changes: dict[str, Any], words: str) -> None:
    """A setting that cannot be meant is refused by its name."""
    with pytest.raises(ConfigError, match=words):
        PolySimulatorSettings(**changes)


@BOTH
def test_clients_from_the_environment(kind: Any) -> None:
    """A client made from the environment is the one the variables describe, and shows no secret."""
    client = kind.from_env(OURS)
    assert client.base_url == "https://staging-api.polysimulator.com"
    assert "an API key and an access token" in repr(client)
    assert KEY not in repr(client)
    assert KEY not in repr(vars(client))
    assert kind.from_env({}).tier is None


@BOTH
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"api_key": JWT}, "give it as access_token"),
        ({"access_token": KEY}, "give it as api_key"),
        ({"api_key": KEY + "\n"}, "without spaces"),
        ({"api_key": ""}, "without spaces"),
        ({"api_key": 5}, "text or a Secret"),
        ({"api_key": KEY.encode()}, "text or a Secret"),
        ({"api_key": {"key": KEY}}, "text or a Secret"),
        ({"access_token": [JWT]}, "text or a Secret"),
        ({"access_token": "Bearer " + JWT}, "without the word Bearer"),
        ({"access_token": 5}, "text or a Secret"),
        ({"api_key": KEY, "wallet_id": "all"}, "one wallet"),
        ({"api_key": KEY, "wallet_id": True}, "whole number"),
        ({"api_key": KEY, "wallet_id": "9" * 5000}, "whole number"),
        ({"api_key": KEY, "base_url": "http://polysim.example"}, "https"),
    ],
)
def test_what_cannot_be_used_is_refused_without_being_shown(
    kind: Any, given: dict[str, Any], words: str
) -> None:
    """A client is not made with what can only fail, and the traceback with its locals holds no secret."""
    with pytest.raises(ConfigError, match=words) as caught:
        kind(**given)
    # the frame of this test holds what was given, and is not looked at
    frames = traceback.TracebackException(
        ConfigError, caught.value, caught.value.__traceback__, capture_locals=True
    ).stack[1:]
    shown = str(caught.value) + "".join(str(frame.locals) for frame in frames)
    assert KEY[8:] not in shown
    assert JWT not in shown


@BOTH
def test_wallets_of_clients(kind: Any) -> None:
    """The wallet a client works with may be a number in any writing."""
    assert (kind(KEY, wallet_id="17").wallet_id, kind(Secret(KEY)).wallet_id) == (17, None)
