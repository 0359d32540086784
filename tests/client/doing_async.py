"""What differs between the colours of tests: doing things at once, reading iterators, sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TypeVar

import httpx
from starlette.types import ASGIApp

__all__ = ["first", "inside", "listed", "sleep", "together"]

T = TypeVar("T")

sleep = asyncio.sleep


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


def inside(app: ASGIApp) -> httpx.AsyncClient:
    """Return connections to an application in this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
