"""Everything that can change an exchange; journalled, and enough to rebuild it.

Prices are integers scaled by the market's price scale, quantities by its quantity scale,
money in units of 1e-8 dollar, times in nanoseconds since the epoch.
"""

from __future__ import annotations

from msgspec import Struct

from .enums import (
    AccountKind,
    LedgerEntryType,
    MarketState,
    OrderType,
    SelfMatchInstruction,
    Side,
    TimeInForce,
    TradeState,
    TradeType,
)
from .records import FeeSchedule, MarketDefinition

__all__ = [
    "AddMarket",
    "AddParticipant",
    "Advance",
    "CancelAll",
    "CancelOrder",
    "Command",
    "CrossLeg",
    "Deposit",
    "OpenAccount",
    "PlaceCross",
    "PlaceOrder",
    "Refuse",
    "ReplaceOrder",
    "SetFees",
    "SetMarketState",
    "SetReferencePrice",
    "SetTradeState",
    "Settle",
    "Transfer",
    "Withdraw",
]


class _Command(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, tag_field="command", gc=False
):
    """What the exchange is asked to do."""


class AddMarket(_Command, frozen=True, kw_only=True):
    """List a market."""

    market: MarketDefinition
    state: MarketState = MarketState.PENDING


class SetMarketState(_Command, frozen=True, kw_only=True):
    """Move a market to another state; runs the auction that ends a call phase."""

    symbol: str
    state: MarketState


class SetReferencePrice(_Command, frozen=True, kw_only=True):
    """Set the price market orders fall back on while nothing has traded."""

    symbol: str
    price: int


class SetFees(_Command, frozen=True, kw_only=True):
    """Charge later fills of a market by another schedule."""

    symbol: str
    fees: FeeSchedule


class Settle(_Command, frozen=True, kw_only=True):
    """Fix what one contract pays; final settlements expire orders, pay out and close positions."""

    symbol: str
    price: int
    preliminary: bool = False
    method: str = ""
    text: str = ""


class OpenAccount(_Command, frozen=True, kw_only=True):
    """Open an account without money."""

    account: str
    kind: AccountKind = AccountKind.CUSTOMER


class AddParticipant(_Command, frozen=True, kw_only=True):
    """Register a participant, or change the accounts its orders may use."""

    participant: str
    accounts: tuple[str, ...]


class Deposit(_Command, frozen=True, kw_only=True):
    """Bring money into an account from outside."""

    account: str
    amount: int
    description: str = "Deposit"
    reference: str = ""
    type: LedgerEntryType = LedgerEntryType.DEPOSIT


class Withdraw(_Command, frozen=True, kw_only=True):
    """Take money out; refused beyond buying power less the dearest market's open orders."""

    account: str
    amount: int
    description: str = "Withdrawal"
    reference: str = ""
    type: LedgerEntryType = LedgerEntryType.WITHDRAWAL


class Transfer(_Command, frozen=True, kw_only=True):
    """Move money between two accounts under the rule of Withdraw."""

    source: str
    target: str
    amount: int
    description: str = "Transfer"
    reference: str = ""
    type: LedgerEntryType = LedgerEntryType.MANUAL_TRANSFER


class PlaceOrder(_Command, frozen=True, kw_only=True):
    """Enter an order; the outcome is its executions."""

    participant: str
    account: str
    symbol: str
    side: Side
    type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCEL
    quantity: int = 0
    cash_quantity: int = 0
    """Dollars times the price scale to spend instead of a quantity."""
    price: int | None = None
    stop_price: int | None = None
    order_id: str = ""
    """Empty: the exchange numbers the order."""
    client_order_id: str = ""
    min_quantity: int = 0
    all_or_none: bool = False
    post_only: bool = False
    strict_limit: bool = False
    best_limit: bool = False
    immediately_executable_limit: bool = False
    good_till: int | None = None
    self_match_id: str = ""
    self_match_instruction: SelfMatchInstruction | None = None
    tags: dict[str, str] = {}
    """Carried on the order, meaningless to the engine."""


class CrossLeg(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side of a cross."""

    participant: str
    account: str
    order_id: str = ""
    client_order_id: str = ""
    self_match_id: str = ""
    tags: dict[str, str] = {}


class PlaceCross(_Command, frozen=True, kw_only=True):
    """Trade two orders with each other in full at one price, or refuse both."""

    symbol: str
    price: int
    quantity: int
    buy: CrossLeg
    sell: CrossLeg
    cross_id: str = ""
    passive_side: Side = Side.SELL
    """The prioritized side: it counts as resting, the other as aggressor."""
    type: TradeType = TradeType.CROSS
    inside_book: bool = True
    """Refuse a price that would trade past, or ahead of, resting orders."""


class CancelOrder(_Command, frozen=True, kw_only=True):
    """Cancel one open order of a participant, by id or by client id."""

    participant: str
    order_id: str = ""
    client_order_id: str = ""
    symbol: str = ""


class CancelAll(_Command, frozen=True, kw_only=True):
    """Cancel a participant's open orders, of one market or account if named."""

    participant: str
    symbol: str = ""
    account: str = ""


class ReplaceOrder(_Command, frozen=True, kw_only=True):
    """Change an open order; fields left None stay."""

    participant: str
    order_id: str = ""
    client_order_id: str = ""
    symbol: str = ""
    new_client_order_id: str | None = None
    quantity: int | None = None
    """The whole order's quantity, what is filled included."""
    price: int | None = None
    stop_price: int | None = None
    time_in_force: TimeInForce | None = None
    good_till: int | None = None
    post_only: bool | None = None


class Refuse(_Command, frozen=True, kw_only=True):
    """Reject orders or a replace for a reason from outside the rules; the answer is that of any other."""

    request: PlaceOrder | PlaceCross | ReplaceOrder
    text: str


class SetTradeState(_Command, frozen=True, kw_only=True):
    """Clear a trade, or bust it: busting reverses money, fees and positions."""

    trade_id: str
    state: TradeState
    text: str = ""


class Advance(_Command, frozen=True, kw_only=True):
    """Let time pass: orders whose time is over expire (as they do before any command)."""


Command = (
    AddMarket
    | SetMarketState
    | SetReferencePrice
    | SetFees
    | Settle
    | OpenAccount
    | AddParticipant
    | Deposit
    | Withdraw
    | Transfer
    | PlaceOrder
    | PlaceCross
    | CancelOrder
    | CancelAll
    | ReplaceOrder
    | Refuse
    | SetTradeState
    | Advance
)
