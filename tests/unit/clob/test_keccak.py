"""Keccak-256, whoever computes it."""

from __future__ import annotations

import hashlib
import sys
from types import ModuleType
from typing import Any

import pytest
from eth_utils.crypto import keccak as eth_keccak
from hypothesis import example, given
from hypothesis import strategies as st

from polyspec.clob import keccak, pure_keccak

AVAILABLE = ("safe-pysha3", "pycryptodome", "python")


@pytest.mark.parametrize("name", AVAILABLE)
@given(data=st.one_of(st.binary(max_size=300), st.integers(0, 600).map(bytes)))
@example(data=bytes(135))
@example(data=bytes(136))
@example(data=bytes(137))
@example(data=b"\xff" * 271)
def test_backends_agree(name: str, data: bytes) -> None:
    """Every backend gives what eth-utils gives, at the edges of blocks too."""
    compute = dict(keccak._BACKENDS)[name]()
    assert compute(data) == eth_keccak(data)


def test_pure_python_by_known_answers() -> None:
    """The digests of nothing and of "abc" are the published ones."""
    assert pure_keccak.keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    assert pure_keccak.keccak256(b"abc").hex() == (
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    )


def hidden(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make modules look as if they were not installed."""
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]


def test_order_of_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quickest that is installed computes, and plain Python when nothing else can."""
    assert keccak._choose()[0] == keccak.backend() == "safe-pysha3"
    hidden(monkeypatch, "sha3")
    assert keccak._choose()[0] == "pycryptodome"
    hidden(monkeypatch, "Crypto.Hash.keccak")
    name, compute = keccak._choose()
    assert name in ("hashlib", "python")
    assert compute(b"x") == eth_keccak(b"x")


def sha3_256(data: bytes) -> Any:
    """Compute the standardised hash, whose padding is another."""
    return hashlib.sha3_256(data)


def test_wrong_digest_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of the same name that computes another hash is passed over."""
    impostor = ModuleType("sha3")
    impostor.keccak_256 = sha3_256  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sha3", impostor)
    assert keccak._choose()[0] == "pycryptodome"
    monkeypatch.setitem(sys.modules, "sha3", ModuleType("sha3"))
    assert keccak._choose()[0] == "pycryptodome"
