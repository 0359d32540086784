"""What differs between the colours of these tests: making clients, doing things at once, sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import httpx

from polyspec.sandbox.inside import Inside
from polyspec.sandbox.us.world import Participant
from polyspec.us.client import UsExchangeClient
from polyspec.us.config import Settings
from tests.client.us.rig import UNPACED, Venue

__all__ = ["connect", "first", "listed", "sleep", "together"]

T = TypeVar("T")

sleep = time.sleep
listed = list


def connect(
    venue: Venue, person: Participant | None = None, settings: Settings = UNPACED
) -> UsExchangeClient:
    """Return a client of the partner that acts for `person`, over sockets if the sandbox has any."""
    person = person or venue.world.trader
    http = None
    if not venue.sandbox.has_port:
        http = httpx.Client(transport=Inside(venue.sandbox.asgi))
    return UsExchangeClient(
        venue.credentials(),
        venue.environment(),
        participant_id=person.name,
        account=person.accounts[0],
        settings=settings,
        http=http,
    )


def together(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Do all of it at once and return the results in order."""
    with ThreadPoolExecutor(32) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def first(items: Iterable[T], number: int) -> list[T]:
    """Return what an iterator gives first, and leave the rest."""
    return list(islice(items, number))
