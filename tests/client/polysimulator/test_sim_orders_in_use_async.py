"""Every way to place, find and cancel an order, checked against the engine itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import InsufficientFunds, InvalidOrder, NotFound, OrderRejected, TradingRestricted
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Unknown
from polyspec.polysimulator.ticket import NewOrder
from tests.client.doing_async import first, listed
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue

pytestmark = pytest.mark.anyio

TEN: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.40", "quantity": 10}
SPENT = Decimal("10000")


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


async def hold(client: AsyncPolySimulatorClient, venue: Venue, market: Market, shares: int) -> None:
    """Buy shares at 0.50 from somebody who is gone afterwards."""
    other = venue.offer(market, "0.50", shares)
    placed = await client.orders.place(
        market.terms, side="BUY", outcome="Yes", price="0.50", quantity=shares, time_in_force="FOK"
    )
    assert placed.unwrap().filled == shares
    venue.withdraw(other)


# -- limit orders --


async def test_order_rests_as_written(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """The engine holds exactly the order that was asked for, once, and keeps what it would cost."""
    placed = await client.orders.place(
        market.condition_id, side="buy", outcome="yes", price="0.41", quantity="10.2501"
    )
    assert isinstance(placed, Accepted)
    (row,) = venue.orders(person)
    assert OrderId(row.order_id, row.source) == placed.order_id
    assert (row.side, row.outcome, row.limit_price, row.quantity) == ("BUY", "Yes", 410_000, 102_501)
    assert (row.order_type, row.time_in_force, row.status) == ("limit", "GTC", "PENDING")
    assert row.client_order_id == placed.client_order_id
    assert (placed.status, placed.source, placed.is_open) == ("PENDING", "pending", True)
    assert (placed.filled, placed.quantity, placed.fee) == (0, Decimal("10.2501"), 0)
    # 10.2501 x 0.41 is 4.202541
    assert placed.balance == venue.cash(person) == Decimal("9995.80")
    assert not placed.is_replay


async def test_order_is_filled_at_once(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What the book has is bought at its price, with the fee of a taker, and is in the other table."""
    venue.offer(market, "0.38", 100)
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    (trade,) = venue.trades(person)
    assert placed.order_id == OrderId(trade.id, "filled")
    assert (placed.status, placed.filled, placed.price) == ("FILLED", 10, Decimal("0.38"))
    assert (trade.price, trade.quantity, trade.taker) == (380_000, 100_000, True)
    # 10 x 0.04 x 0.38 x 0.62 is 0.09424
    assert placed.fee == Decimal("0.09")
    assert placed.balance == SPENT - Decimal("3.80") - Decimal("0.09")
    assert placed.answer.position.quantity == 10


async def test_the_worked_figure_of_the_venue(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """Ten shares at 0.65 of a political market leave 9,993.41 of 10,000."""
    market = venue.market(category="politics")
    venue.offer(market, "0.65", 50)
    placed = await client.orders.place(
        market.terms, side="BUY", outcome="Yes", price="0.65", quantity=10, order_type="market"
    )
    assert placed.unwrap().balance == Decimal("9993.41")


async def test_part_is_filled_and_the_rest_waits(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Six of ten are filled at once; the rest is filled later, at the order's own price and without fee."""
    venue.offer(market, "0.40", 6)
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    assert (placed.source, placed.filled, placed.is_open) == ("pending", 6, True)
    venue.pass_time(60.0)
    venue.offer(market, "0.35", 50)
    venue.pass_time(2.0)
    late, early = venue.trades(person)
    assert (early.quantity, early.taker) == (60_000, True)
    assert (late.quantity, late.price, late.fee_charged, late.taker) == (40_000, 400_000, 0, False)
    found = await client.orders.get(placed)
    assert (found.status, found.source) == (wire.OrderStatus.FILLED, "pending")


async def test_sell(client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Only what is held can be sold; what rests keeps its shares."""
    with pytest.raises(InsufficientFunds, match="held before they are sold"):
        (await client.orders.place(market.terms, **{**TEN, "side": "SELL"})).unwrap()
    await hold(client, venue, market, 10)
    placed = (await client.orders.place(market.terms, **{**TEN, "side": "SELL", "price": "0.9"})).unwrap()
    assert placed.is_open
    again = await client.orders.place(market.terms, **{**TEN, "side": "SELL", "price": "0.9"})
    assert isinstance(again, Rejected)
    assert again.code == "INSUFFICIENT_POSITION"
    await client.orders.cancel(placed)
    venue.offer(market, "0.45", 10, side="BUY")
    sold = (await client.orders.place(market.terms, **{**TEN, "side": "SELL"})).unwrap()
    assert (sold.filled, sold.price) == (10, Decimal("0.45"))
    assert venue.trades(person)[0].side == "SELL"


async def test_the_other_outcome_meets_the_complement(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A bid for Yes at 0.40 is an offer of No at 0.60."""
    venue.offer(market, "0.40", 20, side="BUY")
    placed = (
        await client.orders.place(
            market.terms, side="BUY", outcome="No", price="0.60", quantity=10, time_in_force="FOK"
        )
    ).unwrap()
    assert (placed.filled, placed.price) == (10, Decimal("0.60"))
    (trade,) = venue.trades(person)
    assert (trade.outcome, trade.token_id) == ("No", market.token_ids[1])


# -- time in force --


async def test_good_till_date(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """An order for a while ends by itself, and its money comes back."""
    ends = int(venue.world.clock.seconds()) + 90
    moments: list[Any] = [ends, str(ends), datetime.fromtimestamp(ends, UTC)]
    placed = [
        (await client.orders.place(market.terms, **TEN, time_in_force="GTD", expiration=each)).unwrap()
        for each in moments
    ]
    assert [each.status for each in placed] == ["PENDING"] * 3
    assert len(await client.orders.open()) == 3
    venue.pass_time(100.0)
    assert venue.cash(person) == SPENT
    assert [(each.status, each.cancelled_reason) for each in venue.orders(person)] == [
        ("EXPIRED", "gtd_expired")
    ] * 3
    found = await client.orders.get(placed[0])
    assert (found.status, found.cancelled_reason) == (wire.OrderStatus.EXPIRED, "gtd_expired")


async def test_fill_or_kill(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """All of it or nothing, of both types of orders; nothing is kept of what was killed."""
    venue.offer(market, "0.40", 8)
    killed = await client.orders.place(market.terms, **TEN, order_type="market")
    assert isinstance(killed, Rejected)
    assert (killed.code, killed.status) == ("FOK_ORDER_NOT_FILLED_ERROR", 400)
    limit = (await client.orders.place(market.terms, **TEN, time_in_force="FOK")).unwrap()
    assert (limit.status, limit.filled, limit.is_open) == ("CANCELLED", 0, False)
    venue.offer(market, "0.39", 5)
    filled = (await client.orders.place(market.terms, **TEN, order_type="market")).unwrap()
    assert (filled.filled, filled.price) == (10, Decimal("0.395"))
    assert len(venue.trades(person)) == 1


@pytest.mark.parametrize("force", ["FAK", "IOC", "fak"])
@pytest.mark.parametrize("kind", ["limit", "market"])
async def test_fill_and_kill(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market, force: str, kind: str
) -> None:
    """What is there is taken and the rest is gone; with nothing there the order is cancelled."""
    venue.offer(market, "0.40", 6)
    placed = (await client.orders.place(market.terms, **TEN, order_type=kind, time_in_force=force)).unwrap()
    assert (placed.status, placed.filled, placed.quantity) == ("FILLED", 6, 6)
    assert placed.warnings == ("partial_fill:filled=6,requested=10",)
    other = venue.market()
    nothing = (await client.orders.place(other.terms, **TEN, order_type=kind, time_in_force=force)).unwrap()
    assert (nothing.status, nothing.filled, nothing.is_open) == ("CANCELLED", 0, False)
    assert venue.cash(person) == SPENT - Decimal("2.40") - Decimal("0.06")


async def test_spend_an_amount(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Dollars buy as many shares as the worst price allows, cut to four decimals."""
    venue.offer(market, "0.35", 100)
    placed = (
        await client.orders.place(
            market.terms, side="BUY", outcome="Yes", price="0.37", amount="10", order_type="market"
        )
    ).unwrap()
    assert placed.filled == Decimal("27.027")
    assert placed.answer.amount_interpreted_as is not None
    assert venue.trades(person)[0].quantity == 270_270


async def test_post_only(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """It rests or is refused, and never takes."""
    venue.offer(market, "0.40", 50)
    crossing = await client.orders.place(market.terms, **TEN, post_only=True)
    assert isinstance(crossing, Rejected)
    assert crossing.code == "INVALID_POST_ONLY_ORDER"
    resting = await client.orders.place(market.terms, **{**TEN, "price": "0.39"}, post_only=True)
    assert resting.unwrap().is_open


# -- refusals --


async def test_refusals_of_the_venue(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What only the venue can know comes back as Rejected with its code, and unwrap raises its class."""
    cases: list[tuple[dict[str, Any], str, type[Exception]]] = [
        ({"price": "0.405"}, "INVALID_ORDER_MIN_TICK_SIZE", OrderRejected),
        ({"quantity": 4}, "INVALID_ORDER_MIN_SIZE", OrderRejected),
        ({"quantity": 100_000}, "INSUFFICIENT_BALANCE", InsufficientFunds),
        ({"outcome": "Maybe"}, "INVALID_ORDER_PAYLOAD", OrderRejected),
        ({"market": "0x" + "ab" * 32}, "MARKET_NOT_FOUND", OrderRejected),
        ({"wallet_id": 999_999}, "WALLET_NOT_FOUND", OrderRejected),
    ]
    for changes, code, kind in cases:
        order = {"market": market.condition_id, **TEN, **changes}
        refused = await client.orders.place(order.pop("market"), **order)
        assert isinstance(refused, Rejected), changes
        assert refused.code == code, changes
        assert not refused.never_arrived
        with pytest.raises(kind):
            refused.unwrap()
    assert venue.orders(person) == []
    assert venue.cash(person) == SPENT


async def test_terms_spare_the_venue_refusals(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market
) -> None:
    """With the terms of a market in hand, what breaks them is refused before it is sent."""
    venue.offer(market, "0.40", 50)
    terms = await client.orders.terms(market.condition_id)
    assert (terms.tick, terms.min_size, terms.category) == (Decimal("0.01"), 5, "politics")
    assert (terms.fee_rate_bps, terms.outcomes, terms.token_ids) == (400, ("Yes", "No"), market.token_ids)
    venue.seen.clear()
    for changes in ({"price": "0.405"}, {"quantity": "4.9"}, {"outcome": "Maybe"}, {"price": "1"}):
        with pytest.raises(InvalidOrder):
            await client.orders.place(terms, **{**TEN, **changes})
    assert not venue.seen


async def test_a_market_that_closed(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """A resolved market takes no orders."""
    venue.resolve(market)
    refused = await client.orders.place(market.terms, **TEN)
    assert isinstance(refused, Rejected)
    assert refused.code == "MARKET_CLOSED"
    with pytest.raises(TradingRestricted):
        refused.unwrap()


async def test_way_out_of_a_closed_market(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Before it is resolved, a closed market takes what is held at its entry price, without a fee."""
    await hold(client, venue, market, 10)
    before = venue.cash(person)
    venue.close(market)
    refused = await client.orders.place(market.terms, **TEN)
    assert isinstance(refused, Rejected)
    assert refused.code == "MARKET_CLOSED"
    out = {**TEN, "side": "SELL", "price": "0.50", "order_type": "market"}
    greedy = await client.orders.place(market.terms, **{**out, "price": "0.51"})
    assert isinstance(greedy, Rejected)
    sold = (await client.orders.place(market.terms, **out)).unwrap()
    assert (sold.filled, sold.price, sold.fee) == (10, Decimal("0.5"), 0)
    assert (sold.answer.price_source or "").startswith("emergency_exit")
    assert venue.cash(person) == before + 5


async def test_outage(client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """While Polymarket is down what must fill is refused; what may rest is held, and goes on by itself."""
    venue.offer(market, "0.40", 50)
    venue.world.engine.outage = True
    try:
        refused = await client.orders.place(market.terms, **TEN, time_in_force="FOK")
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry_after) == ("VENUE_UNAVAILABLE", 60)
        with pytest.raises(TradingRestricted, match="GTC or GTD"):
            refused.unwrap()
        held = (await client.orders.place(market.terms, **TEN)).unwrap()
        assert (held.status, held.filled) == ("PENDING", 0)
        assert (await client.orders.get(held)).hold_reason == "venue_outage"
        venue.pass_time(2.0)
        assert venue.trades(person) == []
    finally:
        venue.world.engine.outage = False
    venue.pass_time(2.0)
    assert [each.quantity for each in venue.trades(person)] == [100_000]


# -- batches --


async def test_batch(client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Each order of a batch has its own fate, in the order given, in one request."""
    venue.offer(market, "0.40", 10)
    orders = [
        NewOrder(market=market.terms, **TEN),
        NewOrder(market=market.condition_id, **{**TEN, "quantity": 1}),
        NewOrder(market=market.terms, **{**TEN, "price": "0.10"}),
    ]
    filled, refused, rests = await client.orders.place_batch(orders)
    assert isinstance(filled, Accepted)
    assert (filled.status, filled.source) == ("FILLED", "filled")
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.client_order_id) == ("INVALID_ORDER_MIN_SIZE", orders[1].client_order_id)
    assert isinstance(rests, Accepted)
    assert (rests.status, rests.source) == ("PENDING", "pending")
    assert {each.client_order_id for each in venue.orders(person)} == {
        orders[0].client_order_id,
        orders[2].client_order_id,
    }
    assert dict(venue.seen) == {"Orders_PlaceOrderBatch": 1}


async def test_batch_beyond_the_plan(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """More orders than the plan takes at once are refused one and all, with where the limit is told."""
    orders = [NewOrder(market=market.terms, **TEN) for _ in range(6)]
    results = await client.orders.place_batch(orders)
    for each in results:
        assert isinstance(each, Rejected)
        assert each.code == "BATCH_LIMIT_EXCEEDED"
        assert "keys.tiers()" in each.text
    assert venue.orders(person) == []


# -- finding --


async def test_get_by_whatever_stands_for_an_order(client: AsyncPolySimulatorClient, market: Market) -> None:
    """A fate, an id, its text, a number and what a listing gave all find the order."""
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    (row,) = await client.orders.open()
    targets: list[Any] = [placed, placed.order_id, str(placed.order_id), placed.order_id.number, row]
    for target in targets:
        found = await client.orders.get(target)
        assert (found.order_id, found.client_order_id) == (placed.order_id.number, placed.client_order_id)
        assert (found.status, found.source) == (wire.OrderStatus.PENDING, "pending")
        assert await client.orders.get(found) == found
    with pytest.raises(NotFound):
        await client.orders.get("pending:99999999")


async def test_one_number_two_orders() -> None:
    """Both tables count from one: an id with its source finds its own order, a number the resting one."""
    with open_venue() as venue:
        book, quiet = venue.market(), venue.market()
        venue.offer(book, "0.40", 50)
        async with connect(venue, venue.person()) as client:
            rests = (await client.orders.place(quiet.terms, **TEN)).unwrap()
            filled = (await client.orders.place(book.terms, **TEN)).unwrap()
            assert (rests.order_id, filled.order_id) == ("pending:1", "filled:1")
            for placed in (rests, filled):
                assert (await client.orders.get(placed)).client_order_id == placed.client_order_id
            assert (await client.orders.get(1)).client_order_id == rests.client_order_id
            rows = {each.client_order_id: each for each in await listed(client.orders.list())}
            for placed in (rests, filled):
                # a listing does not say which table an order is in
                found = await client.orders.get(rows[placed.client_order_id])
                assert (found.client_order_id, found.source) == (placed.client_order_id, placed.source)
            # what was filled at once cannot be cancelled, and takes no other order with it
            for target in (filled, filled.order_id, rows[filled.client_order_id]):
                assert not await client.orders.cancel(target)
                assert not await client.orders.cancel_many([target])
                assert not await client.compat.cancel(target)
            assert (await client.orders.get(rests)).status == wire.OrderStatus.PENDING
            assert (await client.orders.cancel(1)).canceled == (rests.order_id,)


async def test_list(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """Listings are filtered by status, market and side, the newest first."""
    other = venue.market()
    await hold(client, venue, other, 20)
    buy = (await client.orders.place(market.terms, **TEN)).unwrap()
    sell = (await client.orders.place(other.terms, **{**TEN, "side": "SELL", "price": "0.9"})).unwrap()
    gone = (await client.orders.place(market.terms, **TEN)).unwrap()
    await client.orders.cancel(gone)

    async def ids(*args: Any, **more: Any) -> list[str | None]:
        return [each.client_order_id for each in await listed(client.orders.list(*args, **more))]

    mine = [gone.client_order_id, sell.client_order_id, buy.client_order_id]
    assert (await ids())[:3] == mine
    assert await ids("pending") == mine[1:]
    assert await ids("CANCELLED") == mine[:1]
    assert len(await ids("FILLED")) == 1
    assert await ids(None, market.condition_id) == [mine[0], mine[2]]
    assert await ids(None, None, "SELL") == [mine[1]]
    assert await ids("PENDING", other.condition_id, "buy") == []
    assert [each.client_order_id for each in await client.orders.open(market.condition_id)] == mine[2:]


async def test_listing_goes_over_pages(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """More orders than a page holds are all listed, once each, and only as far as they are read."""
    orders = [{**TEN, "price": "0.01", "quantity": 5 + place} for place in range(205)]
    for each in orders:
        await client.orders.place(market.terms, **each)
    venue.seen.clear()
    found = await listed(client.orders.list())
    assert [each.quantity for each in found] == [5 + place for place in reversed(range(205))]
    assert venue.seen["Orders_ListOrders"] == 2
    venue.seen.clear()
    assert len(await first(client.orders.list(), 3)) == 3
    assert venue.seen["Orders_ListOrders"] == 1
    cancelled = await client.orders.cancel_many([each.order_id for each in found])
    assert len(cancelled.canceled) == 205
    assert venue.seen["Orders_CancelOrders"] == 3
    assert venue.cash(person) == SPENT


async def test_orders_placed_meanwhile(client: AsyncPolySimulatorClient, market: Market) -> None:
    """What is placed while a listing is read does not make any order come twice."""
    order = {**TEN, "price": "0.01", "quantity": 5}
    for _ in range(201):
        await client.orders.place(market.terms, **order)
    numbers: list[int] = []
    async for each in client.orders.list("PENDING"):
        if not numbers:
            await client.orders.place(market.terms, **order)
        numbers.append(each.order_id)
    assert len(numbers) == len(set(numbers)) == 201


# -- cancelling --


async def test_cancel_by_whatever_stands_for_an_order(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A fate, an id, text, a number, a row and a detail are all cancelled; a second time is no error."""
    placed = [(await client.orders.place(market.terms, **TEN)).unwrap() for _ in range(6)]
    rows = {each.client_order_id: each for each in await client.orders.open()}
    targets: list[Any] = [
        placed[0],
        placed[1].order_id,
        str(placed[2].order_id),
        placed[3].order_id.number,
        rows[placed[4].client_order_id],
        await client.orders.get(placed[5]),
    ]
    for target, each in zip(targets, placed, strict=True):
        assert (await client.orders.cancel(target)).canceled == (each.order_id,)
        assert (await client.orders.get(each)).status == wire.OrderStatus.CANCELLED
    assert venue.cash(person) == SPENT
    assert await client.orders.cancel(placed[0])


async def test_cancel_what_does_not_rest(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market
) -> None:
    """An order that was filled meanwhile is no error, but not cancelled; the venue's reason is there."""
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    venue.offer(market, "0.40", 50)
    venue.pass_time(2.0)
    answer = await client.orders.cancel(placed)
    assert not answer
    assert list(answer.not_canceled) == [placed.order_id]
    missing = await client.orders.cancel("pending:99999999")
    assert not missing
    assert "99999999" in missing.not_canceled[OrderId(99999999, "pending")]


async def test_cancel_many(client: AsyncPolySimulatorClient, venue: Venue, market: Market) -> None:
    """Of several orders those that rest are cancelled; the others are told with the reason."""
    placed = [(await client.orders.place(market.terms, **TEN)).unwrap() for _ in range(3)]
    await client.orders.cancel(placed[0])
    venue.seen.clear()
    answer = await client.orders.cancel_many([*placed, placed[1], "pending:99999999"])
    assert set(answer.canceled) == {placed[1].order_id, placed[2].order_id}
    assert set(answer.not_canceled) == {placed[0].order_id, OrderId(99999999, "pending")}
    assert not answer
    assert dict(venue.seen) == {"Orders_CancelOrders": 1}
    assert await client.orders.cancel_many([])


async def test_cancel_by_market_and_token(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market
) -> None:
    """A market, or one token of it, is swept; everything else rests."""
    other = venue.market()
    yes = (await client.orders.place(market.terms, **TEN)).unwrap()
    no = (await client.orders.place(market.terms, **{**TEN, "outcome": "No"})).unwrap()
    far = (await client.orders.place(other.terms, **TEN)).unwrap()
    assert (await client.orders.cancel_market(token_id=market.token_ids[1])).canceled == (no.order_id,)
    assert (await client.orders.cancel_market(market)).canceled == (yes.order_id,)
    assert [each.order_id for each in await client.orders.open()] == [far.order_id.number]


async def test_cancel_all(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Everything of the account goes, in all its wallets, and nothing of others."""
    wallet = await client.wallets.create()
    mine = [
        (await client.orders.place(market.terms, **TEN, wallet_id=each)).unwrap()
        for each in (None, wallet.id)
    ]
    stranger = venue.person()
    async with connect(venue, stranger) as other:
        await other.orders.place(market.terms, **TEN)
    answer = await client.orders.cancel_all()
    assert set(answer.canceled) == {each.order_id for each in mine}
    assert venue.orders(person, "PENDING") == []
    assert len(venue.orders(stranger, "PENDING")) == 1
    assert (await client.orders.cancel_all()).canceled == ()


# -- wallets --


async def test_orders_of_another_wallet(
    venue: Venue, person: Person, market: Market, client: AsyncPolySimulatorClient
) -> None:
    """A client of a wallet places and lists there; one order may name another."""
    wallet = await client.wallets.create("lab")
    async with connect(venue, person, wallet_id=wallet.id) as lab:
        inside = (await lab.orders.place(market.terms, **TEN)).unwrap()
        assert inside.balance == Decimal("9996.00")
        assert [each.client_order_id for each in await lab.orders.open()] == [inside.client_order_id]
        assert await lab.orders.open(wallet_id="api") == []
    assert venue.cash(person) == SPENT
    assert await client.orders.open() == []
    assert len(await client.orders.open(wallet_id="all")) == 1
    named = (await client.orders.place(market.terms, **TEN, wallet_id=wallet.id)).unwrap()
    assert {each.client_order_id for each in await client.orders.open(wallet_id=wallet.id)} == {
        inside.client_order_id,
        named.client_order_id,
    }


# -- resolving by hand --


async def test_resolve_what_was_written_down(
    client: AsyncPolySimulatorClient, venue: Venue, market: Market
) -> None:
    """From a client order id alone, as after a restart, an order is found in either table."""
    rests = (await client.orders.place(market.terms, **TEN)).unwrap()
    venue.offer(market, "0.60", 50)
    filled = (await client.orders.place(market.terms, **{**TEN, "price": "0.60"})).unwrap()
    for placed in (rests, filled):
        found = await client.orders.resolve(Unknown(client_order_id=placed.client_order_id))
        assert isinstance(found, Accepted)
        assert (found.order_id, found.status) == (placed.order_id, placed.status)
    assert venue.seen["Orders_PlaceOrder"] == 2
    lost = await client.orders.resolve(Unknown(client_order_id="never-sent"), timeout=0.3)
    assert isinstance(lost, Unknown)
