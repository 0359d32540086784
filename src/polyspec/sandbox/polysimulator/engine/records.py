"""What a paper exchange remembers: one struct per kind of record, the latest under a name counting."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

import msgspec

from .requests import Placed, PositionBrief, Side
from .units import SHARE, half_up

__all__ = [
    "Counters",
    "Depletion",
    "EquityPoint",
    "Heartbeat",
    "Idempotent",
    "Order",
    "OrderStatus",
    "Position",
    "PositionStatus",
    "Record",
    "Settlement",
    "Trade",
    "User",
    "Wallet",
    "WalletKind",
]


class WalletKind(StrEnum):
    """What a wallet is for."""

    MAIN = "MAIN"
    API = "API"
    SANDBOX = "SANDBOX"


class OrderStatus(StrEnum):
    """Where an order of the pending table stands."""

    PENDING = "PENDING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class PositionStatus(StrEnum):
    """Where a position stands."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CLOSED_BY_RESET = "CLOSED_BY_RESET"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Something remembered."""

    kind: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """Under which it is remembered, among those of its kind."""
        raise NotImplementedError


class Counters(Record, frozen=True, kw_only=True):
    """The last number given out in each sequence, and when."""

    kind: ClassVar[str] = "paper-counters"
    pending: int = 0
    filled: int = 0
    position: int = 0
    wallet: int = 0
    at_ns: int = 0

    @property
    def name(self) -> str:
        """There is one of it."""
        return "all"


class User(Record, frozen=True, kw_only=True):
    """An account."""

    kind: ClassVar[str] = "paper-user"
    id: int
    tier: str
    created_ns: int
    day: int = 0
    """The UTC day, since 1970, the orders are counted in."""
    orders_today: int = 0

    @property
    def name(self) -> str:
        """The number of the account."""
        return str(self.id)


class Wallet(Record, frozen=True, kw_only=True):
    """Paper money of an account."""

    kind: ClassVar[str] = "paper-wallet"
    id: int
    user_id: int
    type: WalletKind
    label: str | None
    baseline: int
    cash: int
    """What can be spent: what pending orders keep is not in it."""
    generation: int = 1
    """One more with every reset."""
    status: Literal["active", "archived"] = "active"
    created_ns: int
    archived_ns: int | None = None
    reset_ns: int | None = None

    @property
    def name(self) -> str:
        """The number of the wallet."""
        return str(self.id)


class Order(Record, frozen=True, kw_only=True):
    """A row of the pending table: what rests, and what became of what rested."""

    kind: ClassVar[str] = "paper-order"
    id: int
    user_id: int
    wallet_id: int
    generation: int
    client_order_id: str | None
    market_id: str
    token_id: str
    outcome: str
    outcome_index: int
    side: Side
    order_type: Literal["market", "limit"]
    time_in_force: str
    price: int
    quantity: int
    """What was asked for."""
    filled: int = 0
    value: int = 0
    """Price times size of its fills, in units of both."""
    reserved: int = 0
    """Cash a BUY still keeps; a SELL keeps its remaining shares."""
    position_id: int | None = None
    """What a SELL sells."""
    trades: tuple[int, ...] = ()
    """Its rows in the filled table."""
    status: OrderStatus = OrderStatus.PENDING
    post_only: bool = False
    expires_ns: int | None = None
    created_ns: int
    filled_ns: int | None = None
    cancelled_ns: int | None = None
    cancelled_reason: str | None = None

    @property
    def name(self) -> str:
        """Its number in the pending table."""
        return str(self.id)

    @property
    def remaining(self) -> int:
        """What may still be filled."""
        return self.quantity - self.filled if self.status is OrderStatus.PENDING else 0


class Trade(Record, frozen=True, kw_only=True):
    """A row of the filled table: an execution."""

    kind: ClassVar[str] = "paper-trade"
    id: int
    user_id: int
    wallet_id: int
    generation: int
    position_id: int
    pending_id: int | None
    """The order of the pending table it came from; None if it was filled at once and wholly."""
    client_order_id: str | None
    market_id: str
    token_id: str
    outcome: str
    outcome_index: int
    side: Side
    order_type: Literal["market", "limit"]
    time_in_force: str
    limit_price: int
    price: int
    quantity: int
    requested: int
    notional: int
    """What was paid or got for the shares, whole cents."""
    fee: int
    """The fee to five decimals."""
    fee_charged: int
    """The fee in whole cents, as the wallet felt it."""
    fee_bps: int
    taker: bool
    price_source: str
    quote_age_ms: int | None
    created_ns: int
    filled_ns: int

    @property
    def name(self) -> str:
        """Its number in the filled table."""
        return str(self.id)

    @property
    def cash(self) -> int:
        """What it changed in the wallet."""
        return -self.notional - self.fee_charged if self.side == "BUY" else self.notional - self.fee_charged


class Position(Record, frozen=True, kw_only=True):
    """Shares of one outcome in one wallet, from the first buy to the end."""

    kind: ClassVar[str] = "paper-position"
    id: int
    user_id: int
    wallet_id: int
    generation: int
    market_id: str
    token_id: str
    outcome: str
    outcome_index: int
    quantity: int = 0
    """Stays as it was at the end if the market or a reset closed it."""
    reserved: int = 0
    """Of it, what pending SELL orders keep."""
    cost: int = 0
    """What the shares at hand were bought for, without fees."""
    bought: int = 0
    sold: int = 0
    """What was ever paid and got for shares, without fees."""
    exit_price: int | None = None
    """What a share paid when the market was settled."""
    status: PositionStatus = PositionStatus.OPEN
    opened_ns: int
    closed_ns: int | None = None

    @property
    def name(self) -> str:
        """Its number."""
        return str(self.id)

    @property
    def avg_entry_price(self) -> int:
        """What a share at hand was bought for, without fees; 0 if none is."""
        return half_up(self.cost * SHARE, self.quantity) if self.quantity else 0

    @property
    def brief(self) -> PositionBrief:
        """What an order's answer says of it."""
        return PositionBrief(
            market_id=self.market_id,
            outcome=self.outcome,
            quantity=self.quantity,
            avg_entry_price=self.avg_entry_price,
            status=self.status.value,
        )


class Settlement(Record, frozen=True, kw_only=True):
    """What a position was worth when its market was resolved."""

    kind: ClassVar[str] = "paper-settlement"
    position_id: int
    user_id: int
    wallet_id: int
    generation: int
    market_id: str
    token_id: str
    outcome: str
    quantity: int
    avg_entry_price: int
    cost_basis: int
    payout: int
    payout_per_share: int
    realized_pnl: int
    result: Literal["won", "lost", "split"]
    settled_ns: int

    @property
    def name(self) -> str:
        """The number of the position."""
        return str(self.position_id)


class Idempotent(Record, frozen=True, kw_only=True):
    """The answer given to a client's key."""

    kind: ClassVar[str] = "paper-idempotent"
    user_id: int
    key: str
    body_hash: str
    route: str
    at_ns: int
    placed: Placed

    @property
    def name(self) -> str:
        """The account and the key."""
        return f"{self.user_id}/{self.key}"


class Depletion(Record, frozen=True, kw_only=True):
    """What limit orders took from one snapshot of a book."""

    kind: ClassVar[str] = "paper-depletion"
    token_id: str
    """The first token of a market of two, any other its own."""
    at_ns: int
    taken: dict[str, int]
    """Sizes by side of the book and price."""

    @property
    def name(self) -> str:
        """The token."""
        return self.token_id


class Heartbeat(Record, frozen=True, kw_only=True):
    """A dead man's switch of an account."""

    kind: ClassVar[str] = "paper-heartbeat"
    user_id: int
    label: str
    expires_ns: int
    active: bool = True

    @property
    def name(self) -> str:
        """The account and the label."""
        return f"{self.user_id}/{self.label}"


class EquityPoint(Record, frozen=True, kw_only=True):
    """What a wallet was worth in an hour."""

    kind: ClassVar[str] = "paper-equity"
    wallet_id: int
    hour_ns: int
    cash: int
    """With what pending orders keep."""
    position_value: int
    baseline: int

    @property
    def name(self) -> str:
        """The wallet and the hour."""
        return f"{self.wallet_id}/{self.hour_ns}"

    @property
    def total(self) -> int:
        """Cash and positions."""
        return self.cash + self.position_value
