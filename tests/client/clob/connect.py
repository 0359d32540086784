# Mirrored from connect_async.py by `python -m generator.mirror`; do not edit.
"""Clients of people at the sandbox."""

from __future__ import annotations

from typing import Any

from polyspec.clob.client import ClobClient
from polyspec.clob.config import ClobSettings
from tests.client.clob.rig import UNPACED, Person, Venue

__all__ = ["connect"]


def connect(
    venue: Venue, person: Person | None = None, settings: ClobSettings = UNPACED, **changes: Any
) -> ClobClient:
    """Return a client with somebody's key; `changes` replace what it is made with."""
    return ClobClient(**(venue.client_options(person) | {"settings": settings} | changes))
