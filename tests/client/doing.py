"""What differs between the colours of tests: doing things at once, reading iterators, sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import httpx
from starlette.types import ASGIApp

from polyspec.sandbox.inside import Inside

__all__ = ["first", "inside", "listed", "sleep", "together"]

T = TypeVar("T")

sleep = time.sleep
listed = list


def together(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Do all of it at once and return the results in order."""
    with ThreadPoolExecutor(32) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def first(items: Iterable[T], number: int) -> list[T]:
    """Return what an iterator gives first, and leave the rest."""
    return list(islice(items, number))


def inside(app: ASGIApp) -> httpx.Client:
    """Return connections to an application in this process."""
    return httpx.Client(transport=Inside(app))
