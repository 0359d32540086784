"""Models of PolySimulator.

Generated from `polysimulator.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Literal, NoReturn, TypeAlias

import msgspec

from polyspec_wire._call import Number, OpenEnum, no_entries, no_items, shown

__all__ = [
    "AnalysisBalance",
    "AnalysisPosition",
    "AnalysisProfile",
    "ApiError",
    "ApiKeyInfo",
    "AssetPrice",
    "AssetType",
    "BacktestPage",
    "BacktestSummary",
    "BalanceAllowance",
    "BalanceResponse",
    "BatchOrderRequest",
    "BatchOrderResponse",
    "BatchOrderResult",
    "BatchPriceItem",
    "BatchPriceRequest",
    "BookLevel",
    "CancelResponse",
    "CandleHistory",
    "CandleInterval",
    "CandlePoint",
    "CategoryExposure",
    "CohortStatus",
    "ConnectedEvent",
    "CreateBacktestRequest",
    "CreateKeyRequest",
    "CreateKeyResponse",
    "CreateWalletRequest",
    "CryptoPriceBatchData",
    "CryptoPriceData",
    "CryptoSource",
    "EquityPoint",
    "EquityTimeline",
    "ErrorCode",
    "ErrorEvent",
    "EventsResponse",
    "ExecutionsEvent",
    "FeeRate",
    "FillEvent",
    "FillModel",
    "FlatOrderRequest",
    "FlatOrderResponse",
    "HealthResponse",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "HistoryFormat",
    "HistoryInterval",
    "HistoryPoint",
    "JobStatus",
    "LastTradePrice",
    "LeakageDisclosure",
    "ListedSpotPrice",
    "LivePrice",
    "MarketByToken",
    "MarketDetail",
    "MarketPage",
    "MarketSummary",
    "MarketToken",
    "MeResponse",
    "MessageResponse",
    "MidpointResponse",
    "NegRisk",
    "OrderAck",
    "OrderBookSnapshot",
    "OrderDetail",
    "OrderPage",
    "OrderPosition",
    "OrderResponse",
    "OrderSource",
    "OrderStatus",
    "OrderType",
    "OutcomePrice",
    "PartnerAccount",
    "PartnerUser",
    "PartnerUserRequest",
    "PendingOrderItem",
    "Permission",
    "PlaceOrderRequest",
    "PmBestBidAskEvent",
    "PmBookEvent",
    "PmBookLevel",
    "PmCancelRequest",
    "PmErrorEvent",
    "PmLastTradePriceEvent",
    "PmMarketEvent",
    "PmOpenOrder",
    "PmOrder",
    "PmOrderPage",
    "PmOrderStatus",
    "PmPongEvent",
    "PmPriceChange",
    "PmPriceChangeEvent",
    "PmSendOrderRequest",
    "PmSendOrderResponse",
    "PmSocketAuth",
    "PmSubscription",
    "PmTradeEvent",
    "PmTradePage",
    "PmTradeRow",
    "PmUserEvent",
    "PongEvent",
    "PortfolioResponse",
    "PositionPage",
    "PositionResponse",
    "PositionStatus",
    "PriceEvent",
    "PriceEventOutcome",
    "PriceResponse",
    "PricesEvent",
    "PricesHistory",
    "PricesSubscription",
    "ProfileAnalysis",
    "Provenance",
    "RateLimitTierInfo",
    "ReadyResponse",
    "RecentTrade",
    "RenameKeyRequest",
    "RenameWalletRequest",
    "ReplayBookResponse",
    "ResetBalanceResponse",
    "RiskMetrics",
    "SendStatus",
    "SettlementItem",
    "SettlementPage",
    "SettlementResult",
    "Side",
    "SimulateFillRequest",
    "SimulateFillResponse",
    "SimulatedEquityPage",
    "SimulatedEquityPoint",
    "SimulatedTradePage",
    "SimulationConfidence",
    "SocketErrorCode",
    "SpotPrice",
    "SpotPrices",
    "SpreadResponse",
    "StatusResponse",
    "StreamEvent",
    "StreamEventName",
    "Strike",
    "SubscribedEvent",
    "SubscriptionAction",
    "TickSize",
    "TickSizeChangeData",
    "Tier",
    "TimeInForce",
    "TokenIds",
    "TokenRef",
    "TokenRefs",
    "TokenSide",
    "TradeHistoryItem",
    "TradeHistoryPage",
    "TradingStats",
    "UpdownAsset",
    "UpdownInterval",
    "UpdownMarket",
    "UpdownPrice",
    "UpdownResponse",
    "UpdownRow",
    "WalletKind",
    "WalletList",
    "WalletManager",
    "WalletOut",
    "WsTokenResponse",
]


class ErrorCode(OpenEnum):
    """Why a request was refused, as `X-Polysim-Code` has it. Two of them have a second name; there will be
    more.
    """

    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    INSUFFICIENT_POSITION = "INSUFFICIENT_POSITION"
    INSUFFICIENT_LIQUIDITY = "INSUFFICIENT_LIQUIDITY"
    NO_EXECUTABLE_DEPTH = "NO_EXECUTABLE_DEPTH"
    STALE_QUOTE = "STALE_QUOTE"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    PRICE_REQUIRED = "PRICE_REQUIRED"
    FOK_ORDER_NOT_FILLED_ERROR = "FOK_ORDER_NOT_FILLED_ERROR"
    INVALID_ORDER_PAYLOAD = "INVALID_ORDER_PAYLOAD"
    INVALID_ORDER_MIN_TICK_SIZE = "INVALID_ORDER_MIN_TICK_SIZE"
    UNSUPPORTED_ORDER_TYPE = "UNSUPPORTED_ORDER_TYPE"
    MARKET_CLOSED = "MARKET_CLOSED"
    ORDER_NOT_CANCELLABLE = "ORDER_NOT_CANCELLABLE"
    INVALID_ORDER_EXPIRATION = "INVALID_ORDER_EXPIRATION"
    INVALID_POST_ONLY_ORDER = "INVALID_POST_ONLY_ORDER"
    POST_ONLY_WOULD_CROSS = "POST_ONLY_WOULD_CROSS"
    INVALID_POST_ONLY_ORDER_TYPE = "INVALID_POST_ONLY_ORDER_TYPE"
    INVALID_ORDER_MIN_SIZE = "INVALID_ORDER_MIN_SIZE"
    ORDER_BELOW_MIN_SIZE = "ORDER_BELOW_MIN_SIZE"
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
    BATCH_LIMIT_EXCEEDED = "BATCH_LIMIT_EXCEEDED"
    INVALID_INTERVAL = "INVALID_INTERVAL"
    INVALID_TIME_FILTER = "INVALID_TIME_FILTER"
    INVALID_TOKEN_ID = "INVALID_TOKEN_ID"
    INVALID_BODY = "INVALID_BODY"
    INVALID_SOURCE = "INVALID_SOURCE"
    INVALID_CURSOR = "INVALID_CURSOR"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_WINDOW = "INVALID_WINDOW"
    BOOTSTRAP_NOT_ALLOWED = "BOOTSTRAP_NOT_ALLOWED"
    MISSING_AUTH = "MISSING_AUTH"
    MISSING_API_KEY = "MISSING_API_KEY"
    INVALID_KEY = "INVALID_KEY"
    INVALID_TOKEN = "INVALID_TOKEN"
    KEY_EXPIRED = "KEY_EXPIRED"
    KEY_DEACTIVATED = "KEY_DEACTIVATED"
    KEY_OWNER_NOT_FOUND = "KEY_OWNER_NOT_FOUND"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    USER_NOT_FOUND = "USER_NOT_FOUND"
    UPGRADE_REQUIRED = "UPGRADE_REQUIRED"
    INSUFFICIENT_PERMISSION = "INSUFFICIENT_PERMISSION"
    ACCESS_RESTRICTED = "ACCESS_RESTRICTED"
    CLOSED_BETA = "CLOSED_BETA"
    API_PRO_COMING_SOON = "API_PRO_COMING_SOON"
    TIER_REQUIRES_UPGRADE = "TIER_REQUIRES_UPGRADE"
    TIER_NOT_AUTHORIZED = "TIER_NOT_AUTHORIZED"
    TIER_KEY_LIMIT_EXCEEDED = "TIER_KEY_LIMIT_EXCEEDED"
    AUTH_STATE_INCOMPLETE = "AUTH_STATE_INCOMPLETE"
    COHORT_FULL = "COHORT_FULL"
    MARKET_NOT_FOUND = "MARKET_NOT_FOUND"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    TOKEN_NOT_FOUND = "TOKEN_NOT_FOUND"
    WALLET_NOT_FOUND = "WALLET_NOT_FOUND"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    BOOK_UNAVAILABLE = "BOOK_UNAVAILABLE"
    NOT_FOUND = "NOT_FOUND"
    DUPLICATE_CLIENT_ORDER_ID = "DUPLICATE_CLIENT_ORDER_ID"
    IDEMPOTENCY_KEY_REUSE = "IDEMPOTENCY_KEY_REUSE"
    IDEMPOTENCY_CONFLICT_PENDING = "IDEMPOTENCY_CONFLICT_PENDING"
    TRADE_IN_PROGRESS = "TRADE_IN_PROGRESS"
    LOCK_BUSY_RETRY = "LOCK_BUSY_RETRY"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    API_KEY_CONCURRENCY_EXCEEDED = "API_KEY_CONCURRENCY_EXCEEDED"
    EXECUTION_ERROR = "EXECUTION_ERROR"
    ORDER_EXECUTION_FAILED = "ORDER_EXECUTION_FAILED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    ANALYSIS_ERROR = "ANALYSIS_ERROR"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    SERVER_BUSY = "SERVER_BUSY"
    DB_CONTENTION_RETRY = "DB_CONTENTION_RETRY"
    DEADLINE_OVERSHOT_BUT_PERSISTED = "DEADLINE_OVERSHOT_BUT_PERSISTED"
    PERSISTED_DO_NOT_RETRY = "PERSISTED_DO_NOT_RETRY"
    PERSISTENCE_UNKNOWN = "PERSISTENCE_UNKNOWN"
    VENUE_UNAVAILABLE = "VENUE_UNAVAILABLE"
    BACKTEST_MONTHLY_CAP = "BACKTEST_MONTHLY_CAP"
    BACKTEST_MARKET_CAP = "BACKTEST_MARKET_CAP"
    BACKTEST_WINDOW_CAP = "BACKTEST_WINDOW_CAP"
    SIMULATION_HOURS_EXCEEDED = "SIMULATION_HOURS_EXCEEDED"
    METERING_UNAVAILABLE = "METERING_UNAVAILABLE"
    JOB_STORE_UNAVAILABLE = "JOB_STORE_UNAVAILABLE"
    CONDITION_HOUR_NOT_COVERED = "CONDITION_HOUR_NOT_COVERED"
    ARCHIVE_UNAVAILABLE = "ARCHIVE_UNAVAILABLE"
    ARCHIVE_NOT_FOUND = "ARCHIVE_NOT_FOUND"
    UNIVERSE_EXCLUDED = "UNIVERSE_EXCLUDED"
    HTTP_400 = "HTTP_400"
    HTTP_401 = "HTTP_401"
    HTTP_403 = "HTTP_403"
    HTTP_404 = "HTTP_404"
    HTTP_409 = "HTTP_409"
    HTTP_422 = "HTTP_422"
    HTTP_429 = "HTTP_429"
    HTTP_500 = "HTTP_500"
    HTTP_502 = "HTTP_502"
    HTTP_503 = "HTTP_503"


class Tier(OpenEnum):
    """What a key may do, the lowest first."""

    FREE = "free"
    PRO = "pro"
    PRO_PLUS = "pro_plus"
    ENTERPRISE = "enterprise"


class Permission(OpenEnum):
    """What a key is for."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


class Side(OpenEnum):
    """The `Side` of the venue."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(OpenEnum):
    """Market orders have a price as well; market is what is taken if absent."""

    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(OpenEnum):
    """FAK and IOC are one, and listings say IOC. Absent it is GTC for limit orders and FOK for market
    orders.
    """

    GTC = "GTC"
    FOK = "FOK"
    FAK = "FAK"
    IOC = "IOC"
    GTD = "GTD"


class OrderStatus(OpenEnum):
    """State of an order. REJECTED and ERROR are told in answers alone, `accepted` in an acknowledgement;
    there is none for a part.
    """

    PENDING = "PENDING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    ERROR = "ERROR"
    ACCEPTED = "accepted"


class OrderSource(OpenEnum):
    """Which of the two tables of orders a number belongs to."""

    PENDING = "pending"
    FILLED = "filled"


class SendStatus(OpenEnum):
    """What became of an order at once; delayed is never told."""

    LIVE = "live"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    DELAYED = "delayed"


class PmOrderStatus(OpenEnum):
    """State of an order, in the shape of Polymarket."""

    LIVE = "ORDER_STATUS_LIVE"
    MATCHED = "ORDER_STATUS_MATCHED"
    CANCELED = "ORDER_STATUS_CANCELED"
    INVALID = "ORDER_STATUS_INVALID"


class AssetType(OpenEnum):
    """Money or shares."""

    COLLATERAL = "COLLATERAL"
    CONDITIONAL = "CONDITIONAL"


class PositionStatus(OpenEnum):
    """State of a position."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CLOSED_BY_RESET = "CLOSED_BY_RESET"


class SettlementResult(OpenEnum):
    """How a position ended."""

    WON = "won"
    LOST = "lost"
    SPLIT = "split"
    EXPIRED = "expired"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class WalletKind(OpenEnum):
    """What a wallet is for; only SANDBOX can be made."""

    MAIN = "MAIN"
    API = "API"
    SANDBOX = "SANDBOX"
    COMPETITION = "COMPETITION"
    PROP_FIRM = "PROP_FIRM"


class CandleInterval(OpenEnum):
    """A stretch of time until now."""

    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "1d"
    WEEK = "1w"
    MAX = "max"


class HistoryInterval(OpenEnum):
    """A stretch of time until now; `1m` is a month. `all` is about the same as `max`."""

    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "1d"
    WEEK = "1w"
    MONTH = "1m"
    MAX = "max"
    ALL = "all"


class HistoryFormat(OpenEnum):
    """The shape of points; pm is time and price."""

    PM = "pm"
    OHLCV = "ohlcv"


class UpdownAsset(OpenEnum):
    """What a round is about."""

    BTC = "BTC"
    ETH = "ETH"
    SOL = "SOL"
    XRP = "XRP"
    SPX = "SPX"
    NDX = "NDX"


class UpdownInterval(OpenEnum):
    """How long a round is."""

    FIVE_MINUTES = "5M"
    FIFTEEN_MINUTES = "15M"
    HOUR = "1H"
    FOUR_HOURS = "4H"
    DAY = "daily"


class CryptoSource(OpenEnum):
    """Where prices of assets come from; rounds of 5 and 15 minutes settle on chainlink."""

    CHAINLINK = "chainlink"
    BINANCE = "binance"


class FillModel(OpenEnum):
    """How a simulated order is filled; depth_walk if absent."""

    MIDPOINT = "midpoint"
    TOP_OF_BOOK = "top_of_book"
    DEPTH_WALK = "depth_walk"
    DEPTH_WALK_DEPLETION = "depth_walk_depletion"


class SimulationConfidence(OpenEnum):
    """How sure a simulation is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    PROVISIONAL = "provisional"


class JobStatus(OpenEnum):
    """State of a backtest."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SubscriptionAction(OpenEnum):
    """What a client wants on `/v1/ws/prices`."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    PING = "ping"


class SocketErrorCode(OpenEnum):
    """Why a frame was refused on `/v1/ws/market` and `/v1/ws/user`."""

    INVALID_JSON = "INVALID_JSON"
    INVALID_SUBSCRIBE = "INVALID_SUBSCRIBE"
    EMPTY_SUBSCRIBE = "EMPTY_SUBSCRIBE"
    UNKNOWN_ASSET = "UNKNOWN_ASSET"
    MAX_ASSETS_EXCEEDED = "MAX_ASSETS_EXCEEDED"
    AUTH_REQUIRED = "AUTH_REQUIRED"
    AUTH_INVALID = "AUTH_INVALID"
    MAX_WS_EXCEEDED = "MAX_WS_EXCEEDED"
    UNKNOWN_FRAME = "UNKNOWN_FRAME"


class StreamEventName(OpenEnum):
    """What an event of `/prices/stream` is about."""

    CRYPTO_PRICE = "crypto_price"
    CRYPTO_PRICE_BATCH = "crypto_price_batch"
    SNAPSHOT = "snapshot"
    MARKET_PRICE = "market_price"
    MARKET_PRICE_BATCH = "market_price_batch"
    ORDERBOOK = "orderbook"
    ORDERBOOK_BATCH = "orderbook_batch"
    TICK_SIZE_CHANGE = "tick_size_change"
    KEEPALIVE = "keepalive"


class ApiError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused, the same for every status. The header `X-Polysim-Code` is the code; here
    it is `error` with prose in `message`, or missing with prose in `error`. `detail` is what the
    framework says by itself.
    """

    error: str | None = None
    """The code, or prose."""
    message: str | None = None
    """Prose."""
    details: Any = None
    """More, when asked for."""
    request_id: str | None = None
    code: str | None = None
    error_code: str | None = None
    """The code where `error` has another, such as LOCK_BUSY_RETRY and PERSISTED_DO_NOT_RETRY."""
    retry_after: float | None = None
    """Seconds."""
    feature_key: str | None = None
    """What the plan lacks."""
    upgrade_url: str | None = None
    order_id: int | None = None
    """The order that was stored all the same."""
    source: OrderSource | None = None
    supported_intervals: list[str] | None = None
    detail: Any = None
    """Text or a list."""


class MessageResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That it was done."""

    message: str | None = None


class CreateKeyRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key to be made."""

    name: str | None = None
    """At most 100 characters."""
    tier: Tier | None = None
    permissions: list[Permission] | None = None
    """What the plan allows if absent."""


class CreateKeyResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key that was made. The secret is told this once."""

    id: int
    raw_key: str
    """The key itself."""
    key_prefix: str | None = None
    """Its first 16 characters."""
    name: str | None = None
    rate_limit_tier: Tier | None = None
    permissions: list[Permission] = msgspec.field(default_factory=no_items)
    created_at: str | None = None

    def __repr__(self) -> str:
        return shown(self, ("raw_key",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("CreateKeyResponse carries a secret and cannot be pickled")


class ApiKeyInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key as it is listed."""

    id: int
    key_prefix: str | None = None
    """Its first 16 characters; one page shows 12."""
    name: str | None = None
    rate_limit_tier: Tier | None = None
    permissions: list[Permission] = msgspec.field(default_factory=no_items)
    is_active: bool | None = None
    created_at: str | None = None
    last_used_at: str | None = None
    expires_at: str | None = None
    """Missing in keys made lately; a rotated one has it."""
    beta_until: str | None = None
    """From when on a key of the beta only reads. Which answers have it is inferred."""


class RenameKeyRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new name, or none."""

    name: str | None
    """At most 100 characters; null takes the name away."""


class RateLimitTierInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a tier may do."""

    tier: Tier
    requests_per_second: int | None = None
    requests_per_minute: int | None = None
    max_ws_connections: int | None = None
    max_batch_size: int | None = None
    """Orders in a batch, and markets in a request for prices."""


class WsTokenResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token to open a websocket with."""

    token: str
    """A JWT."""
    expires_in: int | None = None
    """Seconds."""

    def __repr__(self) -> str:
        return shown(self, ("token",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("WsTokenResponse carries a secret and cannot be pickled")


class MeResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The caller."""

    user_id: int
    balance: Decimal | None = None
    """Dollars."""
    currency: str | None = None
    key_count: int | None = None
    tier: Tier | None = None
    permissions: list[Permission] = msgspec.field(default_factory=no_items)
    auth_user_id: str | None = None
    email: str | None = None


class CohortStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many seats the beta has."""

    cohort_label: str | None = None
    available: Any = None
    """A number of seats or whether there are any."""
    active: int | None = None
    cap: int | None = None
    cutoff: str | None = None
    reopens_at: str | None = None


class HealthResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That it is up."""

    status: str
    """`ok` or `alive`."""
    timestamp: str | None = None
    version: str | None = None


class ReadyResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether it can work, part by part."""

    status: str
    """`ok` or `tolerating`, and `degraded` with a 503."""
    timestamp: str | None = None
    checks: dict[str, Any] = msgspec.field(default_factory=no_entries)


class StatusResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of the service."""

    status: str
    timestamp: str | None = None
    version: str | None = None
    uptime_seconds: float | None = None
    database: dict[str, Any] | None = None
    redis: dict[str, Any] | None = None
    matching_engine: dict[str, Any] | None = None
    websocket: dict[str, Any] | None = None
    markets: dict[str, Any] | None = None


class BalanceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The API wallet, in dollars."""

    balance: Decimal
    """Cash."""
    currency: str | None = None
    unrealized_pnl: Decimal | None = None
    """Total less start, so what was realised is in it."""
    total_value: Decimal | None = None
    starting_balance: Decimal | None = None


class ResetBalanceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a reset did."""

    message: str | None = None
    new_api_balance: Decimal
    """Dollars."""
    positions_closed: int | None = None
    orders_cancelled: int | None = None
    cooldown_days: int | None = None


class PositionResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A position."""

    id: int
    market_id: str
    """Condition id."""
    outcome: str
    quantity: Decimal
    """Shares."""
    avg_entry_price: Decimal | None = None
    status: PositionStatus | None = None
    current_price: Decimal | None = None
    market_value: Decimal | None = None
    """Dollars."""
    unrealized_pnl: Decimal | None = None
    """Dollars."""
    market_question: str | None = None


class PositionPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All positions, in the envelope."""

    data: list[PositionResponse]
    next_cursor: str | None = None
    """Empty always."""


class PortfolioResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Balance and positions."""

    balance: BalanceResponse
    positions: list[PositionResponse] = msgspec.field(default_factory=no_items)
    total_trades: int | None = None
    win_rate: str | None = None
    """Such as `60.0%`; without the sign on one page."""


class TradeHistoryItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fill."""

    order_id: int
    """Of the numbers of filled orders."""
    market_id: str
    """Condition id."""
    side: Side
    outcome: str
    price: Decimal
    quantity: Decimal
    """Shares."""
    notional: Decimal | None = None
    """Dollars."""
    fee: Decimal | None = None
    """Dollars."""
    status: OrderStatus | None = None
    price_source: str | None = None
    price_age_ms: int | None = None
    filled_at: str | None = None
    created_at: str | None = None


class TradeHistoryPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fills, in the envelope."""

    data: list[TradeHistoryItem]
    next_cursor: str | None = None
    """The next offset; empty or missing at the end."""


class EquityPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an account was worth, in dollars."""

    timestamp: str
    cash_balance: Decimal | None = None
    position_value: Decimal | None = None
    total_value: Decimal
    pnl: Decimal | None = None


class SettlementItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A position a resolution closed. The venue has fields for market, outcome and time that are not
    published; their names here are inferred.
    """

    position_id: int
    market_id: str | None = None
    """Condition id; inferred."""
    market_question: str | None = None
    """Inferred."""
    outcome: str | None = None
    """Inferred."""
    quantity: Decimal | None = None
    """Shares."""
    avg_entry_price: Decimal | None = None
    cost_basis: Decimal | None = None
    """Dollars."""
    payout: Decimal | None = None
    """Dollars."""
    payout_per_share: Decimal | None = None
    realized_pnl: Decimal | None = None
    """Dollars."""
    result: SettlementResult | None = None
    settled_at: str | None = None
    """Inferred."""


class SettlementPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settled positions."""

    data: list[SettlementItem]
    next_cursor: str | None = None
    """Empty on the last page."""


class ProfileAnalysis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An analysis of the account."""

    analysis_generated_at: str | None = None
    analysis_version: str | None = None
    profile: AnalysisProfile | None = None
    balance: AnalysisBalance | None = None
    open_positions: list[AnalysisPosition] = msgspec.field(default_factory=no_items)
    trading_stats: TradingStats | None = None
    risk_metrics: RiskMetrics | None = None
    equity_timeline: EquityTimeline | None = None
    category_exposure: list[CategoryExposure] = msgspec.field(default_factory=no_items)
    recent_trades: list[RecentTrade] = msgspec.field(default_factory=no_items)
    natural_language_summary: str | None = None


class AnalysisProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose account it is."""

    user_id: int
    username: str | None = None
    display_name: str | None = None
    bio: str | None = None
    avatar_url: str | None = None
    auth_provider: str | None = None
    account_created_at: str | None = None
    account_age_days: int | None = None
    api_key_tier: Tier | None = None
    profile_visibility: str | None = None


class AnalysisBalance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Both wallets, in dollars; percentages as the venue writes them."""

    currency: str | None = None
    ui_balance: Decimal | None = None
    api_balance: Decimal | None = None
    starting_ui_balance: Decimal | None = None
    starting_api_balance: Decimal | None = None
    ui_pnl: Decimal | None = None
    api_pnl: Decimal | None = None
    ui_pnl_percentage: str | None = None
    api_pnl_percentage: str | None = None
    total_portfolio_value: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    realized_pnl: Decimal | None = None


class AnalysisPosition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An open position, and what part of the account it is."""

    position_id: int | None = None
    market_id: str | None = None
    """Condition id."""
    market_question: str | None = None
    market_category: str | None = None
    outcome: str | None = None
    quantity: Decimal | None = None
    """Shares."""
    avg_entry_price: Decimal | None = None
    current_price: Decimal | None = None
    cost_basis: Decimal | None = None
    """Dollars."""
    market_value: Decimal | None = None
    """Dollars."""
    unrealized_pnl: Decimal | None = None
    """Dollars."""
    unrealized_pnl_percentage: str | None = None
    status: PositionStatus | None = None
    weight_percentage: str | None = None


class TradingStats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Statistics of fills. There may be more; what may be a percentage or nothing is text."""

    total_trades: int | None = None
    win_rate: str | None = None
    profit_factor: str | None = None
    total_volume: str | None = None
    avg_trade_size: str | None = None
    best_trade_pnl: str | None = None
    worst_trade_pnl: str | None = None
    avg_win_pnl: str | None = None
    avg_loss_pnl: str | None = None
    unique_markets_traded: int | None = None
    active_trading_days: int | None = None


class RiskMetrics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Risks. Diversity is one less the sum of squared weights; a drawdown is the worst fall from a peak,
    as a part of it.
    """

    open_position_count: int = msgspec.field(default_factory=int)
    largest_position_weight: str | None = None
    largest_position_market: str | None = None
    top_3_concentration: str | None = None
    portfolio_diversity_score: str | None = None
    avg_position_size: str | None = None
    cash_percentage: str | None = None
    invested_percentage: str | None = None
    max_drawdown_7d: str | None = None
    max_drawdown_30d: str | None = None


class EquityTimeline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the account fared. There may be more."""

    return_7d: str | None = None
    return_30d: str | None = None
    return_all_time: str | None = None
    peak_value: str | None = None
    peak_date: str | None = None
    trough_value: str | None = None
    trough_date: str | None = None


class CategoryExposure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is held in one category."""

    category: str | None = None
    position_count: int | None = None
    total_value: Decimal | None = None
    """Dollars."""
    weight_percentage: str | None = None


class RecentTrade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fill, in short."""

    order_id: int | None = None
    market_id: str | None = None
    """Condition id."""
    market_question: str | None = None
    side: Side | None = None
    outcome: str | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    """Shares."""
    notional: Decimal | None = None
    """Dollars."""
    filled_at: str | None = None


class CreateWalletRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A wallet to be made."""

    kind: WalletKind
    label: str | None = None
    """At most 64 characters."""


class RenameWalletRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new label, or none."""

    label: str | None
    """At most 64 characters."""


class WalletManager(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The partner a wallet belongs to."""

    tenant_slug: str | None = None
    display_name: str | None = None


class PartnerAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a partner's wallet is for."""

    account_id: Any = None
    """A number or text."""
    stage: str | None = None
    """demo, challenge or funded."""
    status: str | None = None
    """active, closed or archived."""


class WalletOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A wallet."""

    id: int
    kind: WalletKind
    label: str | None = None
    balance: Decimal | None = None
    """Dollars."""
    baseline: Decimal | None = None
    """What a reset brings it back to, dollars."""
    status: str | None = None
    """`active` or `archived`; the members are inferred."""
    generation: int | None = None
    """How often it was reset; inferred."""
    parent_wallet_id: int | None = None
    competition_id: int | None = None
    created_at: str | None = None
    archived_at: str | None = None
    is_legacy: bool = msgspec.field(default_factory=bool)
    managed_by: WalletManager | None = None
    b2b_account: PartnerAccount | None = None


class WalletList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Wallets."""

    wallets: list[WalletOut]


class PlaceOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order of the venue's own kind, with a quantity, or with an amount if it is a market order that
    buys. There is no order without a price: that of a market order is the worst one to be taken.
    """

    market_id: str
    """Condition id."""
    side: Side
    outcome: str
    """One of the market's, in any case."""
    quantity: Decimal | None = None
    """Shares, up to 4 decimals."""
    amount: Decimal | None = None
    """Dollars to spend; shares are that by the price, rounded down to 4 decimals."""
    order_type: OrderType | None = None
    price: Decimal | None = None
    """From 0.01 to 0.99; on the tick for a limit order. `PRICE_REQUIRED` without."""
    time_in_force: TimeInForce | None = None
    client_order_id: str | None = None
    """At most 256 characters. Makes the order repeatable."""
    expiration: str | int | None = None
    """Unix seconds as text, for GTD; a number is taken as well."""
    post_only: bool | None = None
    """For limit orders, GTC and GTD."""
    wallet_id: int | None = None
    """The API wallet if absent."""


class OrderPosition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The position an order led to."""

    market_id: str | None = None
    """Condition id."""
    outcome: str | None = None
    quantity: Decimal | None = None
    """Shares."""
    avg_entry_price: Decimal | None = None
    status: PositionStatus | None = None


class OrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an order. A filled one has the number of its fill, a resting one a number of its own;
    see `/v1/orders/{order_id}`. `quantity` is what was filled, of one that was filled in part.
    """

    order_id: int
    """0 if it was rejected."""
    status: OrderStatus
    order_type: OrderType
    side: Side
    outcome: str
    price: Decimal
    quantity: Decimal
    """Shares."""
    notional: Decimal
    """Dollars."""
    fee: Decimal
    """Dollars."""
    filled_at: str | None = None
    cancelled_reason: str | None = None
    price_source: str | None = None
    """Where the price came from, such as book_walk; at times with `ws:` in front."""
    slippage_bps: int | None = None
    """For information; what it is measured from is told in three ways."""
    quote_age_ms: int | None = None
    spread_bps: int | None = None
    impact_bps: int | None = None
    book_walk_levels: int | None = None
    account_balance: Decimal | None = None
    """Dollars."""
    position: OrderPosition | None = None
    client_order_id: str | None = None
    error: str | None = None
    """A code, of one that was rejected."""
    error_message: str | None = None
    amount_interpreted_as: str | None = None
    is_replay: bool = msgspec.field(default_factory=bool)
    """Whether this is the answer to an earlier request."""
    warnings: list[str] = msgspec.field(default_factory=no_items)
    """Such as `partial_fill:filled=3,requested=5` and `high_slippage_bps_120`."""


class OrderAck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order that was taken, and whose fate is to be looked up."""

    order_id: int
    client_order_id: str | None = None
    status: OrderStatus
    order_type: OrderType | None = None
    side: Side | None = None
    outcome: str | None = None
    market_id: str | None = None
    """Condition id."""
    price_requested: Decimal | None = None
    quantity_requested: Decimal | None = None
    """Shares."""
    accepted_at: str
    is_replay: bool = msgspec.field(default_factory=bool)


class BatchOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Orders to be placed one after the other."""

    orders: list[PlaceOrderRequest]


class BatchOrderResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an entry: the answer to an order placed alone, but that one which failed has the
    number 0, the status REJECTED or ERROR, and may lack the rest.
    """

    order_id: int
    status: OrderStatus
    order_type: OrderType | None = None
    side: Side | None = None
    outcome: str | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    """Shares."""
    notional: Decimal | None = None
    """Dollars."""
    fee: Decimal | None = None
    """Dollars."""
    filled_at: str | None = None
    cancelled_reason: str | None = None
    price_source: str | None = None
    slippage_bps: int | None = None
    quote_age_ms: int | None = None
    spread_bps: int | None = None
    impact_bps: int | None = None
    book_walk_levels: int | None = None
    account_balance: Decimal | None = None
    """Dollars."""
    position: OrderPosition | None = None
    client_order_id: str | None = None
    error: str | None = None
    """A code."""
    error_message: str | None = None
    amount_interpreted_as: str | None = None
    is_replay: bool = msgspec.field(default_factory=bool)
    warnings: list[str] = msgspec.field(default_factory=no_items)


class BatchOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the entries, in their order."""

    results: list[BatchOrderResult]
    succeeded: int | None = None
    failed: int | None = None


class PendingOrderItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order as it is listed."""

    order_id: int
    market_id: str
    """Condition id."""
    side: Side
    outcome: str
    order_type: OrderType | None = None
    limit_price: Decimal | None = None
    """Missing for market orders."""
    quantity: Decimal | None = None
    """Shares."""
    time_in_force: TimeInForce | None = None
    status: OrderStatus
    client_order_id: str | None = None
    created_at: str | None = None
    filled_at: str | None = None
    fill_price: Decimal | None = None
    cancelled_at: str | None = None
    cancelled_reason: str | None = None
    """Such as gtd_expired."""
    hold_reason: str | None = None
    """`venue_outage` while Polymarket is down."""


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order that was looked up. Which fields a resting one has and which a filled one is told by no
    page; these are those of both.
    """

    order_id: int
    market_id: str | None = None
    """Condition id."""
    side: Side | None = None
    outcome: str | None = None
    order_type: OrderType | None = None
    limit_price: Decimal | None = None
    price: Decimal | None = None
    fill_price: Decimal | None = None
    quantity: Decimal | None = None
    """Shares."""
    notional: Decimal | None = None
    """Dollars."""
    fee: Decimal | None = None
    """Dollars."""
    time_in_force: TimeInForce | None = None
    status: OrderStatus
    source: OrderSource | None = None
    client_order_id: str | None = None
    price_source: str | None = None
    created_at: str | None = None
    filled_at: str | None = None
    cancelled_at: str | None = None
    cancelled_reason: str | None = None
    hold_reason: str | None = None


class OrderPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Orders."""

    orders: list[PendingOrderItem]
    next_cursor: str | None = None
    """Pages differ on what it is made of; send it back as it is."""
    has_more: bool | None = None
    total_hint: int | None = None


class CancelResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was cancelled, and why the rest was not."""

    canceled: list[str]
    """Ids."""
    not_canceled: dict[str, str] = msgspec.field(default_factory=no_entries)
    """Reason by id."""


class HeartbeatRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When the sender will be heard from again."""

    interval_ms: int
    """Milliseconds, 1000 to 60000; 422 beyond."""
    client_label: str | None = None
    """At most 64 characters."""


class HeartbeatResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Until when orders stay."""

    ok: bool
    expires_at_ms: int | None = None
    """Unix milliseconds."""


class FlatOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order by token. Pages call the shares `size`, the venue's own document requires `quantity`; one
    of them is needed.
    """

    token_id: str
    side: Side
    price: Decimal
    """From 0.01 to 1.00."""
    quantity: Decimal | None = None
    """Shares; what to send."""
    size: Decimal | None = None
    """Shares, by the name pages use."""
    order_type: TimeInForce | None = None
    client_order_id: str | None = None
    """At most 256 characters."""
    expiration: str | int | None = None
    """Unix seconds as text, for GTD; a number is taken as well."""
    post_only: bool | None = None
    fee_rate_bps: Any = None
    """Ignored."""
    nonce: Any = None
    """Ignored."""
    taker: Any = None
    """Ignored."""


class FlatOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an order by token. Amounts are shares and dollars, not base units."""

    success: bool
    order_id: str = msgspec.field(default_factory=str, name="orderID")
    status: SendStatus | None = None
    transact_id: str | None = msgspec.field(default=None, name="transactID")
    """The order's id."""
    error_msg: str = msgspec.field(default_factory=str, name="errorMsg")
    price: str | None = None
    """Decimal text; may be empty."""
    size: str | None = None
    """Decimal text; may be empty."""
    side: Side | None = None
    taking_amount: str = msgspec.field(default_factory=str, name="takingAmount")
    """Dollars of what was filled, of a buyer too; may be empty."""
    making_amount: str = msgspec.field(default_factory=str, name="makingAmount")
    """Shares of what was filled; may be empty."""


class PmOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order as Polymarket's clients sign it. Amounts are millionths, as text; a buyer makes dollars and
    takes shares, a seller the reverse. Everything but token, amounts, side and expiration is ignored.
    """

    token_id: str = msgspec.field(name="tokenId")
    maker_amount: str = msgspec.field(name="makerAmount")
    taker_amount: str = msgspec.field(name="takerAmount")
    side: Side
    expiration: str | int | None = None
    """Unix seconds as text; `0` or absent for none. A number is taken as well."""
    salt: Any = None
    maker: str | None = None
    signer: str | None = None
    taker: str | None = None
    nonce: Any = None
    fee_rate_bps: Any = msgspec.field(default=None, name="feeRateBps")
    signature_type: int | None = msgspec.field(default=None, name="signatureType")
    signature: str | None = None
    timestamp: Any = None
    metadata: str | None = None
    builder: str | None = None


class PmSendOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order in the shape of Polymarket."""

    order: PmOrder
    owner: str | None = None
    order_type: TimeInForce | None = msgspec.field(default=None, name="orderType")
    defer_exec: bool = msgspec.field(default_factory=bool, name="deferExec")
    post_only: bool = msgspec.field(default_factory=bool, name="postOnly")


class PmSendOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an order, in the shape of Polymarket."""

    success: bool
    order_id: str = msgspec.field(default_factory=str, name="orderID")
    status: SendStatus | None = None
    making_amount: str = msgspec.field(default_factory=str, name="makingAmount")
    """Millionths of what was filled, dollars or shares; `0` if nothing was, may be empty."""
    taking_amount: str = msgspec.field(default_factory=str, name="takingAmount")
    """Millionths of what was filled, dollars or shares; `0` if nothing was, may be empty."""
    transactions_hashes: list[str] = msgspec.field(default_factory=no_items, name="transactionsHashes")
    trade_ids: list[str] = msgspec.field(default_factory=no_items, name="tradeIDs")
    error_msg: str = msgspec.field(default_factory=str, name="errorMsg")


class PmCancelRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The order to cancel."""

    order_id: str = msgspec.field(name="orderID")


class PmOpenOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order, in the shape of Polymarket."""

    id: str
    """An integer as text."""
    status: PmOrderStatus
    market: str
    """Condition id."""
    side: Side
    original_size: Decimal
    """Shares."""
    size_matched: Decimal
    """Shares."""
    price: Decimal
    outcome: str
    order_type: TimeInForce | None = None
    owner: str | None = None
    maker_address: str | None = None
    asset_id: str | None = None
    """Token id."""
    expiration: int = msgspec.field(default_factory=int)
    """Unix seconds; 0 for none. Read from text as well."""
    associate_trades: list[str] = msgspec.field(default_factory=no_items)
    created_at: int = msgspec.field(default_factory=int)
    """Unix seconds."""


class PmOrderPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Orders, in the shape of Polymarket."""

    limit: int | None = None
    count: int | None = None
    next_cursor: str | None = None
    """`LTE=` at the end."""
    data: list[PmOpenOrder]


class PmTradeRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A trade, in the shape of Polymarket."""

    id: str
    market: str
    """Condition id."""
    side: Side
    outcome: str
    price: Decimal
    size: Decimal
    """Shares."""
    last_update: int = msgspec.field(default_factory=int)
    """Unix seconds."""
    match_time: int = msgspec.field(default_factory=int)
    """Unix seconds."""
    status: str | None = None
    """`MATCHED`; nothing is mined here."""
    asset_id: str | None = None
    """Token id."""
    fee_rate_bps: int = msgspec.field(default_factory=int)
    maker_orders: list[Any] = msgspec.field(default_factory=no_items)
    taker_order_id: str | None = None
    transaction_hash: str | None = None
    bucket_index: int | None = None
    owner: str | None = None
    trader_side: str | None = None


class PmTradePage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Trades, in the shape of Polymarket."""

    limit: int | None = None
    count: int | None = None
    next_cursor: str | None = None
    """`LTE=` at the end."""
    data: list[PmTradeRow]


class BalanceAllowance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Balance and allowance in millionths, as text; of the two kinds apart as well."""

    balance: str | None = None
    allowance: str | None = None
    collateral: Any = None
    conditional: Any = None


class OutcomePrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an outcome trades at."""

    label: str | None = None
    price: Decimal | None = None
    token_id: str | None = None


class LivePrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is displayed of a market's prices."""

    buy: Decimal | None = None
    """Price of the first outcome."""
    sell: Decimal | None = None
    """Price of the second outcome; not a bid for the first."""
    volume: str | None = None
    """Decimal text; of a day or of all time."""
    updated_at: str | None = None
    source: str | None = None
    outcomes: list[OutcomePrice] = msgspec.field(default_factory=no_items)


class MarketSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market, in short."""

    condition_id: str
    slug: str | None = None
    question: str | None = None
    outcomes: list[str] = msgspec.field(default_factory=no_items)
    active: bool | None = None
    """True if absent."""
    closed: bool = msgspec.field(default_factory=bool)
    is_hot: bool = msgspec.field(default_factory=bool)
    image_url: str | None = None
    category: str | None = None
    clob_token_ids: list[str] = msgspec.field(default_factory=no_items)
    """In the order of the outcomes."""
    volume_24h: Decimal | None = None
    """Dollars."""
    volume_total: Decimal | None = None
    """Dollars."""
    last_price: Decimal | None = None
    live_price: LivePrice | None = None


class MarketPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Markets, in the envelope."""

    data: list[MarketSummary]
    next_cursor: str | None = None
    """`LTE=` at the end."""


class MarketToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An outcome of a market."""

    token_id: str
    outcome: str | None = None
    price: Number | None = None
    winner: bool = msgspec.field(default_factory=bool)


class MarketDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market."""

    condition_id: str
    slug: str | None = None
    question: str | None = None
    outcomes: list[str] = msgspec.field(default_factory=no_items)
    active: bool | None = None
    """True if absent."""
    closed: bool = msgspec.field(default_factory=bool)
    is_hot: bool = msgspec.field(default_factory=bool)
    image_url: str | None = None
    category: str | None = None
    clob_token_ids: list[str] = msgspec.field(default_factory=no_items)
    """In the order of the outcomes."""
    volume_24h: Decimal | None = None
    """Dollars."""
    volume_total: Decimal | None = None
    """Dollars."""
    last_price: Decimal | None = None
    live_price: LivePrice | None = None
    event_group_id: Any = None
    """A number or text."""
    event_title: str | None = None
    end_date: str | None = None
    resolved_outcome: str | None = None
    archived: bool = msgspec.field(default_factory=bool)
    archived_at: str | None = None
    tokens: list[MarketToken] = msgspec.field(default_factory=no_items)
    question_id: str | None = None
    market_slug: str | None = None
    neg_risk: bool | None = None
    order_book: OrderBookSnapshot | None = None


class BookLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What rests at one price."""

    price: Decimal
    size: Decimal
    """Shares."""


class OrderBookSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The book of a token. Bids ascend and asks descend, so that the best level is the last of each."""

    token_id: str | None = None
    bids: list[BookLevel]
    asks: list[BookLevel]
    timestamp: str | None = None
    """Unix milliseconds."""
    market: str | None = None
    """Condition id."""
    asset_id: str | None = None
    """Token id."""
    hash: str | None = None
    min_order_size: Decimal | None = None
    """Shares."""
    tick_size: Decimal | None = None
    neg_risk: bool | None = None
    last_trade_price: Decimal | None = None
    spread: Decimal | None = None
    mid: Decimal | None = None
    stale: bool | None = None


class CandlePoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices within a stretch of time; the volume is of this venue's own fills."""

    t: int
    """Where it starts, Unix seconds."""
    o: Decimal | None = None
    """Opening price."""
    h: Decimal | None = None
    """Highest price."""
    l: Decimal | None = None
    """Lowest price."""
    c: Decimal | None = None
    """Closing price."""
    v: Decimal | None = None
    """Volume."""


class BatchPriceRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Markets to read prices of."""

    market_ids: list[str]
    """Condition ids, 1 to 50."""


class BatchPriceItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a market trades at."""

    condition_id: str
    buy: Decimal | None = None
    """Price of the first outcome."""
    sell: Decimal | None = None
    """Price of the second outcome; not a bid for the first."""
    outcomes: list[OutcomePrice] = msgspec.field(default_factory=no_items)
    source: str | None = None


class MarketByToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The market of a token."""

    condition_id: str
    primary_token_id: str | None = None
    secondary_token_id: str | None = None
    """Missing always."""
    outcome: str | None = None


class EventsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Events. What a row has is not published."""

    events: list[dict[str, Any]]
    total: int | None = None
    limit: int | None = None
    offset: int | None = None
    cache_source: str | None = None
    has_sports: bool | None = None
    message: str | None = None


class UpdownPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a round trades at, in JSON numbers."""

    buy: Number | None = None
    """Price of Up."""
    sell: Number | None = None
    """Price of Down."""
    updated_at: str | None = None


class UpdownMarket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The market of a round. Outcomes, prices and tokens come as a list, as a text that holds JSON, or as
    a text with commas.
    """

    id: Any = None
    """A number or text."""
    condition_id: str | None = None
    question: str | None = None
    outcomes: Any = None
    """Up and Down."""
    outcome_prices: Any = None
    """In the order of the outcomes."""
    token_ids: Any = None
    """In the order of the outcomes."""


class UpdownRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A round. It trades while it is active, not closed and not resolved."""

    event_id: Any = None
    """A number or text."""
    condition_id: str
    slug: str | None = None
    title: str | None = None
    description: str | None = None
    asset: UpdownAsset | None = None
    interval: UpdownInterval | None = None
    time_range: str | None = None
    date_display: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    active: bool = msgspec.field(default_factory=bool)
    closed: bool = msgspec.field(default_factory=bool)
    resolved: bool = msgspec.field(default_factory=bool)
    tags: list[Any] = msgspec.field(default_factory=no_items)
    markets: list[UpdownMarket] = msgspec.field(default_factory=no_items)
    live_price: UpdownPrice | None = None
    group_item_threshold: Decimal | None = None
    """The strike; missing or 0 until it is known."""
    event_metadata_ptb: Decimal | None = None
    """The strike as Polymarket shows it."""
    image: str | None = None
    icon: str | None = None


class AssetPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an asset trades at, in JSON numbers."""

    price: Number | None = None
    change_24h: Number | None = None


class UpdownResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Rounds, and what they are about. There were more groupings once."""

    markets: list[UpdownRow]
    total: int | None = None
    interval_counts: dict[str, int] = msgspec.field(default_factory=no_entries)
    asset_counts: dict[str, int] = msgspec.field(default_factory=no_entries)
    available_intervals: list[str] = msgspec.field(default_factory=no_items)
    available_assets: list[str] = msgspec.field(default_factory=no_items)
    crypto_prices: dict[str, AssetPrice] = msgspec.field(default_factory=no_entries)
    timestamp: Any = None
    """Text or a number."""
    cache_hit: bool | None = None


class TokenRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token."""

    token_id: str


class TokenRefs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens, at most 50."""

    items: list[TokenRef]


class TokenSide(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A side of a token."""

    token_id: str
    side: Side


class TokenIds(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens, 1 to 500."""

    token_ids: list[str]


class MidpointResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A midpoint, under two names."""

    mid: Decimal | None = None
    mid_price: Decimal | None = None


class SpreadResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Best ask less best bid, but 0.10 at most."""

    spread: Decimal
    bid: Decimal | None = None
    ask: Decimal | None = None


class PriceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price, and how old it is."""

    price: Decimal
    quote_at: str | None = None
    age_ms: int | None = None


class LastTradePrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last trade of a token."""

    price: Decimal
    side: str | None = None
    """BUY or SELL; may be empty."""


class TickSize(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The smallest step of a price, one of 0.1, 0.01, 0.001 and 0.0001."""

    minimum_tick_size: Number


class NegRisk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the market of a token is a neg-risk one."""

    neg_risk: bool


class FeeRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What takers pay: the rate in `fee_rate_bps`, one of 0, 300, 400, 500 and 700, by shares, price and
    one less the price.
    """

    base_fee: int | None = None
    """0 or 1000; says nothing about what is charged."""
    fee_rate_bps: int


class HistoryPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price at a moment."""

    t: int
    """Unix seconds."""
    p: Number


class PricesHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices over time."""

    history: list[HistoryPoint]


class CandleHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices over time, if `ohlcv` was asked for. That a point is then a candle is inferred."""

    history: list[CandlePoint]


class SpotPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an underlying asset trades at."""

    symbol: str
    price: Number | None = None
    """Dollars."""
    timestamp: Any = None
    """Text or a number."""
    source: str | None = None
    age_seconds: float | None = None
    stale: bool | None = None
    """True beyond about 30 seconds."""


class SpotPrices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What underlying assets trade at, by symbol."""

    prices: dict[str, ListedSpotPrice]
    supported_symbols: list[str] = msgspec.field(default_factory=no_items)
    timestamp: Any = None
    """Text or a number."""


class ListedSpotPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an underlying asset trades at; the symbol is the key it is under."""

    symbol: str | None = None
    price: Number | None = None
    """Dollars."""
    timestamp: Any = None
    """Text or a number."""
    source: str | None = None
    age_seconds: float | None = None
    stale: bool | None = None
    """True beyond about 30 seconds."""


class Strike(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The price a round has to beat. It settles on it if the source is polymarket_open_price,
    polymarket_scrape, gamma_event_metadata, chainlink_onchain or chainlink_timeline; gamma_api and
    cryptocompare are estimates.
    """

    price: Number
    """Dollars."""
    asset: str | None = None
    start_date: str | None = None
    source: str | None = None


class SimulateFillRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order that might have been sent."""

    condition_id: str
    shares: Decimal
    at: dt.datetime
    token_id: str | None = None
    outcome: str | None = None
    """Yes if absent."""
    side: Side | None = None
    fill_model: FillModel | None = None
    limit_price: Decimal | None = None


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How good the recording of an hour is."""

    hour_status: str | None = None
    """valid, degraded, missing, quarantined or partial."""
    bbo_confidence: SimulationConfidence | None = None
    ghost_guard_triggered: bool = msgspec.field(default_factory=bool)
    deduped_events: int = msgspec.field(default_factory=int)
    hour: str | None = None


class LeakageDisclosure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a simulation knew and did not."""

    book_depth_available: bool | None = None
    data_source: str | None = None
    fee_model: str | None = None
    fill_model: str | None = None
    missing_periods: list[Any] = msgspec.field(default_factory=no_items)


class SimulateFillResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fill that would have been."""

    vwap_fill_price: Decimal | None = None
    filled_shares: Decimal
    remaining_shares: Decimal | None = None
    slippage_bps: str | None = None
    """Decimal text; may be empty."""
    impact_bps: str | None = None
    """Decimal text; may be empty."""
    levels_used: int | None = None
    fee: Decimal | None = None
    """Dollars."""
    book_age_ms: int | None = None
    price_source: str | None = None
    confidence: SimulationConfidence | None = None
    fill_model: FillModel | None = None
    fee_model: str | None = None
    token_id: str | None = None
    comp_token_id: str | None = None
    provenance: Provenance | None = None
    leakage: LeakageDisclosure | None = None


class ReplayBookResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A book of the past. The best level is the first of each side."""

    condition_id: str
    token_id: str | None = None
    comp_token_id: str | None = None
    at: str | None = None
    depth: int | None = None
    bids: list[BookLevel]
    asks: list[BookLevel]
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None
    book_age_ms: int | None = None
    provenance: Provenance | None = None
    leakage: LeakageDisclosure | None = None


class CreateBacktestRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A backtest to be made. What a strategy looks like is not published. The sandbox of this project has
    a grammar of its own: `buy_and_hold` with `shares`, and `threshold` with `shares`, `buy_below` and,
    if wanted, `sell_above` and `max_shares`; both take `outcome`, `fill_model` and `every`, the seconds
    between two looks at the book.
    """

    condition_ids: list[str]
    start: dt.datetime
    end: dt.datetime
    strategy: dict[str, Any]
    initial_bankroll: Decimal | None = None
    """Dollars; 1000 if absent."""
    token_ids: dict[str, str] | None = None
    """Token id by condition id."""


class BacktestSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A backtest."""

    job_id: str
    status: JobStatus
    condition_ids: list[str] = msgspec.field(default_factory=no_items)
    start: str | None = None
    end: str | None = None
    fill_model: FillModel | None = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    error_message: str | None = None
    initial_bankroll: Decimal | None = None
    """Dollars."""
    total_pnl: Decimal | None = None
    """Dollars."""
    total_return_pct: str | None = None
    """Decimal text; may be empty."""
    win_rate: str | None = None
    """Decimal text; may be empty."""
    max_drawdown: str | None = None
    """Decimal text; may be empty."""
    num_trades: int | None = None
    market_hours_charged: str | None = None
    """Decimal text; may be empty."""
    settlement_scored: bool = msgspec.field(default_factory=bool)
    is_replay: bool = msgspec.field(default_factory=bool)
    universe_eligible: bool = msgspec.field(default_factory=bool)
    token_ids: dict[str, str] | None = None


class BacktestPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Backtests."""

    data: list[BacktestSummary]
    next_cursor: str | None = None


class SimulatedTradePage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Trades of a backtest, whose fields are not published."""

    data: list[dict[str, Any]]
    next_cursor: str | None = None


class SimulatedEquityPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a backtest was worth, in dollars."""

    ts: str
    equity: Decimal
    cash: Decimal | None = None
    position_value: Decimal | None = None


class SimulatedEquityPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a backtest was worth over time."""

    data: list[SimulatedEquityPoint]
    next_cursor: str | None = None


class PartnerUserRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user of a partner."""

    external_id: str
    """The partner's own id, 1 to 255 characters."""
    email: str
    """3 to 320 characters."""
    metadata: dict[str, Any] | None = None


class PartnerUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user of a partner, as it was made or found."""

    user_id: int
    tenant_user_id: str | None = None
    external_id: str | None = None
    email: str | None = None
    created: bool | None = None


class PricesSubscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a client says on `/v1/ws/prices`. With another name for the markets it is acknowledged with
    none, and nothing comes.
    """

    action: SubscriptionAction
    markets: list[str] | None = None
    """Condition ids, at most 50."""


class ConnectedEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="connected"
):
    """The first frame."""

    type: ClassVar[Literal["connected"]] = "connected"

    user_id: int | None = None
    protocol_version: str | None = None


class SubscribedEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="subscribed"
):
    """The markets followed from now on, all of them."""

    type: ClassVar[Literal["subscribed"]] = "subscribed"

    markets: list[str]
    """Condition ids."""


class PongEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="pong"):
    """The answer to a ping."""

    type: ClassVar[Literal["pong"]] = "pong"

    ts: int | None = None
    """Unix milliseconds."""


class PriceEventOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an outcome trades at. Beside label and price, what the client reads if it is there."""

    label: str | None = None
    price: str | None = None
    token_id: str | None = None
    best_bid: str | None = None
    best_ask: str | None = None
    last_trade: str | None = None


class PriceEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="price"
):
    """A new price of a market, in text."""

    type: ClassVar[Literal["price"]] = "price"

    market_id: str
    """Condition id."""
    condition_id: str | None = None
    """The same."""
    emit_ts_ms: int | None = None
    """Unix milliseconds."""
    source: str | None = None
    """Such as websocket, gamma_poller and clob_on_demand."""
    updated_at: str | None = None
    ws_updated_at: str | None = None
    outcomes: list[PriceEventOutcome] = msgspec.field(default_factory=no_items)
    volume: str | None = None
    buy: str | None = None
    """Price of the first outcome."""
    sell: str | None = None
    """Price of the second outcome; not a bid for the first."""
    tokens: dict[str, Any] | None = None
    best_bid: str | None = None
    best_ask: str | None = None
    last_trade: str | None = None
    last_trade_side: str | None = None
    last_trade_size: str | None = None
    active: bool | None = None
    closed: bool | None = None


class ErrorEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="error"
):
    """A frame that was not understood."""

    type: ClassVar[Literal["error"]] = "error"

    message: str | None = None
    """Such as `Invalid JSON` and `Unknown action`."""


class FillEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="fill"):
    """A fill of the caller. Some never come, and nothing tells of orders that were cancelled; read again
    over REST.
    """

    type: ClassVar[Literal["fill"]] = "fill"

    order_id: int
    """Of the numbers of filled orders; inferred."""
    market_id: str
    """Condition id."""
    side: Side | None = None
    outcome: str | None = None
    price: str | None = None
    quantity: str | None = None
    """Shares."""
    filled_at: str | None = None


class PmSocketAuth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key, in a frame."""

    api_key: str = msgspec.field(name="apiKey")

    def __repr__(self) -> str:
        return shown(self, ("api_key",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("PmSocketAuth carries a secret and cannot be pickled")


class PmSubscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a client says on `/v1/ws/market` and `/v1/ws/user`. It is not acknowledged."""

    type: str
    """market, user, subscribe or ping."""
    assets_ids: list[str] | None = None
    """Token ids, at most 50."""
    markets: list[str] | None = None
    """Condition ids, at most 25."""
    auth: PmSocketAuth | None = None
    operation: str | None = None
    """subscribe or unsubscribe."""


class PmBookLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What rests at one price, in text."""

    price: str
    size: str


class PmBookEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="book"
):
    """The book of a token, once for each. Bids ascend and asks descend."""

    event_type: ClassVar[Literal["book"]] = "book"

    asset_id: str
    """Token id."""
    market: str | None = None
    """Condition id."""
    bids: list[PmBookLevel]
    asks: list[PmBookLevel]
    timestamp: str | None = None
    """Unix milliseconds."""
    hash: str | None = None
    tick_size: str | None = None
    """Dollars; what the venue's client reads, as the next three."""
    min_order_size: str | None = None
    """Shares."""
    neg_risk: bool | None = None
    last_trade_price: str | None = None


class PmPriceChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New best prices of a token. Size, side and hash hold places only."""

    asset_id: str
    """Token id."""
    price: str | None = None
    size: str | None = None
    """`0` always."""
    side: str | None = None
    """Empty always."""
    hash: str | None = None
    """Empty always."""
    best_bid: str | None = None
    best_ask: str | None = None


class PmPriceChangeEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="price_change"
):
    """New best prices."""

    event_type: ClassVar[Literal["price_change"]] = "price_change"

    market: str | None = None
    """Condition id."""
    price_changes: list[PmPriceChange]
    timestamp: str | None = None
    """Unix milliseconds."""


class PmLastTradePriceEvent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="event_type",
    tag="last_trade_price",
):
    """A trade on Polymarket. Size and fee hold places only."""

    event_type: ClassVar[Literal["last_trade_price"]] = "last_trade_price"

    asset_id: str
    """Token id."""
    market: str | None = None
    """Condition id."""
    price: str
    side: str | None = None
    size: str | None = None
    """`0` always."""
    fee_rate_bps: str | None = None
    """`0` always."""
    timestamp: str | None = None
    """Unix milliseconds."""


class PmBestBidAskEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="best_bid_ask"
):
    """New best prices of a token."""

    event_type: ClassVar[Literal["best_bid_ask"]] = "best_bid_ask"

    asset_id: str
    """Token id."""
    market: str | None = None
    """Condition id."""
    best_bid: str | None = None
    best_ask: str | None = None
    timestamp: str | None = None
    """Unix milliseconds."""


class PmTradeEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="trade"
):
    """A fill of the caller, in the shape of Polymarket. Fields besides are those the venue's client reads."""

    event_type: ClassVar[Literal["trade"]] = "trade"

    type: str | None = None
    """`TRADE`."""
    id: str | None = None
    status: str | None = None
    """`MATCHED`."""
    market: str | None = None
    """Condition id."""
    asset_id: str | None = None
    """Token id."""
    side: str | None = None
    outcome: str | None = None
    price: str | None = None
    size: str | None = None
    """Shares."""
    taker_order_id: str | None = None
    match_time: str | None = None
    """Unix seconds."""
    last_update: str | None = None
    """Unix seconds."""
    trader_side: str | None = None
    """TAKER or MAKER."""
    owner: str | None = None
    """May be empty."""
    trade_owner: str | None = None
    """May be empty."""
    maker_orders: list[Any] = msgspec.field(default_factory=no_items)
    timestamp: str | None = None
    """Unix milliseconds."""


class PmErrorEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="error"
):
    """A frame that was refused."""

    event_type: ClassVar[Literal["error"]] = "error"

    error: SocketErrorCode | None = None
    message: str | None = None


class PmPongEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event_type", tag="pong"
):
    """The answer to a ping."""

    event_type: ClassVar[Literal["pong"]] = "pong"

    ts: int | None = None
    """Unix milliseconds."""


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of `/prices/stream`: what stands behind `event:`, and what the JSON behind `data:` says.
    The data of an event is a schema named after it.
    """

    event: StreamEventName
    data: Any = None


class CryptoPriceData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data of crypto_price."""

    symbol: str
    price: Number
    """Dollars."""
    source: str | None = None
    """Such as chainlink_rtds, chainlink, polymarket_rtds, relay_binance and binance."""
    timestamp: Any = None
    """Unix milliseconds, or text."""


class CryptoPriceBatchData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data of crypto_price_batch."""

    updates: list[CryptoPriceData]


class TickSizeChangeData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data of tick_size_change."""

    type: str | None = None
    market: str | None = None
    """Condition id."""
    asset_id: str
    """Token id."""
    tick_size: Number
    old_tick_size: Number | None = None
    side: str | None = None
    ts_ms: int | None = None
    """Unix milliseconds."""


PricesEvent: TypeAlias = ConnectedEvent | SubscribedEvent | PongEvent | PriceEvent | ErrorEvent
"""Whatever `/v1/ws/prices` says."""


ExecutionsEvent: TypeAlias = ConnectedEvent | PongEvent | FillEvent | ErrorEvent
"""Whatever `/v1/ws/executions` says; anything but fills is inferred."""


PmMarketEvent: TypeAlias = (
    PmBookEvent | PmPriceChangeEvent | PmLastTradePriceEvent | PmBestBidAskEvent | PmErrorEvent | PmPongEvent
)
"""Whatever `/v1/ws/market` says."""


PmUserEvent: TypeAlias = PmTradeEvent | PmErrorEvent | PmPongEvent
"""Whatever `/v1/ws/user` says."""
