"""A sandbox for each module of client tests, once behind a port, once in process and once over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from polyspec.sandbox.us.world import Participant
from tests.client.us.hook import Hook
from tests.client.us.rig import Venue, open_venue


class Loop(asyncio.SelectorEventLoop):
    """A loop among others of a process that share the poller of grpc.aio.

    It passes events on to whichever loop they are for. Where a test closed that one meanwhile, nothing is
    lost, and it is no fault of the test that runs now.
    """

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Report what went wrong, but for that."""
        if "PollerCompletionQueue" not in repr(context.get("handle")):
            super().call_exception_handler(context)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run asynchronous tests on asyncio alone, which the client is made for."""
    return "asyncio", {"loop_factory": Loop}


@pytest.fixture(scope="module", params=["sockets", "inside", "grpc"])
def venue(request: pytest.FixtureRequest) -> Iterator[Venue]:
    """Run a sandbox, with a port and without, and called over gRPC."""
    with open_venue(port=request.param != "inside") as venue:
        if request.param == "grpc":
            venue.transport = "grpc"
        yield venue


@pytest.fixture
def person(venue: Venue) -> Participant:
    """Open a participant with money, for one test."""
    return venue.person()


@pytest.fixture
def symbol(venue: Venue) -> str:
    """List a market for one test."""
    return venue.market()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Listen for webhooks."""
    hook = Hook()
    yield hook
    hook.close()
