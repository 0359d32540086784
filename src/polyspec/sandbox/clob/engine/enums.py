"""The closed vocabularies of the CLOB engine: values equal names, the venue's own where it has some."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "EntryKind",
    "MarketStatus",
    "OrderStatus",
    "OrderStep",
    "OrderType",
    "RejectReason",
    "Side",
    "TradeStatus",
    "TradingMode",
]


class Side(StrEnum):
    """Direction of an order in shares of its outcome."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """How long an order works."""

    GTC = "GTC"
    GTD = "GTD"
    FOK = "FOK"
    FAK = "FAK"

    @property
    def rests(self) -> bool:
        """Whether what does not match at once stays in the book."""
        return self is OrderType.GTC or self is OrderType.GTD


class OrderStatus(StrEnum):
    """Where an order stands; the first three are open."""

    LIVE = "LIVE"
    DELAYED = "DELAYED"
    """Marketable, held for the market's delay, not in the book."""
    UNMATCHED = "UNMATCHED"
    """The hold is over, nothing matched: it rests like a live one."""
    MATCHED = "MATCHED"
    """Completely matched; of an order that takes at once: all that could be."""
    CANCELED = "CANCELED"
    CANCELED_MARKET_RESOLVED = "CANCELED_MARKET_RESOLVED"
    CANCELED_NOT_ENOUGH_BALANCE = "CANCELED_NOT_ENOUGH_BALANCE"
    CANCELED_MARKET_NOT_FOUND = "CANCELED_MARKET_NOT_FOUND"
    CANCELED_EXPIRED_ORDER = "CANCELED_EXPIRED_ORDER"
    CANCELED_ORDER_TIMED_OUT = "CANCELED_ORDER_TIMED_OUT"
    INVALID = "INVALID"
    """Held, and at the end of the hold not to be carried out."""

    @property
    def is_open(self) -> bool:
        """Whether an order in this status can still match."""
        return self in _OPEN


_OPEN = frozenset({OrderStatus.LIVE, OrderStatus.DELAYED, OrderStatus.UNMATCHED})


class OrderStep(StrEnum):
    """What happened to an order; the values of the user stream."""

    PLACEMENT = "PLACEMENT"
    UPDATE = "UPDATE"
    CANCELLATION = "CANCELLATION"


class TradeStatus(StrEnum):
    """Where the settlement of a trade stands; CONFIRMED and FAILED are final."""

    MATCHED = "MATCHED"
    RETRYING = "RETRYING"
    MINED = "MINED"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"

    @property
    def is_pending(self) -> bool:
        """Whether nothing has moved on chain yet."""
        return self is TradeStatus.MATCHED or self is TradeStatus.RETRYING


class MarketStatus(StrEnum):
    """Whether a market takes orders; cancels are taken in every status."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    PAUSED = "PAUSED"
    CLOSED = "CLOSED"
    RESOLVED = "RESOLVED"


class TradingMode(StrEnum):
    """What the venue as a whole takes at the moment."""

    NORMAL = "NORMAL"
    DISABLED = "DISABLED"
    """Neither orders nor cancels."""
    CANCEL_ONLY = "CANCEL_ONLY"
    POST_ONLY = "POST_ONLY"
    """Post-only orders and cancels."""


class RejectReason(StrEnum):
    """Why a new order was refused."""

    TRADING_DISABLED = "TRADING_DISABLED"
    CANCEL_ONLY = "CANCEL_ONLY"
    POST_ONLY_MODE = "POST_ONLY_MODE"
    UNKNOWN_TOKEN = "UNKNOWN_TOKEN"  # noqa: S105 - an outcome token, not a secret
    MARKET_NOT_READY = "MARKET_NOT_READY"
    DUPLICATED = "DUPLICATED"
    INVALID_TYPE = "INVALID_TYPE"
    INVALID_AMOUNTS = "INVALID_AMOUNTS"
    INVALID_TICK = "INVALID_TICK"
    INVALID_SIZE = "INVALID_SIZE"
    INVALID_EXPIRATION = "INVALID_EXPIRATION"
    INVALID_BUILDER = "INVALID_BUILDER"
    NOT_ENOUGH_BALANCE = "NOT_ENOUGH_BALANCE"
    POST_ONLY_CROSSES = "POST_ONLY_CROSSES"
    FOK_NOT_FILLED = "FOK_NOT_FILLED"
    FAK_NO_MATCH = "FAK_NO_MATCH"


class EntryKind(StrEnum):
    """Why a wallet's balance changed."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    TRANSFER = "TRANSFER"
    SPLIT = "SPLIT"
    MERGE = "MERGE"
    TRADE = "TRADE"
    REDEMPTION = "REDEMPTION"
