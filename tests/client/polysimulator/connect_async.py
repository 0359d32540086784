"""Clients of people at the sandbox."""

from __future__ import annotations

from typing import Any

from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from tests.client.doing_async import inside
from tests.client.polysimulator.rig import UNPACED, Person, Venue

__all__ = ["connect"]


def connect(
    venue: Venue, person: Person | None = None, settings: PolySimulatorSettings = UNPACED, **changes: Any
) -> AsyncPolySimulatorClient:
    """Return a client with somebody's key, over sockets if the sandbox has any.

    `changes` replace what it is made with.
    """
    usual: dict[str, Any] = {
        "api_key": None if person is None else person.key,
        "base_url": venue.sim.rest,
        "settings": settings,
        "http": None if venue.app is None else inside(venue.app),
    }
    return AsyncPolySimulatorClient(**(usual | changes))
