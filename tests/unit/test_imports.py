"""What is imported when: nobody pays for a venue, or for a server, that is not used."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

_NETWORK = {"aiohttp", "anyio", "asyncio", "google", "grpc", "httpcore", "httpx", "socket", "ssl"}
_SERVER = {"starlette", "uvicorn", "jwt", "sqlite3"}
_OTHER = {"cryptography", "rich", "websockets", "yaml"}
_VAULT = {"boto3", "botocore", "keyring", "psycopg", "sqlalchemy"}


def _loaded(code: str) -> set[str]:
    script = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("import polyspec", _NETWORK | _SERVER | _OTHER),
        ("import polyspec.streams", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import wire; wire.us_exchange.trading", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import wire; wire.clob.orders", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import wire; wire.polysimulator.orders", _NETWORK | _SERVER | _OTHER),
        ("import polyspec_wire.proto", _NETWORK | _SERVER | _OTHER),
        ("import polyspec.us", _NETWORK | _SERVER | _OTHER),
        ("from polyspec.us import protos", _SERVER | {"google", "grpc", "grpc_tools"}),
        ("from polyspec.us import protos; protos.ours()", _SERVER | {"grpc", "grpc_tools"}),
        ("from polyspec.polysimulator import NewOrder", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import UsExchangeClient", _SERVER | {"google", "grpc", "websockets", "yaml"}),
        ("from polyspec import ClobClient", _SERVER | {"google", "grpc", "websockets", "yaml"}),
        (
            "from polyspec import PolySimulatorClient",
            _SERVER | {"cryptography", "google", "grpc", "websockets", "yaml"},
        ),
        ("import polyspec.telemetry", _SERVER | _OTHER | {"aiohttp", "httpx", "opentelemetry"}),
        ("import polyspec.vault", _NETWORK | _SERVER | _OTHER | _VAULT),
        ("from polyspec.vault import Vault, FileRecords, KeyFileKeys", _NETWORK | _SERVER | _VAULT),
        ("from polyspec import connect, AsyncDesk, Desk, Market", _NETWORK | _SERVER | _OTHER),
    ],
)
def test_imports_are_lean(code: str, banned: set[str]) -> None:
    """Importing a part of the library does not import what only other parts need."""
    assert _loaded(code) & banned == set()


@pytest.mark.parametrize(
    ("library", "said"),
    [
        ("None", r"streams need websockets: pip install 'polyspec\[(clob|polysimulator)\]'"),
        (
            "SimpleNamespace(version='14.2')",
            r"streams need websockets 15 or newer, not 14\.2: "
            r"pip install -U 'polyspec\[(clob|polysimulator)\]'",
        ),
    ],
)
@pytest.mark.parametrize("colour", ["", "Async"])
def test_streams_say_what_they_need(library: str, said: str, colour: str) -> None:
    """Without websockets, or with some that are too old, a stream is refused in one sentence that helps."""
    script = f"""
import sys
from types import SimpleNamespace
from polyspec import {colour}ClobClient as Clob, {colour}PolySimulatorClient as Sim
from polyspec.errors import ConfigError
sys.modules["websockets.version"] = {library}
for client in (Clob("http://127.0.0.1:1", 137), Sim("ps_live_x", "http://127.0.0.1:1")):
    try:
        client.stream
    except ConfigError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert all(re.fullmatch(said, line) for line in lines)
