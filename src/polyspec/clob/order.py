"""Orders as they are signed and sent. `OrderSigner` makes them; every field has been checked there."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["ZERO_BYTES32", "SignedOrder", "UnsignedOrder"]

ZERO_BYTES32: Final = "0x" + "00" * 32

_ORDER_TYPES: Final = {kind: kind for kind in ("GTC", "GTD", "FOK", "FAK")}
_IMMEDIATE: Final = ("FOK", "FAK")
# what stands in a JSON text as it is
_PLAIN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+").fullmatch


# structs rather than attrs: an order is built twice on the way out, and in a tenth of the time
class UnsignedOrder(Struct, frozen=True, gc=False):
    """What a signature will be asked for."""

    version: int
    """Generation of the exchange: 1, 2 or 3."""
    chain_id: int
    exchange: str
    maker: str
    signer: str
    signature_type: int
    salt: int
    token_id: str
    maker_amount: int
    """In millionths: collateral offered by a BUY, shares offered by a SELL."""
    taker_amount: int
    """In millionths: shares wanted by a BUY, collateral wanted by a SELL."""
    side: str
    """``BUY`` or ``SELL``."""
    timestamp_ms: int
    """Part of what is signed, but in version 1."""
    expiration: int
    """Unix seconds, 0 for none; only in version 1 part of what is signed."""
    metadata: str
    builder: str
    taker: str
    """Of version 1, as are the nonce and the fee rate."""
    nonce: int
    fee_rate_bps: int


class SignedOrder(UnsignedOrder, frozen=True, gc=False):
    """An order the venue can take."""

    signature: str
    order_id: str
    """What the venue will know the order by: the EIP-712 digest, 0x and 64 digits."""
    order_type: str = ""
    """What it was made as, which is how it is posted unless something else is said; not signed."""

    def meant_as(self, order_type: str) -> SignedOrder:
        """Return the same order, to be posted as `order_type`."""
        return replace(self, order_type=order_type)

    def body(
        self, owner: str, order_type: str = "GTC", *, post_only: bool = False, defer_exec: bool = False
    ) -> bytes:
        """Return the JSON to sign and to post, byte for byte; raises InvalidOrder.

        `owner` is the API key. Only GTD orders expire, and only resting ones can be post-only.
        """
        kind = _ORDER_TYPES.get(order_type)
        if kind is None or (self.expiration != 0) != (kind == "GTD") or (post_only and kind in _IMMEDIATE):
            raise _misfit(order_type, self.expiration)
        if not isinstance(owner, str) or not _PLAIN(owner):
            raise ConfigError("the owner of an order is the API key: text without spaces and quotes")
        if self.version == 1:
            middle = (
                f'"taker":"{self.taker}","tokenId":"{self.token_id}","makerAmount":"{self.maker_amount}",'
                f'"takerAmount":"{self.taker_amount}","side":"{self.side}",'
                f'"expiration":"{self.expiration}","nonce":"{self.nonce}",'
                f'"feeRateBps":"{self.fee_rate_bps}","signatureType":{self.signature_type}'
            )
        else:
            middle = (
                f'"tokenId":"{self.token_id}","makerAmount":"{self.maker_amount}",'
                f'"takerAmount":"{self.taker_amount}","side":"{self.side}",'
                f'"expiration":"{self.expiration}","signatureType":{self.signature_type},'
                f'"timestamp":"{self.timestamp_ms}","metadata":"{self.metadata}","builder":"{self.builder}"'
            )
        return (
            f'{{"order":{{"salt":{self.salt},"maker":"{self.maker}","signer":"{self.signer}",{middle},'
            f'"signature":"{self.signature}"}},"owner":"{owner}","orderType":"{kind}",'
            f'"deferExec":{"true" if defer_exec else "false"},"postOnly":{"true" if post_only else "false"}}}'
        ).encode()


def _misfit(order_type: object, expiration: int) -> InvalidOrder:
    if order_type not in _ORDER_TYPES:
        return InvalidOrder(f"order types are GTC, GTD, FOK and FAK, not {order_type!r}", field="order_type")
    if order_type == "GTD" and not expiration:
        return InvalidOrder("a GTD order needs an expiration", field="expiration")
    if order_type != "GTD" and expiration:
        return InvalidOrder(f"a {order_type} order has no expiration: make it GTD", field="expiration")
    return InvalidOrder(f"a {order_type} order never rests, so it cannot be post-only", field="post_only")
