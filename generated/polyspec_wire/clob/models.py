"""Models of Polymarket CLOB.

Generated from `clob.openapi.yaml`; do not edit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Literal, NoReturn, TypeAlias

import msgspec

from polyspec_wire._call import Number, OpenEnum, no_entries, no_items, shown

__all__ = [
    "ApiKeyResponse",
    "ApiKeysResponse",
    "AssetEarning",
    "AssetType",
    "BalanceAllowanceResponse",
    "BatchPricesHistoryRequest",
    "BatchPricesHistoryResponse",
    "BestBidAskEvent",
    "BookEvent",
    "BookLevel",
    "BookRequest",
    "BuilderApiKey",
    "BuilderApiKeyResponse",
    "BuilderFeesResponse",
    "BuilderTrade",
    "BuilderTradesResponse",
    "CancelOrderPayload",
    "CancelOrdersResponse",
    "CandleLength",
    "ClobMarketDetails",
    "ClobToken",
    "ClosedOnlyResponse",
    "Comment",
    "CommentCreatedEvent",
    "CommentProfile",
    "CommentReaction",
    "CommentRemovedEvent",
    "CurrentReward",
    "CurrentRewardConfig",
    "ErrorResponse",
    "EventMessage",
    "FeeDetails",
    "FeeRate",
    "HeartbeatErrorResponse",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "HeartbeatV1Response",
    "HistoryInterval",
    "LastTradePrice",
    "LastTradePriceEvent",
    "LiveActivityMarket",
    "LiveEvent",
    "LiveMessage",
    "LivePrice",
    "LivePriceEvent",
    "LivePriceHistory",
    "LivePriceHistoryEvent",
    "LivePricePoint",
    "LiveRefusal",
    "LiveRequest",
    "LiveSubscription",
    "LiveTopicName",
    "MakerOrder",
    "Market",
    "MarketByTokenResponse",
    "MarketEvent",
    "MarketPrice",
    "MarketResolvedEvent",
    "MarketReward",
    "MarketSubscription",
    "MarketSubscriptionUpdate",
    "MarketTradeEvent",
    "MidpointResponse",
    "MultiMarketInfo",
    "NegRisk",
    "NewMarketEvent",
    "Notification",
    "OpenOrder",
    "Order",
    "OrderBookSummary",
    "OrderEvent",
    "OrderEventType",
    "OrderMarketCancelParams",
    "OrderScoringResponse",
    "OrderStatus",
    "OrderSummary",
    "OrderType",
    "OrdersResponse",
    "PaginatedCurrentReward",
    "PaginatedMarketReward",
    "PaginatedMarkets",
    "PaginatedMultiMarketInfo",
    "PaginatedSimplifiedMarkets",
    "PaginatedUserEarnings",
    "PaginatedUserRewardsMarkets",
    "PlacementStatus",
    "PriceChangeEvent",
    "PriceChangeMessage",
    "PriceResponse",
    "PricesHistoryResponse",
    "ReactionCreatedEvent",
    "ReactionRemovedEvent",
    "ReadonlyApiKeyDeletion",
    "ReadonlyApiKeyResponse",
    "RebatedFees",
    "RewardRate",
    "Rewards",
    "RewardsConfig",
    "RewardsToken",
    "RfqOrder",
    "RfqQuote",
    "RfqQuoteCancellation",
    "RfqQuoteParams",
    "RfqQuoteResponse",
    "RfqQuotesResponse",
    "RfqRequest",
    "RfqRequestCancellation",
    "RfqRequestParams",
    "RfqRequestResponse",
    "RfqRequestsResponse",
    "SendOrder",
    "SendOrderResponse",
    "Side",
    "SimplifiedMarket",
    "SortDirection",
    "SportsResult",
    "SpreadResponse",
    "SubscriptionOperation",
    "TickSize",
    "TickSizeChangeEvent",
    "Token",
    "TokenLastTradePrice",
    "TotalUserEarning",
    "Trade",
    "TradeEvent",
    "TradeEventMarket",
    "TradeEventUser",
    "TradeMakerOrder",
    "TradeStatus",
    "TradedSide",
    "TraderSide",
    "TradesResponse",
    "UserEarning",
    "UserEvent",
    "UserRewardsMarket",
    "UserSubscription",
    "UserSubscriptionUpdate",
    "VersionResponse",
    "WebSocketAuth",
]


class Side(OpenEnum):
    """The `Side` of the venue."""

    BUY = "BUY"
    SELL = "SELL"


class TradedSide(OpenEnum):
    """Side of the taker; empty when nothing was traded."""

    BUY = "BUY"
    SELL = "SELL"
    NONE = ""


class OrderType(OpenEnum):
    """GTC rests until cancelled and GTD until it expires, 60 s before its expiration. FOK is filled at
    once and whole or not at all, FAK as far as it can be at once.
    """

    GTC = "GTC"
    GTD = "GTD"
    FOK = "FOK"
    FAK = "FAK"


class PlacementStatus(OpenEnum):
    """What became of a new order: it rests, matched, or is held for a while; unmatched means held, and
    resting now. Empty when it was not taken.
    """

    LIVE = "live"
    MATCHED = "matched"
    DELAYED = "delayed"
    UNMATCHED = "unmatched"
    NONE = ""


class OrderStatus(OpenEnum, prefix="ORDER_STATUS_"):
    """State of an order. The venue's own document writes a prefix `ORDER_STATUS_`, its examples and frames
    none; both are read.
    """

    LIVE = "LIVE"
    MATCHED = "MATCHED"
    DELAYED = "DELAYED"
    UNMATCHED = "UNMATCHED"
    CANCELED = "CANCELED"
    CANCELED_MARKET_RESOLVED = "CANCELED_MARKET_RESOLVED"
    CANCELED_NOT_ENOUGH_BALANCE = "CANCELED_NOT_ENOUGH_BALANCE"
    CANCELED_MARKET_NOT_FOUND = "CANCELED_MARKET_NOT_FOUND"
    CANCELED_EXPIRED_ORDER = "CANCELED_EXPIRED_ORDER"
    CANCELED_ORDER_TIMED_OUT = "CANCELED_ORDER_TIMED_OUT"
    INVALID = "INVALID"


class TradeStatus(OpenEnum, prefix="TRADE_STATUS_"):
    """State of a trade, final when confirmed or failed; a retried one is mined or fails. The venue's own
    document writes a prefix `TRADE_STATUS_`, its examples and frames none; both are read.
    """

    MATCHED = "MATCHED"
    MATCHED_NOT_BROADCASTED = "MATCHED_NOT_BROADCASTED"
    MINED = "MINED"
    RETRYING = "RETRYING"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"


class TraderSide(OpenEnum):
    """Which side of the trade was the caller's."""

    TAKER = "TAKER"
    MAKER = "MAKER"


class AssetType(OpenEnum):
    """Collateral, tokens, or the position ids of exchange V3."""

    COLLATERAL = "COLLATERAL"
    CONDITIONAL = "CONDITIONAL"
    CONDITIONAL_V2 = "CONDITIONAL-V2"


class HistoryInterval(OpenEnum):
    """A stretch of time until now; `1m` is a month. `all` is about the same as `max`."""

    MAX = "max"
    ALL = "all"
    MONTH = "1m"
    WEEK = "1w"
    DAY = "1d"
    SIX_HOURS = "6h"
    HOUR = "1h"


class CandleLength(OpenEnum):
    """Length of a candle; `1m` is a minute here."""

    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    FIFTEEN_MINUTES = "15m"
    THIRTY_MINUTES = "30m"
    HOUR = "1h"
    FOUR_HOURS = "4h"
    DAY = "1d"
    WEEK = "1w"


class SortDirection(OpenEnum):
    """The `SortDirection` of the venue."""

    ASC = "ASC"
    DESC = "DESC"


class SubscriptionOperation(OpenEnum):
    """The `SubscriptionOperation` of the venue."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class OrderEventType(OpenEnum):
    """What happened to an order; UPDATE is a fill."""

    PLACEMENT = "PLACEMENT"
    UPDATE = "UPDATE"
    CANCELLATION = "CANCELLATION"


class LiveTopicName(OpenEnum):
    """Prices of Binance, of Chainlink as they are and averaged over 30 and 60 seconds, of stocks and other
    assets (Pyth), and comments.
    """

    CRYPTO_PRICES = "crypto_prices"
    CRYPTO_PRICES_CHAINLINK = "crypto_prices_chainlink"
    CRYPTO_PRICES_TWAP_THIRTY = "crypto_prices_twap_thirty"
    CRYPTO_PRICES_TWAP_SIXTY = "crypto_prices_twap_sixty"
    EQUITY_PRICES = "equity_prices"
    COMMENTS = "comments"


class ErrorResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused. Statuses mean what they usually do, except that any text with `context
    canceled` is 400, any with `unauthorized` 401 and any with `not found` 404.
    """

    error: str
    code: str | None = None
    """Such as `post_only_mode`; seldom there."""
    retry_after_seconds: int | None = None


class VersionResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which generation of orders is taken; the domain version they are signed for."""

    version: int


class BookRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a plural read."""

    token_id: str
    side: Side | None = None


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What rests at one price."""

    price: Decimal
    size: Decimal
    """Shares."""


class OrderBookSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The book of one token. Bids ascend and asks descend, so that the best level is the last of each.
    `hash` is SHA-1 over the rest, in lower-case hex without `0x`.
    """

    market: str
    """Condition id."""
    asset_id: str
    """Token id."""
    timestamp: str
    """Unix milliseconds."""
    hash: str
    bids: list[OrderSummary]
    asks: list[OrderSummary]
    min_order_size: Decimal
    """Shares."""
    tick_size: Decimal
    neg_risk: bool
    last_trade_price: str = msgspec.field(default_factory=str)
    """Decimal text; empty when nothing was traded."""


class MidpointResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A midpoint, live under `mid` and in the venue's own document under `mid_price`; one of them is
    there.
    """

    mid: Decimal | None = None
    mid_price: Decimal | None = None


class PriceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price, live a string although the venue's own document says number."""

    price: Decimal


class SpreadResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Best ask less best bid."""

    spread: Decimal


class LastTradePrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last trade of a token, 0.5 and no side if there was none."""

    price: Decimal
    side: TradedSide


class TokenLastTradePrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last trade of one of several tokens."""

    token_id: str
    price: Decimal
    side: TradedSide


class TickSize(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The smallest step of a price, one of 0.1, 0.01, 0.005, 0.0025, 0.001 and 0.0001."""

    minimum_tick_size: Number


class NegRisk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the market of a token is a neg-risk one."""

    neg_risk: bool


class FeeRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What V1 orders carried as fee."""

    base_fee: int
    """Basis points."""


class MarketPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A past price."""

    t: int
    """Unix seconds."""
    p: Number


class PricesHistoryResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Past prices of a token, oldest first."""

    history: list[MarketPrice]


class BatchPricesHistoryRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose history to read. Times are Unix seconds, and exclude `interval`."""

    markets: list[str]
    """Token ids, in spite of the name."""
    start_ts: int | None = None
    end_ts: int | None = None
    interval: HistoryInterval | None = None
    fidelity: int | None = None
    """Minutes between points."""


class BatchPricesHistoryResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Past prices by token."""

    history: dict[str, list[MarketPrice]]
    """By token id."""


class RewardRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a market pays makers in one asset."""

    asset_address: str | None = None
    rewards_daily_rate: Number | None = None


class Rewards(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Terms under which resting orders earn rewards."""

    rates: list[RewardRate] = msgspec.field(default_factory=no_items)
    """Often null."""
    min_size: Number | None = None
    """Shares."""
    max_spread: Number | None = None
    """Cents from the midpoint."""


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One outcome of a market."""

    token_id: str = msgspec.field(default_factory=str)
    """Empty while a market has no book."""
    outcome: str = msgspec.field(default_factory=str)
    price: Number | None = None
    winner: bool = msgspec.field(default_factory=bool)


class SimplifiedMarket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market in short."""

    condition_id: str
    rewards: Rewards | None = None
    tokens: list[Token] = msgspec.field(default_factory=no_items)
    active: bool | None = None
    closed: bool | None = None
    archived: bool | None = None
    accepting_orders: bool | None = None


class PaginatedSimplifiedMarkets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of markets in short."""

    limit: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    count: int | None = None
    data: list[SimplifiedMarket]


class Market(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market. Times are RFC 3339 text or null."""

    enable_order_book: bool | None = None
    active: bool | None = None
    closed: bool | None = None
    archived: bool | None = None
    accepting_orders: bool | None = None
    accepting_order_timestamp: str | None = None
    minimum_order_size: Number | None = None
    """Shares."""
    minimum_tick_size: Number | None = None
    condition_id: str
    question_id: str | None = None
    question: str | None = None
    description: str | None = None
    market_slug: str | None = None
    end_date_iso: str | None = None
    game_start_time: str | None = None
    seconds_delay: int | None = None
    """How long marketable orders are held."""
    fpmm: str | None = None
    maker_base_fee: int | None = None
    taker_base_fee: int | None = None
    notifications_enabled: bool | None = None
    neg_risk: bool | None = None
    neg_risk_market_id: str | None = None
    neg_risk_request_id: str | None = None
    icon: str | None = None
    image: str | None = None
    rewards: Rewards | None = None
    is_50_50_outcome: bool | None = None
    tokens: list[Token] = msgspec.field(default_factory=no_items)
    tags: list[str] = msgspec.field(default_factory=no_items)
    """Often null."""


class PaginatedMarkets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of markets."""

    limit: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    count: int | None = None
    data: list[Market]


class ClobToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the two tokens of a market."""

    t: str
    """Token id."""
    o: str
    """Outcome."""


class FeeDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fee is shares * r * (p * (1 - p)) ** e, in collateral, to five decimals."""

    r: Number | None = None
    """Rate."""
    e: Number | None = None
    """Exponent."""
    to: bool | None = None
    """Whether takers alone pay."""


class ClobMarketDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What trading a market needs. The venue's own document leaves out `c`, `nr`, `ao`, `aot`, `cbos`,
    `sd` and `v`, which are there live.
    """

    c: str = msgspec.field(default_factory=str)
    """Condition id."""
    gst: str | None = None
    """Start of the game, RFC 3339."""
    r: dict[str, Any] | None = None
    t: list[ClobToken]
    """Exactly two."""
    mos: Number
    """Minimum order size, shares."""
    mts: Number
    """Tick."""
    mbf: int | None = None
    """Maker base fee, basis points."""
    tbf: int | None = None
    """Taker base fee, basis points."""
    rfqe: bool = msgspec.field(default_factory=bool)
    """Whether quotes can be asked for."""
    itode: bool = msgspec.field(default_factory=bool)
    """Whether takers are held for a moment."""
    ibce: bool = msgspec.field(default_factory=bool)
    fd: FeeDetails | None = None
    oas: int | None = None
    nr: bool = msgspec.field(default_factory=bool)
    """Whether it is a neg-risk market; absent when not."""
    ao: bool | None = None
    """Whether orders are accepted."""
    aot: str | None = None
    """Since when they are, RFC 3339."""
    cbos: bool = msgspec.field(default_factory=bool)
    """Whether the book is cleared when the game starts."""
    sd: int = msgspec.field(default_factory=int)
    """How long marketable orders are held, seconds."""
    v: str | int | None = None
    """Version."""


class MarketByTokenResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The market of a token. The primary token is not always the Yes."""

    condition_id: str
    primary_token_id: str
    secondary_token_id: str


class LiveActivityMarket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market as activity feeds show it."""

    condition_id: str | None = None
    id: int | None = None
    """Number of the market in the Gamma API."""
    question: str | None = None
    market_slug: str | None = None
    event_slug: str | None = None
    series_slug: str | None = None
    icon: str | None = None
    image: str | None = None
    tags: list[str] = msgspec.field(default_factory=no_items)


class TradeEventMarket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a public trade happened."""

    condition_id: str | None = None
    asset_id: str | None = None
    question: str | None = None
    icon: str | None = None
    slug: str | None = None


class TradeEventUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who made a public trade, as far as they show it."""

    address: str | None = None
    username: str | None = None
    profile_picture: str | None = None
    optimized_profile_picture: str | None = None
    pseudonym: str | None = None


class MarketTradeEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A public trade."""

    event_type: str | None = None
    market: TradeEventMarket | None = None
    user: TradeEventUser | None = None
    side: Side | None = None
    size: Decimal | None = None
    """Shares."""
    fee_rate_bps: str | None = None
    price: Decimal | None = None
    outcome: str | None = None
    outcome_index: int | None = None
    transaction_hash: str | None = None
    timestamp: str | None = None
    """Unix seconds."""


class ApiKeyResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """API credentials."""

    api_key: str = msgspec.field(name="apiKey")
    """The `owner` of orders."""
    secret: str
    """Base64url."""
    passphrase: str

    def __repr__(self) -> str:
        return shown(self, ("secret", "passphrase"))

    def __reduce__(self) -> NoReturn:
        raise TypeError("ApiKeyResponse carries a secret and cannot be pickled")


class ApiKeysResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The keys of a wallet."""

    api_keys: list[str] = msgspec.field(name="apiKeys")


class ClosedOnlyResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the wallet may do no more than close positions."""

    closed_only: bool


class ReadonlyApiKeyResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key that can only read. Whoever has it can read, so it is not shown."""

    api_key: str = msgspec.field(name="apiKey")

    def __repr__(self) -> str:
        return shown(self, ("api_key",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("ReadonlyApiKeyResponse carries a secret and cannot be pickled")


class ReadonlyApiKeyDeletion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which key to delete."""

    key: str

    def __repr__(self) -> str:
        return shown(self, ("key",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("ReadonlyApiKeyDeletion carries a secret and cannot be pickled")


class BuilderApiKeyResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Credentials of a builder."""

    key: str
    secret: str
    """Base64url."""
    passphrase: str

    def __repr__(self) -> str:
        return shown(self, ("secret", "passphrase"))

    def __reduce__(self) -> NoReturn:
        raise TypeError("BuilderApiKeyResponse carries a secret and cannot be pickled")


class BuilderApiKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A builder key as clients read it."""

    key: str
    created_at: str | None = msgspec.field(default=None, name="createdAt")
    revoked_at: str | None = msgspec.field(default=None, name="revokedAt")


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signed order. V2 and V3 orders have `timestamp`, `metadata` and `builder`; V1 orders have `taker`,
    `nonce` and `feeRateBps` instead and have been refused since 2026-04-28. Nothing here may be changed
    after signing but `expiration` of a V2 or V3 order, which is not signed.
    """

    salt: int
    """A number, at most 53 bits."""
    maker: str
    """The wallet that holds the funds."""
    signer: str
    """The wallet that signs; the deposit wallet itself for type 3."""
    taker: str | None = None
    """V1 only; the zero address for everybody."""
    token_id: str = msgspec.field(name="tokenId")
    """Token id, or position id for V3."""
    maker_amount: str = msgspec.field(name="makerAmount")
    """Offered, base units: collateral for BUY, shares for SELL."""
    taker_amount: str = msgspec.field(name="takerAmount")
    """Wanted, base units: shares for BUY, collateral for SELL."""
    side: Side
    expiration: str
    """Unix seconds; `0` unless GTD, for which it lies 180 s ahead or more."""
    nonce: str | None = None
    """V1 only."""
    fee_rate_bps: str | None = msgspec.field(default=None, name="feeRateBps")
    """V1 only."""
    signature_type: int = msgspec.field(name="signatureType")
    """0 wallet, 1 proxy, 2 Safe, 3 deposit wallet. The venue's own document leaves out 3."""
    timestamp: str | None = None
    """V2 and V3, Unix milliseconds."""
    metadata: str | None = None
    """V2 and V3, `0x` and 64 hex digits."""
    builder: str | None = None
    """V2 and V3, code of the builder, `0x` and 64 hex digits."""
    signature: str
    """`0x` and hex."""


class SendOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order and how to treat it. `owner` is an API key, no address."""

    order: Order
    owner: str
    """API key of the request."""
    order_type: OrderType | None = msgspec.field(default=None, name="orderType")
    defer_exec: bool | None = msgspec.field(default=None, name="deferExec")
    """The venue takes false when absent."""
    post_only: bool | None = msgspec.field(default=None, name="postOnly")
    """GTC and GTD only. The venue takes false when absent."""


class SendOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an order. It was taken when there is an id and no `errorMsg`: in post-only mode an
    entry of a batch has `success` true, an `errorMsg` and no id. Transaction hashes come later, on the
    trade.
    """

    success: bool
    error_msg: str = msgspec.field(default_factory=str, name="errorMsg")
    order_id: str = msgspec.field(name="orderID")
    """Hash of the order; empty when it was not taken."""
    status: PlacementStatus
    making_amount: str = msgspec.field(default_factory=str, name="makingAmount")
    """Given, decimal text; empty when nothing matched."""
    taking_amount: str = msgspec.field(default_factory=str, name="takingAmount")
    """Got, decimal text; empty when nothing matched."""
    transactions_hashes: list[str] = msgspec.field(default_factory=no_items, name="transactionsHashes")
    """Not filled since 2026-07-24."""
    trade_ids: list[str] = msgspec.field(default_factory=no_items, name="tradeIDs")


class CancelOrderPayload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which order to cancel."""

    order_id: str = msgspec.field(name="orderID")


class OrderMarketCancelParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose orders to cancel; at least one of the two."""

    market: str | None = None
    """Condition id."""
    asset_id: str | None = None
    """Token id."""


class CancelOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was cancelled, and why the rest was not."""

    canceled: list[str]
    """Order ids."""
    not_canceled: dict[str, str]
    """Reason by order id."""


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order and how far it got. Sizes are shares as decimals; prose of the venue's own document has
    them in base units, its examples and live answers do not.
    """

    id: str
    status: OrderStatus
    owner: str
    """API key."""
    maker_address: str
    """The wallet that holds the funds."""
    market: str
    """Condition id."""
    asset_id: str
    """Token id."""
    side: Side
    original_size: Decimal
    """Shares."""
    size_matched: Decimal
    """Shares."""
    price: Decimal
    outcome: str
    expiration: str
    """Unix seconds; `0` for none."""
    order_type: OrderType
    associate_trades: list[str] = msgspec.field(default_factory=no_items)
    """Trade ids."""
    created_at: int
    """Unix seconds."""


class OrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of orders."""

    limit: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    count: int | None = None
    data: list[OpenOrder]


class OrderScoringResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether an order earns rewards."""

    scoring: bool


class HeartbeatRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id the last beat was answered with, empty for the first."""

    heartbeat_id: str


class HeartbeatV1Response(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id of the next beat."""

    heartbeat_id: str


class HeartbeatResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A beat was taken."""

    status: str


class HeartbeatErrorResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a beat was refused, and the id expected. The text is in `error_msg` live and in `error` in the
    venue's own document.
    """

    error: str | None = None
    error_msg: str | None = None
    heartbeat_id: str | None = None
    """What to beat with next; there when the id was wrong."""
    code: str | None = None
    retry_after_seconds: int | None = None


class MakerOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A resting order a trade took from."""

    order_id: str = msgspec.field(default_factory=str)
    owner: str = msgspec.field(default_factory=str)
    """API key."""
    maker_address: str = msgspec.field(default_factory=str)
    """The wallet that holds the funds."""
    matched_amount: Decimal | None = None
    """Shares."""
    price: Decimal | None = None
    fee_rate_bps: str | None = None
    asset_id: str = msgspec.field(default_factory=str)
    """Token id."""
    outcome: str | None = None
    side: Side | None = None


class Trade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A trade of the caller. Side, size and price are the taker's; what a maker did is in `maker_orders`.
    Times are Unix seconds as text.
    """

    id: str
    taker_order_id: str
    market: str
    """Condition id."""
    asset_id: str
    """Token id."""
    side: Side
    size: Decimal
    """Shares."""
    fee_rate_bps: str | None = None
    price: Decimal
    status: TradeStatus
    match_time: str
    match_time_nano: str | None = None
    """Unix nanoseconds."""
    last_update: str
    outcome: str
    bucket_index: int
    owner: str
    """API key."""
    maker_address: str
    """The wallet that holds the funds."""
    transaction_hash: str = msgspec.field(default_factory=str)
    """Empty until it was sent to the chain."""
    err_msg: str | None = None
    maker_orders: list[MakerOrder] = msgspec.field(default_factory=no_items)
    trader_side: TraderSide


class TradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of trades."""

    limit: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    count: int | None = None
    data: list[Trade]


class BuilderTrade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A trade that carries a builder's code, which is in `builder` or, live, in `builderCode` with an
    empty `builder`. Amounts are decimals.
    """

    id: str
    trade_type: str | None = msgspec.field(default=None, name="tradeType")
    taker_order_hash: str | None = msgspec.field(default=None, name="takerOrderHash")
    builder: str = msgspec.field(default_factory=str)
    builder_code: str = msgspec.field(default_factory=str, name="builderCode")
    market: str
    """Condition id."""
    asset_id: str = msgspec.field(name="assetId")
    """Token id."""
    side: Side
    size: Decimal
    """Shares."""
    size_usdc: Decimal | None = msgspec.field(default=None, name="sizeUsdc")
    """Collateral."""
    price: Decimal
    status: TradeStatus
    outcome: str | None = None
    outcome_index: int | None = msgspec.field(default=None, name="outcomeIndex")
    owner: str | None = None
    maker: str | None = None
    transaction_hash: str = msgspec.field(default_factory=str, name="transactionHash")
    match_time: str | None = msgspec.field(default=None, name="matchTime")
    """Unix seconds."""
    bucket_index: int | None = msgspec.field(default=None, name="bucketIndex")
    fee: Decimal | None = None
    fee_usdc: Decimal | None = msgspec.field(default=None, name="feeUsdc")
    builder_fee: Decimal | None = msgspec.field(default=None, name="builderFee")
    err_msg: str | None = None
    created_at: str | None = msgspec.field(default=None, name="createdAt")
    """RFC 3339."""
    updated_at: str | None = msgspec.field(default=None, name="updatedAt")
    """RFC 3339."""


class BuilderTradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of trades with a builder's code."""

    limit: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    count: int | None = None
    data: list[BuilderTrade]


class BuilderFeesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a builder takes of a trade's worth."""

    builder_maker_fee_rate_bps: int
    """Basis points, at most 50."""
    builder_taker_fee_rate_bps: int
    """Basis points, at most 100."""


class BalanceAllowanceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a wallet has of an asset, and what the exchange contracts may take of it; base units."""

    balance: Decimal
    allowances: dict[str, Decimal] = msgspec.field(default_factory=no_entries)
    """By contract address."""


class Notification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened. Types are 1 order cancelled, 2 order filled, 3 market registered, 4 market
    resolved, 5 reward paid, 6 comment answered, 7 yield paid, 8 fill failed, 9 redeemed, 10 combo
    redeemed, 11 taker tier raised; the venue's own document ends at 6.
    """

    id: int
    owner: str | None = None
    """API key."""
    type: int
    payload: dict[str, Any] = msgspec.field(default_factory=no_entries)
    """Its fields depend on the type."""
    timestamp: int | None = None
    """Unix seconds."""


class UserEarning(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a maker earned in one market on one day."""

    date: str | None = None
    """RFC 3339."""
    condition_id: str
    asset_address: str
    maker_address: str | None = None
    earnings: Number
    asset_rate: Number | None = None


class PaginatedUserEarnings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of earnings."""

    limit: int | None = None
    count: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    data: list[UserEarning]


class TotalUserEarning(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a maker earned in one asset on one day."""

    date: str | None = None
    """RFC 3339."""
    asset_address: str
    maker_address: str | None = None
    earnings: Number
    asset_rate: Number | None = None


class RewardsToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One outcome of a market with rewards."""

    token_id: str
    outcome: str
    price: Number | None = None


class RewardsConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reward of a market. Dates are `YYYY-MM-DD`."""

    id: int | None = None
    asset_address: str
    start_date: str
    end_date: str | None = None
    rate_per_day: Number
    total_rewards: Number | None = None
    remaining_reward_amount: Number | None = None
    total_days: int | None = None


class CurrentRewardConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reward that is paid now. Dates are `YYYY-MM-DD`."""

    id: int | None = None
    asset_address: str
    start_date: str
    end_date: str | None = None
    rate_per_day: Number
    total_rewards: Number | None = None


class AssetEarning(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Earnings in one asset."""

    asset_address: str
    earnings: Number
    asset_rate: Number | None = None


class UserRewardsMarket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market with rewards, and what the caller earned there."""

    condition_id: str
    market_id: str | None = None
    event_id: str | None = None
    question: str | None = None
    market_slug: str | None = None
    event_slug: str | None = None
    image: str | None = None
    rewards_max_spread: Number | None = None
    rewards_min_size: Number | None = None
    volume_24hr: Number | None = None
    spread: Number | None = None
    market_competitiveness: Number | None = None
    tokens: list[RewardsToken] = msgspec.field(default_factory=no_items)
    rewards_config: list[CurrentRewardConfig] = msgspec.field(default_factory=no_items)
    maker_address: str | None = None
    earning_percentage: Number | None = None
    earnings: list[AssetEarning] = msgspec.field(default_factory=no_items)


class PaginatedUserRewardsMarkets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of markets with rewards."""

    limit: int | None = None
    count: int | None = None
    total_count: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    data: list[UserRewardsMarket]


class CurrentReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a market pays now."""

    condition_id: str
    rewards_max_spread: Number | None = None
    rewards_min_size: Number | None = None
    rewards_config: list[CurrentRewardConfig] = msgspec.field(default_factory=no_items)
    sponsored_daily_rate: Number | None = None
    sponsors_count: int | None = None
    native_daily_rate: Number | None = None
    total_daily_rate: Number | None = None


class PaginatedCurrentReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of markets that pay now."""

    limit: int | None = None
    count: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    data: list[CurrentReward]


class MarketReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rewards of a market."""

    condition_id: str
    question: str | None = None
    market_slug: str | None = None
    event_slug: str | None = None
    image: str | None = None
    rewards_max_spread: Number | None = None
    rewards_min_size: Number | None = None
    market_competitiveness: Number | None = None
    tokens: list[RewardsToken] = msgspec.field(default_factory=no_items)
    rewards_config: list[RewardsConfig] = msgspec.field(default_factory=no_items)


class PaginatedMarketReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of rewards."""

    limit: int | None = None
    count: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    data: list[MarketReward]


class MultiMarketInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market found by its rewards."""

    condition_id: str
    event_id: str | None = None
    event_slug: str | None = None
    created_at: str | None = None
    """RFC 3339."""
    group_item_title: str | None = None
    image: str | None = None
    market_competitiveness: Number | None = None
    market_id: str | None = None
    market_slug: str | None = None
    one_day_price_change: Number | None = None
    question: str | None = None
    rewards_max_spread: Number | None = None
    rewards_min_size: Number | None = None
    spread: Number | None = None
    end_date: str | None = None
    """`YYYY-MM-DD HH:MM:SS+00`, or empty."""
    tokens: list[RewardsToken] = msgspec.field(default_factory=no_items)
    volume_24hr: Number | None = None
    rewards_config: list[RewardsConfig] = msgspec.field(default_factory=no_items)


class PaginatedMultiMarketInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of markets found by their rewards."""

    limit: int | None = None
    count: int | None = None
    next_cursor: str
    """`LTE=` on the last page."""
    data: list[MultiMarketInfo]


class RebatedFees(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fees given back to a maker."""

    date: str | None = None
    condition_id: str
    asset_address: str
    maker_address: str | None = None
    rebated_fees_usdc: Decimal
    """Collateral."""


class RfqRequestParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to exchange for what. An asset is a token id, or `0` for collateral."""

    asset_in: str = msgspec.field(name="assetIn")
    asset_out: str = msgspec.field(name="assetOut")
    amount_in: str = msgspec.field(name="amountIn")
    """Base units."""
    amount_out: str = msgspec.field(name="amountOut")
    """Base units."""
    user_type: int = msgspec.field(name="userType")
    """Signature type."""


class RfqRequestResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id of a request, or why there is none."""

    request_id: str = msgspec.field(default_factory=str, name="requestId")
    error: str = msgspec.field(default_factory=str)


class RfqRequestCancellation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which request to withdraw."""

    request_id: str = msgspec.field(name="requestId")


class RfqRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request for quotes."""

    request_id: str = msgspec.field(name="requestId")
    user_address: str | None = msgspec.field(default=None, name="userAddress")
    proxy_address: str | None = msgspec.field(default=None, name="proxyAddress")
    token: str | None = None
    complement: str | None = None
    """The other token of the market."""
    condition: str | None = None
    side: Side | None = None
    size_in: str | None = msgspec.field(default=None, name="sizeIn")
    size_out: str | None = msgspec.field(default=None, name="sizeOut")
    price: Number | None = None
    accepted_quote_id: str | None = msgspec.field(default=None, name="acceptedQuoteId")
    state: str | None = None
    expiry: str | int | None = None
    created_at: str | int | None = msgspec.field(default=None, name="createdAt")
    updated_at: str | int | None = msgspec.field(default=None, name="updatedAt")


class RfqRequestsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of requests."""

    data: list[RfqRequest]
    next_cursor: str | None = None
    """`LTE=` on the last page."""
    limit: int | None = None
    count: int | None = None
    total_count: int | None = None


class RfqQuoteParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote for a request. An asset is a token id, or `0` for collateral."""

    request_id: str = msgspec.field(name="requestId")
    asset_in: str = msgspec.field(name="assetIn")
    asset_out: str = msgspec.field(name="assetOut")
    amount_in: str = msgspec.field(name="amountIn")
    """Base units."""
    amount_out: str = msgspec.field(name="amountOut")
    """Base units."""
    user_type: int = msgspec.field(name="userType")
    """Signature type."""


class RfqQuoteResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id of a quote, or why there is none."""

    quote_id: str = msgspec.field(default_factory=str, name="quoteId")
    error: str = msgspec.field(default_factory=str)


class RfqQuoteCancellation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which quote to withdraw."""

    quote_id: str = msgspec.field(name="quoteId")


class RfqQuote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote."""

    quote_id: str = msgspec.field(name="quoteId")
    request_id: str | None = msgspec.field(default=None, name="requestId")
    user_address: str | None = msgspec.field(default=None, name="userAddress")
    proxy_address: str | None = msgspec.field(default=None, name="proxyAddress")
    token: str | None = None
    complement: str | None = None
    """The other token of the market."""
    condition: str | None = None
    side: Side | None = None
    size_in: str | None = msgspec.field(default=None, name="sizeIn")
    size_out: str | None = msgspec.field(default=None, name="sizeOut")
    price: Number | None = None
    state: str | None = None
    match_type: str | None = msgspec.field(default=None, name="matchType")
    """COMPLEMENTARY, MERGE or MINT."""
    expiry: str | int | None = None
    created_at: str | int | None = msgspec.field(default=None, name="createdAt")
    updated_at: str | int | None = msgspec.field(default=None, name="updatedAt")


class RfqQuotesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of quotes."""

    data: list[RfqQuote]
    next_cursor: str | None = None
    """`LTE=` on the last page."""
    limit: int | None = None
    count: int | None = None
    total_count: int | None = None


class RfqOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote and the signed order that takes it, side by side. The order has the V1 shape."""

    request_id: str = msgspec.field(name="requestId")
    quote_id: str = msgspec.field(name="quoteId")
    owner: str
    """API key of the request."""
    salt: int
    maker: str
    signer: str
    taker: str
    token_id: str = msgspec.field(name="tokenId")
    maker_amount: str = msgspec.field(name="makerAmount")
    """Base units."""
    taker_amount: str = msgspec.field(name="takerAmount")
    """Base units."""
    expiration: int
    """Unix seconds; a number here."""
    nonce: str
    fee_rate_bps: str = msgspec.field(name="feeRateBps")
    side: Side
    signature_type: int = msgspec.field(name="signatureType")
    signature: str


class MarketSubscription(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="market"
):
    """First frame to the market channel. Mind the spelling of `assets_ids`."""

    type: ClassVar[Literal["market"]] = "market"

    assets_ids: list[str]
    """Token ids."""
    initial_dump: bool | None = None
    """Whether to send books first. The venue takes true when absent."""
    level: int | None = None
    """1 to 3."""
    custom_feature_enabled: bool | None = None
    """Whether to send `best_bid_ask`, `new_market` and `market_resolved`."""


class MarketSubscriptionUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Further frame to the market channel. Naming active tokens alone is refused as a duplicate."""

    operation: SubscriptionOperation
    assets_ids: list[str]
    """Token ids."""
    level: int | None = None
    """1 to 3."""
    custom_feature_enabled: bool | None = None


class BookLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What rests at one price, as text."""

    price: str
    size: str
    """Shares."""


class BookEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="book"
):
    """A whole book. Bids ascend and asks descend, so that the best level is the last of each."""

    event_type: ClassVar[Literal["book"]] = "book"

    asset_id: str
    """Token id."""
    market: str
    """Condition id."""
    bids: list[BookLevel]
    asks: list[BookLevel]
    timestamp: str
    """Unix milliseconds."""
    hash: str
    """Covers `last_trade_price`, which older frames do not carry."""
    min_order_size: str | None = None
    tick_size: str | None = None
    neg_risk: bool | None = None
    last_trade_price: str | None = None
    """Empty when nothing was traded."""


class PriceChangeMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The new total at one price."""

    asset_id: str
    """Token id; one frame can carry both outcomes."""
    price: str
    size: str
    """New total of the level, shares; `0` removes it."""
    side: Side
    hash: str
    """Hash of the order that caused it, not of the book."""
    best_bid: str | None = None
    best_ask: str | None = None


class PriceChangeEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="price_change"
):
    """Levels that changed."""

    event_type: ClassVar[Literal["price_change"]] = "price_change"

    market: str
    """Condition id."""
    price_changes: list[PriceChangeMessage]
    timestamp: str
    """Unix milliseconds."""


class LastTradePriceEvent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="event_type",
    tag="last_trade_price",
):
    """A trade."""

    event_type: ClassVar[Literal["last_trade_price"]] = "last_trade_price"

    asset_id: str
    """Token id."""
    market: str
    """Condition id."""
    price: str
    size: str
    """Shares."""
    fee_rate_bps: str | None = None
    side: Side
    timestamp: str
    """Unix milliseconds."""
    transaction_hash: str | None = None


class TickSizeChangeEvent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="event_type",
    tag="tick_size_change",
):
    """A new tick. Orders on the old one are refused from now on."""

    event_type: ClassVar[Literal["tick_size_change"]] = "tick_size_change"

    asset_id: str
    """Token id."""
    market: str
    """Condition id."""
    old_tick_size: str
    new_tick_size: str
    timestamp: str
    """Unix milliseconds."""


class BestBidAskEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="best_bid_ask"
):
    """New best prices; only when asked for."""

    event_type: ClassVar[Literal["best_bid_ask"]] = "best_bid_ask"

    asset_id: str
    """Token id."""
    market: str
    """Condition id."""
    best_bid: str
    best_ask: str
    spread: str | None = None
    timestamp: str
    """Unix milliseconds."""


class EventMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The event a market belongs to."""

    id: str | None = None
    ticker: str | None = None
    slug: str | None = None
    title: str | None = None
    description: str | None = None


class NewMarketEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="new_market"
):
    """A market was made; only when asked for."""

    event_type: ClassVar[Literal["new_market"]] = "new_market"

    id: str
    question: str | None = None
    market: str
    """Condition id."""
    slug: str | None = None
    description: str | None = None
    assets_ids: list[str]
    """Token ids."""
    outcomes: list[str] | None = None
    event_message: EventMessage | None = None
    timestamp: str
    """Unix milliseconds."""
    tags: list[str] | None = None
    condition_id: str | None = None
    active: bool | None = None
    clob_token_ids: list[str] | None = None
    sports_market_type: str | None = None
    line: str | None = None
    game_start_time: str | None = None
    order_price_min_tick_size: str | None = None
    group_item_title: str | None = None
    taker_base_fee: str | int | None = None
    fees_enabled: bool | None = None
    fee_schedule: dict[str, Any] | None = None


class MarketResolvedEvent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="event_type",
    tag="market_resolved",
):
    """A market was resolved; only when asked for, and reported to be missing at times."""

    event_type: ClassVar[Literal["market_resolved"]] = "market_resolved"

    id: str
    market: str
    """Condition id."""
    assets_ids: list[str]
    """Token ids."""
    winning_asset_id: str
    winning_outcome: str
    event_message: EventMessage | None = None
    timestamp: str
    """Unix milliseconds."""
    tags: list[str] | None = None


class WebSocketAuth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Credentials of the user channel, as they are."""

    api_key: str = msgspec.field(name="apiKey")
    secret: str
    passphrase: str

    def __repr__(self) -> str:
        return shown(self, ("secret", "passphrase"))

    def __reduce__(self) -> NoReturn:
        raise TypeError("WebSocketAuth carries a secret and cannot be pickled")


class UserSubscription(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="user"
):
    """First frame to the user channel. Without `markets` everything is sent."""

    type: ClassVar[Literal["user"]] = "user"

    auth: WebSocketAuth
    markets: list[str] | None = None
    """Condition ids."""


class UserSubscriptionUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Further frame to the user channel."""

    operation: SubscriptionOperation
    markets: list[str]
    """Condition ids."""


class OrderEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="order"
):
    """An order was placed, filled or cancelled."""

    event_type: ClassVar[Literal["order"]] = "order"

    id: str
    owner: str
    """API key."""
    market: str
    """Condition id."""
    asset_id: str
    """Token id."""
    side: Side
    order_owner: str | None = None
    """API key."""
    original_size: str
    """Shares."""
    size_matched: str
    """Shares."""
    price: str
    associate_trades: list[str] | None = None
    """Trade ids."""
    outcome: str | None = None
    type: OrderEventType
    created_at: str | None = None
    """Unix seconds."""
    expiration: str | None = None
    """Unix seconds; `0` for none."""
    order_type: OrderType | None = None
    status: OrderStatus | None = None
    maker_address: str | None = None
    """The wallet that holds the funds."""
    timestamp: str
    """Unix milliseconds."""


class TradeMakerOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A resting order a trade took from, as text."""

    order_id: str
    owner: str
    """API key."""
    maker_address: str | None = None
    """The wallet that holds the funds."""
    matched_amount: str
    """Shares."""
    price: str
    fee_rate_bps: str | None = None
    asset_id: str
    """Token id."""
    outcome: str | None = None
    side: Side | None = None


class TradeEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="trade"
):
    """A trade happened or its state changed. Side, size and price are the taker's; what a maker did is in
    `maker_orders`.
    """

    event_type: ClassVar[Literal["trade"]] = "trade"

    type: str | None = None
    """TRADE."""
    id: str
    taker_order_id: str
    market: str
    """Condition id."""
    asset_id: str
    """Token id."""
    side: Side
    size: str
    """Shares."""
    price: str
    fee_rate_bps: str | None = None
    status: TradeStatus
    match_time: str | None = None
    """Unix seconds."""
    last_update: str | None = None
    """Unix seconds."""
    outcome: str | None = None
    owner: str
    """API key."""
    trade_owner: str | None = None
    """API key."""
    maker_address: str | None = None
    """The wallet that holds the funds."""
    transaction_hash: str | None = None
    bucket_index: int | None = None
    maker_orders: list[TradeMakerOrder] | None = None
    trader_side: TraderSide | None = None
    timestamp: str
    """Unix milliseconds, seconds in older frames."""


class SportsResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """State of a game, whole in every frame: it went live, score, period or possession changed, or it
    ended. Two documents and what was observed name different fields, so none is required; a game is
    named by `gameId`, `metadataGameId` (observed) or `slug` (documented).
    """

    game_id: int | str | None = msgspec.field(default=None, name="gameId")
    """Id of the game; a number wherever it was seen."""
    metadata_game_id: str | int | None = msgspec.field(default=None, name="metadataGameId")
    """In the place of `gameId` in some games."""
    sportradar_game_id: str | int | None = msgspec.field(default=None, name="sportradarGameId")
    slug: str | None = None
    """League, teams and day. Not in every frame."""
    league_abbreviation: str | None = msgspec.field(default=None, name="leagueAbbreviation")
    home_team: str | None = msgspec.field(default=None, name="homeTeam")
    away_team: str | None = msgspec.field(default=None, name="awayTeam")
    status: str | None = None
    """In the words of the sport: `InProgress`, `Final`, `finished` and many more."""
    live: bool | None = None
    ended: bool | None = None
    score: str | None = None
    """Home and away with a hyphen, `3-16`; more in e-sports, `000-000|2-0|Bo3`."""
    period: str | None = None
    """`Q4`, `HT`, `2/3` and the like."""
    elapsed: str | None = None
    """Time in the period, as the sport writes it."""
    last_update: str | None = None
    """RFC 3339."""
    finished_timestamp: str | None = None
    """RFC 3339, once it ended. Where a frame has `finishedTimestamp`, it is read as this."""
    turn: str | None = None
    """The team with the ball, in American football."""


class LiveRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Asks for more or for less on an open connection. One topic the venue does not know refuses the whole
    frame.
    """

    action: SubscriptionOperation
    subscriptions: list[LiveSubscription]


class LiveSubscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One subscription. Prices of one symbol are asked for by JSON in `filters`, without any space: with
    one in it no update ever comes. The comma list in the venue's document does not work either
    (observed).
    """

    topic: LiveTopicName
    type: str
    """Type of the frames, `*` for all of them."""
    filters: str | None = None
    """JSON as text; all when absent."""


class LivePrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One price. Numbers are read without a float in between."""

    symbol: str
    """Lower case: `btcusdt`, `eth/usd`, `aapl`."""
    timestamp: int
    """Unix milliseconds."""
    value: Number
    """Dollars."""
    full_accuracy_value: Decimal | None = None
    """The same with all digits; times 1e18 in topics of Chainlink."""
    window_s: int | None = None
    """Seconds the average is taken over."""
    received_at: int | None = None
    """Unix milliseconds."""
    is_carried_forward: bool | None = None
    """Whether it is an older price told again."""


class LivePricePoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price of the past."""

    timestamp: int
    """Unix milliseconds."""
    value: Number
    """Dollars."""


class LivePriceHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of late."""

    symbol: str
    data: list[LivePricePoint]


class LivePriceEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="update"
):
    """A new price. That frames carry `connection_id`, and all digits beside the number, is observed."""

    type: ClassVar[Literal["update"]] = "update"

    topic: LiveTopicName
    timestamp: int | None = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: LivePrice


class LivePriceHistoryEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="subscribe"
):
    """What a subscription to one symbol begins with. That of `crypto_prices_chainlink` is labelled
    `crypto_prices`.
    """

    type: ClassVar[Literal["subscribe"]] = "subscribe"

    topic: LiveTopicName
    timestamp: int | None = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: LivePriceHistory


class CommentProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote a comment."""

    name: str | None = None
    pseudonym: str | None = None
    display_username_public: bool | None = msgspec.field(default=None, name="displayUsernamePublic")
    bio: str | None = None
    is_mod: bool | None = msgspec.field(default=None, name="isMod")
    is_creator: bool | None = msgspec.field(default=None, name="isCreator")
    base_address: str | None = msgspec.field(default=None, name="baseAddress")
    proxy_wallet: str | None = msgspec.field(default=None, name="proxyWallet")
    profile_image: str | None = msgspec.field(default=None, name="profileImage")


class Comment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A comment on an event or a series."""

    id: str
    body: str | None = None
    parent_entity_type: str | None = msgspec.field(default=None, name="parentEntityType")
    """`Event`, `Series` or `Market`."""
    parent_entity_id: int | None = msgspec.field(default=None, name="parentEntityID")
    parent_comment_id: str | None = msgspec.field(default=None, name="parentCommentID")
    """The comment it answers; empty or absent for none."""
    user_address: str | None = msgspec.field(default=None, name="userAddress")
    reply_address: str | None = msgspec.field(default=None, name="replyAddress")
    created_at: str | None = msgspec.field(default=None, name="createdAt")
    """RFC 3339."""
    updated_at: str | None = msgspec.field(default=None, name="updatedAt")
    """RFC 3339."""
    reaction_count: int | None = msgspec.field(default=None, name="reactionCount")
    report_count: int | None = msgspec.field(default=None, name="reportCount")
    profile: CommentProfile | None = None


class CommentReaction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody thinks of a comment."""

    id: str
    comment_id: int | None = msgspec.field(default=None, name="commentID")
    reaction_type: str | None = msgspec.field(default=None, name="reactionType")
    icon: str | None = None
    user_address: str | None = msgspec.field(default=None, name="userAddress")
    created_at: str | None = msgspec.field(default=None, name="createdAt")
    """RFC 3339."""
    profile: CommentProfile | None = None


class CommentCreatedEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="comment_created"
):
    """Somebody wrote a comment."""

    type: ClassVar[Literal["comment_created"]] = "comment_created"

    topic: LiveTopicName
    timestamp: int | None = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: Comment


class CommentRemovedEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="comment_removed"
):
    """A comment is gone."""

    type: ClassVar[Literal["comment_removed"]] = "comment_removed"

    topic: LiveTopicName
    timestamp: int | None = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: Comment


class ReactionCreatedEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="reaction_created"
):
    """Somebody reacted to a comment."""

    type: ClassVar[Literal["reaction_created"]] = "reaction_created"

    topic: LiveTopicName
    timestamp: int | None = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: CommentReaction


class ReactionRemovedEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="reaction_removed"
):
    """Somebody took a reaction back."""

    type: ClassVar[Literal["reaction_removed"]] = "reaction_removed"

    topic: LiveTopicName
    timestamp: int | None = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: CommentReaction


class LiveMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The envelope of a frame whose topic or type is not known here, or whose payload is another than
    usual.
    """

    topic: str
    type: str
    timestamp: Any = None
    """Unix milliseconds."""
    connection_id: str | None = None
    payload: Any = None


class LiveRefusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request was not understood (observed: `Invalid request body`), or a topic of it is not known
    (observed: a 401). It does not say which request it is about. The field `statusCode` is inferred.
    """

    message: str | None = None
    status_code: int | None = msgspec.field(default=None, name="statusCode")
    body: Any = None
    connection_id: str | None = msgspec.field(default=None, name="connectionId")
    request_id: str | None = msgspec.field(default=None, name="requestId")


MarketEvent: TypeAlias = (
    BookEvent
    | PriceChangeEvent
    | LastTradePriceEvent
    | TickSizeChangeEvent
    | BestBidAskEvent
    | NewMarketEvent
    | MarketResolvedEvent
)
"""Whatever the market channel says. The first frame is an array of books; later ones are single, and at
times arrays.
"""


UserEvent: TypeAlias = OrderEvent | TradeEvent
"""Whatever the user channel says."""


LiveEvent: TypeAlias = (
    LivePriceEvent
    | LivePriceHistoryEvent
    | CommentCreatedEvent
    | CommentRemovedEvent
    | ReactionCreatedEvent
    | ReactionRemovedEvent
)
"""Whatever the live data channel says of its topics."""
