# Mirrored from test_sports_live_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Streams of games and of live data over real sockets, against the sandbox and servers that misbehave."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha1
from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.client import ClobClient
from polyspec.clob.config import HOST, ClobSettings
from polyspec.clob.live_feed import LIVE_RHYTHM, exact_price
from polyspec.clob.live_topics import LiveTopic
from polyspec.clob.sports_feed import SPORTS_RHYTHM
from polyspec.clob.stream_places import LIVE, SPORTS, channel_address
from polyspec.core.streams.events import (
    Dropped,
    Event,
    Gap,
    Lost,
    Message,
    Raw,
    Resynced,
    Status,
    StreamState,
)
from polyspec.errors import AuthError, ConfigError
from tests.client.clob.connect import connect
from tests.client.clob.odd_server import odd_server
from tests.client.clob.rig import Venue, open_venue
from tests.client.doing import sleep
from tests.client.rawserver import Peer, RawServer

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of every websocket's opening."""
GAMES = evolve(SPORTS_RHYTHM, shortest=0.02, first=0.05, longest=0.1)
PRICES = evolve(LIVE_RHYTHM, shortest=0.02, first=0.05, longest=0.1)
BTC, ETH = LiveTopic.crypto("btcusdt"), LiveTopic.chainlink("eth/usd")


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox in which games stand still, and prices come when they are made to."""
    with open_venue(live_every=3600.0, sports_ping=0.05, sports_patience=0.5) as venue:
        yield venue


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


def play(venue: Venue, score: str, place: int = 0) -> str:
    """Have a game stand otherwise; return its number."""
    games = venue.world.games
    with venue.world.lock:
        game = list(games.all.values())[place]
        game.score = score
        games.tell(game)
    return str(game.id)


def tick(venue: Venue) -> None:
    """Have every price told that is subscribed to."""
    with venue.world.lock:
        venue.world.live.tick()


def say(venue: Venue, body: str, parent: int = 7) -> str:
    """Write a comment; return its id."""
    with venue.world.lock:
        return venue.world.live.comment(body, parent).id


# -- games --


def test_games_are_told(venue: Venue) -> None:
    """As they are, under their numbers; pings are answered meanwhile, or the venue would hang up."""
    with connect(venue) as client, client.stream.sports(rhythm=GAMES) as stream:
        live(stream)
        sleep(0.7)
        key = play(venue, "3-16")
        event = until(stream, Message)
        assert isinstance(event.native, wire.SportsResult)
        assert (event.key, event.native.score, str(event.native.game_id)) == (key, "3-16", key)
        assert stream.games == {key: event.native}
        assert stream.state is StreamState.LIVE


@pytest.mark.parametrize("kind", ["ws_drop", "ws_close", "ws_truncate"])
def test_games_are_doubtful_after_a_gap(venue: Venue, kind: str) -> None:
    """Which is told; each is right again with its next message."""
    with connect(venue) as client, client.stream.sports(rhythm=GAMES) as stream:
        live(stream)
        first, second = play(venue, "1-0"), play(venue, "2-0", 1)
        until(stream, Message, key=second)
        venue.clob.faults.add(kind=kind, operation="WebSocket_Sports")
        play(venue, "1-1")
        gap = until(stream, Gap)
        assert until(stream, Resynced).gap == gap
        assert stream.doubtful == {first, second}
        play(venue, "2-1")
        assert until(stream, Message, key=first).native.score == "2-1"
        assert stream.doubtful == {second}


def test_a_venue_that_stops_pinging_is_left() -> None:
    """Though its socket stands: who said `ping` has to go on."""
    over = threading.Event()

    def tell(socket: Any) -> None:
        socket.send('{"gameId": 1, "score": "1-0"}')
        over.wait(5)

    rhythm = evolve(GAMES, silent=0.2)
    # a first message of ours is all the server waits for, and the answer to its ping would be the second
    with odd_server(tell, greeting="ping") as server:
        settings = ClobSettings(sports=server.url)
        with ClobClient("http://127.0.0.1:9", settings=settings) as client:
            with client.stream.sports(rhythm=rhythm) as stream:
                until(stream, Message, key="1")
                gap = until(stream, Gap)
                assert "nothing came for" in gap.reason
                over.set()


# -- prices and comments --


def test_prices_and_comments_are_told(venue: Venue) -> None:
    """Under what was asked for: the past of a symbol, then its prices, with all digits."""
    with connect(venue) as client, client.stream.live([BTC, ETH, "comments"], rhythm=PRICES) as stream:
        pasts = {until(stream, Message).key for _ in range(2)}
        assert pasts == {BTC.key, ETH.key}
        live(stream)
        tick(venue)
        prices = {each.key: each.native for each in [until(stream, Message) for _ in range(2)]}
        assert prices.keys() == pasts
        for price in prices.values():
            assert isinstance(price, wire.LivePriceEvent)
            assert isinstance(price.payload.value, Decimal)
            assert exact_price(price) == price.payload.value
        assert stream.prices["crypto_prices", "btcusdt"] == prices[BTC.key]
        made = say(venue, "So it goes")
        comment = until(stream, Message, key="comments")
        assert (comment.native.payload.id, comment.native.payload.body) == (made, "So it goes")


def test_more_and_less_is_asked_for(venue: Venue) -> None:
    """On the same connection, and on none while it is nothing."""
    with connect(venue) as client, client.stream.live(BTC, rhythm=PRICES) as stream:
        live(stream)
        stream.add(ETH, "equity_prices:aapl")
        assert [each.key for each in stream.topics] == [BTC.key, ETH.key, "equity_prices:aapl"]
        until(stream, Message, key=ETH.key)
        until(stream, Message, key="equity_prices:aapl")
        stream.remove(BTC, ETH)
        stream.add(LiveTopic.twap("eth/usd"))
        until(stream, Message, key="crypto_prices_twap_sixty:eth/usd")
        tick(venue)
        keys = {until(stream, Message).key for _ in range(2)}
        assert keys == {"equity_prices:aapl", "crypto_prices_twap_sixty:eth/usd"}
        stream.remove(*stream.topics)
        until(stream, Status, state=StreamState.IDLE)
        stream.add(BTC)
        until(stream, Message, key=BTC.key)


@pytest.mark.parametrize("kind", ["ws_drop", "ws_close"])
def test_a_gap_ends_with_the_next_prices(venue: Venue, kind: str) -> None:
    """Comments that came meanwhile are lost, which is told."""
    topics = [BTC, LiveTopic.comments(7)]
    with connect(venue) as client, client.stream.live(topics, rhythm=PRICES) as stream:
        live(stream)
        venue.clob.faults.add(kind=kind, operation="WebSocket_Live")
        say(venue, "nobody reads this")
        gap = until(stream, Gap)
        lost = until(stream, Lost)
        assert (lost.key, lost.gap) == (topics[1].key, gap)
        assert until(stream, Resynced).gap == gap
        made = say(venue, "and this somebody")
        assert until(stream, Message, key=topics[1].key).native.payload.id == made


def test_what_is_cut_in_the_middle_is_told(venue: Venue) -> None:
    """As it came; the next price ends the gap."""
    with connect(venue) as client, client.stream.live([BTC], rhythm=PRICES) as stream:
        live(stream)
        venue.clob.faults.add(kind="ws_truncate", operation="WebSocket_Live")
        tick(venue)
        raw = until(stream, Raw)
        assert isinstance(raw.data, bytes)
        gap = until(stream, Gap)
        tick(venue)
        assert until(stream, Resynced).gap == gap


def test_a_symbol_nobody_knows_is_told(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name; the others go on."""
    monkeypatch.setattr("polyspec.clob.live_feed._PATIENCE", 0.2)
    wrong, rhythm = LiveTopic.crypto("btcusdd"), evolve(PRICES, late=0.1)
    with connect(venue) as client, client.stream.live([BTC, wrong], rhythm=rhythm) as stream:
        lost = until(stream, Lost)
        assert (lost.key, lost.gap) == (wrong.key, None)
        assert stream.topics == [BTC]
        tick(venue)
        until(stream, Message, key=BTC.key)


def test_a_slow_reader_is_told_what_it_missed(venue: Venue) -> None:
    """The oldest events go, with their number; the last price is known all the same."""
    with connect(venue) as client, client.stream.live([BTC], room=3, rhythm=PRICES) as stream:
        live(stream)
        for _ in range(30):
            tick(venue)
        sleep(0.1)
        assert until(stream, Dropped).count > 5


def test_a_silent_peer_is_noticed(venue: Venue) -> None:
    """Prices that never pause have paused, while the socket stands."""
    rhythm = evolve(PRICES, quiet=0.2, audit=0.1)
    with connect(venue) as client, client.stream.live([BTC], rhythm=rhythm) as stream:
        live(stream)
        tick(venue)
        gap = until(stream, Gap)
        assert "no price came for" in gap.reason
        assert until(stream, Resynced).gap == gap


# -- servers that misbehave --


@pytest.mark.parametrize("text", ["nonsense", "x" * 1_000_000, "[1, 2]", '{"topic": "crypto_prices"}'])
def test_what_cannot_be_read_is_told(text: str) -> None:
    """It arrives whatever its size, and as it came."""

    def tell(socket: Any) -> None:
        socket.send("")
        socket.send(text)
        socket.send('{"topic": "the end", "type": "of it"}')
        for _ in socket:
            pass

    with odd_server(tell) as server:
        settings = ClobSettings(live=server.url)
        with ClobClient("http://127.0.0.1:9", settings=settings) as client:
            with client.stream.live([BTC], rhythm=PRICES) as stream:
                assert isinstance(until(stream, Raw).data, (bytes, dict))
                end = until(stream, Message)
                assert (end.native.topic, end.key) == ("the end", "")


def test_a_refusal_at_the_door_ends_it() -> None:
    """Nothing is gained by asking again."""
    with odd_server(lambda _: None, refuse=403) as server:
        settings = ClobSettings(live=server.url, sports=server.url)
        with ClobClient("http://127.0.0.1:9", settings=settings) as client:
            for stream in (client.stream.live([BTC]), client.stream.sports()):
                with stream:
                    assert isinstance(until(stream, Lost).error, AuthError)
                    with pytest.raises(AuthError):
                        until(stream, Message)


def test_a_peer_that_is_frozen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither prices nor pings are owed: it has to answer the protocol's own pings."""
    monkeypatch.setattr("polyspec.clob.streams._ALIVE", {"sports": 0.1})

    def freeze(peer: Peer, _: int) -> None:
        asked = peer.request()
        assert asked is not None
        proof = b64encode(sha1(f"{asked.headers['sec-websocket-key']}{MAGIC}".encode()).digest())
        upgrade = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {proof.decode()}")
        peer.send("\r\n".join(["HTTP/1.1 101 Switching Protocols", *upgrade, "", ""]).encode())
        peer.hang()

    with RawServer(freeze) as server:
        settings = ClobSettings(sports=server.url.replace("http", "ws"))
        with ClobClient("http://127.0.0.1:9", settings=settings) as client:
            with client.stream.sports() as stream:
                live(stream)
                gap = until(stream, Gap)
                assert "broke" in gap.reason
                assert gap.received - gap.since < 2.0


def test_a_server_that_closes_at_once_for_ever(venue: Venue) -> None:
    """It is asked again and again, with pauses, and every attempt is told with its number."""
    with odd_server(lambda socket: socket.close(1013)) as server:
        settings = ClobSettings(live=server.url)
        with ClobClient("http://127.0.0.1:9", settings=settings) as client:
            with client.stream.live([BTC], rhythm=PRICES) as stream:
                for attempt in range(1, 5):
                    seen = until(stream, Status, state=StreamState.BACKING_OFF)
                    assert seen.attempt == attempt
                    assert "1013" in seen.reason


# -- where they are, and wrong use --


def test_they_are_where_the_venue_has_them() -> None:
    """On hosts of their own, unless they were named, or the host is another."""
    plain = ClobSettings()
    assert channel_address(HOST, plain, "sports") == SPORTS
    assert channel_address(HOST, plain, "live") == LIVE
    assert channel_address("http://localhost:1", plain, "live") == "ws://localhost:1/ws/live"
    named = ClobSettings(streams="wss://a.example/ws", live="wss://b.example")
    assert channel_address(HOST, named, "sports") == SPORTS
    assert channel_address("https://c.example", named, "sports") == "wss://a.example/ws/sports"
    assert channel_address("https://c.example", named, "live") == "wss://b.example"
    for name in ("sports", "live"):
        for url in ("ws://example.com", "https://example.com", "wss://user:pass@example.com", ""):
            with pytest.raises(ConfigError, match=name):
                ClobSettings(**{name: url})


def test_wrong_use_is_refused(venue: Venue) -> None:
    """Before anything is opened."""
    with connect(venue) as client:
        for wrong in (["weather"], [5], 5, ["crypto_prices:btcusdt,ethusdt"]):
            with pytest.raises(ConfigError):
                client.stream.live(wrong)
        stream = client.stream.live([])
        with pytest.raises(ConfigError):
            stream.add("weather")
        with pytest.raises(ConfigError, match="room"):
            client.stream.sports(room=0)
        with pytest.raises(ConfigError, match="overflow"):
            client.stream.live([BTC], overflow="explode")
