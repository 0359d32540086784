# Mirrored from test_sim_compat_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Routes in the shapes of Polymarket's CLOB, used and compared with the engine."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import ConfigError, InvalidOrder, NotFound, OrderRejected, PolyspecError
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.fate import Accepted, Rejected
from tests.client.doing import first, listed
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import QUICK, Market, Person, Venue, open_venue

FLAT = "Compat_PostFlatOrder"
RAW = "Compat_PostOrder"
ARRAY = "Orders_PlaceOrder"


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person, QUICK) as client:
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


def test_flat_order_rests(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """An order by token is the order of its outcome, under the id that was known before."""
    placed = client.compat.place(market.token_ids[1], "buy", "0.41", "10.5").unwrap()
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


def test_flat_order_is_filled(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What the book has is taken; of a FOK all or nothing."""
    venue.offer(market, "0.38", 10)
    placed = client.compat.place(market.token_ids[0], "BUY", "0.40", 10, "FOK").unwrap()
    assert (placed.status, placed.source, placed.filled, placed.price) == (
        "matched", "filled", 10, Decimal("0.38"),
    )  # fmt: skip
    (trade,) = venue.trades(person)
    assert placed.order_id.number == trade.id
    killed = client.compat.place(market.token_ids[0], "BUY", "0.37", 10, "FOK")
    assert isinstance(killed, Rejected)
    assert killed.code == "FOK_ORDER_NOT_FILLED_ERROR"
    with pytest.raises(OrderRejected):
        killed.unwrap()


def test_flat_order_for_a_while(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """GTD ends, post-only never takes, and IOC is pointed to where it is taken."""
    token = market.token_ids[0]
    ends = int(venue.world.clock.seconds()) + 90
    placed = client.compat.place(token, "BUY", "0.4", 10, "GTD", expiration=ends).unwrap()
    venue.offer(market, "0.45", 10)
    crossing = client.compat.place(token, "BUY", "0.5", 10, post_only=True)
    assert isinstance(crossing, Rejected)
    assert crossing.code == "INVALID_POST_ONLY_ORDER"
    venue.pass_time(100.0)
    assert client.orders.get(placed).status == wire.OrderStatus.EXPIRED
    with pytest.raises(InvalidOrder, match=r"orders\.place"):
        client.compat.place(token, "BUY", "0.4", 10, "IOC")


def test_flat_order_is_refused(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """What the venue refuses is Rejected with its code."""
    cases: list[tuple[tuple[Any, ...], str]] = [
        (("123456789", "BUY", "0.4", 10), "TOKEN_NOT_FOUND"),
        ((market.token_ids[0], "SELL", "0.4", 10), "INSUFFICIENT_POSITION"),
        ((market.token_ids[0], "BUY", "0.405", 10), "INVALID_ORDER_MIN_TICK_SIZE"),
        ((market.token_ids[0], "BUY", "0.4", 1), "INVALID_ORDER_MIN_SIZE"),
    ]
    for terms, code in cases:
        refused = client.compat.place(*terms)
        assert isinstance(refused, Rejected), code
        assert refused.code == code


def test_flat_order_with_a_lost_answer(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """It is looked up by its id and not sent again, whether it rests or was filled."""
    other = venue.market()
    venue.offer(other, "0.38", 50)
    for each, status in ((market, "PENDING"), (other, "FILLED")):
        venue.sim.faults.add(kind="truncate", operation=FLAT)
        placed = client.compat.place(each.token_ids[0], "BUY", "0.40", 10)
        assert isinstance(placed, Accepted)
        assert placed.status == status
    assert venue.seen[FLAT] == 2
    assert len(venue.orders(person)) == 2


def test_flat_order_under_one_id_twice(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """The same order under the same id is one order."""
    token = market.token_ids[0]
    one = client.compat.place(token, "BUY", "0.4", 10, client_order_id="flat-1").unwrap()
    two = client.compat.place(token, "BUY", "0.4", 10, client_order_id="flat-1").unwrap()
    assert one.order_id == two.order_id
    assert len(venue.orders(person)) == 1


# -- orders as Polymarket signs them --


def test_raw_order(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Amounts in millionths are the price and size of the order; the answer is the venue's own."""
    answer = client.compat.post_order(raw(market))
    assert (answer.success, answer.status) == (True, "live")
    (row,) = venue.orders(person)
    assert (row.limit_price, row.quantity, str(row.order_id)) == (400_000, 100_000, answer.order_id)
    venue.offer(market, "0.45", 20)
    matched = client.compat.post_order(raw(market, price="0.45", orderType="FOK"))
    assert matched.status == "matched"
    (trade,) = venue.trades(person)
    assert (trade.price, trade.quantity) == (450_000, 100_000)
    sold = client.compat.post_order(raw(market, price="0.90", side="SELL"))
    assert sold.status == "live"
    assert venue.orders(person)[0].side == "SELL"


def test_raw_orders_of_one_number() -> None:
    """Without ids of their own, a resting and a filled order of one number are told apart by their terms."""
    with open_venue() as venue:
        quiet, book = venue.market(), venue.market()
        venue.offer(book, "0.40", 20)
        with connect(venue, venue.person()) as client:
            answers = [client.compat.post_order(raw(each)) for each in (quiet, book)]
            assert [each.order_id for each in answers] == ["1", "1"]
            rows = listed(client.orders.list())
            assert {each.market_id for each in rows} == {quiet.condition_id, book.condition_id}
            for row in rows:
                assert row.client_order_id is None
                assert client.orders.get(row).market_id == row.market_id
            assert client.compat.get_order(1).market == quiet.condition_id
            (filled,) = listed(client.compat.get_orders(status="ORDER_STATUS_MATCHED"))
            assert client.orders.get(filled).market_id == filled.market == book.condition_id
            for cancel in (client.orders.cancel, client.compat.cancel):
                assert not cancel(filled)
            (resting,) = listed(client.compat.get_orders())
            assert client.compat.cancel(resting)
            assert client.orders.get(resting).market_id == quiet.condition_id


def test_raw_orders_in_an_array(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Up to fifteen at once, on any plan, each with its own answer."""
    sizes = [*range(5, 19), 1]
    answers = client.compat.post_orders([raw(market, size=size) for size in sizes])
    assert [each.success for each in answers] == [True] * 14 + [False]
    assert answers[-1].error_msg
    assert sorted(each.quantity for each in venue.orders(person)) == [size * 10_000 for size in sizes[:-1]]
    for number in (0, 16):
        with pytest.raises(InvalidOrder, match="1 to 15"):
            client.compat.post_orders([raw(market)] * number)


def test_raw_order_that_is_none(client: PolySimulatorClient, venue: Venue) -> None:
    """What does not have the shape is refused before it is sent."""
    with pytest.raises(InvalidOrder, match="shape"):
        client.compat.post_order({"order": {"tokenId": "1"}})
    assert not venue.seen


def test_raw_order_with_a_lost_answer(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Without an id nobody can tell: sent once, and the error says that it may stand."""
    for operation, post in ((RAW, client.compat.post_order), (ARRAY, client.compat.post_orders)):
        venue.sim.faults.add(kind="truncate", operation=operation)
        order: Any = raw(market) if operation == RAW else [raw(market)]
        with pytest.raises(PolyspecError) as caught:
            post(order)
        assert caught.value.maybe_executed
        assert "cannot be looked up" in "".join(caught.value.__notes__)
        assert venue.seen[operation] == 1
    assert len(venue.orders(person)) == 2


def test_another_wallet_is_unknown_here(venue: Venue, person: Person, market: Market) -> None:
    """These routes trade the API wallet alone: a client of another is told so."""
    with connect(venue, person, wallet_id=7) as lab:
        with pytest.raises(ConfigError, match=r"orders\.place"):
            lab.compat.place(market.token_ids[0], "BUY", "0.4", 10)
        with pytest.raises(ConfigError):
            lab.compat.post_order(raw(market))
    assert not venue.seen


# -- reading and cancelling --


def test_reading_orders(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """Orders are shown in Polymarket's words: open ones, or those of a status, by market and token."""
    other = venue.market()
    yes = client.compat.place(market.token_ids[0], "BUY", "0.4", 10).unwrap()
    no = client.compat.place(market.token_ids[1], "BUY", "0.4", 10).unwrap()
    far = client.compat.place(other.token_ids[0], "BUY", "0.4", 10).unwrap()

    def ids(*args: Any, **more: Any) -> list[str]:
        return [each.id for each in listed(client.compat.get_orders(*args, **more))]

    numbers = [str(each.order_id.number) for each in (far, no, yes)]
    assert ids() == numbers
    assert ids(market) == numbers[1:]
    assert ids(token_id=market.token_ids[1]) == numbers[1:2]
    found = client.compat.get_order(yes)
    assert (found.status, found.asset_id) == (wire.PmOrderStatus.LIVE, market.token_ids[0])
    assert (found.price, found.original_size, found.size_matched) == (Decimal("0.4"), 10, 0)
    assert client.compat.cancel(no).canceled == (no.order_id,)
    assert ids(status="ORDER_STATUS_CANCELED") == numbers[1:2]
    now = int(venue.world.clock.seconds())
    assert ids(after=now - 60, before=now + 60) == [numbers[0], numbers[2]]
    assert ids(before=now - 60) == []
    with pytest.raises(NotFound):
        client.compat.get_order(99_999_999)


def test_reading_trades(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """Trades are shown with their fee rate, newest first, over as many pages as it takes."""
    venue.offer(market, "0.38", 50)
    for _ in range(3):
        client.compat.place(market.token_ids[0], "BUY", "0.38", 10).unwrap()
    rows = listed(client.compat.get_trades())
    assert [(each.price, each.size, each.side) for each in rows] == [(Decimal("0.38"), 10, wire.Side.BUY)] * 3
    assert len({each.id for each in rows}) == 3
    assert {each.asset_id for each in rows} == {market.token_ids[0]}
    assert listed(client.compat.get_trades(token_id=market.token_ids[1])) == []
    assert len(listed(client.compat.get_trades(market.condition_id))) == 3
    assert listed(client.compat.get_trades(after=rows[0].match_time + 60)) == []
    assert len(first(client.compat.get_trades(), 1)) == 1


def test_reading_goes_over_pages(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """More open orders than a page holds are all listed, once each, though another comes meanwhile."""
    order = raw(market, price="0.01", size=5)
    for _ in range(34):
        client.compat.post_orders([order] * 15)
    found: list[str] = []
    for each in client.compat.get_orders():
        if not found:
            client.compat.post_order(order)
        found.append(each.id)
    assert len(found) == len(set(found)) == 510
    assert venue.seen["Compat_GetOrders"] == 2


def test_cancel(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """By whatever stands for an order; one that does not rest is told with the reason."""
    placed = [client.compat.place(market.token_ids[0], "BUY", "0.4", 10).unwrap() for _ in range(3)]
    targets: list[Any] = [placed[0], placed[1].order_id.number, str(placed[2].order_id)]
    for target, each in zip(targets, placed, strict=True):
        assert client.compat.cancel(target).canceled == (each.order_id,)
    again = client.compat.cancel(placed[0])
    assert not again
    assert list(again.not_canceled) == [placed[0].order_id]


def test_balance_and_allowance(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Dollars and shares in millionths; the allowance is without end."""
    venue.offer(market, "0.38", 10)
    client.compat.place(market.token_ids[0], "BUY", "0.38", 10)
    money = client.compat.get_balance_allowance("COLLATERAL")
    assert int(money.balance or 0) == venue.cash(person) * 1_000_000
    assert int(money.allowance or 0) > 10**30
    shares = client.compat.get_balance_allowance("CONDITIONAL", token_id=market.token_ids[0])
    assert int(shares.balance or 0) == 10_000_000
