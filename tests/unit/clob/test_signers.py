"""Keys and signers: what is taken, what is refused, and that nothing shows a key."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account as EthAccount
from hexbytes import HexBytes
from hypothesis import given
from hypothesis import strategies as st

import polyspec
from polyspec.clob import curve
from polyspec.clob.l1 import l1_headers
from polyspec.clob.pure_curve import ORDER
from polyspec.clob.signers import ExternalSigner, LocalSigner, as_signature, as_signer, check_signature
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from tests.unit.clob.checks import ADDRESSES, KEYS

KEY, ADDRESS = KEYS[0], ADDRESSES[0]
DIGITS = KEY[2:]
RAW = bytes.fromhex(DIGITS)
DIGEST = bytes(range(32))
OURS = str(Path(polyspec.__file__).parent)


def shown(error: BaseException) -> str:
    """Return the message of an error, and every local of every frame of ours it passed through."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame.f_locals for frame in frames if frame.f_code.co_filename.startswith(OURS)]
    assert ours
    return f"{error} {error.args!r} {ours!r}"


def assert_clean(text: str, key: object) -> None:
    """Fail if a piece of a key, in whatever spelling, is in `text`."""
    raw = bytes(key) if isinstance(key, bytes | bytearray) else str(key).encode()
    for plain in (raw.decode("latin-1"), raw.hex(), repr(raw)):
        lowered = text.lower()
        pieces = {plain[at : at + 10].lower() for at in range(0, max(1, len(plain) - 10), 3)}
        assert not [piece for piece in pieces if len(piece) == 10 and piece in lowered]


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        DIGITS,
        "0X" + DIGITS,
        KEY.upper().replace("X", "x"),
        f"  {KEY}\n",
        RAW,
        bytearray(RAW),
        KEY.encode(),
        Secret(KEY),
    ],
)
def test_spellings_of_a_key(key: Any) -> None:
    """A key may have 0x in front or not, be text or bytes, and stand between spaces."""
    signer = LocalSigner.from_key(key)
    assert signer.address == ADDRESS
    assert signer.sign_hash(DIGEST) == EthAccount.from_key(KEY).unsafe_sign_hash(DIGEST).signature
    assert as_signer(key).address == ADDRESS


BAD = {
    "nothing": ("", "empty"),
    "spaces": (" \n", "empty"),
    "prefix alone": ("0x", "0 digits"),
    "short": (KEY[:-1], "63 digits"),
    "long": (KEY + "0", "65 digits"),
    "no digits": ("0x" + "g" * 64, "no hexadecimal"),
    "wide digits": ("0x" + "\uff11" * 64, "no hexadecimal"),
    "quoted": (f'"{KEY}"', "quotation marks"),
    "half quoted": (f"{KEY}'", "quotation marks"),
    "space inside": (f"{KEY[:20]} {KEY[20:]}", "spaces or line ends inside"),
    "two lines": (f"{KEY}\n{KEYS[1]}", "spaces or line ends inside"),
    "words": ("test " * 11 + "junk", "list of words"),
    "pem": ("-----BEGIN EC-----\nabcdefghijkl\n", "PEM"),
    "address": (ADDRESS, "an address"),
    "public key": ("0x04" + "ab" * 64, "public key"),
    "compressed public key": ("02" + "ab" * 32, "public key"),
    "zero": ("0x" + "0" * 64, "zero, or too large"),
    "order": (f"0x{ORDER:064x}", "zero, or too large"),
    "more than the order": (f"0x{ORDER + 99:064x}", "zero, or too large"),
    "largest": ("f" * 64, "zero, or too large"),
    "zero bytes": (bytes(32), "zero, or too large"),
    "31 bytes": (RAW[:31], "private key"),
    "33 bytes": (RAW + b"\x01", "private key"),
    "no bytes": (b"", "empty"),
    "a number": (int(DIGITS, 16), "text or bytes"),
    "none": (None, "text or bytes"),
    "a list": ([KEY], "text or bytes"),
}


@pytest.mark.parametrize(("key", "says"), BAD.values(), ids=BAD)
def test_bad_keys(key: Any, says: str) -> None:
    """What is no key is refused with what is wrong and what to do, and without any of it."""
    with pytest.raises(ConfigError, match=says) as caught:
        LocalSigner.from_key(key)
    assert str(caught.value).startswith("private key: ")
    if key:
        assert_clean(shown(caught.value), key)


@given(text=st.one_of(st.text(max_size=80), st.text("0123456789abcdefxX \n", min_size=60, max_size=70)))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    """No text makes reading a key fail in another way than by a ConfigError."""
    try:
        assert as_signer(text).address.startswith("0x")
    except ConfigError as error:
        if len(text) > 20:
            assert_clean(str(error), text)


@pytest.mark.parametrize("key", [DIGITS[:-2], "g" + DIGITS, RAW[:-1]])
def test_as_signer_shows_nothing_either(key: Any) -> None:
    """The general way in keeps a bad key out of its frames as well."""
    with pytest.raises(ConfigError) as caught:
        as_signer(key)
    assert_clean(shown(caught.value), key)


def test_slow_signing_as_an_error_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that turns the warning of slow signing into an error does not bring the key to light."""
    monkeypatch.setattr(curve, "_coincurve", None)
    monkeypatch.setattr(curve, "_warned", False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(curve.SlowSigning) as caught:
            LocalSigner.from_key(KEY)
    assert_clean(shown(caught.value), KEY)


@pytest.mark.parametrize(
    "make", [lambda: LocalSigner.from_key(KEY), lambda: as_signer(EthAccount.from_key(KEY))]
)
def test_a_signer_keeps_its_key(make: Any) -> None:
    """A signer shows its address alone, cannot be changed, pickled or copied apart."""
    signer = make()
    for text in (repr(signer), str(signer), f"{signer}", f"{signer!s:>60}", repr([signer])):
        assert ADDRESS in text
        assert DIGITS not in text
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(signer, protocol)
    with pytest.raises(TypeError):
        json.dumps(signer)
    with pytest.raises(TypeError):
        vars(signer)
    with pytest.raises(TypeError):
        signer.__getstate__()
    with pytest.raises(AttributeError):
        signer.address = ADDRESSES[1]
    with pytest.raises(AttributeError):
        del signer.address
    assert copy.copy(signer) is copy.deepcopy(signer) is signer


def test_none_is_no_signer() -> None:
    """Who gives no key gets no signer: reading needs none."""
    assert as_signer(None) is None


def test_signers_pass_through() -> None:
    """What is a signer of ours already is taken as it is."""
    local = LocalSigner.from_key(KEY)
    assert as_signer(local) is local
    external = as_signer(SimpleNamespace(address=ADDRESS, sign_hash=local.sign_hash))
    assert as_signer(external) is external
    assert isinstance(external, ExternalSigner)


LOCAL = LocalSigner.from_key(KEY)
SIGNATURE = LOCAL.sign_hash(DIGEST)
TWIN = (
    SIGNATURE[:32]
    + (ORDER - int.from_bytes(SIGNATURE[32:64], "big")).to_bytes(32, "big")
    + bytes((55 - SIGNATURE[64],))
)


@pytest.mark.parametrize(
    "answer",
    [
        SIGNATURE,
        bytearray(SIGNATURE),
        memoryview(SIGNATURE),
        SIGNATURE[:64] + bytes((SIGNATURE[64] - 27,)),
        HexBytes(SIGNATURE),
        SIGNATURE.hex(),
        "0x" + SIGNATURE.hex(),
        "0X" + SIGNATURE.hex().upper(),
        SimpleNamespace(signature=HexBytes(SIGNATURE)),
        SimpleNamespace(signature="0x" + SIGNATURE.hex()),
        TWIN,
    ],
)
def test_answers_of_signers(answer: Any) -> None:
    """Whatever form a library's signature has, the same 65 bytes come of it, with the low s."""
    signer = as_signer(SimpleNamespace(address=ADDRESS.lower(), sign_hash=lambda digest: answer))
    assert signer.address == ADDRESS
    assert signer.sign_hash(DIGEST) == SIGNATURE
    check_signature(ADDRESS, DIGEST, signer.sign_hash(DIGEST))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        SIGNATURE[:64],
        SIGNATURE + b"\x00",
        "0x" + SIGNATURE.hex()[:-1],
        "no digits" * 14 + "1234",
        SIGNATURE[:64] + b"\x02",
        SIGNATURE[:64] + b"\x25",
        bytes(32) + SIGNATURE[32:],
        SIGNATURE[:32] + bytes(32) + SIGNATURE[64:],
        ORDER.to_bytes(32, "big") + SIGNATURE[32:],
        SIGNATURE[:32] + ORDER.to_bytes(32, "big") + SIGNATURE[64:],
        65,
    ],
)
def test_answers_that_are_no_signature(answer: Any) -> None:
    """What is no signature of 65 bytes with r, s and v in their ranges is refused."""
    with pytest.raises(ConfigError, match="65 bytes"):
        as_signature(answer)


def test_asynchronous_signer_is_told_apart() -> None:
    """An answer that must be awaited is refused with the way to use it, and closed without a warning."""

    async def sign(digest: bytes) -> bytes:
        return SIGNATURE

    signer = as_signer(SimpleNamespace(address=ADDRESS, sign_hash=sign))
    with pytest.raises(ConfigError, match="finish"):
        signer.sign_hash(DIGEST)
    future = asyncio.new_event_loop()
    try:
        with pytest.raises(ConfigError, match="finish"):
            as_signature(future.create_future())
    finally:
        future.close()


@pytest.mark.parametrize(
    "thing",
    [
        object(),
        3,
        SimpleNamespace(address=ADDRESS),
        SimpleNamespace(address=ADDRESS, sign_hash=None),
        SimpleNamespace(sign_hash=bytes),
        SimpleNamespace(address=lambda: ADDRESS, sign_hash=bytes),
        SimpleNamespace(address=KEY, sign_hash=bytes),
        SimpleNamespace(address=ADDRESS[:-1], sign_hash=bytes),
    ],
)
def test_things_that_are_no_signers(thing: Any) -> None:
    """What cannot sign for an address is refused when it is handed over, not when it is used."""
    with pytest.raises(ConfigError, match="signer") as caught:
        as_signer(thing)
    assert DIGITS not in str(caught.value)


def test_eth_account_old_and_new() -> None:
    """Accounts of eth-account sign, by the name the method has today and by the one it had."""
    account = EthAccount.from_key(KEY)
    assert as_signer(account).sign_hash(DIGEST) == SIGNATURE
    old = SimpleNamespace(address=account.address, signHash=account.unsafe_sign_hash)
    assert as_signer(old).sign_hash(DIGEST) == SIGNATURE


def test_signature_of_another_key() -> None:
    """A signature by another key, or over another digest, is not the address's."""
    with pytest.raises(ConfigError, match=ADDRESSES[1]):
        check_signature(ADDRESS, DIGEST, LocalSigner.from_key(KEYS[1]).sign_hash(DIGEST))
    with pytest.raises(ConfigError, match="without a prefix"):
        check_signature(ADDRESS, DIGEST, LOCAL.sign_hash(bytes(32)))


def test_l1_refuses_a_wrong_signer() -> None:
    """A signer that signs for another address is found out before its headers are sent."""
    wrong = SimpleNamespace(address=ADDRESS, sign_hash=LocalSigner.from_key(KEYS[1]).sign_hash)
    with pytest.raises(ConfigError, match="with the key of its address"):
        l1_headers(as_signer(wrong), 137, 1_700_000_000)
