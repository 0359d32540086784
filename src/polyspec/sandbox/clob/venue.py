"""The CLOB as the rest of a program holds it: where it is, what to log in with, and the world behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from polyspec.sandbox.clob.app import build_app
from polyspec.sandbox.clob.chain import is_position_id
from polyspec.sandbox.clob.liquidity import Liquidity
from polyspec.sandbox.clob.options import ClobOptions
from polyspec.sandbox.clob.seeds import ACCOUNTS
from polyspec.sandbox.clob.world import ClobWorld, open_clob
from polyspec.sandbox.http.faults import FaultPlan

__all__ = ["ClobVenue", "open_venue"]


@dataclass(frozen=True)
class ClobVenue:
    """Where the CLOB is and what to log in with."""

    rest: str
    chain_id: int
    private_keys: list[str]
    """Public development keys, funded here and worth nothing anywhere else."""
    token_ids: list[str]
    """Plain tokens of ordinary markets; those of one market follow each other."""
    neg_risk_token_ids: list[str]
    position_ids: list[str]
    """Tokens of the newer form, whose orders are signed for the third exchange."""
    secret: str
    """For the control endpoints, in ``x-sandbox-secret``."""
    ca: str | None
    """The authority that signed the server's certificate, with TLS."""
    world: ClobWorld
    """Everything behind the HTTP layer; hold `world.lock` to touch it while it serves."""
    asgi: ASGIApp

    @property
    def ws(self) -> str:
        """Under which the websockets are: ``/market``, ``/user``, ``/sports`` and ``/live``."""
        return f"ws{self.rest.removeprefix('http')}/ws"

    @property
    def faults(self) -> FaultPlan:
        """The faults to come."""
        return self.world.faults

    def describe(self) -> dict[str, Any]:
        """Return what the command prints of it."""
        told: dict[str, Any] = {
            "rest": self.rest,
            "ws": self.ws,
            "chain_id": self.chain_id,
            "private_keys": self.private_keys,
            "token_ids": self.token_ids,
            "neg_risk_token_ids": self.neg_risk_token_ids,
            "position_ids": self.position_ids,
        }
        return told if self.ca is None else {**told, "ca": self.ca}


def open_venue(
    options: ClobOptions, journal: Path | None, *, host: str, rest: str, ca: str | None, quiet: bool
) -> ClobVenue:
    """Open the world and its application; whoever serves it starts the server."""
    world = ClobWorld(options, open_clob(journal))
    world.locate(host)
    liquidity = Liquidity(world, options.seed or 0)
    if quiet:
        liquidity.withdraw()
    else:
        liquidity.start()
        world.games.start()
    neg_risk = [token for each in world.listings.values() if each.neg_risk for token in each.token_ids]
    positions = [token for token in world.open_tokens if is_position_id(int(token))]
    plain = [token for token in world.open_tokens if token not in {*neg_risk, *positions}]
    return ClobVenue(
        rest=rest,
        chain_id=options.chain_id,
        private_keys=[each.private_key for each in ACCOUNTS],
        token_ids=plain,
        neg_risk_token_ids=[token for token in world.open_tokens if token in neg_risk],
        position_ids=positions,
        secret=world.secret,
        ca=ca,
        world=world,
        asgi=build_app(world),
    )
