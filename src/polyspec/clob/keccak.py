"""Keccak-256 by the quickest library that is installed, and in plain Python where there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from typing import Final

from polyspec.clob import pure_keccak

__all__ = ["backend", "keccak256"]

_OF_NOTHING: Final = bytes.fromhex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")


def _safe_pysha3() -> Callable[[bytes], bytes]:
    new = import_module("sha3").keccak_256
    return lambda data: new(data).digest()


def _pycryptodome() -> Callable[[bytes], bytes]:
    new = import_module("Crypto.Hash.keccak").new
    return lambda data: new(digest_bits=256, data=data).digest()


def _openssl() -> Callable[[bytes], bytes]:
    # known to OpenSSL 3.2 and newer
    hashlib.new("keccak-256")
    return lambda data: hashlib.new("keccak-256", data).digest()


def _plain() -> Callable[[bytes], bytes]:
    return pure_keccak.keccak256


_BACKENDS: Final = (
    ("safe-pysha3", _safe_pysha3),
    ("pycryptodome", _pycryptodome),
    ("hashlib", _openssl),
    ("python", _plain),
)


def _choose() -> tuple[str, Callable[[bytes], bytes]]:
    for name, load in _BACKENDS:
        try:
            found = load()
            right = found(b"") == _OF_NOTHING
        except (ImportError, AttributeError, OSError, TypeError, ValueError):
            # not installed, another package of that name, or a build that does not fit this machine
            continue
        if right:
            return name, found
    raise RuntimeError("no implementation of Keccak-256 gives the right digest")


_NAME, keccak256 = _choose()


def backend() -> str:
    """Return what hashes: ``safe-pysha3``, ``pycryptodome``, ``hashlib`` or ``python``."""
    return _NAME
