"""Every way to place, change and cancel an order, checked against the engine itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import ConfigError, InsufficientFunds, InvalidOrder, NotFound, OrderRejected, TimedOut
from polyspec.sandbox.engine import types as t
from polyspec.sandbox.us.world import Participant
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.ticket import NewOrder
from tests.client.doing_async import sleep, together
from tests.client.us.connect_async import connect
from tests.client.us.rig import Venue

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(venue: Venue, person: Participant) -> AsyncIterator[AsyncUsExchangeClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


@pytest.fixture
async def other(venue: Venue) -> AsyncIterator[AsyncUsExchangeClient]:
    """Connect a second participant to trade with."""
    async with connect(venue, venue.person()) as client:
        yield client


def in_engine(venue: Venue, placed: Accepted) -> t.Order:
    """Return the engine's own record of an order that was placed."""
    order = venue.sandbox.exchange.order(placed.order_id)
    assert order is not None
    return order


# -- placing --


async def test_limit_order_rests_as_written(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """The engine holds exactly the order that was asked for, once, under the id that was told."""
    placed = (await client.orders.place(symbol, side="BUY", price="0.405", quantity="10.25")).unwrap()
    (order,) = venue.orders(person)
    assert order.id == placed.order_id
    assert order.client_order_id == placed.clord_id
    assert (order.price, order.quantity, order.leaves) == (405, 1025, 1025)
    assert (order.side, order.type, order.account) == (t.Side.BUY, t.OrderType.LIMIT, person.accounts[0])
    assert (placed.state, placed.filled, placed.remaining) == (
        wire.OrderState.NEW,
        Decimal(0),
        Decimal("10.25"),
    )


async def test_two_participants_trade(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """A crossing order fills at the resting price, and both sides see it."""
    resting = (await client.orders.place(symbol, side="BUY", price="0.45", quantity=4)).unwrap()
    taking = (await other.orders.place(symbol, side="SELL", price="0.40", quantity=6)).unwrap()
    assert (taking.filled, taking.remaining) == (Decimal(4), Decimal(2))
    assert taking.state == wire.OrderState.PARTIALLY_FILLED
    seen = await client.orders.get(resting)
    assert (seen.state, seen.cum_qty, seen.leaves_qty) == (wire.OrderState.FILLED, 400, 0)
    assert in_engine(venue, resting).average_price == 450
    venue.audit()


async def test_market_to_limit_takes_and_rests(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """What the best price cannot fill stays in the book at that price."""
    (await other.orders.place(symbol, side="SELL", price="0.30", quantity=2)).unwrap()
    placed = (await client.orders.place(symbol, side="BUY", type="MARKET_TO_LIMIT", quantity=5)).unwrap()
    assert placed.filled == 2
    assert (in_engine(venue, placed).price, in_engine(venue, placed).leaves) == (300, 300)


async def test_stop_waits_for_its_price(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """A stop rests unseen until the market trades at its price, and then takes."""
    (await other.orders.place(symbol, side="SELL", price="0.62", quantity=5)).unwrap()
    stop = (
        await client.orders.submit(NewOrder(market=symbol, side="BUY", stop_price="0.60", quantity=1))
    ).unwrap()
    assert in_engine(venue, stop).type is t.OrderType.STOP
    assert stop.filled == 0
    (await client.orders.place(symbol, side="BUY", price="0.62", quantity=1)).unwrap()
    done = await client.orders.settled(stop)
    assert (done.state, done.cum_qty) == (wire.OrderState.FILLED, 100)


async def test_stop_limit_keeps_its_limit(client: AsyncUsExchangeClient, venue: Venue, symbol: str) -> None:
    """Both prices of a stop-limit order arrive."""
    placed = (
        await client.orders.submit(
            NewOrder(market=symbol, side="BUY", stop_price="0.65", price="0.60", quantity=1)
        )
    ).unwrap()
    order = in_engine(venue, placed)
    assert (order.type, order.stop_price) == (t.OrderType.STOP_LIMIT, 650)
    seen = await client.orders.get(placed)
    assert (seen.stop_price, seen.price) == (650, 600)


async def test_post_only_rests_or_is_rejected(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, symbol: str
) -> None:
    """A post-only order never takes: away from the market it rests, else it is rejected."""
    (await other.orders.place(symbol, side="SELL", price="0.50", quantity=1)).unwrap()
    away = await client.orders.place(symbol, side="BUY", price="0.49", quantity=1, post_only=True)
    assert isinstance(away, Accepted)
    taking = await client.orders.place(symbol, side="BUY", price="0.50", quantity=1, post_only=True)
    assert isinstance(taking, Rejected)
    assert taking.text
    with pytest.raises(OrderRejected):
        taking.unwrap()


async def test_immediate_or_cancel_leaves_nothing(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """IOC fills what is there, and the rest expires."""
    (await other.orders.place(symbol, side="SELL", price="0.50", quantity=2)).unwrap()
    placed = (
        await client.orders.place(symbol, side="BUY", price="0.50", quantity=5, time_in_force="IOC")
    ).unwrap()
    assert (placed.filled, placed.remaining) == (Decimal(2), Decimal(0))
    assert placed.state == wire.OrderState.EXPIRED
    assert in_engine(venue, placed).leaves == 0


async def test_fill_or_kill_is_all_or_nothing(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, symbol: str
) -> None:
    """FOK fills whole, or not at all."""
    (await other.orders.place(symbol, side="SELL", price="0.50", quantity=2)).unwrap()
    killed = await client.orders.place(symbol, side="BUY", price="0.50", quantity=3, time_in_force="FOK")
    assert isinstance(killed, Accepted)
    assert (killed.state, killed.filled) == (wire.OrderState.EXPIRED, Decimal(0))
    filled = (
        await client.orders.place(symbol, side="BUY", price="0.50", quantity=2, time_in_force="FOK")
    ).unwrap()
    assert (filled.state, filled.filled) == (wire.OrderState.FILLED, Decimal(2))


async def test_good_till_time_ends_by_itself(
    client: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """A GTT order is open until its moment and expired after it."""
    end = datetime.now(UTC) + timedelta(seconds=0.6)
    placed = (
        await client.orders.place(
            symbol, side="BUY", price="0.10", quantity=1, time_in_force="GTT", good_till=end
        )
    ).unwrap()
    assert placed.state == wire.OrderState.NEW
    await sleep(0.7)
    done = await client.orders.settled(placed)
    assert done.state == wire.OrderState.EXPIRED


async def test_day_order_is_taken(client: AsyncUsExchangeClient, venue: Venue, symbol: str) -> None:
    """DAY arrives as DAY."""
    placed = (
        await client.orders.place(symbol, side="BUY", price="0.10", quantity=1, time_in_force="DAY")
    ).unwrap()
    assert in_engine(venue, placed).time_in_force is t.TimeInForce.DAY


async def test_all_or_none_waits_for_all(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """An all-or-none order is not filled in part."""
    placed = (
        await client.orders.submit(
            NewOrder(market=symbol, side="BUY", price="0.50", quantity=5, all_or_none=True)
        )
    ).unwrap()
    assert in_engine(venue, placed).all_or_none
    (await other.orders.place(symbol, side="SELL", price="0.50", quantity=3)).unwrap()
    assert in_engine(venue, placed).filled == 0


async def test_min_quantity_fills_at_least_that(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, symbol: str
) -> None:
    """Below its minimum an IOC order does nothing, above it takes what is there."""
    (await other.orders.place(symbol, side="SELL", price="0.50", quantity=2)).unwrap()
    order = NewOrder(market=symbol, side="BUY", price="0.50", quantity=5, min_quantity=3, time_in_force="IOC")
    killed = await client.orders.submit(order)
    assert isinstance(killed, Rejected) or (isinstance(killed, Accepted) and killed.filled == 0)
    order = NewOrder(market=symbol, side="BUY", price="0.50", quantity=5, min_quantity=2, time_in_force="IOC")
    taken = (await client.orders.submit(order)).unwrap()
    assert taken.filled == 2


async def test_cash_order_spends_no_more_than_that(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """Ten dollars at 40 cents buy 25 contracts and not one more."""
    (await other.orders.place(symbol, side="SELL", price="0.40", quantity=100)).unwrap()
    order = NewOrder(market=symbol, side="BUY", cash=10, type="MARKET_TO_LIMIT", time_in_force="IOC")
    placed = (await client.orders.submit(order)).unwrap()
    taken = in_engine(venue, placed)
    assert 0 < taken.filled_notional <= 10 * 1000 * 100
    assert placed.filled <= 25


async def test_no_is_the_other_side_of_yes(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """Buying NO at 40 cents sells YES at 60, and trades with a buyer of YES."""
    (await other.orders.place(symbol, side="BUY", price="0.60", quantity=1)).unwrap()
    placed = (await client.orders.place(symbol, side="BUY", outcome="NO", price="0.40", quantity=1)).unwrap()
    order = in_engine(venue, placed)
    assert (order.side, order.price, placed.filled) == (t.Side.SELL, 600, Decimal(1))
    holding = await client.positions.get(symbol)
    assert holding is not None
    assert holding.quantity == -1


async def test_own_client_order_id_is_used(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """The id the caller chose is the order's identity everywhere."""
    placed = await client.orders.place(symbol, side="BUY", price="0.10", quantity=1, clord_id="my-own-id.1")
    assert placed.clord_id == "my-own-id.1"
    assert [order.client_order_id for order in venue.orders(person)] == ["my-own-id.1"]


async def test_unconfirmed_placing_is_unknown_until_resolved(
    client: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """With confirm=False an id comes back at once, and resolve tells the verdict without a second order."""
    before = venue.seen["OrderEntryAPI_InsertOrder"]
    placed = await client.orders.place(symbol, side="BUY", price="0.10", quantity=1, confirm=False)
    assert isinstance(placed, Unknown)
    assert placed.order_id
    assert isinstance(await placed.resolve(), Accepted)
    assert isinstance(await client.orders.resolve(placed), Accepted)
    assert venue.seen["OrderEntryAPI_InsertOrder"] - before == 1


async def test_list_places_each_order_once(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """Twenty orders in one request, one of them bad: nineteen stand, and each has its own fate."""
    orders = [NewOrder(market=symbol, side="BUY", price=f"0.{10 + n}", quantity=1) for n in range(20)]
    orders[7] = NewOrder(market=symbol, side="BUY", price="0.5", quantity=10_000_000)
    fates = [await each.resolve() for each in await client.orders.place_list(orders)]
    assert [type(fate) for fate in fates] == [Accepted] * 7 + [Rejected] + [Accepted] * 12
    assert isinstance(fates[7].error, InsufficientFunds)
    assert [fate.clord_id for fate in fates] == [order.clord_id for order in orders]
    assert len(venue.orders(person, open_only=True)) == 19


async def test_list_has_one_to_twenty_orders(
    client: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """An empty list and one of 21 are refused before anything is sent."""
    order = NewOrder(market=symbol, side="BUY", price="0.1", quantity=1)
    before = venue.seen["OrderEntryAPI_InsertOrderList"]
    for orders in ([], [order] * 21):
        with pytest.raises(ConfigError, match="1 to 20"):
            await client.orders.place_list(orders)
    assert venue.seen["OrderEntryAPI_InsertOrderList"] == before


async def test_cross_trades_both_orders(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """Two orders that are given together trade with each other in full."""
    buy = NewOrder(market=symbol, side="BUY", price="0.5", quantity=3, time_in_force="FOK", all_or_none=True)
    sell = NewOrder(
        market=symbol, side="SELL", price="0.5", quantity=3, time_in_force="FOK", all_or_none=True
    )
    fates = [await each.resolve() for each in await client.orders.cross(buy, sell)]
    assert [fate.unwrap().filled for fate in fates] == [Decimal(3), Decimal(3)]
    assert [order.state for order in venue.orders(person)] == [t.OrderState.FILLED] * 2


async def test_preview_shows_and_places_nothing(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """A preview tells what is tied up, and the engine knows nothing of it."""
    shown = await client.orders.preview(NewOrder(market=symbol, side="BUY", price="0.4", quantity=10))
    assert shown.collateral == Decimal(4)
    assert shown.worst_case is not None
    assert shown.worst_case >= shown.collateral
    assert venue.orders(person) == []


# -- changing --


async def test_replace_changes_price_and_quantity(
    client: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """Up and down, price and quantity, under the same order id and the same client order id."""
    placed = (await client.orders.place(symbol, side="BUY", price="0.40", quantity=5)).unwrap()
    for price, quantity, expected in (
        ("0.42", None, (420, 500)),
        (None, 8, (420, 800)),
        ("0.38", 2, (380, 200)),
    ):
        await client.orders.replace(placed, price=price, quantity=quantity)
        order = in_engine(venue, placed)
        assert (order.price, order.quantity) == expected
    assert order.client_order_id == placed.clord_id


async def test_smaller_quantity_keeps_its_place(
    client: AsyncUsExchangeClient, other: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """Going down keeps the place in the queue, going up gives it away."""
    mine = (await client.orders.place(symbol, side="BUY", price="0.40", quantity=5)).unwrap()
    theirs = (await other.orders.place(symbol, side="BUY", price="0.40", quantity=5)).unwrap()
    await client.orders.replace(mine, quantity=3)
    queue = [order.id for order in venue.sandbox.exchange.resting(symbol, t.Side.BUY)]
    assert queue == [mine.order_id, theirs.order_id]
    await client.orders.replace(mine, quantity=9)
    queue = [order.id for order in venue.sandbox.exchange.resting(symbol, t.Side.BUY)]
    assert queue == [theirs.order_id, mine.order_id]


async def test_replace_refuses_what_makes_no_sense(
    client: AsyncUsExchangeClient, venue: Venue, symbol: str
) -> None:
    """Nothing new, off the grid, below what is filled, or a finished order: nothing is sent."""
    placed = (await client.orders.place(symbol, side="BUY", price="0.40", quantity=5)).unwrap()
    before = venue.seen["OrderEntryAPI_CancelReplaceOrder"]
    with pytest.raises(InvalidOrder):
        await client.orders.replace(placed)
    with pytest.raises(InvalidOrder, match=r"0\.4"):
        await client.orders.replace(placed, price="0.4033")
    with pytest.raises(InvalidOrder):
        await client.orders.replace(placed, quantity=0)
    await client.orders.cancel(placed)
    with pytest.raises(InvalidOrder, match="CANCELED"):
        await client.orders.replace(placed, price="0.41")
    assert venue.seen["OrderEntryAPI_CancelReplaceOrder"] == before
    assert in_engine(venue, placed).price == 400


# -- cancelling --


async def test_cancel_takes_every_kind_of_target(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """An accepted order, one not confirmed, one without any id of the venue, and a record all work."""
    accepted = await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)
    unknown = await client.orders.place(symbol, side="BUY", price="0.10", quantity=1, confirm=False)
    lost = await client.orders.place(symbol, side="BUY", price="0.10", quantity=1, confirm=False)
    nameless = Unknown(clord_id=lost.clord_id, order_id=None, symbol=symbol, sent_at=0.0)
    listed = (await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)).unwrap()
    record = await client.orders.get(listed)
    for target in (accepted, unknown, nameless, record):
        await client.orders.cancel(target)
    assert [order.state for order in venue.orders(person)] == [t.OrderState.CANCELED] * 4


async def test_cancel_may_be_repeated(client: AsyncUsExchangeClient, venue: Venue, symbol: str) -> None:
    """Cancelling twice, or what is filled, changes nothing and raises nothing."""
    placed = (await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)).unwrap()
    await client.orders.cancel(placed)
    await client.orders.cancel(placed)
    assert in_engine(venue, placed).state is t.OrderState.CANCELED


async def test_rejected_order_cannot_be_cancelled(client: AsyncUsExchangeClient, symbol: str) -> None:
    """There is nothing to cancel, and the error says so."""
    rejected = await client.orders.place(symbol, side="BUY", price="0.5", quantity=10_000_000)
    assert isinstance(rejected, Rejected)
    with pytest.raises(ConfigError, match="nothing to cancel"):
        await client.orders.cancel(rejected)  # type: ignore[arg-type]


async def test_cancel_list_goes_beyond_one_request(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """45 orders are cancelled in three requests."""
    orders = [
        NewOrder(market=symbol, side="BUY", price="0.10", quantity=1, clord_id=f"c{n}") for n in range(45)
    ]
    placed = []
    for start in (0, 20, 40):
        placed += await client.orders.place_list(orders[start : start + 20])
    before = venue.seen["OrderEntryAPI_CancelOrderList"]
    await client.orders.cancel_list(placed)
    assert venue.seen["OrderEntryAPI_CancelOrderList"] - before == 3
    assert venue.orders(person, open_only=True) == []


async def test_cancel_all_keeps_to_its_symbols(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """Named symbols are emptied first, then everything; what was open is told."""
    second = venue.market()
    for market in (symbol, symbol, second):
        (await client.orders.place(market, side="BUY", price="0.10", quantity=1)).unwrap()
    assert [order.symbol for order in await client.orders.cancel_all([symbol])] == [symbol, symbol]
    assert [order.symbol for order in venue.orders(person, open_only=True)] == [second]
    assert len(await client.orders.cancel_all()) == 1
    assert await client.orders.open() == []


# -- reading --


async def test_open_filters_by_symbol_and_account(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """Working orders are listed by symbol and by account, in full otherwise."""
    second = venue.market()
    first = (await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)).unwrap()
    (await client.orders.place(second, side="BUY", price="0.10", quantity=1)).unwrap()
    assert len(await client.orders.open()) == 2
    assert [order.id for order in await client.orders.open([symbol])] == [first.order_id]
    assert len(await client.orders.open(accounts=[person.accounts[0]])) == 2
    assert await client.orders.open(accounts=["firms/ISV-Sandbox/accounts/nobody"]) == []


async def test_get_finds_open_and_finished_orders(client: AsyncUsExchangeClient, symbol: str) -> None:
    """An order is found by id whatever became of it, and an unknown one is NotFound."""
    placed = (await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)).unwrap()
    assert (await client.orders.get(placed)).state == wire.OrderState.NEW
    await client.orders.cancel(placed)
    assert (await client.orders.get(placed.order_id)).state == wire.OrderState.CANCELED
    with pytest.raises(NotFound):
        await client.orders.get("1HQ9999999999")


async def test_settled_waits_and_gives_up(client: AsyncUsExchangeClient, symbol: str) -> None:
    """A resting order is not settled in time; a cancelled one is at once."""
    placed = (await client.orders.place(symbol, side="BUY", price="0.10", quantity=1)).unwrap()
    with pytest.raises(TimedOut, match="still NEW"):
        await client.orders.settled(placed, timeout=0.2)
    await client.orders.cancel(placed)
    assert (await client.orders.settled(placed)).state == wire.OrderState.CANCELED


async def test_one_client_places_many_orders_at_once(
    client: AsyncUsExchangeClient, venue: Venue, person: Participant, symbol: str
) -> None:
    """Fifty placements in flight make fifty orders, each with the verdict that is its own."""
    prices = [f"0.{10 + number}" for number in range(50)]
    fates = await together(
        [
            lambda price=price: client.orders.place(symbol, side="BUY", price=price, quantity=1)
            for price in prices
        ]
    )
    assert [str(fate.unwrap().order.price) for fate in fates] == [f"{10 + n}0" for n in range(50)]
    assert len({fate.order_id for fate in fates}) == 50
    assert len(venue.orders(person)) == 50
    venue.audit()
