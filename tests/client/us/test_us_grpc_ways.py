"""Clients over gRPC that a sandbox hands out, and processes that are forked from one that has some."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import cast

import pytest
from polyspec_wire.us_exchange import trading

from polyspec import Sandbox, connect
from polyspec.errors import ConfigError
from polyspec.io.grpc_calls import GrpcHttp
from polyspec.io.http import Http
from polyspec.us.desk import UsDesk
from tests.client.us.rig import open_venue

_BLOCKING = """
import os
from polyspec import UsExchangeClient
client = UsExchangeClient.from_env()
print(client.health().status, flush=True)
if child := os.fork():
    os.waitpid(child, 0)
    print(client.health().status, flush=True)
    client.close()
else:
    print(client.health().status, flush=True)
    os._exit(0)
"""
_ASYNCHRONOUS = """
import asyncio, os
from polyspec import AsyncUsExchangeClient
runner = asyncio.Runner()
client = runner.run(asyncio.sleep(0, AsyncUsExchangeClient.from_env()))
print(runner.run(client.health()).status, flush=True)
if child := os.fork():
    os.waitpid(child, 0)
    print(runner.run(client.health()).status, flush=True)
    runner.run(client.aclose())
else:
    try:
        asyncio.run(client.health())
    except Exception as error:
        print(type(error).__name__, flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize(
    ("script", "said"),
    [(_BLOCKING, ["ok", "ok", "ok"]), (_ASYNCHRONOUS, ["ok", "ConfigError", "ok"])],
    ids=["blocking", "asynchronous"],
)
def test_a_forked_process_has_connections_of_its_own(script: str, said: list[str]) -> None:
    """A child calls over a connection of its own or says why it cannot; the parent's goes on."""
    with open_venue(venues=["us"]) as venue:
        line = json.dumps({"us_exchange": venue.sandbox.us.describe()})
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "POLYSPEC_SANDBOX": line, "POLYSPEC_US_TRANSPORT": "grpc"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.stdout.split() == said, done.stderr


def test_a_sandbox_hands_out_such_clients() -> None:
    """Clients of both colours call the sandbox over gRPC if they are asked for so, and over REST if not."""
    call = trading.get_open_orders()

    async def kinds(sandbox: Sandbox) -> list[str | None]:
        found = []
        for transport in ("grpc", "rest"):
            async with sandbox.async_us_exchange(transport) as client:
                found.append((await client.exchange(call)).headers.get("content-type"))
            with sandbox.us_exchange(transport) as other:
                found.append(other.exchange(call).headers.get("content-type"))
        return found

    with open_venue(venues=["us"]) as venue:
        assert asyncio.run(kinds(venue.sandbox)) == [None, None, "application/json", "application/json"]


def test_loops_one_after_the_other_keep_one_connection() -> None:
    """A client used by one loop after the other has channels of the last one only."""
    with open_venue(venues=["us"]) as venue:
        client = venue.sandbox.async_us_exchange("grpc")
        assert {asyncio.run(client.health()).status for _ in range(3)} == {"ok"}
        assert len(client._channel._opened) == 1
        asyncio.run(client.aclose())


def test_a_desk_goes_the_way_of_the_environment() -> None:
    """A desk at a sandbox of its own makes its calls over gRPC where the environment says so."""
    for variables, way in (({}, Http), ({"POLYSPEC_US_TRANSPORT": "grpc"}, GrpcHttp)):
        with connect("sandbox:us", variables) as desk:
            assert type(cast("UsDesk", desk).client._http) is way
            assert desk.balance().available > 0
    with pytest.raises(ConfigError, match="one of rest, grpc"):
        connect("sandbox:us", {"POLYSPEC_US_TRANSPORT": "soap"})
