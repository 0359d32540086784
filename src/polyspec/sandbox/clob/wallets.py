"""The smart wallets that belong to a signing address, by CREATE2.

Derived here with code of its own, so that a mistake of a client cannot hide behind the same mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from polyspec.sandbox.clob.proof import checksum, keccak

__all__ = ["EOA", "POLY_1271", "PROXY", "SAFE", "Wallets", "wallets_of"]

EOA: Final = 0
PROXY: Final = 1
SAFE: Final = 2
POLY_1271: Final = 3

_PROXY_FACTORY: Final = "aB45c5A4B0c941a2F231C04C3f49182e1A254052"
_PROXY_CODE_HASH: Final = "d21df8dc65880a8606f09fe0ce3df9b8869287ab0b058be05aa9e8af6330a00b"
_SAFE_FACTORY: Final = "aacFeEa03eb1561C4e67d661e40682Bd20E3541b"
_SAFE_CODE_HASH: Final = "2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf"
_DEPOSIT_FACTORY: Final = "00000000000Fb5C9ADea0298D729A0CB3823Cc07"
_DEPOSIT_BEACON: Final = "7A18EDfe055488A3128f01F563e5B479D92ffc3a"
_DEPOSIT_IMPLEMENTATION: Final = "58CA52ebe0DadfdF531Cde7062e76746de4Db1eB"
# creation code of minimal ERC-1967 proxies with immutable arguments: before the target, and after it
_UUPS: Final = (
    0x61003D3D8160233D3973,
    "60095155f3363d3d373d3d363d7f360894a13ba1a3210667c828492db98dca3e2076"
    "cc3735a920a3ca505d382bbc545af43d6000803e6038573d6000fd5b3d6000f3",
)
_BEACON: Final = (
    0x6100523D8160233D3973,
    "60195155f3363d3d373d3d363d602036600436635c60da1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c"
    "b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3",
)


@dataclass(frozen=True)
class Wallets:
    """What one key can trade from; addresses with their checksum."""

    eoa: str
    proxy: str
    safe: str
    deposits: tuple[str, str]
    """The current form, and the one before."""

    def of_type(self, signature_type: int) -> tuple[str, ...]:
        """Return the makers a signature type allows, the usual one first."""
        return {EOA: (self.eoa,), PROXY: (self.proxy,), SAFE: (self.safe,), POLY_1271: self.deposits}[
            signature_type
        ]


@lru_cache(maxsize=4096)
def wallets_of(address: str) -> Wallets:
    """Derive the wallets of a signing address."""
    owner = bytes.fromhex(address[2:])
    factory = bytes.fromhex(_DEPOSIT_FACTORY)
    arguments = factory.rjust(32, b"\0") + owner.rjust(32, b"\0")
    salt = keccak(arguments)
    codes = (_code(_BEACON, _DEPOSIT_BEACON, arguments), _code(_UUPS, _DEPOSIT_IMPLEMENTATION, arguments))
    beacon, uups = (_create2(_DEPOSIT_FACTORY, salt, keccak(code)) for code in codes)
    return Wallets(
        eoa=checksum(owner),
        proxy=_create2(_PROXY_FACTORY, keccak(owner), bytes.fromhex(_PROXY_CODE_HASH)),
        safe=_create2(_SAFE_FACTORY, keccak(owner.rjust(32, b"\0")), bytes.fromhex(_SAFE_CODE_HASH)),
        deposits=(beacon, uups),
    )


def _code(form: tuple[int, str], target: str, arguments: bytes) -> bytes:
    head, tail = form
    # the length of the arguments is added to the length of the code that is pushed first
    pushed = (head + (len(arguments) << 56)).to_bytes(10, "big")
    return pushed + bytes.fromhex(target) + bytes.fromhex(tail) + arguments


def _create2(factory: str, salt: bytes, code_hash: bytes) -> str:
    return checksum(keccak(b"\xff" + bytes.fromhex(factory) + salt + code_hash)[12:])
