"""Clients of both colours and servers of bare sockets, closed and accounted for after each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from polyspec.io.options import HttpOptions
from tests.client.colours import COLOURS, Colour, Open, nothing_left
from tests.client.rawserver import RawServer


@pytest.fixture(params=COLOURS, ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> type[Colour]:
    """Give each colour in turn."""
    kind: type[Colour] = request.param
    return kind


@pytest.fixture(params=[True, False], ids=["lean", "httpx"])
def lean(request: pytest.FixtureRequest) -> bool:
    """Send over connections of our own, then over httpx."""
    own: bool = request.param
    return own


@pytest.fixture
def opened(colour: type[Colour], lean: bool) -> Iterator[Open]:
    """Open servers and clients that are closed afterwards, and hold them to leaving nothing."""
    things: list[Any] = []

    def server(script: Any, **options: Any) -> RawServer:
        things.append(RawServer(script, **options))
        return things[-1]

    def client(**options: Any) -> Colour:
        things.append(colour(HttpOptions(**({"lean": lean} | options))))
        return things[-1]

    def opener(script: Any = None, **options: Any) -> Any:
        return client(**options) if script is None else server(script, **options)

    with nothing_left():
        yield opener
        for thing in reversed(things):
            thing.stop() if isinstance(thing, RawServer) else thing.close()
