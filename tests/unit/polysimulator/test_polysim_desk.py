"""What the desk of PolySimulator asks for, and how long it takes."""

from __future__ import annotations

from typing import Any

import pytest

from polyspec.errors import NotFound, TimedOut
from polyspec.polysimulator.fate import Accepted
from tests.unit.polysimulator.order_rig import MARKET, Answer, Called, Venue, client_of, ok

DETAIL = f"GET /v1/markets/{MARKET}"
BOOK = f"GET /v1/markets/{MARKET}/book"


def summary(number: int) -> dict[str, Any]:
    """Return a row of the listing."""
    return {"condition_id": f"0x{number:064x}", "question": "?", "outcomes": ["Yes", "No"], "active": True}


def listing() -> Venue:
    """Return a venue with endless pages of markets, none of which has a book."""
    venue = Venue()

    def page(called: Called) -> Answer:
        start = int(called.query.get("cursor", "0"))
        return ok({"data": [summary(start + place) for place in range(2)], "next_cursor": str(start + 2)})

    venue.handlers["GET /v1/markets"] = page
    return venue


@pytest.mark.parametrize(("limit", "pages"), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 2)])
def test_no_more_markets_than_wanted(limit: int, pages: int) -> None:
    """When as many outcomes were given as are wanted, nothing more is read."""
    venue = listing()
    found = list(client_of(venue).desk.markets(limit))
    assert len(found) == limit
    assert sum(called.path == "/v1/markets" for called in venue.calls) == pages


def a_market(venue: Venue, seconds: float) -> None:
    """Let the venue know a market, and be slow to tell of it and of its book."""
    told = {"condition_id": MARKET, "question": "?", "outcomes": ["Yes", "No"], "tokens": []}
    book = {"bids": [], "asks": [], "tick_size": "0.01", "min_order_size": "5"}

    def slowly(answer: dict[str, Any]) -> Any:
        def handle(called: Called) -> Answer:
            venue.world.pass_time(seconds)
            return ok(answer)

        return handle

    venue.handlers[DETAIL], venue.handlers[BOOK] = slowly(told), slowly(book)


def test_reading_counts_for_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read of a market before an order is placed takes of the time the order has."""
    venue = Venue()
    monkeypatch.setattr("polyspec.polysimulator.desk.time.monotonic", lambda: venue.world.monotonic)
    order: dict[str, Any] = {"side": "BUY", "price": "0.65", "quantity": 10}
    a_market(venue, 1.0)
    placed = client_of(venue).desk.place(f"{MARKET}:Yes", **order, timeout=5.0)
    assert isinstance(placed, Accepted)
    assert [called.total for called in venue.calls] == pytest.approx([5.0, 3.95, 2.9 * 2 / 3])
    a_market(venue, 2.0)
    with pytest.raises(TimedOut, match="not sent"):
        client_of(venue).desk.place(f"{MARKET}:Yes", **order, timeout=4.0)
    assert len(venue.posts()) == 1


def test_no_such_outcome() -> None:
    """A market without the outcome says which ones it has, and no book is read."""
    venue = Venue()
    a_market(venue, 0.0)
    with pytest.raises(NotFound, match="but Yes, No"):
        client_of(venue).desk.market(f"{MARKET}:Maybe")
    assert len(venue.calls) == 1
