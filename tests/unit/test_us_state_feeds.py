"""Streams of how things are, and of requests for quotes: what is told is news, and what is missed is read."""

from __future__ import annotations

from typing import Any

from polyspec_wire.proto.polymarket.v1 import dropcopy_pb2 as dropcopy
from polyspec_wire.proto.polymarket.v1 import positions_pb2 as positions
from polyspec_wire.proto.polymarket.v1 import refdata_pb2 as refdata
from polyspec_wire.proto.polymarket.v1 import rfq_pb2 as rfqs

from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.errors import Forbidden, ServerError
from polyspec.us.rfq_feed import RfqFeed
from polyspec.us.rfq_reading import RfqNews
from polyspec.us.state_feeds import InstrumentFeed, PositionFeed
from tests.unit.us_private_rig import NS, START, Rig, rpc, session

# -- positions --


def position(symbol: str, net: int) -> Any:
    """Return a position."""
    return positions.Position(account="a", symbol=symbol, net_position=net)


def held(**parts: Any) -> Any:
    """Return a message of positions."""
    return positions.CreatePositionSubscriptionResponse(**parts)


def snapshot(*found: Any) -> Any:
    """Return the message that begins a stream of positions."""
    return held(snapshot=positions.PositionSnapshot(positions=found))


def holdings() -> Rig:
    """Return a stream of positions on its first connection."""
    feed = PositionFeed(session(), rpc("PositionAPI", "CreatePositionSubscription"), ("a",), lambda: 0.5)
    made = Rig(feed)
    assert list(made.connect().accounts) == ["a"]
    return made


def test_positions_then_those_that_change() -> None:
    """A new connection tells what differs, and as empty what is no more."""
    made = holdings()
    told = made.hear(snapshot(position("x", 1), position("y", 2)))
    assert [(each.symbol, each.net_position) for each in made.natives(told)] == [("x", 1), ("y", 2)]
    assert made.state() is StreamState.LIVE
    told = made.hear(held(update=positions.PositionUpdate(positions=[position("x", 5), position("y", 2)])))
    assert [each.net_position for each in made.natives(told)] == [5]
    (gap, *_) = made.breaks()
    made.connect()
    told = made.hear(snapshot(position("x", 7)))
    assert [each.net_position for each in made.natives(told)] == [7]
    assert isinstance(told[-1], Resynced)
    assert told[-1].gap == gap
    # a snapshot may be in several messages
    assert made.hear(snapshot(position("z", 1)))
    beat = held()
    beat.heartbeat.SetInParent()
    told = made.hear(beat, beat)
    assert [(each.account, each.symbol, each.net_position) for each in made.natives(told)] == [("a", "y", 0)]
    assert {each: found.net_position for each, found in made.feed.positions.items()} == {
        ("a", "x"): 7,
        ("a", "z"): 1,
    }
    assert [type(each) for each in made.hear(held())] == [Raw]


# -- instruments --


def page(*symbols: str, state: int = 0) -> Any:
    """Return a page of instruments."""
    parts: Any = {"state": state}
    found = [refdata.Instrument(symbol=each, **parts) for each in symbols]
    return dropcopy.CreateInstrumentStateChangeSubscriptionResponse(resume_token=b"t", instruments=found)


def listings(*symbols: str) -> Rig:
    """Return a stream of instruments on its first connection."""
    found = rpc("DropCopyAPI", "CreateInstrumentStateChangeSubscription")
    made = Rig(InstrumentFeed(session(), found, symbols, lambda: 0.5))
    made.connect()
    return made


def test_instruments_asked_for_are_all_told() -> None:
    """Then it is live, and tells those that change."""
    made = listings("x", "y")
    assert [each.key for each in made.hear(page("x")) if isinstance(each, Message)] == ["x"]
    assert made.state() is StreamState.SUBSCRIBING
    made.hear(page("y"))
    assert made.state() is StreamState.LIVE
    assert [each.state for each in made.natives(made.hear(page("x", state=1), page("x", state=1)))] == [1]
    made.breaks()
    request = made.connect()
    # what it was is told anew; there is nothing to read on from
    assert (list(request.symbols), request.resume_token) == (["x", "y"], b"")
    told = made.hear(page("x", "y", state=1))
    assert [each.symbol for each in made.natives(told)] == ["y"]
    assert isinstance(told[-1], Resynced)


def test_all_instruments_are_told_when_nothing_more_comes() -> None:
    """An empty batch, one that comes again, or quiet for two seconds."""
    for last in (page(), page("x", state=2)):
        made = listings()
        made.hear(page("x", "y"))
        assert made.state() is StreamState.SUBSCRIBING
        made.hear(last)
        assert made.state() is StreamState.LIVE
    made = listings()
    made.hear(page("x"))
    made.wait(1.5)
    made.hear(page("y"))
    made.wait(0.5)
    made.look(None)
    assert made.state() is StreamState.SUBSCRIBING
    made.wait(2)
    made.look(None)
    assert made.state() is StreamState.LIVE


# -- requests for quotes --


def request(number: int = 1, status: str = "OPEN") -> Any:
    """Return a request for quotes."""
    parts: Any = {"status": f"RFQ_STATUS_{status}"}
    return rfqs.RFQ(id=f"r{number}", symbol="combo", **parts)


def quote(status: str, number: int = 1) -> Any:
    """Return a quote."""
    parts: Any = {"status": f"QUOTE_STATUS_{status}", "rfq_creator_order_id": "o"}
    return rfqs.Quote(id=f"q{number}", rfq_id="r1", symbol="combo", **parts)


def event(kind: str, name: str, of: Any) -> Any:
    """Return an event."""
    made = rfqs.StreamRFQEventsResponse()
    getattr(getattr(made, kind), name).CopyFrom(of)
    return made


def news(*found: Any, trades: tuple[str, ...] = (), at: float = 10.0) -> RfqNews:
    """Return what a look finds."""
    asked = [each for each in found if isinstance(each, rfqs.RFQ)]
    told = [each for each in found if isinstance(each, rfqs.Quote)]
    made = [rfqs.RFQTrade(trade_id=each, symbol="combo") for each in trades]
    return RfqNews(asked, told, made, int((START + at) * NS))


def desk(*found: Any) -> Rig:
    """Return a stream of requests for quotes that found these when it began."""
    made = Rig(RfqFeed(session(), rpc("RFQAPI", "StreamRFQEvents"), lambda: 0.5))
    made.connect()
    made.look(news(*found))
    assert made.state() is StreamState.LIVE
    return made


def kinds(events: list[Any]) -> list[str]:
    """Return which events are told."""
    return [each.native.WhichOneof("event") for each in events if isinstance(each, Message)]


def test_what_is_open_is_told_when_it_begins() -> None:
    """And nothing that was over before."""
    made = desk(request(1), request(2, "CLOSED"), quote("ACCEPTED"))
    assert kinds(made.read()) == ["rfq_created", "quote_accepted"]
    assert list(made.feed.rfqs) == ["r1"]
    assert list(made.feed.quotes) == ["q1"]


def test_events_are_told_once_in_any_order() -> None:
    """What comes after its end changes nothing of what is open."""
    made = desk()
    told = made.hear(
        event("rfq_closed", "rfq", request(1, "CLOSED")),
        event("rfq_created", "rfq", request(1)),
        event("rfq_created", "rfq", request(1)),
        event("quote_executed", "quote", quote("EXECUTED")),
        event("quote_created", "quote", quote("ACTIVE")),
        event("quote_confirmed", "quote", quote("CONFIRMED", 2)),
        event("quote_accepted", "quote", quote("ACCEPTED", 2)),
        event("rfq_trade", "trade", rfqs.RFQTrade(trade_id="t")),
        event("rfq_trade", "trade", rfqs.RFQTrade(trade_id="t")),
    )
    assert kinds(told) == [
        "rfq_closed",
        "rfq_created",
        "quote_executed",
        "quote_created",
        "quote_confirmed",
        "quote_accepted",
        "rfq_trade",
    ]
    assert made.feed.rfqs == {}
    (left,) = made.feed.quotes.values()
    assert left.status == quote("CONFIRMED").status
    assert [type(each) for each in made.hear(rfqs.StreamRFQEventsResponse())] == [Raw]


def test_what_was_missed_is_told_in_its_own_words() -> None:
    """Closed requests, steps of quotes, trades; and again nothing that was told."""
    made = desk(request(1), request(3), quote("ACTIVE"))
    made.hear(event("rfq_trade", "trade", rfqs.RFQTrade(trade_id="t1")))
    assert isinstance(made.breaks()[0], Gap)
    made.connect()
    assert made.look(ServerError("busy", status=503)) == []
    made.wait(5.1)
    found = news(request(1, "CLOSED"), request(2), request(3), quote("EXECUTED"), trades=("t1", "t2"))
    told = made.look(found)
    assert kinds(told) == ["rfq_closed", "rfq_created", "quote_executed", "rfq_trade"]
    assert isinstance(told[-1], Resynced)
    executed = told[2].native.quote_executed
    assert (executed.quote.id, executed.order_id) == ("q1", "o")
    assert sorted(made.feed.rfqs) == ["r2", "r3"]
    assert made.feed.quotes == {}
    assert made.hear(event("quote_executed", "quote", quote("EXECUTED"))) == []


def test_quiet_is_looked_into() -> None:
    """The stream gives no signs of life: what it did not tell shows over REST, which may be behind."""
    made = desk(request(1), quote("CONFIRMED"))
    made.wait(16)
    assert kinds(made.look(news(request(1), request(2), quote("ACCEPTED")))) == ["rfq_created"]
    made.wait(200)
    assert made.state() is StreamState.LIVE


def test_what_may_not_be_read_is_lost_and_the_stream_goes_on() -> None:
    """Said once; live all the same."""
    made = Rig(RfqFeed(session(), rpc("RFQAPI", "StreamRFQEvents"), lambda: 0.5))
    made.connect()
    told = made.look(Forbidden("read:orders is missing", status=403))
    assert [each.key for each in told if isinstance(each, Lost)] == ["rfqs"]
    assert made.state() is StreamState.LIVE
    made.wait(16)
    assert made.look(Forbidden("read:orders is missing", status=403)) == []
