"""The paper exchange: deterministic, in integers, every change on disk before it is seen.

Time and prices are handed in. Nothing here reads a clock, draws a random number or knows of HTTP.
"""

from __future__ import annotations

from .exchange import PaperExchange
from .journal import PaperJournal
from .records import (
    EquityPoint,
    Order,
    OrderStatus,
    Position,
    PositionStatus,
    Settlement,
    Trade,
    User,
    Wallet,
    WalletKind,
)
from .refused import Refused
from .requests import (
    Cancels,
    Idem,
    OrderRow,
    OrderSpec,
    Placed,
    PositionBrief,
    Reset,
    Side,
    Source,
    Summary,
)
from .settings import EngineSettings, fee_bps
from .units import money_text, price_text, quantity_text, scaled

__all__ = [
    "Cancels",
    "EngineSettings",
    "EquityPoint",
    "Idem",
    "Order",
    "OrderRow",
    "OrderSpec",
    "OrderStatus",
    "PaperExchange",
    "PaperJournal",
    "Placed",
    "Position",
    "PositionBrief",
    "PositionStatus",
    "Refused",
    "Reset",
    "Settlement",
    "Side",
    "Source",
    "Summary",
    "Trade",
    "User",
    "Wallet",
    "WalletKind",
    "fee_bps",
    "money_text",
    "price_text",
    "quantity_text",
    "scaled",
]
