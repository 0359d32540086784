"""Models of Polymarket US exchange.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

from polyspec_wire._call import Int64, Number, OpenEnum

__all__ = [
    "BookEntry",
    "CancelOrderListRequest",
    "CancelOrderListResponse",
    "CancelOrderRequest",
    "CancelOrderResponse",
    "CancelReplaceOrderListRequest",
    "CancelReplaceOrderListResponse",
    "CancelReplaceOrderRequest",
    "CancelReplaceOrderResponse",
    "CrossType",
    "CxlRejReason",
    "Date",
    "DownloadExecutionsLine",
    "DownloadExecutionsRequest",
    "DownloadExecutionsResponse",
    "DownloadOrdersLine",
    "DownloadOrdersRequest",
    "DownloadOrdersResponse",
    "DownloadTradesLine",
    "DownloadTradesRequest",
    "DownloadTradesResponse",
    "EventAttributes",
    "Execution",
    "ExecutionType",
    "FieldFilter",
    "FilterOperator",
    "FirmType",
    "GetBBOResponse",
    "GetExecutionResponse",
    "GetInstrumentMetadataRequest",
    "GetInstrumentMetadataResponse",
    "GetOpenOrdersResponse",
    "GetOrderBookResponse",
    "GetOrderResponse",
    "GetTradeStatsRequest",
    "GetTradeStatsResponse",
    "GetWhoAmIResponse",
    "HealthCheckResponse",
    "InsertOrderCrossRequest",
    "InsertOrderCrossResponse",
    "InsertOrderListRequest",
    "InsertOrderListResponse",
    "InsertOrderRequest",
    "InsertOrderResponse",
    "Instrument",
    "InstrumentFilter",
    "InstrumentState",
    "InstrumentStats",
    "InstrumentType",
    "LegPrice",
    "ListAccountsResponse",
    "ListInstrumentsRequest",
    "ListInstrumentsResponse",
    "ListSymbolsRequest",
    "ListSymbolsResponse",
    "ListUsersResponse",
    "ManualOrderIndicator",
    "OrdRejectReason",
    "Order",
    "OrderCapacity",
    "OrderSizeLimit",
    "OrderState",
    "OrderStateFilter",
    "OrderType",
    "PreviewOrderRequest",
    "PreviewOrderResponse",
    "PriceLimit",
    "SearchExecutionsRequest",
    "SearchExecutionsResponse",
    "SearchOrdersRequest",
    "SearchOrdersResponse",
    "SearchTradesRequest",
    "SearchTradesResponse",
    "SelfMatchPreventionInstruction",
    "Side",
    "Status",
    "StringList",
    "TimeInForce",
    "TimeOfDay",
    "TokenError",
    "TokenRequest",
    "TokenResponse",
    "TradableFilter",
    "Trade",
    "TradeState",
    "TradeStats",
    "TradeType",
    "TradingHours",
    "UnsolicitedCxlReason",
]


class Side(OpenEnum):
    """YES terms. The zero member's number is inferred."""

    UNDEFINED = "SIDE_UNDEFINED"
    BUY = "SIDE_BUY"
    SELL = "SIDE_SELL"


class OrderType(OpenEnum):
    """Market-to-limit rests its remainder at the last fill price; a stop becomes one when triggered. The
    zero member's name is a guess (inferred).
    """

    UNDEFINED = "ORDER_TYPE_UNDEFINED"
    MARKET_TO_LIMIT = "ORDER_TYPE_MARKET_TO_LIMIT"
    LIMIT = "ORDER_TYPE_LIMIT"
    STOP = "ORDER_TYPE_STOP"
    STOP_LIMIT = "ORDER_TYPE_STOP_LIMIT"


class TimeInForce(OpenEnum):
    """Day orders have survived the 17:00 ET roll since 2026-09-13; use good-till-time for a sure end. The
    zero member's name is a guess (inferred).
    """

    UNDEFINED = "TIME_IN_FORCE_UNDEFINED"
    DAY = "TIME_IN_FORCE_DAY"
    GOOD_TILL_CANCEL = "TIME_IN_FORCE_GOOD_TILL_CANCEL"
    IMMEDIATE_OR_CANCEL = "TIME_IN_FORCE_IMMEDIATE_OR_CANCEL"
    GOOD_TILL_TIME = "TIME_IN_FORCE_GOOD_TILL_TIME"
    FILL_OR_KILL = "TIME_IN_FORCE_FILL_OR_KILL"


class OrderState(OpenEnum):
    """The pending states mean the engine has not handled the request yet."""

    NEW = "ORDER_STATE_NEW"
    PARTIALLY_FILLED = "ORDER_STATE_PARTIALLY_FILLED"
    FILLED = "ORDER_STATE_FILLED"
    CANCELED = "ORDER_STATE_CANCELED"
    REPLACED = "ORDER_STATE_REPLACED"
    REJECTED = "ORDER_STATE_REJECTED"
    EXPIRED = "ORDER_STATE_EXPIRED"
    PENDING_NEW = "ORDER_STATE_PENDING_NEW"
    PENDING_REPLACE = "ORDER_STATE_PENDING_REPLACE"
    PENDING_CANCEL = "ORDER_STATE_PENDING_CANCEL"
    PENDING_RISK = "ORDER_STATE_PENDING_RISK"


class OrderStateFilter(OpenEnum):
    """The zero member, taken to mean every order, is a guess (inferred)."""

    UNDEFINED = "ORDER_STATE_FILTER_UNDEFINED"
    OPEN = "ORDER_STATE_FILTER_OPEN"
    CLOSED = "ORDER_STATE_FILTER_CLOSED"
    NEW = "ORDER_STATE_FILTER_NEW"
    PARTIALLY_FILLED = "ORDER_STATE_FILTER_PARTIALLY_FILLED"
    FILLED = "ORDER_STATE_FILTER_FILLED"
    CANCELED = "ORDER_STATE_FILTER_CANCELED"
    REPLACED = "ORDER_STATE_FILTER_REPLACED"
    REJECTED = "ORDER_STATE_FILTER_REJECTED"
    EXPIRED = "ORDER_STATE_FILTER_EXPIRED"
    PENDING_RISK = "ORDER_STATE_FILTER_PENDING_RISK"


class ExecutionType(OpenEnum):
    """What happened to the order."""

    NEW = "EXECUTION_TYPE_NEW"
    PARTIAL_FILL = "EXECUTION_TYPE_PARTIAL_FILL"
    FILL = "EXECUTION_TYPE_FILL"
    CANCELED = "EXECUTION_TYPE_CANCELED"
    REPLACE = "EXECUTION_TYPE_REPLACE"
    REJECTED = "EXECUTION_TYPE_REJECTED"
    EXPIRED = "EXECUTION_TYPE_EXPIRED"
    DONE_FOR_DAY = "EXECUTION_TYPE_DONE_FOR_DAY"


class OrdRejectReason(OpenEnum):
    """Class of a refusal; most come as the zero member with the cause in the execution's text."""

    EXCHANGE_OPTION = "ORD_REJECT_REASON_EXCHANGE_OPTION"
    UNKNOWN_SYMBOL = "ORD_REJECT_REASON_UNKNOWN_SYMBOL"
    EXCHANGE_CLOSED = "ORD_REJECT_REASON_EXCHANGE_CLOSED"
    INCORRECT_QUANTITY = "ORD_REJECT_REASON_INCORRECT_QUANTITY"
    INVALID_PRICE_INCREMENT = "ORD_REJECT_REASON_INVALID_PRICE_INCREMENT"
    INCORRECT_ORDER_TYPE = "ORD_REJECT_REASON_INCORRECT_ORDER_TYPE"
    PRICE_OUT_OF_BOUNDS = "ORD_REJECT_REASON_PRICE_OUT_OF_BOUNDS"
    NO_LIQUIDITY = "ORD_REJECT_REASON_NO_LIQUIDITY"


class CxlRejReason(OpenEnum):
    """Why a cancel or replace was refused; told on the order stream. The zero member is a guess
    (inferred).
    """

    EXCHANGE_OPTION = "CXL_REJ_REASON_EXCHANGE_OPTION"
    UNKNOWN_ORDER = "CXL_REJ_REASON_UNKNOWN_ORDER"
    EXCHANGE_CLOSED = "CXL_REJ_REASON_EXCHANGE_CLOSED"
    INCORRECT_QUANTITY = "CXL_REJ_REASON_INCORRECT_QUANTITY"
    INVALID_PRICE_INCREMENT = "CXL_REJ_REASON_INVALID_PRICE_INCREMENT"
    PRICE_OUT_OF_BOUNDS = "CXL_REJ_REASON_PRICE_OUT_OF_BOUNDS"


class UnsolicitedCxlReason(OpenEnum):
    """Why the exchange cancelled on its own. The zero member's name is a guess (inferred)."""

    UNDEFINED = "UNSOLICITED_CXL_REASON_UNDEFINED"
    CONNECTION_LOSS = "UNSOLICITED_CXL_REASON_CONNECTION_LOSS"
    LOGOUT = "UNSOLICITED_CXL_REASON_LOGOUT"
    EXCHANGE_OPTION = "UNSOLICITED_CXL_REASON_EXCHANGE_OPTION"
    OTHER = "UNSOLICITED_CXL_REASON_OTHER"


class SelfMatchPreventionInstruction(OpenEnum):
    """What to do when an order meets one of the same owner. The zero member's name is a guess (inferred)."""

    UNDEFINED = "SELF_MATCH_PREVENTION_INSTRUCTION_UNDEFINED"
    REJECT_AGGRESSOR = "SELF_MATCH_PREVENTION_INSTRUCTION_REJECT_AGGRESSOR"
    CANCEL_RESTING = "SELF_MATCH_PREVENTION_INSTRUCTION_CANCEL_RESTING"
    REMOVE_BOTH = "SELF_MATCH_PREVENTION_INSTRUCTION_REMOVE_BOTH"


class OrderCapacity(OpenEnum):
    """For whom the order is entered. The zero member's name is a guess (inferred)."""

    UNDEFINED = "ORDER_CAPACITY_UNDEFINED"
    AGENCY = "ORDER_CAPACITY_AGENCY"
    PRINCIPAL = "ORDER_CAPACITY_PRINCIPAL"
    PROPRIETARY = "ORDER_CAPACITY_PROPRIETARY"
    INDIVIDUAL = "ORDER_CAPACITY_INDIVIDUAL"
    RISKLESS_PRINCIPAL = "ORDER_CAPACITY_RISKLESS_PRINCIPAL"
    AGENT_FOR_OTHER_MEMBER = "ORDER_CAPACITY_AGENT_FOR_OTHER_MEMBER"


class ManualOrderIndicator(OpenEnum):
    """Whether a person entered the order. The retail API spells the last member AUTOMATIC. The zero
    member's name is a guess (inferred).
    """

    UNDEFINED = "MANUAL_ORDER_INDICATOR_UNDEFINED"
    MANUAL = "MANUAL_ORDER_INDICATOR_MANUAL"
    AUTOMATED = "MANUAL_ORDER_INDICATOR_AUTOMATED"


class CrossType(OpenEnum):
    """The zero member's name is a guess (inferred)."""

    UNDEFINED = "CROSS_TYPE_UNDEFINED"
    ALL_OR_NONE = "CROSS_TYPE_ALL_OR_NONE"


class TradeState(OpenEnum):
    """A cleared trade can still be busted, under the same id."""

    UNDEFINED = "TRADE_STATE_UNDEFINED"
    NEW = "TRADE_STATE_NEW"
    CLEARED = "TRADE_STATE_CLEARED"
    BUSTED = "TRADE_STATE_BUSTED"
    INFLIGHT = "TRADE_STATE_INFLIGHT"
    PENDING_RISK = "TRADE_STATE_PENDING_RISK"
    PENDING_CLEARED = "TRADE_STATE_PENDING_CLEARED"
    REJECTED = "TRADE_STATE_REJECTED"
    CLEARING_ACKNOWLEDGED = "TRADE_STATE_CLEARING_ACKNOWLEDGED"
    RETRY_REQUEST = "TRADE_STATE_RETRY_REQUEST"


class TradeType(OpenEnum):
    """How the parties met. The zero member's name is a guess (inferred)."""

    UNDEFINED = "TRADE_TYPE_UNDEFINED"
    REGULAR = "TRADE_TYPE_REGULAR"
    REQUEST_FOR_QUOTE = "TRADE_TYPE_REQUEST_FOR_QUOTE"
    BLOCK = "TRADE_TYPE_BLOCK"
    CROSS = "TRADE_TYPE_CROSS"


class InstrumentState(OpenEnum):
    """Open matches. Pre-open takes orders and matches on opening; the closing auction matches on leaving
    it. Suspended takes cancels only, halted and closed take nothing.
    """

    CLOSED = "INSTRUMENT_STATE_CLOSED"
    OPEN = "INSTRUMENT_STATE_OPEN"
    PREOPEN = "INSTRUMENT_STATE_PREOPEN"
    SUSPENDED = "INSTRUMENT_STATE_SUSPENDED"
    EXPIRED = "INSTRUMENT_STATE_EXPIRED"
    TERMINATED = "INSTRUMENT_STATE_TERMINATED"
    HALTED = "INSTRUMENT_STATE_HALTED"
    MATCH_AND_CLOSE_AUCTION = "INSTRUMENT_STATE_MATCH_AND_CLOSE_AUCTION"
    PENDING = "INSTRUMENT_STATE_PENDING"


class InstrumentType(OpenEnum):
    """Prediction markets are events. The zero member's name is a guess (inferred)."""

    UNDEFINED = "INSTRUMENT_TYPE_UNDEFINED"
    DEFAULT = "INSTRUMENT_TYPE_DEFAULT"
    FUTURE = "INSTRUMENT_TYPE_FUTURE"
    OPTION = "INSTRUMENT_TYPE_OPTION"
    MULTILEG = "INSTRUMENT_TYPE_MULTILEG"
    IRS = "INSTRUMENT_TYPE_IRS"
    FRA = "INSTRUMENT_TYPE_FRA"
    FSIRS = "INSTRUMENT_TYPE_FSIRS"
    BASIS = "INSTRUMENT_TYPE_BASIS"
    EVENT = "INSTRUMENT_TYPE_EVENT"
    OIS = "INSTRUMENT_TYPE_OIS"
    SPS = "INSTRUMENT_TYPE_SPS"
    NDF = "INSTRUMENT_TYPE_NDF"
    FOREX = "INSTRUMENT_TYPE_FOREX"
    ZCIS = "INSTRUMENT_TYPE_ZCIS"
    XCCY = "INSTRUMENT_TYPE_XCCY"


class TradableFilter(OpenEnum):
    """Leave it out for all. The zero member is named by a guide, not by the schema; its number is
    inferred.
    """

    ALL = "TRADABLE_FILTER_ALL"
    NON_TRADABLE = "TRADABLE_FILTER_NON_TRADABLE"
    TRADABLE = "TRADABLE_FILTER_TRADABLE"


class FilterOperator(OpenEnum):
    """Comparison of a field filter. The zero member's name is a guess (inferred)."""

    UNDEFINED = "FILTER_OPERATOR_UNDEFINED"
    EQ = "FILTER_OPERATOR_EQ"
    NE = "FILTER_OPERATOR_NE"
    LT = "FILTER_OPERATOR_LT"
    LE = "FILTER_OPERATOR_LE"
    GT = "FILTER_OPERATOR_GT"
    GE = "FILTER_OPERATOR_GE"
    LIKE = "FILTER_OPERATOR_LIKE"
    IN = "FILTER_OPERATOR_IN"
    NOT_IN = "FILTER_OPERATOR_NOT_IN"


class FirmType(OpenEnum):
    """A sample shows FIRM_TYPE_TRADER, which the schema does not have. The zero member's name is a guess
    (inferred).
    """

    UNDEFINED = "FIRM_TYPE_UNDEFINED"
    PARTICIPANT = "FIRM_TYPE_PARTICIPANT"
    SUPERVISOR = "FIRM_TYPE_SUPERVISOR"
    CLEARING_MEMBER = "FIRM_TYPE_CLEARING_MEMBER"
    CLEARING_HOUSE = "FIRM_TYPE_CLEARING_HOUSE"
    AGENT = "FIRM_TYPE_AGENT"


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Error body. `code` is a gRPC status number and the only field that is always there."""

    code: int = 0
    """gRPC status, e.g. 3 invalid argument, 7 denied, 8 rate limit."""
    message: str = ""
    """Text for people; not stable."""
    details: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """Further detail; empty in everything seen so far."""


class Date(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A calendar day."""

    year: int = 0
    month: int = 0
    """1 to 12."""
    day: int = 0
    """1 to 31."""


class TimeOfDay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time of day."""

    hours: int = 0
    minutes: int = 0
    seconds: int = 0


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Client credentials grant with a private-key JWT."""

    client_id: str
    """Client id of the environment."""
    client_assertion_type: str
    """Always `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."""
    client_assertion: str
    """The signed JWT."""
    audience: str
    """Base URL of the API the token is for."""
    grant_type: str
    """Always `client_credentials`."""


class TokenResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `TokenResponse` of the venue."""

    access_token: str
    """JWT to send as bearer token."""
    token_type: str
    """`Bearer`."""
    expires_in: int
    """Seconds, 180."""
    scope: str = ""
    """Scopes granted, separated by spaces; not always told."""


class TokenError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `TokenError` of the venue."""

    error: str
    """`invalid_client`, `invalid_client_assertion` and other OAuth codes."""
    error_description: str = ""
    """Text for people."""


class HealthCheckResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `HealthCheckResponse` of the venue."""

    status: str = ""
    """`ok`."""


class GetWhoAmIResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The caller. Prose elsewhere mentions other fields; these six are the schema's."""

    user: str = ""
    """`firms/{firm}/users/{user}`."""
    user_display_name: str = msgspec.field(default="", name="userDisplayName")
    firm: str = ""
    """`firms/{firm}`; may differ from the participant firm."""
    firm_display_name: str = msgspec.field(default="", name="firmDisplayName")
    audience: str = ""
    """Audience of the token."""
    firm_type: FirmType = msgspec.field(default=FirmType.UNDEFINED, name="firmType")


class ListUsersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Four lists of equal length; entry n of each belongs together."""

    users: list[str] = msgspec.field(default_factory=list)
    """`firms/{firm}/users/{user}`."""
    display_names: list[str] = msgspec.field(default_factory=list, name="displayNames")
    firms: list[str] = msgspec.field(default_factory=list)
    firms_display_names: list[str] = msgspec.field(default_factory=list, name="firmsDisplayNames")


class ListAccountsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two lists of equal length; entry n of each belongs together."""

    accounts: list[str] = msgspec.field(default_factory=list)
    """`firms/{firm}/accounts/{account}`."""
    display_names: list[str] = msgspec.field(default_factory=list, name="displayNames")


class ListInstrumentsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional and all applied together."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    """Default 50, at most 1000."""
    page_token: str = msgspec.field(default="", name="pageToken")
    symbols: list[str] = msgspec.field(default_factory=list)
    """Exact symbols."""
    product_id: str = msgspec.field(default="", name="productId")
    """Exact product."""
    tradable_filter: TradableFilter = msgspec.field(default=TradableFilter.ALL, name="tradableFilter")
    states: list[InstrumentState] = msgspec.field(default_factory=list)
    """Any of these."""
    type: InstrumentType = InstrumentType.UNDEFINED
    event_series: str = msgspec.field(default="", name="eventSeries")
    """Compared with the metadata key `event_series`."""
    market_category: str = msgspec.field(default="", name="marketCategory")
    market_type: str = msgspec.field(default="", name="marketType")
    game_id: str = msgspec.field(default="", name="gameId")
    clearing_sym: str = msgspec.field(default="", name="clearingSym")
    """Prefix, e.g. `AEC-NFL`."""
    event_category: str = msgspec.field(default="", name="eventCategory")
    """E.g. `SPR`, `POL`, `CUL`, `CRY`."""
    start_time_gte: str = msgspec.field(default="", name="startTimeGte")
    """`YYYY-MM-DD` or a timestamp, against the start date."""
    start_time_lte: str = msgspec.field(default="", name="startTimeLte")
    """`YYYY-MM-DD` or a timestamp, against the start date."""
    end_time_gte: str = msgspec.field(default="", name="endTimeGte")
    """`YYYY-MM-DD` or a timestamp, against the expiration date."""
    end_time_lte: str = msgspec.field(default="", name="endTimeLte")
    """`YYYY-MM-DD` or a timestamp, against the expiration date."""
    filter: InstrumentFilter | None = None


class InstrumentFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition and field filters; all must hold."""

    where_clause: str = msgspec.field(default="", name="whereClause")
    """SQL-like. Dependable with `=`, `LIKE` and `AND` on state, symbol, event_series, event_category,
    clearing_sym, clearing_house and product_id. Some other columns the schema lists make the venue fail
    with 500.
    """
    field_filters: list[FieldFilter] = msgspec.field(default_factory=list, name="fieldFilters")


class FieldFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One comparison. Exactly one of the four values is set."""

    field: str = ""
    operator: FilterOperator = FilterOperator.UNDEFINED
    string_value: str | None = msgspec.field(default=None, name="stringValue")
    int_value: Int64 | None = msgspec.field(default=None, name="intValue")
    double_value: Number | None = msgspec.field(default=None, name="doubleValue")
    string_list: StringList | None = msgspec.field(default=None, name="stringList")


class StringList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values for a list operator."""

    values: list[str] = msgspec.field(default_factory=list)


class ListInstrumentsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `ListInstrumentsResponse` of the venue."""

    instruments: list[Instrument] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class ListSymbolsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No fields."""


class ListSymbolsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `ListSymbolsResponse` of the venue."""

    symbols: list[str] = msgspec.field(default_factory=list)


class GetInstrumentMetadataRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No fields."""


class GetInstrumentMetadataResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `GetInstrumentMetadataResponse` of the venue."""

    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class Instrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tradable contract. Prices are integers at `priceScale`, quantities at `fractionalQtyScale`. Tick
    and scales are the instrument's own and not to be derived from its product.
    """

    symbol: str = ""
    """`{product}-{event}-{outcome}`; equal to the retail market slug."""
    tick_size: Number = msgspec.field(default=Decimal(0), name="tickSize")
    """Dollars."""
    base_currency: str = msgspec.field(default="", name="baseCurrency")
    multiplier: Number = Decimal(0)
    minimum_trade_qty: Int64 = msgspec.field(default=0, name="minimumTradeQty")
    """Smallest order, at quantity scale."""
    start_date: Date | None = msgspec.field(default=None, name="startDate")
    expiration_date: Date | None = msgspec.field(default=None, name="expirationDate")
    termination_date: Date | None = msgspec.field(default=None, name="terminationDate")
    trading_schedule: list[TradingHours] = msgspec.field(default_factory=list, name="tradingSchedule")
    description: str = ""
    clearing_house: str = msgspec.field(default="", name="clearingHouse")
    """`QCC`."""
    minimum_unaffiliated_firms: Int64 = msgspec.field(default=0, name="minimumUnaffiliatedFirms")
    non_tradable: bool = msgspec.field(default=False, name="nonTradable")
    json_attributes: str = msgspec.field(default="", name="jsonAttributes")
    """JSON in a string."""
    product_id: str = msgspec.field(default="", name="productId")
    price_limit: PriceLimit | None = msgspec.field(default=None, name="priceLimit")
    order_size_limit: OrderSizeLimit | None = msgspec.field(default=None, name="orderSizeLimit")
    expiration_time: TimeOfDay | None = msgspec.field(default=None, name="expirationTime")
    trade_settlement_period: Int64 = msgspec.field(default=0, name="tradeSettlementPeriod")
    state: InstrumentState = InstrumentState.CLOSED
    price_scale: Int64 = msgspec.field(default=0, name="priceScale")
    """Divisor of every price: 100 for cents."""
    fractional_qty_scale: Int64 = msgspec.field(default=0, name="fractionalQtyScale")
    """Divisor of every quantity; absent means 1."""
    settlement_currency: str = msgspec.field(default="", name="settlementCurrency")
    settlement_price_scale: Int64 = msgspec.field(default=0, name="settlementPriceScale")
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    """Keys vary with the kind of market and none is promised."""
    event_attributes: EventAttributes | None = msgspec.field(default=None, name="eventAttributes")
    create_time: dt.datetime | None = msgspec.field(default=None, name="createTime")
    update_time: dt.datetime | None = msgspec.field(default=None, name="updateTime")


class TradingHours(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a weekly schedule."""

    days_of_week: list[int] = msgspec.field(default_factory=list, name="daysOfWeek")
    time_of_day: TimeOfDay | None = msgspec.field(default=None, name="timeOfDay")
    duration: str = ""
    """Protobuf duration, e.g. `86400s`."""
    state: InstrumentState = InstrumentState.CLOSED
    hide_market_data: bool = msgspec.field(default=False, name="hideMarketData")
    expire_all_orders: bool = msgspec.field(default=False, name="expireAllOrders")


class PriceLimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds of an order's price. A bound counts only when its `Set` flag does."""

    low: Int64 = 0
    """Lowest price, at price scale."""
    high: Int64 = 0
    """Highest price, at price scale."""
    low_set: bool = msgspec.field(default=False, name="lowSet")
    high_set: bool = msgspec.field(default=False, name="highSet")
    relative_low: Number = msgspec.field(default=Decimal(0), name="relativeLow")
    """Dollars below the reference price."""
    relative_high: Number = msgspec.field(default=Decimal(0), name="relativeHigh")
    """Dollars above the reference price."""
    relative_low_set: bool = msgspec.field(default=False, name="relativeLowSet")
    relative_high_set: bool = msgspec.field(default=False, name="relativeHighSet")


class OrderSizeLimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds of an order's size. A bound counts only when its `Set` flag does."""

    low: Int64 = 0
    """Smallest quantity, at quantity scale."""
    high: Int64 = 0
    """Largest quantity, at quantity scale."""
    low_set: bool = msgspec.field(default=False, name="lowSet")
    high_set: bool = msgspec.field(default=False, name="highSet")
    total_notional_low: Int64 = msgspec.field(default=0, name="totalNotionalLow")
    """Smallest notional value of an order."""
    total_notional_high: Int64 = msgspec.field(default=0, name="totalNotionalHigh")
    """Largest notional value of an order."""
    total_notional_low_set: bool = msgspec.field(default=False, name="totalNotionalLowSet")
    total_notional_high_set: bool = msgspec.field(default=False, name="totalNotionalHighSet")


class EventAttributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the contract is about and how it pays."""

    question: str = ""
    payout_value: str = msgspec.field(default="", name="payoutValue")
    """Integer at price scale: `100` when `priceScale` is 100."""
    evaluation_type: str = msgspec.field(default="", name="evaluationType")
    """`>`, `<` or `=`."""
    event_id: str = msgspec.field(default="", name="eventId")
    """Equals the product id; the game's own id is metadata `event_id`."""
    event_display_name: str = msgspec.field(default="", name="eventDisplayName")
    strike_value: str = msgspec.field(default="", name="strikeValue")
    strike_unit: str = msgspec.field(default="", name="strikeUnit")
    """E.g. `decimal`."""
    calculation_method: str = msgspec.field(default="", name="calculationMethod")
    """E.g. `CALCULATION_METHOD_VALUE`."""
    position_accountability_value: str = msgspec.field(default="", name="positionAccountabilityValue")
    time_specifier: Date | None = msgspec.field(default=None, name="timeSpecifier")
    event_outcome: str = msgspec.field(default="", name="eventOutcome")
    """`EVENT_OUTCOME_MUTUALLY_EXCLUSIVE`, `EVENT_OUTCOME_DIRECTIONAL` or `EVENT_OUTCOME_INDEPENDENT`."""


class BookEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One price level."""

    px: Int64 = 0
    """Price, at price scale."""
    qty: Int64 = 0
    """Quantity resting there, at quantity scale."""


class GetOrderBookResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `GetOrderBookResponse` of the venue."""

    symbol: str = ""
    bids: list[BookEntry] = msgspec.field(default_factory=list)
    """Highest first."""
    offers: list[BookEntry] = msgspec.field(default_factory=list)
    """Lowest first."""
    state: InstrumentState | None = None
    stats: InstrumentStats | None = None
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    """When the book last changed."""


class GetBBOResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `GetBBOResponse` of the venue."""

    symbol: str = ""
    best_bid: BookEntry | None = msgspec.field(default=None, name="bestBid")
    best_offer: BookEntry | None = msgspec.field(default=None, name="bestOffer")
    spread: Int64 = 0
    """Offer less bid, at price scale."""
    mid_price: Int64 = msgspec.field(default=0, name="midPrice")
    """At price scale."""
    state: InstrumentState | None = None
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    """When the book last changed."""


class InstrumentStats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Day statistics. Every field tells absent from zero. Settlement fields appear only once the
    instrument is closed, expired or terminated.
    """

    open_px: Int64 | None = msgspec.field(default=None, name="openPx")
    """At price scale."""
    close_px: Int64 | None = msgspec.field(default=None, name="closePx")
    """At price scale."""
    low_px: Int64 | None = msgspec.field(default=None, name="lowPx")
    """At price scale."""
    high_px: Int64 | None = msgspec.field(default=None, name="highPx")
    """At price scale."""
    last_trade_px: Int64 | None = msgspec.field(default=None, name="lastTradePx")
    """At price scale."""
    indicative_open_px: Int64 | None = msgspec.field(default=None, name="indicativeOpenPx")
    """At price scale."""
    settlement_px: Int64 | None = msgspec.field(default=None, name="settlementPx")
    """At price scale; zero is a real price."""
    shares_traded: Int64 | None = msgspec.field(default=None, name="sharesTraded")
    """At quantity scale."""
    notional_traded: Int64 | None = msgspec.field(default=None, name="notionalTraded")
    """At price times quantity scale."""
    open_interest: Int64 | None = msgspec.field(default=None, name="openInterest")
    """At quantity scale."""
    settlement_preliminary: bool | None = msgspec.field(default=None, name="settlementPreliminary")
    """False once final."""
    settlement_price_calculation_method: str | None = msgspec.field(
        default=None, name="settlementPriceCalculationMethod"
    )
    """`SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1` for event markets."""
    settlement_price_calculation_text: str | None = msgspec.field(
        default=None, name="settlementPriceCalculationText"
    )
    last_trade_qty: Int64 | None = msgspec.field(default=None, name="lastTradeQty")
    """At quantity scale."""
    settlement_set_time: dt.datetime | None = msgspec.field(default=None, name="settlementSetTime")


class InsertOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order. Exactly one of `orderQty` and `cashOrderQty` is set. The venue's schema marks nothing as
    required; the fields listed here are refused when missing.
    """

    type: OrderType
    side: Side
    order_qty: Int64 = msgspec.field(default=0, name="orderQty")
    """Contracts, at quantity scale."""
    symbol: str
    price: Int64 = 0
    """At price scale. Limit and stop-limit orders."""
    time_in_force: TimeInForce = msgspec.field(name="timeInForce")
    clord_id: str = msgspec.field(default="", name="clordId")
    """The caller's id, unique among open orders. Partners: 1 to 64 visible ASCII."""
    account: str = ""
    """`firms/{firm}/accounts/{account}`."""
    stop_price: Int64 = msgspec.field(default=0, name="stopPrice")
    """At price scale. Stop and stop-limit orders."""
    min_qty: Int64 = msgspec.field(default=0, name="minQty")
    """Least quantity to fill at once, at quantity scale. IOC only."""
    self_match_prevention_id: str = msgspec.field(default="", name="selfMatchPreventionId")
    """Orders sharing it do not trade with each other."""
    quote: str = ""
    """Id of a quote. No public page uses it."""
    all_or_none: bool = msgspec.field(default=False, name="allOrNone")
    session_id: str = msgspec.field(default="", name="sessionId")
    """Order stream session to tie the order to (inferred)."""
    user: str = ""
    """Act for another user, `firms/{firm}/users/{user}`."""
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    """Free text."""
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    """Free text."""
    participate_dont_initiate: bool = msgspec.field(default=False, name="participateDontInitiate")
    """Post-only: refused if it would match."""
    cash_order_qty: Int64 = msgspec.field(default=0, name="cashOrderQty")
    """Dollars at price scale, in place of a quantity."""
    strict_limit: bool = msgspec.field(default=False, name="strictLimit")
    """Fill at exactly the limit price or not at all."""
    good_till_time: dt.datetime | None = msgspec.field(default=None, name="goodTillTime")
    """End of a good-till-time order."""
    best_limit: bool = msgspec.field(default=False, name="bestLimit")
    """Take the best price of the own side as limit."""
    immediately_executable_limit: bool = msgspec.field(default=False, name="immediatelyExecutableLimit")
    """Take the best price of the other side as limit."""
    self_match_prevention_instruction: SelfMatchPreventionInstruction = msgspec.field(
        default=SelfMatchPreventionInstruction.UNDEFINED, name="selfMatchPreventionInstruction"
    )
    order_capacity: OrderCapacity = msgspec.field(default=OrderCapacity.UNDEFINED, name="orderCapacity")
    ignore_price_validity_checks: bool = msgspec.field(default=False, name="ignorePriceValidityChecks")
    """Only for market-to-limit sells."""
    manual_order_indicator: ManualOrderIndicator = msgspec.field(
        default=ManualOrderIndicator.UNDEFINED, name="manualOrderIndicator"
    )


class InsertOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Says where to look, not that the order stands."""

    order_id: str = msgspec.field(default="", name="orderId")
    order: Order | None = None


class InsertOrderListRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `InsertOrderListRequest` of the venue."""

    requests: list[InsertOrderRequest]


class InsertOrderListResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `InsertOrderListResponse` of the venue."""

    responses: list[InsertOrderResponse] = msgspec.field(default_factory=list)


class InsertOrderCrossRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `InsertOrderCrossRequest` of the venue."""

    requests: list[InsertOrderRequest]
    """The two sides."""
    cross_type: CrossType = msgspec.field(default=CrossType.UNDEFINED, name="crossType")
    cross_id: str = msgspec.field(default="", name="crossId")
    """The caller's id of the cross."""
    cross_prioritized_side: Side = msgspec.field(default=Side.UNDEFINED, name="crossPrioritizedSide")


class InsertOrderCrossResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `InsertOrderCrossResponse` of the venue."""

    responses: list[InsertOrderResponse] = msgspec.field(default_factory=list)


class PreviewOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `PreviewOrderRequest` of the venue."""

    request: InsertOrderRequest


class PreviewOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `PreviewOrderResponse` of the venue."""

    preview_order: Order | None = msgspec.field(default=None, name="previewOrder")


class CancelOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names the order by `orderId`, by `clordId` or both. Nothing is marked as required; sending `orderId`
    and `symbol` is the inferred safe choice.
    """

    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    symbol: str = ""


class CancelOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class CancelOrderListRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `CancelOrderListRequest` of the venue."""

    requests: list[CancelOrderRequest]


class CancelOrderListResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `CancelOrderListResponse` of the venue."""

    responses: list[CancelOrderResponse] = msgspec.field(default_factory=list)


class CancelReplaceOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The order to change, named as in a cancel, and its new terms."""

    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    symbol: str = ""
    price: Int64 = 0
    """New price, at price scale."""
    order_qty: Int64 = msgspec.field(default=0, name="orderQty")
    """New total quantity, at quantity scale."""
    time_in_force: TimeInForce = msgspec.field(default=TimeInForce.UNDEFINED, name="timeInForce")
    stop_price: Int64 = msgspec.field(default=0, name="stopPrice")
    """New stop price, at price scale."""
    min_qty: Int64 = msgspec.field(default=0, name="minQty")
    """At quantity scale."""
    all_or_none: bool = msgspec.field(default=False, name="allOrNone")
    participate_dont_initiate: bool = msgspec.field(default=False, name="participateDontInitiate")
    """Post-only."""
    strict_limit: bool = msgspec.field(default=False, name="strictLimit")
    good_till_time: dt.datetime | None = msgspec.field(default=None, name="goodTillTime")
    best_limit: bool = msgspec.field(default=False, name="bestLimit")
    immediately_executable_limit: bool = msgspec.field(default=False, name="immediatelyExecutableLimit")
    manual_order_indicator: ManualOrderIndicator = msgspec.field(
        default=ManualOrderIndicator.UNDEFINED, name="manualOrderIndicator"
    )


class CancelReplaceOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class CancelReplaceOrderListRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `CancelReplaceOrderListRequest` of the venue."""

    requests: list[CancelReplaceOrderRequest]


class CancelReplaceOrderListResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `CancelReplaceOrderListResponse` of the venue."""

    responses: list[CancelReplaceOrderResponse] = msgspec.field(default_factory=list)


class GetOpenOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `GetOpenOrdersResponse` of the venue."""

    orders: list[Order] = msgspec.field(default_factory=list)


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order and how far it got. Why it was refused is told on its execution, not here. Commissions are
    dollars at price times quantity scale, negative for a rebate.
    """

    id: str = ""
    """Given by the exchange."""
    type: OrderType = OrderType.UNDEFINED
    side: Side = Side.UNDEFINED
    order_qty: Int64 = msgspec.field(default=0, name="orderQty")
    """At quantity scale."""
    symbol: str = ""
    clord_id: str = msgspec.field(default="", name="clordId")
    time_in_force: TimeInForce = msgspec.field(default=TimeInForce.UNDEFINED, name="timeInForce")
    account: str = ""
    cum_qty: Int64 = msgspec.field(default=0, name="cumQty")
    """Filled so far, at quantity scale."""
    avg_px: Int64 = msgspec.field(default=0, name="avgPx")
    """Mean fill price, at price scale."""
    leaves_qty: Int64 = msgspec.field(default=0, name="leavesQty")
    """Still open, at quantity scale."""
    state: OrderState = OrderState.NEW
    participant: str = ""
    """`firms/{firm}/users/{user}`."""
    price: Int64 = 0
    """At price scale."""
    insert_time: dt.datetime | None = msgspec.field(default=None, name="insertTime")
    """When it entered the book."""
    stop_price: Int64 = msgspec.field(default=0, name="stopPrice")
    """At price scale."""
    min_qty: Int64 = msgspec.field(default=0, name="minQty")
    """At quantity scale."""
    create_time: dt.datetime | None = msgspec.field(default=None, name="createTime")
    """When it was received."""
    all_or_none: bool = msgspec.field(default=False, name="allOrNone")
    cross_id: str = msgspec.field(default="", name="crossId")
    host_cross_id: str = msgspec.field(default="", name="hostCrossId")
    submitting_participant: str = msgspec.field(default="", name="submittingParticipant")
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    parent_order_id: str = msgspec.field(default="", name="parentOrderId")
    commissions_basis_points: str = msgspec.field(default="", name="commissionsBasisPoints")
    """Decimal text; empty when there is none."""
    participate_dont_initiate: bool = msgspec.field(default=False, name="participateDontInitiate")
    cash_order_qty: Int64 = msgspec.field(default=0, name="cashOrderQty")
    """Dollars at price scale."""
    strict_limit: bool = msgspec.field(default=False, name="strictLimit")
    good_till_time: dt.datetime | None = msgspec.field(default=None, name="goodTillTime")
    best_limit: bool = msgspec.field(default=False, name="bestLimit")
    immediately_executable_limit: bool = msgspec.field(default=False, name="immediatelyExecutableLimit")
    last_trade_id: str = msgspec.field(default="", name="lastTradeId")
    commission_notional_total_collected: Int64 = msgspec.field(
        default=0, name="commissionNotionalTotalCollected"
    )
    """Dollars at price times quantity scale."""
    self_match_prevention_instruction: SelfMatchPreventionInstruction = msgspec.field(
        default=SelfMatchPreventionInstruction.UNDEFINED, name="selfMatchPreventionInstruction"
    )
    order_capacity: OrderCapacity = msgspec.field(default=OrderCapacity.UNDEFINED, name="orderCapacity")
    ignore_price_validity_checks: bool = msgspec.field(default=False, name="ignorePriceValidityChecks")
    last_transact_time: dt.datetime | None = msgspec.field(default=None, name="lastTransactTime")
    price_scale: Int64 = msgspec.field(default=0, name="priceScale")
    """Divisor of the prices above."""
    fractional_quantity_scale: Int64 = msgspec.field(default=0, name="fractionalQuantityScale")
    """Divisor of the quantities above; absent means 1."""
    price_to_quantity_filled: dict[int, Int64] = msgspec.field(
        default_factory=dict, name="priceToQuantityFilled"
    )
    """Quantity filled at each price, both scaled."""
    maker_commissions_basis_points: str = msgspec.field(default="", name="makerCommissionsBasisPoints")
    """Decimal text; empty when there is none."""
    manual_order_indicator: ManualOrderIndicator = msgspec.field(
        default=ManualOrderIndicator.UNDEFINED, name="manualOrderIndicator"
    )


class SearchOrdersRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    page_token: str = msgspec.field(default="", name="pageToken")
    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    symbol: str = ""
    accounts: list[str] = msgspec.field(default_factory=list)
    side: Side = Side.UNDEFINED
    type: OrderType = OrderType.UNDEFINED
    order_state_filter: OrderStateFilter = msgspec.field(
        default=OrderStateFilter.UNDEFINED, name="orderStateFilter"
    )
    cross_id: str = msgspec.field(default="", name="crossId")
    host_cross_id: str = msgspec.field(default="", name="hostCrossId")
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    parent_order_id: str = msgspec.field(default="", name="parentOrderId")
    start_transact_trade_date: Date | None = msgspec.field(default=None, name="startTransactTradeDate")
    end_transact_trade_date: Date | None = msgspec.field(default=None, name="endTransactTradeDate")
    with_last_execution: bool = msgspec.field(default=False, name="withLastExecution")
    """Send each order's last execution along."""
    symbols: list[str] = msgspec.field(default_factory=list)
    """Quickstart spelling of `symbol`."""
    state_filter: OrderStateFilter = msgspec.field(default=OrderStateFilter.UNDEFINED, name="stateFilter")


class SearchOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The list is called `order`. Quickstart pages call it `orders`; read whichever is filled."""

    order: list[Order] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    last_executions: list[Execution] = msgspec.field(default_factory=list, name="lastExecutions")
    """Last execution of each order, when asked for."""
    orders: list[Order] = msgspec.field(default_factory=list)
    """Quickstart spelling of `order`."""


class GetOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shape inferred from the naming of the other answers."""

    order: Order | None = None


class SearchExecutionsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    page_token: str = msgspec.field(default="", name="pageToken")
    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    symbol: str = ""
    accounts: list[str] = msgspec.field(default_factory=list)
    types: list[ExecutionType] = msgspec.field(default_factory=list)
    """Any of these."""
    newest_first: bool = msgspec.field(default=False, name="newestFirst")
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    parent_order_id: str = msgspec.field(default="", name="parentOrderId")
    exec_ids: list[str] = msgspec.field(default_factory=list, name="execIds")
    start_transact_trade_date: Date | None = msgspec.field(default=None, name="startTransactTradeDate")
    end_transact_trade_date: Date | None = msgspec.field(default=None, name="endTransactTradeDate")


class SearchExecutionsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `SearchExecutionsResponse` of the venue."""

    executions: list[Execution] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class GetExecutionResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shape inferred from the naming of the other answers."""

    execution: Execution | None = None


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event in the life of an order."""

    id: str = ""
    order: Order | None = None
    last_shares: Int64 = msgspec.field(default=0, name="lastShares")
    """Quantity of this fill, at quantity scale."""
    last_px: Int64 = msgspec.field(default=0, name="lastPx")
    """Price of this fill, at price scale."""
    type: ExecutionType = ExecutionType.NEW
    text: str = ""
    """Why, in words; not stable."""
    order_reject_reason: OrdRejectReason = msgspec.field(
        default=OrdRejectReason.EXCHANGE_OPTION, name="orderRejectReason"
    )
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    leg_prices: list[LegPrice] = msgspec.field(default_factory=list, name="legPrices")
    trade_id: str = msgspec.field(default="", name="tradeId")
    aggressor: bool = False
    """True for the side that took liquidity."""
    commission_notional_collected: Int64 = msgspec.field(default=0, name="commissionNotionalCollected")
    """Dollars at price times quantity scale; negative for a rebate."""
    unsolicited_cancel_reason: UnsolicitedCxlReason = msgspec.field(
        default=UnsolicitedCxlReason.UNDEFINED, name="unsolicitedCancelReason"
    )
    trace_id: str = msgspec.field(default="", name="traceId")
    commission_spread_px: Int64 = msgspec.field(default=0, name="commissionSpreadPx")
    """At price scale."""
    transact_trade_date: Date | None = msgspec.field(default=None, name="transactTradeDate")
    block_trade_indicator: bool = msgspec.field(default=False, name="blockTradeIndicator")


class LegPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fill of one leg."""

    symbol: str = ""
    anchor: bool = False
    px: Int64 = 0
    """At price scale."""
    qty: Int64 = 0
    """At quantity scale."""
    side: str = ""
    """A plain string in the venue's schema, not the enum."""
    reference_px: Int64 = msgspec.field(default=0, name="referencePx")
    """At price scale."""


class SearchTradesRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    page_token: str = msgspec.field(default="", name="pageToken")
    order_id: str = msgspec.field(default="", name="orderId")
    trade_id: str = msgspec.field(default="", name="tradeId")
    exec_id: str = msgspec.field(default="", name="execId")
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    symbol: str = ""
    accounts: list[str] = msgspec.field(default_factory=list)
    states: list[TradeState] = msgspec.field(default_factory=list)
    """Any of these."""
    trade_link_id: str = msgspec.field(default="", name="tradeLinkId")


class SearchTradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The list is called `trade`."""

    trade: list[Trade] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""


class Trade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A match as its parties see it; the other party's side is left out."""

    id: str = ""
    aggressor: Execution | None = None
    passive: Execution | None = None
    trade_type: TradeType = msgspec.field(default=TradeType.UNDEFINED, name="tradeType")
    state: TradeState = TradeState.UNDEFINED
    reporting_counterparty: Side = msgspec.field(default=Side.UNDEFINED, name="reportingCounterparty")
    text: str = ""
    trade_link_id: str = msgspec.field(default="", name="tradeLinkId")
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class GetTradeStatsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A period given by times or by trade dates."""

    symbol: str
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    bars: int = 0
    """How many bars to cut the period into; 0 for none."""
    start_trade_date: Date | None = msgspec.field(default=None, name="startTradeDate")
    end_trade_date: Date | None = msgspec.field(default=None, name="endTradeDate")


class GetTradeStatsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bar n has its statistics, start and end in the three lists."""

    stats: TradeStats | None = None
    bars: list[TradeStats] = msgspec.field(default_factory=list)
    bar_start_time: list[dt.datetime] = msgspec.field(default_factory=list, name="barStartTime")
    bar_end_time: list[dt.datetime] = msgspec.field(default_factory=list, name="barEndTime")


class TradeStats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Statistics of one period."""

    first: Int64 = 0
    """First price, at price scale."""
    last: Int64 = 0
    """Last price, at price scale."""
    high: Int64 = 0
    """At price scale."""
    low: Int64 = 0
    """At price scale."""
    total_trade_count: Int64 = msgspec.field(default=0, name="totalTradeCount")
    cleared_trade_count: Int64 = msgspec.field(default=0, name="clearedTradeCount")
    volume: Int64 = 0
    """At quantity scale."""
    cleared_volume: Int64 = msgspec.field(default=0, name="clearedVolume")
    """At quantity scale."""
    notional: Int64 = 0
    """At price times quantity scale."""
    cleared_notional: Int64 = msgspec.field(default=0, name="clearedNotional")
    """At price times quantity scale."""


class DownloadOrdersRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `DownloadOrdersRequest` of the venue."""

    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    accounts: list[str] = msgspec.field(default_factory=list)


class DownloadOrdersLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadOrdersResponse | None = None
    error: Status | None = None


class DownloadOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `DownloadOrdersResponse` of the venue."""

    filechunk: str = ""
    """Next piece of the CSV text."""


class DownloadExecutionsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `DownloadExecutionsRequest` of the venue."""

    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    accounts: list[str] = msgspec.field(default_factory=list)


class DownloadExecutionsLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadExecutionsResponse | None = None
    error: Status | None = None


class DownloadExecutionsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `DownloadExecutionsResponse` of the venue."""

    filechunk: str = ""
    """Next piece of the CSV text."""


class DownloadTradesRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `DownloadTradesRequest` of the venue."""

    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    accounts: list[str] = msgspec.field(default_factory=list)


class DownloadTradesLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadTradesResponse | None = None
    error: Status | None = None


class DownloadTradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `DownloadTradesResponse` of the venue."""

    filechunk: str = ""
    """Next piece of the CSV text."""
