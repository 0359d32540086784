"""Troubles of PolySimulator, really made, and what the doctor says of them."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire.polysimulator import OPERATIONS

from polyspec.core.findings import Diagnosis, Severity
from polyspec.errors import ConfigError
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.sandbox.polysimulator.options import PolySimOptions
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue

pytestmark = pytest.mark.anyio

DAY = 86_400.0


def severity(found: Diagnosis, code: str) -> Severity | None:
    """Return how bad a finding is; None if there is none."""
    finding = found.get(code)
    return None if finding is None else finding.severity


async def test_all_is_well(venue: Venue, person: Person, market: Market) -> None:
    """A client that works has findings of every area, and asks for nothing but reads."""
    settings = PolySimulatorSettings()
    async with connect(venue, person, settings, access_token=venue.token_of(person)) as client:
        found = await client.doctor([market.condition_id])
    wanted = {"network.replaced", "clock.ok", "venue.ok", "key.ok", "key.lasting", "access_token.ok"}
    wanted |= {"balance.ok", "orders.none", "market.ok", "heartbeats.none"}
    assert wanted <= found.codes()
    assert found.exit_status == 0
    assert all(OPERATIONS[name].method == "GET" for name in venue.seen)
    assert person.key not in str(found.findings)


async def test_a_key_that_was_replaced() -> None:
    """A key that was rotated away is told with the hours it has left, and then as one that ended."""
    with open_venue() as venue:
        async with connect(venue, venue.person()) as client:
            [mine] = [each.id async for each in client.keys.list()]
            await client.keys.rotate(mine)
            rotated = (await client.doctor()).get("key.rotated")
            assert rotated is not None
            assert rotated.severity is Severity.WARNING
            assert abs(float(str(rotated.facts["hours"])) - 24) < 0.1
            venue.pass_time(DAY + 1)
            expired = await client.doctor()
    assert severity(expired, "key.expired") is Severity.ERROR
    assert severity(expired, "clock.off") is Severity.WARNING
    assert severity(expired, "check.skipped") is Severity.INFO
    assert expired.exit_status == 2


async def test_keys_that_are_refused(venue: Venue, person: Person) -> None:
    """A revoked key, one nobody knows, and a text that is no key are told apart; none is shown."""
    async with connect(venue, person) as client:
        [mine] = [each.id async for each in client.keys.list()]
        await client.keys.revoke(mine)
        assert severity(await client.doctor(), "key.revoked") is Severity.ERROR
    async with connect(venue, api_key="ps_live_" + "0" * 64) as client:
        assert severity(await client.doctor(), "key.unknown") is Severity.ERROR
    async with connect(venue, api_key="sk-not-of-this-venue") as client:
        found = await client.doctor()
    assert severity(found, "key.form") is Severity.WARNING
    assert "sk-not" not in str(found)


async def test_accounts_that_may_not(venue: Venue, person: Person) -> None:
    """An account that the venue blocked is told as that, not as a wrong key."""
    with venue.world.lock:
        [user] = [each for each in venue.world.users.all() if each.id == person.user_id]
        venue.world.users.change(user, blocked=True)
    async with connect(venue, person) as client:
        assert severity(await client.doctor(), "account.blocked") is Severity.ERROR


async def test_a_key_that_only_reads(venue: Venue) -> None:
    """A key without the permission to trade is a warning, and everything else is looked at."""
    person = venue.person(permissions=("read",))
    async with connect(venue, person) as client:
        found = await client.doctor()
    assert severity(found, "key.read_only") is Severity.WARNING
    assert severity(found, "balance.ok") is Severity.OK
    assert not found.errors


async def test_access_tokens(venue: Venue, person: Person) -> None:
    """A token of the dashboard that ended is told without asking; one that is none is told by the venue."""
    token = venue.token_of(person)
    async with connect(venue, person, access_token="nonsense") as client:
        assert severity(await client.doctor(), "access_token.refused") is Severity.ERROR
    with open_venue(PolySimOptions(jwt_life=60)) as short:
        someone = short.person()
        old = short.token_of(someone)
        short.pass_time(3600)
        async with connect(short, someone, access_token=old) as client:
            found = await client.doctor()
    assert severity(found, "access_token.expired") is Severity.ERROR
    assert old not in str(found)
    assert token not in str(found)


async def test_wallets(venue: Venue, person: Person) -> None:
    """A wallet that is archived, or none of the account, is the one error."""
    async with connect(venue, person) as client:
        made = await client.wallets.create("second")
        await client.wallets.archive(made.id)
    async with connect(venue, person, wallet_id=made.id) as client:
        # the venue may show it, or not know it any more
        [archived] = (await client.doctor()).errors
        assert archived.code in ("wallet.archived", "wallet.unknown")
        assert archived.facts == {"wallet_id": made.id}
    async with connect(venue, person, wallet_id=999_999) as client:
        assert severity(await client.doctor(), "wallet.unknown") is Severity.ERROR


async def test_orders_of_strangers(venue: Venue, person: Person, market: Market) -> None:
    """Resting orders of ours are counted, those with names of others are a warning."""
    order: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.2", "quantity": 10}
    async with connect(venue, person) as client:
        await client.orders.place(market.terms, **order)
        assert severity(await client.doctor(), "orders.open") is Severity.INFO
        await client.orders.place(market.terms, **order, client_order_id="another-bot-1")
        strangers = (await client.doctor()).get("orders.strangers")
    assert strangers is not None
    assert strangers.severity is Severity.WARNING
    assert strangers.facts == {"open": 2, "strangers": 1}


async def test_markets_and_outages(venue: Venue, person: Person, market: Market) -> None:
    """A market that is closed, one that is none, and an outage of what is mirrored are told."""
    venue.close(market)
    async with connect(venue, person) as client:
        named = await client.doctor([market.condition_id, "0x" + "0" * 64])
        with venue.world.lock:
            venue.world.engine.outage = True
        try:
            down = await client.doctor()
        finally:
            with venue.world.lock:
                venue.world.engine.outage = False
    assert severity(named, "market.closed") is Severity.WARNING
    assert severity(named, "market.unknown") is Severity.ERROR
    assert severity(down, "venue.degraded") is Severity.WARNING


async def test_limits_of_the_key() -> None:
    """What is left of the key's limits is told, and little of it is a warning."""
    with open_venue(rate_limits=True) as venue:
        person = venue.person("free")
        async with connect(venue, person, PolySimulatorSettings()) as client:
            found = await client.doctor()
            told = found.get("limits.ok") or found.get("limits.low")
    assert told is not None
    assert isinstance(told.facts["remaining"], int)


async def test_the_edge(venue: Venue, person: Person) -> None:
    """A request that the edge turned away is told as that, not as a wrong key."""
    venue.sim.faults.add(kind="edge_blocked", operation="Identity_GetMe", times=5)
    async with connect(venue, person) as client:
        found = await client.doctor()
    assert severity(found, "network.edge") is Severity.ERROR


async def test_heartbeats(venue: Venue, person: Person) -> None:
    """Heartbeats that run are told, and those the venue does not hear are an error."""
    async with connect(venue, person) as client:
        async with client.orders.heartbeats(5.0) as beating:
            assert severity(await client.doctor(), "heartbeats.ok") is Severity.OK
            beating._pulse._heard = float("-inf")
            assert severity(await client.doctor(), "heartbeats.silent") is Severity.ERROR


async def test_without_a_key(venue: Venue) -> None:
    """Without a key there is nothing wrong, and that it can only read is told."""
    async with connect(venue, settings=PolySimulatorSettings()) as client:
        found = await client.doctor()
    assert severity(found, "key.none") is Severity.INFO
    assert found.exit_status == 0


async def test_a_client_that_is_closed(venue: Venue) -> None:
    """A closed client says so, in place of a list of what it could not ask."""
    async with connect(venue) as client:
        pass
    with pytest.raises(ConfigError, match="closed"):
        await client.doctor()
