"""Signatures of deposit wallets (type 3): the order inside a statement of the wallet's own (ERC-7739)."""

from __future__ import annotations

from typing import Final, final

from polyspec.clob.addresses import address_word
from polyspec.clob.keccak import keccak256
from polyspec.clob.typed_data import word
from polyspec.clob.wallets import Account

__all__ = ["Wrapping"]

_STATEMENT: Final = (
    "TypedDataSign(Order contents,string name,string version,uint256 chainId,"
    "address verifyingContract,bytes32 salt)"
)
# what ends the signature of a session key
_SESSION: Final = "6492" * 16


@final
class Wrapping:
    """What surrounds the signatures of one deposit wallet for one exchange."""

    __slots__ = ("_after", "_before", "_end", "_middle", "_prefix", "_start")

    def __init__(self, account: Account, chain_id: int, prefix: bytes, order_type: str) -> None:
        self._prefix = prefix
        self._before = keccak256((_STATEMENT + order_type).encode())
        self._after = (
            keccak256(b"DepositWallet")
            + keccak256(b"1")
            + word(chain_id)
            + address_word(account.maker)
            + bytes(32)
        )
        described = order_type.encode()
        self._middle = prefix[2:].hex()
        self._start, self._end = "0x", described.hex() + len(described).to_bytes(2, "big").hex()
        if account.session_key:
            self._surround(account, 65 + 32 + 32 + len(described) + 2)

    def _surround(self, account: Account, length: int) -> None:
        # inferred from what one published client does: abi.encode(bytes32 signer, bytes32 0, bytes), a mark
        head = address_word(account.address) + bytes(32) + word(96) + word(length)
        self._start += head.hex()
        self._end += "00" * (-length % 32) + _SESSION

    def digest(self, contents: bytes) -> bytes:
        """Return what the key signs for the order with this struct hash."""
        return keccak256(self._prefix + keccak256(self._before + contents + self._after))

    def wrap(self, contents: bytes, signature: bytes) -> str:
        """Return the signature of the wallet, in hexadecimal, for one of the key."""
        return f"{self._start}{signature.hex()}{self._middle}{contents.hex()}{self._end}"
