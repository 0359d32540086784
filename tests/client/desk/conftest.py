"""Each venue in turn, for every test of what all of them have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.desk.rig import ARENAS, Arena


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio alone, which the clients are made for."""
    return "asyncio"


@pytest.fixture(scope="module", params=ARENAS)
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Run a sandbox of one venue."""
    with ARENAS[request.param]() as arena:
        yield arena


@pytest.fixture
def person(arena: Arena) -> Any:
    """Make somebody with money, for one test."""
    return arena.person()


@pytest.fixture
def name(arena: Arena) -> str:
    """List a market, for one test; its id."""
    return arena.market()
