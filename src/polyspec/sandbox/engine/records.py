"""What an exchange holds and reports: markets, orders, executions, trades, entries.

Prices are integers scaled by the market's price scale, quantities by its quantity scale,
notional is price times quantity (dollars times both scales), money is in units of 1e-8
dollar, times in nanoseconds since the epoch. Records only ever refer to older ones, so they
stay out of cyclic garbage collection, which would otherwise walk the whole history.
"""

from __future__ import annotations

from msgspec import Struct, field

from .enums import (
    AccountKind,
    CancelRejectReason,
    ExecutionType,
    LedgerEntryType,
    MarketState,
    OrderState,
    OrderType,
    RejectReason,
    SelfMatchInstruction,
    Side,
    TimeInForce,
    TradeState,
    TradeType,
    UnsolicitedCancelReason,
)

__all__ = [
    "AccountOpened",
    "Balance",
    "BookChange",
    "BookLevel",
    "CancelReject",
    "CommandRefused",
    "Event",
    "Execution",
    "FeeSchedule",
    "LedgerEntry",
    "MarketChange",
    "MarketDefinition",
    "MarketSettled",
    "MarketStatistics",
    "Order",
    "Position",
    "PositionEntry",
    "Preview",
    "Trade",
]


class FeeSchedule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fee coefficients in units of 1e-4: fee = theta C p (1-p) [+ quartic C p (1-p)^4 for takers]."""

    taker_theta: int = 695
    maker_theta: int = -125
    taker_quartic: int = 0


class MarketDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fixed terms of a market."""

    symbol: str
    price_scale: int = 100
    quantity_scale: int = 100
    tick: int = 1
    price_low: int = 1
    price_high: int = 99
    payout: int = 100
    """What a winning contract pays, in price units."""
    min_quantity: int = 1
    quantity_low: int | None = None
    quantity_high: int | None = None
    notional_low: int | None = None
    notional_high: int | None = None
    reference_price: int | None = None
    currency: str = "USD"
    fees: FeeSchedule = FeeSchedule()


class MarketStatistics(Struct, kw_only=True):
    """What a market has traded; prices are None until there is one."""

    open_price: int | None = None
    high_price: int | None = None
    low_price: int | None = None
    last_price: int | None = None
    last_quantity: int = 0
    close_price: int | None = None
    """The last price when the market last closed."""
    volume: int = 0
    notional: int = 0
    trade_count: int = 0
    open_interest: int = 0
    settlement_price: int | None = None
    settlement_preliminary: bool = False
    settlement_method: str = ""
    settlement_text: str = ""
    settlement_time: int | None = None


class Order(Struct, kw_only=True, gc=False):
    """An order as it stands; executions carry copies."""

    id: str
    client_order_id: str
    participant: str
    account: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: int
    price: int
    """The working limit; zero while a stop without limit waits."""
    stop_price: int
    cash_quantity: int
    min_quantity: int
    all_or_none: bool
    post_only: bool
    strict_limit: bool
    best_limit: bool
    immediately_executable_limit: bool
    good_till: int | None
    self_match_id: str
    self_match_instruction: SelfMatchInstruction | None
    cross_id: str
    tags: dict[str, str]
    create_time: int
    insert_time: int
    """When the order last took its place in the queue."""
    last_transact_time: int
    sequence: int
    """Rank in time priority: smaller is earlier."""
    state: OrderState = OrderState.NEW
    filled: int = 0
    leaves: int = 0
    filled_notional: int = 0
    commission: int = 0
    """Money collected over all fills; negative is rebate."""
    price_to_quantity_filled: dict[int, int] = field(default_factory=dict)
    last_trade_id: str = ""
    fee_exact: int = 0
    """Exact positive fees of the fills so far, over the market's fee denominator."""
    fee_charged: int = 0
    """Cents charged of fee_exact."""

    @property
    def average_price(self) -> int:
        """The mean fill price, rounded half to even; zero before the first fill."""
        if not self.filled:
            return 0
        mean, rest = divmod(self.filled_notional, self.filled)
        return mean + (2 * rest > self.filled or (2 * rest == self.filled and mean % 2 == 1))


class _Event(Struct, frozen=True, kw_only=True, tag=True, tag_field="event", gc=False):
    """Something that happened."""


class Execution(_Event, frozen=True, kw_only=True):
    """One step in an order's life."""

    id: str
    sequence: int
    type: ExecutionType
    order: Order
    """The order right after this step; not to be changed."""
    transact_time: int
    last_price: int = 0
    last_quantity: int = 0
    commission: int = 0
    trade_id: str = ""
    aggressor: bool = False
    text: str = ""
    reject_reason: RejectReason | None = None
    unsolicited_cancel_reason: UnsolicitedCancelReason | None = None


class Trade(_Event, frozen=True, kw_only=True):
    """Two fills of one another; sent again under its id when its state changes."""

    id: str
    symbol: str
    price: int
    quantity: int
    time: int
    aggressor: Execution
    passive: Execution
    type: TradeType = TradeType.REGULAR
    state: TradeState = TradeState.NEW
    text: str = ""


class CancelReject(_Event, frozen=True, kw_only=True):
    """A cancel or replace that was refused; the order, if any, is unchanged."""

    participant: str
    order_id: str
    client_order_id: str
    symbol: str
    reason: CancelRejectReason
    text: str
    is_replace: bool
    transact_time: int


class LedgerEntry(_Event, frozen=True, kw_only=True):
    """One side of a posting: an account's cash before and after."""

    id: str
    sequence: int
    account: str
    type: LedgerEntryType
    before: int
    after: int
    counterparty: str
    """The account of the posting's other side."""
    time: int
    description: str = ""
    symbol: str = ""
    order_id: str = ""
    trade_id: str = ""
    reference: str = ""

    @property
    def amount(self) -> int:
        """What came in (positive) or went out (negative)."""
        return self.after - self.before


class PositionEntry(_Event, frozen=True, kw_only=True):
    """A change of a position, with the position after it; cost and realized in notional units."""

    id: str
    sequence: int
    account: str
    symbol: str
    quantity_change: int
    cost_change: int
    realized_change: int
    net: int
    cost: int
    realized: int
    bought: int
    sold: int
    time: int
    description: str = ""
    trade_id: str = ""


class BookChange(_Event, frozen=True, kw_only=True):
    """The resting orders of a market changed; at most once per market and command."""

    symbol: str
    time: int


class MarketChange(_Event, frozen=True, kw_only=True):
    """A market was listed or moved to another state."""

    symbol: str
    state: MarketState
    previous: MarketState | None
    time: int


class MarketSettled(_Event, frozen=True, kw_only=True):
    """A market's payout was fixed."""

    symbol: str
    price: int
    preliminary: bool
    time: int


class AccountOpened(_Event, frozen=True, kw_only=True):
    """An account exists from now on."""

    account: str
    kind: AccountKind
    time: int


class CommandRefused(_Event, frozen=True, kw_only=True):
    """A command that is neither order, cancel nor replace changed nothing."""

    command: str
    text: str
    time: int


Event = (
    Execution
    | Trade
    | CancelReject
    | LedgerEntry
    | PositionEntry
    | BookChange
    | MarketChange
    | MarketSettled
    | AccountOpened
    | CommandRefused
)


class Position(Struct, kw_only=True, gc=False):
    """An account's contracts in one market; negative net is short."""

    account: str
    symbol: str
    net: int = 0
    bought: int = 0
    sold: int = 0
    cost: int = 0
    """Notional of the net position at its mean price; negative when short."""
    realized: int = 0
    """Notional gained by closing, fees left out."""
    settled: bool = False
    update_time: int = 0


class Balance(Struct, frozen=True, kw_only=True):
    """An account's money, in units of 1e-8 dollar."""

    account: str
    cash: int
    """Everything the account owns in dollars, proceeds of short sales included."""
    locked: int
    """Full payout of its short contracts."""
    buying_power: int
    """cash - locked"""
    open_orders: int
    """Worst case of the open orders in the dearest single market."""
    withdrawable: int


class BookLevel(Struct, frozen=True):
    """One price of a book: displayed quantity and number of orders."""

    price: int
    quantity: int
    orders: int


class Preview(Struct, frozen=True, kw_only=True):
    """What placing an order right now would do."""

    order: Order
    fills: tuple[tuple[int, int], ...]
    """Price and quantity of each immediate fill."""
    commission: int
    """Taker fee of the immediate fills, in money."""
    requirement: int
    """Buying power the market's orders would need with this one."""
    reject_reason: RejectReason | None = None
    text: str = ""
