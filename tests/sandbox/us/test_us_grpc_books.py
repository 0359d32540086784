"""Market data over gRPC: snapshots, whole books, symbols that come and go, limits, and faults."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import grpc
import pytest
from polyspec_wire.proto.polymarket.v1 import marketdatasubscription_pb2 as md
from polyspec_wire.proto.polymarket.v1.marketdatasubscription_pb2_grpc import MarketDataSubscriptionAPIStub
from us_door import GAME, KC
from us_wire import Wire, refused, until

from polyspec.errors import PolyspecError
from polyspec.sandbox import Sandbox
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.grpc.server import GrpcServer

BTC = "cpc-btc-strike-2026-12-31-125000"
BOOKS = "MarketDataSubscriptionAPI_CreateMarketDataSubscription"


@pytest.fixture(scope="module")
def shared(private_key: Path) -> Iterator[Wire]:
    """A caller of a quiet sandbox that gives signs of life quickly."""
    with Sandbox(
        quiet=True, rate_limits=False, private_key=private_key, venues=["us"], heartbeat=0.05
    ) as sandbox:
        opened = Wire(sandbox)
        yield opened
        opened.close()


@pytest.fixture
def wire(shared: Wire) -> Iterator[Wire]:
    """The same, with empty books and no faults."""
    yield shared
    shared.world.faults.clear()
    with shared.world.lock:
        for each in (shared.world.trader, shared.world.counterparty):
            shared.world.apply(t.CancelAll(participant=each.name))


class Talk:
    """A subscription that is talked to."""

    def __init__(self, wire: Wire, **options: Any) -> None:
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._options = options
        self.heard = wire.call(
            MarketDataSubscriptionAPIStub, "BiDirectionalStreamMarketData", iter(self._queue.get, None)
        )

    def say(self, **command: Any) -> None:
        """Send a command; options go with the first alone."""
        self._queue.put(md.BiDirectionalStreamMarketDataRequest(**command, **self._options))
        self._options = {}

    def add(self, *symbols: str) -> None:
        """Subscribe to symbols."""
        self.say(subscribe=md.SubscribeCommand(symbols=symbols))

    def remove(self, *symbols: str) -> None:
        """Unsubscribe from symbols."""
        self.say(unsubscribe=md.UnsubscribeCommand(symbols=symbols))

    def next(self, kind: str) -> Any:
        """Return the next event of a kind."""
        return getattr(until(self.heard, lambda each: each.WhichOneof("event") == kind), kind)

    def end(self) -> None:
        """Say nothing more."""
        self._queue.put(None)


def update(stream: Any) -> md.MarketDataUpdate:
    """Return the next book of a stream."""
    found: md.MarketDataUpdate = until(stream, lambda each: each.WhichOneof("event") == "update").update
    return found


def levels(side: Any) -> list[tuple[int, int]]:
    """Return prices and sizes."""
    return [(each.px, each.qty) for each in side]


def test_a_snapshot_of_each_symbol_then_whole_books(wire: Wire) -> None:
    """A stream begins with every book, and each change brings the whole book anew."""
    wire.place(price=400)
    stream = wire.books(KC, GAME)
    first = [update(stream), update(stream)]
    assert [(each.symbol, levels(each.bids)) for each in first] == [(KC, [(400, 10)]), (GAME, [])]
    wire.place(price=390, quantity=5)
    changed = update(stream)
    assert (changed.symbol, levels(changed.bids), levels(changed.offers)) == (KC, [(400, 10), (390, 5)], [])
    assert not changed.HasField("price_scale")
    stream.cancel()


def test_depth_and_single_orders(wire: Wire) -> None:
    """The book ends where it was asked to end, and its orders come one by one if asked for."""
    for price in (400, 400, 390):
        wire.place(price=price)
    assert levels(update(wire.books(KC, depth=1, snapshot_only=True)).bids) == [(400, 20)]
    whole = wire.books(KC, unaggregated=True, snapshot_only=True)
    assert [levels(each.update.bids) for each in whole] == [[(400, 10), (400, 10), (390, 10)]]


def test_no_symbol_is_every_symbol_with_scales(wire: Wire) -> None:
    """A subscription to everything tells the scales of each."""
    told = [each.update for each in wire.books(snapshot_only=True)]
    assert [each.symbol for each in told] == list(wire.world.listings)
    assert (told[0].price_scale, told[0].quantity_scale) == (1000, 1)


def test_signs_of_life(wire: Wire) -> None:
    """A stream without news gives signs of life."""
    stream = wire.books(KC)
    kinds = [next(stream).WhichOneof("event") for _ in range(3)]
    assert kinds == ["update", "heartbeat", "heartbeat"]
    stream.cancel()


def test_too_many_and_unknown_symbols(wire: Wire) -> None:
    """More than 1,000 symbols, and one that is not listed, are refused in the venue's words."""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "at most 1000 symbols per subscription"):
        next(wire.books(*[f"s{each}" for each in range(1001)]))
    with refused(grpc.StatusCode.NOT_FOUND, "instrument nothing not found"):
        next(wire.books(KC, "nothing"))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "depth"):
        next(wire.books(KC, depth=-1))


def test_symbols_come_and_go_on_one_stream(wire: Wire) -> None:
    """A symbol that is added is acknowledged, with scales, and its book follows; a removed one is silent."""
    talk = Talk(wire)
    talk.add(KC)
    ack = talk.next("subscription_ack")
    assert (list(ack.symbols_added), list(ack.active_symbols), ack.active_symbol_count) == ([KC], [KC], 1)
    assert [(each.symbol, each.price_scale) for each in ack.symbol_scales] == [(KC, 1000)]
    assert talk.next("update").symbol == KC
    talk.add(GAME)
    assert list(talk.next("subscription_ack").active_symbols) == [KC, GAME]
    assert talk.next("update").symbol == GAME
    talk.say(keepalive=md.KeepAliveCommand())
    talk.remove(KC)
    assert list(talk.next("subscription_ack").symbols_removed) == [KC]
    wire.place()
    assert talk.next("heartbeat") == talk.next("heartbeat")
    talk.end()
    assert {each.WhichOneof("event") for each in talk.heard} <= {"heartbeat"}


def test_commands_that_change_nothing_say_why(wire: Wire) -> None:
    """Unknown, repeated and absent symbols are errors on the stream, which goes on."""
    talk = Talk(wire)
    talk.add(KC, "nothing")
    assert talk.next("subscription_error").error_code == "INVALID_SYMBOL"
    assert list(talk.next("subscription_ack").symbols_added) == [KC]
    talk.add(KC)
    told = talk.next("subscription_error")
    assert (told.error_code, list(told.symbols)) == ("ALREADY_SUBSCRIBED", [KC])
    talk.remove(GAME)
    assert talk.next("subscription_error").error_code == "NOT_SUBSCRIBED"
    talk.add(*[f"s{each}" for each in range(1001)])
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "at most 1000 symbols"):
        talk.next("subscription_ack")
    talk.end()


def test_the_first_message_subscribes(wire: Wire) -> None:
    """Whoever begins with anything else is refused."""
    talk = Talk(wire)
    talk.say(keepalive=md.KeepAliveCommand())
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "first message"):
        next(talk.heard)
    talk.end()


def test_messages_are_lost_doubled_and_swapped(wire: Wire) -> None:
    """Faults meet the messages of a stream one by one."""
    wire.world.faults.add(kind="grpc_duplicate", operation=BOOKS)
    assert [each.update.symbol for each in wire.books(KC, GAME, snapshot_only=True)] == [KC, KC, GAME]
    wire.world.faults.add(kind="grpc_lose", operation=BOOKS)
    assert [each.update.symbol for each in wire.books(KC, GAME, snapshot_only=True)] == [GAME]
    wire.world.faults.add(kind="grpc_reorder", operation=BOOKS)
    assert [each.update.symbol for each in wire.books(KC, GAME, snapshot_only=True)] == [GAME, KC]
    wire.world.faults.add(kind="grpc_reorder", operation=BOOKS, times=2)
    told = [each.update.symbol for each in wire.books(KC, GAME, BTC, snapshot_only=True)]
    assert told == [BTC, KC, GAME]


def test_who_goes_away_comes_back(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if somebody else has the port for a moment."""
    attempts, open_it = list[int](), GrpcServer._open

    async def hindered(server: GrpcServer) -> int:
        attempts.append(server.port)
        if len(attempts) < 3:
            raise PolyspecError("the port is taken")
        return await open_it(server)

    monkeypatch.setattr(GrpcServer, "_open", hindered)
    wire.world.faults.add(kind="grpc_goaway", operation=BOOKS)
    with refused(grpc.StatusCode.UNAVAILABLE, ""):
        list(wire.books(KC))
    request = md.CreateMarketDataSubscriptionRequest(symbols=[KC], snapshot_only=True)
    again = wire.call(
        MarketDataSubscriptionAPIStub, "CreateMarketDataSubscription", request, wait_for_ready=True
    )
    assert [each.update.symbol for each in again] == [KC]
    assert len(attempts) == 3


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("grpc_unavailable", grpc.StatusCode.UNAVAILABLE, "stream dropped"),
        ("grpc_expired", grpc.StatusCode.UNAUTHENTICATED, "token is expired"),
        ("grpc_slow", grpc.StatusCode.RESOURCE_EXHAUSTED, "slow consumer"),
        ("grpc_goaway", grpc.StatusCode.UNAVAILABLE, ""),
        ("unauthorized", grpc.StatusCode.UNAUTHENTICATED, "token is expired"),
        ("status", grpc.StatusCode.UNAVAILABLE, "service unavailable"),
    ],
)
def test_streams_end_on_demand(wire: Wire, kind: str, code: grpc.StatusCode, words: str) -> None:
    """Each way a stream can be refused or end has its code, and the next stream is served."""
    wire.world.faults.add(kind=kind, operation=BOOKS)
    with refused(code, words):
        list(wire.books(KC))
    request = md.CreateMarketDataSubscriptionRequest(symbols=[KC], snapshot_only=True)
    again = wire.call(
        MarketDataSubscriptionAPIStub, "CreateMarketDataSubscription", request, wait_for_ready=True
    )
    assert [each.update.symbol for each in again] == [KC]


def test_who_is_too_slow_and_may_be_skipped_gets_the_head(wire: Wire) -> None:
    """With the skip a slow client gets the books as they are now, in the place of what it missed."""
    wire.world.faults.add(kind="grpc_slow", operation=BOOKS, after=1)
    stream = wire.books(KC, slow_consumer_skip_to_head=True)
    assert update(stream).bids == []
    wire.place(price=410)
    assert levels(update(stream).bids) == [(410, 10)]
    stream.cancel()


def test_a_silent_stream_stays_open(wire: Wire) -> None:
    """A stream that went silent says nothing more, not even signs of life, and does not end."""
    request = md.CreateMarketDataSubscriptionRequest(symbols=[KC])
    # the connection may be gone for a moment, after a test that had it sent away
    stream = wire.call(
        MarketDataSubscriptionAPIStub, "CreateMarketDataSubscription", request, wait_for_ready=True
    )
    assert next(stream).update.symbol == KC
    # streams of before may still be told something, which is not to take the fault away
    wire.world.faults.add(kind="grpc_silent", operation=BOOKS, times=None)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, stream)
        for _ in range(20):
            if not wait([following], timeout=0.3).done:
                break
            # it was sent before
            following = pool.submit(next, stream)
        assert not following.done()
        stream.cancel()
        with refused(grpc.StatusCode.CANCELLED, ""):
            following.result()


def test_twenty_streams_and_no_more(wire: Wire) -> None:
    """The pool of a firm holds 20 streams; one that ends makes room."""
    wire.world.limits.enabled = True
    streams = [wire.books(KC) for _ in range(20)]
    try:
        for each in streams:
            next(each)
        with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "at most 20"):
            next(wire.books(KC))
    finally:
        wire.world.limits.enabled = False
        for each in streams:
            each.cancel()
