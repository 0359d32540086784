"""Records as bytes: one way to write each, and nothing else can be read.

docs/vault-format.md describes the layout; tests/vectors/vault/records.json has examples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from attrs import evolve, frozen

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, DamagedRecord
from polyspec.vault.ids import CredentialId, EnvironmentTag

__all__ = ["NONCE", "Header", "Reader", "Sealed", "decode_secrets", "encode_secrets", "field"]

_MAGIC: Final = b"PSVR"
_FORMAT: Final = 1
NONCE: Final = 12
_LARGEST: Final = 8 * 1024 * 1024


class Malformed(ValueError):  # noqa: N818 - named for what happened
    """Bytes that are not laid out as they should be; for use inside of the vault only."""


def field(content: bytes) -> bytes:
    """Write a length of four bytes, and the content."""
    return len(content).to_bytes(4, "big") + content


def _texts(pairs: Mapping[str, str]) -> bytes:
    ordered = sorted(pairs.items())
    return len(ordered).to_bytes(4, "big") + b"".join(
        field(name.encode()) + field(value.encode()) for name, value in ordered
    )


class Reader:
    """Reads what `field` and its likes wrote; raises Malformed."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, size: int) -> bytes:
        """Read exactly so many bytes."""
        found = self._content[self._at : self._at + size]
        if len(found) != size:
            raise Malformed
        self._at += size
        return found

    def number(self, size: int) -> int:
        """Read a number, its highest byte first."""
        return int.from_bytes(self.take(size), "big")

    def field(self) -> bytes:
        """Read a length, and the content."""
        return self.take(self.number(4))

    def text(self) -> str:
        """Read a field of UTF-8."""
        try:
            return self.field().decode()
        except UnicodeDecodeError:
            raise Malformed from None

    def texts(self) -> dict[str, str]:
        """Read pairs of texts."""
        return {self.text(): self.text() for _ in range(self.number(4))}

    def end(self) -> None:
        """Make sure that everything was read."""
        if self._at != len(self._content):
            raise Malformed


@frozen(kw_only=True)
class Header:
    """What of a record can be read without a key, and is proven by opening it."""

    id: CredentialId
    environment: EnvironmentTag
    version: int
    created_ms: int
    public: Mapping[str, str]

    def encode(self) -> bytes:
        """Write it down."""
        texts = (*self.id.parts, self.environment.value)
        numbers = self.version.to_bytes(8, "big") + self.created_ms.to_bytes(8, "big")
        return b"".join(field(text.encode()) for text in texts) + numbers + _texts(self.public)

    @classmethod
    def decode(cls, content: bytes) -> Header:
        """Read it; raises Malformed."""
        reader = Reader(content)
        parts, environment = [reader.text() for _ in range(5)], reader.text()
        try:
            found = cls(
                id=CredentialId.of(parts),
                environment=EnvironmentTag(environment),
                version=reader.number(8),
                created_ms=reader.number(8),
                public=reader.texts(),
            )
        except (ConfigError, ValueError):
            raise Malformed from None
        reader.end()
        return found

    @property
    def proven(self) -> bytes:
        """What the encryption of the secrets proves besides them."""
        return _MAGIC + bytes([_FORMAT]) + self.encode()

    @property
    def binding(self) -> bytes:
        """What ties the data key to this record: 32 bytes."""
        return hashlib.sha256(self.proven).digest()


@frozen(kw_only=True)
class Sealed:
    """A record as it is kept."""

    header: Header
    kek_id: str
    """Which key the data key is wrapped with."""
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes

    def encode(self) -> bytes:
        """Write it down."""
        return b"".join(
            (
                _MAGIC,
                bytes([_FORMAT]),
                field(self.header.encode()),
                field(self.kek_id.encode()),
                field(self.wrapped),
                self.nonce,
                field(self.ciphertext),
            )
        )

    @classmethod
    def decode(cls, content: bytes) -> Sealed:
        """Read what `encode` wrote, and nothing that only resembles it; raises DamagedRecord."""
        if content[:4] == _MAGIC and len(content) > 4 and content[4] > _FORMAT:
            raise DamagedRecord(
                f"the record is in format {content[4]}, and this release reads {_FORMAT}: update polyspec",
                reason="newer_format",
            )
        try:
            found = cls._read(content)
        except Malformed:
            found = None
        # lengths, order and spelling have one form; any other was not written by us
        if found is None or found.encode() != content:
            raise DamagedRecord(
                "this is no record of a vault, or it is cut off or altered", reason="malformed"
            )
        return found

    @classmethod
    def _read(cls, content: bytes) -> Sealed:
        if len(content) > _LARGEST:
            raise Malformed
        reader = Reader(content)
        reader.take(5)
        header = Header.decode(reader.field())
        kek_id, wrapped = reader.text(), reader.field()
        nonce, ciphertext = reader.take(NONCE), reader.field()
        reader.end()
        return cls(header=header, kek_id=kek_id, wrapped=wrapped, nonce=nonce, ciphertext=ciphertext)

    def under(self, kek_id: str, wrapped: bytes) -> Sealed:
        """Return the same record with its data key wrapped by another key."""
        return evolve(self, kek_id=kek_id, wrapped=wrapped)


def encode_secrets(secrets: Mapping[str, Secret]) -> bytes:
    """Write down what is to be encrypted."""
    return _texts({name: secret.reveal() for name, secret in secrets.items()})


def decode_secrets(content: bytes) -> dict[str, Secret] | None:
    """Read what was decrypted; None if it cannot be: an error would show it in its traceback."""
    reader = Reader(content)
    try:
        found = {name: Secret(value) for name, value in reader.texts().items()}
        reader.end()
    except Malformed:
        return None
    return found
