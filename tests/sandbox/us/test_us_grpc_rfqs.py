"""Events of requests for quotes over gRPC: who is told what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from polyspec_wire.proto.polymarket.v1 import combo_pb2 as combo
from polyspec_wire.proto.polymarket.v1 import enums_pb2 as enums
from polyspec_wire.proto.polymarket.v1 import rfq_pb2 as rfq
from polyspec_wire.proto.polymarket.v1.combo_pb2_grpc import ComboAPIStub
from polyspec_wire.proto.polymarket.v1.rfq_pb2_grpc import RFQAPIStub
from us_door import GAME, KC
from us_wire import Wire, refused

from polyspec.sandbox import Sandbox


@pytest.fixture(scope="module")
def wire(private_key: Path) -> Iterator[Wire]:
    """A caller of a quiet sandbox."""
    with Sandbox(quiet=True, rate_limits=False, private_key=private_key, venues=["us"]) as sandbox:
        opened = Wire(sandbox)
        yield opened
        opened.close()


def events(wire: Wire, participant: str) -> Any:
    """Open a participant's stream of events."""
    stream = wire.call(
        RFQAPIStub,
        "StreamRFQEvents",
        rfq.StreamRFQEventsRequest(),
        metadata=wire.metadata(participant),
    )
    stream.initial_metadata()
    return stream


def test_from_the_question_to_the_trade(wire: Wire) -> None:
    """Requester and maker are told each step, each with its own order; a third party no quote."""
    asker, maker = wire.world.trader.name, wire.world.counterparty.name
    streams = [events(wire, each) for each in (asker, maker, wire.world.roster.add("third").name)]
    as_maker = {"metadata": wire.metadata(maker)}
    legs = [
        combo.ComboLeg(symbol=KC, side=enums.SIDE_BUY),
        combo.ComboLeg(symbol=GAME, side=enums.SIDE_SELL),
    ]
    symbol = wire.call(ComboAPIStub, "CreateCombo", combo.CreateComboRequest(legs=legs)).combo.id
    asked = rfq.CreateRFQRequest(symbol=symbol, qty_decimal="10", account=wire.world.trader.accounts[0])
    rfq_id = wire.call(RFQAPIStub, "CreateRFQ", asked).rfq_id
    offered = rfq.CreateQuoteRequest(
        rfq_id=rfq_id, buy_price="0.6", sell_price="0.5", account=wire.world.counterparty.accounts[0]
    )
    quote_id = wire.call(RFQAPIStub, "CreateQuote", offered, **as_maker).quote_id
    names = {"rfq_id": rfq_id, "quote_id": quote_id}
    accepted = rfq.AcceptQuoteRequest(**names, accepted_side=enums.SIDE_BUY)
    wire.call(RFQAPIStub, "AcceptQuote", accepted)
    wire.call(RFQAPIStub, "ConfirmQuote", rfq.ConfirmQuoteRequest(**names), **as_maker)
    with wire.world.lock:
        wire.world.clock.advance(1.1)
        wire.world.jobs.run_due()
    steps = ["rfq_created", "quote_created", "rfq_closed", "quote_accepted", "quote_confirmed"]
    told = [[next(stream) for _ in range(7)] for stream in streams[:2]]
    for each in told:
        assert [event.WhichOneof("event") for event in each][:5] == steps
        assert {event.WhichOneof("event") for event in each[5:]} == {"rfq_trade", "quote_executed"}
    done = [next(each.quote_executed for each in some if each.HasField("quote_executed")) for some in told]
    owners = [wire.world.exchange.order(each.order_id) for each in done]
    assert [each.participant for each in owners if each is not None] == [asker, maker]
    third = [next(streams[2]).WhichOneof("event") for _ in range(3)]
    assert third == ["rfq_created", "rfq_closed", "rfq_trade"]
    for stream in streams:
        stream.cancel()


def test_one_new_stream_a_second(wire: Wire) -> None:
    """A second stream within the second is refused."""
    wire.world.limits.enabled = True
    try:
        stream = events(wire, wire.world.trader.name)
        with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "rate limit exceeded"):
            next(events(wire, wire.world.trader.name))
        stream.cancel()
    finally:
        wire.world.limits.enabled = False
