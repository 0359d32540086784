"""What the CLOB engine holds and reports: markets, orders, trades, balances, levels.

Every amount, size, price and rate is an integer in millionths: 1_000_000 is one share, one unit of
collateral, a price of 1. Times are nanoseconds since the epoch, but for expirations (seconds).
Records only refer to older ones, so they stay out of cyclic garbage collection.
"""

from __future__ import annotations

from msgspec import Struct, field

from .enums import (
    EntryKind,
    MarketStatus,
    OrderStatus,
    OrderStep,
    OrderType,
    RejectReason,
    Side,
    TradeStatus,
    TradingMode,
)

__all__ = [
    "Book",
    "BookLevel",
    "CancelResult",
    "CommandRefused",
    "Event",
    "FeeSchedule",
    "Holding",
    "LedgerEntry",
    "LevelChange",
    "MakerFill",
    "MarketChange",
    "MarketListed",
    "MarketResolved",
    "MarketStatistics",
    "MarketTerms",
    "ModeChange",
    "Order",
    "OrderEvent",
    "OrderRejected",
    "PricePoint",
    "TickChange",
    "Trade",
]


class FeeSchedule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What takers pay: shares x rate x (price x (1 - price)) ** exponent."""

    rate: int = 0
    """In millionths: 70_000 is 0.07."""
    exponent: int = 1


class MarketTerms(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is fixed, or changed by command only, about a binary market."""

    condition_id: str
    token_ids: tuple[str, str]
    """First and second outcome; the book is kept in prices of the first."""
    outcomes: tuple[str, str] = ("Yes", "No")
    tick: int = 10_000
    minimum_size: int = 5_000_000
    """Shares."""
    minimum_spend: int = 0
    """Collateral a buy order that matches at once must offer."""
    fees: FeeSchedule = FeeSchedule()
    taker_delay: int = 0
    """Nanoseconds a marketable order is held."""
    makers_per_trade: int = 0
    """Maker orders settled by one transaction; a match with more becomes several trades. 0: no limit."""
    neg_risk: bool = False
    spenders: tuple[str, ...] = ("exchange",)
    """Contracts that need the collateral allowance and the approval for outcome tokens."""


class Order(Struct, kw_only=True, gc=False):
    """An accepted order. In an event it is a copy as of that step."""

    id: str
    owner: str
    """The API key."""
    wallet: str
    """The maker address."""
    condition_id: str
    token_id: str
    outcome: int
    """0 or 1: which of the market's tokens."""
    side: Side
    type: OrderType
    maker_amount: int
    taker_amount: int
    price: int
    """The limit in millionths; of a FOK or FAK order off the grid the nearest one it still meets."""
    size: int
    """Shares; what the order was signed for."""
    remaining: int
    """Shares still in the book or held; 0 when finished."""
    post_only: bool = False
    expiration: int = 0
    """Seconds since the epoch as signed; 0: none."""
    builder: str = ""
    maker_bps: int = 0
    """The builder's fees when the order was entered, in basis points."""
    taker_bps: int = 0
    status: OrderStatus = OrderStatus.LIVE
    matched: int = 0
    """Shares matched; of a buy order by amount it can exceed the size (price improvement)."""
    spent: int = 0
    """Collateral paid (buy) or received (sell) for them, fees left out."""
    fee: int = 0
    """Platform fees."""
    builder_fee: int = 0
    trades: tuple[str, ...] = ()
    created: int = 0
    updated: int = 0
    sequence: int = 0
    """Order of entry; a held order joins the book later than it was entered."""
    text: str = ""
    """Why it ended, if not asked for."""
    tags: dict[str, str] = field(default_factory=dict)
    """As sent, meaningless to the engine; never changed."""


class MakerFill(Struct, frozen=True, kw_only=True, gc=False):
    """The part of a trade that one resting order took."""

    order_id: str
    owner: str
    wallet: str
    token_id: str
    outcome: int
    side: Side
    price: int
    """The order's own, in its own outcome."""
    matched: int
    """Shares."""
    amount: int
    """Collateral this maker paid (BUY) or received (SELL), fees left out."""
    builder: str = ""
    builder_fee: int = 0
    tags: dict[str, str] = {}


class _Event(Struct, frozen=True, kw_only=True, tag=True, tag_field="event", gc=False):
    """Something that happened."""


class Trade(_Event, frozen=True, kw_only=True):
    """A taker order met resting ones; reported again under its id whenever its status changes."""

    id: str
    sequence: int
    condition_id: str
    token_id: str
    """The taker's, as side, outcome, size, price and amount."""
    outcome: int
    side: Side
    taker_order_id: str
    owner: str
    wallet: str
    size: int
    amount: int
    """Collateral the taker paid (BUY) or received (SELL), fees left out."""
    price: int
    """amount / size, rounded half up to millionths."""
    fee: int
    fee_rate: int
    """The market's rate at that time, in millionths."""
    builder: str
    builder_fee: int
    makers: tuple[MakerFill, ...]
    match_time: int
    last_update: int
    status: TradeStatus = TradeStatus.MATCHED
    bucket_index: int = 0
    transaction_hash: str = ""
    """Set with MINED."""
    text: str = ""
    """Why it failed."""
    tags: dict[str, str] = {}
    """Those of the taker order."""

    @property
    def parties(self) -> tuple[Trade | MakerFill, ...]:
        """The taker, as the trade itself, and the makers."""
        return (self, *self.makers)


class OrderEvent(_Event, frozen=True, kw_only=True):
    """An order was accepted, matched some more, or ended without matching all."""

    step: OrderStep
    order: Order
    trade_id: str = ""
    """The trade behind an UPDATE."""
    time: int


class OrderRejected(_Event, frozen=True, kw_only=True):
    """An order was refused and left no trace; the text is the venue's."""

    order_id: str
    owner: str
    wallet: str
    token_id: str
    reason: RejectReason
    text: str
    time: int


class CancelResult(_Event, frozen=True, kw_only=True):
    """The answer to a cancel, after the cancellations themselves."""

    owner: str
    canceled: tuple[str, ...]
    not_canceled: dict[str, str]
    time: int


class LevelChange(_Event, frozen=True, kw_only=True):
    """The shares at one price of a book are different now; at most one per level and command.

    In terms of the first outcome. For the second: side swapped, price subtracted from one.
    """

    condition_id: str
    side: Side
    price: int
    size: int
    """New total, 0 when the level is gone."""
    order_id: str
    """The order that changed it last."""
    time: int


class TickChange(_Event, frozen=True, kw_only=True):
    """A market's tick is another one."""

    condition_id: str
    old: int
    new: int
    time: int


class MarketListed(_Event, frozen=True, kw_only=True):
    """A market exists from now on."""

    condition_id: str
    status: MarketStatus
    time: int


class MarketChange(_Event, frozen=True, kw_only=True):
    """A market moved to another status."""

    condition_id: str
    status: MarketStatus
    previous: MarketStatus
    time: int


class MarketResolved(_Event, frozen=True, kw_only=True):
    """What a share of each outcome pays is fixed."""

    condition_id: str
    payouts: tuple[int, int]
    time: int


class ModeChange(_Event, frozen=True, kw_only=True):
    """The venue takes other requests than before."""

    mode: TradingMode
    previous: TradingMode
    time: int


class LedgerEntry(_Event, frozen=True, kw_only=True):
    """A wallet's balance of one asset changed."""

    sequence: int
    wallet: str
    asset: str
    """Empty for collateral, else the token id."""
    change: int
    balance: int
    """After the change."""
    kind: EntryKind
    reference: str
    """Trade id, condition id or other wallet."""
    time: int


class CommandRefused(_Event, frozen=True, kw_only=True):
    """A command that is neither an order nor a cancel changed nothing."""

    command: str
    text: str
    time: int


Event = (
    OrderEvent
    | OrderRejected
    | Trade
    | CancelResult
    | LevelChange
    | TickChange
    | MarketListed
    | MarketChange
    | MarketResolved
    | ModeChange
    | LedgerEntry
    | CommandRefused
)


class BookLevel(Struct, frozen=True):
    """One price of a book."""

    price: int
    size: int
    orders: int


class Book(Struct, frozen=True, kw_only=True):
    """A book as holders of one outcome see it, best levels first."""

    condition_id: str
    token_id: str
    bids: list[BookLevel]
    asks: list[BookLevel]
    time: int
    """Of the last change."""
    tick: int
    minimum_size: int
    neg_risk: bool
    last_price: int | None
    """In this outcome; None when nothing has traded."""


class Holding(Struct, frozen=True, kw_only=True):
    """A wallet's balance of one asset and what is spoken for."""

    wallet: str
    asset: str
    balance: int
    """On chain: settled trades only."""
    active: int
    """What open orders need."""
    matched: int
    """What unsettled trades take away."""
    incoming: int
    """What unsettled trades bring; not spendable."""
    available: int
    """balance - matched: what can be moved; open orders do not block it."""


class PricePoint(Struct, frozen=True, gc=False):
    """The price of an outcome at a time."""

    time: int
    price: int
    size: int


class MarketStatistics(Struct, kw_only=True, gc=False):
    """What a market has traded since it was listed; prices of the first outcome."""

    trades: int = 0
    volume: int = 0
    """Shares."""
    notional: int = 0
    """Collateral takers paid or received."""
    last_price: int | None = None
    """Of the last maker met, first outcome."""
    last_side: Side | None = None
    """Of the last taker, in the outcome it traded."""
    last_outcome: int = 0
    last_size: int = 0
    last_time: int = 0
    last_trade_id: str = ""
