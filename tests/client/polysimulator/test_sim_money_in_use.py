# Mirrored from test_sim_money_in_use_async.py by `python -m generator.mirror`; do not edit.
"""What a preview says an order costs is what the venue takes, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle, islice
from typing import Final

import pytest

from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.ticket import NewOrder
from polyspec.sandbox.http.seeded import Seeded
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import Person, Venue

CATEGORIES: Final = (
    "crypto", "economics", "Culture", "weather", "finance", "politics", "mentions", "tech", "SPORTS",
    "geopolitics", "something else",
)  # fmt: skip
FORCES: Final = (("limit", "FOK"), ("market", "FOK"), ("limit", "FAK"), ("market", "IOC"), ("limit", "GTC"))


def sizes(seed: int) -> Iterator[tuple[str, str, str]]:
    """Draw ticks, prices and quantities with up to four decimals, among them those that make halves."""
    drawn = Seeded(seed, "prices and sizes").between
    edges = cycle(
        [
            ("0.50", "5"),
            ("0.01", "50"),
            ("0.99", "5.5"),
            ("0.50", "12.5"),
            ("0.25", "33.3333"),
            ("0.3", "5.05"),
        ]
    )
    while True:
        yield "0.01", *next(edges)
        yield "0.01", f"{drawn(1, 99) / 100:.2f}", f"{drawn(50_000, 9_999_999) / 10_000:.4f}"
        yield "0.001", f"{drawn(1, 999) / 1000:.3f}", f"{drawn(10_000, 99_999) / 10_000:.4f}"


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


@pytest.mark.parametrize("category", CATEGORIES)
def test_preview_is_what_is_charged(
    client: PolySimulatorClient, venue: Venue, person: Person, category: str
) -> None:
    """Buying and selling over many prices and sizes: fee, notional and wallet move as the preview says."""
    drawn, forces = sizes(CATEGORIES.index(category)), cycle(FORCES)
    before = venue.cash(person)
    for tick, price, quantity in islice(drawn, 18):
        market, (kind, force) = venue.market(category=category, tick=tick), next(forces)
        for side, against in (("BUY", "SELL"), ("SELL", "BUY")):
            other = venue.offer(market, price, "2000", side=against)
            order = NewOrder(
                market=market.condition_id, side=side, outcome="Yes", price=price, quantity=quantity,
                order_type=kind, time_in_force=force,
            )  # fmt: skip
            preview = client.orders.preview(order)
            placed = client.orders.submit(order).unwrap()
            after = venue.cash(person)
            said = f"{category} {side} {quantity} at {price} ({kind} {force})"
            trade = venue.trades(person)[0]
            assert placed.filled == Decimal(quantity), said
            assert Decimal(trade.fee) / 1_000_000 == preview.fee, said
            assert placed.fee == preview.fee_charged, said
            moved = after - before
            assert (-moved if side == "BUY" else moved) == preview.total, said
            assert placed.balance == after, said
            before = after
            venue.withdraw(other)


def test_preview_reads_nothing_with_terms(client: PolySimulatorClient, venue: Venue) -> None:
    """With terms that say the category nothing is asked; it comes to the same as what the venue tells."""
    market = venue.market(category="crypto")
    order = NewOrder(market=market.terms, side="BUY", outcome="Yes", price="0.65", quantity=10)
    preview = client.orders.preview(order)
    assert not venue.seen
    assert (preview.notional, preview.fee, preview.fee_charged) == (
        Decimal("6.50"), Decimal("0.15925"), Decimal("0.16"),
    )  # fmt: skip
    asked = client.orders.preview(
        NewOrder(market=market.condition_id, side="BUY", outcome="Yes", price="0.65", quantity=10)
    )
    assert asked == preview
    assert venue.seen["Books_GetFeeRate"] == 1


def test_worst_case_holds(client: PolySimulatorClient, venue: Venue, person: Person) -> None:
    """However much better the price is, what is spent never exceeds the worst case of the preview."""
    for better in ("0.60", "0.55", "0.30", "0.12"):
        market = venue.market(category="crypto")
        venue.offer(market, better, "2000")
        for sizing in ({"amount": "37.77"}, {"quantity": "61.1111"}):
            order = NewOrder(
                market=market.terms, side="BUY", outcome="Yes", price="0.60", order_type="market", **sizing
            )
            preview = client.orders.preview(order)
            before = venue.cash(person)
            client.orders.submit(order).unwrap()
            assert before - venue.cash(person) <= preview.worst_case
