"""Streams show the credentials in use: when those change they connect anew and tell what was missed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from attrs import evolve

from polyspec.clob.user_feed import USER_RHYTHM
from polyspec.core.streams.events import Gap, Message, Resynced, Status, StreamState
from polyspec.core.streams.rhythm import Rhythm
from polyspec.managed import (
    AsyncManagedClobClient,
    AsyncManagedPolySimulatorClient,
    ManagedClobClient,
)
from polyspec.polysimulator.fills_feed import FILLS_RHYTHM
from polyspec.vault import Credential, CredentialId, CredentialKind
from tests.client.clob.rig import UNPACED, Token
from tests.faults import at_polysimulator as paper
from tests.managed.rig import QUICK, TERMS, Safe, vault_in


def _hurried(rhythm: Rhythm) -> Rhythm:
    # nothing but what is tested here brings a new connection, or a look
    return evolve(rhythm, late=None, audit=None, shortest=0.02, first=0.05, longest=0.1)


async def _first(stream: Any, kind: type[Any], **wanted: Any) -> Any:
    async with asyncio.timeout(5):
        async for event in stream:
            if isinstance(event, kind) and all(getattr(event, name) == each for name, each in wanted.items()):
                return event
    raise AssertionError(f"no {kind.__name__} was told")


def _next(stream: Any, kind: type[Any], **wanted: Any) -> Any:
    for event in stream:
        if isinstance(event, kind) and all(getattr(event, name) == each for name, each in wanted.items()):
            return event
    raise AssertionError(f"no {kind.__name__} was told")


def test_a_stream_shows_the_new_key(safe: Safe, token: Token) -> None:
    """After a rotation the user's stream is connected with the new key; nothing was missed meanwhile."""
    options = safe.client_options() | {"settings": UNPACED}
    with ManagedClobClient(**options) as manager:
        user = manager.for_user("alice")
        books = user.stream.market([token.id])
        with user.stream.user(rhythm=_hurried(USER_RHYTHM)) as stream, books:
            _next(stream, Status, state=StreamState.LIVE)
            _next(books, Status, state=StreamState.LIVE)
            shown = stream._feed._words.creds.api_key
            user.rotate("a test")
            assert _next(stream, Gap).reason == "the credentials were replaced"
            _next(stream, Resynced)
            assert stream._feed._words.creds.api_key == user._keyring.held.api_key != shown
            placed = user.create_and_post_order(**token.known, **TERMS).unwrap()
            assert _next(stream, Message).native.id == placed.order_id
            # what shows no credentials goes on as it was
            assert books.state is StreamState.LIVE


async def _rotated(user: Any, stream: Any) -> None:
    await _first(stream, Status, state=StreamState.LIVE)
    # whoever adopts what another process stored does the same
    await user.rotate("a test")
    gap = await _first(stream, Gap)
    assert gap.reason == "the credentials were replaced"
    await _first(stream, Resynced)


def test_a_stream_of_a_task_shows_the_new_key(safe: Safe, token: Token) -> None:
    """The same of asyncio."""

    async def story() -> None:
        async with AsyncManagedClobClient(**safe.client_options(), settings=UNPACED) as manager:
            user = await manager.for_user("alice")
            async with user.stream.user(rhythm=_hurried(USER_RHYTHM)) as stream:
                await _rotated(user, stream)
                assert stream._feed._words.creds == user._keyring.held
                placed = (await user.create_and_post_order(**token.known, **TERMS)).unwrap()
                assert (await _first(stream, Message)).native.id == placed.order_id

    asyncio.run(story())


def test_a_stream_of_polysimulator_shows_the_new_key(tmp_path: Path) -> None:
    """Its connection is opened again with a token of the new key, before the old one ends a day later."""
    vault = vault_in()
    with paper.open_venue() as sim:
        player = sim.person()
        about = CredentialId("default", "alice", "polysimulator", "", CredentialKind.POLYSIM_API_KEY)
        secrets, public = {"api_key": player.key}, {"key_id": str(player.key_id)}
        vault.put(about, Credential(environment="sandbox", secrets=secrets, public=public))

        async def story() -> None:
            async with AsyncManagedPolySimulatorClient(
                vault, sim.sim.rest, folder=tmp_path / "managed", managing=QUICK, settings=paper.QUICK
            ) as manager:
                user = await manager.for_user("alice")
                async with user.stream.user(rhythm=_hurried(FILLS_RHYTHM)) as stream:
                    await _rotated(user, stream)

        asyncio.run(story())
