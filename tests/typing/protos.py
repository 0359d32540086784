"""Types of protos as a reader of code sees them; checked by mypy and pyright, never run."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import assert_type

import grpc
from google.protobuf.message import Message
from polyspec_wire.proto.polymarket.v1 import (
    enums_pb2,
    marketdatasubscription_pb2,
    marketdatasubscription_pb2_grpc,
    orders_pb2,
    trading_pb2,
)

from polyspec.us.protos import Protos, Rpc, chosen, load

update = marketdatasubscription_pb2.MarketDataUpdate(symbol="x")
assert_type(update.bids[0].px, int)
assert_type(update.transact_time.ToDatetime(), datetime)
assert_type(orders_pb2.Order().price_to_quantity_filled[52], int)
assert_type(enums_pb2.Side.Name(enums_pb2.SIDE_BUY), str)
trading_pb2.InsertOrderRequest(side=enums_pb2.SIDE_BUY, order_qty=1)
trading_pb2.InsertOrderRequest(side="SIDE_BUY")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

wanted = marketdatasubscription_pb2.CreateMarketDataSubscriptionRequest(symbols=["x"])


def blocking(channel: grpc.Channel) -> None:
    """Look at the stubs on a blocking channel."""
    stub = marketdatasubscription_pb2_grpc.MarketDataSubscriptionAPIStub(channel)
    for answer in stub.CreateMarketDataSubscription(wanted):
        assert_type(answer.update, marketdatasubscription_pb2.MarketDataUpdate)


async def awaited(channel: grpc.aio.Channel) -> None:
    """Look at the same stubs on the other channel."""
    stub = marketdatasubscription_pb2_grpc.MarketDataSubscriptionAPIStub(channel)
    async for answer in stub.CreateMarketDataSubscription(wanted):
        assert_type(answer.update, marketdatasubscription_pb2.MarketDataUpdate)


def bundles(paths: Iterable[Path]) -> None:
    """Look at what is found by name."""
    protos = load(*paths)
    assert_type(protos, Protos)
    assert_type(chosen().rpc("OrderEntryAPI", "InsertOrder"), Rpc)
    assert_type(protos.message("Order"), type[Message])
    assert_type(protos.enum("Side").Value("SIDE_BUY"), int)
