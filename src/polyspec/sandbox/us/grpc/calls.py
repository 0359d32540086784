"""Every call of the venue's services by its path, and what serves it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

import grpc
from google.protobuf.message_factory import GetMessageClass
from polyspec_wire import Operation, proto
from polyspec_wire.us_exchange import OPERATIONS

from polyspec.sandbox.us.grpc.books import BookDesk, TalkingBookDesk
from polyspec.sandbox.us.grpc.money import BalanceLedgerDesk, FundingDesk, PositionDesk
from polyspec.sandbox.us.grpc.orders import OrderDesk
from polyspec.sandbox.us.grpc.replay import (
    DropCopyDesk,
    InstrumentDesk,
    PositionChangeDesk,
    TradeCaptureDesk,
)
from polyspec.sandbox.us.grpc.rfq_events import RfqDesk
from polyspec.sandbox.us.grpc.status import Context, refuse
from polyspec.sandbox.us.grpc.streaming import Desk, Floor, Stream
from polyspec.sandbox.us.grpc.unary import Call
from polyspec.sandbox.us.refusals import unavailable_here
from polyspec.sandbox.us.registry import Asked

__all__ = ["Calls"]


class _Feed(NamedTuple):
    """One stream: what says it, the scope it needs, and whether it is a participant's."""

    desk: Callable[[Floor, Asked, Any], Desk]
    scope: str
    personal: bool = False
    per_second: float | None = None


_FEEDS: Final = {
    "MarketDataSubscriptionAPI_CreateMarketDataSubscription": _Feed(BookDesk, "read:marketdata"),
    "MarketDataSubscriptionAPI_BiDirectionalStreamMarketData": _Feed(TalkingBookDesk, "read:marketdata"),
    "OrderEntryAPI_CreateOrderSubscription": _Feed(OrderDesk, "read:orders", personal=True),
    "DropCopyAPI_CreateDropCopySubscription": _Feed(DropCopyDesk, "read:dropcopy"),
    "DropCopyAPI_CreateTradeCaptureReportSubscription": _Feed(TradeCaptureDesk, "read:dropcopy"),
    "DropCopyAPI_CreatePositionChangeSubscription": _Feed(PositionChangeDesk, "read:dropcopy"),
    "DropCopyAPI_CreateInstrumentStateChangeSubscription": _Feed(InstrumentDesk, "read:instruments"),
    "PositionAPI_CreatePositionSubscription": _Feed(PositionDesk, "read:positions", personal=True),
    "FundingAPI_CreateBalanceLedgerSubscription": _Feed(BalanceLedgerDesk, "read:positions", personal=True),
    "FundingAPI_CreateFundingTransactionSubscription": _Feed(FundingDesk, "read:funding", personal=True),
    "RFQAPI_StreamRFQEvents": _Feed(RfqDesk, "read:orders", personal=True, per_second=1.0),
}


class Calls(grpc.GenericRpcHandler):
    """Finds what serves a call; a path that is none of the venue's finds nothing."""

    def __init__(self, floor: Floor) -> None:
        self._handlers: dict[str, Any] = {}
        for name in proto.MODULES:
            module = import_module(f"{proto.__name__}.{name}")
            for service in module.DESCRIPTOR.services_by_name.values():
                for method in service.methods:
                    path = f"/{service.full_name}/{method.name}"
                    self._handlers[path] = _handler(floor, f"{service.name}_{method.name}", method, path)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return what serves a call."""
        return self._handlers.get(handler_call_details.method)


def _handler(floor: Floor, name: str, method: Any, path: str) -> Any:
    response = GetMessageClass(method.output_type)
    serve: Any
    if name in _FEEDS:
        feed = _FEEDS[name]
        serve = Stream(
            floor,
            _operation(name, path, feed),
            feed.desk,
            talks=method.client_streaming,
            per_second=feed.per_second,
        ).__call__
    elif name in OPERATIONS:
        serve = Call(floor.world, OPERATIONS[name], response).__call__
    else:
        serve = _absent(name)
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    return kinds[method.client_streaming, method.server_streaming](
        serve,
        request_deserializer=GetMessageClass(method.input_type).FromString,
        response_serializer=response.SerializeToString,
    )


def _operation(name: str, path: str, feed: _Feed) -> Operation:
    """Describe a stream as the specification describes what REST has."""
    security: tuple[tuple[str, tuple[str, ...]], ...] = (("accessToken", (feed.scope,)),)
    if feed.personal:
        security = (*security, ("participantId", ()))
    return Operation(
        id=name,
        name=name,
        method="POST",
        path=path,
        success={},
        failure=None,
        security=(security,),
        retry="safe",
        lane="read",
        json="protobuf",
    )


def _absent(name: str) -> Callable[[Any, Context], Any]:
    async def serve(request: Any, context: Context) -> None:
        await refuse(context, unavailable_here(name))

    return serve
