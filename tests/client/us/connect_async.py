"""Clients of the sandbox's partner."""

from __future__ import annotations

from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Settings
from tests.client.doing_async import inside
from tests.client.us.rig import UNPACED, Venue

__all__ = ["connect"]


def connect(
    venue: Venue, person: Participant | None = None, settings: Settings = UNPACED
) -> AsyncUsExchangeClient:
    """Return a client of the partner that acts for `person`, over sockets if the sandbox has any."""
    return AsyncUsExchangeClient(
        **venue.client_options(person),
        settings=settings,
        http=None if venue.app is None else inside(venue.app),
    )
