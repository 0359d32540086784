"""What tests of the US exchange's bad days begin with."""

from __future__ import annotations

from typing import Any

from polyspec.us.ticket import NewOrder

__all__ = ["CANCEL", "INSERT", "ONE_MORE", "OPEN", "TOKEN", "an_order"]

INSERT = "OrderEntryAPI_InsertOrder"
CANCEL = "OrderEntryAPI_CancelOrder"
OPEN = "OrderEntryAPI_GetOpenOrders"
TOKEN = "OAuth_RequestToken"
ONE_MORE: dict[str, Any] = {"side": "BUY", "price": "0.5", "quantity": 1}


def an_order(symbol: str, **changes: Any) -> NewOrder:
    """Make an order that rests."""
    return NewOrder(market=symbol, **ONE_MORE | changes)
