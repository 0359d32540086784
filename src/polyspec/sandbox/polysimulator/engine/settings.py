"""How a paper exchange behaves where the venue's own behaviour moved, or is an option."""

from __future__ import annotations

from typing import Final

import msgspec

from .units import DOLLAR

__all__ = ["FEE_BPS", "OTHER_FEE_BPS", "EngineSettings", "fee_bps"]

FEE_BPS: Final[dict[str, int]] = {
    "crypto": 700,
    "economics": 500,
    "culture": 500,
    "weather": 500,
    "finance": 400,
    "politics": 400,
    "mentions": 400,
    "tech": 400,
    "sports": 300,
    "geopolitics": 0,
}
OTHER_FEE_BPS: Final = 500
_SECOND: Final = 1_000_000_000
_PAID: Final = {"pro": 10_000 * DOLLAR, "pro_plus": 25_000 * DOLLAR, "enterprise": 25_000 * DOLLAR}


def fee_bps(category: str) -> int:
    """Return the taker's rate of a category, in hundredths of a percent."""
    return FEE_BPS.get(category.strip().lower(), OTHER_FEE_BPS)


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator of the venue chooses; moments and spans in nanoseconds, money in millionths."""

    pm_v2: bool = True
    """Whether orders behave as on Polymarket, or in the older, simpler way."""
    api_baselines: dict[str, int] = msgspec.field(default_factory=lambda: {"free": 100 * DOLLAR, **_PAID})
    sandbox_baselines: dict[str, int] = msgspec.field(default_factory=lambda: {"free": 0, **_PAID})
    main_baseline: int = 1000 * DOLLAR
    daily_caps: dict[str, int] = msgspec.field(default_factory=lambda: {"free": 100})
    """Orders an account of a tier may place in a UTC day."""
    taker_window: int = 3 * _SECOND
    """What fills this soon after it was placed pays a taker's fee."""
    warm_up: int = 0
    """How long a new market is not found yet."""
    sanity_band: bool = True
    """Whether prices far from the displayed one are refused to market orders."""
    require_depth: bool = False
    """Whether a market order must walk a real book; an optional guard of the venue."""
    quote_limit: int | None = None
    """How old a book may be for a market order; an optional guard of the venue."""
    amount_at: str = "cap"
    """What an amount is divided by: `cap`, the order's price, or `displayed`, the market's."""
    idempotency_life: int = 24 * 3600 * _SECOND
    """How long the answer to a key is given again."""
