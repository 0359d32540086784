"""What client tests of the CLOB share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.clob.rig import Person, Token, Venue, open_venue


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio alone, which the client is made for."""
    return "asyncio"


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox behind a port."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
def person(venue: Venue) -> Person:
    """Make somebody with money, for one test."""
    return venue.person()


@pytest.fixture
def token(venue: Venue) -> Token:
    """List a market, for one test."""
    return venue.market()
