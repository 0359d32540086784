# Mirrored from connect_async.py by `python -m generator.mirror`; do not edit.
"""Clients of the sandbox's partner."""

from __future__ import annotations

from polyspec.sandbox.us.world import Participant
from polyspec.us.client import UsExchangeClient
from polyspec.us.config import Settings
from tests.client.doing import inside
from tests.client.us.rig import UNPACED, Venue

__all__ = ["connect"]


def connect(
    venue: Venue, person: Participant | None = None, settings: Settings = UNPACED
) -> UsExchangeClient:
    """Return a client of the partner that acts for `person`, over sockets if the sandbox has any."""
    return UsExchangeClient(
        **venue.client_options(person),
        settings=settings,
        http=None if venue.app is None else inside(venue.app),
    )
