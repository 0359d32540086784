"""The price of a market order, read off a book."""

from __future__ import annotations

import decimal
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.clob.walking import NO_MATCH, cost_now, market_price
from polyspec.errors import ConfigError, InvalidOrder

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "clob_market_price.json").read_bytes())[
    "vectors"
]
ASKS = [(Decimal(price), Decimal(100)) for price in ("0.60", "0.55", "0.50")]
BIDS = [(Decimal(price), Decimal(100)) for price in ("0.40", "0.45", "0.50")]


@st.composite
def books(draw: st.DrawFn) -> tuple[str, list[tuple[Decimal, Decimal]]]:
    """Draw a side and its levels, worst first."""
    side = draw(st.sampled_from(["BUY", "SELL"]))
    prices = sorted(draw(st.sets(st.integers(1, 9999), max_size=12)), reverse=side == "BUY")
    sizes = [draw(st.integers(1, 10**12)) for _ in prices]
    return side, [
        (Decimal(price).scaleb(-4), Decimal(size).scaleb(-6))
        for price, size in zip(prices, sizes, strict=True)
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector: Any) -> None:
    """The price is the one the venue's own packages find, or there is none for them either."""
    inputs, expected = vector["inputs"], vector["expected"]
    levels = [(Decimal(level["price"]), Decimal(level["size"])) for level in inputs["levels"]]
    if expected["error"]:
        with pytest.raises(InvalidOrder, match=f"^{expected['error']}: "):
            market_price(inputs["side"], levels, inputs["amount"], inputs["order_type"])
        return
    found = market_price(inputs["side"], levels, inputs["amount"], inputs["order_type"])
    assert found == Decimal(expected["price"])


@given(books(), st.integers(1, 10**10), st.sampled_from(["FOK", "FAK"]))
def test_against_fractions(
    book: tuple[str, list[tuple[Decimal, Decimal]]], hundredths: int, order_type: str
) -> None:
    """The price is the best at which the levels up to it hold the amount, under any decimal context."""
    side, levels = book
    amount = Decimal(hundredths).scaleb(-2)
    held = [
        sum(
            (Fraction(size) * (Fraction(price) if side == "BUY" else 1) for price, size in levels[start:]),
            Fraction(0),
        )
        for start in range(len(levels))
    ]
    enough = [price for (price, _), so_far in zip(levels, held, strict=True) if so_far >= Fraction(amount)]
    want = enough[-1] if enough else levels[0][0] if levels and order_type == "FAK" else None
    with decimal.localcontext(decimal.Context(prec=1, traps=list(decimal.Context().traps))):
        try:
            found = market_price(side, levels, amount, order_type)
        except InvalidOrder as error:
            found, problem = None, error
    assert found == want
    if found is None:
        assert str(problem).startswith(NO_MATCH)
        if problem.nearest and Decimal(problem.nearest[0]):
            assert market_price(side, levels, problem.nearest[0], "FOK")


def test_exactly_what_a_level_holds_stays_at_that_level() -> None:
    """The level that completes the amount to the cent is the last one needed; a cent more needs the next."""
    assert market_price("BUY", ASKS, "50", "FOK") == Decimal("0.50")
    assert market_price("BUY", ASKS, "50.01", "FOK") == Decimal("0.55")
    assert market_price("SELL", BIDS, "200", "FOK") == Decimal("0.45")
    assert market_price("SELL", BIDS, "200.01", "FOK") == Decimal("0.40")


def test_a_book_too_shallow_says_how_deep_it_is() -> None:
    """A FOK beyond the book names the most that could be filled; a FAK goes to the worst level."""
    with pytest.raises(InvalidOrder, match="no match: the asks hold 165") as caught:
        market_price("BUY", ASKS, "165.01", "FOK")
    assert (caught.value.field, caught.value.nearest) == ("amount", ("165.00",))
    assert market_price("BUY", ASKS, "165.01", "FAK") == Decimal("0.60")
    for order_type in ("FOK", "FAK"):
        with pytest.raises(InvalidOrder, match="no match: there are no bids"):
            market_price("SELL", [], "1", order_type)


def test_levels_best_first_are_refused() -> None:
    """Levels in the other order would make every price the worst one, so they are wrong use."""
    with pytest.raises(ConfigError, match="worst first"):
        market_price("BUY", ASKS[::-1], "150", "FAK")
    with pytest.raises(ConfigError, match="worst first"):
        market_price("SELL", BIDS[::-1], "150", "FAK")


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "buy"}, {"order_type": "GTC"}, {"order_type": None}, {"amount": "0"}, {"amount": "-1"},
        {"amount": 1.5}, {"amount": "NaN"}, {"levels": [(0.5, 1.0)]},
        {"levels": [(Decimal("NaN"), Decimal(1))]},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_use(wrong: dict[str, Any]) -> None:
    """Unknown sides and types, amounts of nothing and floats are refused."""
    arguments = {"side": "BUY", "levels": ASKS, "amount": "50", "order_type": "FOK"} | wrong
    with pytest.raises(ConfigError):
        market_price(**arguments)


# -- what a quantity costs --


@given(
    book=books().filter(lambda drawn: drawn[0] == "BUY"),
    limit=st.integers(1, 9999),
    hundredths=st.integers(1, 10**9),
)
def test_cost_is_that_of_taking_from_the_best(
    book: tuple[str, list[tuple[Decimal, Decimal]]], limit: int, hundredths: int
) -> None:
    """It is what taking share after share costs, to the cent below, and the limit for what is not offered."""
    left, cost = Fraction(hundredths, 100), Fraction(0)
    for price, size in sorted(book[1]):
        if price <= Decimal(limit).scaleb(-4):
            taken = min(left, Fraction(size))
            cost, left = cost + taken * Fraction(price), left - taken
    cost += left * Fraction(limit, 10_000)
    found = cost_now(book[1], Decimal(limit).scaleb(-4), Decimal(hundredths).scaleb(-2))
    assert found == Decimal(cost * 100 // 1).scaleb(-2)
    assert found <= Fraction(hundredths, 100) * Fraction(limit, 10_000)


def test_cost_in_an_empty_book() -> None:
    """Where nothing is offered, a quantity costs its limit, in whatever context the thread has."""
    with decimal.localcontext(decimal.Context(prec=1)):
        assert cost_now([], "0.333", "12.34") == Decimal("4.10")
        assert cost_now(ASKS, "0.49", 1) == Decimal("0.49")
        assert cost_now(ASKS, "0.55", 150) == Decimal("77.50")
