"""The order stream without its connection: every execution once, none missed, and never live before that."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire.proto.polymarket.v1 import orders_pb2, trading_pb2

from polyspec.core.streams.events import Gap, Lost, Message, Raw, Resynced, StreamState
from polyspec.errors import AuthError, Forbidden, ServerError
from polyspec.us.order_feed import OrderFeed
from polyspec.us.order_reading import Asked, OpenList, OrderNews
from tests.unit.us_private_rig import NS, START, Rig, rpc, session

RPC = rpc("OrderEntryAPI", "CreateOrderSubscription")


def order(number: int = 1, state: str = "NEW", filled: int = 0, at: float = 0.0, **parts: Any) -> Any:
    """Return an order of ten contracts as it is at a second after the start."""
    given: Any = {"state": f"ORDER_STATE_{state}", **parts}
    made = orders_pb2.Order(id=f"o{number}", symbol="tec", order_qty=10, price=50, cum_qty=filled, **given)
    made.last_transact_time.FromNanoseconds(int((START + at) * NS))
    return made


def step(name: str, of: Any) -> Any:
    """Return an execution that brought an order to where it is."""
    made = orders_pb2.Execution(id=name, order=of)
    made.transact_time.CopyFrom(of.last_transact_time)
    return made


def snapshot(*orders: Any, at: float = 0.0) -> Any:
    """Return the message that begins a stream."""
    made = trading_pb2.CreateOrderSubscriptionResponse(snapshot=trading_pb2.OrderSnapshot(orders=orders))
    made.processed_sent_time.FromNanoseconds(int((START + at) * NS))
    return made


def update(*steps: Any, **parts: Any) -> Any:
    """Return a message with executions."""
    return trading_pb2.CreateOrderSubscriptionResponse(
        update=trading_pb2.OrderUpdate(executions=steps, **parts)
    )


def heartbeat() -> Any:
    """Return a sign of life."""
    made = trading_pb2.CreateOrderSubscriptionResponse()
    made.heartbeat.SetInParent()
    return made


def news(*steps: Any, orders: tuple[Any, ...] = (), unknown: tuple[str, ...] = (), at: float = 100.0) -> Any:
    """Return what a search finds."""
    return OrderNews(list(steps), list(orders), list(unknown), int((START + at) * NS))


def rig(**options: Any) -> Rig:
    """Return a stream on its first connection."""
    made = Rig(OrderFeed(session(), RPC, Asked(**options), lambda: 0.5))
    made.connect()
    return made


def live(*orders: Any) -> Rig:
    """Return a stream that was told of these orders, which were read."""
    made = rig()
    made.hear(snapshot(*orders))
    made.read()
    assert made.state() is StreamState.LIVE
    return made


def ids(events: list[Any]) -> list[str]:
    """Return the ids of orders and executions that are told."""
    return [each.native.id for each in events if isinstance(each, Message)]


def test_open_orders_then_executions() -> None:
    """It is live with the snapshot, whose orders are told, and every execution is told once."""
    made = rig()
    assert ids(made.hear(heartbeat(), snapshot(order(1), order(2, "PARTIALLY_FILLED", 4)))) == ["o1", "o2"]
    assert made.state() is StreamState.LIVE
    assert not made.looks
    filled = step("e1", order(1, "FILLED", 10, 1))
    told = made.hear(update(step("e0", order(3, at=1)), filled), update(filled), heartbeat())
    assert ids(told) == ["e0", "e1"]
    assert [(each.key, each.native.order.id) for each in told] == [("tec", "o3"), ("tec", "o1")]
    assert sorted(made.feed.orders) == ["o2", "o3"]


def test_what_is_asked_for() -> None:
    """Symbols and accounts are said when the stream is opened."""
    made = OrderFeed(session(), RPC, Asked(("tec", "aec"), ("a",)), lambda: 0.5)
    asked = Rig(made).connect()
    assert (list(asked.symbols), list(asked.accounts), asked.snapshot_only) == (["tec", "aec"], ["a"], False)


def test_an_order_only_gets_further() -> None:
    """Steps that come late are told, and change nothing of what is known."""
    made = live(order(1))
    told = made.hear(
        update(step("e2", order(1, "PARTIALLY_FILLED", 6, 2))),
        update(step("e1", order(1, "PARTIALLY_FILLED", 3, 1))),
        update(step("e3", order(1, "CANCELED", 6, 3))),
        update(step("e0", order(1, "NEW", 0, 0))),
    )
    assert ids(told) == ["e2", "e1", "e3", "e0"]
    assert made.feed.orders == {}


def test_it_is_live_again_when_the_gap_was_read() -> None:
    """Not with the snapshot: executions are searched first, and told before `Resynced`."""
    made = live(order(1), order(2))
    (gap, *_) = made.breaks()
    assert isinstance(gap, Gap)
    made.connect()
    made.hear(snapshot(order(2, "PARTIALLY_FILLED", 5, 3), order(3, at=4), at=5))
    assert made.state() is StreamState.SUBSCRIBING
    told = made.look(
        news(
            step("e1", order(1, "FILLED", 10, 2)),
            step("e2", order(2, "PARTIALLY_FILLED", 5, 3)),
            step("e3", order(3, at=4)),
        )
    )
    assert ids(told) == ["e1", "e2", "e3"]
    assert isinstance(told[-1], Resynced)
    assert told[-1].gap == gap
    assert sorted(made.feed.orders) == ["o2", "o3"]
    # REST tells later what the stream tells now
    assert ids(made.hear(update(step("e2", order(2, "PARTIALLY_FILLED", 5, 3))))) == []


def test_what_comes_while_the_gap_is_read_is_told_once() -> None:
    """The stream is faster than the look, whose findings hold the same."""
    made = live(order(1))
    made.breaks()
    made.connect()
    made.hear(snapshot(order(1, "PARTIALLY_FILLED", 2, 2)))
    late = step("e2", order(1, "FILLED", 10, 7))
    assert ids(made.hear(update(late))) == ["e2"]
    told = made.look(news(step("e1", order(1, "PARTIALLY_FILLED", 2, 2)), late))
    assert ids(told) == ["e1"]
    assert made.feed.orders == {}


def test_what_rest_does_not_know_yet_is_waited_for() -> None:
    """A snapshot that shows a fill no search shows is looked up again before the order is told as it is."""
    made = live(order(1), order(2))
    made.breaks()
    made.connect()
    made.hear(snapshot(order(1, "PARTIALLY_FILLED", 5, 3)))
    gone = order(2, "CANCELED", 0, 3)
    for _ in range(2):
        assert made.look(news(orders=(gone,))) == []
        assert made.state() is StreamState.SUBSCRIBING
        made.wait(3.1)
    told = made.look(news(orders=(gone,)))
    assert [(each.id, each.cum_qty) for each in made.natives(told)] == [("o1", 5), ("o2", 0)]
    assert isinstance(told[-1], Resynced)
    assert list(made.feed.orders) == ["o1"]


def test_an_order_the_snapshot_lacks_may_be_open() -> None:
    """Asked for by its id it is; one the venue does not know is not."""
    made = live(order(1), order(2))
    made.breaks()
    made.connect()
    made.hear(snapshot())
    found = news(orders=(order(1),), unknown=("o2",))
    while made.looks or made.feed.machine.unsynced:
        made.wait(3.1)
        made.look(found)
    assert list(made.feed.orders) == ["o1"]


def test_what_was_before_the_beginning_is_no_news() -> None:
    """A search goes back further than the stream began."""
    made = live()
    made.breaks()
    made.connect()
    made.hear(snapshot())
    old, new = step("e0", order(7, "FILLED", 10, -30)), step("e1", order(8, "FILLED", 10, 0.5))
    assert ids(made.look(news(old, new))) == ["e1"]


def test_a_look_of_an_earlier_connection_proves_nothing() -> None:
    """What it found is told, but the next connection has a look of its own."""
    made = live(order(1))
    made.breaks()
    made.connect()
    made.hear(snapshot(order(1)))
    made.looks.clear()
    made.feed.look(("*",), made.now)
    made.breaks()
    made.connect()
    told = made.do(made.feed.looked(("*",), news(step("e1", order(1, "PARTIALLY_FILLED", 1, 2))), made.now))
    assert ids(told) == ["e1"]
    assert made.state() is StreamState.SUBSCRIBING
    made.hear(snapshot(order(1, "PARTIALLY_FILLED", 1, 2)))
    assert isinstance(made.look(news())[-1], Resynced)


def test_a_failed_look_is_repeated_and_revoked_credentials_end_it() -> None:
    """Whatever fails for now is asked again; what no look can mend is told plainly."""
    made = live(order(1))
    made.breaks()
    made.connect()
    made.hear(snapshot())
    assert made.look(ServerError("busy", status=503)) == []
    made.wait(3.1)
    lost, *rest = made.look(Forbidden("read:reports is missing", status=403))
    assert isinstance(lost, Lost)
    assert lost.key == "orders"
    assert lost.gap is not None
    assert "read:reports" in str(lost.error)
    assert made.state() is StreamState.LIVE
    assert not [each for each in rest if isinstance(each, Resynced)]
    made.wait(70)
    (*_, lost) = made.look(AuthError("revoked"))
    assert isinstance(lost, Lost)
    assert made.state() is StreamState.CLOSED


def test_open_orders_are_watched() -> None:
    """Ten seconds without news, and REST is asked what is open; what it shows twice was missed."""
    made = live(order(1))
    assert made.wait(9) == []
    assert not made.looks
    made.wait(2)
    listed = OpenList([order(1, "PARTIALLY_FILLED", 3, 5)], frozenset({"o1"}), 0)
    # the stream may be about to tell it: a second look is asked for
    assert made.look(listed) == []
    told = made.look(listed)
    assert [type(each) for each in told] == [Gap]
    told = made.look(news(step("e1", order(1, "PARTIALLY_FILLED", 3, 5))))
    assert ids(told) == ["e1"]
    assert isinstance(told[-1], Resynced)
    made.wait(11)
    assert made.look(listed) == []
    assert not made.looks


def test_a_watch_is_not_alarmed_by_what_is_on_its_way() -> None:
    """REST ahead of the stream for a moment, or behind it, is no gap."""
    made = live(order(1), order(2))
    made.wait(11)
    ahead = OpenList([order(1, "PARTIALLY_FILLED", 3, 5)], frozenset({"o1", "o2"}), 0)
    assert made.look(ahead) == []
    made.hear(
        update(step("e1", order(1, "PARTIALLY_FILLED", 3, 5)), step("e2", order(2, "CANCELED", 0, 5))),
        update(step("e3", order(3, at=6))),
    )
    assert made.look(ahead) == []
    made.wait(11)
    behind = OpenList([order(1), order(2)], frozenset({"o1"}), 0)
    assert made.look(behind) == []
    assert not made.looks
    assert sorted(made.feed.orders) == ["o1", "o3"]


def test_nothing_open_is_watched_seldom() -> None:
    """Without open orders REST is asked once a minute."""
    made = live()
    asked = []
    for _ in range(13):
        made.wait(10.1)
        if made.looks:
            flow = made.feed.look(("*",), made.now)
            asked.append(flow.__name__)
            made.looks.clear()
    assert asked.count("read_open") == 2


def test_refused_cancels_are_told_once() -> None:
    """With the symbol of the order, where that is known."""
    made = live(order(1))
    refused = trading_pb2.CancelReject(order_id="o1", text="Unknown order")
    told = made.hear(update(cancel_reject=refused), update(cancel_reject=refused))
    assert [(each.key, each.native.text) for each in told] == [("tec", "Unknown order")]


def test_what_cannot_be_read_is_told_and_doubted() -> None:
    """An event of another version of the protos may have been a fill."""
    made = live(order(1))
    told = made.hear(trading_pb2.CreateOrderSubscriptionResponse(session_id="s"))
    assert [type(each) for each in told] == [Raw, Gap]
    assert made.looks


@pytest.mark.parametrize("reason", ["silent", "gone"])
def test_a_silent_venue_is_left(reason: str) -> None:
    """After 180 seconds without a sign of life, and not while there are any."""
    made = live()
    if reason == "gone":
        made.wait(179)
        assert made.state() is StreamState.LIVE
        made.wait(2)
        assert made.state() is StreamState.BACKING_OFF
    else:
        for _ in range(20):
            made.wait(15)
            made.hear(heartbeat())
        assert made.state() is StreamState.LIVE
