"""A caller of the US sandbox over gRPC, made of a bare channel and the generated stubs."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import grpc
import httpx
import jwt
import pytest
from polyspec_wire.proto.polymarket.v1 import enums_pb2 as enums
from polyspec_wire.proto.polymarket.v1 import marketdatasubscription_pb2 as md
from polyspec_wire.proto.polymarket.v1 import trading_pb2 as trading
from polyspec_wire.proto.polymarket.v1.marketdatasubscription_pb2_grpc import MarketDataSubscriptionAPIStub
from polyspec_wire.proto.polymarket.v1.trading_pb2_grpc import OrderEntryAPIStub
from us_door import KC, claims, form

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.issuer import private_pem

T = TypeVar("T")
PATIENCE = 10.0


class Wire:
    """Calls to a running sandbox, as its partner acting for the first trader."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.world = sandbox.us.world
        assert sandbox.us.grpc is not None
        ca = sandbox.us.ca
        self.channel = (
            grpc.insecure_channel(sandbox.us.grpc)
            if ca is None
            else grpc.secure_channel(sandbox.us.grpc, grpc.ssl_channel_credentials(Path(ca).read_bytes()))
        )
        self.token = self._new_token()

    def _new_token(self) -> str:
        client = self.world.client
        assertion = jwt.encode(claims(self.sandbox, client), private_pem(client.key), algorithm="RS256")
        trust = ssl.create_default_context(cafile=self.sandbox.us.ca)
        with httpx.Client(verify=trust) as http:
            answer = http.post(self.sandbox.us.token_url, json=form(self.sandbox, client, assertion))
        return str(answer.json()["access_token"])

    def metadata(self, participant: str | None = None) -> list[tuple[str, str]]:
        """Return the metadata of a good call."""
        named = participant or self.world.trader.name
        return [("authorization", f"Bearer {self.token}"), ("x-participant-id", named)]

    def call(self, stub: Callable[[grpc.Channel], Any], method: str, request: Any, **options: Any) -> Any:
        """Make a call."""
        options = {"metadata": self.metadata(), "timeout": PATIENCE, **options}
        return getattr(stub(self.channel), method)(request, **options)

    def books(self, *symbols: str, **options: Any) -> Any:
        """Subscribe to books."""
        request = md.CreateMarketDataSubscriptionRequest(symbols=symbols, **options)
        return self.call(MarketDataSubscriptionAPIStub, "CreateMarketDataSubscription", request)

    def place(self, side: str = "BUY", price: int = 500, quantity: int = 10, **options: Any) -> str:
        """Place an order and return its id."""
        request = trading.InsertOrderRequest(
            symbol=KC,
            side=enums.Side.Value(f"SIDE_{side}"),
            type=enums.ORDER_TYPE_LIMIT,
            time_in_force=enums.TIME_IN_FORCE_GOOD_TILL_CANCEL,
            order_qty=quantity,
            price=price,
        )
        return str(self.call(OrderEntryAPIStub, "InsertOrder", request, **options).order_id)

    def trade(self, price: int = 500, quantity: int = 10) -> None:
        """Let the first trader buy from the second."""
        self.place("BUY", price, quantity)
        self.place("SELL", price, quantity, metadata=self.metadata(self.world.counterparty.name))

    def close(self) -> None:
        """Close the channel."""
        self.channel.close()


@contextmanager
def refused(code: grpc.StatusCode, words: str) -> Iterator[None]:
    """Expect a call to end with a code and words."""
    with pytest.raises(grpc.RpcError) as caught:
        yield
    assert (caught.value.code(), words in (caught.value.details() or "")) == (code, True), caught.value


def until(stream: Iterator[T], good: Callable[[T], bool]) -> T:
    """Read on to the first message that will do."""
    return next(each for each in stream if good(each))
