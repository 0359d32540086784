"""The US exchange over gRPC, seen from outside: who may call it how, and what becomes of connections."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import trading

from polyspec.errors import ConfigError, ConnectFailed, PolyspecError
from polyspec.io.options import HttpOptions
from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import ENVIRONMENTS
from polyspec.us.protos import ours
from tests.client.doing_async import listed, sleep, together
from tests.client.us.connect_async import connect
from tests.client.us.rig import QUICK, Venue, open_venue

pytestmark = pytest.mark.anyio

INSERT = "OrderEntryAPI_InsertOrder"
REPLACE = "OrderEntryAPI_CancelReplaceOrder"


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """Run a sandbox whose clients call it over gRPC."""
    with open_venue(venues=["us"]) as venue:
        venue.transport = "grpc"
        yield venue


@pytest.fixture
async def client(venue: Venue, person: Participant) -> AsyncIterator[AsyncUsExchangeClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


def variables(venue: Venue, **more: str) -> dict[str, str]:
    """Return the environment in which a client finds the sandbox."""
    told = {**venue.sandbox.us.describe(), "account": venue.sandbox.us.account}
    return {"POLYSPEC_SANDBOX": json.dumps({"us_exchange": told}), **more}


async def test_environment_chooses_the_way(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """POLYSPEC_US_TRANSPORT sends calls over gRPC, in the sandbox with polyspec's own protos."""
    monkeypatch.setenv("POLYSPEC_US_PROTOS", "/no/such/bundle")
    async with AsyncUsExchangeClient.from_env(variables(venue, POLYSPEC_US_TRANSPORT="grpc")) as client:
        answer = await client.exchange(trading.get_open_orders())
        assert "content-type" not in answer.headers
        assert client._rpcs.protos is ours()
    async with AsyncUsExchangeClient.from_env(variables(venue)) as client:
        answer = await client.exchange(trading.get_open_orders())
        assert answer.headers["content-type"] == "application/json"
    with pytest.raises(ConfigError, match="POLYSPEC_US_TRANSPORT is 'soap'; it must be one of rest, grpc"):
        AsyncUsExchangeClient.from_env(variables(venue, POLYSPEC_US_TRANSPORT="soap"))
    with pytest.raises(ConfigError, match="transport 'soap' is none of rest, grpc"):
        AsyncUsExchangeClient(**venue.client_options() | {"transport": "soap"})


async def test_what_grpc_has_not_goes_over_rest(
    client: AsyncUsExchangeClient, symbol: str, tmp_path: Path
) -> None:
    """Incentives, the token and downloads are asked for over REST by the same client."""
    assert await listed(client.incentives())
    (await client.orders.place(symbol, side="BUY", price="0.11", quantity=1)).unwrap()
    assert await client.reports.download_orders(tmp_path / "orders.csv") > 0


async def test_everybody_shares_the_connections(venue: Venue, client: AsyncUsExchangeClient) -> None:
    """A client for another participant calls over the same channel, and closing it leaves that open."""
    other = venue.person()
    async with client.for_participant(other.name, other.accounts[0]) as second:
        assert second._channel is client._channel
        assert len(await together([second.whoami, client.whoami])) == 2
    assert (await client.health()).status == "ok"


async def test_expired_token_is_replaced_once(
    venue: Venue, client: AsyncUsExchangeClient, person: Participant, symbol: str
) -> None:
    """A token that is refused is asked for once more, and the order it was refused with stands once."""
    await client.instruments.get(symbol)
    before = venue.seen.copy()
    venue.world.issuer.revoke_tokens()
    (await client.orders.place(symbol, side="BUY", price="0.11", quantity=1)).unwrap()
    assert (venue.seen - before)["OAuth_RequestToken"] == 1
    assert (venue.seen - before)[INSERT] == 2
    assert len(venue.orders(person)) == 1


async def test_our_own_numbers_never_reach_the_venue(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a live environment calls with numbers of our own are refused before a token is asked for."""
    live = attrs.evolve(venue.environment(), name="prod")
    monkeypatch.setenv("POLYSPEC_US_PROTOS", "ours")
    for protos in (None, ours()):
        options = venue.client_options() | {"environment": live, "credentials": venue.newcomer()}
        async with AsyncUsExchangeClient(**options, protos=protos) as client:
            before = venue.seen.copy()
            for call in (client.whoami, client.health, client.orders.open, client.balances.get):
                with pytest.raises(ConfigError, match=r"polyspec protos use DIR.*protos= argument") as caught:
                    await call()
                assert not caught.value.maybe_executed
            assert venue.seen == before
            with pytest.raises(ConfigError, match="protos use"):
                client._rpcs.rpc("DropCopyAPI", "CreateDropCopySubscription")
            # of these every number is published
            found = client._rpcs.rpc("MarketDataSubscriptionAPI", "CreateMarketDataSubscription")
            assert found.certain


async def test_gaps_of_protos_are_told_before_anything_is_sent(
    venue: Venue, client: AsyncUsExchangeClient
) -> None:
    """What the protos have no field for is a ConfigError that names it, and nothing has left."""
    before = venue.seen.copy()
    call = trading.cancel_order(wire.CancelOrderRequest(order_id="1", symbol="tec"))
    odd = call.__class__(operation=call.operation, path=call.path, body={"orderId": "1", "why": "x"})
    with pytest.raises(ConfigError, match="CancelOrderRequest has no field why"):
        await client.send(odd)
    assert venue.seen == before


async def test_server_that_goes_is_missed_at_once() -> None:
    """A call in flight when the server goes may have been executed; those after it were not sent."""
    with open_venue(venues=["us"]) as venue:
        venue.transport = "grpc"
        symbol = venue.market()
        async with connect(venue, settings=QUICK) as client:
            await client.instruments.get(symbol)
            server: Any = venue.sandbox._grpc
            venue.sandbox.faults.add(kind="hang_after", operation=REPLACE)
            placed = (await client.orders.place(symbol, side="BUY", price="0.1", quantity=1)).unwrap()

            async def replace() -> PolyspecError:
                with pytest.raises(PolyspecError) as caught:
                    await client.orders.replace(placed, price="0.2")
                return caught.value

            async def stop() -> None:
                while not venue.seen[REPLACE]:
                    await sleep(0.01)
                server.stop()

            error = (await together([replace, stop]))[0]
            assert isinstance(error, PolyspecError)
            assert error.maybe_executed
            assert venue.orders(venue.world.trader)[0].price == 200
            with pytest.raises(ConnectFailed, match="nothing was sent") as caught:
                await client.orders.open(timeout=0.5)
            assert not caught.value.maybe_executed


async def test_calls_go_encrypted_to_whom_we_trust() -> None:
    """With TLS the sandbox's authority is trusted where it is named, and nobody is without it."""
    with open_venue(venues=["us"], tls=True) as venue:
        venue.transport = "grpc"
        trusting = attrs.evolve(QUICK, http=HttpOptions(verify=venue.sandbox.us.ca or ""))
        async with connect(venue, settings=trusting) as client:
            assert (await client.whoami()).user
        async with connect(venue, settings=trusting) as client:
            client._channel.place = attrs.evolve(client._channel.place, verify=True)
            with pytest.raises(ConnectFailed, match="its certificate is not trusted"):
                await client.whoami()
        with pytest.raises(ConfigError, match="CA bundle"):
            connect(venue, settings=attrs.evolve(QUICK, http=HttpOptions(verify=False)))


async def test_environment_without_grpc_is_named(venue: Venue) -> None:
    """Where there is no gRPC it is said when the client is made; REST needs none."""
    nowhere = {"environment": venue.environment(grpc=None)}
    with pytest.raises(ConfigError, match="no address of gRPC"):
        AsyncUsExchangeClient(**venue.client_options() | nowhere)
    async with AsyncUsExchangeClient(**venue.client_options() | nowhere | {"transport": "rest"}) as client:
        assert (await client.health()).status == "ok"
        with pytest.raises(ConfigError, match="no address of gRPC"):
            _ = client._channel
    assert ENVIRONMENTS["prod"].grpc is not None


async def test_missing_library_is_named(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without grpcio the extra is named when such a client is made, and REST works."""
    monkeypatch.setitem(sys.modules, "grpc", None)
    with pytest.raises(ConfigError, match=r"pip install 'polyspec\[grpc\]'"):
        connect(venue)
    async with AsyncUsExchangeClient(**venue.client_options() | {"transport": "rest"}) as client:
        assert (await client.health()).status == "ok"
        with pytest.raises(ConfigError, match=r"polyspec\[grpc\]"):
            client._channel.get()
