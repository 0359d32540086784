# Mirrored from test_sim_orders_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Every way to place, find and cancel an order, checked against the engine itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.polysimulator import models as wire

from polyspec.errors import InsufficientFunds, InvalidOrder, NotFound, OrderRejected, TradingRestricted
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Unknown
from polyspec.polysimulator.ticket import NewOrder
from tests.client.doing import first, listed
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import Market, Person, Venue, open_venue

TEN: dict[str, Any] = {"side": "BUY", "outcome": "Yes", "price": "0.40", "quantity": 10}
SPENT = Decimal("10000")


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


def hold(client: PolySimulatorClient, venue: Venue, market: Market, shares: int) -> None:
    """Buy shares at 0.50 from somebody who is gone afterwards."""
    other = venue.offer(market, "0.50", shares)
    placed = client.orders.place(
        market.terms, side="BUY", outcome="Yes", price="0.50", quantity=shares, time_in_force="FOK"
    )
    assert placed.unwrap().filled == shares
    venue.withdraw(other)


# -- limit orders --


def test_order_rests_as_written(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """The engine holds exactly the order that was asked for, once, and keeps what it would cost."""
    placed = client.orders.place(
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


def test_order_is_filled_at_once(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """What the book has is bought at its price, with the fee of a taker, and is in the other table."""
    venue.offer(market, "0.38", 100)
    placed = client.orders.place(market.terms, **TEN).unwrap()
    (trade,) = venue.trades(person)
    assert placed.order_id == OrderId(trade.id, "filled")
    assert (placed.status, placed.filled, placed.price) == ("FILLED", 10, Decimal("0.38"))
    assert (trade.price, trade.quantity, trade.taker) == (380_000, 100_000, True)
    # 10 x 0.04 x 0.38 x 0.62 is 0.09424
    assert placed.fee == Decimal("0.09")
    assert placed.balance == SPENT - Decimal("3.80") - Decimal("0.09")
    assert placed.answer.position.quantity == 10


def test_the_worked_figure_of_the_venue(client: PolySimulatorClient, venue: Venue) -> None:
    """Ten shares at 0.65 of a political market leave 9,993.41 of 10,000."""
    market = venue.market(category="politics")
    venue.offer(market, "0.65", 50)
    placed = client.orders.place(
        market.terms, side="BUY", outcome="Yes", price="0.65", quantity=10, order_type="market"
    )
    assert placed.unwrap().balance == Decimal("9993.41")


def test_part_is_filled_and_the_rest_waits(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Six of ten are filled at once; the rest is filled later, at the order's own price and without fee."""
    venue.offer(market, "0.40", 6)
    placed = client.orders.place(market.terms, **TEN).unwrap()
    assert (placed.source, placed.filled, placed.is_open) == ("pending", 6, True)
    venue.pass_time(60.0)
    venue.offer(market, "0.35", 50)
    venue.pass_time(2.0)
    late, early = venue.trades(person)
    assert (early.quantity, early.taker) == (60_000, True)
    assert (late.quantity, late.price, late.fee_charged, late.taker) == (40_000, 400_000, 0, False)
    found = client.orders.get(placed)
    assert (found.status, found.source) == (wire.OrderStatus.FILLED, "pending")


def test_sell(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Only what is held can be sold; what rests keeps its shares."""
    with pytest.raises(InsufficientFunds, match="held before they are sold"):
        client.orders.place(market.terms, **{**TEN, "side": "SELL"}).unwrap()
    hold(client, venue, market, 10)
    placed = client.orders.place(market.terms, **{**TEN, "side": "SELL", "price": "0.9"}).unwrap()
    assert placed.is_open
    again = client.orders.place(market.terms, **{**TEN, "side": "SELL", "price": "0.9"})
    assert isinstance(again, Rejected)
    assert again.code == "INSUFFICIENT_POSITION"
    client.orders.cancel(placed)
    venue.offer(market, "0.45", 10, side="BUY")
    sold = client.orders.place(market.terms, **{**TEN, "side": "SELL"}).unwrap()
    assert (sold.filled, sold.price) == (10, Decimal("0.45"))
    assert venue.trades(person)[0].side == "SELL"


def test_the_other_outcome_meets_the_complement(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A bid for Yes at 0.40 is an offer of No at 0.60."""
    venue.offer(market, "0.40", 20, side="BUY")
    placed = (
        client.orders.place(
            market.terms, side="BUY", outcome="No", price="0.60", quantity=10, time_in_force="FOK"
        )
    ).unwrap()
    assert (placed.filled, placed.price) == (10, Decimal("0.60"))
    (trade,) = venue.trades(person)
    assert (trade.outcome, trade.token_id) == ("No", market.token_ids[1])


# -- time in force --


def test_good_till_date(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """An order for a while ends by itself, and its money comes back."""
    ends = int(venue.world.clock.seconds()) + 90
    moments: list[Any] = [ends, str(ends), datetime.fromtimestamp(ends, UTC)]
    placed = [
        client.orders.place(market.terms, **TEN, time_in_force="GTD", expiration=each).unwrap()
        for each in moments
    ]
    assert [each.status for each in placed] == ["PENDING"] * 3
    assert len(client.orders.open()) == 3
    venue.pass_time(100.0)
    assert venue.cash(person) == SPENT
    assert [(each.status, each.cancelled_reason) for each in venue.orders(person)] == [
        ("EXPIRED", "gtd_expired")
    ] * 3
    found = client.orders.get(placed[0])
    assert (found.status, found.cancelled_reason) == (wire.OrderStatus.EXPIRED, "gtd_expired")


def test_fill_or_kill(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """All of it or nothing, of both types of orders; nothing is kept of what was killed."""
    venue.offer(market, "0.40", 8)
    killed = client.orders.place(market.terms, **TEN, order_type="market")
    assert isinstance(killed, Rejected)
    assert (killed.code, killed.status) == ("FOK_ORDER_NOT_FILLED_ERROR", 400)
    limit = client.orders.place(market.terms, **TEN, time_in_force="FOK").unwrap()
    assert (limit.status, limit.filled, limit.is_open) == ("CANCELLED", 0, False)
    venue.offer(market, "0.39", 5)
    filled = client.orders.place(market.terms, **TEN, order_type="market").unwrap()
    assert (filled.filled, filled.price) == (10, Decimal("0.395"))
    assert len(venue.trades(person)) == 1


@pytest.mark.parametrize("force", ["FAK", "IOC", "fak"])
@pytest.mark.parametrize("kind", ["limit", "market"])
def test_fill_and_kill(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market, force: str, kind: str
) -> None:
    """What is there is taken and the rest is gone; with nothing there the order is cancelled."""
    venue.offer(market, "0.40", 6)
    placed = client.orders.place(market.terms, **TEN, order_type=kind, time_in_force=force).unwrap()
    assert (placed.status, placed.filled, placed.quantity) == ("FILLED", 6, 6)
    assert placed.warnings == ("partial_fill:filled=6,requested=10",)
    other = venue.market()
    nothing = client.orders.place(other.terms, **TEN, order_type=kind, time_in_force=force).unwrap()
    assert (nothing.status, nothing.filled, nothing.is_open) == ("CANCELLED", 0, False)
    assert venue.cash(person) == SPENT - Decimal("2.40") - Decimal("0.06")


def test_spend_an_amount(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Dollars buy as many shares as the worst price allows, cut to four decimals."""
    venue.offer(market, "0.35", 100)
    placed = (
        client.orders.place(
            market.terms, side="BUY", outcome="Yes", price="0.37", amount="10", order_type="market"
        )
    ).unwrap()
    assert placed.filled == Decimal("27.027")
    assert placed.answer.amount_interpreted_as is not None
    assert venue.trades(person)[0].quantity == 270_270


def test_post_only(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """It rests or is refused, and never takes."""
    venue.offer(market, "0.40", 50)
    crossing = client.orders.place(market.terms, **TEN, post_only=True)
    assert isinstance(crossing, Rejected)
    assert crossing.code == "INVALID_POST_ONLY_ORDER"
    resting = client.orders.place(market.terms, **{**TEN, "price": "0.39"}, post_only=True)
    assert resting.unwrap().is_open


# -- refusals --


def test_refusals_of_the_venue(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
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
        refused = client.orders.place(order.pop("market"), **order)
        assert isinstance(refused, Rejected), changes
        assert refused.code == code, changes
        assert not refused.never_arrived
        with pytest.raises(kind):
            refused.unwrap()
    assert venue.orders(person) == []
    assert venue.cash(person) == SPENT


def test_terms_spare_the_venue_refusals(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """With the terms of a market in hand, what breaks them is refused before it is sent."""
    venue.offer(market, "0.40", 50)
    terms = client.orders.terms(market.condition_id)
    assert (terms.tick, terms.min_size, terms.category) == (Decimal("0.01"), 5, "politics")
    assert (terms.fee_rate_bps, terms.outcomes, terms.token_ids) == (400, ("Yes", "No"), market.token_ids)
    venue.seen.clear()
    for changes in ({"price": "0.405"}, {"quantity": "4.9"}, {"outcome": "Maybe"}, {"price": "1"}):
        with pytest.raises(InvalidOrder):
            client.orders.place(terms, **{**TEN, **changes})
    assert not venue.seen


def test_a_market_that_closed(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """A resolved market takes no orders."""
    venue.resolve(market)
    refused = client.orders.place(market.terms, **TEN)
    assert isinstance(refused, Rejected)
    assert refused.code == "MARKET_CLOSED"
    with pytest.raises(TradingRestricted):
        refused.unwrap()


def test_way_out_of_a_closed_market(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """Before it is resolved, a closed market takes what is held at its entry price, without a fee."""
    hold(client, venue, market, 10)
    before = venue.cash(person)
    venue.close(market)
    refused = client.orders.place(market.terms, **TEN)
    assert isinstance(refused, Rejected)
    assert refused.code == "MARKET_CLOSED"
    out = {**TEN, "side": "SELL", "price": "0.50", "order_type": "market"}
    greedy = client.orders.place(market.terms, **{**out, "price": "0.51"})
    assert isinstance(greedy, Rejected)
    sold = client.orders.place(market.terms, **out).unwrap()
    assert (sold.filled, sold.price, sold.fee) == (10, Decimal("0.5"), 0)
    assert (sold.answer.price_source or "").startswith("emergency_exit")
    assert venue.cash(person) == before + 5


def test_outage(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """While Polymarket is down what must fill is refused; what may rest is held, and goes on by itself."""
    venue.offer(market, "0.40", 50)
    venue.world.engine.outage = True
    try:
        refused = client.orders.place(market.terms, **TEN, time_in_force="FOK")
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry_after) == ("VENUE_UNAVAILABLE", 60)
        with pytest.raises(TradingRestricted, match="GTC or GTD"):
            refused.unwrap()
        held = client.orders.place(market.terms, **TEN).unwrap()
        assert (held.status, held.filled) == ("PENDING", 0)
        assert client.orders.get(held).hold_reason == "venue_outage"
        venue.pass_time(2.0)
        assert venue.trades(person) == []
    finally:
        venue.world.engine.outage = False
    venue.pass_time(2.0)
    assert [each.quantity for each in venue.trades(person)] == [100_000]


# -- batches --


def test_batch(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Each order of a batch has its own fate, in the order given, in one request."""
    venue.offer(market, "0.40", 10)
    orders = [
        NewOrder(market=market.terms, **TEN),
        NewOrder(market=market.condition_id, **{**TEN, "quantity": 1}),
        NewOrder(market=market.terms, **{**TEN, "price": "0.10"}),
    ]
    filled, refused, rests = client.orders.place_batch(orders)
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


def test_batch_beyond_the_plan(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """More orders than the plan takes at once are refused one and all, with where the limit is told."""
    orders = [NewOrder(market=market.terms, **TEN) for _ in range(6)]
    results = client.orders.place_batch(orders)
    for each in results:
        assert isinstance(each, Rejected)
        assert each.code == "BATCH_LIMIT_EXCEEDED"
        assert "keys.tiers()" in each.text
    assert venue.orders(person) == []


# -- finding --


def test_get_by_whatever_stands_for_an_order(client: PolySimulatorClient, market: Market) -> None:
    """A fate, an id, its text, a number and what a listing gave all find the order."""
    placed = client.orders.place(market.terms, **TEN).unwrap()
    (row,) = client.orders.open()
    targets: list[Any] = [placed, placed.order_id, str(placed.order_id), placed.order_id.number, row]
    for target in targets:
        found = client.orders.get(target)
        assert (found.order_id, found.client_order_id) == (placed.order_id.number, placed.client_order_id)
        assert (found.status, found.source) == (wire.OrderStatus.PENDING, "pending")
        assert client.orders.get(found) == found
    with pytest.raises(NotFound):
        client.orders.get("pending:99999999")


def test_one_number_two_orders() -> None:
    """Both tables count from one: an id with its source finds its own order, a number the resting one."""
    with open_venue() as venue:
        book, quiet = venue.market(), venue.market()
        venue.offer(book, "0.40", 50)
        with connect(venue, venue.person()) as client:
            rests = client.orders.place(quiet.terms, **TEN).unwrap()
            filled = client.orders.place(book.terms, **TEN).unwrap()
            assert (rests.order_id, filled.order_id) == ("pending:1", "filled:1")
            for placed in (rests, filled):
                assert client.orders.get(placed).client_order_id == placed.client_order_id
            assert client.orders.get(1).client_order_id == rests.client_order_id
            rows = {each.client_order_id: each for each in listed(client.orders.list())}
            for placed in (rests, filled):
                # a listing does not say which table an order is in
                found = client.orders.get(rows[placed.client_order_id])
                assert (found.client_order_id, found.source) == (placed.client_order_id, placed.source)
            # what was filled at once cannot be cancelled, and takes no other order with it
            for target in (filled, filled.order_id, rows[filled.client_order_id]):
                assert not client.orders.cancel(target)
                assert not client.orders.cancel_many([target])
                assert not client.compat.cancel(target)
            assert client.orders.get(rests).status == wire.OrderStatus.PENDING
            assert client.orders.cancel(1).canceled == (rests.order_id,)


def test_list(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """Listings are filtered by status, market and side, the newest first."""
    other = venue.market()
    hold(client, venue, other, 20)
    buy = client.orders.place(market.terms, **TEN).unwrap()
    sell = client.orders.place(other.terms, **{**TEN, "side": "SELL", "price": "0.9"}).unwrap()
    gone = client.orders.place(market.terms, **TEN).unwrap()
    client.orders.cancel(gone)

    def ids(*args: Any, **more: Any) -> list[str | None]:
        return [each.client_order_id for each in listed(client.orders.list(*args, **more))]

    mine = [gone.client_order_id, sell.client_order_id, buy.client_order_id]
    assert ids()[:3] == mine
    assert ids("pending") == mine[1:]
    assert ids("CANCELLED") == mine[:1]
    assert len(ids("FILLED")) == 1
    assert ids(None, market.condition_id) == [mine[0], mine[2]]
    assert ids(None, None, "SELL") == [mine[1]]
    assert ids("PENDING", other.condition_id, "buy") == []
    assert [each.client_order_id for each in client.orders.open(market.condition_id)] == mine[2:]


def test_listing_goes_over_pages(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """More orders than a page holds are all listed, once each, and only as far as they are read."""
    orders = [{**TEN, "price": "0.01", "quantity": 5 + place} for place in range(205)]
    for each in orders:
        client.orders.place(market.terms, **each)
    venue.seen.clear()
    found = listed(client.orders.list())
    assert [each.quantity for each in found] == [5 + place for place in reversed(range(205))]
    assert venue.seen["Orders_ListOrders"] == 2
    venue.seen.clear()
    assert len(first(client.orders.list(), 3)) == 3
    assert venue.seen["Orders_ListOrders"] == 1
    cancelled = client.orders.cancel_many([each.order_id for each in found])
    assert len(cancelled.canceled) == 205
    assert venue.seen["Orders_CancelOrders"] == 3
    assert venue.cash(person) == SPENT


def test_orders_placed_meanwhile(client: PolySimulatorClient, market: Market) -> None:
    """What is placed while a listing is read does not make any order come twice."""
    order = {**TEN, "price": "0.01", "quantity": 5}
    for _ in range(201):
        client.orders.place(market.terms, **order)
    numbers: list[int] = []
    for each in client.orders.list("PENDING"):
        if not numbers:
            client.orders.place(market.terms, **order)
        numbers.append(each.order_id)
    assert len(numbers) == len(set(numbers)) == 201


# -- cancelling --


def test_cancel_by_whatever_stands_for_an_order(
    client: PolySimulatorClient, venue: Venue, person: Person, market: Market
) -> None:
    """A fate, an id, text, a number, a row and a detail are all cancelled; a second time is no error."""
    placed = [client.orders.place(market.terms, **TEN).unwrap() for _ in range(6)]
    rows = {each.client_order_id: each for each in client.orders.open()}
    targets: list[Any] = [
        placed[0],
        placed[1].order_id,
        str(placed[2].order_id),
        placed[3].order_id.number,
        rows[placed[4].client_order_id],
        client.orders.get(placed[5]),
    ]
    for target, each in zip(targets, placed, strict=True):
        assert client.orders.cancel(target).canceled == (each.order_id,)
        assert client.orders.get(each).status == wire.OrderStatus.CANCELLED
    assert venue.cash(person) == SPENT
    assert client.orders.cancel(placed[0])


def test_cancel_what_does_not_rest(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """An order that was filled meanwhile is no error, but not cancelled; the venue's reason is there."""
    placed = client.orders.place(market.terms, **TEN).unwrap()
    venue.offer(market, "0.40", 50)
    venue.pass_time(2.0)
    answer = client.orders.cancel(placed)
    assert not answer
    assert list(answer.not_canceled) == [placed.order_id]
    missing = client.orders.cancel("pending:99999999")
    assert not missing
    assert "99999999" in missing.not_canceled[OrderId(99999999, "pending")]


def test_cancel_many(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """Of several orders those that rest are cancelled; the others are told with the reason."""
    placed = [client.orders.place(market.terms, **TEN).unwrap() for _ in range(3)]
    client.orders.cancel(placed[0])
    venue.seen.clear()
    answer = client.orders.cancel_many([*placed, placed[1], "pending:99999999"])
    assert set(answer.canceled) == {placed[1].order_id, placed[2].order_id}
    assert set(answer.not_canceled) == {placed[0].order_id, OrderId(99999999, "pending")}
    assert not answer
    assert dict(venue.seen) == {"Orders_CancelOrders": 1}
    assert client.orders.cancel_many([])


def test_cancel_by_market_and_token(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """A market, or one token of it, is swept; everything else rests."""
    other = venue.market()
    yes = client.orders.place(market.terms, **TEN).unwrap()
    no = client.orders.place(market.terms, **{**TEN, "outcome": "No"}).unwrap()
    far = client.orders.place(other.terms, **TEN).unwrap()
    assert client.orders.cancel_market(token_id=market.token_ids[1]).canceled == (no.order_id,)
    assert client.orders.cancel_market(market).canceled == (yes.order_id,)
    assert [each.order_id for each in client.orders.open()] == [far.order_id.number]


def test_cancel_all(client: PolySimulatorClient, venue: Venue, person: Person, market: Market) -> None:
    """Everything of the account goes, in all its wallets, and nothing of others."""
    wallet = client.wallets.create()
    mine = [client.orders.place(market.terms, **TEN, wallet_id=each).unwrap() for each in (None, wallet.id)]
    stranger = venue.person()
    with connect(venue, stranger) as other:
        other.orders.place(market.terms, **TEN)
    answer = client.orders.cancel_all()
    assert set(answer.canceled) == {each.order_id for each in mine}
    assert venue.orders(person, "PENDING") == []
    assert len(venue.orders(stranger, "PENDING")) == 1
    assert client.orders.cancel_all().canceled == ()


# -- wallets --


def test_orders_of_another_wallet(
    venue: Venue, person: Person, market: Market, client: PolySimulatorClient
) -> None:
    """A client of a wallet places and lists there; one order may name another."""
    wallet = client.wallets.create("lab")
    with connect(venue, person, wallet_id=wallet.id) as lab:
        inside = lab.orders.place(market.terms, **TEN).unwrap()
        assert inside.balance == Decimal("9996.00")
        assert [each.client_order_id for each in lab.orders.open()] == [inside.client_order_id]
        assert lab.orders.open(wallet_id="api") == []
    assert venue.cash(person) == SPENT
    assert client.orders.open() == []
    assert len(client.orders.open(wallet_id="all")) == 1
    named = client.orders.place(market.terms, **TEN, wallet_id=wallet.id).unwrap()
    assert {each.client_order_id for each in client.orders.open(wallet_id=wallet.id)} == {
        inside.client_order_id,
        named.client_order_id,
    }


# -- resolving by hand --


def test_resolve_what_was_written_down(client: PolySimulatorClient, venue: Venue, market: Market) -> None:
    """From a client order id alone, as after a restart, an order is found in either table."""
    rests = client.orders.place(market.terms, **TEN).unwrap()
    venue.offer(market, "0.60", 50)
    filled = client.orders.place(market.terms, **{**TEN, "price": "0.60"}).unwrap()
    for placed in (rests, filled):
        found = client.orders.resolve(Unknown(client_order_id=placed.client_order_id))
        assert isinstance(found, Accepted)
        assert (found.order_id, found.status) == (placed.order_id, placed.status)
    assert venue.seen["Orders_PlaceOrder"] == 2
    lost = client.orders.resolve(Unknown(client_order_id="never-sent"), timeout=0.3)
    assert isinstance(lost, Unknown)
