"""The order every client of PolySimulator makes here, and what it is answered with; for the peer as well."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = [
    "ANSWER", "API_KEY", "LISTED", "MARKET", "OUTCOME", "PRICE", "QUANTITY", "RATE", "SIDE", "WIDTH", "page",
]  # fmt: skip

API_KEY: Final = "ps_live_" + "k" * 43
MARKET: Final = "0x" + "c0" * 32
SIDE: Final = "BUY"
OUTCOME: Final = "Yes"
PRICE: Final = "0.65"
QUANTITY: Final = "10"
LISTED: Final = 1_000
"""Markets of the listing."""
WIDTH: Final = 10
"""Orders on their way at once: as many connections as the peer opens."""
RATE: Final = 100_000
"""Requests a second and a minute the plan allows: more than anybody here can make."""

ANSWER: Final[dict[str, Any]] = {
    "order_id": 48213,
    "status": "FILLED",
    "order_type": "limit",
    "side": SIDE,
    "outcome": OUTCOME,
    "price": PRICE,
    "quantity": QUANTITY,
    "notional": "6.5",
    "fee": "0.09",
    "filled_at": "2026-11-20T14:03:07.512000+00:00",
    "price_source": "book_walk",
    "slippage_bps": 0,
    "quote_age_ms": 120,
    "spread_bps": 200,
    "impact_bps": 0,
    "book_walk_levels": 1,
    "account_balance": "9993.41",
    "position": {"market_id": MARKET, "outcome": OUTCOME, "quantity": QUANTITY, "avg_entry_price": PRICE},
    "client_order_id": None,
    "is_replay": False,
    "warnings": [],
}
"""The venue's own example. It repeats no id of the client, so that one answer does for all."""


def page(count: int) -> bytes:
    """Return one answer of the listing; the same for the same count."""
    return json.dumps([_market(index) for index in range(count)], separators=(",", ":")).encode()


def _market(index: int) -> dict[str, Any]:
    cents = 3 + index * 7 % 95
    return {
        "condition_id": f"0x{index + (0xC0 << 248):064x}",
        "slug": f"will-the-measure-of-{index}-pass-before-the-end-of-the-year",
        "question": f"Will the measure number {index} pass before the end of the year?",
        "outcomes": ["Yes", "No"],
        "active": True,
        "closed": False,
        "is_hot": index % 10 == 0,
        "image_url": f"https://images.example/markets/{index}.png",
        "category": ("politics", "sports", "crypto")[index % 3],
        "clob_token_ids": [str(10**76 + index * 2), str(10**76 + index * 2 + 1)],
        "volume_24h": f"{index * 37 % 9_000}.25",
        "volume_total": f"{index * 911}.5",
        "last_price": f"0.{cents:02}",
        "live_price": {
            "buy": f"0.{cents:02}",
            "sell": f"0.{99 - cents:02}",
            "volume": f"{index * 911}.5",
            "updated_at": "2026-11-20T14:03:07.512000+00:00",
            "source": "ws",
            "outcomes": [
                {"label": "Yes", "price": f"0.{cents:02}"},
                {"label": "No", "price": f"0.{99 - cents:02}"},
            ],
        },
    }
