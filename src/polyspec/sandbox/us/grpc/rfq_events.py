"""Events of requests for quotes: live only, best effort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from google.protobuf.message import Message
from polyspec_wire.proto.polymarket.v1 import rfq_pb2
from polyspec_wire.us_exchange import OPERATIONS

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us import mapping
from polyspec.sandbox.us.desk import Quote, Rfq
from polyspec.sandbox.us.grpc.streaming import Floor, News, RfqNews
from polyspec.sandbox.us.grpc.translate import answered
from polyspec.sandbox.us.refusals import invalid
from polyspec.sandbox.us.registry import HANDLERS, Asked

__all__ = ["RfqDesk"]


class RfqDesk:
    """What one participant is told: every request and trade, and the quotes of either side of it."""

    skips = False
    finished = False

    def __init__(self, floor: Floor, asked: Asked, request: rfq_pb2.StreamRFQEventsRequest) -> None:
        self._asked = asked
        self._name = asked.participant.name

    def open(self) -> list[Message]:
        """Return nothing: what was before is to be read."""
        return []

    def hear(self, request: Any) -> list[Message]:
        """Hear nothing: the caller has said everything."""
        raise invalid("unexpected message")

    def beat(self) -> list[Message]:
        """Return nothing: this stream has no signs of life."""
        return []

    def tell(self, news: Sequence[News]) -> list[Message]:
        """Return an event for each piece of news."""
        told: list[Message] = []
        for each in news:
            if isinstance(each, RfqNews):
                told += self._of_quote(each) if each.quote is not None else self._of_rfq(each)
            elif isinstance(each, t.Trade) and each.state is t.TradeState.NEW and mapping.is_from_rfq(each):
                told += self._of_trade(each)
        return told

    def _read(self, operation: str, **query: str) -> Any:
        return HANDLERS[operation](replace(self._asked, operation=OPERATIONS[operation], query=query))

    def _of_rfq(self, news: RfqNews) -> list[Message]:
        found = self._read("RFQAPI_GetRFQs", rfq_id=news.rfq.id).rfqs
        rfqs = [answered(rfq_pb2.RFQ, each) for each in found]
        if news.event == "rfq_created":
            return [
                rfq_pb2.StreamRFQEventsResponse(rfq_created=rfq_pb2.RFQCreatedEvent(rfq=each))
                for each in rfqs
            ]
        return [rfq_pb2.StreamRFQEventsResponse(rfq_closed=rfq_pb2.RFQClosedEvent(rfq=each)) for each in rfqs]

    def _of_quote(self, news: RfqNews) -> list[Message]:
        rfq, quote = news.rfq, news.quote
        assert quote is not None
        # nobody but its maker and the requester finds a quote
        found = self._read("RFQAPI_GetQuotes", rfq_id=rfq.id, quote_id=quote.id).quotes
        return [self._event(news.event, rfq, quote, answered(rfq_pb2.Quote, each)) for each in found]

    def _event(self, event: str, rfq: Rfq, quote: Quote, shown: rfq_pb2.Quote) -> Message:
        told = rfq_pb2.StreamRFQEventsResponse()
        part = getattr(told, event)
        part.quote.CopyFrom(shown)
        if event == "quote_accepted":
            part.confirmation_deadline.FromNanoseconds(quote.confirm_by or 0)
        elif event == "quote_confirmed":
            part.execution_deadline.FromNanoseconds(quote.execute_at or 0)
        elif event == "quote_executed":
            part.order_id = quote.requester_order if rfq.participant == self._name else quote.maker_order
            order = self._asked.world.exchange.order(part.order_id)
            part.client_order_id = "" if order is None else order.client_order_id
            part.executed_time.FromNanoseconds(quote.executed or 0)
        return told

    def _of_trade(self, made: t.Trade) -> list[Message]:
        found = self._read("RFQAPI_GetRFQTrades", symbol=made.symbol).trades
        trades = [answered(rfq_pb2.RFQTrade, each) for each in found if each.trade_id == made.id]
        return [
            rfq_pb2.StreamRFQEventsResponse(rfq_trade=rfq_pb2.RFQTradeEvent(trade=each)) for each in trades
        ]
