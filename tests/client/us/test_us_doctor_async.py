"""Troubles of the US exchange, really made, and what the doctor says of them."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import attrs
import pytest
from polyspec_wire.us_exchange import OPERATIONS

from polyspec.core.findings import Diagnosis, Severity
from polyspec.errors import ConfigError
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.issuer import new_key, private_pem
from polyspec.sandbox.us.world import Participant
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Settings
from tests.client.doing_async import inside
from tests.client.us.connect_async import connect
from tests.client.us.rig import UNPACED, Venue, open_venue

pytestmark = pytest.mark.anyio

_READS = {"POST /v1/positions/balance", "POST /v1/refdata/instruments", "POST /oauth/token"}


def severity(found: Diagnosis, code: str) -> Severity | None:
    """Return how bad a finding is; None if there is none."""
    finding = found.get(code)
    return None if finding is None else finding.severity


def client_of(venue: Venue, person: Participant | None = None, **changes: Any) -> AsyncUsExchangeClient:
    """Return a client of somebody, made with changes."""
    known = venue.client_options(person) | {"settings": UNPACED} | changes
    if venue.app is not None:
        known["http"] = inside(venue.app)
    return AsyncUsExchangeClient(**known)


async def test_all_is_well(venue: Venue, person: Participant, symbol: str) -> None:
    """A client that works has findings of every area, whichever way its calls take, and only reads."""
    venue.seen.clear()
    async with connect(venue, person, Settings()) as client:
        found = await client.doctor([symbol])
    wanted = {"token.ok", "scopes.ok", "identity.ok", "participant.ok", "account.ok"}
    wanted |= {"balance.ok", "orders.none", "market.ok", "protos.ok"}
    assert wanted <= found.codes()
    assert {"network.ok", "network.replaced"} & found.codes()
    # answers over gRPC have no date
    assert {"clock.ok", "clock.unknown"} & found.codes()
    assert found.exit_status == 0, str(found)
    assert all(OPERATIONS[name].retry == "safe" or name == "OAuth_RequestToken" for name in venue.seen)
    assert all(OPERATIONS[name].lane != "cancel" for name in venue.seen)


async def test_refused_tokens(venue: Venue, tmp_path: Path) -> None:
    """Another key, an unknown client id and a wrong audience are told apart."""
    path = tmp_path / "other.pem"
    path.write_bytes(private_pem(new_key()))
    path.chmod(0o600)
    base = venue.credentials()
    known = {"token_url": base.token_url, "audience": base.audience}
    stranger = PrivateKeyJwt.from_file(path, client_id=base.client_id, **known)
    unknown = attrs.evolve(base, client_id=f"nobody-{os.urandom(4).hex()}")
    elsewhere = attrs.evolve(base, audience="https://elsewhere.example")
    for credentials, code in (
        (stranger, "token.key"),
        (unknown, "token.client_id"),
        (elsewhere, "token.audience"),
    ):
        environment = attrs.evolve(venue.environment(), audience=credentials.audience)
        async with client_of(venue, credentials=credentials, environment=environment) as client:
            found = await client.doctor()
        assert severity(found, code) is Severity.ERROR, str(found)
        assert {each.check for each in found.findings if each.code == "check.skipped"} >= {"scopes", "orders"}


async def test_scopes(venue: Venue) -> None:
    """A token that cannot place orders or read balances is told scope by scope, and nothing is an error."""
    scopes = frozenset(venue.world.client.scopes) - {"write:orders", "read:positions"}
    async with client_of(venue, credentials=venue.newcomer(scopes=scopes)) as client:
        found = await client.doctor()
    lacking = {each.facts["scope"] for each in found.warnings if each.code == "scopes.missing"}
    assert lacking == {"write:orders", "read:positions"}
    assert "scopes.ok" not in found.codes()
    assert not found.errors


async def test_participants_and_accounts(venue: Venue, person: Participant) -> None:
    """A participant of another firm, none at all, and an account that is not theirs are told."""
    async with client_of(venue, person, participant_id="firms/Elsewhere/users/me") as client:
        found = await client.doctor()
        assert severity(found, "participant.refused") is Severity.ERROR
        assert severity(found, "check.skipped") is Severity.INFO
    async with client_of(venue, person, participant_id=None, account=None) as client:
        found = await client.doctor()
        assert severity(found, "participant.missing") is Severity.WARNING
        assert not found.errors
    async with client_of(venue, person, account="firms/ISV-Sandbox/accounts/none") as client:
        invisible = (await client.doctor()).get("account.invisible")
    assert invisible is not None
    assert invisible.severity is Severity.ERROR
    assert person.accounts[0] in invisible.fix
    async with client_of(venue, person, account=None) as client:
        assert severity(await client.doctor(), "account.default") is Severity.INFO


async def test_money_and_markets(venue: Venue) -> None:
    """An account without money, a market that is closed and one that is none are told."""
    poor = venue.person("0")
    closed = venue.market(state=t.MarketState.SUSPENDED)
    async with client_of(venue, poor) as client:
        found = await client.doctor([closed, "tec-none"])
    assert severity(found, "balance.empty") is Severity.WARNING
    assert severity(found, "market.closed") is Severity.WARNING
    assert severity(found, "market.unknown") is Severity.ERROR


async def test_orders_of_strangers(venue: Venue, person: Participant, symbol: str) -> None:
    """Orders another program placed are a warning to one that trades, and a word to one that does not."""
    order: dict[str, Any] = {"side": "BUY", "price": "0.4", "quantity": 10}
    async with client_of(venue, person) as mine, client_of(venue, person) as other:
        (await other.orders.place(symbol, **order)).unwrap()
        assert severity(await mine.doctor(), "orders.open") is Severity.INFO
        (await mine.orders.place(symbol, **order)).unwrap()
        strangers = (await mine.doctor()).get("orders.strangers")
    assert strangers is not None
    assert strangers.severity is Severity.WARNING
    assert strangers.facts == {"open": 2, "strangers": 1}


async def test_protos_and_a_dead_port(venue: Venue) -> None:
    """Protos without the venue's numbers are an error where calls go over gRPC; dead ports are told each."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{taken.getsockname()[1]}"
        environment = attrs.evolve(
            venue.environment(), name="elsewhere", base_url=f"http://{dead}", grpc=dead
        )
        known = venue.client_options() | {"environment": environment, "settings": UNPACED}
        async with AsyncUsExchangeClient(**known) as client:
            found = await client.doctor()
    over_grpc = venue.transport == "grpc"
    dead_ends = {each.check: each.severity for each in found.findings if each.code == "network.tcp"}
    # calls over REST do without gRPC, and streams do not
    assert dead_ends == {
        "network": Severity.ERROR,
        "grpc": Severity.ERROR if over_grpc else Severity.WARNING,
    }
    assert severity(found, "protos.assigned") is (Severity.ERROR if over_grpc else Severity.INFO)


async def test_clocks() -> None:
    """A clock that is off by minutes is told and corrected; by more, it is the one error."""
    with open_venue() as venue:
        venue.world.clock.advance(120)
        async with client_of(venue) as client:
            found = await client.doctor()
            assert severity(found, "clock.corrected") is Severity.WARNING
            assert severity(found, "token.ok") is Severity.OK
        venue.world.clock.advance(7200)
        async with client_of(venue, credentials=venue.newcomer()) as client:
            found = await client.doctor()
            assert [each.code for each in found.errors] == ["clock.refused"]


async def test_a_client_that_is_closed(venue: Venue) -> None:
    """A closed client says so, in place of a list of what it could not ask."""
    async with client_of(venue) as client:
        pass
    with pytest.raises(ConfigError, match="closed"):
        await client.doctor()
