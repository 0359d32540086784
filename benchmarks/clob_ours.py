"""Our clients of the CLOB that takes every order. Pacing is off: all the client can do is measured."""

from __future__ import annotations

from typing import Any, Final

from benchmarks.clob_server import Address
from benchmarks.clob_terms import (
    API_KEY,
    CHAIN_ID,
    KEY,
    PASSPHRASE,
    PRICE,
    SECRET,
    SIDE,
    SIZE,
    TICK,
    TOKEN,
)  # fmt: skip
from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds
from polyspec.io.options import HttpOptions

__all__ = ["CREDS", "ORDER", "async_client", "client", "settings"]

CREDS: Final = ApiCreds(API_KEY, SECRET, PASSPHRASE)
ORDER: Final[dict[str, Any]] = {
    "token_id": TOKEN, "price": PRICE, "size": SIZE, "side": SIDE, "tick_size": TICK, "neg_risk": False,
}  # fmt: skip


def settings(server: Address, *, connections: int = 100) -> ClobSettings:
    """Return settings without pacing."""
    verify = True if server.ca is None else str(server.ca)
    return ClobSettings(pacing=False, http=HttpOptions(verify=verify, max_connections=connections))


def client(server: Address, *, connections: int = 100, **wallet: Any) -> ClobClient:
    """Return a blocking client."""
    return ClobClient(
        server.url, CHAIN_ID, KEY, CREDS, settings=settings(server, connections=connections), **wallet
    )


def async_client(server: Address, *, connections: int = 100) -> AsyncClobClient:
    """Return an asynchronous client."""
    return AsyncClobClient(
        server.url, CHAIN_ID, KEY, CREDS, settings=settings(server, connections=connections)
    )
