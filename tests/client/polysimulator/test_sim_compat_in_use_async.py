"""Routes in the shapes of Polymarket's CLOB, used and compared with the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError, InvalidOrder, NotFound, OrderRejected, PolyspecError
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.fate import Accepted, Rejected
from tests.client.doing_async import first, listed
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import QUICK, Market, Person, Venue, open_venue

pytestmark = pytest.mark.anyio

FLAT = "Compat_PostFlatOrder"
RAW = "Compat_PostOrder"
ARRAY = "Orders_PlaceOrder"


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test."""
    async with connect(venue, person, QUICK) as client:
        yield client


def raw(
    market: Market, *, price: str = "0.40", size: int = 10, side: str = "BUY", **more: Any
) -> dict[str, Any]:
    """Write an order as Polymarket's clients do, with a signature that is looked at by nobody."""
    money, shares = int(Decimal(price) * size * 1_000_000), size * 1_000_000
    give, take = (money, shares) if side == "BUY" else (shares, money)
    order = {
        "tokenId": market.token_ids[0],
        "makerAmount": str(give),
        "takerAmount": str(take),
        "side": side,
        "signature": "0x00",
        "maker": "0x" + "11" * 20,
    }
    return {"order": order, "owner": "somebody", **more}


# -- flat orders --


async def test_flat_order_rests(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """An order by token is the order of its outcome, under the id that was known before."""
    placed = (await client.compat.place(market.token_ids[1], "buy", "0.41", "10.5")).unwrap()
    (row,) = venue.orders(person)
    assert (row.outcome, row.limit_price, row.quantity) == ("No", 410_000, 105_000)
    assert row.client_order_id == placed.client_order_id
    assert (placed.order_id.number, placed.source) == (row.order_id, "pending")
    assert (placed.status, placed.is_open, placed.filled, placed.quantity) == (
        "live",
        True,
        0,
        Decimal("10.5"),
    )


async def test_flat_order_is_filled(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What the book has is taken; of a FOK all or nothing."""
    venue.offer(market, "0.38", 10)
    placed = (await client.compat.place(market.token_ids[0], "BUY", "0.40", 10, "FOK")).unwrap()
    assert (placed.status, placed.source, placed.filled, placed.price) == (
        "matched", "filled", 10, Decimal("0.38"),
    )  # fmt: skip
    (trade,) = venue.trades(person)
    assert placed.order_id.number == trade.id
    killed = await client.compat.place(market.token_ids[0], "BUY", "0.37", 10, "FOK")
    assert isinstance(killed, Rejected)
    assert killed.code == "FOK_ORDER_NOT_FILLED_ERROR"
    with pytest.raises(OrderRejected):
        killed.unwrap()


async def test_flat_order_for_a_while(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """GTD ends, post-only never takes, and IOC is pointed to where it is taken."""
    token = market.token_ids[0]
    ends = int(venue.world.clock.seconds()) + 90
    placed = (await client.compat.place(token, "BUY", "0.4", 10, "GTD", expiration=ends)).unwrap()
    venue.offer(market, "0.45", 10)
    crossing = await client.compat.place(token, "BUY", "0.5", 10, post_only=True)
    assert isinstance(crossing, Rejected)
    assert crossing.code == "INVALID_POST_ONLY_ORDER"
    venue.pass_time(100.0)
    assert (await client.orders.get(placed)).status == wire.OrderStatus.EXPIRED
    with pytest.raises(InvalidOrder, match=r"orders\.place"):
        await client.compat.place(token, "BUY", "0.4", 10, "IOC")


async def test_flat_order_is_refused(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """What the venue refuses is Rejected with its code."""
    cases: list[tuple[tuple[Any, ...], str]] = [
        (("123456789", "BUY", "0.4", 10), "TOKEN_NOT_FOUND"),
        ((market.token_ids[0], "SELL", "0.4", 10), "INSUFFICIENT_POSITION"),
        ((market.token_ids[0], "BUY", "0.405", 10), "INVALID_ORDER_MIN_TICK_SIZE"),
        ((market.token_ids[0], "BUY", "0.4", 1), "INVALID_ORDER_MIN_SIZE"),
    ]
    for terms, code in cases:
        refused = await client.compat.place(*terms)
        assert isinstance(refused, Rejected), code
        assert refused.code == code


async def test_flat_order_with_a_lost_answer(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """It is looked up by its id and not sent again, whether it rests or was filled."""
    other = venue.market()
    venue.offer(other, "0.38", 50)
    for each, status in ((market, "PENDING"), (other, "FILLED")):
        venue.sim.faults.add(kind="truncate", operation=FLAT)
        placed = await client.compat.place(each.token_ids[0], "BUY", "0.40", 10)
        assert isinstance(placed, Accepted)
        assert placed.status == status
    assert venue.seen[FLAT] == 2
    assert len(venue.orders(person)) == 2


async def test_flat_order_under_one_id_twice(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """The same order under the same id is one order."""
    token = market.token_ids[0]
    one = (await client.compat.place(token, "BUY", "0.4", 10, client_order_id="flat-1")).unwrap()
    two = (await client.compat.place(token, "BUY", "0.4", 10, client_order_id="flat-1")).unwrap()
    assert one.order_id == two.order_id
    assert len(venue.orders(person)) == 1


# -- orders as Polymarket signs them --


async def test_raw_order(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Amounts in millionths are the price and size of the order; the answer is the venue's own."""
    answer = await client.compat.post_order(raw(market))
    assert (answer.success, answer.status) == (True, "live")
    (row,) = venue.orders(person)
    assert (row.limit_price, row.quantity, str(row.order_id)) == (400_000, 100_000, answer.order_id)
    venue.offer(market, "0.45", 20)
    matched = await client.compat.post_order(raw(market, price="0.45", orderType="FOK"))
    assert matched.status == "matched"
    (trade,) = venue.trades(person)
    assert (trade.price, trade.quantity) == (450_000, 100_000)
    sold = await client.compat.post_order(raw(market, price="0.90", side="SELL"))
    assert sold.status == "live"
    assert venue.orders(person)[0].side == "SELL"


async def test_raw_orders_of_one_number() -> None:
    """Without ids of their own, a resting and a filled order of one number are told apart by their terms."""
    with open_venue() as venue:
        quiet, book = venue.market(), venue.market()
        venue.offer(book, "0.40", 20)
        async with connect(venue, venue.person()) as client:
            answers = [await client.compat.post_order(raw(each)) for each in (quiet, book)]
            assert [each.order_id for each in answers] == ["1", "1"]
            rows = await listed(client.orders.list())
            assert {each.market_id for each in rows} == {quiet.condition_id, book.condition_id}
            for row in rows:
                assert row.client_order_id is None
                assert (await client.orders.get(row)).market_id == row.market_id
            assert (await client.compat.get_order(1)).market == quiet.condition_id
            (filled,) = await listed(client.compat.get_orders(status="ORDER_STATUS_MATCHED"))
            assert (await client.orders.get(filled)).market_id == filled.market == book.condition_id
            for cancel in (client.orders.cancel, client.compat.cancel):
                assert not await cancel(filled)
            (resting,) = await listed(client.compat.get_orders())
            assert await client.compat.cancel(resting)
            assert (await client.orders.get(resting)).market_id == quiet.condition_id


async def test_raw_orders_in_an_array(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Up to fifteen at once, on any plan, each with its own answer."""
    sizes = [*range(5, 19), 1]
    answers = await client.compat.post_orders([raw(market, size=size) for size in sizes])
    assert [each.success for each in answers] == [True] * 14 + [False]
    assert answers[-1].error_msg
    assert sorted(each.quantity for each in venue.orders(person)) == [size * 10_000 for size in sizes[:-1]]
    for number in (0, 16):
        with pytest.raises(InvalidOrder, match="1 to 15"):
            await client.compat.post_orders([raw(market)] * number)


async def test_raw_order_that_is_none(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """What does not have the shape is refused before it is sent."""
    with pytest.raises(InvalidOrder, match="shape"):
        await client.compat.post_order({"order": {"tokenId": "1"}})
    assert not venue.seen


async def test_raw_order_with_a_lost_answer(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Without an id nobody can tell: sent once, and the error says that it may stand."""
    for operation, post in ((RAW, client.compat.post_order), (ARRAY, client.compat.post_orders)):
        venue.sim.faults.add(kind="truncate", operation=operation)
        order: Any = raw(market) if operation == RAW else [raw(market)]
        with pytest.raises(PolyspecError) as caught:
            await post(order)
        assert caught.value.maybe_executed
        assert "cannot be looked up" in "".join(caught.value.__notes__)
        assert venue.seen[operation] == 1
    assert len(venue.orders(person)) == 2


async def test_another_wallet_is_unknown_here(venue: Venue, person: Person, market: Market) -> None:
    """These routes trade the API wallet alone: a client of another is told so."""
    async with connect(venue, person, wallet_id=7) as lab:
        with pytest.raises(ConfigError, match=r"orders\.place"):
            await lab.compat.place(market.token_ids[0], "BUY", "0.4", 10)
        with pytest.raises(ConfigError):
            await lab.compat.post_order(raw(market))
    assert not venue.seen


# -- reading and cancelling --


async def test_reading_orders(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """Orders are shown in Polymarket's words: open ones, or those of a status, by market and token."""
    other = venue.market()
    yes = (await client.compat.place(market.token_ids[0], "BUY", "0.4", 10)).unwrap()
    no = (await client.compat.place(market.token_ids[1], "BUY", "0.4", 10)).unwrap()
    far = (await client.compat.place(other.token_ids[0], "BUY", "0.4", 10)).unwrap()

    async def ids(*args: Any, **more: Any) -> list[str]:
        return [each.id for each in await listed(client.compat.get_orders(*args, **more))]

    numbers = [str(each.order_id.number) for each in (far, no, yes)]
    assert await ids() == numbers
    assert await ids(market) == numbers[1:]
    assert await ids(token_id=market.token_ids[1]) == numbers[1:2]
    found = await client.compat.get_order(yes)
    assert (found.status, found.asset_id) == (wire.PmOrderStatus.LIVE, market.token_ids[0])
    assert (found.price, found.original_size, found.size_matched) == (Decimal("0.4"), 10, 0)
    assert (await client.compat.cancel(no)).canceled == (no.order_id,)
    assert await ids(status="ORDER_STATUS_CANCELED") == numbers[1:2]
    now = int(venue.world.clock.seconds())
    assert await ids(after=now - 60, before=now + 60) == [numbers[0], numbers[2]]
    assert await ids(before=now - 60) == []
    with pytest.raises(NotFound):
        await client.compat.get_order(99_999_999)


async def test_reading_trades(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """Trades are shown with their fee rate, newest first, over as many pages as it takes."""
    venue.offer(market, "0.38", 50)
    for _ in range(3):
        (await client.compat.place(market.token_ids[0], "BUY", "0.38", 10)).unwrap()
    rows = await listed(client.compat.get_trades())
    assert [(each.price, each.size, each.side) for each in rows] == [(Decimal("0.38"), 10, wire.Side.BUY)] * 3
    assert len({each.id for each in rows}) == 3
    assert {each.asset_id for each in rows} == {market.token_ids[0]}
    assert await listed(client.compat.get_trades(token_id=market.token_ids[1])) == []
    assert len(await listed(client.compat.get_trades(market.condition_id))) == 3
    assert await listed(client.compat.get_trades(after=rows[0].match_time + 60)) == []
    assert len(await first(client.compat.get_trades(), 1)) == 1


async def test_reading_goes_over_pages(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """More open orders than a page holds are all listed, once each, though another comes meanwhile."""
    order = raw(market, price="0.01", size=5)
    for _ in range(34):
        await client.compat.post_orders([order] * 15)
    found: list[str] = []
    async for each in client.compat.get_orders():
        if not found:
            await client.compat.post_order(order)
        found.append(each.id)
    assert len(found) == len(set(found)) == 510
    assert venue.seen["Compat_GetOrders"] == 2


async def test_cancel(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """By whatever stands for an order; one that does not rest is told with the reason."""
    placed = [(await client.compat.place(market.token_ids[0], "BUY", "0.4", 10)).unwrap() for _ in range(3)]
    targets: list[Any] = [placed[0], placed[1].order_id.number, str(placed[2].order_id)]
    for target, each in zip(targets, placed, strict=True):
        assert (await client.compat.cancel(target)).canceled == (each.order_id,)
    again = await client.compat.cancel(placed[0])
    assert not again
    assert list(again.not_canceled) == [placed[0].order_id]


async def test_balance_and_allowance(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Dollars and shares in millionths; the allowance is without end."""
    venue.offer(market, "0.38", 10)
    await client.compat.place(market.token_ids[0], "BUY", "0.38", 10)
    money = await client.compat.get_balance_allowance("COLLATERAL")
    assert int(money.balance or 0) == venue.cash(person) * 1_000_000
    assert int(money.allowance or 0) > 10**30
    shares = await client.compat.get_balance_allowance("CONDITIONAL", token_id=market.token_ids[0])
    assert int(shares.balance or 0) == 10_000_000
