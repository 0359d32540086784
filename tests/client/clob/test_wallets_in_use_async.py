"""Every wallet a key can trade from, on both chains, at a venue that derives them by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from polyspec.errors import ConfigError, OrderRejected
from polyspec.sandbox.clob.chain import exchange_of
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import Person, Venue, open_venue

pytestmark = pytest.mark.anyio

TEN: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


@pytest.fixture(scope="module")
def amoy() -> Iterator[Venue]:
    """Run the venue on the test net."""
    with open_venue(chain_id=80002) as venue:
        yield venue


@pytest.mark.parametrize("signature_type", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "market", [{}, {"neg_risk": True}, {"position": True}], ids=["plain", "neg-risk", "position"]
)
async def test_wallets_are_derived(
    venue: Venue, person: Person, signature_type: int, market: dict[str, bool]
) -> None:
    """With the type alone the wallet is worked out from the key, and the venue takes its orders."""
    wallet, token = person.wallets.of_type(signature_type)[0], venue.market(**market)
    venue.fund(wallet)
    async with connect(venue, person, signature_type=signature_type) as client:
        placed = (await client.create_and_post_order(token_id=token.id, **TEN)).unwrap()
    assert (placed.order.maker, placed.order.signature_type) == (wallet, signature_type)
    assert [order.id for order in venue.orders(wallet)] == [placed.order_id]


@pytest.mark.parametrize("signature_type", [None, 0, 1, 2, 3])
async def test_funder_is_recognised(venue: Venue, person: Person, signature_type: int | None) -> None:
    """With the funder the type is worked out, in any case of its letters; both together agree."""
    token = venue.market()
    for kind in (0, 1, 2, 3) if signature_type is None else (signature_type,):
        for wallet in person.wallets.of_type(kind):
            venue.fund(wallet)
            for spelling in (wallet, wallet.lower()):
                async with connect(venue, person, funder=spelling, signature_type=signature_type) as client:
                    placed = (await client.create_and_post_order(**token.known, **TEN)).unwrap()
                assert (placed.order.maker, placed.order.signature_type) == (wallet, kind)


async def test_deposit_wallets_of_both_kinds(venue: Venue, person: Person) -> None:
    """The current kind is meant unless the older one is named; both sign for themselves."""
    current, older = person.wallets.deposits
    token = venue.market()
    for named, meant in ((None, current), (older, older)):
        venue.fund(meant)
        async with connect(venue, person, signature_type=3, funder=named) as client:
            placed = (await client.create_and_post_order(**token.known, **TEN)).unwrap()
        assert placed.order.maker == placed.order.signer == meant


async def test_wallet_without_money(venue: Venue, person: Person) -> None:
    """An empty wallet is refused in words that say which one counts."""
    async with connect(venue, person, signature_type=2) as client:
        placed = await client.create_and_post_order(**venue.market().known, **TEN)
        with pytest.raises(OrderRejected, match="the wallet that counts is the maker of the order"):
            placed.unwrap()


async def test_accounts_that_must_use_deposit_wallets() -> None:
    """Where the venue takes deposit wallets only, the refusal of others says so, and type 3 works."""
    with open_venue(deposit_wallets_only=True) as venue:
        person, token = venue.person(), venue.market()
        venue.fund(person.wallets.deposits[0])
        async with connect(venue, person) as client:
            placed = await client.create_and_post_order(**token.known, **TEN)
            with pytest.raises(OrderRejected, match="use signature_type 3 with that wallet as funder"):
                placed.unwrap()
        async with connect(venue, person, signature_type=3) as client:
            (await client.create_and_post_order(**token.known, **TEN)).unwrap()


async def test_wallets_are_detected(venue: Venue, person: Person) -> None:
    """The venue is asked which of the key's wallets hold money."""
    venue.fund(person.wallets.proxy, 123)
    async with connect(venue, venue.person(dollars=0)) as nobody:
        assert not [each for each in (await nobody.detect_wallet()).wallets if each.collateral.balance]
    async with connect(venue, person) as client:
        found = {
            each.signature_type: each.collateral.balance for each in (await client.detect_wallet()).wallets
        }
    assert (found[0], found[1], found[2], found[3]) == (10_000, 123, 0, 0)


@pytest.mark.parametrize(
    "market", [{}, {"neg_risk": True}, {"position": True}], ids=["plain", "neg-risk", "position"]
)
async def test_test_net(amoy: Venue, market: dict[str, bool]) -> None:
    """On the other chain keys, orders and reads work, signed for the contracts of that chain."""
    person, token = amoy.person(), amoy.market(**market)
    async with connect(amoy, person) as client:
        placed = (await client.create_and_post_order(token_id=token.id, **TEN)).unwrap()
        assert [order.id for order in await client.get_open_orders()] == [placed.order_id]
        assert await client.cancel(placed)
    version = 3 if market.get("position") else 2
    expected = exchange_of(version, 80002, neg_risk=market.get("neg_risk", False))
    assert (placed.order.chain_id, placed.order.exchange) == (80002, expected)


async def test_test_net_derives_no_wallets(amoy: Venue) -> None:
    """The factories of the test net are not known: the funder has to be named, and is believed."""
    person = amoy.person()
    with pytest.raises(ConfigError, match="name the funder"):
        connect(amoy, person, signature_type=1)
    async with connect(amoy, person, signature_type=1, funder=person.wallets.proxy) as client:
        assert client.account is not None
        assert client.account.maker == person.wallets.proxy
