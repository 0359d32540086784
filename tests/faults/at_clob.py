"""What tests of the CLOB's bad days begin with, and how they hold a fate against what it must be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from polyspec.clob.fate import Rejected, Unknown
from polyspec.errors import OrderRejected
from tests.client.clob.rig import Person, Token, Venue
from tests.faults.hands import Hands

__all__ = [
    "BOOK",
    "LOOKUP",
    "ONE_MORE",
    "OPEN",
    "ORDER",
    "ORDERS",
    "VERSION",
    "arm",
    "batch",
    "ready",
    "refused",
    "settled",
]

ORDER, ORDERS = "Orders_PostOrder", "Orders_PostOrders"
LOOKUP, OPEN = "Orders_GetOrder", "Orders_GetOpenOrders"
VERSION, BOOK = "Health_GetVersion", "Books_GetOrderBook"
ONE_MORE: dict[str, Any] = {"side": "BUY", "price": "0.4", "size": 10}


def ready(hands: Hands, venue: Venue, person: Person, settings: Any = None) -> Any:
    """Connect, with credentials in hand."""
    client = hands.connect(venue, person, settings)
    client.create_or_derive_api_key()
    return client


def arm(venue: Venue, operation: str, fault: dict[str, Any]) -> Counter[str]:
    """Prepare a fault for the next request of an operation; return what the venue has seen so far."""
    venue.clob.faults.add(operation=operation, **fault)
    return venue.seen.copy()


def batch(client: Any, token: Token, count: int = 15) -> list[Any]:
    """Make orders that rest at prices of their own."""
    return [client.create_order(**token.known, **ONE_MORE | {"price": f"0.{10 + n}"}) for n in range(count)]


def settled(hands: Hands, placed: Any, fault: dict[str, Any]) -> Any:
    """Resolve what is unknown: only what took long to be noticed may have left no time for looking."""
    if isinstance(placed, Unknown):
        assert fault["kind"] in ("hang_before", "hang_after", "drip")
        return hands.done(placed.resolve())
    return placed


def refused(placed: Any, kind: type[OrderRejected], words: str) -> Rejected:
    """Hold a fate against a refusal by the venue."""
    assert isinstance(placed, Rejected)
    assert not placed.never_arrived
    with pytest.raises(kind, match=words):
        placed.unwrap()
    return placed
