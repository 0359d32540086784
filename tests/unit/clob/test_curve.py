"""Signatures on secp256k1: one result, three implementations."""

from __future__ import annotations

import warnings

import pytest
from coincurve import PrivateKey
from eth_keys import keys
from hypothesis import example, given, settings
from hypothesis import strategies as st

from polyspec.clob import curve, pure_curve
from polyspec.clob.pure_curve import ORDER

SECRETS = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
DIGESTS = st.binary(min_size=32, max_size=32)
ONE = (1).to_bytes(32, "big")
LAST = (ORDER - 1).to_bytes(32, "big")
HIGHEST = b"\xff" * 32


@given(secret=SECRETS, digest=DIGESTS)
@example(secret=ONE, digest=bytes(32))
@example(secret=LAST, digest=HIGHEST)
@example(secret=ONE, digest=ORDER.to_bytes(32, "big"))
@example(secret=LAST, digest=(ORDER + 1).to_bytes(32, "big"))
@settings(max_examples=150, deadline=None)
def test_backends_sign_alike(secret: bytes, digest: bytes) -> None:
    """libsecp256k1, plain Python and eth-keys give the same signature, and find its key again."""
    signature = curve.new_sign(secret)(digest)
    theirs = keys.PrivateKey(secret).sign_msg_hash(digest).to_bytes()
    assert signature == theirs[:64] + bytes((theirs[64] + 27,))
    assert pure_curve.new_sign(secret)(digest) == signature
    public = keys.PrivateKey(secret).public_key.to_bytes()
    assert curve.public_key(secret) == pure_curve.public_key(secret) == public
    assert curve.recover(digest, signature) == pure_curve.recover(digest, signature) == public


@given(secret=SECRETS, digest=DIGESTS)
@settings(max_examples=100, deadline=None)
def test_s_is_low(secret: bytes, digest: bytes) -> None:
    """Contracts take the low one of both values of s only, and v as 27 or 28."""
    signature = pure_curve.new_sign(secret)(digest)
    assert 0 < int.from_bytes(signature[32:64], "big") <= ORDER // 2
    assert signature[64] in (27, 28)


@given(digest=DIGESTS, signature=st.binary(min_size=65, max_size=65))
@example(digest=bytes(32), signature=bytes(65))
@example(digest=bytes(32), signature=bytes(64) + b"\x1b")
@example(digest=bytes(32), signature=b"\xff" * 64 + b"\x1c")
@example(digest=bytes(32), signature=ORDER.to_bytes(32, "big") + ONE + b"\x1b")
@example(digest=bytes(32), signature=ONE + ORDER.to_bytes(32, "big") + b"\x1b")
@settings(max_examples=100, deadline=None)
def test_recovering_from_anything(digest: bytes, signature: bytes) -> None:
    """Whatever is said to be a signature, both backends find the same key, or none."""
    signature = signature[:64] + bytes((26 + signature[64] % 8,))
    assert curve.recover(digest, signature) == pure_curve.recover(digest, signature)


@given(secret=SECRETS, digest=DIGESTS, bit=st.integers(0, 511))
@settings(max_examples=60, deadline=None)
def test_changed_signature_is_somebody_elses(secret: bytes, digest: bytes, bit: int) -> None:
    """A signature with one bit turned over does not recover to the key."""
    signature = bytearray(curve.new_sign(secret)(digest))
    signature[bit // 8] ^= 1 << bit % 8
    assert curve.recover(digest, bytes(signature)) != curve.public_key(secret)


def test_signature_that_sums_to_nothing() -> None:
    """Where s R = z G no key is left to be found, and none is."""
    nonce = 7
    point = PrivateKey(nonce.to_bytes(32, "big")).public_key.point()
    digest = nonce.to_bytes(32, "big")
    signature = point[0].to_bytes(32, "big") + ONE + bytes((27 + point[1] % 2,))
    assert pure_curve.recover(digest, signature) is None
    assert curve.recover(digest, signature) is None


def test_sum_of_a_point_and_itself() -> None:
    """Where both halves of the sum are one point it is doubled: there the usual formula fails."""
    nonce = 7
    point = PrivateKey(nonce.to_bytes(32, "big")).public_key.point()
    digest = (ORDER - nonce).to_bytes(32, "big")
    signature = point[0].to_bytes(32, "big") + ONE + bytes((27 + point[1] % 2,))
    found = pure_curve.recover(digest, signature)
    assert found is not None
    assert found == curve.recover(digest, signature)


def test_warns_once_when_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without coincurve signing works, and says once that it is slow."""
    monkeypatch.setattr(curve, "_coincurve", None)
    monkeypatch.setattr(curve, "_warned", False)
    assert curve.backend() == "python"
    with pytest.warns(curve.SlowSigning, match="pip install coincurve"):
        sign = curve.new_sign(ONE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = curve.new_sign(ONE)
    assert sign(HIGHEST) == again(HIGHEST)
    assert curve.recover(HIGHEST, sign(HIGHEST)) == curve.public_key(ONE)


def test_no_warning_when_quick(recwarn: pytest.WarningsRecorder) -> None:
    """With coincurve nothing is said."""
    assert curve.backend() == "coincurve"
    curve.warn_when_slow()
    curve.new_sign(ONE)
    assert not recwarn.list
