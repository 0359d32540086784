"""The two colours of the clients behind one face, connected to an application in process."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from starlette.types import ASGIApp

from polyspec import AsyncClobClient, AsyncUsExchangeClient, ClobClient, Sandbox, UsExchangeClient
from polyspec.clob.config import ClobSettings
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.sandbox.inside import Inside
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.config import Environment, Settings

__all__ = ["COLOURS", "AsyncColour", "Colour", "partner"]


class Colour:
    """Makes blocking clients, none of them paced."""

    def connect(self, sandbox: Sandbox, app: ASGIApp) -> Any:
        """Return a client of the US exchange's seeded partner that talks to `app`."""
        return UsExchangeClient(**partner(sandbox), http=self._http(app))

    def clob(self, sandbox: Sandbox, app: ASGIApp, account: int = 0, **options: Any) -> Any:
        """Return a client of the CLOB, with one of the funded keys unless told otherwise."""
        return ClobClient(**{**_trader(sandbox, account), **options}, http=self._http(app))

    def polysim(self, sandbox: Sandbox, app: ASGIApp, key: str | None = "api_key", **options: Any) -> Any:
        """Return a client of PolySimulator, with one of the seeded keys."""
        return PolySimulatorClient(**{**_player(sandbox, key), **options}, http=self._http(app))

    def _http(self, app: ASGIApp) -> Any:
        return httpx.Client(transport=Inside(app))

    def do(self, work: Any) -> Any:
        """Return a result; what iterates is read to its end."""
        return list(work) if isinstance(work, Iterator) else work

    def close(self) -> None:
        """Leave nothing behind."""


class AsyncColour(Colour):
    """Makes asynchronous clients, and runs their work on a loop of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def connect(self, sandbox: Sandbox, app: ASGIApp) -> Any:
        """Return a client of the US exchange's seeded partner that talks to `app`."""
        return AsyncUsExchangeClient(**partner(sandbox), http=self._http(app))

    def clob(self, sandbox: Sandbox, app: ASGIApp, account: int = 0, **options: Any) -> Any:
        """Return a client of the CLOB, with one of the funded keys unless told otherwise."""
        return AsyncClobClient(**{**_trader(sandbox, account), **options}, http=self._http(app))

    def polysim(self, sandbox: Sandbox, app: ASGIApp, key: str | None = "api_key", **options: Any) -> Any:
        """Return a client of PolySimulator, with one of the seeded keys."""
        return AsyncPolySimulatorClient(**{**_player(sandbox, key), **options}, http=self._http(app))

    def _http(self, app: ASGIApp) -> Any:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app))

    def do(self, work: Any) -> Any:
        """Wait for a result; what iterates is read to its end."""
        if inspect.isawaitable(work):
            return self._runner.run(_awaited(work))
        return self._runner.run(_listed(work)) if isinstance(work, AsyncIterator) else work

    def close(self) -> None:
        """Close the loop."""
        self._runner.close()


COLOURS = (Colour, AsyncColour)


async def _awaited(work: Any) -> Any:
    return await work


async def _listed(work: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in work]


def partner(sandbox: Sandbox) -> dict[str, Any]:
    """Return what a client of the US exchange's seeded partner is made with."""
    us = sandbox.us
    credentials = PrivateKeyJwt.from_file(
        us.private_key_path, client_id=us.client_id, token_url=us.token_url, audience=us.audience
    )
    return {
        "credentials": credentials,
        "environment": Environment("sandbox", us.rest, us.token_url, us.audience, us.grpc),
        "participant_id": us.participant_id,
        "account": us.account,
        "settings": Settings(pacing=False),
    }


def _trader(sandbox: Sandbox, account: int) -> dict[str, Any]:
    venue = sandbox.clob_venue
    return {
        "host": venue.rest,
        "chain_id": venue.chain_id,
        "key": venue.private_keys[account],
        "settings": ClobSettings(pacing=False),
    }


def _player(sandbox: Sandbox, key: str | None) -> dict[str, Any]:
    venue = sandbox.polysimulator_venue
    return {
        "api_key": None if key is None else venue.api_key(key),
        "base_url": venue.rest,
        "settings": PolySimulatorSettings(pacing=False),
    }
