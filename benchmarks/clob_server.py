"""A CLOB in a process of its own that takes every order, so that only the client costs CPU here.

It answers an order with the id that order has, which it works out for every client alike, whether that client
looks at it or not.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from benchmarks.clob_terms import API_KEY, CHAIN_ID, CONDITION_ID, KEY, TICK, TOKEN
from benchmarks.serving import Address, serve, started
from polyspec.clob.order import UnsignedOrder
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.signers import LocalSigner
from polyspec.clob.wallets import choose_wallet

__all__ = ["Address", "running"]

_TAKEN = '{"errorMsg":"","orderID":"%s","takingAmount":"","makingAmount":"","status":"live","success":true}'
_MARKET = {
    "c": CONDITION_ID,
    "t": [{"t": TOKEN, "o": "Yes"}, {"t": str(int(TOKEN) + 1), "o": "No"}],
    "mts": float(TICK),
    "mos": 5,
    "nr": False,
}
# what clients look up before their first order, and keep
_FACTS = {
    "/version": {"version": 2},
    "/tick-size": {"minimum_tick_size": float(TICK)},
    "/neg-risk": {"neg_risk": False},
    "/fee-rate": {"base_fee": 0},
    "/deployed": {"deployed": True},
    "/auth/api-keys": {"apiKeys": [API_KEY]},
    f"/markets-by-token/{TOKEN}": {"condition_id": CONDITION_ID},
    f"/clob-markets/{CONDITION_ID}": _MARKET,
}


def running(folder: Path | None = None, *, http2: bool = False) -> AbstractContextManager[Address]:
    """Start a server and stop it at the end of the block; over TLS if there is a folder for certificates."""
    return started("benchmarks.clob_server", folder, http2=http2)


class _Order(msgspec.Struct):
    salt: int
    maker: str
    signer: str
    tokenId: str  # noqa: N815 - the venue's words
    makerAmount: int  # noqa: N815
    takerAmount: int  # noqa: N815
    side: str
    signatureType: int  # noqa: N815
    timestamp: int
    expiration: int
    metadata: str
    builder: str


class _Posted(msgspec.Struct):
    order: _Order


class _Clob:
    """What each path answers."""

    headers = ""

    def __init__(self) -> None:
        signer = LocalSigner.from_key(KEY)
        account = choose_wallet(signer.address, CHAIN_ID, None, None)
        self._signer = OrderSigner(signer, account, CHAIN_ID, 2)
        self._one = msgspec.json.Decoder(_Posted, strict=False)
        self._many = msgspec.json.Decoder(list[_Posted], strict=False)

    def answer(self, target: str, body: bytes) -> bytes:
        """Return the body for a request."""
        if target == "/order":
            return self._taken(self._one.decode(body)).encode()
        if target == "/orders":
            return f"[{','.join(map(self._taken, self._many.decode(body)))}]".encode()
        return json.dumps(_FACTS[target.partition("?")[0]]).encode()

    def _taken(self, posted: _Posted) -> str:
        order = posted.order
        return _TAKEN % self._signer.order_id(
            UnsignedOrder(
                version=2,
                chain_id=CHAIN_ID,
                exchange=self._signer.exchange,
                maker=order.maker,
                signer=order.signer,
                signature_type=order.signatureType,
                salt=order.salt,
                token_id=order.tokenId,
                maker_amount=order.makerAmount,
                taker_amount=order.takerAmount,
                side=order.side,
                timestamp_ms=order.timestamp,
                expiration=order.expiration,
                metadata=order.metadata,
                builder=order.builder,
                taker="",
                nonce=0,
                fee_rate_bps=0,
            )
        )


if __name__ == "__main__":
    serve(_Clob())
