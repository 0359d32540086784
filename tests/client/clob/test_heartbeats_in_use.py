# Mirrored from test_heartbeats_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Heartbeats: orders stand as long as they come, and not much longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from polyspec.clob.client import ClobClient
from polyspec.errors import BadRequest, ConfigError, PolyspecError, ServerError
from tests.client.clob.connect import connect
from tests.client.clob.rig import Person, Venue, open_venue
from tests.client.doing import sleep

BEAT = "Orders_PostHeartbeat"
TEN: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a venue that is impatient: half a second of silence, looked for ten times a second."""
    with open_venue(heartbeat_timeout=0.5, heartbeat_check=0.1) as venue:
        yield venue


@pytest.fixture(autouse=True)
def no_faults(venue: Venue) -> None:
    """Leave no fault of an earlier test."""
    venue.clob.faults.clear()


def order(client: ClobClient, venue: Venue) -> Any:
    """Place an order that rests."""
    return client.create_and_post_order(**venue.market().known, **TEN).unwrap()


def stands(venue: Venue, placed: Any) -> bool:
    """Tell whether an order is in the book."""
    found = venue.order(placed.order_id)
    return found is not None and found.status.is_open


def test_orders_stand_while_it_beats(venue: Venue, person: Person) -> None:
    """Twice the time the venue waits for passes, and the order is there; leaving the block cancels it."""
    with connect(venue, person) as client:
        with client.heartbeats(0.1) as beating:
            placed = order(client, venue)
            sleep(1.0)
            assert stands(venue, placed)
            assert beating.alive
            assert beating.error is None
            assert 5 <= beating.beats <= 12
            beating.check()
        assert not stands(venue, placed)


def test_silence_cancels(venue: Venue, person: Person) -> None:
    """Without cancelling at the end, the orders go a moment later for want of beats."""
    with connect(venue, person) as client:
        with client.heartbeats(0.1, cancel=False):
            placed = order(client, venue)
        assert stands(venue, placed)
        sleep(1.0)
        assert not stands(venue, placed)


def test_single_beats_are_lost(venue: Venue, person: Person) -> None:
    """Every fourth beat is lost, before or after it arrived: no order is cancelled."""
    with connect(venue, person) as client, client.heartbeats(0.1) as beating:
        placed = order(client, venue)
        for kind in ("reset_before", "reset_after", "close_mid_body", "status", "truncate"):
            venue.clob.faults.add(kind=kind, operation=BEAT)
            sleep(0.4)
            assert stands(venue, placed), kind
        assert beating.error is None
        assert beating.beats > 8


def test_another_process_beats_as_well(venue: Venue, person: Person) -> None:
    """The id that is expected is taken over from the venue's refusal, and the chain goes on."""
    with connect(venue, person) as client, connect(venue, person) as other:
        with client.heartbeats(0.1) as beating:
            placed = order(client, venue)
            for _ in range(4):
                with pytest.raises(BadRequest, match="Invalid Heartbeat ID") as caught:
                    other.post_heartbeat("nonsense")
                other.post_heartbeat(caught.value.details["heartbeat_id"])
                sleep(0.2)
            assert stands(venue, placed)
            assert beating.alive


def test_chain_by_hand(venue: Venue, person: Person) -> None:
    """Each beat gives the id of the next; a wrong one is refused with the right one."""
    with connect(venue, person) as client:
        first = client.post_heartbeat()
        second = client.post_heartbeat(first)
        assert first != second
        with pytest.raises(BadRequest) as caught:
            client.post_heartbeat(first)
        assert caught.value.details["heartbeat_id"] == second
        assert client.post_heartbeat(second) != second


def test_venue_out_of_reach_is_told(venue: Venue, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no beat is accepted it says so, and once they are again it is alive again."""
    monkeypatch.setattr("polyspec.clob.beating.SILENCE", 0.5)
    with connect(venue, person) as client, client.heartbeats(0.1, cancel=False) as beating:
        venue.clob.faults.add(kind="status", status=500, operation=BEAT, times=None)
        sleep(0.9)
        assert not beating.alive
        assert isinstance(beating.error, ServerError)
        with pytest.raises(PolyspecError, match="the venue cancels all open orders"):
            beating.check()
        venue.clob.faults.clear()
        sleep(0.5)
        assert beating.alive
        beating.check()


def test_block_is_not_entered_without_a_beat(venue: Venue, person: Person) -> None:
    """If the first beat fails, nothing is begun."""
    with connect(venue, person) as client:
        client.create_or_derive_api_key()
        venue.clob.faults.add(kind="status", status=500, operation=BEAT, times=None)
        with pytest.raises(ServerError), client.heartbeats():
            raise AssertionError("the block was entered")


def test_error_of_the_block_is_not_hidden(venue: Venue, person: Person) -> None:
    """When the cancel at the end fails too, it is the block's own error that is raised."""

    def fail(client: ClobClient) -> None:
        with client.heartbeats(0.1):
            venue.clob.faults.add(kind="status", status=400, operation="Orders_CancelAll", times=None)
            raise ZeroDivisionError

    with connect(venue, person) as client, pytest.raises(ZeroDivisionError):
        fail(client)


def test_interval_that_is_too_long(venue: Venue, person: Person) -> None:
    """More than eight seconds apart would be as good as silence."""
    with connect(venue, person) as client, pytest.raises(ConfigError, match="at most 8 s apart"):
        client.heartbeats(8.5)
