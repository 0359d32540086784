"""Pieces of EIP-712, the way structured data is hashed for signing."""

from __future__ import annotations

from typing import Final

from polyspec.clob.addresses import address_word
from polyspec.clob.keccak import keccak256

__all__ = ["MAX_UINT256", "domain_prefix", "is_uint256", "word"]

MAX_UINT256: Final = 2**256 - 1


def is_uint256(value: object) -> bool:
    """Say whether a value is a whole number that fits 256 bits; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_UINT256


def word(number: int) -> bytes:
    """Return a number as 32 bytes."""
    return number.to_bytes(32, "big")


def domain_prefix(name: str, version: str, chain_id: int, contract: str | None = None) -> bytes:
    """Return what goes before a struct's hash in every digest of a domain: 0x1901 and the separator."""
    fields = "string name,string version,uint256 chainId" + (",address verifyingContract" if contract else "")
    return b"\x19\x01" + keccak256(
        keccak256(f"EIP712Domain({fields})".encode())
        + keccak256(name.encode())
        + keccak256(version.encode())
        + word(chain_id)
        + (address_word(contract) if contract else b"")
    )
