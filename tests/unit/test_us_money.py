"""Fees, previews, positions and books: every amount is exactly what the venue's integers mean."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polyspec_wire.us_exchange import models as wire

from polyspec.us.fees import MAKER_THETA, combo_fee, fee, is_combo, theta_of
from polyspec.us.holding import Holding
from polyspec.us.instrument import Instrument
from polyspec.us.levels import Book, Quote
from polyspec.us.preview import Preview
from polyspec.us.ticket import NewOrder, request_of
from tests.unit.us_rig import instrument, market


def preview(at: Instrument | None = None, **order: Any) -> Preview:
    """Preview an order."""
    at = at or instrument()
    known = {"side": "BUY", "price": "0.40", "quantity": 10} | order
    known = {key: value for key, value in known.items() if value is not ...}
    request = request_of(NewOrder(market=at, **known), at, account="", now=0)
    return Preview.of(request, at, None)


def rounded(value: Fraction) -> Fraction:
    """Round to cents, half to even."""
    return Fraction(round(value * 100), 100)


def test_venues_own_example() -> None:
    """The fill the venue documents costs what it documents."""
    assert fee(Decimal("0.97"), Decimal("3.12")) == Decimal("0.01")
    assert str(fee(Decimal("0.50"), Decimal(1000))) == "17.38"
    assert fee(Decimal("0.50"), Decimal(1000), MAKER_THETA) == Decimal("-3.12")


@given(price=st.integers(1, 9999), quantity=st.integers(1, 10**12), precision=st.sampled_from([1, 28]))
def test_fees_against_fractions(price: int, quantity: int, precision: int) -> None:
    """Fees are the formula's exact value, rounded once, whatever context the thread has."""
    p, contracts = Fraction(price, 10_000), Fraction(quantity, 100)
    with decimal.localcontext() as context:
        plain = Decimal(price).scaleb(-4), Decimal(quantity).scaleb(-2)
        context.prec = precision
        got, combined = fee(*plain), combo_fee(*plain)
    theta = Fraction("0.0695")
    assert Fraction(got) == rounded(theta * contracts * p * (1 - p))
    assert Fraction(combined) == rounded(contracts * p * (theta * (1 - p) + Fraction("0.04") * (1 - p) ** 4))


@pytest.mark.parametrize(
    ("order", "side", "collateral"),
    [
        ({"side": "BUY"}, "BUY", "4.00"),
        ({"side": "SELL"}, "SELL", "6.00"),
        ({"side": "BUY", "outcome": "NO"}, "SELL", "4.00"),
        ({"side": "SELL", "outcome": "NO"}, "BUY", "6.00"),
        ({"quantity": ..., "cash": "7.5"}, "BUY", "7.50"),
        ({"quantity": ..., "cash": "7.5", "side": "BUY", "outcome": "NO"}, "SELL", "7.50"),
    ],
)
def test_collateral(order: dict[str, Any], side: str, collateral: str) -> None:
    """A buyer ties up the price, a seller the rest of the payout, whichever outcome it is written in."""
    found = preview(**order)
    assert found.side.name == side
    assert found.collateral == Decimal(collateral)
    assert found.collateral is not None
    assert found.taker_fee is not None
    assert found.worst_case == found.collateral + found.taker_fee


@given(
    limit=st.integers(1, 99),
    at=st.integers(1, 99),
    quantity=st.integers(1, 10**9),
    side=st.sampled_from(["BUY", "SELL"]),
    combo=st.booleans(),
)
def test_no_better_price_costs_more(limit: int, at: int, quantity: int, side: str, combo: bool) -> None:
    """Whatever price the order gets within its limit, cost and fee stay within the worst case."""
    if (at > limit) == (side == "BUY") and at != limit:
        return
    book = instrument("caoc-1" if combo else "tec-1")
    size = Decimal(quantity).scaleb(-2)
    found = preview(book, side=side, price=Decimal(limit).scaleb(-2), quantity=size)
    p, contracts = Fraction(at, 100), Fraction(quantity, 100)
    cost = (p if side == "BUY" else 1 - p) * contracts
    extra = Fraction("0.04") * (1 - p) ** 4 if combo else 0
    paid = cost + rounded(contracts * p * (Fraction("0.0695") * (1 - p) + extra))
    assert found.worst_case is not None
    # one cent is what rounding may do to each of the two fees
    assert paid <= Fraction(found.worst_case) + Fraction(1, 100)


@given(cash=st.integers(1, 10**9), at=st.integers(1, 99), side=st.sampled_from(["BUY", "SELL"]))
def test_no_price_costs_more_cash(cash: int, at: int, side: str) -> None:
    """An order in cash pays no higher fee at any price than the preview says."""
    found = preview(side=side, price=..., quantity=..., cash=Decimal(cash).scaleb(-2), type="MARKET")
    p = Fraction(at, 100)
    contracts = Fraction(cash, 100) / (p if side == "BUY" else 1 - p)
    assert found.taker_fee is not None
    assert rounded(Fraction("0.0695") * contracts * p * (1 - p)) <= Fraction(found.taker_fee)


def test_preview_does_not_lose_digits() -> None:
    """Amounts beyond the precision of ordinary decimals keep every digit."""
    at = instrument(price_scale=10**9, tick_size=Decimal("1e-9"), price_limit=None)
    found = preview(at, price="0.999999999", quantity="92233720368547758.07")
    assert str(found.collateral) == "92233720276314037.70145224193"
    with decimal.localcontext() as context:
        context.prec = 3
        assert preview(at, price="0.999999999", quantity="92233720368547758.07") == found


def test_preview_says_what_it_cannot_know() -> None:
    """Without a price, or with a payout the fee page does not speak of, amounts are absent, not guessed."""
    found = preview(price=..., type="MARKET_TO_LIMIT")
    assert (found.price, found.collateral, found.worst_case) == (None, None, None)
    at = instrument(price_limit=None, event_attributes=wire.EventAttributes(payout_value="200"))
    found = preview(at, side="SELL", price="1.50")
    assert (found.collateral, found.taker_fee, found.worst_case) == (Decimal("5.00"), None, None)


def test_special_rates() -> None:
    """Table tennis and combos pay by rates of their own."""
    assert theta_of(market()) == Decimal("0.0695")
    assert theta_of(market(metadata={"event_series": "Table Tennis - Czech Liga Pro"})) == Decimal("0.10")
    assert is_combo(market("caoc-5b1f0c9e"))
    assert not is_combo(market("aec-caoc"))


def test_holding_in_contracts_and_dollars() -> None:
    """Fifty contracts at 0.52, as the venue's own example counts them."""
    position = wire.Position(symbol="tec-test", net_position=50, cost=26_000, realized=-15)
    at = instrument(price_scale=1000, tick_size=Decimal("0.001"), fractional_qty_scale=1, price_limit=None)
    held = Holding.of(position, 30, at)
    assert (held.quantity, held.available) == (50, 30)
    assert (str(held.cost), str(held.realized)) == ("26.000", "-0.015")


def test_availability_is_not_guessed() -> None:
    """Availabilities that do not match the positions one by one are nobody's."""
    positions = [wire.Position(symbol="a"), wire.Position(symbol="b")]
    page = wire.ListAccountPositionsResponse(positions=positions, available_position=[1, 2])
    assert [available for _, available in Holding.pairs(page)] == [1, 2]
    for some in ([], [1], [1, 2, 3]):
        page = wire.ListAccountPositionsResponse(positions=positions, available_position=some)
        assert [available for _, available in Holding.pairs(page)] == [None, None]


def test_books_and_quotes() -> None:
    """Levels come out in dollars and contracts, best first, empty ones left out."""
    levels = [wire.BookEntry(px=49, qty=150), wire.BookEntry(px=48, qty=0)]
    book = Book.of(wire.GetOrderBookResponse(bids=levels), instrument())
    assert [(str(each.price), str(each.quantity)) for each in book.bids] == [("0.49", "1.50")]
    assert book.offers == ()
    quote = Quote.of(wire.GetBBOResponse(best_bid=levels[0], best_offer=wire.BookEntry()), instrument())
    assert quote.bid == book.bids[0]
    assert quote.offer is None
