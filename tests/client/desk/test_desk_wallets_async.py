"""Wallets and names of PolySimulator at its desk."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from polyspec import Accepted, AsyncPolySimulatorClient, ConfigError, NotFound
from tests.client.desk.rig import ARENAS, Arena

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """Run PolySimulator."""
    with ARENAS["polysimulator"]() as arena:
        yield arena


async def test_a_desk_keeps_to_its_wallet(arena: Arena, name: str) -> None:
    """Orders, money and holdings are those of the wallet of the client, and only these are cancelled."""
    options = arena.options(arena.person()) | {"settings": arena.unpaced}
    async with AsyncPolySimulatorClient(**options) as usual:
        wallet = (await usual.wallets.create("other")).id
        async with AsyncPolySimulatorClient(**options, wallet_id=wallet) as other:
            for client in (usual, other):
                placed = await client.desk.place(name, side="BUY", price="0.40", quantity=10)
                assert isinstance(placed, Accepted)
            (order,) = await other.desk.open_orders(name)
            assert (order.price, order.quantity, order.filled) == (Decimal("0.40"), 10, 0)
            assert order.market_id == name
            assert len(await usual.desk.open_orders()) == 1
            assert (await other.desk.balance()).available == 9_996
            arena.offer(name, "0.50", 10)
            assert isinstance(await other.desk.place(name, side="BUY", price="0.50", quantity=10), Accepted)
            assert (await other.desk.position(name)).quantity == 10
            assert (await usual.desk.position(name)).quantity == 0
            await other.desk.cancel_all()
            assert await other.desk.open_orders() == []
            assert len(await usual.desk.open_orders()) == 1
            assert (await usual.desk.balance()).available == 9_996


async def test_outcomes_go_by_any_capitals(arena: Arena, name: str) -> None:
    """The label of an outcome is found however it is written; one that is not there is not."""
    condition = name.partition(":")[0]
    async with AsyncPolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        market = await client.desk.market(f"{condition}:yES")
        assert (market.id, market.outcome, market.in_book) == (name, "Yes", False)
        with pytest.raises(NotFound, match="no outcome 'Maybe', but Yes, No"):
            await client.desk.market(f"{condition}:Maybe")
        for wrong in (condition, f"{condition}:", ":Yes"):
            with pytest.raises(ConfigError, match="condition id and outcome"):
                await client.desk.book(wrong)


async def test_outcomes_are_told_apart(arena: Arena, name: str) -> None:
    """Orders in the other outcome of a question are neither listed nor cancelled with those of one."""
    other = f"{name.partition(':')[0]}:No"
    async with AsyncPolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        for market in (name, other):
            assert isinstance(
                await client.desk.place(market, side="BUY", price="0.40", quantity=10), Accepted
            )
            assert [each.market_id for each in await client.desk.open_orders(market)] == [market]
        await client.desk.cancel_all(name)
        assert [each.market_id for each in await client.desk.open_orders()] == [other]


async def test_a_market_is_read_once_for_its_orders(arena: Arena, name: str) -> None:
    """An order in a market that is named by its id reads its terms, later ones read nothing."""
    async with AsyncPolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        seen = arena.venue.seen
        for price in ("0.40", "0.41"):
            assert isinstance(await client.desk.place(name, side="BUY", price=price, quantity=10), Accepted)
            if price == "0.40":
                before = seen["Markets_GetMarket"] + seen["Markets_GetMarketBook"]
        assert seen["Markets_GetMarket"] + seen["Markets_GetMarketBook"] == before
        # without what is open, nothing needs cancelling
        await client.desk.cancel_all()
        cancels = seen["Orders_CancelOrders"]
        await client.desk.cancel_all()
        assert seen["Orders_CancelOrders"] == cancels


async def test_books_nobody_has(arena: Arena) -> None:
    """That nothing is known of a market is no empty book."""
    async with AsyncPolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        with pytest.raises(NotFound):
            await client.desk.book(arena.nowhere)
