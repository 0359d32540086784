"""Who signed what: hashes and recovery by eth-account's libraries, none of the client's code.

They take the better part of a second to import, which whoever only looks at books need not wait for.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["TypedHash", "abi_decode", "checksum", "is_address", "keccak", "load", "recover", "typed_hash"]

_SIGNATURE: Final = 65
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True)
class TypedHash:
    """The hashes of EIP-712 typed data."""

    domain: bytes
    """The domain separator."""
    struct: bytes

    @property
    def digest(self) -> bytes:
        """What is signed."""
        return keccak(b"\x19\x01" + self.domain + self.struct)


def load() -> None:
    """Import what verification needs; raises ImportError if it is not installed."""
    limit = sys.getrecursionlimit()
    import eth_account.messages
    import eth_keys
    import eth_utils

    # one of them raises the limit so far that a body of nothing but brackets would end the process
    sys.setrecursionlimit(limit)
    del eth_account, eth_keys, eth_utils


def keccak(data: bytes) -> bytes:
    """Return the Keccak-256 hash."""
    from eth_utils.crypto import keccak as hashed

    return bytes(hashed(data))


def checksum(address: bytes | str) -> str:
    """Return an address in its checksummed spelling."""
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(address))


def is_address(text: str) -> bool:
    """Tell whether a text is an address; a mixed-case one must have the right checksum."""
    if not _ADDRESS.fullmatch(text):
        return False
    digits = text[2:]
    return digits in (digits.lower(), digits.upper()) or checksum(text) == text


def abi_decode(types: tuple[str, ...], data: bytes) -> tuple[Any, ...]:
    """Decode ABI-encoded values; raises ValueError for what is none."""
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError

    try:
        return tuple(decode(types, data))
    except (DecodingError, OverflowError) as error:
        raise ValueError(str(error)) from error


def recover(digest: bytes, signature: bytes) -> str | None:
    """Return the address that signed a digest, None if nobody did; v is 27 or 28."""
    from eth_keys.exceptions import BadSignature
    from eth_keys.main import KeyAPI
    from eth_utils.exceptions import ValidationError

    if len(signature) != _SIGNATURE or signature[64] not in (27, 28):
        return None
    try:
        made = KeyAPI.Signature(signature_bytes=signature[:64] + bytes([signature[64] - 27]))
        return str(made.recover_public_key_from_msg_hash(digest).to_checksum_address())
    except (BadSignature, ValidationError, ValueError):
        return None


def typed_hash(domain: dict[str, Any], types: dict[str, Any], message: dict[str, Any]) -> TypedHash:
    """Hash EIP-712 typed data; raises ValueError for values that do not fit their types."""
    from eth_account.messages import encode_typed_data
    from eth_utils.exceptions import ValidationError

    try:
        signable = encode_typed_data(domain, types, message)
    except (ValidationError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return TypedHash(bytes(signable.header), bytes(signable.body))
