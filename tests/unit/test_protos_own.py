"""Messages of polyspec's own protos: theirs alone, whatever else the process has imported."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from official_protos import OURS, bundle, protoc
from polyspec_wire.proto.polymarket.v1 import (
    marketdatasubscription_pb2,
    orders_pb2,
    refdata_pb2,
    trading_pb2,
    trading_pb2_grpc,
)

from polyspec.errors import ConfigError
from polyspec.us.protos import ours

_OURS_THEN_THEIRS = """
import sys, importlib
sys.path.insert(0, {theirs!r})

def ours():
    from polyspec_wire import proto
    for name in proto.MODULES:
        importlib.import_module("polyspec_wire.proto." + name)
    import polyspec_wire.proto.polymarket.v1.trading_pb2_grpc

def theirs():
    import polymarket.v1.trading_pb2_grpc, polymarket.v1.marketdatasubscription_pb2, polymarket.v1.rfq_pb2

for step in {order}:
    step()

from polymarket.v1 import orders_pb2 as their_orders, marketdatasubscription_pb2 as their_data
from polyspec_wire.proto.polymarket.v1 import orders_pb2 as our_orders, marketdatasubscription_pb2 as our_data

assert our_orders.Order is not their_orders.Order
assert our_orders.Order.DESCRIPTOR.fields_by_name["symbol"].number == 1004
assert their_orders.Order.DESCRIPTOR.fields_by_name["symbol"].number == {number}
order = our_orders.Order(id="1", symbol="x", order_qty=5)
assert our_orders.Order.FromString(order.SerializeToString()) == order
order = their_orders.Order(id="1", symbol="x", order_qty=5)
assert their_orders.Order.FromString(order.SerializeToString()) == order
# what is confirmed is understood by either
book = our_data.MarketDataUpdate(symbol="x", bids=[our_data.BookEntry(px=52, qty=100)], state=1)
book.transact_time.FromNanoseconds(1_700_000_000_123_456_789)
other = their_data.MarketDataUpdate.FromString(book.SerializeToString())
assert (other.symbol, other.bids[0].px, other.transact_time.nanos) == ("x", 52, 123_456_789)
assert other.SerializeToString() == book.SerializeToString()
print("well")
"""


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    """Return what users may have compiled, and the number of ``Order.symbol`` in there."""
    root = tmp_path_factory.mktemp("copies")
    return {
        "same": (protoc(OURS, root / "same"), 1004),
        "different": (protoc(bundle(root / "bundle") / "api", root / "different"), 5),
    }


@pytest.mark.parametrize(
    ("which", "implementation"), [("same", "upb"), ("different", "upb"), ("different", "python")]
)
@pytest.mark.parametrize("order", ["(ours, theirs)", "(theirs, ours)"])
def test_a_copy_of_the_same_protos_lives_beside_ours(
    copies: dict[str, tuple[Path, int]], which: str, implementation: str, order: str
) -> None:
    """A user's own modules of polymarket.v1, the same or not, before or after: both work."""
    theirs, number = copies[which]
    script = _OURS_THEN_THEIRS.format(theirs=str(theirs), order=order, number=number)
    command = [sys.executable, "-W", "error", "-c", script]
    # without its C code, protobuf shares more than a pool
    variables = os.environ | {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=variables)
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr


def test_messages_are_in_no_pool_of_everybody() -> None:
    """What protobuf shares among all modules of a process knows nothing of ours."""
    script = (
        "from polyspec.us.protos import ours; ours()\n"
        "import sys; from google.protobuf.descriptor_pool import Default\n"
        "assert 'polymarket' not in sys.modules\n"
        "try: Default().FindFileByName('polymarket/v1/orders.proto')\n"
        "except KeyError: print('well')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "well\n"


def test_moments_are_set_in_place_to_the_nanosecond() -> None:
    """A moment goes in as a datetime or as nanoseconds and comes out as it went in."""
    execution = orders_pb2.Execution(id="1")
    moment = datetime(2026, 10, 1, 12, 34, 56, 123456, UTC)
    execution.transact_time.FromDatetime(moment)
    assert execution.transact_time.ToDatetime(UTC) == moment
    execution.transact_time.FromNanoseconds(1_790_858_096_123_456_789)
    again = orders_pb2.Execution.FromString(execution.SerializeToString())
    assert again.transact_time.ToNanoseconds() == 1_790_858_096_123_456_789
    assert again.transact_time.ToJsonString() == "2026-10-01T12:34:56.123456789Z"


def test_a_moment_of_another_pool_is_refused_and_not_garbled() -> None:
    """A Timestamp of protobuf's own modules is a class of another pool: an error, never a wrong moment."""
    foreign = Timestamp(seconds=5, nanos=6)
    execution = orders_pb2.Execution(id="1")
    with pytest.raises(TypeError):
        execution.transact_time.CopyFrom(foreign)
    execution.transact_time.MergeFromString(foreign.SerializeToString())
    assert execution.transact_time.ToNanoseconds() == 5_000_000_006


def test_classes_say_where_they_live() -> None:
    """A message survives pickling, which asks its class for its module."""
    assert trading_pb2.InsertOrderRequest.__module__ == "polyspec_wire.proto.polymarket.v1.trading_pb2"
    order = orders_pb2.Order(id="1", price_to_quantity_filled={52: 100})
    assert pickle.loads(pickle.dumps(order)) == order


def test_what_is_not_known_is_kept() -> None:
    """Members and fields that a newer venue sends survive reading and writing."""
    newer = marketdatasubscription_pb2.MarketDataUpdate(symbol="x")
    raw = newer.SerializeToString() + bytes([0x20, 99]) + bytes([0xF8, 0x01, 7])
    read = marketdatasubscription_pb2.MarketDataUpdate.FromString(raw)
    assert (read.symbol, int(read.state)) == ("x", 99)
    assert read.SerializeToString() == raw
    with pytest.raises(ValueError, match="99"):
        refdata_pb2.InstrumentState.Name(read.state)


def test_our_own_protos_are_the_generated_classes() -> None:
    """What is found by name is what is imported, so that annotations and messages agree."""
    protos = ours()
    assert protos is ours()
    assert protos.message("Order") is orders_pb2.Order
    assert protos.module("orders") is orders_pb2
    assert protos.rpc("OrderEntryAPI", "InsertOrder").request is trading_pb2.InsertOrderRequest
    assert protos.enum("Side").Value("SIDE_SELL") == 2
    assert protos.gaps() == ()


@pytest.mark.parametrize(
    ("service", "method", "certain"),
    [
        ("MarketDataSubscriptionAPI", "CreateMarketDataSubscription", True),
        ("MarketDataSubscriptionAPI", "BiDirectionalStreamMarketData", True),
        ("OrderEntryAPI", "InsertOrder", False),
        ("OrderEntryAPI", "CreateOrderSubscription", False),
        ("RFQAPI", "StreamRFQEvents", False),
        ("AeropayAPI", "ListAeropayMethods", False),
        ("polymarket.us.settlement.v1.SettlementService", "GetInstrumentSettlement", False),
    ],
)
def test_a_call_says_whether_the_venue_understands_it(service: str, method: str, *, certain: bool) -> None:
    """Only calls of which every number is published are certain; the others name what is not."""
    rpc = ours().rpc(service, method)
    assert rpc.certain is certain
    assert rpc.path == f"/{'' if service.startswith('polymarket.') else 'polymarket.v1.'}{service}/{method}"
    if method == "InsertOrder":
        assert "InsertOrderRequest.symbol" in rpc.assigned
        assert "ManualOrderIndicator.MANUAL_ORDER_INDICATOR_AUTOMATED" in rpc.assigned
        assert not any(name.startswith(("Side.", "TimeInForce.")) for name in rpc.assigned)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda protos: protos.service("OrderAPI"), "no service polymarket.v1.OrderAPI"),
        (lambda protos: protos.rpc("OrderEntryAPI", "Insert"), "no call /polymarket.v1.OrderEntryAPI/Insert"),
        (lambda protos: protos.message("Ordre"), "no message polymarket.v1.Ordre"),
        (lambda protos: protos.enum("Sides"), "no enum polymarket.v1.Sides"),
        (lambda protos: protos.module("order_pb2"), "no file polymarket/v1/order.proto"),
    ],
)
def test_what_is_not_there_is_named(ask: Any, said: str) -> None:
    """A name that does not exist is an error with the name, before anything is sent."""
    with pytest.raises(ConfigError, match=said):
        ask(ours())


class _Desk(trading_pb2_grpc.OrderEntryAPIServicer):
    def InsertOrder(self, request: Any, context: Any) -> Any:  # noqa: N802 - the venue's name
        return trading_pb2.InsertOrderResponse(order_id=f"for {request.symbol}")

    def CreateOrderSubscription(self, request: Any, context: Any) -> Any:  # noqa: N802 - the venue's name
        for number in range(3):
            yield trading_pb2.CreateOrderSubscriptionResponse(session_id=str(number))


def test_a_call_is_all_a_channel_needs() -> None:
    """Path and classes of a call reach a server made with the generated stubs, one answer or many."""
    server = grpc.server(ThreadPoolExecutor(2))
    trading_pb2_grpc.add_OrderEntryAPIServicer_to_server(_Desk(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    insert = ours().rpc("OrderEntryAPI", "InsertOrder")
    stream = ours().rpc("OrderEntryAPI", "CreateOrderSubscription")
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = channel.unary_unary(
                insert.path, insert.request.SerializeToString, insert.response.FromString
            )
            assert call(trading_pb2.InsertOrderRequest(symbol="x"), timeout=10).order_id == "for x"
            many = channel.unary_stream(
                stream.path, stream.request.SerializeToString, stream.response.FromString
            )
            told = [each.session_id for each in many(stream.request(), timeout=10)]
        assert told == ["0", "1", "2"]
        assert (insert.streams_responses, stream.streams_responses) == (False, True)
    finally:
        server.stop(None).wait(10)
