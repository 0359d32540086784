"""Processes that are forked from one with connections over gRPC."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

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
