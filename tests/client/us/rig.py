"""One sandbox for many tests: fresh people and markets for each, and the truth about what happened."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import attrs
from polyspec_wire.us_exchange import models as wire
from starlette.types import ASGIApp

from polyspec import Sandbox
from polyspec.core.sending import Patience
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.issuer import Caller
from polyspec.sandbox.us.listings import Listing
from polyspec.sandbox.us.refusals import Refusal
from polyspec.sandbox.us.world import Participant, World
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Environment, Settings, Transport
from tests.client.counted import Counted

__all__ = ["QUICK", "UNPACED", "Venue", "open_venue", "person"]

UNPACED = Settings(pacing=False)
"""The sandbox has its rate limits off, so nothing has to be held back."""


QUICK = Settings(
    pacing=False,
    settle_window=0.2,
    patience=Patience(connect=1.0, write=1.0, read=0.5, place=1.5, total=2.0),
)
"""Little time besides, for tests that wait for its end."""


class Venue(Counted):
    """A running sandbox, with a count of the requests it saw."""

    kinds = (UsExchangeClient, AsyncUsExchangeClient)
    quick = QUICK

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.faults)
        self.sandbox = sandbox
        self.transport: Transport = "rest"
        """How clients of it make their calls."""
        self.world: World = sandbox.us.world
        self.refusals = 0
        """How many requests came with a token that was not good."""
        self._numbers = count(1)
        self._credentials: PrivateKeyJwt | None = None
        self._count_refusals()

    @property
    def app(self) -> ASGIApp | None:
        """What to call without a port; None with one."""
        return None if self.sandbox.has_port else self.sandbox.asgi

    def client_options(self, person: Participant | None = None) -> dict[str, Any]:
        """Return what a client of the partner is made with that acts for `person`."""
        person = person or self.world.trader
        return {
            "credentials": self.credentials(),
            "environment": self.environment(),
            "participant_id": person.name,
            "account": person.accounts[0],
            "transport": self.transport,
        }

    def _count_refusals(self) -> None:
        check = self.world.issuer.caller

        def checked(authorization: str | None) -> Caller:
            try:
                return check(authorization)
            except Refusal:
                self.refusals += 1
                raise

        self.world.issuer.caller = checked  # type: ignore[method-assign]

    def person(self, dollars: str = "10000") -> Participant:
        """Open a participant with money of its own."""
        with self.world.lock:
            return self.world.roster.add(f"person-{next(self._numbers)}", dollars=dollars)

    def market(self, *, state: t.MarketState = t.MarketState.OPEN, **terms: Any) -> str:
        """List a market nobody else uses: ticks of half a cent, hundredths of contracts, at 50 cents."""
        name = f"tec-test-{next(self._numbers)}"
        known = {
            "tick": "0.005",
            "price_scale": 1000,
            "quantity_scale": 100,
            "mid": 500,
        } | terms
        with self.world.lock:
            self.world.list_instrument(
                Listing(
                    symbol=name,
                    product="tec",
                    product_id=name,
                    description=f"Test {name}",
                    question="Will it hold?",
                    state=state,
                    **known,
                )
            )
        return name

    def orders(self, person: Participant, *, open_only: bool = False) -> list[t.Order]:
        """Return the orders of a participant as the engine has them."""
        with self.world.lock:
            return self.sandbox.exchange.orders(participant=person.name, open_only=open_only)

    def audit(self) -> None:
        """Recount all money, contracts and orders of the engine."""
        with self.world.lock:
            self.sandbox.exchange.audit()

    def credentials(self, **changes: Any) -> PrivateKeyJwt:
        """Return the partner's credentials, some of them changed."""
        if not changes and self._credentials is not None:
            return self._credentials
        us = self.sandbox.us
        known = {"client_id": us.client_id, "token_url": us.token_url, "audience": us.audience} | changes
        made = PrivateKeyJwt.from_file(known.pop("path", us.private_key_path), **known)
        if not changes:
            # checking a key takes 50 ms
            self._credentials = made
        return made

    def newcomer(self, **changes: Any) -> PrivateKeyJwt:
        """Return credentials of a client of the same firm that nobody has used, so without any token."""
        known = dataclasses.replace(self.world.client, client_id=f"client-{next(self._numbers)}", **changes)
        with self.world.lock:
            self.world.issuer.register(known)
        return attrs.evolve(self.credentials(), client_id=known.client_id)

    def environment(self, **changes: Any) -> Environment:
        """Return where the sandbox is, some of it changed."""
        us = self.sandbox.us
        known = {
            "base_url": us.rest,
            "token_url": us.token_url,
            "audience": us.audience,
            "grpc": us.grpc,
        } | changes
        return Environment("sandbox", **known)


@contextmanager
def open_venue(**options: Any) -> Iterator[Venue]:
    """Run a sandbox without market maker and without rate limits, unless told otherwise."""
    with Sandbox(**({"quiet": True, "rate_limits": False} | options)) as sandbox:
        yield Venue(sandbox)


def person(external_id: str, **changes: Any) -> wire.StartKYCVerificationRequest:
    """Return somebody who passes the identity check, unless changed."""
    known: dict[str, Any] = {
        "external_id": external_id,
        "ssn": "123456789",
        "first_name": "Jane",
        "last_name": "Smith",
        "date_of_birth": "1990-06-15",
        "email": "jane.smith@example.com",
        "phone_number": "+12125551234",
        "address": wire.KYCAddressRequest(
            address_line_1="123 Main St", city="New York", state="NY", postal_code="10001", country="US"
        ),
        "agreement": wire.KYCAgreement(version="PMX.ISV.SANDBOX.v1.0", signed_at=datetime.now(UTC)),
        "ip_address": "203.0.113.42",
    }
    return wire.StartKYCVerificationRequest(**(known | changes))
