"""What is asked of the paper exchange, and what it answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

__all__ = [
    "Cancels",
    "Idem",
    "OrderRow",
    "OrderSpec",
    "Placed",
    "PositionBrief",
    "Reset",
    "Side",
    "Source",
    "Summary",
]

Side: TypeAlias = Literal["BUY", "SELL"]
Source: TypeAlias = Literal["pending", "filled"]
"""Which of the two tables an order id belongs to: their numbers collide."""


class OrderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a client sent it; the engine checks everything."""

    market_id: str
    """The condition id."""
    side: str
    outcome: str
    order_type: str = "market"
    price: Decimal | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None
    """Dollars to spend instead of a quantity; market BUY only."""
    time_in_force: str | None = None
    client_order_id: str | None = None
    expiration: str | int | None = None
    """Unix seconds."""
    post_only: bool = False
    wallet_id: int | None = None


class Idem(msgspec.Struct, frozen=True, kw_only=True):
    """A client's key for a request, and which request it was."""

    key: str
    body_hash: str
    """Two bodies are the same if their hashes are."""
    route: str = "native"
    """A key used on one route clashes with the same key on another."""


class PositionBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A position as an order's answer tells it."""

    market_id: str
    outcome: str
    quantity: int
    avg_entry_price: int
    status: str


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order at placement; prices and money in millionths, sizes in 1/10,000 share."""

    order_id: int
    source: Source
    status: Literal["PENDING", "FILLED", "CANCELLED"]
    market_id: str
    token_id: str
    order_type: Literal["market", "limit"]
    side: Side
    outcome: str
    time_in_force: str
    price: int
    """Of the fill, or the limit of what rests or was cancelled."""
    quantity: int
    """What was filled if `status` is FILLED, else what was asked for."""
    notional: int
    """Price times quantity, whole cents."""
    requested: int
    filled: int = 0
    """What was filled at placement, also of an order whose rest is pending."""
    filled_notional: int = 0
    fee: int = 0
    """To five decimals."""
    fee_charged: int = 0
    """In whole cents, as the wallet felt it: what `fee` of an answer says."""
    trade_id: int | None = None
    """The row of the filled table, if something was filled."""
    created_ns: int
    filled_ns: int | None = None
    cancelled_reason: str | None = None
    price_source: str | None = None
    slippage_bps: int | None = None
    quote_age_ms: int | None = None
    spread_bps: int | None = None
    impact_bps: int | None = None
    book_walk_levels: int | None = None
    account_balance: int
    position: PositionBrief | None = None
    client_order_id: str | None = None
    amount_interpreted_as: str | None = None
    is_replay: bool = False
    warnings: tuple[str, ...] = ()


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a listing of orders, whichever table it is from."""

    order_id: int
    source: Source
    wallet_id: int
    market_id: str
    token_id: str
    side: Side
    outcome: str
    order_type: Literal["market", "limit"]
    limit_price: int | None
    """None for market orders."""
    quantity: int
    filled: int
    time_in_force: str
    status: str
    client_order_id: str | None
    created_ns: int
    filled_ns: int | None = None
    fill_price: int | None = None
    notional: int = 0
    fee_charged: int = 0
    cancelled_ns: int | None = None
    cancelled_reason: str | None = None
    hold_reason: str | None = None
    expires_ns: int | None = None
    trades: tuple[int, ...] = ()
    """Its rows in the filled table."""


class Cancels(msgspec.Struct, frozen=True, kw_only=True):
    """What a request to cancel several orders did."""

    canceled: tuple[str, ...]
    not_canceled: dict[str, str]
    """Reasons by id."""


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """What a reset did."""

    balance: int
    positions_closed: int
    orders_cancelled: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a wallet, or several, are worth."""

    cash: int
    """What can be spent."""
    reserved: int
    """What pending BUY orders keep."""
    position_value: int
    starting_balance: int

    @property
    def total(self) -> int:
        """Cash, what orders keep, and positions."""
        return self.cash + self.reserved + self.position_value
