"""A venue whose process stands still answers nothing and closes nothing: every stream notices, in time."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve

from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.market_feed import MARKET_RHYTHM
from polyspec.clob.user_feed import USER_RHYTHM
from polyspec.io.grpc_base import GrpcOptions
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.prices_feed import PRICES_RHYTHM
from polyspec.streams import Gap, Resynced, Rhythm, Status, StreamState
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Settings, Surroundings

_PING, _PONG = 1.0, 0.5
_BOUND = _PING + _PONG + 1.0
"""As short as the settings are; with those of every day it is 16 s over websockets."""
_PATIENCE = 25.0


def _hasty(rhythm: Rhythm) -> Rhythm:
    return evolve(rhythm, ping=_PING, pong=_PONG, first=0.3)


class _Notes:
    """When a stream was live, broke, and knew everything again."""

    def __init__(self) -> None:
        self.live = threading.Event()
        self.mended = threading.Event()
        self.broke: float | None = None

    def take(self, event: object) -> None:
        if isinstance(event, Gap):
            self.broke = self.broke or time.monotonic()
        elif isinstance(event, Resynced):
            self.mended.set()
        elif isinstance(event, Status) and event.state is StreamState.LIVE:
            self.live.set()


@contextmanager
def _venues() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run a sandbox in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "polyspec.cli", "sandbox"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, {"POLYSPEC_SANDBOX": process.stdout.readline()}
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _us(kind: Callable[..., Any], variables: dict[str, str]) -> Any:
    found = Surroundings.read(variables)
    credentials = PrivateKeyJwt.from_file(
        found.private_key_path,
        client_id=found.client_id,
        token_url=found.environment.token_url,
        audience=found.environment.audience,
    )
    settings = Settings(grpc=GrpcOptions(keepalive=_PING, pong=_PONG))
    return kind(credentials, found.environment, participant_id=found.participant_id, settings=settings)


def _streams(us: Any, clob: Any, paper: Any, variables: dict[str, str]) -> dict[str, Any]:
    line = json.loads(variables["POLYSPEC_SANDBOX"])
    return {
        "us market": us.stream.market(line["us_exchange"]["symbols"][:2]),
        "us orders": us.stream.orders(),
        "clob market": clob.stream.market(line["clob"]["token_ids"][:2], rhythm=_hasty(MARKET_RHYTHM)),
        "clob user": clob.stream.user(rhythm=_hasty(USER_RHYTHM)),
        "polysimulator prices": paper.stream.prices(
            line["polysimulator"]["condition_ids"][:2], rhythm=_hasty(PRICES_RHYTHM)
        ),
    }


def _freeze(process: subprocess.Popen[str], notes: dict[str, _Notes]) -> None:
    """Stop the venue until all have noticed; say how long each took."""
    for name, each in notes.items():
        assert each.live.wait(_PATIENCE), f"{name} was never live"
        each.broke = None
    began = time.monotonic()
    process.send_signal(signal.SIGSTOP)
    while any(each.broke is None for each in notes.values()) and time.monotonic() < began + 3 * _BOUND:
        time.sleep(0.02)
    process.send_signal(signal.SIGCONT)
    took = {name: each.broke and round(each.broke - began, 2) for name, each in notes.items()}
    # a machine with much to do is late with everything
    late = {name: each for name, each in took.items() if each is None or each > 2 * _BOUND}
    assert not late, took
    for name, each in notes.items():
        assert each.mended.wait(_PATIENCE), f"{name} never knew everything again"


@pytest.mark.slow
def test_blocking_streams_notice_a_frozen_venue() -> None:
    """Five streams of three venues tell a gap within the bound, and are mended once the venue goes on."""
    with _venues() as (process, variables):
        with (
            _us(UsExchangeClient, variables) as us,
            ClobClient.from_env(variables) as clob,
            PolySimulatorClient.from_env(variables) as paper,
        ):
            streams = _streams(us, clob, paper, variables)
            notes = {name: _Notes() for name in streams}
            threads = [
                threading.Thread(target=lambda name=name: [*map(notes[name].take, streams[name])])
                for name in streams
            ]
            for thread in threads:
                thread.start()
            try:
                _freeze(process, notes)
            finally:
                for stream in streams.values():
                    stream.close()
                for thread in threads:
                    thread.join(_PATIENCE)


@pytest.mark.slow
def test_asynchronous_streams_notice_a_frozen_venue() -> None:
    """The same of the asynchronous clients, all in one event loop."""

    async def watch(process: subprocess.Popen[str], variables: dict[str, str]) -> None:
        async with (
            _us(AsyncUsExchangeClient, variables) as us,
            AsyncClobClient.from_env(variables) as clob,
            AsyncPolySimulatorClient.from_env(variables) as paper,
        ):
            streams = _streams(us, clob, paper, variables)
            notes = {name: _Notes() for name in streams}

            async def read(name: str) -> None:
                async for event in streams[name]:
                    notes[name].take(event)

            readers = [asyncio.create_task(read(name)) for name in streams]
            try:
                await asyncio.to_thread(_freeze, process, notes)
            finally:
                for stream in streams.values():
                    await stream.aclose()
                await asyncio.gather(*readers)

    with _venues() as (process, variables):
        asyncio.run(watch(process, variables))


def test_the_bound_of_every_day_is_kept() -> None:
    """A ping, its answer and a second: what the settings of every day add up to."""
    for rhythm in (MARKET_RHYTHM, USER_RHYTHM, PRICES_RHYTHM):
        assert rhythm.ping is not None
        assert rhythm.pong is not None
        assert rhythm.ping + rhythm.pong + 1.0 <= 16.0
    options = GrpcOptions()
    assert options.pong + 1.0 <= 6.0
