# Mirrored from test_sim_heartbeats_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Heartbeats: orders stand as long as they come, and not much longer."""

from __future__ import annotations

import pytest

from polyspec.errors import ConfigError, Forbidden, PolyspecError, ServerError
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.fate import Accepted
from tests.client.doing import sleep
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import Person, Venue

BEAT = "Orders_PostHeartbeat"


def order(client: PolySimulatorClient, venue: Venue) -> Accepted:
    """Place an order that rests."""
    placed = client.orders.place(venue.market().terms, side="BUY", outcome="Yes", price="0.40", quantity=10)
    return placed.unwrap()


def standing(venue: Venue, person: Person) -> int:
    """Return how many orders of somebody rest."""
    return len(venue.orders(person, "PENDING"))


def test_leaving_the_block_cancels(venue: Venue, person: Person) -> None:
    """Everything of the account is cancelled at once, what was there before too."""
    with connect(venue, person) as client:
        order(client, venue)
        with client.orders.heartbeats(30.0, "bot") as beating:
            order(client, venue)
            assert (beating.alive, beating.beats, beating.error) == (True, 1, None)
            assert beating.silence == 37.5
            beating.check()
            assert standing(venue, person) == 2
        assert standing(venue, person) == 0


def test_silence_cancels(venue: Venue, person: Person) -> None:
    """Without cancelling at the end the orders stand as long as was promised, and then go."""
    with connect(venue, person) as client:
        with client.orders.heartbeats(10.0, cancel=False):
            placed = order(client, venue)
        venue.pass_time(12.0)
        assert standing(venue, person) == 1
        venue.pass_time(1.0)
        assert standing(venue, person) == 0
        found = client.orders.get(placed)
        assert "heartbeat" in (found.cancelled_reason or "")


def test_short_promises_have_a_second_more(venue: Venue, person: Person) -> None:
    """A quarter of a second would be too little: the venue waits a whole one."""
    with connect(venue, person) as client:
        with client.orders.heartbeats(2.0, cancel=False) as beating:
            assert beating.silence == 3.0
            order(client, venue)
        venue.pass_time(2.8)
        assert standing(venue, person) == 1
        venue.pass_time(0.3)
        assert standing(venue, person) == 0


def test_beats_keep_orders(venue: Venue, person: Person) -> None:
    """Beats come by themselves, and one that is lost is repeated in time."""
    with connect(venue, person) as client, client.orders.heartbeats(1.0) as beating:
        order(client, venue)
        venue.sim.faults.add(kind="truncate", operation=BEAT)
        venue.sim.faults.add(kind="status", operation=BEAT)
        sleep(1.9)
        venue.pass_time(0.5)
        assert standing(venue, person) == 1
        assert beating.alive
        assert beating.beats >= 2
        assert beating.error is None


def test_other_programs_of_the_account_are_cancelled_too(venue: Venue, person: Person) -> None:
    """The whole account lives by the beats, its other wallets included; other accounts do not."""
    stranger = venue.person()
    with (
        connect(venue, person) as bot,
        connect(venue, person) as other,
        connect(venue, stranger) as far,
    ):
        order(other, venue)
        order(far, venue)
        wallet = other.wallets.create()
        with connect(venue, person, wallet_id=wallet.id) as lab:
            order(lab, venue)
        with bot.orders.heartbeats(5.0, cancel=False):
            pass
        venue.pass_time(7.0)
        assert standing(venue, person) == 0
        assert standing(venue, stranger) == 1


def test_first_beat_must_be_heard(venue: Venue, person: Person) -> None:
    """If the first beat fails the block is not entered, and nothing is promised."""
    venue.sim.faults.add(kind="status", operation=BEAT, times=None)
    with connect(venue, person) as client:
        placed = order(client, venue)
        with pytest.raises(ServerError), client.orders.heartbeats(1.0):
            raise AssertionError
        venue.pass_time(60.0)
        assert [each.order_id for each in venue.orders(person, "PENDING")] == [placed.order_id.number]
    reader = venue.person(permissions=("read",))
    venue.sim.faults.clear()
    with connect(venue, reader) as client, pytest.raises(Forbidden), client.orders.heartbeats():
        raise AssertionError


def test_beats_that_fail_for_too_long(venue: Venue, person: Person) -> None:
    """When no beat has been heard for the promised time, check says that the orders may be gone."""
    with connect(venue, person) as client:
        with client.orders.heartbeats(1.0, cancel=False) as beating:
            order(client, venue)
            venue.sim.faults.add(kind="status", operation=BEAT, times=None)
            sleep(2.1)
            assert not beating.alive
            assert beating.error is not None
            with pytest.raises(PolyspecError, match="cancels all resting orders"):
                beating.check()
        venue.pass_time(0.1)
        assert standing(venue, person) == 0


def test_bounds(venue: Venue, person: Person) -> None:
    """Intervals and labels the venue would refuse are refused before."""
    with connect(venue, person) as client:
        for interval, label in ((0.5, None), (61.0, None), (5.0, "x" * 65), (5.0, "")):
            with pytest.raises(ConfigError):
                client.orders.heartbeats(interval, label)
    assert not venue.seen
