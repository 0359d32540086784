"""Desks of people at a venue."""

from __future__ import annotations

from typing import Any, Final

from polyspec import AsyncClobClient, AsyncDesk, AsyncPolySimulatorClient, AsyncUsExchangeClient
from tests.client.desk.rig import Arena

__all__ = ["connect"]

_CLIENTS: Final[dict[str, Any]] = {
    "us": AsyncUsExchangeClient,
    "clob": AsyncClobClient,
    "polysimulator": AsyncPolySimulatorClient,
}


def connect(arena: Arena, person: Any, **changes: Any) -> AsyncDesk:
    """Return the desk of somebody; `changes` replace what the client is made with."""
    options = arena.options(person) | {"settings": arena.unpaced} | changes
    desk: AsyncDesk = _CLIENTS[arena.name](**options).desk
    return desk
