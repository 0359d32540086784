"""Both colours of the client behind one blocking face, so that each bad day is written down once."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx

from polyspec.core.sending import Patience
from polyspec.sandbox.inside import Inside
from polyspec.sandbox.us.world import Participant
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Settings
from tests.client.us.rig import Venue

__all__ = ["HANDS", "QUICK", "AsyncHands", "Hands"]

QUICK = Settings(
    pacing=False,
    settle_window=0.2,
    patience=Patience(connect=1.0, write=1.0, read=0.5, place=1.5, total=2.0),
)
"""No pacing, for a venue without limits; and little time, for tests that wait for its end."""


class Hands:
    """Blocking clients."""

    def __init__(self) -> None:
        self._clients: list[Any] = []

    def connect(
        self, venue: Venue, person: Participant | None = None, settings: Settings = QUICK, **changes: Any
    ) -> Any:
        """Return a client that acts for `person`; `changes` replace what it is made with."""
        person = person or venue.world.trader
        options = {
            "credentials": venue.credentials(),
            "environment": venue.environment(),
            "participant_id": person.name,
            "account": person.accounts[0],
            "settings": settings,
        } | changes
        if not venue.sandbox.has_port and "http" not in options:
            options["http"] = self._inside(venue)
        self._clients.append(self._client(options))
        return self._clients[-1]

    def _inside(self, venue: Venue) -> Any:
        return httpx.Client(transport=Inside(venue.sandbox.asgi))

    def _client(self, options: dict[str, Any]) -> Any:
        return UsExchangeClient(**options)

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

    def _inside(self, venue: Venue) -> Any:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=venue.sandbox.asgi))

    def _client(self, options: dict[str, Any]) -> Any:
        return _Blocking(AsyncUsExchangeClient(**options), self)

    def done(self, outcome: Any) -> Any:
        """Run what a method of something a client gave returned."""
        if inspect.isawaitable(outcome):
            return self._runner.run(_awaited(outcome))
        if hasattr(outcome, "__aiter__"):
            return self._runner.run(_listed(outcome))
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


async def _listed(items: Any) -> list[Any]:
    return [item async for item in items]


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
