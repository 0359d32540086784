"""What differs between the colours of these tests: making clients, doing things at once, sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TypeVar

import httpx

from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Settings
from tests.client.us.rig import UNPACED, Venue

__all__ = ["connect", "first", "listed", "sleep", "together"]

T = TypeVar("T")

sleep = asyncio.sleep


def connect(
    venue: Venue, person: Participant | None = None, settings: Settings = UNPACED
) -> AsyncUsExchangeClient:
    """Return a client of the partner that acts for `person`, over sockets if the sandbox has any."""
    person = person or venue.world.trader
    http = None
    if not venue.sandbox.has_port:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app=venue.sandbox.asgi))
    return AsyncUsExchangeClient(
        venue.credentials(),
        venue.environment(),
        participant_id=person.name,
        account=person.accounts[0],
        settings=settings,
        http=http,
    )


async def together(calls: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Do all of it at once and return the results in order."""
    return list(await asyncio.gather(*(call() for call in calls)))


async def listed(items: AsyncIterable[T]) -> list[T]:
    """Return everything an iterator gives."""
    return [item async for item in items]


async def first(items: AsyncIterable[T], number: int) -> list[T]:
    """Return what an iterator gives first, and leave the rest."""
    found: list[T] = []
    async for item in items:
        found.append(item)
        if len(found) == number:
            break
    return found
