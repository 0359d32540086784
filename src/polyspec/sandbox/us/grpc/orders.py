"""Orders of a participant: those that are open, then what becomes of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from google.protobuf.message import Message
from polyspec_wire.proto.polymarket.v1 import enums_pb2, orders_pb2, trading_pb2
from polyspec_wire.proto.polymarket.v1.types_pb2 import Heartbeat

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.grpc.streaming import Floor, News
from polyspec.sandbox.us.grpc.translate import answered
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import HANDLERS, Asked

__all__ = ["OrderDesk"]


class OrderDesk:
    """The order stream of one participant."""

    def __init__(
        self, floor: Floor, asked: Asked, request: trading_pb2.CreateOrderSubscriptionRequest
    ) -> None:
        self._world = asked.world
        self._name = asked.participant.name
        self._symbols, self._accounts = list(request.symbols), list(request.accounts)
        for account in self._accounts:
            asked.world.entry.account(account, asked.participant)
        query = {"symbols": self._symbols, "accounts": self._accounts}
        self._asked = replace(asked, query=query)
        self._once = request.snapshot_only
        self._session = f"session_{secrets.token_hex(8)}"
        self.skips = False
        self.finished = False

    def open(self) -> list[Message]:
        """Return the open orders."""
        self.finished = self._once
        found = HANDLERS["OrderEntryAPI_GetOpenOrders"](self._asked)
        orders = [answered(orders_pb2.Order, each) for each in found.orders]
        return [self._told(snapshot=trading_pb2.OrderSnapshot(orders=orders))]

    def hear(self, request: Any) -> list[Message]:
        """Hear nothing: the caller has said everything."""
        raise invalid("unexpected message")

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return executions, together as they happened, and cancels that were refused."""
        told: list[Message] = []
        done: list[t.Execution] = []
        for each in news:
            if isinstance(each, t.Execution) and self._is_mine(each):
                done.append(each)
            elif isinstance(each, t.CancelReject) and self._concerns(each):
                told += [*self._executions(done), self._rejected(each)]
                done = []
        return [*told, *self._executions(done)]

    def beat(self) -> list[Message]:
        """Return a heartbeat."""
        return [self._told(heartbeat=Heartbeat())]

    def _is_mine(self, done: t.Execution) -> bool:
        order = done.order
        return (
            order.participant == self._name
            and (not self._symbols or order.symbol in self._symbols)
            and (not self._accounts or order.account in self._accounts)
        )

    def _concerns(self, refused: t.CancelReject) -> bool:
        order = self._world.exchange.order(refused.order_id)
        return (
            refused.participant == self._name
            and (not self._symbols or refused.symbol in self._symbols)
            and (not self._accounts or order is None or order.account in self._accounts)
        )

    def _executions(self, done: Sequence[t.Execution]) -> list[Message]:
        if not done:
            return []
        found = [answered(orders_pb2.Execution, mapping.execution(self._world, each)) for each in done]
        return [self._told(update=trading_pb2.OrderUpdate(executions=found))]

    def _rejected(self, refused: t.CancelReject) -> Message:
        told = trading_pb2.CancelReject(
            order_id=refused.order_id,
            reject_reason=enums_pb2.CxlRejReason.Value(f"CXL_REJ_REASON_{refused.reason.name}"),
            text=refused.text,
            is_replace=refused.is_replace,
            clord_id=refused.client_order_id,
        )
        told.transact_time.FromNanoseconds(refused.transact_time)
        return self._told(update=trading_pb2.OrderUpdate(cancel_reject=told))

    def _told(self, **event: Any) -> Message:
        made = trading_pb2.CreateOrderSubscriptionResponse(session_id=self._session, **event)
        made.processed_sent_time.FromNanoseconds(self._world.clock.now_ns())
        return made
