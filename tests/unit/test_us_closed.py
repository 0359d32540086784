"""Waiting until orders are off the book, all of them at one look."""

from __future__ import annotations

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import PolyspecError, TimedOut
from polyspec.us.settling import closed
from tests.unit.us_rig import SYMBOL, Venue, no

ORDERS = [wire.Order(id=each, clord_id=each.lower(), symbol=SYMBOL) for each in ("X1", "X2")]


def test_closed_waits_for_all() -> None:
    """What is open is read again until none of the orders is among it; those that are gone may not return."""
    venue = Venue()
    start = venue.world.monotonic

    def working() -> list[dict[str, object]]:
        age = venue.world.monotonic - start
        stays = [venue.record(id="Y9")]
        return stays + [venue.record(id=each) for each, end in (("X1", 0.3), ("X2", 0.8)) if age < end]

    venue.open = working
    venue.world.run(closed(venue.session, ORDERS, 5.0))
    assert 0.8 <= venue.world.monotonic - start < 2.0


def test_closed_gives_up_in_time() -> None:
    """When the time is up, the error says how many are left, and that nothing was asked of them."""
    venue = Venue()
    venue.open = [venue.record(id="X2")]
    start = venue.world.monotonic
    with pytest.raises(TimedOut, match="1 of 2 orders are still open after 3 s") as caught:
        venue.world.run(closed(venue.session, ORDERS, 3.0))
    assert not caught.value.maybe_executed
    assert venue.world.monotonic - start <= 3.1


def test_closed_asks_nothing_about_nothing() -> None:
    """Without orders there is nothing to look at."""
    venue = Venue()
    venue.world.run(closed(venue.session, [], 5.0))
    assert venue.world.requests == []


def test_closed_raises_what_is_no_answer() -> None:
    """A refusal is raised at once."""
    venue = Venue()
    venue.broken["orders/open"] = no(403, "scope", 7)
    with pytest.raises(PolyspecError, match="scope"):
        venue.world.run(closed(venue.session, ORDERS, 5.0))
