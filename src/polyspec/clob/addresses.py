"""Addresses of wallets and contracts, in the spelling with a checksum (EIP-55)."""

from __future__ import annotations

import re
from typing import Final

from polyspec.clob.keccak import keccak256
from polyspec.errors import ConfigError

__all__ = ["ZERO_ADDRESS", "address_of", "address_word", "checksummed", "parse_address"]

ZERO_ADDRESS: Final = "0x0000000000000000000000000000000000000000"
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_KEY: Final = re.compile(r"(0[xX])?[0-9a-fA-F]{64}")


def checksummed(raw: bytes) -> str:
    """Return 20 bytes as an address whose capitals are its checksum."""
    plain = raw.hex()
    marks = keccak256(plain.encode()).hex()
    return "0x" + "".join(
        letter.upper() if mark > "7" else letter for letter, mark in zip(plain, marks, strict=False)
    )


def address_of(public_key: bytes) -> str:
    """Return the address of a public key of 64 bytes."""
    return checksummed(keccak256(public_key)[12:])


def parse_address(value: object, name: str) -> str:
    """Return an address with its checksum; raises ConfigError for anything else, naming it `name`."""
    problem = _problem(value)
    if problem:
        # what is no address may be a key in the wrong place, so nothing of it is shown
        raise ConfigError(f"{name} {problem}")
    text = str(value)
    found = checksummed(bytes.fromhex(text[2:]))
    if text != found and text[2:] not in (text[2:].lower(), text[2:].upper()):
        raise ConfigError(
            f"{name} {text} has a wrong checksum: check it for a mistyped digit, or write it in lower case"
        )
    return found


def _problem(value: object) -> str:
    wanted = "must be an address: 0x and 40 hexadecimal digits"
    if not isinstance(value, str):
        return f"{wanted}, as text"
    if _KEY.fullmatch(value.strip()):
        return f"{wanted}. What was given has the form of a private key: keep it secret"
    if not _ADDRESS.fullmatch(value):
        return wanted
    return ""


def address_word(address: str) -> bytes:
    """Return a valid address as the 32 bytes it takes in an ABI encoding."""
    return bytes(12) + bytes.fromhex(address[2:])
