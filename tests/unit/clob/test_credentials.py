"""API keys: read in every spelling, shown in none."""

from __future__ import annotations

import copy
import json
import pickle
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.l2 import decode_secret
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from tests.unit.clob.checks import OWNER
from tests.unit.clob.test_signers import assert_clean, shown

SECRET = "9hvG99es40q7Rg5-ZgMk9S6_Fghdo6z73QHapx7LPww="
PHRASE = "canary-q7w3e9r1t5y-u2i4o6p8a"


@given(raw=st.binary(min_size=1, max_size=70))
def test_spellings_of_a_secret(raw: bytes) -> None:
    """Either alphabet, with padding or without, between spaces: the same bytes."""
    for encode in (b64encode, urlsafe_b64encode):
        text = encode(raw).decode()
        for spelling in (text, text.rstrip("="), f" {text}\n"):
            assert decode_secret(spelling) == decode_secret(Secret(spelling)) == raw


BAD = {
    "empty": ("", "empty"),
    "spaces": ("  \n", "empty"),
    "space inside": (SECRET[:20] + " " + SECRET[20:], "spaces or line ends inside"),
    "line end inside": (SECRET[:20] + "\n" + SECRET[20:], "spaces or line ends inside"),
    "quoted": (f'"{SECRET}"', "no base64"),
    "other characters": (SECRET[:20] + "." + SECRET[21:], "no base64"),
    "padding inside": (SECRET[:20] + "=" + SECRET[21:], "no base64"),
    "padding alone": ("==", "no base64"),
    "too much padding": (SECRET + "=", "cut off"),
    "cut off": (SECRET[:41], "cut off"),
    "no text": (b"abc", "must be text"),
    "nothing": (None, "must be text"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_bad_secrets(text: Any, says: str) -> None:
    """What is no base64 is refused with what is wrong with it, and without any of it."""
    with pytest.raises(ConfigError, match=says) as caught:
        decode_secret(text)
    if text:
        assert_clean(shown(caught.value), text)


MAKERS: dict[str, Any] = {
    "api": lambda: ApiCreds(OWNER, SECRET, PHRASE),
    "api with nonce": lambda: ApiCreds(OWNER, Secret(SECRET), Secret(PHRASE), nonce=2**256 - 1),
    "builder": lambda: BuilderCreds(OWNER, SECRET, PHRASE),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_credentials_show_nothing(make: Any) -> None:
    """Neither text nor a pickle holds the secret or the passphrase; `reveal` alone gives them."""
    creds = make()
    for text in (repr(creds), str(creds), f"{creds}", repr({"held": creds}), repr(attrs.asdict(creds))):
        assert_clean(text, SECRET)
        assert_clean(text, PHRASE)
        assert OWNER in text
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=r"reveal\(\)"):
            pickle.dumps(creds, protocol)
    with pytest.raises(TypeError):
        creds.__getstate__()
    assert copy.copy(creds) is copy.deepcopy(creds) is creds
    with pytest.raises(AttributeError):
        creds.nonce = 1


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_stored_credentials_are_read_back(make: Any) -> None:
    """What `reveal` gives survives JSON and makes equal credentials again."""
    creds = make()
    stored = json.loads(json.dumps(creds.reveal()))
    again = type(creds)(**stored)
    assert again == creds
    assert again is not creds
    assert again.seal(b"text") == creds.seal(b"text")
    assert set(stored.values()) >= {OWNER, SECRET, PHRASE}


def test_other_credentials_are_not_equal() -> None:
    """Credentials with another secret, passphrase or nonce are others."""
    creds = ApiCreds(OWNER, SECRET, PHRASE)
    assert creds != ApiCreds(OWNER, SECRET.replace("9", "8"), PHRASE)
    assert creds != ApiCreds(OWNER, SECRET, PHRASE + "x")
    assert creds != ApiCreds(OWNER, SECRET, PHRASE, nonce=1)


@pytest.mark.parametrize("kind", [ApiCreds, BuilderCreds])
@pytest.mark.parametrize(
    "value", ["", "two words", "line\r\nend", "schlüssel-schlüssel", "tab\tulator", None, 7]
)
def test_what_no_header_carries(kind: Any, value: Any) -> None:
    """A key or passphrase that would break a header is refused; the passphrase is not shown."""
    with pytest.raises(ConfigError, match="visible ASCII"):
        kind(value, SECRET, PHRASE)
    with pytest.raises(ConfigError, match="passphrase must be") as caught:
        kind(OWNER, SECRET, value)
    if value:
        assert str(value) not in str(caught.value)
    assert_clean(shown(caught.value), SECRET)


def test_bad_secret_in_credentials_shows_nothing() -> None:
    """A secret that cannot be decoded is in no frame of the error, nor is the passphrase."""
    with pytest.raises(ConfigError, match="API secret") as caught:
        ApiCreds(OWNER, SECRET[:-3] + "!!!", PHRASE)
    assert_clean(shown(caught.value), SECRET[:-3])
    assert_clean(shown(caught.value), PHRASE)


@pytest.mark.parametrize("nonce", [-1, 2**256, True, 1.0, "1"])
def test_bad_nonces(nonce: Any) -> None:
    """A nonce is a number of 256 bits."""
    with pytest.raises(ConfigError, match="nonce"):
        ApiCreds(OWNER, SECRET, PHRASE, nonce=nonce)
