# Mirrored from test_desk_async.py by `python -m generator.mirror`; do not edit.
"""What a strategy may rely on at every venue, checked against the venues themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from polyspec import Accepted, ConfigError, Desk, InvalidOrder, NotFound, Rejected, Unknown
from polyspec.core import fate
from polyspec.core.values import Level
from tests.client.desk.connect import connect
from tests.client.desk.rig import Arena
from tests.client.doing import listed


@pytest.fixture
def desk(arena: Arena, person: Any) -> Iterator[Desk]:
    """Connect for one test."""
    with connect(arena, person) as desk:
        yield desk


def standing(arena: Arena, person: Any) -> list[Decimal]:
    """Return what is left of somebody's orders, by the venue's own books."""
    return sorted(arena.standing(person))


# -- markets --


def test_markets_are_found_again(desk: Desk, arena: Arena) -> None:
    """What is listed has a grid of its own, and its id leads back to it."""
    found = listed(desk.markets(3))
    assert len(found) == 3
    assert len({each.id for each in found}) == 3
    for each in found:
        assert each.name
        assert each.outcome
        assert 0 < each.lowest < each.highest < 1
        assert each.lowest % each.tick == each.highest % each.tick == 0
        assert each.minimum % each.quantity_step == 0
    assert desk.market(found[1].id) == found[1]
    assert desk.market(found[1]) == found[1]
    assert desk.name == arena.name


def test_no_more_markets_than_wanted(desk: Desk) -> None:
    """A limit holds, even that of none; without one there are all."""
    assert listed(desk.markets(0)) == []
    assert len(listed(desk.markets())) > 3


def test_unknown_market(desk: Desk, arena: Arena) -> None:
    """What the venue does not list is not found, what is no id is refused at once."""
    with pytest.raises(NotFound):
        desk.market(arena.nowhere)
    for nothing in ("", None):
        with pytest.raises(ConfigError, match="name a market"):
            desk.book(nothing)  # type: ignore[arg-type]


# -- books --


def test_an_empty_book(desk: Desk, name: str) -> None:
    """Where nobody waits there is no price, and no middle."""
    book = desk.book(name)
    assert (book.bids, book.asks, book.bid, book.ask, book.mid) == ((), (), None, None, None)
    assert book.market_id == name


def test_a_book_begins_with_the_best(desk: Desk, arena: Arena, name: str) -> None:
    """Both sides begin with the best price, `depth` keeps as many levels, and the middle is between both."""
    for price, quantity in (("0.55", 10), ("0.53", 20), ("0.60", 30)):
        arena.offer(name, price, quantity)
    for price, quantity in (("0.45", 40), ("0.48", 50)):
        arena.offer(name, price, quantity, side="BUY")
    market = desk.market(name)
    book = desk.book(market)
    assert book.asks[0] == Level(Decimal("0.53"), Decimal(20))
    assert [each.price for each in book.asks] == [Decimal("0.53"), Decimal("0.55"), Decimal("0.60")]
    assert book.bids == ((Decimal("0.48"), 50), (Decimal("0.45"), 40))
    assert (book.bid, book.ask, book.mid) == (Decimal("0.48"), Decimal("0.53"), Decimal("0.505"))
    assert len(desk.book(market, depth=1).asks) == 1


# -- orders that rest --


def test_an_order_rests_as_written(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """An order is accepted, listed as it was written, and held by the venue once."""
    market = desk.market(name)
    placed = desk.place(market, side="BUY", price="0.40", quantity="12.5", post_only=True)
    assert isinstance(placed, Accepted)
    assert placed.filled == 0
    (order,) = desk.open_orders(market)
    assert (order.order_id, order.market_id, order.side) == (placed.order_id, name, "BUY")
    assert (order.price, order.quantity, order.filled) == (Decimal("0.40"), Decimal("12.5"), 0)
    assert (order.remaining, order.cost) == (Decimal("12.5"), Decimal(5))
    assert desk.open_orders() == [order]
    assert standing(arena, person) == [Decimal("12.5")]


def test_a_post_only_order_does_not_cross(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """An order that may only rest is rejected where it would trade, and nothing of it stays."""
    arena.offer(name, "0.50", 20)
    placed = desk.place(name, side="BUY", price="0.50", quantity=10, post_only=True)
    assert isinstance(placed, Rejected)
    assert placed.text
    assert standing(arena, person) == []
    assert desk.book(name).asks[0].quantity == 20


def test_cancelled_orders_are_off_the_book(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """However an order is named, it is gone once cancel returns; to cancel it again is no error."""
    market = desk.market(name)
    for naming in (
        lambda placed, order: placed,
        lambda placed, order: order,
        lambda placed, order: order.order_id,
    ):
        placed = desk.place(market, side="BUY", price="0.40", quantity=10)
        (order,) = desk.open_orders(market)
        desk.cancel(naming(placed, order))
        assert standing(arena, person) == []
        desk.cancel(naming(placed, order))


def test_a_filled_order_is_no_error_to_cancel(desk: Desk, arena: Arena, name: str) -> None:
    """What was filled before its cancel came stays filled."""
    arena.offer(name, "0.50", 10)
    placed = desk.place(name, side="BUY", price="0.50", quantity=10)
    assert isinstance(placed, Accepted)
    desk.cancel(placed)
    assert desk.position(name).quantity == 10


def test_cancel_all_keeps_to_its_market(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """All orders of one market go, then those of all others."""
    other = arena.market()
    for market, price in ((name, "0.30"), (name, "0.31"), (other, "0.32")):
        assert isinstance(desk.place(market, side="BUY", price=price, quantity=10), Accepted)
    desk.cancel_all(name)
    assert [each.market_id for each in desk.open_orders()] == [other]
    assert desk.open_orders(name) == []
    desk.cancel_all()
    assert standing(arena, person) == []
    desk.cancel_all()


# -- orders that trade --


def test_a_partial_fill_rests(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """What finds no counterpart waits; what is filled is told of, and held."""
    arena.offer(name, "0.50", 10)
    placed = desk.place(name, side="BUY", price="0.50", quantity=15)
    assert isinstance(placed, Accepted)
    assert placed.filled == 10
    (order,) = desk.open_orders(name)
    assert (order.quantity, order.filled, order.remaining) == (15, 10, 5)
    assert desk.position(name).quantity == 10
    assert standing(arena, person) == [5]


def test_an_ioc_order_leaves_nothing(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """What an IOC order does not find is dropped."""
    arena.offer(name, "0.50", 10)
    placed = desk.place(name, side="BUY", price="0.50", quantity=15, time_in_force="IOC")
    assert isinstance(placed, Accepted)
    assert placed.filled == 10
    assert standing(arena, person) == []


def test_a_fok_order_takes_all_or_nothing(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """Of what there is too little of, a FOK order takes nothing; however its venue words that."""
    arena.offer(name, "0.50", 10)
    placed = desk.place(name, side="BUY", price="0.50", quantity=15, time_in_force="FOK")
    assert not isinstance(placed, Unknown)
    assert isinstance(placed, Rejected) or placed.filled == 0
    assert standing(arena, person) == []
    assert desk.position(name).quantity == 0
    whole = desk.place(name, side="BUY", price="0.50", quantity=10, time_in_force="FOK")
    assert isinstance(whole, Accepted)
    assert whole.filled == 10


def test_holdings_and_money_follow(desk: Desk, arena: Arena, name: str) -> None:
    """What was bought is held and paid for, and an order that waits to buy holds its money."""
    assert desk.positions() == []
    before = desk.balance()
    arena.offer(name, "0.50", 20)
    assert isinstance(desk.place(name, side="BUY", price="0.50", quantity=20), Accepted)
    arena.settle()
    (held,) = desk.positions()
    assert (held.market_id, held.quantity) == (name, 20)
    assert held == desk.position(name)
    assert held.average_price in (None, Decimal("0.50"))
    paid = before.available - desk.balance().available
    # and a fee
    assert 10 <= paid < Decimal("10.6")
    after = desk.balance()
    assert isinstance(desk.place(name, side="BUY", price="0.40", quantity=100), Accepted)
    held_back = after.available - desk.balance().available
    assert 40 <= held_back < 42
    desk.cancel_all()
    assert desk.balance().available == after.available
    assert after.currency


def test_who_may_sell_what_is_not_held(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """A market says whether more can be sold than is held, and the venue keeps to it."""
    market = desk.market(name)
    arena.offer(name, "0.50", 10, side="BUY")
    placed = desk.place(market, side="SELL", price="0.50", quantity=10)
    assert isinstance(placed, Accepted) is market.can_short
    assert desk.position(name).quantity == (-10 if market.can_short else 0)


def test_what_is_held_can_be_sold(desk: Desk, arena: Arena, person: Any, name: str) -> None:
    """A sale of what is held is taken, and reduces it."""
    arena.endow(person, name, 10)
    arena.offer(name, "0.50", 10, side="BUY")
    before = desk.position(name).quantity
    placed = desk.place(name, side="SELL", price="0.50", quantity=10)
    assert isinstance(placed, Accepted)
    assert desk.position(name).quantity == before - 10


# -- what goes wrong --


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": "0.4037"}, "price"),
        ({"price": "0"}, "price"),
        ({"price": 0.4}, "price"),
        ({"quantity": "-1"}, None),
        ({"quantity": "10.00001"}, None),
        ({"quantity": "10.00001", "time_in_force": "IOC"}, "quantity"),
        ({"side": "HOLD"}, "side"),
        ({"time_in_force": "DAY"}, "time_in_force"),
        ({"time_in_force": "IOC", "post_only": True}, "post_only"),
    ],
)
def test_bad_orders_go_nowhere(
    desk: Desk, arena: Arena, name: str, changes: dict[str, Any], field: str | None
) -> None:
    """What no venue could take is refused before anything is sent."""
    market = desk.market(name)
    placements = arena.venue.seen[arena.placing]
    with pytest.raises(InvalidOrder) as caught:
        desk.place(market, **({"side": "BUY", "price": "0.40", "quantity": 10} | changes))
    assert field is None or caught.value.field == field
    assert arena.venue.seen[arena.placing] == placements


def test_a_snapped_price_is_taken(desk: Desk, name: str) -> None:
    """What the grid of a market makes of any numbers is an order the venue takes."""
    market = desk.market(name)
    price, quantity = market.snap("0.41239", "BUY"), market.lots("17.12345")
    assert isinstance(desk.place(market, side="BUY", price=price, quantity=quantity), Accepted)
    (order,) = desk.open_orders(market)
    assert (order.price, order.quantity) == (price, quantity)


@pytest.mark.parametrize("force", ["IOC", "FOK"])
def test_better_prices_buy_no_more(desk: Desk, arena: Arena, name: str, force: str) -> None:
    """Who buys at once gets the quantity asked for, also where it costs far less than the limit."""
    arena.offer(name, "0.37", 10)
    arena.offer(name, "0.40", 100)
    placed = desk.place(name, side="BUY", price="0.90", quantity=20, time_in_force=force)
    assert isinstance(placed, Accepted)
    assert placed.filled == 20


def test_a_fraction_of_a_cent_is_not_worth_more(desk: Desk, arena: Arena, name: str) -> None:
    """A quantity that costs no whole cents is bought to within what a cent buys, and never exceeded."""
    arena.offer(name, "0.37", 100)
    placed = desk.place(name, side="BUY", price="0.37", quantity="17.77", time_in_force="IOC")
    assert isinstance(placed, Accepted)
    assert Decimal("17.77") - Decimal("0.01") / Decimal("0.37") < placed.filled <= Decimal("17.77")


def test_unknown_is_resolved(arena: Arena, person: Any, name: str) -> None:
    """An order whose answer is lost is Unknown until looked up; it stands once, and can be cancelled."""
    with connect(arena, person, settings=arena.quick) as desk:
        desk.market(name)
        desk.open_orders()
        arena.faults.add(kind="reset_after", operation=arena.placing, times=None)
        arena.faults.add(kind="status", times=None)
        try:
            placed = desk.place(name, side="BUY", price="0.40", quantity=10, timeout=0.4)
        finally:
            arena.faults.clear()
        assert isinstance(placed, Unknown)
        assert standing(arena, person) == [10]
        found = placed.resolve()
        assert isinstance(found, Accepted)
        (order,) = desk.open_orders()
        assert order.order_id == found.order_id
        desk.cancel(placed)
        assert desk.open_orders() == []


def test_orders_of_nobody_are_not_cancelled(desk: Desk) -> None:
    """What is no order of this venue is refused in words before anything is sent."""

    class Foreign(fate.Accepted):
        order_id = "1"

    for order in (Foreign(), 0.5):
        with pytest.raises(ConfigError):
            desk.cancel(order)  # type: ignore[arg-type]


def test_a_desk_is_a_face_of_its_client(desk: Desk) -> None:
    """There is one desk to a client, each leads to the other, and neither shows a secret."""
    assert desk.client.desk is desk
    assert repr(desk.client) in repr(desk)
