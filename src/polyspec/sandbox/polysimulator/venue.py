"""PolySimulator as the rest of a program holds it: where it is, what to log in with, the world behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.faults import FaultPlan
from polyspec.sandbox.polysimulator.app import build_app
from polyspec.sandbox.polysimulator.feed import Feed
from polyspec.sandbox.polysimulator.options import PolySimOptions
from polyspec.sandbox.polysimulator.partners import partner_key
from polyspec.sandbox.polysimulator.seeds import FRESH, KEYS, raw_key
from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["PolySimVenue", "open_venue"]


@dataclass(frozen=True)
class PolySimVenue:
    """Where PolySimulator is and what to log in with."""

    rest: str
    secret: str
    """For the control endpoints, in ``x-sandbox-secret``."""
    ca: str | None
    """The authority that signed the server's certificate, with TLS."""
    world: PolySimWorld
    """Everything behind the HTTP layer; hold `world.lock` to touch it while it serves."""
    asgi: ASGIApp

    @property
    def ws(self) -> str:
        """Under which the websockets are: ``/prices``, ``/executions``, ``/market`` and ``/user``."""
        return f"ws{self.rest.removeprefix('http')}/v1/ws"

    @property
    def faults(self) -> FaultPlan:
        """The faults to come."""
        return self.world.faults

    def api_key(self, name: str = "api_key") -> str:
        """Return a seeded key by what `describe` calls it."""
        return raw_key(self.world.seed, name)

    @property
    def condition_ids(self) -> list[str]:
        """The mirrored markets that are open."""
        return [each.condition_id for each in self.world.markets.markets() if each.status == "open"]

    def session(self, email: str = FRESH) -> str:
        """Return a session token of a user, by default of the one who has no key yet."""
        user = self.world.users.of_email(email)
        assert user is not None, email
        return self.world.tokens.session(user.auth_id)

    def describe(self) -> dict[str, Any]:
        """Return what the command prints of it."""
        with self.world.lock:
            told: dict[str, Any] = {
                "rest": self.rest,
                "ws": self.ws,
                **{each.name: self.api_key(each.name) for each in KEYS},
                "partner_api_key": partner_key(self.world.seed),
                "supabase_jwt": self.session(),
                "condition_ids": self.condition_ids,
            }
        return told if self.ca is None else {**told, "ca": self.ca}


def open_venue(
    options: PolySimOptions,
    journal: Path | None,
    feed: Feed,
    *,
    host: str,
    rest: str,
    ca: str | None,
    clock: Clock | None = None,
) -> PolySimVenue:
    """Open the world and its application; whoever serves it starts the server."""
    world = PolySimWorld(options, feed, journal, clock)
    world.locate(host)
    return PolySimVenue(rest=rest, secret=world.secret, ca=ca, world=world, asgi=build_app(world))
