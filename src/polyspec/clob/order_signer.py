"""Signs orders. All that does not change from one to the next is worked out beforehand."""

from __future__ import annotations

import re
from typing import Final, final

from polyspec.clob.addresses import ZERO_ADDRESS, address_word, parse_address
from polyspec.clob.contracts import exchange_of
from polyspec.clob.keccak import keccak256
from polyspec.clob.order import ZERO_BYTES32, SignedOrder, UnsignedOrder
from polyspec.clob.positions import is_position_id
from polyspec.clob.salt import MAX_SALT
from polyspec.clob.signers import LocalSigner, Signer, as_signature, as_signer, check_signature
from polyspec.clob.typed_data import MAX_UINT256, domain_prefix, is_uint256, word
from polyspec.clob.wallets import POLY_1271, Account
from polyspec.clob.wrapping import Wrapping
from polyspec.errors import ConfigError, InvalidOrder

__all__ = ["OrderSigner"]

V1_TYPE: Final = (
    "Order(uint256 salt,address maker,address signer,address taker,uint256 tokenId,uint256 makerAmount,"
    "uint256 takerAmount,uint256 expiration,uint256 nonce,uint256 feeRateBps,uint8 side,uint8 signatureType)"
)
V2_TYPE: Final = (
    "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
_BYTES32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_DIGITS: Final = re.compile(r"0|[1-9][0-9]{0,77}")
# words of tokens and tags are kept, so many of each
_KEPT: Final = 4096


@final
class OrderSigner:
    """Makes and signs the orders of one account for one exchange. Threads may share it."""

    __slots__ = (
        "_finished", "_fixed", "_head", "_parties", "_prefix", "_proven", "_sides", "_sign", "_tags",
        "_tokens", "_wrapping",
        "account", "chain_id", "exchange", "version",
    )  # fmt: skip

    def __init__(
        self,
        signer: Signer,
        account: Account,
        chain_id: int,
        version: int,
        neg_risk: bool = False,  # noqa: FBT001, FBT002 - part of what names an exchange
    ) -> None:
        signer = as_signer(signer)
        self.exchange = exchange_of(version, chain_id, neg_risk)
        self.account, self.chain_id, self.version = account, chain_id, version
        if signer.address != account.address:
            raise ConfigError(
                f"the account is that of {account.address}, the signer that of {signer.address}"
            )
        if version == 1 and account.signature_type == POLY_1271:
            raise ConfigError("exchange version 1 knows no deposit wallets (signature type 3)")
        self._sign = signer.sign_hash
        # a signer elsewhere is held against its address once, and so are signatures handed to finish
        self._proven, self._finished = isinstance(signer, LocalSigner), False
        self._prefix = domain_prefix("Polymarket CTF Exchange", str(version), chain_id, self.exchange)
        self._head = keccak256((V1_TYPE if version == 1 else V2_TYPE).encode())
        self._parties = address_word(account.maker) + address_word(account.signer_field)
        # the first fields of every order made here
        parties = account.maker, account.signer_field, account.signature_type
        self._fixed = version, chain_id, self.exchange, *parties
        kind = word(account.signature_type)
        self._sides = {"BUY": ("BUY", word(0) + kind), "SELL": ("SELL", word(1) + kind)}
        self._tokens: dict[str, bytes] = {}
        self._tags: dict[tuple[str, str], bytes] = {(ZERO_BYTES32, ZERO_BYTES32): bytes(64)}
        self._wrapping = (
            Wrapping(account, chain_id, self._prefix, V2_TYPE)
            if account.signature_type == POLY_1271
            else None
        )

    def order(
        self,
        token_id: str | int,
        side: str,
        maker_amount: int,
        taker_amount: int,
        *,
        timestamp_ms: int,
        salt: int,
        expiration: int = 0,
        metadata: str = ZERO_BYTES32,
        builder: str = ZERO_BYTES32,
        taker: str = ZERO_ADDRESS,
        nonce: int = 0,
        fee_rate_bps: int = 0,
    ) -> UnsignedOrder:
        """Make an order; raises InvalidOrder. Amounts in millionths, expiration in seconds, 0 for none.

        The taker, the nonce and the fee rate are of exchange version 1 alone, which has no metadata, builder
        or timestamp.
        """
        if type(token_id) is not str or token_id not in self._tokens:
            token_id = self._admit_token(token_id)
        found = self._sides.get(side)
        if found is None or not _fit(salt, maker_amount, taker_amount, timestamp_ms, expiration):
            raise _misfit(side, salt, maker_amount, taker_amount, timestamp_ms, expiration)
        if (metadata, builder) not in self._tags:
            self._admit_tags(metadata, builder)
        if self.version == 1 or nonce or fee_rate_bps or taker != ZERO_ADDRESS:
            taker = self._admit_v1(taker, nonce, fee_rate_bps)
        amounts = token_id, maker_amount, taker_amount, found[0], timestamp_ms, expiration
        return UnsignedOrder(*self._fixed, salt, *amounts, metadata, builder, taker, nonce, fee_rate_bps)

    def digest(self, order: UnsignedOrder) -> bytes:
        """Return the 32 bytes the key signs: those of the order id, or for type 3 a statement around them."""
        contents = self._contents(order)
        return self._wrapping.digest(contents) if self._wrapping else keccak256(self._prefix + contents)

    def order_id(self, order: UnsignedOrder) -> str:
        """Return the id the venue will know the order by."""
        return "0x" + keccak256(self._prefix + self._contents(order)).hex()

    def finish(self, order: UnsignedOrder, signature: object) -> SignedOrder:
        """Put a signature of `digest`, made elsewhere, to the order; raises ConfigError.

        It may be bytes or hexadecimal. The first one is checked against the address.
        """
        contents = self._contents(order)
        order_id = keccak256(self._prefix + contents)
        digest = self._wrapping.digest(contents) if self._wrapping else order_id
        raw = as_signature(signature)
        if not self._finished:
            check_signature(self.account.address, digest, raw)
            self._finished = True
        return self._signed(order, contents, order_id, raw)

    def sign(self, order: UnsignedOrder) -> SignedOrder:
        """Sign an order; raises ConfigError when the signer turns out not to sign for its address."""
        contents = self._contents(order)
        order_id = keccak256(self._prefix + contents)
        digest = order_id if self._wrapping is None else self._wrapping.digest(contents)
        signature = self._sign(digest)
        if not self._proven:
            check_signature(self.account.address, digest, signature)
            self._proven = True
        return self._signed(order, contents, order_id, signature)

    def _contents(self, order: UnsignedOrder) -> bytes:
        # orders made here hold the very same objects, which makes the question cheap
        if (
            order.maker is not self.account.maker
            or order.exchange is not self.exchange
            or order.chain_id != self.chain_id
        ):
            self._check_ours(order)
        try:
            return keccak256(b"".join(self._words(order)))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # only what was built by hand, or from another order's parts
            raise ConfigError("this order has a field that cannot be signed: make it with order()") from None

    def _words(self, order: UnsignedOrder) -> tuple[bytes, ...]:
        token = self._tokens.get(order.token_id) or self._keep_token(order.token_id)
        if self.version == 1:
            return (
                self._head,
                order.salt.to_bytes(32, "big"),
                self._parties,
                address_word(order.taker),
                token,
                order.maker_amount.to_bytes(32, "big"),
                order.taker_amount.to_bytes(32, "big"),
                order.expiration.to_bytes(32, "big"),
                order.nonce.to_bytes(32, "big"),
                order.fee_rate_bps.to_bytes(32, "big"),
                self._sides[order.side][1],
            )
        tags = order.metadata, order.builder
        return (
            self._head,
            order.salt.to_bytes(32, "big"),
            self._parties,
            token,
            order.maker_amount.to_bytes(32, "big"),
            order.taker_amount.to_bytes(32, "big"),
            self._sides[order.side][1],
            order.timestamp_ms.to_bytes(32, "big"),
            self._tags.get(tags) or self._keep_tags(*tags),
        )

    def _signed(
        self, order: UnsignedOrder, contents: bytes, order_id: bytes, signature: bytes
    ) -> SignedOrder:
        written = self._wrapping.wrap(contents, signature) if self._wrapping else "0x" + signature.hex()
        return SignedOrder(
            *self._fixed,
            order.salt,
            order.token_id,
            order.maker_amount,
            order.taker_amount,
            order.side,
            order.timestamp_ms,
            order.expiration,
            order.metadata,
            order.builder,
            order.taker,
            order.nonce,
            order.fee_rate_bps,
            written,
            "0x" + order_id.hex(),
        )

    def _check_ours(self, order: UnsignedOrder) -> None:
        place = order.version, order.chain_id, order.exchange
        if (*place, order.maker, order.signer, order.signature_type) != self._fixed:
            raise ConfigError(
                "this order was made for another account or exchange: sign it where it was made"
            )

    def _admit_token(self, token_id: object) -> str:
        number = type(token_id) is int
        text = str(token_id) if number or isinstance(token_id, str) else ""
        if not _DIGITS.fullmatch(text) or int(text) > MAX_UINT256:
            raise InvalidOrder("a token id is a whole number below 2**256, in digits", field="token_id")
        # the other way round it is the venue that decides which tokens it takes in which version
        if is_position_id(int(text)) and self.version != 3:
            raise InvalidOrder(
                "this token is a position id, whose orders are signed for exchange version 3",
                field="token_id",
            )
        self._keep_token(text)
        return text

    def _keep_token(self, token_id: str) -> bytes:
        if len(self._tokens) >= _KEPT:
            self._tokens.clear()
        found = self._tokens[token_id] = word(int(token_id))
        return found

    def _admit_tags(self, metadata: object, builder: object) -> None:
        for name, value in (("metadata", metadata), ("builder", builder)):
            if not isinstance(value, str) or not _BYTES32.fullmatch(value):
                raise InvalidOrder(f"{name} is 0x and 64 hexadecimal digits", field=name)
        if self.version == 1:
            raise InvalidOrder("exchange version 1 has no metadata and no builder", field="builder")
        self._keep_tags(str(metadata), str(builder))

    def _keep_tags(self, metadata: str, builder: str) -> bytes:
        if len(self._tags) >= _KEPT:
            self._tags.clear()
        found = self._tags[metadata, builder] = bytes.fromhex(metadata[2:] + builder[2:])
        return found

    def _admit_v1(self, taker: object, nonce: object, fee_rate_bps: object) -> str:
        if self.version != 1:
            raise InvalidOrder("taker, nonce and fee_rate_bps belong to exchange version 1", field="nonce")
        for name, value in (("nonce", nonce), ("fee_rate_bps", fee_rate_bps)):
            if not is_uint256(value):
                raise InvalidOrder(f"{name} must be a whole number from 0 to 2**256 - 1", field=name)
        return ZERO_ADDRESS if taker == ZERO_ADDRESS else parse_address(taker, "the taker")


def _fit(salt: int, maker_amount: int, taker_amount: int, timestamp_ms: int, expiration: int) -> bool:
    return (
        # neither True nor 1.0 is a number of anything here
        type(salt)
        is type(maker_amount)
        is type(taker_amount)
        is type(timestamp_ms)
        is type(expiration)
        is int
        and 0 <= salt <= MAX_SALT
        and 0 < maker_amount <= MAX_UINT256
        and 0 < taker_amount <= MAX_UINT256
        and 0 <= timestamp_ms <= MAX_UINT256
        and 0 <= expiration <= MAX_UINT256
    )


def _misfit(
    side: object,
    salt: object,
    maker_amount: object,
    taker_amount: object,
    timestamp_ms: object,
    expiration: object,
) -> InvalidOrder:
    if side not in ("BUY", "SELL"):
        return InvalidOrder(f"the side is BUY or SELL, not {side!r}", field="side")
    numbers = (
        ("salt", salt, 0, MAX_SALT),
        ("maker_amount", maker_amount, 1, MAX_UINT256),
        ("taker_amount", taker_amount, 1, MAX_UINT256),
        ("timestamp_ms", timestamp_ms, 0, MAX_UINT256),
        ("expiration", expiration, 0, MAX_UINT256),
    )
    name, least, most = next(
        (name, least, most)
        for name, value, least, most in numbers
        if type(value) is not int or not least <= value <= most
    )
    return InvalidOrder(
        f"{name} must be a whole number from {least} to 2**{most.bit_length()} - 1", field=name
    )
