"""One order, whatever happens on the way: lost answers, busy venues, ids that were used before."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from polyspec.core.sending import Patience
from polyspec.errors import (
    ApiError,
    ConfigError,
    Forbidden,
    OrderRejected,
    RateLimited,
    TransportError,
    Unauthorized,
)
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.fate import Accepted, Rejected, Unknown
from polyspec.polysimulator.ticket import NewOrder
from tests.client.doing_async import together
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import QUICK, Market, Person, Venue, open_venue
from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.anyio

PLACE = "Orders_PlaceOrder"
TEN: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.40", "quantity": 10}


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test, with some seconds for what has to be waited for."""
    settings = evolve(QUICK, patience=Patience(connect=1.0, write=1.0, read=1.0, place=6.0, total=6.0))
    async with connect(venue, person, settings) as client:
        yield client


def only(venue: Venue, person: Person) -> str | None:
    """Return whose order it is that stands, there being no other."""
    (row,) = venue.orders(person)
    return row.client_order_id


# -- repetition --


async def test_same_order_again_is_a_replay(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Submitting one NewOrder twice makes one order; the second answer says that it is a replay."""
    order = NewOrder(market=market.terms, **TEN)
    one = (await client.orders.submit(order)).unwrap()
    two = (await client.orders.submit(order)).unwrap()
    assert (one.is_replay, two.is_replay) == (False, True)
    assert one.order_id == two.order_id
    assert only(venue, person) == order.client_order_id


async def test_replay_of_a_fill(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What was filled is not bought twice, and the first price and fee are told again."""
    venue.offer(market, "0.38", 100)
    order = NewOrder(market=market.terms, **TEN)
    one = (await client.orders.submit(order)).unwrap()
    venue.offer(market, "0.20", 100)
    two = (await client.orders.submit(order)).unwrap()
    assert (two.is_replay, two.price, two.fee, two.filled) == (True, one.price, one.fee, one.filled)
    assert two.balance == one.balance == venue.cash(person)
    assert len(venue.trades(person)) == 1


async def test_one_id_over_two_clients(venue: Venue, person: Person, market: Market) -> None:
    """Two programs with one id for one order make one; for another order the id is refused."""
    order = NewOrder(market=market.terms, client_order_id="bot-7", **TEN)
    async with connect(venue, person, QUICK) as here, connect(venue, person, QUICK) as there:
        one = (await here.orders.submit(order)).unwrap()
        two = (await there.orders.submit(order)).unwrap()
        assert one.order_id == two.order_id
        assert two.is_replay
        other = await there.orders.place(market.terms, **{**TEN, "quantity": 20}, client_order_id="bot-7")
        assert isinstance(other, Rejected)
        assert other.code == "IDEMPOTENCY_KEY_REUSE"
        assert "belongs to another order" in other.text
        with pytest.raises(OrderRejected):
            other.unwrap()
    assert only(venue, person) == "bot-7"


async def test_batch_with_the_id_of_another_order(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """In a batch too an id of another order refuses this one, and the same order is a replay."""
    orders = [NewOrder(market=market.terms, client_order_id=f"b-{place}", **TEN) for place in range(2)]
    one = (await client.orders.submit(orders[0])).unwrap()
    again, other = await client.orders.place_batch(orders)
    assert isinstance(again, Accepted)
    assert (again.is_replay, again.order_id) == (True, one.order_id)
    assert isinstance(other, Accepted)
    cheaper = [evolve(orders[0], price="0.30"), evolve(orders[1], client_order_id="b-2")]
    refused, third = await client.orders.place_batch(cheaper)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.client_order_id) == ("IDEMPOTENCY_KEY_REUSE", "b-0")
    assert str(one.order_id) in refused.text
    assert isinstance(third, Accepted)
    assert {each.client_order_id for each in venue.orders(person)} == {"b-0", "b-1", "b-2"}


async def test_one_order_submitted_by_many_at_once(venue: Venue, person: Person, market: Market) -> None:
    """However many tasks of however many clients submit one order at once, it stands once, for all."""
    order = NewOrder(market=market.terms, client_order_id="once", **TEN)
    loose = evolve(QUICK, serialise=False)
    async with connect(venue, person, loose) as here, connect(venue, person, loose) as there:

        async def one() -> Any:
            return await here.orders.submit(order)

        async def other() -> Any:
            return await there.orders.submit(order)

        placed = [each.unwrap() for each in await together([one, other] * 5)]
    assert len({each.order_id for each in placed}) == 1
    assert [each.is_replay for each in placed].count(False) == 1
    assert only(venue, person) == "once"


async def test_ids_of_other_accounts_do_not_matter(venue: Venue, market: Market) -> None:
    """Two accounts may use the same client order id."""
    for each in (venue.person(), venue.person()):
        async with connect(venue, each) as client:
            placed = await client.orders.place(market.terms, **TEN, client_order_id="mine")
            assert not placed.unwrap().is_replay
        assert only(venue, each) == "mine"


# -- lost answers --


@pytest.mark.parametrize(
    "kind", ["status_before", "status_after", "truncate", "html_after", "conflict_pending", "db_contention"]
)
async def test_lost_answer_is_asked_for_again(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market, kind: str
) -> None:
    """Whichever way the answer is lost, the same bytes are sent again and one order stands."""
    venue.sim.faults.add(kind=kind, operation=PLACE, retry_after=0)
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    assert only(venue, person) == placed.client_order_id
    assert venue.seen[PLACE] == 2
    assert placed.is_replay is (kind in ("truncate", "status_after", "html_after"))


async def test_busy_venue_is_tried_again(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What the venue asks to be sent again is, after the wait it names, under the same id."""
    venue.sim.faults.add(kind="server_busy", operation=PLACE, retry_after=0)
    venue.sim.faults.add(kind="lock_busy", operation=PLACE)
    began = time.monotonic()
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    assert time.monotonic() - began >= 0.9
    assert only(venue, person) == placed.client_order_id
    assert venue.seen[PLACE] == 3


async def test_broken_connections() -> None:
    """Over real sockets an order is placed once, whichever side of it the connection breaks on."""
    settings = evolve(QUICK, patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.5, total=1.5))
    with open_venue(port=True) as venue:
        market = venue.market()
        for kind in ("reset_after", "hang"):
            person = venue.person()
            venue.sim.faults.add(kind=kind, operation=PLACE)
            async with connect(venue, person, settings) as client:
                placed = (await client.orders.place(market.terms, **TEN)).unwrap()
                # without any answer there is no time to ask again, but to look
                assert placed.is_replay is (kind == "reset_after")
                assert only(venue, person) == placed.client_order_id
        venue.sim.faults.add(kind="close_mid_body", operation="Orders_CancelOrder")
        async with connect(venue, person, settings) as client:
            assert await client.orders.cancel(placed)
        assert venue.orders(person, "PENDING") == []


async def test_venue_that_starts_again(tmp_path: Path) -> None:
    """After a restart the key holds, what stood stands, and an order that is repeated is a replay."""
    path = tmp_path / "sandbox"
    with open_venue(db=path) as venue:
        person, market = venue.person(), venue.market()
        order = NewOrder(market=market.terms, client_order_id="before", **TEN)
        async with connect(venue, person, QUICK) as client:
            placed = (await client.orders.submit(order)).unwrap()
    with open_venue(db=path) as venue:
        async with connect(venue, person, QUICK) as client:
            again = (await client.orders.submit(order)).unwrap()
            assert (again.order_id, again.is_replay) == (placed.order_id, True)
            assert only(venue, person) == "before"
            later = (await client.orders.place(market.terms, **TEN)).unwrap()
            assert later.order_id.number > placed.order_id.number
            assert (await client.orders.cancel_all()).canceled
            assert venue.cash(person) == 10_000


async def test_without_time_the_wait_is_not_begun(venue: Venue, person: Person, market: Market) -> None:
    """A venue that stays busy beyond the deadline refuses; nothing stands, and it is said at once."""
    venue.sim.faults.add(kind="lock_busy", operation=PLACE, times=None)
    async with connect(venue, person, QUICK) as client:
        refused = await client.orders.place(market.terms, **TEN)
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry_after) == ("LOCK_BUSY_RETRY", 1)
    assert venue.orders(person) == []


async def test_only_looking(venue: Venue, person: Person, market: Market) -> None:
    """With resend=False an order whose answer is lost is looked up and found, and sent once."""
    venue.sim.faults.add(kind="truncate", operation=PLACE)
    async with connect(venue, person, evolve(QUICK, resend=False)) as client:
        placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    assert placed.order_id.source == "pending"
    assert only(venue, person) == placed.client_order_id
    assert venue.seen[PLACE] == 1


# -- what the venue says it has, or does not know --


async def test_stored_beyond_the_deadline(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """The venue stored it and said so: it is read by the id it named, and not sent again."""
    venue.sim.faults.add(kind="deadline_overshot", operation=PLACE, times=2)
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    assert (placed.status, placed.source) == ("PENDING", "pending")
    assert only(venue, person) == placed.client_order_id
    venue.offer(market, "0.40", 50)
    venue.pass_time(2.0)
    filled = (await client.orders.place(market.terms, **{**TEN, "quantity": 20})).unwrap()
    assert (filled.status, filled.source, filled.filled) == ("FILLED", "filled", 20)
    assert venue.seen[PLACE] == 2


async def test_perhaps_stored(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What the venue does not know is looked for: found, or absent after the time it can take."""
    venue.sim.faults.add(kind="persistence_unknown_stored", operation=PLACE)
    venue.sim.faults.add(kind="persistence_unknown_lost", operation=PLACE)
    stored = (await client.orders.place(market.terms, **TEN)).unwrap()
    lost = await client.orders.place(market.terms, **TEN)
    assert isinstance(lost, Rejected)
    assert lost.never_arrived
    assert lost.code == "PERSISTENCE_UNKNOWN"
    assert only(venue, person) == stored.client_order_id
    assert venue.seen[PLACE] == 2


async def test_unknown_until_the_venue_answers(venue: Venue, person: Person, market: Market) -> None:
    """While nothing can be looked up the fate is Unknown; resolved later it is found, and was sent once."""
    venue.sim.faults.add(kind="persistence_unknown_stored", operation=PLACE)
    venue.sim.faults.add(kind="status", operation="Orders_ListOrders", times=None)
    async with connect(venue, person, QUICK) as client:
        unknown = await client.orders.place(market.terms, **TEN)
        assert isinstance(unknown, Unknown)
        assert unknown.obstacle is not None
        with pytest.raises(Exception, match="do not place another"):
            unknown.unwrap()
        venue.sim.faults.clear()
        found = await unknown.resolve()
        assert isinstance(found, Accepted)
        assert found.client_order_id == unknown.client_order_id == only(venue, person)
        cancelled = await client.orders.cancel(unknown)
        assert cancelled.canceled == (found.order_id,)
    assert venue.seen[PLACE] == 1


async def test_unavailable_venue(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """An outage is a refusal at once, with the minute to wait; what may rest is held."""
    venue.sim.faults.add(kind="venue_unavailable", operation=PLACE)
    refused = await client.orders.place(market.terms, **TEN, time_in_force="IOC")
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.status) == ("VENUE_UNAVAILABLE", 503)
    assert venue.seen[PLACE] == 1
    assert venue.orders(person) == []


async def test_batch_with_a_lost_answer(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """All orders of a batch are found, filled and resting alike, and none is sent again."""
    other = venue.market()
    venue.offer(other, "0.40", 50)
    venue.sim.faults.add(kind="truncate", operation="Orders_PlaceOrderBatch")
    orders = [NewOrder(market=each.terms, **TEN) for each in (market, other, market)]
    placed = [each.unwrap() for each in await client.orders.place_batch(orders)]
    assert [each.status for each in placed] == ["PENDING", "FILLED", "PENDING"]
    assert [each.source for each in placed] == ["pending", "filled", "pending"]
    assert [each.client_order_id for each in placed] == [each.client_order_id for each in orders]
    assert venue.seen["Orders_PlaceOrderBatch"] == 1
    assert len(venue.orders(person)) == 3


async def test_cancel_with_a_lost_answer(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A cancel whose answer was lost is sent again, and counts as done."""
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    venue.sim.faults.add(kind="truncate", operation="Orders_CancelOrder")
    answer = await client.orders.cancel(placed)
    assert answer.canceled == (placed.order_id,)
    assert venue.orders(person, "PENDING") == []


# -- credentials and pace --


async def test_refused_credentials_raise(venue: Venue, market: Market) -> None:
    """A key that is not good, or may not trade, is an error and not a fate."""
    async with connect(venue, api_key=venue.sim.api_key("revoked_api_key")) as client:
        with pytest.raises(Unauthorized):
            await client.orders.place(market.terms, **TEN)
    reader = venue.person(permissions=("read",))
    async with connect(venue, reader) as client:
        with pytest.raises(Forbidden, match="permission trade"):
            await client.orders.place(market.terms, **TEN)
        assert await client.orders.open() == []
    async with connect(venue) as client:
        with pytest.raises(ConfigError):
            await client.orders.place(market.terms, **TEN)


async def test_edge_in_front_of_the_venue(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A request the edge turns away never arrived, and the error says who it was."""
    venue.sim.faults.add(kind="edge_blocked", operation=PLACE)
    with pytest.raises(Forbidden, match="edge") as caught:
        await client.orders.place(market.terms, **TEN)
    assert (caught.value.code, caught.value.maybe_executed) == ("EDGE_1010", False)
    assert venue.orders(person) == []


async def test_limit_of_requests_at_once(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A refusal for too many requests at once is waited out, and the order stands once."""
    venue.sim.faults.add(kind="concurrency", operation=PLACE, retry_after=0)
    placed = (await client.orders.place(market.terms, **TEN)).unwrap()
    assert only(venue, person) == placed.client_order_id


async def test_orders_of_a_day_are_used_up(venue: Venue) -> None:
    """A free account places a hundred orders a day; then it is told at once until when it has to wait."""
    person, market = venue.person("free"), venue.market()
    order = {"side": "BUY", "outcome": "Yes", "price": "0.01", "quantity": 5}
    async with connect(venue, person) as client:
        for _ in range(100):
            (await client.orders.place(market.terms, **order)).unwrap()
        with Stopwatch() as watch:
            with pytest.raises(RateLimited, match=r"used up until \d{4}-\d\d-\d\dT00:00:00Z") as caught:
                await client.orders.place(market.terms, **order)
        assert watch.seconds < 1
        assert caught.value.retry_after is not None
        assert len(venue.orders(person)) == 100
        assert await client.orders.cancel_all()
        venue.pass_time(caught.value.retry_after)
        (await client.orders.place(market.terms, **order)).unwrap()


async def test_reads_go_on_after_a_failure(
    client: AsyncPolySimulatorClient, venue: Venue, person: Person
) -> None:
    """Reads are repeated after a failure; a venue that stays down is said to be."""
    venue.sim.faults.add(kind="upstream", operation="Account_GetBalance")
    assert (await client.account.balance()).balance == Decimal(10_000)
    assert venue.seen["Account_GetBalance"] == 2
    venue.sim.faults.add(kind="upstream", operation="Account_GetBalance", times=None)
    with pytest.raises(ApiError) as caught:
        await client.account.balance(timeout=1.0)
    assert (caught.value.status, caught.value.code) == (502, "UPSTREAM_UNAVAILABLE")


async def test_nobody_there(person: Person) -> None:
    """A venue that cannot be reached raises before anything can stand."""
    settings = evolve(QUICK, max_attempts=1)
    async with AsyncPolySimulatorClient(person.key, "http://127.0.0.1:9", settings=settings) as client:
        with pytest.raises(TransportError) as caught:
            await client.orders.place("0x" + "12" * 32, **TEN)
        assert not caught.value.maybe_executed
