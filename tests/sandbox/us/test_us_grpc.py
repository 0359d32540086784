"""The US sandbox over gRPC: calls that REST has as well, access, errors, the way up and down."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from polyspec_wire.proto.polymarket.v1 import accounts_pb2 as accounts
from polyspec_wire.proto.polymarket.v1 import enums_pb2 as enums
from polyspec_wire.proto.polymarket.v1 import orderbook_pb2 as orderbook
from polyspec_wire.proto.polymarket.v1 import orders_pb2 as orders
from polyspec_wire.proto.polymarket.v1 import positions_pb2 as positions
from polyspec_wire.proto.polymarket.v1 import refdata_pb2 as refdata
from polyspec_wire.proto.polymarket.v1 import rfq_pb2 as rfq
from polyspec_wire.proto.polymarket.v1 import trading_pb2 as trading
from polyspec_wire.proto.polymarket.v1.accounts_pb2_grpc import AccountsAPIStub
from polyspec_wire.proto.polymarket.v1.aeropay_pb2 import ListAeropayMethodsRequest
from polyspec_wire.proto.polymarket.v1.aeropay_pb2_grpc import AeropayAPIStub
from polyspec_wire.proto.polymarket.v1.orderbook_pb2_grpc import OrderBookAPIStub
from polyspec_wire.proto.polymarket.v1.orders_pb2_grpc import ReportAPIStub
from polyspec_wire.proto.polymarket.v1.positions_pb2_grpc import PositionAPIStub
from polyspec_wire.proto.polymarket.v1.refdata_pb2_grpc import RefDataAPIStub
from polyspec_wire.proto.polymarket.v1.rfq_pb2_grpc import RFQAPIStub
from polyspec_wire.proto.polymarket.v1.trading_pb2_grpc import OrderEntryAPIStub
from us_door import KC
from us_wire import Wire, refused

from polyspec.errors import PolyspecError
from polyspec.sandbox import Sandbox


@pytest.fixture(scope="module")
def wire(private_key: Path) -> Iterator[Wire]:
    """A caller of a quiet sandbox."""
    with Sandbox(quiet=True, rate_limits=False, private_key=private_key, venues=["us"]) as sandbox:
        opened = Wire(sandbox)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _unspoilt(wire: Wire) -> Iterator[None]:
    """No fault of one test meets another."""
    yield
    wire.world.faults.clear()


def test_an_order_placed_over_grpc_is_the_one_that_rest_tells_of(wire: Wire) -> None:
    """Both serve one world: an order placed over one is read over the other, and can be cancelled."""
    order_id = wire.place(price=400, quantity=7)
    found = wire.call(ReportAPIStub, "GetOrder", orders.GetOrderRequest(order_id=order_id)).order
    assert (found.id, found.price, found.order_qty) == (order_id, 400, 7)
    assert found.state == enums.ORDER_STATE_NEW
    placed = wire.world.exchange.order(order_id)
    assert placed is not None
    assert placed.participant == wire.world.trader.name
    wire.call(OrderEntryAPIStub, "CancelOrder", trading.CancelOrderRequest(order_id=order_id, symbol=KC))
    asked = trading.GetOpenOrdersRequest(symbols=[KC])
    assert order_id not in [each.id for each in wire.call(OrderEntryAPIStub, "GetOpenOrders", asked).orders]


def test_query_and_body_arrive_as_they_were_sent(wire: Wire) -> None:
    """Fields that REST has in the path, the query, a nested message or a body all reach the handler."""
    order_id = wire.place(price=300)
    book = wire.call(OrderBookAPIStub, "GetOrderBook", orderbook.GetOrderBookRequest(symbol=KC, depth=1))
    assert [(each.px, len(book.bids)) for each in book.bids] == [(300, 1)]
    request = refdata.ListInstrumentsRequest(symbols=[KC], page_size=1)
    (found,) = wire.call(RefDataAPIStub, "ListInstruments", request).instruments
    assert (found.symbol, found.price_scale, found.tick_size) == (KC, 1000, pytest.approx(0.001))
    bad = positions.ListAccountPositionsRequest(name=wire.world.trader.accounts[0])
    bad.as_of_date.year, bad.as_of_date.month, bad.as_of_date.day = 2026, 13, 1
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "invalid as_of_date"):
        wire.call(PositionAPIStub, "ListAccountPositions", bad)
    wire.call(OrderEntryAPIStub, "CancelOrder", trading.CancelOrderRequest(order_id=order_id, symbol=KC))


def test_a_download_is_a_stream_of_pieces(wire: Wire) -> None:
    """What REST sends in lines comes as the messages in them."""
    pieces = wire.call(ReportAPIStub, "DownloadOrders", orders.DownloadOrdersRequest())
    assert "".join(each.filechunk for each in pieces).startswith("id,")


def test_errors_have_the_venues_code_and_words(wire: Wire) -> None:
    """Each refusal of REST is the same refusal here."""
    with refused(grpc.StatusCode.NOT_FOUND, "instrument nothing not found"):
        wire.call(OrderBookAPIStub, "GetBBO", orderbook.GetBBORequest(symbol="nothing"))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "missing required field: type"):
        wire.call(OrderEntryAPIStub, "InsertOrder", trading.InsertOrderRequest(symbol=KC))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "missing required parameter: order_id"):
        wire.call(ReportAPIStub, "GetOrder", orders.GetOrderRequest())
    with refused(grpc.StatusCode.NOT_FOUND, "RFQ not found"):
        wire.call(RFQAPIStub, "DeleteRFQ", rfq.DeleteRFQRequest(rfq_id="none"))
    with refused(grpc.StatusCode.UNIMPLEMENTED, "not available in the sandbox"):
        wire.call(AeropayAPIStub, "ListAeropayMethods", ListAeropayMethodsRequest())


def test_who_calls_is_in_the_metadata(wire: Wire) -> None:
    """No token, a bad one, no participant, a stranger: each is refused as over REST."""
    whoami = accounts.GetWhoAmIRequest()
    assert wire.call(AccountsAPIStub, "GetWhoAmI", whoami).firm == f"firms/{wire.world.client.firm}"
    with refused(grpc.StatusCode.UNAUTHENTICATED, "missing bearer token"):
        wire.call(AccountsAPIStub, "GetWhoAmI", whoami, metadata=[])
    with refused(grpc.StatusCode.UNAUTHENTICATED, "invalid token"):
        wire.call(AccountsAPIStub, "GetWhoAmI", whoami, metadata=[("authorization", "Bearer x")])
    with refused(grpc.StatusCode.PERMISSION_DENIED, "missing x-participant-id"):
        wire.place(metadata=wire.metadata()[:1])
    with refused(grpc.StatusCode.PERMISSION_DENIED, "cross-firm"):
        wire.place(metadata=wire.metadata("firms/Others/users/x"))


def test_faults_meet_calls_by_the_names_rest_has(wire: Wire) -> None:
    """A fault before the execution leaves nothing behind, one after it an order nobody answered for."""
    before = len(wire.world.exchange.orders())
    wire.world.faults.add(kind="status", operation="OrderEntryAPI_InsertOrder", message="down")
    with refused(grpc.StatusCode.UNAVAILABLE, "down"):
        wire.place()
    assert len(wire.world.exchange.orders()) == before
    wire.world.faults.add(kind="reset_after", operation="OrderEntryAPI_InsertOrder")
    with refused(grpc.StatusCode.UNAVAILABLE, "connection reset"):
        wire.place(price=10)
    assert len(wire.world.exchange.orders()) == before + 1
    wire.world.faults.add(kind="rate_limit", operation="OrderEntryAPI_InsertOrder")
    with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "rate limit exceeded"):
        wire.place()


def test_tls_with_the_sandboxs_authority(private_key: Path) -> None:
    """With TLS a channel that trusts the sandbox's authority is served, unary and stream."""
    with Sandbox(quiet=True, tls=True, private_key=private_key, venues=["us"]) as sandbox:
        assert sandbox.describe()["us_exchange"]["grpc"] == sandbox.us.grpc
        wire = Wire(sandbox)
        assert wire.place()
        assert next(wire.books(KC)).update.bids[0].px == 500
        wire.close()


def test_closing_ends_streams_and_leaves_nothing(private_key: Path) -> None:
    """An open stream is told, its port is free again at once, no thread of the server is left."""
    before = set(threading.enumerate())
    with Sandbox(quiet=True, private_key=private_key, venues=["us"]) as sandbox:
        port = int(str(sandbox.us.grpc).rpartition(":")[2])
        wire = Wire(sandbox)
        stream = wire.books(KC)
        next(stream)
        with pytest.raises(PolyspecError, match="cannot listen"):
            Sandbox(quiet=True, us_grpc_port=port, private_key=private_key, venues=["us"]).start()
    with refused(grpc.StatusCode.UNAVAILABLE, ""):
        next(stream)
    wire.close()
    left = set(threading.enumerate()) - before
    assert not [each.name for each in left if each.name.startswith("sandbox")]
    with Sandbox(quiet=True, us_grpc_port=port, private_key=private_key, venues=["us"]) as sandbox:
        assert str(sandbox.us.grpc).endswith(f":{port}")
