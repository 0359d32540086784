"""Access tokens seen from outside: how often one is asked for, and what a caller notices."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from polyspec.errors import Forbidden, Unauthorized
from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.fate import Accepted
from tests.client.doing_async import sleep, together
from tests.client.us.connect_async import connect
from tests.client.us.rig import Venue, open_venue

pytestmark = pytest.mark.anyio


@pytest.fixture
def venue() -> Iterator[Venue]:
    """Run a sandbox for one test: tokens are shared in a process, and with them what became of them."""
    with open_venue() as venue:
        yield venue


@pytest.fixture
async def client(venue: Venue, person: Participant) -> AsyncIterator[AsyncUsExchangeClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


@pytest.fixture(scope="module")
def hasty() -> Iterator[Venue]:
    """Run a sandbox whose tokens live three seconds."""
    with open_venue(token_life=3) as venue:
        yield venue


async def test_many_first_calls_share_one_token() -> None:
    """Sixty-four calls at once on a fresh client cost one token request."""
    with open_venue() as venue:
        async with connect(venue) as client:
            await together([client.whoami] * 64)
        assert venue.seen["OAuth_RequestToken"] == 1
        assert venue.seen["AccountsAPI_GetWhoAmI"] == 64


async def test_two_clients_of_one_firm_share_a_token() -> None:
    """A second client with the same credentials asks for no token of its own."""
    with open_venue() as venue:
        async with connect(venue) as one, connect(venue, venue.person()) as two:
            await together([one.whoami, two.whoami])
        assert venue.seen["OAuth_RequestToken"] == 1


async def test_revoked_token_is_replaced_once(
    client: AsyncUsExchangeClient, venue: Venue, symbol: str, person: Participant
) -> None:
    """A session whose tokens are revoked goes on: one refresh, one repeated request, no lost order."""
    (await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)).unwrap()
    before = venue.seen.copy()
    venue.world.issuer.revoke_tokens()
    (await client.orders.place(symbol, side="BUY", price="0.11", quantity=1)).unwrap()
    assert venue.seen["OAuth_RequestToken"] - before["OAuth_RequestToken"] == 1
    assert venue.seen["OrderEntryAPI_InsertOrder"] - before["OrderEntryAPI_InsertOrder"] == 2
    assert [order.price for order in venue.orders(person)] == [100, 110]


async def test_revocation_in_a_burst_costs_one_refresh(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """Forty placements, tokens revoked under them: forty orders, one new token."""
    await client.instruments.get(symbol)
    await client.whoami()
    before = venue.seen["OAuth_RequestToken"]
    venue.sandbox.faults.add(kind="revoke", operation="OrderEntryAPI_InsertOrder", after=10)
    fates = await together(
        [
            lambda price=price: client.orders.place(symbol, side="BUY", price=f"0.{price}", quantity=1)
            for price in range(10, 50)
        ]
    )
    assert all(isinstance(fate, Accepted) for fate in fates)
    assert venue.seen["OAuth_RequestToken"] - before == 1
    assert len(venue.orders(person)) == 40


async def test_short_lived_tokens_are_renewed_in_time(hasty: Venue) -> None:
    """Calls for five seconds on tokens of three: none fails, and hardly one meets a 401.

    The venue cuts the end of a token to whole seconds, so the shortest ones end before they should.
    """
    async with connect(hasty) as client:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            assert all(each.user for each in await together([client.whoami] * 4))
            await sleep(0.05)
    assert hasty.seen["OAuth_RequestToken"] in (2, 3, 4)
    assert hasty.refusals <= 4 * 3


async def test_refusal_for_good_is_told_after_one_refresh(
    client: AsyncUsExchangeClient, venue: Venue
) -> None:
    """A venue that refuses every token is asked twice, with two tokens, and the error is Unauthorized."""
    venue.sandbox.faults.add(kind="unauthorized", operation="AccountsAPI_GetWhoAmI", times=None)
    with pytest.raises(Unauthorized, match="token") as caught:
        await client.whoami()
    assert caught.value.attempts == 2
    assert venue.seen["AccountsAPI_GetWhoAmI"] == 2
    assert venue.seen["OAuth_RequestToken"] == 2


async def test_refused_tokens_make_no_storm(client: AsyncUsExchangeClient, venue: Venue) -> None:
    """Fifty calls that are all refused ask for five tokens at the most."""
    venue.sandbox.faults.add(kind="unauthorized", operation="AccountsAPI_GetWhoAmI", times=None)

    for _ in range(50):
        with pytest.raises(Unauthorized):
            await client.whoami()
    assert venue.seen["OAuth_RequestToken"] <= 5


async def test_missing_scope_is_forbidden_not_unauthorized(venue: Venue, person: Participant) -> None:
    """Credentials without the scope are told which one is missing, and no new token is tried."""
    known = venue.world.client
    narrow = dataclasses.replace(known, scopes=known.scopes - {"write:orders"})
    with venue.world.lock:
        venue.world.issuer.register(narrow)
    async with connect(venue, person) as client:
        with pytest.raises(Forbidden, match="write:orders"):
            await client.orders.place(venue.market(), side="BUY", price="0.1", quantity=1)
    assert venue.seen["OAuth_RequestToken"] == 1
    assert venue.orders(person) == []


async def test_from_env_finds_the_sandbox() -> None:
    """The one line of the command is all a client needs."""
    with open_venue() as venue:
        line = json.dumps(venue.sandbox.describe())
        async with AsyncUsExchangeClient.from_env({"POLYSPEC_SANDBOX": line}) as client:
            assert (await client.whoami()).user == venue.world.client.user
            placed = await client.orders.place(
                "tec-nfl-sbw-2026-02-08-kc", side="BUY", price="0.1", quantity=1
            )
        assert isinstance(placed, Accepted)
        assert len(venue.orders(venue.world.trader)) == 1


async def test_from_env_trusts_the_sandboxs_certificate() -> None:
    """With TLS the line names the authority to trust, and the client trusts no other."""
    with open_venue(tls=True) as venue:
        line = json.dumps(venue.sandbox.describe())
        async with AsyncUsExchangeClient.from_env({"POLYSPEC_SANDBOX": line}) as client:
            assert (await client.whoami()).user == venue.world.client.user
