# Mirrored from test_desk_wallets_async.py by `python -m generator.mirror`; do not edit.
"""Wallets and names of PolySimulator at its desk."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from polyspec import Accepted, ConfigError, NotFound, PolySimulatorClient
from tests.client.desk.rig import ARENAS, Arena


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """Run PolySimulator."""
    with ARENAS["polysimulator"]() as arena:
        yield arena


def test_a_desk_keeps_to_its_wallet(arena: Arena, name: str) -> None:
    """Orders, money and holdings are those of the wallet of the client, and only these are cancelled."""
    options = arena.options(arena.person()) | {"settings": arena.unpaced}
    with PolySimulatorClient(**options) as usual:
        wallet = usual.wallets.create("other").id
        with PolySimulatorClient(**options, wallet_id=wallet) as other:
            for client in (usual, other):
                placed = client.desk.place(name, side="BUY", price="0.40", quantity=10)
                assert isinstance(placed, Accepted)
            (order,) = other.desk.open_orders(name)
            assert (order.price, order.quantity, order.filled) == (Decimal("0.40"), 10, 0)
            assert order.market_id == name
            assert len(usual.desk.open_orders()) == 1
            assert other.desk.balance().available == 9_996
            arena.offer(name, "0.50", 10)
            assert isinstance(other.desk.place(name, side="BUY", price="0.50", quantity=10), Accepted)
            assert other.desk.position(name).quantity == 10
            assert usual.desk.position(name).quantity == 0
            other.desk.cancel_all()
            assert other.desk.open_orders() == []
            assert len(usual.desk.open_orders()) == 1
            assert usual.desk.balance().available == 9_996


def test_outcomes_go_by_any_capitals(arena: Arena, name: str) -> None:
    """The label of an outcome is found however it is written; one that is not there is not."""
    condition = name.partition(":")[0]
    with PolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        market = client.desk.market(f"{condition}:yES")
        assert (market.id, market.outcome, market.in_book) == (name, "Yes", False)
        with pytest.raises(NotFound, match="no outcome 'Maybe', but Yes, No"):
            client.desk.market(f"{condition}:Maybe")
        for wrong in (condition, f"{condition}:", ":Yes"):
            with pytest.raises(ConfigError, match="condition id and outcome"):
                client.desk.book(wrong)


def test_outcomes_are_told_apart(arena: Arena, name: str) -> None:
    """Orders in the other outcome of a question are neither listed nor cancelled with those of one."""
    other = f"{name.partition(':')[0]}:No"
    with PolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        for market in (name, other):
            assert isinstance(client.desk.place(market, side="BUY", price="0.40", quantity=10), Accepted)
            assert [each.market_id for each in client.desk.open_orders(market)] == [market]
        client.desk.cancel_all(name)
        assert [each.market_id for each in client.desk.open_orders()] == [other]


def test_a_market_is_read_once_for_its_orders(arena: Arena, name: str) -> None:
    """An order in a market that is named by its id reads its terms, later ones read nothing."""
    with PolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        seen = arena.venue.seen
        for price in ("0.40", "0.41"):
            assert isinstance(client.desk.place(name, side="BUY", price=price, quantity=10), Accepted)
            if price == "0.40":
                before = seen["Markets_GetMarket"] + seen["Markets_GetMarketBook"]
        assert seen["Markets_GetMarket"] + seen["Markets_GetMarketBook"] == before
        # without what is open, nothing needs cancelling
        client.desk.cancel_all()
        cancels = seen["Orders_CancelOrders"]
        client.desk.cancel_all()
        assert seen["Orders_CancelOrders"] == cancels


def test_books_nobody_has(arena: Arena) -> None:
    """That nothing is known of a market is no empty book."""
    with PolySimulatorClient(**arena.options(arena.person()), settings=arena.unpaced) as client:
        with pytest.raises(NotFound):
            client.desk.book(arena.nowhere)
