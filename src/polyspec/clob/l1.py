"""Level 1: a wallet proves that it is there, and gets its API keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from polyspec.clob.addresses import address_word, parse_address
from polyspec.clob.contracts import check_chain
from polyspec.clob.keccak import keccak256
from polyspec.clob.signers import LocalSigner, Signer, as_signature, check_signature
from polyspec.clob.typed_data import MAX_UINT256, domain_prefix, is_uint256, word
from polyspec.core.secret import SecretHeaders
from polyspec.errors import ConfigError

__all__ = ["l1_digest", "l1_headers", "l1_headers_of"]

_TYPE: Final = keccak256(b"ClobAuth(address address,string timestamp,uint256 nonce,string message)")
_MESSAGE: Final = keccak256(b"This message attests that I control the given wallet")


@lru_cache(maxsize=8)
def _prefix(chain_id: int) -> bytes:
    return domain_prefix("ClobAuthDomain", "1", check_chain(chain_id))


@lru_cache(maxsize=256)
def _head(address: str) -> bytes:
    return _TYPE + address_word(parse_address(address, "the address"))


def l1_digest(address: str, chain_id: int, timestamp: int, nonce: int = 0) -> bytes:
    """Return the 32 bytes a wallet signs; raises ConfigError. The time is in seconds."""
    if type(timestamp) is not int or timestamp < 0:
        raise ConfigError("the timestamp of a request is a whole number of seconds")
    if not is_uint256(nonce):
        raise ConfigError(f"a nonce is a whole number from 0 to {MAX_UINT256}")
    when = keccak256(str(timestamp).encode())
    return keccak256(_prefix(chain_id) + keccak256(_head(address) + when + word(nonce) + _MESSAGE))


def l1_headers(signer: Signer, chain_id: int, timestamp: int, nonce: int = 0) -> SecretHeaders:
    """Sign the headers that ask for API keys; raises ConfigError. The nonce tells sets of keys apart."""
    digest = l1_digest(signer.address, chain_id, timestamp, nonce)
    signature = signer.sign_hash(digest)
    if not isinstance(signer, LocalSigner):
        signature = as_signature(signature)
        check_signature(signer.address, digest, signature)
    return l1_headers_of(signer.address, signature, timestamp, nonce)


def l1_headers_of(address: str, signature: bytes, timestamp: int, nonce: int = 0) -> SecretHeaders:
    """Return the headers for a signature of `l1_digest` that was made elsewhere."""
    return SecretHeaders(
        {
            "POLY_ADDRESS": address,
            "POLY_SIGNATURE": "0x" + signature.hex(),
            "POLY_TIMESTAMP": str(timestamp),
            "POLY_NONCE": str(nonce),
        }
    )
