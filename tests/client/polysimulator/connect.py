# Mirrored from connect_async.py by `python -m generator.mirror`; do not edit.
"""Clients of people at the sandbox."""

from __future__ import annotations

from typing import Any

from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from tests.client.doing import inside
from tests.client.polysimulator.rig import UNPACED, Person, Venue

__all__ = ["connect"]


def connect(
    venue: Venue, person: Person | None = None, settings: PolySimulatorSettings = UNPACED, **changes: Any
) -> PolySimulatorClient:
    """Return a client with somebody's key, over sockets if the sandbox has any.

    `changes` replace what it is made with.
    """
    usual: dict[str, Any] = {
        "api_key": None if person is None else person.key,
        "base_url": venue.sim.rest,
        "settings": settings,
        "http": None if venue.app is None else inside(venue.app),
    }
    return PolySimulatorClient(**(usual | changes))
