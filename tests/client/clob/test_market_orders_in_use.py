# Mirrored from test_market_orders_in_use_async.py by `python -m generator.mirror`; do not edit.
"""Orders that spend dollars or sell shares now, checked against the engine itself."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from polyspec.clob.client import ClobClient
from polyspec.clob.fate import Accepted, Rejected
from polyspec.errors import InvalidOrder, OrderRejected
from polyspec.sandbox.clob.engine import types as t
from tests.client.clob.connect import connect
from tests.client.clob.rig import Person, Token, Venue


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[ClobClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


def only(venue: Venue, person: Person) -> t.Order:
    """Return the one order a person ever placed."""
    (order,) = venue.orders(person)
    return order


def test_spending_dollars(client: ClobClient, venue: Venue, person: Person, token: Token) -> None:
    """A buy walks the book for the price that fills it, spends what was said, and gets the better prices."""
    venue.offer(token, "0.50", 10)
    venue.offer(token, "0.55", 100)
    placed = client.create_and_post_market_order(token_id=token.id, side="BUY", amount=10).unwrap()
    found = only(venue, person)
    assert (found.type, found.price, found.spent) == (t.OrderType.FOK, 550_000, 10_000_000)
    # ten for five dollars, the rest at 55 cents
    assert placed.matched == Decimal(found.matched) / 1_000_000 > 19
    assert placed.status == "matched"
    venue.audit()


def test_selling_shares(client: ClobClient, venue: Venue, person: Person, token: Token) -> None:
    """A sale gives the shares it names, at the price of the book or better than the worst one named."""
    venue.stock(person.address, token, 30)
    venue.offer(token, "0.45", 20, side="BUY")
    placed = client.create_and_post_market_order(token_id=token.id, side="SELL", amount=20).unwrap()
    assert (placed.matched, only(venue, person).spent) == (20, 9_000_000)


def test_all_or_nothing_and_what_is_there(
    client: ClobClient, venue: Venue, person: Person, token: Token
) -> None:
    """FOK is killed where FAK takes what there is; both name the worst price."""
    venue.offer(token, "0.5", 10)
    terms = {"token_id": token.id, "side": "BUY", "amount": 10, "price": "0.5"}
    killed = client.create_and_post_market_order(**terms)
    assert isinstance(killed, Rejected)
    with pytest.raises(OrderRejected, match="fully filled or killed"):
        killed.unwrap()
    partly = client.create_and_post_market_order(**terms, order_type="FAK")
    assert isinstance(partly, Accepted)
    assert (partly.matched, only(venue, person).type) == (10, t.OrderType.FAK)


def test_nothing_to_take(client: ClobClient, token: Token) -> None:
    """With an empty book there is no price; with one named, the venue refuses in words."""
    with pytest.raises(InvalidOrder, match="no match"):
        client.create_market_order(token_id=token.id, side="BUY", amount=10)
    placed = client.create_and_post_market_order(
        **token.known, side="BUY", amount=10, price="0.5", order_type="FAK"
    )
    assert isinstance(placed, Rejected)
    with pytest.raises(OrderRejected, match="no orders found to match"):
        placed.unwrap()


@pytest.mark.parametrize("max_spend", ["10", "9.99", "5.05"])
def test_budget_holds_with_fees(client: ClobClient, venue: Venue, person: Person, max_spend: str) -> None:
    """With a budget, dollars and fees together stay within it, and use it up to a few cents."""
    token = venue.market(fee_rate=70_000)
    venue.offer(token, "0.5", 100)
    client.create_and_post_market_order(
        token_id=token.id, side="BUY", amount=10, max_spend=max_spend, price="0.5"
    )
    found = only(venue, person)
    cost = Decimal(found.spent + found.fee) / 1_000_000
    assert Decimal(max_spend) - Decimal("0.05") < cost <= Decimal(max_spend)


def test_without_a_budget_fees_come_on_top(client: ClobClient, venue: Venue, person: Person) -> None:
    """Without one the amount is spent whole, and the preview shows what comes on top."""
    token = venue.market(fee_rate=70_000)
    venue.offer(token, "0.5", 100)
    terms = {"token_id": token.id, "side": "BUY", "amount": 10, "price": "0.5"}
    shown = client.preview(**terms)
    client.create_and_post_market_order(**terms)
    found = only(venue, person)
    assert found.spent == 10_000_000
    assert shown.platform_fee == Decimal(found.fee) / 1_000_000 > 0
    assert shown.total == shown.collateral + shown.platform_fee


@pytest.mark.parametrize(
    ("tick", "price"),
    [
        ("0.1", "0.3"),
        ("0.01", "0.37"),
        ("0.005", "0.335"),
        ("0.0025", "0.3325"),
        ("0.001", "0.337"),
        ("0.0001", "0.3337"),
    ],
)
def test_amounts_every_tick_takes(
    client: ClobClient, venue: Venue, person: Person, tick: str, price: str
) -> None:
    """Awkward amounts on every tick are within the venue's decimals, and lift an offer at the very price."""
    token = venue.market(tick)
    venue.offer(token, price, 200)
    for amount in ("10", "7.77", "3.33", "2.23", "16.90"):
        placed = client.create_and_post_market_order(
            token_id=token.id, side="BUY", amount=amount, price=price
        )
        assert isinstance(placed, Accepted), (amount, placed)
        assert placed.status == "matched"
    assert sum(order.spent for order in venue.orders(person)) == 40_230_000


def test_given_all_there_is_to_know_nothing_is_read(client: ClobClient, venue: Venue, token: Token) -> None:
    """With price, tick and neg-risk flag posting is one request."""
    venue.offer(token, "0.5", 100)
    client.create_or_derive_api_key()
    before = venue.seen.copy()
    client.create_and_post_market_order(**token.known, side="BUY", amount=10, price="0.5")
    assert dict(venue.seen - before) == {"Orders_PostOrder": 1}


def test_market_orders_elsewhere(client: ClobClient, venue: Venue) -> None:
    """Neg-risk tokens and position ids are bought as any other."""
    for token in (venue.market(neg_risk=True), venue.market(position=True)):
        venue.offer(token, "0.5", 100)
        placed = client.create_and_post_market_order(token_id=token.id, side="BUY", amount=10)
        assert placed.unwrap().matched == 20


def test_batch_of_market_orders(client: ClobClient, venue: Venue, token: Token) -> None:
    """In a batch each is posted as what it was made as."""
    venue.offer(token, "0.5", 30)
    terms = {"side": "BUY", "price": "0.5"}
    whole = client.create_market_order(**token.known, **terms, amount=10)
    rest = client.create_market_order(**token.known, **terms, amount=10, order_type="FAK")
    first, second = client.post_orders([whole, rest])
    assert (first.unwrap().matched, second.unwrap().matched) == (20, 10)
