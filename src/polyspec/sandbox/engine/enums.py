"""The closed vocabularies of the exchange engine; values equal names."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AccountKind",
    "CancelRejectReason",
    "ExecutionType",
    "LedgerEntryType",
    "MarketState",
    "OrderState",
    "OrderType",
    "RejectReason",
    "SelfMatchInstruction",
    "Side",
    "TimeInForce",
    "TradeState",
    "TradeType",
    "UnsolicitedCancelReason",
]


class Side(StrEnum):
    """Direction of an order in contracts of the market."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """How an order gets its price."""

    LIMIT = "LIMIT"
    MARKET_TO_LIMIT = "MARKET_TO_LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"


class TimeInForce(StrEnum):
    """How long an order works."""

    DAY = "DAY"
    GOOD_TILL_CANCEL = "GOOD_TILL_CANCEL"
    IMMEDIATE_OR_CANCEL = "IMMEDIATE_OR_CANCEL"
    FILL_OR_KILL = "FILL_OR_KILL"
    GOOD_TILL_TIME = "GOOD_TILL_TIME"


class OrderState(StrEnum):
    """Where an order stands; only the first two are open."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"

    @property
    def is_open(self) -> bool:
        """Whether an order in this state can still trade."""
        return self is OrderState.NEW or self is OrderState.PARTIALLY_FILLED


class ExecutionType(StrEnum):
    """What an execution reports."""

    NEW = "NEW"
    PARTIAL_FILL = "PARTIAL_FILL"
    FILL = "FILL"
    CANCELED = "CANCELED"
    REPLACE = "REPLACE"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class RejectReason(StrEnum):
    """Why a new order was refused."""

    EXCHANGE_OPTION = "EXCHANGE_OPTION"
    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    EXCHANGE_CLOSED = "EXCHANGE_CLOSED"
    INCORRECT_QUANTITY = "INCORRECT_QUANTITY"
    INVALID_PRICE_INCREMENT = "INVALID_PRICE_INCREMENT"
    INCORRECT_ORDER_TYPE = "INCORRECT_ORDER_TYPE"
    PRICE_OUT_OF_BOUNDS = "PRICE_OUT_OF_BOUNDS"
    NO_LIQUIDITY = "NO_LIQUIDITY"


class CancelRejectReason(StrEnum):
    """Why a cancel or a replace was refused."""

    EXCHANGE_OPTION = "EXCHANGE_OPTION"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    EXCHANGE_CLOSED = "EXCHANGE_CLOSED"
    INCORRECT_QUANTITY = "INCORRECT_QUANTITY"
    INVALID_PRICE_INCREMENT = "INVALID_PRICE_INCREMENT"
    PRICE_OUT_OF_BOUNDS = "PRICE_OUT_OF_BOUNDS"


class UnsolicitedCancelReason(StrEnum):
    """Why the exchange canceled an order nobody asked it to cancel."""

    CONNECTION_LOSS = "CONNECTION_LOSS"
    LOGOUT = "LOGOUT"
    EXCHANGE_OPTION = "EXCHANGE_OPTION"
    OTHER = "OTHER"


class SelfMatchInstruction(StrEnum):
    """What happens when an order would trade with its own participant."""

    REJECT_AGGRESSOR = "REJECT_AGGRESSOR"
    CANCEL_RESTING = "CANCEL_RESTING"
    REMOVE_BOTH = "REMOVE_BOTH"


class MarketState(StrEnum):
    """Which requests a market takes and whether it matches."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    PREOPEN = "PREOPEN"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    TERMINATED = "TERMINATED"
    HALTED = "HALTED"
    MATCH_AND_CLOSE_AUCTION = "MATCH_AND_CLOSE_AUCTION"
    PENDING = "PENDING"

    @property
    def takes_orders(self) -> bool:
        """Whether orders may be entered and modified."""
        return self in _ENTRY_STATES

    @property
    def takes_cancels(self) -> bool:
        """Whether orders may be canceled."""
        return self in _ENTRY_STATES or self is MarketState.SUSPENDED

    @property
    def is_final(self) -> bool:
        """Whether trading never resumes from this state."""
        return self is MarketState.EXPIRED or self is MarketState.TERMINATED


_ENTRY_STATES = frozenset({MarketState.OPEN, MarketState.PREOPEN, MarketState.MATCH_AND_CLOSE_AUCTION})


class TradeState(StrEnum):
    """Where a trade stands in clearing."""

    NEW = "NEW"
    CLEARED = "CLEARED"
    BUSTED = "BUSTED"


class TradeType(StrEnum):
    """How the two sides of a trade met."""

    REGULAR = "REGULAR"
    REQUEST_FOR_QUOTE = "REQUEST_FOR_QUOTE"
    BLOCK = "BLOCK"
    CROSS = "CROSS"


class LedgerEntryType(StrEnum):
    """Why a balance changed."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    ORDER_EXECUTION = "ORDER_EXECUTION"
    CORRECTION = "CORRECTION"
    RESOLUTION = "RESOLUTION"
    MANUAL_ADJUSTMENT = "MANUAL_ADJUSTMENT"
    COMMISSION = "COMMISSION"
    WITHDRAWAL_REJECTION = "WITHDRAWAL_REJECTION"
    MANUAL_TRANSFER = "MANUAL_TRANSFER"
    PENDING_WITHDRAWAL_CREATION = "PENDING_WITHDRAWAL_CREATION"


class AccountKind(StrEnum):
    """Whose money an account holds."""

    CUSTOMER = "CUSTOMER"
    HOUSE = "HOUSE"
    """The exchange's own; exempt from buying power."""
