# Mirrored from connect_async.py by `python -m generator.mirror`; do not edit.
"""Desks of people at a venue."""

from __future__ import annotations

from typing import Any, Final

from polyspec import ClobClient, Desk, PolySimulatorClient, UsExchangeClient
from tests.client.desk.rig import Arena

__all__ = ["connect"]

_CLIENTS: Final[dict[str, Any]] = {
    "us": UsExchangeClient,
    "clob": ClobClient,
    "polysimulator": PolySimulatorClient,
}


def connect(arena: Arena, person: Any, **changes: Any) -> Desk:
    """Return the desk of somebody; `changes` replace what the client is made with."""
    options = arena.options(person) | {"settings": arena.unpaced} | changes
    desk: Desk = _CLIENTS[arena.name](**options).desk
    return desk
