# Mirrored from test_sim_turns_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Writes of one account, many at once: they stand in line, and none is refused for the others."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.sending import Patience
from polyspec.errors import TimedOut
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.fate import Accepted, Rejected
from polyspec.polysimulator.ticket import NewOrder
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.client.doing import sleep, together
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import UNPACED, Market, Person, Venue, open_venue

TEN: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.40", "quantity": 10}
HOLD = 0.02


@pytest.fixture(scope="module", params=["inside", "sockets"])
def venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    """Run a venue that keeps an account for a while with every write, and is impatient with the next."""
    options = PolySimOptions(lock_hold=HOLD, lock_wait=2 * HOLD)
    with open_venue(options, port=request.param == "sockets") as venue:
        yield venue


def test_many_placements_at_once(venue: Venue, person: Person, market: Market) -> None:
    """Thirty placements from as many tasks or threads: each is sent once, and all stand."""
    with connect(venue, person) as client:

        def place() -> Any:
            return client.orders.place(market.terms, **TEN)

        placed = together([place] * 30)
    assert all(isinstance(each, Accepted) for each in placed)
    assert len({each.order_id for each in placed}) == len(venue.orders(person)) == 30
    assert venue.seen["Orders_PlaceOrder"] == 30


def test_two_clients_of_one_key(venue: Venue, person: Person, market: Market) -> None:
    """Clients with one key stand in one line, batches and orders by token as well."""
    with connect(venue, person) as one, connect(venue, person) as two:

        def place() -> Any:
            return one.orders.place(market.terms, **TEN)

        def flat() -> Any:
            return two.compat.place(market.token_ids[0], "BUY", "0.4", 10)

        def batch() -> Any:
            orders = [NewOrder(market=market.terms, **TEN) for _ in range(2)]
            return two.orders.place_batch(orders)[0]

        placed = together([place, flat, batch] * 4)
    assert all(isinstance(each, Accepted) for each in placed)
    assert len(venue.orders(person)) == 16
    assert sum(venue.seen.values()) == 12


def test_cancels_go_first(venue: Venue, person: Person, market: Market) -> None:
    """A cancel that comes last goes before the placements that wait, and not behind them."""
    with connect(venue, person) as client:
        resting = client.orders.place(market.terms, **TEN).unwrap()
        done: list[str] = []

        def place() -> None:
            client.orders.place(market.terms, **TEN).unwrap()
            done.append("place")

        def cancel() -> None:
            while len(done) < 2:
                sleep(HOLD / 4)
            assert client.orders.cancel(resting)
            done.append("cancel")

        together([*[place] * 20, cancel])
    assert done.index("cancel") < 10
    assert done.count("place") == 20


def test_without_a_line_the_venue_refuses(venue: Venue, person: Person, market: Market) -> None:
    """With serialise=False writes overlap: the venue refuses some for now, and none is placed twice."""
    settings = evolve(UNPACED, serialise=False, patience=Patience(place=1.4))
    with connect(venue, person, settings) as client:

        def place() -> Any:
            return client.orders.place(market.terms, **TEN)

        placed = together([place] * 12)
    stands = {each.client_order_id for each in venue.orders(person)}
    assert {each.client_order_id for each in placed if isinstance(each, Accepted)} == stands
    refused = [each for each in placed if isinstance(each, Rejected)]
    assert {each.code for each in refused} == {"LOCK_BUSY_RETRY"}
    assert len(stands) + len(refused) == 12


def test_deadline_in_the_line(venue: Venue, person: Person, market: Market) -> None:
    """Who waits in line for too long is told that nothing was sent, which is true."""
    with connect(venue, person) as client:

        def place() -> Any:
            try:
                return client.orders.place(market.terms, **TEN, timeout=10 * HOLD)
            except TimedOut as error:
                return error

        outcomes = together([place] * 20)
    late = [each for each in outcomes if isinstance(each, TimedOut)]
    assert late
    for each in late:
        assert re.search("was not sent|before it could be sent", str(each))
        assert not each.maybe_executed
    assert venue.seen["Orders_PlaceOrder"] <= 20 - len(late)
    stands = {each.client_order_id for each in venue.orders(person)}
    known = [each for each in outcomes if not isinstance(each, TimedOut)]
    assert {each.client_order_id for each in known if isinstance(each, Accepted)} <= stands
    # one whose turn came late may not have been answered in time
    assert stands <= {each.client_order_id for each in known}


def test_other_accounts_do_not_wait() -> None:
    """Each account has a line of its own."""
    with open_venue(PolySimOptions(lock_hold=0.15)) as venue:
        market, people = venue.market(), [venue.person() for _ in range(8)]
        clients = [connect(venue, each) for each in people]

        def placing(client: PolySimulatorClient) -> Any:
            def place() -> Any:
                for _ in range(2):
                    client.orders.place(market.terms, **TEN).unwrap()

            return place

        began = time.monotonic()
        together([placing(each) for each in clients])
        assert time.monotonic() - began < 8 * 2 * 0.15
        assert [len(venue.orders(each)) for each in people] == [2] * 8
        for each in clients:
            each.close()
