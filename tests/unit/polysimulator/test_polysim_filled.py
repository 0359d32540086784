"""What is filled of an accepted order on PolySimulator."""

from __future__ import annotations

from decimal import Decimal

import pytest

from polyspec.polysimulator.fate import Accepted, OrderId


@pytest.mark.parametrize(
    ("status", "warnings", "filled"),
    [
        ("FILLED", (), "15"),
        ("matched", (), "15"),
        ("FILLED", ("partial_fill:filled=10,requested=15",), "15"),
        ("PENDING", (), "0"),
        ("PENDING", ("partial_fill:filled=10.25,requested=15",), "10.25"),
        (
            "PENDING",
            (
                "high_slippage_bps_40",
                "partial_fill:filled=1",
            ),
            "1",
        ),
        ("PENDING", ("partial_fill:filled=much,requested=15", "partial_fill:filled=-1"), "0"),
        ("CANCELLED", (), "0"),
    ],
)
def test_filled_is_what_the_venue_says(status: str, warnings: tuple[str, ...], filled: str) -> None:
    """A filled order tells its quantity, one that rests what was filled on entry; nonsense is nothing."""
    order = Accepted(OrderId(1, "pending"), "ps-1", status, Decimal(15), warnings=warnings)
    assert order.filled == Decimal(filled)
