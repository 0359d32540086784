"""Encrypt access tokens for those who have the same private key, and nobody else.

The key is made from a signature over words that are no request of any kind: only the private key can make it,
it is the same each time (PKCS #1 v1.5 has no salt), and it is never sent anywhere.
"""

from __future__ import annotations

import secrets
from typing import Final

from attrs import Factory, field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from polyspec.us.auth import PrivateKeyJwt

__all__ = ["TokenSealer"]

_PURPOSE: Final = b"polyspec: the key that access tokens are stored under, version 1"
_NONCE: Final = 12


def _cipher(credentials: PrivateKeyJwt) -> AESGCM:
    # no dot divides it, so it cannot be taken for a signed assertion
    signature = credentials.prove(_PURPOSE)
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(signature))


@frozen
class TokenSealer:
    """Seals tokens with AES-256-GCM; what is bound to other credentials does not open."""

    _credentials: PrivateKeyJwt
    _made: list[AESGCM] = field(init=False, repr=False, factory=list)
    _about: bytes = field(
        init=False,
        repr=False,
        default=Factory(lambda self: "\n".join(self._credentials.identity).encode(), takes_self=True),
    )

    def seal(self, text: bytes) -> bytes:
        """Encrypt, each time with another nonce."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._aes().encrypt(nonce, text, self._about)

    def open(self, sealed: bytes) -> bytes | None:
        """Decrypt; None if it is not ours, or damaged."""
        try:
            return self._aes().decrypt(sealed[:_NONCE], sealed[_NONCE:], self._about)
        except (InvalidTag, ValueError):
            return None

    def _aes(self) -> AESGCM:
        # signing takes longer than all the rest, and is put off until a token is shared
        if not self._made:
            self._made.append(_cipher(self._credentials))
        return self._made[0]
