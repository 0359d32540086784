# Mirrored from test_streams_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Streams of the market channel over real sockets: right, or they say what is wrong, and leave nothing."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.client import ClobClient
from polyspec.clob.market_feed import MARKET_RHYTHM
from polyspec.core.streams.events import (
    Dropped,
    Event,
    Gap,
    Lost,
    Message,
    Resynced,
    Status,
    StreamState,
)
from polyspec.errors import ConfigError, NotFound, StreamClosed
from polyspec.sandbox.clob.engine import types as t
from tests.client.clob.connect import connect
from tests.client.clob.rig import UNPACED, Token, Venue
from tests.client.doing import sleep, together

MARKET = "WebSocket_Market"
RHYTHM = evolve(MARKET_RHYTHM, late=0.3, quiet=0.4, shortest=0.02, first=0.05, longest=0.1)
"""As of itself, in a hurry."""


@pytest.fixture(autouse=True)
def no_faults(venue: Venue) -> None:
    """Leave no fault of an earlier test."""
    venue.clob.faults.clear()


def until(stream: Any, kind: type[Event], **wanted: Any) -> Any:
    """Return the next event of a kind with these attributes."""
    for event in stream:
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in wanted.items()):
            return event
    raise AssertionError(f"the stream ended without a {kind.__name__}")


def live(stream: Any) -> None:
    """Wait until everything asked for was told."""
    until(stream, Status, state=StreamState.LIVE)


def right(venue: Venue, stream: Any, token: Token) -> bool:
    """Wait until the book is trusted and the venue's."""
    for _ in range(200):
        with venue.world.lock:
            told = venue.world.exchange.book(token.id)
        assert told is not None
        with stream.still:
            book = stream.books[token.id]
            mine = [
                [(int(p * 1_000_000), int(s * 1_000_000)) for p, s in side]
                for side in (book.bids(), book.asks())
            ]
            trusted = book.trusted
        if trusted and mine == [
            [(each.price, each.size) for each in side] for side in (told.bids, told.asks)
        ]:
            return True
        sleep(0.02)
    return False


def test_books_and_trades_are_told(venue: Venue, token: Token) -> None:
    """A snapshot, what changes, what is traded; books are kept up to date whether events are read or not."""
    venue.offer(token, "0.4", 10, side="BUY")
    with connect(venue) as client, client.stream.market([token.id]) as stream:
        snapshot = until(stream, Message)
        assert isinstance(snapshot.native, wire.BookEvent)
        live(stream)
        assert stream.state is StreamState.LIVE
        venue.offer(token, "0.6", 10)
        change = until(stream, Message)
        assert isinstance(change.native, wire.PriceChangeEvent)
        venue.offer(token, "0.6", 5, side="BUY")
        kinds = {type(until(stream, Message).native) for _ in range(2)}
        assert wire.LastTradePriceEvent in kinds
        assert right(venue, stream, token)
        assert stream.books[token.id].best_ask == (Decimal("0.6"), Decimal(5))


@pytest.mark.parametrize(
    "kind", ["ws_lose", "ws_duplicate", "ws_reorder", "ws_truncate", "ws_silent", "ws_drop", "ws_close"]
)
def test_faults_are_found_out(venue: Venue, token: Token, kind: str) -> None:
    """Whatever happens to a message, the book is the venue's again soon, or was all the time."""
    venue.offer(token, "0.4", 10, side="BUY")
    with connect(venue) as client, client.stream.market([token.id], rhythm=RHYTHM) as stream:
        live(stream)
        venue.clob.faults.add(kind=kind, operation=MARKET)
        for price in ("0.6", "0.7", "0.55"):
            venue.offer(token, price, 5)
            sleep(0.01)
        assert right(venue, stream, token), stream.books[token.id]
        if kind in ("ws_truncate", "ws_drop", "ws_close"):
            gap = until(stream, Gap)
            assert until(stream, Resynced).gap == gap


def test_a_silent_socket_is_replaced(venue: Venue, token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers pings and tells nothing; REST shows it, and another connection tells everything again."""
    monkeypatch.setattr("polyspec.clob.market_feed._OWED", 0.2)
    with connect(venue) as client, client.stream.market([token.id], rhythm=RHYTHM) as stream:
        live(stream)
        venue.clob.faults.add(kind="ws_silent", operation=MARKET)
        venue.offer(token, "0.6", 5)
        gap = until(stream, Gap)
        assert "did not tell" in gap.reason
        until(stream, Resynced)
        venue.offer(token, "0.5", 5)
        assert right(venue, stream, token)


def test_tokens_come_and_go(venue: Venue, token: Token) -> None:
    """On the same connection; one that nobody knows is told by name and costs the others nothing."""
    other = venue.market()
    with connect(venue) as client, client.stream.market([token.id], rhythm=RHYTHM) as stream:
        live(stream)
        stream.add(other.id, "123")
        lost = until(stream, Lost)
        assert (lost.key, type(lost.error)) == ("123", NotFound)
        assert stream.tokens == [token.id, other.id]
        venue.offer(other, "0.6", 5)
        assert right(venue, stream, other)
        stream.remove(other.id)
        assert stream.tokens == [token.id]
        stream.remove(token.id)
        until(stream, Status, state=StreamState.IDLE)
        stream.add(other.id)
        live(stream)
        assert right(venue, stream, other)


def test_a_new_tick_reaches_orders(venue: Venue, token: Token) -> None:
    """The book is on the new grid, and the next order is priced on it, without another look at the market."""
    with connect(venue) as client, client.stream.market([token.id]) as stream:
        live(stream)
        assert client.get_tick_size(token.id) == Decimal("0.01")
        with venue.world.lock:
            venue.world.apply(t.SetTick(condition_id=token.condition_id, tick=1_000))
        until(stream, Resynced)
        assert right(venue, stream, token)
        assert (stream.books[token.id].tick, stream.books[token.id].epoch) == (Decimal("0.001"), 1)


def test_a_slow_reader_is_told_what_it_missed(venue: Venue, token: Token) -> None:
    """The oldest events go, with their number; the book itself is right all the time."""
    with connect(venue) as client, client.stream.market([token.id], room=4) as stream:
        live(stream)
        for price in range(60, 90):
            venue.offer(token, f"0.{price}", 5)
        assert right(venue, stream, token)
        sleep(0.1)
        dropped = until(stream, Dropped)
        assert dropped.count > 10
        assert stream.books[token.id].trusted


def test_a_slow_reader_stops_the_stream(venue: Venue, token: Token) -> None:
    """With block nothing is lost, and nothing is received until there is room."""
    with connect(venue) as client, client.stream.market([token.id], overflow="block", room=2) as stream:
        live(stream)
        for price in range(60, 90):
            venue.offer(token, f"0.{price}", 5)
        sleep(0.1)
        assert len(stream.books[token.id]) < 10
        for _ in range(30):
            until(stream, Message)
        assert right(venue, stream, token)


def test_a_slow_reader_is_cut_off(venue: Venue, token: Token) -> None:
    """With disconnect the stream ends; what came before is still told, then the error is raised."""
    with connect(venue) as client:
        with client.stream.market([token.id], overflow="disconnect", room=5) as stream:
            live(stream)
            for price in range(60, 90):
                venue.offer(token, f"0.{price}", 5)
            sleep(0.1)
            lost = until(stream, Lost)
            assert isinstance(lost.error, StreamClosed)
            with pytest.raises(StreamClosed, match="read as fast"):
                until(stream, Dropped)


def test_a_server_that_closes_at_once_for_ever(venue: Venue, token: Token) -> None:
    """It is asked again and again, with pauses, and every attempt is told with its number."""
    venue.clob.faults.add(kind="ws_close", operation=MARKET, times=None)
    with connect(venue) as client, client.stream.market([token.id], rhythm=RHYTHM) as stream:
        for attempt in range(1, 5):
            told = until(stream, Status, state=StreamState.BACKING_OFF)
            assert told.attempt == attempt
            assert "1001" in told.reason
        venue.clob.faults.clear()
        live(stream)


def test_nobody_is_there(token: Token) -> None:
    """A venue out of reach is asked again; closing ends it at any time."""
    with ClobClient("http://127.0.0.1:9", settings=UNPACED) as client:
        with client.stream.market([token.id], rhythm=RHYTHM) as stream:
            told = until(stream, Status, state=StreamState.BACKING_OFF)
            assert "no connection" in told.reason
        assert stream.state is StreamState.CLOSED


def test_the_end_is_told(venue: Venue, token: Token) -> None:
    """A closed stream tells what is left, and ends; closing it twice or before it began is no harm."""
    client = connect(venue)
    stream = client.stream.market([token.id])
    live(stream)
    unused = client.stream.market([token.id])
    unused.close()
    client.close()
    assert stream.state is StreamState.CLOSED
    assert isinstance(list(stream)[-1], Status)
    assert list(stream) == []
    stream.close()


def test_closing_wakes_who_waits(venue: Venue, token: Token) -> None:
    """A reader in the middle of waiting sees the end at once."""
    with connect(venue) as client:
        stream = client.stream.market([token.id])
        live(stream)

        def read() -> list[Event]:
            return list(stream)

        def close() -> list[Event]:
            sleep(0.1)
            stream.close()
            return []

        told, _ = together([read, close])
        assert isinstance(told[-1], Status)


def test_wrong_use_is_refused(venue: Venue, token: Token) -> None:
    """Before anything is opened."""
    with connect(venue) as client:
        with pytest.raises(ConfigError, match="overflow"):
            client.stream.market([token.id], overflow="explode")
        with pytest.raises(ConfigError, match="room"):
            client.stream.market([token.id], room=0)
        with pytest.raises(ConfigError):
            client.stream.market(["not a token"])


def test_nothing_is_logged(venue: Venue, token: Token, caplog: pytest.LogCaptureFixture) -> None:
    """Not at the lowest level, where the library shows frames and addresses."""
    with caplog.at_level(logging.DEBUG):
        with connect(venue) as client, client.stream.market([token.id]) as stream:
            live(stream)
    assert token.id not in caplog.text
    assert not any(each.name.startswith("websockets.client") for each in caplog.records)
