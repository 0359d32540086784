"""What client tests of PolySimulator share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.polysimulator.rig import Market, Person, Venue, open_venue


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio alone, which the client is made for."""
    return "asyncio"


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox in this process."""
    with open_venue() as venue:
        yield venue
        venue.audit()


@pytest.fixture(autouse=True)
def no_faults(venue: Venue) -> None:
    """Leave no fault and no count of an earlier test."""
    venue.sim.faults.clear()
    venue.seen.clear()


@pytest.fixture
def person(venue: Venue) -> Person:
    """Open an account of the pro plan, for one test."""
    return venue.person()


@pytest.fixture
def market(venue: Venue) -> Market:
    """List a market of the category politics with nobody in it, for one test."""
    return venue.market()
