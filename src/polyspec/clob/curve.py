"""Signatures on secp256k1: by coincurve where it is installed, else in plain Python."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from polyspec.clob import pure_curve

__all__ = ["SlowSigning", "backend", "new_sign", "public_key", "recover", "warn_when_slow"]


class SlowSigning(RuntimeWarning):
    """Orders are signed in plain Python, over ten times slower, because coincurve is not installed."""


def _load() -> Any:
    try:
        return import_module("coincurve")
    except (ImportError, OSError):
        # OSError: a library was built for another machine
        return None


_coincurve: Any = _load()
_PADDING: Final = tuple(bytes((27 + recovery,)) for recovery in range(4))
_warned = False


def backend() -> str:
    """Return what signs: ``coincurve`` or ``python``."""
    return "coincurve" if _coincurve is not None else "python"


def warn_when_slow() -> None:
    """Warn, once in a process, that signatures are made in plain Python; raises what filters turn it into."""
    global _warned  # noqa: PLW0603
    if _coincurve is not None or _warned:
        return
    _warned = True
    warnings.warn(
        "coincurve is not installed: signing takes over ten times longer, and its running time depends"
        " on the key. Install it with: pip install coincurve",
        SlowSigning,
        stacklevel=3,
    )


def new_sign(secret: bytes) -> Callable[[bytes], bytes]:
    """Return a function from a 32-byte digest to the signature r, s, v (27 or 28), 65 bytes.

    The key must be a valid one. Nonces follow RFC 6979 and s is the low one, so every backend signs alike.
    """
    if _coincurve is None:
        warn_when_slow()
        return pure_curve.new_sign(secret)
    made = _coincurve.PrivateKey(secret).sign_recoverable

    def sign(digest: bytes) -> bytes:
        signature: bytes = made(digest, None)
        return signature[:64] + _PADDING[signature[64]]

    return sign


def public_key(secret: bytes) -> bytes:
    """Return the public key of a valid 32-byte key as x and y, 64 bytes."""
    if _coincurve is None:
        return pure_curve.public_key(secret)
    found: bytes = _coincurve.PrivateKey(secret).public_key.format(compressed=False)
    return found[1:]


def recover(digest: bytes, signature: bytes) -> bytes | None:
    """Return the public key, 64 bytes, whose signature r, s, v this is; None if it is nobody's."""
    if _coincurve is None:
        return pure_curve.recover(digest, signature)
    try:
        compact = signature[:64] + bytes((signature[64] - 27,))
        found: bytes = _coincurve.PublicKey.from_signature_and_message(compact, digest, None).format(
            compressed=False
        )
    except ValueError:
        return None
    return found[1:]
