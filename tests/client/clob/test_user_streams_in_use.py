# Mirrored from test_user_streams_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Streams of the user channel over real sockets: every fill once, whatever happens to the connection."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from polyspec_wire.clob import models as wire

from polyspec.clob.client import ClobClient
from polyspec.clob.user_feed import USER_RHYTHM
from polyspec.core.streams.events import Event, Gap, Lost, Message, Resynced, Status, StreamState
from polyspec.errors import AuthError, ConfigError
from tests.client.clob.connect import connect
from tests.client.clob.rig import Person, Token, Venue
from tests.client.doing import sleep

USER = "WebSocket_User"
RHYTHM = evolve(USER_RHYTHM, late=0.3, audit=0.5, shortest=0.02, first=0.05, longest=0.1)
"""As of itself, in a hurry."""
CALM = evolve(RHYTHM, audit=None)


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


def order(client: ClobClient, token: Token, side: str = "BUY") -> str:
    """Place an order that rests, and return its id."""
    placed = client.create_and_post_order(**token.known, side=side, price="0.5", size=10)
    return placed.unwrap().order_id


def states(stream: Any, venue: Venue, last: str = "CONFIRMED") -> list[str]:
    """Return the states that are told of trades, up to this one."""
    told: list[str] = []
    while last not in told:
        venue.pass_time(1)
        native = until(stream, Message).native
        if isinstance(native, wire.TradeEvent):
            told.append(str(native.status))
    return told


def test_orders_and_fills_are_told(venue: Venue, person: Person, token: Token) -> None:
    """A placement, a fill through all its states, each once; the order is open until it is filled."""
    with connect(venue, person) as client, client.stream.user(rhythm=RHYTHM) as stream:
        live(stream)
        placed = order(client, token)
        told = until(stream, Message)
        assert (told.key, told.native.id, str(told.native.type)) == (token.condition_id, placed, "PLACEMENT")
        assert list(stream.orders) == [placed]
        venue.offer(token, "0.5", 10)
        assert states(stream, venue) == ["MATCHED", "MINED", "CONFIRMED"]
        assert placed not in stream.orders
        client.cancel_all()


@pytest.mark.parametrize(
    "kind", ["ws_lose", "ws_duplicate", "ws_reorder", "ws_truncate", "ws_drop", "ws_close"]
)
def test_every_state_of_a_fill_is_told_once(venue: Venue, person: Person, token: Token, kind: str) -> None:
    """Whatever happens to the messages that tell it."""
    with connect(venue, person) as client, client.stream.user(rhythm=RHYTHM) as stream:
        live(stream)
        order(client, token)
        until(stream, Message)
        venue.clob.faults.add(kind=kind, operation=USER, times=2)
        venue.offer(token, "0.5", 10)
        sleep(0.1)
        told = states(stream, venue)
        assert len(set(told)) == len(told)
        assert told[-1] == "CONFIRMED"


def test_fills_of_a_gap_are_told_afterwards(venue: Venue, person: Person, token: Token) -> None:
    """Before it is called healthy again, what happened meanwhile is read over REST, orders and trades."""
    with connect(venue, person) as client, client.stream.user(rhythm=CALM) as stream:
        live(stream)
        placed = order(client, token)
        other = order(client, venue.market())
        until(stream, Message)
        until(stream, Message)
        venue.clob.faults.add(kind="ws_drop", operation=USER, times=1)
        venue.offer(token, "0.5", 10)
        client.cancel(other)
        gap = until(stream, Gap)
        told: list[Any] = []
        for event in stream:
            told.append(event)
            if isinstance(event, Resynced):
                break
        assert told[-1].gap == gap
        natives = [each.native for each in told if isinstance(each, Message)]
        assert any(isinstance(each, wire.TradeEvent) for each in natives)
        over = {each.id: str(each.type) for each in natives if isinstance(each, wire.OrderEvent)}
        assert over == {placed: "UPDATE", other: "CANCELLATION"}
        assert stream.orders == {}


def test_what_is_open_is_told_when_it_begins(venue: Venue, person: Person, token: Token) -> None:
    """Orders, not old trades; and nobody else's."""
    with connect(venue, person) as client:
        placed = order(client, token)
        order(client, venue.market())
        venue.offer(venue.market(), "0.5", 10)
        with client.stream.user([token.condition_id], rhythm=CALM) as stream:
            told = until(stream, Message)
            assert told.native.id == placed
            live(stream)
            assert list(stream.orders) == [placed]
            stream.follow(None)
            until(stream, Message)
            assert len(stream.orders) == 2


def test_revoked_credentials_end_it(venue: Venue, person: Person, token: Token) -> None:
    """In mid-stream: told as Lost with an AuthError, which is raised after it."""
    with connect(venue, person) as client:
        client.create_or_derive_api_key()
        with connect(venue, person, creds=client.creds) as other:
            stream = other.stream.user(rhythm=CALM)
            live(stream)
            order(other, token)
            until(stream, Message)
            client.delete_api_key()
            venue.offer(token, "0.5", 10)
            lost = until(stream, Lost)
            assert isinstance(lost.error, AuthError)
            assert lost.key == ""
            with pytest.raises(AuthError):
                until(stream, Status, state=StreamState.LIVE)
            assert stream.state is StreamState.CLOSED


def test_without_credentials_it_ends(venue: Venue) -> None:
    """Who has no key hears of nothing, and is told what is missing."""
    with ClobClient(venue.clob.rest) as client, pytest.raises(ConfigError, match="credentials"):
        live(client.stream.user())


def test_fills_are_not_left_out_for_a_slow_reader(venue: Venue) -> None:
    """Whatever he asks for."""
    with ClobClient(venue.clob.rest) as client, pytest.raises(ConfigError, match="left out"):
        client.stream.user(overflow="drop_oldest")


def test_no_secret_is_shown(venue: Venue, person: Person, caplog: pytest.LogCaptureFixture) -> None:
    """Not in what is logged at the lowest level, nor in what the stream shows of itself."""
    with caplog.at_level(1), connect(venue, person) as client, client.stream.user(rhythm=CALM) as stream:
        live(stream)
        creds = client.creds
        shown = repr(stream) + repr(stream._feed.machine) + repr(vars(stream._feed)) + caplog.text
    assert creds is not None
    assert creds.api_secret.reveal() not in shown
    assert creds.api_passphrase.reveal() not in shown
