# Mirrored from test_snippets_async.py by `python -m generator.mirror`; do not edit.
"""The venue's own pages, line by line: only the import is another."""

from __future__ import annotations

import os
from typing import Any

import pytest

from polyspec import ClobClient
from polyspec.clob.credentials import ApiCreds
from tests.client.clob.rig import Person, Token, Venue


@pytest.fixture
def surroundings(venue: Venue, person: Person, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put into the environment what the pages read from it; return the host."""
    venue.fund(person.wallets.proxy)
    monkeypatch.setenv("PRIVATE_KEY", person.key)
    monkeypatch.setenv("FUNDER_ADDRESS", person.wallets.proxy)
    return venue.clob.rest


def test_level_1(surroundings: str) -> None:
    """The page on wallet signatures: create, derive, and either."""
    client = ClobClient(
        host=surroundings,
        chain_id=137,
        key=os.getenv("PRIVATE_KEY"),
    )
    api_key = client.create_api_key()
    derived = client.derive_api_key()
    creds = client.create_or_derive_api_key()
    assert api_key == derived == creds
    client.close()


def test_authentication(surroundings: str, venue: Venue, person: Person, token: Token) -> None:
    """The page on authentication, to its last line: an order by the proxy wallet."""
    temp_client = ClobClient(host=surroundings, chain_id=137, key=os.getenv("PRIVATE_KEY"))
    api_creds = temp_client.create_or_derive_api_key()

    client = ClobClient(
        host=surroundings,
        chain_id=137,
        key=os.getenv("PRIVATE_KEY"),
        creds=api_creds,
        signature_type=1,
        funder=os.getenv("FUNDER_ADDRESS"),
    )
    response = client.create_and_post_order(
        {"token_id": token.id, "price": 0.65, "size": 100, "side": "BUY"},
        {"tick_size": "0.01", "neg_risk": False},
    )
    assert response.unwrap().status == "live"
    (order,) = venue.orders(person.wallets.proxy)
    assert (order.price, order.size, order.side) == (650_000, 100_000_000, "BUY")
    temp_client.close()
    client.close()


def test_positional_arguments(surroundings: str) -> None:
    """Host, chain, key, credentials, type and funder in the order the older pages have them."""
    key, funder = os.environ["PRIVATE_KEY"], os.environ["FUNDER_ADDRESS"]
    first = ClobClient(surroundings, 137, key)
    stored = first.create_or_derive_api_key().reveal()
    client = ClobClient(surroundings, 137, key, ApiCreds(**stored), 1, funder)
    assert client.get_open_orders() == []
    first.close()
    client.close()


def test_placing_in_two_steps(surroundings: str, venue: Venue, person: Person, token: Token) -> None:
    """The page on orders: made first, then posted with its type, a market order after it."""
    venue.offer(token, "0.5", 100)
    with ClobClient(surroundings, 137, os.getenv("PRIVATE_KEY")) as client:
        signed_order = client.create_order(
            {"token_id": token.id, "price": 0.4, "size": 10, "side": "BUY"},
            {"tick_size": "0.01", "neg_risk": False},
        )
        response = client.post_order(signed_order, "GTC")
        market_order = client.create_market_order(
            {"token_id": token.id, "side": "BUY", "amount": 10, "price": 0.5, "order_type": "FOK"},
            {"tick_size": "0.01", "neg_risk": False},
        )
        filled = client.post_order(market_order, "FOK")
        assert (response.unwrap().status, filled.unwrap().status) == ("live", "matched")
        client.cancel(signed_order.order_id)
        client.cancel_all()
    assert venue.orders(person, open_only=True) == []


class OrderArgs:
    """The venue's own argument object, as far as it matters."""

    def __init__(self, token_id: str, price: float, size: float, side: str) -> None:
        self.token_id = token_id
        self.price = price
        self.size = size
        self.side = side
        self.expiration = 0
        self.builder_code = "0x" + "0" * 64
        self.metadata = "0x" + "0" * 64


class Options:
    """The venue's own options."""

    def __init__(self, **known: Any) -> None:
        self.tick_size = known.get("tick_size")
        self.neg_risk = known.get("neg_risk")


def test_argument_objects(surroundings: str, venue: Venue, person: Person, token: Token) -> None:
    """Objects with the names of the venue's own client are taken as they are."""
    with ClobClient(surroundings, 137, os.getenv("PRIVATE_KEY")) as client:
        order = client.create_order(
            OrderArgs(token_id=token.id, price=0.57, size=16.9, side="BUY"),
            options=Options(tick_size="0.01", neg_risk=False),
        )
        client.post_order(order).unwrap()
    (found,) = venue.orders(person)
    assert (found.price, found.size) == (570_000, 16_900_000)
