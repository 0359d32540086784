"""Lock the secrets of a record, and open them again.

Functions that hold plaintext return instead of raising: an exception keeps the frames it passed through, and
with them every local.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from polyspec.core.secret import Secret
from polyspec.errors import DamagedRecord
from polyspec.vault.keys import DataKey, KeyProvider, Wrapped
from polyspec.vault.layout import NONCE, Header, Sealed, decode_secrets, encode_secrets

__all__ = ["open_sealed", "rewrapped", "seal"]


def seal(header: Header, secrets: Mapping[str, Secret], keys: KeyProvider) -> Sealed:
    """Encrypt secrets with a data key of their own, wrapped by the current key; raises as wrapping does."""
    key = DataKey.fresh()
    wrapped = keys.wrap(key, header.binding)
    nonce, ciphertext = _encrypted(key, secrets, header.proven)
    return Sealed(
        header=header, kek_id=wrapped.kek_id, wrapped=wrapped.content, nonce=nonce, ciphertext=ciphertext
    )


def open_sealed(sealed: Sealed, keys: KeyProvider) -> dict[str, Secret]:
    """Decrypt the secrets of a record; raises WrongKey, DamagedRecord or VaultUnavailable."""
    return _opened(sealed, _key_of(sealed, keys))


def rewrapped(sealed: Sealed, keys: KeyProvider) -> Sealed:
    """Return a record with its data key wrapped by the current key.

    The record is opened first: what was altered is not made to look fresh. Raises as `open_sealed` does.
    """
    key = _key_of(sealed, keys)
    _opened(sealed, key)
    wrapped = keys.wrap(key, sealed.header.binding)
    return sealed.under(wrapped.kek_id, wrapped.content)


def _key_of(sealed: Sealed, keys: KeyProvider) -> DataKey:
    return keys.unwrap(Wrapped(sealed.kek_id, sealed.wrapped), sealed.header.binding)


def _encrypted(key: DataKey, secrets: Mapping[str, Secret], proven: bytes) -> tuple[bytes, bytes]:
    nonce = os.urandom(NONCE)
    return nonce, AESGCM(key.reveal()).encrypt(nonce, encode_secrets(secrets), proven)


def _opened(sealed: Sealed, key: DataKey) -> dict[str, Secret]:
    found = _decrypted(sealed, key)
    if found is None:
        raise DamagedRecord("the record was altered, or is the record of another", reason="altered")
    return found


def _decrypted(sealed: Sealed, key: DataKey) -> dict[str, Secret] | None:
    try:
        plain = AESGCM(key.reveal()).decrypt(sealed.nonce, sealed.ciphertext, sealed.header.proven)
    except InvalidTag:
        return None
    return decode_secrets(plain)
