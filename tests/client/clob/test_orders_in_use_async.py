"""Every way to make, post, find and cancel an order, checked against the engine itself."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.fate import Accepted, Rejected
from polyspec.errors import InsufficientFunds, NotFound, OrderRejected
from polyspec.sandbox.clob.engine import types as t
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import Person, Token, Venue, open_venue

pytestmark = pytest.mark.anyio

TEN: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncClobClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


def in_engine(venue: Venue, placed: Accepted) -> t.Order:
    """Return the engine's own record of an order that was placed."""
    order = venue.order(placed.order_id)
    assert order is not None
    return order


# -- making and posting --


async def test_order_rests_as_written(
    client: AsyncClobClient, venue: Venue, person: Person, token: Token
) -> None:
    """The engine holds exactly the order that was asked for, once, under the id that was known before."""
    order = await client.create_order(token_id=token.id, side="BUY", price="0.41", size="10.25")
    placed = (await client.post_order(order)).unwrap()
    (found,) = venue.orders(person)
    assert found.id == placed.order_id == order.order_id
    assert (found.side, found.type, found.price) == (t.Side.BUY, t.OrderType.GTC, 410_000)
    assert (found.size, found.maker_amount) == (10_250_000, 4_202_500)
    assert (placed.status, placed.matched, placed.remaining) == ("live", 0, Decimal("10.25"))
    assert placed.answer is not None


async def test_sell_order(client: AsyncClobClient, venue: Venue, person: Person, token: Token) -> None:
    """Shares one has can be offered."""
    venue.stock(person.address, token, 20)
    placed = (
        await client.create_and_post_order(token_id=token.id, side="SELL", price="0.6", size=20)
    ).unwrap()
    found = in_engine(venue, placed)
    assert (found.side, found.maker_amount, found.taker_amount) == (t.Side.SELL, 20_000_000, 12_000_000)


async def test_crossing_orders_trade(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """What crosses is filled at the resting price, the rest waits, and the answer says how much."""
    venue.offer(token, "0.45", 6)
    placed = (
        await client.create_and_post_order(token_id=token.id, side="BUY", price="0.5", size=10)
    ).unwrap()
    assert (placed.matched, placed.remaining) == (6, 4)
    found = in_engine(venue, placed)
    assert (found.spent, found.remaining, list(found.trades)) == (
        2_700_000,
        4_000_000,
        list(placed.trade_ids),
    )
    venue.audit()


async def test_post_only_rests_or_is_refused(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """A post-only order never takes."""
    venue.offer(token, "0.5", 10)
    away = await client.create_and_post_order(**token.known, **TEN, post_only=True)
    assert isinstance(away, Accepted)
    assert in_engine(venue, away).post_only
    crossing = await client.create_and_post_order(
        token_id=token.id, side="BUY", price="0.5", size=10, post_only=True
    )
    assert isinstance(crossing, Rejected)
    with pytest.raises(OrderRejected, match="order crosses book"):
        crossing.unwrap()


@pytest.mark.parametrize(
    "how", [int, lambda moment: datetime.fromtimestamp(moment, UTC), str], ids=["int", "datetime", "text"]
)
async def test_good_till_date(
    client: AsyncClobClient, venue: Venue, person: Person, token: Token, how: Any
) -> None:
    """An order with an expiration is good till then, less a minute of the venue's."""
    end = int(time.time()) + 400
    placed = (await client.create_and_post_order(**token.known, **TEN, expiration=how(end))).unwrap()
    found = in_engine(venue, placed)
    assert (found.type, found.expiration) == (t.OrderType.GTD, end)


async def test_immediate_limit_orders(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """A limit order can be posted to be filled at once: whole or not at all, or as far as it goes."""
    venue.offer(token, "0.5", 6)
    order = await client.create_order(token_id=token.id, side="BUY", price="0.5", size=10)
    killed = await client.post_order(order, "FOK")
    assert isinstance(killed, Rejected)
    partly = (
        await client.post_order(await client.create_order(**token.known, **TEN | {"price": "0.5"}), "FAK")
    ).unwrap()
    assert (partly.status, partly.matched) == ("matched", 6)
    assert in_engine(venue, partly).remaining == 0


async def test_batch(client: AsyncClobClient, venue: Venue, person: Person, token: Token) -> None:
    """Fifteen orders in one request stand in the order given; a pair names its own type."""
    venue.offer(token, "0.6", 10)
    orders: list[Any] = [
        await client.create_order(**token.known, **TEN | {"price": f"0.{10 + number}"})
        for number in range(14)
    ]
    taking = await client.create_order(token_id=token.id, side="BUY", price="0.6", size=10)
    before = venue.seen.copy()
    placed = await client.post_orders([*orders, (taking, "FOK")])
    assert (venue.seen - before)["Orders_PostOrders"] == 1
    assert [each.order_id for each in placed] == [each.order_id for each in (*orders, taking)]
    assert [each.unwrap().status for each in placed] == ["live"] * 14 + ["matched"]
    assert len(venue.orders(person)) == 15


async def test_deferred_execution_travels_along(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """Both flags of a posting are sent, and stand in what was signed for."""
    order = await client.create_order(**token.known, **TEN)
    assert b'"deferExec":true,"postOnly":true' in order.body("owner", "GTC", post_only=True, defer_exec=True)
    assert (await client.post_order(order, "GTC", True, True)).unwrap().status == "live"


async def test_order_too_large_for_the_wallet(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """An order beyond the balance is Rejected; unwrap raises InsufficientFunds, which says where to look."""
    placed = await client.create_and_post_order(**token.known, side="BUY", price="0.5", size=1_000_000)
    assert isinstance(placed, Rejected)
    with pytest.raises(InsufficientFunds, match="look at get_balance_allowance"):
        placed.unwrap()


@pytest.mark.parametrize(
    ("tick", "price"),
    [
        ("0.1", "0.4"),
        ("0.01", "0.41"),
        ("0.005", "0.415"),
        ("0.0025", "0.4125"),
        ("0.001", "0.411"),
        ("0.0001", "0.4111"),
    ],
)
async def test_every_tick(client: AsyncClobClient, venue: Venue, tick: str, price: str) -> None:
    """On every grid the engine has the very price that was written."""
    token = venue.market(tick)
    placed = (
        await client.create_and_post_order(token_id=token.id, side="BUY", price=price, size="7.77")
    ).unwrap()
    assert in_engine(venue, placed).price == int(Decimal(price) * 1_000_000)


async def test_tags_are_signed(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """Metadata and the builder's code arrive as they were written."""
    code, data = "0x" + "0b" * 32, "0x" + "DA" * 32
    with venue.world.lock:
        venue.world.apply(t.SetBuilder(code=code))
    order = await client.create_order(**token.known, **TEN, builder_code=code, metadata=data)
    assert (order.builder, order.metadata) == (code, data.lower())
    assert in_engine(venue, (await client.post_order(order)).unwrap()).builder == code


async def test_builder_code_of_the_client(venue: Venue, person: Person, token: Token) -> None:
    """A code given once goes into every order."""
    code = "0x" + "0c" * 32
    async with connect(venue, person, builder_code=code) as client:
        assert (await client.create_order(**token.known, **TEN)).builder == code


async def test_tokens_of_other_exchanges(client: AsyncClobClient, venue: Venue) -> None:
    """Neg-risk tokens and position ids are signed for exchanges of their own, read from the book or given."""
    for token, version in ((venue.market(neg_risk=True), 2), (venue.market(position=True), 3)):
        read = (await client.create_and_post_order(token_id=token.id, **TEN)).unwrap()
        given = (await client.create_and_post_order(**token.known, **TEN)).unwrap()
        assert read.order.version == given.order.version == version
        assert read.order.exchange == given.order.exchange
        assert in_engine(venue, read).condition_id == token.condition_id


async def test_market_is_read_once(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """What an order must know of its market is read with the first, or not at all if it is given."""
    await client.create_or_derive_api_key()
    before = venue.seen.copy()
    await client.create_and_post_order(**token.known, **TEN)
    assert dict(venue.seen - before) == {"Orders_PostOrder": 1}
    known = await client.market_of(token.id)
    assert (known.tick.text, known.neg_risk, known.min_size) == ("0.01", False, 5)
    for _ in range(3):
        await client.create_order(token_id=token.id, **TEN)
    assert (venue.seen - before)["Books_GetOrderBook"] == 1
    client.forget_market(token.id)
    await client.create_order(token_id=token.id, **TEN)
    assert (venue.seen - before)["Books_GetOrderBook"] == 2


async def test_preview(client: AsyncClobClient, venue: Venue) -> None:
    """What an order would mean is what the engine then does: amounts, price and fees."""
    token = venue.market(fee_rate=50_000)
    venue.offer(token, "0.5", 100)
    before = venue.seen.copy()
    shown = await client.preview(token_id=token.id, side="BUY", price="0.5", size=20)
    assert venue.seen["Orders_PostOrder"] == before["Orders_PostOrder"]
    assert (shown.maker_amount, shown.taker_amount, shown.shares) == (10_000_000, 20_000_000, 20)
    placed = (
        await client.create_and_post_order(token_id=token.id, side="BUY", price="0.5", size=20)
    ).unwrap()
    assert Decimal(in_engine(venue, placed).fee) / 1_000_000 == shown.platform_fee > 0


# -- finding --


async def test_orders_are_found(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """One by id, all, those of a market, those of a token: each listing has what it should."""
    other = venue.market()
    first = (await client.create_and_post_order(**token.known, **TEN)).unwrap()
    second = (await client.create_and_post_order(**token.known | {"token_id": token.other}, **TEN)).unwrap()
    third = (await client.create_and_post_order(**other.known, **TEN)).unwrap()
    assert (await client.get_order(first)).id == first.order_id
    assert (await client.get_order(first.order_id.upper().replace("0X", "0x"))).price == Decimal("0.4")

    async def listed(**terms: Any) -> set[str]:
        return {order.id for order in await client.get_open_orders(**terms)}

    assert await listed() == {first.order_id, second.order_id, third.order_id}
    assert await listed(market=token.condition_id) == {first.order_id, second.order_id}
    assert await listed(asset_id=token.other) == {second.order_id}
    assert await listed(id=third.order_id) == {third.order_id}
    assert await client.get_pre_migration_orders() == []
    with pytest.raises(NotFound, match="Order not found"):
        await client.get_order("0x" + "12" * 32)


async def test_orders_of_others_are_not_shown(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """Another key's order is not there to be seen or cancelled."""
    placed = (await client.create_and_post_order(**token.known, **TEN)).unwrap()
    async with connect(venue, venue.person()) as stranger:
        with pytest.raises(NotFound):
            await stranger.get_order(placed)
        told = await stranger.cancel(placed)
        assert not told
        assert list(told.not_canceled) == [placed.order_id]
    assert in_engine(venue, placed).status is t.OrderStatus.LIVE


async def test_found_orders_say_how_far_they_are(client: AsyncClobClient, venue: Venue, token: Token) -> None:
    """After a trade the order shows what was matched, and the trade names the order."""
    placed = (await client.create_and_post_order(**token.known, **TEN)).unwrap()
    async with connect(venue, venue.offer(token, "0.9", 10)) as other:
        venue.stock(str(other.address), token, 10)
        sold = (await other.create_and_post_order(**token.known, side="SELL", price="0.4", size=6)).unwrap()
    seen = await client.get_order(placed)
    assert (seen.size_matched, seen.status) == (6, wire.OrderStatus.LIVE)
    (trade,) = await client.get_trades()
    assert trade.taker_order_id == sold.order_id
    assert [each.order_id for each in trade.maker_orders or ()] == [placed.order_id]


async def test_scoring(client: AsyncClobClient, venue: Venue) -> None:
    """Orders near the middle of a market with rewards earn them; others do not."""
    token = venue.clob.token_ids[0]
    near = (await client.create_and_post_order(token_id=token, side="BUY", price="0.50", size=100)).unwrap()
    far = (await client.create_and_post_order(token_id=token, side="BUY", price="0.01", size=100)).unwrap()
    both = await client.are_orders_scoring([near, far.order_id])
    assert set(both) == {near.order_id, far.order_id}
    assert await client.is_order_scoring(near) is both[near.order_id]
    assert await client.is_order_scoring(far) is both[far.order_id] is False


# -- cancelling --


async def test_cancel_by_whatever_stands_for_an_order(
    client: AsyncClobClient, venue: Venue, person: Person, token: Token
) -> None:
    """A fate, a signed order, what a listing gave and a bare id are all cancelled; the answer names each."""
    placed = [(await client.create_and_post_order(**token.known, **TEN)).unwrap() for _ in range(4)]
    targets = [placed[0], placed[1].order, await client.get_order(placed[2]), placed[3].order_id]
    for target, each in zip(targets, placed, strict=True):
        told = await client.cancel(target)
        assert told
        assert (told.canceled, told.not_canceled) == ((each.order_id,), {})
    assert venue.orders(person, open_only=True) == []
    again = await client.cancel(placed[0])
    assert not again
    assert list(again.not_canceled) == [placed[0].order_id]


async def test_cancel_many(client: AsyncClobClient, venue: Venue, person: Person, token: Token) -> None:
    """By id, of a token, of a market, all: exactly those meant are gone."""
    other = venue.market()
    orders = [await client.create_order(**token.known, **TEN) for _ in range(3)]
    orders += [await client.create_order(**token.known | {"token_id": token.other}, **TEN)]
    orders += [await client.create_order(**other.known, **TEN) for _ in range(2)]
    placed = [each.unwrap().order_id for each in await client.post_orders(orders)]

    def left() -> list[str]:
        return [each.id for each in venue.orders(person, open_only=True)]

    told = await client.cancel_orders([placed[0], placed[0], "0x" + "34" * 32])
    assert (told.canceled, list(told.not_canceled)) == ((placed[0],), ["0x" + "34" * 32])
    assert left() == placed[1:]
    assert (await client.cancel_market_orders(asset_id=token.other)).canceled == (placed[3],)
    assert set((await client.cancel_market_orders(token.condition_id)).canceled) == {placed[1], placed[2]}
    assert left() == placed[4:]
    assert set((await client.cancel_all()).canceled) == set(placed[4:])
    assert left() == []
    assert (await client.cancel_orders([])).canceled == ()


async def test_market_that_holds_takers(client: AsyncClobClient, venue: Venue) -> None:
    """Where marketable orders are held the answer comes after the hold, or says that it is delayed."""
    for late, first in ((True, "matched"), (False, "delayed")):
        token = venue.market(hold=0.3, answers_late=late)
        venue.offer(token, "0.5", 20)
        placed = (
            await client.create_and_post_order(token_id=token.id, side="BUY", price="0.5", size=10)
        ).unwrap()
        assert placed.status == first
        assert venue.wait_for(lambda placed=placed: in_engine(venue, placed).status is t.OrderStatus.MATCHED)


async def test_order_till_its_end() -> None:
    """When its time is over the venue takes an order off the book."""
    with open_venue() as venue:
        async with connect(venue, venue.person()) as client:
            end = datetime.now(UTC) + timedelta(seconds=200)
            terms = {**venue.market().known, **TEN}
            placed = (await client.create_and_post_order(**terms, expiration=end)).unwrap()
            venue.pass_time(150)
            assert in_engine(venue, placed).status is t.OrderStatus.CANCELED_EXPIRED_ORDER
