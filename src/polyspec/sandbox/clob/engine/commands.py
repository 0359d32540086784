"""Everything that can change the CLOB; journalled, and enough to rebuild it.

Units as in the records: millionths, nanoseconds, expirations in seconds.
"""

from __future__ import annotations

from msgspec import Struct

from .enums import MarketStatus, OrderStatus, OrderType, Side, TradeStatus, TradingMode
from .records import FeeSchedule, MarketTerms

__all__ = [
    "AddMarket",
    "Advance",
    "CancelAll",
    "CancelMarketOrders",
    "CancelOrders",
    "ChangeMarket",
    "ClearBook",
    "Command",
    "Deposit",
    "Merge",
    "PlaceOrder",
    "Redeem",
    "Resolve",
    "SetAllowance",
    "SetApproval",
    "SetBuilder",
    "SetMarketStatus",
    "SetTick",
    "SetTradeStatus",
    "SetTradingMode",
    "Split",
    "Transfer",
    "Withdraw",
]


class _Command(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, tag_field="command", gc=False
):
    """What the CLOB is asked to do."""


# -- markets and the venue -------------------------------------------------------------------------


class AddMarket(_Command, frozen=True, kw_only=True):
    """List a binary market."""

    market: MarketTerms
    status: MarketStatus = MarketStatus.OPEN


class SetMarketStatus(_Command, frozen=True, kw_only=True):
    """Move a market to another status but RESOLVED; orders stay where they are."""

    condition_id: str
    status: MarketStatus


class SetTick(_Command, frozen=True, kw_only=True):
    """Change the tick; resting orders off the new grid stay."""

    condition_id: str
    tick: int


class ChangeMarket(_Command, frozen=True, kw_only=True):
    """Change terms of a market; None leaves them."""

    condition_id: str
    fees: FeeSchedule | None = None
    taker_delay: int | None = None
    minimum_size: int | None = None
    minimum_spend: int | None = None
    makers_per_trade: int | None = None


class ClearBook(_Command, frozen=True, kw_only=True):
    """Cancel every open order of a market on the venue's behalf."""

    condition_id: str
    status: OrderStatus = OrderStatus.CANCELED
    """One of the CANCELED ones."""


class Resolve(_Command, frozen=True, kw_only=True):
    """Fix what each outcome pays; cancels the market's orders."""

    condition_id: str
    payouts: tuple[int, int]
    """Per share, adding up to 1_000_000."""


class SetBuilder(_Command, frozen=True, kw_only=True):
    """Register a builder code or change its fees, in basis points of notional."""

    code: str
    maker_bps: int = 0
    taker_bps: int = 0
    enabled: bool = True


class SetTradingMode(_Command, frozen=True, kw_only=True):
    """Say which requests the venue takes."""

    mode: TradingMode


# -- wallets -----------------------------------------------------------------------------------------


class Deposit(_Command, frozen=True, kw_only=True):
    """Bring collateral into a wallet from outside."""

    wallet: str
    amount: int


class Withdraw(_Command, frozen=True, kw_only=True):
    """Take collateral out; open orders do not block it but may lose their cover."""

    wallet: str
    amount: int


class Transfer(_Command, frozen=True, kw_only=True):
    """Move collateral (no token id) or outcome tokens between wallets."""

    source: str
    target: str
    amount: int
    token_id: str = ""


class Split(_Command, frozen=True, kw_only=True):
    """Turn collateral into as many shares of both outcomes."""

    wallet: str
    condition_id: str
    amount: int


class Merge(_Command, frozen=True, kw_only=True):
    """Turn shares of both outcomes into as much collateral."""

    wallet: str
    condition_id: str
    amount: int


class Redeem(_Command, frozen=True, kw_only=True):
    """Turn all shares of a resolved market into what they pay."""

    wallet: str
    condition_id: str


class SetAllowance(_Command, frozen=True, kw_only=True):
    """Let a contract spend a wallet's collateral up to an amount; UNLIMITED is never used up."""

    wallet: str
    spender: str
    amount: int


class SetApproval(_Command, frozen=True, kw_only=True):
    """Let a contract move a wallet's outcome tokens, or no longer."""

    wallet: str
    spender: str
    approved: bool = True


# -- orders ------------------------------------------------------------------------------------------


class PlaceOrder(_Command, frozen=True, kw_only=True):
    """Enter an order whose signature, owner and version were found right."""

    order_id: str
    owner: str
    wallet: str
    token_id: str
    side: Side
    maker_amount: int
    taker_amount: int
    type: OrderType = OrderType.GTC
    post_only: bool = False
    expiration: int = 0
    """Seconds since the epoch; 0 unless GTD."""
    builder: str = ""
    """A builder code; empty or all zeros: none."""
    tags: dict[str, str] = {}
    """Carried on the order and its trades, meaningless to the engine."""


class CancelOrders(_Command, frozen=True, kw_only=True):
    """Cancel orders of an owner by id."""

    owner: str
    order_ids: tuple[str, ...]


class CancelAll(_Command, frozen=True, kw_only=True):
    """Cancel every open order of an owner."""

    owner: str


class CancelMarketOrders(_Command, frozen=True, kw_only=True):
    """Cancel an owner's open orders of a market, of a token, or of both."""

    owner: str
    condition_id: str = ""
    token_id: str = ""


# -- settlement and time -------------------------------------------------------------------------------


class SetTradeStatus(_Command, frozen=True, kw_only=True):
    """Move a trade's settlement: MATCHED or RETRYING to MINED, RETRYING or FAILED; MINED to CONFIRMED."""

    trade_id: str
    status: TradeStatus
    text: str = ""


class Advance(_Command, frozen=True, kw_only=True):
    """Let time pass: holds end and orders expire (as they do before any command)."""


Command = (
    AddMarket
    | SetMarketStatus
    | SetTick
    | ChangeMarket
    | ClearBook
    | Resolve
    | SetBuilder
    | SetTradingMode
    | Deposit
    | Withdraw
    | Transfer
    | Split
    | Merge
    | Redeem
    | SetAllowance
    | SetApproval
    | PlaceOrder
    | CancelOrders
    | CancelAll
    | CancelMarketOrders
    | SetTradeStatus
    | Advance
)
