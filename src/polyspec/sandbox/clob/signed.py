"""Signed orders: what is on the wire, and whether the one it names has signed it.

Types 0 to 2 are found by recovery. Type 3 is the nested form of ERC-7739: the inner signature is over a
struct around the order, bound to the deposit wallet; what follows it repeats the hashes it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final, Literal

import msgspec

from polyspec.sandbox.clob import proof
from polyspec.sandbox.clob.chain import exchange_of, version_of
from polyspec.sandbox.clob.reading import read_json
from polyspec.sandbox.clob.refusals import bad_request
from polyspec.sandbox.clob.wallets import EOA, POLY_1271, wallets_of

__all__ = [
    "BAD_PAYLOAD",
    "SendOrder",
    "SignedOrder",
    "belongs",
    "is_v1_by",
    "read_order",
    "read_orders",
    "verify",
]

BAD_PAYLOAD: Final = "Invalid order payload"
VERSION_MISMATCH: Final = "order_version_mismatch"
_ZERO: Final = "0x" + "0" * 64
_DIGITS: Final = re.compile(r"0|[1-9][0-9]{0,77}")
_BYTES32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_LARGEST: Final = 2**63 - 1
_SAFE_INTEGER: Final = 2**53 - 1
_FIELDS: Final = (
    "uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder"
)
_FIELDS_V1: Final = (
    "uint256 salt,address maker,address signer,address taker,uint256 tokenId,uint256 makerAmount,"
    "uint256 takerAmount,uint256 expiration,uint256 nonce,uint256 feeRateBps,uint8 side,uint8 signatureType"
)
_NESTED: Final = (
    "Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt"
)
_SESSION: Final = bytes.fromhex("6492" * 16)
"""What ends the signature of a session key."""
_ORDER_TYPE: Final = f"Order({_FIELDS})".encode()


def _members(text: str) -> list[dict[str, str]]:
    return [
        {"type": kind, "name": name} for kind, _, name in (each.partition(" ") for each in text.split(","))
    ]


_TYPES: Final = {"Order": _members(_FIELDS)}
_TYPES_V1: Final = {"Order": _members(_FIELDS_V1)}
_NESTED_TYPES: Final = {"TypedDataSign": _members(_NESTED), **_TYPES}


class SignedOrder(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """The signed part of a placement."""

    salt: int
    maker: str
    signer: str
    token_id: str
    maker_amount: str
    taker_amount: str
    side: Literal["BUY", "SELL"]
    signature_type: int
    signature: str
    expiration: str
    timestamp: str = ""
    metadata: str = _ZERO
    builder: str = _ZERO
    # of the first version only
    taker: str = ""
    nonce: str = ""
    fee_rate_bps: str = ""

    @property
    def is_v1(self) -> bool:
        """Whether it was made for the exchange that is no more."""
        return not self.timestamp and bool(self.taker or self.nonce or self.fee_rate_bps)


class SendOrder(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A placement."""

    order: SignedOrder
    owner: str
    order_type: Literal["GTC", "GTD", "FOK", "FAK"] = "GTC"
    defer_exec: bool | None = None
    post_only: bool | None = None


def read_order(raw: bytes) -> SendOrder:
    """Read one placement; raises Refusal (400)."""
    return _checked(read_json(raw, SendOrder, BAD_PAYLOAD))


def read_orders(raw: bytes, most: int) -> list[SendOrder]:
    """Read a batch of placements; raises Refusal (400)."""
    plain = read_json(raw, list[Any], BAD_PAYLOAD)
    if len(plain) > most:
        raise bad_request(f"Too many orders in payload: {len(plain)}, max allowed: {most}")
    if not plain:
        raise bad_request(BAD_PAYLOAD)
    return [_checked(each) for each in read_json(raw, list[SendOrder], BAD_PAYLOAD)]


def _checked(sent: SendOrder) -> SendOrder:
    order = sent.order
    if order.is_v1:
        raise bad_request(VERSION_MISMATCH)
    numbers = (order.token_id, order.maker_amount, order.taker_amount, order.expiration, order.timestamp)
    good = (
        all(_DIGITS.fullmatch(each) for each in numbers)
        and int(order.token_id) < 2**256
        and all(0 < int(each) <= _LARGEST for each in (order.maker_amount, order.taker_amount))
        and 0 <= order.salt <= _SAFE_INTEGER
        and int(order.expiration) <= _LARGEST
        and int(order.timestamp) <= _LARGEST
        and order.signature_type in (0, 1, 2, 3)
        and all(_BYTES32.fullmatch(each) for each in (order.metadata, order.builder))
        and all(proof.is_address(each) for each in (order.maker, order.signer))
    )
    if not good:
        raise bad_request(BAD_PAYLOAD)
    return sent


def belongs(
    order: SignedOrder, address: str, *, deposit_wallets_only: bool, granted: Collection[str] = ()
) -> None:
    """Check that signer and maker are of the key's address, or `granted` to it; raises Refusal (400)."""
    wallets = wallets_of(address)
    makers = {each.lower() for each in wallets.of_type(order.signature_type)}
    if order.signature_type == POLY_1271:
        makers |= set(granted)
    # a deposit wallet signs for itself, by its owner's key
    signers = makers if order.signature_type == POLY_1271 else {address}
    if order.signer.lower() not in signers:
        raise bad_request("the order signer address has to be the address of the API KEY")
    if order.maker.lower() not in makers or (deposit_wallets_only and order.signature_type != POLY_1271):
        raise bad_request("maker address not allowed, please use the deposit wallet flow")
    if order.signature_type in (EOA, POLY_1271) and order.maker.lower() != order.signer.lower():
        raise bad_request("maker address not allowed, please use the deposit wallet flow")


def verify(order: SignedOrder, address: str, chain_id: int, *, version: int, neg_risk: bool) -> str:
    """Return the id of an order that the key of `address` signed; raises Refusal (400) otherwise."""
    right = version_of(int(order.token_id), version)
    order_id = _id_if_by(order, address, right, chain_id, neg_risk=neg_risk)
    if order_id is not None:
        return order_id
    for other in {2, 3} - {right}:
        if _id_if_by(order, address, other, chain_id, neg_risk=neg_risk) is not None:
            raise bad_request(VERSION_MISMATCH)
    raise bad_request("invalid signature")


def _id_if_by(order: SignedOrder, address: str, version: int, chain_id: int, *, neg_risk: bool) -> str | None:
    """Return the digest by which the venue knows an order, None if the address did not sign it."""
    try:
        signature = bytes.fromhex(order.signature.removeprefix("0x"))
        hashed = _hashed(order, version, chain_id, neg_risk=neg_risk)
        order_digest = digest = hashed.digest
        if order.signature_type == POLY_1271:
            if order.maker.lower() not in {each.lower() for each in wallets_of(address).deposits}:
                signature = _of_session(signature, address)
            appendix = hashed.domain + hashed.struct + _ORDER_TYPE + len(_ORDER_TYPE).to_bytes(2, "big")
            signature, rest = signature[:65], signature[65:]
            if rest != appendix:
                return None
            digest = _nested(order, version, chain_id, neg_risk=neg_risk).digest
    except ValueError:
        return None
    signer = proof.recover(digest, signature)
    return "0x" + order_digest.hex() if signer is not None and signer.lower() == address else None


def _of_session(signature: bytes, address: str) -> bytes:
    """Return the signature within that of a session key; raises ValueError if it is none of this address."""
    body, mark = signature[:-32], signature[-32:]
    signer, rest, inner = proof.abi_decode(("bytes32", "bytes32", "bytes"), body)
    expected = bytes.fromhex(address[2:]).rjust(32, b"\0")
    if (mark, signer, rest) != (_SESSION, expected, bytes(32)):
        raise ValueError("not the signature of a session key")
    return bytes(inner)


def _domain(version: int, chain_id: int, *, neg_risk: bool) -> dict[str, Any]:
    return {
        "name": "Polymarket CTF Exchange",
        "version": str(version),
        "chainId": chain_id,
        "verifyingContract": exchange_of(version, chain_id, neg_risk=neg_risk),
    }


def _message(order: SignedOrder) -> dict[str, Any]:
    return {
        "salt": order.salt,
        "maker": order.maker,
        "signer": order.signer,
        "tokenId": int(order.token_id),
        "makerAmount": int(order.maker_amount),
        "takerAmount": int(order.taker_amount),
        "side": 0 if order.side == "BUY" else 1,
        "signatureType": order.signature_type,
        "timestamp": int(order.timestamp),
        "metadata": bytes.fromhex(order.metadata[2:]),
        "builder": bytes.fromhex(order.builder[2:]),
    }


def _hashed(order: SignedOrder, version: int, chain_id: int, *, neg_risk: bool) -> proof.TypedHash:
    return proof.typed_hash(_domain(version, chain_id, neg_risk=neg_risk), _TYPES, _message(order))


def _nested(order: SignedOrder, version: int, chain_id: int, *, neg_risk: bool) -> proof.TypedHash:
    message = {
        "contents": _message(order),
        "name": "DepositWallet",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": order.maker,
        "salt": bytes(32),
    }
    return proof.typed_hash(_domain(version, chain_id, neg_risk=neg_risk), _NESTED_TYPES, message)


def is_v1_by(order: SignedOrder, address: str, chain_id: int, *, neg_risk: bool) -> bool:
    """Tell whether a flat order of the first version, as quotes still carry it, is signed by a key."""
    try:
        message = {
            "salt": order.salt,
            "maker": order.maker,
            "signer": order.signer,
            "taker": order.taker,
            "tokenId": int(order.token_id),
            "makerAmount": int(order.maker_amount),
            "takerAmount": int(order.taker_amount),
            "expiration": int(order.expiration),
            "nonce": int(order.nonce),
            "feeRateBps": int(order.fee_rate_bps),
            "side": 0 if order.side == "BUY" else 1,
            "signatureType": order.signature_type,
        }
        digest = proof.typed_hash(_domain(1, chain_id, neg_risk=neg_risk), _TYPES_V1, message).digest
        signature = bytes.fromhex(order.signature.removeprefix("0x"))
    except ValueError:
        return False
    signer = proof.recover(digest, signature)
    return signer is not None and signer.lower() == address
