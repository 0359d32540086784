"""Both colours of the clients behind one blocking face, so that each bad day is written down once."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Protocol

from tests.client import doing, doing_async

__all__ = ["HANDS", "AsyncHands", "Hands", "Place"]


class Place(Protocol):
    """Where clients connect."""

    kinds: tuple[type[Any], type[Any]]
    """The blocking client and the asynchronous one."""
    quick: Any
    """Settings for tests that wait for the end of patience."""

    @property
    def app(self) -> Any:
        """What to call without a port; None with one."""
        ...

    def client_options(self, person: Any = None) -> dict[str, Any]:
        """Return what a client of somebody is made with."""
        ...


class Hands:
    """Blocking clients."""

    def __init__(self) -> None:
        self._clients: list[Any] = []
        self.usual: Callable[[Any], Any] = lambda quick: quick
        """What is made of a venue's quick settings for clients that are given none."""

    def connect(self, venue: Place, person: Any = None, settings: Any = None, **changes: Any) -> Any:
        """Return a client that acts for `person`; `changes` replace what it is made with."""
        options = venue.client_options(person) | {"settings": settings or self.usual(venue.quick)} | changes
        if venue.app is not None and "http" not in options:
            options["http"] = self._inside(venue.app)
        self._clients.append(self._client(venue, options))
        return self._clients[-1]

    def _inside(self, app: Any) -> Any:
        return doing.inside(app)

    def _client(self, venue: Place, options: dict[str, Any]) -> Any:
        return venue.kinds[0](**options)

    def done(self, outcome: Any) -> Any:
        """Return what a method of something a client gave returned."""
        return outcome

    def idle(self) -> None:
        """Let an event loop notice what happened to its connections."""

    def close(self) -> None:
        """Close every client."""
        while self._clients:
            self._clients.pop().close()


class AsyncHands(Hands):
    """Asynchronous clients, run in a loop of their own."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()

    def _inside(self, app: Any) -> Any:
        return doing_async.inside(app)

    def _client(self, venue: Place, options: dict[str, Any]) -> Any:
        return _Blocking(venue.kinds[1](**options), self)

    def done(self, outcome: Any) -> Any:
        """Run what a method of something a client gave returned."""
        if inspect.isawaitable(outcome):
            return self._runner.run(_awaited(outcome))
        if hasattr(outcome, "__aiter__"):
            return self._runner.run(doing_async.listed(outcome))
        return outcome

    def idle(self) -> None:
        """Let an event loop notice what happened to its connections."""
        self._runner.run(asyncio.sleep(0.05))

    def close(self) -> None:
        """Close every client, and the loop."""
        while self._clients:
            self._clients.pop().aclose()
        self._runner.close()


async def _awaited(outcome: Any) -> Any:
    return await outcome


class _Blocking:
    """An asynchronous object whose methods block."""

    def __init__(self, target: Any, hands: AsyncHands) -> None:
        self._target = target
        self._hands = hands

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(getattr(self._target, name))

    def _wrapped(self, value: Any) -> Any:
        if type(value).__name__.startswith("Async"):
            return _Blocking(value, self._hands)
        if not inspect.ismethod(value):
            return value

        def call(*arguments: Any, **options: Any) -> Any:
            return self._wrapped(self._hands.done(value(*arguments, **options)))

        return call


HANDS = (Hands, AsyncHands)
