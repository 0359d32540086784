"""Contracts of the venue, by chain, and which of them an order is signed for."""

from __future__ import annotations

from typing import Final

__all__ = [
    "COLLATERAL",
    "CONDITIONAL",
    "ZERO_ADDRESS",
    "exchange_of",
    "is_position_id",
    "spenders",
    "version_of",
]

ZERO_ADDRESS: Final = "0x" + "0" * 40
COLLATERAL: Final = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
CONDITIONAL: Final = {
    137: "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045",
    80002: "0x69308FB512518e39F9b16112fA8d994F4e2Bf8bB",
}
_V1: Final = {
    137: ("0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E", "0xC5d563A36AE78145C45a50134d48A1215220f80a"),
    80002: ("0xdFE02Eb6733538f8Ea35D585af8DE5958AD99E40", "0xC5d563A36AE78145C45a50134d48A1215220f80a"),
}
_V2: Final = ("0xE111180000d2663C0091e4f400237545B87B996B", "0xe2222d279d744050d28e00520010520000310F59")
_V3: Final = {
    137: "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
    80002: "0x9fE6e61422AdB6F610d8597F9684b16912D50C3D",
}
_MODULES: Final = frozenset({1, 2, 3})


def exchange_of(version: int, chain_id: int, *, neg_risk: bool) -> str:
    """Return the contract whose domain orders of a protocol version are signed under."""
    if version == 1:
        return _V1[chain_id][neg_risk]
    return _V3[chain_id] if version == 3 else _V2[neg_risk]


def is_position_id(token_id: int) -> bool:
    """Tell ids of the newer positions from plain token ids: bits 40 to 103 zero, the top byte a module."""
    return (token_id >> 40) & (2**64 - 1) == 0 and token_id >> 248 in _MODULES


def version_of(token_id: int, venue_version: int) -> int:
    """Return the protocol version an order for a token is signed under."""
    return 3 if is_position_id(token_id) else venue_version


def spenders(chain_id: int) -> tuple[str, ...]:
    """Return the contracts a wallet grants its allowances to."""
    return (*_V2, _V3[chain_id])
