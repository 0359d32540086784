"""Whatever the parts of a client do not wrap, sent as calls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from polyspec_wire.polysimulator import account, books, health, keys, markets, orders, partner, simulation
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ApiError, BadRequest, ConfigError, Forbidden, PolyspecError
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from tests.client.doing_async import listed
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import QUICK, Market, Person, Venue

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test."""
    async with connect(venue, person, QUICK) as client:
        yield client


async def test_exchange(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """An answer comes with its status, its headers and the number of attempts."""
    venue.sim.faults.add(kind="status", operation="Account_GetBalance")
    answer = await client.exchange(account.get_balance())
    assert (answer.value.balance, answer.reply.status, answer.attempts) == (10_000, 200, 2)
    assert answer.reply.headers["x-ratelimit-tier"] == "pro"


async def test_routes_without_a_name_of_their_own(client: AsyncPolySimulatorClient, market: Market) -> None:
    """Aliases and older routes answer as their twins do."""
    assert (await client.send(health.health_live())).status == "alive"
    assert (await client.send(health.health_ready())).status == "ok"
    assert (await client.send(books.get_neg_risk_of(market.token_ids[0]))).neg_risk is False
    assert (await client.send(markets.list_updown_alias(limit=2))).markets
    assert (await client.send(orders.cancel_all_deprecated(confirm=True))).canceled == []
    beat = orders.post_heartbeat_alias(wire.HeartbeatRequest(interval_ms=60_000))
    assert (await client.send(beat)).ok
    with pytest.raises(BadRequest, match="confirm=true") as caught:
        await client.send(orders.cancel_all())
    assert caught.value.code == "CONFIRMATION_REQUIRED"


async def test_pages(client: AsyncPolySimulatorClient) -> None:
    """A call that is paged is read page by page, or row by row."""
    call = markets.list_markets(limit=3, envelope=True)
    pages = await listed(client.pages(call))
    rows = await listed(client.iterate(call))
    sizes = [len(page.data) for page in pages]
    assert sizes[:-1] == [3] * (len(sizes) - 1)
    assert sum(sizes) == len({each.condition_id for each in rows}) == len(rows)


async def test_partner(venue: Venue, client: AsyncPolySimulatorClient) -> None:
    """The key of a partner makes users, each once; nobody else's does."""
    call = partner.create_user(wire.PartnerUserRequest(external_id="u-1", email="u-1@example.com"))
    async with connect(venue, api_key=venue.sim.describe()["partner_api_key"]) as tenant:
        made, again = await tenant.exchange(call), await tenant.exchange(call)
    assert (made.reply.status, again.reply.status) == (201, 200)
    assert made.value.user_id == again.value.user_id
    with pytest.raises(Forbidden, match="users:write"):
        await client.send(call)
    async with connect(venue, access_token=venue.token_of(venue.newcomer())) as nobody:
        with pytest.raises(ConfigError, match="key of a partner"):
            await nobody.send(call)


async def test_exports_of_simulations_do_not_exist_yet(client: AsyncPolySimulatorClient) -> None:
    """The venue refuses them so far, and says so."""
    with pytest.raises(ApiError) as caught:
        await client.send(simulation.create_export({}))
    assert (caught.value.status, caught.value.code) == (503, "JOB_STORE_UNAVAILABLE")


async def test_what_was_made_and_not_told(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """What must not be done twice is sent once: if its answer is lost, the error says that it may be done."""
    (own,) = await listed(client.keys.list())
    cases = {
        "Keys_CreateKey": keys.create_key(wire.CreateKeyRequest()),
        "Keys_RotateKey": keys.rotate_key(own.id),
        "Account_ResetApiBalance": account.reset_api_balance(),
    }
    for operation, call in cases.items():
        venue.sim.faults.add(kind="truncate", operation=operation)
        with pytest.raises(PolyspecError) as caught:
            await client.send(call)
        assert caught.value.maybe_executed, operation
        assert venue.seen[operation] == 1
    assert len(await listed(client.keys.list())) == 3


async def test_what_a_client_says_of_itself(venue: Venue, person: Person) -> None:
    """A client shows what it has and where it goes, and never the key; the same key has the same mark."""
    async with connect(venue, person) as one, connect(venue, person) as two, connect(venue) as nobody:
        assert venue.sim.rest in repr(one)
        assert "an API key" in repr(one)
        assert person.key not in repr(one)
        assert one.mark == two.mark != nobody.mark
        with pytest.raises(ConfigError, match="access_token"):
            one.use_key(venue.token_of(person))
        assert (await one.me()).user_id == person.user_id
