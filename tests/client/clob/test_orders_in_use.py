# Mirrored from test_orders_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Every way to make, post, find and cancel an order, checked against the engine itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob.client import ClobClient
from polyspec.clob.fate import Accepted, Rejected
from polyspec.errors import InsufficientFunds, NotFound, OrderRejected
from polyspec.sandbox.clob.engine import types as t
from tests.client.clob.connect import connect
from tests.client.clob.rig import Person, Token, Venue, open_venue

TEN: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[ClobClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


def in_engine(venue: Venue, placed: Accepted) -> t.Order:
    """Return the engine's own record of an order that was placed."""
    order = venue.order(placed.order_id)
    assert order is not None
    return order


# -- making and posting --


def test_order_rests_as_written(client: ClobClient, venue: Venue, person: Person, token: Token) -> None:
    """The engine holds exactly the order that was asked for, once, under the id that was known before."""
    order = client.create_order(token_id=token.id, side="BUY", price="0.41", size="10.25")
    placed = client.post_order(order).unwrap()
    (found,) = venue.orders(person)
    assert found.id == placed.order_id == order.order_id
    assert (found.side, found.type, found.price) == (t.Side.BUY, t.OrderType.GTC, 410_000)
    assert (found.size, found.maker_amount) == (10_250_000, 4_202_500)
    assert (placed.status, placed.matched, placed.remaining) == ("live", 0, Decimal("10.25"))
    assert placed.answer is not None


def test_sell_order(client: ClobClient, venue: Venue, person: Person, token: Token) -> None:
    """Shares one has can be offered."""
    venue.stock(person.address, token, 20)
    placed = (client.create_and_post_order(token_id=token.id, side="SELL", price="0.6", size=20)).unwrap()
    found = in_engine(venue, placed)
    assert (found.side, found.maker_amount, found.taker_amount) == (t.Side.SELL, 20_000_000, 12_000_000)


def test_crossing_orders_trade(client: ClobClient, venue: Venue, token: Token) -> None:
    """What crosses is filled at the resting price, the rest waits, and the answer says how much."""
    venue.offer(token, "0.45", 6)
    placed = (client.create_and_post_order(token_id=token.id, side="BUY", price="0.5", size=10)).unwrap()
    assert (placed.matched, placed.remaining) == (6, 4)
    found = in_engine(venue, placed)
    assert (found.spent, found.remaining, list(found.trades)) == (
        2_700_000,
        4_000_000,
        list(placed.trade_ids),
    )
    venue.audit()


def test_post_only_rests_or_is_refused(client: ClobClient, venue: Venue, token: Token) -> None:
    """A post-only order never takes."""
    venue.offer(token, "0.5", 10)
    away = client.create_and_post_order(**token.known, **TEN, post_only=True)
    assert isinstance(away, Accepted)
    assert in_engine(venue, away).post_only
    crossing = client.create_and_post_order(
        token_id=token.id, side="BUY", price="0.5", size=10, post_only=True
    )
    assert isinstance(crossing, Rejected)
    with pytest.raises(OrderRejected, match="order crosses book"):
        crossing.unwrap()


@pytest.mark.parametrize(
    "how", [int, lambda moment: datetime.fromtimestamp(moment, UTC), str], ids=["int", "datetime", "text"]
)
def test_good_till_date(client: ClobClient, venue: Venue, person: Person, token: Token, how: Any) -> None:
    """An order with an expiration is good till then, less a minute of the venue's."""
    end = int(time.time()) + 400
    placed = client.create_and_post_order(**token.known, **TEN, expiration=how(end)).unwrap()
    found = in_engine(venue, placed)
    assert (found.type, found.expiration) == (t.OrderType.GTD, end)


def test_immediate_limit_orders(client: ClobClient, venue: Venue, token: Token) -> None:
    """A limit order can be posted to be filled at once: whole or not at all, or as far as it goes."""
    venue.offer(token, "0.5", 6)
    order = client.create_order(token_id=token.id, side="BUY", price="0.5", size=10)
    killed = client.post_order(order, "FOK")
    assert isinstance(killed, Rejected)
    partly = (client.post_order(client.create_order(**token.known, **TEN | {"price": "0.5"}), "FAK")).unwrap()
    assert (partly.status, partly.matched) == ("matched", 6)
    assert in_engine(venue, partly).remaining == 0


def test_batch(client: ClobClient, venue: Venue, person: Person, token: Token) -> None:
    """Fifteen orders in one request stand in the order given; a pair names its own type."""
    venue.offer(token, "0.6", 10)
    orders: list[Any] = [
        client.create_order(**token.known, **TEN | {"price": f"0.{10 + number}"}) for number in range(14)
    ]
    taking = client.create_order(token_id=token.id, side="BUY", price="0.6", size=10)
    before = venue.seen.copy()
    placed = client.post_orders([*orders, (taking, "FOK")])
    assert (venue.seen - before)["Orders_PostOrders"] == 1
    assert [each.order_id for each in placed] == [each.order_id for each in (*orders, taking)]
    assert [each.unwrap().status for each in placed] == ["live"] * 14 + ["matched"]
    assert len(venue.orders(person)) == 15


def test_deferred_execution_travels_along(client: ClobClient, venue: Venue, token: Token) -> None:
    """Both flags of a posting are sent, and stand in what was signed for."""
    order = client.create_order(**token.known, **TEN)
    assert b'"deferExec":true,"postOnly":true' in order.body("owner", "GTC", post_only=True, defer_exec=True)
    assert client.post_order(order, "GTC", True, True).unwrap().status == "live"


def test_order_too_large_for_the_wallet(client: ClobClient, venue: Venue, token: Token) -> None:
    """An order beyond the balance is Rejected; unwrap raises InsufficientFunds, which says where to look."""
    placed = client.create_and_post_order(**token.known, side="BUY", price="0.5", size=1_000_000)
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
def test_every_tick(client: ClobClient, venue: Venue, tick: str, price: str) -> None:
    """On every grid the engine has the very price that was written."""
    token = venue.market(tick)
    placed = (client.create_and_post_order(token_id=token.id, side="BUY", price=price, size="7.77")).unwrap()
    assert in_engine(venue, placed).price == int(Decimal(price) * 1_000_000)


def test_tags_are_signed(client: ClobClient, venue: Venue, token: Token) -> None:
    """Metadata and the builder's code arrive as they were written."""
    code, data = "0x" + "0b" * 32, "0x" + "DA" * 32
    with venue.world.lock:
        venue.world.apply(t.SetBuilder(code=code))
    order = client.create_order(**token.known, **TEN, builder_code=code, metadata=data)
    assert (order.builder, order.metadata) == (code, data.lower())
    assert in_engine(venue, client.post_order(order).unwrap()).builder == code


def test_builder_code_of_the_client(venue: Venue, person: Person, token: Token) -> None:
    """A code given once goes into every order."""
    code = "0x" + "0c" * 32
    with connect(venue, person, builder_code=code) as client:
        assert client.create_order(**token.known, **TEN).builder == code


def test_tokens_of_other_exchanges(client: ClobClient, venue: Venue) -> None:
    """Neg-risk tokens and position ids are signed for exchanges of their own, read from the book or given."""
    for token, version in ((venue.market(neg_risk=True), 2), (venue.market(position=True), 3)):
        read = client.create_and_post_order(token_id=token.id, **TEN).unwrap()
        given = client.create_and_post_order(**token.known, **TEN).unwrap()
        assert read.order.version == given.order.version == version
        assert read.order.exchange == given.order.exchange
        assert in_engine(venue, read).condition_id == token.condition_id


def test_market_is_read_once(client: ClobClient, venue: Venue, token: Token) -> None:
    """What an order must know of its market is read with the first, or not at all if it is given."""
    client.create_or_derive_api_key()
    before = venue.seen.copy()
    client.create_and_post_order(**token.known, **TEN)
    assert dict(venue.seen - before) == {"Orders_PostOrder": 1}
    known = client.market_of(token.id)
    assert (known.tick.text, known.neg_risk, known.min_size) == ("0.01", False, 5)
    for _ in range(3):
        client.create_order(token_id=token.id, **TEN)
    assert (venue.seen - before)["Books_GetOrderBook"] == 1
    client.forget_market(token.id)
    client.create_order(token_id=token.id, **TEN)
    assert (venue.seen - before)["Books_GetOrderBook"] == 2


def test_preview(client: ClobClient, venue: Venue) -> None:
    """What an order would mean is what the engine then does: amounts, price and fees."""
    token = venue.market(fee_rate=50_000)
    venue.offer(token, "0.5", 100)
    before = venue.seen.copy()
    shown = client.preview(token_id=token.id, side="BUY", price="0.5", size=20)
    assert venue.seen["Orders_PostOrder"] == before["Orders_PostOrder"]
    assert (shown.maker_amount, shown.taker_amount, shown.shares) == (10_000_000, 20_000_000, 20)
    placed = (client.create_and_post_order(token_id=token.id, side="BUY", price="0.5", size=20)).unwrap()
    assert Decimal(in_engine(venue, placed).fee) / 1_000_000 == shown.platform_fee > 0


# -- finding --


def test_orders_are_found(client: ClobClient, venue: Venue, token: Token) -> None:
    """One by id, all, those of a market, those of a token: each listing has what it should."""
    other = venue.market()
    first = client.create_and_post_order(**token.known, **TEN).unwrap()
    second = client.create_and_post_order(**token.known | {"token_id": token.other}, **TEN).unwrap()
    third = client.create_and_post_order(**other.known, **TEN).unwrap()
    assert client.get_order(first).id == first.order_id
    assert client.get_order(first.order_id.upper().replace("0X", "0x")).price == Decimal("0.4")

    def listed(**terms: Any) -> set[str]:
        return {order.id for order in client.get_open_orders(**terms)}

    assert listed() == {first.order_id, second.order_id, third.order_id}
    assert listed(market=token.condition_id) == {first.order_id, second.order_id}
    assert listed(asset_id=token.other) == {second.order_id}
    assert listed(id=third.order_id) == {third.order_id}
    assert client.get_pre_migration_orders() == []
    with pytest.raises(NotFound, match="Order not found"):
        client.get_order("0x" + "12" * 32)


def test_orders_of_others_are_not_shown(client: ClobClient, venue: Venue, token: Token) -> None:
    """Another key's order is not there to be seen or cancelled."""
    placed = client.create_and_post_order(**token.known, **TEN).unwrap()
    with connect(venue, venue.person()) as stranger:
        with pytest.raises(NotFound):
            stranger.get_order(placed)
        told = stranger.cancel(placed)
        assert not told
        assert list(told.not_canceled) == [placed.order_id]
    assert in_engine(venue, placed).status is t.OrderStatus.LIVE


def test_found_orders_say_how_far_they_are(client: ClobClient, venue: Venue, token: Token) -> None:
    """After a trade the order shows what was matched, and the trade names the order."""
    placed = client.create_and_post_order(**token.known, **TEN).unwrap()
    with connect(venue, venue.offer(token, "0.9", 10)) as other:
        venue.stock(str(other.address), token, 10)
        sold = other.create_and_post_order(**token.known, side="SELL", price="0.4", size=6).unwrap()
    seen = client.get_order(placed)
    assert (seen.size_matched, seen.status) == (6, wire.OrderStatus.LIVE)
    (trade,) = client.get_trades()
    assert trade.taker_order_id == sold.order_id
    assert [each.order_id for each in trade.maker_orders or ()] == [placed.order_id]


def test_scoring(client: ClobClient, venue: Venue) -> None:
    """Orders near the middle of a market with rewards earn them; others do not."""
    token = venue.clob.token_ids[0]
    near = client.create_and_post_order(token_id=token, side="BUY", price="0.50", size=100).unwrap()
    far = client.create_and_post_order(token_id=token, side="BUY", price="0.01", size=100).unwrap()
    both = client.are_orders_scoring([near, far.order_id])
    assert set(both) == {near.order_id, far.order_id}
    assert client.is_order_scoring(near) is both[near.order_id]
    assert client.is_order_scoring(far) is both[far.order_id] is False


# -- cancelling --


def test_cancel_by_whatever_stands_for_an_order(
    client: ClobClient, venue: Venue, person: Person, token: Token
) -> None:
    """A fate, a signed order, what a listing gave and a bare id are all cancelled; the answer names each."""
    placed = [client.create_and_post_order(**token.known, **TEN).unwrap() for _ in range(4)]
    targets = [placed[0], placed[1].order, client.get_order(placed[2]), placed[3].order_id]
    for target, each in zip(targets, placed, strict=True):
        told = client.cancel(target)
        assert told
        assert (told.canceled, told.not_canceled) == ((each.order_id,), {})
    assert venue.orders(person, open_only=True) == []
    again = client.cancel(placed[0])
    assert not again
    assert list(again.not_canceled) == [placed[0].order_id]


def test_cancel_many(client: ClobClient, venue: Venue, person: Person, token: Token) -> None:
    """By id, of a token, of a market, all: exactly those meant are gone."""
    other = venue.market()
    orders = [client.create_order(**token.known, **TEN) for _ in range(3)]
    orders += [client.create_order(**token.known | {"token_id": token.other}, **TEN)]
    orders += [client.create_order(**other.known, **TEN) for _ in range(2)]
    placed = [each.unwrap().order_id for each in client.post_orders(orders)]

    def left() -> list[str]:
        return [each.id for each in venue.orders(person, open_only=True)]

    told = client.cancel_orders([placed[0], placed[0], "0x" + "34" * 32])
    assert (told.canceled, list(told.not_canceled)) == ((placed[0],), ["0x" + "34" * 32])
    assert left() == placed[1:]
    assert client.cancel_market_orders(asset_id=token.other).canceled == (placed[3],)
    assert set(client.cancel_market_orders(token.condition_id).canceled) == {placed[1], placed[2]}
    assert left() == placed[4:]
    assert set(client.cancel_all().canceled) == set(placed[4:])
    assert left() == []
    assert client.cancel_orders([]).canceled == ()


def test_market_that_holds_takers(client: ClobClient, venue: Venue) -> None:
    """Where marketable orders are held the answer comes after the hold, or says that it is delayed."""
    for late, first in ((True, "matched"), (False, "delayed")):
        token = venue.market(hold=0.3, answers_late=late)
        venue.offer(token, "0.5", 20)
        placed = (client.create_and_post_order(token_id=token.id, side="BUY", price="0.5", size=10)).unwrap()
        assert placed.status == first
        assert venue.wait_for(lambda placed=placed: in_engine(venue, placed).status is t.OrderStatus.MATCHED)


def test_order_till_its_end() -> None:
    """When its time is over the venue takes an order off the book."""
    with open_venue() as venue, connect(venue, venue.person()) as client:
        end = datetime.now(UTC) + timedelta(seconds=200)
        terms = {**venue.market().known, **TEN}
        placed = client.create_and_post_order(**terms, expiration=end).unwrap()
        venue.pass_time(150)
        assert in_engine(venue, placed).status is t.OrderStatus.CANCELED_EXPIRED_ORDER
