"""Markets of the CLOB as its desk lists them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob.desk import ClobDesk


def market(condition: str, **changes: Any) -> wire.Market:
    """Return a market of two outcomes that takes orders."""
    known: dict[str, Any] = {
        "condition_id": condition,
        "question": "Will it hold?",
        "accepting_orders": True,
        "enable_order_book": True,
        "minimum_tick_size": Decimal("0.01"),
        "minimum_order_size": Decimal(5),
        "tokens": [wire.Token(token_id=f"{condition}{each}", outcome=each) for each in ("Yes", "No")],
    }
    return wire.Market(**(known | changes))


class Stub:
    """A client of a venue that lists what it is told to."""

    def __init__(self, rewarded: list[wire.Market], everything: list[wire.Market]) -> None:
        self.rewarded, self.everything = rewarded, everything
        self.read: list[str] = []

    def get_sampling_markets(self) -> Iterator[wire.Market]:
        """List what pays rewards."""
        self.read.append("sampling")
        yield from self.rewarded

    def get_markets(self) -> Iterator[wire.Market]:
        """List everything."""
        self.read.append("all")
        yield from self.everything

    def close(self) -> None:
        """Close nothing."""


def listed(client: Stub, limit: int | None = None) -> list[str]:
    """Return the ids of what a desk lists."""
    return [each.id for each in ClobDesk(client).markets(limit)]  # type: ignore[arg-type]


def test_only_what_takes_orders() -> None:
    """Closed markets, those without a book, and outcomes without a token are left out."""
    shut = [
        market("b", closed=True),
        market("c", accepting_orders=False),
        market("d", enable_order_book=False),
        market("e", tokens=[wire.Token(outcome="Yes")]),
    ]
    assert listed(Stub([market("a"), *shut], shut)) == ["aYes", "aNo"]


def test_rewarded_first_then_the_rest() -> None:
    """Every market is listed once, those with rewards first; who wants few does not read the long list."""
    client = Stub([market("b")], [market("a"), market("b"), market("c")])
    assert listed(client) == ["bYes", "bNo", "aYes", "aNo", "cYes", "cNo"]
    client.read.clear()
    assert listed(client, 1) == ["bYes"]
    assert client.read == ["sampling"]


@pytest.mark.parametrize("tick", [None, Decimal(0), Decimal("0.3")])
def test_nonsense_is_left_out(tick: Decimal | None, caplog: pytest.LogCaptureFixture) -> None:
    """A tick the venue does not have spoils its own market, not the listing."""
    with caplog.at_level(logging.WARNING, "polyspec"):
        assert listed(Stub([market("a", minimum_tick_size=tick), market("b")], [])) == ["bYes", "bNo"]
    assert "market a" in caplog.text


def test_what_a_market_says() -> None:
    """The grid is that of the tick; where names or the smallest order are missing, others stand in."""
    (found, _) = ClobDesk(Stub([market("a", minimum_tick_size=Decimal("0.0025"))], [])).markets(2)  # type: ignore[arg-type]
    assert (found.tick, found.lowest, found.highest) == (
        Decimal("0.0025"),
        Decimal("0.0025"),
        Decimal("0.9975"),
    )
    assert (found.minimum, found.quantity_step, found.name) == (5, Decimal("0.01"), "Will it hold?")
    plain = market("a", minimum_order_size=None, question=None, market_slug="hold")
    (found, _) = ClobDesk(Stub([plain], [])).markets()  # type: ignore[arg-type]
    assert (found.minimum, found.name) == (Decimal("0.01"), "hold")
