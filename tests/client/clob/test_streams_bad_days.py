# Mirrored from test_streams_bad_days_async.py by `python -m generator.mirror`; do not edit.
"""Servers that misbehave: noticed in time, told, and never obeyed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from attrs import evolve

from polyspec.clob.client import ClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.market_feed import MARKET_RHYTHM
from polyspec.core.sending import Patience
from polyspec.core.streams.events import Event, Gap, Lost, Message, Raw, Status, StreamState
from polyspec.errors import AuthError, ConfigError
from tests.client.clob.odd_server import BOOK, TOKEN, odd_server

RHYTHM = evolve(MARKET_RHYTHM, ping=0.2, pong=0.2, late=5.0, shortest=0.02, first=0.05, longest=0.1)
BRIEF = Patience(connect=0.2, write=0.2, read=0.2, place=0.2, total=0.2)


def client(url: str, **options: Any) -> ClobClient:
    """Return a client whose streams come from a server, and whose REST is nowhere."""
    settings = ClobSettings(streams=url, max_attempts=1, patience=BRIEF)
    return ClobClient("http://127.0.0.1:9", settings=settings, **options)


def until(stream: Any, kind: type[Event], **wanted: Any) -> Any:
    """Return the next event of a kind with these attributes."""
    for event in stream:
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in wanted.items()):
            return event
    raise AssertionError(f"the stream ended without a {kind.__name__}")


def test_a_server_that_answers_no_ping_is_given_up() -> None:
    """Within the time of a ping and a pong, though its socket is open."""
    over = threading.Event()

    def tell(socket: Any) -> None:
        socket.send(f"[{BOOK}]")
        over.wait(5)

    with odd_server(tell) as server:
        with client(server.url) as ours, ours.stream.market([TOKEN], rhythm=RHYTHM) as stream:
            first = until(stream, Message)
            gap = until(stream, Gap)
            assert "ping" in gap.reason
            assert gap.received - first.received < 1.0
            assert not stream.books[TOKEN].trusted
        over.set()


@pytest.mark.parametrize("text", ["", "nonsense", "x" * 1_000_000, "[]", '{"event_type": "book"}', "[1, 2]"])
def test_what_cannot_be_read_is_told(text: str) -> None:
    """It arrives whatever its size, is told as it came, and costs the book its trust; no news does not."""

    def tell(socket: Any) -> None:
        socket.send(f"[{BOOK}]")
        socket.send(text)
        socket.send('{"event_type": "the end"}')
        for _ in socket:
            socket.send("PONG")

    with odd_server(tell) as server:
        with client(server.url) as ours, ours.stream.market([TOKEN], rhythm=RHYTHM) as stream:
            raw = until(stream, Raw)
            if text != "[]":
                assert not stream.books[TOKEN].trusted
                assert isinstance(raw.data, (bytes, dict))
                raw = until(stream, Raw, data={"event_type": "the end"})
            assert raw.data == {"event_type": "the end"}
            assert stream.books[TOKEN].trusted == (text == "[]")


def test_a_message_that_is_too_large_ends_the_connection() -> None:
    """It is not read into memory; the next connection begins anew."""

    def tell(socket: Any) -> None:
        socket.send(f"[{BOOK}]")
        socket.send("x" * 200_000)
        for _ in socket:
            pass

    with odd_server(tell) as server, client(server.url) as ours:
        ours.settings = evolve(ours.settings, http=evolve(ours.settings.http, max_body=100_000))
        with ours.stream.market([TOKEN], rhythm=RHYTHM) as stream:
            until(stream, Gap)
            until(stream, Status, state=StreamState.LIVE)


def test_no_redirect_is_followed() -> None:
    """Credentials would go where the answer points."""
    with odd_server(lambda _: None) as elsewhere:
        with odd_server(lambda _: None, refuse=302, location=elsewhere.url) as server:
            creds = ApiCreds("key", "c2VjcmV0", "phrase")
            address = "0x" + "11" * 20
            with client(server.url, creds=creds, address=address) as ours:
                with ours.stream.user(rhythm=RHYTHM) as stream:
                    told = until(stream, Status, state=StreamState.BACKING_OFF)
                    assert "302" in told.reason
        assert elsewhere.connections == 0


def test_a_refusal_at_the_door_ends_it() -> None:
    """Nothing is gained by asking again."""
    with odd_server(lambda _: None, refuse=401) as server:
        with client(server.url) as ours, ours.stream.market([TOKEN], rhythm=RHYTHM) as stream:
            lost = until(stream, Lost)
            assert isinstance(lost.error, AuthError)
            with pytest.raises(AuthError):
                until(stream, Message)


def test_the_address_must_be_one() -> None:
    """Of a websocket, encrypted unless it is on this machine, without credentials."""
    for url in ("ws://example.com/ws", "https://example.com", "wss://user:pass@example.com", "", "wss://"):
        with pytest.raises(ConfigError, match="streams"):
            ClobSettings(streams=url)
    assert ClobSettings(streams="wss://example.com/ws").streams
