"""What is imported when: nobody pays for a venue, or for a server, that is not used."""

from __future__ import annotations

import subprocess
import sys

import pytest

_NETWORK = {"aiohttp", "anyio", "asyncio", "google", "grpc", "httpcore", "httpx", "socket", "ssl"}
_SERVER = {"starlette", "uvicorn", "jwt", "sqlite3"}
_OTHER = {"cryptography", "rich", "yaml"}
_VAULT = {"boto3", "botocore", "keyring", "psycopg", "sqlalchemy"}


def _loaded(code: str) -> set[str]:
    script = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("import polyspec", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import wire; wire.us_exchange.trading", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import wire; wire.clob.orders", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import wire; wire.polysimulator.orders", _NETWORK | _SERVER | _OTHER),
        ("import polyspec_wire.proto", _NETWORK | _SERVER | _OTHER),
        ("import polyspec.us", _NETWORK | _SERVER | _OTHER),
        ("from polyspec.us import protos", _SERVER | {"google", "grpc", "grpc_tools"}),
        ("from polyspec.us import protos; protos.ours()", _SERVER | {"grpc", "grpc_tools"}),
        ("from polyspec.polysimulator import NewOrder", _NETWORK | _SERVER | _OTHER),
        ("from polyspec import UsExchangeClient", _SERVER | {"google", "grpc", "yaml"}),
        ("from polyspec import PolySimulatorClient", _SERVER | {"cryptography", "google", "grpc", "yaml"}),
        ("import polyspec.telemetry", _SERVER | _OTHER | {"aiohttp", "httpx", "opentelemetry"}),
        ("import polyspec.vault", _NETWORK | _SERVER | _OTHER | _VAULT),
        ("from polyspec.vault import Vault, FileRecords, KeyFileKeys", _NETWORK | _SERVER | _VAULT),
        ("from polyspec import connect, AsyncDesk, Desk, Market", _NETWORK | _SERVER | _OTHER),
    ],
)
def test_imports_are_lean(code: str, banned: set[str]) -> None:
    """Importing a part of the library does not import what only other parts need."""
    assert _loaded(code) & banned == set()
