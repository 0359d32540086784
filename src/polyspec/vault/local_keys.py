"""Keys that are in this process while it runs."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from polyspec.errors import DamagedRecord, WrongKey
from polyspec.vault.keys import DataKey, Wrapped
from polyspec.vault.layout import NONCE

__all__ = ["LocalKey", "SingleKey"]

_WRAP: Final = b"PSVW\x01"
_CHECK: Final = b"polyspec vault key check 1"
_LOCK: Final = b"polyspec vault key wrap 1"


class LocalKey:
    """A key of 32 bytes, held as a cipher: the bytes themselves are not kept.

    `check` is 16 bytes as hex that tell two keys apart and say nothing about either.
    """

    __slots__ = ("_cipher", "check")

    def __init__(self, content: bytes) -> None:
        self.check = _expanded(content, _CHECK, 16).hex()
        self._cipher = AESGCM(_expanded(content, _LOCK, 32))

    def wrap(self, key: DataKey, binding: bytes, kek_id: str) -> Wrapped:
        """Lock a data key."""
        nonce = os.urandom(NONCE)
        # the key is revealed in the call, so that no local holds it
        return Wrapped(kek_id, nonce + self._cipher.encrypt(nonce, key.reveal(), _proven(binding, kek_id)))

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Unlock a data key; raises DamagedRecord."""
        found = self._unwrapped(wrapped, binding)
        if found is None:
            raise DamagedRecord(
                "the data key was altered, or the record was moved here from another", reason="altered"
            )
        return found

    def _unwrapped(self, wrapped: Wrapped, binding: bytes) -> DataKey | None:
        nonce, locked = wrapped.content[:NONCE], wrapped.content[NONCE:]
        try:
            found = DataKey(self._cipher.decrypt(nonce, locked, _proven(binding, wrapped.kek_id)))
        except (InvalidTag, ValueError):
            return None
        return found if found.usable else None


def _expanded(content: bytes, purpose: bytes, size: int) -> bytes:
    return HKDFExpand(SHA256(), size, purpose).derive(content)


def _proven(binding: bytes, kek_id: str) -> bytes:
    return _WRAP + binding + kek_id.encode()


class SingleKey:
    """Wraps with the one key it was made with; `source` is where that came from."""

    def __init__(self, key: LocalKey, source: str) -> None:
        self._key = key
        self._id = f"{source}:{key.check}"

    def current(self) -> str:
        """Return the id of the key."""
        return self._id

    def opens(self, kek_id: str) -> bool:
        """Tell whether this is the key."""
        return kek_id == self._id

    def wrap(self, key: DataKey, binding: bytes) -> Wrapped:
        """Lock a data key."""
        return self._key.wrap(key, binding, self._id)

    def unwrap(self, wrapped: Wrapped, binding: bytes) -> DataKey:
        """Unlock a data key; raises WrongKey or DamagedRecord."""
        if not self.opens(wrapped.kek_id):
            raise WrongKey(f"this is the key {self._id}, and the record needs {wrapped.kek_id}")
        return self._key.unwrap(wrapped, binding)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""
