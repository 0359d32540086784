"""The US exchange as the rest of a program holds it: where it is, what to log in with, its world."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.types import ASGIApp

from polyspec.errors import ConfigError
from polyspec.sandbox.us.app import build_app
from polyspec.sandbox.us.faults import FaultPlan
from polyspec.sandbox.us.issuer import new_key, private_pem
from polyspec.sandbox.us.liquidity import Liquidity
from polyspec.sandbox.us.world import Options, World, open_journal

__all__ = ["UsVenue", "open_venue"]


@dataclass(frozen=True)
class UsVenue:
    """Where the US exchange is and what to log in with."""

    rest: str
    token_url: str
    audience: str
    client_id: str
    private_key_path: str
    participant_id: str
    account: str
    symbols: list[str]
    secret: str
    """For the control endpoints, in ``x-sandbox-secret``."""
    ca: str | None
    """The authority that signed the server's certificate, with TLS."""
    grpc: str | None
    """Host and port of the gRPC server, if there is one."""
    world: World
    """Everything behind the HTTP layer; hold `world.lock` to touch it while it serves."""
    asgi: ASGIApp

    @property
    def faults(self) -> FaultPlan:
        """The faults to come."""
        return self.world.faults

    def describe(self) -> dict[str, Any]:
        """Return what the command prints of it."""
        told: dict[str, Any] = {
            "rest": self.rest,
            "token_url": self.token_url,
            "audience": self.audience,
            "client_id": self.client_id,
            "private_key_path": self.private_key_path,
            "participant_id": self.participant_id,
            "symbols": self.symbols,
        }
        if self.grpc is not None:
            told["grpc"] = self.grpc
        return told if self.ca is None else {**told, "ca": self.ca}


def open_venue(
    options: Options,
    journal: Path | None,
    *,
    key_path: Path,
    host: str,
    rest: str,
    ca: str | None,
    quiet: bool,
) -> UsVenue:
    """Open the world and its application; whoever serves it starts the server.

    `key_path` is the PEM file of the partner's key, which is made there if it does not exist.
    """
    world = World(options, open_journal(journal), key=_key(key_path))
    world.locate(rest, host)
    liquidity = Liquidity(world, options.seed)
    if quiet:
        liquidity.withdraw()
    else:
        liquidity.start()
    return UsVenue(
        rest=rest,
        token_url=f"{rest}/oauth/token",
        audience=world.issuer.audience,
        client_id=world.client.client_id,
        private_key_path=str(key_path.absolute()),
        participant_id=world.trader.name,
        account=world.trader.accounts[0],
        symbols=world.symbols,
        secret=world.secret,
        ca=ca,
        grpc=None,
        world=world,
        asgi=build_app(world),
    )


def _key(path: Path) -> rsa.RSAPrivateKey:
    """Load the partner's key, or make one that only this user can read."""
    if path.exists():
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ConfigError(f"{path} holds no RSA key")
        return key
    key = new_key()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private_pem(key))
    return key
